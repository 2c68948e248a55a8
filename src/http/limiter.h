/* limiter.h - how often one client may do what anybody may do: token buckets, in memory only.
 *
 * A client is an IPv4 address or the /64 of an IPv6 one (who has one address of a /64 has all of it).  The
 * table has a fixed size and holds keyed hashes, not addresses; when a set is full, the fullest bucket
 * makes room, which is the one that forgetting helps least.  Nothing is logged.
 * Behind a proxy that does not tell clients apart, all of them are one.
 */
#pragma once
#include "base/err.h"
#include "crypto/random.h"

enum limit_class {
	LIMIT_SIGN_IN,     /* 10 at once, then one in 6 seconds */
	LIMIT_PUBLIC_POST, /* 10 at once, then one in 10 seconds */
	LIMIT_CLASSES,
};

struct limiter;

MUST_CHECK bool limiter_open(struct rng *rng, struct limiter **out, struct err *err);
void limiter_close(struct limiter *l); /* NULL is fine */

/* False: too often.  boot_us is os/clock.h's, which never steps.  Any thread. */
bool limiter_take(struct limiter *l, enum limit_class class, str address, int64_t boot_us);
