/* parties.h - who is in a case and what is known of each: facts, anchors, submissions; and the clocks that
 * follow. */
#pragma once
#include "cases/world.h"

struct party_add {
	const struct world *world;
	const struct identity *who;
	struct uuid incident, organisation; /* organisation nil: a team, or typed */
	str team, name, address, role;
	struct uuid made; /* out */
};
bool party_add_decide(struct decision *d, void *arg, struct err *err);

/* Takes a party out that was added by mistake: its clocks become not applicable, and a team is shut out that
 * was let in with it.  Refused for who made a report, was written to, wrote, was asked or submitted: what was
 * told stays.  `back`: the same party returns, with its clocks, facts and reply address; adding it anew does
 * so too. */
struct party_remove {
	const struct world *world;
	const struct identity *who;
	struct uuid incident, party;
	bool back;
};
bool party_remove_decide(struct decision *d, void *arg, struct err *err);

/* A fact of one party: affected, contained, eradicated, recovered (facts proper), or an anchor such as
 * aware. */
struct party_fact {
	const struct world *world;
	const struct identity *who;
	struct uuid incident, party;
	str fact, value, said;
	struct instant at;
};
bool party_fact_decide(struct decision *d, void *arg, struct err *err);

/* An officer's record that a party has done what a step of a duty asks of it: it meets the step's clock, late
 * or not. */
struct party_submission {
	const struct world *world;
	const struct identity *who; /* NULL: the party itself, as own_submission_decide has made sure */
	struct uuid incident, party;
	str duty, step; /* duty empty: that of the party's first open clock with this step */
	struct instant at;
	str reference; /* a letter, a call, their number; may be empty */
};
bool party_submission_decide(struct decision *d, void *arg, struct err *err);

/* The same by the obliged party itself, signed in: for `clock`, one of its own duties.  Submitted now. */
struct own_submission {
	const struct world *world;
	const struct identity *who;
	struct uuid clock;
	str what, effects, measures, contact;
	struct instant detected;
};
bool own_submission_decide(struct decision *d, void *arg, struct err *err);

/* Waives a clock, or gives the reason for a late one. */
struct clock_settle {
	const struct world *world;
	const struct identity *who;
	struct uuid clock;
	str state, reason; /* "waived", "late_with_reason" */
};
bool clock_settle_decide(struct decision *d, void *arg, struct err *err);

/* A request was answered by telephone or another way that left no message, or is asked no more. */
struct request_settle {
	const struct world *world;
	const struct identity *who;
	struct uuid request;
	str event, reason; /* of workflow_request: "meet", "cancel" */
};
bool request_settle_decide(struct decision *d, void *arg, struct err *err);

/* Used by incident.c: adds one party, and brings all clocks of the case up to date. */
struct party_draft {
	str role, team, name, address;
	struct uuid organisation, report; /* report: made by this reporter */
	struct uuid brought;              /* the report that names it; nil: a person adds it */
};
struct uuid party_draft_add(struct decision *d, struct uuid incident, str coordinator, enum tlp tlp,
			    const struct party_draft *p);
struct duty_news;
struct known_party {
	struct uuid id;
	str role, team;
	struct uuid organisation;
};
struct clock_case {
	struct uuid incident;
	str team, band;
	str regime; /* that it was opened under */
	bool is_new;
	struct instant received;
	str why;                 /* in our own words, for the history of due times */
	const struct uuid *gone; /* parties that leave by the same decision */
	ptrdiff_t gone_count;
	const struct known_party *fresh;        /* added by the same decision */
	ptrdiff_t fresh_count;
	const struct duty_news *news;           /* facts of the same decision */
	ptrdiff_t news_count;
	struct uuid hit; /* that it is affected, or not, is said by the same decision: hit_value; nil: none */
	str hit_value;
};
/* The recorded severity follows first (rescore.h), since duties may ask for the band. */
MUST_CHECK bool clocks_update(struct decision *d, const struct world *w, const struct clock_case *c,
			      struct err *err);
/* The clocks alone. */
MUST_CHECK bool clocks_plan(struct decision *d, const struct world *w, const struct clock_case *c,
			    struct err *err);
/* No duty asks anything any more: all open clocks become not applicable. */
MUST_CHECK bool clocks_stop(struct decision *d, const struct world *w, const struct clock_case *c,
			    struct err *err);
struct sql_case_incident_find_row;
str band_of(const struct world *w, const struct sql_case_incident_find_row *i);
/* Of an incident as it stands. */
MUST_CHECK bool clock_case_of(struct decision *d, const struct world *w, struct uuid incident,
			      const struct sql_case_incident_find_row *i, struct clock_case *out,
			      struct err *err);
