#include "regime/plan.h"

static bool in_list(const str *list, ptrdiff_t count, str flag)
{
	for (ptrdiff_t i = 0; i < count; i++)
		if (str_eq(list[i], flag))
			return true;
	return false;
}

/* Depth is that of the file, which yaml_parse limits. */
static bool condition_names(const struct regime_condition *c, str flag)
{
	if (c == NULL)
		return false;
	bool named = in_list(c->flag, c->flag_count, flag) || condition_names(c->no, flag);
	for (ptrdiff_t i = 0; i < c->all_count && !named; i++)
		named = condition_names(&c->all[i], flag);
	for (ptrdiff_t i = 0; i < c->any_count && !named; i++)
		named = condition_names(&c->any[i], flag);
	return named;
}

static bool deadline_names(const struct regime_deadline *d, str flag)
{
	if (d == NULL)
		return false;
	bool named = condition_names(d->test, flag) || deadline_names(d->then, flag) ||
		     deadline_names(d->otherwise, flag);
	for (ptrdiff_t i = 0; i < d->min_count && !named; i++)
		named = deadline_names(&d->min[i], flag);
	return named;
}

static bool duty_names(const struct regime_duty *duty, str flag)
{
	if (!(duty->on & (EVENT_INCIDENT | EVENT_BREACH)))
		return false;
	bool named = condition_names(duty->when, flag);
	for (ptrdiff_t i = 0; i < duty->steps_count && !named; i++) {
		const struct regime_step *s = &duty->steps[i];
		named = condition_names(s->when, flag) || deadline_names(s->deadline, flag) ||
			deadline_names(s->target, flag);
	}
	return named;
}

static bool any_names(const struct regime *r, str flag)
{
	for (ptrdiff_t i = 0; i < r->duties_count; i++)
		if (duty_names(&r->duties[i], flag))
			return true;
	return false;
}

static bool has_breach(const struct regime *r)
{
	for (ptrdiff_t i = 0; i < r->duties_count; i++)
		if (r->duties[i].on & EVENT_BREACH)
			return true;
	return false;
}

void regime_questions(const struct regime *r, struct arena *a, const struct regime_question **out,
		      ptrdiff_t *out_count)
{
	struct regime_question *list = NEW(a, struct regime_question, r->flags_count + 2);
	ptrdiff_t n = 0;
	for (ptrdiff_t i = 0; i < r->flags_count; i++) {
		const struct regime_flag *f = &r->flags[i];
		if (any_names(r, f->id))
			list[n++] = (struct regime_question){ f->id, f->title.text, f->criteria,
							      f->criteria_count };
	}
	if (any_names(r, S("ongoing")))
		list[n++] = (struct regime_question){ .id = S("ongoing"),
						      .title = S("Is the incident still going on?") };
	if (has_breach(r))
		list[n++] =
			(struct regime_question){ .id = S("breach"),
						  .title = S("Were personal or customers' data breached?") };
	*out = list;
	*out_count = n;
}

unsigned regime_flag_event(str flag)
{
	return str_eq(flag, S("breach")) ? EVENT_BREACH : 0;
}
