/* backup.h - a copy of a store while it is in use, and a node that comes back from one.
 *
 * A restored node must not fork its signed history nor mail twice: it starts a new epoch with an entry
 * node.restored, and its outbound readers are held until an operator releases them (backup_release).
 * On PostgreSQL the copy is pg_dump's business; only the mark is ours.
 */
#pragma once
#include "crypto/random.h"
#include "db/db.h"

/* What a copy holds, read from the copy itself. */
struct backup_made {
	int64_t entries, epoch, bytes;
};
/* SQLite only; the text of ERR_INPUT for PostgreSQL says what to do instead. */
MUST_CHECK bool backup_make(const char *store, const char *to_path, db_progress *progress, void *ctx,
			    struct backup_made *out, struct err *err);

/* Copies the backup into a place where nothing is, then marks it. */
MUST_CHECK bool backup_restore(const char *backup, const char *store, struct rng *rng, struct instant now,
			       db_progress *progress, void *ctx, struct err *err);
/* Marks a store that was brought back by other means (pg_restore). */
MUST_CHECK bool backup_mark(const char *store, struct rng *rng, struct instant now, struct err *err);

/* Outbound readers ask before each effect. */
MUST_CHECK bool backup_outbound_held(struct db *db, bool *out_held, struct err *err);
/* Lets them go again, with an entry node.released by `actor`; ERR_CONFLICT if they were not held. */
MUST_CHECK bool backup_release(const char *store, struct uuid actor, struct rng *rng, struct instant now,
			       struct err *err);
