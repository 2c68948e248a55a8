/* adopt.h - the laws of a node: adopting a newer regime file, listing them, having them all at start.
 *
 * A1. What was adopted is the file's bytes, kept in the journal as a blob; a file that somebody changes later
 *     changes nothing.
 * A2. A version means one thing for good: the same id and version with other bytes are refused.
 * A3. A running node goes on with the law it started with.  What is adopted meanwhile is that of new cases
 *     from its next start; a case keeps the one it was opened under.
 * A4. A team that has accounts, organisations, reports or cases cannot leave the law.
 */
#pragma once
#include "cases/world.h"
#include "http/reply.h"

/* The entry regime.adopted and the blob. */
MUST_CHECK bool adopt_record(struct decision *d, const struct regime *r, str text, struct err *err);
/* All that the store's node adopted: w->book, and the newest as w->regime and w->regime_id. */
MUST_CHECK bool adopt_load(struct arena *a, struct db *db, struct world *w, struct err *err);

enum { ADOPT_FILE_MOST = 1 << 20 };
struct reply *adopt_list(struct request *rq); /* GET /api/regimes */
struct reply *adopt_post(struct request *rq); /* POST, the file as it is; ?dry_run=true */
