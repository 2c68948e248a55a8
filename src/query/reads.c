#include "query/reads.h"

#include <pthread.h>
#include <stdlib.h>

enum { READS_MAX = 16, CACHE_KIB = 20 << 10 };

struct reads {
	pthread_mutex_t lock;           /* guards free, free_count */
	pthread_cond_t  given;
	struct db      *free[READS_MAX];
	int             free_count, count;
};

bool reads_open(const char *store, int count, struct reads **out, struct err *err)
{
	ASSERT(count > 0 && count <= READS_MAX);
	struct reads *r = calloc(1, sizeof(*r));        /* heap: lives as long as the node */
	ASSERT(r != NULL);
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->given, NULL);
	for (; r->count < count; r->count++) {
		struct db_options reading = { .read_only = true, .cache_kib = CACHE_KIB };
		if (!db_open(store, reading, &r->free[r->count], err)) {
			r->free_count = r->count;
			reads_close(r);
			return false;
		}
	}
	r->free_count = r->count;
	*out = r;
	return true;
}

void reads_close(struct reads *r)
{
	if (r == NULL)
		return;
	ASSERT(r->free_count == r->count);
	for (int i = 0; i < r->count; i++)
		db_close(r->free[i]);
	pthread_mutex_destroy(&r->lock);
	pthread_cond_destroy(&r->given);
	free(r);
}

struct db *reads_take(struct reads *r)
{
	pthread_mutex_lock(&r->lock);
	while (r->free_count == 0)
		pthread_cond_wait(&r->given, &r->lock);
	struct db *db = r->free[--r->free_count];
	pthread_mutex_unlock(&r->lock);
	return db;
}

void reads_give(struct reads *r, struct db *db)
{
	pthread_mutex_lock(&r->lock);
	r->free[r->free_count++] = db;
	pthread_cond_signal(&r->given);
	pthread_mutex_unlock(&r->lock);
}
