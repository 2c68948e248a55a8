/* seal.h - small secrets that must lie in a store: XChaCha20-Poly1305, by libsodium (RFC 8439, the long nonce
 * as in draft-irtf-cfrg-xchacha).
 *
 * A stolen store, or a backup of one, gives nothing without the key, which is derived from the node's secret
 * file and never stored.  What a seal is for (the account's id) is bound to it as associated data, so that
 * one cannot be put in another's place.
 *
 * Sealed: 0x01, 24 bytes of random nonce, the encrypted bytes, 16 bytes of tag.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "crypto/random.h"

enum { SEAL_KEY_BYTES = 32, SEAL_EXTRA_BYTES = 1 + 24 + 16 };

struct seal_key { uint8_t b[SEAL_KEY_BYTES]; };

struct seal_key seal_key_of(str secret, const char *purpose); /* HMAC-SHA256; wipe it after use */
str seal_close(struct arena *a, struct rng *rng, const struct seal_key *key, str plain, str about);
/* ERR_INPUT: another key, other associated data, or altered. */
MUST_CHECK bool seal_open(struct arena *a, const struct seal_key *key, str sealed, str about, str *out_plain,
			  struct err *err);
