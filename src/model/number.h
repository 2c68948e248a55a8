/* number.h - the numbers and codes that people say, type and read aloud.
 *
 * A number is PREFIX-YEAR-XXXXXXC, as in PK-NCERT-2026-7K3QFXP: six random symbols of Crockford's base32
 * and one check symbol.  Random, because a sequence would tell one sector the volume of another.
 *
 * The check: the four digits of the year, the six symbols and the check symbol are d10..d0 in GF(32), and
 * the sum of alpha^i * d_i is zero, alpha = x modulo x^5 + x^2 + 1 (order 31).
 *   I1. Every change of one symbol is caught: alpha^i is never zero.
 *   I2. Every transposition of two different symbols, neighbours or not, is caught: alpha^i differ for
 *       i < 31.
 * The prefix is not covered: a number under a wrong prefix is simply not found.
 *
 * A claim code is what an anonymous reporter keeps: 80 random bits as four groups of four symbols.  It has no
 * check symbol: it is a secret, and a wrong one must be no different from an unknown one.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum {
	NUMBER_RANDOM_BYTES = 5,
	NUMBER_SYMBOLS = 7,             /* with the check symbol */
	NUMBER_PREFIX_MAX = 32,
	CLAIM_CODE_RANDOM_BYTES = 10,
	CLAIM_CODE_SYMBOLS = 16,
};

/* `prefix` is the node's, checked by number_prefix_check; the year is 1 to 9999. */
str             number_make(struct arena *a, str prefix, int year,
                            const uint8_t random[static NUMBER_RANDOM_BYTES]);

/* Any case, i and l for 1, o for 0 in year and symbols, blanks and dashes of any kind anywhere but in the
 * prefix, where they separate its groups. */
MUST_CHECK bool number_parse(struct arena *a, str text, str *out_number, struct err *err);
bool            number_check(str number);               /* is it canonical, and does it check? */
/* upper-case letters and digits in groups joined by '-' */
bool            number_prefix_check(str prefix);

/* The canonical code is 16 upper-case symbols without hyphens: that is what is hashed and compared. */
str             claim_code_make(struct arena *a, const uint8_t random[static CLAIM_CODE_RANDOM_BYTES]);
str             claim_code_format(struct arena *a, str code);            /* 7K3Q-FXM2-90AB-CDEF */
MUST_CHECK bool claim_code_parse(struct arena *a, str text, str *out_code, struct err *err);
