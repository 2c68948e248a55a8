#include "http/directory_routes.h"

#include "access/identity.h"
#include "base/log.h"
#include "directory/import.h"
#include "directory/read.h"
#include "format/json.h"
#include "http/desk.h"
#include "query/board.h"
#include "query/reads.h"

enum { EXPORT_MAX = 32 << 20, INCIDENTS_SHOWN = 50 };

/* Reading the directory needs no case work, so no scope: a connection and one snapshot. */
static bool open_directory(struct request *rq, struct directory *out, struct err *err)
{
	struct db *db = reads_take(rq->node->reads);
	if (!db_begin_read(db, err)) {
		reads_give(rq->node->reads, db);
		return false;
	}
	*out = (struct directory){ db, rq->arena, rq->node->world->regime };
	return true;
}

static void close_directory(struct request *rq, struct directory *d)
{
	db_rollback(d->db);
	reads_give(rq->node->reads, d->db);
}

static struct reply *released(struct request *rq, int status, const struct record *r)
{
	struct audience to = desk_audience(rq);
	const struct released *out;
	struct err err = { 0 };
	return release_check(rq->arena, r, &to, &out, &err) ? reply_released(rq, status, out)
							    : reply_error(rq, &err);
}

/* Reading */

static struct reply *owner_get(struct request *rq)
{
	struct directory d;
	struct observable o;
	struct record r;
	struct err err = { 0 };
	if (!observable_parse(rq->arena, request_query(rq, "q"), &o, &err) || !open_directory(rq, &d, &err))
		return reply_error(rq, &err);
	bool ok = directory_lookup(&d, &o, &r, &err);
	close_directory(rq, &d);
	return ok ? released(rq, 200, &r) : reply_error(rq, &err);
}

static struct reply *organisation_list(struct request *rq)
{
	struct directory d;
	struct directory_page page;
	struct err err = { 0 };
	const struct directory_filter f = { .q = request_query(rq, "q"),
					    .sector = request_query(rq, "sector"),
					    .class = request_query(rq, "class"),
					    .cursor = request_cursor(rq),
					    .limit = desk_limit(rq) };
	if (!open_directory(rq, &d, &err))
		return reply_error(rq, &err);
	bool ok = directory_list(&d, &f, &page, &err);
	close_directory(rq, &d);
	if (!ok)
		return reply_error(rq, &err);
	return desk_list(rq, page.records, page.count, desk_page(rq, page.next, page.total, page.exact));
}

/* The incidents with this organisation: for people with case work, as far as their team was let in. */
static bool incidents(struct request *rq, struct uuid id, struct json **out, struct err *err)
{
	struct view v;
	struct record **records;
	const struct released *list;
	struct audience to = desk_audience(rq);
	ptrdiff_t count, withheld = 0;
	*out = desk_page(rq, S(""), 0, true);
	json_set(*out, "items", json_array(rq->arena));
	if (!identity_may(rq->who, MAY_READ_CASES))
		return true;
	if (!desk_open(rq, &v, err))
		return false;
	bool ok = view_incidents_of(&v, id, INCIDENTS_SHOWN, &records, &count, err);
	desk_close(rq, &v);
	if (!ok)
		return false;
	struct json *page = desk_page(rq, S(""), count, count < INCIDENTS_SHOWN);
	if (!release_list(rq->arena, (const struct record *const *)records, count, page, &to, &list,
			  &withheld, err))
		return false;
	if (withheld)
		log_event(LOG_WARNING, "release.withheld", LOG_INT("count", withheld));
	*out = json_copy(rq->arena, released_fields(list));
	return true;
}

static struct reply *organisation_page(struct request *rq, int status)
{
	struct directory d;
	struct record r;
	struct uuid id;
	struct json *list;
	struct err err = { 0 };
	if (!request_param_uuid(rq, "id", &id, &err) || !open_directory(rq, &d, &err))
		return reply_error(rq, &err);
	bool ok = directory_read(&d, id, &r, &err);
	close_directory(rq, &d);
	if (!ok || !incidents(rq, id, &list, &err))
		return reply_error(rq, &err);
	json_set(r.fields, "incidents", list);
	return released(rq, status, &r);
}

static struct reply *organisation_get(struct request *rq)
{
	return organisation_page(rq, 200);
}

/* Changing */

static struct directory_command *command(struct request *rq, enum directory_act act)
{
	struct directory_command *c = NEW(rq->arena, struct directory_command, 1);
	*c = (struct directory_command){ .regime = rq->node->world->regime, .who = rq->who, .act = act };
	return c;
}

static struct reply *created(struct request *rq, struct command *c)
{
	const struct directory_command *done = desk_arg(c);
	struct json *j = json_object(rq->arena);
	if (!c->ok)
		return reply_error(rq, &c->err);
	json_set_uuid(j, "id", c->replayed ? c->receipt.subject : done->made);
	return reply_json(rq, 201, j);
}

static struct reply *changed(struct request *rq, struct command *c)
{
	return c->ok ? organisation_page(rq, 200) : reply_error(rq, &c->err);
}

/* The organisation itself may be what was removed. */
static struct reply *removed(struct request *rq, struct command *c)
{
	const struct directory_command *done = desk_arg(c);
	if (!c->ok)
		return reply_error(rq, &c->err);
	return uuid_eq(done->item, done->organisation) ? reply_empty(rq) : organisation_page(rq, 200);
}

static struct reply *act(struct request *rq, struct directory_command *c,
			 struct reply *(*finish)(struct request *, struct command *))
{
	struct err err = { 0 };
	if (!request_param_uuid(rq, "id", &c->organisation, &err))
		return reply_error(rq, &err);
	return desk_submit(rq, "directory.change", directory_decide, c, finish);
}

static struct organisation_fields organisation_of(const struct request *rq)
{
	return (struct organisation_fields){ desk_text(rq, "name"), desk_text(rq, "class"),
					     desk_text(rq, "sector"), desk_text(rq, "province"),
					     desk_text(rq, "cii") };
}

static struct reply *organisation_create(struct request *rq)
{
	struct directory_command *c = command(rq, DIRECTORY_SET);
	c->set = organisation_of(rq);
	return desk_submit(rq, "directory.create", directory_decide, c, created);
}

static struct reply *organisation_change(struct request *rq)
{
	struct directory_command *c = command(rq, DIRECTORY_SET);
	c->set = organisation_of(rq);
	return act(rq, c, changed);
}

static struct reply *contact_add(struct request *rq)
{
	struct directory_command *c = command(rq, DIRECTORY_CONTACT);
	c->item = desk_id(rq, "id");
	c->contact = (struct contact_fields){ desk_text(rq, "name"),    desk_text(rq, "role"),
					      desk_text(rq, "address"), desk_text(rq, "phone"),
					      desk_text(rq, "note"),    json_get_int(rq->json, "rank") };
	return act(rq, c, changed);
}

static struct reply *value_add(struct request *rq, enum directory_act what)
{
	struct directory_command *c = command(rq, what);
	c->value = desk_text(rq, "value");
	return act(rq, c, changed);
}

static struct reply *network_add(struct request *rq)
{
	return value_add(rq, DIRECTORY_NETWORK);
}
static struct reply *domain_add(struct request *rq)
{
	return value_add(rq, DIRECTORY_DOMAIN);
}

static struct reply *item_remove(struct request *rq)
{
	struct directory_command *c = command(rq, DIRECTORY_REMOVE);
	c->item = desk_id(rq, "item");
	return act(rq, c, removed);
}

/* Tables */

static struct json *import_result(struct request *rq, const struct import *im, bool dry_run)
{
	static const char *const fates[FATE_COUNT] = {
		[FATE_ADD] = "add", [FATE_CHANGE] = "change", [FATE_SAME] = "same"
	};
	struct json *j = json_object(rq->arena), *rows = json_array(rq->arena);
	for (ptrdiff_t i = 0; i < im->count; i++) {
		const struct import_row *r = &im->rows[i];
		struct json *row = json_object(rq->arena);
		json_set_int(row, "line", r->line);
		json_set_str(row, "fate", r->refused ? S("refuse") : str_from(fates[r->plan.fate]));
		json_set_str(row, "name", r->name);
		if (r->refused)
			json_set_str(row, "reason", r->reason);
		else
			json_set(row, "reason", NULL);
		json_append(rows, row);
	}
	json_set_bool(j, "dry_run", dry_run);
	json_set(j, "rows", rows);
	for (int f = 0; f < FATE_COUNT; f++)
		json_set_int(j, fates[f], im->fates[f]);
	json_set_int(j, "refuse", im->refused);
	return j;
}

/* A repeated request is answered as it stands now: every row of it is there already. */
static struct reply *imported(struct request *rq, struct command *c)
{
	struct import *im = desk_arg(c);
	struct directory d;
	struct err err = { 0 };
	if (!c->ok && im->refused)
		return reply_problem(rq, 422, "rows_refused", &c->err, import_result(rq, im, false));
	if (!c->ok)
		return reply_error(rq, &c->err);
	if (c->replayed) {
		if (!open_directory(rq, &d, &err))
			return reply_error(rq, &err);
		bool ok = import_plan(im, d.db, &err);
		close_directory(rq, &d);
		if (!ok)
			return reply_error(rq, &err);
	}
	return reply_json(rq, 200, import_result(rq, im, false));
}

static struct reply *dry_run(struct request *rq, struct import *im)
{
	struct directory d;
	struct err err = { 0 };
	if (!open_directory(rq, &d, &err))
		return reply_error(rq, &err);
	bool ok = import_plan(im, d.db, &err);
	close_directory(rq, &d);
	return ok ? reply_json(rq, 200, import_result(rq, im, true)) : reply_error(rq, &err);
}

static struct reply *directory_import(struct request *rq)
{
	struct import *im = NEW(rq->arena, struct import, 1);
	struct err err = { 0 };
	*im = (struct import){ .regime = rq->node->world->regime, .who = rq->who, .arena = rq->arena };
	if (!import_kind_parse(desk_text(rq, "kind"), &im->kind, &err) ||
	    !import_read(im, desk_text(rq, "csv"), &err))
		return reply_error(rq, &err);
	if (json_get_bool(rq->json, "dry_run"))
		return dry_run(rq, im);
	return desk_submit(rq, "directory.import", import_decide, im, imported);
}

static struct reply *directory_export_get(struct request *rq)
{
	struct directory d;
	struct buf out;
	struct err err = { 0 };
	enum import_kind kind;
	struct audience to = desk_audience(rq);
	const struct released *pass;
	struct record r = { .kind = RECORD_CONTACT, .fields = json_object(rq->arena) };
	if (!release_check(rq->arena, &r, &to, &pass, &err) ||
	    !import_kind_parse(request_query(rq, "kind"), &kind, &err) || !open_directory(rq, &d, &err))
		return reply_error(rq, &err);
	buf_init(&out, rq->arena, EXPORT_MAX);
	bool ok = directory_export(d.db, rq->arena, kind, &out, &err);
	close_directory(rq, &d);
	if (!ok)
		return reply_error(rq, &err);
	return reply_download(rq, pass,
			      arena_printf(rq->arena, STR_FMT ".csv", STR_ARG(import_kind_name(kind))),
			      buf_str(&out));
}

#define TEXT(n, m, d)                                                   \
	{                                                               \
		.name = (n), .type = FIELD_TEXT, .max = (m), .doc = (d) \
	}
#define NEEDED(n, m, d)                                                                   \
	{                                                                                 \
		.name = (n), .type = FIELD_TEXT, .required = true, .max = (m), .doc = (d) \
	}

static const struct field owner_query[] = {
	{ .name = "q",
	  .type = FIELD_TEXT,
	  .required = true,
	  .max = 2048,
	  .doc = "address, network, domain, URL, mail or AS" },
	{ 0 },
};
static const struct field list_query[] = {
	TEXT("q", 200, "how a word of the name begins"), TEXT("sector", 60, "sector of the regime"),
	TEXT("class", 60, "class of organisation"),      TEXT("cursor", 80, "next of the page before"),
	{ .name = "limit", .type = FIELD_INT, .min = 1, .max = 100, .doc = "1 to 100, default 50" },
	{ 0 },
};
static const struct field organisation_body[] = {
	NEEDED("name", 400, "unique in the directory"),
	NEEDED("class", 60, "class of the regime"),
	TEXT("sector", 60, "sector of the regime, or empty"),
	TEXT("province", 60, "province of the regime, or empty"),
	TEXT("cii", 60, "grade of a critical information infrastructure, or empty"),
	{ 0 },
};
static const struct field contact_body[] = {
	NEEDED("name", 400, "whom one asks for"),
	TEXT("role", 100, "duty, abuse, management, technical"),
	TEXT("address", 400, "mail address"),
	TEXT("phone", 100, "telephone"),
	TEXT("note", 1000, "when and how"),
	{ .name = "rank",
	  .type = FIELD_INT,
	  .max = DIRECTORY_RANK_MAX,
	  .doc = "1 is asked first; 0 or absent: last" },
	{ .name = "id", .type = FIELD_ID, .doc = "of a contact that is to be changed" },
	{ 0 },
};
static const struct field network_body[] = { NEEDED("value", 100, "network, address or AS number"), { 0 } };
static const struct field domain_body[] = { NEEDED("value", 400, "domain; it covers all below it"), { 0 } };
static const struct field remove_body[] = {
	{ .name = "item",
	  .type = FIELD_ID,
	  .required = true,
	  .doc = "contact, network or domain; the organisation's own id removes it with all it has" },
	{ 0 },
};
static const struct field import_body[] = {
	NEEDED("kind", 20, "organisations, contacts, networks or domains"),
	NEEDED("csv", IMPORT_SIZE_MAX, "the table"),
	{ .name = "dry_run", .type = FIELD_BOOL, .doc = "only say what would happen to each row" },
	{ 0 },
};
static const struct field export_query[] = { TEXT("kind", 20, "organisations, contacts, networks or domains"),
					     { 0 } };

#define GET(path, handler, words, query, record)                                                \
	{                                                                                       \
		"GET", path, PERM_DIRECTORY_READ, handler, words, NULL, query, 0, record, false \
	}
#define POST(path, handler, words, fields, record)                                                 \
	{                                                                                          \
		"POST", path, PERM_DIRECTORY_WRITE, handler, words, fields, NULL, 0, record, false \
	}

const struct route directory_routes[] = {
	GET("/api/owner", owner_get, "Who owns an address", owner_query, "Lookup"),
	GET("/api/organisations", organisation_list, "Organisations, by name", list_query,
	    "<OrganisationItem>"),
	POST("/api/organisations", organisation_create, "Add an organisation", organisation_body,
	     "201 Made"),
	GET("/api/organisations/{id}", organisation_get, "One organisation", NULL, "Organisation"),
	POST("/api/organisations/{id}", organisation_change, "Change an organisation", organisation_body,
	     "Organisation"),
	POST("/api/organisations/{id}/contacts", contact_add, "Add or change a contact", contact_body,
	     "Organisation"),
	POST("/api/organisations/{id}/networks", network_add, "Add a network or AS", network_body,
	     "Organisation"),
	POST("/api/organisations/{id}/domains", domain_add, "Add a domain", domain_body, "Organisation"),
	POST("/api/organisations/{id}/remove", item_remove, "Remove a contact, network or domain",
	     remove_body, "Organisation; 204"),
	{ "POST", "/api/directory/import", PERM_DIRECTORY_WRITE, directory_import, "Import a table",
	  import_body, NULL, IMPORT_SIZE_MAX, "ImportResult; 422 Problem", false },
	GET("/api/directory/export", directory_export_get, "Export a table", export_query,
	    "application/octet-stream"),
};
const ptrdiff_t directory_routes_count = COUNTOF(directory_routes);
