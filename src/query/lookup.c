#include "query/lookup.h"

#include "directory/owner.h"
#include "format/json.h"
#include "query_sql.h"
#include "regime/regime.h"

static bool contacts(struct view *v, struct uuid organisation, struct json **out, struct err *err)
{
	struct sql_query_contacts_row *rows;
	ptrdiff_t count;
	struct json *list = json_array(v->a);
	if (!sql_query_contacts(
		    v->db, v->a,
		    &(struct sql_query_contacts){ .scope_team = v->team, .organisation = organisation },
		    &rows, &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++) {
		struct json *c = json_object(v->a), *body;
		if (!view_body(v, rows[i].body, &body, err))
			return false;
		json_set_int(c, "rank", rows[i].position);
		json_set_str(c, "name", json_get_str(body, "name"));
		json_set_str(c, "role", rows[i].purpose);
		json_set_str(c, "address", json_get_str(body, "address"));
		json_set_str(c, "phone", json_get_str(body, "phone"));
		json_set(c, "note", NULL);
		json_append(list, c);
	}
	*out = list;
	return true;
}

bool view_lookup(struct view *v, const struct observable *o, struct json **out, struct err *err)
{
	struct owner_found f;
	struct json *j = json_object(v->a), *why = json_array(v->a), *ladder = json_array(v->a),
		    *matches = json_array(v->a);
	if (!owner_find(v->db, v->a, v->regime, o, &f, err))
		return false;
	bool found = !uuid_is_nil(f.organisation);
	struct json *organisation = NULL;
	json_set_str(j, "query", observable_defang_one(v->a, o->type, o->value));
	json_set_str(j, "type", observable_type_name(o->type));
	json_set_bool(j, "found", found);
	if (found) {
		organisation = json_object(v->a);
		json_set_uuid(organisation, "id", f.organisation);
		json_set_str(organisation, "name", f.name);
		json_set_str(organisation, "class", f.class);
		json_set_str(organisation, "sector", f.sector);
		struct json *match = json_object(v->a), *ref = json_object(v->a);
		json_set_uuid(ref, "id", f.organisation);
		json_set_str(ref, "name", f.name);
		json_set_str(match, "what", f.what);
		json_set_str(match, "value", f.value);
		json_set(match, "organisation", ref);
		json_set_bool(match, "chosen", true);
		json_append(matches, match);
		json_append_str(why, f.why);
		struct regime_assignment to = regime_team_for(
			v->regime, &(struct regime_party){ .org_class = f.class, .sector = f.sector }, v->a);
		json_append_str(why, to.why);
		if (!contacts(v, f.organisation, &ladder, err))
			return false;
	} else {
		json_append_str(why, S("nobody in the directory has a network or domain that covers it"));
	}
	json_set(j, "organisation", organisation);
	json_set(j, "team", found ? view_team(v, f.team) : NULL);
	json_set(j, "matches", matches);
	json_set(j, "contacts", ladder);
	json_set(j, "why", why);
	*out = j;
	return true;
}
