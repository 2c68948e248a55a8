#include "journal/backup.h"

#include <unistd.h>
#include "format/json.h"
#include "journal/journal.h"
#include "journal_sql.h"
#include "os/files.h"

static const char HELD[] = "outbound-held";

static bool is_postgres(const char *store)
{
	return str_starts(str_from(store), S("postgresql://")) ||
	       str_starts(str_from(store), S("postgres://"));
}

static bool copy_store(const char *from, const char *to, db_progress *progress, void *ctx, struct err *err)
{
	struct db *db = NULL;
	struct journal j;
	if (files_exist(to))
		return err_set(err, ERR_CONFLICT, "%s is there already: name a file that is not", to);
	if (!db_open(from, (struct db_options){ .read_only = true }, &db, err))
		return false;
	bool ok = journal_load(&j, db, err) && db_backup(db, to, progress, ctx, err);
	db_close(db);
	return ok;
}

static bool look_at(const char *path, struct backup_made *out, struct err *err)
{
	struct db *db = NULL;
	struct journal j;
	if (!db_open(path, (struct db_options){ .read_only = true }, &db, err))
		return false;
	bool ok = journal_load(&j, db, err);
	db_close(db);
	if (!ok)
		return false;
	*out = (struct backup_made){ .entries = j.tree.size, .epoch = j.epoch };
	return files_size(path, &out->bytes, err);
}

bool backup_make(const char *store, const char *to_path, db_progress *progress, void *ctx,
		 struct backup_made *out, struct err *err)
{
	if (is_postgres(store))
		return err_set(err, ERR_INPUT,
			       "a PostgreSQL store is backed up by PostgreSQL: run `pg_dump --format=custom "
			       "--file=%s` on it; after pg_restore run `naubat restore --mark` before the "
			       "node starts",
			       to_path);
	return copy_store(store, to_path, progress, ctx, err) && look_at(to_path, out, err);
}

struct mark {
	const char *kind;
	struct uuid actor;
	struct rng *rng;
	struct instant now;
};

/* These kinds change no projection, so that the entry is all there is to write. */
static bool append_mark(struct journal *j, struct arena *tmp, const struct mark *m, struct err *err)
{
	uint8_t salt[32], random[10];
	struct json *p = json_object(tmp);
	struct entry e = { .at = m->now,
			   .actor = m->actor,
			   .kind = str_from(m->kind),
			   .v = 1,
			   .owner = S(""),
			   .audience = SCOPE_NODE,
			   .cause = -1,
			   .regime = S(""),
			   .marking = S("") };
	m->rng->fill(m->rng, random, sizeof(random));
	m->rng->fill(m->rng, salt, sizeof(salt));
	e.subject = uuid_make(m->now, random);
	e.salt = (str){ (const char *)salt, 32 };
	json_set_int(p, "entries", j->tree.size);
	json_set_int(p, "epoch", j->epoch);
	return json_canonical(tmp, p, &e.payload, err) && journal_append(j, tmp, &e, err) &&
	       journal_store_head(j, tmp, err);
}

static bool hold(struct db *db, struct journal *j, struct arena *tmp, const struct mark *m, struct err *err)
{
	return journal_new_epoch(j, tmp, err) && append_mark(j, tmp, m, err) &&
	       sql_journal_cursor_set(
		       db,
		       &(struct sql_journal_cursor_set){ .reader = str_from(HELD), .seq = j->tree.size - 1 },
		       err);
}

static bool let_go(struct db *db, struct journal *j, struct arena *tmp, const struct mark *m, struct err *err)
{
	bool held = false;
	if (!backup_outbound_held(db, &held, err))
		return false;
	if (!held)
		return err_set(err, ERR_CONFLICT, "the outbound readers are not held; nothing to release");
	return append_mark(j, tmp, m, err) &&
	       sql_journal_cursor_delete(db, &(struct sql_journal_cursor_delete){ .reader = str_from(HELD) },
					 err);
}

typedef bool change(struct db *db, struct journal *j, struct arena *tmp, const struct mark *m,
		    struct err *err);

static bool in_transaction(const char *store, change *what, const struct mark *m, struct err *err)
{
	struct db *db = NULL;
	struct journal j;
	struct arena tmp;
	if (!db_open(store, (struct db_options){ 0 }, &db, err))
		return false;
	arena_init(&tmp, 1 << 20, 1 << 24);
	bool ok = db_begin(db, err) && journal_lock(&j, db, err) && what(db, &j, &tmp, m, err) &&
		  db_commit(db, err);
	if (!ok)
		db_rollback(db);
	arena_done(&tmp);
	db_close(db);
	return ok;
}

bool backup_mark(const char *store, struct rng *rng, struct instant now, struct err *err)
{
	if (!is_postgres(store) && !files_exist(store))
		return err_set(err, ERR_MISSING, "%s: there is no such store", store);
	return in_transaction(store, hold, &(struct mark){ "node.restored", actor_system(), rng, now }, err);
}

bool backup_release(const char *store, struct uuid actor, struct rng *rng, struct instant now,
		    struct err *err)
{
	return in_transaction(store, let_go, &(struct mark){ "node.released", actor, rng, now }, err);
}

bool backup_restore(const char *backup, const char *store, struct rng *rng, struct instant now,
		    db_progress *progress, void *ctx, struct err *err)
{
	if (is_postgres(store) || is_postgres(backup))
		return err_set(
			err, ERR_INPUT,
			"a PostgreSQL store is restored by pg_restore; then run `naubat restore --mark` "
			"with its address before the node starts");
	if (!files_exist(backup))
		return err_set(err, ERR_MISSING, "%s: there is no such file", backup);
	if (!copy_store(backup, store, progress, ctx, err))
		return false;
	if (!backup_mark(store, rng, now, err)) {
		(void)unlink(store); /* an unmarked copy would mail again */
		return false;
	}
	return true;
}

bool backup_outbound_held(struct db *db, bool *out_held, struct err *err)
{
	struct arena tmp;
	struct sql_journal_cursor_find_row row = { 0 };
	bool held = false;
	arena_init(&tmp, 1 << 12, 1 << 16);
	bool ok = sql_journal_cursor_find(
		db, &tmp, &(struct sql_journal_cursor_find){ .reader = str_from(HELD) }, &row, &held, err);
	arena_done(&tmp);
	if (ok)
		*out_held = held;
	return ok;
}
