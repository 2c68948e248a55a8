/* sieve.h - can any of a few keywords stand in this JSON?  Asked of the raw bytes, before anything is
 * unescaped.
 *
 * A keyword is represented by four bytes of it that JSON writes as they are (no quote, slash or
 * backslash, not digits
 * alone).  If none of them is seen, no leaf holds the keyword - unless the record has an escape that can
 * hide a
 * letter (\u0061, or \q, which event.h reads as q), or one of the two characters that fold to an ASCII
 * letter (U+212A,
 * U+017F): then the answer is "perhaps" at once.  "Perhaps" costs a look; "no" has to be right.
 *
 * With AVX2, thirty-two places are asked at a time (the fingerprint scheme of Hyperscan's Teddy).
 */
#pragma once
#include "base/str.h"

enum { SIEVE_WORDS = 16 }; /* of 64 bits: nibble tables of four bytes, low and high */

struct image;
struct image_index;
struct sieve {
	const struct image *im;
	const struct image_index *of; /* keywords: its sieve, its filter and its table of grams */
};
bool sieve_verbatim(const char *gram); /* four bytes that JSON writes as they are, and that are no number */
void sieve_build(const uint32_t *grams, ptrdiff_t count, uint64_t out[static SIEVE_WORDS]); /* folded */
bool sieve_may_hold(const struct sieve *s, str json);
