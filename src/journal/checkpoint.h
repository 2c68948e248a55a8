/* checkpoint.h - the journal's size and root as a signed note that other people's tools can check.
 *
 * Text: C2SP tlog-checkpoint ("origin\nsize\nbase64 root\n" and extension lines), signed as C2SP signed-note
 * with Ed25519: "— <name> <base64(key id || signature)>\n", key id = first 4 bytes of
 * SHA-256(name || 0x0A || 0x01 || public key).  Our extension lines: "epoch N" and "time RFC3339".
 *
 * I1. One checkpoint has one text: numbers and base64 are read in their one canonical form only.
 * I2. More extension lines and more signatures (of witnesses) may follow ours; they are not looked at.
 */
#pragma once
#include "base/instant.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "db/db.h"

enum { CHECKPOINT_NOTE_MAX = 64 << 10 };

struct checkpoint {
	str origin; /* the node's key name: checkpoint_name_ok */
	int64_t size, epoch;
	struct hash256 root;
	struct instant at;
};

bool checkpoint_name_ok(str name); /* printable ASCII without blanks and plus, 1 to 100 */
str checkpoint_sign(struct arena *a, const struct checkpoint *c, const struct sign_key *key);

/* ERR_INPUT if malformed, ERR_DENIED if no signature is this key's.  The origin borrows from the note. */
MUST_CHECK bool checkpoint_open(str note, struct sign_public key, struct checkpoint *out_c, struct err *err);
MUST_CHECK bool checkpoint_parse(str note, struct checkpoint *out_c,
				 struct err *err); /* without looking at signatures */

/* The key as others' tools take it: "<name>+<key id in hex>+<base64(0x01 || key)>". */
str checkpoint_key_format(struct arena *a, str name, struct sign_public key);
/* That, or a line as sign_public_format makes it; the name is then empty. */
MUST_CHECK bool checkpoint_key_parse(str text, str *out_name, struct sign_public *out_key, struct err *err);

/* Signs what the journal holds now and keeps the note; the same note again if nothing came since the last.
 * Its own transaction. */
MUST_CHECK bool checkpoint_make(struct db *db, struct arena *a, const struct sign_key *key, str origin,
				struct instant now, str *out_note, struct err *err);
/* The newest note that the store keeps; empty if it has none. */
MUST_CHECK bool checkpoint_latest(struct db *db, struct arena *a, str *out_note, struct err *err);
