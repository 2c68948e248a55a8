/* tally.h - findings added up within bounds: what tables, charts and the HTML report are made of.
 *
 * T1. However many findings come, memory is bounded: TALLY_GROUPS groups (rule or indicator x host),
 *     TALLY_NAMES hosts and techniques, TALLY_HOURS hours.  What finds no room any more is counted in
 *     `dropped` and said.
 *     TALLY_BYTES in all: examples lose their events first, then there are fewer of them.
 * T2. Of each group the first, the last and TALLY_EXAMPLES examples that differ in their details are kept.
 */
#pragma once
#include "watch/finding.h"

enum { TALLY_GROUPS = 50000, TALLY_NAMES = 20000, TALLY_HOURS = 50000, TALLY_EXAMPLES = 5,
       TALLY_LEVELS = 5, TALLY_BYTES = 256 << 20 };

struct tally_example {
	struct finding what;            /* a copy; without the event beyond TALLY_EVENT_MAX bytes */
	int64_t        count;           /* findings with the same details */
};
struct tally_group {
	str                  key;
	struct tally_example examples[TALLY_EXAMPLES];
	int                  example_count;
	int64_t              count, first_us, last_us;  /* FINDING_NO_TIME: none had one */
	int64_t              others;    /* findings that are like none of the examples */
	struct tally_group  *next;      /* in the order in which they came */
};
struct tally_name {                     /* a host, a technique */
	str                text;
	int64_t            by_level[TALLY_LEVELS], count;
	struct tally_name *next;
};
struct tally_hour { int64_t hour; int64_t by_level[TALLY_LEVELS]; };     /* hours since 1970 */

struct tally;
struct tally *tally_new(struct arena *a);               /* lives in the arena */
void          tally_add(struct tally *t, const struct finding *f);

struct tally_totals {
	int64_t count, by_level[TALLY_LEVELS], indicators, dropped, first_us, last_us, untimed;
	ptrdiff_t rules, hosts;         /* distinct ones; indicators are no rules */
};
struct tally_totals tally_totals(const struct tally *t);

/* Sorted copies in the arena given: groups by level, then rule by rule as each was first seen, within it
 * hosts by count; names by weight; hours by time. */
const struct tally_group *const *tally_groups(const struct tally *t, struct arena *a, ptrdiff_t *out_count);
const struct tally_name *const  *tally_hosts(const struct tally *t, struct arena *a, ptrdiff_t *out_count);
const struct tally_name *const  *tally_techniques(const struct tally *t, struct arena *a,
						  ptrdiff_t *out_count);
const struct tally_hour         *tally_hours(const struct tally *t, struct arena *a, ptrdiff_t *out_count);

/* T1003.001 of attack.t1003.001; empty if the tag is no technique. */
str tally_technique(struct arena *a, str tag);
