#include "model/number.h"

#include "base/text.h"

enum { SYMBOLS = 11 };

/* Where the i-th checked symbol stands in "PK-NCERT-2026-XXXXXXX". */
static ptrdiff_t place(int i)
{
	return (ptrdiff_t)sizeof("PK-NCERT-") - 1 + i + (i >= 4);
}

static str changed(char *copy, str number, int i, char c)
{
	memcpy(copy, number.ptr, (size_t)number.len);
	copy[place(i)] = c;
	return (str){ copy, number.len };
}

/* I1 and I2: every substitution at every position, every transposition of every two positions, for many
 * numbers. */
static void test_check_catches(struct arena *a)
{
	char copy[64];
	uint64_t seed = 1;
	for (int round = 0; round < 500; round++) {
		uint8_t random[NUMBER_RANDOM_BYTES];
		for (int i = 0; i < NUMBER_RANDOM_BYTES; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			random[i] = (uint8_t)(seed >> 56);
		}
		str number = number_make(a, S("PK-NCERT"), 1000 + round * 17, random);
		ASSERT(number.len == 21 && number_check(number));
		for (int i = 0; i < SYMBOLS; i++)
			for (int value = 0; value < 32; value++) {
				char c = text_base32_char(value);
				bool same = c == number.ptr[place(i)];
				ASSERT(number_check(changed(copy, number, i, c)) == same);
			}
		for (int i = 0; i < SYMBOLS; i++)
			for (int k = i + 1; k < SYMBOLS; k++) {
				char at_i = number.ptr[place(i)], at_k = number.ptr[place(k)];
				str swapped = changed(copy, number, i, at_k);
				copy[place(k)] = at_i;
				ASSERT(number_check(swapped) == (at_i == at_k));
			}
	}
}

/* The field behind it: alpha has order 31, so that the weights of 11 positions are distinct and not zero. */
static void test_every_symbol_pair(struct arena *a)
{
	/* Exhaustive over what two positions can hold: 32 x 32 values of the first and last random symbol. */
	char copy[64];
	for (unsigned first = 0; first < 32; first++)
		for (unsigned last = 0; last < 32; last++) {
			uint64_t bits = first | (uint64_t)last << 25;
			uint8_t random[NUMBER_RANDOM_BYTES];
			for (int i = 0; i < NUMBER_RANDOM_BYTES; i++)
				random[i] = (uint8_t)(bits >> (8 * (NUMBER_RANDOM_BYTES - 1 - i)));
			str number = number_make(a, S("PK-NCERT"), 2026, random);
			ASSERT(number.ptr[place(4)] == text_base32_char((int)first));
			ASSERT(number.ptr[place(9)] == text_base32_char((int)last));
			for (int i = 4; i < SYMBOLS; i++)
				for (int k = i + 1; k < SYMBOLS; k++) {
					str swapped = changed(copy, number, i, number.ptr[place(k)]);
					copy[place(k)] = number.ptr[place(i)];
					ASSERT(number_check(swapped) ==
					       (number.ptr[place(i)] == number.ptr[place(k)]));
				}
		}
}

static void test_parse(struct arena *a)
{
	struct err err = { 0 };
	str got = S("untouched");
	/* 0 and 1 only */
	str number = number_make(a, S("PK-NCERT"), 2026, (const uint8_t[]){ 0, 0, 0, 0x04, 0x20 });
	ASSERT(str_eq(number, S("PK-NCERT-2026-011000Z")));
	static const char *const good[] = {
		"PK-NCERT-2026-011000Z",
		"pk-ncert-2026-011000z",
		"  pk ncert 2026 011 000 z ",
		"PK-NCERT-2O26-OiLooOz",
		"PK\xe2\x80\x91NCERT \xe2\x80\x93 2026 \xe2\x80\x94 011000Z",
		"PK-NCERT-2026011000Z",
		"pk\xc2\xa0ncert 2026-0110-00z",
	};
	for (ptrdiff_t i = 0; i < COUNTOF(good); i++)
		ASSERT(number_parse(a, str_from(good[i]), &got, &err) && str_eq(got, number));
	static const char *const bad[] = {
		"",
		"2026-011000Z",
		"PK-NCERT-2026-011000W",
		"PK-NCERT-2026-101000V",
		"PK-NCERT-2027-011000Z",
		"PK-NCERT-2062-011000Z",
		"PK-NCERT-2026-U11000Z",
		"PK_NCERT-2026-011000Z",
		"PK-NCERT-20A6-011000Z",
		"PK-NCERT-2026-011000Z;",
		"PKNCERTPKNCERTPKNCERTPKNCERTPKNCERT-2026-011000Z",
		"PKNCERTPKNCERTPKNCERTPKNCERTPKNCERTPKNCERTPKNCERTPKNCERTPKNCERTPKNCERT-2026-011000Z",
	};
	got = S("untouched");
	for (ptrdiff_t i = 0; i < COUNTOF(bad); i++) {
		err = (struct err){ 0 };
		ASSERT(!number_parse(a, str_from(bad[i]), &got, &err) && err.code == ERR_INPUT);
		ASSERT(str_eq(got, S("untouched")));
	}
	ASSERT(!number_check(S("pk-ncert-2026-011000Z")) && !number_check(S("PK-NCERT-2026-01100OV")));
	ASSERT(number_prefix_check(S("PK-NCERT")) && number_prefix_check(S("DEMO")));
	ASSERT(!number_prefix_check(S("")) && !number_prefix_check(S("-A")) && !number_prefix_check(S("A-")));
	ASSERT(!number_prefix_check(S("A--B")) && !number_prefix_check(S("a")) &&
	       !number_prefix_check(S("A B")));
}

static void test_claim_code(struct arena *a)
{
	struct err err = { 0 };
	str got = S("untouched");
	uint8_t random[CLAIM_CODE_RANDOM_BYTES] = {
		0x3c, 0xe7, 0x01, 0xff, 0x00, 0x80, 0x42, 0x18, 0xaa, 0x55
	};
	str code = claim_code_make(a, random);
	ASSERT(code.len == CLAIM_CODE_SYMBOLS);
	str shown = claim_code_format(a, code);
	ASSERT(shown.len == 19 && shown.ptr[4] == '-' && shown.ptr[14] == '-');
	ASSERT(claim_code_parse(a, shown, &got, &err) && str_eq(got, code));
	ASSERT(claim_code_parse(a, S("oil0 1111 zzzz 9999"), &got, &err) &&
	       str_eq(got, S("01101111ZZZZ9999")));
	static const char *const bad[] = { "", "0110-1111-ZZZZ", "0110-1111-ZZZZ-99999",
					   "0110-1111-ZZZZ-999U", "0110-1111-ZZZZ-999\n!" };
	for (ptrdiff_t i = 0; i < COUNTOF(bad); i++) {
		err = (struct err){ 0 };
		ASSERT(!claim_code_parse(a, str_from(bad[i]), &got, &err) && err.code == ERR_INPUT);
	}
}

int main(void)
{
	struct arena a;
	arena_init(&a, 1 << 26, 1 << 28);
	test_check_catches(&a);
	test_every_symbol_pair(&a);
	test_parse(&a);
	test_claim_code(&a);
	arena_done(&a);
	return 0;
}
