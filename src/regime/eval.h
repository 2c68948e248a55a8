/* eval.h - conditions and deadlines against facts.  Inside regime/ only. */
#pragma once
#include "regime/plan.h"
#include "regime/severity.h"

/* What conditions look at.  Duties, floors and routing each fill what they have. */
struct view {
	const struct regime *regime;
	const struct regime_party *party;
	int band;                               /* rank; -1 unknown */
	const struct duty_facts *facts;         /* of duties, else NULL */
	const struct regime_duty *duty;         /* whose steps submissions belong to */
	bool life_safety;                       /* the rest: of floors */
	int64_t campaign_sectors;
	const struct severity_part *parts;
	ptrdiff_t parts_count;
	int64_t (*part_value)(const struct severity_part *part);
};

/* NULL holds always. */
bool condition_holds(const struct regime_condition *c, const struct view *v);

/* The instant of an expression; false if no fact gives it. */
bool anchor_instant(const struct regime_anchor_expr *expr, const struct view *v, struct instant *out_at);

struct moment {
	bool known, start_known, null;          /* null: without delay */
	struct instant due, start;
	const struct regime_origin *origin;     /* of the branch taken, if it has its own */
	const struct regime_anchor_expr *missing[16];
	ptrdiff_t missing_count;
};

MUST_CHECK bool deadline_evaluate(const struct regime_deadline *d, const struct view *v,
                                  struct moment *out_moment, struct err *err);
