#include "http/oversight_routes.h"

#include "http/desk.h"
#include "query/oversight.h"
#include "query/reads.h"

static bool read_numbers(struct request *rq, struct oversight *o, struct statistic *out, struct err *err)
{
	o->db = reads_take(rq->node->reads);
	bool ok = db_begin_read(o->db, err) && oversight_read(o, out, err);
	db_rollback(o->db);
	reads_give(rq->node->reads, o->db);
	return ok;
}

static struct reply *oversight_get(struct request *rq)
{
	const struct node *n = rq->node;
	struct oversight o = { .a = rq->arena, .regime = n->world->regime };
	struct audience to = { .kind = AUDIENCE_STATISTIC, .person = rq->who };
	struct statistic s;
	const struct released *out;
	struct err err = { 0 };
	if (!release_scope_statistic(rq->arena, rq->who, n->clock->now(n->clock), &o.scope, &err) ||
	    !read_numbers(rq, &o, &s, &err) || !release_statistic(rq->arena, &s, &to, &out, &err))
		return reply_error(rq, &err);
	return reply_released(rq, 200, out);
}

const struct route oversight_routes[] = {
	{ "GET", "/api/oversight", PERM_OVERSIGHT, oversight_get,
	  "Numbers of the last twelve months, none below five", .record = "Oversight" },
};
const ptrdiff_t oversight_routes_count = COUNTOF(oversight_routes);
