/* text.h - bytes as text: hexadecimal, Crockford base32, base64, UTF-8. */
#pragma once
#include "base/arena.h"
#include "base/err.h"

str text_hex(struct arena *a, str bytes); /* lower case */

/* 0..15 of a digit of either case, else -1.  Here, because hashes are read by it in the hot path. */
static inline int text_hex_value(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}
MUST_CHECK bool text_from_hex(struct arena *a, str text, str *out_bytes, struct err *err);

/* Crockford's alphabet: no I L O U.  Reading takes i and l for 1, o for 0, either case, no hyphens. */
str text_base32(struct arena *a, str bytes); /* no padding; last group zero-filled */
char text_base32_char(int value);            /* 0..31 */
int text_base32_value(char c);               /* -1 if not of the alphabet */

str text_base64(struct arena *a, str bytes); /* RFC 4648 section 4, padded */
MUST_CHECK bool text_from_base64(struct arena *a, str text, str *out_bytes, struct err *err);

/* RFC 3629: 1 to 4 bytes.  That the code is a character (no surrogate, at most 10FFFF) is the caller's. */
ptrdiff_t text_put_utf8(char *out, uint32_t code);
