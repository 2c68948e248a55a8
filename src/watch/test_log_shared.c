/* Real logs: NAUBAT_SHARED or ../shared beside the source.  Without them: skipped (77), said so. */
#include "format/json.h"
#include "watch/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static const struct { const char *file; enum log_format format; int64_t records; bool lines; } FILES[] = {
	{ "events/windows-otrf.jsonl.zst", LOG_WINDOWS_FLAT, 352757, true },
	{ "events/suricata-eve.jsonl.zst", LOG_EVE, 7008, true },
	{ "events/zeek.jsonl.zst", LOG_ZEEK_JSON, 95063, true },
	{ "events/syslog-lines.jsonl", LOG_JSON_LINES, 904, true },
	{ "events/zeek.index.json", LOG_JSON_ARRAY, 14, true },
	{ "events/windows-otrf.index.json", LOG_JSON_ARRAY, 41, true },
	{ "events/suricata-eve.index.json", LOG_JSON_ARRAY, 1, true },
	{ "sigma/regression/events.jsonl", LOG_WINDOWS_NESTED, 120, true },
	{ "feeds/shadowserver/blocklist.csv", LOG_CSV, 3, false },
};

static void on_trouble(void *who, const struct log_trouble *t)
{
	int *troubles = who;
	fprintf(stderr, STR_FMT ":%lld: %s\n", STR_ARG(t->file), (long long)t->line, t->what);
	++*troubles;
}

/* Each record is JSON.  Of EVE one line doubles a key and two hold U+0000: the strict reader refuses them. */
static int64_t check_json(const struct record *r, int64_t refused)
{
	struct arena a;
	struct json *j;
	struct err err = { 0 };
	arena_init(&a, 64 << 20, 256 << 20);
	if (!json_parse(&a, r->json, (struct json_limits){ .depth = 100 }, &j, &err))
		refused++;
	arena_done(&a);
	return refused;
}

static void check_file(const char *folder, ptrdiff_t i, bool every)
{
	char path[4096];
	struct log_file *l;
	struct err err;
	int troubles = 0;
	int64_t next = 1, refused = 0, done, size, first = 0;
	(void)snprintf(path, sizeof(path), "%s/data/%s", folder, FILES[i].file);
	bool ok = log_open(str_from(path), LOG_UNKNOWN, (struct log_limits){ 0 },
	                   (struct log_listener){ &troubles, on_trouble }, &l, &err);
	if (!ok)
		fprintf(stderr, "%s\n", err.text);
	ASSERT(ok);
	if (log_format_of(l) != FILES[i].format)
		fprintf(stderr, "%s: taken for %s\n", path, log_format_names[log_format_of(l)]);
	ASSERT(log_format_of(l) == FILES[i].format);
	struct log_block *b = log_block_new();
	while (log_read(l, b)) {
		log_decode(l, b);
		for (ptrdiff_t j = 0; j < b->count; j++, next++) {
			first = first == 0 ? b->records[j].line : first;
			ASSERT(!FILES[i].lines || b->records[j].line == next);
			ASSERT(b->records[j].json.ptr[0] == '{');
			/* all of the small files, every hundredth of the large ones */
			if (every || next % 100 == 0)
				refused = check_json(&b->records[j], refused);
		}
	}
	if (next - 1 != FILES[i].records || refused > 3 || troubles != 0)
		fprintf(stderr, "%s: %lld records, %lld refused, %d troubles\n", path, (long long)next - 1,
		        (long long)refused, troubles);
	ASSERT(next - 1 == FILES[i].records && troubles == 0);
	ASSERT(refused == (FILES[i].format == LOG_EVE ? 3 : 0));
	log_progress(l, &done, &size);
	ASSERT(done == size);
	log_block_free(b);
	log_close(l);
}

int main(void)
{
	const char *shared = getenv("NAUBAT_SHARED");
	struct stat st;
	char path[4096];
	shared = shared != NULL ? shared : "../shared";
	(void)snprintf(path, sizeof(path), "%s/data/events", shared);
	if (stat(path, &st) != 0) {
		printf("skipped: no shared events (set NAUBAT_SHARED to the folder that has data/events)\n");
		return 77;
	}
	for (ptrdiff_t i = 0; i < COUNTOF(FILES); i++)
		check_file(shared, i, FILES[i].records < 10000);
	return 0;
}
