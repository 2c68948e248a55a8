#include "app/hunt.h"

#include "model/text_safety.h"

/* Which rules run, and which of them are told of: profile, levels, tags, ids, a local file of exceptions. */

enum { CHAIN_MOST = 16 };

static bool has_tag(const struct detect_list *tags, const struct unit_rule *r)
{
	for (int i = 0; i < tags->count; i++)
		for (ptrdiff_t j = 0; j < r->tag_count; j++) {
			str asked = str_from(tags->at[i]);
			str rest = str_sub(r->tags[j], asked.len, r->tags[j].len);
			/* attack.t1003 asks for attack.t1003.001 too */
			if (str_starts_nocase(r->tags[j], asked) && (rest.len == 0 || rest.ptr[0] == '.'))
				return true;
		}
	return tags->count == 0;
}

static bool is_asked(const struct detect_list *ids, const struct unit_rule *r)
{
	for (int i = 0; i < ids->count; i++)
		if (str_eq_nocase(str_from(ids->at[i]), r->id) ||
		    (r->name.len && str_eq(str_from(ids->at[i]), r->name)))
			return true;
	return ids->count == 0;
}

static bool is_wanted(const struct detect_options *o, const struct unit_rule *r)
{
	return (o->levels >> r->level & 1) && (o->statuses >> r->status & 1) && has_tag(&o->tags, r) &&
	       is_asked(&o->ids, r);
}

static struct unit_rule of_correlation(const struct correlation *c)
{
	const struct rule *r = &c->about;
	return (struct unit_rule){ .id = r->id,
				   .title = r->title,
				   .author = r->author,
				   .description = r->description,
				   .file = r->file,
				   .name = r->name,
				   .level = r->level,
				   .status = r->status,
				   .tags = r->tags,
				   .tag_count = r->tag_count,
				   .references = r->references,
				   .reference_count = r->reference_count,
				   .false_positives = r->false_positives,
				   .false_positive_count = r->false_positive_count,
				   .line = r->at.line };
}

static bool apply_overrides(struct hunt *h, struct err *err)
{
	const struct detect_override *list = NULL;
	ptrdiff_t n = 0;
	if (h->o->overrides && !detect_overrides_load(h->o->overrides, h->a, &list, &n, err))
		return false;
	for (ptrdiff_t i = 0; i < n; i++) {
		bool known = false;
		for (ptrdiff_t j = 0; j < h->about_count; j++) {
			struct unit_rule *r = &h->about[j].about;
			if (!str_eq_nocase(r->id, list[i].id) && !str_eq(r->title, list[i].id))
				continue;
			known = true;
			if (list[i].excluded)
				h->about[j].shown = false;
			else
				r->level = list[i].level;
		}
		if (!known && !h->o->quiet)
			(void)fprintf(stderr, "naubat: %s: no rule has the id or title '" STR_FMT "'\n",
				      h->o->overrides, STR_ARG(text_safety_line(h->a, list[i].id, 200)));
	}
	return true;
}

static void run_rule(struct hunt *h, ptrdiff_t rule)
{
	h->chosen[rule / 64] |= UINT64_C(1) << (rule % 64);
}

static bool is_called(const struct correlation *c, str name)
{
	return str_eq(c->about.id, name) || (c->about.name.len && str_eq(c->about.name, name));
}

/* Rules that a shown correlation counts run too, shown or not; of one that counts correlations, theirs. */
static void choose_for(struct hunt *h, const struct correlation *c, int depth)
{
	for (ptrdiff_t i = 0; i < c->rule_count && depth < CHAIN_MOST; i++) {
		ptrdiff_t rule = unit_find_rule(h->rules->unit, c->rules[i]);
		if (rule >= 0)
			run_rule(h, rule);
		for (const struct correlation *o = h->rules->set->correlations; rule < 0 && o; o = o->next)
			if (o != c && is_called(o, c->rules[i]))
				choose_for(h, o, depth + 1);
	}
}

bool hunt_choose(struct hunt *h, struct err *err)
{
	ptrdiff_t n = unit_rule_count(h->rules->unit);
	const struct correlation *correlations = h->rules->set ? h->rules->set->correlations : NULL;
	h->about_count = n + (h->rules->set ? h->rules->set->correlation_count : 0);
	h->about = NEW(h->a, struct finding_rule, h->about_count + 1);
	h->chosen = NEW(h->a, uint64_t, n / 64 + 1);
	for (ptrdiff_t i = 0; i < n; i++)
		unit_rule(h->rules->unit, i, h->a, &h->about[i].about);
	ptrdiff_t at = n;
	for (const struct correlation *c = correlations; c; c = c->next, at++) {
		h->about[at].about = of_correlation(c);
		h->about[at].correlation = true;
	}
	for (ptrdiff_t i = 0; i < h->about_count; i++) {
		h->about[i].number = i;
		h->about[i].shown = true;
	}
	if (!apply_overrides(h, err))
		return false;
	at = n;
	for (ptrdiff_t i = 0; i < h->about_count; i++) {
		struct finding_rule *r = &h->about[i];
		r->shown = r->shown && is_wanted(h->o, &r->about) && !r->about.silent;
		h->rules_tried += r->shown;
		if (i < n && r->shown)
			run_rule(h, i);
	}
	for (const struct correlation *c = correlations; c; c = c->next, at++)
		if (h->about[at].shown)
			choose_for(h, c, 0);
	if (h->rules_tried || h->indicators.all || h->search)
		return true;
	if (n == 0)
		return err_set(err, ERR_INPUT,
			       "--rules: there is no rule (.yml, .yaml) that can run: naubat rules "
			       "check says what is there");
	return err_set(err, ERR_INPUT,
		       "none of %td rules is left by --profile, --level, --status, --tag and --rule-id: "
		       "try --profile all",
		       n);
}
