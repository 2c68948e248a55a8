#include "app/service_routes.h"

#include "app/metrics.h"
#include "format/json.h"
#include "http/node.h"
#include "mail/inbound.h"
#include "query/reads.h"
#include "service_sql.h"

enum { METRICS_MAX = 1 << 20 };

static struct reply *mail_taken(struct request *rq, struct command *c)
{
	struct json *j = json_object(rq->arena);
	if (!c->ok)
		return reply_error(rq, &c->err);
	json_set_bool(j, "known", c->replayed);
	return reply_json(rq, c->replayed ? 200 : 201, j);
}

/* `naubat mail in`: the same door as LMTP's. */
static struct reply *mail_in(struct request *rq)
{
	struct inbound *in = NEW(rq->arena, struct inbound, 1);
	struct err err = { 0 };
	struct db *db = reads_take(rq->node->reads);
	bool ok = inbound_prepare(rq->node->world, rq->arena, rq->body, db, in, &err);
	reads_give(rq->node->reads, db);
	return ok ? reply_after(rq, &in->command, mail_taken) : reply_error(rq, &err);
}

static bool read_queues(const struct request *rq, struct sql_service_queues_row *out, struct err *err)
{
	bool found = false;
	struct db *db = reads_take(rq->node->reads);
	bool ok = sql_service_queues(db, rq->arena, out, &found, err);
	reads_give(rq->node->reads, db);
	return ok;
}

static struct reply *metrics_get(struct request *rq)
{
	struct sql_service_queues_row queues = { 0 };
	struct err err = { 0 };
	struct buf b;
	buf_init(&b, rq->arena, METRICS_MAX);
	if (!read_queues(rq, &queues, &err))
		return reply_error(rq, &err);
	metrics_write(rq->node->metrics, &b);
	buf_printf(&b,
		   "# TYPE naubat_mail gauge\nnaubat_mail{delivery=\"queued\"} %lld\n"
		   "naubat_mail{delivery=\"held\"} %lld\n",
		   (long long)queues.queued, (long long)queues.held);
	return reply_bytes(rq, 200, "text/plain; version=0.0.4; charset=utf-8", buf_str(&b));
}

/* Reads from the store, so that "ok" means more than that a process is there. */
static struct reply *health_get(struct request *rq)
{
	struct err err = { 0 };
	struct db *db = reads_take(rq->node->reads);
	bool ok = db_begin_read(db, &err) && db_commit(db, &err);
	reads_give(rq->node->reads, db);
	return ok ? reply_bytes(rq, 200, "text/plain; charset=utf-8", S("ok\n")) : reply_error(rq, &err);
}

static const struct route routes[] = {
	{ "POST", "/api/mail", PERM_OPERATOR, mail_in, "Take a mail as it came", .body_max = MAIL_SIZE_MAX,
	  .consumes = "message/rfc822" },
	{ "GET", "/metrics", PERM_OPERATOR, metrics_get, "Counts of this node, for Prometheus",
	  .html = true },
	{ "GET", "/healthz", PERM_PUBLIC, health_get, "Is it well", .html = true },
};
const struct route_table service_routes[1] = { { routes, COUNTOF(routes) } };
