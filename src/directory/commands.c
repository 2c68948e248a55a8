#include "directory/commands.h"

#include "access/identity.h"
#include "base/buf.h"
#include "base/text.h"
#include "directory_sql.h"
#include "format/json.h"
#include "model/network.h"
#include "model/observable.h"
#include "model/text_safety.h"
#include "regime/regime.h"

static const struct uuid nobody;

/* Words */

/* What csv_write_row guards, the other way round: '+92 51 111 is what was +92 51 111. */
static str without_guard(str s)
{
	static const char *const signs[] = {
		"=", "+", "-", "@", "\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"
	};
	if (s.len < 2 || s.ptr[0] != '\'')
		return s;
	str rest = str_sub(s, 1, s.len);
	for (ptrdiff_t i = 0; i < COUNTOF(signs); i++)
		if (str_starts(rest, str_from(signs[i])))
			return rest;
	return s;
}

bool directory_line(struct arena *a, const char *what, str text, ptrdiff_t max, str *out, struct err *err)
{
	str line = without_guard(
		text_safety_line(a, text, max + 8)); /* 8: so that a longer one is seen to be longer */
	if (line.len > max)
		return err_set(err, ERR_INPUT, "%s: more than %td bytes", what, max);
	*out = line.len ? line : S("");
	return true;
}

struct word_list {
	const char *what;
	const void *items;
	ptrdiff_t count, size;
};

/* Every list of the regime begins its items with their id. */
static str word_at(const struct word_list *l, ptrdiff_t i)
{
	return *(const str *)(const void *)((const char *)l->items + i * l->size);
}
_Static_assert(offsetof(struct regime_named, id) == 0 && offsetof(struct regime_org_class, id) == 0,
	       "see word_at");

static bool word(struct arena *a, const struct word_list *l, str text, str *out, struct err *err)
{
	str id;
	struct buf b;
	if (!directory_line(a, l->what, text, DIRECTORY_WORD_MAX, &id, err))
		return false;
	buf_init(&b, a, 240);
	for (ptrdiff_t i = 0; i < l->count; i++) {
		if (str_eq_nocase(word_at(l, i), id)) {
			*out = word_at(l, i);
			return true;
		}
		buf_printf(&b, "%s" STR_FMT, i ? ", " : "", STR_ARG(word_at(l, i)));
	}
	if (id.len == 0) {
		*out = S("");
		return true;
	}
	return err_set(err, ERR_INPUT, "%s: the regime has no '" STR_FMT "'; it has " STR_FMT "%s", l->what,
		       STR_ARG(id), STR_ARG(buf_str(&b)), b.over ? " and others" : "");
}

/* Organisations */

static bool organisation_exists(struct directory *d, struct uuid id,
				struct sql_directory_organisation_row *out, struct err *err)
{
	bool found = false;
	if (!sql_directory_organisation(d->db, d->a, &(struct sql_directory_organisation){ .id = id }, out,
					&found, err))
		return false;
	return found || err_set(err, ERR_MISSING, "there is no such organisation");
}

static str organisation_name(struct directory *d, struct uuid id)
{
	struct sql_directory_organisation_row row;
	struct err ignored;
	return organisation_exists(d, id, &row, &ignored) ? row.name : S("another organisation");
}

bool directory_find_organisation(struct directory *d, str name_or_id, struct uuid *out, struct err *err)
{
	struct sql_directory_organisation_row row;
	struct sql_directory_named_row *rows;
	ptrdiff_t count;
	struct err no_id;
	struct uuid id;
	str name;
	if (uuid_parse(str_trim(name_or_id), &id, &no_id)) {
		*out = id;
		return organisation_exists(d, id, &row, err);
	}
	if (!directory_line(d->a, "organisation", name_or_id, DIRECTORY_NAME_MAX, &name, err))
		return false;
	if (name.len == 0)
		return err_set(err, ERR_INPUT, "organisation: say whose it is");
	if (!sql_directory_named(d->db, d->a, &(struct sql_directory_named){ .name = name }, &rows, &count,
				 err))
		return false;
	if (count == 0)
		return err_set(err, ERR_MISSING,
			       "organisation: there is no '" STR_FMT "' in the directory; add it first",
			       STR_ARG(name));
	if (count > 1)
		return err_set(err, ERR_CONFLICT,
			       "organisation: several are called '" STR_FMT "'; give the id instead",
			       STR_ARG(name));
	*out = rows[0].id;
	return true;
}

static bool clean_organisation(struct directory *d, const struct organisation_fields *f,
			       struct organisation_fields *out, struct err *err)
{
	const struct regime *r = d->regime;
	const struct word_list classes = { "class", r->org_classes, r->org_classes_count,
					   sizeof(*r->org_classes) };
	const struct word_list sectors = { "sector", r->sectors, r->sectors_count, sizeof(*r->sectors) };
	const struct word_list provinces = { "province", r->provinces, r->provinces_count,
					     sizeof(*r->provinces) };
	const struct word_list grades = { "cii", r->cii.grades, r->cii.grades_count, sizeof(*r->cii.grades) };
	if (!directory_line(d->a, "name", f->name, DIRECTORY_NAME_MAX, &out->name, err) ||
	    !word(d->a, &classes, f->class, &out->class, err) ||
	    !word(d->a, &sectors, f->sector, &out->sector, err) ||
	    !word(d->a, &provinces, f->province, &out->province, err) ||
	    !word(d->a, &grades, f->cii, &out->cii, err))
		return false;
	if (out->name.len == 0)
		return err_set(err, ERR_INPUT, "name: give the organisation's name");
	if (out->class.len == 0 && r->org_classes_count)
		return err_set(
			err, ERR_INPUT,
			"class: say what kind of organisation it is; it decides which team answers for it");
	for (ptrdiff_t i = 0; i < r->org_classes_count && out->sector.len == 0; i++)
		if (str_eq(r->org_classes[i].id, out->class) && r->org_classes[i].sector.len)
			out->sector = r->org_classes[i].sector;
	return true;
}

/* Which record a name means: *out_id is filled if it was nil and somebody has the name. */
static bool resolve_name(struct directory *d, str name, str was, struct uuid *id, struct err *err)
{
	struct sql_directory_named_row *rows;
	ptrdiff_t count;
	if (!sql_directory_named(d->db, d->a, &(struct sql_directory_named){ .name = name }, &rows, &count,
				 err))
		return false;
	if (uuid_is_nil(*id)) {
		if (count > 1)
			return err_set(err, ERR_CONFLICT,
				       "name: several organisations are called '" STR_FMT
				       "'; say by its id which "
				       "one you mean",
				       STR_ARG(name));
		*id = count ? rows[0].id : nobody;
		return true;
	}
	for (ptrdiff_t i = 0; i < count && !str_eq(name, was); i++)
		if (!uuid_eq(rows[i].id, *id))
			return err_set(err, ERR_CONFLICT,
				       "name: another organisation is called '" STR_FMT "' already",
				       STR_ARG(name));
	return true;
}

static struct json *organisation_payload(struct directory *d, const struct organisation_fields *f, str team)
{
	struct json *p = json_object(d->a);
	json_set_str(p, "name", f->name);
	json_set_str(p, "class", f->class);
	json_set_str(p, "sector", f->sector);
	json_set_str(p, "province", f->province);
	json_set_str(p, "cii", f->cii);
	json_set_str(p, "team", team);
	return p;
}

bool directory_plan_organisation(struct directory *d, struct uuid id, const struct organisation_fields *f,
				 struct directory_plan *out, struct err *err)
{
	struct organisation_fields c;
	struct sql_directory_organisation_row was = { .name = S("") };
	if (!clean_organisation(d, f, &c, err) ||
	    (!uuid_is_nil(id) && !organisation_exists(d, id, &was, err)) ||
	    !resolve_name(d, c.name, was.name, &id, err))
		return false;
	bool found = !uuid_is_nil(id);
	if (found && !organisation_exists(d, id, &was, err))
		return false;
	const struct regime_party party = { .org_class = c.class,
					    .sector = c.sector,
					    .province = c.province,
					    .cii_grade = c.cii,
					    .cii = c.cii.len > 0 };
	str team = regime_team_for(d->regime, &party, d->a).team->id;
	bool same = found && str_eq(was.name, c.name) && str_eq(was.class, c.class) &&
		    str_eq(was.sector, c.sector) && str_eq(was.province, c.province) &&
		    str_eq(was.cii, c.cii) && str_eq(was.team, team);
	*out = (struct directory_plan){ .fate = !found ? FATE_ADD
						: same ? FATE_SAME
						       : FATE_CHANGE,
					.kind = "organisation.set",
					.subject = id,
					.payload = organisation_payload(d, &c, team),
					.key = c.name };
	return true;
}

/* Contacts */

static bool clean_contact(struct directory *d, const struct contact_fields *f, struct contact_fields *out,
			  struct err *err)
{
	struct observable o;
	struct err why;
	if (!directory_line(d->a, "name", f->name, DIRECTORY_NAME_MAX, &out->name, err) ||
	    !directory_line(d->a, "role", f->role, DIRECTORY_WORD_MAX, &out->role, err) ||
	    !directory_line(d->a, "address", f->address, DIRECTORY_NAME_MAX, &out->address, err) ||
	    !directory_line(d->a, "phone", f->phone, DIRECTORY_WORD_MAX, &out->phone, err) ||
	    !directory_line(d->a, "note", f->note, DIRECTORY_NOTE_MAX, &out->note, err))
		return false;
	if (out->name.len == 0)
		return err_set(err, ERR_INPUT, "name: whom does one ask for?");
	if (out->address.len == 0 && out->phone.len == 0)
		return err_set(err, ERR_INPUT, "address: give a mail address or a telephone number");
	if (out->address.len) {
		if (!observable_parse(d->a, out->address, &o, &why) || o.type != OBSERVABLE_EMAIL)
			return err_set(err, ERR_INPUT, "address: '" STR_FMT "' is no mail address",
				       STR_ARG(out->address));
		out->address = o.value;
	}
	if (f->rank < 0 || f->rank > DIRECTORY_RANK_MAX)
		return err_set(err, ERR_INPUT, "rank: 1 is asked first, %d last", DIRECTORY_RANK_MAX);
	out->rank = f->rank;
	out->role = out->role.len ? out->role : S("duty");
	return true;
}

static bool find_contact(struct directory *d, struct uuid *id, struct uuid organisation, int64_t rank,
			 struct sql_directory_contact_row *out, bool *out_found, struct err *err)
{
	struct sql_directory_contact_at_row row;
	if (uuid_is_nil(*id)) {
		if (!sql_directory_contact_at(d->db, d->a,
					      &(struct sql_directory_contact_at){
						      .organisation = organisation, .position = rank },
					      &row, out_found, err))
			return false;
		if (*out_found) {
			*id = row.id;
			*out = (struct sql_directory_contact_row){ organisation, rank, row.purpose,
								   row.body };
		}
		return true;
	}
	if (!sql_directory_contact(d->db, d->a, &(struct sql_directory_contact){ .id = *id }, out, out_found,
				   err))
		return false;
	return *out_found ||
	       err_set(err, ERR_MISSING, "there is no such contact: leave the id empty to add one");
}

static bool same_contact(struct directory *d, const struct sql_directory_contact_row *was,
			 struct uuid organisation, const struct contact_fields *c, bool *out_same,
			 struct err *err)
{
	struct json *body = NULL;
	if (was->body.ptr && !json_parse(d->a, was->body, (struct json_limits){ 0 }, &body, err))
		return false;
	*out_same = uuid_eq(was->organisation, organisation) && was->position == c->rank &&
		    str_eq(was->purpose, c->role) && str_eq(json_get_str(body, "name"), c->name) &&
		    str_eq(json_get_str(body, "address"), c->address) &&
		    str_eq(json_get_str(body, "phone"), c->phone) &&
		    str_eq(json_get_str(body, "note"), c->note);
	return true;
}

bool directory_plan_contact(struct directory *d, struct uuid id, struct uuid organisation,
			    const struct contact_fields *f, struct directory_plan *out, struct err *err)
{
	struct contact_fields c;
	struct sql_directory_organisation_row owner;
	struct sql_directory_contact_row was = { 0 };
	struct sql_directory_last_rank_row last = { 0 };
	bool found = false, same = false, by_id = !uuid_is_nil(id);
	if (!organisation_exists(d, organisation, &owner, err) || !clean_contact(d, f, &c, err) ||
	    !find_contact(d, &id, organisation, c.rank, &was, &found, err))
		return false;
	if (c.rank == 0 && !found) {
		bool any;
		if (!sql_directory_last_rank(d->db, d->a, &(struct sql_directory_last_rank){ organisation },
					     &last, &any, err))
			return false;
		if (last.rank >= DIRECTORY_RANK_MAX)
			return err_set(err, ERR_LIMIT, "rank: the ladder ends at %d", DIRECTORY_RANK_MAX);
	}
	if (c.rank == 0)
		c.rank = found ? was.position : last.rank + 1;
	if (found && !same_contact(d, &was, organisation, &c, &same, err))
		return false;
	struct json *p = json_object(d->a), *words = json_object(d->a);
	json_set_uuid(p, "organisation", organisation);
	json_set_int(p, "position", c.rank);
	json_set_str(p, "purpose", c.role);
	json_set_str(words, "name", c.name);
	json_set_str(words, "address", c.address);
	json_set_str(words, "phone", c.phone);
	json_set_str(words, "note", c.note);
	str key = by_id ? S("")
			: arena_printf(d->a, STR_FMT " %lld", STR_ARG(uuid_format(d->a, organisation)),
				       (long long)c.rank);
	*out = (struct directory_plan){ .fate = !found ? FATE_ADD
						: same ? FATE_SAME
						       : FATE_CHANGE,
					.kind = "contact.set",
					.subject = id,
					.payload = p,
					.content = words,
					.key = key };
	return true;
}

/* Networks, AS numbers and domains: each claimed by one organisation. */

struct claim {
	const char *set, *removed; /* kinds */
	str value;                 /* canonical, for people */
	bool held;
	struct uuid id, organisation; /* if it is held: by which record, and whose */
};

static bool plan_claim(struct directory *d, const struct claim *c, struct uuid id, struct uuid organisation,
		       struct directory_plan *out, struct err *err)
{
	struct sql_directory_organisation_row owner;
	struct sql_directory_item_row item = { 0 };
	bool found = false, by_id = !uuid_is_nil(id);
	if (!organisation_exists(d, organisation, &owner, err))
		return false;
	if (by_id &&
	    !sql_directory_item(d->db, d->a, &(struct sql_directory_item){ .id = id }, &item, &found, err))
		return false;
	if (by_id && (!found || !str_eq(item.kind, str_from(c->removed))))
		return err_set(err, ERR_MISSING, "there is no such record: leave the id empty to add one");
	if (c->held && !uuid_eq(c->organisation, organisation) && !uuid_eq(c->id, id))
		return err_set(err, ERR_CONFLICT,
			       STR_FMT " belongs to " STR_FMT
				       ": remove it there first, or give only the part "
				       "of it that is different",
			       STR_ARG(c->value), STR_ARG(organisation_name(d, c->organisation)));
	if (c->held && by_id && !uuid_eq(c->id, id))
		return err_set(err, ERR_CONFLICT, STR_FMT " is listed already", STR_ARG(c->value));
	bool same = c->held && uuid_eq(c->organisation, organisation);
	out->fate = same ? FATE_SAME : by_id ? FATE_CHANGE : FATE_ADD;
	out->kind = c->set;
	out->subject = same ? c->id : id;
	out->key = c->value;
	json_set_uuid(out->payload, "organisation", organisation);
	return true;
}

static bool read_network(struct arena *a, str text, struct network *out, struct err *err)
{
	struct observable o;
	struct err defanged;
	if (network_parse(text, out, err))
		return true;
	bool written = observable_parse(a, text, &o, &defanged) &&
		       (o.type == OBSERVABLE_CIDR || o.type == OBSERVABLE_IPV4 || o.type == OBSERVABLE_IPV6);
	return (written && network_parse(o.value, out, &defanged)) || err_wrap(err, "network");
}

static bool plan_system(struct directory *d, struct uuid id, struct uuid organisation, str text,
			struct directory_plan *out, struct err *err)
{
	struct claim c = { .set = "autonomous_system.set", .removed = "autonomous_system.removed" };
	struct sql_directory_system_exact_row row;
	struct observable o;
	struct err ignored;
	int64_t number = 0;
	if (!observable_parse(d->a, text, &o, &ignored) || o.type != OBSERVABLE_ASN ||
	    !str_to_int(str_sub(o.value, 2, o.value.len), 1, UINT32_MAX, &number))
		return err_set(err, ERR_INPUT,
			       "network: '" STR_FMT "' is no AS number, which looks like AS64500",
			       STR_ARG(text));
	if (!sql_directory_system_exact(d->db, d->a, &(struct sql_directory_system_exact){ number }, &row,
					&c.held, err))
		return false;
	if (c.held) {
		c.id = row.id;
		c.organisation = row.organisation;
	}
	c.value = o.value;
	out->payload = json_object(d->a);
	json_set_int(out->payload, "number", number);
	return plan_claim(d, &c, id, organisation, out, err);
}

bool directory_plan_network(struct directory *d, struct uuid id, struct uuid organisation, str value,
			    struct directory_plan *out, struct err *err)
{
	struct claim c = { .set = "network.set", .removed = "network.removed" };
	struct sql_directory_network_exact_row row;
	struct network n;
	str text;
	*out = (struct directory_plan){ 0 };
	if (!directory_line(d->a, "network", value, DIRECTORY_WORD_MAX, &text, err))
		return false;
	if (str_starts_nocase(text, S("AS")))
		return plan_system(d, id, organisation, text, out, err);
	if (!read_network(d->a, text, &n, err))
		return false;
	if (network_prefix(n) == 0)
		return err_set(err, ERR_INPUT, "network: " STR_FMT " is everybody's",
			       STR_ARG(network_format(d->a, n)));
	if (!sql_directory_network_exact(
		    d->db, d->a,
		    &(struct sql_directory_network_exact){ .prefix = n.bits, .first = ip_bytes(&n.first) },
		    &row, &c.held, err))
		return false;
	if (c.held) {
		c.id = row.id;
		c.organisation = row.organisation;
	}
	c.value = network_format(d->a, n);
	out->payload = json_object(d->a);
	json_set_str(out->payload, "first", text_hex(d->a, ip_bytes(&n.first)));
	json_set_int(out->payload, "prefix", n.bits);
	return plan_claim(d, &c, id, organisation, out, err);
}

/* A name alone may be doubtful (example.zip); behind an at sign it can only be a domain, so it is read
 * there. */
static bool read_domain(struct arena *a, str text, str *out, struct err *err)
{
	struct observable o;
	struct err ignored;
	str name = str_starts(text, S("*."))  ? str_sub(text, 2, text.len)
		   : str_starts(text, S(".")) ? str_sub(text, 1, text.len)
					      : text;
	bool link = str_find_char(name, '/') >= 0 || str_find_char(name, '@') >= 0;
	if (!link && observable_parse(a, name, &o, &ignored) && o.type == OBSERVABLE_DOMAIN) {
		*out = o.value;
		return true;
	}
	if (!link && observable_parse(a, arena_printf(a, "x@" STR_FMT, STR_ARG(name)), &o, &ignored) &&
	    o.type == OBSERVABLE_EMAIL) {
		*out = str_cut(o.value, '@').tail;
		return true;
	}
	return err_set(err, ERR_INPUT, "domain: '" STR_FMT "' is no domain, which looks like example.org",
		       STR_ARG(text));
}

bool directory_plan_domain(struct directory *d, struct uuid id, struct uuid organisation, str value,
			   struct directory_plan *out, struct err *err)
{
	struct claim c = { .set = "domain.set", .removed = "domain.removed" };
	struct sql_directory_domain_exact_row row;
	str text;
	*out = (struct directory_plan){ 0 };
	if (!directory_line(d->a, "domain", value, DIRECTORY_NAME_MAX + DIRECTORY_WORD_MAX, &text, err) ||
	    !read_domain(d->a, text, &c.value, err) ||
	    !sql_directory_domain_exact(d->db, d->a, &(struct sql_directory_domain_exact){ c.value }, &row,
					&c.held, err))
		return false;
	if (c.held) {
		c.id = row.id;
		c.organisation = row.organisation;
	}
	out->payload = json_object(d->a);
	json_set_str(out->payload, "name", c.value);
	return plan_claim(d, &c, id, organisation, out, err);
}

/* Acts */

struct uuid directory_draft(struct decision *d, const struct directory_plan *p)
{
	struct uuid id = uuid_is_nil(p->subject) ? decision_new_id(d) : p->subject;
	if (p->fate != FATE_SAME)
		decision_add(d, (struct draft){ .kind = p->kind,
						.subject = id,
						.audience = SCOPE_NODE,
						.payload = p->payload,
						.content = p->content });
	return id;
}

static void remove_one(struct decision *d, str kind, struct uuid id)
{
	static const char *const kinds[] = { "contact.removed", "network.removed",
					     "autonomous_system.removed", "domain.removed" };
	for (ptrdiff_t i = 0; i < COUNTOF(kinds); i++)
		if (str_eq(kind, str_from(kinds[i])))
			decision_add(
				d, (struct draft){ .kind = kinds[i], .subject = id, .audience = SCOPE_NODE });
}

/* With all that hangs on it: a network left behind would hide the owner of the wider one. */
static bool remove_organisation(struct decision *d, struct directory *x, struct uuid id, struct err *err)
{
	struct sql_directory_organisation_row row;
	struct sql_directory_items_row *items;
	ptrdiff_t count;
	if (!organisation_exists(x, id, &row, err) ||
	    !sql_directory_items(
		    d->db, d->arena,
		    &(struct sql_directory_items){ .organisation = id, .most = DIRECTORY_ITEMS_MAX + 1 },
		    &items, &count, err))
		return false;
	if (count > DIRECTORY_ITEMS_MAX)
		return err_set(err, ERR_LIMIT,
			       "it has more than %d networks, domains and contacts: remove some first",
			       DIRECTORY_ITEMS_MAX);
	for (ptrdiff_t i = 0; i < count; i++)
		remove_one(d, items[i].kind, items[i].id);
	decision_add(d,
		     (struct draft){ .kind = "organisation.removed", .subject = id, .audience = SCOPE_NODE });
	return true;
}

static bool remove_item(struct decision *d, struct directory *x, struct directory_command *c, struct err *err)
{
	struct sql_directory_item_row item;
	bool found = false;
	c->made = c->item;
	if (uuid_eq(c->item, c->organisation))
		return remove_organisation(d, x, c->organisation, err);
	if (!sql_directory_item(d->db, d->arena, &(struct sql_directory_item){ .id = c->item }, &item, &found,
				err))
		return false;
	if (!found || !uuid_eq(item.organisation, c->organisation))
		return err_set(err, ERR_MISSING,
			       "item: the organisation has no such contact, network or domain");
	remove_one(d, item.kind, c->item);
	return true;
}

static bool plan(struct directory *x, struct directory_command *c, struct directory_plan *out,
		 struct err *err)
{
	switch (c->act) {
	case DIRECTORY_SET:
		return directory_plan_organisation(x, c->organisation, &c->set, out, err);
	case DIRECTORY_CONTACT:
		return directory_plan_contact(x, c->item, c->organisation, &c->contact, out, err);
	case DIRECTORY_NETWORK:
		return directory_plan_network(x, c->item, c->organisation, c->value, out, err);
	case DIRECTORY_DOMAIN:
		return directory_plan_domain(x, c->item, c->organisation, c->value, out, err);
	case DIRECTORY_REMOVE:
		break;
	}
	return err_set(err, ERR_INPUT, "there is no such act");
}

/* A form that adds must not change what is there: a spreadsheet may. */
static bool only_adds(const struct directory_command *c, const struct directory_plan *p, struct err *err)
{
	struct uuid named = c->act == DIRECTORY_SET ? c->organisation : c->item;
	if (!uuid_is_nil(named) || p->fate == FATE_ADD)
		return true;
	if (c->act == DIRECTORY_SET)
		return err_set(err, ERR_CONFLICT, "name: there is an organisation of this name already");
	if (c->act == DIRECTORY_CONTACT)
		return err_set(
			err, ERR_CONFLICT,
			"rank: %lld is taken; choose another, or leave it empty for the end of the ladder",
			(long long)c->contact.rank);
	return true; /* the same network or domain again: nothing to do */
}

bool directory_decide(struct decision *d, void *arg, struct err *err)
{
	struct directory_command *c = arg;
	struct directory x = { d->db, d->arena, c->regime };
	struct directory_plan p = { 0 };
	if (!identity_must(c->who, MAY_WRITE_DIRECTORY, err))
		return false;
	if (c->act == DIRECTORY_REMOVE)
		return remove_item(d, &x, c, err);
	if (!plan(&x, c, &p, err) || !only_adds(c, &p, err))
		return false;
	c->made = directory_draft(d, &p);
	return true;
}
