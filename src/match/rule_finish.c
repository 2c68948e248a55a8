#include "match/rule_priv.h"

/* Rules and correlations by id and by name. */
struct entry {
	str                 key;
	struct loaded      *rule;
	struct joined      *joined;
	bool                doubtful;   /* a name that two have */
};
struct index { struct entry *at; ptrdiff_t size; };

static uint64_t hash_of(str key)
{
	uint64_t h = 0xcbf29ce484222325u;
	for (ptrdiff_t i = 0; i < key.len; i++) {
		unsigned char c = (unsigned char)key.ptr[i];
		h = (h ^ (c >= 'A' && c <= 'Z' ? c + 32u : c)) * 0x100000001b3u;
	}
	return h ^ h >> 32;
}

/* Where the key is, or would be. */
static struct entry *slot(const struct index *x, str key)
{
	ptrdiff_t i = (ptrdiff_t)(hash_of(key) & (uint64_t)(x->size - 1));
	while (x->at[i].key.ptr != NULL && !str_eq_nocase(x->at[i].key, key))
		i = (i + 1) & (x->size - 1);
	return &x->at[i];
}

static void take_name(const struct index *x, str name, struct loaded *rule, struct joined *j)
{
	struct entry *e = slot(x, name);
	if (name.len == 0)
		return;
	if (e->key.ptr != NULL)
		e->doubtful = true;
	else
		*e = (struct entry){ name, rule, j, false };
}

/* False if another has the id already: said, and to be left out. */
static bool take_id(struct rule_loader *l, const struct index *x, struct rule *about, struct loaded *rule,
                    struct joined *j)
{
	struct entry *e = slot(x, about->id);
	if (about->id.len && e->key.ptr != NULL) {
		const struct rule *first = e->rule ? &e->rule->rule : &e->joined->correlation.about;
		rule_refuse(l, about->file, about->id, about->at,
		        arena_printf(l->a, "the id is already that of " STR_FMT ", line %d, which stays: "
		                     "give this one its own", STR_ARG(first->file), first->at.line));
		return false;
	}
	if (about->id.len)
		*e = (struct entry){ about->id, rule, j, false };
	return true;
}

/* Ids first, then names: a name never takes an id's place. */
static struct index index_all(struct rule_loader *l)
{
	struct index x = { .size = 16 };
	ptrdiff_t count = 0;
	for (const struct loaded *r = l->first; r != NULL; r = r->next)
		count++;
	for (const struct joined *j = l->first_joined; j != NULL; j = j->next)
		count++;
	while (x.size < 4 * count)
		x.size *= 2;
	x.at = NEW(&l->tmp, struct entry, x.size);
	for (struct loaded **r = &l->first; *r != NULL;) {
		if (take_id(l, &x, &(*r)->rule, *r, NULL))
			r = &(*r)->next;
		else
			*r = (*r)->next;
	}
	for (struct joined **j = &l->first_joined; *j != NULL;) {
		if (take_id(l, &x, &(*j)->correlation.about, NULL, *j))
			j = &(*j)->next;
		else
			*j = (*j)->next;
	}
	for (struct loaded *r = l->first; r != NULL; r = r->next)
		take_name(&x, r->rule.name, r, NULL);
	for (struct joined *j = l->first_joined; j != NULL; j = j->next)
		take_name(&x, j->correlation.about.name, NULL, j);
	return x;
}

static void filter_rule(struct rule_loader *l, struct filter *f, struct loaded *r)
{
	struct sigma s = { .a = l->a };
	if (!filter_meets(f, &r->rule.logsource))
		return;
	sigma_append(&r->filters, sigma_copy(&s, f->condition));
	f->used++;
}

static void apply_filters(struct rule_loader *l, const struct index *x)
{
	struct sigma s = { .a = l->a };
	for (struct filter *f = l->first_filter; f != NULL; f = f->next) {
		for (struct loaded *r = l->first; f->any && r != NULL; r = r->next)
			filter_rule(l, f, r);
		for (ptrdiff_t i = 0; i < f->rule_count; i++) {
			const struct entry *e = slot(x, f->rules[i]);
			if (e->rule != NULL && !e->doubtful)
				filter_rule(l, f, e->rule);
		}
		if (f->used)
			l->set.filter_count++;
		else
			rule_refuse(l, f->file, f->id, f->at, S("the filter is for no rule that is here: "
			                                    "correct its `rules` or its logsource"));
	}
	for (struct loaded *r = l->first; r != NULL; r = r->next) {
		if (r->filters.first == NULL)
			continue;
		struct rule_node *whole = sigma_node(&s, NODE_AND), *own = sigma_copy(&s, r->rule.condition);
		own->next = r->filters.first;
		whole->first = own;
		r->rule.condition = whole;
	}
}

static bool unresolved(struct rule_loader *l, struct joined *j, const char *fmt, str name)
{
	struct rule *about = &j->correlation.about;
	ASSERT(fmt != NULL);
	str why = arena_printf(l->a, "the correlation names \"" STR_FMT "\", %s", STR_ARG(name), fmt);
	rule_refuse(l, about->file, about->id.len ? about->id : (str){ 0 }, about->at, why);
	j->state = RESOLUTION_REFUSED;
	return false;
}

static bool resolve(struct rule_loader *l, const struct index *x, struct joined *j, int depth);

/* What a correlation may be told of: *out is what the unit and the correlator call it. */
static bool find_named(struct rule_loader *l, const struct index *x, struct joined *j, str name, str *out,
                       int depth)
{
	const struct entry *e = slot(x, name);
	if (e->key.ptr == NULL)
		return unresolved(l, j, "which is not here or was refused: load it too, or correct the name",
		                  name);
	if (e->doubtful)
		return unresolved(l, j, "as several are called: use the id", name);
	if (e->joined != NULL && e->joined->state == RESOLUTION_OPEN)
		return unresolved(l, j, "which leads back to it: a circle cannot be counted", name);
	if (e->joined != NULL && !resolve(l, x, e->joined, depth + 1))
		return unresolved(l, j, "which was refused itself", name);
	const struct rule *found = e->rule ? &e->rule->rule : &e->joined->correlation.about;
	*out = found->id.len ? found->id : found->name;
	return true;
}

static ptrdiff_t position(const str *names, ptrdiff_t count, str name)
{
	ptrdiff_t i = 0;
	while (i < count && !str_eq(names[i], name))
		i++;
	return i;
}

static bool resolve_aliases(struct rule_loader *l, const struct index *x, struct joined *j)
{
	struct correlation *c = &j->correlation;
	struct correlation_alias *aliases = NEW(l->a, struct correlation_alias, c->alias_count);
	for (ptrdiff_t i = 0; i < c->alias_count; i++) {
		str *rules = NEW(l->a, str, c->aliases[i].count);
		aliases[i] = c->aliases[i];
		aliases[i].rules = rules;
		for (ptrdiff_t k = 0; k < aliases[i].count; k++) {
			str name = c->aliases[i].rules[k];
			if (!find_named(l, x, j, name, &rules[k], 0))
				return false;
			if (position(c->rules, c->rule_count, rules[k]) == c->rule_count)
				return unresolved(l, j, "in an alias, but not under `rules`: add it there",
				                  name);
		}
	}
	c->aliases = aliases;
	return true;
}

static bool resolve(struct rule_loader *l, const struct index *x, struct joined *j, int depth)
{
	struct correlation *c = &j->correlation;
	if (j->state != RESOLUTION_NEW)
		return j->state == RESOLUTION_DONE;
	if (depth > CORRELATION_CHAIN_MOST)
		return unresolved(l, j, "at the end of a chain that is too long: shorten it", c->rules[0]);
	j->state = RESOLUTION_OPEN;
	str *rules = NEW(l->a, str, c->rule_count);
	for (ptrdiff_t i = 0; i < c->rule_count; i++) {
		if (!find_named(l, x, j, c->rules[i], &rules[i], depth))
			return false;
		if (position(rules, i, rules[i]) < i)
			return unresolved(l, j, "which it has named already", c->rules[i]);
	}
	c->rules = rules;
	if (!resolve_aliases(l, x, j))
		return false;
	j->state = RESOLUTION_DONE;
	return true;
}

/* Who is named by a correlation is silent, unless one that names it generates it. */
static void hush(const struct index *x, const struct joined *first, bool generate)
{
	for (const struct joined *j = first; j != NULL; j = j->next) {
		const struct correlation *c = &j->correlation;
		for (ptrdiff_t i = 0; c->generate == generate && i < c->rule_count; i++) {
			const struct entry *e = slot(x, c->rules[i]);
			struct rule *r = e->rule ? &e->rule->rule : &e->joined->correlation.about;
			r->silent = !generate;
		}
	}
}

static void resolve_all(struct rule_loader *l, const struct index *x)
{
	for (struct joined *j = l->first_joined; j != NULL; j = j->next)
		(void)resolve(l, x, j, 0);
	for (struct joined **j = &l->first_joined; *j != NULL;) {
		if ((*j)->state == RESOLUTION_DONE)
			j = &(*j)->next;
		else
			*j = (*j)->next;
	}
	hush(x, l->first_joined, false);
	hush(x, l->first_joined, true);
	for (struct joined *j = l->first_joined; j != NULL; j = j->next) {
		j->correlation.next = j->next ? &j->next->correlation : NULL;
		l->set.correlation_count++;
	}
	l->set.correlations = l->first_joined ? &l->first_joined->correlation : NULL;
}

const struct rule_set *rules_finish(struct rule_loader *l)
{
	struct index x = index_all(l);
	apply_filters(l, &x);
	for (struct loaded *r = l->first; r != NULL; r = r->next) {
		r->rule.next = r->next ? &r->next->rule : NULL;
		l->set.last_rule = &r->rule;
		l->set.rule_count++;
	}
	resolve_all(l, &x);
	l->set.rules = l->first ? &l->first->rule : NULL;
	l->set.refusals = l->first_refusal;
	arena_reset(&l->tmp);
	return &l->set;
}
