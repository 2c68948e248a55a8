/* charset.h - foreign bytes to clean UTF-8.
 *
 * I1. The result is valid UTF-8 without control characters (C0, DEL, C1); a body keeps LF and tab.
 * I2. What cannot be decoded is U+FFFD, byte by byte; nothing is guessed, the original bytes are kept
 *     elsewhere.
 * I3. Only charsets of our table reach iconv: its exotic ones have had holes, and mail does not use them.
 */
#pragma once
#include "base/buf.h"

bool charset_known(str charset);

/* To UTF-8; an unknown charset keeps its ASCII.  Not yet clean: pass the result on to one of the two
 * below. */
str charset_decode(struct arena *a, str charset, str bytes);

str charset_clean_text(struct arena *a, str bytes);     /* CRLF and CR become LF */
str charset_clean_line(struct arena *a, str bytes);     /* breaks and tabs become one blank */

/* Length of the well-formed UTF-8 sequence at the start of s and its code point; 0 if there is none. */
int  charset_rune(str s, uint32_t *out_rune);
void charset_add_rune(struct buf *b, uint32_t rune);    /* what is no scalar value becomes U+FFFD */
