/* Any bytes as a file of rules: what loads keeps its promises, what does not says where and why. */
#include "match/rule.h"
#include "match/rule_show.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_rule(struct arena *tmp, const struct rule *r)
{
	ASSERT(r->title.len > 0 && r->at.line > 0 && r->condition != NULL);
	ASSERT(r->logsource.product.len + r->logsource.category.len + r->logsource.service.len > 0);
	ASSERT(rule_show(tmp, r).len > 0);
}

static void check_correlation(const struct correlation *c)
{
	ASSERT(c->about.title.len > 0 && c->about.condition == NULL && c->rule_count > 0 && c->timespan_us > 0
	       && c->bound_count > 0);
	for (ptrdiff_t i = 0; i < c->alias_count; i++)
		for (ptrdiff_t k = 0; k < c->aliases[i].count; k++)
			ASSERT(c->aliases[i].fields[k].len > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a, tmp;
	const struct yaml *given = NULL;
	struct err err;
	ptrdiff_t rules = 0, correlations = 0, refused = 0;
	arena_init(&a, 1 << 30, (ptrdiff_t)2 << 30);
	arena_init(&tmp, 1 << 30, (ptrdiff_t)2 << 30);
	ASSERT(yaml_parse(&a, S("one: 'srv*'\ntwo: [a, b?, '\\*']\n"), (struct yaml_limits){ 0 }, &given,
	                  NULL, &err));
	struct rule_loader *l = rules_begin(&a, (struct placeholders){ given });
	rules_add(l, S("fuzz.yml"), (str){ (const char *)data, (ptrdiff_t)size });
	const struct rule_set *set = rules_finish(l);
	for (const struct rule *r = set->rules; r != NULL; r = r->next, rules++) {
		check_rule(&tmp, r);
		ASSERT(r->next != NULL || r == set->last_rule);
	}
	for (const struct correlation *c = set->correlations; c != NULL; c = c->next, correlations++)
		check_correlation(c);
	for (const struct rule_refusal *r = set->refusals; r != NULL; r = r->next) {
		ASSERT(r->why.len > 0 && r->at.line > 0 && r->at.column > 0);
		refused += !r->no_rule;
	}
	ASSERT(rules == set->rule_count && correlations == set->correlation_count
	       && refused == set->refusal_count);
	arena_done(&tmp);
	arena_done(&a);
	return 0;
}
