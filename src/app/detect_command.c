#include "app/detect_command.h"

#include <stdio.h>
#include "app/hunt.h"
#include "model/text_safety.h"

enum { REFUSED_SHOWN = 5 };

static void tell_refused_indicators(const struct detect_indicators *i, struct arena *a)
{
	int shown = 0;
	if (i->counts.refused == 0)
		return;
	for (const struct indicator_refusal *r = i->refused; r && shown < REFUSED_SHOWN; r = r->next, shown++)
		(void)fprintf(stderr, "naubat: " STR_FMT ":%lld: " STR_FMT ": " STR_FMT "\n",
			      STR_ARG(text_safety_line(a, r->file, 500)), (long long)r->line,
			      STR_ARG(text_safety_line(a, r->value, 200)),
			      STR_ARG(text_safety_line(a, r->why, 300)));
	if (i->counts.refused > shown)
		(void)fprintf(stderr, "naubat: %lld indicators were refused in all\n",
			      (long long)i->counts.refused);
}

static bool run(struct hunt *h, enum hunt_exit *out_exit, struct err *err)
{
	struct detect_rules rules = { 0 };
	ptrdiff_t count;
	h->details = details_load(h->a);
	const str *fields = hunt_fields(h->o, h->details, h->a, &count);
	if (h->o->indicators.count) {
		if (!detect_indicators_load(h->o, h->a, &h->indicators, err))
			return false;
		if (!h->o->quiet)
			tell_refused_indicators(&h->indicators, h->a);
	}
	bool fine = detect_rules_load(h->o, fields, count, h->a, &rules, err);
	if (fine && h->indicators.all)
		unit_set_indicators(rules.unit, h->indicators.all);
	h->rules = &rules;
	fine = fine && hunt_run(h, out_exit, err);
	detect_rules_done(&rules);
	indicators_free(h->indicators.all);
	return fine;
}

int detect_command(int argc, char **argv)
{
	return hunt_with_options(DETECT_RULES, argc, argv, run);
}
