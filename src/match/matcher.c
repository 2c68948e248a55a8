#include <stdlib.h>
#include "match/state.h"

static void *zeroed(ptrdiff_t count, size_t size)
{
	void *p = calloc((size_t)MAX(count, 1), size); /* heap: a matcher's, sized by its unit */
	ASSERT(p);
	return p;
}

static void find_route_fields(struct matcher *m)
{
	m->route_fields = zeroed(m->im->fields_count, sizeof *m->route_fields);
	for (ptrdiff_t f = 0; f < m->im->fields_count; f++)
		if (m->im->fields[f].routes)
			m->route_fields[m->route_field_count++] = (uint32_t)f;
}

struct matcher *matcher_new(const struct unit *u)
{
	struct matcher *m = zeroed(1, sizeof *m);
	const struct image *im = &u->image;
	m->unit = u;
	m->im = im;
	m->paths = (struct paths){ im->paths, (uint64_t)im->paths_count - 1, im->strings, im->wild,
				   im->wild_count / 2 };
	m->head = zeroed(im->fields_count, sizeof *m->head);
	m->tail = zeroed(im->fields_count, sizeof *m->tail);
	m->field_stamp = zeroed(im->fields_count, sizeof *m->field_stamp);
	m->touched = zeroed(im->fields_count, sizeof *m->touched);
	m->memo = zeroed(im->predicates_count, sizeof *m->memo);
	m->tried = zeroed(im->predicates_count, sizeof *m->tried);
	m->woken_stamp = zeroed(im->rules_count, sizeof *m->woken_stamp);
	m->matched_stamp = zeroed(im->rules_count, sizeof *m->matched_stamp);
	m->woken = zeroed(im->rules_count, sizeof *m->woken);
	m->words = (im->logsources_count + 63) / 64;
	m->no_bits = zeroed(m->words, sizeof *m->no_bits);
	m->forced = zeroed(m->words, sizeof *m->forced);
	m->spare_bits = zeroed(m->words, sizeof *m->spare_bits);
	m->seen = zeroed(m->words, sizeof *m->seen);
	m->regexes = zeroed(im->regexes_count, sizeof *m->regexes);
	m->routes = zeroed(ROUTE_SLOTS, sizeof *m->routes);
	m->route_bits = zeroed(ROUTE_SLOTS * MAX(m->words, 1), sizeof *m->route_bits);
	for (ptrdiff_t i = 0; i < ROUTE_SLOTS; i++) {
		m->routes[i].bits = m->route_bits + i * m->words;
		m->routes[i].entries = m->routes[i].few;
		m->routes[i].room = ROUTE_VIEWS;
	}
	m->spare_route.entries = zeroed(im->entries_count, sizeof *m->spare_route.entries);
	m->spare_route.room = (uint32_t)im->entries_count;
	find_route_fields(m);
	m->ways = observe_ways(u->indicators);
	arena_init(&m->out_memory, PTRDIFF_MAX, PTRDIFF_MAX);
	return m;
}

void matcher_free(struct matcher *m)
{
	if (!m)
		return;
	for (ptrdiff_t i = 0; i < m->im->regexes_count; i++)
		regex_free(m->regexes[i]);
	void *const owned[] = { m->head,    m->tail,    m->field_stamp, m->touched,
				m->memo,    m->tried,   m->woken_stamp, m->matched_stamp,
				m->woken,   m->no_bits, m->forced,      m->spare_bits, m->seen,
				m->regexes, m->routes,  m->route_bits,  m->route_fields,
				m->values,  m->out,     m->hits,    m->spare_route.entries };
	for (ptrdiff_t i = 0; i < COUNTOF(owned); i++)
		free(owned[i]);
	pool_done(&m->wanted);
	pool_done(&m->everything);
	arena_done(&m->out_memory);
	free(m);
}

void matcher_choose(struct matcher *m, const uint64_t *rules)
{
	m->chosen = rules;
}

void matcher_force(struct matcher *m, const struct logsource *logsource)
{
	m->is_forced = logsource != NULL;
	memset(m->forced, 0, (size_t)m->words * sizeof *m->forced);
	for (ptrdiff_t l = 0; logsource && l < m->im->logsources_count; l++) {
		struct logsource asked = image_logsource(m->im->strings, &m->im->logsources[l]);
		if (logsource_meets(&asked, logsource))
			m->forced[l / 64] |= 1ull << (l % 64);
	}
}

bool matcher_saw(const struct matcher *m, ptrdiff_t rule)
{
	uint32_t l = m->im->rules[rule].logsource;
	return (m->is_forced ? m->forced : m->seen)[l / 64] >> (l % 64) & 1;
}

/* ---- one event */

static void next_stamps(struct matcher *m)
{
	if (++m->event == UINT32_MAX) {
		m->event = 1;
		memset(m->field_stamp, 0, (size_t)m->im->fields_count * sizeof *m->field_stamp);
		memset(m->matched_stamp, 0, (size_t)m->im->rules_count * sizeof *m->matched_stamp);
	}
	m->touched_count = m->value_count = m->out_count = 0;
	m->all_read = false;
	m->regex_time.left_us = REGEX_EVENT_US;
	m->comparing = COMPARING_MOST;
}

static void next_view(struct matcher *m)
{
	if (++m->view == 1u << 31) {
		m->view = 1;
		memset(m->memo, 0, (size_t)m->im->predicates_count * sizeof *m->memo);
		memset(m->woken_stamp, 0, (size_t)m->im->rules_count * sizeof *m->woken_stamp);
	}
	m->woken_count = 0;
}

uint32_t value_new(struct matcher *m, uint32_t leaf)
{
	if (m->value_count == m->value_room) {
		m->value_room = MAX(256, 2 * m->value_room);
		/* heap: a matcher's, grows and stays */
		m->values = realloc(m->values, (size_t)m->value_room * sizeof *m->values);
		ASSERT(m->values);
	}
	m->values[m->value_count] = (struct value){ leaf, IMAGE_NONE };
	return (uint32_t)m->value_count++;
}

static void add_value(struct matcher *m, uint32_t field, uint32_t leaf)
{
	uint32_t v = value_new(m, leaf);
	if (m->field_stamp[field] == m->event)
		m->values[m->tail[field]].next = v;
	else {
		m->field_stamp[field] = m->event;
		m->head[field] = v;
		m->touched[m->touched_count++] = field;
	}
	m->tail[field] = v;
}

static void gather_values(struct matcher *m)
{
	const struct leaves *l = &m->wanted.leaves;
	for (ptrdiff_t i = 0; i < l->count; i++) {
		const struct path_slot *s = &m->im->paths[l->at[i].slot];
		for (uint32_t f = 0; f < s->count; f++)
			add_value(m, m->im->numbers[s->first + f], (uint32_t)i);
	}
}

static bool holds(struct matcher *m, uint32_t predicate)
{
	uint32_t known = m->memo[predicate];
	if (known >> 1 == m->view)
		return known & 1;
	const struct image_predicate *p = &m->im->predicates[predicate];
	if (p->noted)
		return false; /* it was looked for in every value of the view */
	bool yes = predicate_try(m, p, NULL);
	m->memo[predicate] = m->view << 1 | yes;
	return yes;
}

bool holds_node(struct matcher *m, uint32_t node)
{
	const struct image_node *n = &m->im->nodes[node];
	uint32_t end = node + n->size;
	switch ((enum rule_node_kind)n->kind) {
	case NODE_PREDICATE:
		return holds(m, n->predicate);
	case NODE_NOT:
		return !holds_node(m, node + 1);
	case NODE_AND:
		for (uint32_t i = node + 1; i < end; i += m->im->nodes[i].size)
			if (!holds_node(m, i))
				return false;
		return true;
	case NODE_OR:
		for (uint32_t i = node + 1; i < end; i += m->im->nodes[i].size)
			if (holds_node(m, i))
				return true;
		return false;
	}
	return false;
}

static void run_view(struct matcher *m, const uint64_t *bits)
{
	next_view(m);
	m->bits = bits;
	scan_view(m);
	m->stats.woken += m->woken_count;
	for (ptrdiff_t i = 0; i < m->woken_count; i++) {
		uint32_t rule = m->woken[i];
		if (m->matched_stamp[rule] == m->event || !holds_node(m, m->im->rules[rule].node))
			continue;
		m->matched_stamp[rule] = m->event;
		reason_add(m, rule);
	}
}

const struct matches *matcher_run(struct matcher *m, str json)
{
	next_stamps(m);
	arena_reset(&m->out_memory);
	m->json = json;
	pool_read(&m->wanted, &m->paths, json, false);
	gather_values(m);
	const struct route *r = route_event(m);
	if (r->met) {
		run_view(m, r->bits);
		for (uint32_t i = 0; i < r->views; i++) {
			const struct image_entry *e = &m->im->entries[r->entries[i]];
			view_rename(m, e);
			run_view(m, m->im->words + e->met);
			view_restore(m, e);
		}
	}
	if (m->ways)
		observe_event(m, r->met);
	m->stats.events++;
	m->stats.matched += m->out_count;
	m->stats.broken += m->wanted.leaves.broken != NULL;
	m->result = (struct matches){ m->out, m->out_count, m->wanted.leaves.broken,
				      m->wanted.leaves.broken_at, r->met };
	return &m->result;
}

static uint32_t find_field(const struct matcher *m, str name)
{
	uint32_t slot = path_find(&m->paths, name.ptr, name.len);
	for (uint32_t i = 0; slot != PATH_NONE && i < m->im->paths[slot].count; i++) {
		uint32_t field = m->im->numbers[m->im->paths[slot].first + i];
		if (str_eq_nocase(image_text(m->im, m->im->fields[field].name), name))
			return field;
	}
	return IMAGE_NONE;
}

str matcher_field(struct matcher *m, str field)
{
	uint32_t f = find_field(m, field);
	for (uint32_t v = f == IMAGE_NONE ? IMAGE_NONE : field_first(m, f); v != IMAGE_NONE;
	     v = m->values[v].next)
		if (m->wanted.leaves.at[m->values[v].leaf].kind != LEAF_NULL)
			return pool_text(&m->wanted, m->values[v].leaf);
	return (str){ 0 };
}

struct matcher_stats matcher_stats(const struct matcher *m)
{
	return m->stats;
}
