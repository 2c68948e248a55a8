#include "app/adopt.h"

#include "access/identity.h"
#include "adopt_sql.h"
#include "base/text.h"
#include "format/json.h"
#include "http/desk.h"
#include "journal/journal.h"
#include "query/reads.h"
#include "regime/compare.h"

typedef struct sql_adopt_versions_row version_row;

bool adopt_record(struct decision *d, const struct regime *r, str text, struct err *err)
{
	struct json *p = json_object(d->arena);
	struct hash256 hash;
	if (!entry_word_ok(regime_version_name(d->arena, r)))
		return err_set(err, ERR_INPUT,
			       "the regime's version '" STR_FMT "' may hold only A-Z, a-z, 0-9 and ._:+/@-",
			       STR_ARG(str_sub(r->version, 0, 60)));
	if (!journal_blob_store(d->db, text, &hash, err))
		return false;
	json_set_str(p, "id", r->id);
	json_set_str(p, "version", r->version);
	json_set_str(p, "hash", hash256_hex(d->arena, hash));
	decision_add(d, (struct draft){ .kind = "regime.adopted",
					.subject = decision_new_id(d),
					.audience = SCOPE_NODE,
					.payload = p });
	return true;
}

/* --- at start --- */

static bool load_text(struct arena *a, struct db *db, const version_row *row, str *out, struct err *err)
{
	struct hash256 hash;
	if (row->hash.len != sizeof(hash.b))
		return err_set(err, ERR_SYSTEM, "the journal's hash of the regime cannot be read");
	memcpy(hash.b, row->hash.ptr, sizeof(hash.b));
	return journal_blob_load(db, a, hash, out, err);
}

static bool load_version(struct arena *a, struct db *db, const version_row *row, const struct regime **out,
			 struct err *err)
{
	struct regime_problems problems = { 0 };
	struct err why = { 0 };
	str text;
	if (!load_text(a, db, row, &text, err))
		return false;
	return regime_load(a, text, S("the adopted file"), &problems, out, &why) ||
	       err_set(err, ERR_INPUT,
		       "this program cannot read the regime " STR_FMT " " STR_FMT ", adopted on " STR_FMT
		       ": %s. Cases may have been opened under it, so the node does not start without it: "
		       "start the program that ran here before, and ask for one that still reads this file",
		       STR_ARG(row->id), STR_ARG(row->version),
		       STR_ARG(instant_format_seconds(a, row->adopted)), why.text);
}

static bool is_same(const struct regime *r, const version_row *row)
{
	return str_eq(r->id, row->id) && str_eq(r->version, row->version);
}

/* One that was adopted again stands in the book once, and is the law of today if it is the newest row. */
bool adopt_load(struct arena *a, struct db *db, struct world *w, struct err *err)
{
	version_row *rows;
	ptrdiff_t count;
	if (!sql_adopt_versions(db, a, &rows, &count, err))
		return false;
	if (count == 0)
		return err_set(err, ERR_INPUT, "this store's journal names no regime");
	const struct regime **versions = NEW(a, const struct regime *, count);
	w->book = (struct regime_book){ .versions = versions };
	for (ptrdiff_t i = 0; i < count; i++) {
		ptrdiff_t k = 0;
		while (k < w->book.count && !is_same(versions[k], &rows[i]))
			k++;
		if (k == w->book.count && !load_version(a, db, &rows[i], &versions[w->book.count++], err))
			return false;
		w->regime = versions[k];
	}
	w->regime_id = regime_version_name(a, w->regime);
	return true;
}

/* --- adopting --- */

struct adopting {
	const struct world *world;
	const struct regime *regime;
	str text;
	struct json *answer;
};

static bool team_stays(struct db *db, struct arena *a, const struct regime *now, str team, struct err *err)
{
	struct sql_adopt_team_used_row used = { 0 };
	bool found;
	if (regime_team_find(now, team) != NULL)
		return true;
	if (!sql_adopt_team_used(db, a, &(struct sql_adopt_team_used){ .team = team }, &used, &found, err))
		return false;
	return used.accounts + used.organisations + used.cases == 0 ||
	       err_set(err, ERR_CONFLICT,
		       "the file has no team '" STR_FMT
		       "', and this node has accounts (%lld), organisations (%lld) or cases (%s) of it: "
		       "leave the team in the file, with its `status`",
		       STR_ARG(team), (long long)used.accounts, (long long)used.organisations,
		       used.cases ? "some" : "none");
}

static bool teams_stay(struct db *db, struct arena *a, const struct adopting *c, struct err *err)
{
	const struct world *w = c->world;
	if (regime_team_find(c->regime, w->team) == NULL)
		return err_set(err, ERR_CONFLICT,
			       "the file has no team '" STR_FMT "', which is the node's own (node.conf)",
			       STR_ARG(w->team));
	for (ptrdiff_t i = 0; i < w->desk_count; i++)
		if (regime_team_find(c->regime, w->desks[i].team) == NULL)
			return err_set(err, ERR_CONFLICT,
				       "the file has no team '" STR_FMT
				       "', whose duty desk node.conf names: change duty_mail there first",
				       STR_ARG(w->desks[i].team));
	for (ptrdiff_t i = 0; i < w->regime->teams_count; i++)
		if (!team_stays(db, a, c->regime, w->regime->teams[i].id, err))
			return false;
	return true;
}

static bool version_fits(struct db *db, struct arena *a, const struct adopting *c, version_row *out_newest,
			 struct err *err)
{
	version_row *rows;
	ptrdiff_t count;
	struct hash256 hash;
	hash_sha256(c->text, hash.b);
	str bytes = { (const char *)hash.b, sizeof(hash.b) };
	if (!sql_adopt_versions(db, a, &rows, &count, err))
		return false;
	if (count == 0)
		return err_set(err, ERR_INPUT, "this store's journal names no regime");
	for (ptrdiff_t i = 0; i < count; i++)
		if (is_same(c->regime, &rows[i]) && !str_eq(rows[i].hash, bytes))
			return err_set(err, ERR_CONFLICT,
				       STR_FMT " version " STR_FMT " was adopted on " STR_FMT
				       " with other words: give the changed file a version of its own",
				       STR_ARG(rows[i].id), STR_ARG(rows[i].version),
				       STR_ARG(instant_format_seconds(a, rows[i].adopted)));
	*out_newest = rows[count - 1];
	return !is_same(c->regime, out_newest) ||
	       err_set(err, ERR_CONFLICT, STR_FMT " version " STR_FMT " is the newest adopted already",
		       STR_ARG(c->regime->id), STR_ARG(c->regime->version));
}

static struct json *changes_json(struct arena *a, const struct regime_change *changes, ptrdiff_t count)
{
	struct json *list = json_array(a);
	for (ptrdiff_t i = 0; i < count; i++) {
		struct json *j = json_object(a);
		json_set_str(j, "how", regime_how_name(changes[i].how));
		json_set_str(j, "part", changes[i].part);
		json_set_str(j, "id", changes[i].id);
		json_set_str(j, "words", changes[i].words);
		json_append(list, j);
	}
	return list;
}

/* All there is to check, and what would change; `db` is a reader's or the writer's. */
static bool look(struct db *db, struct arena *a, struct adopting *c, struct json **out_changes,
		 struct err *err)
{
	struct regime_edition was, now = { c->text, c->regime };
	const struct regime_change *changes;
	version_row newest;
	ptrdiff_t count;
	if (!version_fits(db, a, c, &newest, err) || !teams_stay(db, a, c, err) ||
	    !load_text(a, db, &newest, &was.text, err) || !load_version(a, db, &newest, &was.regime, err) ||
	    !regime_compare(a, &was, &now, &changes, &count, err))
		return false;
	*out_changes = changes_json(a, changes, count);
	return true;
}

static bool adopt_decide(struct decision *d, void *arg, struct err *err)
{
	struct adopting *c = arg;
	version_row newest;
	return version_fits(d->db, d->arena, c, &newest, err) && teams_stay(d->db, d->arena, c, err) &&
	       adopt_record(d, c->regime, c->text, err);
}

static struct reply *adopted(struct request *rq, struct command *c)
{
	struct adopting *x = c->arg;
	return c->ok ? reply_json(rq, 201, x->answer) : reply_error(rq, &c->err);
}

struct reply *adopt_post(struct request *rq)
{
	struct adopting *c = NEW(rq->arena, struct adopting, 1);
	struct regime_problems problems = { 0 };
	struct json *changes;
	struct err err = { 0 };
	bool dry_run = str_eq(request_query(rq, "dry_run"), S("true"));
	*c = (struct adopting){ .world = rq->node->world, .text = rq->body };
	if (!regime_load(rq->arena, c->text, S("the file"), &problems, &c->regime, &err))
		return reply_error(rq, &err);
	struct db *db = reads_take(rq->node->reads);
	bool ok = look(db, rq->arena, c, &changes, &err);
	reads_give(rq->node->reads, db);
	if (!ok)
		return reply_error(rq, &err);
	c->answer = json_object(rq->arena);
	json_set_str(c->answer, "id", c->regime->id);
	json_set_str(c->answer, "version", c->regime->version);
	json_set_bool(c->answer, "dry_run", dry_run);
	json_set(c->answer, "changes", changes);
	return dry_run ? reply_json(rq, 200, c->answer)
		       : desk_submit(rq, "regime.adopt", adopt_decide, c, adopted);
}

/* --- listing --- */

static bool one_version(struct request *rq, struct db *db, const version_row *row, struct json *list,
			struct err *err)
{
	struct arena *a = rq->arena;
	struct json *j = json_object(a);
	str name = arena_printf(a, STR_FMT "/" STR_FMT, STR_ARG(row->id), STR_ARG(row->version));
	struct sql_adopt_open_cases_row cases = { 0 };
	bool found;
	if (!sql_adopt_open_cases(db, a, &(struct sql_adopt_open_cases){ .regime = name }, &cases, &found,
				  err))
		return false;
	json_set_str(j, "id", row->id);
	json_set_str(j, "version", row->version);
	json_set_instant(j, "adopted_at", row->adopted);
	json_set_str(j, "sha256", text_hex(a, row->hash));
	json_set_int(j, "open_cases", cases.open);
	json_set_bool(j, "in_use", str_eq(name, rq->node->world->regime_id));
	json_append(list, j);
	return true;
}

/* Gone back to: it stands where it was adopted last. */
static bool comes_again(const version_row *rows, ptrdiff_t count, ptrdiff_t at)
{
	for (ptrdiff_t i = at + 1; i < count; i++)
		if (str_eq(rows[i].id, rows[at].id) && str_eq(rows[i].version, rows[at].version))
			return true;
	return false;
}

struct reply *adopt_list(struct request *rq)
{
	struct json *j = json_object(rq->arena), *list = json_array(rq->arena);
	version_row *rows;
	ptrdiff_t count = 0;
	struct err err = { 0 };
	struct db *db = reads_take(rq->node->reads);
	bool ok = sql_adopt_versions(db, rq->arena, &rows, &count, &err);
	for (ptrdiff_t i = 0; ok && i < count; i++)
		ok = comes_again(rows, count, i) || one_version(rq, db, &rows[i], list, &err);
	reads_give(rq->node->reads, db);
	if (!ok)
		return reply_error(rq, &err);
	json_set(j, "items", list);
	return reply_json(rq, 200, j);
}
