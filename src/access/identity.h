/* identity.h - who is asking, and what their roles permit.  One table: permission x role.
 *
 * Roles are about what kind of work somebody does; which records they may see is release/'s business (team,
 * case, marking).  An administrator manages accounts and never sees case content; an auditor sees the
 * journal's headers
 * and the proofs.
 *
 * An account belongs to a team of the regime, or to an organisation of the directory (a constituent); the
 * role constituent is of the latter only, and no other role is (identity_may holds it,
 * whatever a store says).
 */
#pragma once
#include "base/err.h"
#include "base/uuid.h"

enum role {
	ROLE_HANDLER = 1 << 0,
	ROLE_LEAD = 1 << 1,      /* shift lead: a handler who answers for the shift */
	ROLE_DIRECTORY = 1 << 2, /* keeper of the directory */
	ROLE_AUDITOR = 1 << 3,
	ROLE_ADMIN = 1 << 4,
	ROLE_COUNCIL = 1 << 5, /* a seat of the oversight body: reads the regime and aggregates */
	ROLE_CONSTITUENT = 1 << 6, /* somebody of an organisation: reads and does what is its own */
	ROLES_ALL = (1 << 7) - 1,
};

enum permission {
	MAY_NOTHING,
	MAY_BE_SIGNED_IN,
	MAY_READ_CASES,
	MAY_WRITE_CASES,
	MAY_LEAD,
	MAY_READ_DIRECTORY,
	MAY_WRITE_DIRECTORY,
	MAY_ADMINISTER,
	MAY_AUDIT,
	MAY_OPERATE,
	MAY_WRITE_REPORTS, /* bring a report in, as anybody may at the public door; see nothing */
	MAY_BE_OF_A_TEAM,      /* what is everybody's but a constituent's */
	MAY_FOLLOW,            /* the law, the teams, and that something moved; tokens that read cases too */
	MAY_READ_OWN,          /* what was sent to, asked of, or owed by one's organisation */
	MAY_ACT_OWN,           /* acknowledge, answer, report, submit for it */
	MAY_KEEP_CONSTITUENTS, /* accounts of organisations */
	MAY_OVERSEE,           /* statistics */
	MAY_KEEP_CHECKPOINTS,  /* fresh ones, to keep elsewhere: their size tells how much goes on */
	MAY_WAIVE_CLOCKS,      /* say that a duty need not be done */
	MAY_READ_ACCOUNTS,     /* everybody's accounts, sessions, tokens and sign-ins */
	MAY_ADOPT_REGIMES,     /* make a file the law of new cases */
	MAY_COUNT,
};

struct identity {
	struct uuid account;
	str login, name, team;    /* team: empty for a constituent */
	struct uuid organisation; /* of a constituent; nil for everybody else */
	str organisation_name;
	unsigned roles;
	unsigned scopes;      /* of an API token: bits 1 << permission; ~0u for a session */
	struct uuid token;    /* nil for a session */
	struct uuid session;  /* nil for a token */
	bool operator_socket; /* the machine's own operator, through the Unix socket */
	str csrf;             /* of the session; empty for tokens */
};

bool identity_may(const struct identity *who, enum permission what); /* NULL may nothing */
/* The same; ERR_DENIED says who may, or that the token was not made for it. */
MUST_CHECK bool identity_must(const struct identity *who, enum permission what, struct err *err);
str role_names(struct arena *a, unsigned roles);                     /* "handler, shift lead" */
MUST_CHECK bool role_parse(str word, unsigned *out_role, struct err *err);
