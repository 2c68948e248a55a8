/* indexer.h - keeps the search index up with the journal, a moment behind it.
 *
 * It reads and prepares on its own thread and connection; only the storing runs in the writer, in batches.
 * Between two batches it leaves the writer as much time as it took: a flood of reports is received first,
 * and found a little later.  What it cannot read stops it there: it says so, and tries again each minute.
 */
#pragma once
#include "commit/commit.h"

struct indexer;

MUST_CHECK bool indexer_open(const char *store, struct writer *writer, struct indexer **out, struct err *err);
void indexer_wake(struct indexer *x); /* the journal grew; any thread */
void indexer_close(struct indexer *x); /* NULL is fine; before the writer */
