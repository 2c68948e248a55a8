#include "http/permissions.h"

#include "access/session.h"
#include "http/limiter.h"
#include "http/server.h"

/* PERM_PUBLIC is answered before the table; PERM_UNSET permits nothing. */
static const enum permission needed[PERM_COUNT] = {
	[PERM_SIGNED_IN] = MAY_BE_SIGNED_IN,
	[PERM_CASE_READ] = MAY_READ_CASES,
	[PERM_CASE_WRITE] = MAY_WRITE_CASES,
	[PERM_DIRECTORY_READ] = MAY_READ_DIRECTORY,
	[PERM_DIRECTORY_WRITE] = MAY_WRITE_DIRECTORY,
	[PERM_ACCOUNT_ADMIN] = MAY_ADMINISTER,
	[PERM_AUDIT] = MAY_AUDIT,
	[PERM_OPERATOR] = MAY_OPERATE,
	[PERM_LEAD] = MAY_LEAD,
	[PERM_REPORT_WRITE] = MAY_WRITE_REPORTS,
	[PERM_TEAM] = MAY_BE_OF_A_TEAM,
	[PERM_FOLLOW] = MAY_FOLLOW,
	[PERM_OWN_READ] = MAY_READ_OWN,
	[PERM_OWN_WRITE] = MAY_ACT_OWN,
	[PERM_CONSTITUENT_ACCOUNTS] = MAY_KEEP_CONSTITUENTS,
	[PERM_OVERSIGHT] = MAY_OVERSEE,
	[PERM_CHECKPOINT] = MAY_KEEP_CHECKPOINTS,
	[PERM_CLOCK_WAIVE] = MAY_WAIVE_CLOCKS,
	[PERM_ACCOUNT_READ] = MAY_READ_ACCOUNTS,
	[PERM_REGIME_WRITE] = MAY_ADOPT_REGIMES,
};

bool access_may(void *ctx UNUSED, const struct identity *who, enum perm need, struct err *err)
{
	ASSERT(need > PERM_UNSET && need < PERM_COUNT);
	return need == PERM_PUBLIC || identity_must(who, needed[need], err);
}

static const struct identity *operator_of(const struct request *rq)
{
	struct identity *who = NEW(rq->arena, struct identity, 1);
	*who = (struct identity){ .account = actor_system(),
				  .login = S("operator"),
				  .name = S("Operator"),
				  .team = rq->node->world->team,
				  .operator_socket = true,
				  .csrf = S("") };
	return who;
}

bool access_identify(void *ctx UNUSED, struct request *rq, const struct identity **out_who, struct err *err)
{
	str authorization = request_header(rq, "Authorization");
	str cookie = request_cookie(rq, HTTP_SESSION_COOKIE);
	if (authorization.len > 0) {
		if (!str_starts_nocase(authorization, S("Bearer ")))
			return err_set(err, ERR_SIGN_IN, "send a token as: Authorization: Bearer nbt_...");
		str token = str_trim(str_sub(authorization, 7, authorization.len));
		return session_identify_token(rq->node->sessions, rq->arena, token, out_who, err);
	}
	if (rq->local && cookie.len == 0) {
		*out_who = operator_of(rq);
		return true;
	}
	return cookie.len == 0 ||
	       session_identify_cookie(rq->node->sessions, rq->arena, cookie, out_who, err);
}

static bool limited(const struct request *rq, enum limit_class *out_class)
{
	if (rq->local || rq->route == NULL || rq->route->need != PERM_PUBLIC ||
	    !str_eq(rq->method, S("POST")))
		return false;
	bool sign_in = str_eq(rq->path, S("/api/session")) || str_eq(rq->path, S("/api/demo/session"));
	*out_class = sign_in ? LIMIT_SIGN_IN : LIMIT_PUBLIC_POST;
	return true;
}

bool access_admit(void *ctx UNUSED, const struct request *rq, struct err *err)
{
	const struct node *n = rq->node;
	enum limit_class class;
	if (n->limiter == NULL || !limited(rq, &class) ||
	    limiter_take(n->limiter, class, rq->remote, n->clock->boot_us(n->clock)))
		return true;
	return err_set(err, ERR_LIMIT, "too many attempts from your network: wait a minute, then try again");
}
