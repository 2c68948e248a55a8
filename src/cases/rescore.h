/* rescore.h - a recorded severity follows what becomes known of a case: score.h, S3.
 *
 * An incident that nobody scored has nothing to follow.  An entry is made only if something comes out
 * differently; it says why.  All incidents of the campaign follow, with their clocks.
 */
#pragma once
#include "cases/score.h"
#include "cases/world.h"

struct rescore {
	struct uuid incident; /* what changed; if merged, where it went follows */
	str team;             /* its coordinator */
	str why;
	struct score_news news;
	/* news.only_own: what leaves the campaign's others with it */
	const struct uuid *family;
	ptrdiff_t family_count;
};

/* *band becomes that of the incident, if it follows; the clocks of it are the caller's to plan. */
MUST_CHECK bool rescore_case(struct decision *d, const struct world *w, const struct rescore *r, str *band,
			     struct err *err);
/* Of one incident, without its campaign's others: its clocks are planned too. */
MUST_CHECK bool rescore_one(struct decision *d, const struct world *w, const struct rescore *r,
			    struct err *err);
/* And the others'. */
MUST_CHECK bool rescore_whole(struct decision *d, const struct world *w, const struct rescore *r,
			      struct err *err);
