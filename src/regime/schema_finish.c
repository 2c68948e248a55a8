#include "regime/schema.h"

static bool has(const struct yaml *y, const char *key)
{
	return yaml_get(y, str_from(key)) != NULL;
}

static int count_keys(const struct yaml *y, const char *const *keys)
{
	int n = 0;
	for (; *keys != NULL; keys++)
		n += has(y, *keys);
	return n;
}

void finish_span(struct loader *l, const struct yaml *y, void *made)
{
	static const char *const units[] = { "minutes", "hours", "days", "business_days", "months", NULL };
	const struct regime_span *span = made;
	if (count_keys(y, units) != 1)
		wrong(l, y, "a period is exactly one of minutes, hours, days, business_days, months");
	if (has(y, "calendar") && !has(y, "business_days"))
		wrong(l, y, "only business_days use a calendar");
	if (span->end_of_day && (has(y, "minutes") || has(y, "hours")))
		wrong(l, y, "minutes and hours are elapsed time: they cannot end with the day");
}

void finish_deadline(struct loader *l, const struct yaml *y, void *made)
{
	static const char *const add[] = { "anchor", "add", NULL },
		*const branch[] = { "if", "then", "else", NULL };
	struct regime_deadline *d = made;
	int of_add = count_keys(y, add), of_if = count_keys(y, branch), of_min = has(y, "min");
	if ((of_add > 0) + (of_if > 0) + of_min != 1)
		wrong(l, y, "a deadline is one of: null; anchor and add; min; if, then and else");
	else if (of_add == 1)
		wrong(l, y, "a deadline needs both anchor and add");
	else if (of_if == 1 || of_if == 2)
		wrong(l, y, "a deadline with if needs if, then and else");
	else if (of_min && d->min_count < 2)
		wrong(l, y, "min needs at least two deadlines to choose from");
	else
		d->kind = of_add ? DEADLINE_ADD : of_min ? DEADLINE_MIN : DEADLINE_IF;
}

void finish_step(struct loader *l, const struct yaml *y, void *made)
{
	const struct regime_step *s = made;
	const struct yaml *deadline = yaml_get(y, S("deadline")), *target = yaml_get(y, S("advisory_target"));
	bool open = deadline != NULL && yaml_is_null(deadline);
	if ((deadline != NULL) == s->continuous)
		wrong(l, y, "a step has either a deadline (null where the law names none) or continuous: "
		      "true");
	if (open != has(y, "from"))
		wrong(l, y, "a step without a number needs \"from\": what its time is measured from; others "
		      "must not have it");
	if (target != NULL && (!open || yaml_is_null(target)))
		wrong(l, target, "advisory_target is a deadline beside deadline: null");
	if (s->reminders_count && !s->continuous && open && target == NULL)
		wrong(l, y, "reminders need a deadline or an advisory_target to count from");
}

void finish_duty(struct loader *l, const struct yaml *y, void *made)
{
	struct regime_duty *duty = made;
	const struct yaml *steps = yaml_get(y, S("steps"));
	(void)l;
	if (steps == NULL || steps->kind != YAML_LIST)
		return;
	/* Ours until the regime is handed out: what a step leaves open, the duty says. */
	struct regime_step *step = (struct regime_step *)(uintptr_t)duty->steps;
	for (const struct yaml *s = steps->first; s != NULL; s = s->next, step++) {
		if (!has(s, "owes"))
			step->owes = duty->owes;
		if (!has(s, "status"))
			step->status = duty->status;
		if (!has(s, "to"))
			step->to = duty->to;
	}
}

void finish_team(struct loader *l, const struct yaml *y, void *made)
{
	struct regime_team *t = made;
	if (t->kind == TEAM_SECTORAL_CERT && t->sector.len == 0)
		wrong(l, y, "a sectoral_cert needs a sector");
	if (t->kind == TEAM_PROVINCIAL_CERT && t->province.len == 0)
		wrong(l, y, "a provincial_cert needs a province");
	if (t->sharing_mode.len && !str_eq(t->sharing_mode, S("receive_all_send_selected")))
		wrong(l, y, "sharing_mode can only be receive_all_send_selected");
}

void finish_route(struct loader *l, const struct yaml *y, void *made)
{
	const struct regime_route_rule *rule = made;
	if ((rule->by == ROUTE_TO_TEAM) != has(y, "team"))
		wrong(l, y, "a routing rule names a team if, and only if, it goes by team");
}

void finish_retention(struct loader *l, const struct yaml *y, void *made)
{
	static const char *const units[] = { "days", "months", "years", NULL };
	(void)made;
	if (count_keys(y, units) != 1)
		wrong(l, y, "a retention period is exactly one of days, months, years");
}

void finish_escalation(struct loader *l, const struct yaml *y, void *made)
{
	static const char *const causes[] = { "band_min", "unacknowledged_minutes", NULL };
	(void)made;
	if (count_keys(y, causes) != 1)
		wrong(l, y, "an escalation has exactly one of band_min, unacknowledged_minutes");
}

void finish_floor(struct loader *l, const struct yaml *y, void *made)
{
	static const char *const effects[] = { "at_least", "raise_bands", NULL };
	(void)made;
	if (count_keys(y, effects) != 1)
		wrong(l, y, "a floor has exactly one of at_least, raise_bands");
}

void finish_category(struct loader *l, const struct yaml *y, void *made)
{
	const struct regime_category *c = made;
	int64_t least = INT64_MAX, most = -1;
	int known = 0, unknown = 0;
	for (ptrdiff_t i = 0; i < c->options_count; i++) {
		const struct regime_option *o = &c->options[i];
		unknown += o->unknown;
		known += !o->unknown;
		if (o->unknown)
			continue;
		least = MIN(least, o->value);
		most = MAX(most, o->value);
	}
	if (known < 2 || least >= most)
		wrong(l, y, "a category needs at least two options of different value besides an unknown "
		      "one");
	if (unknown > 1)
		wrong(l, y, "a category has at most one option that is unknown");
	for (ptrdiff_t i = 0; i < c->options_count && known >= 2; i++)
		if (c->options[i].unknown && (c->options[i].value < least || c->options[i].value > most))
			wrong(l, y, "the unknown option lies outside of what the others can be");
}

static void check_bands(struct loader *l, const struct yaml *y, const struct regime_severity *s)
{
	for (ptrdiff_t i = 1; i < s->bands_count; i++)
		if (s->bands[i].min <= s->bands[i - 1].min)
			wrong(l, y, "bands go from the mildest up: \"" STR_FMT "\" has to begin above "
			      "\"" STR_FMT "\"", STR_ARG(str_sub(s->bands[i].id, 0, 60)),
			      STR_ARG(str_sub(s->bands[i - 1].id, 0, 60)));
	if (s->bands_count && s->bands[0].min != 0)
		wrong(l, y, "the mildest band has to begin at 0");
	if (s->bands_count > REGIME_BANDS_MAX)
		wrong(l, y, "there are %td bands; at most %d can be told apart", s->bands_count,
		      REGIME_BANDS_MAX);
}

void finish_severity(struct loader *l, const struct yaml *y, void *made)
{
	const struct regime_severity *s = made;
	int64_t min = 0, max = 0;
	bool scored = s->categories_count > 0;
	if ((has(y, "min") && has(y, "max")) != scored)
		wrong(l, y, "min and max are there if, and only if, there are categories");
	if (!scored)
		return;
	for (ptrdiff_t i = 0; i < s->categories_count; i++) {
		const struct regime_category *c = &s->categories[i];
		int64_t least = 100, most = 0;
		for (ptrdiff_t k = 0; k < c->options_count; k++) {
			least = MIN(least, c->options[k].value);
			most = MAX(most, c->options[k].value);
		}
		min += c->weight * least;
		max += c->weight * most;
	}
	if (s->min != min || s->max != max || min >= max)
		wrong(l, y, "weights and options add up to %lld at least and %lld at most, not to %lld and "
		      "%lld", (long long)min,
		      (long long)max, (long long)s->min, (long long)s->max);
	check_bands(l, y, s);
}

void finish_council(struct loader *l, const struct yaml *y, void *made)
{
	const struct regime_council *c = made;
	int chairs = 0;
	for (ptrdiff_t i = 0; i < c->seats_count; i++)
		chairs += c->seats[i].chair;
	if (chairs > 1)
		wrong(l, y, "more than one seat is the chair");
	else if (chairs == 0)
		problem_add(l, y->at, false, "no seat is the chair");
}
