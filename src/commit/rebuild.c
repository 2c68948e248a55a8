#include "commit/commit.h"

#include "format/json.h"
#include "schema_sql.h"
#include "state/apply.h"
#include "state/search.h"

enum { PAGE = 1000 };

bool commit_create_store(const char *store, struct err *err)
{
	struct db *db;
	struct journal j;
	struct err none;
	if (!db_open(store, (struct db_options){ 0 }, &db, err))
		return false;
	bool ok = true;
	if (journal_load(&j, db, &none))
		ok = err_set(err, ERR_CONFLICT, "%s holds a journal already; it is left as it is", store);
	ok = ok && db_script(db, schema_sql[db_engine(db)], err) && db_begin(db, err) &&
	     journal_create(db, err) && db_commit(db, err);
	db_close(db);
	return ok;
}

/* The same bytes again: the new store's entries have the old hashes, or it says where they differ. */
static bool copy_entry(struct db *to, struct journal *j, struct arena *tmp, const struct entry *old,
		       struct err *err)
{
	struct json *payload = NULL;
	if (old->payload.ptr && !json_parse(tmp, old->payload, (struct json_limits){ 0 }, &payload, err))
		return false;
	return journal_copy(j, tmp, old, err) && apply_entry(to, tmp, old, payload, err) &&
	       search_entry(to, tmp, old, payload, err);
}

static bool copy_all(struct db *from, struct db *to, struct rebuild_progress progress, struct err *err)
{
	struct journal source, j;
	if (!journal_load(&source, from, err))
		return false;
	for (int64_t at = 0; at < source.tree.size; at += PAGE) {
		struct arena tmp;
		struct entry *entries;
		ptrdiff_t count = 0;
		arena_init(&tmp, 256 << 20, 1 << 30);
		bool ok = journal_read(from, &tmp, at, PAGE, &entries, &count, err) && db_begin(to, err) &&
			  journal_lock(&j, to, err);
		for (ptrdiff_t i = 0; ok && i < count; i++)
			ok = copy_entry(to, &j, &tmp, &entries[i], err);
		ok = ok && journal_store_head(&j, &tmp, err) && db_commit(to, err);
		if (!ok)
			db_rollback(to);
		arena_done(&tmp);
		if (!ok)
			return false;
		if (progress.step)
			progress.step(progress.ctx, MIN(at + PAGE, source.tree.size), source.tree.size);
	}
	return true;
}

bool commit_rebuild(const char *from, const char *to, struct rebuild_progress progress, struct err *err)
{
	struct db *source = NULL, *target = NULL;
	bool ok = commit_create_store(to, err) &&
		  db_open(from, (struct db_options){ .read_only = true }, &source, err) &&
		  db_open(to, (struct db_options){ 0 }, &target, err) &&
		  copy_all(source, target, progress, err) && journal_copy_rest(source, target, err);
	db_close(source);
	db_close(target);
	return ok;
}
