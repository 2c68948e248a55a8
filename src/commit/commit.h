/* commit.h - the only way to write: decide, append, apply, in one transaction, on one thread.
 *
 *   submit -> [ queue ] -> writer: begin, lock head
 *                                  for each of up to 64 commands:  decide -> drafts -> append + apply
 *                                  store head, commit (durable) -> done(command) for each
 *
 * A decide function reads the store inside the transaction, so it sees what the commands before it did, and
 * adds drafts; it writes nothing.  A command that decides false has therefore changed nothing, and needs no
 * savepoint of its own (docs/adr/0002).  Should a write fail, the whole batch is rolled back and its
 * commands are run again
 * one by one, so that only the one to blame fails.
 *
 * I1. done is called after the commit is durable, or with an error; exactly once; on the writer's thread.
 * I2. The same key and request again: ok, replayed, with the receipt of the first time; nothing is written.
 *     The same key with another request: ERR_CONFLICT.
 * I3. A commit whose answer was lost is settled by looking whether the journal holds its last entry.
 * I4. A failed commit acknowledges nothing.  When its fate cannot be known (ERR_UNSURE), keyed commands are
 *     run
 *     again, which their key makes safe; the others fail, so that nothing is done twice.
 * I5. When the disk fails (ERR_DISK) nothing is acknowledged any more, ever: every command, also of later
 *     callers, fails with that error, and `failed` is called once, so that the process ends.  A full disk
 *     (ERR_FULL) is a refusal: the next command is tried as if nothing had been (docs/adr/0006).
 */
#pragma once
#include "crypto/random.h"
#include "db/db.h"
#include "journal/journal.h"
#include "os/clock.h"

struct json;
struct regime;

/* What a decide function adds: one entry, or two when there are words (the second is "<kind's
 * noun>.content"). */
struct draft {
	const char *kind;
	struct uuid subject;
	str owner; /* team; empty: the node */
	enum audience_scope audience;
	int tlp;              /* enum tlp; 0: none */
	struct json *payload; /* structural; NULL: {} */
	struct json *content; /* words and persons; NULL: none */
	str words;            /* or the same in canonical form, made before the writer's turn */
};

struct receipt {
	int64_t seq;         /* of the first entry; auditors only */
	struct hash256 hash; /* of the first entry: safe to hand out */
	struct instant at;
	struct uuid subject;
};

struct decision {
	struct db *db;       /* inside the transaction: reads only */
	struct arena *arena; /* until the batch ends */
	struct instant now;
	struct rng *rng;
	struct uuid actor;
	struct draft_list *drafts;
	int64_t        ids;             /* made so far: they sort in the order they were made */
};

void decision_add(struct decision *d, struct draft draft);
struct uuid decision_new_id(struct decision *d);

struct command {
	const char *name; /* for logs and errors: "report.receive" */
	struct uuid actor;
	str regime;   /* version that entries are written under; may be empty */
	bool besides; /* decide writes tables that are no projections (access/): commit them even
	                                 * when no entry was added */
	bool touch;   /* writes and flushes even when nothing was added: proof that the store takes writes */
	bool keyed;
	struct hash256 key, request; /* commit_key() */
	bool (*decide)(struct decision *d, void *arg, struct err *err);
	void *arg; /* decide may leave results in it: plain values, or made in the caller's arena */

	/* Filled before done. */
	bool ok, replayed;
	struct err err;
	struct receipt receipt;

	void (*done)(struct command *c, void *ctx); /* must not block */
	void *done_ctx;
	struct command *next; /* the queue's */
	int64_t waits_since;  /* the queue's: boot clock */
};

/* key = hash of who and the key they gave; request = keyed hash of what was asked. */
void commit_key(struct command *c, str secret, str idempotency_key, str request);

struct writer;
struct writer_options {
	const char *store; /* for db_open */
	struct clock *clock;
	struct rng *rng;
	int batch_max;                              /* 0: 64 */
	void (*committed)(void *ctx, int64_t size); /* after each commit that wrote, on the writer's thread */
	void (*failed)(void *ctx, const struct err *why); /* I5; on the writer's thread */
	void *ctx;
};

MUST_CHECK bool writer_open(struct writer_options options, struct writer **out_w, struct err *err);
void writer_close(struct writer *w);                     /* finishes what is queued */
void writer_submit(struct writer *w, struct command *c); /* *c lives until done */
bool writer_run(struct writer *w, struct command *c);    /* submits and waits; returns c->ok */

/* How it goes, asked from any thread.  Times in microseconds; -1: there was none. */
struct writer_health {
	int64_t waiting;         /* commands that are not done */
	int64_t oldest_us;       /* how long the first of them has waited; 0: none */
	int64_t committed_us;    /* since the last commit that wrote */
	int64_t tried_us;        /* since the last try to commit */
	struct err last;         /* of the last try; code ERR_NONE: it worked */
};
void writer_health(struct writer *w, struct writer_health *out);

/* Makes schema and an empty journal in a fresh store; ERR_CONFLICT if it has one. */
MUST_CHECK bool commit_create_store(const char *store, struct err *err);

/* Copies the journal of `from` into `to` (fresh) and rebuilds its projections.  `to` has all of it or is as
 * fresh as before: stopped, failed or killed, it may be tried again.  step may be NULL; when it returns
 * false, the rebuild stops. */
struct rebuild_digests {
	int64_t entries;
	struct hash256 live, rebuilt; /* of the projections of `from` and `to`, at the same entry */
	bool compared;                /* false: those of `from` cannot be read; err says why */
	struct err err;
};
struct rebuild_progress {
	bool (*step)(void *ctx, const char *doing, int64_t done, int64_t total);
	void *ctx;
	bool skip_search;                /* for measuring */
	struct rebuild_digests *digests; /* NULL: not wanted */
};
/* Brings the search index of a store up to its journal; nobody else writes to the store meanwhile. */
MUST_CHECK bool commit_index_words(const char *store, struct rebuild_progress progress, struct err *err);
MUST_CHECK bool commit_rebuild(const char *from, const char *to, struct rebuild_progress progress,
			       struct err *err);
