/* otp.h - one-time codes of six digits from a phone: TOTP (RFC 6238), by liboath.
 *
 * SHA-1, six digits, steps of 30 seconds: what every authenticator can do, whatever else the URI says.
 *
 * I1. A code is good in its own step and one step before and after: clocks of phones differ.
 * I2. A code is good once: the caller stores the step that otp_verify returns, in the same transaction as the
 *     sign-in, and passes it as `after_step` from then on (RFC 6238 section 5.2).
 * Guessing is the caller's to slow down: three of a million codes are good at any moment.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/instant.h"
#include "crypto/random.h"

enum { OTP_SECRET_BYTES = 20, OTP_NO_STEP = -1 };       /* OTP_NO_STEP: none was used yet */

MUST_CHECK bool otp_init(struct err *err);              /* once, beside crypto_init */

void otp_secret_make(struct rng *r, uint8_t out[static OTP_SECRET_BYTES]);

/* What the QR code holds, and the secret as people type it, base32 in groups of four.  Show once; both are
 * the secret. */
str  otp_uri(struct arena *a, str issuer, str account, str secret);
str  otp_secret_text(struct arena *a, str secret);

/* Blanks in the code are ignored.  False if it is wrong, or of a step not after `after_step`. */
MUST_CHECK bool otp_verify(str secret, struct instant now, str code, int64_t after_step, int64_t *out_step);
