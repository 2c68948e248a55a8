/* indicator_hash.h - where a value stands in the table: a hash keyed by the secret in the block's head.
 *
 * wyhash's multiplication.  Who writes feeds or logs does not know the secret, and cannot choose the
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

#define EACH_BYTE(byte) ((uint64_t)(byte)*0x0101010101010101u)

/* Eight bytes with A to Z in lower case; others, also above 0x7f, stay. */
static inline uint64_t lower_64(uint64_t v)
{
	uint64_t low = v & EACH_BYTE(0x7f);
	uint64_t upper = (low + EACH_BYTE(0x80 - 'A')) & ~(low + EACH_BYTE(0x80 - 'Z' - 1)) & ~v;
	return v | (upper & EACH_BYTE(0x80)) >> 2;
}

/* The high bit of each byte that is `c`, exactly. */
static inline uint64_t bytes_equal(uint64_t v, char c)
{
	uint64_t x = v ^ EACH_BYTE((uint8_t)c);
	return ~(((x & EACH_BYTE(0x7f)) + EACH_BYTE(0x7f)) | x) & EACH_BYTE(0x80);
}

/* A bit for each of the eight bytes that is a dot. */
static inline uint64_t dots_64(uint64_t v)
{
	return (bytes_equal(v, '.') >> 7) * 0x0102040810204080u >> 56;
}

/* lower: as if it were in lower case; a constant wherever it is called */
static inline uint64_t hash_bytes(const uint64_t secret[static 4], uint64_t start, str text, bool lower)
{
	const char *p = text.ptr;
	uint64_t a = 0, b = 0, h = start ^ secret[0];
	ptrdiff_t left = text.len;
	for (; left > 16; left -= 16, p += 16) {
		a = load_64(p);
		b = load_64(p + 8);
		h = hash_mix((lower ? lower_64(a) : a) ^ secret[1], (lower ? lower_64(b) : b) ^ h);
	}
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
	}
	h = hash_mix((lower ? lower_64(a) : a) ^ secret[1], (lower ? lower_64(b) : b) ^ h);
	return hash_mix(secret[2] ^ (uint64_t)text.len, h);
}

static inline uint64_t hash_text(const uint64_t secret[static 4], unsigned kind, const char *p, ptrdiff_t n)
{
	return hash_bytes(secret, secret[3] + kind, (str){ p, n }, false);
}

static inline uint64_t hash_text_lower(const uint64_t secret[static 4], unsigned kind, str text)
{
	return hash_bytes(secret, secret[3] + kind, text, true);
}

/* The label [start, end) of a name in any case, to the left of what `above` is the hash of: a name is
 * hashed from its end, so that the hashes of all names above it are by-products.  Eight bytes at `name` can
 * be read, however short it is.  Words are read where the label ends: no branch depends on its length. */
static inline uint64_t hash_label(const uint64_t secret[static 4], uint64_t above, const char *name,
				  int start, int end)
{
	int n = end - start, last = MAX(end - 8, 0), before = MAX(end - 16, 0);
	uint64_t a = 0, b = load_64(name + last) << 8 * (8 - (end - last)) % 64;
	if (n > 8)
		a = load_64(name + before) << 8 * (16 - (end - before)) % 64 >> 8 * (16 - MIN(n, 16));
	b = n == 0 ? 0 : b >> 8 * (8 - MIN(n, 8));
	for (int p = start; __builtin_expect(end - p > 16, 0); p += 16)
		above = hash_mix(lower_64(load_64(name + p)) ^ secret[1],
				 lower_64(load_64(name + p + 8)) ^ above);
	/* labels are mixed beside each other, only the last step is a chain */
	uint64_t label = hash_mix(lower_64(a) ^ secret[1], lower_64(b) ^ secret[0]);
	return hash_mix(label ^ secret[2], above ^ (uint64_t)n);
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

/* Substrings are found by their first four bytes; shorter ones stand in the last slot.  Allow-lists are the
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
