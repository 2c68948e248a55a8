/* relay.h - a ring of slots between two threads: one fills them, the other takes them, in order.
 *
 * The slots are the caller's; the relay says whose turn each is.  A full ring wakes its filler only when half
 * of it is free again: on a busy machine each change of threads may cost a time slice.
 *
 *   filler: while (relay_free(r, &slot)) { fill it; if (nothing more) break; relay_put(r); }  relay_end(r);
 *   taker:  while (relay_full(r, &slot)) { use it;  relay_take(r); }                          relay_stop(r);
 *
 * I1. Between relay_free and relay_put a slot is the filler's, between relay_full and relay_take the taker's.
 * I2. What was put before relay_end is still taken; after relay_stop the filler is given no more slots.
 */
#pragma once
#include <pthread.h>
#include "base/defs.h"

struct relay {
	pthread_mutex_t lock;
	pthread_cond_t turned;
	int slots;
	int64_t put, taken;
	bool ended, stopped;
};

void relay_init(struct relay *r, int slots);
void relay_done(struct relay *r);

MUST_CHECK bool relay_free(struct relay *r, int *out_slot); /* false: the taker has stopped */
void relay_put(struct relay *r);
void relay_end(struct relay *r);

MUST_CHECK bool relay_full(struct relay *r, int *out_slot); /* false: all was taken, and no more comes */
void relay_take(struct relay *r);
void relay_stop(struct relay *r);
