/* reason.c - why a rule matched, or what each part of it came to. */
#include <stdlib.h>
#include "match/state.h"

static struct match_reason make_reason(struct matcher *m, const struct image_predicate *p, struct place where)
{
	struct match_reason r = { { 0 }, { 0 }, where.from, where.to, image_text(m->im, p->written) };
	if (p->field != IMAGE_NONE)
		r.field = image_text(m->im, m->im->fields[p->field].name);
	if (where.leaf != IMAGE_NONE)
		r.value = pool_text(where.everything ? &m->everything : &m->wanted, where.leaf);
	return r;
}

/* The predicates that made the node hold: all of an AND, those that hold of an OR, none of a NOT. */
static void collect(struct matcher *m, uint32_t node, struct match_reason *out, ptrdiff_t *count)
{
	const struct image_node *n = &m->im->nodes[node];
	if (*count == REASONS_MOST || n->kind == NODE_NOT)
		return;
	if (n->kind == NODE_PREDICATE) {
		struct place where;
		const struct image_predicate *p = &m->im->predicates[n->predicate];
		if (predicate_try(m, p, &where))
			out[(*count)++] = make_reason(m, p, where);
		return;
	}
	int found = 0;
	for (uint32_t i = node + 1; i < node + n->size && found < 8; i += m->im->nodes[i].size)
		if (n->kind == NODE_AND || holds_node(m, i)) {
			collect(m, i, out, count);
			found += n->kind == NODE_OR;
		}
}

void match_add(struct matcher *m, struct match match)
{
	if (m->out_count == m->out_room) {
		m->out_room = MAX(32, 2 * m->out_room);
		/* heap: a matcher's, grows and stays */
		m->out = realloc(m->out, (size_t)m->out_room * sizeof *m->out);
		ASSERT(m->out);
	}
	m->out[m->out_count++] = match;
}

void reason_add(struct matcher *m, uint32_t rule)
{
	struct match_reason *reasons = NEW(&m->out_memory, struct match_reason, REASONS_MOST);
	ptrdiff_t count = 0;
	collect(m, m->im->rules[rule].node, reasons, &count);
	match_add(m, (struct match){ (ptrdiff_t)rule, NULL, reasons, count });
}

/* ---- explaining */

static const char *const kind_words[] = { "all of", "any of", "not", "" };

static struct explained *explain_node(struct matcher *m, uint32_t node, int depth, struct arena *a,
				      struct explained *last)
{
	const struct image_node *n = &m->im->nodes[node];
	struct explained *e = NEW(a, struct explained, 1);
	e->depth = depth;
	if (n->kind == NODE_PREDICATE) {
		const struct image_predicate *p = &m->im->predicates[n->predicate];
		e->what = image_text(m->im, p->written);
		e->verdict = m->bits == m->no_bits ? -1 : predicate_try(m, p, NULL);
	} else {
		e->what = n->name.len ? arena_printf(a, "%s (" STR_FMT ")", kind_words[n->kind],
						     STR_ARG(image_text(m->im, n->name)))
				      : str_from(kind_words[n->kind]);
		e->verdict = m->bits == m->no_bits ? -1 : n->kind == NODE_AND || n->kind == NODE_NOT;
	}
	last->next = e;
	last = e;
	for (uint32_t i = node + 1; n->kind != NODE_PREDICATE && i < node + n->size;
	     i += m->im->nodes[i].size) {
		struct explained *child = last;
		last = explain_node(m, i, depth + 1, a, last);
		int v = child->next->verdict;
		if (v < 0)
			continue;
		if (n->kind == NODE_OR)
			e->verdict |= v;
		else
			e->verdict &= n->kind == NODE_NOT ? !v : v;
	}
	return last;
}

static bool meets(const struct matcher *m, const uint64_t *bits, ptrdiff_t rule)
{
	uint32_t l = m->im->rules[rule].logsource;
	return bits[l / 64] >> (l % 64) & 1;
}

/* In one view; NULL: the rule is not tried in it. */
static const struct explained *explain_view(struct matcher *m, ptrdiff_t rule, const struct image_entry *in,
					    const uint64_t *bits, struct arena *a)
{
	struct explained first = { 0 };
	if (!meets(m, bits, rule))
		return NULL;
	m->bits = bits;
	if (in)
		view_rename(m, in);
	explain_node(m, m->im->rules[rule].node, 0, a, &first);
	if (in)
		view_restore(m, in);
	return first.next;
}

/* In the view in which the rule holds, else in the first in which it is tried; untried if there is none. */
const struct explained *matcher_explain(struct matcher *m, ptrdiff_t rule, struct arena *a)
{
	struct explained untried = { 0 };
	const struct route *r = m->json.ptr ? route_event(m) : NULL;
	const struct explained *best = NULL;
	if (r && r->met)
		best = explain_view(m, rule, NULL, r->bits, a);
	for (uint32_t i = 0; r && r->met && i < r->views && (!best || !best->verdict); i++) {
		const struct image_entry *e = &m->im->entries[r->entries[i]];
		const struct explained *other = explain_view(m, rule, e, m->im->words + e->met, a);
		if (other && (!best || other->verdict))
			best = other;
	}
	if (best)
		return best;
	m->bits = m->no_bits;
	explain_node(m, m->im->rules[rule].node, 0, a, &untried);
	return untried.next;
}
