/* witness.c - for each rule, the rarest set of predicates of which at least one must hold for the rule
 * to hold.
 *
 * Only these are looked for in every event; a rule is evaluated when one of its witnesses was seen.  A
 * rule that
 * can hold without any (nothing but NOT, null, or absence) is tried on every event of its logsource:
 * `always`.
 *
 * AND: the cheapest child's set is enough.  OR: all children's sets together.  NOT: has none.
 */
#include "match/build.h"
#include <stdlib.h>

static const double NEVER = 1e18; /* the cost of what has no witness */

/* How many rules use each predicate: what many rules name (\powershell.exe) is common. */
static uint32_t *count_uses(struct build *b)
{
	ptrdiff_t nodes = SECTION_COUNT(b->s.nodes, struct image_node);
	uint32_t *uses = NEW(b->tmp, uint32_t, SECTION_COUNT(b->s.predicates, struct image_predicate) + 1);
	for (ptrdiff_t i = 0; i < nodes; i++) {
		const struct image_node *n = SECTION_AT(b->s.nodes, struct image_node, i);
		if (n->kind == NODE_PREDICATE)
			uses[n->predicate]++;
	}
	return uses;
}

static double decay(double factor, ptrdiff_t steps)
{
	double v = 1;
	while (steps-- > 0)
		v *= factor;
	return v;
}

/* About how often, among events that have the field, looking for it wakes the rule. */
static double cost_of(const struct image_predicate *p, ptrdiff_t literal, int level, uint32_t uses)
{
	if (p->op == PREDICATE_NULL)
		return NEVER;
	if (p->field == IMAGE_NONE)
		return index_can(p) ? 20.0 : NEVER;
	if (!index_can(p))
		return p->op == PREDICATE_EXISTS || p->shape == TEXT_PRESENT ? 2.0 : 1.0;
	bool exact = p->shape == TEXT_EXACT;
	double rare = exact ? decay(0.7, MIN(literal, 16)) / 8 : decay(0.66, MIN(literal, 20));
	if (level > 0 && !exact)
		rare = (double)(1 << level) / 64;
	return rare * (1 + 0.3 * uses);
}

struct chooser {
	struct build *b;
	const uint32_t *uses;
	struct section *pairs; /* predicate, rule */
};
struct pair {
	uint32_t predicate, rule;
};

static double cost(struct chooser *c, uint32_t node)
{
	const struct image_node *n = SECTION_AT(c->b->s.nodes, struct image_node, node);
	double sum = n->kind == NODE_AND ? NEVER : 0;
	if (n->kind == NODE_NOT)
		return NEVER;
	if (n->kind == NODE_PREDICATE) {
		const struct image_predicate *p =
			SECTION_AT(c->b->s.predicates, struct image_predicate, n->predicate);
		ptrdiff_t literal = p->text.len;
		for (uint32_t i = 0; p->op == PREDICATE_TEXT && i < p->pieces.count; i++)
			literal = MAX(literal,
				      SECTION_AT(c->b->s.pieces, struct image_piece, p->pieces.first + i)
					      ->text.len);
		str text = { c->b->s.strings.at + p->text.at, p->text.len };
		int level = p->op == PREDICATE_TEXT ? index_level(c->b, text) : 0;
		return cost_of(p, literal, level, c->uses[n->predicate]);
	}
	for (uint32_t i = node + 1; i < node + n->size;) {
		double one = cost(c, i);
		sum = n->kind == NODE_AND ? MIN(sum, one) : sum + one;
		i += SECTION_AT(c->b->s.nodes, struct image_node, i)->size;
	}
	return MIN(sum, NEVER);
}

static void collect(struct chooser *c, uint32_t node, uint32_t rule)
{
	const struct image_node *n = SECTION_AT(c->b->s.nodes, struct image_node, node);
	if (n->kind == NODE_PREDICATE) {
		struct pair p = { n->predicate, rule };
		section_add(c->pairs, &p, sizeof p);
		return;
	}
	uint32_t best = 0;
	double least = NEVER;
	for (uint32_t i = node + 1; i < node + n->size;) {
		if (n->kind == NODE_OR)
			collect(c, i, rule);
		else if (cost(c, i) < least) {
			least = cost(c, i);
			best = i;
		}
		i += SECTION_AT(c->b->s.nodes, struct image_node, i)->size;
	}
	if (n->kind == NODE_AND)
		collect(c, best, rule);
}

static int by_predicate(const void *x, const void *y)
{
	const struct pair *a = x, *b = y;
	if (a->predicate != b->predicate)
		return a->predicate < b->predicate ? -1 : 1;
	return a->rule < b->rule ? -1 : a->rule > b->rule;
}

/* A long OR of texts on one field would be tried one by one: they are noted while the field is scanned
 * instead. */
static void note_long_lists(struct build *b)
{
	ptrdiff_t nodes = SECTION_COUNT(b->s.nodes, struct image_node);
	for (ptrdiff_t i = 0; i < nodes; i++) {
		const struct image_node *n = SECTION_AT(b->s.nodes, struct image_node, i);
		if (n->kind != NODE_OR || n->size < 9)
			continue;
		for (ptrdiff_t j = i + 1; j < i + n->size; j++) {
			const struct image_node *m = SECTION_AT(b->s.nodes, struct image_node, j);
			if (m->kind != NODE_PREDICATE)
				continue;
			struct image_predicate *p =
				SECTION_AT(b->s.predicates, struct image_predicate, m->predicate);
			p->noted |= p->field != IMAGE_NONE && index_can(p);
		}
	}
}

static void set_wakes(struct build *b, struct pair *pairs, ptrdiff_t count)
{
	if (count > 0)
		qsort(pairs, (size_t)count, sizeof *pairs, by_predicate);
	for (ptrdiff_t i = 0; i < count; i++) {
		struct image_predicate *p =
			SECTION_AT(b->s.predicates, struct image_predicate, pairs[i].predicate);
		if (i > 0 && pairs[i].predicate == pairs[i - 1].predicate &&
		    pairs[i].rule == pairs[i - 1].rule)
			continue;
		if (p->wakes.count++ == 0)
			p->wakes.first = (uint32_t)SECTION_COUNT(b->s.wakes, uint32_t);
		section_add(&b->s.wakes, &pairs[i].rule, sizeof pairs[i].rule);
		p->noted |= index_can(p);
	}
}

void witness_choose(struct build *b)
{
	struct section pairs = { 0 }, always = { 0 };
	struct chooser c = { b, count_uses(b), &pairs };
	ptrdiff_t rules = SECTION_COUNT(b->s.rules, struct image_rule);
	for (ptrdiff_t r = 0; r < rules; r++) {
		const struct image_rule *rule = SECTION_AT(b->s.rules, struct image_rule, r);
		struct pair p = { rule->logsource, (uint32_t)r };
		if (cost(&c, rule->node) < NEVER)
			collect(&c, rule->node, (uint32_t)r);
		else
			section_add(&always, &p, sizeof p);
	}
	set_wakes(b, (struct pair *)(void *)pairs.at, SECTION_COUNT(pairs, struct pair));
	struct pair *a = (struct pair *)(void *)always.at;
	ptrdiff_t count = SECTION_COUNT(always, struct pair);
	if (count > 0)
		qsort(a, (size_t)count, sizeof *a, by_predicate);
	for (ptrdiff_t i = 0; i < count; i++) {
		struct image_logsource *l =
			SECTION_AT(b->s.logsources, struct image_logsource, a[i].predicate);
		if (l->always.count++ == 0)
			l->always.first = (uint32_t)SECTION_COUNT(b->s.wakes, uint32_t);
		section_add(&b->s.wakes, &a[i].rule, sizeof a[i].rule);
	}
	note_long_lists(b);
	free(pairs.at);
	free(always.at);
}
