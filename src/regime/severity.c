#include "regime/severity.h"
#include "regime/eval.h"

int regime_band_rank(const struct regime *r, str id)
{
	for (ptrdiff_t i = 0; i < r->severity->bands_count; i++)
		if (str_eq(r->severity->bands[i].id, id))
			return (int)i;
	return -1;
}

const struct regime_band *regime_band_find(const struct regime *r, str id)
{
	int rank = regime_band_rank(r, id);
	return rank < 0 ? NULL : &r->severity->bands[rank];
}

static const struct regime_option *option_find(const struct regime_category *c, str id)
{
	for (ptrdiff_t i = 0; i < c->options_count; i++)
		if (str_eq(c->options[i].id, id))
			return &c->options[i];
	return NULL;
}

/* I1 and I2 of severity.h. */
static void fill_unknown(struct severity_part *part)
{
	const struct regime_category *c = part->category;
	int64_t low = INT64_MAX, high = 0, documented = -1;
	for (ptrdiff_t i = 0; i < c->options_count; i++) {
		const struct regime_option *o = &c->options[i];
		if (o->unknown) {
			documented = o->value;
			continue;
		}
		low = MIN(low, o->value);
		high = MAX(high, o->value);
	}
	part->low = low;
	part->high = part->provisional = high;
	for (ptrdiff_t i = 0; i < c->options_count; i++) {
		int64_t value = c->options[i].value;
		if (!c->options[i].unknown && 2 * value >= low + high)
			part->provisional = MIN(part->provisional, value);
	}
	if (documented >= 0)
		part->provisional = documented;
}

static bool answer_find(const struct severity_input *in, const struct regime_category *c, str *out_option,
                        struct err *err)
{
	int found = 0;
	for (ptrdiff_t i = 0; i < in->answers_count; i++)
		if (str_eq(in->answers[i].category, c->id)) {
			*out_option = in->answers[i].option;
			found++;
		}
	if (found > 1)
		return err_set(err, ERR_INPUT, "the category \"" STR_FMT "\" is answered more than once",
		               STR_ARG(c->id));
	return true;
}

static bool fill_part(const struct severity_input *in, struct severity_part *part, struct err *err)
{
	str id = { 0 };
	if (!answer_find(in, part->category, &id, err))
		return false;
	const struct regime_option *o = id.len ? option_find(part->category, id) : NULL;
	if (id.len && o == NULL)
		return err_set(err, ERR_INPUT, "the category \"" STR_FMT "\" has no option \"" STR_FMT "\"",
		               STR_ARG(part->category->id), STR_ARG(str_sub(id, 0, 60)));
	if (o == NULL || o->unknown) {
		fill_unknown(part);
		return true;
	}
	part->option = o;
	part->low = part->provisional = part->high = o->value;
	return true;
}

static bool check_answers(const struct regime_severity *s, const struct severity_input *in, struct err *err)
{
	for (ptrdiff_t i = 0; i < in->answers_count; i++) {
		ptrdiff_t k = 0;
		while (k < s->categories_count && !str_eq(s->categories[k].id, in->answers[i].category))
			k++;
		if (k == s->categories_count)
			return err_set(err, ERR_INPUT, "there is no severity category \"" STR_FMT "\"",
			               STR_ARG(str_sub(in->answers[i].category, 0, 60)));
	}
	if (s->categories_count && in->chosen_band.len)
		return err_set(err, ERR_INPUT, "this regime computes the band: answer its categories instead "
		               "of choosing one");
	return true;
}

static int64_t value_low(const struct severity_part *p)         { return p->low; }
static int64_t value_provisional(const struct severity_part *p) { return p->provisional; }
static int64_t value_high(const struct severity_part *p)        { return p->high; }

/* Hundredths, rounded half up.  The sum lies between min and max, which were checked when loading. */
static int64_t score_of(const struct regime_severity *s, const struct severity_part *parts,
                        int64_t (*value)(const struct severity_part *))
{
	int64_t sum = 0, range = s->max - s->min;
	for (ptrdiff_t i = 0; i < s->categories_count; i++)
		sum += s->categories[i].weight * value(&parts[i]);
	int64_t score = (2 * 10000 * (sum - s->min) + range) / (2 * range);
	return MIN(MAX(score, 0), 10000);
}

static const struct regime_band *band_of(const struct regime_severity *s, int64_t score)
{
	ptrdiff_t i = s->bands_count - 1;
	while (i > 0 && score < s->bands[i].min * 100)
		i--;
	return &s->bands[i];
}

struct floors {
	const struct regime *regime;
	const struct severity_input *input;
	const struct severity_part *parts;
	struct severity_floor_hit *hits;        /* NULL: only the band is wanted */
	ptrdiff_t hits_count;
};

/* First every "at least", then every "raise": the order of the file must not change the result. */
static const struct regime_band *apply_floors(struct floors *f, const struct regime_band *band,
                                              int64_t (*value)(const struct severity_part *))
{
	const struct regime_severity *s = f->regime->severity;
	struct view v = { .regime = f->regime, .party = &f->input->party, .band = -1,
	                  .life_safety = f->input->life_safety,
	                  .campaign_sectors = f->input->campaign_sectors,
	                  .parts = f->parts, .parts_count = s->categories_count, .part_value = value };
	for (int pass = 0; pass < 2; pass++)
		for (ptrdiff_t i = 0; i < s->floors_count; i++) {
			const struct regime_floor *floor = &s->floors[i];
			if ((floor->raise_bands > 0) != (pass == 1) || !condition_holds(floor->when, &v))
				continue;
			ptrdiff_t from = band - s->bands, to = pass ? from + floor->raise_bands
			                                             : regime_band_rank(f->regime,
			                                             floor->at_least);
			to = MIN(MAX(from, to), s->bands_count - 1);
			if (f->hits != NULL)
				f->hits[f->hits_count++] = (struct severity_floor_hit){ floor,
						&s->bands[from], &s->bands[to] };
			band = &s->bands[to];
		}
	return band;
}

static bool score_parts(const struct regime_severity *s, const struct severity_input *in,
                        struct severity_part *parts,
                        struct severity_result *res, struct err *err)
{
	res->scored = res->complete = true;
	for (ptrdiff_t i = 0; i < s->categories_count; i++) {
		parts[i].category = &s->categories[i];
		if (!fill_part(in, &parts[i], err))
			return false;
		res->complete &= parts[i].option != NULL;
	}
	res->parts = parts;
	res->parts_count = s->categories_count;
	res->low = score_of(s, parts, value_low);
	res->provisional = score_of(s, parts, value_provisional);
	res->high = score_of(s, parts, value_high);
	return true;
}

bool regime_score(const struct regime *r, const struct severity_input *input, struct arena *a,
                  struct severity_result *out_result, struct err *err)
{
	const struct regime_severity *s = r->severity;
	struct severity_result res = { 0 };
	struct severity_part *parts = NEW(a, struct severity_part, s->categories_count);
	const struct regime_band *low, *high;
	if (!check_answers(s, input, err))
		return false;
	if (s->categories_count == 0) {
		low = high = res.by_score = regime_band_find(r, input->chosen_band);
		if (low == NULL)
			return err_set(err, ERR_INPUT, "choose one of the bands of " STR_FMT, STR_ARG(r->id));
	} else {
		if (!score_parts(s, input, parts, &res, err))
			return false;
		low = band_of(s, res.low);
		high = band_of(s, res.high);
		res.by_score = band_of(s, res.provisional);
	}
	struct floors f = { .regime = r, .input = input, .parts = parts };
	res.band_low = apply_floors(&f, low, value_low);
	res.band_high = apply_floors(&f, high, value_high);
	f.hits = NEW(a, struct severity_floor_hit, s->floors_count);
	res.band = apply_floors(&f, res.by_score, value_provisional);
	res.floors = f.hits;
	res.floors_count = f.hits_count;
	*out_result = res;
	return true;
}
