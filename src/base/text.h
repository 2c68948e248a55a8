/* text.h - bytes as text: hexadecimal, Crockford base32, base64. */
#pragma once
#include "base/arena.h"
#include "base/err.h"

str text_hex(struct arena *a, str bytes); /* lower case */
MUST_CHECK bool text_from_hex(struct arena *a, str text, str *out_bytes, struct err *err);

/* Crockford's alphabet: no I L O U.  Reading takes i and l for 1, o for 0, either case, no hyphens. */
str text_base32(struct arena *a, str bytes); /* no padding; last group zero-filled */
char text_base32_char(int value);            /* 0..31 */
int text_base32_value(char c);               /* -1 if not of the alphabet */

str text_base64(struct arena *a, str bytes); /* RFC 4648 section 4, padded */
MUST_CHECK bool text_from_base64(struct arena *a, str text, str *out_bytes, struct err *err);
