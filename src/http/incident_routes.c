#include "http/incident_routes.h"

#include "access/identity.h"
#include "cases/incident.h"
#include "cases/parties.h"
#include "format/json.h"
#include "http/desk.h"
#include "model/taxonomy.h"
#include "query/board.h"
#include "query/keeping.h"
#include "regime/regime.h"
#include "regime/severity.h"

enum { TIMELINE_PAGE = 50 };

typedef struct reply *finish_fn(struct request *rq, struct command *c);

struct reply *incident_reply(struct request *rq, struct uuid id)
{
	struct view v;
	struct record r;
	struct incident_parts parts;
	struct err err = { 0 };
	const struct released *out;
	struct audience to = desk_audience(rq);
	if (!desk_open(rq, &v, &err))
		return reply_error(rq, &err);
	bool ok = view_incident(&v, id, &r, &err) && view_incident_parts(&v, id, &parts, &err);
	r.annex_fields = json_object(rq->arena);
	ok = ok && view_keeping(&v, id, r.annex_fields, &err);
	desk_close(rq, &v);
	if (!ok)
		return reply_error(rq, &err);
	struct release_part list[] = {
		{ "parties", (const struct record *const *)parts.parties, parts.party_count },
		{ "clocks", (const struct record *const *)parts.clocks, parts.clock_count },
		{ "requests", (const struct record *const *)parts.requests, parts.request_count },
		{ "deliveries", (const struct record *const *)parts.deliveries, parts.delivery_count },
		{ "reports", (const struct record *const *)parts.reports, parts.report_count },
		{ "submissions", (const struct record *const *)parts.submissions, parts.submission_count },
	};
	if (!release_whole(rq->arena, &r, list, COUNTOF(list), &to, &out, &err))
		return reply_error(rq, &err);
	struct reply *reply = reply_released(rq, 200, out);
	reply_etag(reply, json_get_str(r.fields, "etag"));
	return reply;
}

static struct reply *incident_get(struct request *rq)
{
	struct uuid id;
	struct err err = { 0 };
	if (!request_param_uuid(rq, "id", &id, &err))
		return reply_error(rq, &err);
	return incident_reply(rq, id);
}

static bool sort_parse(str word, enum queue_sort *out, struct err *err)
{
	static const struct {
		const char *word;
		enum queue_sort sort;
	} words[] = {
		{ "due", SORT_DUE },
		{ "updated", SORT_CHANGED },
		{ "opened", SORT_RECEIVED },
		{ "severity", SORT_BAND },
	};
	*out = SORT_CHANGED;
	if (word.len == 0)
		return true;
	for (ptrdiff_t i = 0; i < COUNTOF(words); i++) {
		if (str_eq(word, str_from(words[i].word))) {
			*out = words[i].sort;
			return true;
		}
	}
	return err_set(err, ERR_INPUT, "sort: due, updated, opened or severity");
}

static struct reply *incident_list(struct request *rq)
{
	struct view v;
	struct queue_page page;
	struct err err = { 0 };
	struct queue_filter f = { .kind = QUEUE_INCIDENTS,
				  .band = -1,
				  .state = request_query(rq, "state"),
				  .sector = request_query(rq, "sector"),
				  .class = request_query(rq, "class"),
				  .cursor = request_cursor(rq) };
	str owner = request_query(rq, "owner"), band = request_query(rq, "band");
	f.owner_none = str_eq(owner, S("none"));
	f.owner_is = owner.len && !f.owner_none;
	if (band.len)
		f.band = regime_band_rank(rq->node->world->regime, band);
	f.limit = desk_limit(rq);
	if (str_eq(owner, S("me")))
		f.owner = rq->who->account;
	else if (f.owner_is && !uuid_parse(owner, &f.owner, &err))
		return reply_error(rq, &err);
	if (!sort_parse(request_query(rq, "sort"), &f.sort, &err) || !desk_open(rq, &v, &err))
		return reply_error(rq, &err);
	bool ok = view_queue(&v, &f, &page, &err);
	desk_close(rq, &v);
	if (!ok)
		return reply_error(rq, &err);
	return desk_list(rq, page.records, page.count, desk_page(rq, page.next, page.total, page.exact));
}

struct json *incident_undo(struct request *rq, str label, struct uuid incident, const char *verb,
			   struct json *body)
{
	struct json *j = json_object(rq->arena);
	json_set_str(j, "label", label);
	json_set_str(j, "path",
		     arena_printf(rq->arena, "/api/incidents/" STR_FMT "/%s",
				  STR_ARG(uuid_format(rq->arena, incident)), verb));
	json_set(j, "body", body);
	return j;
}

static str of_reports(struct request *rq, const char *done, ptrdiff_t count)
{
	return arena_printf(rq->arena, "%s %td report%s", done, count, count == 1 ? "" : "s");
}

static struct json *ids_body(struct request *rq, const struct uuid *ids, ptrdiff_t count)
{
	struct json *body = json_object(rq->arena), *list = json_array(rq->arena);
	for (ptrdiff_t i = 0; i < count; i++)
		json_append_str(list, uuid_format(rq->arena, ids[i]));
	json_set(body, "reports", list);
	return body;
}

static struct reply *opened(struct request *rq, struct command *c)
{
	struct view v;
	struct record r;
	struct record **clocks;
	ptrdiff_t count = 0;
	struct err err = { 0 };
	if (!c->ok)
		return reply_error(rq, &c->err);
	struct uuid id = c->receipt.subject;
	if (!desk_open(rq, &v, &err))
		return reply_error(rq, &err);
	bool ok = view_incident(&v, id, &r, &err) && view_clocks(&v, id, &clocks, &count, &err);
	desk_close(rq, &v);
	struct audience to = desk_audience(rq);
	const struct released *released;
	if (!ok || !release_check(rq->arena, &r, &to, &released, &err))
		return reply_error(rq, &err);
	struct json *j = json_object(rq->arena);
	const struct json *fields = released_fields(released);
	json_set_uuid(j, "id", id);
	json_set_str(j, "number", json_get_str(fields, "number"));
	json_set_str(j, "title", json_get_str(fields, "title"));
	json_set_int(j, "clocks", count);
	str label = arena_printf(rq->arena, "Opened " STR_FMT, STR_ARG(json_get_str(fields, "number")));
	json_set(j, "undo", incident_undo(rq, label, id, "withdraw", json_object(rq->arena)));
	return reply_json(rq, 201, j);
}

static struct reply *incident_create(struct request *rq)
{
	struct incident_open *o = NEW(rq->arena, struct incident_open, 1);
	struct uuid *ids;
	struct err err = { 0 };
	*o = (struct incident_open){
		.world = rq->node->world, .who = rq->who, .title = desk_text(rq, "title"), .arena = rq->arena,
		.untaken = str_eq(desk_text(rq, "owner"), S("none"))
	};
	if (!desk_ids(rq, "reports", &ids, &o->report_count, &err))
		return reply_error(rq, &err);
	o->reports = ids;
	return desk_submit(rq, "incident.open", incident_open_decide, o, opened);
}

static struct reply *timeline(struct request *rq)
{
	struct view v;
	struct record **records;
	ptrdiff_t count;
	int64_t before = INT64_MAX, next = -1;
	struct uuid id;
	struct err err = { 0 };
	str cursor = request_cursor(rq);
	if (!request_param_uuid(rq, "id", &id, &err))
		return reply_error(rq, &err);
	if (cursor.len && !str_to_int(cursor, 0, INT64_MAX, &before)) {
		(void)err_set(&err, ERR_INPUT, "cursor: not one that this list gave out");
		return reply_error(rq, &err);
	}
	if (!desk_open(rq, &v, &err))
		return reply_error(rq, &err);
	bool ok = view_timeline(&v, id, before, TIMELINE_PAGE, &records, &count, &next, &err);
	desk_close(rq, &v);
	if (!ok)
		return reply_error(rq, &err);
	str after = next >= 0 ? arena_printf(rq->arena, "%lld", (long long)next) : S("");
	return desk_list(rq, records, count, desk_page(rq, after, count, next < 0));
}

static struct reply *acted(struct request *rq, struct command *c)
{
	return c->ok ? incident_get(rq) : reply_error(rq, &c->err);
}

static struct reply *attached(struct request *rq, struct command *c)
{
	struct incident_command *x = desk_arg(c);
	struct json *j = json_object(rq->arena);
	if (!c->ok)
		return reply_error(rq, &c->err);
	bool attach = x->act == INCIDENT_ATTACH;
	str label = of_reports(rq, attach ? "Attached" : "Detached", x->id_count);
	json_set_int(j, attach ? "attached" : "detached", x->id_count);
	json_set(j, "undo",
		 incident_undo(rq, label, attach || c->replayed ? x->incident : x->place,
			       attach ? "detach" : "attach", ids_body(rq, x->ids, x->id_count)));
	return reply_json(rq, 200, j);
}

static struct reply *merged(struct request *rq, struct command *c)
{
	struct incident_command *x = desk_arg(c);
	struct json *j = json_object(rq->arena);
	if (!c->ok)
		return reply_error(rq, &c->err);
	bool merge = x->act == INCIDENT_MERGE;
	json_set(j, "undo",
		 merge ? incident_undo(rq, S("Merged"), x->incident, "unmerge", json_object(rq->arena))
		       : NULL);
	return reply_json(rq, 200, j);
}

static struct reply *joined(struct request *rq, struct command *c)
{
	struct incident_command *x = desk_arg(c);
	struct json *j = json_object(rq->arena);
	if (!c->ok)
		return reply_error(rq, &c->err);
	json_set(j, "undo",
		 incident_undo(rq, S("One campaign"), c->replayed ? x->incident : x->place, "leave",
			       json_object(rq->arena)));
	return reply_json(rq, 200, j);
}

/* Read, not remembered: the same request again knows its receipt only. */
static bool number_of(struct request *rq, struct uuid incident, str *out, struct err *err)
{
	struct view v;
	struct json *one;
	if (!desk_open(rq, &v, err))
		return false;
	bool ok = view_case(&v, incident, &one, err);
	desk_close(rq, &v);
	*out = ok ? json_get_str(one, "number") : S("");
	return ok;
}

static struct reply *split(struct request *rq, struct command *c)
{
	struct incident_split *x = desk_arg(c);
	struct json *j = json_object(rq->arena);
	struct err err = { 0 };
	str number;
	if (!c->ok)
		return reply_error(rq, &c->err);
	struct uuid id = c->receipt.subject;
	if (!number_of(rq, id, &number, &err))
		return reply_error(rq, &err);
	json_set_uuid(j, "id", id);
	json_set_str(j, "number", number);
	json_set(j, "undo",
		 incident_undo(rq, of_reports(rq, "Split off", x->report_count), id, "withdraw",
		      json_object(rq->arena)));
	return reply_json(rq, 201, j);
}

static struct reply *commented(struct request *rq, struct command *c)
{
	struct json *j = json_object(rq->arena);
	if (!c->ok)
		return reply_error(rq, &c->err);
	json_set_uuid(j, "id", c->receipt.subject);
	json_set_str(j, "shape", S("comment"));
	json_set_instant(j, "at", c->receipt.at);
	return reply_json(rq, 201, j);
}

/* Which member of the body is the command's text. */
static const char *const text_of[INCIDENT_ACTS] = {
	[INCIDENT_RETITLE] = "title", [INCIDENT_CLASSIFY] = "class", [INCIDENT_MARK] = "tlp",
	[INCIDENT_WAIT] = "reason",   [INCIDENT_REOPEN] = "reason",  [INCIDENT_CLOSE] = "reason",
	[INCIDENT_COMMENT] = "text",  [INCIDENT_SCORE] = "reason",   [INCIDENT_GRANT] = "team",
	[INCIDENT_WITHDRAW] = "team", [INCIDENT_FLAG] = "flag",
};

/* If-Match: "v12", or none. */
static bool version_wanted(const struct request *rq, int64_t *out, struct err *err)
{
	str tag = rq->if_match;
	*out = -1;
	if (tag.len > 2 && tag.ptr[0] == '"')
		tag = str_sub(tag, 1, tag.len - 1);
	return tag.len == 0 ||
	       (str_starts(tag, S("v")) && str_to_int(str_sub(tag, 1, tag.len), 0, INT64_MAX, out)) ||
	       err_set(err, ERR_INPUT, "If-Match: not a tag of an incident");
}

static struct reply *act(struct request *rq, enum incident_act what, finish_fn *finish)
{
	struct incident_command *c = NEW(rq->arena, struct incident_command, 1);
	struct uuid *ids;
	struct err err = { 0 };
	*c = (struct incident_command){ .world = rq->node->world,
					.who = rq->who,
					.act = what,
					.if_version = -1,
					.other = desk_id(rq, what == INCIDENT_MERGE  ? "into"
							     : what == INCIDENT_JOIN ? "with"
										     : "to"),
					.text = text_of[what] ? desk_text(rq, text_of[what]) : S(""),
					.resolution = what == INCIDENT_WAIT   ? desk_text(rq, "on")
						      : what == INCIDENT_FLAG ? desk_text(rq, "value")
									      : desk_text(rq, "resolution"),
					.said = desk_text(rq, "said_by"),
					.until = desk_time(rq, "until"),
					.severity = rq->json };
	if (!version_wanted(rq, &c->if_version, &err) || !request_param_uuid(rq, "id", &c->incident, &err) ||
	    !desk_ids(rq, what == INCIDENT_CLOSE ? "acknowledged" : "reports", &ids, &c->id_count, &err))
		return reply_error(rq, &err);
	c->ids = ids;
	return desk_submit(rq, "incident.act", incident_decide, c, finish);
}

static struct reply *incident_attach(struct request *rq)
{
	return act(rq, INCIDENT_ATTACH, attached);
}
static struct reply *incident_detach(struct request *rq)
{
	return act(rq, INCIDENT_DETACH, attached);
}
static struct reply *incident_merge(struct request *rq)
{
	return act(rq, INCIDENT_MERGE, merged);
}
static struct reply *incident_join(struct request *rq)
{
	return act(rq, INCIDENT_JOIN, joined);
}
static struct reply *incident_leave(struct request *rq)
{
	return act(rq, INCIDENT_LEAVE, acted);
}
static struct reply *incident_unmerge(struct request *rq)
{
	return act(rq, INCIDENT_UNMERGE, merged);
}
static struct reply *incident_split_off(struct request *rq)
{
	struct incident_split *c = NEW(rq->arena, struct incident_split, 1);
	struct uuid *ids;
	struct err err = { 0 };
	*c = (struct incident_split){
		.world = rq->node->world, .who = rq->who, .title = desk_text(rq, "title"), .arena = rq->arena
	};
	if (!version_wanted(rq, &c->if_version, &err) || !request_param_uuid(rq, "id", &c->incident, &err) ||
	    !desk_ids(rq, "reports", &ids, &c->report_count, &err))
		return reply_error(rq, &err);
	c->reports = ids;
	return desk_submit(rq, "incident.split", incident_split_decide, c, split);
}
static struct reply *incident_take_back(struct request *rq)
{
	return act(rq, INCIDENT_WITHDRAW_IT, acted);
}
static struct reply *incident_flags(struct request *rq)
{
	return act(rq, INCIDENT_FLAG, acted);
}
static struct reply *incident_take(struct request *rq)
{
	return act(rq, INCIDENT_TAKE, acted);
}
static struct reply *incident_release(struct request *rq)
{
	return act(rq, INCIDENT_RELEASE, acted);
}
static struct reply *incident_give(struct request *rq)
{
	return act(rq, INCIDENT_GIVE, acted);
}
static struct reply *incident_retitle(struct request *rq)
{
	return act(rq, INCIDENT_RETITLE, acted);
}
static struct reply *incident_classify(struct request *rq)
{
	return act(rq, INCIDENT_CLASSIFY, acted);
}
static struct reply *incident_marking(struct request *rq)
{
	return act(rq, INCIDENT_MARK, acted);
}
static struct reply *incident_wait(struct request *rq)
{
	return act(rq, INCIDENT_WAIT, acted);
}
static struct reply *incident_resume(struct request *rq)
{
	return act(rq, INCIDENT_RESUME, acted);
}
static struct reply *incident_reopen(struct request *rq)
{
	return act(rq, INCIDENT_REOPEN, acted);
}
static struct reply *incident_close(struct request *rq)
{
	return act(rq, INCIDENT_CLOSE, acted);
}
static struct reply *incident_severity(struct request *rq)
{
	return act(rq, INCIDENT_SCORE, acted);
}
static struct reply *incident_comment(struct request *rq)
{
	return act(rq, INCIDENT_COMMENT, commented);
}
static struct reply *incident_let_in(struct request *rq)
{
	return act(rq, INCIDENT_GRANT, acted);
}
static struct reply *incident_shut_out(struct request *rq)
{
	return act(rq, INCIDENT_WITHDRAW, acted);
}

static struct reply *clock_shown(struct request *rq, struct command *c)
{
	struct clock_settle *x = desk_arg(c);
	struct view v;
	struct record r;
	struct err err = { 0 };
	const struct released *out;
	struct audience to = desk_audience(rq);
	if (!c->ok)
		return reply_error(rq, &c->err);
	if (!desk_open(rq, &v, &err))
		return reply_error(rq, &err);
	bool ok = view_clock(&v, x->clock, &r, &err);
	desk_close(rq, &v);
	if (!ok || !release_check(rq->arena, &r, &to, &out, &err))
		return reply_error(rq, &err);
	return reply_released(rq, 200, out);
}

static struct reply *clock_settle(struct request *rq, str state)
{
	struct clock_settle *c = NEW(rq->arena, struct clock_settle, 1);
	struct err err = { 0 };
	*c = (struct clock_settle){
		.world = rq->node->world, .who = rq->who, .state = state, .reason = desk_text(rq, "reason")
	};
	if (!request_param_uuid(rq, "id", &c->clock, &err))
		return reply_error(rq, &err);
	return desk_submit(rq, "clock.settle", clock_settle_decide, c, clock_shown);
}

static struct reply *clock_waive(struct request *rq)
{
	return clock_settle(rq, S("waived"));
}
static struct reply *clock_reason(struct request *rq)
{
	return clock_settle(rq, S("late_with_reason"));
}

static struct reply *clock_list(struct request *rq)
{
	struct view v;
	struct search_page page = { .next = S(""), .exact = true };
	struct err err = { 0 };
	str state = request_query(rq, "state"), incident = request_query(rq, "incident");
	struct uuid id;
	if (!desk_open(rq, &v, &err))
		return reply_error(rq, &err);
	bool ok = incident.len ? uuid_parse(incident, &id, &err) &&
					 view_clocks(&v, id, &page.records, &page.count, &err)
			       : view_clock_page(&v, state.len ? state : S("running"),
						 request_cursor(rq), desk_limit(rq), &page, &err);
	desk_close(rq, &v);
	if (!ok)
		return reply_error(rq, &err);
	if (incident.len) /* whole */
		page.total = page.count;
	return desk_list(rq, page.records, page.count, desk_page(rq, page.next, page.total, page.exact));
}

static struct json *end_json(struct request *rq, const struct record *r)
{
	struct audience to = desk_audience(rq);
	const struct released *out;
	struct err hidden;
	return release_check(rq->arena, r, &to, &out, &hidden) ? json_copy(rq->arena, released_fields(out))
							       : NULL;
}

static struct json *unanswered(struct request *rq, const struct json *report)
{
	struct json *j = json_object(rq->arena), *ref = json_object(rq->arena);
	json_set_str(ref, "id", json_get_str(report, "id"));
	json_set_str(ref, "number", json_get_str(report, "number"));
	json_set(j, "report", ref);
	json_set_str(j, "name", json_get_str(json_get(report, "reporter"), "name"));
	json_set_str(j, "received_at", json_get_str(report, "received_at"));
	return j;
}

static bool closing_lists(struct request *rq, struct view *v, struct uuid id, struct json *out,
			  struct err *err)
{
	struct incident_parts parts;
	struct open_end *ends;
	ptrdiff_t count;
	struct json *lists[3] = { json_array(rq->arena), json_array(rq->arena), json_array(rq->arena) };
	if (!view_incident_parts(v, id, &parts, err) ||
	    !incident_open_ends(v->db, rq->arena, id, &ends, &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++) {
		struct record **from[] = { parts.clocks, parts.requests, parts.reports };
		ptrdiff_t n[] = { parts.clock_count, parts.request_count, parts.report_count };
		for (ptrdiff_t k = 0; k < n[ends[i].kind]; k++) {
			struct record *r = from[ends[i].kind][k];
			struct json *j = uuid_eq(r->id, ends[i].id) ? end_json(rq, r) : NULL;
			if (j)
				json_append(lists[ends[i].kind],
					    ends[i].kind == OPEN_REPORTER ? unanswered(rq, j) : j);
		}
	}
	json_set(out, "clocks", lists[OPEN_CLOCK]);
	json_set(out, "requests", lists[OPEN_REQUEST]);
	json_set(out, "unanswered", lists[OPEN_REPORTER]);
	return true;
}

static struct reply *incident_closing(struct request *rq)
{
	struct view v;
	struct uuid id;
	struct json *j = json_object(rq->arena);
	struct err err = { 0 };
	if (!request_param_uuid(rq, "id", &id, &err) || !desk_open(rq, &v, &err))
		return reply_error(rq, &err);
	bool ok = closing_lists(rq, &v, id, j, &err);
	desk_close(rq, &v);
	return ok ? reply_json(rq, 200, j) : reply_error(rq, &err);
}

#define TEXT(n, m, d)                                                   \
	{                                                               \
		.name = (n), .type = FIELD_TEXT, .max = (m), .doc = (d) \
	}
#define NEEDED(n, m, d)                                                                   \
	{                                                                                 \
		.name = (n), .type = FIELD_TEXT, .required = true, .max = (m), .doc = (d) \
	}
#define IDS(n, d)                                                          \
	{                                                                  \
		.name = (n), .type = FIELD_ID_LIST, .max = 500, .doc = (d) \
	}

static const struct field nothing[] = { { 0 } };
static const char *const list_states[] = { "new",      "open",   "waiting", "closed",
					   "reopened", "active", "all",    NULL };
static const struct field list_query[] = {
	{ .name = "state",
	  .type = FIELD_TEXT,
	  .max = 20,
	  .choices = list_states,
	  .doc = "all if not given; active: all but closed" },
	TEXT("owner", 36, "me, none or an account id"),
	TEXT("sector", 40, "sector of the regime"),
	TEXT("class", 60, "RSIT class"),
	TEXT("band", 40, "severity band"),
	TEXT("sort", 10, "due, updated, opened or severity"),
	TEXT("cursor", 80, "next of the page before"),
	{ .name = "limit", .type = FIELD_INT, .min = 1, .max = 100, .doc = "1 to 100, default 50" },
	{ 0 },
};
static const struct field clock_query[] = {
	TEXT("state", 20, "running, waiting, late, met, waived, all"),
	TEXT("incident", 36, "only of this incident"),
	TEXT("cursor", 80, "next of the page before"),
	{ .name = "limit", .type = FIELD_INT, .min = 1, .max = 100, .doc = "1 to 100, default 50" },
	{ 0 },
};
static const struct field cursor_query[] = { TEXT("cursor", 80, "next of the page before"), { 0 } };
static const char *const openers[] = { "me", "none", NULL };
static const struct field create_fields[] = {
	IDS("reports", "to open it from"),
	TEXT("title", 300, "one line"),
	{ .name = "owner", .type = FIELD_TEXT, .choices = openers, .doc = "me, or none: it is new" },
	{ 0 },
};
static const struct field split_fields[] = {
	{ .name = "reports",
	  .type = FIELD_ID_LIST,
	  .required = true,
	  .max = 500,
	  .doc = "all of one incident" },
	TEXT("title", 300, "one line; empty: that of the first report"),
	{ 0 },
};
static const char *const answers[] = { "yes", "no", "unknown", NULL };
static const struct field flag_fields[] = {
	NEEDED("flag", 40, "a question of the regime, as the incident's flags list them"),
	{ .name = "value", .type = FIELD_TEXT, .required = true, .choices = answers, .doc = "the answer" },
	TEXT("said_by", 30, "party, officer or report"),
	{ 0 },
};
static const struct field reports_fields[] = { IDS("reports", "report ids"), { 0 } };
static const struct field into_fields[] = {
	{ .name = "into", .type = FIELD_ID, .required = true, .doc = "incident" }, { 0 }
};
static const struct field with_fields[] = {
	{ .name = "with", .type = FIELD_ID, .required = true, .doc = "incident" }, { 0 }
};
static const struct field to_fields[] = {
	{ .name = "to", .type = FIELD_ID, .required = true, .doc = "account" }, { 0 }
};
static const struct field title_fields[] = { NEEDED("title", 300, "one line"), { 0 } };
static const struct field class_fields[] = { NEEDED("class", 60, "RSIT class"), { 0 } };
static const struct field tlp_fields[] = { NEEDED("tlp", 20, "a stricter label"), { 0 } };
static const struct field wait_fields[] = {
	NEEDED("on", 120, "on whom"),
	{ .name = "until", .type = FIELD_TIME, .required = true, .doc = "until when" },
	TEXT("reason", 4000, "why"),
	{ 0 },
};
static const struct field reason_fields[] = { NEEDED("reason", 4000, "why"), { 0 } };
static const struct field close_fields[] = {
	NEEDED("resolution", 30, "how it ended"),
	NEEDED("reason", 4000, "in words"),
	IDS("acknowledged", "clocks, requests and reports left open on purpose"),
	{ 0 },
};
static const struct field severity_fields[] = {
	{ .name = "factors",
	  .type = FIELD_MAP,
	  .required = true,
	  .max = 32,
	  .doc = "category to option; empty is unknown" },
	TEXT("override_band", 40, "a band, to overrule the score"),
	TEXT("reason", 4000, "of the override"),
	{ .name = "life_safety", .type = FIELD_BOOL, .doc = "lives are in danger" },
	{ 0 },
};
static const struct field comment_fields[] = { NEEDED("text", 64 << 10, "internal words"), { 0 } };
static const struct field team_fields[] = { NEEDED("team", 40, "team of the regime"), { 0 } };
#define GET(path, handler, words, query, record)                                           \
	{                                                                                  \
		"GET", path, PERM_CASE_READ, handler, words, NULL, query, 0, record, false \
	}
#define POST(path, handler, words, fields, record)                                                    \
	{                                                                                             \
		"POST", path, PERM_CASE_WRITE, handler, words, fields, NULL, 256 << 10, record, false \
	}
/* The acts on an incident go through act(), which heeds If-Match. */
#define ACT(path, handler, words, fields, record)                                                     \
	{                                                                                             \
		"POST", path, PERM_CASE_WRITE, handler, words, fields, NULL, 256 << 10, record,       \
		.tagged = true                                                                        \
	}

const struct route incident_routes[] = {
	GET("/api/incidents", incident_list, "Incidents", list_query, "<IncidentItem>"),
	POST("/api/incidents", incident_create, "Open an incident", create_fields, "201 NewIncident"),
	{ "GET", "/api/incidents/{id}", PERM_CASE_READ, incident_get, "One incident", .record = "Incident",
	  .tagged = true },
	GET("/api/incidents/{id}/timeline", timeline, "What happened, newest first", cursor_query, "<Entry>"),
	GET("/api/incidents/{id}/closing", incident_closing, "What closing would leave open", NULL,
	    "Closing"),
	ACT("/api/incidents/{id}/attach", incident_attach, "Attach reports", reports_fields,
	    "{attached: int, undo: Undo}"),
	ACT("/api/incidents/{id}/detach", incident_detach, "Return reports", reports_fields,
	    "{detached: int, undo: Undo}"),
	ACT("/api/incidents/{id}/merge", incident_merge, "Merge into another incident", into_fields,
	    "{undo: Undo?}"),
	ACT("/api/incidents/{id}/unmerge", incident_unmerge, "Undo a merge", nothing, "{undo: Undo?}"),
	ACT("/api/incidents/{id}/join", incident_join, "It is of one campaign with another", with_fields,
	    "{undo: Undo?}"),
	ACT("/api/incidents/{id}/leave", incident_leave, "It is of that campaign no longer", nothing,
	    "Incident"),
	ACT("/api/incidents/{id}/split", incident_split_off, "Make some reports an incident of their own",
	    split_fields, "201 Split"),
	ACT("/api/incidents/{id}/withdraw", incident_take_back, "Undo that it was opened, or split off",
	    nothing, "Incident"),
	ACT("/api/incidents/{id}/flags", incident_flags, "Answer a question of the regime", flag_fields,
	    "Incident"),
	ACT("/api/incidents/{id}/take", incident_take, "Take", nothing, "Incident"),
	ACT("/api/incidents/{id}/release", incident_release, "Release", nothing, "Incident"),
	ACT("/api/incidents/{id}/give", incident_give, "Give to a colleague", to_fields, "Incident"),
	ACT("/api/incidents/{id}/retitle", incident_retitle, "Change the title", title_fields, "Incident"),
	ACT("/api/incidents/{id}/classify", incident_classify, "Classify", class_fields, "Incident"),
	ACT("/api/incidents/{id}/marking", incident_marking, "Raise the marking", tlp_fields, "Incident"),
	ACT("/api/incidents/{id}/wait", incident_wait, "Wait on somebody", wait_fields, "Incident"),
	ACT("/api/incidents/{id}/resume", incident_resume, "Resume", nothing, "Incident"),
	ACT("/api/incidents/{id}/reopen", incident_reopen, "Reopen", reason_fields, "Incident"),
	ACT("/api/incidents/{id}/close", incident_close, "Close", close_fields, "Incident"),
	ACT("/api/incidents/{id}/severity", incident_severity, "Score the severity", severity_fields,
	    "Incident"),
	ACT("/api/incidents/{id}/comments", incident_comment, "Add an internal comment", comment_fields,
	    "201 NewComment"),
	ACT("/api/incidents/{id}/let-in", incident_let_in, "Let another team in", team_fields, "Incident"),
	ACT("/api/incidents/{id}/shut-out", incident_shut_out, "Shut a team out", team_fields, "Incident"),
	GET("/api/clocks", clock_list, "Clocks, next due first", clock_query, "<Clock>"),
	{ "POST", "/api/clocks/{id}/waive", PERM_CLOCK_WAIVE, clock_waive, "Waive a clock", reason_fields,
	  .body_max = 256 << 10, .record = "Clock" },
	POST("/api/clocks/{id}/reason", clock_reason, "Give the reason for lateness", reason_fields, "Clock"),
};
const ptrdiff_t incident_routes_count = COUNTOF(incident_routes);
