#include "regime/check.h"
#include "regime/plan.h"
#include "regime/severity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What loads can be used: plans, routes and scores, with no fact and with all of them. */
static void use(const struct regime *r, struct arena *a)
{
	struct duty_anchor anchors[ANCHOR_COUNT];
	struct duty_facts f = { .events = 2 * EVENT_STANDING - 1, .anchors = anchors };
	const struct duty_clock *clocks;
	ptrdiff_t n;
	struct err err;
	for (int i = 0; i < ANCHOR_COUNT; i++)
		anchors[i] = (struct duty_anchor){ regime_anchor_name((enum regime_anchor)i),
		                                   { DAYS(20000 + 7 * i) } };
	for (int round = 0; round < 2; round++) {
		if (regime_plan(r, &f, a, &clocks, &n, &err))
			for (ptrdiff_t i = 0; i < n; i++)
				ASSERT(clocks[i].source.len > 0
				       && (!clocks[i].has_due
				           || !instant_before(clocks[i].due, clocks[i].start)));
		f.anchors_count = ANCHOR_COUNT;
		f.party.cii = true;
	}
	struct severity_result res;
	if (regime_score(r, &(struct severity_input){ .life_safety = true, .campaign_sectors = 3 }, a, &res,
	                 &err))
		ASSERT(res.low <= res.provisional && res.provisional <= res.high && res.band != NULL);
	ASSERT(regime_team_for(r, &f.party, a).team != NULL);
	for (ptrdiff_t i = 0, steps = 0; i < r->teams_count; i++, steps = 0)
		for (const struct regime_team *t = &r->teams[i]; t != NULL; t = regime_team_above(r, t))
			ASSERT(steps++ <= r->teams_count);
	(void)regime_count(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct regime_problems problems;
	const struct regime *r = NULL;
	struct err err = { 0 };
	arena_init(&a, 64 << 20, 256 << 20);
	if (regime_load(&a, (str){ (const char *)data, (ptrdiff_t)size }, S("fuzz"), &problems, &r, &err))
		use(r, &a);
	else
		ASSERT(err.code != ERR_NONE && problems.errors > 0 && problems.count > 0);
	arena_done(&a);
	return 0;
}
