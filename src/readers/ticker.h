/* ticker.h - the clock of clocks: what is past its due time becomes late, once, by a command like any other.
 *
 * While the wall clock and the boot clock disagree by more than 60 s since the start, nothing becomes late:
 * a stepped clock must accuse nobody.  The step is noted in the journal (node.time_stepped).
 */
#pragma once
#include "cases/world.h"

struct ticker;

struct ticker_options {
	const struct world *world;
	const char *store;
	struct writer *writer;
	struct clock *clock;
};

MUST_CHECK bool ticker_open(struct ticker_options options, struct ticker **out, struct err *err);
void ticker_close(struct ticker *t);

/* One turn, for tests: how many clocks it settled. */
MUST_CHECK bool ticker_turn(struct ticker *t, ptrdiff_t *out_settled, struct err *err);
