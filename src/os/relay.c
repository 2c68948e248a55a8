#include "os/relay.h"

void relay_init(struct relay *r, int slots)
{
	*r = (struct relay){ .slots = slots };
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->turned, NULL);
}

void relay_done(struct relay *r)
{
	pthread_cond_destroy(&r->turned);
	pthread_mutex_destroy(&r->lock);
}

/* One side at most is waiting: the filler before a full ring, or the taker before an empty one. */
static void turn(struct relay *r, bool wake)
{
	if (wake)
		pthread_cond_signal(&r->turned);
	pthread_mutex_unlock(&r->lock);
}

bool relay_free(struct relay *r, int *out_slot)
{
	pthread_mutex_lock(&r->lock);
	if (r->put - r->taken == r->slots)
		while (!r->stopped && r->put - r->taken > r->slots / 2)
			pthread_cond_wait(&r->turned, &r->lock);
	bool ok = !r->stopped;
	*out_slot = (int)(r->put % r->slots);
	turn(r, false);
	return ok;
}

void relay_put(struct relay *r)
{
	pthread_mutex_lock(&r->lock);
	r->put++;
	turn(r, r->put - r->taken == 1);
}

void relay_end(struct relay *r)
{
	pthread_mutex_lock(&r->lock);
	r->ended = true;
	turn(r, true);
}

bool relay_full(struct relay *r, int *out_slot)
{
	pthread_mutex_lock(&r->lock);
	while (!r->ended && r->put == r->taken)
		pthread_cond_wait(&r->turned, &r->lock);
	bool ok = r->put != r->taken;
	*out_slot = (int)(r->taken % r->slots);
	turn(r, false);
	return ok;
}

void relay_take(struct relay *r)
{
	pthread_mutex_lock(&r->lock);
	r->taken++;
	turn(r, r->put - r->taken <= r->slots / 2);
}

void relay_stop(struct relay *r)
{
	pthread_mutex_lock(&r->lock);
	r->stopped = true;
	turn(r, true);
}
