#include "match/sigma_priv.h"

#include <stdlib.h>

bool sigma_is_null(const struct yaml *y)
{
	return y->kind == YAML_SCALAR && y->plain
	       && (yaml_is_null(y) || str_eq(y->text, S("Null")) || str_eq(y->text, S("NULL")));
}

bool sigma_is_bool(const struct yaml *y, bool *out_value)
{
	if (y->kind != YAML_SCALAR || !y->plain)
		return false;
	bool yes = str_eq(y->text, S("true")) || str_eq(y->text, S("True")) || str_eq(y->text, S("TRUE"));
	*out_value = yes;
	return yes || str_eq(y->text, S("false")) || str_eq(y->text, S("False")) || str_eq(y->text,
	                                                                                   S("FALSE"));
}

static ptrdiff_t digits(str t, ptrdiff_t from)
{
	ptrdiff_t n = from;
	while (n < t.len && t.ptr[n] >= '0' && t.ptr[n] <= '9')
		n++;
	return n - from;
}

static bool is_hexadecimal(str t)
{
	ptrdiff_t n = 2;
	while (n < t.len && strchr("0123456789abcdefABCDEF", t.ptr[n]) != NULL)
		n++;
	return t.len > 2 && t.len <= 16 && t.ptr[0] == '0' && t.ptr[1] == 'x' && n == t.len;
}

static bool is_decimal(str t)
{
	ptrdiff_t n = t.len && (t.ptr[0] == '-' || t.ptr[0] == '+');
	ptrdiff_t whole = digits(t, n), part = 0;
	n += whole;
	if (n < t.len && t.ptr[n] == '.') {
		part = digits(t, n + 1);
		n += 1 + part;
	}
	if (whole + part == 0)
		return false;
	if (n < t.len && (t.ptr[n] == 'e' || t.ptr[n] == 'E')) {
		n += 1 + (n + 1 < t.len && (t.ptr[n + 1] == '-' || t.ptr[n + 1] == '+'));
		ptrdiff_t exponent = digits(t, n);
		if (exponent == 0)
			return false;
		n += exponent;
	}
	return n == t.len;
}

bool sigma_number(str text, double *out_n)
{
	char copy[64];
	if (text.len >= (ptrdiff_t)sizeof copy || !(is_decimal(text) || is_hexadecimal(text)))
		return false;
	memcpy(copy, text.ptr, (size_t)text.len);
	copy[text.len] = '\0';
	double n = strtod(copy, NULL);
	if (n - n != 0)                 /* beyond what a double holds */
		return false;
	*out_n = n;
	return true;
}

/* One run of text without wildcards; *p is moved behind it.  Borrows `text` where nothing is escaped. */
static str literal(struct arena *a, str text, ptrdiff_t *p)
{
	ptrdiff_t from = *p, end = from, len = 0;
	bool escaped = false;
	for (; end < text.len && text.ptr[end] != '*' && text.ptr[end] != '?'; end++)
		if (text.ptr[end] == '\\' && end + 1 < text.len && strchr("*?\\",
		                                                          text.ptr[end + 1]) != NULL) {
			escaped = true;
			end++;
		}
	*p = end;
	if (!escaped)
		return str_sub(text, from, end);
	char *out = NEW(a, char, end - from);
	for (ptrdiff_t i = from; i < end; i++) {
		if (text.ptr[i] == '\\' && i + 1 < end && strchr("*?\\", text.ptr[i + 1]) != NULL)
			i++;
		out[len++] = text.ptr[i];
	}
	return (str){ out, len };
}

struct glob sigma_glob(struct arena *a, str text)
{
	ptrdiff_t most = 1;
	for (ptrdiff_t i = 0; i < text.len; i++)
		most += 2 * (text.ptr[i] == '*' || text.ptr[i] == '?');
	struct glob g = { NEW(a, struct glob_piece, most + 2) + 1, 0 };
	for (ptrdiff_t i = 0; i < text.len;) {
		if (text.ptr[i] == '?') {
			g.at[g.count++].kind = GLOB_ONE;
			i++;
		} else if (text.ptr[i] == '*') {
			if (g.count == 0 || g.at[g.count - 1].kind != GLOB_ANY)
				g.at[g.count++].kind = GLOB_ANY;
			i++;
		} else {
			str t = literal(a, text, &i);
			g.at[g.count++].text = t;
		}
	}
	return g;
}
