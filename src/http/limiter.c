#include "http/limiter.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include "base/instant.h"
#include "crypto/hash.h"

enum { SETS = 1024, WAYS = 4, ADDRESS_MOST = 64 };

static const struct {
	int64_t burst, interval_us;
} rates[LIMIT_CLASSES] = {
	[LIMIT_SIGN_IN] = { 10, SECONDS(6) },
	[LIMIT_PUBLIC_POST] = { 10, SECONDS(10) },
};

/* A bucket as one number (generic cell rate algorithm, ITU-T I.371 annex A): when it is full again. */
struct bucket {
	uint64_t client;
	int64_t full_at;
};

struct limiter {
	pthread_mutex_t lock; /* guards buckets */
	uint8_t key[32];
	struct bucket buckets[SETS][WAYS];
};

bool limiter_open(struct rng *rng, struct limiter **out, struct err *err)
{
	struct limiter *l = calloc(1, sizeof(*l)); /* heap: lives as long as the server, shared by threads */
	if (l == NULL)
		return err_set(err, ERR_SYSTEM, "limiter: out of memory");
	pthread_mutex_init(&l->lock, NULL);
	rng->fill(rng, l->key, sizeof(l->key));
	*out = l;
	return true;
}

void limiter_close(struct limiter *l)
{
	if (l == NULL)
		return;
	pthread_mutex_destroy(&l->lock);
	free(l);
}

/* 8 bytes of an IPv6 address, all of an IPv4 one, and what is neither as it is. */
static str network_of(str address, uint8_t out[static 16])
{
	char text[ADDRESS_MOST];
	if (address.len <= 0 || address.len >= ADDRESS_MOST)
		return address;
	memcpy(text, address.ptr, (size_t)address.len);
	text[address.len] = '\0';
	if (inet_pton(AF_INET6, text, out) != 1)
		return address;
	static const uint8_t mapped[12] = { [10] = 0xFF, [11] = 0xFF };
	bool is_ipv4 = memcmp(out, mapped, sizeof(mapped)) == 0;
	return (str){ (const char *)out, is_ipv4 ? 16 : 8 };
}

static uint64_t client_of(const struct limiter *l, enum limit_class class, str address)
{
	struct hash h;
	uint8_t bytes[16], out[32];
	uint64_t client;
	hash_init(&h);
	hash_add(&h, (str){ (const char *)l->key, sizeof(l->key) });
	hash_add(&h, (str){ (const char[]){ (char)class }, 1 });
	hash_add(&h, network_of(address, bytes));
	hash_done(&h, out);
	memcpy(&client, out, sizeof(client));
	return client | 1; /* 0 is an empty place */
}

/* The client's own bucket, or the fullest of its set, emptied of whoever had it. */
static struct bucket *bucket_find(struct bucket *set, uint64_t client)
{
	struct bucket *fullest = &set[0];
	for (int i = 0; i < WAYS; i++) {
		if (set[i].client == client)
			return &set[i];
		if (set[i].full_at < fullest->full_at)
			fullest = &set[i];
	}
	*fullest = (struct bucket){ client, 0 };
	return fullest;
}

bool limiter_take(struct limiter *l, enum limit_class class, str address, int64_t boot_us)
{
	uint64_t client = client_of(l, class, address);
	int64_t interval = rates[class].interval_us;
	pthread_mutex_lock(&l->lock);
	struct bucket *b = bucket_find(l->buckets[(client >> 32) % SETS], client);
	int64_t full_at = MAX(b->full_at, boot_us) + interval;
	bool ok = full_at - boot_us <= rates[class].burst * interval;
	if (ok)
		b->full_at = full_at;
	pthread_mutex_unlock(&l->lock);
	return ok;
}
