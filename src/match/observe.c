/* observe.c - the observables of an event, gathered and looked up among the indicators together. */
#include <stdlib.h>
#include "match/state.h"

enum { HITS_FIRST = 64, HITS_MOST = 1 << 20 };

/* Which kinds of indicator each way of looking can find; a way that can find none of those we have is
 * not gone. */
#define KIND(k) (1u << INDICATOR_##k)
#define ADDRESS (KIND(IP) | KIND(NETWORK) | KIND(IP_PORT))
#define HASH    (KIND(MD5) | KIND(SHA1) | KIND(SHA256))
static const uint32_t kinds_of[] = {
	[PROBE_ANY] = ~0u,
	[PROBE_IP] = ADDRESS,
	[PROBE_DOMAIN] = ADDRESS | KIND(DOMAIN),
	[PROBE_URL] = ADDRESS | KIND(DOMAIN) | KIND(URL),
	[PROBE_MAIL] = KIND(MAIL) | KIND(DOMAIN),
	[PROBE_HASH] = HASH | KIND(JA3),
	[PROBE_FILE_NAME] = KIND(FILE_NAME),
	[PROBE_JA3] = KIND(JA3) | KIND(MD5),
	[PROBE_JA4] = KIND(JA4),
	[PROBE_HASHES] = HASH | KIND(JA3),
	[PROBE_TEXT] = ~0u,
};

uint32_t observe_ways(const struct indicators *i)
{
	uint32_t kinds = 0, ways = 0;
	for (int k = 0; k <= INDICATOR_FILE_NAME; k++)
		kinds |= i && indicators_of_kind(i, (enum indicator_kind)k) > 0 ? 1u << k : 0;
	for (int w = 0; w < COUNTOF(kinds_of); w++)
		ways |= kinds_of[w] & kinds ? 2u << w : 0;
	return ways;
}

struct gathered {
	struct probe probes[PROBE_BATCH];
	uint32_t leaves[PROBE_BATCH];
	str fields[PROBE_BATCH];
	ptrdiff_t count;
	bool everything;
};

/* One text can hold any number of them: the list grows until all have room. */
static ptrdiff_t find_hits(struct matcher *m, const struct gathered *g)
{
	for (;;) {
		ptrdiff_t count =
			indicators_probe(m->unit->indicators, g->probes, g->count, m->hits, m->hit_room);
		if (count < m->hit_room || m->hit_room >= HITS_MOST)
			return count;
		m->hit_room = MAX(HITS_FIRST, 4 * m->hit_room);
		free(m->hits);
		m->hits = malloc((size_t)m->hit_room * sizeof *m->hits); /* heap: a matcher's, as others */
		ASSERT(m->hits);
	}
}

static void look_up(struct matcher *m, struct gathered *g)
{
	ptrdiff_t count = find_hits(m, g);
	const struct probe_hit *hits = m->hits;
	for (ptrdiff_t i = 0; i < count; i++) {
		uint32_t tag = hits[i].tag;
		struct indicator *what = NEW(&m->out_memory, struct indicator, 1);
		struct match_reason *why = NEW(&m->out_memory, struct match_reason, 1);
		*what = hits[i].what;
		*why = (struct match_reason){ g->fields[tag], g->probes[tag].text, hits[i].from, hits[i].to,
					      what->value };
		match_add(m, (struct match){ -1, what, why, 1 });
	}
	g->count = 0;
}

static void gather(struct matcher *m, struct gathered *g, struct probe probe, uint32_t leaf, str field)
{
	for (ptrdiff_t i = 0; i < g->count; i++)
		if (g->leaves[i] == leaf && g->probes[i].as == probe.as)
			return;
	if (probe.text.len == 0)
		return;
	probe.tag = (uint32_t)g->count;
	g->fields[g->count] = field;
	g->leaves[g->count] = leaf;
	g->probes[g->count++] = probe;
	if (g->count == PROBE_BATCH)
		look_up(m, g);
}

static int port_of(struct matcher *m, uint32_t field)
{
	int64_t port;
	uint32_t v = field == IMAGE_NONE ? IMAGE_NONE : field_first(m, field);
	return v != IMAGE_NONE && str_to_int(pool_text(&m->wanted, m->values[v].leaf), 0, 65535, &port)
		       ? (int)port
		       : -1;
}

static void gather_field(struct matcher *m, struct gathered *g, uint32_t field)
{
	const struct image_field *f = &m->im->fields[field];
	if (f->unless != IMAGE_NONE && field_first(m, f->unless) != IMAGE_NONE)
		return;
	for (uint32_t v = field_first(m, field); v != IMAGE_NONE; v = m->values[v].next) {
		uint32_t leaf = m->values[v].leaf;
		struct probe p = { (enum probe_as)(f->observable - 1), pool_text(&m->wanted, leaf),
				   port_of(m, f->port_field), 0 };
		gather(m, g, p, leaf, image_text(m->im, f->name));
	}
}

/* By the fields that logsources.yaml knows; of an event that belongs nowhere, every string by its shape. */
void observe_event(struct matcher *m, bool known)
{
	struct gathered g;
	g.count = 0;
	for (ptrdiff_t i = 0; i < m->touched_count; i++)
		if (m->ways >> m->im->fields[m->touched[i]].observable & 1)
			gather_field(m, &g, m->touched[i]);
	if (!known && g.count == 0) {
		matcher_read_everything(m);
		for (ptrdiff_t i = 0; i < m->everything.leaves.count; i++) {
			struct probe p = { PROBE_ANY, { 0 }, -1, 0 };
			if (m->everything.leaves.at[i].kind != LEAF_STRING)
				continue;
			p.text = pool_text(&m->everything, (uint32_t)i);
			gather(m, &g, p, (uint32_t)i, (str){ 0 });
		}
	}
	if (g.count)
		look_up(m, &g);
}
