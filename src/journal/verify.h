/* verify.h - is this journal what was written?
 *
 * Found, and named by the first entry that shows it: a header that is not canonical or does not have its
 * hash, a
 * gap, a broken chain, a payload that is not what its header says (one that a purge.done names may be gone:
 * it is
 * counted), columns that contradict the header, a Merkle tree, a kept checkpoint or a blob that does not fit.
 *
 * Not covered: what is derived from the journal and can be made again (projections and search: `journal
 * rebuild`
 * and its digest), cursors, and the answers kept for repeated requests (journal_once).
 *
 * Without a checkpoint from outside nobody can tell a journal that was rewritten or cut as a whole, by
 * somebody with
 * the store in hand, from an honest one; statement says so.
 */
#pragma once
#include "db/db.h"
#include "journal/checkpoint.h"
#include "journal/merkle.h"

struct verify_options {
	bool has_key; /* signatures of kept checkpoints are then checked too */
	struct sign_public key;
	str checkpoint; /* a signed note kept outside; empty: none.  Needs the key */
	bool skip_blobs;
	/* May be NULL; total -1: unknown.  False: stop, with ERR_RETRY. */
	bool (*step)(void *ctx, int64_t done, int64_t total);
	void *ctx;
};

struct verify_report {
	bool ok;
	int64_t entries, purged, blobs, checkpoints;
	bool payloads;       /* false: an export without them */
	struct hash256 root; /* of the entries seen */
	int64_t epoch;
	struct checkpoint outside; /* the one that was given, if size >= 0; origin borrows from the note */
	int64_t broken_seq;        /* -1: no single entry to blame */
	char broken_kind[84];      /* empty if it cannot be told */
	char broken_what[400];
	char statement[300]; /* a sentence for people */
};

/* False only when nothing can be said (the file cannot be read, the key is no key); what is broken is a
 * report.
 * Takes its own read transaction. */
MUST_CHECK bool verify_store(struct db *db, const struct verify_options *o, struct verify_report *out_r,
			     struct err *err);

/* Pages of entries, in order, from wherever: the store or an export. */
struct verify_row {
	bool columns; /* seq, kind, subject and hash are kept beside the header */
	int64_t seq;
	str kind;
	struct uuid subject;
	str header, hash;
	str salt, payload;
};
struct verify_page {
	struct verify_row *rows;
	ptrdiff_t count;
}; /* count 0: the end */
struct verify_source {
	/* ERR_INPUT and ERR_SYSTEM are the next entry's fault. */
	bool (*next)(struct verify_source *s, struct arena *a, struct verify_page *out, struct err *err);
	/* Compares hashes that the tree gave to keep with those that are kept, at the end.  May be NULL. */
	bool (*nodes)(struct verify_source *s, const struct merkle_stored *stored, ptrdiff_t count,
		      struct err *err);
	int64_t total; /* -1: unknown */
	bool payloads; /* entries come with them, unless purged */
};

/* A root that must be the tree's at this size; or, with `record`, that is wanted. */
struct verify_root {
	int64_t size;
	struct hash256 root;
	bool met, record;
};
/* Sorts the roots by size. */
MUST_CHECK bool verify_pages(struct verify_source *s, const struct verify_options *o,
			     struct verify_root *roots, ptrdiff_t root_count, struct verify_report *r,
			     struct merkle *out_tree, struct hash256 *out_prev, struct err *err);
MUST_CHECK bool verify_step(const struct verify_options *o, int64_t done, int64_t total, struct err *err);
void verify_blame(struct verify_report *r, int64_t seq, str kind, const char *fmt, ...) PRINTF(4, 5);
void verify_finish(struct verify_report *r); /* ok and statement */
