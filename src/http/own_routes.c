#include "http/own_routes.h"

#include "base/log.h"
#include "cases/intake.h"
#include "cases/message.h"
#include "cases/parties.h"
#include "format/json.h"
#include "http/desk.h"
#include "http/people.h"
#include "query/own.h"
#include "query/reads.h"

enum { ANSWER_MAX = 64 << 10, FORM_MAX = 16 << 10, CONTACT_MAX = 200, HOME_MESSAGES = 50, HOME_MOST = 100 };

/* Reading */

static bool open_own(struct request *rq, struct own *out, struct err *err)
{
	const struct node *n = rq->node;
	struct own o = { .a = rq->arena, .regime = n->world->regime, .now = n->clock->now(n->clock) };
	if (!release_scope_organisation(rq->arena, rq->who, &o.scope, err))
		return false;
	o.organisation = scope_organisation_id(o.scope);
	o.db = reads_take(n->reads);
	if (!db_begin_read(o.db, err)) {
		reads_give(n->reads, o.db);
		return false;
	}
	*out = o;
	return true;
}

static void close_own(struct request *rq, struct own *o)
{
	db_rollback(o->db);
	reads_give(rq->node->reads, o->db);
	o->db = NULL;
}

static struct audience own_audience(const struct request *rq)
{
	return (struct audience){ .kind = AUDIENCE_PARTY, .person = rq->who,
		.name = rq->who->organisation_name };
}

static struct reply *send_list(struct request *rq, const struct own_list *list)
{
	struct audience to = own_audience(rq);
	struct json *page = json_object(rq->arena);
	const struct released *out;
	ptrdiff_t withheld = 0;
	struct err err = { 0 };
	json_set(page, "next", NULL);
	if (list->next.len)
		json_set_str(page, "next", request_cursor_seal(rq, list->next));
	if (!release_list(rq->arena, (const struct record *const *)list->records, list->count, page, &to,
		&out,
			  &withheld, &err))
		return reply_error(rq, &err);
	if (withheld)
		log_event(LOG_WARNING, "release.withheld", LOG_INT("count", withheld));
	return reply_released(rq, 200, out);
}

/* A record and what was written about it. */
static struct reply *send_whole(struct request *rq, const struct record *r, const struct own_list *thread)
{
	struct audience to = own_audience(rq);
	struct release_part part = { "thread", thread ? (const struct record *const *)thread->records : NULL,
				     thread ? thread->count : 0 };
	const struct released *out;
	struct err err = { 0 };
	if (!release_whole(rq->arena, r, &part, thread ? 1 : 0, &to, &out, &err))
		return reply_error(rq, &err);
	return reply_released(rq, 200, out);
}

enum own_what { OWN_MESSAGES, OWN_REQUESTS, OWN_DUTIES, OWN_SUBMISSIONS, OWN_REPORTS };

static bool read_list(struct request *rq, struct own *o, enum own_what what, struct own_list *out,
		      struct err *err)
{
	str cursor = request_cursor(rq);
	switch (what) {
	case OWN_MESSAGES:
		return own_messages(o, cursor, desk_limit(rq), out, err);
	case OWN_REQUESTS:
		return own_requests(o, cursor, desk_limit(rq), out, err);
	case OWN_DUTIES:
		return own_duties(o, cursor, desk_limit(rq), out, err);
	case OWN_SUBMISSIONS:
		return own_submissions(o, cursor, desk_limit(rq), out, err);
	case OWN_REPORTS:
		return own_reports(o, cursor, desk_limit(rq), out, err);
	}
	return err_set(err, ERR_SYSTEM, "no such list: %d", (int)what);
}

static struct reply *list(struct request *rq, enum own_what what)
{
	struct own o;
	struct own_list page;
	struct err err = { 0 };
	if (!open_own(rq, &o, &err))
		return reply_error(rq, &err);
	bool ok = read_list(rq, &o, what, &page, &err);
	close_own(rq, &o);
	return ok ? send_list(rq, &page) : reply_error(rq, &err);
}

static struct reply *messages_get(struct request *rq)
{
	return list(rq, OWN_MESSAGES);
}
static struct reply *requests_get(struct request *rq)
{
	return list(rq, OWN_REQUESTS);
}
static struct reply *duties_get(struct request *rq)
{
	return list(rq, OWN_DUTIES);
}
static struct reply *submissions_get(struct request *rq)
{
	return list(rq, OWN_SUBMISSIONS);
}
static struct reply *reports_get(struct request *rq)
{
	return list(rq, OWN_REPORTS);
}

static bool read_one(struct own *o, enum own_what what, struct uuid id, struct record *out,
		     struct own_list *thread, struct err *err)
{
	switch (what) {
	case OWN_MESSAGES:
		return own_message(o, id, out, thread, err);
	case OWN_REPORTS:
		return own_report(o, id, out, thread, err);
	case OWN_DUTIES:
		return own_duty(o, id, out, err);
	case OWN_REQUESTS:
	case OWN_SUBMISSIONS:
		break;
	}
	return err_set(err, ERR_SYSTEM, "no single one of these: %d", (int)what);
}

static struct reply *one(struct request *rq, enum own_what what, struct uuid id)
{
	struct own o;
	struct record r;
	struct own_list thread = { 0 };
	struct err err = { 0 };
	if (!open_own(rq, &o, &err))
		return reply_error(rq, &err);
	bool ok = read_one(&o, what, id, &r, &thread, &err);
	close_own(rq, &o);
	return ok ? send_whole(rq, &r, what == OWN_DUTIES ? NULL : &thread) : reply_error(rq, &err);
}

static struct reply *one_named(struct request *rq, enum own_what what)
{
	struct uuid id;
	struct err err = { 0 };
	return request_param_uuid(rq, "id", &id, &err) ? one(rq, what, id) : reply_error(rq, &err);
}

static struct reply *message_get(struct request *rq)
{
	return one_named(rq, OWN_MESSAGES);
}
static struct reply *duty_get(struct request *rq)
{
	return one_named(rq, OWN_DUTIES);
}
static struct reply *report_get(struct request *rq)
{
	return one_named(rq, OWN_REPORTS);
}

/* What waits: the first that is due of each, and how many messages nobody has read. */
static ptrdiff_t open_ones(struct own_list *list, const char *member, const char *done)
{
	ptrdiff_t kept = 0;
	for (ptrdiff_t i = 0; i < list->count; i++) {
		const struct json *j = list->records[i]->fields;
		bool is_open = done ? !str_eq(json_get_str(j, member), str_from(done)) &&
					      !str_eq(json_get_str(j, member), S("withdrawn"))
				    : json_get_bool(j, member);
		if (is_open)
			list->records[kept++] = list->records[i];
	}
	return kept;
}

static bool read_home(struct own *o, struct own_list lists[3], struct tally *unread, struct err *err)
{
	if (!own_messages(o, S(""), HOME_MESSAGES, &lists[0], err) ||
	    !own_requests(o, S(""), HOME_MOST, &lists[1], err) ||
	    !own_duties(o, S(""), HOME_MOST, &lists[2], err) || !own_unread(o, unread, err))
		return false;
	lists[0].count = open_ones(&lists[0], "unread", NULL);
	lists[1].count = open_ones(&lists[1], "state", "answered");
	lists[2].count = open_ones(&lists[2], "open", NULL);
	return true;
}

static struct reply *home_get(struct request *rq)
{
	static const char *const names[] = { "messages", "requests", "duties" };
	struct own o;
	struct own_list lists[3] = { 0 };
	struct tally unread = { 0 };
	struct audience to = own_audience(rq);
	struct json *j = json_object(rq->arena);
	const struct released *out = NULL;
	ptrdiff_t withheld;
	struct err err = { 0 };
	if (!open_own(rq, &o, &err))
		return reply_error(rq, &err);
	bool ok = read_home(&o, lists, &unread, &err);
	close_own(rq, &o);
	for (int i = 0; ok && i < 3; i++) {
		struct json *page = json_object(rq->arena);
		ok = release_list(rq->arena, (const struct record *const *)lists[i].records, lists[i].count,
				  page, &to, &out, &withheld, &err);
		if (ok)
			json_set(j, names[i], json_copy(rq->arena, json_get(released_fields(out), "items")));
	}
	if (!ok)
		return reply_error(rq, &err);
	json_set(j, "organisation",
		 people_organisation(rq->arena, rq->who->organisation, rq->who->organisation_name));
	json_set_int(j, "unread", unread.count);
	json_set_instant(j, "now", o.now);
	return reply_json(rq, 200, j);
}

/* Acting */

static struct reply *message_acted(struct request *rq, struct command *c)
{
	return c->ok ? message_get(rq) : reply_error(rq, &c->err);
}

static struct reply *message_note(struct request *rq, bool acknowledge)
{
	struct message_own *c = NEW(rq->arena, struct message_own, 1);
	struct err err = { 0 };
	*c = (struct message_own){ .who = rq->who, .acknowledge = acknowledge };
	if (!request_param_uuid(rq, "id", &c->message, &err))
		return reply_error(rq, &err);
	return desk_submit(rq, "own.message", message_own_decide, c, message_acted);
}

static struct reply *message_read(struct request *rq)
{
	return message_note(rq, false);
}
static struct reply *message_acknowledge(struct request *rq)
{
	return message_note(rq, true);
}

static str signature(const struct request *rq)
{
	return arena_printf(rq->arena, STR_FMT ", " STR_FMT, STR_ARG(rq->who->name),
			    STR_ARG(rq->who->organisation_name));
}

static struct message_in *answer_of(struct request *rq)
{
	struct message_in *m = NEW(rq->arena, struct message_in, 1);
	*m = (struct message_in){ .world = rq->node->world,
				  .who = rq->who,
				  .from = signature(rq),
				  .text = desk_text(rq, "text"),
				  .verified = true };
	return m;
}

static struct reply *no_words(struct request *rq)
{
	struct err err;
	(void)err_set(&err, ERR_INPUT, "text: write a few words");
	return reply_error(rq, &err);
}

static struct reply *message_answer(struct request *rq)
{
	struct message_in *m = answer_of(rq);
	struct err err = { 0 };
	if (str_trim(m->text).len == 0)
		return no_words(rq);
	if (!request_param_uuid(rq, "id", &m->answers, &err))
		return reply_error(rq, &err);
	return desk_submit(rq, "own.answer", message_in_decide, m, message_acted);
}

static struct reply *submitted(struct request *rq, struct command *c)
{
	return c->ok ? duty_get(rq) : reply_error(rq, &c->err);
}

static struct reply *duty_submit(struct request *rq)
{
	struct own_submission *c = NEW(rq->arena, struct own_submission, 1);
	struct err err = { 0 };
	*c = (struct own_submission){ .world = rq->node->world,
				      .who = rq->who,
				      .what = desk_text(rq, "what"),
				      .effects = desk_text(rq, "effects"),
				      .measures = desk_text(rq, "measures"),
				      .contact = desk_text(rq, "contact"),
				      .detected = desk_time(rq, "detected_at") };
	if (!request_param_uuid(rq, "id", &c->clock, &err))
		return reply_error(rq, &err);
	return desk_submit(rq, "own.submission", own_submission_decide, c, submitted);
}

static struct reply *reported(struct request *rq, struct command *c)
{
	struct json *j = json_object(rq->arena);
	struct err err = { 0 };
	str number;
	if (!c->ok)
		return reply_error(rq, &c->err);
	if (!desk_number(rq, c, &number, &err))
		return reply_error(rq, &err);
	json_set_uuid(j, "id", c->receipt.subject);
	json_set_str(j, "number", number);
	json_set_instant(j, "received_at", c->receipt.at);
	json_set_str(j, "leaf_hash", hash256_hex(rq->arena, c->receipt.hash));
	return reply_json(rq, 201, j);
}

static struct reply *report_create(struct request *rq)
{
	struct intake *in = NEW(rq->arena, struct intake, 1);
	*in = (struct intake){ .world = rq->node->world,
			       .channel = S("portal"),
			       .title = desk_text(rq, "title"),
			       .text = desk_text(rq, "text"),
			       .reporter_name = signature(rq),
			       .reporter_contact = desk_text(rq, "contact"),
			       .organisation = rq->who->organisation,
			       .verified = true };
	return desk_report(rq, "own.report", in, reported);
}

static struct reply *added(struct request *rq, struct command *c)
{
	return c->ok ? report_get(rq) : reply_error(rq, &c->err);
}

static struct reply *report_add(struct request *rq)
{
	struct message_in *m = answer_of(rq);
	struct err err = { 0 };
	if (str_trim(m->text).len == 0)
		return no_words(rq);
	if (!request_param_uuid(rq, "id", &m->report, &err))
		return reply_error(rq, &err);
	return desk_submit(rq, "own.report_add", message_in_decide, m, added);
}

#define TEXT(n, r, m, d)                                                                 \
	{                                                                                \
		.name = (n), .type = FIELD_TEXT, .required = (r), .max = (m), .doc = (d) \
	}

static const struct field nothing[] = { { 0 } };
static const struct field page_query[] = {
	TEXT("cursor", false, 80, "next of the page before"),
	{ .name = "limit", .type = FIELD_INT, .min = 1, .max = 100, .doc = "1 to 100, default 50" },
	{ 0 },
};
static const struct field text_fields[] = {
	TEXT("text", true, ANSWER_MAX, "your words"),
	{ 0 },
};
static const struct field submit_fields[] = {
	TEXT("what", true, FORM_MAX, "what happened"),
	{ .name = "detected_at", .type = FIELD_TIME, .required = true, .doc = "since when it is known" },
	TEXT("effects", true, FORM_MAX, "what does not work, whom it concerns"),
	TEXT("measures", false, FORM_MAX, "what was done about it"),
	TEXT("contact", true, CONTACT_MAX, "whom the CERT can call about this"),
	{ 0 },
};
static const struct field report_fields[] = {
	TEXT("text", true, INTAKE_TEXT_MAX, "what happened"),
	TEXT("title", false, INTAKE_TITLE_MAX, "one line; the first of the text if empty"),
	TEXT("contact", false, INTAKE_NAME_MAX, "mail address or telephone"),
	TEXT("tlp", false, 20, "marking; the regime's default if empty"),
	{ 0 },
};

const struct route own_routes[] = {
	{ "GET", "/api/own", PERM_OWN_READ, home_get, "What waits for one's organisation",
	  .record = "OwnHome" },
	{ "GET", "/api/own/messages", PERM_OWN_READ, messages_get, "Messages to and from it, newest first",
	  .query = page_query, .record = "{items: [OwnMessage], next: text?}" },
	{ "GET", "/api/own/messages/{id}", PERM_OWN_READ, message_get,
	  "One, with what was written before and after; words once it was read", .record = "OwnThread" },
	{ "POST", "/api/own/messages/{id}/read", PERM_OWN_WRITE, message_read, "Read a message", nothing,
	  .record = "OwnThread" },
	{ "POST", "/api/own/messages/{id}/acknowledge", PERM_OWN_WRITE, message_acknowledge,
	  "Say that a message arrived", nothing, .record = "OwnThread" },
	{ "POST", "/api/own/messages/{id}/answer", PERM_OWN_WRITE, message_answer, "Answer a message",
	  text_fields, .body_max = 128 << 10, .record = "OwnThread" },
	{ "GET", "/api/own/requests", PERM_OWN_READ, requests_get, "What was asked of it, open first",
	  .query = page_query, .record = "{items: [OwnRequest], next: text?}" },
	{ "GET", "/api/own/duties", PERM_OWN_READ, duties_get, "Reporting duties it owes, the next due first",
	  .query = page_query, .record = "{items: [OwnDuty], next: text?}" },
	{ "GET", "/api/own/duties/{id}", PERM_OWN_READ, duty_get, "One duty", .record = "OwnDuty" },
	{ "POST", "/api/own/duties/{id}/submit", PERM_OWN_WRITE, duty_submit,
	  "Submit early warning, notification or final report", submit_fields, .body_max = 128 << 10,
	  .record = "OwnDuty" },
	{ "GET", "/api/own/submissions", PERM_OWN_READ, submissions_get, "What it submitted, newest first",
	  .query = page_query, .record = "{items: [OwnSubmission], next: text?}" },
	{ "GET", "/api/own/reports", PERM_OWN_READ, reports_get, "Reports it made signed in, newest first",
	  .query = page_query, .record = "{items: [OwnReportItem], next: text?}" },
	{ "GET", "/api/own/reports/{id}", PERM_OWN_READ, report_get, "One report, with the answers",
	  .record = "OwnReport" },
	{ "POST", "/api/own/reports", PERM_OWN_WRITE, report_create, "Report something", report_fields,
	  .body_max = 512 << 10, .record = "201 OwnReceipt" },
	{ "POST", "/api/own/reports/{id}/add", PERM_OWN_WRITE, report_add, "Add to a report", text_fields,
	  .body_max = 128 << 10, .record = "OwnReport" },
};
const ptrdiff_t own_routes_count = COUNTOF(own_routes);
