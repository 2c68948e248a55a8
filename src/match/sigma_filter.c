#include "match/sigma_priv.h"
#include "match/logsource.h"

/* Only a condition that excludes is honoured: see docs/sigma.md, "Filters". */
static bool excludes(const struct rule_node *n)
{
	if (n->kind == NODE_NOT)
		return n->name.ptr == NULL;
	if (n->kind != NODE_AND || n->name.ptr != NULL || n->first == NULL)
		return false;
	for (const struct rule_node *m = n->first; m != NULL; m = m->next)
		if (m->kind != NODE_NOT || m->name.ptr != NULL)
			return false;
	return true;
}

bool filter_meets(const struct filter *f, const struct logsource *rule)
{
	return logsource_meets(&f->logsource, rule);
}

static bool which_rules(struct sigma *s, const struct yaml *filter, struct filter *f)
{
	const struct yaml *y = yaml_get(filter, S("rules"));
	if (y == NULL || sigma_is_null(y) || (y->kind == YAML_LIST && y->count == 0))
		return sigma_refuse(s, y ? y->at : filter->at, "the filter does not say which rules it is "
		                    "for: list their ids under `rules`, or write `rules: any`");
	f->any = y->kind == YAML_SCALAR
		&& (str_eq_nocase(y->text, S("any")) || str_eq_nocase(y->text, S("all")));
	return f->any || sigma_texts(s, y, "rules", &f->rules, &f->rule_count);
}

bool sigma_filter(struct sigma *s, const struct yaml *document, struct filter *out)
{
	static const str not_searches[] = { { "condition", 9 }, { "rules", 5 }, { NULL, 0 } };
	const struct yaml *filter = yaml_get(document, S("filter"));
	struct searches searches = { 0 };
	struct rule about;
	struct filter f = { .at = document->at };
	if (!sigma_about(s, document, &about) || !sigma_logsource(s, document, &f.logsource))
		return false;
	if (filter->kind != YAML_MAP)
		return sigma_refuse(s, filter->at, "filter has to be a map: rules, search identifiers, "
		                    "condition");
	const struct yaml *condition = yaml_get(filter, S("condition"));
	if (condition == NULL || condition->kind != YAML_SCALAR)
		return sigma_refuse(s, condition ? condition->at : filter->at, "a filter has one condition, "
		                    "a text");
	if (!which_rules(s, filter, &f) || !sigma_searches(s, filter, not_searches, &searches)
	    || !sigma_condition(s, condition, &searches, &f.condition))
		return false;
	if (!excludes(f.condition))
		return sigma_refuse(s, condition->at, "a filter's condition is joined to its rules by AND, "
		                    "and this one would silence them wherever it does not hold: to exclude "
		                    "what it describes write `not` before it; if it is meant so, write `not "
		                    "(not ...)`");
	f.id = about.id;
	f.title = about.title;
	*out = f;
	return true;
}
