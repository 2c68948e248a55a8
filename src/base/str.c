#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>

void assert_failed(const char *file, int line, const char *what)
{
	(void)fprintf(stderr, "naubat: bug at %s:%d: %s\n", file, line, what);
	abort();
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

int str_cmp(str a, str b)
{
	ptrdiff_t n = MIN(a.len, b.len);
	int order = n ? memcmp(a.ptr, b.ptr, (size_t)n) : 0;
	return order ? order : (a.len > b.len) - (a.len < b.len);
}

bool str_eq_nocase(str a, str b)
{
	if (a.len != b.len)
		return false;
	for (ptrdiff_t i = 0; i < a.len; i++)
		if (lower(a.ptr[i]) != lower(b.ptr[i]))
			return false;
	return true;
}

bool str_starts(str s, str prefix)
{
	return s.len >= prefix.len && str_eq(str_sub(s, 0, prefix.len), prefix);
}

bool str_ends(str s, str suffix)
{
	return s.len >= suffix.len && str_eq(str_sub(s, s.len - suffix.len, s.len), suffix);
}

bool str_starts_nocase(str s, str prefix)
{
	return s.len >= prefix.len && str_eq_nocase(str_sub(s, 0, prefix.len), prefix);
}

ptrdiff_t str_find(str s, str needle)
{
	if (needle.len == 0)
		return 0;
	if (s.len < needle.len)
		return -1;
	const char *p = memmem(s.ptr, (size_t)s.len, needle.ptr, (size_t)needle.len);
	return p ? p - s.ptr : -1;
}

ptrdiff_t str_find_char(str s, char c)
{
	const char *p = s.len ? memchr(s.ptr, c, (size_t)s.len) : NULL;
	return p ? p - s.ptr : -1;
}

static bool blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

str str_trim(str s)
{
	while (s.len && blank(s.ptr[0]))
		s = str_sub(s, 1, s.len);
	while (s.len && blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

/* Length of the sequence that starts at p, or 0 if it is not well formed (RFC 3629 section 4). */
static ptrdiff_t utf8_step(const unsigned char *p, ptrdiff_t left)
{
	if (p[0] < 0x80)
		return 1;
	ptrdiff_t n = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
	if (p[0] < 0xC2 || p[0] > 0xF4 || left < n)
		return 0;
	for (ptrdiff_t i = 1; i < n; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	bool overlong = (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xF0 && p[1] < 0x90);
	bool surrogate = p[0] == 0xED && p[1] > 0x9F;
	bool beyond = p[0] == 0xF4 && p[1] > 0x8F;
	return overlong || surrogate || beyond ? 0 : n;
}

bool str_utf8_valid(str s)
{
	const unsigned char *p = (const unsigned char *)s.ptr;
	for (ptrdiff_t i = 0, n; i < s.len; i += n) {
		uint64_t eight;
		n = 8;
		if (s.len - i >= n && (memcpy(&eight, p + i, 8), (eight & 0x8080808080808080u) == 0))
			continue; /* ASCII */
		if ((n = utf8_step(p + i, s.len - i)) == 0)
			return false;
	}
	return true;
}

bool str_to_int(str s, int64_t min, int64_t max, int64_t *out_n)
{
	bool negative = s.len && s.ptr[0] == '-';
	ptrdiff_t i = negative;
	if (i == s.len)
		return false;
	int64_t n = 0;
	for (; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9' || __builtin_mul_overflow(n, 10, &n) ||
		    __builtin_sub_overflow(n, s.ptr[i] - '0', &n))  /* negative: reaches INT64_MIN */
			return false;
	}
	if (!negative && __builtin_sub_overflow(0, n, &n))
		return false;
	if (n < min || n > max)
		return false;
	*out_n = n;
	return true;
}

str_cut_result str_cut(str s, char sep)
{
	ptrdiff_t at = str_find_char(s, sep);
	if (at < 0)
		return (str_cut_result){ .head = s };
	return (str_cut_result){ str_sub(s, 0, at), str_sub(s, at + 1, s.len), true };
}
