#include "base/buf.h"
#include "format/json.h"
#include "model/observable.h"
#include "query/evidence.h"
#include "query_sql.h"

enum { SUBMISSION_MOST = 64 << 10 };

typedef struct sql_query_timeline_row row;

/* What a line says.  %w is the payload member named here, if it has one; %p the party, and that member of it;
 * %i the incidents, %r the report. */
static const struct {
	const char *kind, *words, *member;
} sentences[] = {
	{ "report.received", "Report received", NULL },
	{ "evidence.taken", "Copy downloaded: %w", "what" },
	{ "report.owner_changed", "Taken, given or released", NULL },
	{ "report.state_changed", "Report: now %w", "state" },
	{ "report.attached", "Report attached%r", NULL },
	{ "report.detached", "Report detached%r", NULL },
	{ "report.moved", "Report moved%r", NULL },
	{ "report.acknowledged", "Acknowledged by a person", NULL },
	{ "report.answered", "Reporter answered", NULL },
	{ "report.classified", "Class: %w", "class" },
	{ "access.granted", "Team let in: %w", "team" },
	{ "access.withdrawn", "Team shut out: %w", "team" },
	{ "incident.opened", "Incident opened", NULL },
	{ "incident.owner_changed", "Taken, given or released", NULL },
	{ "incident.state_changed", "State: %w", "state" },
	{ "incident.classified", "Class: %w", "class" },
	{ "incident.marked", "Marking raised", NULL },
	{ "incident.scored", "Severity scored", NULL },
	{ "incident.merged", "Merged: %i", "into" },
	{ "incident.unmerged", "Merge undone: %i", "from" },
	{ "incident.joined", "One campaign: %i", "with" },
	{ "incident.left", "No longer of a campaign with others", NULL },
	{ "incident.split", "Split: %i", "from" },
	{ "incident.withdrawn", "Taken back: %i", "to" },
	{ "incident.flag_set", "Answered: %w", "flag" },
	{ "incident.edited", "Title changed", NULL },
	{ "party.added", "Party added: %p", "role" },
	{ "party.removed", "Party removed: %p", NULL },
	{ "party.restored", "Party back: %p", NULL },
	{ "party.moved", "Party moved: %p", NULL },
	{ "party.fact_set", "Fact: %p", "fact" },
	{ "anchor.set", "Time stated: %p", "name" },
	{ "submission.recorded", "Submission: %p", "step" },
	{ "clock.armed", "Clock: %w", "title" },
	{ "clock.recomputed", "Clock recomputed: now %w", "state" },
	{ "clock.settled", "Clock: %w", "state" },
	{ "clock.reminded", "Reminder sent", NULL },
	{ "message.queued", "Message", NULL },
	{ "message.delivery_changed", "Delivery: %p", "delivery" },
	{ "message.acknowledged", "Its recipient says that it arrived", NULL },
	{ "message.received", "Answer received", NULL },
	{ "request.opened", "Request: %p", NULL },
	{ "request.state_changed", "Request: %p", "state" },
	{ "comment.added", "Comment", NULL },
	{ "hold.set", "Legal hold set", NULL },
	{ "hold.lifted", "Legal hold lifted", NULL },
	{ "purge.asked", "Purge of words asked for", NULL },
	{ "purge.done", "Words purged for good", NULL },
};

/* The number of a case, as far as this team may know of it. */
static bool number_of(struct view *v, struct uuid incident, str *out, struct err *err)
{
	struct json *one;
	*out = S("another incident");
	if (!view_case(v, incident, &one, err))
		return false;
	if (one)
		*out = json_get_str(one, "number");
	return true;
}

/* "not_applicable" is a word for programs. */
static str readable(struct arena *a, str word)
{
	char *out = NEW(a, char, word.len);
	for (ptrdiff_t i = 0; i < word.len; i++)
		out[i] = word.ptr[i] == '_' ? ' ' : word.ptr[i];
	return (str){ out, word.len };
}

/* "PK-1 into PK-2": which of the two incidents that a line names. */
static bool both_numbers(struct view *v, const row *r, const struct json *payload, const char *member,
			 str *out, struct err *err)
{
	str own, other;
	struct uuid linked = json_get_uuid(payload, member);
	if (!number_of(v, r->ref, &own, err) || !number_of(v, linked, &other, err))
		return false;
	bool from = str_eq(str_from(member), S("from")), with = str_eq(str_from(member), S("with"));
	*out = uuid_is_nil(linked) ? own
				   : arena_printf(v->a, STR_FMT " %s " STR_FMT, STR_ARG(own),
						  from   ? "from"
						  : with ? "with"
							 : "into",
						  STR_ARG(other));
	return true;
}

static bool report_number(struct view *v, const row *r, str *out, struct err *err)
{
	struct sql_query_report_number_row report;
	bool found = false;
	*out = S("");
	if (!sql_query_report_number(v->db, v->a,
				     &(struct sql_query_report_number){ .scope_team = v->team, .id = r->ref },
				     &report, &found, err))
		return false;
	if (found)
		*out = arena_printf(v->a, ": " STR_FMT, STR_ARG(report.number));
	return true;
}

/* "Demo Bank, affected": whom a line is about, as far as this team may know, and what was said of it. */
static bool party_part(struct view *v, const row *r, const struct json *payload, const char *member, str *out,
		       struct err *err)
{
	struct uuid party = str_starts(r->kind, S("party.")) ? r->ref : json_get_uuid(payload, "party");
	str said = readable(v->a, member ? json_get_str(payload, member) : S("")), name = S(""),
	    value = str_eq(r->kind, S("party.fact_set")) ? json_get_str(payload, "value") : S("");
	bool asked = str_starts(r->kind, S("request.")), letter = asked || str_starts(r->kind, S("message."));
	if (str_eq(r->kind, S("request.opened")))
		said = S("opened");
	if (letter && !str_eq(r->team, v->team))
		party = (struct uuid){ { 0 } }; /* who reported is asked in private */
	if (!uuid_is_nil(party) && !view_party_name(v, party, &name, err))
		return false;
	*out = arena_printf(v->a, STR_FMT "%s" STR_FMT "%s" STR_FMT, STR_ARG(name),
			    name.len && said.len ? ", " : "", STR_ARG(said), value.len ? ": " : "",
			    STR_ARG(value));
	return true;
}

static bool title(struct view *v, const row *r, const struct json *payload, str *out, struct err *err)
{
	*out = r->kind;
	for (ptrdiff_t i = 0; i < COUNTOF(sentences); i++) {
		const char *member = sentences[i].member;
		str words = str_from(sentences[i].words),
		    value = member ? json_get_str(payload, member) : S("");
		if (!str_eq(r->kind, str_from(sentences[i].kind)))
			continue;
		ptrdiff_t at = str_find_char(words, '%');
		char what = at < 0 ? ' ' : words.ptr[at + 1];
		if ((what == 'i' && !both_numbers(v, r, payload, member, &value, err)) ||
		    (what == 'r' && !report_number(v, r, &value, err)) ||
		    (what == 'p' && !party_part(v, r, payload, member, &value, err)))
			return false;
		if (what == 'w' && !str_eq(str_from(member), S("title")))
			value = readable(v->a, value);
		*out = at < 0 ? words
			      : arena_printf(v->a, STR_FMT STR_FMT, STR_ARG(str_sub(words, 0, at)),
					     STR_ARG(value));
		bool own = str_eq(r->team, v->team); /* why may be another incident */
		if (own && str_eq(r->kind, S("incident.scored")) && json_get_str(payload, "why").len)
			*out = arena_printf(v->a, "Severity computed again: " STR_FMT,
					    STR_ARG(json_get_str(payload, "why")));
		if (str_eq(r->kind, S("incident.flag_set")))
			*out = arena_printf(v->a, STR_FMT ": " STR_FMT ", said by the " STR_FMT,
					    STR_ARG(*out), STR_ARG(json_get_str(payload, "value")),
					    STR_ARG(json_get_str(payload, "said")));
		return true;
	}
	return true;
}

static struct json *request_now(struct view *v, const struct sql_query_message_now_row *m,
				struct json *party, str subject)
{
	struct json *j = json_object(v->a);
	if (m->state.ptr == NULL)
		return NULL;
	bool open = str_eq(m->state, S("open"));
	bool overdue = open && m->due.us && instant_before(m->due, v->now);
	json_set_uuid(j, "id", m->request);
	json_set(j, "party", party);
	json_set_str(j, "subject", subject);
	json_set_instant(j, "asked_at", m->asked);
	json_set_instant(j, "due_at", m->due);
	json_set_str(j, "state",
		     overdue                      ? S("overdue")
		     : open                       ? S("open")
		     : str_eq(m->state, S("met")) ? S("answered")
						  : S("withdrawn"));
	json_set_instant(j, "answered_at", m->met);
	return j;
}

/* How far the mail has come, and what became of the question in it. */
static bool message_now(struct view *v, const row *r, const struct json *words, bool own, struct json *party,
			struct json *m, struct err *err)
{
	struct sql_query_message_now_row now;
	struct json *list = json_array(v->a), *one = json_object(v->a), *ref = json_object(v->a);
	bool found = false, out = str_eq(r->kind, S("message.queued"));
	str subject = json_get_str(words, "subject");
	json_set(m, "deliveries", list);
	json_set(m, "request", NULL);
	if (!sql_query_message_now(v->db, v->a,
				   &(struct sql_query_message_now){ .scope_team = v->team, .id = r->ref },
				   &now, &found, err))
		return false;
	if (!found)
		return true;
	json_set(m, "request", request_now(v, &now, party, subject));
	if (!out)
		return true;
	json_set_uuid(ref, "id", r->ref);
	json_set_str(ref, "subject", observable_defang(v->a, subject));
	json_set_uuid(one, "id", r->ref);
	json_set(one, "message", ref);
	json_set(one, "party", party);
	json_set_str(one, "address", own ? json_get_str(words, "to") : S(""));
	json_set_instant(one, "at", r->at);
	json_set_str(one, "state", now.delivery);
	json_set_instant(one, "acknowledged_at", now.acknowledged);
	json_append(list, one);
	return view_said(v, own ? now.detail : (str){ 0 }, one, "detail", err);
}

static bool message_part(struct view *v, const row *r, const struct json *payload, const struct json *words,
			 struct json *j, struct err *err)
{
	struct json *m = json_object(v->a), *party = json_object(v->a), *raw = NULL;
	bool out = str_eq(r->kind, S("message.queued"));
	bool own = str_eq(r->team, v->team); /* addresses are for the coordinator's people only */
	if (own && r->body.ptr && !view_kept(v, r->raw, &raw, err))
		return false;
	json_set_uuid(party, "id", json_get_uuid(payload, "party"));
	str name = out ? json_get_str(words, "to_name") : own ? json_get_str(words, "from") : S("");
	json_set_str(party, "name",
		     name.len     ? name
		     : out && own ? json_get_str(words, "to")
				  : S("(unknown)"));
	json_set_str(m, "direction", out ? S("out") : S("in"));
	json_set(m, "party", party);
	json_set_bool(m, "verified", !str_eq(json_get_str(payload, "delivery"), S("unverified")));
	if (!message_now(v, r, words, own, party, m, err))
		return false;
	json_set_uuid(m, "id", r->ref);
	json_set(m, "raw", raw);
	json_set(j, "message", m);
	str subject = json_get_str(words, "subject");
	if (subject.len)
		json_set_str(j, "title", observable_defang(v->a, subject));
	return true;
}

/* As the obliged party wrote it; empty for an officer's note that it came. */
static str submission_text(struct arena *a, const struct json *words)
{
	static const struct {
		const char *member, *title;
	} parts[] = {
		{ "organisation", "Submitted by" }, { "by", "In the name of" },  { "what", "What happened" },
		{ "detected", "Known since" },      { "effects", "Effects" },    { "measures", "Measures" },
		{ "contact", "Contact" },
	};
	struct buf b;
	buf_init(&b, a, SUBMISSION_MOST);
	for (ptrdiff_t i = 0; i < COUNTOF(parts); i++) {
		bool time = strcmp(parts[i].member, "detected") == 0;
		str value = time ? instant_format_seconds(a, json_get_instant(words, "detected"))
				 : json_get_str(words, parts[i].member);
		if (json_get(words, parts[i].member) == NULL)
			continue;
		if (value.len)
			buf_printf(&b, "%s%s: " STR_FMT, b.len ? "\n" : "", parts[i].title, STR_ARG(value));
	}
	return buf_str(&b);
}

static bool fields(struct view *v, const row *r, str id, struct json *j, struct err *err)
{
	struct json *actor, *payload, *words;
	str said;
	bool comment = str_eq(r->kind, S("comment.added"));
	bool message = str_eq(r->kind, S("message.queued")) || str_eq(r->kind, S("message.received"));
	bool submission = str_eq(r->kind, S("submission.recorded"));
	if (!view_person_ref(v, r->actor, r->actor_known, r->actor_body, &actor, err) ||
	    !view_body(v, r->payload, &payload, err) ||
	    !view_body(v, comment || message || submission ? r->body : (str){ 0 }, &words, err))
		return false;
	str text = submission ? submission_text(v->a, words) : json_get_str(words, "text");
	json_set_str(j, "id", id);
	json_set_instant(j, "at", r->at);
	json_set_str(j, "kind", r->kind);
	json_set(j, "actor", actor);
	json_set_str(j, "shape", comment ? S("comment") : message ? S("message") : S("event"));
	if (!title(v, r, payload, &said, err))
		return false;
	json_set_str(j, "title", said);
	if (text.len)
		json_set_str(j, "text", observable_defang(v->a, text));
	else
		json_set(j, "text", NULL);
	json_set_bool(j, "purged", (comment || message) && r->body.ptr == NULL);
	json_set(j, "marking", message ? view_marking(v, json_get_int(payload, "tlp"), false) : NULL);
	json_set(j, "message", NULL);
	json_set(j, "undo", NULL);
	return !message || message_part(v, r, payload, words, j, err);
}

static bool line(struct view *v, const row *r, struct record *out, str id, struct err *err)
{
	out->kind = r->annex ? RECORD_COMMENT : RECORD_EVENT;
	out->id = r->ref;
	out->tlp = (enum tlp)MAX(r->tlp, r->message_tlp);
	out->coordinator = r->team;
	out->annex = r->annex;
	out->fields = json_object(v->a);
	return fields(v, r, id, out->fields, err);
}

bool view_timeline(struct view *v, struct uuid subject, int64_t before, int64_t count, struct record ***out,
		   ptrdiff_t *out_count, int64_t *out_next, struct err *err)
{
	struct sql_query_timeline_count_row all = { 0 };
	struct record like = { .subject = subject };
	row *rows;
	ptrdiff_t n;
	bool found = false;
	if (!view_teams_of(v, subject, &like.teams, &like.team_count, err))
		return false;
	if (like.team_count == 0)
		return err_set(err, ERR_MISSING, "there is no such record");
	if (!sql_query_timeline_count(
		    v->db, v->a,
		    &(struct sql_query_timeline_count){ .scope_team = v->team, .subject = subject }, &all,
		    &found, err))
		return false;
	int64_t end = MIN(MAX(before, 0), all.lines), begin = MAX(end - MAX(count, 0), 0);
	if (!sql_query_timeline(
		    v->db, v->a,
		    &(struct sql_query_timeline){
			    .scope_team = v->team, .subject = subject, .skip = begin, .count = end - begin },
		    &rows, &n, err))
		return false;
	struct record **list = NEW(v->a, struct record *, n);
	for (ptrdiff_t i = 0; i < n; i++) {
		ptrdiff_t from = n - 1 - i;
		str id = arena_printf(v->a, STR_FMT "-%lld", STR_ARG(uuid_format(v->a, subject)),
				      (long long)(begin + from));
		list[i] = NEW(v->a, struct record, 1);
		*list[i] = like;
		if (!line(v, &rows[from], list[i], id, err))
			return false;
	}
	*out = list;
	*out_count = n;
	*out_next = begin > 0 ? begin : -1;
	return true;
}
