/* ticker.h - the clock of clocks: what is past its due time becomes late, once, by a command like any other;
 * people are reminded before and after; a team is alerted of what nobody takes.  cases/remind.h decides.
 *
 * While the wall clock and the boot clock disagree by more than 60 s since the start, nothing becomes late
 * and nothing goes out: a stepped clock must accuse nobody.  The step is noted in the journal
 * (node.time_stepped).
 * A turn costs what is due: each clock and request has its next turn in an index.
 */
#pragma once
#include "cases/world.h"

struct ticker;

struct ticker_told {
	int64_t late, reminders, alerts;
};

struct ticker_options {
	const struct world *world;
	const char *store;
	struct writer *writer;
	struct clock *clock;
	bool by_hand;                                                    /* no thread: for tests */
	void (*told)(void *ctx, const struct ticker_told *told); /* after each turn; may be NULL */
	void *ctx;
};

MUST_CHECK bool ticker_open(struct ticker_options options, struct ticker **out, struct err *err);
void ticker_close(struct ticker *t);

/* One turn, for tests. */
MUST_CHECK bool ticker_turn(struct ticker *t, struct ticker_told *out, struct err *err);
