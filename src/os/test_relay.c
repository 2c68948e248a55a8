/* The relay hands each slot over once and in order, whichever side is slower, and both ends can end it. */
#include "os/relay.h"

#include <sched.h>

enum { SLOTS = 4, COUNT = 20000 };

struct work {
	struct relay relay;
	int64_t slots[SLOTS];
	int64_t count; /* the filler's */
	int64_t filled;
	int lazy; /* the filler dawdles at every so many */
};

static void dawdle(int every, int64_t i)
{
	if (every && i % every == 0)
		for (int k = 0; k < 20; k++)
			sched_yield();
}

static void *fill(void *arg)
{
	struct work *w = arg;
	int slot;
	while (w->filled < w->count && relay_free(&w->relay, &slot)) {
		dawdle(w->lazy, w->filled);
		w->slots[slot] = w->filled++;
		relay_put(&w->relay);
	}
	relay_end(&w->relay);
	return NULL;
}

/* Returns how many were taken. */
static int64_t run(int64_t count, int64_t stop_at, int lazy_filler, int lazy_taker)
{
	struct work w = { .count = count, .lazy = lazy_filler };
	pthread_t filler;
	int64_t next = 0;
	int slot;
	relay_init(&w.relay, SLOTS);
	ASSERT(pthread_create(&filler, NULL, fill, &w) == 0);
	while (next != stop_at && relay_full(&w.relay, &slot)) {
		dawdle(lazy_taker, next);
		ASSERT(w.slots[slot] == next);
		next++;
		relay_take(&w.relay);
	}
	relay_stop(&w.relay);
	pthread_join(filler, NULL);
	ASSERT(w.filled >= next && w.filled <= next + SLOTS);
	relay_done(&w.relay);
	return next;
}

int main(void)
{
	ASSERT(run(0, -1, 0, 0) == 0);
	ASSERT(run(1, -1, 0, 0) == 1);
	ASSERT(run(COUNT, -1, 0, 0) == COUNT);
	ASSERT(run(COUNT, -1, 7, 0) == COUNT);
	ASSERT(run(COUNT, -1, 0, 7) == COUNT);
	ASSERT(run(COUNT, -1, 1, 3) == COUNT);
	ASSERT(run(COUNT, 0, 0, 0) == 0);
	for (int64_t at = 1; at < 40; at++)
		ASSERT(run(COUNT, at, 0, (int)at % 3) == at);
	return 0;
}
