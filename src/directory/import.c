#include "directory/import.h"

#include "access/identity.h"
#include "directory_sql.h"
#include "format/csv.h"
#include "format/json.h"
#include "model/network.h"
#include "regime/regime.h"

enum { COLUMNS_MAX = 8 };

/* What each kind of table is made of.  The first column is always the id, which only an export knows. */
static const struct {
	const char *name;
	struct {
		const char *name;
		bool needed;
	} columns[COLUMNS_MAX + 1];
} kinds[IMPORT_KINDS] = {
	[IMPORT_ORGANISATIONS] = { "organisations",
				   { { "id", false },
				     { "name", true },
				     { "class", true },
				     { "sector", false },
				     { "province", false },
				     { "cii", false } } },
	[IMPORT_CONTACTS] = { "contacts",
			      { { "id", false },
				{ "organisation", true },
				{ "rank", true },
				{ "name", true },
				{ "role", false },
				{ "address", true },
				{ "phone", false },
				{ "note", false } } },
	[IMPORT_NETWORKS] = { "networks",
			      { { "id", false }, { "organisation", true }, { "network", true } } },
	[IMPORT_DOMAINS] = { "domains", { { "id", false }, { "organisation", true }, { "domain", true } } },
};
enum { COLUMN_ID, COLUMN_1, COLUMN_2, COLUMN_3, COLUMN_4, COLUMN_5, COLUMN_6, COLUMN_7 };

struct import_table {
	int columns[COLUMNS_MAX];
	struct csv_row *rows;
	ptrdiff_t count;
};

bool import_kind_parse(str name, enum import_kind *out_kind, struct err *err)
{
	for (int i = 0; i < IMPORT_KINDS; i++) {
		if (str_eq(name, str_from(kinds[i].name))) {
			*out_kind = (enum import_kind)i;
			return true;
		}
	}
	return err_set(err, ERR_INPUT, "kind: organisations, contacts, networks or domains");
}

str import_kind_name(enum import_kind kind)
{
	return str_from(kinds[kind].name);
}

/* Reading */

static bool known_column(enum import_kind kind, str name)
{
	for (int i = 0; kinds[kind].columns[i].name; i++)
		if (str_eq_nocase(str_trim(name), str_from(kinds[kind].columns[i].name)))
			return true;
	return false;
}

/* A misspelt optional column must not be a silent loss, so every name has to be known. */
static bool read_names(struct import *im, const struct csv_row *names, struct err *err)
{
	for (int i = 0; i < COLUMNS_MAX; i++)
		im->table->columns[i] = -1;
	for (int i = 0; kinds[im->kind].columns[i].name; i++) {
		str name = str_from(kinds[im->kind].columns[i].name);
		if (!kinds[im->kind].columns[i].needed)
			im->table->columns[i] = csv_find_column(names, name);
		else if (!csv_need_column(names, name, &im->table->columns[i], err))
			return false;
	}
	for (int i = 0; i < names->count; i++)
		if (!known_column(im->kind, names->fields[i]))
			return err_set(err, ERR_INPUT, "line %d: a table of %s has no column '" STR_FMT "'",
				       names->line, kinds[im->kind].name,
				       STR_ARG(str_sub(str_trim(names->fields[i]), 0, 40)));
	return true;
}

bool import_read(struct import *im, str text, struct err *err)
{
	struct csv csv;
	struct csv_row names, row;
	ptrdiff_t cap = 64;
	const struct csv_limits limits = {
		.size = IMPORT_SIZE_MAX, .field = 4096, .columns = 32, .rows = IMPORT_ROWS_MAX + 1
	};
	if (!csv_open(text, 0, limits, &csv, err) || !csv_read(&csv, im->arena, &names, err))
		return false;
	if (names.count == 0)
		return err_set(err, ERR_INPUT,
			       "the table is empty: the first line has the names of the columns");
	im->table = NEW(im->arena, struct import_table, 1);
	if (!read_names(im, &names, err))
		return false;
	struct csv_row *rows = NEW(im->arena, struct csv_row, cap);
	ptrdiff_t count = 0;
	for (;;) {
		if (!csv_read(&csv, im->arena, &row, err))
			return false;
		if (row.count == 0)
			break;
		if (count == cap) {
			struct csv_row *more = NEW(im->arena, struct csv_row, 2 * cap);
			memcpy(more, rows, sizeof(*rows) * (size_t)count);
			rows = more;
			cap *= 2;
		}
		rows[count++] = row;
	}
	im->table->rows = rows;
	im->table->count = count;
	return true;
}

/* What the upload has said already: key to line. */

struct seen {
	struct {
		str key;
		int line;
	} * slots;
	size_t mask;
};

static void seen_init(struct seen *s, struct arena *a, ptrdiff_t rows)
{
	size_t size = 64;
	while (size < (size_t)rows * 4) /* two keys a row, half full at most */
		size *= 2;
	s->slots = arena_alloc(a, sizeof(*s->slots), _Alignof(str), (ptrdiff_t)size);
	s->mask = size - 1;
}

/* The line that had the key before; 0 if none, and now this one has it.  The key must live as long. */
static int seen_before(struct seen *s, str key, int line)
{
	uint64_t h = 14695981039346656037u;
	for (ptrdiff_t i = 0; i < key.len; i++)
		h = (h ^ (uint8_t)key.ptr[i]) * 1099511628211u;
	for (size_t at = (size_t)(h ^ h >> 32) & s->mask;; at = (at + 1) & s->mask) {
		if (s->slots[at].line == 0) {
			s->slots[at].key = key;
			s->slots[at].line = line;
			return 0;
		}
		if (str_eq(s->slots[at].key, key))
			return s->slots[at].line;
	}
}

static bool check_seen(struct import *im, struct seen *s, const struct directory_plan *p, int line,
		       struct err *err)
{
	int before = 0;
	if (!uuid_is_nil(p->subject))
		before = seen_before(s, arena_dup(im->arena, uuid_bytes(&p->subject)), line);
	if (before == 0 && p->fate != FATE_SAME && p->key.len)
		before = seen_before(s, arena_dup(im->arena, p->key), line);
	return before == 0 || err_set(err, ERR_INPUT, "line %d says the same thing already", before);
}

/* Judging */

static str field(const struct import *im, const struct csv_row *row, int column)
{
	str s = csv_field(row, im->table->columns[column]);
	return s.ptr ? s : S("");
}

static bool plan_contact_row(struct import *im, struct directory *d, const struct csv_row *row,
			     struct uuid id, struct uuid organisation, struct directory_plan *out,
			     struct err *err)
{
	struct contact_fields f = { .name = field(im, row, COLUMN_3),
				    .role = field(im, row, COLUMN_4),
				    .address = field(im, row, COLUMN_5),
				    .phone = field(im, row, COLUMN_6),
				    .note = field(im, row, COLUMN_7) };
	if (!str_to_int(field(im, row, COLUMN_2), 1, DIRECTORY_RANK_MAX, &f.rank))
		return err_set(err, ERR_INPUT, "rank: a number from 1, who is asked first, to %d",
			       DIRECTORY_RANK_MAX);
	return directory_plan_contact(d, id, organisation, &f, out, err);
}

static bool plan_row(struct import *im, struct directory *d, const struct csv_row *row,
		     struct directory_plan *out, struct err *err)
{
	struct uuid id = { { 0 } }, organisation;
	str first = field(im, row, COLUMN_1), second = field(im, row, COLUMN_2),
	    given = field(im, row, COLUMN_ID);
	if (given.len && !uuid_parse(given, &id, err))
		return err_wrap(err, "id");
	if (im->kind == IMPORT_ORGANISATIONS)
		return directory_plan_organisation(
			d, id,
			&(struct organisation_fields){ first, second, field(im, row, COLUMN_3),
						       field(im, row, COLUMN_4), field(im, row, COLUMN_5) },
			out, err);
	if (!directory_find_organisation(d, first, &organisation, err))
		return false;
	if (im->kind == IMPORT_CONTACTS)
		return plan_contact_row(im, d, row, id, organisation, out, err);
	return im->kind == IMPORT_NETWORKS ? directory_plan_network(d, id, organisation, second, out, err)
					   : directory_plan_domain(d, id, organisation, second, out, err);
}

static str row_name(const struct import *im, const struct csv_row *row)
{
	bool item = im->kind == IMPORT_NETWORKS || im->kind == IMPORT_DOMAINS;
	return field(im, row, im->kind == IMPORT_CONTACTS ? COLUMN_3 : item ? COLUMN_2 : COLUMN_1);
}

/* Errors that are about the row, as opposed to the store. */
static bool about_row(const struct err *err)
{
	return err->code == ERR_INPUT || err->code == ERR_MISSING || err->code == ERR_CONFLICT ||
	       err->code == ERR_LIMIT;
}

static bool judge(struct import *im, struct directory *d, struct seen *seen, ptrdiff_t i, struct err *err)
{
	const struct csv_row *row = &im->table->rows[i];
	struct import_row *out = &im->rows[i];
	struct directory_plan p = { 0 };
	struct err why = { 0 };
	*out = (struct import_row){ .line = row->line, .name = row_name(im, row) };
	if (!plan_row(im, d, row, &p, &why) || !check_seen(im, seen, &p, row->line, &why)) {
		out->refused = true;
		out->reason = arena_dup(im->arena, str_from(why.text));
		im->refused++;
		if (!about_row(&why))
			*err = why;
		return about_row(&why);
	}
	out->plan = p;
	im->fates[p.fate]++;
	bool kept = p.fate != FATE_SAME; /* what d->a holds goes with the next row */
	out->plan.payload = kept ? json_copy(im->arena, p.payload) : NULL;
	out->plan.content = kept && p.content ? json_copy(im->arena, p.content) : NULL;
	out->plan.key = S("");
	return true;
}

bool import_plan(struct import *im, struct db *db, struct err *err)
{
	struct arena scratch;
	struct seen seen;
	struct directory d = { db, &scratch, im->regime };
	bool ok = true;
	im->count = im->table->count;
	im->rows = NEW(im->arena, struct import_row, im->count);
	memset(im->fates, 0, sizeof(im->fates));
	im->refused = 0;
	seen_init(&seen, im->arena, im->count);
	arena_init(&scratch, 1 << 20, 16 << 20);
	for (ptrdiff_t i = 0; i < im->count && ok; i++) {
		ok = judge(im, &d, &seen, i, err);
		arena_reset(&scratch);
	}
	arena_done(&scratch);
	return ok;
}

static bool may_run(const struct import *im, struct err *err)
{
	const struct import_row *first = im->rows;
	while (first < im->rows + im->count && !first->refused)
		first++;
	if (im->refused)
		return err_set(
			err, ERR_INPUT,
			"nothing was imported: %td of %td rows are refused, the first in line %d: " STR_FMT,
			im->refused, im->count, first->line, STR_ARG(first->reason));
	if (im->fates[FATE_ADD] + im->fates[FATE_CHANGE] > IMPORT_CHANGES_MAX)
		return err_set(
			err, ERR_LIMIT,
			"nothing was imported: %td rows would change something, and one upload may change "
			"%d; split the table",
			im->fates[FATE_ADD] + im->fates[FATE_CHANGE], IMPORT_CHANGES_MAX);
	return true;
}

bool import_decide(struct decision *d, void *arg, struct err *err)
{
	struct import *im = arg;
	if (!identity_must(im->who, MAY_WRITE_DIRECTORY, err))
		return false;
	if (!import_plan(im, d->db, err) || !may_run(im, err))
		return false;
	for (ptrdiff_t i = 0; i < im->count; i++)
		(void)directory_draft(d, &im->rows[i].plan);
	return true;
}

/* Export */

struct table {
	struct db *db;
	struct arena *a;
	struct buf *out;
};

static void write_names(struct table *t, enum import_kind kind)
{
	str names[COLUMNS_MAX];
	int n = 0;
	while (n < COLUMNS_MAX && kinds[kind].columns[n].name) {
		names[n] = str_from(kinds[kind].columns[n].name);
		n++;
	}
	csv_write_row(t->out, names, n);
}

/* The name, unless it is not enough to find the organisation again. */
static bool owner_of(struct table *t, struct uuid id, str name, str *out, struct err *err)
{
	struct sql_directory_named_row *rows;
	ptrdiff_t count;
	if (!sql_directory_named(t->db, t->a, &(struct sql_directory_named){ name }, &rows, &count, err))
		return false;
	*out = count == 1 && name.len ? name : uuid_format(t->a, id);
	return true;
}

static bool write_organisations(struct table *t, struct err *err)
{
	struct sql_directory_export_organisations_row *r;
	ptrdiff_t count;
	if (!sql_directory_export_organisations(t->db, t->a, &r, &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++)
		csv_write_row(t->out,
			      (str[]){ uuid_format(t->a, r[i].id), r[i].name, r[i].class, r[i].sector,
				       r[i].province, r[i].cii },
			      6);
	return true;
}

static bool write_contacts(struct table *t, struct err *err)
{
	struct sql_directory_export_contacts_row *r;
	ptrdiff_t count;
	if (!sql_directory_export_contacts(t->db, t->a, &r, &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++) {
		struct json *body = NULL;
		str owner;
		if ((r[i].body.ptr && !json_parse(t->a, r[i].body, (struct json_limits){ 0 }, &body, err)) ||
		    !owner_of(t, r[i].organisation, r[i].name, &owner, err))
			return false;
		csv_write_row(t->out,
			      (str[]){ uuid_format(t->a, r[i].id), owner,
				       arena_printf(t->a, "%lld", (long long)r[i].position),
				       json_get_str(body, "name"), r[i].purpose,
				       json_get_str(body, "address"), json_get_str(body, "phone"),
				       json_get_str(body, "note") },
			      8);
	}
	return true;
}

static bool write_item(struct table *t, struct uuid id, struct uuid organisation, str name, str value,
		       struct err *err)
{
	str owner;
	if (!owner_of(t, organisation, name, &owner, err))
		return false;
	csv_write_row(t->out, (str[]){ uuid_format(t->a, id), owner, value }, 3);
	return true;
}

static bool write_networks(struct table *t, struct err *err)
{
	struct sql_directory_export_networks_row *r;
	struct sql_directory_export_systems_row *s;
	ptrdiff_t networks, systems;
	if (!sql_directory_export_networks(t->db, t->a, &r, &networks, err) ||
	    !sql_directory_export_systems(t->db, t->a, &s, &systems, err))
		return false;
	for (ptrdiff_t i = 0; i < networks; i++) {
		struct network n = { .bits = (int)r[i].prefix };
		if (!ip_from_bytes(r[i].first, &n.first, err) ||
		    !write_item(t, r[i].id, r[i].organisation, r[i].name, network_format(t->a, n), err))
			return false;
	}
	for (ptrdiff_t i = 0; i < systems; i++)
		if (!write_item(t, s[i].id, s[i].organisation, s[i].name,
				arena_printf(t->a, "AS%lld", (long long)s[i].number), err))
			return false;
	return true;
}

static bool write_domains(struct table *t, struct err *err)
{
	struct sql_directory_export_domains_row *r;
	ptrdiff_t count;
	if (!sql_directory_export_domains(t->db, t->a, &r, &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++)
		if (!write_item(t, r[i].id, r[i].organisation, r[i].name, r[i].domain, err))
			return false;
	return true;
}

bool directory_export(struct db *db, struct arena *a, enum import_kind kind, struct buf *out, struct err *err)
{
	static bool (*const writers[IMPORT_KINDS])(struct table *, struct err *) = {
		[IMPORT_ORGANISATIONS] = write_organisations,
		[IMPORT_CONTACTS] = write_contacts,
		[IMPORT_NETWORKS] = write_networks,
		[IMPORT_DOMAINS] = write_domains,
	};
	struct table t = { db, a, out };
	write_names(&t, kind);
	if (!writers[kind](&t, err))
		return false;
	return !out->over || err_set(err, ERR_LIMIT, "the table is larger than this export can be");
}
