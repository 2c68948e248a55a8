/* work_priv.h - a few threads for work that is long but not the writer's: password hashing.
 *
 * I1. At most `queue_max` jobs wait; one more is refused at once, so that a flood costs a 503 and no memory.
 * I2. work_close runs what was accepted before it returns.
 */
#pragma once
#include "base/err.h"

struct work;

MUST_CHECK bool work_open(int threads, int queue_max, struct work **out_work, struct err *err);
void work_close(struct work *w);                                /* NULL is fine */

/* `run(arg)` on one of the threads; false if the queue is full. */
MUST_CHECK bool work_submit(struct work *w, void (*run)(void *arg), void *arg);
