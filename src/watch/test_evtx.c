/* Values and strings one by one, and the reader's contract; whole files are for tests/story_evtx.py. */
#include "watch/evtx.h"
#include "watch/evtx_value.h"
#include "watch/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- strings */

/* The obvious way. */
static int plain_utf8(const uint16_t *u, int n, char *to)
{
	static const char short_forms[] = "btn.fr";
	int len = 0;
	for (int i = 0; i < n; i++) {
		uint32_t c = u[i];
		if (c >= 0xd800 && c < 0xdc00 && i + 1 < n && u[i + 1] >= 0xdc00 && u[i + 1] < 0xe000)
			c = 0x10000 + ((c - 0xd800) << 10 | (u[++i] - 0xdc00u));
		else if (c >= 0xd800 && c < 0xe000)
			c = 0xfffd;
		int bytes = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		if (c == '"' || c == '\\') {
			to[len++] = '\\';
		} else if (c < 0x20 && (c < 8 || c > 13 || c == 11)) {
			len += snprintf(to + len, 7, "\\u%04x", c);
			continue;
		} else if (c < 0x20) {
			to[len++] = '\\';
			c = (uint8_t)short_forms[c - 8];
		}
		for (int b = bytes - 1; b >= 0; b--)
			to[len++] = (char)(b < bytes - 1 ? 0x80 | (c >> 6 * b & 63)
					   : bytes == 1  ? c
							 : (0xf00u >> bytes & 0xff) | c >> 6 * b);
	}
	return len;
}

/* Strings of all lengths, with one odd unit at each place, and by chance. */
static void test_utf16(void)
{
	static const uint16_t odd[] = { 'a',    '"',    '\\',   0,      0x1f,   '\n',   0x7e,   0x7f,
					0x80,   0xff,   0x100,  0x7ff,  0x800,  0x20ac, 0xd83d, 0xde00,
					0xdbff, 0xdfff, 0xe000, 0xffff, 0x8000, 0xff22, 0x225c };
	uint16_t u[64];
	char want[64 * 6], have[64 * 6 + 8];
	unsigned seed = 7;
	for (int round = 0; round < 200000; round++) {
		int n = round % 60;
		for (int i = 0; i < n; i++) {
			seed = seed * 1103515245 + 12345;
			bool plain = (seed >> 16) % 12 != 0;
			u[i] = plain ? (uint16_t)('A' + i % 50) : odd[(seed >> 20) % COUNTOF(odd)];
			u[i] = u[i] == '\\' && plain ? 'x' : u[i];
		}
		struct text_out o = { .ptr = have, .cap = sizeof(have) };
		int len = plain_utf8(u, n, want);
		text_add_utf16(&o, (const uint8_t *)u, n);
		ASSERT(!o.over && str_eq((str){ want, len }, (str){ have, o.len }));
		ASSERT(str_utf8_valid((str){ have, o.len }));
	}
	struct text_out small = { .ptr = have, .cap = 20 };
	text_add_utf16(&small, (const uint8_t *)u, 3);
	ASSERT(small.over && small.len == 0);
}

/* ---- values */

static void test_values(void)
{
	static const struct {
		int type;
		const char *bytes;
		int len;
		const char *json, *text;
	} v[] = {
		{ VALUE_NULL, "", 0, "\"\"", "" },
		{ VALUE_STRING, "a\0b\0\0\0", 6, "\"ab\"", "ab" },
		{ VALUE_STRING, "a\0\0\0b\0", 6, "\"a\\u0000b\"", "a\\u0000b" },
		{ VALUE_STRING, "a\0b", 3, "\"a\"", "a" },
		{ VALUE_ANSI, "caf\xe9 \x80\0", 7, "\"caf\xc3\xa9 \xe2\x82\xac\"",
		  "caf\xc3\xa9 \xe2\x82\xac" },
		{ VALUE_ANSI, "caf\xc3\xa9", 5, "\"caf\xc3\xa9\"", "caf\xc3\xa9" },
		{ VALUE_INT8, "\x80", 1, "-128", "-128" },
		{ VALUE_UINT8, "\xff", 1, "255", "255" },
		{ VALUE_INT32, "\xff\xff\xff\xff", 4, "-1", "-1" },
		{ VALUE_UINT32, "\xff\xff\xff\xff", 4, "4294967295", "4294967295" },
		{ VALUE_INT64, "\0\0\0\0\0\0\0\x80", 8, "-9223372036854775808", "-9223372036854775808" },
		{ VALUE_UINT64, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, "18446744073709551615",
		  "18446744073709551615" },
		{ VALUE_UINT32, "\x01\x02\x03", 3, "\"010203\"", "010203" },
		{ VALUE_REAL32, "\0\0\xc0\x3f", 4, "1.5", "1.5" },
		{ VALUE_REAL64, "\x9a\x99\x99\x99\x99\x99\xb9\x3f", 8, "0.1", "0.1" },
		{ VALUE_REAL32, "\xcd\xcc\xcc\x3d", 4, "0.1", "0.1" },
		{ VALUE_REAL64, "\0\0\0\0\0\0\xf0\x7f", 8, "\"000000000000F07F\"", "000000000000F07F" },
		{ VALUE_BOOL, "\x01\0\0\0", 4, "true", "true" },
		{ VALUE_BOOL, "\0\0\0\0", 4, "false", "false" },
		{ VALUE_BINARY, "\x00\xab", 2, "\"00AB\"", "00AB" },
		{ VALUE_GUID, "\x5f\x38\x70\x57\x2a\xc2\xe0\x43\xbf\x4c\x06\xf5\x69\x8f\xfb\xd9", 16,
		  "\"5770385F-C22A-43E0-BF4C-06F5698FFBD9\"", "5770385F-C22A-43E0-BF4C-06F5698FFBD9" },
		{ VALUE_GUID, "\x01", 1, "\"01\"", "01" },
		{ VALUE_SIZE, "\x10\0\0\0", 4, "\"0x10\"", "0x10" },
		{ VALUE_HEX32, "\0\0\0\0", 4, "\"0x0\"", "0x0" },
		{ VALUE_HEX64, "\0\0\0\0\0\0\x20\x80", 8, "\"0x8020000000000000\"", "0x8020000000000000" },
		{ VALUE_FILETIME, "\0\0\0\0\0\0\0\0", 8, "\"1601-01-01T00:00:00.000000Z\"",
		  "1601-01-01T00:00:00.000000Z" },
		{ VALUE_FILETIME, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, "\"FFFFFFFFFFFFFFFF\"",
		  "FFFFFFFFFFFFFFFF" },
		{ VALUE_SYSTEMTIME, "\xe8\x07\x02\0\x04\0\x1d\0\x17\0\x3b\0\x3a\0\xe7\x03", 16,
		  "\"2024-02-29T23:59:58.999000Z\"", "2024-02-29T23:59:58.999000Z" },
		{ VALUE_SYSTEMTIME, "\xe7\x07\x02\0\x04\0\x1d\0\x17\0\x3b\0\x3a\0\xe7\x03", 16,
		  "\"E707020004001D0017003B003A00E703\"", "E707020004001D0017003B003A00E703" },
		{ VALUE_SID, "\x01\x02\0\0\0\0\0\x05\x20\0\0\0\x20\x02\0\0", 16, "\"S-1-5-32-544\"",
		  "S-1-5-32-544" },
		{ VALUE_SID, "\x01\x02\0\0\0\0\0\x05\x20\0\0\0", 12, "\"010200000000000520000000\"",
		  "010200000000000520000000" },
		{ VALUE_STRING | VALUE_ARRAY, "a\0\0\0\0\0b\0", 8, "[\"a\",\"\",\"b\"]", "a,,b" },
		{ VALUE_STRING | VALUE_ARRAY, "a\0\0\0", 4, "\"a\"", "a" },
		{ VALUE_UINT16 | VALUE_ARRAY, "\x01\0\x02\0\x03", 5, "[1,2,3]", "1,2,3" },
		{ VALUE_SID | VALUE_ARRAY, "\x01\x01\0\0\0\0\0\x05\x12\0\0\0\x01\x01\0\0\0\0\0\x01\0\0\0\0",
		  24, "[\"S-1-5-18\",\"S-1-1-0\"]", "S-1-5-18,S-1-1-0" },
		{ 0x7f, "\x01\x02", 2, "\"0102\"", "0102" },
		{ VALUE_HANDLE, "\x01\x02", 2, "\"0102\"", "0102" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(v); i++) {
		char json[256], text[256];
		struct text_out j = { .ptr = json, .cap = sizeof(json) },
				t = { .ptr = text, .cap = sizeof(text) };
		struct binxml_value value =
			value_made((uint8_t)v[i].type, (const uint8_t *)v[i].bytes, (uint32_t)v[i].len);
		value_add_json(&j, &value);
		value_add_text(&t, &value);
		bool ok = !j.over && !t.over && str_eq((str){ json, j.len }, str_from(v[i].json)) &&
			  str_eq((str){ text, t.len }, str_from(v[i].text));
		if (!ok)
			fprintf(stderr, "%td: %.*s %.*s\n", i, (int)j.len, json, (int)t.len, text);
		ASSERT(ok);
	}
}

static void test_times(void)
{
	int64_t us = 0;
	ASSERT(filetime_to_us(UINT64_C(133984000000000000), &us) && us == INT64_C(1753926400000000));
	ASSERT(filetime_to_us(UINT64_C(2650467743999999999), &us));
	ASSERT(!filetime_to_us(UINT64_C(2650467744000000000), &us) && !filetime_to_us(UINT64_MAX, &us));
}

/* ---- the reader */

enum { RECORD = 88 };

/* A chunk of `count` records without a template, <a>NN</a>; no checksum is right. */
static void make_chunk(char *c, int count, uint64_t first)
{
	static const uint8_t body[] = {
		0x0f, 1,    1,    0, 0x01, 0x1a, 0,   0, 0,    0,   0, 0, 0, /* <, size, name */
		0,    0,    0,    0, 0,    0,    1,   0, 'a',  0,   0, 0, 0x02,
		0x05, 0x01, 0x02, 0, 'N',  0,    'N', 0, 0x04, 0x00
	};
	uint32_t end = (uint32_t)(512 + count * RECORD), size = RECORD;
	memset(c, 0, EVTX_CHUNK);
	memcpy(c, "ElfChnk", 8);
	memcpy(c + 48, &end, 4);
	for (int i = 0; i < count; i++) {
		char *r = c + 512 + i * RECORD;
		uint64_t number = first + (uint64_t)i, time = UINT64_C(133984000000000000);
		uint32_t name = (uint32_t)(512 + i * RECORD + 24 + 13);
		memcpy(r, "**\0\0", 4);
		memcpy(r + 4, &size, 4);
		memcpy(r + 8, &number, 8);
		memcpy(r + 16, &time, 8);
		memcpy(r + 24, body, sizeof(body));
		memcpy(r + 24 + 9, &name, 4);
		r[24 + 30] = (char)('0' + number / 10 % 10);
		r[24 + 32] = (char)('0' + number % 10);
		memcpy(r + RECORD - 4, &size, 4);
	}
}

struct heard {
	int count;
	struct evtx_problem last;
};

static void hear(void *user, const struct evtx_problem *p)
{
	struct heard *h = user;
	h->count++;
	h->last = *p;
}

static void test_reader(struct arena *a)
{
	struct err err = { 0 };
	struct evtx_record r = { 0 };
	struct heard heard = { 0 };
	struct evtx *log = evtx_new(a);
	char *file = NEW(a, char, EVTX_HEADER + 2 * EVTX_CHUNK);
	ptrdiff_t used = a->used;
	make_chunk(file + EVTX_HEADER, 3, 10);
	make_chunk(file + EVTX_HEADER + EVTX_CHUNK, 2, 13);
	str whole = { file, EVTX_HEADER + 2 * EVTX_CHUNK };
	evtx_on_problem(log, hear, &heard);
	ASSERT(!evtx_next(log, &r) && !evtx_is(whole) && evtx_is(S("ElfFile\0")));
	ASSERT(evtx_open(log, whole, &err));
	for (uint64_t n = 10; n < 15; n++) {
		char want[32];
		int64_t at = EVTX_HEADER + 512 +
			     (n < 13 ? (int64_t)(n - 10) * RECORD : EVTX_CHUNK + (int64_t)(n - 13) * RECORD);
		snprintf(want, sizeof(want), "{\"a\":\"%d\"}", (int)n);
		ASSERT(evtx_next(log, &r) && r.number == n && str_eq(r.json, str_from(want)));
		ASSERT(r.offset == at && r.written.us == INT64_C(1753926400000000) && !r.recovered &&
		       !r.partial);
		ASSERT(evtx_position(log) == at + RECORD);
	}
	ASSERT(!evtx_next(log, &r) && !evtx_next(log, &r) && evtx_position(log) == whole.len);
	struct evtx_counts c = evtx_count(log);
	ASSERT(c.records == 5 && c.chunks == 2 && c.recovered == 0 && !c.dirty);
	ASSERT(heard.count == 3 &&
	       heard.last.what == EVTX_CHUNK_HEADER); /* the file's header, and two chunks' */
	ASSERT(heard.last.offset == EVTX_HEADER + EVTX_CHUNK);

	/* A part of the file: its places are the file's. */
	evtx_open_chunks(log, str_sub(whole, EVTX_HEADER + EVTX_CHUNK, whole.len), EVTX_HEADER + EVTX_CHUNK);
	ASSERT(evtx_next(log, &r) && r.number == 13 && r.offset == EVTX_HEADER + EVTX_CHUNK + 512);
	ASSERT(heard.last.offset == EVTX_HEADER + EVTX_CHUNK && evtx_count(log).records == 1);

	/* What is no event log leaves nothing of the file before. */
	ASSERT(!evtx_open(log, S("{\"a\":1}"), &err) && err.code == ERR_INPUT);
	ASSERT(!evtx_next(log, &r) && evtx_count(log).records == 0);
	ASSERT(a->used == used); /* I5 */
}

/* Through log.h: blocks are some chunks each, and no record is lost between two of them. */
static void test_as_log(void)
{
	enum { CHUNKS = 70 };
	char path[] = "/tmp/naubat-evtx-XXXXXX";
	char *chunk = malloc(EVTX_CHUNK);
	int fd = mkstemp(path), blocks = 0;
	uint64_t next = 1;
	struct log_file *l;
	struct err err;
	struct log_block *b = log_block_new();
	ASSERT(fd >= 0 && chunk != NULL && b != NULL);
	memset(chunk, 0, EVTX_CHUNK);
	memcpy(chunk, "ElfFile", 8);
	ASSERT(write(fd, chunk, EVTX_HEADER) == EVTX_HEADER);
	for (int i = 0; i < CHUNKS; i++) {
		make_chunk(chunk, 3, 1 + 3 * (uint64_t)i);
		ASSERT(write(fd, chunk, EVTX_CHUNK) == EVTX_CHUNK);
	}
	close(fd);
	ASSERT(log_open(str_from(path), LOG_UNKNOWN, (struct log_limits){ 0 }, (struct log_listener){ 0 }, &l,
			&err));
	ASSERT(log_format_of(l) == LOG_EVTX);
	for (; log_read(l, b); blocks++) {
		log_decode(l, b);
		for (ptrdiff_t i = 0; i < b->count; i++, next++) {
			char want[32];
			snprintf(want, sizeof(want), "{\"a\":\"%02d\"}", (int)(next % 100));
			ASSERT(b->records[i].line == (int64_t)next);
			ASSERT(str_eq(b->records[i].json, str_from(want)));
		}
	}
	ASSERT(next == 3 * CHUNKS + 1 && blocks > 1);
	log_close(l);
	log_block_free(b);
	free(chunk);
	unlink(path);
}

int main(void)
{
	struct arena a;
	arena_init(&a, 1 << 26, 1 << 28);
	test_utf16();
	test_values();
	test_times();
	test_reader(&a);
	test_as_log();
	arena_done(&a);
	return 0;
}
