/* search.h - the index over words: numbers, observables, senders, and what people wrote.
 *
 *   journal -> search_gather (anywhere, reads) -> batch -> search_store (inside the writer's transaction)
 *
 * A reader of the journal with its own cursor (readers/indexer.h) fills it, a moment after the entries; a
 * rebuild fills it at its end (commit_index_words).  It is outside the digest.
 *
 * I1. A word stands in the index as a hash of team and word.  So a look-up meets only what its own team has:
 *     how much others have changes neither an answer nor the time it takes.
 * I2. A thing has one document for each team that may find it, of its newest words.
 * I3. A batch that does not begin at the cursor stores nothing: two indexers cannot do the same work twice.
 * I4. What was purged is not found again: search_forget is part of the purge, and search_store leaves out
 *     entries whose payload is gone.  Segments of the index keep bare hashes until the engine merges them.
 */
#pragma once
#include "db/db.h"
#include "journal/entry.h"

struct json;

enum search_kind { SEARCH_ANY, SEARCH_REPORT, SEARCH_INCIDENT, SEARCH_MESSAGE };
enum { SEARCH_WORDS_MAX = 400 }; /* of one document */

struct search_document {
	str team;
	struct uuid thing, subject;
	enum search_kind kind;
	bool own;
	int64_t seq;    /* of the words; -1: only forget what is there */
	str words; /* hashes, a space between them */
};

struct search_batch {
	int64_t from, to; /* seq it begins at, where the cursor stands after it; equal: nothing to do */
	struct search_document *documents;
	ptrdiff_t count;
};

MUST_CHECK bool search_cursor(struct db *db, struct arena *tmp, int64_t *out_seq, struct err *err);
/* The stretch of the journal from there, at most `most` entries that matter; fewer when they fill half of *a,
 * so that long texts come in more batches and never in too large a one. */
MUST_CHECK bool search_gather(struct db *db, struct arena *a, int64_t from, int64_t most,
			      struct search_batch *out_batch, struct err *err);
MUST_CHECK bool search_store(struct db *db, struct arena *tmp, const struct search_batch *batch,
			     struct err *err);
/* Takes out every document of these words, before they are purged; inside the purge's transaction. */
MUST_CHECK bool search_forget(struct db *db, struct arena *tmp, struct uuid thing, struct err *err);

/* What :words of query/'s look-ups takes: all of these values, and this kind. */
str search_terms(struct arena *a, str team, enum search_kind kind, const str *values, ptrdiff_t count);
/* Words as they are indexed and looked for: letters and digits, A-Z as a-z, two bytes or more, at most `max`.
 */
ptrdiff_t search_words(struct arena *a, str text, str *out_words, ptrdiff_t max);
