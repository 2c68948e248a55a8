#include "base/arena.h"

#include <stdio.h>
#include "base/buf.h"
#include "base/err.h"
#include "base/instant.h"
#include "base/text.h"
#include "base/uuid.h"

static void test_str(void)
{
	int64_t n = 5;
	ASSERT(str_to_int(S("-9223372036854775808"), INT64_MIN, INT64_MAX, &n) && n == INT64_MIN);
	ASSERT(!str_to_int(S("9223372036854775808"), INT64_MIN, INT64_MAX, &n) && n == INT64_MIN);
	ASSERT(!str_to_int(S(""), 0, 9, &n) && !str_to_int(S("-"), -9, 9, &n) &&
	       !str_to_int(S("1 "), 0, 9, &n));
	ASSERT(str_find(S("abcabd"), S("abd")) == 3 && str_find(S("ab"), S("abc")) == -1);
	ASSERT(str_eq(str_trim(S(" \t x y\r\n")), S("x y")));
	ASSERT(str_eq_nocase(S("TLP:Red"), S("tlp:rED")) && str_cmp(S("ab"), S("abc")) < 0);
	ASSERT(str_utf8_valid(S("نوبت")) && !str_utf8_valid(S("\xc0\xaf")) &&
	       !str_utf8_valid(S("\xed\xa0\x80")));
	ASSERT(!str_utf8_valid(S("\xf4\x90\x80\x80")) && !str_utf8_valid(S("\xe2\x82")));
}

static void test_arena(void)
{
	struct arena a;
	struct buf b;
	arena_init(&a, 1 << 12, 1 << 20);
	for (int i = 0; i < 100; i++) {
		double *d = NEW(&a, double, 3);
		ASSERT(((uintptr_t)d & (_Alignof(double) - 1)) == 0 && d[2] == 0.0);
		(void)arena_dup(&a, S("x"));
	}
	ASSERT(!a.over);
	(void)NEW(&a, char, 8000);
	ASSERT(a.over);
	buf_init(&b, &a, 10);
	buf_add(&b, S("0123456789"));
	ASSERT(!b.over);
	buf_add_char(&b, 'x');
	ASSERT(b.over && str_eq(buf_str(&b), S("0123456789")));
	arena_done(&a);
}

static void test_instant(struct arena *a)
{
	struct err err = { 0 };
	struct instant t = { 7 };
	ASSERT(instant_parse(S("2026-05-01T23:30:00+05:30"), &t, &err));
	ASSERT(str_eq(instant_format_seconds(a, t), S("2026-05-01T18:00:00Z")));
	ASSERT(instant_parse(S("1969-12-31T23:59:59.999999Z"), &t, &err) && t.us == -1);
	ASSERT(str_eq(instant_format(a, t), S("1969-12-31T23:59:59.999999Z")));
	static const char *const bad[] = { "",
					   "2026-02-30T00:00:00Z",
					   "2026-13-01T00:00:00Z",
					   "2026-01-01T24:00:00Z",
					   "2026-01-01T00:00:00",
					   "2026-01-01T00:00:00+5:00",
					   "2026-01-01T00:00:00.Z",
					   "-026-01-01T00:00:00Z",
					   "0001-01-01T00:00:00+23:00",
					   "2026-01-01T00:00:00Zx" };
	for (ptrdiff_t i = 0; i < COUNTOF(bad); i++)
		ASSERT(!instant_parse(str_from(bad[i]), &t, &err) && err.code == ERR_INPUT && t.us == -1);
	for (int64_t day = -800000; day < 2900000; day += 37) {
		struct instant x = { DAYS(day) + 12345 };
		struct civil c = instant_civil(x, 330);
		ASSERT(instant_from_civil(c, 330).us == x.us);
	}
	ASSERT(civil_weekday(2026, 11, 24) == 1 && civil_month_days(2028, 2) == 29 &&
	       civil_month_days(2100, 2) == 28);
}

static void test_text(struct arena *a)
{
	struct err err = { 0 };
	str bytes;
	static const struct {
		const char *raw, *b64;
	} v[] = { { "", "" },
		  { "f", "Zg==" },
		  { "fo", "Zm8=" },
		  { "foo", "Zm9v" },
		  { "foob", "Zm9vYg==" },
		  { "fooba", "Zm9vYmE=" },
		  { "foobar", "Zm9vYmFy" } };
	for (ptrdiff_t i = 0; i < COUNTOF(v); i++) { /* RFC 4648 section 10 */
		ASSERT(str_eq(text_base64(a, str_from(v[i].raw)), str_from(v[i].b64)));
		ASSERT(text_from_base64(a, str_from(v[i].b64), &bytes, &err) &&
		       str_eq(bytes, str_from(v[i].raw)));
	}
	ASSERT(!text_from_base64(a, S("Zg=x"), &bytes, &err) && !text_from_base64(a, S("Zg="), &bytes, &err));
	ASSERT(!text_from_base64(a, S("===="), &bytes, &err));
	ASSERT(text_from_hex(a, S("00fF"), &bytes, &err) && str_eq(bytes, S("\x00\xff")));
	ASSERT(str_eq(text_base32(a, S("\xff\x00")), S("ZW00")));
	ASSERT(text_base32_value('o') == 0 && text_base32_value('u') == -1 && text_base32_value('Z') == 31);
	struct uuid u, back;
	u = uuid_make((struct instant){ SECONDS(1764000000) },
		      (const uint8_t[10]){ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 });
	str text = uuid_format(a, u);
	ASSERT(text.ptr[14] == '7' && uuid_parse(text, &back, &err) && uuid_eq(u, back));
	ASSERT(!uuid_parse(S("0190"), &back, &err));
}

int main(void)
{
	struct arena a;
	struct err e = { 0 };
	arena_init(&a, 1 << 26, 1 << 28);
	test_str();
	test_arena();
	test_instant(&a);
	test_text(&a);
	(void)err_set(&e, ERR_RETRY, "pg: %s", "serialization failure");
	(void)err_wrap(&e, "journal_append");
	ASSERT(str_eq(str_from(e.text), S("journal_append: pg: serialization failure")));
	arena_done(&a);
	return 0;
}
