#include "readers/indexer.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include "base/log.h"
#include "state/search.h"

enum { BATCH = 64, GATHER_MS = 50, PARKED_MS = 60000, BATCH_BYTES = 64 << 20, CACHE_KIB = 4 << 10 };

struct indexer {
	struct writer *writer;
	struct db *db;
	pthread_t thread;
	bool running;
	pthread_mutex_t lock; /* guards woken, closing */
	pthread_cond_t wake;
	bool woken, closing;
};

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Whatever fails here must take the transaction with it: half of a batch would be stored. */
static bool store_decide(struct decision *d, void *arg, struct err *err)
{
	if (search_store(d->db, d->arena, arg, err))
		return true;
	if (err->code != ERR_RETRY && err->code != ERR_UNSURE)
		err->code = ERR_SYSTEM;
	return false;
}

/* One batch.  *out_more: there may be another. */
static bool turn(struct indexer *x, bool *out_more, struct err *err)
{
	struct arena a;
	struct search_batch batch;
	arena_init(&a, BATCH_BYTES, 2 * BATCH_BYTES);
	int64_t from;
	bool ok = db_begin_read(x->db, err);
	if (ok) {
		ok = search_cursor(x->db, &a, &from, err) &&
		     search_gather(x->db, &a, from, BATCH, &batch, err);
		db_rollback(x->db);
	}
	*out_more = ok && batch.to > batch.from;
	if (*out_more) {
		struct command c = {
			.name = "search.index", .besides = true, .decide = store_decide, .arg = &batch
		};
		ok = writer_run(x->writer, &c);
		if (!ok)
			*err = c.err;
	}
	arena_done(&a);
	return ok;
}

/* False when closing. */
static bool pause_for(struct indexer *x, int64_t ms, bool until_woken)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&x->lock);
	while (!x->closing && !(until_woken && x->woken) &&
	       pthread_cond_timedwait(&x->wake, &x->lock, &until) == 0)
		;
	if (until_woken)
		x->woken = false;
	bool go = !x->closing;
	pthread_mutex_unlock(&x->lock);
	return go;
}

static void *indexer_main(void *arg)
{
	struct indexer *x = arg;
	bool go = true;
	while (go) {
		struct err err = { 0 };
		bool more = false;
		int64_t start = now_ms();
		if (!turn(x, &more, &err)) {
			log_event(LOG_ERROR, "search.not_indexed", LOG_TEXT("error", str_from(err.text)));
			go = pause_for(x, PARKED_MS, false);
		} else if (more) {
			go = pause_for(x, now_ms() - start, false);
		} else { /* a little later there is more to do at once */
			go = pause_for(x, PARKED_MS, true) && pause_for(x, GATHER_MS, false);
		}
	}
	return NULL;
}

bool indexer_open(const char *store, struct writer *writer, struct indexer **out, struct err *err)
{
	pthread_condattr_t monotonic;
	struct indexer *x = calloc(1, sizeof(*x)); /* heap: lives as long as the node */
	ASSERT(x != NULL);
	x->writer = writer;
	pthread_mutex_init(&x->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&x->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	*out = x;
	if (!db_open(store, (struct db_options){ .read_only = true, .cache_kib = CACHE_KIB }, &x->db, err))
		return false;
	x->running = pthread_create(&x->thread, NULL, indexer_main, x) == 0;
	return x->running || err_set(err, ERR_SYSTEM, "cannot start the indexer's thread");
}

void indexer_wake(struct indexer *x)
{
	pthread_mutex_lock(&x->lock);
	x->woken = true;
	pthread_cond_signal(&x->wake);
	pthread_mutex_unlock(&x->lock);
}

void indexer_close(struct indexer *x)
{
	if (x == NULL)
		return;
	pthread_mutex_lock(&x->lock);
	x->closing = true;
	pthread_cond_signal(&x->wake);
	pthread_mutex_unlock(&x->lock);
	if (x->running)
		pthread_join(x->thread, NULL);
	db_close(x->db);
	pthread_mutex_destroy(&x->lock);
	pthread_cond_destroy(&x->wake);
	free(x);
}
