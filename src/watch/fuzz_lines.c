#include "format/json.h"
#include "watch/decoders.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a decoder made is JSON that a strict reader takes, on one line. */
static void check(str made)
{
	struct arena a;
	struct json *j;
	struct err err = { 0 };
	arena_init(&a, 64 << 20, 256 << 20);
	ASSERT(str_find_char(made, '\n') < 0);
	/* an event in JSON inside a line may double its own keys: it is given as it is */
	ASSERT(json_parse(&a, made, (struct json_limits){ .depth = 100 }, &j, &err) || err.code == ERR_LIMIT
	       || (str_starts(made, S("{\"@format\":\"syslog-json\"")) && json_is_object(made)));
	arena_done(&a);
}

/* The first byte chooses which format is tried first; each line is a record. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum log_format first[] = { LOG_UNKNOWN, LOG_AUDITD, LOG_WEB_ACCESS, LOG_SYSLOG_3164,
		                                 LOG_TEXT };
	struct decoding *d;
	str rest = { (const char *)data, (ptrdiff_t)size };
	if (size < 2 || (d = calloc(1, sizeof(*d))) == NULL)
		return 0;
	d->out.most = 16 << 20;
	rest = str_sub(rest, 1, rest.len);
	while (rest.len > 0) {
		str_cut_result cut = str_cut(rest, '\n');
		enum log_format as = first[data[0] % COUNTOF(first)], found;
		d->out.len = 0;
		d->out.over = false;
		found = decode_line(d, cut.head, as);
		if (found == LOG_UNKNOWN)
			decode_text(d, cut.head);
		/* what was JSON already is given as it is */
		if (found != LOG_JSON_LINES)
			check((str){ d->out.ptr, d->out.len });
		rest = cut.tail;
	}
	pairs_done(&d->pairs);
	json_out_free(&d->out);
	free(d);
	return 0;
}
