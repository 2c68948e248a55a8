/* apply.h - what an entry does to the projections.
 *
 * Data flow: entry -> its kind's row in the generated table -> statements bound from payload and header.
 *
 * I1. Apply reads the entry and the projections, nothing else: no clock, no randomness, no regime.
 * I2. A kind that ends in ".content" writes one content row and nothing else; no structural kind reads it.
 * I3. An unknown kind or version is an error when it is written, and when it is read: a node does not guess.
 * I4. Applying the journal from the start to empty tables gives the same digest, on either engine.
 */
#pragma once
#include "db/db.h"
#include "journal/entry.h"

struct json;

bool apply_known(str kind, int version);
bool apply_is_content(str kind);
/* `payload` is the parsed payload of *e. */
MUST_CHECK bool apply_entry(struct db *db, struct arena *tmp, const struct entry *e,
			    const struct json *payload, struct err *err);
