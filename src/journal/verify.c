#include "journal/verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "format/json.h"
#include "journal/entry.h"
#include "os/relay.h"

/* Pages are read here while those before them are checked on another thread: the two cost about the same. */

enum { SLOTS = 8, NODES_AT_ONCE = 256 };

struct stored_list {
	struct merkle_stored *at;
	ptrdiff_t count, cap;
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
	struct stored_list stored; /* what the tree gave to keep: one hash for 256 entries */
	struct merkle tree;
	struct hash256 prev;
	int64_t epoch;
};

struct slot {
	struct arena arena;
	struct verify_page page;
};

struct walk {
	struct relay relay;
	struct slot slots[SLOTS];
	struct chain *chain;
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

static void *grown(struct arena *a, const void *at, ptrdiff_t size, ptrdiff_t count, ptrdiff_t *cap)
{
	*cap = MAX(64, 2 * count);
	char *more = arena_alloc(a, size, _Alignof(max_align_t), *cap);
	if (count)
		memcpy(more, at, (size_t)(size * count));
	return more;
}

static void seq_add(struct chain *c, struct seq_list *list, int64_t seq)
{
	if (list->count == list->cap)
		list->at = grown(&c->lists, list->at, sizeof(seq), list->count, &list->cap);
	list->at[list->count++] = seq;
}

static void stored_add(struct chain *c, struct merkle_stored stored)
{
	struct stored_list *list = &c->stored;
	if (list->count == list->cap)
		list->at = grown(&c->lists, list->at, sizeof(stored), list->count, &list->cap);
	list->at[list->count++] = stored;
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

static bool follows(struct chain *c, const struct verify_row *row)
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
		stored_add(c, stored[i]);
	c->prev = e.hash;
	c->epoch = e.epoch;
	return roots_fit(c, &e);
}

static bool check_page(struct chain *c, const struct verify_page *page)
{
	for (ptrdiff_t i = 0; i < page->count; i++)
		if (!follows(c, &page->rows[i]))
			return false;
	return true;
}

static void *check_pages(void *arg)
{
	struct walk *w = arg;
	int slot;
	while (relay_full(&w->relay, &slot) && check_page(w->chain, &w->slots[slot].page))
		relay_take(&w->relay);
	relay_stop(&w->relay);
	return NULL;
}

bool verify_step(const struct verify_options *o, int64_t done, int64_t total, struct err *err)
{
	return o->step == NULL || o->step(o->ctx, done, total) ||
	       err_set(err, ERR_RETRY, "stopped before the end: this says nothing about the journal");
}

/* Until the end, a fault, or the first entry that is broken. */
static bool read_pages(struct verify_source *s, const struct verify_options *o, struct walk *w,
		       struct err *err)
{
	int64_t read = 0;
	int slot;
	while (relay_free(&w->relay, &slot)) {
		struct slot *now = &w->slots[slot];
		arena_reset(&now->arena);
		now->page = (struct verify_page){ 0 };
		if (!s->next(s, &now->arena, &now->page, err))
			return false;
		if (now->page.count == 0)
			break;
		read += now->page.count;
		relay_put(&w->relay);
		if (!verify_step(o, read, s->total, err))
			return false;
	}
	return true;
}

static bool check_nodes(struct verify_source *s, const struct stored_list *list, struct err *err)
{
	for (ptrdiff_t i = 0; s->nodes && i < list->count; i += NODES_AT_ONCE)
		if (!s->nodes(s, list->at + i, MIN(NODES_AT_ONCE, list->count - i), err))
			return false;
	return true;
}

static bool run_pages(struct verify_source *s, const struct verify_options *o, struct walk *w,
		      struct err *err)
{
	pthread_t checker;
	struct verify_report *r = w->chain->report;
	struct err fault = { 0 };
	if (pthread_create(&checker, NULL, check_pages, w) != 0)
		return err_set(err, ERR_SYSTEM, "cannot start a thread: the system has no room for it");
	bool read = read_pages(s, o, w, &fault);
	relay_end(&w->relay);
	(void)pthread_join(checker, NULL);
	if (r->broken_what[0])
		return true;
	if (!read && (fault.code == ERR_RETRY || fault.code == ERR_UNSURE)) {
		*err = fault;
		return false;
	}
	if (!read)
		verify_blame(r, w->chain->tree.size, (str){ 0 }, "cannot be read: %s", fault.text);
	return !read || check_nodes(s, &w->chain->stored, err);
}

bool verify_pages(struct verify_source *s, const struct verify_options *o, struct verify_root *roots,
		  ptrdiff_t root_count, struct verify_report *r, struct merkle *out_tree,
		  struct hash256 *out_prev, struct err *err)
{
	struct chain chain = { .source = s, .report = r, .roots = roots, .root_count = root_count };
	struct walk walk = { .chain = &chain };
	if (root_count)
		qsort(roots, (size_t)root_count, sizeof(*roots), root_order);
	arena_init(&chain.lists, 256 << 20, 1 << 30);
	relay_init(&walk.relay, SLOTS);
	for (int i = 0; i < SLOTS; i++)
		arena_init(&walk.slots[i].arena, 512 << 20, (ptrdiff_t)2 << 30);
	bool ok = run_pages(s, o, &walk, err);
	if (ok && !r->broken_what[0])
		check_purges(&chain);
	for (int i = 0; i < SLOTS; i++)
		arena_done(&walk.slots[i].arena);
	relay_done(&walk.relay);
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
