#include "app/service_routes.h"

#include "access/identity.h"
#include "app/adopt.h"
#include "app/metrics.h"
#include "format/json.h"
#include "http/node.h"
#include "mail/inbound.h"
#include "query/reads.h"
#include "regime/regime.h"
#include "service_sql.h"

enum { METRICS_MAX = 1 << 20, OVERDUE_MOST = 1000 };
enum { HEALTH_WAIT_S = 5, HEALTH_FRESH_S = 10, HEALTH_AGAIN_S = 1 };

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

static void write_gauge(struct buf *b, const char *name, double value)
{
	buf_printf(b, "# TYPE naubat_%s gauge\nnaubat_%s %g\n", name, name, value);
}

/* Times that there were none of yet are left out. */
static void write_writer(const struct request *rq, struct buf *b)
{
	struct writer_health h;
	writer_health(rq->node->writer, &h);
	write_gauge(b, "writer_queue", (double)h.waiting);
	write_gauge(b, "writer_oldest_seconds", (double)h.oldest_us / 1e6);
	write_gauge(b, "writer_ok", h.last.code == ERR_NONE);
	if (h.committed_us >= 0)
		write_gauge(b, "last_commit_seconds", (double)h.committed_us / 1e6);
}

/* Past due and not met, counted to OVERDUE_MOST a team. */
static bool write_overdue(const struct request *rq, struct buf *b, struct err *err)
{
	const struct regime *r = rq->node->world->regime;
	int64_t late = 0;
	bool ok = true;
	struct db *db = reads_take(rq->node->reads);
	for (ptrdiff_t i = 0; ok && i < r->teams_count; i++) {
		struct sql_service_overdue_row row = { 0 };
		bool found = false;
		ok = sql_service_overdue(db, rq->arena,
					 &(struct sql_service_overdue){ .team = r->teams[i].id,
									.most = OVERDUE_MOST },
					 &row, &found, err);
		late += row.late;
	}
	reads_give(rq->node->reads, db);
	write_gauge(b, "clocks_overdue", (double)late);
	return ok;
}

static struct reply *metrics_get(struct request *rq)
{
	struct sql_service_queues_row queues = { 0 };
	struct err err = { 0 };
	struct buf b;
	buf_init(&b, rq->arena, METRICS_MAX);
	metrics_write(rq->node->metrics, &b);
	write_writer(rq, &b);
	if (!read_queues(rq, &queues, &err) || !write_overdue(rq, &b, &err))
		return reply_error(rq, &err);
	buf_printf(&b,
		   "# TYPE naubat_mail gauge\nnaubat_mail{delivery=\"queued\"} %lld\n"
		   "naubat_mail{delivery=\"held\"} %lld\n",
		   (long long)queues.queued, (long long)queues.held);
	return reply_bytes(rq, 200, "text/plain; version=0.0.4; charset=utf-8", buf_str(&b));
}

static struct reply *health(struct request *rq, int status, const char *words)
{
	return reply_bytes(rq, status, "text/plain; charset=utf-8", str_from(words));
}

static struct reply *unwell(struct request *rq, const struct err *why)
{
	switch (why->code) {
	case ERR_FULL:
		return health(rq, 503, "the disk is full: nothing new is taken until there is room\n");
	case ERR_DISK:
		return health(rq, 503, "the disk failed: the node stops\n");
	case ERR_NONE:
	case ERR_INPUT:
	case ERR_SIGN_IN:
	case ERR_DENIED:
	case ERR_MISSING:
	case ERR_CONFLICT:
	case ERR_STALE:
	case ERR_LIMIT:
	case ERR_RETRY:
	case ERR_UNSURE:
	case ERR_SYSTEM:
		break;
	}
	return health(rq, 503, "the store does not take writes: the log says why\n");
}

static struct reply *health_touched(struct request *rq, struct command *c)
{
	return c->ok ? health(rq, 200, "ok\n") : unwell(rq, &c->err);
}

static bool touch_decide(struct decision *d, void *arg, struct err *err)
{
	(void)d;
	(void)arg;
	(void)err;
	return true;
}

/* "ok" means that the store reads, and that the writer has written and flushed a moment ago.  When nobody
 * gave it anything to write, it writes the journal's head again as it is: no entry, one flush, at most one in
 * HEALTH_FRESH_S. */
static struct reply *health_get(struct request *rq)
{
	struct err err = { 0 };
	struct writer_health h;
	struct db *db = reads_take(rq->node->reads);
	bool ok = db_begin_read(db, &err) && db_commit(db, &err);
	reads_give(rq->node->reads, db);
	if (!ok)
		return unwell(rq, &err);
	writer_health(rq->node->writer, &h);
	if (h.oldest_us > SECONDS(HEALTH_WAIT_S))
		return health(rq, 503, "the writer is stuck: something has waited for it for seconds\n");
	if (h.tried_us >= 0 && h.tried_us < SECONDS(HEALTH_FRESH_S) && h.last.code == ERR_NONE)
		return health(rq, 200, "ok\n");
	if (h.last.code != ERR_NONE && h.tried_us < SECONDS(HEALTH_AGAIN_S))
		return unwell(rq, &h.last);
	struct command *c = NEW(rq->arena, struct command, 1);
	*c = (struct command){
		.name = "health", .actor = actor_system(), .decide = touch_decide, .touch = true
	};
	return reply_after(rq, c, health_touched);
}

#define CHANGE "{how: =added|removed|changed, part: text, id: text, words: text}"

static const struct field adopt_query[] = {
	{ .name = "dry_run", .type = FIELD_BOOL, .doc = "only say what it would change" },
	{ 0 },
};

static const struct route routes[] = {
	{ "POST", "/api/mail", PERM_OPERATOR, mail_in, "Take a mail as it came", .body_max = MAIL_SIZE_MAX,
	  .consumes = "message/rfc822", .record = "{known: bool}; 201 {known: bool}" },
	{ "GET", "/api/regimes", PERM_REGIME_WRITE, adopt_list,
	  "The regimes that this node adopted, and how many open cases keep each",
	  .record = "{items: [{id: text, version: text, adopted_at: time, sha256: text, open_cases: int, "
		    "in_use: bool}]}" },
	{ "POST", "/api/regimes", PERM_REGIME_WRITE, adopt_post,
	  "Adopt a regime file: the law of new cases, from the node's next start", .query = adopt_query,
	  .body_max = ADOPT_FILE_MOST, .consumes = "application/yaml",
	  .record = "{id: text, version: text, dry_run: bool, changes: [" CHANGE "]}; 201 {id: text, "
		    "version: text, dry_run: bool, changes: [" CHANGE "]}" },
	{ "GET", "/metrics", PERM_OPERATOR, metrics_get, "Counts of this node, for Prometheus",
	  .html = true },
	{ "GET", "/healthz", PERM_PUBLIC, health_get, "Is it well", .html = true },
};
const struct route_table service_routes[1] = { { routes, COUNTOF(routes) } };
