/* checkpoint.h - the journal's size and root as a signed note that other people's tools can check.
 *
 * Text: C2SP tlog-checkpoint ("origin\nsize\nbase64 root\n" and extension lines), signed as C2SP signed-note
 * with Ed25519: "— <name> <base64(key id || signature)>\n", key id = first 4 bytes of
 * SHA-256(name || 0x0A || 0x01 || public key).  Our extension lines: "epoch N" and "time RFC3339".
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/instant.h"
#include "crypto/hash.h"
#include "crypto/sign.h"

struct checkpoint {
	str            origin;          /* the node's key name, no blanks, no plus */
	int64_t        size, epoch;
	struct hash256 root;
	struct instant at;
};

str             checkpoint_sign(struct arena *a, const struct checkpoint *c, const struct sign_key *key);
/* ERR_INPUT if malformed, ERR_DENIED if the signature is not this key's. */
MUST_CHECK bool checkpoint_open(str note, const struct sign_public *key, struct checkpoint *out_c, struct err *err);
MUST_CHECK bool checkpoint_parse(str note, struct checkpoint *out_c, struct err *err);  /* without looking at signatures */

/* The key as others' tools take it: "<name>+<key id in hex>+<base64(0x01 || key)>". */
str             checkpoint_key_format(struct arena *a, str name, const struct sign_public *key);
MUST_CHECK bool checkpoint_key_parse(struct arena *a, str text, str *out_name, struct sign_public *out_key, struct err *err);
