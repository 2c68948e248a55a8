/* correlate.h - rules over what rules found: counts, values and sequences in true sliding windows of
 * event time.
 *
 * Source: Sigma correlation rules specification 2.1.0.
 *
 * C1. A window is any span of `timespan` of event time, not a bucket: it holds (t - timespan, t].  It is
 *     judged whenever an event comes into it, t being the time of the newest, and all events of one
 *     moment together.
 * C2. Events may come late by up to `lateness`: they are put in their place before windows are judged.
 *     What is later than that comes into the window of its group that still stands, which is judged
 *     again, else it is counted as too late, never dropped silently.  A thousand late events in a row
 *     mean that a clock ran ahead: time is set back to theirs.
 * C3. Memory is bounded: `groups_most` groups a correlation, `events_most` events a group (ten times as
 *     many for sums; as many as a bound of a count asks for, up to a million), `total_most` in all.  Past it
 *     the group longest without an event goes, or the oldest event of a group, of a sequence the oldest of
 *     the same rule, and is counted.
 * C4. A window that holds is reported once, with the events that made it (the newest thousand, of a sequence
 *     those of each rule), and again only after it no longer held, or was empty.
 * C5. Values of groups, and values that are counted, are compared without case, as event.h says.  A
 *     field that an event does not have is a group of its own; it is no value to be counted, nor is what is
 *     no number to be summed.
 * C6. Who is silent (see rule.h) is judged, but not reported.
 */
#pragma once
#include "match/unit.h"

struct correlator;
/* 0: 10 min, 100,000, 10,000 a group, 1,000,000.  Who has all events before the first answer is wanted, in no
 * order (files), gives INT64_MAX as lateness: everything is judged by correlator_finish, as memory allows. */
struct correlator_limits { int64_t lateness_us; ptrdiff_t groups_most, events_most, total_most; };
struct correlator_event {               /* what a fired correlation names */
	int64_t at_us;
	int64_t reference;              /* the caller's: where the event is */
	ptrdiff_t rule;                 /* unit's number, or -1 - the correlation's for chains */
};
struct correlator_match {
	const struct correlation *what;
	int64_t  first_us, last_us;
	double   value;                 /* the count, sum, average .. that met the bounds */
	const str *group;               /* values of group_by, in its order; ptr NULL: not in the event */
	const struct correlator_event *events;
	ptrdiff_t event_count, event_total;     /* told; in the window */
};
/* Which fields of events it asks for, to be given to unit_build as extra_fields. */
const str *correlator_fields(struct arena *a, const struct rule_set *rules, ptrdiff_t *out_count);
/* The rules must outlive the correlator; the unit need not. */
struct correlator *correlator_new(const struct rule_set *rules, const struct unit *u,
                                  struct correlator_limits limits);
/* The same with numbers from elsewhere: of a rule by its id, or without one its name; -1: none. */
struct correlator_numbers { const void *who; ptrdiff_t (*find)(const void *who, str id_or_name); };
struct correlator *correlator_new_with(const struct rule_set *rules, struct correlator_numbers numbers,
                                       struct correlator_limits limits);
void correlator_free(struct correlator *c);
/* A rule (by unit's number) matched an event; `field` reads a field of it.  Fired correlations are in
 * out; valid until the next call. */
struct correlator_reader { void *who; str (*field)(void *who, str name); };
const struct correlator_match *correlator_feed(struct correlator *c, ptrdiff_t rule, int64_t at_us,
                                               int64_t reference, struct correlator_reader reader,
			   ptrdiff_t *out_count);
/* No more events.  It gives what it can at once: call it until it gives none. */
const struct correlator_match *correlator_finish(struct correlator *c, ptrdiff_t *out_count);
struct correlator_stats { int64_t late, too_late, groups_dropped, events_dropped; };
struct correlator_stats correlator_stats(const struct correlator *c);
