/* The search index of a whole store: the next batch is gathered on another thread while one is stored. */
#include "commit/commit.h"

#include <pthread.h>
#include "state/search.h"

enum { BATCH = 2000, BATCH_BYTES = 256 << 20 };

struct stretch {
	struct db *db; /* for reading */
	struct arena arena;
	int64_t from;
	struct search_batch batch;
	struct err err;
	bool ok, running;
	pthread_t thread;
};

static void *gather(void *arg)
{
	struct stretch *s = arg;
	arena_reset(&s->arena);
	s->ok = search_gather(s->db, &s->arena, s->from, BATCH, &s->batch, &s->err);
	return NULL;
}

static void start(struct stretch *s, int64_t from)
{
	s->from = from;
	s->running = pthread_create(&s->thread, NULL, gather, s) == 0;
	if (!s->running)
		(void)gather(s);
}

static void finish(struct stretch *s)
{
	if (s->running)
		(void)pthread_join(s->thread, NULL);
	s->running = false;
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

static bool index_all(struct stretch s[static 2], struct db *db, int64_t from, int64_t size,
		      struct rebuild_progress progress, struct err *err)
{
	bool ok = true;
	start(&s[0], from);
	for (int turn = 0; ok; turn = 1 - turn) {
		struct stretch *now = &s[turn];
		finish(now);
		ok = now->ok;
		if (!ok)
			*err = now->err;
		if (!ok || now->batch.to == now->batch.from)
			break;
		start(&s[1 - turn], now->batch.to);
		ok = store(db, &now->batch, err);
		if (ok && progress.step && !progress.step(progress.ctx, "words", now->batch.to, size))
			ok = err_set(err, ERR_SYSTEM,
				     "stopped: the store is whole, a node goes on with its search index");
	}
	for (int i = 0; i < 2; i++)
		finish(&s[i]);
	return ok;
}

bool commit_index_words(const char *store, struct rebuild_progress progress, struct err *err)
{
	struct stretch s[2] = { 0 };
	struct journal j;
	struct db *db = NULL;
	int64_t from = 0;
	for (int i = 0; i < 2; i++)
		arena_init(&s[i].arena, BATCH_BYTES, 2 * (ptrdiff_t)BATCH_BYTES);
	bool ok = db_open(store, (struct db_options){ 0 }, &db, err) && journal_load(&j, db, err) &&
		  search_cursor(db, &s[0].arena, &from, err) &&
		  db_open(store, (struct db_options){ .read_only = true }, &s[0].db, err) &&
		  db_open(store, (struct db_options){ .read_only = true }, &s[1].db, err) &&
		  index_all(s, db, from, j.tree.size, progress, err);
	for (int i = 0; i < 2; i++) {
		arena_done(&s[i].arena);
		db_close(s[i].db);
	}
	db_close(db);
	return ok;
}
