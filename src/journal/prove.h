/* prove.h - that one entry is in the journal, for somebody who has a checkpoint and the node's public key.
 *
 * Text: C2SP tlog-proof.  The extra data is the entry's header; its RFC 6962 leaf hash is what the path
 * leads up from.  The payload is not in it: who has that and its salt checks payload_hash.
 *
 *   c2sp.org/tlog-proof@v1
 *   extra <base64 header>
 *   index <seq>
 *   <base64 hash>                  the path, one line each, from the leaf up
 *                                  (empty line)
 *   <checkpoint>
 */
#pragma once
#include "journal/checkpoint.h"
#include "journal/entry.h"

struct json;

enum { PROOF_PATH_MAX = 63 };

struct proof {
	str header;
	int64_t index;
	struct hash256 leaf;
	struct hash256 *path;
	int path_count;
	struct checkpoint checkpoint;
	str note;
};

/* Under the newest kept checkpoint that covers the entry.  ERR_MISSING if there is no such entry,
 * ERR_CONFLICT if no checkpoint covers it yet (checkpoint_make mends that). */
MUST_CHECK bool proof_make(struct db *db, struct arena *a, int64_t seq, struct proof *out_p, struct err *err);

str proof_format(struct arena *a, const struct proof *p);
MUST_CHECK bool proof_parse(struct arena *a, str text, struct proof *out_p, struct err *err);
struct json *proof_json(struct arena *a, const struct proof *p, bool holds);

/* ERR_DENIED: not signed by this key, or the path does not lead to the root. */
MUST_CHECK bool proof_check(const struct proof *p, struct sign_public key, struct err *err);
bool proof_holds(const struct proof *p); /* the path alone */
