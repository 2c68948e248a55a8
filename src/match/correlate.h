/* correlate.h - rules over what rules found: counts, values and sequences in true sliding windows of
 * event time.
 *
 * Source: Sigma correlation rules specification 2.1.0.
 *
 * C1. A window is any span of `timespan` of event time, not a bucket: it holds (t - timespan, t].
 * C2. Events may come late by up to `lateness`: they are put in their place before windows are judged.
 * What is later
 *     than that is judged at its own time where the window still stands, else counted as too late, never
 *     dropped silently.
 * C3. Memory is bounded: `groups_most` groups a correlation; past it the group longest without an event
 * goes and
 *     is counted.
 * C4. A window that holds is reported once, with the events that made it, and again only after it no
 * longer held.
 */
#pragma once
#include "match/unit.h"

struct correlator;
/* 0: 10 min, 100,000, 10,000 a group */
struct correlator_limits { int64_t lateness_us; ptrdiff_t groups_most, events_most; };
struct correlator_event {               /* what a fired correlation names */
	int64_t at_us;
	int64_t reference;              /* the caller's: where the event is */
	ptrdiff_t rule;                 /* unit's number, or -1 - the correlation's for chains */
};
struct correlator_match {
	const struct correlation *what;
	int64_t  first_us, last_us;
	double   value;                 /* the count, sum, average .. that met the bounds */
	const str *group;               /* values of group_by, in its order */
	const struct correlator_event *events;
	ptrdiff_t event_count;
};
/* Which fields of events it asks for, to be given to unit_build as extra_fields. */
const str *correlator_fields(struct arena *a, const struct rule_set *rules, ptrdiff_t *out_count);
struct correlator *correlator_new(const struct rule_set *rules, const struct unit *u,
			   struct correlator_limits limits);
void correlator_free(struct correlator *c);
/* A rule (by unit's number) matched an event; `field` reads a field of it.  Fired correlations are in
 * out; valid until the next call. */
struct correlator_reader { void *who; str (*field)(void *who, str name); };
const struct correlator_match *correlator_feed(struct correlator *c, ptrdiff_t rule, int64_t at_us,
                                               int64_t reference, struct correlator_reader reader,
			   ptrdiff_t *out_count);
/* no more events */
const struct correlator_match *correlator_finish(struct correlator *c, ptrdiff_t *out_count);
struct correlator_stats { int64_t late, too_late, groups_dropped, events_dropped; };
struct correlator_stats correlator_stats(const struct correlator *c);
