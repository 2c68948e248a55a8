/* scan.c - what of a view's values wakes which rules.  The hot path: read index.c first. */
#include "match/sieve.h"
#include "match/state.h"

void wake_rule(struct matcher *m, uint32_t rule)
{
	uint32_t l = m->im->rules[rule].logsource;
	if (!(m->bits[l / 64] >> (l % 64) & 1) || m->woken_stamp[rule] == m->view)
		return;
	m->woken_stamp[rule] = m->view;
	if (m->chosen && !(m->chosen[rule / 64] >> (rule % 64) & 1))
		return;
	m->woken[m->woken_count++] = rule;
}

static void note_true(struct matcher *m, uint32_t predicate)
{
	const struct image_predicate *p = &m->im->predicates[predicate];
	m->memo[predicate] = m->view << 1 | 1;
	for (uint32_t i = 0; i < p->wakes.count; i++)
		wake_rule(m, m->im->wakes[p->wakes.first + i]);
}

struct subject {
	struct pool *pool;
	uint32_t leaf;
	str text;
}; /* text: folded */

/* Is the literal where the key was found, `at` in the value? */
static inline bool literal_there(const struct image *im, const struct image_posting *p, str text,
				 ptrdiff_t at)
{
	ptrdiff_t from = 0, len = p->literal.len;
	switch ((enum posting_place)p->place) {
	case PLACE_AROUND:
		from = at - p->witness;
		break;
	case PLACE_END:
		from = text.len - len;
		break;
	case PLACE_WHOLE:
		if (text.len != len)
			return false;
		break;
	case PLACE_BEGINNING:
		break;
	}
	return from >= 0 && from + len <= text.len &&
	       memcmp(text.ptr + from, im->strings + p->literal.at, (size_t)len) == 0;
}

static void try_posting(struct matcher *m, const struct image_posting *p, const struct subject *s,
			ptrdiff_t at)
{
	if (!literal_there(m->im, p, s->text, at) || m->memo[p->predicate] == (m->view << 1 | 1))
		return;
	if (!p->enough) {
		if (m->tried[p->predicate] == m->value_stamp)
			return;
		m->tried[p->predicate] = m->value_stamp;
		if (!predicate_text(m, &m->im->predicates[p->predicate], s->pool, s->leaf, NULL))
			return;
	}
	note_true(m, p->predicate);
}

static void look_up(struct matcher *m, struct image_table t, uint64_t key, const struct subject *s,
		    ptrdiff_t at)
{
	const struct image_slot *slots = m->im->slots + t.first;
	for (uint32_t i = image_slot_of(key, t.mask); slots[i].postings.count; i = (i + 1) & t.mask) {
		if (slots[i].key != key)
			continue;
		for (uint32_t j = 0; j < slots[i].postings.count; j++)
			try_posting(m, &m->im->postings[slots[i].postings.first + j], s, at);
		return;
	}
}

static void scan_grams(struct matcher *m, const struct image_index *x, const struct subject *s)
{
	const uint64_t *filter = m->im->words + x->filter;
	const uint32_t bits = x->filter_bits; /* here, so that the loop need not read it again */
	const char *p = s->text.ptr, *end = p + s->text.len - 3;
	for (; p < end; p++) {
		uint32_t gram = image_gram(p), bit = image_gram_bit(gram, bits);
		if (__builtin_expect(filter[bit >> 6] >> (bit & 63) & 1, 0))
			look_up(m, x->tables[INDEX_GRAM], gram, s, p - s->text.ptr);
	}
}

static void next_value(struct matcher *m)
{
	if (++m->value_stamp == 0) { /* after 2^32 values: what is remembered of old ones must go */
		memset(m->tried, 0, (size_t)m->im->predicates_count * sizeof *m->tried);
		m->value_stamp = 1;
	}
}

static void scan_value(struct matcher *m, const struct image_index *x, const struct subject *s)
{
	ptrdiff_t n = s->text.len;
	const char *p = s->text.ptr;
	const struct image_table *t = x->tables;
	next_value(m);
	if (t[INDEX_EXACT].mask != IMAGE_NONE && n <= x->exact_most)
		look_up(m, t[INDEX_EXACT], image_key(p, n), s, 0);
	if (n >= 4) {
		if (t[INDEX_TAIL4].mask != IMAGE_NONE)
			look_up(m, t[INDEX_TAIL4], image_key(p + n - 4, 4), s, 0);
		if (t[INDEX_HEAD4].mask != IMAGE_NONE)
			look_up(m, t[INDEX_HEAD4], image_key(p, 4), s, 0);
		if (t[INDEX_GRAM].mask != IMAGE_NONE)
			scan_grams(m, x, s);
	}
	if (n >= 8) {
		if (t[INDEX_TAIL8].mask != IMAGE_NONE)
			look_up(m, t[INDEX_TAIL8], image_key(p + n - 8, 8), s, 0);
		if (t[INDEX_HEAD8].mask != IMAGE_NONE)
			look_up(m, t[INDEX_HEAD8], image_key(p, 8), s, 0);
	}
}

static bool asked_for(const struct matcher *m, const struct image_index *x)
{
	const uint64_t *bits = m->im->words + x->logsources;
	uint64_t both = 0;
	for (ptrdiff_t w = 0; w < m->words; w++)
		both |= bits[w] & m->bits[w];
	return both != 0;
}

static void scan_field(struct matcher *m, uint32_t field)
{
	uint32_t index = m->im->fields[field].index;
	if (index == IMAGE_NONE || !asked_for(m, &m->im->indexes[index]))
		return;
	const struct image_index *x = &m->im->indexes[index];
	for (uint32_t i = 0; i < x->present.count; i++)
		wake_rule(m, m->im->wakes[x->present.first + i]);
	for (uint32_t v = field_first(m, field); v != IMAGE_NONE; v = m->values[v].next) {
		uint32_t leaf = m->values[v].leaf;
		if (m->wanted.leaves.at[leaf].kind == LEAF_NULL)
			continue;
		struct subject s = { &m->wanted, leaf, pool_folded(&m->wanted, leaf) };
		scan_value(m, x, &s);
	}
}

static void scan_keywords(struct matcher *m, uint32_t index)
{
	const struct image_index *x = &m->im->indexes[index];
	struct sieve sieve = { m->im, x };
	if (x->sieve != IMAGE_NONE && !sieve_may_hold(&sieve, m->json))
		return;
	matcher_read_everything(m);
	for (ptrdiff_t i = 0; i < m->everything.leaves.count; i++) {
		if (m->everything.leaves.at[i].kind == LEAF_NULL)
			continue;
		struct subject s = { &m->everything, (uint32_t)i, pool_folded(&m->everything, (uint32_t)i) };
		scan_value(m, x, &s);
	}
}

void scan_view(struct matcher *m)
{
	for (ptrdiff_t i = 0; i < m->touched_count; i++)
		scan_field(m, m->touched[i]);
	for (ptrdiff_t w = 0; w < m->words; w++)
		for (uint64_t left = m->bits[w]; left; left &= left - 1) {
			const struct image_logsource *l = &m->im->logsources[w * 64 + __builtin_ctzll(left)];
			for (uint32_t i = 0; i < l->always.count; i++)
				wake_rule(m, m->im->wakes[l->always.first + i]);
			if (l->index != IMAGE_NONE)
				scan_keywords(m, l->index);
		}
}
