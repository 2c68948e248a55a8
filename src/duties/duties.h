/* duties.h - which clocks a report or an incident has, and what a new fact does to them.
 *
 *   facts in the store (+ those of the same decision) -> regime_plan -> compare with the clocks there are
 *   -> drafts
 *
 * I1. A clock is identified by (subject, duty, step, party); it is armed once and then recomputed or settled.
 * I2. A recomputation keeps the old due time in its entry ("was") and never reopens a settled clock, except
 *     that a submission recorded earlier than the due time turns late into met.
 * I3. A third party's report never sets `aware`: only an anchor somebody stated does.
 *     A clock that no duty asks for any more (its party left, a flag was answered otherwise) becomes not
 *     applicable, and runs again as soon as one does.
 * I4. A reporting duty of a party is met by a submission of that party; hub duties by the act itself.
 */
#pragma once
#include "commit/commit.h"
#include "regime/plan.h"

/* Facts that this decision adds and the store does not hold yet. */
struct duty_news {
	struct uuid party; /* nil: of the incident as a whole */
	str anchor;        /* empty: none */
	struct instant at;
	struct uuid replaces; /* the anchor's row that it corrects; nil: none */
	str duty, step;       /* a submission; empty: none */
	struct instant submitted;
	str flag, value; /* an answer to a question of the regime; empty: none */
};

struct duty_case {
	const struct regime *regime;
	struct uuid subject;             /* the incident */
	str team;                        /* coordinator */
	str band;                        /* id of the regime's band; empty: not scored */
	struct instant opened, received; /* received: of the earliest report; us 0: none */
	bool is_new;                     /* nothing of it is in the store yet */
	str why;                         /* in our own words: "detected corrected", "significant: no" */
};

/* A party that owes duties, with what the regime needs to know of it. */
struct duty_party {
	struct uuid id;
	struct regime_party facts;
	bool has_team;
	enum regime_team_kind team_kind;
};

/* Adds the drafts that bring the clocks of the case up to date. */
MUST_CHECK bool duties_update(struct decision *d, const struct duty_case *c, const struct duty_party *parties,
			      ptrdiff_t party_count, const struct duty_news *news, ptrdiff_t news_count,
			      struct err *err);

/* Clocks of a fresh report: what the hub owes whoever reported.  As JSON for report.received's "clocks". */
MUST_CHECK bool duties_of_report(struct decision *d, const struct regime *r, str team,
				 struct instant received, struct json **out_clocks,
				 struct instant *out_first_due, struct err *err);

/* Settles what the hub owed: the open clocks of `subject` with this step, or with `others` those with any
 * other step.  A person who takes a report meets "acknowledge"; an answer meets the rest. */
MUST_CHECK bool duties_meet(struct decision *d, struct uuid subject, str step, bool others, struct err *err);
