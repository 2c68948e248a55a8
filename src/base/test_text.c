#include "base/text.h"

static void test_hex(struct arena *a)
{
	static const char *const bad[] = { "0", "0g", "g0", " 00", "0x", "00 ", "\xd9\x86" };
	struct err err = { 0 };
	str bytes = S("as it was");
	for (ptrdiff_t i = 0; i < COUNTOF(bad); i++)
		ASSERT(!text_from_hex(a, str_from(bad[i]), &bytes, &err) && err.code == ERR_INPUT);
	ASSERT(str_eq(bytes, S("as it was")));
	ASSERT(text_from_hex(a, S(""), &bytes, &err) && bytes.len == 0);
	for (int i = 0; i < 256; i++) {
		char c = (char)i;
		str hex = text_hex(a, (str){ &c, 1 });
		ASSERT(hex.len == 2 && text_from_hex(a, hex, &bytes, &err) && str_eq(bytes, (str){ &c, 1 }));
	}
}

static void test_digits_and_characters(void)
{
	static const char digits[] = "0123456789abcdef";
	for (int c = 0; c < 256; c++) {
		const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;
		ASSERT(text_hex_value((char)c) == (at ? (int)(at - digits) : -1));
	}
	static const struct { uint32_t code; const char *bytes; } v[] = {
		{ 0x41, "A" }, { 0x7F, "\x7F" }, { 0x80, "\xC2\x80" }, { 0x7FF, "\xDF\xBF" },
		{ 0x800, "\xE0\xA0\x80" }, { 0xFFFF, "\xEF\xBF\xBF" }, { 0x10000, "\xF0\x90\x80\x80" },
		{ 0x10FFFF, "\xF4\x8F\xBF\xBF" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(v); i++) {
		char out[4];
		ASSERT(str_eq((str){ out, text_put_utf8(out, v[i].code) }, str_from(v[i].bytes)));
	}
}

static void test_base32(struct arena *a)
{
	static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	for (int i = 0; i < 32; i++) {
		ASSERT(text_base32_char(i) == alphabet[i] && text_base32_value(alphabet[i]) == i);
		char lower = (char)(alphabet[i] >= 'A' ? alphabet[i] + 32 : alphabet[i]);
		ASSERT(text_base32_value(lower) == i);
	}
	ASSERT(text_base32_value('I') == 1 && text_base32_value('l') == 1 && text_base32_value('O') == 0);
	static const char bad[] = "uU-_ =\n!@[`{\x7f\x80\xff";
	for (ptrdiff_t i = 0; i < COUNTOF(bad); i++)    /* its NUL too */
		ASSERT(text_base32_value(bad[i]) == -1);
	static const struct { const char *in, *out; } v[] = { { "", "" }, { "f", "CR" }, { "fo", "CSQG" },
		{ "foo", "CSQPY" }, { "foob", "CSQPYRG" }, { "fooba", "CSQPYRK1" },
		{ "foobar", "CSQPYRK1E8" } };
	for (ptrdiff_t i = 0; i < COUNTOF(v); i++)
		ASSERT(str_eq(text_base32(a, str_from(v[i].in)), str_from(v[i].out)));
}

static void test_base64(struct arena *a)
{
	static const char *const bad[] = { "=", "==", "A", "AA", "AAA", "A===", "AA=A", "=AAA", "A=AA",
		"AAAA=", "AA==AAAA", "AAA=AAAA", "AA-_", "AA A", "AAA\n", "AAAA\n", "AA\xd9\x86" };
	struct err err = { 0 };
	str bytes = S("as it was");
	for (ptrdiff_t i = 0; i < COUNTOF(bad); i++)
		ASSERT(!text_from_base64(a, str_from(bad[i]), &bytes, &err) && err.code == ERR_INPUT);
	ASSERT(!text_from_base64(a, S("AA\0A"), &bytes, &err) && str_eq(bytes, S("as it was")));
	ASSERT(!text_from_base64(a, S("Zh=="), &bytes, &err) &&
		!text_from_base64(a, S("Zm9="), &bytes, &err));
	ASSERT(text_from_base64(a, S("++//"), &bytes, &err) && str_eq(bytes, S("\xfb\xef\xff")));
	char all[256];
	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	for (int n = 0; n <= 256; n++) {
		str text = text_base64(a, (str){ all, n });
		ASSERT(text_from_base64(a, text, &bytes, &err) && str_eq(bytes, (str){ all, n }));
	}
}

int main(void)
{
	struct arena a;
	arena_init(&a, 1 << 22, 1 << 24);
	test_digits_and_characters();
	test_hex(&a);
	test_base32(&a);
	test_base64(&a);
	arena_done(&a);
	return 0;
}
