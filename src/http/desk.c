#include "http/desk.h"

#include "base/log.h"
#include "cases/intake.h"
#include "format/json.h"
#include "query/reads.h"

bool desk_open(struct request *rq, struct view *out_v, struct err *err)
{
	const struct node *n = rq->node;
	struct view v = { .a = rq->arena,
			  .who = rq->who,
			  .regime = n->world->regime,
			  .book = n->world->book,
			  .now = n->clock->now(n->clock),
			  .mail_domain = n->world->mail_domain };
	if (!release_scope(rq->arena, rq->who, &v.scope, err))
		return false;
	v.team = scope_team(v.scope);
	v.db = reads_take(n->reads);
	if (!db_begin_read(v.db, err)) {
		reads_give(n->reads, v.db);
		return false;
	}
	*out_v = v;
	return true;
}

void desk_close(struct request *rq, struct view *v)
{
	db_rollback(v->db);
	reads_give(rq->node->reads, v->db);
	v->db = NULL;
}

struct audience desk_audience(const struct request *rq)
{
	return (struct audience){ .kind = AUDIENCE_PERSON, .person = rq->who };
}

struct json *desk_page(struct request *rq, str next, int64_t total, bool exact)
{
	struct json *page = json_object(rq->arena);
	if (next.len)
		json_set_str(page, "next", request_cursor_seal(rq, next));
	else
		json_set(page, "next", NULL);
	json_set_int(page, "count", total);
	json_set_bool(page, "count_exact", exact);
	return page;
}

int64_t desk_limit(const struct request *rq)
{
	int64_t n = 0;
	return str_to_int(request_query(rq, "limit"), 1, 100, &n) ? n : 0;
}

struct reply *desk_list(struct request *rq, struct record **records, ptrdiff_t count, struct json *page)
{
	struct audience to = desk_audience(rq);
	const struct released *out;
	ptrdiff_t withheld = 0;
	struct err err = { 0 };
	if (!release_list(rq->arena, (const struct record *const *)records, count, page, &to, &out, &withheld,
			  &err))
		return reply_error(rq, &err);
	if (withheld)
		log_event(LOG_WARNING, "release.withheld", LOG_INT("count", withheld));
	return reply_released(rq, 200, out);
}

struct reply *desk_submit(struct request *rq, const char *name,
			  bool (*decide)(struct decision *, void *, struct err *), void *arg,
			  struct reply *(*finish)(struct request *, struct command *))
{
	struct command *c = NEW(rq->arena, struct command, 1);
	const struct world *w = rq->node->world;
	struct err err;
	c->name = name;
	c->actor = rq->who ? rq->who->account : actor_public();
	c->regime = w->regime_id;
	c->decide = decide;
	c->arg = arg;
	if (rq->idempotency_key.len == 0 && !rq->route->html) {
		(void)err_set(&err, ERR_INPUT,
			      "send a header Idempotency-Key with a new UUID, so that this request can be "
			      "repeated safely");
		return reply_error(rq, &err);
	}
	if (rq->idempotency_key.len)
		commit_key(c, w->secret, rq->idempotency_key,
			   arena_printf(rq->arena, STR_FMT " " STR_FMT "\n" STR_FMT, STR_ARG(rq->method),
					STR_ARG(rq->path), STR_ARG(rq->body)));
	return reply_after(rq, c, finish);
}

struct reply *desk_intake(struct request *rq, const char *name, struct intake *in,
			  struct reply *(*finish)(struct request *, struct command *))
{
	const struct node *node = rq->node;
	struct err err = { 0 };
	struct db *db = reads_take(node->reads);
	bool ok = intake_look(in, db, node->rng, node->clock->now(node->clock), &err);
	reads_give(node->reads, db);
	return ok ? desk_submit(rq, name, intake_decide, in, finish) : reply_error(rq, &err);
}

struct reply *desk_report(struct request *rq, const char *name, struct intake *in,
			  struct reply *(*finish)(struct request *, struct command *))
{
	struct err err = { 0 };
	str tlp = desk_text(rq, "tlp");
	if ((tlp.len && !tlp_parse(tlp, &in->tlp, &err)) || !intake_prepare(in, rq->arena, &err))
		return reply_error(rq, &err);
	return desk_intake(rq, name, in, finish);
}

bool desk_number(struct request *rq, const struct command *c, str *out_number, struct err *err)
{
	const struct intake *in = c->arg;
	*out_number = in->number;
	if (!c->replayed)
		return true;
	struct db *db = reads_take(rq->node->reads);
	bool ok = intake_recall(db, rq->arena, c->receipt.subject, out_number, err);
	reads_give(rq->node->reads, db);
	return ok;
}

void *desk_arg(struct command *c)
{
	return c->arg;
}

str desk_text(const struct request *rq, const char *name)
{
	str s = json_get_str(rq->json, name);
	return s.ptr ? s : S("");
}

struct uuid desk_id(const struct request *rq, const char *name)
{
	return json_get_uuid(rq->json, name);
}

struct instant desk_time(const struct request *rq, const char *name)
{
	return json_get_instant(rq->json, name);
}

bool desk_ids(const struct request *rq, const char *name, struct uuid **out, ptrdiff_t *out_count,
	      struct err *err)
{
	const struct json *list = json_get(rq->json, name);
	ptrdiff_t n = json_count(list);
	struct uuid *ids = NEW(rq->arena, struct uuid, n);
	for (ptrdiff_t i = 0; i < n; i++)
		if (!uuid_parse(json_str(json_at(list, i)), &ids[i], err))
			return err_wrap(err, "%s", name);
	*out = ids;
	*out_count = n;
	return true;
}
