#include "commit/drain.h"

#include <pthread.h>
#include <stdlib.h>

enum { PAGES = 4000, ROUNDS = 3, CACHE_KIB = 256 };

struct drain {
	struct db *db;
	pthread_t thread;
	bool started;
	int64_t begun_at;     /* pages in the log when the thread was last sent; the writer's */
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t wake;
	bool wanted, at_work, little_left, closing;
	struct err failed;
};

static bool wait_for_work(struct drain *d)
{
	pthread_mutex_lock(&d->lock);
	while (!d->wanted && !d->closing)
		pthread_cond_wait(&d->wake, &d->lock);
	bool go = !d->closing;
	d->wanted = false;
	d->at_work = go;
	pthread_mutex_unlock(&d->lock);
	return go;
}

/* Everything but a failed disk passes: the log stays as it is until the next time. */
static bool settle(struct db *db, struct err *err)
{
	return db_settle(db, err) || err->code != ERR_DISK;
}

static void *drain_main(void *arg)
{
	struct drain *d = arg;
	bool ok = true;
	while (ok && wait_for_work(d)) {
		struct err err = { 0 };
		for (int i = 0; ok && i < ROUNDS; i++)
			ok = settle(d->db, &err);
		pthread_mutex_lock(&d->lock);
		d->at_work = false;
		d->little_left = ok;
		if (!ok)
			d->failed = err;
		pthread_mutex_unlock(&d->lock);
	}
	return NULL;
}

bool drain_after(struct drain *d, struct db *writer, struct err *err)
{
	int64_t pages = db_log_pages(writer);
	if (pages < d->begun_at)
		d->begun_at = 0; /* it was begun anew */
	pthread_mutex_lock(&d->lock);
	bool failed = d->failed.code != ERR_NONE, mine = d->little_left;
	if (failed)
		*err = d->failed;
	d->little_left = false;
	if (!failed && !mine && !d->at_work && !d->wanted && pages - d->begun_at >= PAGES) {
		d->wanted = true;
		d->begun_at = pages;
		pthread_cond_signal(&d->wake);
	}
	pthread_mutex_unlock(&d->lock);
	return !failed && (!mine || settle(writer, err));
}

bool drain_open(const char *store, struct drain **out_d, struct err *err)
{
	struct drain *d = calloc(1, sizeof(*d)); /* heap: lives as long as the writer */
	ASSERT(d != NULL);
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->wake, NULL);
	bool ok = db_open(store, (struct db_options){ .cache_kib = CACHE_KIB }, &d->db, err);
	if (ok) {
		d->started = pthread_create(&d->thread, NULL, drain_main, d) == 0;
		ok = d->started || err_set(err, ERR_SYSTEM, "cannot start the thread that drains the log");
	}
	if (!ok)
		drain_close(d);
	else
		*out_d = d;
	return ok;
}

void drain_close(struct drain *d)
{
	if (d == NULL)
		return;
	pthread_mutex_lock(&d->lock);
	d->closing = true;
	pthread_cond_signal(&d->wake);
	pthread_mutex_unlock(&d->lock);
	if (d->started)
		pthread_join(d->thread, NULL);
	db_close(d->db);
	pthread_mutex_destroy(&d->lock);
	pthread_cond_destroy(&d->wake);
	free(d);
}
