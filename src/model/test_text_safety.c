#include "model/text_safety.h"

static void test_block(struct arena *a)
{
	static const struct {
		const char *raw; ptrdiff_t len; const char *want;
	} cases[] = {
		{ "plain", 5, "plain" },
		{ "a\r\nb\rc\nd\n\re", 11, "a\nb\nc\nd\n\ne" },
		{ "a\0b", 3, "ab" },
		{ "\x1b[31mred", 8, "\xe2\x90\x9b[31mred" },
		{ "\x07\x7f\tx", 4, "\xe2\x90\x87\xe2\x90\xa1\tx" },
		{ "\xff\xc0\x80z", 4, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz" },
		{ "cut\xe2\x82", 5, "cut\xef\xbf\xbd\xef\xbf\xbd" },
		{ "gpj.\xe2\x80\xae"
		  "exe",
		  10, "gpj.<U+202E>exe" },
		{ "a\xe2\x80\x8b"
		  "b",
		  5, "a<U+200B>b" },
		{ "\xef\xbb\xbfx\xef\xbb\xbf", 7, "x<U+FEFF>" },
		{ "\xf3\xa0\x81\x81", 4, "<U+E0041>" },
		{ "\xc2\x85"
		  "a\xe2\x80\xa8",
		  6, "\na\n" },
		{ "\xc2\x9b"
		  "31m",
		  5,
		  "\xef\xbf\xbd"
		  "31m" },
		/* Urdu with ZWNJ and RLM stays as it is */
		{ "\xd9\x86\xd9\x88\xd8\xa8\xd8\xaa\xe2\x80\x8c\xe2\x80\x8f", 14,
		  "\xd9\x86\xd9\x88\xd8\xa8\xd8\xaa\xe2\x80\x8c\xe2\x80\x8f" },
		{ "\xf0\x9f\x98\x80", 4, "\xf0\x9f\x98\x80" },
		{ "", 0, "" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(cases); i++) {
		str got = text_safety_block(a, (str){ cases[i].raw, cases[i].len }, 1000);
		ASSERT(str_eq(got, str_from(cases[i].want)));
		ASSERT(str_eq(text_safety_block(a, got, 1000), got));
	}
}

static void test_line(struct arena *a)
{
	ASSERT(str_eq(text_safety_line(a, S(" \t a \r\n\r\n b\xc2\xa0\xc2\xa0" "c \n"), 100), S("a b c")));
	ASSERT(str_eq(text_safety_line(a, S("\n\n"), 100), S("")));
	ASSERT(str_eq(text_safety_header(a, S("x\r\nBcc: all@example.org"), 100),
		      S("x Bcc: all@example.org")));
	ASSERT(str_eq(text_safety_header(a, S("=?utf-8?q?x?="), 100), S("= ?utf-8?q?x?=")));
	ASSERT(str_eq(text_safety_line(a, S("=?"), 100), S("=?")));
	str once = text_safety_header(a, S("==?" "?=?\x01 = ?"), 100);
	ASSERT(str_find(once, S("=?")) < 0 && str_eq(text_safety_header(a, once, 100), once));
}

/* At every maximum: valid, within it, a beginning of the whole. */
static void test_cut(struct arena *a)
{
	str text = S("a \xc3\xa9 \xe2\x82\xac\x01 \xf0\x9f\x98\x80\xff \xe2\x80\xae end");
	str whole = text_safety_line(a, text, 1000), block = text_safety_block(a, text, 1000);
	for (ptrdiff_t max = 0; max <= whole.len + 1; max++) {
		str line = text_safety_line(a, text, max), cut = text_safety_cut(whole, max);
		ASSERT(line.len <= max && str_utf8_valid(line) && str_starts(whole, line) &&
		       !str_ends(line, S(" ")));
		ASSERT(cut.len <= max && cut.len + 4 > MIN(max, whole.len) && str_utf8_valid(cut));
		str part = text_safety_block(a, text, max);
		ASSERT(part.len <= max && str_utf8_valid(part) && str_starts(block, part));
	}
	ASSERT(text_safety_cut(S("abc"), -1).len == 0);
}

int main(void)
{
	struct arena a;
	arena_init(&a, 1 << 26, 1 << 28);
	test_block(&a);
	test_line(&a);
	test_cut(&a);
	arena_done(&a);
	return 0;
}
