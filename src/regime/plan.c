#include "regime/plan.h"

#include "base/buf.h"
#include "regime/eval.h"

struct planner {
	const struct regime *regime;
	struct arena *arena;
	struct view view;
	struct duty_clock *clocks;
	ptrdiff_t count;
};

/* The anchors of a deadline as the file has them, for people; a null one counts from the step's `from`. */
static void describe(struct buf *b, const struct regime_deadline *d)
{
	switch (d->kind) {
	case DEADLINE_NULL:
		break;
	case DEADLINE_ADD:
		if (b->len && str_find(buf_str(b), d->anchor.text) >= 0)
			break;
		buf_add(b, b->len ? S(" / ") : S(""));
		buf_add(b, d->anchor.text);
		break;
	case DEADLINE_MIN:
		for (ptrdiff_t i = 0; i < d->min_count; i++)
			describe(b, &d->min[i]);
		break;
	case DEADLINE_IF:
		describe(b, d->then);
		describe(b, d->otherwise);
		break;
	}
}

static str anchor_text(struct planner *p, const struct regime_step *s)
{
	struct buf b;
	if (s->continuous)
		return (str){ 0 };
	if (s->deadline->kind == DEADLINE_NULL)
		return s->from.text;
	buf_init(&b, p->arena, 2000);
	describe(&b, s->deadline);
	return buf_str(&b);
}

static void set_missing(struct planner *p, struct duty_clock *c, const struct moment *m)
{
	str *list = NEW(p->arena, str, m->missing_count);
	for (ptrdiff_t i = 0; i < m->missing_count; i++)
		list[i] = m->missing[i]->text;
	c->missing = list;
	c->missing_count = m->missing_count;
}

/* I4: a step's own origin, or that of the branch taken; an assumed duty makes its steps assumed. */
static void set_basis(struct planner *p, struct duty_clock *c, const struct regime_origin *branch)
{
	const struct regime_origin *o = branch ? branch : &c->step->origin, *whole = &c->duty->origin;
	c->assumed = o->assumed || whole->assumed;
	c->weak = o->weak;
	c->basis = c->assumed ? BASIS_TARGET : c->step->status;
	c->source = o->text;
	if (whole->assumed && !o->assumed)
		c->source = arena_printf(p->arena, STR_FMT "; the duty itself is assumed: " STR_FMT,
		                         STR_ARG(o->text), STR_ARG(whole->assume));
}

static bool set_null_times(struct planner *p, struct duty_clock *c, struct moment *m, struct err *err)
{
	const struct regime_step *s = c->step;
	struct moment target = { 0 };
	/* A branch may be null in a step that has deadlines otherwise: then it waits for nothing. */
	m->start_known = s->from.refs_count == 0 || anchor_instant(&s->from, &p->view, &m->start);
	if (!m->start_known)
		m->missing[m->missing_count++] = &s->from;
	c->has_start = m->start_known && s->from.refs_count;
	if (s->target == NULL || !m->start_known)
		return true;
	if (!deadline_evaluate(s->target, &p->view, &target, err))
		return false;
	c->has_target = target.known;
	c->target = target.due;
	return true;
}

static bool set_times(struct planner *p, struct duty_clock *c, struct err *err)
{
	struct moment m = { 0 };
	if (c->step->continuous) {
		c->state = CLOCK_ARMED;
		set_basis(p, c, NULL);
		return true;
	}
	if (!deadline_evaluate(c->step->deadline, &p->view, &m, err))
		return false;
	if (m.null && !set_null_times(p, c, &m, err))
		return false;
	if (!m.null)
		c->has_start = m.known;
	c->has_due = m.known;
	c->state = m.known || (m.null && m.start_known) ? CLOCK_ARMED : CLOCK_WAITING;
	c->provisional = m.known && m.missing_count > 0;
	c->start = m.start;
	c->due = m.due;
	ASSERT(!c->has_due || !instant_before(c->due, c->start));       /* I1 */
	set_missing(p, c, &m);
	set_basis(p, c, m.origin);
	return true;
}

static bool plan_duty(struct planner *p, const struct regime_duty *duty, struct err *err)
{
	p->view.duty = duty;
	if (!(p->view.facts->events & duty->on) || !condition_holds(duty->when, &p->view))
		return true;
	for (ptrdiff_t i = 0; i < duty->steps_count; i++) {
		const struct regime_step *s = &duty->steps[i];
		if (!condition_holds(s->when, &p->view))
			continue;
		struct duty_clock *c = &p->clocks[p->count++];
		*c = (struct duty_clock){ .duty = duty, .step = s, .title = s->title.text };
		c->owes = s->owes;
		c->to = s->to;
		c->anchor = anchor_text(p, s);
		if (!set_times(p, c, err))
			return err_wrap(err, "duty " STR_FMT ", step " STR_FMT, STR_ARG(duty->id),
			                STR_ARG(s->id));
	}
	return true;
}

static bool check_facts(const struct regime *r, const struct duty_facts *facts, struct err *err)
{
	enum regime_anchor unused;
	if (facts->events & ~(2u * EVENT_STANDING - 1))
		return err_set(err, ERR_INPUT, "there is no such event: %#x", facts->events);
	if (facts->band.len && regime_band_rank(r, facts->band) < 0)
		return err_set(err, ERR_INPUT, "the regime " STR_FMT " has no severity band \"" STR_FMT "\"",
		               STR_ARG(r->id), STR_ARG(str_sub(facts->band, 0, 60)));
	for (ptrdiff_t i = 0; i < facts->anchors_count; i++)
		if (!regime_anchor_find(facts->anchors[i].name, &unused))
			return err_set(err, ERR_INPUT, "there is no anchor \"" STR_FMT "\"",
			               STR_ARG(str_sub(facts->anchors[i].name, 0, 60)));
	return true;
}

bool regime_plan(const struct regime *r, const struct duty_facts *facts, struct arena *a,
                 const struct duty_clock **out_clocks, ptrdiff_t *out_count, struct err *err)
{
	ptrdiff_t most = 0;
	if (!check_facts(r, facts, err))
		return false;
	for (ptrdiff_t i = 0; i < r->duties_count; i++)
		most += r->duties[i].steps_count;
	struct planner p = { .regime = r, .arena = a, .clocks = NEW(a, struct duty_clock, most) };
	p.view = (struct view){ .regime = r, .party = &facts->party, .facts = facts };
	p.view.band = facts->band.len ? regime_band_rank(r, facts->band) : -1;
	for (ptrdiff_t i = 0; i < r->duties_count; i++)
		if (!plan_duty(&p, &r->duties[i], err))
			return false;
	*out_clocks = p.clocks;
	*out_count = p.count;
	return true;
}
