#include "match/correlate_priv.h"

#include <stdlib.h>

enum { LATE_RUN = 1000, TIME_MOST = 62 };               /* times are kept within 2^62 */
enum { OUT_CHUNK = 16 << 20, OUT_SOFT = 64 << 20 };
static const ptrdiff_t out_hard = (ptrdiff_t)1 << 40, setup_hard = (ptrdiff_t)1 << 34;

static struct correlator_limits with_defaults(struct correlator_limits l)
{
	l.lateness_us = l.lateness_us ? l.lateness_us : 600000000;
	l.groups_most = l.groups_most ? l.groups_most : 100000;
	l.events_most = l.events_most ? l.events_most : 10000;
	l.total_most = l.total_most ? l.total_most : 1000000;
	return l;
}

struct correlator *correlator_new_with(const struct rule_set *rules, struct correlator_numbers numbers,
                                       struct correlator_limits limits)
{
	struct correlator *c = calloc(1, sizeof(*c));   /* heap: lives as long as events come */
	ASSERT(c != NULL);
	c->limits = with_defaults(limits);
	c->newest = c->judged = INT64_MIN;
	c->names.seed = (uintptr_t)c;                   /* nobody can make values that collide beforehand */
	arena_init(&c->setup, setup_hard, setup_hard);
	arena_init(&c->out, OUT_SOFT, out_hard);
	correlate_setup(c, rules, numbers);
	return c;
}

void correlator_free(struct correlator *c)
{
	windows_free(c);
	for (ptrdiff_t i = 0; i < c->heap_count; i++)
		event_drop(c, c->heap[i].event);
	free(c->heap);
	free(c->matches);
	names_free(&c->names);
	arena_done(&c->out);
	arena_done(&c->setup);
	free(c);
}

void event_drop(struct correlator *c, struct event *e)
{
	if (--e->uses > 0)
		return;
	for (int i = 0; i < c->sources[e->source].field_count; i++)
		names_drop(&c->names, e->values[i]);
	free(e);
}

static bool is_before(const struct pending *a, const struct pending *b)
{
	return a->at < b->at || (a->at == b->at && a->order < b->order);
}

static void swap(struct pending *a, struct pending *b)
{
	struct pending t = *a;
	*a = *b;
	*b = t;
}

static void push(struct correlator *c, struct event *e)
{
	c->heap = correlate_grow(c->heap, sizeof(*c->heap), &c->heap_room, c->heap_count + 1);
	ptrdiff_t i = c->heap_count++;
	c->heap[i] = (struct pending){ e->at, c->heap_order++, e };
	for (; i > 0 && is_before(&c->heap[i], &c->heap[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&c->heap[i], &c->heap[(i - 1) / 2]);
}

static struct event *pop(struct correlator *c)
{
	struct event *e = c->heap[0].event;
	c->heap[0] = c->heap[--c->heap_count];
	for (ptrdiff_t i = 0, least;; i = least) {
		least = i;
		for (ptrdiff_t k = 2 * i + 1; k <= 2 * i + 2 && k < c->heap_count; k++)
			if (is_before(&c->heap[k], &c->heap[least]))
				least = k;
		if (least == i)
			break;
		swap(&c->heap[i], &c->heap[least]);
	}
	return e;
}

/* All events of one moment, then everything that they came into; a correlation that fires comes into
 * later ones. */
static void judge_moment(struct correlator *c)
{
	int64_t at = c->heap[0].at;
	c->judged = MAX(c->judged, at);
	while (c->heap_count > 0 && c->heap[0].at == at) {
		struct event *e = pop(c);
		const struct source *s = &c->sources[e->source];
		for (int i = 0; i < s->link_count; i++)
			window_enter(c, s->links[i], e);
		event_drop(c, e);
	}
	for (int word = 0; word <= c->state_count / 64; word++)
		while (c->touched[word] != 0) {
			int bit = __builtin_ctzll(c->touched[word]);
			c->touched[word] &= c->touched[word] - 1;
			window_judge(c, 64 * word + bit);
		}
}

static const struct correlator_match *drain(struct correlator *c, int64_t until, ptrdiff_t *out_count)
{
	while (c->heap_count > 0 && (c->heap[0].at <= until || c->heap_count > c->limits.total_most)
	       && c->out.used < OUT_CHUNK)
		judge_moment(c);
	*out_count = c->match_count;
	return c->matches;
}

static void begin_call(struct correlator *c)
{
	if (c->out.used > 0)
		arena_reset(&c->out);
	c->match_count = 0;
}

/* Up to when nothing more is waited for. */
static int64_t waited_for(const struct correlator *c)
{
	int64_t until;
	return __builtin_sub_overflow(c->newest, c->limits.lateness_us, &until) ? INT64_MIN : until;
}

/* Where time stands after an event.  One clock that runs ahead must not make all others late for ever. */
static void move_time(struct correlator *c, int64_t at)
{
	bool late = at < waited_for(c);
	c->stats.late += late;
	c->late_run = late ? c->late_run + 1 : 0;
	if (c->late_run >= LATE_RUN) {
		c->late_run = 0;
		c->newest = c->judged = at;
	}
	c->newest = MAX(c->newest, at);
}

const struct correlator_match *correlator_feed(struct correlator *c, ptrdiff_t rule, int64_t at_us,
                                               int64_t reference, struct correlator_reader reader,
                                               ptrdiff_t *out_count)
{
	begin_call(c);
	*out_count = 0;
	if (rule < 0 || rule >= c->number_count || c->by_number[rule] < 0)
		return NULL;
	int64_t most = (int64_t)1 << TIME_MOST, at = MAX(MIN(at_us, most), -most);
	const struct source *s = &c->sources[c->by_number[rule]];
	/* heap: events come and go */
	struct event *e = malloc(sizeof(*e) + (size_t)s->field_count * sizeof(*e->values));
	ASSERT(e != NULL);
	*e = (struct event){ at, reference, c->by_number[rule], 1 };
	for (int i = 0; i < s->field_count; i++)
		e->values[i] = names_take(&c->names, reader.field(reader.who, s->fields[i]));
	move_time(c, at);
	push(c, e);
	return drain(c, waited_for(c), out_count);
}

const struct correlator_match *correlator_finish(struct correlator *c, ptrdiff_t *out_count)
{
	begin_call(c);
	do {
		(void)drain(c, INT64_MAX, out_count);
	} while (*out_count == 0 && c->heap_count > 0 && (begin_call(c), true));
	return c->matches;
}

struct correlator_stats correlator_stats(const struct correlator *c)
{
	return c->stats;
}
