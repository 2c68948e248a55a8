#include "http/purge_routes.h"

#include "access/identity.h"
#include "cases/purge.h"
#include "format/json.h"
#include "http/desk.h"
#include "query/keeping.h"
#include "query/reads.h"

enum { PAGE = 50, REASON_MOST = 4096 };

static struct reply *done(struct request *rq, struct command *c)
{
	return c->ok ? reply_empty(rq) : reply_error(rq, &c->err);
}

/* --- holds --- */

static struct reply *hold(struct request *rq, bool incident, bool lift)
{
	struct hold_command *c = NEW(rq->arena, struct hold_command, 1);
	struct err err;
	*c = (struct hold_command){ .world = rq->node->world,
				    .who = rq->who,
				    .incident = incident,
				    .lift = lift,
				    .reason = desk_text(rq, "reason") };
	if (!request_param_uuid(rq, "id", &c->subject, &err))
		return reply_error(rq, &err);
	return desk_submit(rq, "hold.set", hold_decide, c, done);
}

static struct reply *report_hold(struct request *rq)
{
	return hold(rq, false, false);
}
static struct reply *report_lift(struct request *rq)
{
	return hold(rq, false, true);
}
static struct reply *incident_hold(struct request *rq)
{
	return hold(rq, true, false);
}
static struct reply *incident_lift(struct request *rq)
{
	return hold(rq, true, true);
}

/* --- purges --- */

static struct reply *asked(struct request *rq, struct command *c)
{
	struct json *j = json_object(rq->arena);
	if (!c->ok)
		return reply_error(rq, &c->err);
	json_set_uuid(j, "id", c->receipt.subject);
	return reply_json(rq, 201, j);
}

/* `id` is that of the report, incident, message or comment whose words shall go. */
static struct reply *purge_ask(struct request *rq)
{
	struct purge_ask *c = NEW(rq->arena, struct purge_ask, 1);
	struct err err;
	*c = (struct purge_ask){ .world = rq->node->world,
				 .who = rq->who,
				 .entry = -1,
				 .reason = desk_text(rq, "reason") };
	if (!request_param_uuid(rq, "id", &c->target, &err))
		return reply_error(rq, &err);
	return desk_submit(rq, "purge.ask", purge_ask_decide, c, asked);
}

static struct reply *purge_confirm(struct request *rq)
{
	struct purge_confirm *c = NEW(rq->arena, struct purge_confirm, 1);
	struct err err;
	*c = (struct purge_confirm){ .world = rq->node->world, .who = rq->who };
	if (!request_param_uuid(rq, "id", &c->purge, &err))
		return reply_error(rq, &err);
	return desk_submit(rq, "purge.confirm", purge_confirm_decide, c, done);
}

/* An auditor has no scope over cases: of purges they see when, who and why. */
static bool read_page(struct request *rq, struct purge_page *out, struct err *err)
{
	struct view v = { .a = rq->arena,
			  .who = rq->who,
			  .team = rq->who->team,
			  .regime = rq->node->world->regime };
	struct uuid before;
	str cursor = request_cursor(rq);
	int64_t limit = desk_limit(rq);
	memset(before.b, 0xFF, sizeof(before.b));
	if (cursor.len && !uuid_parse(cursor, &before, err))
		return err_set(err, ERR_INPUT, "cursor: take it from `next` of the page before");
	v.db = reads_take(rq->node->reads);
	bool ok = db_begin_read(v.db, err) &&
		  view_purges(&v, request_query(rq, "state"), before, limit ? limit : PAGE, out, err);
	db_rollback(v.db);
	reads_give(rq->node->reads, v.db);
	return ok;
}

static struct reply *purge_list(struct request *rq)
{
	struct purge_page page;
	struct err err = { 0 };
	if (!read_page(rq, &page, &err))
		return reply_error(rq, &err);
	bool more = !uuid_is_nil(page.next);
	return desk_list(rq, page.records, page.count,
			 desk_page(rq, more ? uuid_format(rq->arena, page.next) : S(""), page.count, !more));
}

static const struct field nothing[] = { { 0 } };
static const struct field reason_fields[] = {
	{ .name = "reason",
	  .type = FIELD_TEXT,
	  .required = true,
	  .max = REASON_MOST,
	  .doc = "who ordered it, and why" },
	{ 0 },
};
static const char *const list_states[] = { "asked", "done", NULL };
static const struct field list_query[] = {
	{ .name = "state",
	  .type = FIELD_TEXT,
	  .max = 10,
	  .choices = list_states,
	  .doc = "both if not given" },
	{ .name = "cursor", .type = FIELD_TEXT, .max = 80, .doc = "next of the page before" },
	{ .name = "limit", .type = FIELD_INT, .min = 1, .max = 100, .doc = "1 to 100, default 50" },
	{ 0 },
};

const struct route purge_routes[] = {
	{ "POST", "/api/reports/{id}/hold", PERM_LEAD, report_hold, "Put a report under legal hold",
	  reason_fields, .record = "204" },
	{ "POST", "/api/reports/{id}/lift-hold", PERM_LEAD, report_lift, "Lift a legal hold", reason_fields,
	  .record = "204" },
	{ "POST", "/api/incidents/{id}/hold", PERM_LEAD, incident_hold, "Put an incident under legal hold",
	  reason_fields, .record = "204" },
	{ "POST", "/api/incidents/{id}/lift-hold", PERM_LEAD, incident_lift, "Lift a legal hold",
	  reason_fields, .record = "204" },
	{ "POST", "/api/reports/{id}/purge", PERM_CASE_WRITE, purge_ask,
	  "Ask that a report's words and originals be removed for good", reason_fields,
	  .record = "201 Made" },
	{ "POST", "/api/incidents/{id}/purge", PERM_CASE_WRITE, purge_ask,
	  "Ask that an incident's own words be removed for good", reason_fields,
	  .record = "201 Made" },
	{ "POST", "/api/messages/{id}/purge", PERM_CASE_WRITE, purge_ask,
	  "Ask that the words of a message or a comment be removed for good", reason_fields,
	  .record = "201 Made" },
	{ "GET", "/api/purges", PERM_TEAM, purge_list, "Purges, newest first", .query = list_query,
	  .record = "<PurgeRow>" },
	{ "POST", "/api/purges/{id}/confirm", PERM_TEAM, purge_confirm,
	  "Confirm a purge that somebody else asked for", nothing, .record = "204" },
};
const ptrdiff_t purge_routes_count = COUNTOF(purge_routes);
