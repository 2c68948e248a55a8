#include "http/home_routes.h"

#include "access/identity.h"
#include "base/buf.h"
#include "base/log.h"
#include "cases/score.h"
#include "directory/read.h"
#include "format/json.h"
#include "http/desk.h"
#include "model/number.h"
#include "query/board.h"
#include "query/reads.h"
#include "regime/severity.h"
#include "state/search.h"

enum { SHOWN = 8, WORDS_MAX = 12, ORGANISATIONS_SHOWN = 5 };

/* Home */

/* Each list goes through the gate by itself; what comes out becomes a member of the page. */
static bool add_list(struct request *rq, struct json *home, const char *name, struct record **records,
		     ptrdiff_t count, struct tally total, struct err *err)
{
	struct json *page = desk_page(rq, S(""), total.count, total.exact);
	struct audience to = desk_audience(rq);
	const struct released *out;
	ptrdiff_t withheld = 0;
	if (!release_list(rq->arena, (const struct record *const *)records, count, page, &to, &out, &withheld,
			  err))
		return false;
	if (withheld)
		log_event(LOG_WARNING, "release.withheld", LOG_INT("count", withheld));
	json_set(home, name, json_copy(rq->arena, released_fields(out)));
	return true;
}

static bool add_queue(struct request *rq, struct view *v, struct json *home, const char *name,
		      struct queue_filter f, struct err *err)
{
	struct queue_page page;
	f.band = -1;
	f.limit = SHOWN;
	return view_queue(v, &f, &page, err) && add_list(rq, home, name, page.records, page.count,
							 (struct tally){ page.total, page.exact }, err);
}

static bool add_clocks(struct request *rq, struct view *v, struct json *home, struct err *err)
{
	struct record **due, *pressing;
	struct tally running, overdue;
	struct audience to = desk_audience(rq);
	const struct released *out = NULL;
	ptrdiff_t count;
	struct json *late = json_object(rq->arena);
	if (!view_pressing(v, &pressing, err) || !view_running(v, &running, err) ||
	    !view_overdue(v, &overdue, err) ||
	    !view_clock_board(v, S("running"), INT64_MIN, (struct uuid){ { 0 } }, SHOWN, &due, &count, err) ||
	    (pressing && !release_check(rq->arena, pressing, &to, &out, err)))
		return false;
	json_set(home, "pressing", out ? json_copy(rq->arena, released_fields(out)) : NULL);
	json_set_int(late, "count", overdue.count);
	json_set_bool(late, "count_exact", overdue.exact);
	json_set(home, "overdue", late);
	return add_list(rq, home, "due", due, count, running, err);
}

static bool add_untaken(struct request *rq, struct view *v, struct json *home, struct err *err)
{
	struct untaken u;
	struct json *j = json_object(rq->arena);
	if (!view_untaken(v, &u, err))
		return false;
	json_set_int(j, "count", u.tally.count);
	json_set_bool(j, "count_exact", u.tally.exact);
	json_set_instant(j, "oldest_at", u.oldest);
	json_set_instant(j, "alerted_at", u.alerted);
	json_set(home, "untaken", j);
	return true;
}

static bool home_fill(struct request *rq, struct view *v, struct json *home, struct err *err)
{
	return add_clocks(rq, v, home, err) && add_untaken(rq, v, home, err) &&
	       add_queue(rq, v, home, "new_reports",
			 (struct queue_filter){
				 .kind = QUEUE_REPORTS, .sort = SORT_RECEIVED, .state = S("new"),
				 .owner_none = true },
			 err) &&
	       add_queue(rq, v, home, "mine",
			 (struct queue_filter){ .kind = QUEUE_INCIDENTS,
						.sort = SORT_CHANGED,
						.state = S("active"),
						.owner_is = true,
						.owner = rq->who->account },
			 err) &&
	       add_queue(rq, v, home, "nobodys",
			 (struct queue_filter){ .kind = QUEUE_INCIDENTS,
						.sort = SORT_RECEIVED,
						.state = S("active"),
						.owner_none = true },
			 err);
}

static struct reply *home_get(struct request *rq)
{
	struct view v;
	struct json *home = json_object(rq->arena);
	struct err err = { 0 };
	if (!desk_open(rq, &v, &err))
		return reply_error(rq, &err);
	bool ok = home_fill(rq, &v, home, &err);
	desk_close(rq, &v);
	if (!ok)
		return reply_error(rq, &err);
	json_set_instant(home, "now", v.now);
	return reply_json(rq, 200, home); /* its lists were released one by one */
}

/* Search: one box */

struct reading {
	const char *read_as;
	str values[WORDS_MAX];
	ptrdiff_t count;
	struct observable observable;
	bool observed;
};

static const char *const read_as[OBSERVABLE_TYPES] = {
	[OBSERVABLE_IPV4] = "address", [OBSERVABLE_IPV6] = "address",  [OBSERVABLE_CIDR] = "network",
	[OBSERVABLE_ASN] = "network",  [OBSERVABLE_DOMAIN] = "domain", [OBSERVABLE_URL] = "domain",
	[OBSERVABLE_HASH] = "hash",    [OBSERVABLE_CVE] = "words",     [OBSERVABLE_EMAIL] = "sender",
};

/* A number, an observable, or words that must all be there. */
static struct reading read_query(struct arena *a, str q)
{
	struct reading r = { .read_as = "words" };
	struct err ignored;
	if (number_parse(a, q, &r.values[0], &ignored)) {
		r.read_as = "number";
		r.count = 1;
	} else if (observable_parse(a, q, &r.observable, &ignored)) {
		r.observed = true;
		r.read_as = read_as[r.observable.type];
		r.values[0] = r.observable.value;
		r.count = 1;
	} else {
		r.count = search_words(a, q, r.values, WORDS_MAX);
	}
	return r;
}

static struct record *organisation_hit(struct view *v, const struct record *r, const struct json *from)
{
	struct json *j = json_object(v->a);
	struct record *hit = NEW(v->a, struct record, 1);
	static const char *const absent[] = { "number", "at", "incident", "state" };
	json_set_str(j, "kind", S("organisation"));
	json_set_str(j, "id", json_get_str(from, "id"));
	json_set_str(j, "title", json_get_str(from, "name"));
	json_set_str(j, "excerpt", json_get_str(from, "sector"));
	for (ptrdiff_t i = 0; i < COUNTOF(absent); i++)
		json_set(j, absent[i], NULL);
	*hit = *r;
	hit->fields = j;
	return hit;
}

/* The box says whose an address is to the team that answers for its owner, and to the hub; anybody else asks
 * /api/owner, which is about the directory and not about cases. */
static bool answers_for(const struct view *v, const struct json *team)
{
	return str_eq(v->team, v->regime->hub) || str_eq(v->team, json_get_str(team, "id"));
}

/* Whoever owns what was typed, or whose name begins so. */
static bool organisations(struct view *v, const struct reading *r, str q, int64_t limit, str cursor,
			  struct search_page *out, struct err *err)
{
	struct directory d = { v->db, v->a, v->regime };
	struct directory_page page;
	*out = (struct search_page){ .next = S(""), .exact = true };
	if (r->observed) {
		struct record found;
		if (!directory_lookup(&d, &r->observable, &found, err))
			return false;
		out->count = out->total = json_get_bool(found.fields, "found") &&
					  answers_for(v, json_get(found.fields, "team"));
		out->records = NEW(v->a, struct record *, 1);
		out->records[0] = organisation_hit(v, &found, json_get(found.fields, "organisation"));
		return true;
	}
	const struct directory_filter f = {
		.q = q, .sector = S(""), .class = S(""), .cursor = cursor, .limit = limit
	};
	if (!directory_list(&d, &f, &page, err))
		return false;
	*out = (struct search_page){ NEW(v->a, struct record *, page.count), page.count, page.next,
				     page.total, page.exact };
	for (ptrdiff_t i = 0; i < page.count; i++)
		out->records[i] = organisation_hit(v, page.records[i], page.records[i]->fields);
	return true;
}

/* Behind the first page of cases stand the first few organisations, as the box finds both. */
static bool search_all(struct view *v, const struct search_query *query, const struct reading *r, str q,
		       struct search_page *out, struct err *err)
{
	struct search_page more;
	if (!view_search(v, query, out, err))
		return false;
	if (query->cursor.len || str_eq(str_from(r->read_as), S("number")))
		return true;
	if (!organisations(v, r, q, ORGANISATIONS_SHOWN, S(""), &more, err))
		return false;
	struct record **both = NEW(v->a, struct record *, out->count + more.count);
	for (ptrdiff_t i = 0; i < out->count; i++)
		both[i] = out->records[i];
	for (ptrdiff_t i = 0; i < more.count; i++)
		both[out->count + i] = more.records[i];
	out->records = both;
	out->count += more.count;
	out->total += more.count;
	return true;
}

static bool search_run(struct request *rq, struct view *v, const struct reading *r, struct search_page *out,
		       struct err *err)
{
	str kind = request_query(rq, "kind"), q = str_trim(request_query(rq, "q"));
	bool number = str_eq(str_from(r->read_as), S("number"));
	struct search_query query = { .number = number ? r->values[0] : S(""),
				      .values = r->values,
				      .value_count = r->count,
				      .limit = desk_limit(rq),
				      .cursor = request_cursor(rq) };
	if (str_eq(kind, S("organisation")))
		return organisations(v, r, q, query.limit, query.cursor, out, err);
	if (kind.len == 0)
		return search_all(v, &query, r, q, out, err);
	query.kind = str_eq(kind, S("report"))	   ? SEARCH_REPORT
		     : str_eq(kind, S("incident")) ? SEARCH_INCIDENT
		     : str_eq(kind, S("message"))  ? SEARCH_MESSAGE
						   : SEARCH_ANY;
	if (query.kind == SEARCH_ANY)
		return err_set(err, ERR_INPUT, "kind: report, incident, organisation or message");
	return view_search(v, &query, out, err);
}

static struct reply *search_get(struct request *rq)
{
	struct view v;
	struct search_page page = { .next = S(""), .exact = true };
	struct err err = { 0 };
	str q = str_trim(request_query(rq, "q"));
	struct reading r = read_query(rq->arena, q);
	if (!desk_open(rq, &v, &err))
		return reply_error(rq, &err);
	bool ok = q.len == 0 || search_run(rq, &v, &r, &page, &err);
	desk_close(rq, &v);
	if (!ok)
		return reply_error(rq, &err);
	struct json *j = desk_page(rq, page.next, page.total, page.exact);
	json_set_str(j, "read_as", str_from(r.read_as));
	return desk_list(rq, page.records, page.count, j);
}

/* Severity, tried out */

static struct json *score_json(struct request *rq, const struct severity_result *s,
			       const struct json *factors)
{
	struct json *j = json_object(rq->arena), *floor = NULL;
	if (s->floors_count) {
		const struct severity_floor_hit *hit = &s->floors[s->floors_count - 1];
		floor = json_object(rq->arena);
		json_set_str(floor, "title", hit->floor->reason);
		json_set_str(floor, "band", hit->to->id);
	}
	json_set_str(j, "band", s->band->id);
	json_set_str(j, "band_title", s->band->title.text);
	json_set_str(j, "computed", s->band->id);
	json_set_str(j, "computed_title", s->band->title.text);
	json_set_int(j, "score", s->provisional);
	json_set_int(j, "low", s->low);
	json_set_int(j, "high", s->high);
	json_set_str(j, "band_low", s->band_low->id);
	json_set_str(j, "band_high", s->band_high->id);
	json_set_bool(j, "provisional", s->scored && !s->complete);
	json_set_bool(j, "life_safety", json_get_bool(rq->json, "life_safety"));
	json_set(j, "floor", floor);
	json_set(j, "override", NULL);
	json_set(j, "factors", json_copy(rq->arena, factors));
	return j;
}

/* By the rules that the incident was opened under. */
static bool score(struct view *v, const struct json *incident, const struct json *asked,
		  struct severity_result *out, struct err *err)
{
	const struct json *law = json_get(incident, "regime");
	str name = arena_printf(v->a, STR_FMT "/" STR_FMT, STR_ARG(json_get_str(law, "id")),
				STR_ARG(json_get_str(law, "version")));
	struct score_of of = { v->db, view_regime(v, name), json_get_uuid(incident, "id"),
			       json_get_str(incident, "sector"), asked, NULL };
	return score_incident(&of, v->a, out, err);
}

/* As a private record of the incident: only the coordinator's people learn what its sector, and its
 * campaign, do to the score. */
static struct reply *severity_preview(struct request *rq)
{
	struct view v;
	struct record r;
	struct uuid id;
	const struct released *out;
	struct audience to = desk_audience(rq);
	struct err err = { 0 };
	if (!request_param_uuid(rq, "id", &id, &err) || !desk_open(rq, &v, &err))
		return reply_error(rq, &err);
	bool ok = view_incident(&v, id, &r, &err);
	struct severity_result result;
	ok = ok && score(&v, r.fields, rq->json, &result, &err);
	desk_close(rq, &v);
	if (!ok)
		return reply_error(rq, &err);
	r.fields = score_json(rq, &result, json_get(rq->json, "factors"));
	r.annex_fields = NULL;
	r.annex = true;
	if (!release_check(rq->arena, &r, &to, &out, &err))
		return reply_error(rq, &err);
	return reply_released(rq, 200, out);
}

/* Outbox */

static struct reply *outbox_get(struct request *rq)
{
	struct view v;
	struct search_page page;
	struct err err = { 0 };
	if (!desk_open(rq, &v, &err))
		return reply_error(rq, &err);
	bool ok = view_outbox(&v, request_query(rq, "state"), request_cursor(rq), desk_limit(rq),
			      &page, &err);
	desk_close(rq, &v);
	if (!ok)
		return reply_error(rq, &err);
	return desk_list(rq, page.records, page.count, desk_page(rq, page.next, page.total, page.exact));
}

/* Stream: only that something moved of one's own team's, never what.  Another team's work wakes the server,
 * and writes
 * nothing here: not even when somebody else is busy may be read off the wire. */

struct stream {
	int64_t seen; /* microseconds: the newest change that was told */
};

static bool moved_at(struct request *rq, int64_t *out)
{
	struct view v;
	struct err err;
	if (!desk_open(rq, &v, &err)) {
		*out = 0; /* somebody without casework: nothing ever moves */
		return true;
	}
	bool ok = view_moved(&v, out, &err);
	desk_close(rq, &v);
	return ok;
}

static bool stream_next(struct request *rq, void *state, struct buf *out)
{
	struct stream *s = state;
	int64_t at;
	if (!moved_at(rq, &at))
		return false; /* the console connects again */
	if (at != s->seen)
		buf_add(out, S("event: board\ndata: {\"moved\":true}\n\n"));
	s->seen = at;
	return true;
}

static struct reply *stream_get(struct request *rq)
{
	struct stream *s = NEW(rq->arena, struct stream, 1);
	s->seen = -1;
	return reply_stream(rq, stream_next, s);
}

#define TEXT(n, m, d)                                                   \
	{                                                               \
		.name = (n), .type = FIELD_TEXT, .max = (m), .doc = (d) \
	}

static const struct field search_query[] = {
	TEXT("q", 2048, "a number, an address, a domain, a hash, a sender, or words of a title"),
	TEXT("kind", 20, "report, incident, organisation or message; all if empty"),
	TEXT("cursor", 80, "next of the page before"),
	{ .name = "limit", .type = FIELD_INT, .min = 1, .max = 100, .doc = "1 to 100, default 50" },
	{ 0 },
};
static const char *const outbox_states[] = { "queued", "sent", "read", "bounced", "failed",
			   "withheld", "held", "all", NULL };
static const struct field outbox_query[] = {
	{ .name = "state",
	  .type = FIELD_TEXT,
	  .max = 20,
	  .choices = outbox_states,
	  .doc = "all if not given" },
	TEXT("cursor", 80, "next of the page before"),
	{ .name = "limit", .type = FIELD_INT, .min = 1, .max = 100, .doc = "1 to 100, default 50" },
	{ 0 },
};
static const struct field preview_body[] = {
	{ .name = "factors",
	  .type = FIELD_MAP,
	  .required = true,
	  .max = 32,
	  .doc = "category to option; empty is unknown" },
	{ .name = "life_safety", .type = FIELD_BOOL, .doc = "lives are in danger" },
	{ 0 },
};

const struct route home_routes[] = {
	{ "GET", "/api/home", PERM_CASE_READ, home_get, "The first screen", NULL, NULL, 0, "Home", false },
	{ "GET", "/api/search", PERM_CASE_READ, search_get, "Search", NULL, search_query, 0, "Hits", false },
	{ "POST", "/api/incidents/{id}/severity/preview", PERM_CASE_READ, severity_preview,
	  "Try a severity out", preview_body, NULL, 0, "Severity", false },
	{ "GET", "/api/outbox", PERM_CASE_READ, outbox_get, "Mail that goes out", NULL, outbox_query, 0,
	  "<OutboxItem>", false },
	{ "GET", "/api/stream", PERM_FOLLOW, stream_get, "Events: something moved", NULL, NULL, 0,
	  "text/event-stream", false },
};
const ptrdiff_t home_routes_count = COUNTOF(home_routes);
