/* session.h - signing in and out, and who a cookie or a token is.
 *
 *   sign_in_prepare (read) -> sign_in_hash (Argon2id, on a worker) -> sign_in_decide (the writer's thread)
 *
 * Sessions are rows of access_schema.sql, written by commands like everything else; a cookie or token is
 * looked up by its SHA-256, so that the store does not hold what would let a reader of it in.
 *
 * I1. A sign-in takes a password and a one-time code; a code is good once (RFC 6238 section 5.2), because
 *     the step is stored in the transaction that starts the session.
 * I2. Every attempt is an entry sign_in.recorded: ok, password, code, locked, disabled, unknown; and
 *     signed_out.
 * I3. Name unknown, password wrong, code wrong, account disabled: one answer, after the same work, and the
 *     same lock, for names that nobody has too.
 * I4. After 5 wrong attempts a name is locked for 15 minutes, then after each further one for twice as
 *     long, at most
 *     4 hours.  Attempts while it is locked do not lengthen it.  A day without one forgets them.
 * I5. A session ends 12 hours after it began, after 60 minutes without a request, when it is signed out,
 *     and when its account is disabled or reset.  `seen` is written at most once a minute.
 * I6. demo_sign_in_decide refuses where sessions were not opened for a demonstration.
 */
#pragma once
#include "access/accounts.h"

struct sessions;

struct sessions_options {
	const char *store;     /* as db_open takes it: for one connection to read by */
	struct writer *writer; /* may be closed before or after the sessions, once no request runs */
	struct clock *clock;
	str secret;                /* the node's: keys the hashes of names that were tried */
	struct password_cost cost; /* zero: the default */
	bool demonstration;
};

enum { SESSION_LIFE_HOURS = 12, SESSION_IDLE_MINUTES = 60, SESSION_SEEN_SECONDS = 60 };
enum { SIGN_IN_FREE_FAILURES = 5, SIGN_IN_LOCK_MINUTES = 15, SIGN_IN_LOCK_DOUBLINGS = 4 };

MUST_CHECK bool sessions_open(const struct sessions_options *options, struct sessions **out, struct err *err);
void sessions_close(struct sessions *s); /* waits for what it gave the writer; NULL is fine */

/* Who has this cookie, or this token ("nbt_...").  ERR_SIGN_IN for one that is not, or no longer, good.
 * One indexed read.  Any thread. */
MUST_CHECK bool session_identify_cookie(struct sessions *s, struct arena *a, str cookie,
					const struct identity **out_who, struct err *err);
MUST_CHECK bool session_identify_token(struct sessions *s, struct arena *a, str token,
				       const struct identity **out_who, struct err *err);

/* For credential.h. */
str session_node_secret(const struct sessions *s);
struct password_cost session_password_cost(const struct sessions *s);
MUST_CHECK bool session_stored_password(struct sessions *s, struct arena *a, const struct identity *who,
					str *out_hash, struct err *err);

enum sign_in_result {
	SIGN_IN_OK,
	SIGN_IN_PASSWORD,
	SIGN_IN_CODE,
	SIGN_IN_LOCKED,
	SIGN_IN_DISABLED,
	SIGN_IN_UNKNOWN
};

struct sign_in {
	struct sessions *sessions;
	str login, password, code;

	/* Out, of the decide functions: */
	enum sign_in_result result;
	struct uuid account, session;
	char cookie[SECRET_TEXT];    /* when OK */
	struct instant locked_until; /* when LOCKED */

	/* Between the steps. */
	struct arena *arena;
	str hash, rehashed; /* of the account when it was read; of the password, at a new cost */
	bool password_good;
};

/* A refused sign-in is a command that succeeds, with its result: it has to be recorded. */
MUST_CHECK bool sign_in_prepare(struct sign_in *in, struct arena *a, struct err *err);
void sign_in_hash(void *in);                                              /* for reply_after_work */
bool sign_in_decide(struct decision *d, void *arg, struct err *err);      /* arg: struct sign_in */
bool demo_sign_in_decide(struct decision *d, void *arg, struct err *err); /* arg: sessions and login set */

struct session_end {
	const struct identity *who;
	struct uuid session; /* nil: that of `who` */
};
bool session_end_decide(struct decision *d, void *arg, struct err *err); /* arg: struct session_end */
