#include "match/correlate_priv.h"

static str key_of(const struct correlation *w)
{
	return w->about.id.len ? w->about.id : w->about.name;
}

/* What the correlation calls `name`, of its member: an alias says so, else it is the name itself. */
static str field_called(const struct correlation *w, int member, str name)
{
	for (ptrdiff_t i = 0; i < w->alias_count; i++)
		for (ptrdiff_t k = 0; str_eq(w->aliases[i].name, name) && k < w->aliases[i].count; k++)
			if (str_eq(w->aliases[i].rules[k], w->rules[member]))
				return w->aliases[i].fields[k];
	return name;
}

static int field_place(const struct source *s, str name)
{
	int i = 0;
	while (i < s->field_count && !str_eq_nocase(s->fields[i], name))
		i++;
	return i;
}

static void want_field(struct correlator *c, struct source *s, str name)
{
	if (field_place(s, name) < s->field_count)
		return;
	str *fields = NEW(&c->setup, str, s->field_count + 1);
	if (s->field_count)
		memcpy(fields, s->fields, (size_t)s->field_count * sizeof(*fields));
	fields[s->field_count++] = name;
	s->fields = fields;
}

static int source_called(struct correlator *c, str key)
{
	int i = 0;
	while (i < c->source_count && !str_eq(c->sources[i].key, key))
		i++;
	return i;
}

static int state_called(const struct correlator *c, str key, int count)
{
	for (int i = 0; i < count; i++)
		if (str_eq(key_of(c->states[i].what), key))
			return i;
	return -1;
}

/* One more than the deepest of those that it names, as far as these are known. */
static int depth_of(const struct correlator *c, const struct correlation *w, const int *depths)
{
	int depth = 0;
	for (ptrdiff_t k = 0; k < w->rule_count; k++) {
		int named = state_called(c, w->rules[k], c->state_count);
		if (named >= 0)
			depth = MAX(depth, 1 + depths[named]);
	}
	return depth;
}

/* Whom a correlation names comes before it; there is no circle, rules_finish refused these. */
static void order_states(struct correlator *c, const struct rule_set *rules)
{
	int count = (int)rules->correlation_count, *depths = NEW(&c->setup, int, count + 1), placed = 0;
	struct state *states = NEW(&c->setup, struct state, count + 1);
	c->states = NEW(&c->setup, struct state, count + 1);
	for (const struct correlation *w = rules->correlations; w != NULL; w = w->next)
		c->states[c->state_count++] = (struct state){ .what = w, .source = -1 };
	for (bool deeper = true; deeper;) {
		deeper = false;
		for (int i = 0; i < count; i++) {
			int depth = depth_of(c, c->states[i].what, depths);
			deeper |= depth > depths[i];
			depths[i] = depth;
		}
	}
	for (int level = 0; level <= CORRELATION_CHAIN_MOST; level++)
		for (int i = 0; i < count; i++)
			if (depths[i] == level)
				states[placed++] = c->states[i];
	ASSERT(placed == count);
	c->states = states;
}

static void add_link(struct correlator *c, struct source *s, struct link link)
{
	struct link *links = NEW(&c->setup, struct link, s->link_count + 1);
	if (s->link_count)
		memcpy(links, s->links, (size_t)s->link_count * sizeof(*links));
	links[s->link_count++] = link;
	s->links = links;
}

/* The source with that key, which is made if there is none; one of the states before `before` may be it. */
static int source_of(struct correlator *c, str key, int before, struct correlator_numbers numbers)
{
	int at = source_called(c, key);
	if (at < c->source_count)
		return at;
	struct source *s = &c->sources[c->source_count++];
	*s = (struct source){ .key = key, .state = state_called(c, key, before) };
	s->number = s->state < 0 ? numbers.find(numbers.who, key) : -1 - s->state;
	if (s->state >= 0)
		c->states[s->state].source = at;
	return at;
}

static void make_sources(struct correlator *c, struct correlator_numbers numbers)
{
	ptrdiff_t most = 0;
	for (int i = 0; i < c->state_count; i++)
		most += c->states[i].what->rule_count;
	c->sources = NEW(&c->setup, struct source, most + 1);
	for (int i = 0; i < c->state_count; i++) {
		struct state *s = &c->states[i];
		s->members = NEW(&c->setup, struct member, s->what->rule_count);
		for (int m = 0; m < s->what->rule_count; m++) {
			s->members[m].source = source_of(c, s->what->rules[m], i, numbers);
			add_link(c, &c->sources[s->members[m].source], (struct link){ i, m });
		}
	}
}

static void want_fields(struct correlator *c)
{
	for (int i = c->state_count - 1; i >= 0; i--) {
		const struct state *s = &c->states[i];
		const struct correlation *w = s->what;
		for (int m = 0; m < w->rule_count; m++) {
			struct source *from = &c->sources[s->members[m].source];
			for (ptrdiff_t k = 0; k < w->group_count; k++)
				want_field(c, from, field_called(w, m, w->group_by[k]));
			for (ptrdiff_t k = 0; k < w->field_count; k++)
				want_field(c, from, field_called(w, m, w->fields[k]));
			const struct source *as = s->source >= 0 ? &c->sources[s->source] : NULL;
			for (int k = 0; as != NULL && k < as->field_count; k++)
				want_field(c, from, field_called(w, m, as->fields[k]));
		}
	}
}

static void place_fields(struct correlator *c, struct state *s)
{
	const struct correlation *w = s->what;
	const struct source *as = s->source >= 0 ? &c->sources[s->source] : NULL;
	int passed = as ? as->field_count : 0;
	s->from = NEW(&c->setup, int, w->rule_count * passed);
	for (int m = 0; m < w->rule_count; m++) {
		struct member *member = &s->members[m];
		const struct source *from = &c->sources[member->source];
		member->group = NEW(&c->setup, int, w->group_count);
		member->value = NEW(&c->setup, int, w->field_count);
		for (ptrdiff_t k = 0; k < w->group_count; k++)
			member->group[k] = field_place(from, field_called(w, m, w->group_by[k]));
		for (ptrdiff_t k = 0; k < w->field_count; k++)
			member->value[k] = field_place(from, field_called(w, m, w->fields[k]));
		for (int k = 0; k < passed; k++)
			s->from[m * passed + k] = field_place(from, field_called(w, m, as->fields[k]));
	}
	bool sums = w->type == CORRELATION_VALUE_SUM || w->type == CORRELATION_VALUE_AVG;
	bool counts = w->type == CORRELATION_EVENT_COUNT || w->type == CORRELATION_VALUE_COUNT;
	s->events_most = c->limits.events_most * (sums ? 10 : 1);
	for (ptrdiff_t i = 0; counts && i < w->bound_count; i++)
		if (w->bounds[i].number >= (double)s->events_most)
			s->events_most = (ptrdiff_t)MIN(w->bounds[i].number + 1, (double)BOUND_MOST);
}

void correlate_setup(struct correlator *c, const struct rule_set *rules, struct correlator_numbers numbers)
{
	order_states(c, rules);
	make_sources(c, numbers);
	want_fields(c);
	for (int i = 0; i < c->state_count; i++)
		place_fields(c, &c->states[i]);
	for (int i = 0; i < c->source_count; i++)
		c->number_count = MAX(c->number_count, c->sources[i].number + 1);
	c->by_number = NEW(&c->setup, int, c->number_count);
	for (ptrdiff_t i = 0; i < c->number_count; i++)
		c->by_number[i] = -1;
	for (int i = 0; i < c->source_count; i++)
		if (c->sources[i].number >= 0)
			c->by_number[c->sources[i].number] = i;
	c->touched = NEW(&c->setup, uint64_t, c->state_count / 64 + 1);
}

static void add_name(const str **names, ptrdiff_t *count, struct arena *a, str name)
{
	for (ptrdiff_t i = 0; i < *count; i++)
		if (str_eq_nocase((*names)[i], name))
			return;
	if ((*count & (*count - 1)) == 0) {             /* full at powers of two */
		str *more = NEW(a, str, MAX(2 * *count, 1));
		if (*count)
			memcpy(more, *names, (size_t)*count * sizeof(*more));
		*names = more;
	}
	((str *)(uintptr_t)*names)[(*count)++] = name;
}

const str *correlator_fields(struct arena *a, const struct rule_set *rules, ptrdiff_t *out_count)
{
	const str *names = NULL;
	*out_count = 0;
	for (const struct correlation *w = rules->correlations; w != NULL; w = w->next) {
		for (ptrdiff_t i = 0; i < w->group_count; i++)
			add_name(&names, out_count, a, w->group_by[i]);
		for (ptrdiff_t i = 0; i < w->field_count; i++)
			add_name(&names, out_count, a, w->fields[i]);
		for (ptrdiff_t i = 0; i < w->alias_count; i++)
			for (ptrdiff_t k = 0; k < w->aliases[i].count; k++)
				add_name(&names, out_count, a, w->aliases[i].fields[k]);
	}
	return names;
}
