#include "format/json.h"
#include "query/view.h"
#include "query_sql.h"

typedef struct sql_query_clocks_of_row row;

static bool party_name(struct view *v, struct uuid party, struct json **out, struct err *err)
{
	struct sql_query_content_row row_;
	struct json *body, *j;
	bool found = false;
	*out = NULL;
	if (uuid_is_nil(party))
		return true;
	if (!sql_query_content(v->db, v->a, &(struct sql_query_content){ .scope_team = v->team, .id = party },
			       &row_, &found, err) ||
	    !view_body(v, found ? row_.body : (str){ 0 }, &body, err))
		return false;
	j = json_object(v->a);
	json_set_uuid(j, "id", party);
	json_set_str(j, "name", json_get_str(body, "name"));
	*out = j;
	return true;
}

/* The case a clock is about: an incident, or the report it was armed for.  Its coordinator and marking are
 * the clock's. */
static bool subject_case(struct view *v, struct uuid id, struct record *like, struct json **out,
			 struct err *err)
{
	struct sql_query_incident_row i;
	struct sql_query_report_row r;
	struct json *body;
	bool found = false;
	*out = NULL;
	if (!sql_query_incident(v->db, v->a, &(struct sql_query_incident){ .scope_team = v->team, .id = id },
				&i, &found, err))
		return false;
	if (found) {
		like->coordinator = i.team;
		like->tlp = (enum tlp)i.tlp;
		return view_case(v, id, out, err);
	}
	if (!sql_query_report(v->db, v->a, &(struct sql_query_report){ .scope_team = v->team, .id = id }, &r,
			      &found, err))
		return false;
	if (!found)
		return true; /* unmarked, and so it does not leave */
	like->coordinator = r.team;
	like->tlp = (enum tlp)r.tlp;
	if (!view_body(v, r.body, &body, err))
		return false;
	*out = json_object(v->a);
	json_set_uuid(*out, "id", id);
	json_set_str(*out, "number", r.number);
	json_set_str(*out, "title", view_excerpt(v->a, json_get_str(body, "title"), 120));
	json_set_bool(*out, "report", true);
	return true;
}

/* An assumed time is a target: passed, it is still only a target, never "late". */
static str shown_state(const row *r)
{
	return str_eq(r->state, S("late")) && r->target && r->met.us == 0 ? S("running") : r->state;
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

static bool fields(struct view *v, const row *r, struct record *out, struct err *err)
{
	struct json *j = out->fields;
	struct json *incident, *party, *anchor = json_object(v->a), *from = source(v, r, false);
	if (!subject_case(v, r->subject, out, &incident, err) || !party_name(v, r->party, &party, err))
		return false;
	json_set_str(anchor, "fact", r->anchor);
	json_set_instant(anchor, "at", r->anchor_at);
	json_set(anchor, "said_by", NULL);
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
	json_set(j, "reason", NULL);
	json_set(j, "history", json_array(v->a));
	return true;
}

static bool records(struct view *v, const row *rows, ptrdiff_t count, struct uuid access_to,
		    struct record ***out, struct err *err)
{
	struct record **list = NEW(v->a, struct record *, count);
	for (ptrdiff_t i = 0; i < count; i++) {
		struct record *r = NEW(v->a, struct record, 1);
		*r = (struct record){ .kind = RECORD_CLOCK,
				      .id = rows[i].id,
				      .subject = rows[i].subject,
				      .coordinator = S(""),
				      .fields = json_object(v->a) };
		struct uuid subject = uuid_is_nil(access_to) ? rows[i].subject : access_to;
		if (!fields(v, &rows[i], r, err) ||
		    !view_teams_of(v, subject, &r->teams, &r->team_count, err))
			return false;
		list[i] = r;
	}
	*out = list;
	return true;
}

bool view_clocks(struct view *v, struct uuid subject, struct record ***out, ptrdiff_t *out_count,
		 struct err *err)
{
	row *rows;
	return sql_query_clocks_of(v->db, v->a,
				   &(struct sql_query_clocks_of){ .scope_team = v->team, .subject = subject },
				   &rows, out_count, err) &&
	       records(v, rows, *out_count, subject, out, err);
}

/* A list of cases shows one clock of each: the others are not made. */
bool view_next_clock(struct view *v, struct uuid subject, struct json **out, struct err *err)
{
	struct sql_query_next_clock_row one;
	row r;
	bool found = false;
	_Static_assert(sizeof(one) == sizeof(r), "the statements select the same columns");
	*out = NULL;
	if (!sql_query_next_clock(v->db, v->a,
				  &(struct sql_query_next_clock){ .scope_team = v->team, .subject = subject },
				  &one, &found, err))
		return false;
	if (!found)
		return true;
	memcpy(&r, &one, sizeof(r));
	struct record **list;
	if (!records(v, &r, 1, subject, &list, err))
		return false;
	*out = list[0]->fields;
	return true;
}

bool view_clock(struct view *v, struct uuid id, struct record *out, struct err *err)
{
	struct sql_query_clock_row one;
	row r;
	struct record **list;
	bool found = false;
	_Static_assert(sizeof(one) == sizeof(r), "the statements select the same columns");
	if (!sql_query_clock(v->db, v->a, &(struct sql_query_clock){ .scope_team = v->team, .id = id }, &one,
			     &found, err))
		return false;
	if (!found)
		return err_set(err, ERR_MISSING, "there is no such clock");
	memcpy(&r, &one, sizeof(r));
	if (!records(v, &r, 1, (struct uuid){ { 0 } }, &list, err))
		return false;
	*out = *list[0];
	return true;
}

bool view_clock_board(struct view *v, str state, int64_t after_due, struct uuid after_id, int64_t count,
		      struct record ***out, ptrdiff_t *out_count, struct err *err)
{
	struct sql_query_clock_board_row *rows;
	_Static_assert(sizeof(*rows) == sizeof(row), "the statements select the same columns");
	if (!sql_query_clock_board(v->db, v->a,
				   &(struct sql_query_clock_board){ .scope_team = v->team,
								    .state = state,
								    .after_due = after_due,
								    .after_id = uuid_bytes(&after_id),
								    .count = count },
				   &rows, out_count, err))
		return false;
	row *same = NEW(v->a, row, *out_count);
	if (*out_count)
		memcpy(same, rows, sizeof(row) * (size_t)*out_count);
	return records(v, same, *out_count, (struct uuid){ { 0 } }, out, err);
}
