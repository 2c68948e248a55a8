#include "mail/receipts.h"

#include <stdlib.h>
#include "crypto/hash.h"

enum { SETS = 2048, WAYS = 4, ADDRESS_MAX = 254 };

struct slot {
	uint64_t who;
	int64_t since; /* microseconds; 0: free */
	int count;
};

struct receipts {
	struct slot slots[SETS][WAYS];
};

struct receipts *receipts_open(void)
{
	struct receipts *r = calloc(1, sizeof(*r)); /* heap: lives as long as the node */
	ASSERT(r != NULL);
	return r;
}

void receipts_close(struct receipts *r)
{
	free(r);
}

/* Upper and lower case are the same mailbox nearly everywhere. */
static uint64_t key_of(str secret, str address)
{
	char lower[ADDRESS_MAX];
	struct hash256 h;
	uint64_t key;
	ptrdiff_t n = MIN(address.len, ADDRESS_MAX);
	for (ptrdiff_t i = 0; i < n; i++) {
		char c = address.ptr[i];
		lower[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	hash_hmac_sha256(secret, (str){ lower, n }, h.b);
	memcpy(&key, h.b, sizeof(key));
	return key;
}

/* An hour that has ended, or has not begun because the clock was set back, is over. */
static bool is_over(const struct slot *s, struct instant now)
{
	return s->since == 0 || now.us - s->since >= HOURS(1) || now.us < s->since;
}

bool receipts_take(struct receipts *r, str secret, str address, struct instant now)
{
	if (r == NULL)
		return true;
	uint64_t who = key_of(secret, address);
	struct slot *set = r->slots[who % SETS], *use = &set[0];
	for (int i = 0; i < WAYS; i++) {
		if (set[i].who == who && !is_over(&set[i], now)) {
			if (set[i].count >= RECEIPTS_AN_HOUR)
				return false;
			set[i].count++;
			return true;
		}
		bool over = is_over(use, now);
		if (!over && (is_over(&set[i], now) || set[i].since < use->since))
			use = &set[i];
	}
	*use = (struct slot){ who, now.us, 1 };
	return true;
}
