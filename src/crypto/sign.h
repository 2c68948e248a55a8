/* sign.h - Ed25519 signatures (RFC 8032), by libsodium.
 *
 * Signing needs a struct sign_key, whose secret half lies in guarded memory (secret.h).  Verifying refuses
 * keys of small order and signatures that are not in their one canonical form, so nobody can make a second
 * signature out of a first.
 *
 * A key file is one line of text, as sign_key_write makes it:
 *     naubat-signing-key-1 <base64 of the 32-byte seed>
 * and a public key is told to others as
 *     naubat-public-key-1 <base64 of 32 bytes>
 * Reading either takes one line, with or without its end.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "crypto/random.h"
#include "crypto/secret.h"

struct sign_public { uint8_t b[32]; };
struct signature   { uint8_t b[64]; };
struct sign_key;

static inline bool sign_public_eq(struct sign_public a, struct sign_public b)
{
	return memcmp(a.b, b.b, 32) == 0;
}

struct sign_key   *sign_key_from_seed(const uint8_t seed[static 32]);   /* a copy; wipe yours */
struct sign_key   *sign_key_make(struct rng *r);
void               sign_key_free(struct sign_key *key);                 /* NULL is fine */
struct sign_public sign_key_public(const struct sign_key *key);

struct signature   sign_bytes(const struct sign_key *key, str message);
/* False unless the signature has 64 bytes. */
bool               sign_verify(struct sign_public key, str message, str signature);

MUST_CHECK bool    sign_key_parse(str text, struct sign_key **out_key, struct err *err);
struct secret     *sign_key_write(const struct sign_key *key);          /* the line of a key file */
MUST_CHECK bool    sign_public_parse(str text, struct sign_public *out_key, struct err *err);
str                sign_public_format(struct arena *a, struct sign_public key);
MUST_CHECK bool    sign_public_from_bytes(str bytes, struct sign_public *out_key, struct err *err);
