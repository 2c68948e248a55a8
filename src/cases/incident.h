/* incident.h - opening incidents and what a handler does with them.
 *
 * Attach, open, merge and split are truly undone: reports, parties and messages stay where they were made
 * and only the link between them moves, so that taking it back leaves exactly what was there.
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
	/* Out. */
	struct uuid id;
	str number; /* in `arena` */
	struct arena *arena;
};
bool incident_open_decide(struct decision *d, void *arg, struct err *err);

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
	struct uuid other;           /* GIVE: to; MERGE: into */
	str text;                    /* title, class, tlp, reason, comment, waiting on, team */
	str resolution;              /* CLOSE */
	struct instant until;        /* WAIT */
	const struct json *severity; /* SCORE: {factors, override_band, life_safety}; reason in text */
	/* Out. */
	struct uuid made;  /* COMMENT */
	ptrdiff_t changed; /* ATTACH, DETACH: how many */
};
bool incident_decide(struct decision *d, void *arg, struct err *err);

/* What closing would leave open.  Works inside a decision and for a preview. */
struct open_end {
	enum { OPEN_CLOCK, OPEN_REQUEST, OPEN_REPORTER } kind;
	struct uuid id;
};
MUST_CHECK bool incident_open_ends(struct db *db, struct arena *a, struct uuid incident,
				   struct open_end **out, ptrdiff_t *out_count, struct err *err);
