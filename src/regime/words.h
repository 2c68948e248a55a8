/* words.h - a regime's conditions on time, said in a sentence for people. */
#pragma once
#include "regime/plan.h"

/* "72 hours after aware", "the earlier of 4 hours after classified and 24 hours after aware", "without
 * delay". */
str deadline_words(struct arena *a, const struct regime_deadline *d);
/* The same of a step: "continuous" if it has no deadline, "without delay (target: 6 hours after aware)". */
str step_words(struct arena *a, const struct regime_step *s);
