/* remind.h - what the ticker has done when a time has come: clocks that become late, reminders, alerts.
 *
 * I1. What is due is read inside the transaction that moves its next turn on: each step of a clock is told
 *     once, whenever the node dies.  (A key of its own would add nothing to that, and would be in the way
 *     when a due time that was corrected is corrected back.)
 * I2. Of the turns that were missed the newest is told.
 * I3. An assumed time is a target: it passes, and is never called late.
 */
#pragma once
#include "cases/world.h"

enum { REMIND_PAGE = 200 };

struct remind {
	const struct world *world;
	/* out */
	ptrdiff_t seen; /* whose turn had come; REMIND_PAGE: there are more */
	ptrdiff_t late, reminded, untold;
};
bool remind_clocks_decide(struct decision *d, void *arg, struct err *err);   /* arg: struct remind */
bool remind_requests_decide(struct decision *d, void *arg, struct err *err); /* arg: struct remind */

/* What nobody of the team takes, since longer than step's time: 1 tells the duty desk, 2 the shift leads. */
enum { ALERT_STEPS = 2 };
struct alert {
	const struct world *world;
	str team;
	int step;
	struct instant after; /* everything since before was seen already; 0: as the store says */
	/* out */
	struct instant seen; /* `after` for the next time */
	int64_t count;
	unsigned told;
};
bool alert_decide(struct decision *d, void *arg, struct err *err); /* arg: struct alert */
/* Whether there is anything for alert_decide, asked outside the writer; c as for it.  If not, c->seen is for
 * the next time. */
MUST_CHECK bool alert_look(struct db *db, struct arena *tmp, struct alert *c, struct instant now,
			   bool *out_waits, struct err *err);
/* How long something may be without an owner, in minutes: the regime's escalation, else assumed. */
int64_t alert_minutes(const struct regime *r, int step);
