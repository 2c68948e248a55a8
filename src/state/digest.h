/* digest.h - one hash over all projections: equal states, equal digests, on either engine.
 *
 * SHA-256 over each projection table in the schema's order: its name, then its rows in bytewise key order,
 * each value as a type byte and, for texts and blobs, an 8-byte length, big-endian.  Search indexes, caches
 * and cursors are not projections.
 */
#pragma once
#include "crypto/hash.h"
#include "db/db.h"

MUST_CHECK bool state_digest(struct db *db, struct hash256 *out_digest, struct err *err);
MUST_CHECK bool state_clear(struct db *db, struct err *err); /* empties every projection, before a rebuild */
