#include "readers/ticker.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include "base/log.h"
#include "cases/remind.h"
#include "format/json.h"
#include "regime/regime.h"
#include "ticker_sql.h"

enum { TURN_S = 5, CACHE_KIB = 2 << 10 };

struct ticker {
	struct ticker_options options;
	struct db *db;
	struct instant *alerted; /* for each team and step: up to when nothing waits any more */
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

static bool is_closing(struct ticker *t)
{
	pthread_mutex_lock(&t->lock);
	bool closing = t->closing;
	pthread_mutex_unlock(&t->lock);
	return closing;
}

/* A page at a time, until what is due was seen; the rest of it waits for the next start. */
static bool remind(struct ticker *t, bool (*decide)(struct decision *, void *, struct err *),
		   struct ticker_told *told, struct err *err)
{
	struct remind x = { .world = t->options.world, .seen = REMIND_PAGE };
	int64_t untold = 0;
	bool ok = true;
	while (ok && x.seen == REMIND_PAGE && !is_closing(t)) {
		ok = run(t, decide, &x, err);
		told->late += ok ? x.late : 0;
		told->reminders += ok ? x.reminded : 0;
		untold += ok ? x.untold : 0;
	}
	if (untold)
		log_event(LOG_WARNING, "reminder.nobody",
			  LOG_TEXT("why", S("neither owner, duty desk nor lead has an address")),
			  LOG_INT("count", untold));
	return ok;
}

static bool alert(struct ticker *t, ptrdiff_t team, int step, struct ticker_told *told, struct err *err)
{
	struct instant *after = &t->alerted[team * ALERT_STEPS + step - 1];
	struct alert x = { .world = t->options.world,
			   .team = t->options.world->regime->teams[team].id,
			   .step = step,
			   .after = *after };
	struct arena a;
	bool waits = false;
	arena_init(&a, 4 << 20, 16 << 20);
	bool ok = alert_look(t->db, &a, &x, t->options.clock->now(t->options.clock), &waits, err);
	arena_done(&a);
	if (!ok || (waits && !run(t, alert_decide, &x, err)))
		return false;
	*after = x.seen;
	told->alerts += x.count > 0;
	if (x.count && x.told == 0)
		log_event(LOG_WARNING, "alert.nobody", LOG_TEXT("team", x.team), LOG_INT("count", x.count));
	return true;
}

/* Asked outside the writer first: a turn that finds nothing costs two looks into an index. */
static bool anything_due(struct ticker *t, bool *out_clocks, bool *out_requests, struct err *err)
{
	struct arena a;
	struct sql_ticker_due_row row = { 0 };
	bool found = false;
	arena_init(&a, 1 << 16, 1 << 20);
	int64_t now = t->options.clock->now(t->options.clock).us;
	bool ok = sql_ticker_due(t->db, &a, &(struct sql_ticker_due){ .now = now }, &row, &found, err);
	*out_clocks = row.clocks;
	*out_requests = row.requests;
	arena_done(&a);
	return ok;
}

bool ticker_turn(struct ticker *t, struct ticker_told *out, struct err *err)
{
	bool clocks, requests;
	*out = (struct ticker_told){ 0 };
	if (!trusted(t, err))
		return true;
	if (!anything_due(t, &clocks, &requests, err) ||
	    (clocks && !remind(t, remind_clocks_decide, out, err)) ||
	    (requests && !remind(t, remind_requests_decide, out, err)))
		return false;
	for (ptrdiff_t i = 0; i < t->options.world->regime->teams_count; i++)
		for (int step = ALERT_STEPS; step >= 1; step--) /* what the last one tells, no other does */
			if (!alert(t, i, step, out, err))
				return false;
	return true;
}

static void *ticker_main(void *arg)
{
	struct ticker *t = arg;
	bool go = true;
	while (go) {
		struct err err = { 0 };
		struct ticker_told told;
		bool ok = ticker_turn(t, &told, &err);
		if (t->options.told)
			t->options.told(t->options.ctx, &told);
		if (!ok)
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
	size_t steps = (size_t)options.world->regime->teams_count * ALERT_STEPS;
	t->alerted = calloc(steps + 1, sizeof(*t->alerted)); /* heap: as long */
	ASSERT(t->alerted != NULL);
	t->skew_us = skew(t);
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->wake, NULL);
	struct db_options reading = { .read_only = true, .cache_kib = CACHE_KIB };
	if (!db_open(options.store, reading, &t->db, err)) {
		free(t->alerted);
		free(t);
		return false;
	}
	*out = t;
	if (options.by_hand)
		return true;
	t->running = pthread_create(&t->thread, NULL, ticker_main, t) == 0;
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
	free(t->alerted);
	pthread_mutex_destroy(&t->lock);
	pthread_cond_destroy(&t->wake);
	free(t);
}
