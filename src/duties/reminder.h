/* reminder.h - when people are told of a due time, before it and after it.  Pure.
 *
 * The regime's own minutes (`reminders` of a step) come first; where it is silent, the one table in
 * reminder.c holds, which is an assumption of ours (docs/operator.md shows it).
 *
 * I1. Reminders of one clock stand at least REMINDER_GAP apart, and away from its start and its due time:
 *     a short clock has few.
 * I2. All but the one at the due time stand on a grid of REMINDER_GAP, so that whoever has much open gets one
 *     mail with many lines instead of many mails.
 * I3. The due time itself is always a turn: that is when a clock becomes late.
 */
#pragma once
#include "base/instant.h"

enum { REMINDER_STEPS_MAX = 24 };

#define REMINDER_GAP MINUTES(5)

struct reminder_of {
	struct instant start, due;       /* start 0: unknown; due 0: a duty without a number */
	const int64_t *minutes;          /* before due, of the regime */
	ptrdiff_t minutes_count;
	bool request;                    /* asked of a party: only what is overdue is told */
};

struct reminder_step {
	struct instant at;
	bool at_due;  /* the moment itself: told to the owner; without one, at `unowned` a little later */
	bool unowned; /* the grid's next point behind the due time, for what nobody owns */
	bool leads;   /* told to the shift lead too */
};

/* In order of time. */
int reminder_steps(const struct reminder_of *c, struct reminder_step out[static REMINDER_STEPS_MAX]);

/* The first turn behind `after`; us 0: none is left. */
struct instant reminder_next(const struct reminder_of *c, struct instant after, bool owned);

/* The newest step from `turn` (which was waited for) to `now`, both included; false: none.  A node that was
 * down tells the last of what it missed, not all of it. */
bool reminder_due(const struct reminder_of *c, struct instant turn, struct instant now,
		  struct reminder_step *out);
