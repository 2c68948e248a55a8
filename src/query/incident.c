#include "format/json.h"
#include "model/observable.h"
#include "model/workflow.h"
#include "query/view.h"
#include "query_sql.h"
#include "regime/plan.h"
#include "regime/severity.h"

typedef struct sql_query_incidents_row row;

static str band_title(const struct regime *rules, str id)
{
	const struct regime_band *b = regime_band_find(rules, id);
	return b ? b->title.text : id;
}

/* `to`: the band it led to; one that was kept without is what the floor asks for at least. */
static struct json *floor_of(struct view *v, const struct regime_severity *model, str id, str to)
{
	for (ptrdiff_t i = 0; id.len && i < model->floors_count; i++) {
		if (!str_eq(model->floors[i].id, id))
			continue;
		struct json *j = json_object(v->a);
		json_set_str(j, "title", model->floors[i].reason);
		json_set_str(j, "band", to.len ? to : model->floors[i].at_least);
		return j;
	}
	return NULL;
}

/* A person overruled the score: which band, why, who. */
static bool override(struct view *v, const struct json *s, struct json **out, struct err *err)
{
	struct sql_query_content_row content;
	struct json *body, *by;
	bool found = false;
	str band = json_get_str(s, "override");
	*out = NULL;
	if (band.len == 0)
		return true;
	if (!view_person(v, json_get_uuid(s, "by"), &by, err) ||
	    !sql_query_content(
		    v->db, v->a,
		    &(struct sql_query_content){ .scope_team = v->team, .id = json_get_uuid(s, "reason") },
		    &content, &found, err) ||
	    !view_body(v, found ? content.body : (str){ 0 }, &body, err))
		return false;
	*out = json_object(v->a);
	json_set_str(*out, "band", band);
	json_set_str(*out, "reason", json_get_str(body, "text"));
	json_set(*out, "by", by);
	json_set_str(*out, "at", json_get_str(s, "at"));
	return true;
}

/* What the model makes of nothing known: a provisional score, never zero.  Bands alone have no score. */
static int64_t unscored(struct view *v, const struct regime *rules, str sector)
{
	struct severity_result all_unknown;
	struct severity_input nothing = { .party = { .sector = sector } };
	struct err no_score;
	return regime_score(rules, &nothing, v->a, &all_unknown, &no_score) ? all_unknown.provisional : 0;
}

/* A team that was let in learns how bad it is, and not from what: a score below its band would tell of a
 * campaign, and so of an incident that it may not see. */
static struct json *severity_told(struct view *v, str band, str title)
{
	struct json *j = json_object(v->a);
	static const char *const bands[] = { "band", "computed", "band_low", "band_high" };
	static const char *const untold[] = { "score", "low", "high", "floor", "override" };
	for (ptrdiff_t i = 0; i < COUNTOF(bands); i++)
		json_set_str(j, bands[i], band);
	json_set_str(j, "band_title", title);
	json_set_str(j, "computed_title", title);
	for (ptrdiff_t i = 0; i < COUNTOF(untold); i++)
		json_set(j, untold[i], NULL);
	json_set_bool(j, "provisional", false);
	json_set_bool(j, "life_safety", false);
	json_set(j, "factors", json_object(v->a));
	return j;
}

static bool severity(struct view *v, const row *r, struct json **out, struct err *err)
{
	struct json *s, *overruled, *j = json_object(v->a);
	const struct regime *rules = view_regime(v, r->regime);
	const struct regime_severity *model = rules->severity;
	str lowest = model->bands_count ? model->bands[0].id : S("");
	str highest = model->bands_count ? model->bands[model->bands_count - 1].id : S("");
	if (!view_body(v, r->severity, &s, err) || !override(v, s, &overruled, err))
		return false;
	bool scored = r->severity.ptr != NULL;
	str band = scored ? json_get_str(s, "band") : S("");
	str name = scored ? band_title(rules, band) : S("not scored");
	if (!str_eq(r->team, v->team)) {
		*out = severity_told(v, band, name);
		return true;
	}
	json_set_str(j, "band", band);
	json_set_str(j, "band_title", name);
	str computed = scored ? json_get_str(s, "computed") : S("");
	json_set_str(j, "computed", computed);
	json_set_str(j, "computed_title", scored ? band_title(rules, computed) : S("not scored"));
	json_set_int(j, "score", scored ? json_get_int(s, "score") : unscored(v, rules, r->sector));
	json_set_int(j, "low", json_get_int(s, "low"));
	json_set_int(j, "high", scored ? json_get_int(s, "high") : 10000);
	json_set_str(j, "band_low", scored ? json_get_str(s, "band_low") : lowest);
	json_set_str(j, "band_high", scored ? json_get_str(s, "band_high") : highest);
	json_set_bool(j, "provisional", !scored || json_get_bool(s, "provisional"));
	json_set_bool(j, "life_safety", json_get_bool(s, "life_safety"));
	json_set(j, "floor", floor_of(v, model, json_get_str(s, "floor"), json_get_str(s, "floor_band")));
	json_set(j, "override", overruled);
	json_set(j, "factors", scored ? json_copy(v->a, json_get(s, "factors")) : json_object(v->a));
	*out = j;
	return true;
}

static bool fields(struct view *v, const row *r, const struct json *clock, struct json *j, struct err *err)
{
	struct json *body, *owner, *score, *waiting = NULL;
	if (!view_body(v, r->body, &body, err) ||
	    !view_person_ref(v, r->owner, r->owner_known, r->owner_body, &owner, err) ||
	    !severity(v, r, &score, err))
		return false;
	if (r->waiting_until.us) {
		waiting = json_object(v->a);
		json_set_str(waiting, "on", r->waiting_on);
		json_set_instant(waiting, "until", r->waiting_until);
	}
	json_set_uuid(j, "id", r->id);
	json_set_str(j, "number", r->number);
	json_set_str(j, "title", observable_defang(v->a, json_get_str(body, "title")));
	json_set_str(j, "state", r->state);
	if (r->resolution.ptr)
		json_set_str(j, "resolution", r->resolution);
	else
		json_set(j, "resolution", NULL);
	json_set(j, "waiting", waiting);
	json_set(j, "owner", owner);
	json_set(j, "team", view_team(v, r->team));
	json_set_str(j, "sector", r->sector);
	json_set_str(j, "class", r->class);
	json_set(j, "severity", score);
	json_set(j, "marking", view_marking(v, r->tlp, r->presumed));
	json_set_instant(j, "opened_at", r->opened);
	json_set_instant(j, "updated_at", r->changed);
	json_set_int(j, "reports", r->reports);
	json_set_int(j, "parties", r->parties);
	json_set(j, "next_clock", clock ? json_share(v->a, clock) : NULL);
	return true;
}

static struct json *transitions(struct view *v, const row *r)
{
	str state = r->state;
	const char *why_not = !uuid_is_nil(r->merged_into)            ? "it is merged into another incident"
			      : str_eq(r->resolution, S("withdrawn")) ? "it was withdrawn: open a new one"
								      : NULL;
	struct json *list = json_array(v->a);
	const struct workflow_edge *e;
	for (ptrdiff_t i = 0; (e = workflow_edge_from(&workflow_incident, state, i)) != NULL; i++) {
		struct json *j = json_object(v->a);
		json_set_str(j, "to", str_from(e->to));
		json_set_str(j, "action", str_from(e->event));
		json_set_bool(j, "allowed", why_not == NULL);
		if (why_not)
			json_set_str(j, "why_not", str_from(why_not));
		else
			json_set(j, "why_not", NULL);
		json_append(list, j);
	}
	return list;
}

static bool append_case(struct view *v, struct uuid id, struct json *list, struct err *err)
{
	struct json *one;
	if (!view_case(v, id, &one, err))
		return false;
	if (one)
		json_append(list, one);
	return true;
}

/* What the regime asks of an incident, and what was answered. */
static bool flags(struct view *v, const row *r, struct json *j, struct err *err)
{
	const struct regime_question *q;
	struct sql_query_flags_row *rows;
	struct json *list = json_array(v->a), *by;
	ptrdiff_t questions, count;
	regime_questions(view_regime(v, r->regime), v->a, &q, &questions);
	if (!sql_query_flags(v->db, v->a,
			     &(struct sql_query_flags){ .scope_team = v->team, .incident = r->id }, &rows,
			     &count, err))
		return false;
	for (ptrdiff_t i = 0; i < questions; i++) {
		struct json *one = json_object(v->a), *criteria = json_array(v->a);
		for (ptrdiff_t k = 0; k < q[i].criteria_count; k++)
			json_append_str(criteria, q[i].criteria[k]);
		json_set_str(one, "flag", q[i].id);
		json_set_str(one, "title", q[i].title);
		json_set(one, "criteria", criteria);
		json_set_str(one, "value", S("unknown"));
		json_set(one, "said_by", NULL);
		json_set(one, "recorded_by", NULL);
		json_set(one, "recorded_at", NULL);
		for (ptrdiff_t k = 0; k < count; k++) {
			if (!str_eq(rows[k].flag, q[i].id))
				continue;
			if (!view_person(v, rows[k].actor, &by, err))
				return false;
			json_set_str(one, "value", rows[k].value);
			json_set_str(one, "said_by", rows[k].said);
			json_set(one, "recorded_by", by);
			json_set_instant(one, "recorded_at", rows[k].recorded);
		}
		json_append(list, one);
	}
	json_set(j, "flags", list);
	return true;
}

static bool split(struct view *v, struct uuid id, const row *r, struct json *j, struct err *err)
{
	struct sql_query_split_off_row *rows;
	struct json *from, *list = json_array(v->a);
	ptrdiff_t count;
	if (!view_case(v, r->split_from, &from, err) ||
	    !sql_query_split_off(v->db, v->a,
				 &(struct sql_query_split_off){ .scope_team = v->team, .id = id }, &rows,
				 &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++)
		if (!append_case(v, rows[i].id, list, err))
			return false;
	json_set(j, "split_from", from);
	json_set(j, "split_off", list);
	return true;
}

/* What people said is of one campaign with it. */
static bool campaign(struct view *v, const row *r, struct json *j, struct err *err)
{
	struct sql_query_campaign_row *rows;
	struct json *list = json_array(v->a);
	ptrdiff_t count;
	if (!sql_query_campaign(v->db, v->a,
				&(struct sql_query_campaign){ .scope_team = v->team, .id = r->id }, &rows,
				&count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++)
		if (!append_case(v, rows[i].id, list, err))
			return false;
	json_set(j, "campaign", list);
	return true;
}

static bool page(struct view *v, const row *r, struct json *j, struct err *err)
{
	struct json *into, *merged = json_array(v->a), *regime = json_object(v->a);
	struct sql_query_merged_row *rows;
	ptrdiff_t count;
	if (!view_case(v, r->merged_into, &into, err) || !flags(v, r, j, err) ||
	    !split(v, r->id, r, j, err) || !campaign(v, r, j, err) ||
	    !sql_query_merged(v->db, v->a, &(struct sql_query_merged){ .scope_team = v->team, .id = r->id },
			      &rows, &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++)
		if (!append_case(v, rows[i].id, merged, err))
			return false;
	str_cut_result version = str_cut(r->regime, '/');
	json_set_str(regime, "id", version.head);
	json_set_str(regime, "version", version.tail.ptr ? version.tail : S(""));
	json_set_str(regime, "title", view_regime(v, r->regime)->title.text);
	json_set_str(j, "etag", arena_printf(v->a, "v%lld", (long long)r->version));
	json_set(j, "regime", regime);
	json_set(j, "transitions", transitions(v, r));
	json_set(j, "merged_into", into);
	json_set(j, "merged", merged);
	json_set_bool(j, "may_write", str_eq(r->team, v->team) && identity_may(v->who, MAY_WRITE_CASES));
	return true;
}

static bool all(struct view *v, const struct uuid *ids, ptrdiff_t count, bool whole, struct record *out,
		struct err *err)
{
	row *rows;
	ptrdiff_t found;
	struct team_list *teams;
	struct json **clocks;
	if (!sql_query_incidents(v->db, v->a,
				 &(struct sql_query_incidents){ .scope_team = v->team,
								.ids = view_ids(ids, count),
								.count = count },
				 &rows, &found, err) ||
	    !view_teams_of_all(v, ids, count, &teams, err) ||
	    !view_next_clocks(v, ids, count, &clocks, err))
		return false;
	if (found < count)
		return err_set(err, ERR_MISSING, "there is no such incident");
	for (const row *r = rows; r < rows + count; r++) {
		struct json *j = json_object(v->a);
		out[r->place] = (struct record){ .kind = RECORD_INCIDENT,
						 .id = r->id,
						 .subject = r->id,
						 .tlp = (enum tlp)r->tlp,
						 .coordinator = r->team,
						 .teams = teams[r->place].teams,
						 .team_count = teams[r->place].count,
						 .fields = j };
		if (!fields(v, r, clocks[r->place], j, err) || (whole && !page(v, r, j, err)))
			return false;
	}
	return true;
}

bool view_incidents(struct view *v, const struct uuid *ids, ptrdiff_t count, struct record ***out,
		    struct err *err)
{
	struct record *records = NEW(v->a, struct record, count), **list = NEW(v->a, struct record *, count);
	for (ptrdiff_t i = 0; i < count; i++)
		list[i] = &records[i];
	*out = list;
	return count == 0 || all(v, ids, count, false, records, err);
}

bool view_incident(struct view *v, struct uuid id, struct record *out, struct err *err)
{
	return all(v, &id, 1, true, out, err);
}
