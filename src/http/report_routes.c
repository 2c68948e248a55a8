#include "http/report_routes.h"

#include "access/identity.h"
#include "cases/intake.h"
#include "cases/report.h"
#include "format/json.h"
#include "http/desk.h"
#include "model/number.h"
#include "query/reads.h"

static bool owner_filter(const struct request *rq, struct queue_filter *f, struct err *err)
{
	str owner = request_query(rq, "owner");
	f->owner_none = str_eq(owner, S("none"));
	f->owner_is = owner.len && !f->owner_none;
	if (str_eq(owner, S("me")))
		f->owner = rq->who->account;
	else if (f->owner_is)
		return uuid_parse(owner, &f->owner, err);
	return true;
}

static struct reply *report_list(struct request *rq)
{
	struct view v;
	struct queue_page page;
	struct err err = { 0 };
	struct queue_filter f = { .kind = QUEUE_REPORTS,
				  .sort = SORT_RECEIVED,
				  .band = -1,
				  .state = request_query(rq, "state"),
				  .cursor = request_cursor(rq) };
	f.limit = desk_limit(rq);
	if (!owner_filter(rq, &f, &err) || !desk_open(rq, &v, &err))
		return reply_error(rq, &err);
	bool ok = view_queue(&v, &f, &page, &err);
	desk_close(rq, &v);
	if (!ok)
		return reply_error(rq, &err);
	return desk_list(rq, page.records, page.count, desk_page(rq, page.next, page.total, page.exact));
}

static struct reply *report_page(struct request *rq, struct uuid id)
{
	struct view v;
	struct record r;
	struct err err = { 0 };
	const struct released *out;
	struct audience to = desk_audience(rq);
	if (!desk_open(rq, &v, &err))
		return reply_error(rq, &err);
	bool ok = view_report(&v, id, true, &r, &err);
	desk_close(rq, &v);
	if (!ok || !release_check(rq->arena, &r, &to, &out, &err))
		return reply_error(rq, &err);
	return reply_released(rq, 200, out);
}

static struct reply *report_get(struct request *rq)
{
	struct uuid id;
	struct err err = { 0 };
	if (!request_param_uuid(rq, "id", &id, &err))
		return reply_error(rq, &err);
	return report_page(rq, id);
}

static struct reply *created(struct request *rq, struct command *c)
{
	struct json *j = json_object(rq->arena), *receipt = json_object(rq->arena);
	struct err err = { 0 };
	str number;
	if (!c->ok)
		return reply_error(rq, &c->err);
	if (!desk_number(rq, c, &number, &err))
		return reply_error(rq, &err);
	struct uuid id = c->receipt.subject;
	json_set_uuid(j, "id", id);
	json_set_str(j, "number", number);
	str code = world_claim_code(rq->node->world, rq->arena, id);
	json_set_str(j, "claim_code", claim_code_format(rq->arena, code));
	json_set_uuid(receipt, "entry", id);
	json_set_str(receipt, "leaf_hash", hash256_hex(rq->arena, c->receipt.hash));
	json_set(j, "receipt", receipt);
	return reply_json(rq, 201, j);
}

static struct reply *report_create(struct request *rq)
{
	struct intake *in = NEW(rq->arena, struct intake, 1);
	bool phone = str_eq(desk_text(rq, "door"), S("phone"));
	*in = (struct intake){ .world = rq->node->world,
			       .channel = phone ? S("phone") : S("api"),
			       .title = desk_text(rq, "title"),
			       .text = desk_text(rq, "text"),
			       .reporter_name = desk_text(rq, "reporter_name"),
			       .reporter_contact = desk_text(rq, "reporter_contact"),
			       .anonymous = json_get_bool(rq->json, "anonymous") };
	return desk_report(rq, "report.create", in, created);
}

static struct reply *acted(struct request *rq, struct command *c)
{
	return c->ok ? report_get(rq) : reply_error(rq, &c->err);
}

static struct reply *rejected(struct request *rq, struct command *c)
{
	struct err err = { 0 };
	struct uuid id;
	struct json *j = json_object(rq->arena), *undo = json_object(rq->arena);
	if (!c->ok)
		return reply_error(rq, &c->err);
	if (!request_param_uuid(rq, "id", &id, &err))
		return reply_error(rq, &err);
	json_set_str(undo, "label", S("Report rejected"));
	json_set_str(undo, "path",
		     arena_printf(rq->arena, "/api/reports/" STR_FMT "/restore",
				  STR_ARG(uuid_format(rq->arena, id))));
	json_set(undo, "body", json_object(rq->arena));
	json_set(j, "report", NULL);
	json_set(j, "undo", undo);
	return reply_json(rq, 200, j);
}

static struct reply *act(struct request *rq, enum report_act what,
			 struct reply *(*finish)(struct request *, struct command *))
{
	struct report_command *c = NEW(rq->arena, struct report_command, 1);
	struct err err = { 0 };
	*c = (struct report_command){ .world = rq->node->world,
				      .who = rq->who,
				      .act = what,
				      .to = desk_id(rq, "to"),
				      .text = what == REPORT_REJECT ? desk_text(rq, "reason")
								    : desk_text(rq, "text"),
				      .tell = json_get_bool(rq->json, "tell") };
	if (!request_param_uuid(rq, "id", &c->report, &err))
		return reply_error(rq, &err);
	return desk_submit(rq, "report.act", report_decide, c, finish);
}

static struct reply *report_take(struct request *rq)
{
	return act(rq, REPORT_TAKE, acted);
}
static struct reply *report_release(struct request *rq)
{
	return act(rq, REPORT_RELEASE, acted);
}
static struct reply *report_give(struct request *rq)
{
	return act(rq, REPORT_GIVE, acted);
}
static struct reply *report_reject(struct request *rq)
{
	return act(rq, REPORT_REJECT, rejected);
}
static struct reply *report_restore(struct request *rq)
{
	return act(rq, REPORT_RESTORE, acted);
}
static struct reply *report_answer(struct request *rq)
{
	return act(rq, REPORT_ANSWER, acted);
}

static const char *const list_states[] = { "new", "attached", "rejected", "all", NULL };
static const struct field list_query[] = {
	{ .name = "state", .type = FIELD_TEXT, .max = 20, .choices = list_states, .doc = "all if not given" },
	{ .name = "owner", .type = FIELD_TEXT, .max = 36, .doc = "me, none or an account id" },
	{ .name = "q", .type = FIELD_TEXT, .max = 200, .doc = "unused; see /api/search" },
	{ .name = "cursor", .type = FIELD_TEXT, .max = 80, .doc = "next of the page before" },
	{ .name = "limit", .type = FIELD_INT, .min = 1, .max = 100, .doc = "1 to 100, default 50" },
	{ 0 },
};
static const struct field create_fields[] = {
	{ .name = "text",
	  .type = FIELD_TEXT,
	  .required = true,
	  .max = INTAKE_TEXT_MAX,
	  .doc = "what happened" },
	{ .name = "title",
	  .type = FIELD_TEXT,
	  .max = INTAKE_TITLE_MAX,
	  .doc = "one line; the first of the text if empty" },
	{ .name = "reporter_name", .type = FIELD_TEXT, .max = INTAKE_NAME_MAX, .doc = "who reports" },
	{ .name = "reporter_contact",
	  .type = FIELD_TEXT,
	  .max = INTAKE_NAME_MAX,
	  .doc = "mail address or telephone" },
	{ .name = "anonymous", .type = FIELD_BOOL, .doc = "keep neither name nor contact" },
	{ .name = "door", .type = FIELD_TEXT, .max = 10, .doc = "phone when a handler writes for a caller" },
	{ .name = "tlp", .type = FIELD_TEXT, .max = 20, .doc = "marking the sender stated" },
	{ 0 },
};
static const struct field nothing[] = { { 0 } };
static const struct field give_fields[] = {
	{ .name = "to", .type = FIELD_ID, .required = true, .doc = "account of a colleague" },
	{ 0 },
};
static const struct field reject_fields[] = {
	{ .name = "reason", .type = FIELD_TEXT, .required = true, .max = 2000, .doc = "why" },
	{ .name = "tell", .type = FIELD_BOOL, .doc = "send the reason to the reporter" },
	{ 0 },
};
static const struct field answer_fields[] = {
	{ .name = "text",
	  .type = FIELD_TEXT,
	  .required = true,
	  .max = 64 << 10,
	  .doc = "words for the reporter" },
	{ 0 },
};

const struct route report_routes[] = {
	{ "GET", "/api/reports", PERM_CASE_READ, report_list, "Reports, newest first", NULL, list_query, 0,
	  "<ReportItem>", false },
	{ "POST", "/api/reports", PERM_REPORT_WRITE, report_create, "Register a report", create_fields, NULL,
	  512 << 10, "201 NewReport", false },
	{ "GET", "/api/reports/{id}", PERM_CASE_READ, report_get, "One report", NULL, NULL, 0, "Report",
	  false },
	{ "POST", "/api/reports/{id}/take", PERM_CASE_WRITE, report_take, "Take a report", nothing, NULL, 0,
	  "Report", false },
	{ "POST", "/api/reports/{id}/release", PERM_CASE_WRITE, report_release, "Release a report", nothing,
	  NULL, 0, "Report", false },
	{ "POST", "/api/reports/{id}/give", PERM_CASE_WRITE, report_give, "Give a report to a colleague",
	  give_fields, NULL, 0, "Report", false },
	{ "POST", "/api/reports/{id}/reject", PERM_CASE_WRITE, report_reject, "Reject a report",
	  reject_fields, NULL, 0, "{report: Report?, undo: Undo}", false },
	{ "POST", "/api/reports/{id}/restore", PERM_CASE_WRITE, report_restore, "Undo a rejection", nothing,
	  NULL, 0, "Report", false },
	{ "POST", "/api/reports/{id}/answer", PERM_CASE_WRITE, report_answer, "Answer the reporter",
	  answer_fields, NULL, 128 << 10, "Report", false },
};
const ptrdiff_t report_routes_count = COUNTOF(report_routes);
