/* clock.h - time as something that is passed in.
 *
 * `now` is the wall clock; `boot` counts from an arbitrary point, never steps, and runs on in suspend.
 * Design: "while wall and boot clocks disagree by more than 60 s nothing becomes late".
 */
#pragma once
#include "base/instant.h"

struct clock {
	struct instant (*now)(struct clock *c);
	int64_t        (*boot_us)(struct clock *c);
};

struct clock clock_real(void);

/* A clock that stands still until it is told: for tests and the simulator. */
struct clock_fake { struct clock clock; struct instant at; int64_t boot; };
void clock_fake_init(struct clock_fake *f, struct instant at);
void clock_fake_advance(struct clock_fake *f, int64_t us);      /* wall and boot together */
