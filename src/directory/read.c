#include "directory/read.h"

#include "base/buf.h"
#include "directory/owner.h"
#include "directory_sql.h"
#include "format/json.h"
#include "model/network.h"
#include "regime/regime.h"

enum { PAGE_DEFAULT = 50, PAGE_MAX = 100, COUNT_MAX = 1000, Q_MAX = 200 };

static struct json *ref(struct arena *a, str id, str name)
{
	struct json *j = json_object(a);
	json_set_str(j, "id", id);
	json_set_str(j, "name", name);
	return j;
}

static struct json *team_ref(struct directory *d, str team)
{
	const struct regime_team *t = regime_team_find(d->regime, team);
	return team.len ? ref(d->a, team, t ? t->title.text : team) : NULL;
}

static void set_or_null(struct json *j, const char *key, str value)
{
	if (value.len)
		json_set_str(j, key, value);
	else
		json_set(j, key, NULL);
}

static struct record record_of(enum record_kind kind, struct uuid id, struct json *fields)
{
	return (struct record){ .kind = kind, .id = id, .subject = id, .fields = fields };
}

static bool contacts(struct directory *d, struct uuid organisation, struct json **out, struct err *err)
{
	struct sql_directory_contacts_row *rows;
	ptrdiff_t count;
	struct json *list = json_array(d->a);
	if (!sql_directory_contacts(d->db, d->a, &(struct sql_directory_contacts){ organisation }, &rows,
				    &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++) {
		struct json *c = json_object(d->a), *body = NULL;
		if (rows[i].body.ptr &&
		    !json_parse(d->a, rows[i].body, (struct json_limits){ 0 }, &body, err))
			return false;
		json_set_uuid(c, "id", rows[i].id);
		json_set_int(c, "rank", rows[i].position);
		json_set_str(c, "name", json_get_str(body, "name"));
		json_set_str(c, "role", rows[i].purpose);
		json_set_str(c, "address", json_get_str(body, "address"));
		set_or_null(c, "phone", json_get_str(body, "phone"));
		set_or_null(c, "note", json_get_str(body, "note"));
		json_append(list, c);
	}
	*out = list;
	return true;
}

/* Looking up */

struct lookup {
	struct directory *d;
	const struct observable *o;
	struct json *matches, *why;
};

static bool name_of(struct directory *d, struct uuid id, str *out, struct err *err)
{
	struct sql_directory_organisation_row row;
	bool found = false;
	if (!sql_directory_organisation(d->db, d->a, &(struct sql_directory_organisation){ id }, &row, &found,
					err))
		return false;
	*out = found ? row.name : S("");
	return true;
}

static bool add_match(struct lookup *l, str what, str value, struct uuid organisation, bool chosen,
		      struct err *err)
{
	struct json *m = json_object(l->d->a);
	str name;
	if (!name_of(l->d, organisation, &name, err))
		return false;
	json_set_str(m, "what", what);
	json_set_str(m, "value", value);
	json_set(m, "organisation", ref(l->d->a, uuid_format(l->d->a, organisation), name));
	json_set_bool(m, "chosen", chosen);
	json_append(l->matches, m);
	if (!chosen)
		json_append_str(l->why,
				arena_printf(l->d->a,
					     STR_FMT " of " STR_FMT " covers it too, but is less specific",
					     STR_ARG(value), STR_ARG(name)));
	return true;
}

static bool wider_networks(struct lookup *l, str chosen, struct err *err)
{
	struct network n;
	if (!network_parse(chosen, &n, err))
		return false;
	int least = network_is_v4(n) ? 96 : 0;
	for (int bits = n.bits - 1; bits > least; bits--) {
		struct sql_directory_network_exact_row row;
		struct network wider = network_of(n.first, bits);
		bool found = false;
		if (!sql_directory_network_exact(l->d->db, l->d->a,
						 &(struct sql_directory_network_exact){
							 .prefix = bits, .first = ip_bytes(&wider.first) },
						 &row, &found, err))
			return false;
		if (found &&
		    !add_match(l, S("network"), network_format(l->d->a, wider), row.organisation, false, err))
			return false;
	}
	return true;
}

static bool wider_domains(struct lookup *l, str chosen, struct err *err)
{
	for (str left = str_cut(chosen, '.').tail; left.len; left = str_cut(left, '.').tail) {
		struct sql_directory_domain_exact_row row;
		bool found = false;
		if (!sql_directory_domain_exact(l->d->db, l->d->a,
						&(struct sql_directory_domain_exact){ left }, &row, &found,
						err))
			return false;
		if (found && !add_match(l, S("domain"), left, row.organisation, false, err))
			return false;
	}
	return true;
}

static bool add_matches(struct lookup *l, const struct owner_found *f, struct err *err)
{
	if (!add_match(l, f->what, f->value, f->organisation, true, err))
		return false;
	if (str_eq(f->what, S("network")))
		return wider_networks(l, f->value, err);
	return !str_eq(f->what, S("domain")) || wider_domains(l, f->value, err);
}

static bool explain_owner(struct lookup *l, const struct owner_found *f, struct json *j, struct err *err)
{
	struct directory *d = l->d;
	struct sql_directory_organisation_row row = { 0 };
	struct json *organisation = ref(d->a, uuid_format(d->a, f->organisation), f->name), *ladder;
	bool found = false;
	json_append_str(l->why, f->why);
	if (!add_matches(l, f, err) || !contacts(d, f->organisation, &ladder, err) ||
	    !sql_directory_organisation(d->db, d->a, &(struct sql_directory_organisation){ f->organisation },
					&row, &found, err))
		return false;
	const struct regime_party party = { .org_class = row.class,
					    .sector = row.sector,
					    .province = row.province,
					    .cii_grade = row.cii,
					    .cii = row.cii.len > 0 };
	json_append_str(l->why, regime_team_for(d->regime, &party, d->a).why);
	json_set_str(organisation, "class", f->class);
	json_set_str(organisation, "sector", f->sector);
	json_set(j, "organisation", organisation);
	json_set(j, "team", team_ref(d, f->team));
	json_set(j, "contacts", ladder);
	return true;
}

bool directory_lookup(struct directory *d, const struct observable *o, struct record *out, struct err *err)
{
	struct owner_found f;
	struct json *j = json_object(d->a);
	struct lookup l = { d, o, json_array(d->a), json_array(d->a) };
	if (!owner_find(d->db, d->a, d->regime, o, &f, err))
		return false;
	bool found = !uuid_is_nil(f.organisation);
	json_set_str(j, "query", observable_defang_one(d->a, o->type, o->value));
	json_set_str(j, "type", observable_type_name(o->type));
	json_set_bool(j, "found", found);
	if (found && !explain_owner(&l, &f, j, err))
		return false;
	if (!found) {
		json_set(j, "organisation", NULL);
		json_set(j, "team", NULL);
		json_set(j, "contacts", json_array(d->a));
		json_append_str(l.why, S("nobody in the directory has a network or domain that covers it"));
	}
	json_set(j, "matches", l.matches);
	json_set(j, "why", l.why);
	*out = record_of(RECORD_ORGANISATION, f.organisation, j);
	return true;
}

/* Lists */

static void organisation_fields(struct directory *d, struct json *j, const struct sql_directory_page_row *r)
{
	json_set_uuid(j, "id", r->id);
	json_set_str(j, "name", r->name);
	json_set_str(j, "class", r->class);
	json_set_str(j, "sector", r->sector);
	set_or_null(j, "province", r->province);
	set_or_null(j, "cii", r->cii);
	json_set(j, "team", team_ref(d, r->team));
	json_set_int(j, "networks", r->networks);
	json_set_int(j, "domains", r->domains);
	json_set_int(j, "contacts", r->contacts);
}

/* before + q + "%", the signs of LIKE escaped with '!', in lower case as far as ASCII goes: so does lower()
 * of both engines. */
static str pattern(struct arena *a, const char *before, str q)
{
	struct buf b;
	buf_init(&b, a, 2 * Q_MAX + 8);
	buf_add(&b, str_from(before));
	for (ptrdiff_t i = 0; i < q.len; i++) {
		char c = q.ptr[i];
		if (c == '%' || c == '_' || c == '!')
			buf_add_char(&b, '!');
		buf_add_char(&b, c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c);
	}
	buf_add_char(&b, '%');
	return buf_str(&b);
}

static bool page_start(struct directory *d, str cursor, struct uuid *after, str *name, struct err *err)
{
	*name = S("");
	*after = (struct uuid){ { 0 } };
	if (cursor.len == 0)
		return true;
	struct sql_directory_organisation_row row;
	bool found = false;
	struct err bad;
	if (!uuid_parse(cursor, after, &bad))
		return err_set(err, ERR_INPUT,
			       "cursor: not one that this list gave out; begin again without it");
	if (!sql_directory_organisation(d->db, d->a, &(struct sql_directory_organisation){ *after }, &row,
					&found, err))
		return false;
	if (!found)
		return err_set(err, ERR_CONFLICT,
			       "cursor: the organisation it stands for was removed; begin again without it");
	*name = row.name;
	return true;
}

bool directory_list(struct directory *d, const struct directory_filter *f, struct directory_page *out,
		    struct err *err)
{
	struct sql_directory_page_row *rows;
	struct sql_directory_tally_row tally = { 0 };
	ptrdiff_t count;
	bool found = false;
	struct uuid after;
	str name, q = str_sub(str_trim(f->q), 0, Q_MAX), start = pattern(d->a, "", q),
		  inner = pattern(d->a, "% ", q);
	str sector = f->sector.ptr ? f->sector : S(""), class = f->class.ptr ? f->class : S("");
	int64_t limit = f->limit > 0 ? MIN(f->limit, PAGE_MAX) : PAGE_DEFAULT;
	if (!page_start(d, f->cursor, &after, &name, err) ||
	    !sql_directory_page(d->db, d->a,
				&(struct sql_directory_page){ .start = start,
							      .inner = inner,
							      .sector = sector,
							      .class = class,
							      .after_name = name,
							      .after_id = uuid_bytes(&after),
							      .count = limit + 1 },
				&rows, &count, err) ||
	    !sql_directory_tally(d->db, d->a,
				 &(struct sql_directory_tally){ .start = start,
								.inner = inner,
								.sector = sector,
								.class = class,
								.most = COUNT_MAX + 1 },
				 &tally, &found, err))
		return false;
	*out = (struct directory_page){ .count = MIN(count, limit),
					.next = S(""),
					.exact = tally.count <= COUNT_MAX,
					.total = MIN(tally.count, COUNT_MAX) };
	out->records = NEW(d->a, struct record *, out->count);
	for (ptrdiff_t i = 0; i < out->count; i++) {
		out->records[i] = NEW(d->a, struct record, 1);
		*out->records[i] = record_of(RECORD_ORGANISATION, rows[i].id, json_object(d->a));
		organisation_fields(d, out->records[i]->fields, &rows[i]);
	}
	if (count > limit)
		out->next = uuid_format(d->a, rows[limit - 1].id);
	return true;
}

/* One organisation */

static void append_value(struct directory *d, struct json *list, struct uuid id, str value)
{
	struct json *j = json_object(d->a);
	json_set_uuid(j, "id", id);
	json_set_str(j, "value", value);
	json_append(list, j);
}

static bool networks(struct directory *d, struct uuid id, struct json *list, struct err *err)
{
	struct sql_directory_networks_row *n;
	struct sql_directory_systems_row *s;
	ptrdiff_t count, systems;
	if (!sql_directory_networks(d->db, d->a, &(struct sql_directory_networks){ id }, &n, &count, err) ||
	    !sql_directory_systems(d->db, d->a, &(struct sql_directory_systems){ id }, &s, &systems, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++) {
		struct network net = { .bits = (int)n[i].prefix };
		if (!ip_from_bytes(n[i].first, &net.first, err))
			return false;
		append_value(d, list, n[i].id, network_format(d->a, net));
	}
	for (ptrdiff_t i = 0; i < systems; i++)
		append_value(d, list, s[i].id, arena_printf(d->a, "AS%lld", (long long)s[i].number));
	return true;
}

static bool domains(struct directory *d, struct uuid id, struct json *list, struct err *err)
{
	struct sql_directory_domains_row *rows;
	ptrdiff_t count;
	if (!sql_directory_domains(d->db, d->a, &(struct sql_directory_domains){ id }, &rows, &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++)
		append_value(d, list, rows[i].id, rows[i].name);
	return true;
}

bool directory_read(struct directory *d, struct uuid id, struct record *out, struct err *err)
{
	struct sql_directory_organisation_row r;
	struct json *j = json_object(d->a), *ladder, *nets = json_array(d->a), *names = json_array(d->a);
	bool found = false;
	if (!sql_directory_organisation(d->db, d->a, &(struct sql_directory_organisation){ id }, &r, &found,
					err))
		return false;
	if (!found)
		return err_set(err, ERR_MISSING, "there is no such organisation");
	if (!contacts(d, id, &ladder, err) || !networks(d, id, nets, err) || !domains(d, id, names, err))
		return false;
	organisation_fields(d, j,
			    &(struct sql_directory_page_row){ .id = id,
							      .name = r.name,
							      .class = r.class,
							      .sector = r.sector,
							      .province = r.province,
							      .cii = r.cii,
							      .team = r.team });
	json_set(j, "contacts", ladder);
	json_set(j, "networks", nets);
	json_set(j, "domains", names);
	json_set_instant(j, "updated_at", r.changed);
	*out = record_of(RECORD_ORGANISATION, id, j);
	return true;
}
