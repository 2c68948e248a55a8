/* str.h - borrowed byte slices.  A str never owns its bytes; whoever made them outlives it. */
#pragma once
#include <string.h>
#include "base/defs.h"

typedef struct {
	const char *ptr;
	ptrdiff_t   len;
} str;

#define S(lit)          ((str){ (lit), (ptrdiff_t)sizeof(lit) - 1 })
#define STR_FMT         "%.*s"
#define STR_ARG(s)      (int)MIN((s).len, 1 << 20), (s).ptr ? (s).ptr : ""

static inline str str_from(const char *c_string)
{
	return (str){ c_string, c_string ? (ptrdiff_t)strlen(c_string) : 0 };
}

static inline bool str_eq(str a, str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, (size_t)a.len) == 0);
}

/* [from, to), clamped to the slice. */
static inline str str_sub(str s, ptrdiff_t from, ptrdiff_t to)
{
	from = MIN(MAX(from, 0), s.len);
	to = MIN(MAX(to, from), s.len);
	return (str){ s.ptr ? s.ptr + from : NULL, to - from };
}

int       str_cmp(str a, str b);                        /* bytewise, shorter first */
bool      str_eq_nocase(str a, str b);                  /* ASCII letters only */
bool      str_starts(str s, str prefix);
bool      str_ends(str s, str suffix);
bool      str_starts_nocase(str s, str prefix);
ptrdiff_t str_find(str s, str needle);                  /* first position, or -1 */
ptrdiff_t str_find_char(str s, char c);                 /* first position, or -1 */
str       str_trim(str s);                              /* without ASCII blanks at both ends */
bool      str_utf8_valid(str s);                        /* RFC 3629; no surrogates, no overlong forms */
MUST_CHECK bool str_to_int(str s, int64_t min, int64_t max, int64_t *out_n);    /* decimal, whole */

/* Split at the first `sep`; without one, head is all of it and ok is false. */
typedef struct { str head, tail; bool ok; } str_cut_result;
str_cut_result str_cut(str s, char sep);
