/* oversight.h - what somebody who oversees the teams is shown: numbers of the last twelve months, for
 * release_statistic to decide which of them show.  Every case of this node counts, whoever coordinates it. */
#pragma once
#include "db/db.h"
#include "release/statistic.h"

struct regime;

struct oversight {
	struct db *db;
	struct arena *a;
	const struct scope_statistic *scope;
	const struct regime *regime;
};

MUST_CHECK bool oversight_read(struct oversight *o, struct statistic *out, struct err *err);
