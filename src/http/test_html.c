#include "http/html.h"

static str text(struct arena *a, str s)
{
	struct buf b;
	buf_init(&b, a, 1 << 16);
	html_text(&b, s);
	ASSERT(!b.over && str_utf8_valid(buf_str(&b)));
	return buf_str(&b);
}

static void test_text(struct arena *a)
{
	static const struct { const char *in, *out; } v[] = {
		{ "", "" }, { "plain", "plain" }, { "<script>\"&'", "&lt;script&gt;&quot;&amp;&#39;" },
		{ "&amp;", "&amp;amp;" }, { "a\tb\nc", "a\tb\nc" }, { "a\r\nb\rc", "a\nb\nc" },
		{ "evil\xE2\x80\xAE" "fdp.exe", "evil&lt;U+202E&gt;fdp.exe" },
		{ "\xD8\x9C\xE2\x80\x8E\xE2\x80\x8F\xE2\x81\xA6\xE2\x81\xA9\xE2\x80\xAA",
		  "\xD8\x9C\xE2\x80\x8E\xE2\x80\x8F&lt;U+2066&gt;&lt;U+2069&gt;&lt;U+202A&gt;" },
		{ "\x1b[2J\x07\x7f", "␛[2J␇␡" },
		{ "x\xC2\x85\xC2\x9B", "x\n\xEF\xBF\xBD" },
		{ "\xEF\xBB\xBFx\xEF\xBB\xBF", "x&lt;U+FEFF&gt;" },
		{ "نوبت \xF0\x9F\x98\x80 می\xE2\x80\x8Cخواهم", "نوبت \xF0\x9F\x98\x80 می\xE2\x80\x8Cخواهم" },
		{ "\xff<\xc0\xbc\xe2\x80", "\uFFFD&lt;\uFFFD\uFFFD\uFFFD\uFFFD" },
		{ "\xEF\xBF\xBD", "\xEF\xBF\xBD" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(v); i++)
		ASSERT(str_eq(text(a, str_from(v[i].in)), str_from(v[i].out)));
	ASSERT(str_eq(text(a, S("a\0b")), S("ab")));
}

static void test_fill(struct arena *a)
{
	struct buf b;
	buf_init(&b, a, 1000);
	html_attr(&b, "title", S("\" onload=\"x"));
	ASSERT(str_eq(buf_str(&b), S(" title=\"&quot; onload=&quot;x\"")));
	buf_init(&b, a, 1000);
	html_fill(&b, "<p title=\"{}\">{}</p>{", S("{}"), S("<b>"));
	ASSERT(str_eq(buf_str(&b), S("<p title=\"{}\">&lt;b&gt;</p>{")));
	buf_init(&b, a, 8);
	html_fill(&b, "<p>{}</p>", S("more than eight"));
	ASSERT(b.over && b.len <= 8);
}

int main(void)
{
	struct arena a;
	arena_init(&a, 1 << 20, 1 << 24);
	test_text(&a);
	test_fill(&a);
	arena_done(&a);
	return 0;
}
