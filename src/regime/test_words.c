/* Deadlines in words, of the regime files in this checkout and of forms that they lack. */
#include "regime/test_support.h"
#include "regime/words.h"

static const struct regime_step *step_of(const struct regime *r, const char *duty, const char *step)
{
	for (ptrdiff_t i = 0; i < r->duties_count; i++)
		for (ptrdiff_t k = 0; k < r->duties[i].steps_count; k++)
			if (str_eq(r->duties[i].id, str_from(duty)) &&
			    str_eq(r->duties[i].steps[k].id, str_from(step)))
				return &r->duties[i].steps[k];
	return NULL;
}

static void says(str text, const char *wanted)
{
	if (!str_eq(text, str_from(wanted)))
		fprintf(stderr, "got  '" STR_FMT "'\nwant '%s'\n", STR_ARG(text), wanted);
	ASSERT(str_eq(text, str_from(wanted)));
}

int main(void)
{
	struct arena a;
	arena_init(&a, ARENA_SOFT_DEFAULT, ARENA_HARD_DEFAULT);
	const struct regime *eu = regime_from(&a, "eu-nis2.yaml"),
			    *pk = regime_from(&a, "pakistan-2023.yaml");
	const struct regime_step *s = step_of(eu, "EU-NIS2-INC", "notification");
	for (ptrdiff_t i = 0; s == NULL && i < eu->duties_count; i++)
		s = step_of(eu, arena_cstr(&a, eu->duties[i].id), "notification");
	ASSERT(s != NULL);
	says(step_words(&a, s),
	     "24 hours after aware if it is a trust_service_provider, otherwise 72 hours after aware");
	ASSERT(step_of(pk, "PK-DIRECTIVE", "comply") != NULL);
	says(step_words(&a, step_of(pk, "PK-DIRECTIVE", "comply")), "30 days after issued");
	struct regime_deadline null = { .kind = DEADLINE_NULL };
	says(deadline_words(&a, &null), "without delay");
	struct regime_deadline two[] = {
		{ .kind = DEADLINE_ADD, .anchor = { .text = S("classified") }, .add = { .hours = 4 } },
		{ .kind = DEADLINE_ADD, .anchor = { .text = S("aware") }, .add = { .hours = 24 } },
	};
	struct regime_deadline earlier = { .kind = DEADLINE_MIN, .min = two, .min_count = 2 };
	says(deadline_words(&a, &earlier),
	     "the earlier of 4 hours after classified and 24 hours after aware");
	struct regime_deadline month = { .kind = DEADLINE_ADD,
					 .anchor = { .text = S("report.submitted") },
					 .add = { .months = 1 } };
	says(deadline_words(&a, &month), "1 month after report.submitted");
	const struct regime_anchor_ref refs[] = { { .anchor = ANCHOR_NOTICED }, { .anchor = ANCHOR_TOLD } };
	struct regime_deadline any = {
		.kind = DEADLINE_ADD,
		.add = { .business_days = 1, .end_of_day = true },
		.anchor = { .text = S("earliest(noticed,told)"), .refs = refs, .refs_count = 2 }
	};
	says(deadline_words(&a, &any),
	     "1 business day, until the end of the day, after the earliest of noticed and told");
	struct regime_condition high = { .band_min = S("high") };
	struct regime_deadline fork = {
		.kind = DEADLINE_IF, .test = &high, .then = &two[0], .otherwise = &null
	};
	says(deadline_words(&a, &fork),
	     "4 hours after classified if the band is at least high, otherwise without delay");
	struct regime_step bare = { .title = { .text = S("x") } };
	says(step_words(&a, &bare), "continuous");
	arena_done(&a);
	return 0;
}
