#include "base/text.h"
#include "format/json.h"
#include "model/observable.h"
#include "query/evidence.h"
#include "query/keeping.h"
#include "query/lookup.h"
#include "query_sql.h"

enum { EXCERPT = 160, BRIEF_OBSERVABLES = 3, SIMILAR_MAX = 10, LOOKUPS_MAX = 12 };

typedef struct sql_query_reports_row row;

/* Who reported: to the coordinator's people only. */
static struct json *reporter(struct arena *a, const row *r, const struct json *body)
{
	struct json *j = json_object(a);
	str name = json_get_str(body, "reporter_name");
	str contact = json_get_str(body, "reporter_contact");
	json_set_str(j, "name",
		     r->anonymous  ? S("Anonymous")
		     : name.len    ? name
		     : contact.len ? contact
				   : S("No name given"));
	json_set_str(j, "kind",
		     r->anonymous                  ? S("anonymous")
		     : uuid_is_nil(r->reporter) ? S("public")
						: S("constituent"));
	json_set_bool(j, "verified", json_get_bool(body, "verified"));
	json_set(j, "organisation", r->reporter_name.ptr ? view_ref(a, r->reporter, r->reporter_name) : NULL);
	return j;
}

static void observables(struct view *v, const struct json *body, bool whole, struct json *out)
{
	const struct json *stored = json_get(body, "observables");
	struct json *list = json_array(v->a);
	ptrdiff_t n = json_count(stored);
	for (ptrdiff_t i = 0; i < n && (whole || i < BRIEF_OBSERVABLES); i++)
		json_append(list, view_observable(v->a, json_at(stored, i)));
	json_set(out, "observables", list);
	json_set_int(out, "observable_count", n);
}

/* Other reports and incidents with one of its observables, newest first, each once. */
static bool related(struct view *v, struct uuid id, const struct json *body, int64_t kind, ptrdiff_t max,
		    struct uuid *out, ptrdiff_t *out_count, struct err *err)
{
	const struct json *stored = json_get(body, "observables");
	*out_count = 0;
	for (ptrdiff_t i = 0; i < MIN(json_count(stored), 8); i++) {
		struct found *found;
		ptrdiff_t n;
		if (!view_find(v, json_get_str(json_at(stored, i), "value"), id, max + 1, &found, &n, err))
			return false;
		for (ptrdiff_t f = 0; f < n && *out_count < max; f++) {
			bool known = found[f].kind != kind;
			for (ptrdiff_t k = 0; k < *out_count && !known; k++)
				known = uuid_eq(out[k], found[f].id);
			if (!known)
				out[(*out_count)++] = found[f].id;
		}
	}
	return true;
}

static void flags(struct view *v, const row *r, struct json *out)
{
	struct json *list = json_array(v->a);
	if (r->unreadable)
		json_append_str(list, S("unreadable"));
	json_set(out, "flags", list);
}

/* The incident that it is attached to, if the scope reaches it. */
static bool incident_of(struct view *v, const row *r, struct json **out, struct err *err)
{
	struct json *body;
	*out = NULL;
	if (r->case_number.ptr == NULL)
		return true;
	if (!view_body(v, r->case_body, &body, err))
		return false;
	*out = view_case_ref(
		v, r->incident,
		&(struct case_ref){ r->case_number, json_get_str(body, "title"), r->case_team,
				    (enum tlp)r->case_tlp });
	return true;
}

static bool fields(struct view *v, const row *r, const struct json *body, bool whole, struct json *j,
		   struct err *err)
{
	struct json *owner, *incident;
	if (!view_person_ref(v, r->owner, r->owner_known, r->owner_body, &owner, err) ||
	    !incident_of(v, r, &incident, err))
		return false;
	json_set_uuid(j, "id", r->id);
	json_set_str(j, "number", r->number);
	json_set_str(j, "title", observable_defang(v->a, json_get_str(body, "title")));
	json_set_str(j, "excerpt", view_excerpt(v->a, json_get_str(body, "text"), EXCERPT));
	json_set_str(j, "state", r->state);
	json_set_str(j, "door", r->channel);
	json_set_instant(j, "received_at", r->received);
	json_set(j, "marking", view_marking(v, r->tlp, r->presumed));
	json_set_str(j, "class", r->class);
	json_set_str(j, "sector", r->sector);
	json_set(j, "owner", owner);
	json_set(j, "organisation",
		 r->organisation_name.ptr ? view_ref(v->a, r->organisation, r->organisation_name) : NULL);
	json_set(j, "team", view_team(v, r->organisation_team));
	observables(v, body, whole, j);
	json_set(j, "incident", incident);
	flags(v, r, j);
	return true;
}

static bool lists(struct view *v, struct uuid id, const struct json *body, struct json *j, struct err *err)
{
	struct uuid ids[SIMILAR_MAX];
	ptrdiff_t count;
	static const struct {
		const char *name;
		int64_t kind;
	} wanted[] = { { "similar", QUEUE_REPORTS }, { "related", QUEUE_INCIDENTS } };
	struct record **records;
	for (int w = 0; w < 2; w++) {
		struct json *list = json_array(v->a);
		if (!related(v, id, body, wanted[w].kind, SIMILAR_MAX, ids, &count, err))
			return false;
		if (!(wanted[w].kind == QUEUE_REPORTS ? view_reports(v, ids, count, &records, err)
						      : view_incidents(v, ids, count, &records, err)))
			return false;
		for (ptrdiff_t i = 0; i < count; i++) {
			const struct released *x;
			struct err hidden;
			struct audience to = { .kind = AUDIENCE_PERSON, .person = v->who };
			if (release_check(v->a, records[i], &to, &x, &hidden))
				json_append(list, json_share(v->a, released_fields(x)));
		}
		json_set(j, wanted[w].name, list);
	}
	return true;
}

static bool answers(struct view *v, struct uuid id, struct json *j, struct err *err)
{
	struct sql_query_answers_row *rows;
	ptrdiff_t count;
	struct json *list = json_array(v->a);
	if (!sql_query_answers(v->db, v->a,
			       &(struct sql_query_answers){ .scope_team = v->team, .report = id }, &rows,
			       &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++) {
		struct json *x = json_object(v->a), *raw = NULL, *by, *words;
		bool out = str_eq(rows[i].direction, S("out"));
		if (!view_person(v, rows[i].actor, &by, err) || !view_body(v, rows[i].body, &words, err) ||
		    (rows[i].body.ptr && !view_kept(v, rows[i].raw, &raw, err)))
			return false;
		json_set_uuid(x, "id", rows[i].id);
		json_set(x, "raw", raw);
		json_set_instant(x, "at", rows[i].at);
		json_set(x, "by", out ? by : NULL);
		json_set_str(x, "direction", rows[i].direction);
		json_set_bool(x, "verified", !str_eq(rows[i].delivery, S("unverified")));
		json_set_str(x, "text", observable_defang(v->a, json_get_str(words, "text")));
		json_append(list, x);
	}
	json_set(j, "answers", list);
	return true;
}

static void add_some(struct json *to, const struct json *from, ptrdiff_t most, struct arena *a)
{
	for (ptrdiff_t i = 0; i < MIN(json_count(from), most); i++)
		json_append(to, json_copy(a, json_at(from, i)));
}

static bool is_address(enum observable_type type)
{
	return type == OBSERVABLE_IPV4 || type == OBSERVABLE_IPV6 || type == OBSERVABLE_CIDR;
}

/* The owner of what was reported: of an address if there is one, else of a name; what else points to
 * somebody is
 * added to the matches and the reasons. */
static bool lookup(struct view *v, const struct json *body, struct json *j, struct err *err)
{
	const struct json *stored = json_get(body, "observables");
	bool whole_is_address = false;
	struct json *whole = NULL, *matches = json_array(v->a), *why = json_array(v->a);
	for (ptrdiff_t n = 0; n < MIN(json_count(stored), LOOKUPS_MAX); n++) {
		const struct json *item = json_at(stored, n);
		struct observable o = { .value = json_get_str(item, "value") };
		struct json *found;
		if (!observable_type_parse(json_get_str(item, "type"), &o.type, err))
			return false;
		if (!view_lookup(v, &o, &found, err))
			return false;
		if (!json_get_bool(found, "found"))
			continue;
		add_some(matches, json_get(found, "matches"), LOOKUPS_MAX, v->a);
		add_some(why, json_get(found, "why"), whole ? 1 : LOOKUPS_MAX, v->a);
		if (whole == NULL || (is_address(o.type) && !whole_is_address)) {
			whole = found;
			whole_is_address = is_address(o.type);
		}
	}
	if (whole) {
		json_set(whole, "matches", matches);
		json_set(whole, "why", why);
	}
	json_set(j, "owner_lookup", whole);
	return true;
}

/* What proves that it came in as it is: the leaf of the receipt's entry. */
static bool entry(struct view *v, struct uuid id, struct json *j, struct err *err)
{
	struct sql_query_receipt_row first;
	struct json *e = json_object(v->a);
	bool found = false;
	if (!sql_query_receipt(v->db, v->a, &(struct sql_query_receipt){ .scope_team = v->team, .id = id },
			       &first, &found, err))
		return false;
	json_set_uuid(e, "id", id);
	json_set_str(e, "leaf_hash", found ? text_hex(v->a, first.hash) : S(""));
	json_set(j, "entry", e);
	return true;
}

/* annex: what the coordinator's people alone see, as who reported and what was written to them. */
static bool page(struct view *v, struct uuid id, const row *r, const struct json *body, struct record *out,
		 struct err *err)
{
	struct sql_query_content_row reason;
	struct json *words = NULL, *raw = NULL, *j = out->fields, *annex = out->annex_fields;
	bool found = false;
	if (!uuid_is_nil(r->reason) &&
	    !sql_query_content(v->db, v->a,
			       &(struct sql_query_content){ .scope_team = v->team, .id = r->reason }, &reason,
			       &found, err))
		return false;
	if (found && !view_body(v, reason.body, &words, err))
		return false;
	if (r->body.ptr && !view_kept(v, r->raw, &raw, err))
		return false;
	json_set_str(j, "text", observable_defang(v->a, json_get_str(body, "text")));
	json_set(j, "attachments", view_files(v->a, body));
	json_set(j, "raw", NULL);
	if (raw) /* only for those who may have it */
		json_set(annex, "raw", raw);
	json_set(j, "reject_reason", NULL);
	if (found)
		json_set_str(annex, "reject_reason", json_get_str(words, "text"));
	json_set(j, "answers", json_array(v->a));
	json_set_bool(j, "acknowledged", r->acknowledged.us != 0);
	json_set_bool(j, "answered", r->answered.us != 0);
	return entry(v, id, j, err) && view_keeping(v, id, annex, err) && lookup(v, body, j, err) &&
	       lists(v, id, body, j, err) && answers(v, id, annex, err);
}

static bool record(struct view *v, const row *r, struct team_list teams, bool whole, struct record *out,
		   struct err *err)
{
	struct json *body, *annex = json_object(v->a);
	*out = (struct record){ .kind = RECORD_REPORT,
				.id = r->id,
				.subject = r->id,
				.tlp = (enum tlp)r->tlp,
				.coordinator = r->team,
				.teams = teams.teams,
				.team_count = teams.count,
				.fields = json_object(v->a),
				.annex_fields = annex };
	if (!view_body(v, r->body, &body, err) || !fields(v, r, body, whole, out->fields, err) ||
	    (whole && !page(v, r->id, r, body, out, err)))
		return false;
	json_set(annex, "reporter", reporter(v->a, r, body));
	if (whole) {
		str contact = json_get_str(body, "reporter_contact");
		if (contact.len && !r->anonymous)
			json_set_str(annex, "reporter_contact", contact);
		else
			json_set(annex, "reporter_contact", NULL);
	}
	return true;
}

static bool all(struct view *v, const struct uuid *ids, ptrdiff_t count, bool whole, struct record *out,
		struct err *err)
{
	row *rows;
	ptrdiff_t found;
	struct team_list *teams;
	if (!sql_query_reports(v->db, v->a,
			       &(struct sql_query_reports){ .scope_team = v->team,
							    .ids = view_ids(ids, count),
							    .count = count },
			       &rows, &found, err) ||
	    !view_teams_of_all(v, ids, count, &teams, err))
		return false;
	if (found < count)
		return err_set(err, ERR_MISSING, "there is no such report");
	for (ptrdiff_t i = 0; i < count; i++)
		if (!record(v, &rows[i], teams[rows[i].place], whole, &out[rows[i].place], err))
			return false;
	return true;
}

bool view_reports(struct view *v, const struct uuid *ids, ptrdiff_t count, struct record ***out,
		  struct err *err)
{
	struct record *records = NEW(v->a, struct record, count), **list = NEW(v->a, struct record *, count);
	for (ptrdiff_t i = 0; i < count; i++)
		list[i] = &records[i];
	*out = list;
	return count == 0 || all(v, ids, count, false, records, err);
}

bool view_report(struct view *v, struct uuid id, bool whole, struct record *out, struct err *err)
{
	return all(v, &id, 1, whole, out, err);
}
