#include "match/correlate_priv.h"
#include "match/sigma_priv.h"

#include <stdlib.h>

static bool is_temporal(const struct state *s)
{
	return s->what->type == CORRELATION_TEMPORAL || s->what->type == CORRELATION_TEMPORAL_ORDERED;
}

/* What the correlation counts about an event; NaN: nothing. */
static double number_of(struct correlator *c, const struct state *s, const struct member *m,
                        const struct event *e, int which)
{
	const struct correlation *w = s->what;
	double n = 0;
	if (w->type == CORRELATION_EVENT_COUNT)
		return __builtin_nan("");
	if (is_temporal(s))
		return which;
	if (w->type != CORRELATION_VALUE_COUNT)
		return sigma_number(str_trim(names_text(&c->names, e->values[m->value[0]])), &n)
			? n : __builtin_nan("");
	for (ptrdiff_t i = 0; i < w->field_count; i++)
		if (e->values[m->value[i]] == 0)
			return __builtin_nan("");
	if (w->field_count == 1) {
		names_keep(&c->names, e->values[m->value[0]]);
		return e->values[m->value[0]];
	}
	/* Several fields are one value: the numbers of their names. */
	uint32_t ids[32];
	ASSERT(w->field_count <= COUNTOF(ids));
	for (ptrdiff_t i = 0; i < w->field_count; i++)
		ids[i] = e->values[m->value[i]];
	char text[8 * COUNTOF(ids)];
	for (ptrdiff_t i = 0; i < 8 * w->field_count; i++)
		text[i] = (char)('a' + (ids[i / 8] >> 4 * (i % 8) & 15));
	for (ptrdiff_t i = 0; i < w->field_count; i++)          /* as long as the tuple stands for them */
		names_keep(&c->names, ids[i]);
	return names_take(&c->names, (str){ text, 8 * w->field_count });
}

static void forget_number(struct correlator *c, const struct state *s, const struct entry *e)
{
	const struct member *m = &s->members[e->member];
	if (s->what->type != CORRELATION_VALUE_COUNT || e->number != e->number)
		return;
	names_drop(&c->names, (uint32_t)e->number);
	for (ptrdiff_t i = 0; s->what->field_count > 1 && i < s->what->field_count; i++)
		names_drop(&c->names, e->event->values[m->value[i]]);
}

/* The first of the sorted numbers that is not below n. */
static ptrdiff_t lower(const struct group *g, double n)
{
	ptrdiff_t from = 0, to = g->sorted_count;
	while (from < to) {
		ptrdiff_t mid = from + (to - from) / 2;
		if (g->sorted[mid] < n)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

/* A running sum; what rounding loses is made good every thousand steps, or once it left what doubles hold. */
static void change_sum(struct group *g, double by)
{
	g->sum += by;
	if (++g->sum_changes % 1024 != 0 && g->sum - g->sum == 0)
		return;
	g->sum = 0;
	for (ptrdiff_t i = 0; i < g->sorted_count; i++)
		g->sum += g->sorted[i];
}

static void add_number(struct group *g, double n)
{
	if (n != n)
		return;
	g->sorted = correlate_grow(g->sorted, sizeof(*g->sorted), &g->sorted_room, g->sorted_count + 1);
	ptrdiff_t at = lower(g, n);
	g->distinct += at == g->sorted_count || g->sorted[at] != n;
	memmove(g->sorted + at + 1, g->sorted + at, (size_t)(g->sorted_count - at) * sizeof(double));
	g->sorted[at] = n;
	g->sorted_count++;
	change_sum(g, n);
}

static void remove_number(struct group *g, double n)
{
	if (n != n)
		return;
	ptrdiff_t at = lower(g, n);
	g->sorted_count--;
	memmove(g->sorted + at, g->sorted + at + 1, (size_t)(g->sorted_count - at) * sizeof(double));
	g->distinct -= at == g->sorted_count || g->sorted[at] != n;
	change_sum(g, -n);
}

static void drop_entry(struct correlator *c, const struct state *s, struct group *g, ptrdiff_t at)
{
	struct entry *from = g->entries + g->first, *e = from + at;
	remove_number(g, e->number);
	forget_number(c, s, e);
	event_drop(c, e->event);
	memmove(from + 1, from, (size_t)at * sizeof(*from));
	g->first++;
	g->count--;
	c->total--;
}

static ptrdiff_t home_of(const struct state *s, uint64_t hash)
{
	return (ptrdiff_t)(hash & (uint64_t)(s->size - 1));
}

static void unlink_group(struct state *s, struct group *g)
{
	*(g->newer ? &g->newer->older : &s->newest) = g->older;
	*(g->older ? &g->older->newer : &s->oldest) = g->newer;
	g->newer = g->older = NULL;
}

static void link_newest(struct state *s, struct group *g)
{
	g->older = s->newest;
	*(s->newest ? &s->newest->newer : &s->oldest) = g;
	s->newest = g;
}

static void free_group(struct correlator *c, const struct state *s, struct group *g)
{
	while (g->count > 0)
		drop_entry(c, s, g, 0);
	for (ptrdiff_t i = 0; i < s->what->group_count; i++)
		names_drop(&c->names, g->key[i]);
	free(g->entries);
	free(g->sorted);
	free(g);
}

static void drop_group(struct correlator *c, struct state *s, struct group *g)
{
	ptrdiff_t mask = s->size - 1, hole = home_of(s, g->hash);
	while (s->slots[hole] != g)
		hole = (hole + 1) & mask;
	for (ptrdiff_t i = (hole + 1) & mask; s->slots[i] != NULL; i = (i + 1) & mask) {
		if (((i - home_of(s, s->slots[i]->hash)) & mask) < ((i - hole) & mask))
			continue;
		s->slots[hole] = s->slots[i];
		hole = i;
	}
	s->slots[hole] = NULL;
	s->group_count--;
	bool over = g->newest <= c->judged - s->what->timespan_us;      /* it would not have mattered */
	c->stats.groups_dropped += !over;
	unlink_group(s, g);
	free_group(c, s, g);
}

static void grow_table(struct state *s)
{
	ptrdiff_t size = s->size ? 2 * s->size : 16;
	struct group **slots = calloc((size_t)size,
	                              sizeof(struct group *));     /* heap: groups come and go */
	ASSERT(slots != NULL);
	free(s->slots);
	s->slots = slots;
	s->size = size;
	for (struct group *g = s->newest; g != NULL; g = g->older) {
		ptrdiff_t i = home_of(s, g->hash);
		while (s->slots[i] != NULL)
			i = (i + 1) & (size - 1);
		s->slots[i] = g;
	}
}

static struct group *group_of(struct correlator *c, struct state *s, const struct member *m,
                              const struct event *e)
{
	ptrdiff_t keys = s->what->group_count;
	uint64_t hash = c->names.seed;
	if (2 * s->group_count >= s->size)
		grow_table(s);
	for (ptrdiff_t k = 0; k < keys; k++)
		hash = (hash ^ e->values[m->group[k]]) * 0x9e3779b97f4a7c15u;
	hash ^= hash >> 31;
	ptrdiff_t i = home_of(s, hash);
	for (; s->slots[i] != NULL; i = (i + 1) & (s->size - 1)) {
		ptrdiff_t k = 0;
		while (k < keys && s->slots[i]->key[k] == e->values[m->group[k]])
			k++;
		if (k == keys)
			return s->slots[i];
	}
	/* heap: groups come and go */
	struct group *g = calloc(1, sizeof(*g) + (size_t)keys * sizeof(*g->key));
	ASSERT(g != NULL);
	g->hash = hash;
	g->newest = INT64_MIN;
	for (ptrdiff_t k = 0; k < keys; k++) {
		g->key[k] = e->values[m->group[k]];
		names_keep(&c->names, g->key[k]);
	}
	s->slots[i] = g;
	s->group_count++;
	link_newest(s, g);
	return g;
}

/* Room for one more: what was longest without an event goes, then what is oldest here. */
static void make_room(struct correlator *c, struct state *s, struct group *g, int member)
{
	while (s->group_count > c->limits.groups_most && s->oldest != g && !s->oldest->touched)
		drop_group(c, s, s->oldest);
	while (c->total >= c->limits.total_most && s->oldest != g && !s->oldest->touched)
		drop_group(c, s, s->oldest);
	while (g->count > 0 && (g->count >= s->events_most || c->total >= c->limits.total_most)) {
		drop_entry(c, s, g, 0);
		c->stats.events_dropped++;
	}
	/* Many events of one rule must not push out the few of another that a sequence needs. */
	ptrdiff_t same = lower(g, member + 1) - lower(g, member);
	if (!is_temporal(s) || same < MAX(s->events_most / s->what->rule_count, 1))
		return;
	ptrdiff_t at = 0;
	while (g->entries[g->first + at].member != member)
		at++;
	drop_entry(c, s, g, at);
	c->stats.events_dropped++;
}

static void insert(struct group *g, struct entry entry)
{
	if (g->first > 0 && g->first + g->count == g->room) {
		memmove(g->entries, g->entries + g->first, (size_t)g->count * sizeof(*g->entries));
		g->first = 0;
	}
	g->entries = correlate_grow(g->entries, sizeof(*g->entries), &g->room, g->first + g->count + 1);
	struct entry *from = g->entries + g->first, *at = from + g->count;
	for (; at > from && (at[-1].at > entry.at || (at[-1].at == entry.at
	                                              && at[-1].member > entry.member)); at--)
		*at = at[-1];
	*at = entry;
	g->count++;
}

static void empty_group(struct correlator *c, const struct state *s, struct group *g)
{
	c->stats.events_dropped += g->count;
	while (g->count > 0)
		drop_entry(c, s, g, 0);
	g->newest = INT64_MIN;
	g->holds = false;
}

void window_enter(struct correlator *c, struct link to, struct event *e)
{
	struct state *s = &c->states[to.state];
	const struct member *m = &s->members[to.member];
	struct group *g = group_of(c, s, m, e);
	int64_t span = s->what->timespan_us;
	if (g->newest > c->newest)              /* a clock had run ahead: see C2 */
		empty_group(c, s, g);
	if (g->newest != INT64_MIN && e->at <= g->newest - span) {
		c->stats.too_late++;
		return;
	}
	if (e->at > g->newest) {
		g->newest = e->at;
		while (g->count > 0 && g->entries[g->first].at <= e->at - span)
			drop_entry(c, s, g, 0);
		if (g->count == 0)
			g->holds = false;
		unlink_group(s, g);
		link_newest(s, g);
	}
	make_room(c, s, g, to.member);
	struct entry entry = { e->at, e, number_of(c, s, m, e, to.member), to.member };
	e->uses++;
	insert(g, entry);
	add_number(g, entry.number);
	c->total++;
	if (!g->touched) {
		g->touched = true;
		g->next_touched = s->touched;
		s->touched = g;
		c->touched[to.state / 64] |= (uint64_t)1 << to.state % 64;
	}
}

/* The longest run of events whose rules are in the order of the correlation. */
static double longest_run(struct correlator *c, const struct state *s, const struct group *g)
{
	ptrdiff_t rules = s->what->rule_count;
	int *best = NEW(&c->out, int, rules);   /* ending with each rule */
	int longest = 0;
	for (ptrdiff_t i = 0; i < g->count && longest < rules; i++) {
		int which = g->entries[g->first + i].member, before = 0;
		for (int k = 0; k < which; k++)
			before = MAX(before, best[k]);
		best[which] = MAX(best[which], before + 1);
		longest = MAX(longest, best[which]);
	}
	return longest;
}

static double value_of(struct correlator *c, const struct state *s, const struct group *g)
{
	ptrdiff_t n = g->sorted_count, rank;
	switch (s->what->type) {
	case CORRELATION_EVENT_COUNT:
		return (double)g->count;
	case CORRELATION_VALUE_COUNT:
	case CORRELATION_TEMPORAL:
		return (double)g->distinct;
	case CORRELATION_TEMPORAL_ORDERED:
		return longest_run(c, s, g);
	case CORRELATION_VALUE_SUM:
		return n == 0 ? __builtin_nan("") : g->sum;
	case CORRELATION_VALUE_AVG:
		return n == 0 ? __builtin_nan("") : g->sum / (double)n;
	case CORRELATION_VALUE_PERCENTILE:      /* nearest rank: a value that occurs */
		rank = (ptrdiff_t)(s->what->percentile * (double)n / 100);
		rank += (double)rank * 100 < s->what->percentile * (double)n;
		return n == 0 ? __builtin_nan("") : g->sorted[MAX(rank, 1) - 1];
	case CORRELATION_VALUE_MAX:
		return n == 0 ? __builtin_nan("") : g->sorted[n - 1];
	case CORRELATION_VALUE_MIN:
		return n == 0 ? __builtin_nan("") : g->sorted[0];
	}
	return __builtin_nan("");
}

static bool meets(double value, const struct correlation_bound *b)
{
	switch (b->order) {
	case ORDER_LT:
		return value < b->number;
	case ORDER_LTE:
		return value <= b->number;
	case ORDER_GT:
		return value > b->number;
	case ORDER_GTE:
		return value >= b->number;
	case ORDER_EQ:
		return value == value && (value == b->number) != b->unequal;
	}
	return false;
}

/* Which entries are told, as positions in ascending order: the newest, of a sequence those of each rule. */
static ptrdiff_t choose_told(struct correlator *c, const struct state *s, const struct group *g,
                             ptrdiff_t *out)
{
	ptrdiff_t most = MIN(g->count, c->out.over ? s->what->rule_count : EVENTS_TOLD), told = 0;
	ptrdiff_t each = is_temporal(s) ? MAX(most / s->what->rule_count, 1) : most;
	ptrdiff_t *taken = NEW(&c->out, ptrdiff_t, s->what->rule_count);
	for (ptrdiff_t i = g->count - 1; i >= 0 && told < most; i--)
		if (is_temporal(s) ? taken[g->entries[g->first + i].member]++ < each : true)
			out[told++] = i;
	for (ptrdiff_t i = 0; i < told / 2; i++) {
		ptrdiff_t other = out[i];
		out[i] = out[told - 1 - i];
		out[told - 1 - i] = other;
	}
	return told;
}

static void tell(struct correlator *c, const struct state *s, const struct group *g, double value)
{
	ptrdiff_t which[EVENTS_TOLD], told = choose_told(c, s, g, which);
	struct correlator_event *events = NEW(&c->out, struct correlator_event, told);
	str *group = NEW(&c->out, str, s->what->group_count);
	for (ptrdiff_t i = 0; i < told; i++) {
		const struct event *e = g->entries[g->first + which[i]].event;
		events[i] = (struct correlator_event){ e->at, e->reference, c->sources[e->source].number };
	}
	for (ptrdiff_t i = 0; i < s->what->group_count; i++)
		if (g->key[i] != 0)
			group[i] = arena_dup(&c->out, names_text(&c->names, g->key[i]));
	c->matches = correlate_grow(c->matches, sizeof(*c->matches), &c->match_room, c->match_count + 1);
	c->matches[c->match_count++] = (struct correlator_match){
		.what = s->what, .first_us = g->entries[g->first].at, .last_us = g->newest, .value = value,
		.group = group, .events = events, .event_count = told, .event_total = g->count,
	};
}

/* The correlation is an event to those that name it: the fields are those of what completed it. */
static void pass_on(struct correlator *c, const struct state *s, const struct group *g)
{
	const struct source *as = &c->sources[s->source];
	const struct entry *last = &g->entries[g->first + g->count - 1];
	/* heap: events come and go */
	struct event *e = malloc(sizeof(*e) + (size_t)as->field_count * sizeof(*e->values));
	ASSERT(e != NULL);
	*e = (struct event){ g->newest, last->event->reference, s->source, 1 };
	for (int i = 0; i < as->field_count; i++) {
		e->values[i] = last->event->values[s->from[last->member * as->field_count + i]];
		names_keep(&c->names, e->values[i]);
	}
	for (int i = 0; i < as->link_count; i++)
		window_enter(c, as->links[i], e);
	event_drop(c, e);
}

void window_judge(struct correlator *c, int state)
{
	struct state *s = &c->states[state];
	while (s->touched != NULL) {
		struct group *g = s->touched;
		bool holds = true;
		s->touched = g->next_touched;
		g->touched = false;
		double value = value_of(c, s, g);
		for (ptrdiff_t i = 0; i < s->what->bound_count; i++)
			holds = holds && meets(value, &s->what->bounds[i]);
		if (holds && !g->holds) {
			if (!s->what->about.silent)
				tell(c, s, g, value);
			if (s->source >= 0)
				pass_on(c, s, g);
		}
		g->holds = holds;
	}
}

void windows_free(struct correlator *c)
{
	for (int i = 0; i < c->state_count; i++) {
		struct state *s = &c->states[i];
		for (struct group *g = s->newest, *older; g != NULL; g = older) {
			older = g->older;
			free_group(c, s, g);
		}
		free(s->slots);
	}
}
