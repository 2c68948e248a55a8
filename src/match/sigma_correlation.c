#include "match/sigma_priv.h"

enum { RULES_MOST = 1000, GROUP_BY_MOST = 32, BOUNDS_MOST = 6 };

static const struct { const char *name; enum correlation_type type; } types[] = {
	{ "event_count", CORRELATION_EVENT_COUNT }, { "value_count", CORRELATION_VALUE_COUNT },
	{ "temporal", CORRELATION_TEMPORAL }, { "temporal_ordered", CORRELATION_TEMPORAL_ORDERED },
	{ "value_sum", CORRELATION_VALUE_SUM }, { "value_avg", CORRELATION_VALUE_AVG },
	{ "value_percentile", CORRELATION_VALUE_PERCENTILE }, { "value_max", CORRELATION_VALUE_MAX },
	{ "value_min", CORRELATION_VALUE_MIN }, { "value_median", CORRELATION_VALUE_PERCENTILE },
};

static bool is_temporal(const struct correlation *c)
{
	return c->type == CORRELATION_TEMPORAL || c->type == CORRELATION_TEMPORAL_ORDERED;
}

static bool only_known(struct sigma *s, const struct yaml *map, const char *const *known, const char *what)
{
	for (const struct yaml *m = map->first; m != NULL; m = m->next) {
		ptrdiff_t i = 0;
		while (known[i] != NULL && !str_eq(m->key, str_from(known[i])))
			i++;
		if (known[i] == NULL)
			return sigma_refuse(s, m->key_at,
			                    "%s does not know \"" STR_FMT "\": correct the word", what,
			                    STR_ARG(str_sub(m->key, 0, 60)));
	}
	return true;
}

static bool read_type(struct sigma *s, const struct yaml *map, struct correlation *c)
{
	const struct yaml *y = yaml_get(map, S("type"));
	for (ptrdiff_t i = 0; y != NULL && y->kind == YAML_SCALAR && i < COUNTOF(types); i++)
		if (str_eq(y->text, str_from(types[i].name))) {
			c->type = types[i].type;
			c->percentile = str_eq(y->text, S("value_median")) ? 50 : -1;
			return true;
		}
	return sigma_refuse(s, y ? y->at : map->at, "type has to be event_count, value_count, temporal, "
	                    "temporal_ordered, value_sum, value_max, value_min, value_avg or "
	                    "value_percentile");
}

static bool read_names(struct sigma *s, const struct yaml *y, const char *what, ptrdiff_t most,
                       const str **out, ptrdiff_t *out_count)
{
	if (!sigma_texts(s, y, what, out, out_count))
		return false;
	if (*out_count > most)
		return sigma_refuse(s, y->at, "%s has more than %td members", what, most);
	for (ptrdiff_t i = 0; i < *out_count; i++) {
		if ((*out)[i].len == 0)
			return sigma_refuse(s, y->at, "%s has an empty member", what);
		for (ptrdiff_t k = 0; k < i; k++)
			if (str_eq((*out)[i], (*out)[k]))
				return sigma_refuse(s, y->at, "%s names \"" STR_FMT "\" twice", what,
				                    STR_ARG(str_sub((*out)[i], 0, 100)));
	}
	return true;
}

static bool read_timespan(struct sigma *s, const struct yaml *map, struct correlation *c)
{
	static const struct { char unit; int64_t us, most; } units[] = {
		{ 's', 1000000, 400000000 }, { 'm', 60000000, 6000000 }, { 'h', 3600000000, 100000 },
		{ 'd', 86400000000, 4000 }, { 'w', 604800000000, 600 },         /* some ten years */
	};
	const struct yaml *y = yaml_get(map, S("timespan"));
	str t = y != NULL && y->kind == YAML_SCALAR ? y->text : S("");
	int64_t n = 0;
	for (ptrdiff_t i = 0; t.len > 1 && i < COUNTOF(units); i++)
		if (t.ptr[t.len - 1] == units[i].unit
		    && str_to_int(str_sub(t, 0, t.len - 1), 1, units[i].most, &n)) {
			c->timespan_us = n * units[i].us;
			return true;
		}
	return sigma_refuse(s, y ? y->at : map->at, "timespan has to be a number with s, m, h, d or w "
	                    "behind it, such as 90m, and at most ten years");
}

static bool read_bound(struct sigma *s, const struct yaml *y, struct correlation_bound *out)
{
	static const struct { const char *name; enum predicate_order order; bool unequal; } orders[] = {
		{ "gt", ORDER_GT, false }, { "gte", ORDER_GTE, false }, { "lt", ORDER_LT, false },
		{ "lte", ORDER_LTE, false }, { "eq", ORDER_EQ, false }, { "neq", ORDER_EQ, true },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(orders); i++)
		if (str_eq(y->key, str_from(orders[i].name))) {
			*out = (struct correlation_bound){ orders[i].order, orders[i].unequal, 0 };
			return (y->kind == YAML_SCALAR && sigma_number(y->text, &out->number))
			       || sigma_refuse(s, y->at, "%s needs a number", orders[i].name);
		}
	return sigma_refuse(s, y->key_at, "a correlation's condition does not know \"" STR_FMT "\": it has "
	                    "gt, gte, lt, lte, eq, neq, field and percentile", STR_ARG(str_sub(y->key, 0,
	                                                                                       60)));
}

static bool read_percentile(struct sigma *s, const struct yaml *y, struct correlation *c)
{
	if (c->type != CORRELATION_VALUE_PERCENTILE)
		return sigma_refuse(s, y->key_at, "percentile belongs to value_percentile only");
	return (y->kind == YAML_SCALAR && sigma_number(y->text, &c->percentile) && c->percentile >= 0
	        && c->percentile <= 100) || sigma_refuse(s, y->at, "percentile has to be a number from 0 to "
	                                                 "100");
}

/* The names of `a and b and c`: all rules, for temporal_ordered in their order. */
static bool read_conjunction(struct sigma *s, const struct yaml *y, const struct correlation *c)
{
	str_cut_result cut = { .tail = str_trim(y->text), .ok = true };
	bool *seen = NEW(s->tmp, bool, c->rule_count);
	ptrdiff_t at = 0;
	for (bool name = true; cut.ok; cut.tail = str_trim(cut.tail)) {
		cut = str_cut(cut.tail, ' ');
		ptrdiff_t i = 0;
		while (name && i < c->rule_count && !str_eq(c->rules[i], cut.head))
			i++;
		bool fits = name ? i < c->rule_count && !seen[i] && (c->type == CORRELATION_TEMPORAL
		                                                     || i == at)
			: str_eq_nocase(cut.head, S("and"));
		if (!fits || (!cut.ok && !name))
			return sigma_refuse(s, y->at, "a condition in words may only join all rules of the "
			                    "correlation with `and`%s: leave it out, or write correlations "
			                    "of their own",
			                    c->type == CORRELATION_TEMPORAL ? "" : ", in their order");
		if (name)
			seen[i] = ++at;
		name = !name;
	}
	return at == c->rule_count || sigma_refuse(s, y->at, "the condition names %td of %td rules: leave "
	                                           "it out, or name all", at, c->rule_count);
}

static bool read_condition(struct sigma *s, const struct yaml *map, struct correlation *c)
{
	const struct yaml *y = yaml_get(map, S("condition"));
	if (y != NULL && y->kind == YAML_SCALAR && !sigma_is_null(y) && is_temporal(c)) {
		if (!read_conjunction(s, y, c))
			return false;
		y = NULL;
	}
	if (y == NULL || y->kind != YAML_MAP)
		return (y == NULL && is_temporal(c))
		       || sigma_refuse(s, y ? y->at : map->at, "there is no condition: say which count or "
		                       "value is meant, such as `gte: 10`");
	struct correlation_bound *bounds = NEW(s->a, struct correlation_bound, BOUNDS_MOST);
	for (const struct yaml *m = y->first; m != NULL; m = m->next) {
		if (str_eq(m->key, S("field"))) {
			if (!read_names(s, m, "field", GROUP_BY_MOST, &c->fields, &c->field_count))
				return false;
		} else if (str_eq(m->key, S("percentile"))) {
			if (!read_percentile(s, m, c))
				return false;
		} else if (!read_bound(s, m, &bounds[c->bound_count++])) {
			return false;
		}
	}
	c->bounds = bounds;
	return true;
}

static bool check_condition(struct sigma *s, const struct yaml *map, struct correlation *c)
{
	const struct yaml *y = yaml_get(map, S("condition"));
	struct yaml_place at = y ? y->at : map->at;
	bool counts = is_temporal(c) || c->type == CORRELATION_EVENT_COUNT;
	if (is_temporal(c) && c->bound_count == 0) {
		struct correlation_bound *all = NEW(s->a, struct correlation_bound, 1);
		*all = (struct correlation_bound){ ORDER_GTE, false, (double)c->rule_count };
		c->bounds = all;
		c->bound_count = 1;
	}
	if (c->bound_count == 0)
		return sigma_refuse(s, at, "the condition has no bound: write gt, gte, lt, lte, eq or neq");
	if (counts && c->field_count)
		return sigma_refuse(s, at, "this type counts events, not values: remove field, or use "
		                    "value_count");
	if (!counts && c->field_count == 0)
		return sigma_refuse(s, at,
		                    "the condition has no field: name the field whose values are meant");
	if (!counts && c->type != CORRELATION_VALUE_COUNT && c->field_count > 1)
		return sigma_refuse(s, at, "this type takes the numbers of one field");
	if (c->type == CORRELATION_VALUE_PERCENTILE && c->percentile < 0)
		return sigma_refuse(s, at, "the condition does not say which percentile: write percentile: "
		                    "95, or 50 for the median");
	return true;
}

static bool read_aliases(struct sigma *s, const struct yaml *map, struct correlation *c)
{
	static const char shape[] = "aliases has to be a map of names, each a map of rules to fields";
	const struct yaml *y = yaml_get(map, S("aliases"));
	if (y == NULL || sigma_is_null(y))
		return true;
	if (y->kind != YAML_MAP)
		return sigma_refuse(s, y->at, shape);
	struct correlation_alias *all = NEW(s->a, struct correlation_alias, y->count);
	for (const struct yaml *m = y->first; m != NULL; m = m->next) {
		if (m->kind != YAML_MAP)
			return sigma_refuse(s, m->at, shape);
		str *rules = NEW(s->a, str, m->count), *fields = NEW(s->a, str, m->count);
		struct correlation_alias *alias = &all[c->alias_count++];
		*alias = (struct correlation_alias){ arena_dup(s->a, m->key), rules, fields, 0 };
		for (const struct yaml *f = m->first; f != NULL; f = f->next) {
			if (f->kind != YAML_SCALAR || f->text.len == 0)
				return sigma_refuse(s, f->at, shape);
			rules[alias->count] = arena_dup(s->a, f->key);
			fields[alias->count++] = arena_dup(s->a, f->text);
		}
	}
	c->aliases = all;
	return true;
}

static bool read_generate(struct sigma *s, const struct yaml *document, const struct yaml *map,
                          struct correlation *c)
{
	const struct yaml *y = yaml_get(map, S("generate"));
	if (y == NULL)
		y = yaml_get(document, S("generate"));
	return y == NULL || sigma_is_bool(y, &c->generate) || sigma_refuse(s, y->at, "generate is true or "
	                                                                   "false");
}

bool sigma_correlation(struct sigma *s, const struct yaml *document, struct correlation *out)
{
	static const char *const known[] = {
		"type", "rules", "aliases", "group-by", "timespan", "condition", "generate", NULL,
	};
	const struct yaml *map = yaml_get(document, S("correlation"));
	struct correlation c = { 0 };
	if (!sigma_about(s, document, &c.about))
		return false;
	if (map->kind != YAML_MAP)
		return sigma_refuse(s, map->at, "correlation has to be a map: type, rules, group-by, "
		                    "timespan, condition");
	if (!only_known(s, map, known, "a correlation") || !read_type(s, map, &c)
	    || !read_names(s, yaml_get(map, S("rules")), "rules", RULES_MOST, &c.rules, &c.rule_count))
		return false;
	if (c.rule_count == 0)
		return sigma_refuse(s, map->at, "the correlation names no rules: list their ids or names "
		                    "under `rules`");
	if (!read_names(s, yaml_get(map, S("group-by")), "group-by", GROUP_BY_MOST, &c.group_by,
	                &c.group_count)
	    || !read_timespan(s, map, &c) || !read_condition(s, map, &c) || !check_condition(s, map, &c)
	    || !read_aliases(s, map, &c) || !read_generate(s, document, map, &c))
		return false;
	*out = c;
	return true;
}
