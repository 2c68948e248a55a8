/* accounts.h - who may sign in, and the tokens of their programs: commands for the writer.
 *
 *   account_prepare (any thread) -> account_secrets_hash (slow: not on a server thread, not the writer's)
 *                                -> account_decide (the writer's thread)
 *
 * What the journal gets is that an account exists, with its team and roles, its person's name as content,
 * and that a credential was changed; what it never gets is a password, its hash, the secret of one-time
 * codes or a token (I1).  The secret of one-time codes lies sealed in the store (crypto/seal.h), bound to its
 * account: a store that was stolen, or a backup, gives no codes.  Credentials are written by the decide
 * functions themselves, to the tables of access_schema.sql, which are no projections, in the writer's
 * transaction: the one exception from "decide writes nothing".
 *
 * I2. A decide function checks all it can refuse for before it writes, so that a refusal changes nothing.
 * I6. An account is of one team, or of one organisation of the directory; the latter has the role constituent
 *     and no other, and moves to no other organisation: another person gets another account.
 * I7. Accounts of organisations are kept by the directory keepers and administrators of the node's own team;
 *     all others by administrators alone.
 * I3. Nobody changes their own roles, nor disables themselves: so an administrator is always left.
 * I4. Secrets are shown once.  A request repeated with its idempotency key does not show them again
 *     (c->replayed).
 * I5. A token never has more than its owner's roles, now and later: scopes narrow, they do not add.
 */
#pragma once
#include "access/identity.h"
#include "commit/commit.h"
#include "crypto/password.h"

struct regime;

enum { LOGIN_LEAST = 2, LOGIN_MOST = 40, PERSON_NAME_MOST = 120, MAIL_MOST = 254 };
enum { ACCOUNT_PASSWORD_MOST = 32 };

/* ENABLE also lifts a lock before its time (session.h, I4); RESET too, and it ends the sessions. */
enum account_act { ACCOUNT_CREATE, ACCOUNT_SET, ACCOUNT_DISABLE, ACCOUNT_ENABLE, ACCOUNT_RESET };

struct account_command {
	const struct regime *regime;
	const struct identity *who; /* NULL: the node itself (its first account, the demonstration) */
	enum account_act act;
	struct uuid account; /* whose; CREATE: out */
	str login;           /* CREATE */
	str name;            /* CREATE, SET: of the person */
	str line;            /* CREATE: what they do, for the demonstration's list; may be empty */
	str mail;            /* CREATE, SET: where reminders go; empty: nowhere.  SET: ptr NULL: as it is */
	str team;            /* CREATE, SET: id of the regime; empty: of an organisation */
	struct uuid organisation; /* CREATE: nil: of a team.  SET keeps it */
	str home;                 /* the node's own team (I7) */
	unsigned roles;           /* CREATE, SET; of an organisation: 0 or ROLE_CONSTITUENT */

	/* Of CREATE and RESET, by account_prepare and account_secrets_hash.  Without a hash CREATE makes an
	 * account that nobody can sign in to with a password. */
	str secret;                /* the node's: seals the secret of one-time codes */
	struct password_cost cost; /* zero: the default */
	struct arena *arena;
	str password, otp, hash;
	struct err err; /* of the hashing */
};

MUST_CHECK bool login_check(str login, struct err *err); /* [a-z0-9._-]{2,40}, a letter or digit first */

/* Checks what needs no store; makes password and one-time secret of CREATE and RESET. */
MUST_CHECK bool account_prepare(struct account_command *c, struct arena *a, struct rng *rng, struct err *err);
void account_secrets_hash(void *c);                                  /* for reply_after_work; sets c->err */
bool account_decide(struct decision *d, void *arg, struct err *err); /* arg: struct account_command */
str account_otp_uri(const struct account_command *c, struct arena *a, str issuer);

/* The name in an account's content; the login while there is none. */
MUST_CHECK bool account_name(struct arena *a, str body, str login, str *out_name, struct err *err);

/* What tokens may be for.  Stored as they are numbered here. */
enum token_scope {
	TOKEN_REPORT_WRITE = 1 << 0,
	TOKEN_CASE_READ = 1 << 1,
	TOKEN_CASE_WRITE = 1 << 2,
	TOKEN_DIRECTORY_READ = 1 << 3,
	TOKEN_DIRECTORY_WRITE = 1 << 4,
	TOKEN_AUDIT = 1 << 5,
	TOKEN_OVERSIGHT = 1 << 6,
	TOKEN_ACCOUNT_READ = 1 << 7,
	TOKEN_ACCOUNT_WRITE = 1 << 8, /* makes accounts, so as good as an administrator's sign-in */
	TOKEN_REGIME_WRITE = 1 << 9,
};
enum {
	TOKEN_SCOPES = 10,
	TOKEN_NAME_MOST = 80,
	TOKEN_DAYS_DEFAULT = 365,
	TOKEN_DAYS_MOST = 1830,
	SECRET_TEXT = 64
};

const char *token_scope_word(int i); /* "report.write"; 0 to TOKEN_SCOPES - 1, as bits */
str token_scope_words(struct arena *a); /* all of them, parted by commas */
MUST_CHECK bool token_scope_parse(struct arena *a, str word, unsigned *out_scope, struct err *err);
unsigned token_scope_permissions(unsigned scopes); /* bits 1 << enum permission */

enum token_act { TOKEN_MAKE, TOKEN_END };

struct token_command {
	const struct identity *who; /* a session's: a token does not make tokens */
	enum token_act act;
	struct uuid token;      /* END; MAKE: out */
	str name;               /* MAKE */
	unsigned scopes;        /* MAKE: enum token_scope */
	int days;               /* MAKE: 0: TOKEN_DAYS_DEFAULT */
	char text[SECRET_TEXT]; /* MAKE: out: "nbt_..." */
};

bool token_decide(struct decision *d, void *arg, struct err *err); /* arg: struct token_command */

/* Carries credentials and tokens into a store that was rebuilt from the journal; sessions end. */
MUST_CHECK bool accounts_copy_credentials(struct db *from, struct db *to, struct err *err);
