#include "match/indicator_block.h"

#include "match/indicator_value.h"

#include <stdlib.h>
#include <sys/mman.h>

static const char magic[8] = "NaubatI1";
enum { VERSION = 1, ORDER = 0x01020304 };

/* ---- looking up */

static bool is_same(const struct indicators *i, const struct table_head *t, const struct entry *e,
		    const struct lookup *l)
{
	char room[NETWORK_TEXT_MAX + 1 > IP_TEXT_MAX + 9 ? NETWORK_TEXT_MAX + 1 : IP_TEXT_MAX + 9];
	str key = { room, 0 };
	if (entry_kind(e) != l->kind)
		return false;
	if (l->kind == INDICATOR_IP)
		key.len = value_write_ip(l->ip, room);
	else if (l->kind == INDICATOR_IP_PORT)
		key.len = value_write_ip_port(l->ip, (int)l->len, room);
	else if (l->kind == INDICATOR_NETWORK)
		key.len = network_write(network_of(l->ip, (int)l->len), room);
	else
		key = (str){ l->key, l->len };
	str value = block_text(i, &t->text, entry_at(e), entry_len(e));
	/* all but URLs may be looked up as they stand in the event */
	return l->kind == INDICATOR_URL ? str_eq(value, key) : str_eq_nocase(value, key);
}

static const struct entry *find_in(const struct indicators *i, const struct table_head *t,
				   const struct bucket *b, const struct lookup *l)
{
	for (int s = 0; s < BUCKET_SLOTS && b->entry[s] != 0; s++) {
		if (b->print[s] != (uint32_t)l->hash || b->entry[s] > t->entries.count)
			continue;
		const struct entry *e = (const struct entry *)block_at(i, t->entries.at) + b->entry[s] - 1;
		if (is_same(i, t, e, l))
			return e;
	}
	return NULL;
}

const struct entry *table_find(const struct indicators *i, const struct table_head *t, const struct lookup *l)
{
	const struct bucket *all = block_at(i, t->buckets.at);
	uint64_t n = t->buckets.count, at = bucket_of(l->hash, n);
	for (uint64_t tried = 0; tried < n; tried++, at = at + 1 == n ? 0 : at + 1) {
		if (!bucket_may_hold(all + at, l->hash))
			return NULL;
		const struct entry *e = find_in(i, t, all + at, l);
		if (e != NULL)
			return e;
		if (all[at].entry[BUCKET_SLOTS - 1] == 0)
			return NULL;
	}
	return NULL;
}

static int put_prefixes(uint64_t set, int first, uint8_t *out)
{
	int n = 0;
	for (; set; set &= set - 1)
		out[n++] = (uint8_t)(first + __builtin_ctzll(set));
	return n;
}

int table_prefixes(const struct indicators *i, const struct table_head *t, struct ip ip,
		   uint8_t out[static 129])
{
	int n = 0;
	if (ip_is_v4(ip)) {
		if (t->net4_zero)
			out[n++] = 96;
		if (t->nets4.count == 0)
			return n;
		const uint32_t *nets = block_at(i, t->nets4.at);
		return n + put_prefixes(nets[ip.b[12] << 8 | ip.b[13]], 97, out + n);
	}
	if (t->net6_zero)
		out[n++] = 0;
	if (t->nets6.count == 0)
		return n;
	const uint64_t *nets =
		(const uint64_t *)block_at(i, t->nets6.at) + 2 * nets6_slot(i->head->secret, ip);
	n += put_prefixes(nets[0] | t->nets6_wide[0], 1, out + n);
	return n + put_prefixes(nets[1] | t->nets6_wide[1], 65, out + n);
}

/* ---- bytes */

str indicators_bytes(const struct indicators *i)
{
	return (str){ (const char *)i->head, i->size };
}

/* Of everything behind the field that holds it. */
static uint64_t block_sum(str bytes)
{
	uint64_t h[4] = { 0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb, 0x2545f4914f6cdd1d };
	ptrdiff_t at = (ptrdiff_t)offsetof(struct block_head, secret);
	for (; at + 32 <= bytes.len; at += 32)
		for (int k = 0; k < 4; k++) {
			uint64_t v = (h[k] ^ load_64(bytes.ptr + at + 8 * k)) * 0xff51afd7ed558ccd;
			h[k] = v ^ v >> 32;
		}
	for (; at < bytes.len; at++)
		h[0] = (h[0] ^ (uint8_t)bytes.ptr[at]) * 0xff51afd7ed558ccd;
	return hash_mix(h[0] ^ h[1] * 3, h[2] ^ h[3] * 5 ^ (uint64_t)bytes.len);
}

void block_seal(struct block_head *head, uint64_t size)
{
	memcpy(head->magic, magic, sizeof(magic));
	head->version = VERSION;
	head->order = ORDER;
	head->size = size;
	head->sum = block_sum((str){ (const char *)head, (ptrdiff_t)size });
}

static bool lies_in(const struct words *w, uint64_t item, uint64_t size)
{
	return w->at <= size && w->at % 8 == 0 && w->count <= (size - w->at) / item;
}

static bool table_lies_in(const struct table_head *t, uint64_t size)
{
	bool sections = lies_in(&t->buckets, sizeof(struct bucket), size) && t->buckets.at % 64 == 0 &&
			lies_in(&t->entries, sizeof(struct entry), size) && lies_in(&t->text, 1, size) &&
			lies_in(&t->nets4, 4, size) && lies_in(&t->nets6, 16, size) &&
			lies_in(&t->below, 8, size);
	return sections && (t->nets4.count == 0 || t->nets4.count == NETS4) &&
	       (t->nets6.count == 0 || t->nets6.count == NETS6) && t->buckets.count <= UINT32_MAX &&
	       t->below.count <= UINT32_MAX;
}

bool indicators_open_bytes(str bytes, const struct indicators **out, struct err *err)
{
	const struct block_head *h = (const struct block_head *)(const void *)bytes.ptr;
	if ((uintptr_t)bytes.ptr % 64 != 0)
		return err_set(err, ERR_INPUT, "the bytes of indicators must lie at a multiple of 64");
	if (bytes.len < (ptrdiff_t)sizeof(*h) || memcmp(h->magic, magic, sizeof(magic)) != 0 ||
	    h->version != VERSION || h->order != ORDER)
		return err_set(err, ERR_INPUT,
			       "is no cache of indicators of this version and kind of machine");
	uint64_t size = (uint64_t)bytes.len;
	if (h->size != size || block_sum(bytes) != h->sum)
		return err_set(err, ERR_INPUT, "the cache of indicators is damaged: delete it");
	bool whole = table_lies_in(&h->seek, size) && table_lies_in(&h->allow, size) &&
		     lies_in(&h->strings, sizeof(struct block_string), size) &&
		     lies_in(&h->string_text, 1, size) &&
		     lies_in(&h->pieces, sizeof(struct block_piece), size) &&
		     lies_in(&h->piece_heads, 4, size) && lies_in(&h->piece_kinds, 2, size) &&
		     lies_in(&h->piece_text, 1, size) && h->sources <= h->strings.count &&
		     (h->piece_heads.count == 0 || h->piece_heads.count == PIECE_HEADS) &&
		     h->piece_kinds.count == h->piece_heads.count;
	if (!whole)
		return err_set(err, ERR_INPUT, "the cache of indicators is damaged: delete it");
	struct indicators *i = malloc(sizeof(*i)); /* heap: outlives every arena, indicators_free */
	if (i == NULL)
		return err_set(err, ERR_SYSTEM, "no memory for indicators");
	*i = (struct indicators){ h, bytes.len, false };
	*out = i;
	return true;
}

void indicators_free(const struct indicators *i)
{
	if (i == NULL)
		return;
	union {
		const void *in;
		void *out;
	} all = { i->head }, self = { i };
	if (i->owned)
		munmap(all.out, (size_t)i->size);
	free(self.out);
}

struct indicator_counts indicators_counts(const struct indicators *i)
{
	const struct block_head *h = i->head;
	return (struct indicator_counts){ h->kept, h->doubled, h->refused, h->allowed };
}

int64_t indicators_of_kind(const struct indicators *i, enum indicator_kind kind)
{
	return i->head->of_kind[kind];
}

static str string_of(const struct indicators *i, uint64_t number)
{
	if (number >= i->head->strings.count)
		return (str){ NULL, 0 };
	const struct block_string *s = (const struct block_string *)block_at(i, i->head->strings.at) + number;
	return block_text(i, &i->head->string_text, s->at, s->len);
}

void block_indicator(const struct indicators *i, const struct entry *e, struct indicator *out)
{
	*out = (struct indicator){
		.kind = (enum indicator_kind)MIN(entry_kind(e), INDICATOR_KINDS - 1),
		.below = entry_below(e),
		.value = block_text(i, &i->head->seek.text, entry_at(e), entry_len(e)),
		.label = string_of(i, i->head->sources + e->word[2]),
		.source = string_of(i, e->word[4] >> 5),
		.line = e->word[3],
	};
}
