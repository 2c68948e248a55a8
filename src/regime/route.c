#include "regime/eval.h"
#include "regime/schema.h"

str regime_team_kind_name(enum regime_team_kind kind)
{
	return str_from(regime_team_kind_names[kind]);
}

str regime_label_in(const struct regime_label *label, str language)
{
	for (ptrdiff_t i = 0; i < label->also_count; i++)
		if (str_eq(label->also[i].lang, language))
			return label->also[i].text;
	return label->text;
}

const struct regime_team *regime_team_find(const struct regime *r, str id)
{
	for (ptrdiff_t i = 0; i < r->teams_count; i++)
		if (str_eq(r->teams[i].id, id))
			return &r->teams[i];
	for (ptrdiff_t i = 0; i < r->teams_count; i++)
		for (ptrdiff_t k = 0; k < r->teams[i].aliases_count; k++)
			if (str_eq(r->teams[i].aliases[k], id))
				return &r->teams[i];
	return NULL;
}

const struct regime_team *regime_team_handler(const struct regime *r, const struct regime_team *t)
{
	return t->acting_body.len ? regime_team_find(r, t->acting_body) : t;
}

const struct regime_team *regime_team_above(const struct regime *r, const struct regime_team *t)
{
	const struct regime_team *hub = regime_team_find(r, r->hub);
	if (t == hub)
		return NULL;
	str id = t->route_via.len ? t->route_via : t->parent.len ? t->parent : r->hub;
	const struct regime_team *above = regime_team_handler(r, regime_team_find(r, id));
	return above == t ? hub : above;
}

str regime_title(const struct regime *r, str id)
{
	const struct regime_team *t = regime_team_find(r, id);
	if (t != NULL)
		return t->title.text;
	for (ptrdiff_t i = 0; i < r->addressees_count; i++)
		if (str_eq(r->addressees[i].id, id))
			return r->addressees[i].title.text;
	return id;
}

static const struct regime_team *team_of(const struct regime *r, const struct regime_route_rule *rule,
                                         const struct regime_party *p)
{
	if (rule->by == ROUTE_TO_TEAM)
		return regime_team_find(r, rule->team);
	for (ptrdiff_t i = 0; i < r->teams_count; i++) {
		const struct regime_team *t = &r->teams[i];
		bool sector = rule->by == ROUTE_BY_SECTOR && t->kind == TEAM_SECTORAL_CERT && p->sector.len;
		bool province = rule->by == ROUTE_BY_PROVINCE && t->kind == TEAM_PROVINCIAL_CERT
			&& p->province.len;
		if ((sector && str_eq(t->sector, p->sector))
		    || (province && str_eq(t->province, p->province)))
			return t;
	}
	return NULL;
}

static str explain(const struct regime *r, const struct regime_assignment *x, const struct regime_party *p,
                   struct arena *a)
{
	str because = S("no routing rule fits, so the hub takes it");
	if (x->rule != NULL)
		switch (x->rule->by) {
		case ROUTE_TO_TEAM:
			because = arena_printf(a, "by the rule \"" STR_FMT "\"", STR_ARG(x->rule->id));
			break;
		case ROUTE_BY_SECTOR:
			because = arena_printf(a, "it answers for the sector \"" STR_FMT "\"",
			                       STR_ARG(p->sector));
			break;
		case ROUTE_BY_PROVINCE:
			because = arena_printf(a, "it answers for the province \"" STR_FMT "\"",
			                       STR_ARG(p->province));
			break;
		}
	str text = arena_printf(a, STR_FMT ": " STR_FMT "; status: " STR_FMT, STR_ARG(x->team->title.text),
	                        STR_ARG(because), STR_ARG(x->team->status));
	if (x->handler != x->team)
		text = arena_printf(a, STR_FMT "; " STR_FMT " acts for it", STR_ARG(text),
		                    STR_ARG(x->handler->title.text));
	if (x->rule != NULL)
		text = arena_printf(a, STR_FMT " (" STR_FMT ")", STR_ARG(text),
		                    STR_ARG(x->rule->origin.text));
	(void)r;
	return text;
}

struct regime_assignment regime_team_for(const struct regime *r, const struct regime_party *p,
                                         struct arena *a)
{
	struct view v = { .regime = r, .party = p, .band = -1 };
	struct regime_assignment x = { .team = regime_team_find(r, r->hub) };
	for (ptrdiff_t i = 0; i < r->routing_count && x.rule == NULL; i++) {
		const struct regime_route_rule *rule = &r->routing[i];
		const struct regime_team *t = condition_holds(rule->when, &v) ? team_of(r, rule, p) : NULL;
		if (t == NULL)
			continue;
		x.team = t;
		x.rule = rule;
	}
	x.handler = regime_team_handler(r, x.team);
	x.why = explain(r, &x, p, a);
	return x;
}
