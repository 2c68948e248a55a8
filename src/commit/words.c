/* The search index of a whole store: batches are gathered on another thread while others are stored. */
#include "commit/commit.h"

#include "os/relay.h"
#include "state/search.h"

enum { BATCH = 2000, BATCH_BYTES = 256 << 20, SLOTS = 2 };

struct gathered {
	struct arena arena;
	struct search_batch batch;
};

struct gathering {
	struct relay relay;
	struct gathered slots[SLOTS];
	struct db *db; /* for reading */
	int64_t from;
	bool ok; /* the gatherer's, once it has ended */
	struct err err;
};

static void *gather(void *arg)
{
	struct gathering *g = arg;
	int64_t at = g->from;
	int slot;
	g->ok = true;
	while (relay_free(&g->relay, &slot)) {
		struct gathered *now = &g->slots[slot];
		arena_reset(&now->arena);
		g->ok = search_gather(g->db, &now->arena, at, BATCH, &now->batch, &g->err);
		if (!g->ok || now->batch.to == at)
			break;
		at = now->batch.to;
		relay_put(&g->relay);
	}
	relay_end(&g->relay);
	return NULL;
}

static bool store(struct db *db, const struct search_batch *batch, struct err *err)
{
	struct arena tmp;
	arena_init(&tmp, BATCH_BYTES, 2 * (ptrdiff_t)BATCH_BYTES);
	bool ok = db_begin(db, err) && search_store(db, &tmp, batch, err) && db_commit(db, err);
	if (!ok)
		db_rollback(db);
	arena_done(&tmp);
	return ok;
}

static bool store_all(struct gathering *g, struct db *db, int64_t size, struct rebuild_progress progress,
		      struct err *err)
{
	int slot;
	bool ok = true;
	while (ok && relay_full(&g->relay, &slot)) {
		const struct search_batch *batch = &g->slots[slot].batch;
		ok = store(db, batch, err);
		if (ok && progress.step && !progress.step(progress.ctx, "words", batch->to, size))
			ok = err_set(err, ERR_SYSTEM,
				     "stopped: the store is whole, a node goes on with its search index");
		relay_take(&g->relay);
	}
	relay_stop(&g->relay);
	return ok;
}

static bool index_all(struct gathering *g, struct db *db, int64_t size, struct rebuild_progress progress,
		      struct err *err)
{
	pthread_t gatherer;
	if (pthread_create(&gatherer, NULL, gather, g) != 0)
		return err_set(err, ERR_SYSTEM, "cannot start a thread: the system has no room for it");
	bool ok = store_all(g, db, size, progress, err);
	(void)pthread_join(gatherer, NULL);
	if (ok && !g->ok)
		*err = g->err;
	return ok && g->ok;
}

bool commit_index_words(const char *store, struct rebuild_progress progress, struct err *err)
{
	struct gathering g = { 0 };
	struct journal j;
	struct db *db = NULL;
	relay_init(&g.relay, SLOTS);
	for (int i = 0; i < SLOTS; i++)
		arena_init(&g.slots[i].arena, BATCH_BYTES, 2 * (ptrdiff_t)BATCH_BYTES);
	bool ok = db_open(store, (struct db_options){ 0 }, &db, err) && journal_load(&j, db, err) &&
		  search_cursor(db, &g.slots[0].arena, &g.from, err) &&
		  db_open(store, (struct db_options){ .read_only = true }, &g.db, err) &&
		  index_all(&g, db, j.tree.size, progress, err);
	for (int i = 0; i < SLOTS; i++)
		arena_done(&g.slots[i].arena);
	relay_done(&g.relay);
	db_close(g.db);
	db_close(db);
	return ok;
}
