/* route.c - which logsources an event belongs to, remembered by the values that decide it. */
#include <stdlib.h>
#include "match/state.h"

static bool any_value(const struct matcher *m, uint32_t field)
{
	for (uint32_t v = field_first(m, field); v != IMAGE_NONE; v = m->values[v].next)
		if (m->wanted.leaves.at[m->values[v].leaf].kind != LEAF_NULL)
			return true;
	return false;
}

static bool test_holds(struct matcher *m, const struct image_test *t)
{
	if (t->any)
		return any_value(m, t->field);
	for (uint32_t v = field_first(m, t->field); v != IMAGE_NONE; v = m->values[v].next) {
		if (m->wanted.leaves.at[m->values[v].leaf].kind == LEAF_NULL)
			continue;
		str text = pool_folded(&m->wanted, m->values[v].leaf);
		for (uint32_t i = 0; i < t->values.count; i++)
			if (str_eq(text, image_text(m->im, m->im->spans[t->values.first + i])))
				return true;
	}
	return false;
}

static bool entry_holds(struct matcher *m, const struct image_entry *e)
{
	for (uint32_t i = 0; i < e->when.count; i++)
		if (!test_holds(m, &m->im->tests[e->when.first + i]))
			return false;
	return true;
}

/* What of the event the entries can tell apart, as bytes; 0 if it does not fit. */
static uint32_t make_key(struct matcher *m, uint8_t *key)
{
	uint32_t n = 0;
	for (ptrdiff_t i = 0; i < m->route_field_count; i++) {
		uint32_t field = m->route_fields[i];
		uint32_t v = field_first(m, field);
		if (v == IMAGE_NONE)
			continue;
		bool by_value = m->im->fields[field].routes & 2;
		if (!by_value && !any_value(m, field))
			continue;
		do {
			str text = { 0 };
			bool null = m->wanted.leaves.at[m->values[v].leaf].kind == LEAF_NULL;
			if (by_value && !null)
				text = pool_folded(&m->wanted, m->values[v].leaf);
			if (text.len > 96 || n + 5 + (uint32_t)text.len > ROUTE_KEY)
				return 0;
			key[n++] = (uint8_t)i;
			key[n++] = (uint8_t)(i >> 8);
			key[n++] = (uint8_t)(null + 1);
			key[n++] = (uint8_t)text.len;
			if (text.len > 0)
				memcpy(key + n, text.ptr, (size_t)text.len);
			n += (uint32_t)text.len;
			v = by_value ? m->values[v].next : IMAGE_NONE;
		} while (v != IMAGE_NONE);
	}
	return n;
}

/* False: more entries than it has room for. */
static bool resolve(struct matcher *m, struct route *r)
{
	memset(r->bits, 0, (size_t)m->words * sizeof *r->bits);
	r->views = 0;
	r->met = false;
	for (ptrdiff_t i = 0; i < m->im->entries_count; i++) {
		const struct image_entry *e = &m->im->entries[i];
		if (!entry_holds(m, e))
			continue;
		const uint64_t *met = m->im->words + e->met;
		uint64_t some = 0;
		for (ptrdiff_t w = 0; w < m->words; w++)
			some |= met[w];
		if (!some)
			continue;
		r->met = true;
		for (ptrdiff_t w = 0; w < m->words; w++)
			m->seen[w] |= met[w];
		if (e->renames.count && r->views == r->room)
			return false;
		if (e->renames.count)
			r->entries[r->views++] = (uint32_t)i;
		for (ptrdiff_t w = 0; !e->renames.count && w < m->words; w++)
			r->bits[w] |= met[w];
	}
	return true;
}

/* What is not remembered: the event says too much, or belongs to more entries than a route remembers. */
static const struct route *resolve_spare(struct matcher *m)
{
	struct route *r = &m->spare_route;
	r->bits = m->spare_bits;
	ASSERT(resolve(m, r));
	return r;
}

const struct route *route_event(struct matcher *m)
{
	struct route *r = &m->spare_route;
	if (m->is_forced) {
		r->bits = m->forced;
		r->views = 0;
		r->met = true;
		return r;
	}
	uint8_t key[ROUTE_KEY];
	uint32_t len = make_key(m, key);
	if (len == 0)
		return resolve_spare(m);
	uint64_t hash = image_key((const char *)key, len);
	r = &m->routes[(hash >> 20) % ROUTE_SLOTS];
	if (r->key_len == len && memcmp(r->key, key, len) == 0)
		return r;
	r->key_len = 0;
	if (!resolve(m, r))
		return resolve_spare(m);
	r->key_len = len;
	memcpy(r->key, key, len);
	return r;
}
