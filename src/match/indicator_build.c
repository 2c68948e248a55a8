/* indicator_build.c - from what was gathered to one block.
 *
 * The block is reserved at the most that it can need, filled from the front, and cut: pages that nothing
 * was written to are no memory.  Drafts are moved to the front of their own list as they are kept, so that
 * a number in a bucket is a place in that list until it is one among the entries.
 */
#include "match/indicator_load.h"

#include <stdlib.h>
#include <sys/mman.h>

/* heap: the table outlives every arena; without memory for it, abort as arena.h, I3 does */
enum { AHEAD = 16, PAGE = 4096, BELOW_WORDS_MOST = 1 << 17, HUGE_WORTH = 8 << 20 };

struct making {
	struct indicators *i;
	struct block_head *head;
	uint64_t used, room;
};

static void *section(struct making *m, struct words *w, uint64_t count, uint64_t item)
{
	m->used = (m->used + 63) & ~63ull;
	*w = (struct words){ m->used, count };
	m->used += count * item;
	ASSERT(m->used <= m->room);
	return (char *)m->head + w->at;
}

/* Three of five slots are taken on average: one line is read for nearly every name, at 13 bytes an
 * indicator. */
static uint64_t buckets_for(ptrdiff_t count)
{
	return count == 0 ? 0 : (uint64_t)count * 5 / (3 * BUCKET_SLOTS) + 1;
}

static uint64_t room_for(const struct draft_list *l)
{
	return buckets_for(l->count) * sizeof(struct bucket) + (uint64_t)l->count * sizeof(struct entry) +
	       l->text.used + NETS4 * 4 + NETS6 * 16 + BELOW_WORDS_MOST * 8 + 7 * 64;
}

static uint64_t room_for_strings(const struct string_list *l)
{
	return (uint64_t)l->count * sizeof(struct block_string) + l->text.used;
}

/* ---- one table */

enum fate { FATE_KEPT, FATE_DOUBLED };

/* The same key again: of two indicators the first stays, but what counts for all names below is the wider
 * one; allow-lists add up. */
static void unite(struct draft *old, const struct draft *new, bool allow)
{
	if (allow) {
		old->bits |= new->bits;
	} else if ((new->bits >> 4 & 1) && !(old->bits >> 4 & 1)) {
		uint64_t at = old->at;
		*old = *new;
		old->at = at;
	}
}

static enum fate insert(struct making *m, const struct table_head *t, struct draft_list *l, ptrdiff_t kept,
			const struct draft *d)
{
	struct bucket *all = (struct bucket *)((char *)m->head + t->buckets.at);
	uint64_t at = bucket_of(d->hash, t->buckets.count);
	str text = text_get(&l->text, d->at, d->len);
	for (;; at = at + 1 == t->buckets.count ? 0 : at + 1) {
		struct bucket *b = all + at;
		for (int s = 0; s < BUCKET_SLOTS; s++) {
			if (b->entry[s] == 0) {
				b->print[s] = (uint32_t)d->hash;
				b->entry[s] = (uint32_t)kept + 1;
				return FATE_KEPT;
			}
			struct draft *old = b->print[s] == (uint32_t)d->hash ? &l->at[b->entry[s] - 1] : NULL;
			if (old != NULL && ((old->bits ^ d->bits) & 15) == 0 &&
			    str_eq(text_get(&l->text, old->at, old->len), text)) {
				unite(old, d, t == &m->head->allow);
				return FATE_DOUBLED;
			}
		}
	}
}

static bool is_allowed(const struct making *m, const struct indicator_loader *l, const struct draft *d,
		       str value)
{
	if (m->head->allow.kinds != 0 && allow_value(m->i, d->bits & 15, d->bits >> 4 & 1, value))
		return true;
	return loader_pattern_allows(l, d->bits & 15, value);
}

/* Fills the buckets; l->count is what was kept then. */
static void fill_buckets(struct making *m, struct table_head *t, struct draft_list *l,
			 const struct indicator_loader *loader)
{
	bool seek = t == &m->head->seek;
	ptrdiff_t kept = 0;
	const struct bucket *allowed = block_at(m->i, m->head->allow.buckets.at);
	struct bucket *all = section(m, &t->buckets, buckets_for(l->count), sizeof(struct bucket));
	for (ptrdiff_t n = 0; n < l->count; n++) {
		if (n + AHEAD < l->count) {
			uint64_t hash = l->at[n + AHEAD].hash;
			__builtin_prefetch(all + bucket_of(hash, t->buckets.count), 1);
			if (seek)
				__builtin_prefetch(allowed + bucket_of(hash, m->head->allow.buckets.count));
		}
		struct draft d = l->at[n];
		str value = text_get(&l->text, d.at, d.len);
		if (seek && is_allowed(m, loader, &d, value)) {
			m->head->allowed++;
			continue;
		}
		if (insert(m, t, l, kept, &d) == FATE_KEPT)
			l->at[kept++] = d;
		else if (seek)
			m->head->doubled++;
	}
	l->count = kept;
}

static void fill_net4(struct table_head *t, uint32_t *nets, struct network n)
{
	int bits = n.bits - 96;
	unsigned first = (unsigned)n.first.b[12] << 8 | n.first.b[13];
	if (bits == 0) {
		t->net4_zero = 1;
		return;
	}
	for (unsigned k = 0; k < (bits < 16 ? 1u << (16 - bits) : 1u); k++)
		nets[first + k] |= 1u << (bits - 1);
}

static void fill_net6(struct making *m, struct table_head *t, uint64_t *nets, struct network n)
{
	if (n.bits == 0) {
		t->net6_zero = 1;
		return;
	}
	uint64_t *set = n.bits < 32 ? t->nets6_wide : nets + 2 * nets6_slot(m->head->secret, n.first);
	set[(n.bits - 1) / 64] |= 1ull << ((n.bits - 1) & 63);
}

static void fill_networks(struct making *m, struct table_head *t, const struct draft_list *l)
{
	uint32_t *nets4 = section(m, &t->nets4, NETS4, 4);
	uint64_t *nets6 = section(m, &t->nets6, NETS6, 16);
	for (ptrdiff_t n = 0; n < l->count; n++) {
		const struct draft *d = &l->at[n];
		struct network net;
		if ((d->bits & 15) != INDICATOR_NETWORK)
			continue;
		bool good = value_network(text_get(&l->text, d->at, d->len), &net, false);
		ASSERT(good); /* it is our own canonical form */
		if (network_is_v4(net))
			fill_net4(t, nets4, net);
		else
			fill_net6(m, t, nets6, net);
	}
}

static bool is_below(const struct making *m, const struct table_head *t, const struct draft *d)
{
	return (d->bits & 15) == INDICATOR_DOMAIN &&
	       (t == &m->head->seek ? d->bits >> 4 & 1 : d->bits >> 16) != 0;
}

static void fill_below(struct making *m, struct table_head *t, const struct draft_list *l)
{
	uint64_t count = 0;
	for (ptrdiff_t n = 0; n < l->count; n++)
		count += is_below(m, t, &l->at[n]);
	if (count == 0)
		return;
	uint64_t *filter = section(m, &t->below, MIN(MAX(count / 4, 64), BELOW_WORDS_MOST), 8);
	for (ptrdiff_t n = 0; n < l->count; n++)
		if (is_below(m, t, &l->at[n]))
			filter[below_word(l->at[n].hash, t->below.count)] |= below_bits(l->at[n].hash);
}

static void fill_entries(struct making *m, struct table_head *t, struct draft_list *l)
{
	uint64_t at = 0, size = 0;
	for (ptrdiff_t n = 0; n < l->count; n++)
		size += l->at[n].len;
	struct entry *e = section(m, &t->entries, (uint64_t)l->count, sizeof(struct entry));
	char *text = section(m, &t->text, size, 1);
	for (ptrdiff_t n = 0; n < l->count; n++) {
		const struct draft *d = &l->at[n];
		e[n] = (struct entry){ { (uint32_t)at, (uint32_t)(at >> 32 & 0xff) | (uint32_t)d->len << 8,
					 d->label, d->line, d->bits } };
		memcpy(text + at, text_get(&l->text, d->at, d->len).ptr, d->len);
		at += d->len;
		text_drop(&l->text, d->at);
	}
}

static void fill_table(struct making *m, struct table_head *t, struct draft_list *l,
		       const struct indicator_loader *loader)
{
	fill_buckets(m, t, l, loader);
	for (ptrdiff_t n = 0; n < l->count; n++)
		t->kinds |= 1u << (l->at[n].bits & 15);
	if (t->kinds >> INDICATOR_NETWORK & 1)
		fill_networks(m, t, l);
	fill_below(m, t, l);
	fill_entries(m, t, l);
	free(l->at);
	l->at = NULL;
	text_done(&l->text);
}

/* ---- strings and pieces */

static void fill_strings(struct making *m, const struct indicator_loader *l)
{
	const struct string_list *lists[2] = { &l->files, &l->labels };
	struct block_string *out = section(m, &m->head->strings, (uint64_t)(l->files.count + l->labels.count),
					   sizeof(struct block_string));
	uint64_t size = 0, at = 0;
	for (int k = 0; k < 2; k++)
		for (ptrdiff_t n = 0; n < lists[k]->count; n++)
			size += lists[k]->at[n].len;
	char *text = section(m, &m->head->string_text, size, 1);
	m->head->sources = (uint64_t)l->files.count;
	for (int k = 0; k < 2; k++)
		for (ptrdiff_t n = 0; n < lists[k]->count; n++) {
			const struct block_string *s = &lists[k]->at[n];
			*out++ = (struct block_string){ at, s->len, 0 };
			memcpy(text + at, text_get(&lists[k]->text, s->at, s->len).ptr, s->len);
			at += s->len;
		}
}

static void fill_pieces(struct making *m, const struct indicator_loader *l)
{
	uint64_t at = 0;
	uint32_t n = 0;
	if (l->piece_count == 0)
		return;
	struct block_piece *out =
		section(m, &m->head->pieces, (uint64_t)l->piece_count, sizeof(struct block_piece));
	uint32_t *heads = section(m, &m->head->piece_heads, PIECE_HEADS, 4);
	uint16_t *kinds = section(m, &m->head->piece_kinds, PIECE_HEADS, 2);
	char *text = section(m, &m->head->piece_text, l->piece_bytes, 1);
	for (const struct piece *p = l->pieces; p != NULL; p = p->next, n++) {
		uint32_t slot = piece_head(p->text.ptr, p->text.len);
		out[n] = (struct block_piece){ at, (uint32_t)p->text.len, p->kinds, heads[slot], 0 };
		heads[slot] = n + 1;
		kinds[slot] |= (uint16_t)p->kinds;
		memcpy(text + at, p->text.ptr, (size_t)p->text.len);
		at += (uint64_t)p->text.len;
	}
	m->head->allow.kinds |= 1u << ALLOW_TEXT;
}

const struct indicators *indicators_finish(struct indicator_loader *l)
{
	ASSERT(!l->finished);
	l->finished = true;
	struct making m = { .used = sizeof(struct block_head) };
	m.room = m.used + room_for(&l->seek) + room_for(&l->allow) + room_for_strings(&l->files) +
		 room_for_strings(&l->labels) + (uint64_t)l->piece_count * sizeof(struct block_piece) +
		 l->piece_bytes + PIECE_HEADS * 6 + 16 * 64;
	m.room = (m.room + PAGE - 1) / PAGE * PAGE;
	void *block = mmap(NULL, m.room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			   -1, 0);
	m.i = malloc(sizeof(*m.i));
	if (block == MAP_FAILED || m.i == NULL)
		abort();
	if (m.room >= HUGE_WORTH)
		madvise(block, m.room, MADV_HUGEPAGE);
	m.head = block;
	*m.i = (struct indicators){ m.head, (ptrdiff_t)m.room, true };
	memcpy(m.head->secret, l->secret, sizeof(l->secret));
	fill_pieces(&m, l);
	fill_table(&m, &m.head->allow, &l->allow, l);
	fill_table(&m, &m.head->seek, &l->seek, l);
	const struct entry *e = block_at(m.i, m.head->seek.entries.at);
	for (uint64_t n = 0; n < m.head->seek.entries.count; n++)
		m.head->of_kind[entry_kind(e + n)]++;
	m.head->kept = (int64_t)m.head->seek.entries.count;
	m.head->refused = l->refused;
	fill_strings(&m, l);
	uint64_t pages = (m.used + PAGE - 1) / PAGE * PAGE;
	if (pages < m.room)
		munmap((char *)block + pages, m.room - pages);
	block_seal(m.head, m.used);
	m.i->size = (ptrdiff_t)m.used;
	loader_done(l);
	return m.i;
}
