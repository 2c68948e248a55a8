#include "model/number.h"

#include <stdio.h>
#include "base/text.h"

enum { YEAR_DIGITS = 4, CHECKED = YEAR_DIGITS + NUMBER_SYMBOLS, SPOKEN_MAX = 64 };

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* value * alpha in GF(32) modulo x^5 + x^2 + 1 */
static unsigned times_alpha(unsigned value)
{
	value <<= 1;
	return value & 32 ? value ^ 0x25 : value;
}

/* The sum of alpha^i * d_i by Horner's rule, the last symbol having i = 0. */
static unsigned weighted_sum(const uint8_t *symbols, int count)
{
	unsigned sum = 0;
	for (int i = 0; i < count; i++)
		sum = times_alpha(sum) ^ symbols[i];
	return sum;
}

str number_make(struct arena *a, str prefix, int year, const uint8_t random[static NUMBER_RANDOM_BYTES])
{
	ASSERT(number_prefix_check(prefix) && year >= 1 && year <= 9999);
	uint8_t symbols[CHECKED];
	for (int i = YEAR_DIGITS - 1, rest = year; i >= 0; i--, rest /= 10)
		symbols[i] = (uint8_t)(rest % 10);
	uint64_t bits = 0;
	for (int i = 0; i < NUMBER_RANDOM_BYTES; i++)
		bits = bits << 8 | random[i];
	for (int i = YEAR_DIGITS; i < CHECKED - 1; i++, bits >>= 5)
		symbols[i] = bits & 31;
	symbols[CHECKED - 1] = (uint8_t)times_alpha(weighted_sum(symbols, CHECKED - 1));

	char text[NUMBER_SYMBOLS];
	for (int i = 0; i < NUMBER_SYMBOLS; i++)
		text[i] = text_base32_char(symbols[YEAR_DIGITS + i]);
	return arena_printf(a, STR_FMT "-%04d-%.*s", STR_ARG(prefix), year, NUMBER_SYMBOLS, text);
}

bool number_prefix_check(str prefix)
{
	if (prefix.len == 0 || prefix.len > NUMBER_PREFIX_MAX)
		return false;
	for (ptrdiff_t i = 0; i < prefix.len; i++) {
		char c = prefix.ptr[i];
		bool inside = i > 0 && i < prefix.len - 1 && prefix.ptr[i - 1] != '-';
		if (!(is_alnum(c) && c == upper(c)) && !(c == '-' && inside))
			return false;
	}
	return true;
}

bool number_check(str number)
{
	ptrdiff_t tail = CHECKED + 2;           /* with the two hyphens */
	if (number.len <= tail || !number_prefix_check(str_sub(number, 0, number.len - tail)))
		return false;
	const char *p = number.ptr + number.len - tail;
	if (p[0] != '-' || p[1 + YEAR_DIGITS] != '-')
		return false;
	uint8_t symbols[CHECKED];
	for (int i = 0; i < CHECKED; i++) {
		char c = p[i < YEAR_DIGITS ? i + 1 : i + 2];
		int value = text_base32_value(c);
		if (value < 0 || c != text_base32_char(value) || (i < YEAR_DIGITS && value > 9))
			return false;
		symbols[i] = (uint8_t)value;
	}
	return weighted_sum(symbols, CHECKED) == 0;
}

/* Blanks and dashes, ASCII and the ones that word processors make of them. */
static ptrdiff_t separator_length(str text, ptrdiff_t at)
{
	static const char *const separators[] = {
		" ", "\t", "\r", "\n", "-", "\xc2\xa0", "\xe2\x80\x90", "\xe2\x80\x91", "\xe2\x80\x92",
		"\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\x95", "\xe2\x80\xaf", "\xe2\x88\x92",
	};
	for (ptrdiff_t i = 0; i < COUNTOF(separators); i++) {
		str s = str_from(separators[i]);
		if (str_starts(str_sub(text, at, at + s.len), s))
			return s.len;
	}
	return 0;
}

struct spoken {
	char text[SPOKEN_MAX];          /* upper case, without separators */
	bool starts_group[SPOKEN_MAX];
	int  count;
};

static bool spoken_read(str text, struct spoken *out)
{
	*out = (struct spoken){ .count = 0 };
	bool starts = true;
	for (ptrdiff_t i = 0, n; i < text.len; i += n) {
		n = separator_length(text, i);
		if (n > 0) {
			starts = true;
			continue;
		}
		n = 1;
		if (!is_alnum(text.ptr[i]) || out->count == SPOKEN_MAX)
			return false;
		out->starts_group[out->count] = starts;
		out->text[out->count++] = upper(text.ptr[i]);
		starts = false;
	}
	return true;
}

/* The canonical form of what a person said for one of the symbols, or 0. */
static char symbol_said(char c)
{
	int value = text_base32_value(c);
	return value < 0 ? '\0' : text_base32_char(value);
}

bool number_parse(struct arena *a, str text, str *out_number, struct err *err)
{
	static const char form[] = "a number looks like PREFIX-2026-7K3QFXP: four digits of a year, then "
				   "seven letters and digits";
	struct spoken said;
	if (!spoken_read(text, &said) || said.count <= CHECKED)
		return err_set(err, ERR_INPUT, "%s", form);
	char canonical[SPOKEN_MAX * 2];
	int n = 0, year_at = said.count - CHECKED, symbols_at = said.count - NUMBER_SYMBOLS;
	for (int i = 0; i < said.count; i++) {
		bool in_prefix = i < year_at;
		if (i > 0 && (in_prefix ? said.starts_group[i] : i == year_at || i == symbols_at))
			canonical[n++] = '-';
		char c = in_prefix ? said.text[i] : symbol_said(said.text[i]);
		if (c == '\0' || (!in_prefix && i < symbols_at && (c < '0' || c > '9')))
			return err_set(err, ERR_INPUT, "%s", form);
		canonical[n++] = c;
	}
	str number = { canonical, n };
	if (!number_prefix_check(str_sub(number, 0, n - CHECKED - 2)))
		return err_set(err, ERR_INPUT, "%s", form);
	if (!number_check(number))
		return err_set(err, ERR_INPUT,
			       STR_FMT " does not check: a letter or digit is wrong, or two have changed "
				       "places; compare it with the original",
			       STR_ARG(number));
	*out_number = arena_dup(a, number);
	return true;
}

str claim_code_make(struct arena *a, const uint8_t random[static CLAIM_CODE_RANDOM_BYTES])
{
	return text_base32(a, (str){ (const char *)random, CLAIM_CODE_RANDOM_BYTES });
}

str claim_code_format(struct arena *a, str code)
{
	ASSERT(code.len == CLAIM_CODE_SYMBOLS);
	const char *p = code.ptr;
	return arena_printf(a, "%.4s-%.4s-%.4s-%.4s", p, p + 4, p + 8, p + 12);
}

bool claim_code_parse(struct arena *a, str text, str *out_code, struct err *err)
{
	struct spoken said;
	char code[CLAIM_CODE_SYMBOLS];
	bool good = spoken_read(text, &said) && said.count == CLAIM_CODE_SYMBOLS;
	for (int i = 0; good && i < CLAIM_CODE_SYMBOLS; i++)
		good = (code[i] = symbol_said(said.text[i])) != '\0';
	if (!good)      /* the code is a secret: never repeated in an error */
		return err_set(
			err, ERR_INPUT,
			"a claim code is four groups of four letters and digits, without the letter U");
	*out_code = arena_dup(a, (str){ code, CLAIM_CODE_SYMBOLS });
	return true;
}
