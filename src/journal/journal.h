/* journal.h - appending to and reading the node's journal.
 *
 * Appending happens only inside commit/'s transaction, by the one writer, through a struct journal that holds
 * the head.  Reading needs only a connection.
 *
 * I1. seq is gapless from 0.  I2. Every entry's prev is the hash of the one before.
 * I3. The head row, the Merkle frontier and the entries change in the same transaction.
 * I4. A key is used once: journal_once_lookup finds the first entry it made.
 */
#pragma once
#include "db/db.h"
#include "journal/entry.h"
#include "journal/merkle.h"

struct journal {
	struct db *db;
	int64_t epoch;
	struct merkle tree; /* tree.size is the next seq */
	struct hash256 prev;
};

/* Makes an empty journal (epoch 1) in a fresh store. */
MUST_CHECK bool journal_create(struct db *db, struct err *err);

/* Inside a write transaction: reads the head and, on PostgreSQL, locks it until the transaction ends. */
MUST_CHECK bool journal_lock(struct journal *j, struct db *db, struct err *err);
MUST_CHECK bool journal_load(struct journal *j, struct db *db, struct err *err); /* the same without a lock */

/* Fills epoch, seq, prev, payload_hash, header and hash of *e, and inserts it. */
MUST_CHECK bool journal_append(struct journal *j, struct arena *tmp, struct entry *e, struct err *err);
/* The same for an entry of another copy of this journal: header and payload (which may be purged) as they
 * are there.  Refuses one that does not follow; entry_payload_check is the caller's. */
MUST_CHECK bool journal_copy(struct journal *j, struct arena *tmp, const struct entry *e, struct err *err);
MUST_CHECK bool journal_store_head(struct journal *j, struct arena *tmp, struct err *err);
MUST_CHECK bool journal_new_epoch(struct journal *j, struct arena *tmp,
				  struct err *err); /* after a restore */

enum once {
	ONCE_NEW,
	ONCE_SAME,
	ONCE_OTHER
}; /* never asked; asked and answered; same key, another request */
MUST_CHECK bool journal_once_lookup(struct db *db, struct arena *tmp, struct hash256 key,
				    struct hash256 request, enum once *out_once, int64_t *out_seq,
				    struct err *err);
MUST_CHECK bool journal_once_store(struct db *db, struct hash256 key, struct hash256 request, int64_t seq,
				   struct err *err);

/* Entries [from, from+count), fewer at the end. */
MUST_CHECK bool journal_read(struct db *db, struct arena *a, int64_t from, int64_t count,
			     struct entry **out_entries, ptrdiff_t *out_count, struct err *err);
MUST_CHECK bool journal_find(struct db *db, struct arena *a, int64_t seq, struct entry *out_e,
			     struct err *err);

struct journal_merkle {
	struct merkle_source source;
	struct db *db;
	struct arena *tmp;
};
void journal_merkle_source(struct journal_merkle *s, struct db *db, struct arena *tmp);

MUST_CHECK bool journal_blob_store(struct db *db, str bytes, struct hash256 *out_hash, struct err *err);
MUST_CHECK bool journal_blob_load(struct db *db, struct arena *a, struct hash256 hash, str *out_bytes,
				  struct err *err);

/* What stands beside the entries and is no projection: keys that were used, blobs, checkpoints.  For a
 * rebuild, in its transaction. */
MUST_CHECK bool journal_copy_rest(struct db *from, struct db *to, struct err *err);
