/* report.h - what a handler does with a report.  Each command: checks, then drafts; nothing is written here.
 *
 * The caller's team must have been let in (otherwise ERR_MISSING), and must be the coordinator to change
 * anything.
 * A person who takes a report, or answers it, has acknowledged it; an automatic receipt has not.
 */
#pragma once
#include "cases/world.h"

enum report_act { REPORT_TAKE, REPORT_RELEASE, REPORT_GIVE, REPORT_REJECT, REPORT_RESTORE, REPORT_ANSWER };

struct report_command {
	const struct world *world;
	const struct identity *who;
	enum report_act act;
	struct uuid report;
	struct uuid to;      /* GIVE */
	str text;            /* REJECT: the reason; ANSWER: the words */
	bool tell;           /* REJECT: the reporter is told the reason */
	struct uuid message; /* out: what was queued for the reporter; nil: nothing */
};

bool report_decide(struct decision *d, void *arg, struct err *err); /* arg: struct report_command */
