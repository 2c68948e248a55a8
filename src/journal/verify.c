#include "journal/verify.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "format/json.h"
#include "journal/entry.h"

/* A page is read while the page before it is hashed on another thread: the two cost about the same. */

struct stored_list {
	struct merkle_stored *at;
	ptrdiff_t count;
};
struct seq_list {
	int64_t *at;
	ptrdiff_t count, cap;
};

/* What is carried from page to page; belongs to the thread that checks. */
struct chain {
	const struct verify_source *source;
	struct verify_report *report;
	struct verify_root *roots; /* by size */
	ptrdiff_t root_count, root_next;
	struct arena lists;
	struct seq_list gone, purges; /* entries without payload; entries that a purge.done names */
	struct merkle tree;
	struct hash256 prev;
	int64_t epoch;
};

struct page_job {
	struct arena arena;
	struct verify_page page;
	struct chain *chain;
	struct stored_list stored;
	pthread_t thread;
	bool running;
};

void verify_blame(struct verify_report *r, int64_t seq, str kind, const char *fmt, ...)
{
	va_list args;
	if (r->broken_what[0]) /* the first one counts */
		return;
	r->broken_seq = seq;
	kind = entry_word_ok(kind) ? kind : S("");
	(void)snprintf(r->broken_kind, sizeof(r->broken_kind), STR_FMT, STR_ARG(kind));
	va_start(args, fmt);
	(void)vsnprintf(r->broken_what, sizeof(r->broken_what), fmt, args);
	va_end(args);
}

static bool columns_fit(const struct verify_row *row, const struct entry *e, const char **out_what)
{
	const char *what = NULL;
	if (!row->columns)
		what = NULL;
	else if (row->seq != e->seq)
		what = "stands under another number than its header has";
	else if (!str_eq(row->kind, e->kind))
		what = "stands under another kind than its header has";
	else if (!uuid_eq(row->subject, e->subject))
		what = "stands under another subject than its header has";
	else if (!str_eq(row->hash, hash256_bytes(&e->hash)))
		what = "does not have its hash: the header or the hash was altered";
	*out_what = what;
	return what == NULL;
}

static bool blame(struct chain *c, const struct entry *e, const char *what)
{
	verify_blame(c->report, e->seq, e->kind, "%s", what);
	return false;
}

static void seq_add(struct chain *c, struct seq_list *list, int64_t seq)
{
	if (list->count == list->cap) {
		ptrdiff_t cap = list->cap ? list->cap * 2 : 64;
		int64_t *at = NEW(&c->lists, int64_t, cap);
		if (list->count)
			memcpy(at, list->at, sizeof(*at) * (size_t)list->count);
		list->at = at;
		list->cap = cap;
	}
	list->at[list->count++] = seq;
}

static void note_purge(struct chain *c, const struct entry *e)
{
	struct arena tmp;
	struct json *j;
	struct err ignored;
	arena_init(&tmp, 1 << 20, 1 << 24);
	if (json_parse(&tmp, e->payload, (struct json_limits){ 0 }, &j, &ignored))
		seq_add(c, &c->purges, json_get_int(j, "entry"));
	arena_done(&tmp);
}

static bool payload_fits(struct chain *c, const struct verify_row *row, struct entry *e)
{
	if (!c->source->payloads)
		return true;
	e->salt = row->salt;
	e->payload = row->payload;
	if (row->payload.ptr == NULL && row->salt.ptr == NULL) {
		c->report->purged++;
		seq_add(c, &c->gone, e->seq);
		return true;
	}
	if (row->payload.ptr == NULL || row->salt.len != 32)
		return blame(c, e, "has half a payload: salt or text is missing");
	struct hash256 h = entry_payload_hash(row->salt, row->payload);
	if (!hash256_eq(h, e->payload_hash))
		return blame(c, e, "has a payload that is not what its header says: it was altered");
	if (str_eq(e->kind, S("purge.done")))
		note_purge(c, e);
	return true;
}

static int seq_order(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/* A payload that went without a purge was taken away. */
static void check_purges(struct chain *c)
{
	if (c->purges.count)
		qsort(c->purges.at, (size_t)c->purges.count, sizeof(int64_t), seq_order);
	for (ptrdiff_t i = 0; i < c->gone.count; i++)
		if (c->purges.count == 0 || bsearch(&c->gone.at[i], c->purges.at, (size_t)c->purges.count,
						    sizeof(int64_t), seq_order) == NULL) {
			verify_blame(c->report, c->gone.at[i], (str){ 0 },
				     "has no payload, and no purge of it is in the journal: it "
				     "was taken away");
			return;
		}
}

static int root_order(const void *a, const void *b)
{
	const struct verify_root *x = a, *y = b;
	return (x->size > y->size) - (x->size < y->size);
}

static bool roots_fit(struct chain *c, const struct entry *e)
{
	while (c->root_next < c->root_count && c->roots[c->root_next].size < c->tree.size)
		c->root_next++;
	for (ptrdiff_t i = c->root_next; i < c->root_count && c->roots[i].size == c->tree.size; i++) {
		struct verify_root *r = &c->roots[i];
		struct hash256 root = merkle_root(&c->tree);
		if (r->record)
			r->root = root;
		if (!hash256_eq(root, r->root))
			return blame(c, e,
				     "is the last that a signed checkpoint covers, and the entries up to it "
				     "are not those "
				     "that were signed");
		r->met = true;
	}
	return true;
}

static bool follows(struct chain *c, const struct verify_row *row, struct page_job *job)
{
	struct entry e;
	struct err err = { 0 };
	const char *what;
	struct merkle_stored stored[8];
	int count = 0;
	if (!entry_parse(row->header, &e, &err)) {
		verify_blame(c->report, c->tree.size, row->kind, "%s", err.text);
		return false;
	}
	if (e.seq != c->tree.size) {
		verify_blame(c->report, c->tree.size, (str){ 0 },
			     "is missing: entry %lld stands in its place", (long long)e.seq);
		return false;
	}
	if (!columns_fit(row, &e, &what))
		return blame(c, &e, what);
	if (!hash256_eq(e.prev, c->prev))
		return blame(c, &e, "does not follow the entry before it: one of the two was altered");
	if (e.epoch < c->epoch || e.epoch < 1 || e.cause >= e.seq)
		return blame(c, &e, "has an epoch or a cause that cannot be");
	if (!payload_fits(c, row, &e))
		return false;
	merkle_append(&c->tree, e.hash, stored, &count);
	for (int i = 0; i < count; i++)
		job->stored.at[job->stored.count++] = stored[i];
	c->prev = e.hash;
	c->epoch = e.epoch;
	return roots_fit(c, &e);
}

static void *check_page(void *arg)
{
	struct page_job *job = arg;
	for (ptrdiff_t i = 0; i < job->page.count; i++)
		if (!follows(job->chain, &job->page.rows[i], job))
			break;
	return NULL;
}

static void start(struct page_job *job)
{
	/* Every 256th leaf completes at most 8 subtrees that are worth keeping. */
	job->stored =
		(struct stored_list){ NEW(&job->arena, struct merkle_stored, 8 * (job->page.count / 256 + 2)),
				      0 };
	job->running = pthread_create(&job->thread, NULL, check_page, job) == 0;
	if (!job->running)
		(void)check_page(job);
}

static void finish(struct page_job *job)
{
	if (job->running)
		(void)pthread_join(job->thread, NULL);
	job->running = false;
}

/* Waits for the page and compares what hangs on the tree. */
static bool settle(struct verify_source *s, struct page_job *job, struct err *err)
{
	finish(job);
	ptrdiff_t n = job->stored.count;
	job->stored.count = 0;
	return n == 0 || s->nodes == NULL || s->nodes(s, job->stored.at, n, err);
}

static bool run_pages(struct verify_source *s, const struct verify_options *o, struct page_job jobs[static 2],
		      struct verify_report *r, struct err *err)
{
	struct chain *chain = jobs[0].chain;
	bool ok = true;
	for (int turn = 0; ok; turn = 1 - turn) {
		struct page_job *now = &jobs[turn], *before = &jobs[1 - turn];
		struct err fault = { 0 };
		arena_reset(&now->arena);
		now->page = (struct verify_page){ 0 };
		bool read = s->next(s, &now->arena, &now->page, &fault);
		ok = settle(s, before, err);
		if (!ok || r->broken_what[0])
			break;
		if (!read) {
			bool passing = fault.code == ERR_RETRY || fault.code == ERR_UNSURE;
			if (passing)
				*err = fault;
			else
				verify_blame(r, chain->tree.size, (str){ 0 }, "cannot be read: %s",
					     fault.text);
			ok = !passing;
			break;
		}
		if (o->step)
			o->step(o->ctx, chain->tree.size, s->total);
		if (now->page.count == 0)
			break;
		start(now);
	}
	for (int i = 0; i < 2; i++)
		finish(&jobs[i]);
	return ok;
}

bool verify_pages(struct verify_source *s, const struct verify_options *o, struct verify_root *roots,
		  ptrdiff_t root_count, struct verify_report *r, struct merkle *out_tree,
		  struct hash256 *out_prev, struct err *err)
{
	struct chain chain = { .source = s, .report = r, .roots = roots, .root_count = root_count };
	struct page_job jobs[2] = { { .chain = &chain }, { .chain = &chain } };
	if (root_count)
		qsort(roots, (size_t)root_count, sizeof(*roots), root_order);
	arena_init(&chain.lists, 256 << 20, 1 << 30);
	for (int i = 0; i < 2; i++)
		arena_init(&jobs[i].arena, 512 << 20, (ptrdiff_t)2 << 30);
	bool ok = run_pages(s, o, jobs, r, err);
	if (ok && !r->broken_what[0])
		check_purges(&chain);
	for (int i = 0; i < 2; i++)
		arena_done(&jobs[i].arena);
	arena_done(&chain.lists);
	if (!ok)
		return false;
	r->payloads = s->payloads;
	r->entries = chain.tree.size;
	r->root = merkle_root(&chain.tree);
	r->epoch = chain.epoch;
	*out_tree = chain.tree;
	*out_prev = chain.prev;
	return true;
}

void verify_finish(struct verify_report *r)
{
	char at[40] = "";
	int64_t after = r->entries - r->outside.size;
	r->ok = r->broken_what[0] == '\0';
	if (r->outside.size >= 0) {
		struct arena tmp;
		arena_init(&tmp, 1 << 12, 1 << 16);
		(void)snprintf(at, sizeof(at), STR_FMT, STR_ARG(instant_format_seconds(&tmp, r->outside.at)));
		arena_done(&tmp);
	}
	if (!r->ok && r->broken_seq >= 0)
		(void)snprintf(r->statement, sizeof(r->statement), "broken: entry %lld%s%s%s %.160s",
			       (long long)r->broken_seq, r->broken_kind[0] ? " (" : "", r->broken_kind,
			       r->broken_kind[0] ? ")" : "", r->broken_what);
	else if (!r->ok)
		(void)snprintf(r->statement, sizeof(r->statement), "broken: %.250s", r->broken_what);
	else if (r->outside.size < 0)
		(void)snprintf(r->statement, sizeof(r->statement),
			       "internally consistent; rewriting or truncation not excluded: "
			       "compare with a checkpoint kept elsewhere");
	else if (after == 0)
		(void)snprintf(r->statement, sizeof(r->statement),
			       "all %lld entries are those of the signed checkpoint of %s",
			       (long long)r->entries, at);
	else
		(void)snprintf(r->statement, sizeof(r->statement),
			       "the first %lld entries are those of the signed checkpoint of "
			       "%s; the %lld after it are internally consistent",
			       (long long)r->outside.size, at, (long long)after);
}
