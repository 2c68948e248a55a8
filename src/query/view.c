#include "query/view.h"

#include "format/json.h"
#include "model/observable.h"
#include "model/text_safety.h"
#include "query_sql.h"
#include "regime/regime.h"
#include "state/search.h"

struct json *view_ref(struct arena *a, struct uuid id, str name)
{
	struct json *j = json_object(a);
	json_set_uuid(j, "id", id);
	json_set_str(j, "name", name);
	return j;
}

bool view_body(struct view *v, str text, struct json **out, struct err *err)
{
	if (text.ptr == NULL) {
		*out = json_object(v->a);
		return true;
	}
	return json_parse(v->a, text, (struct json_limits){ 0 }, out, err);
}

bool view_said(struct view *v, str body, struct json *j, const char *member, struct err *err)
{
	struct json *words;
	if (!view_body(v, body, &words, err))
		return false;
	str text = json_get_str(words, "text");
	if (text.len)
		json_set_str(j, member, observable_defang(v->a, text));
	else
		json_set(j, member, NULL);
	return true;
}

bool view_person_ref(struct view *v, struct uuid id, bool known, str words, struct json **out,
		     struct err *err)
{
	struct json *body;
	*out = NULL;
	if (uuid_is_nil(id))
		return true;
	if (!view_body(v, words, &body, err))
		return false;
	str name = json_get_str(body, "name");
	*out = view_ref(v->a, id, name.len ? name : known ? S("(no name)") : S("Naubat"));
	return true;
}

bool view_person(struct view *v, struct uuid id, struct json **out, struct err *err)
{
	struct sql_query_person_row row = { 0 };
	bool found = false;
	if (!uuid_is_nil(id) &&
	    !sql_query_person(v->db, v->a, &(struct sql_query_person){ .scope_team = v->team, .id = id },
			      &row, &found, err))
		return false;
	return view_person_ref(v, id, found, row.body, out, err);
}

bool view_organisation(struct view *v, struct uuid id, struct json **out, struct err *err)
{
	struct sql_query_organisation_name_row row;
	bool found = false;
	*out = NULL;
	if (uuid_is_nil(id))
		return true;
	if (!sql_query_organisation_name(
		    v->db, v->a, &(struct sql_query_organisation_name){ .scope_team = v->team, .id = id },
		    &row, &found, err))
		return false;
	if (found)
		*out = view_ref(v->a, id, row.name);
	return true;
}

struct json *view_team(struct view *v, str team)
{
	const struct regime_team *t = regime_team_find(v->regime, team);
	struct json *j = json_object(v->a);
	if (team.len == 0)
		return NULL;
	json_set_str(j, "id", team);
	json_set_str(j, "name", t ? t->title.text : team);
	return j;
}

bool view_teams_of(struct view *v, struct uuid id, const str **out, ptrdiff_t *out_count, struct err *err)
{
	struct sql_query_teams_of_row *rows;
	ptrdiff_t count;
	if (!sql_query_teams_of(v->db, v->a, &(struct sql_query_teams_of){ .scope_team = v->team, .id = id },
				&rows, &count, err))
		return false;
	str *teams = NEW(v->a, str, count);
	for (ptrdiff_t i = 0; i < count; i++)
		teams[i] = rows[i].team;
	*out = teams;
	*out_count = count;
	return true;
}

bool view_teams_of_all(struct view *v, const struct uuid *ids, ptrdiff_t count, struct team_list **out,
		       struct err *err)
{
	struct sql_query_teams_of_all_row *rows;
	ptrdiff_t n;
	struct team_list *lists = NEW(v->a, struct team_list, count);
	if (!sql_query_teams_of_all(v->db, v->a,
				    &(struct sql_query_teams_of_all){ .scope_team = v->team,
								      .ids = view_ids(ids, count),
								      .count = count },
				    &rows, &n, err))
		return false;
	str *teams = NEW(v->a, str, n);
	for (ptrdiff_t i = 0; i < n; i++) {
		struct team_list *list = &lists[rows[i].place];
		teams[i] = rows[i].team;
		list->teams = list->count ? list->teams : &teams[i];
		list->count++;
	}
	*out = lists;
	return true;
}

struct json *view_case_ref(struct view *v, struct uuid id, const struct case_ref *c)
{
	if (c->tlp == TLP_RED && !str_eq(c->coordinator, v->team))
		return NULL;
	struct json *j = json_object(v->a);
	json_set_uuid(j, "id", id);
	json_set_str(j, "number", c->number);
	json_set_str(j, "title", observable_defang(v->a, c->title));
	return j;
}

bool view_case(struct view *v, struct uuid incident, struct json **out, struct err *err)
{
	struct sql_query_case_row row;
	struct json *body;
	bool found = false;
	*out = NULL;
	if (uuid_is_nil(incident))
		return true;
	if (!sql_query_case(v->db, v->a, &(struct sql_query_case){ .scope_team = v->team, .id = incident },
			    &row, &found, err))
		return false;
	if (!found)
		return true;
	if (!view_body(v, row.body, &body, err))
		return false;
	*out = view_case_ref(
		v, incident,
		&(struct case_ref){ row.number, json_get_str(body, "title"), row.team, (enum tlp)row.tlp });
	return true;
}

struct json *view_marking(struct view *v, int64_t tlp, bool presumed)
{
	struct json *j = json_object(v->a);
	json_set_str(j, "tlp", tlp_name((enum tlp)tlp));
	json_set_bool(j, "presumed", presumed);
	return j;
}

struct json *view_observable(struct arena *a, const struct json *stored)
{
	struct json *j = json_object(a);
	enum observable_type type;
	struct err ignored;
	str name = json_get_str(stored, "type"), value = json_get_str(stored, "value");
	json_set_str(j, "type", name);
	json_set_str(j, "value",
		     observable_type_parse(name, &type, &ignored) ? observable_defang_one(a, type, value)
								  : value);
	return j;
}

str view_excerpt(struct arena *a, str text, ptrdiff_t max)
{
	return text_safety_line(a, observable_defang(a, str_sub(text, 0, max * 4)), max);
}

bool view_find(struct view *v, str value, struct uuid except, int64_t count, struct found **out,
	       ptrdiff_t *out_count, struct err *err)
{
	struct sql_query_search_row *rows;
	ptrdiff_t n, kept = 0;
	*out_count = 0;
	if (value.len == 0)
		return true;
	if (!sql_query_search(v->db, v->a,
			      &(struct sql_query_search){
				      .scope_team = v->team,
				      .words = search_terms(v->a, v->team, SEARCH_ANY, &value, 1),
				      .before = INT64_MAX,
				      .count = count + 1 },
			      &rows, &n, err))
		return false;
	struct found *list = NEW(v->a, struct found, n);
	for (ptrdiff_t i = 0; i < n && kept < count; i++)
		if (!uuid_eq(rows[i].subject, except) && rows[i].kind != SEARCH_MESSAGE)
			list[kept++] = (struct found){ rows[i].subject, rows[i].kind };
	*out = list;
	*out_count = kept;
	return true;
}
