/* purge.h - holding words for a court; or removing them for good, and leaving the proof that there were some.
 *
 * One person asks and says why; another, shift lead of the owning team or auditor, confirms.  Only content
 * entries can be purged, and never while a legal hold lies on the case.  What goes, in the transaction of
 * purge.done:
 * salt and payload of the entry, its content row, search rows, and its original bytes if nobody else refers
 * to them.
 *
 * This is the ONE EXCEPTION to "a decide function writes nothing": purge_confirm_decide deletes by itself,
 * as the last thing it does, after all that could refuse.  A delete that fails is the store's failure and
 * rolls back the
 * whole batch.
 *
 * Backups and exports made before still hold the words: docs/journal-format.md.
 */
#pragma once
#include "cases/world.h"

struct hold_command {
	const struct world *world;
	const struct identity *who; /* shift lead of the coordinating team */
	bool incident;              /* subject is one; else a report */
	struct uuid subject;
	bool lift;
	str reason;
};
bool hold_decide(struct decision *d, void *arg, struct err *err); /* arg: struct hold_command */

struct purge_ask {
	const struct world *world;
	const struct identity *who;
	int64_t entry; /* seq of a content entry; or -1: the newest content entry of `target` */
	struct uuid target;
	str reason;
};
bool purge_ask_decide(struct decision *d, void *arg,
		      struct err *err); /* the receipt's subject is the purge */

struct purge_confirm {
	const struct world *world;
	const struct identity *who;
	struct uuid purge;
};
bool purge_confirm_decide(struct decision *d, void *arg, struct err *err);
