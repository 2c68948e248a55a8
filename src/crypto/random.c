#include "crypto/random.h"

#include <sodium.h>
#include "crypto/hash.h"

static void fill_real(struct rng *r, void *out, ptrdiff_t n)
{
	(void)r;
	randombytes_buf(out, (size_t)n);
}

struct rng rng_real(void)
{
	return (struct rng){ fill_real };
}

/* A nonce a call, so that no call's bytes depend on how many the one before it took. */
static void fill_seeded(struct rng *r, void *out, ptrdiff_t n)
{
	struct rng_seeded *s = (struct rng_seeded *)(void *)r;
	uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];
	for (size_t i = 0; i < sizeof(nonce); i++)
		nonce[i] = (uint8_t)(s->calls >> (8 * i));      /* not a copy: big-endian machines agree */
	s->calls++;
	crypto_stream_chacha20(out, (unsigned long long)n, nonce, s->key);
}

void rng_seeded_init(struct rng_seeded *r, str seed)
{
	*r = (struct rng_seeded){ .rng = { fill_seeded } };
	hash_sha256(seed, r->key);
}

uint64_t rng_u64(struct rng *r)
{
	uint8_t b[8];
	uint64_t n = 0;
	r->fill(r, b, sizeof(b));
	for (int i = 0; i < 8; i++)
		n |= (uint64_t)b[i] << (8 * i);
	return n;
}

uint64_t rng_below(struct rng *r, uint64_t limit)
{
	ASSERT(limit > 0);
	uint64_t uneven = (0 - limit) % limit;  /* 2^64 mod limit: as many values would be likelier */
	uint64_t n;
	do
		n = rng_u64(r);
	while (n < uneven);
	return n % limit;
}
