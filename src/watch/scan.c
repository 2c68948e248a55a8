#include "watch/scan.h"

#include <pthread.h>
#include <stdio.h>

/* A ring of slots, each holding one block.  The reader fills them in turn, a worker takes the next filled
 * one, the collector waits for them in turn; so that order costs nothing but a ring that is a little longer
 * than the number of threads. */

enum {
	THREADS_MAX = 256,
	TROUBLES_KEPT = 1000,
	BLOCK_SOFT = 1 << 28,
	BLOCK_HARD = 1 << 30,
	PART_BYTES = 32 << 20
};

/* PART: so much was found in one block that what there is goes to the collector first. */
enum slot_state { SLOT_FREE, SLOT_FILLED, SLOT_TAKEN, SLOT_PART, SLOT_DONE };

struct slot {
	enum slot_state state;
	struct log_block *block;
	struct log_file *file;
	ptrdiff_t file_number;
	bool last_of_file; /* no block: the file can be closed */
	struct arena arena;
	struct scan_list findings;
	int64_t broken, file_done, file_size; /* bytes of the file, when the block had been read */
};

struct trouble {
	struct log_trouble what;
	struct trouble *next;
};

struct scan {
	const struct scan_plan *plan;
	const struct scan_handler *handler;
	struct arena *arena; /* the collector's */
	pthread_mutex_t lock;
	pthread_cond_t moved;
	struct slot *slots;
	ptrdiff_t slot_count;
	int64_t filled, taken, collected; /* numbers of blocks: how many so far */
	bool all_read;
	struct scan_file *files;
	int64_t bytes_closed; /* of files that are done with */
	/* what listeners said and the collector has not yet passed on */
	struct arena trouble_arena;
	struct trouble *troubles, **last_trouble;
	int64_t trouble_count;
};

struct worker {
	struct scan *scan;
	struct matcher *matcher;
	int number;
	pthread_t thread;
};

struct finding *scan_add(struct scan_list *l, struct arena *a)
{
	struct scan_finding *f = NEW(a, struct scan_finding, 1);
	*l->last = f;
	l->last = &f->next;
	return &f->what;
}

static str read_field(void *who, str name)
{
	return matcher_field(who, name);
}

struct event_reader scan_reader(const struct scan_event *e)
{
	return (struct event_reader){ e->matcher, read_field };
}

static void on_trouble(void *who, const struct log_trouble *t)
{
	struct scan *s = who;
	(void)pthread_mutex_lock(&s->lock);
	if (s->trouble_count++ < TROUBLES_KEPT) {
		struct trouble *n = NEW(&s->trouble_arena, struct trouble, 1);
		n->what.file = arena_dup(&s->trouble_arena, t->file);
		n->what.line = t->line;
		n->what.what = arena_cstr(&s->trouble_arena, str_from(t->what));
		*s->last_trouble = n;
		s->last_trouble = &n->next;
	}
	(void)pthread_mutex_unlock(&s->lock);
}

/* --- reading --- */

/* The next slot to fill, once it is free; NULL if it was told to stop. */
static struct slot *wait_free(struct scan *s)
{
	(void)pthread_mutex_lock(&s->lock);
	while (s->filled - s->collected == s->slot_count)
		(void)pthread_cond_wait(&s->moved, &s->lock);
	struct slot *slot = &s->slots[s->filled % s->slot_count];
	ASSERT(slot->state == SLOT_FREE);
	(void)pthread_mutex_unlock(&s->lock);
	return slot;
}

static void give(struct scan *s, struct slot *slot, struct log_file *file, ptrdiff_t number, bool last)
{
	(void)pthread_mutex_lock(&s->lock);
	slot->file = file;
	slot->file_number = number;
	slot->last_of_file = last;
	slot->state = SLOT_FILLED;
	s->filled++;
	(void)pthread_cond_broadcast(&s->moved);
	(void)pthread_mutex_unlock(&s->lock);
}

static bool stopped(const struct scan *s)
{
	return s->plan->stop && atomic_load(s->plan->stop);
}

static void read_file(struct scan *s, ptrdiff_t number)
{
	struct err err = { 0 };
	struct log_file *file;
	struct scan_file *about = &s->files[number];
	struct log_listener listener = { s, on_trouble };
	if (!log_open(about->path, s->plan->format, s->plan->limits, listener, &file, &err)) {
		on_trouble(s, &(struct log_trouble){ about->path, 0, err.text });
		return;
	}
	about->opened = true;
	about->format = log_format_of(file);
	bool more = true;
	while (more) {
		struct slot *slot = wait_free(s);
		more = !stopped(s) && log_read(file, slot->block);
		log_progress(file, &slot->file_done, &slot->file_size);
		give(s, slot, file, number, !more);
	}
}

static void *reader(void *who)
{
	struct scan *s = who;
	for (ptrdiff_t i = 0; i < s->plan->file_count && !stopped(s); i++)
		read_file(s, i);
	(void)pthread_mutex_lock(&s->lock);
	s->all_read = true;
	(void)pthread_cond_broadcast(&s->moved);
	(void)pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* --- decoding and matching --- */

static struct slot *take(struct scan *s)
{
	struct slot *slot = NULL;
	(void)pthread_mutex_lock(&s->lock);
	while (s->taken == s->filled && !s->all_read)
		(void)pthread_cond_wait(&s->moved, &s->lock);
	if (s->taken < s->filled) {
		slot = &s->slots[s->taken++ % s->slot_count];
		ASSERT(slot->state == SLOT_FILLED);
		slot->state = SLOT_TAKEN;
	}
	(void)pthread_mutex_unlock(&s->lock);
	return slot;
}

static void say_broken(struct scan *s, str path, const struct record *r, const struct matches *m)
{
	char text[300];
	str what = str_from(m->broken);
	int n = snprintf(text, sizeof(text), STR_FMT " (byte %td); what stands before it was matched",
			 STR_ARG(str_sub(what, 0, 200)), m->broken_at);
	ASSERT(n > 0);
	on_trouble(s, &(struct log_trouble){ path, r->line, text });
}

static void move(struct scan *s, struct slot *slot, enum slot_state state)
{
	(void)pthread_mutex_lock(&s->lock);
	slot->state = state;
	(void)pthread_cond_broadcast(&s->moved);
	(void)pthread_mutex_unlock(&s->lock);
}

static void hand_over(struct scan *s, struct slot *slot)
{
	(void)pthread_mutex_lock(&s->lock);
	slot->state = SLOT_PART;
	(void)pthread_cond_broadcast(&s->moved);
	while (slot->state == SLOT_PART)
		(void)pthread_cond_wait(&s->moved, &s->lock);
	(void)pthread_mutex_unlock(&s->lock);
}

static void work_on(struct worker *w, struct slot *slot)
{
	struct scan *s = w->scan;
	log_decode(slot->file, slot->block);
	str path = slot->block->path.ptr ? slot->block->path : s->files[slot->file_number].path;
	for (ptrdiff_t i = 0; i < slot->block->count; i++) {
		const struct record *r = &slot->block->records[i];
		const struct matches *m = matcher_run(w->matcher, r->json);
		struct scan_event e = { w->matcher, m, r, path, slot->file_number };
		if (m->broken) {
			slot->broken++;
			say_broken(s, path, r, m);
		}
		s->handler->event(s->handler->who, w->number, &e, &slot->arena, &slot->findings);
		if (slot->arena.used > PART_BYTES)
			hand_over(s, slot);
	}
}

static void *worker(void *who)
{
	struct worker *w = who;
	struct scan *s = w->scan;
	for (struct slot *slot; (slot = take(s));) {
		slot->findings = (struct scan_list){ NULL, &slot->findings.first };
		slot->broken = 0;
		if (!slot->last_of_file)
			work_on(w, slot);
		move(s, slot, SLOT_DONE);
	}
	return NULL;
}

/* --- collecting --- */

static void pass_troubles(struct scan *s)
{
	(void)pthread_mutex_lock(&s->lock);
	struct trouble *t = s->troubles;
	s->troubles = NULL;
	s->last_trouble = &s->troubles;
	(void)pthread_mutex_unlock(&s->lock);
	for (; t; t = t->next)
		s->handler->trouble(s->handler->who, &t->what);
}

static struct slot *wait_done(struct scan *s)
{
	struct slot *slot = NULL;
	(void)pthread_mutex_lock(&s->lock);
	for (;;) {
		struct slot *next = &s->slots[s->collected % s->slot_count];
		if (s->collected < s->filled && (next->state == SLOT_DONE || next->state == SLOT_PART)) {
			slot = next;
			break;
		}
		if (s->all_read && s->collected == s->filled)
			break;
		(void)pthread_cond_wait(&s->moved, &s->lock);
	}
	(void)pthread_mutex_unlock(&s->lock);
	return slot;
}

static void collect(struct scan *s, struct slot *slot, struct scan_result *out, struct scan_progress *p)
{
	for (struct scan_finding *f = slot->findings.first; f; f = f->next) {
		s->handler->finding(s->handler->who, &f->what);
		out->findings++;
	}
	slot->findings = (struct scan_list){ NULL, &slot->findings.first };
	arena_reset(&slot->arena);
	if (slot->state == SLOT_PART) {
		move(s, slot, SLOT_TAKEN);
		return;
	}
	if (slot->last_of_file) {
		s->bytes_closed += MAX(slot->file_done, slot->file_size);
		log_close(slot->file);
		p->bytes = s->bytes_closed;
		p->files++;
	} else {
		out->events += slot->block->count;
		out->bytes += slot->block->bytes;
		out->broken += slot->broken;
		s->files[slot->file_number].events += slot->block->count;
		p->bytes = s->bytes_closed + slot->file_done;
	}
	p->events = out->events;
	p->findings = out->findings;
	(void)pthread_mutex_lock(&s->lock);
	slot->state = SLOT_FREE;
	s->collected++;
	(void)pthread_cond_broadcast(&s->moved);
	(void)pthread_mutex_unlock(&s->lock);
	if (s->handler->block)
		s->handler->block(s->handler->who, p);
}

/* --- the whole --- */

static void make_slots(struct scan *s)
{
	s->slot_count = s->plan->threads * 2 + 2;
	s->slots = NEW(s->arena, struct slot, s->slot_count);
	for (ptrdiff_t i = 0; i < s->slot_count; i++) {
		s->slots[i].block = log_block_new();
		arena_init(&s->slots[i].arena, BLOCK_SOFT, BLOCK_HARD);
	}
	s->files = NEW(s->arena, struct scan_file, s->plan->file_count);
	for (ptrdiff_t i = 0; i < s->plan->file_count; i++)
		s->files[i].path = s->plan->files[i].path;
}

static void done_slots(struct scan *s)
{
	for (ptrdiff_t i = 0; i < s->slot_count; i++) {
		log_block_free(s->slots[i].block);
		arena_done(&s->slots[i].arena);
	}
}

static void start_matcher(struct worker *w, const struct scan_plan *plan)
{
	w->matcher = matcher_new(plan->unit);
	matcher_choose(w->matcher, plan->chosen);
	matcher_force(w->matcher, plan->forced);
}

static void add_stats(struct matcher_stats *sum, struct matcher_stats s)
{
	sum->events += s.events;
	sum->woken += s.woken;
	sum->matched += s.matched;
	sum->broken += s.broken;
	sum->undecided += s.undecided;
}

bool scan_run(const struct scan_plan *plan, const struct scan_handler *handler, struct arena *a,
	      struct scan_result *out, struct err *err)
{
	struct scan s = { .plan = plan, .handler = handler, .arena = a };
	struct scan_result result = { 0 };
	struct scan_progress progress = { .files_all = plan->file_count };
	struct worker *workers = NEW(a, struct worker, plan->threads);
	pthread_t reading;
	int started = 0;
	ptrdiff_t rules = unit_rule_count(plan->unit);
	uint64_t *seen = NEW(a, uint64_t, rules / 64 + 1);
	ASSERT(plan->threads > 0 && plan->threads <= THREADS_MAX);
	(void)pthread_mutex_init(&s.lock, NULL);
	(void)pthread_cond_init(&s.moved, NULL);
	arena_init(&s.trouble_arena, 64 << 20, 256 << 20);
	s.last_trouble = &s.troubles;
	make_slots(&s);
	for (; started < plan->threads; started++) {
		struct worker *w = &workers[started];
		w->scan = &s;
		w->number = started;
		start_matcher(w, plan);
		if (pthread_create(&w->thread, NULL, worker, w) != 0) {
			matcher_free(w->matcher);
			break;
		}
	}
	bool running = started > 0 && pthread_create(&reading, NULL, reader, &s) == 0;
	if (!running) {
		(void)pthread_mutex_lock(&s.lock);
		s.all_read = true;
		(void)pthread_cond_broadcast(&s.moved);
		(void)pthread_mutex_unlock(&s.lock);
	}
	for (struct slot *slot; (slot = wait_done(&s));) {
		pass_troubles(&s);
		collect(&s, slot, &result, &progress);
	}
	for (int i = 0; i < started; i++) {
		(void)pthread_join(workers[i].thread, NULL);
		add_stats(&result.stats, matcher_stats(workers[i].matcher));
		for (ptrdiff_t r = 0; r < rules; r++)
			seen[r / 64] |= (uint64_t)matcher_saw(workers[i].matcher, r) << (r % 64);
		matcher_free(workers[i].matcher);
	}
	if (running)
		(void)pthread_join(reading, NULL);
	pass_troubles(&s);
	result.files = s.files;
	result.seen = seen;
	result.troubles = s.trouble_count;
	done_slots(&s);
	arena_done(&s.trouble_arena);
	(void)pthread_cond_destroy(&s.moved);
	(void)pthread_mutex_destroy(&s.lock);
	*out = result;
	return running ||
	       err_set(err, ERR_SYSTEM, "no thread could be started: is the machine out of memory?");
}
