#include "http/work_priv.h"

#include <pthread.h>
#include <stdlib.h>

enum { THREADS_MAX = 8 };

struct job { void (*run)(void *arg); void *arg; };

struct work {
	pthread_mutex_t lock;           /* guards all below */
	pthread_cond_t  changed;
	pthread_t       threads[THREADS_MAX];
	int             thread_count;
	struct job     *queue;          /* ring */
	int             queue_max, first, count;
	bool            closing;
};

static void *run_jobs(void *arg)
{
	struct work *w = arg;
	pthread_mutex_lock(&w->lock);
	for (;;) {
		while (w->count == 0 && !w->closing)
			pthread_cond_wait(&w->changed, &w->lock);
		if (w->count == 0)
			break;
		struct job job = w->queue[w->first];
		w->first = (w->first + 1) % w->queue_max;
		w->count--;
		pthread_mutex_unlock(&w->lock);
		job.run(job.arg);
		pthread_mutex_lock(&w->lock);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

bool work_open(int threads, int queue_max, struct work **out_work, struct err *err)
{
	ASSERT(threads > 0 && threads <= THREADS_MAX && queue_max > 0);
	struct work *w = calloc(1, sizeof(*w)); /* heap: lives as long as the server, shared by threads */
	if (w != NULL)
		w->queue = calloc((size_t)queue_max, sizeof(*w->queue));
	if (w == NULL || w->queue == NULL) {
		free(w);
		return err_set(err, ERR_SYSTEM, "work: out of memory");
	}
	w->queue_max = queue_max;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->changed, NULL);
	for (; w->thread_count < threads; w->thread_count++) {
		int failed = pthread_create(&w->threads[w->thread_count], NULL, run_jobs, w);
		if (failed) {
			work_close(w);
			return err_set(err, ERR_SYSTEM, "work: cannot start a thread: %s", strerror(failed));
		}
	}
	*out_work = w;
	return true;
}

void work_close(struct work *w)
{
	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->closing = true;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
	for (int i = 0; i < w->thread_count; i++)
		pthread_join(w->threads[i], NULL);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	free(w->queue);
	free(w);
}

bool work_submit(struct work *w, void (*run)(void *arg), void *arg)
{
	pthread_mutex_lock(&w->lock);
	bool room = w->count < w->queue_max && !w->closing;
	if (room) {
		w->queue[(w->first + w->count++) % w->queue_max] = (struct job){ run, arg };
		pthread_cond_signal(&w->changed);
	}
	pthread_mutex_unlock(&w->lock);
	return room;
}
