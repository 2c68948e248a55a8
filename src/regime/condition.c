#include "regime/eval.h"
#include "regime/schema.h"

static bool listed(const str *list, ptrdiff_t count, str have)
{
	if (count == 0)
		return true;                    /* not asked */
	for (ptrdiff_t i = 0; i < count; i++)
		if (have.len && str_eq(list[i], have))
			return true;
	return false;
}

static bool truth_fits(enum regime_truth wanted, bool have)
{
	return wanted == TRUTH_ANY || (wanted == TRUTH_YES) == have;
}

static bool party_fits(const struct regime_condition *c, const struct regime_party *p)
{
	return listed(c->org_class, c->org_class_count, p->org_class)
	       && listed(c->org_kind, c->org_kind_count, p->org_kind)
	       && listed(c->sector, c->sector_count, p->sector)
	       && listed(c->province, c->province_count, p->province)
	       && listed(c->cii_grade, c->cii_grade_count, p->cii ? p->cii_grade : (str){ 0 })
	       && truth_fits(c->has_province, p->province.len > 0)
	       && truth_fits(c->cii, p->cii);
}

static bool flag_fits(const struct regime_condition *c, const struct duty_facts *facts)
{
	for (ptrdiff_t i = 0; i < facts->flags_count; i++)
		if (listed(c->flag, c->flag_count, facts->flags[i]))
			return true;
	return c->flag_count == 0;
}

/* Until both moments are known it is not later: nobody is given more time for saying nothing. */
static bool later_holds(const struct regime_later *later, const struct view *v)
{
	struct instant at, than, limit;
	struct err unused;
	return anchor_instant(&later->anchor, v, &at) && anchor_instant(&later->than, v, &than)
	       && regime_add(v->regime, than, &later->by, &limit, &unused) && instant_before(limit, at);
}

static bool duty_fits(const struct regime_condition *c, const struct view *v)
{
	if (v->facts == NULL)
		return true;                    /* the schema lets nobody ask */
	str kind = v->facts->has_team ? regime_team_kind_name(v->facts->team_kind) : (str){ 0 };
	return flag_fits(c, v->facts)
	       && listed(c->team_kind, c->team_kind_count, kind)
	       && (c->band_min.len == 0 || v->band >= regime_band_rank(v->regime, c->band_min))
	       && (c->later == NULL || later_holds(c->later, v));
}

static bool floor_fits(const struct regime_condition *c, const struct view *v)
{
	if (!truth_fits(c->life_safety, v->life_safety))
		return false;
	if (c->campaign_sectors_min > v->campaign_sectors)
		return false;
	if (c->value_min == NULL)
		return true;
	for (ptrdiff_t i = 0; i < v->parts_count; i++)
		if (str_eq(v->parts[i].category->id, c->value_min->category))
			return v->part_value(&v->parts[i]) >= c->value_min->value;
	return false;
}

/* Depth is that of the file, which yaml_parse limits. */
bool condition_holds(const struct regime_condition *c, const struct view *v)
{
	if (c == NULL)
		return true;
	if (!party_fits(c, v->party) || !duty_fits(c, v) || !floor_fits(c, v))
		return false;
	for (ptrdiff_t i = 0; i < c->all_count; i++)
		if (!condition_holds(&c->all[i], v))
			return false;
	bool any = c->any_count == 0;
	for (ptrdiff_t i = 0; i < c->any_count && !any; i++)
		any = condition_holds(&c->any[i], v);
	return any && (c->no == NULL || !condition_holds(c->no, v));
}
