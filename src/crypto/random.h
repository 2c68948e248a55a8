/* random.h - randomness as something that is passed in.
 *
 * Below app/ nobody asks the machine for random bytes; a struct rng comes as a parameter, so that a
 * simulated country of sixty nodes repeats itself from one seed.  Filling cannot fail: libsodium ends the
 * process on a machine without randomness.
 */
#pragma once
#include "base/str.h"

struct rng { void (*fill)(struct rng *r, void *out, ptrdiff_t n); };

/* The machine's own; needs crypto_init.  No state: any thread may use it. */
struct rng rng_real(void);

/* ChaCha20 under SHA-256 of a seed.  For tests and the simulator ONLY; one thread at a time.  The same calls
 * in the same order give the same bytes on every machine. */
struct rng_seeded { struct rng rng; uint8_t key[32]; uint64_t calls; };
void rng_seeded_init(struct rng_seeded *r, str seed);

uint64_t rng_u64(struct rng *r);
uint64_t rng_below(struct rng *r, uint64_t limit);      /* 0 to limit-1, each as likely; limit > 0 */
