/* The writer: one thread, one connection, one transaction for as many commands as wait.
 *
 * A batch is tried as a whole.  When an append or a flush fails, everything in it is rolled back and each
 * command is tried alone: the journal then shows who was to blame, and the others lose nothing but time.
 */
#include "commit/commit.h"

#include <pthread.h>
#include <stdlib.h>
#include "commit/draft.h"
#include "commit/drain.h"

enum { BATCH_MAX = 64, ARENA_SOFT = 64 << 20, ARENA_HARD = 1 << 30 };
/* Keys at random of a million reports: what is found in memory is not read.  One writer a node. */
enum { CACHE_KIB = 64 << 10 };

struct writer {
	struct writer_options options;
	struct db *db;
	struct drain *drain; /* NULL on PostgreSQL, which has its own */
	pthread_t thread;
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t wake;
	struct command *first, **last;
	bool closing;
	int64_t waiting;          /* commands not done */
	int64_t busy_since;       /* when the oldest of the batch under way came; 0: none is */
	int64_t committed, tried; /* boot clock of the last; -1: none yet */
	struct err outcome;          /* of the last try */
};

static int64_t boot_now(struct writer *w)
{
	return w->options.clock->boot_us(w->options.clock);
}

static void note_outcome(struct writer *w, bool ok, const struct err *err)
{
	static const struct err none;
	pthread_mutex_lock(&w->lock);
	w->tried = boot_now(w);
	if (ok)
		w->committed = w->tried;
	w->outcome = ok ? none : *err;
	pthread_mutex_unlock(&w->lock);
}

static struct command *take_batch(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	while (w->first == NULL && !w->closing)
		pthread_cond_wait(&w->wake, &w->lock);
	struct command *batch = w->first, *c = batch;
	int max = w->options.batch_max ? w->options.batch_max : BATCH_MAX;
	for (int n = 1; c && n < max && c->next; n++)
		c = c->next;
	if (c) {
		w->first = c->next;
		c->next = NULL;
		if (w->first == NULL)
			w->last = &w->first;
		w->busy_since = batch->waits_since;
	}
	pthread_mutex_unlock(&w->lock);
	return batch;
}

static void command_fail(struct command *c, const struct err *err)
{
	c->ok = false;
	c->err = *err;
}

static bool replay(struct journal *j, struct arena *tmp, struct command *c, bool *out_done, struct err *err)
{
	enum once once = ONCE_NEW;
	int64_t seq = -1;
	struct entry e;
	if (c->keyed && !journal_once_lookup(j->db, tmp, c->key, c->request, &once, &seq, err))
		return false;
	*out_done = once != ONCE_NEW;
	if (once == ONCE_OTHER) {
		struct err conflict;
		(void)err_set(&conflict, ERR_CONFLICT,
			      "this idempotency key was used for a different request: "
			      "use a new key for a new request");
		command_fail(c, &conflict);
	} else if (once == ONCE_SAME) {
		if (!journal_find(j->db, tmp, seq, &e, err))
			return false;
		c->ok = c->replayed = true;
		c->receipt = (struct receipt){ e.seq, e.hash, e.at, e.subject };
	}
	return true;
}

/* False only when the store fails: a command that is refused keeps its own error and costs the others
 * nothing. */
static bool run_command(struct writer *w, struct journal *j, struct arena *tmp, struct command *c,
			struct err *err)
{
	struct draft_list drafts = { 0 };
	struct decision d = { .db = w->db,
			      .arena = tmp,
			      .now = w->options.clock->now(w->options.clock),
			      .rng = w->options.rng,
			      .actor = c->actor,
			      .drafts = &drafts };
	struct append a = { j, tmp, w->options.rng, d.now };
	struct entry first;
	struct err refused = { 0 };
	bool done = false;
	c->ok = c->replayed = false;
	c->receipt = (struct receipt){ 0 };
	if (!replay(j, tmp, c, &done, err))
		return false;
	if (done)
		return true;
	if (!c->decide(&d, c->arg, &refused)) {
		bool passing =
			refused.code == ERR_RETRY || refused.code == ERR_UNSURE || refused.code == ERR_FULL ||
			refused.code == ERR_DISK || refused.code == ERR_SYSTEM;
		command_fail(c, &refused);
		if (passing)
			*err = refused;
		return !passing;
	}
	c->ok = true;
	if (drafts.count == 0)
		return true;
	if (!draft_append_all(&a, &drafts, c, &first, err))
		return false;
	c->receipt = (struct receipt){ first.seq, first.hash, first.at, first.subject };
	return !c->keyed || journal_once_store(w->db, c->key, c->request, first.seq, err);
}

/* Whether the journal has what we meant to commit: its entry of that seq has that hash. */
static bool landed(struct writer *w, const struct journal *meant, bool *out_landed, struct err *err)
{
	struct arena tmp;
	struct entry e;
	struct err missing = { 0 };
	arena_init(&tmp, 1 << 20, 1 << 24);
	bool ok = db_begin_read(w->db, err);
	if (ok) {
		*out_landed = journal_find(w->db, &tmp, meant->tree.size - 1, &e, &missing) &&
			      memcmp(e.hash.b, meant->prev.b, 32) == 0;
		ok = *out_landed || missing.code == ERR_NONE || missing.code == ERR_MISSING;
		if (!ok)
			*err = missing;
		db_rollback(w->db);
	}
	arena_done(&tmp);
	return ok;
}

/* One transaction over the batch.  False: nothing of it happened (or, ERR_UNSURE, nobody can say).
 * *out_size -1: no entry was added. */
static bool run_transaction(struct writer *w, struct command *batch, struct arena *tmp, int64_t *out_size,
			    bool *out_wrote, struct err *err)
{
	struct journal j;
	if (!db_begin(w->db, err))
		return false;
	if (!journal_lock(&j, w->db, err)) {
		db_rollback(w->db);
		return false;
	}
	int64_t before = j.tree.size;
	bool besides = false, touch = false;
	*out_size = -1;
	*out_wrote = false;
	for (struct command *c = batch; c; c = c->next) {
		if (!run_command(w, &j, tmp, c, err)) {
			db_rollback(w->db);
			return false;
		}
		besides = besides || (c->ok && !c->replayed && c->besides);
		touch = touch || (c->ok && c->touch);
	}
	if (j.tree.size == before && !touch) {
		if (besides && !db_commit(w->db, err))
			return false;
		*out_wrote = besides;
		db_rollback(w->db);
		return true;
	}
	if (!journal_store_head(&j, tmp, err)) {
		db_rollback(w->db);
		return false;
	}
	bool ok = db_commit(w->db, err);
	if (!ok && err->code == ERR_UNSURE) {
		bool there = false;
		struct err look = { 0 };
		ok = landed(w, &j, &there, &look) && there;
		if (!ok && look.code == ERR_NONE)
			(void)err_set(
				err, ERR_RETRY,
				"the store's answer to a commit was lost and the commit did not happen");
	}
	if (!ok)
		db_rollback(w->db);
	else if (j.tree.size != before)
		*out_size = j.tree.size;
	*out_wrote = ok;
	return ok;
}

static bool run_batch(struct writer *w, struct command *batch, struct arena *tmp, int64_t *out_size,
		      struct err *err)
{
	bool wrote = false;
	bool ok = run_transaction(w, batch, tmp, out_size, &wrote, err);
	if (!ok || wrote)
		note_outcome(w, ok, err);
	return ok;
}

static void finish(struct writer *w, struct command *c)
{
	struct command *next;
	for (; c; c = next) {
		next = c->next; /* *c may be gone once done was called */
		c->next = NULL;
		c->done(c, c->done_ctx);
		pthread_mutex_lock(&w->lock);
		w->waiting--;
		pthread_mutex_unlock(&w->lock);
	}
}

/* I5 */
static void note_broken(struct writer *w, const struct err *err, struct err *out_broken)
{
	if (err->code != ERR_DISK || out_broken->code != ERR_NONE)
		return;
	*out_broken = *err;
	if (w->options.failed)
		w->options.failed(w->options.ctx, err);
}

static void run_alone(struct writer *w, struct command *c, struct err *out_broken)
{
	struct arena tmp;
	struct err err = { 0 };
	int64_t size;
	arena_init(&tmp, ARENA_SOFT, ARENA_HARD);
	c->next = NULL;
	if (!run_batch(w, c, &tmp, &size, &err)) {
		command_fail(c, &err);
		note_broken(w, &err, out_broken);
	}
	else if (size >= 0 && w->options.committed)
		w->options.committed(w->options.ctx, size);
	arena_done(&tmp);
	finish(w, c);
}

static void fail_alone(struct writer *w, struct command *c, const struct err *err)
{
	c->next = NULL;
	command_fail(c, err);
	finish(w, c);
}

static void handle_batch(struct writer *w, struct command *batch, struct err *out_broken)
{
	struct arena tmp;
	struct err err = { 0 };
	int64_t size = -1;
	arena_init(&tmp, ARENA_SOFT, ARENA_HARD);
	bool ok = run_batch(w, batch, &tmp, &size, &err);
	arena_done(&tmp);
	if (ok) {
		if (size >= 0 && w->options.committed)
			w->options.committed(w->options.ctx, size);
		finish(w, batch);
		return;
	}
	note_broken(w, &err, out_broken);
	for (struct command *next; batch; batch = next) {
		next = batch->next;
		if (out_broken->code != ERR_NONE)
			fail_alone(w, batch, out_broken);
		else if (err.code == ERR_UNSURE && !batch->keyed)
			fail_alone(w, batch, &err);     /* nobody could tell a second time from the first */
		else
			run_alone(w, batch, out_broken);
	}
}

/* I5.  What stands in the store is not known any more: it is not asked again, not even to roll back. */
static void refuse_all(struct writer *w, struct command *batch, const struct err *why)
{
	for (struct command *next; batch; batch = next) {
		next = batch->next;
		fail_alone(w, batch, why);
	}
}

static void *writer_main(void *arg)
{
	struct writer *w = arg;
	struct err broken = { 0 };
	for (struct command *batch; (batch = take_batch(w)) != NULL;) {
		struct err err;
		if (broken.code == ERR_NONE)
			handle_batch(w, batch, &broken);
		else
			refuse_all(w, batch, &broken);
		if (broken.code == ERR_NONE && w->drain && !drain_after(w->drain, w->db, &err))
			note_broken(w, &err, &broken);
		pthread_mutex_lock(&w->lock);
		w->busy_since = 0;
		pthread_mutex_unlock(&w->lock);
	}
	return NULL;
}

bool writer_open(struct writer_options options, struct writer **out_w, struct err *err)
{
	struct journal j;
	struct db *db;
	struct drain *drain = NULL;
	if (!db_open(options.store, (struct db_options){ .cache_kib = CACHE_KIB, .drained = true }, &db, err))
		return false;
	if (!db_settle(db, err) || !journal_load(&j, db, err) ||
	    (db_engine(db) == DB_SQLITE && !drain_open(options.store, &drain, err))) {
		db_close(db);
		return false;
	}
	struct writer *w = calloc(1, sizeof(*w)); /* heap: lives as long as the node */
	ASSERT(w != NULL);
	w->options = options;
	w->db = db;
	w->drain = drain;
	w->last = &w->first;
	w->committed = w->tried = -1;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->wake, NULL);
	if (pthread_create(&w->thread, NULL, writer_main, w) != 0) {
		drain_close(drain);
		db_close(db);
		free(w);
		return err_set(err, ERR_SYSTEM, "cannot start the writer's thread");
	}
	*out_w = w;
	return true;
}

void writer_close(struct writer *w)
{
	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->closing = true;
	pthread_cond_broadcast(&w->wake);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	drain_close(w->drain);
	db_close(w->db);
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->wake);
	free(w);
}

void writer_submit(struct writer *w, struct command *c)
{
	c->next = NULL;
	c->waits_since = boot_now(w);
	pthread_mutex_lock(&w->lock);
	w->waiting++;
	*w->last = c;
	w->last = &c->next;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
}

void writer_health(struct writer *w, struct writer_health *out)
{
	pthread_mutex_lock(&w->lock);
	int64_t now = boot_now(w);
	int64_t oldest = w->busy_since ? w->busy_since : w->first ? w->first->waits_since : now;
	*out = (struct writer_health){ .waiting = w->waiting,
				       .oldest_us = now - oldest,
				       .committed_us = w->committed < 0 ? -1 : now - w->committed,
				       .tried_us = w->tried < 0 ? -1 : now - w->tried,
				       .last = w->outcome };
	pthread_mutex_unlock(&w->lock);
}

struct waiter {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool done;
};

static void wake_waiter(struct command *c UNUSED, void *ctx)
{
	struct waiter *x = ctx;
	pthread_mutex_lock(&x->lock);
	x->done = true;
	pthread_cond_signal(&x->wake);
	pthread_mutex_unlock(&x->lock);
}

bool writer_run(struct writer *w, struct command *c)
{
	struct waiter x = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false };
	c->done = wake_waiter;
	c->done_ctx = &x;
	writer_submit(w, c);
	pthread_mutex_lock(&x.lock);
	while (!x.done)
		pthread_cond_wait(&x.wake, &x.lock);
	pthread_mutex_unlock(&x.lock);
	return c->ok;
}
