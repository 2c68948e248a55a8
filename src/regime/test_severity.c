#include "regime/test_support.h"

enum { CATEGORIES = 8, LEFT_OUT = -1 };

/* Answers given as values, in the order of the categories; of options with the same value the first. */
static void answers_of(const struct regime *r, const int values[CATEGORIES], struct severity_answer *answers,
                       struct severity_input *in)
{
	ASSERT(r->severity->categories_count == CATEGORIES);
	for (int i = 0; i < CATEGORIES; i++) {
		const struct regime_category *c = &r->severity->categories[i];
		if (values[i] == LEFT_OUT)
			continue;
		ptrdiff_t k = 0;
		while (k < c->options_count && c->options[k].value != values[i])
			k++;
		ASSERT(k < c->options_count);
		answers[in->answers_count++] = (struct severity_answer){ c->id, c->options[k].id };
	}
	in->answers = answers;
}

static struct severity_result score(const struct regime *r, const int values[CATEGORIES],
                                    struct severity_input in,
                                    struct arena *a)
{
	struct severity_answer answers[CATEGORIES];
	struct severity_result res;
	struct err err;
	answers_of(r, values, answers, &in);
	ASSERT(regime_score(r, &in, a, &res, &err));
	ASSERT(res.scored && res.low <= res.provisional && res.provisional <= res.high);
	ASSERT(res.band_low <= res.band && res.band <= res.band_high && res.by_score <= res.band);
	return res;
}

static void test_vectors(const struct regime *r, struct arena *a)
{
	static const struct { int values[CATEGORIES], score; const char *band; } vectors[] = {
		{ { 0, 0, 30, 20, 0, 20, 15, 0 }, 0, "baseline" },
		{ { 100, 100, 100, 100, 100, 100, 100, 100 }, 10000, "emergency" },
		{ { 70, 80, 40, 50, 70, 40, 35, 75 }, 5561, "medium" },
		{ { 100, 100, 90, 100, 80, 60, 75, 100 }, 8976, "severe" },
		{ { 35, 100, 30, 20, 0, 20, 40, 25 }, 3041, "baseline" },
		{ { 0, 40, 30, 50, 0, 20, 100, 0 }, 1870, "baseline" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(vectors); i++) {
		struct severity_result res = score(r, vectors[i].values, (struct severity_input){ 0 }, a);
		ASSERT(res.provisional == vectors[i].score
		       && str_eq(res.band->id, str_from(vectors[i].band)));
		ASSERT(res.band == res.by_score && res.floors_count == 0);
		ASSERT(!res.complete || (res.low == res.high && res.band_low == res.band_high));
	}
}

/* All unknown: 6*50 + 5*70 + 4*50 + 4*50 + 2*50 + 4*60 + 3*60 + 6*50 = 1870; (1870 - 325) / 3075 = 0.5024 */
static void test_unknown(const struct regime *r, struct arena *a)
{
	static const int none[CATEGORIES] = { LEFT_OUT, LEFT_OUT, LEFT_OUT, LEFT_OUT, LEFT_OUT, LEFT_OUT,
		LEFT_OUT, LEFT_OUT };
	static const int provisional[CATEGORIES] = { 50, 70, 50, 50, 50, 60, 60, 50 };
	static const int bank[CATEGORIES] = { 70, 80, 40, 50, 70, 40, 35, 75 };
	struct severity_result res = score(r, none, (struct severity_input){ 0 }, a);
	ASSERT(!res.complete && res.low == 0 && res.high == 10000 && res.provisional == 5024);
	ASSERT(str_eq(res.band_low->id, S("baseline")) && str_eq(res.band_high->id, S("emergency")));
	for (int i = 0; i < CATEGORIES; i++)
		ASSERT(res.parts[i].option == NULL && res.parts[i].provisional == provisional[i]
		       && provisional[i] > 0);
	/* The actor of the bank is "unknown" (50): 20 at least, 100 at most, weight 4. */
	res = score(r, bank, (struct severity_input){ 0 }, a);
	ASSERT(!res.complete && res.low == 5171 && res.provisional == 5561 && res.high == 6211);
	ASSERT(res.parts[3].low == 20 && res.parts[3].high == 100);
}

static void test_floors(const struct regime *r, struct arena *a)
{
	static const int telecom[CATEGORIES] = { 100, 100, 90, 100, 80, 60, 75, 100 };
	static const int bank[CATEGORIES] = { 70, 80, 40, 40, 70, 40, 35, 75 };
	static const int blind[CATEGORIES] = { LEFT_OUT, 80, 40, 40, 70, 40, 35, 75 };
	struct regime_party grade_a = { .cii = true, .cii_grade = S("A") },
		grade_b = { .cii = true, .cii_grade = S("B") };
	struct severity_result res = score(r, telecom, (struct severity_input){ .campaign_sectors = 2 }, a);
	ASSERT(str_eq(res.by_score->id, S("severe")) && str_eq(res.band->id, S("emergency")));
	ASSERT(res.floors_count == 1 && str_eq(res.floors[0].floor->id, S("campaign"))
	       && res.floors[0].from < res.floors[0].to);
	ASSERT(str_eq(score(r, telecom, (struct severity_input){ .campaign_sectors = 1 }, a).band->id,
	              S("severe")));

	ASSERT(str_eq(score(r, bank, (struct severity_input){ .party = grade_b }, a).band->id, S("medium")));
	ASSERT(str_eq(score(r, bank, (struct severity_input){ .party = grade_a }, a).band->id, S("high")));
	res = score(r, bank, (struct severity_input){ .party = grade_a, .life_safety = true,
	                                              .campaign_sectors = 3 }, a);
	ASSERT(str_eq(res.by_score->id, S("medium")) && str_eq(res.band->id, S("emergency"))
	       && res.floors_count == 3);

	/* Nobody knows the functional impact: the floor is not certain, but it bounds the range. */
	res = score(r, blind, (struct severity_input){ .party = grade_a }, a);
	ASSERT(res.parts[0].provisional == 50 && res.floors_count == 0 && res.band == res.by_score);
	ASSERT(str_eq(res.band_high->id, S("high")) && regime_band_rank(r, res.band_low->id) == 1);

	/* A floor that fits but is below the band is still said. */
	res = score(r, telecom, (struct severity_input){ .life_safety = true }, a);
	ASSERT(res.floors_count == 1 && res.floors[0].from == res.floors[0].to && res.band == res.by_score);
}

static void test_chosen(struct arena *a)
{
	const struct regime *eu = regime_from(a, "eu-nis2.yaml");
	struct severity_result res = { 0 };
	struct err err = { 0 };
	ASSERT(regime_score(eu, &(struct severity_input){ .chosen_band = S("yellow") }, a, &res, &err));
	ASSERT(!res.scored && str_eq(res.band->id, S("yellow")) && res.band_low == res.band);
	ASSERT(!regime_score(eu, &(struct severity_input){ .chosen_band = S("mauve") }, a, &res, &err));
	ASSERT(!regime_score(eu, &(struct severity_input){ 0 }, a, &res, &err));
}

static void test_refused(const struct regime *r, struct arena *a)
{
	static const struct { struct severity_answer answers[2]; const char *says; } cases[] = {
		{ { { { "actor", 5 }, { "aliens", 6 } } }, "aliens" },
		{ { { { "weather", 7 }, { "rain", 4 } } }, "weather" },
		{ { { { "actor", 5 }, { "apt", 3 } }, { { "actor", 5 }, { "criminal", 8 } } },
		  "more than once" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(cases); i++) {
		struct severity_input in = { .answers = cases[i].answers,
			.answers_count = cases[i].answers[1].category.len ? 2 : 1 };
		struct severity_result res = { .low = 7 };
		struct err err = { 0 };
		ASSERT(!regime_score(r, &in, a, &res, &err) && strstr(err.text, cases[i].says)
		       && res.low == 7);
	}
	struct severity_input chosen = { .chosen_band = S("low") };
	struct severity_result res;
	struct err err = { 0 };
	ASSERT(!regime_score(r, &chosen, a, &res, &err) && strstr(err.text, "computes the band"));
}

/* A worse answer never gives a better score, whatever the others say. */
static void test_monotone(const struct regime *r, struct arena *a)
{
	uint64_t seed = 7;
	for (int round = 0; round < 300; round++) {
		struct severity_answer answers[CATEGORIES];
		for (int i = 0; i < CATEGORIES; i++) {
			const struct regime_category *c = &r->severity->categories[i];
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			ptrdiff_t option = (ptrdiff_t)((seed >> 33) % (uint64_t)c->options_count);
			answers[i] = (struct severity_answer){ c->id, c->options[option].id };
		}
		int changed = round % CATEGORIES;
		const struct regime_category *c = &r->severity->categories[changed];
		int64_t before = -1, value = -1;
		for (ptrdiff_t k = 0; k < c->options_count; k++) {
			struct severity_input in = { .answers = answers, .answers_count = CATEGORIES };
			struct severity_result res;
			struct err err;
			answers[changed].option = c->options[k].id;
			ASSERT(regime_score(r, &in, a, &res, &err) && c->options[k].value >= value
			       && res.provisional >= before);
			before = res.provisional;
			value = c->options[k].value;
		}
	}
}

int main(void)
{
	struct arena a;
	arena_init(&a, 64 << 20, 256 << 20);
	const struct regime *r = regime_from(&a, "pakistan-2023.yaml");
	test_vectors(r, &a);
	test_unknown(r, &a);
	test_floors(r, &a);
	test_chosen(&a);
	test_refused(r, &a);
	test_monotone(r, &a);
	arena_done(&a);
	return 0;
}
