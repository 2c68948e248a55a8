/* statistic.h - numbers of many cases, for whoever oversees the teams and sees no case.
 *
 * I1. No count below STATISTIC_LEAST shows; nor does zero, which is a count as well.
 * I2. A hidden cell of a table with a total cannot be computed from what shows, nor by somebody who knows
 *     this code: whatever shows, each hidden cell could have had another number (test_statistic.c tries all
 *     small tables).  For this further cells are hidden, the smallest first.
 * I3. A cross table has no totals of rows and columns; so its cells hide one by one.
 * I4. A median of fewer than STATISTIC_LEAST values does not show.
 * I5. Only the past until the last midnight (UTC) counts (struct scope_statistic): who looks twice a day does
 *     not see one case arrive.
 *
 * Not covered: somebody who keeps yesterday's numbers and subtracts.  One case more in a cell of five or more
 * shows as one more.
 */
#pragma once
#include "release/release.h"

enum { STATISTIC_LEAST = 5, STATISTIC_CELLS_MOST = 512 };

struct statistic_name {
	str id, title;
};

/* counts[row * column_count + column]; column_count 1 and `total`: a list that has one. */
struct statistic_table {
	const char *name;
	const struct statistic_name *rows, *columns;
	ptrdiff_t row_count, column_count;
	const int64_t *counts;
	bool total;
};

struct statistic_median {
	const char *name;
	int64_t count, median_s;
};

struct statistic {
	const struct statistic_table *tables;
	ptrdiff_t table_count;
	const struct statistic_median *medians;
	ptrdiff_t median_count;
	struct instant since, until;
};

/* ERR_DENIED for an audience that is not AUDIENCE_STATISTIC, or whose person may not oversee. */
MUST_CHECK bool release_statistic(struct arena *a, const struct statistic *s, const struct audience *to,
				  const struct released **out, struct err *err);

/* What reads for it are bound to.  ERR_DENIED for whoever does not oversee. */
struct scope_statistic;
MUST_CHECK bool release_scope_statistic(struct arena *a, const struct identity *who, struct instant now,
					const struct scope_statistic **out, struct err *err);
struct instant scope_statistic_until(const struct scope_statistic *s);

/* Which cells of a list show, I1 and I2. */
void statistic_hide(const int64_t *counts, ptrdiff_t count, bool *out_shown);
