#include "regime/eval.h"

static void consider(const struct regime_anchor_expr *expr, struct instant at, bool *known,
                     struct instant *best)
{
	bool better = !*known || (expr->latest ? instant_before(*best, at) : instant_before(at, *best));
	*best = better ? at : *best;
	*known = true;
}

static void consider_steps(const struct regime_anchor_expr *expr, str step, bool on_receipt,
                           const struct view *v, bool *known, struct instant *best)
{
	for (ptrdiff_t i = 0; i < v->facts->submissions_count; i++) {
		const struct duty_submission *s = &v->facts->submissions[i];
		if (!str_eq(s->duty, v->duty->id) || !str_eq(s->step, step)
		    || (on_receipt && !s->has_received))
			continue;
		consider(expr, on_receipt ? s->received : s->submitted, known, best);
	}
}

bool anchor_instant(const struct regime_anchor_expr *expr, const struct view *v, struct instant *out_at)
{
	bool known = false;
	struct instant best = { 0 };
	for (ptrdiff_t i = 0; i < expr->refs_count; i++) {
		const struct regime_anchor_ref *ref = &expr->refs[i];
		if (ref->of_step) {
			consider_steps(expr, ref->step, ref->on_receipt, v, &known, &best);
			continue;
		}
		for (ptrdiff_t k = 0; k < v->facts->anchors_count; k++)
			if (str_eq(v->facts->anchors[k].name, regime_anchor_name(ref->anchor)))
				consider(expr, v->facts->anchors[k].at, &known, &best);
	}
	if (known)
		*out_at = best;
	return known;
}

static void note_missing(struct moment *m, const struct regime_anchor_expr *expr)
{
	for (ptrdiff_t i = 0; i < m->missing_count; i++)
		if (str_eq(m->missing[i]->text, expr->text))
			return;
	if (m->missing_count < COUNTOF(m->missing))
		m->missing[m->missing_count++] = expr;
}

static bool evaluate_add(const struct regime_deadline *d, const struct view *v, struct moment *m,
                         struct err *err)
{
	m->start_known = anchor_instant(&d->anchor, v, &m->start);
	if (!m->start_known) {
		note_missing(m, &d->anchor);
		return true;
	}
	m->known = regime_add(v->regime, m->start, &d->add, &m->due, err);
	return m->known;
}

/* The earliest of what is known.  What is not known yet can only bring it forward, and is named. */
static bool evaluate_min(const struct regime_deadline *d, const struct view *v, struct moment *m,
                         struct err *err)
{
	for (ptrdiff_t i = 0; i < d->min_count; i++) {
		struct moment one;
		if (!deadline_evaluate(&d->min[i], v, &one, err))
			return false;
		for (ptrdiff_t k = 0; k < one.missing_count; k++)
			note_missing(m, one.missing[k]);
		if (!one.known || (m->known && !instant_before(one.due, m->due)))
			continue;
		m->known = m->start_known = true;
		m->due = one.due;
		m->start = one.start;
		m->origin = one.origin ? one.origin : m->origin;
	}
	return true;
}

bool deadline_evaluate(const struct regime_deadline *d, const struct view *v, struct moment *out_moment,
                       struct err *err)
{
	struct moment m = { 0 };
	bool ok = true;
	switch (d->kind) {
	case DEADLINE_NULL:
		m.null = true;
		break;
	case DEADLINE_ADD:
		ok = evaluate_add(d, v, &m, err);
		break;
	case DEADLINE_MIN:
		ok = evaluate_min(d, v, &m, err);
		break;
	case DEADLINE_IF:
		ok = deadline_evaluate(condition_holds(d->test, v) ? d->then : d->otherwise, v, &m, err);
		break;
	}
	if (!ok)
		return false;
	if (m.origin == NULL && d->origin.text.len)
		m.origin = &d->origin;
	*out_moment = m;
	return true;
}
