#include "format/json.h"
#include "model/observable.h"
#include "query/view.h"
#include "query_sql.h"

typedef struct sql_query_clocks_row row;

static bool party_name(struct view *v, const row *r, struct json **out, struct err *err)
{
	struct json *body;
	*out = NULL;
	if (uuid_is_nil(r->party))
		return true;
	if (!view_body(v, r->party_body, &body, err))
		return false;
	*out = view_ref(v->a, r->party, json_get_str(body, "name"));
	return true;
}

/* The case a clock is about: an incident, or the report it was armed for. */
static bool subject_case(struct view *v, const row *r, struct json **out, struct err *err)
{
	struct json *body;
	if (!view_body(v, r->case_body, &body, err))
		return false;
	str title = json_get_str(body, "title");
	if (r->case_kind == QUEUE_INCIDENTS) {
		*out = view_case_ref(
			v, r->subject,
			&(struct case_ref){ r->case_number, title, r->case_team, (enum tlp)r->case_tlp });
		return true;
	}
	*out = json_object(v->a);
	json_set_uuid(*out, "id", r->subject);
	json_set_str(*out, "number", r->case_number);
	json_set_str(*out, "title", observable_defang(v->a, title));
	json_set_bool(*out, "report", true);
	return true;
}

/* An assumed time is a target: passed, it is still only a target, never "late". */
static str shown_state(const row *r)
{
	if (!r->target || !str_eq(r->state, S("late")))
		return r->state;
	return r->met.us ? S("met") : S("running");
}

/* Why it was waived or is late, in the words of who said so; or why nobody asks for it any more. */
static bool reason(struct view *v, const row *r, struct json *j, struct err *err)
{
	struct json *body;
	if (!view_body(v, r->reason_body, &body, err))
		return false;
	json_set(j, "reason", NULL);
	if (str_eq(r->state, S("not_applicable")))
		json_set_str(j, "reason", r->why);
	bool own = str_eq(r->case_team, v->team); /* those words are a comment, which stays with the team */
	if (own && json_get_str(body, "text").len)
		json_set_str(j, "reason", observable_defang(v->a, json_get_str(body, "text")));
	return true;
}

static bool history(struct view *v, const row *r, struct json *out, struct err *err)
{
	struct sql_query_clock_past_row *rows;
	struct json *by;
	ptrdiff_t count;
	if (!sql_query_clock_past(v->db, v->a,
				  &(struct sql_query_clock_past){ .scope_team = v->team, .clock = r->id },
				  &rows, &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++) {
		struct json *one = json_object(v->a);
		if (!view_person(v, rows[i].actor, &by, err))
			return false;
		json_set_instant(one, "due_at", rows[i].due);
		json_set_instant(one, "until", rows[i].until);
		json_set_str(one, "why",
			     arena_printf(v->a, STR_FMT ", by " STR_FMT, STR_ARG(rows[i].why),
					  STR_ARG(json_get_str(by, "name"))));
		json_append(out, one);
	}
	return true;
}

static bool said_by(struct view *v, const row *r, struct json *anchor, struct err *err)
{
	struct sql_query_anchor_said_row said;
	bool found = false;
	if (r->anchor_at.us == 0)
		return true;
	if (!sql_query_anchor_said(v->db, v->a,
				   &(struct sql_query_anchor_said){ .scope_team = v->team,
								    .incident = r->subject,
								    .party = r->party,
								    .name = r->anchor,
								    .time = r->anchor_at },
				   &said, &found, err))
		return false;
	if (found)
		json_set_str(anchor, "said_by", said.said);
	return true;
}

static struct json *source(struct view *v, const row *r, bool want_assumption)
{
	bool assumed = str_find(r->source, S("assumed:")) >= 0;
	struct json *j = json_object(v->a);
	if (assumed != want_assumption)
		return NULL;
	json_set_str(j, "text", r->source);
	json_set(j, "url", NULL);
	return j;
}

/* `whole`: with who said what it counts from, and the due times that were replaced; a list goes without. */
static bool fields(struct view *v, const row *r, bool whole, struct json *j, struct err *err)
{
	struct json *incident, *party, *anchor = json_object(v->a), *from = source(v, r, false);
	struct json *past = json_array(v->a);
	if (!subject_case(v, r, &incident, err) || !party_name(v, r, &party, err))
		return false;
	json_set_str(anchor, "fact", r->anchor);
	json_set(anchor, "said_by", NULL);
	json_set_instant(anchor, "at", r->anchor_at);
	json_set_uuid(j, "id", r->id);
	json_set_str(j, "title", r->title);
	json_set_str(j, "duty", r->duty);
	json_set_str(j, "step", r->step);
	json_set_str(j, "who", r->who);
	json_set(j, "incident", incident);
	json_set(j, "party", party);
	json_set_str(j, "state", shown_state(r));
	json_set(j, "anchor", anchor);
	json_set_instant(j, "due_at", r->due);
	json_set_bool(j, "assumed", r->target);
	json_set(j, "source", from);
	if (from)
		json_set(j, "assumption", NULL);
	else
		json_set_str(j, "assumption", r->source);
	json_set_instant(j, "met_at", r->met);
	json_set(j, "history", past);
	if (!reason(v, r, j, err))
		return false;
	return !whole || (said_by(v, r, anchor, err) && (r->why.len == 0 || history(v, r, past, err)));
}

/* Whom the coordinator's own people reminded is theirs to know. */
static struct json *reminded(struct view *v, const row *r)
{
	struct json *j = json_object(v->a), *annex = json_object(v->a);
	json_set_int(j, "count", r->reminded);
	json_set_instant(j, "at", r->reminded_at);
	json_set(annex, "reminded", j);
	return annex;
}

/* Clocks in the order of their ids, yet without the teams that were let in. */
static bool records(struct view *v, const struct uuid *ids, ptrdiff_t count, bool whole, struct record **list,
		    struct err *err)
{
	row *rows;
	ptrdiff_t found;
	if (!sql_query_clocks(v->db, v->a,
			      &(struct sql_query_clocks){ .scope_team = v->team,
							  .ids = view_ids(ids, count),
							  .count = count },
			      &rows, &found, err))
		return false;
	if (found < count)
		return err_set(err, ERR_MISSING, "there is no such clock");
	for (ptrdiff_t i = 0; i < count; i++) {
		struct record *r = NEW(v->a, struct record, 1);
		*r = (struct record){ .kind = RECORD_CLOCK,
				      .id = rows[i].id,
				      .subject = rows[i].subject,
				      .tlp = (enum tlp)rows[i].case_tlp,
				      .coordinator = rows[i].case_team,
				      .fields = json_object(v->a) };
		if (!fields(v, &rows[i], whole, r->fields, err))
			return false;
		if (rows[i].reminded)
			r->annex_fields = reminded(v, &rows[i]);
		list[rows[i].place] = r;
	}
	return true;
}

static bool with_teams(struct view *v, const struct uuid *ids, ptrdiff_t count, bool whole,
		       struct record **list, struct err *err)
{
	struct uuid *subjects = NEW(v->a, struct uuid, count);
	struct team_list *teams;
	if (count == 0)
		return true;
	if (!records(v, ids, count, whole, list, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++)
		subjects[i] = list[i]->subject;
	if (!view_teams_of_all(v, subjects, count, &teams, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++) {
		list[i]->teams = teams[i].teams;
		list[i]->team_count = teams[i].count;
	}
	return true;
}

bool view_clocks(struct view *v, struct uuid subject, struct record ***out, ptrdiff_t *out_count,
		 struct err *err)
{
	struct sql_query_clocks_of_row *rows;
	struct team_list *teams;
	if (!sql_query_clocks_of(v->db, v->a,
				 &(struct sql_query_clocks_of){ .scope_team = v->team, .subject = subject },
				 &rows, out_count, err))
		return false;
	struct uuid *ids = NEW(v->a, struct uuid, *out_count);
	*out = NEW(v->a, struct record *, *out_count);
	for (ptrdiff_t i = 0; i < *out_count; i++)
		ids[i] = rows[i].id;
	if (*out_count == 0)
		return true;
	/* Those of a case that was merged into it are seen by whoever sees it. */
	if (!records(v, ids, *out_count, true, *out, err) || !view_teams_of_all(v, &subject, 1, &teams, err))
		return false;
	for (ptrdiff_t i = 0; i < *out_count; i++) {
		(*out)[i]->teams = teams->teams;
		(*out)[i]->team_count = teams->count;
	}
	return true;
}

bool view_next_clocks(struct view *v, const struct uuid *subjects, ptrdiff_t count, struct json ***out,
		      struct err *err)
{
	struct sql_query_next_clocks_row *rows;
	ptrdiff_t n;
	if (!sql_query_next_clocks(v->db, v->a,
				   &(struct sql_query_next_clocks){ .scope_team = v->team,
								    .ids = view_ids(subjects, count),
								    .count = count },
				   &rows, &n, err))
		return false;
	struct uuid *ids = NEW(v->a, struct uuid, n);
	struct record **list = NEW(v->a, struct record *, n);
	*out = NEW(v->a, struct json *, count);
	for (ptrdiff_t i = 0; i < n; i++)
		ids[i] = rows[i].id;
	if (n && !records(v, ids, n, false, list, err))
		return false;
	for (ptrdiff_t i = 0; i < n; i++)
		(*out)[rows[i].place] = list[i]->fields;
	return true;
}

bool view_clock(struct view *v, struct uuid id, struct record *out, struct err *err)
{
	struct record *one;
	if (!with_teams(v, &id, 1, true, &one, err))
		return false;
	*out = *one;
	return true;
}

bool view_clocks_by_id(struct view *v, const struct uuid *ids, ptrdiff_t count, struct record ***out,
		       struct err *err)
{
	*out = NEW(v->a, struct record *, count);
	return with_teams(v, ids, count, false, *out, err);
}

bool view_clock_board(struct view *v, str state, int64_t after_due, struct uuid after_id, int64_t count,
		      struct record ***out, ptrdiff_t *out_count, struct err *err)
{
	struct sql_query_clock_board_row *rows;
	if (!sql_query_clock_board(v->db, v->a,
				   &(struct sql_query_clock_board){ .scope_team = v->team,
								    .state = state,
								    .after_due = after_due,
								    .after_id = uuid_bytes(&after_id),
								    .count = count },
				   &rows, out_count, err))
		return false;
	struct uuid *ids = NEW(v->a, struct uuid, *out_count);
	*out = NEW(v->a, struct record *, *out_count);
	for (ptrdiff_t i = 0; i < *out_count; i++)
		ids[i] = rows[i].id;
	return with_teams(v, ids, *out_count, false, *out, err);
}
