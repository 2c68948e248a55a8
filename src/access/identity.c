#include "access/identity.h"

#include "base/buf.h"

static const struct {
	enum role role;
	const char *word;
} roles[] = {
	{ ROLE_HANDLER, "handler" }, { ROLE_LEAD, "lead" },   { ROLE_DIRECTORY, "directory" },
	{ ROLE_AUDITOR, "auditor" }, { ROLE_ADMIN, "admin" }, { ROLE_COUNCIL, "council" },
	{ ROLE_CONSTITUENT, "constituent" },
};

static const unsigned allowed[MAY_COUNT] = {
	[MAY_NOTHING] = 0,
	[MAY_BE_SIGNED_IN] = ~0u,
	[MAY_READ_CASES] = ROLE_HANDLER | ROLE_LEAD,
	[MAY_WRITE_CASES] = ROLE_HANDLER | ROLE_LEAD,
	[MAY_LEAD] = ROLE_LEAD,
	[MAY_READ_DIRECTORY] = ROLE_HANDLER | ROLE_LEAD | ROLE_DIRECTORY,
	[MAY_WRITE_DIRECTORY] = ROLE_DIRECTORY,
	[MAY_ADMINISTER] = ROLE_ADMIN,
	[MAY_AUDIT] = ROLE_AUDITOR,
	[MAY_OPERATE] = 0,
	[MAY_WRITE_REPORTS] =
		ROLE_HANDLER | ROLE_LEAD | ROLE_ADMIN, /* sensors' tokens are an administrator's */
	[MAY_BE_OF_A_TEAM] = ROLES_ALL & ~ROLE_CONSTITUENT,
	[MAY_FOLLOW] = ROLES_ALL & ~ROLE_CONSTITUENT,
	[MAY_READ_OWN] = ROLE_CONSTITUENT,
	[MAY_ACT_OWN] = ROLE_CONSTITUENT,
	[MAY_KEEP_CONSTITUENTS] = ROLE_DIRECTORY | ROLE_ADMIN,
	[MAY_OVERSEE] = ROLE_COUNCIL,
	[MAY_KEEP_CHECKPOINTS] = ROLE_COUNCIL | ROLE_AUDITOR,
	[MAY_WAIVE_CLOCKS] = ROLE_LEAD,
	[MAY_READ_ACCOUNTS] = ROLE_ADMIN,
	[MAY_ADOPT_REGIMES] = ROLE_ADMIN,
};

/* What whoever may not is told: the one table of these words. */
static const char *const refusals[MAY_COUNT] = {
	[MAY_NOTHING] = "nobody may do this",
	[MAY_BE_SIGNED_IN] = "sign in, or send a token, to do this",
	[MAY_READ_CASES] = "only people who work on cases see this: handlers and shift leads of a team",
	[MAY_WRITE_CASES] = "only people who work on cases do this: ask a handler or a shift lead",
	[MAY_LEAD] = "only a shift lead does this: ask the one of your shift",
	[MAY_READ_DIRECTORY] = "the directory is for people who work on cases and for its keepers",
	[MAY_WRITE_DIRECTORY] = "only a keeper of the directory changes it: tell one what is wrong",
	[MAY_ADMINISTER] = "only an administrator does this: ask one",
	[MAY_AUDIT] = "this is for auditors: ask one, or have an administrator give you that role",
	[MAY_OPERATE] = "only the operator of the machine does this, on the machine itself",
	[MAY_WRITE_REPORTS] = "your account brings no reports in: use the public form, or ask a handler",
	[MAY_BE_OF_A_TEAM] = "this is for the people of a team, not for an organisation's",
	[MAY_FOLLOW] = "this is for the people of a team, not for an organisation's",
	[MAY_READ_OWN] = "this is for people of an organisation, and shows what is its own",
	[MAY_ACT_OWN] = "this is for people of an organisation, who act for it",
	[MAY_KEEP_CONSTITUENTS] =
		"the coordinating team's administrators and directory keepers keep these accounts: ask one",
	[MAY_OVERSEE] = "statistics are for the seats of the oversight body",
	[MAY_KEEP_CHECKPOINTS] = "checkpoints are for auditors and for the seats of the oversight body",
	[MAY_WAIVE_CLOCKS] = "only a shift lead waives a clock: ask the one of your shift, with the reason",
	[MAY_READ_ACCOUNTS] = "accounts and sign-ins are for administrators: ask one",
	[MAY_ADOPT_REGIMES] = "only an administrator, or the operator of the machine, adopts a law",
};

static unsigned roles_of(const struct identity *who)
{
	return uuid_is_nil(who->organisation) ? who->roles & ~(unsigned)ROLE_CONSTITUENT
					      : who->roles & ROLE_CONSTITUENT;
}

bool identity_may(const struct identity *who, enum permission what)
{
	if (who == NULL || what <= MAY_NOTHING || what >= MAY_COUNT)
		return false;
	if (who->operator_socket)
		return what == MAY_OPERATE || what == MAY_READ_DIRECTORY || what == MAY_ADMINISTER ||
		       what == MAY_AUDIT || what == MAY_BE_SIGNED_IN || what == MAY_BE_OF_A_TEAM ||
		       what == MAY_FOLLOW || what == MAY_KEEP_CONSTITUENTS ||
		       what == MAY_READ_ACCOUNTS || what == MAY_ADOPT_REGIMES;
	bool scoped = what == MAY_BE_SIGNED_IN || (who->scopes & (1u << what)) != 0;
	return scoped && (what == MAY_BE_SIGNED_IN || (roles_of(who) & allowed[what]) != 0);
}

bool identity_must(const struct identity *who, enum permission what, struct err *err)
{
	if (identity_may(who, what))
		return true;
	bool known = what > MAY_NOTHING && what < MAY_COUNT;
	if (known && who && !who->operator_socket && (roles_of(who) & allowed[what]))
		return err_set(err, ERR_DENIED,
			       "this token was not made for that: make one with another scope, or sign in");
	return err_set(err, ERR_DENIED, "%s", refusals[known ? what : MAY_NOTHING]);
}

str role_names(struct arena *a, unsigned mask)
{
	struct buf b;
	buf_init(&b, a, 256);
	for (ptrdiff_t i = 0; i < COUNTOF(roles); i++)
		if (mask & roles[i].role)
			buf_printf(&b, "%s%s", b.len ? ", " : "", roles[i].word);
	return buf_str(&b);
}

bool role_parse(str word, unsigned *out_role, struct err *err)
{
	for (ptrdiff_t i = 0; i < COUNTOF(roles); i++) {
		if (str_eq(word, str_from(roles[i].word))) {
			*out_role = roles[i].role;
			return true;
		}
	}
	return err_set(err, ERR_INPUT,
		       "'" STR_FMT "' is not a role: handler, lead, directory, auditor, admin, council, "
		       "constituent",
		       STR_ARG(str_sub(word, 0, 40)));
}
