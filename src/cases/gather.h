/* gather.h - reports come into an incident and leave it, and the parties that they name with them.
 *
 *   gather_begin -> gather_in, gather_out, gather_take for each report -> gather_clocks
 *
 * G1. A report brings whoever made it, and the organisation that owns what was reported, as affected.
 * G2. When it leaves, whoever made it leaves;
 * the organisation does when no other report of the incident names
 *     it, no person added it, and nothing was said about it, to it or asked of it.
 * G3. What left comes back as it was: the same party, with the same reply address, and the same clocks.
 * G4. An organisation that a person took out comes back by a person only, never with a report.
 */
#pragma once
#include "cases/load.h"
#include "cases/parties.h"

struct gather {
	struct decision *d;
	const struct world *world;
	struct uuid incident;
	str team, band, regime;
	enum tlp tlp;
	bool is_new;
	struct sql_case_parties_ever_row *parties; /* of the store, removed ones too */
	struct sql_case_reports_in_row *reports;
	struct known_party *fresh; /* added or back, by this decision */
	struct uuid *gone;         /* parties */
	const struct uuid *leaving;
	ptrdiff_t party_count, report_count, fresh_count, gone_count, leaving_count;
	struct instant received; /* of the earliest report that is in after this decision; us 0: none */
};

/* `most`: reports that may come or go.  `leaving`: those that will go, known before the first goes. */
struct gather_case {
	struct uuid incident;
	str team, band, regime; /* regime: that it was opened under */
	enum tlp tlp;
	bool is_new;
	const struct uuid *leaving;
	ptrdiff_t leaving_count, most;
};
MUST_CHECK bool gather_begin(struct gather *g, struct decision *d, const struct world *w,
			     const struct gather_case *c, struct err *err);
struct gather_report {
	struct uuid id;
	const struct sql_case_report_find_row *row;
	const struct json *body; /* its words */
};
MUST_CHECK bool gather_in(struct gather *g, const struct gather_report *r, struct err *err);
MUST_CHECK bool gather_out(struct gather *g, const struct gather_report *r, struct err *err);
/* From one incident to another: the reporter is moved, and keeps its reply address. */
MUST_CHECK bool gather_move(struct gather *from, struct gather *to, const struct gather_report *r,
			    struct err *err);
/* `why`: in our own words, for the history of due times. */
MUST_CHECK bool gather_clocks(struct gather *g, str why, struct err *err);
