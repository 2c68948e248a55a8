/* plan.h - duties: who owes what to whom, and by when.
 *
 * Facts in, clocks out.  Pure: no clock, no I/O; the same facts give the same clocks in the same order.
 * A changed fact means planning again: the caller compares with what it armed before and keeps the old times.
 *
 * I1. A clock is never due before its start, the instant of the anchor it counts from.
 * I2. Minutes and hours are elapsed time in UTC.  Days and months keep the local wall clock of the regime's
 *     offset; a month that is too short ends on its last day.  Business days skip the calendar's weekend and
 *     holidays; a period that ends with the day ends at its last microsecond, local.
 * I3. A deadline of null has no due time: show "without delay", measure from `start`, never call it late.
 * I4. What is assumed is a target, never statutory, whatever the duty around it is.
 */
#pragma once
#include "regime/regime.h"

enum regime_event {             /* what happened: bits, several may hold for one case */
	EVENT_INCIDENT    = 1 << 0,     /* an organisation has an incident */
	EVENT_REPORT      = 1 << 1,     /* a team received a report */
	EVENT_DIRECTIVE   = 1 << 2,     /* the party is addressee of a directive */
	EVENT_AUDIT       = 1 << 3,
	EVENT_BREACH      = 1 << 4,
	EVENT_DESIGNATION = 1 << 5,     /* the party was designated critical infrastructure */
	EVENT_PERIOD      = 1 << 6,     /* a reporting period ended */
	EVENT_STANDING    = 1 << 7,     /* always: duties without an occasion */
};

enum regime_anchor {
	ANCHOR_OCCURRED, ANCHOR_DETECTED, ANCHOR_NOTICED, ANCHOR_TOLD, ANCHOR_AWARE, ANCHOR_CLASSIFIED,
	ANCHOR_CONFIRMED, ANCHOR_RECEIVED, ANCHOR_ISSUED, ANCHOR_SENT, ANCHOR_REQUESTED, ANCHOR_DESIGNATED,
	ANCHOR_REVIEWED, ANCHOR_PERIOD_END, ANCHOR_HANDLED, ANCHOR_RECOVERED, ANCHOR_LOSS, ANCHOR_PAID,
	ANCHOR_COUNT,
};

enum regime_ower  { OWED_BY_PARTY, OWED_BY_TEAM, OWED_BY_HUB };
enum regime_basis { BASIS_STATUTORY, BASIS_DRAFT, BASIS_TARGET };

/* One moment that deadlines count from: "aware", "report.submitted", "earliest(noticed,told)". */
struct regime_anchor_ref { bool of_step, on_receipt; enum regime_anchor anchor; str step; };
struct regime_anchor_expr {
	str text;
	bool latest;                    /* of several instants the last; else the first */
	const struct regime_anchor_ref *refs;
	ptrdiff_t refs_count;
};

enum regime_truth { TRUTH_ANY, TRUTH_YES, TRUTH_NO };

struct regime_span  { int64_t minutes, hours, days, business_days, months; str calendar; bool end_of_day; };
struct regime_later { struct regime_anchor_expr anchor, than; struct regime_span by; };
struct regime_value_min { str category; int64_t value; };

/* All that is present must hold; a list holds if one of it does. */
struct regime_condition {
#define REGIME_ANY_OF(member)   const str *member; ptrdiff_t member##_count
	REGIME_ANY_OF(org_class);
	REGIME_ANY_OF(org_kind);
	REGIME_ANY_OF(sector);
	REGIME_ANY_OF(province);
	REGIME_ANY_OF(cii_grade);
	REGIME_ANY_OF(team_kind);
	REGIME_ANY_OF(flag);
#undef REGIME_ANY_OF
	enum regime_truth cii, has_province;
	enum regime_truth life_safety;                          /* of floors only */
	str band_min;
	int64_t campaign_sectors_min;                           /* of floors only */
	const struct regime_value_min *value_min;               /* of floors only */
	const struct regime_later     *later;                   /* of deadlines only */
	const struct regime_condition *all, *any, *no;
	ptrdiff_t all_count, any_count;
};

enum regime_deadline_kind { DEADLINE_NULL, DEADLINE_ADD, DEADLINE_MIN, DEADLINE_IF };
struct regime_deadline {
	enum regime_deadline_kind kind;
	struct regime_anchor_expr anchor;               /* of ADD */
	struct regime_span add;                         /* of ADD */
	const struct regime_deadline *min;              /* of MIN */
	ptrdiff_t min_count;
	const struct regime_condition *test;            /* of IF */
	const struct regime_deadline *then, *otherwise; /* of IF */
	struct regime_origin origin;                    /* of this branch, if it differs from the step's */
};

struct regime_step {
	str id;
	struct regime_label title;
	const struct regime_condition *when;
	const struct regime_deadline *deadline;         /* NULL: continuous */
	const struct regime_deadline *target;           /* advisory: shown beside a null deadline */
	struct regime_anchor_expr from;                 /* what a null deadline is measured from */
	enum regime_ower owes;                          /* these three: the duty's, if the step is silent */
	enum regime_basis status;
	str to;
	bool continuous, repeat, reason_before_late;    /* lateness must be explained before the limit */
	int64_t every_months;
	const str *fields;
	ptrdiff_t fields_count;
	const int64_t *reminders;                       /* minutes before due */
	ptrdiff_t reminders_count;
	struct regime_origin origin;
};

struct regime_duty {
	str id;
	struct regime_label title;
	enum regime_event on;
	enum regime_ower owes;
	enum regime_basis status;
	str status_note, to, sanction, protection;      /* protection: the clause to show beside the form */
	const str *copy;
	ptrdiff_t copy_count;
	const struct regime_condition *when;
	const struct regime_step *steps;
	ptrdiff_t steps_count;
	struct regime_origin origin;
};

struct duty_anchor     { str name; struct instant at; };                /* names: regime_anchor_name */
struct duty_submission { str duty, step; struct instant submitted, received; bool has_received; };

struct duty_facts {
	struct regime_party party;
	bool has_team;                                  /* the team that is responsible */
	enum regime_team_kind team_kind;
	str band;                                       /* empty: not scored yet, fits no band_min */
	unsigned events;                                /* bits of enum regime_event */
	const str *flags;                               /* of regime->flags, and "ongoing" */
	ptrdiff_t flags_count;
	const struct duty_anchor *anchors;
	ptrdiff_t anchors_count;
	const struct duty_submission *submissions;
	ptrdiff_t submissions_count;
};

enum clock_state { CLOCK_WAITING, CLOCK_ARMED };

struct duty_clock {
	const struct regime_duty *duty;
	const struct regime_step *step;
	str title;
	enum regime_ower owes;
	str to;                                         /* team, addressee or "parent", "hub", "party" */
	str anchor;                                     /* as written in the regime, for people */
	const str *missing;                             /* anchor expressions without a fact yet */
	ptrdiff_t missing_count;
	enum clock_state state;
	bool has_start, has_due, has_target;
	bool provisional;                               /* due, but an anchor that could move it is missing */
	struct instant start, due, target;
	enum regime_basis basis;
	bool assumed, weak;
	str source;                                     /* a sentence for people */
};

/* Fails on an event bit, an anchor or a band that this regime cannot know, and when the calendar ends.
 * Facts that merely fit nothing (a sector of another regime) fit nothing. */
MUST_CHECK bool regime_plan(const struct regime *r, const struct duty_facts *facts, struct arena *a,
                            const struct duty_clock **out_clocks, ptrdiff_t *out_count, struct err *err);

/* The questions whose answers decide which duties an incident has: those flags of the regime that such a duty
 * names, "ongoing" if one does, and "breach" if there are duties on a breach of data. */
struct regime_question { str id, title; const str *criteria; ptrdiff_t criteria_count; };
void regime_questions(const struct regime *r, struct arena *a, const struct regime_question **out,
                      ptrdiff_t *out_count);
unsigned regime_flag_event(str flag);           /* what a "yes" says has happened, besides the flag; or 0 */

bool regime_anchor_find(str name, enum regime_anchor *out_anchor);
str  regime_anchor_name(enum regime_anchor anchor);
str  regime_basis_name(enum regime_basis basis);        /* statutory, draft, target */
str  regime_ower_name(enum regime_ower ower);           /* party, team, hub */

/* Adds a span at the regime's local time.  Fails past the year 9999. */
MUST_CHECK bool regime_add(const struct regime *r, struct instant from, const struct regime_span *span,
                           struct instant *out_due, struct err *err);
