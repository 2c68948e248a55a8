/* Whatever the bytes: it ends, each record is one line that is a JSON object, what is counted is what was
 * told, and the same file read again, or by its chunks, gives the same.
 *
 * Input without an EVTX's first bytes is taken for the records of one chunk: a header is put before it, whose
 * checksums are made right, so that the fuzzer is not held up by them (they only lead to a remark). */
#include "watch/evtx.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CHUNK_HEADER = 512 };

struct seen {
	int64_t told[EVTX_TROUBLES], records, bytes;
	uint64_t sum;
};

static void hear(void *user, const struct evtx_problem *p)
{
	struct seen *s = user;
	ASSERT(p->what < EVTX_TROUBLES && p->text != NULL && p->offset >= 0);
	s->told[p->what]++;
}

/* ---- RFC 8259, and nothing else: json.h is stricter (no NUL, no integer of 64 bits, no name twice) */

static const char *skip_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++) {
		ASSERT((uint8_t)*p >= 0x20);
		if (*p != '\\')
			continue;
		p++;
		ASSERT(p < end && strchr("\"\\/bfnrtu", *p) != NULL);
		for (int i = 0; *p == 'u' && i < 4; i++)
			ASSERT(p + 1 + i < end && strchr("0123456789abcdefABCDEF", p[1 + i]) != NULL);
	}
	ASSERT(p < end);
	return p + 1;
}

static const char *skip_number(const char *p, const char *end)
{
	char text[64];
	ptrdiff_t n = 0;
	while (p + n < end && n < 63 && strchr("+-.0123456789eE", p[n]) != NULL)
		n++;
	memcpy(text, p, (size_t)n);
	text[n] = 0;
	char *stop = NULL;
	(void)strtod(text, &stop);
	ASSERT(n > 0 && *stop == 0 && text[0] != '+' && text[0] != '.' && text[n - 1] != '.');
	const char *digits = text[0] == '-' ? text + 1 : text;
	ASSERT(digits[0] >= '0' && digits[0] <= '9' &&
	       (digits[0] != '0' || digits[1] < '0' || digits[1] > '9'));
	return p + n;
}

static const char *skip_value(const char *p, const char *end, int depth);

static const char *skip_members(const char *p, const char *end, int depth)
{
	char close = *p == '{' ? '}' : ']';
	for (p++; p < end && *p != close;) {
		if (close == '}') {
			ASSERT(*p == '"');
			p = skip_string(p, end);
			ASSERT(p < end && *p == ':');
			p++;
		}
		p = skip_value(p, end, depth + 1);
		ASSERT(p < end && (*p == close || (*p == ',' && p + 1 < end && p[1] != close)));
		p += *p == ',';
	}
	ASSERT(p < end);
	return p + 1;
}

static const char *skip_value(const char *p, const char *end, int depth)
{
	static const char *const words[] = { "true", "false", "null" };
	ASSERT(p < end && depth < 200);
	if (*p == '{' || *p == '[')
		return skip_members(p, end, depth);
	if (*p == '"')
		return skip_string(p, end);
	for (ptrdiff_t i = 0; i < COUNTOF(words); i++) {
		ptrdiff_t n = (ptrdiff_t)strlen(words[i]);
		if (end - p >= n && memcmp(p, words[i], (size_t)n) == 0)
			return p + n;
	}
	return skip_number(p, end);
}

static void check_json(str text)
{
	ASSERT(text.len >= 2 && text.ptr[0] == '{' && str_utf8_valid(text));
	ASSERT(skip_value(text.ptr, text.ptr + text.len, 0) == text.ptr + text.len);
}

static struct seen read_all(struct evtx *log, str file, bool chunks)
{
	struct seen s = { 0 };
	struct evtx_record r;
	struct err err = { 0 };
	evtx_on_problem(log, hear, &s);
	if (chunks) {
		evtx_open_chunks(log, str_sub(file, EVTX_HEADER, file.len), EVTX_HEADER);
	} else if (!evtx_open(log, file, &err)) {
		ASSERT(err.code == ERR_INPUT && !evtx_next(log, &r));
		return s;
	}
	while (evtx_next(log, &r)) {
		s.records++;
		s.bytes += r.json.len;
		for (ptrdiff_t i = 0; i < r.json.len; i += 7)
			s.sum = s.sum * 31 + (uint8_t)r.json.ptr[i];
		ASSERT(r.offset >= 0 && r.offset < file.len && r.json.len <= EVTX_TEXT_MAX);
		ASSERT(evtx_position(log) <= file.len);
		if (!chunks && s.records <= 64)
			check_json(r.json);
	}
	struct evtx_counts c = evtx_count(log);
	ASSERT(c.records == s.records && memcmp(c.problems, s.told, sizeof(s.told)) == 0);
	return s;
}

static str as_file(struct arena *a, str records)
{
	static const char file_mark[8] = "ElfFile", chunk_mark[8] = "ElfChnk";
	ptrdiff_t room = MIN(records.len, EVTX_CHUNK - CHUNK_HEADER);
	char *file = NEW(a, char, EVTX_HEADER + CHUNK_HEADER + room);
	uint32_t end = (uint32_t)(CHUNK_HEADER + room);
	memcpy(file, file_mark, 8);
	file[41] = 0x10;
	memcpy(file + EVTX_HEADER, chunk_mark, 8);
	memcpy(file + EVTX_HEADER + 48, &end, 4);
	memcpy(file + EVTX_HEADER + CHUNK_HEADER, records.ptr, (size_t)room);
	return (str){ file, EVTX_HEADER + end };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	str file = { (const char *)data, (ptrdiff_t)size };
	arena_init(&a, 1 << 26, 1 << 28);
	struct evtx *log = evtx_new(&a);
	if (!evtx_is(file) && size > 0)
		file = as_file(&a, file);
	struct seen once = read_all(log, file, false), again = read_all(log, file, false);
	ASSERT(memcmp(&once, &again, sizeof(once)) == 0);
	if (file.len > EVTX_HEADER && file.ptr[40] == 0 && file.ptr[41] == 0x10) {
		struct seen part = read_all(log, file, true);
		ASSERT(part.records == once.records && part.bytes == once.bytes && part.sum == once.sum);
	}
	arena_done(&a);
	return 0;
}
