/* indicator_hash.h - where a value stands in the table: a hash keyed by the secret in the block's head.
 *
 * wyhash's multiplication. Who writes feeds or logs does not know the secret, and cannot choose the
 * buckets.
 */
#pragma once
#include "match/indicator.h"
#include "model/network.h"

enum {
	NETS6 = 1 << 12,
	PIECE_HEADS = (1 << 13) + 1,
};

static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
	__uint128_t r = (__uint128_t)a * b;
	return (uint64_t)r ^ (uint64_t)(r >> 64);
}

static inline uint64_t load_64(const char *p)
{
	uint64_t v;
	memcpy(&v, p, 8);
	return v;
}

static inline uint64_t load_32(const char *p)
{
	uint32_t v;
	memcpy(&v, p, 4);
	return v;
}

static inline uint64_t hash_bytes(const uint64_t secret[static 4], uint64_t start, const char *p, ptrdiff_t n)
{
	uint64_t a, b, h = start ^ secret[0];
	ptrdiff_t left = n;
	for (; left > 16; left -= 16, p += 16)
		h = hash_mix(load_64(p) ^ secret[1], load_64(p + 8) ^ h);
	if (left >= 8) {
		a = load_64(p);
		b = load_64(p + left - 8);
	} else if (left >= 4) {
		a = load_32(p);
		b = load_32(p + left - 4);
	} else if (left > 0) {
		a = (uint64_t)(uint8_t)p[0] << 16 | (uint64_t)(uint8_t)p[left >> 1] << 8;
		a |= (uint8_t)p[left - 1];
		b = 0;
	} else {
		a = b = 0;
	}
	return hash_mix(secret[2] ^ (uint64_t)n, hash_mix(a ^ secret[1], b ^ h));
}

static inline uint64_t hash_text(const uint64_t secret[static 4], unsigned kind, const char *p, ptrdiff_t n)
{
	return hash_bytes(secret, secret[3] + kind, p, n);
}

/* The label to the left of what `above` is the hash of: a name is hashed from its end, so that the hashes
 * of all names above it are by-products. */
static inline uint64_t hash_label(const uint64_t secret[static 4], uint64_t above, const char *p,
				  ptrdiff_t n)
{
	/* Sixteen bytes behind the start can be read (struct name), so that no branch depends on the
	 * length. */
	static const uint64_t kept[9] = { 0, 0xff, 0xffff, 0xffffff, 0xffffffff, 0xffffffffff, 0xffffffffffff,
					  0xffffffffffffff, 0xffffffffffffffff };
	if (__builtin_expect(n > 16, 0))
		return hash_bytes(secret, above, p, n);
	uint64_t a = load_64(p) & kept[MIN(n, 8)], b = load_64(p + 8) & kept[MAX(n - 8, 0)];
	/* labels are mixed beside each other, only the last step is a chain */
	return hash_mix(hash_mix(a ^ secret[1], b ^ secret[0]) ^ secret[2], above ^ (uint64_t)n);
}

static inline uint64_t hash_name_start(const uint64_t secret[static 4])
{
	return secret[3] + INDICATOR_DOMAIN;
}

/* An address, with the length of a prefix or a port. */
static inline uint64_t hash_address(const uint64_t secret[static 4], unsigned kind, struct ip ip,
				    uint64_t extra)
{
	uint64_t a = load_64((const char *)ip.b), b = load_64((const char *)ip.b + 8);
	uint64_t what = secret[2] ^ ((uint64_t)kind << 32 | extra);
	if (a != 0)
		what = hash_mix(a ^ secret[1], what);
	return hash_mix(b ^ secret[0], what);
}

static inline uint64_t bucket_of(uint64_t hash, uint64_t buckets)
{
	return (hash >> 32) * buckets >> 32;
}

/* Two bits of one word of the Bloom filter of names. */
static inline uint64_t below_word(uint64_t hash, uint64_t words)
{
	return (hash >> 12 & 0xffffffff) * words >> 32;
}

static inline uint64_t below_bits(uint64_t hash)
{
	return 1ull << (hash & 63) | 1ull << (hash >> 6 & 63);
}

/* Substrings are found by their first four bytes; shorter ones stand in the last slot. Allow-lists are the
 * operator's own: no secret is needed. */
static inline uint32_t piece_head(const char *p, ptrdiff_t n)
{
	return n < 4 ? PIECE_HEADS - 1 : (uint32_t)load_32(p) * 0x9e3779b1u >> 19;
}

static inline uint32_t nets6_slot(const uint64_t secret[static 4], struct ip ip)
{
	return (uint32_t)(hash_mix(load_32((const char *)ip.b) ^ secret[1], secret[2]) >> 52);
}

/* ---- looking up: indicator_find.c */
