/* incident.h - opening incidents and what a handler does with them.
 *
 * Attach, open, merge and split are truly undone: taking one back leaves what was there before, owner, state,
 * clocks, parties and queue alike.  What cannot be undone is what people learned: that a report was looked at
 * (acknowledged) stays, and so does everything in journal and timeline.
 *   open, split     withdraw: the reports go back where they were; the incident ends as withdrawn
 *   attach, detach  each other
 *   merge           unmerge
 * Messages, requests, facts, anchors and submissions stay where they happened: a split takes the reports and
 * whoever made them along, and the new incident has clocks of its own, which wait for facts of its own.
 * Closing stops nothing silently: it names the open clocks, open requests and unanswered reporters, and
 * goes on only when each of them was acknowledged.
 */
#pragma once
#include "cases/world.h"

struct incident_open {
	const struct world *world;
	const struct identity *who;
	const struct uuid *reports;
	ptrdiff_t report_count;
	str title;
	bool untaken; /* nobody's, and new until somebody takes it or is given it; else it is the opener's */
	/* Out. */
	struct uuid id;
	str number; /* in `arena` */
	struct arena *arena;
};
bool incident_open_decide(struct decision *d, void *arg, struct err *err);

/* The reports, all of one incident, become an incident of their own. */
struct incident_split {
	const struct world *world;
	const struct identity *who;
	struct uuid incident;
	int64_t if_version; /* -1: any */
	const struct uuid *reports;
	ptrdiff_t report_count;
	str title; /* empty: that of the first report */
	/* Out. */
	struct uuid id;
	str number; /* in `arena` */
	struct arena *arena;
};
bool incident_split_decide(struct decision *d, void *arg, struct err *err);

enum incident_act {
	INCIDENT_ATTACH,
	INCIDENT_DETACH,
	INCIDENT_TAKE,
	INCIDENT_RELEASE,
	INCIDENT_GIVE,
	INCIDENT_RETITLE,
	INCIDENT_CLASSIFY,
	INCIDENT_MARK,
	INCIDENT_WAIT,
	INCIDENT_RESUME,
	INCIDENT_REOPEN,
	INCIDENT_CLOSE,
	INCIDENT_MERGE,
	INCIDENT_UNMERGE,
	INCIDENT_WITHDRAW_IT, /* takes back that it was opened, or split off */
	INCIDENT_FLAG,
	INCIDENT_JOIN,  /* of one campaign with another; undone by LEAVE of the one that came */
	INCIDENT_LEAVE,
	INCIDENT_COMMENT,
	INCIDENT_SCORE,
	INCIDENT_GRANT,
	INCIDENT_WITHDRAW,
	INCIDENT_ACTS,
};

struct incident_command {
	const struct world *world;
	const struct identity *who;
	enum incident_act act;
	struct uuid incident;
	int64_t if_version;     /* -1: any; else ERR_CONFLICT when it changed */
	const struct uuid *ids; /* ATTACH, DETACH: reports; CLOSE: what was acknowledged */
	ptrdiff_t id_count;
	struct uuid other;           /* GIVE: to; MERGE: into; JOIN: with */
	str text;                    /* title, class, tlp, reason, comment, waiting on, team; FLAG: which */
	str resolution;              /* CLOSE; FLAG: yes, no, unknown */
	str said;                    /* FLAG: party, officer, report; empty: officer */
	struct instant until;        /* WAIT */
	const struct json *severity; /* SCORE: {factors, override_band, life_safety}; reason in text */
	/* Out. */
	struct uuid made;  /* COMMENT */
	ptrdiff_t changed; /* ATTACH, DETACH: how many */
	struct uuid place; /* DETACH: the incident they were in, or one merged into it; JOIN: which came */
};
bool incident_decide(struct decision *d, void *arg, struct err *err);

/* What closing would leave open.  Works inside a decision and for a preview. */
struct open_end {
	enum { OPEN_CLOCK, OPEN_REQUEST, OPEN_REPORTER } kind;
	struct uuid id;
};
MUST_CHECK bool incident_open_ends(struct db *db, struct arena *a, struct uuid incident,
				   struct open_end **out, ptrdiff_t *out_count, struct err *err);
