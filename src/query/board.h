/* board.h - what the first screen counts, and finding things by what somebody typed. */
#pragma once
#include "query/view.h"
#include "state/search.h"

/* The running clock that is due next; an assumed time that passed unmet is still running.  *out NULL:
 * none. */
MUST_CHECK bool view_pressing(struct view *v, struct record **out, struct err *err);

/* Counts are exact to 1,000. */
struct tally {
	int64_t count;
	bool exact;
};
MUST_CHECK bool view_running(struct view *v, struct tally *out, struct err *err); /* clocks with a due time */
MUST_CHECK bool view_overdue(struct view *v, struct tally *out, struct err *err); /* due passed, not met */

/* Reports that nobody has taken: how many, since when the oldest waits, and when the team was last alerted of
 * such; us 0: never. */
struct untaken {
	struct tally tally;
	struct instant oldest, alerted;
};
MUST_CHECK bool view_untaken(struct view *v, struct untaken *out, struct err *err);

/* Incidents that have the organisation as a party, the last changed first. */
MUST_CHECK bool view_incidents_of(struct view *v, struct uuid organisation, int64_t count,
				  struct record ***out, ptrdiff_t *out_count, struct err *err);

/* Reports, incidents and messages with all these values, newest first.
 * `cursor` is `next` of the page before, which is empty at the end. */
struct search_page {
	struct record **records; /* {kind, id, number, title, excerpt, at, incident, state} */
	ptrdiff_t count;
	str next;
	int64_t total;
	bool exact;
};
struct search_query {
	str number; /* of a report or an incident: it alone is looked for; else empty */
	const str *values;
	ptrdiff_t value_count;
	enum search_kind kind;
	int64_t limit;
	str cursor;
};
MUST_CHECK bool view_search(struct view *v, const struct search_query *q, struct search_page *out,
			    struct err *err);

/* Mail of the team, newest first, as GET /api/outbox has it. */
MUST_CHECK bool view_outbox(struct view *v, str state, str cursor, int64_t limit, struct search_page *out,
			    struct err *err);
/* A mail that went out: is it one that may be seen, and its case {id, number, title}; NULL: it has none. */
MUST_CHECK bool view_mail(struct view *v, struct uuid message, bool *out_known, struct json **out_incident,
			  struct err *err);

/* Clocks of the team by due time, those without one last.  `state`: running, waiting, late (due passed and
 * not met, or explained), met, waived, all. */
MUST_CHECK bool view_clock_page(struct view *v, str state, str cursor, int64_t limit, struct search_page *out,
				struct err *err);

/* When something of the team's last moved, in microseconds; 0: never. */
MUST_CHECK bool view_moved(struct view *v, int64_t *out_at, struct err *err);
