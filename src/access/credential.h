/* credential.h - what people do with their own credentials: another password, another authenticator.
 *
 *   credential_prepare (any thread) -> credential_hash (slow: on a worker)
 *                                   -> credential_decide (the writer's thread)
 *
 * I1. The password of today is asked for, so that an open screen is not enough; with a token, which may lie
 *     in a script, a one-time code as well.
 * I2. Wrong ones count towards the lock of sign-ins (session.h, I4) and are recorded as such.
 * I3. A change ends every other session of the account, and is an entry that says which credential, no more.
 * I4. New one-time codes count from the moment that one of them was typed: who could not read the QR code
 *     still has the old ones.
 */
#pragma once
#include "access/session.h"

enum credential_act { CREDENTIAL_PASSWORD, CREDENTIAL_CODE_OFFER, CREDENTIAL_CODE_CONFIRM };
enum credential_result { CREDENTIAL_DONE, CREDENTIAL_WRONG, CREDENTIAL_LOCKED };

struct credential_command {
	struct sessions *sessions;
	const struct identity *who;
	enum credential_act act;
	str old;      /* PASSWORD, CODE_OFFER: the password of today */
	str password; /* PASSWORD: the new one */
	str code;     /* CODE_CONFIRM: of the new secret; with a token: of today's */

	/* Out. */
	enum credential_result result;
	struct instant locked_until; /* LOCKED */
	str otp;                     /* CODE_OFFER: the new secret */

	/* Between the steps. */
	struct arena *arena;
	str stored, hash;
	bool old_good;
	struct err err; /* of the hashing */
};

MUST_CHECK bool credential_prepare(struct credential_command *c, struct arena *a, struct rng *rng,
				   struct err *err);
void credential_hash(void *c); /* for reply_after_work; sets c->err */
bool credential_decide(struct decision *d, void *arg, struct err *err); /* arg: struct credential_command */

/* Whether it may become the password of whoever signs in as `login`; the text says what to do. */
MUST_CHECK bool credential_password_check(str password, str login, struct err *err);
