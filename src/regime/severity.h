/* severity.h - how bad an incident is: a score of 0 to 100 in hundredths, and a band.
 *
 * Model: the weighted mean of the US National Cyber Incident Scoring System, with weights, options, bands and
 * floors from the regime file: 100 * (sum(weight * value) - min) / (max - min), rounded half up, no floats.
 *
 * I1. An unknown category never counts as zero.  It counts as its documented Unknown option if it has one;
 *     otherwise as the least option that is not below the middle of its range ("no better than the middle").
 * I2. low <= provisional <= high: low and high take the best and the worst an unknown category can turn out.
 * I3. A floor only raises.  Each floor that fits is reported, with its reason, even if it changed nothing.
 *
 * A regime without categories has bands only: a person chooses one, and floors apply to it.
 */
#pragma once
#include "regime/regime.h"

/* min: whole points */
enum { REGIME_BANDS_MAX = 10 };         /* ranks are 0 to 9: queues seek by each */
struct regime_band     { str id; struct regime_label title; int64_t min; str colour; };
struct regime_option   { str id; struct regime_label title; int64_t value; bool unknown; };
struct regime_category {
	str id;
	struct regime_label title;
	int64_t weight;
	const struct regime_option *options;
	ptrdiff_t options_count;
	struct regime_origin origin;
};
struct regime_floor {
	str id, reason;
	const struct regime_condition *when;
	str at_least;                           /* a band, or empty */
	int64_t raise_bands;
	struct regime_origin origin;
};

struct regime_severity {
	str model;
	const struct regime_band *bands;        /* from the mildest up */
	ptrdiff_t bands_count;
	const struct regime_category *categories;
	ptrdiff_t categories_count;
	int64_t min, max;                       /* least and greatest possible sum; checked when loading */
	const struct regime_floor *floors;
	ptrdiff_t floors_count;
	struct regime_origin origin;
};

struct severity_answer { str category, option; };       /* an option that is empty: unknown */

struct severity_input {
	const struct severity_answer *answers;  /* categories that are absent are unknown */
	ptrdiff_t answers_count;
	str chosen_band;                        /* only for a regime without categories */
	bool life_safety;
	struct regime_party party;              /* for floors: grade, sector ... */
	int64_t campaign_sectors;               /* sectors hit by the same campaign, this one included */
};

struct severity_part {
	const struct regime_category *category;
	const struct regime_option *option;     /* NULL: unknown */
	int64_t low, provisional, high;         /* values, not yet weighted */
};

struct severity_floor_hit {
	const struct regime_floor *floor;
	const struct regime_band *from, *to;    /* equal: it fitted, but the band was there already */
};

struct severity_result {
	bool scored, complete;                  /* complete: no category unknown */
	int64_t low, provisional, high;         /* hundredths: 89.76 is 8976 */
	const struct regime_band *by_score;     /* before floors */
	const struct regime_band *band;         /* after floors: the one to show */
	const struct regime_band *band_low, *band_high;
	const struct severity_part *parts;
	ptrdiff_t parts_count;
	const struct severity_floor_hit *floors;
	ptrdiff_t floors_count;
};

/* Fails on a category, option or band that the regime does not have, and on a category answered twice. */
MUST_CHECK bool regime_score(const struct regime *r, const struct severity_input *input, struct arena *a,
                             struct severity_result *out_result, struct err *err);

/* 0 the mildest; -1 unknown */
int                       regime_band_rank(const struct regime *r, str id);
const struct regime_band *regime_band_find(const struct regime *r, str id);     /* NULL if unknown */
