#include "regime/words.h"

#include "base/buf.h"

enum { WORDS_MAX = 600, DEPTH_MAX = 8 };

static void span_words(struct buf *b, const struct regime_span *s)
{
	const struct {
		int64_t n;
		const char *one, *many;
	} parts[] = {
		{ s->months, "month", "months" },    { s->business_days, "business day", "business days" },
		{ s->days, "day", "days" },          { s->hours, "hour", "hours" },
		{ s->minutes, "minute", "minutes" },
	};
	ptrdiff_t before = b->len;
	for (ptrdiff_t i = 0; i < COUNTOF(parts); i++)
		if (parts[i].n)
			buf_printf(b, "%s%lld %s", b->len > before ? " and " : "", (long long)parts[i].n,
				   parts[i].n == 1 ? parts[i].one : parts[i].many);
	if (s->end_of_day)
		buf_add(b, b->len > before ? S(", until the end of the day,") : S("the end of the day"));
	else if (b->len == before)
		buf_add(b, S("at once"));
}

static void anchor_words(struct buf *b, const struct regime_anchor_expr *e)
{
	if (e->refs_count < 2) {
		buf_add(b, e->text);
		return;
	}
	buf_printf(b, "the %s of ", e->latest ? "latest" : "earliest");
	for (ptrdiff_t i = 0; i < e->refs_count; i++) {
		const struct regime_anchor_ref *r = &e->refs[i];
		str name = r->of_step ? r->step : regime_anchor_name(r->anchor);
		const char *tail = !r->of_step ? "" : r->on_receipt ? ".received" : ".submitted";
		buf_printf(b, "%s" STR_FMT "%s",
			   i == 0                   ? ""
			   : i + 1 == e->refs_count ? " and "
						    : ", ",
			   STR_ARG(name), tail);
	}
}

/* The conditions that deadlines have in practice; the others are called what they are: some cases. */
static void condition_words(struct buf *b, const struct regime_condition *c)
{
	const struct {
		const char *is;
		const str *list;
		ptrdiff_t count;
	} lists[] = {
		{ "it is a", c->org_kind, c->org_kind_count },
		{ "it is of the class", c->org_class, c->org_class_count },
		{ "its sector is", c->sector, c->sector_count },
		{ "the incident is", c->flag, c->flag_count },
	};
	if (c->band_min.len) {
		buf_printf(b, "if the band is at least " STR_FMT, STR_ARG(c->band_min));
		return;
	}
	for (ptrdiff_t i = 0; i < COUNTOF(lists); i++) {
		for (ptrdiff_t k = 0; k < lists[i].count; k++)
			buf_printf(b, "%s%s" STR_FMT, k ? " or " : "if ",
				   k ? "" : arena_printf(b->arena, "%s ", lists[i].is).ptr,
				   STR_ARG(lists[i].list[k]));
		if (lists[i].count)
			return;
	}
	buf_add(b, c->cii == TRUTH_YES ? S("if it is critical infrastructure") : S("in some cases"));
}

static void say(struct buf *b, const struct regime_deadline *d, int depth)
{
	if (depth == DEPTH_MAX)
		return;
	switch (d->kind) {
	case DEADLINE_NULL:
		buf_add(b, S("without delay"));
		return;
	case DEADLINE_ADD:
		span_words(b, &d->add);
		buf_add(b, S(" after "));
		anchor_words(b, &d->anchor);
		return;
	case DEADLINE_MIN:
		buf_printf(b, "the %s of ", d->min_count == 2 ? "earlier" : "earliest");
		for (ptrdiff_t i = 0; i < d->min_count; i++) {
			buf_add(b, i == 0 ? S("") : i + 1 == d->min_count ? S(" and ") : S(", "));
			say(b, &d->min[i], depth + 1);
		}
		return;
	case DEADLINE_IF:
		say(b, d->then, depth + 1);
		buf_add(b, S(" "));
		condition_words(b, d->test);
		buf_add(b, S(", otherwise "));
		say(b, d->otherwise, depth + 1);
		return;
	}
}

str deadline_words(struct arena *a, const struct regime_deadline *d)
{
	struct buf b;
	buf_init(&b, a, WORDS_MAX);
	say(&b, d, 0);
	return buf_str(&b);
}

str step_words(struct arena *a, const struct regime_step *s)
{
	struct buf b;
	buf_init(&b, a, WORDS_MAX);
	if (s->deadline != NULL)
		say(&b, s->deadline, 0);
	else
		buf_add(&b, S("continuous"));
	if (s->target != NULL) {
		buf_add(&b, S(" (target: "));
		say(&b, s->target, 0);
		buf_add(&b, S(")"));
	}
	if (s->every_months)
		buf_printf(&b, ", every %lld months", (long long)s->every_months);
	return buf_str(&b);
}
