/* Theory: the target is one transaction, from its first table to its last index.  Whoever stops a rebuild, at
 * any moment and in any way, leaves a store as fresh as before; and it costs nothing, for neither engine
 * keeps the old state of rows that were not there.  While pages are applied, the next ones are read, checked
 * and parsed on another thread. */
#include "commit/commit.h"

#include "format/json.h"
#include "os/relay.h"
#include "schema_sql.h"
#include "state/apply.h"
#include "state/digest.h"
#include "state/indexes.h"

/* 250 entries of the longest texts there can be fit into the arena of a page. */
enum { PAGE = 250, SLOTS = 8 };

struct rebuild {
	struct db *from, *to;
	struct rebuild_progress progress;
	struct journal source, journal;
};

struct page {
	struct arena arena;
	struct entry *entries;
	struct json **payloads; /* NULL: purged, or words, which are copied as they stand */
	ptrdiff_t count;
};

struct walk {
	struct relay relay;
	struct page pages[SLOTS];
	struct db *from;
	int64_t size;
	bool ok; /* the reader's, once it has ended */
	struct err err;
};

static bool make_tables(struct db *db, struct err *err)
{
	return db_script(db, schema_sql[db_engine(db)], err) && journal_create(db, err);
}

static bool open_fresh(const char *store, struct db **out_db, struct err *err)
{
	struct db *db;
	struct journal j;
	struct err none;
	if (!db_open(store, (struct db_options){ 0 }, &db, err))
		return false;
	if (!journal_load(&j, db, &none)) {
		*out_db = db;
		return true;
	}
	db_close(db);
	return err_set(err, ERR_CONFLICT, "%s holds a journal already; it is left as it is", store);
}

bool commit_create_store(const char *store, struct err *err)
{
	struct db *db;
	if (!open_fresh(store, &db, err))
		return false;
	bool ok = db_begin(db, err) && make_tables(db, err) && db_commit(db, err);
	db_close(db);
	return ok;
}

static bool open_filling(const char *store, struct db **out_db, struct err *err)
{
	struct db *fresh = NULL;
	if (!open_fresh(store, &fresh, err))
		return false;
	db_close(fresh);
	return db_open(store, (struct db_options){ .filling = true }, out_db, err);
}

static bool parse_page(struct page *p, struct err *err)
{
	p->payloads = NEW(&p->arena, struct json *, p->count);
	for (ptrdiff_t i = 0; i < p->count; i++) {
		const struct entry *e = &p->entries[i];
		bool parsed = e->payload.ptr && !apply_is_content(e->kind);
		if (!entry_payload_check(e, err) ||
		    (parsed && !json_parse(&p->arena, e->payload, (struct json_limits){ 0 }, &p->payloads[i],
					   err)))
			return false;
	}
	return true;
}

static bool read_page(struct walk *w, struct page *p, int64_t at, struct err *err)
{
	arena_reset(&p->arena); /* here and not by who took the page: freeing values takes its time */
	if (!journal_read(w->from, &p->arena, at, PAGE, &p->entries, &p->count, err))
		return false;
	if (p->count == 0)
		return err_set(err, ERR_INPUT, "entry %lld is missing: the head counts %lld", (long long)at,
			       (long long)w->size);
	return parse_page(p, err);
}

static void *read_pages(void *arg)
{
	struct walk *w = arg;
	int64_t at = 0;
	int slot;
	w->ok = true;
	while (at < w->size && relay_free(&w->relay, &slot)) {
		w->ok = read_page(w, &w->pages[slot], at, &w->err);
		if (!w->ok)
			break;
		at += w->pages[slot].count;
		relay_put(&w->relay);
	}
	relay_end(&w->relay);
	return NULL;
}

static bool step(struct rebuild *r, const char *doing, int64_t done, int64_t total, struct err *err)
{
	return r->progress.step == NULL || r->progress.step(r->progress.ctx, doing, done, total) ||
	       err_set(err, ERR_RETRY, "stopped: the new store is as fresh as before");
}

/* The same bytes again: the new store's entries have the old hashes, or it says where they differ. */
static bool copy_entry(struct rebuild *r, struct arena *tmp, const struct entry *e,
		       const struct json *payload, struct err *err)
{
	return journal_copy(&r->journal, tmp, e, err) && apply_entry(r->to, tmp, e, payload, err);
}

static bool take_page(struct rebuild *r, const struct page *p, struct err *err)
{
	struct arena tmp;
	arena_init(&tmp, 256 << 20, 1 << 30);
	bool ok = true;
	for (ptrdiff_t i = 0; ok && i < p->count; i++)
		ok = copy_entry(r, &tmp, &p->entries[i], p->payloads[i], err);
	arena_done(&tmp);
	return ok;
}

static bool take_pages(struct rebuild *r, struct walk *w, struct err *err)
{
	int64_t done = 0;
	int slot;
	bool ok = true;
	while (ok && relay_full(&w->relay, &slot)) {
		done += w->pages[slot].count;
		ok = take_page(r, &w->pages[slot], err) && step(r, "entries", done, w->size, err);
		relay_take(&w->relay);
	}
	relay_stop(&w->relay);
	return ok;
}

static bool copy_entries(struct rebuild *r, struct err *err)
{
	struct walk w = { .from = r->from, .size = r->source.tree.size };
	pthread_t reader;
	relay_init(&w.relay, SLOTS);
	for (int i = 0; i < SLOTS; i++)
		arena_init(&w.pages[i].arena, 256 << 20, 1 << 30);
	bool ok = pthread_create(&reader, NULL, read_pages, &w) == 0 ||
		  err_set(err, ERR_SYSTEM, "cannot start a thread: the system has no room for it");
	if (ok) {
		ok = take_pages(r, &w, err);
		(void)pthread_join(reader, NULL);
		if (ok && !w.ok) {
			*err = w.err;
			ok = false;
		}
	}
	for (int i = 0; i < SLOTS; i++)
		arena_done(&w.pages[i].arena);
	relay_done(&w.relay);
	return ok;
}

static bool check_end(struct rebuild *r, struct err *err)
{
	const struct merkle *a = &r->source.tree, *b = &r->journal.tree;
	bool same = a->size == b->size && hash256_eq(r->source.prev, r->journal.prev) &&
		    memcmp(a->full, b->full, sizeof(a->full[0]) * (size_t)a->count) == 0;
	return same || err_set(err, ERR_INPUT,
			       "the journal's head is not that of its entries: see `naubat journal verify`");
}

static bool copy_all(struct rebuild *r, struct err *err)
{
	struct arena a;
	struct index_list indexes;
	arena_init(&a, 1 << 20, 1 << 24);
	bool ok = make_tables(r->to, err) && indexes_drop(r->to, &a, &indexes, err) &&
		  journal_lock(&r->journal, r->to, err) && copy_entries(r, err) && check_end(r, err) &&
		  journal_store_head(&r->journal, &a, err) && journal_copy_rest(r->from, r->to, err);
	for (ptrdiff_t i = 0; ok && i < indexes.count; i++)
		ok = indexes_make(r->to, indexes.definitions[i], err) &&
		     step(r, "indexes", i + 1, indexes.count, err);
	arena_done(&a);
	return ok;
}

struct digest_job {
	struct db *db;
	struct hash256 digest;
	bool ok;
	struct err err;
};

static void *digest(void *arg)
{
	struct digest_job *job = arg;
	job->ok = state_digest(job->db, &job->digest, &job->err);
	return NULL;
}

/* The source is still seen as it was when the rebuild began. */
static bool compare(struct rebuild *r, struct rebuild_digests *out, struct err *err)
{
	struct digest_job live = { .db = r->from }, rebuilt = { .db = r->to };
	pthread_t thread;
	bool apart = pthread_create(&thread, NULL, digest, &live) == 0;
	(void)digest(&rebuilt);
	if (apart)
		(void)pthread_join(thread, NULL);
	else
		(void)digest(&live);
	*out = (struct rebuild_digests){ .entries = r->source.tree.size,
					 .live = live.digest,
					 .rebuilt = rebuilt.digest,
					 .compared = live.ok,
					 .err = live.err };
	if (!rebuilt.ok)
		*err = rebuilt.err;
	return rebuilt.ok;
}

bool commit_rebuild(const char *from, const char *to, struct rebuild_progress progress, struct err *err)
{
	struct rebuild r = { .progress = progress };
	bool ok = db_open(from, (struct db_options){ .read_only = true }, &r.from, err) &&
		  db_begin_read(r.from, err) && journal_load(&r.source, r.from, err) &&
		  open_filling(to, &r.to, err) && db_begin(r.to, err) && copy_all(&r, err) &&
		  db_commit(r.to, err) && (!progress.digests || compare(&r, progress.digests, err));
	db_close(r.from);
	db_close(r.to);
	return ok && (progress.skip_search || commit_index_words(to, progress, err));
}
