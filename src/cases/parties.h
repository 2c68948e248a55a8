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

struct party_submission {
	const struct world *world;
	const struct identity *who;
	struct uuid incident, party;
	str step;
	struct instant at;
	str reference;
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
	str state, reason; /* "waived", "late_with_reason", "not_applicable" */
};
bool clock_settle_decide(struct decision *d, void *arg, struct err *err);

/* Used by incident.c: adds one party, and brings all clocks of the case up to date. */
struct party_draft {
	str role, team, name, address;
	struct uuid organisation, report;
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
	bool is_new;
	struct instant received;
	const struct known_party *fresh;        /* added by the same decision */
	ptrdiff_t fresh_count;
	const struct duty_news *news;           /* facts of the same decision */
	ptrdiff_t news_count;
};
MUST_CHECK bool clocks_update(struct decision *d, const struct world *w, const struct clock_case *c,
			      struct err *err);
