/* keeping.h - what must not go and what has gone: legal holds and purges, as pages show them. */
#pragma once
#include "query/view.h"

/* Into `annex`, for the coordinator's people, of a report or an incident and what was written in it:
 * hold: {since, by, reason}|null, purges: [{id, words, target, asked_at, asked_by, reason, done_at,
 * done_by}]. */
MUST_CHECK bool view_keeping(struct view *v, struct uuid subject, struct json *annex, struct err *err);

/* Newest first.  v->who: an auditor sees those of every team, without the case; others their team's. */
struct purge_page {
	struct record **records;
	ptrdiff_t count;
	struct uuid next; /* `before` of the next page; nil: this was the last */
};
MUST_CHECK bool view_purges(struct view *v, str state, struct uuid before, int64_t count,
			    struct purge_page *out, struct err *err);
