#include "readers/ticker.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include "base/log.h"
#include "format/json.h"
#include "ticker_sql.h"

enum { PAGE = 200, TURN_S = 5 };

struct ticker {
	struct ticker_options options;
	struct db *db;
	int64_t skew_us; /* wall minus boot, as it was when we trusted it */
	bool stepped;
	pthread_t thread;
	bool running;
	pthread_mutex_t lock; /* guards closing */
	pthread_cond_t wake;
	bool closing;
};

static int64_t skew(struct ticker *t)
{
	struct clock *c = t->options.clock;
	return c->now(c).us - c->boot_us(c);
}

struct late {
	struct uuid clock;
	int64_t now;
};

/* Checked again inside the transaction: it may have been met meanwhile. */
static bool late_decide(struct decision *d, void *arg, struct err *err)
{
	const struct late *x = arg;
	struct sql_ticker_still_row row;
	bool found = false;
	if (!sql_ticker_still(d->db, d->arena, &(struct sql_ticker_still){ .id = x->clock, .now = x->now },
			      &row, &found, err))
		return false;
	if (!found)
		return true;
	struct json *p = json_object(d->arena);
	json_set_uuid(p, "case", row.subject);
	json_set_str(p, "state", S("late"));
	json_set(p, "met", NULL);
	decision_add(d, draft_of("clock.settled", x->clock, row.team, TLP_UNMARKED, p));
	return true;
}

static bool stepped_decide(struct decision *d, void *arg, struct err *err UNUSED)
{
	struct json *p = json_object(d->arena);
	json_set_int(p, "by_us", *(const int64_t *)arg);
	decision_add(d, draft_of("node.time_stepped", decision_new_id(d), (str){ 0 }, TLP_UNMARKED, p));
	return true;
}

static bool run(struct ticker *t, bool (*decide)(struct decision *, void *, struct err *), void *arg,
		struct err *err)
{
	struct command c = { .name = "ticker",
			     .actor = actor_system(),
			     .regime = t->options.world->regime_id,
			     .decide = decide,
			     .arg = arg };
	if (!writer_run(t->options.writer, &c)) {
		*err = c.err;
		return false;
	}
	return true;
}

/* True while wall and boot clock agree; a step is noted once. */
static bool trusted(struct ticker *t, struct err *err)
{
	int64_t by = skew(t) - t->skew_us;
	bool stepped = by > SECONDS(60) || by < -SECONDS(60);
	if (stepped && !t->stepped)
		(void)run(t, stepped_decide, &by, err);
	t->stepped = stepped;
	return !stepped;
}

bool ticker_turn(struct ticker *t, ptrdiff_t *out_settled, struct err *err)
{
	struct arena a;
	struct sql_ticker_due_row *rows;
	ptrdiff_t count = 0;
	*out_settled = 0;
	if (!trusted(t, err))
		return true;
	arena_init(&a, 4 << 20, 16 << 20);
	int64_t now = t->options.clock->now(t->options.clock).us;
	bool ok = sql_ticker_due(t->db, &a, &(struct sql_ticker_due){ .now = now, .count = PAGE }, &rows,
				 &count, err);
	for (ptrdiff_t i = 0; ok && i < count; i++) {
		struct late x = { rows[i].id, now };
		ok = run(t, late_decide, &x, err);
		*out_settled += ok;
	}
	arena_done(&a);
	return ok;
}

static void *ticker_main(void *arg)
{
	struct ticker *t = arg;
	bool go = true;
	while (go) {
		struct err err = { 0 };
		ptrdiff_t settled;
		if (!ticker_turn(t, &settled, &err))
			log_event(LOG_ERROR, "ticker.failed", LOG_TEXT("error", str_from(err.text)));
		struct timespec until;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec += TURN_S;
		pthread_mutex_lock(&t->lock);
		while (!t->closing && pthread_cond_timedwait(&t->wake, &t->lock, &until) == 0)
			;
		go = !t->closing;
		pthread_mutex_unlock(&t->lock);
	}
	return NULL;
}

bool ticker_open(struct ticker_options options, struct ticker **out, struct err *err)
{
	struct ticker *t = calloc(1, sizeof(*t)); /* heap: lives as long as the node */
	ASSERT(t != NULL);
	t->options = options;
	t->skew_us = skew(t);
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->wake, NULL);
	if (!db_open(options.store, (struct db_options){ .read_only = true }, &t->db, err)) {
		free(t);
		return false;
	}
	t->running = pthread_create(&t->thread, NULL, ticker_main, t) == 0;
	*out = t;
	return t->running || err_set(err, ERR_SYSTEM, "cannot start the ticker's thread");
}

void ticker_close(struct ticker *t)
{
	if (t == NULL)
		return;
	pthread_mutex_lock(&t->lock);
	t->closing = true;
	pthread_cond_signal(&t->wake);
	pthread_mutex_unlock(&t->lock);
	if (t->running)
		pthread_join(t->thread, NULL);
	db_close(t->db);
	pthread_mutex_destroy(&t->lock);
	pthread_cond_destroy(&t->wake);
	free(t);
}
