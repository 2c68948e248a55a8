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
		       what == MAY_FOLLOW || what == MAY_KEEP_CONSTITUENTS;
	bool scoped = what == MAY_BE_SIGNED_IN || (who->scopes & (1u << what)) != 0;
	return scoped && (what == MAY_BE_SIGNED_IN || (roles_of(who) & allowed[what]) != 0);
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
