/* Correlations against what they say: cases by hand, and a plain quadratic evaluation of random ones. */
#include "match/correlate.h"
#include "base/buf.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct raw {                    /* an event, as the test knows it */
	int64_t     at;         /* seconds */
	int         rule;
	const char *user, *ip, *n;
};

static str read_field(void *who, str name)
{
	const struct raw *r = who;
	return str_from(str_eq_nocase(name, S("user")) ? r->user : str_eq_nocase(name, S("ip")) ? r->ip :
	                str_eq_nocase(name, S("n")) ? r->n : NULL);
}

/* Rules are called r0, r1 .. */
static ptrdiff_t find_rule(const void *who, str name)
{
	(void)who;
	return name.len == 2 && name.ptr[0] == 'r' ? name.ptr[1] - '0' : -1;
}

static const struct rule_set *load(struct arena *a, str text)
{
	struct buf b;
	buf_init(&b, a, 1 << 20);
	for (int i = 0; i < 4; i++)
		buf_printf(&b, "---\ntitle: T\nname: r%d\nlogsource: { product: p }\ndetection: { s: { F: 1 "
		           "}, condition: s }\n", i);
	buf_add(&b, text);
	struct rule_loader *l = rules_begin(a, (struct placeholders){ 0 });
	rules_add(l, S("x.yml"), buf_str(&b));
	const struct rule_set *set = rules_finish(l);
	for (const struct rule_refusal *r = set->refusals; r != NULL; r = r->next)
		fprintf(stderr, STR_FMT "\n" STR_FMT "\n", STR_ARG(text), STR_ARG(r->why));
	ASSERT(set->refusal_count == 0);
	return set;
}

static struct correlator *start(const struct rule_set *set, struct correlator_limits limits)
{
	return correlator_new_with(set, (struct correlator_numbers){ NULL, find_rule }, limits);
}

/* What fired, as text: name of the correlation, group, value, first-last, number of events. */
static void show(struct buf *b, const struct correlator_match *m, ptrdiff_t count)
{
	for (ptrdiff_t i = 0; i < count; i++) {
		buf_printf(b, STR_FMT "[", STR_ARG(m[i].what->about.name));
		for (ptrdiff_t k = 0; k < m[i].what->group_count; k++)
			buf_printf(b, "%s" STR_FMT, k ? "," : "", STR_ARG(m[i].group[k].ptr ? m[i].group[k]
			                                                  : S("-")));
		buf_printf(b, "] %g at %lld-%lld of %td; ", m[i].value, (long long)m[i].first_us / 1000000,
		           (long long)m[i].last_us / 1000000, m[i].event_total);
	}
}

static str run(struct arena *a, const struct rule_set *set, struct correlator_limits limits,
               struct raw *events, ptrdiff_t count, struct correlator_stats *out_stats)
{
	struct correlator *c = start(set, limits);
	struct buf b;
	ptrdiff_t n = 0;
	buf_init(&b, a, 1 << 24);
	buf_add(&b, S(""));
	for (ptrdiff_t i = 0; i < count; i++) {
		const struct correlator_match *m = correlator_feed(c, events[i].rule, events[i].at * 1000000,
		                                                   i,
			(struct correlator_reader){ &events[i], read_field }, &n);
		show(&b, m, n);
	}
	do {
		const struct correlator_match *m = correlator_finish(c, &n);
		show(&b, m, n);
	} while (n > 0);
	if (out_stats != NULL)
		*out_stats = correlator_stats(c);
	correlator_free(c);
	return b.len ? buf_str(&b) : S("");
}

#define C(name, body) "---\ntitle: C\nname: " name "\ncorrelation:\n" body

struct hand { const char *rules; struct raw events[16]; const char *fired; };

static struct hand hands[] = {
	/* not a bucket: 8, 9 and 11 are within five seconds, whatever the clock says */
	{ C("c", "  type: event_count\n  rules: r0\n  group-by: user\n  timespan: 5s\n  condition: { gte: 3 "
	    "}\n"),
	  { { 1, 0, "u", 0, 0 }, { 8, 0, "u", 0, 0 }, { 9, 0, "v", 0, 0 }, { 9, 0, "u", 0, 0 }, { 11, 0, "U",
	                                                                                         0, 0 },
	    { 12, 0, "u", 0, 0 }, { 30, 0, "u", 0, 0 }, { 31, 0, "u", 0, 0 }, { 34, 0, "u", 0, 0 } },
	  "c[u] 3 at 8-11 of 3; c[u] 3 at 30-34 of 3; " },
	/* the window is open at its start */
	{ C("c", "  type: event_count\n  rules: r0\n  timespan: 5s\n  condition: { gte: 2 }\n"),
	  { { 1, 0, 0, 0, 0 }, { 6, 0, 0, 0, 0 }, { 10, 0, 0, 0, 0 } }, "c[] 2 at 6-10 of 2; " },
	/* late, but put in its place */
	{ C("c", "  type: temporal_ordered\n  rules: [r0, r1, r2]\n  timespan: 1m\n  group-by: [ip]\n"),
	  { { 10, 1, 0, "a", 0 }, { 20, 2, 0, "a", 0 }, { 5, 0, 0, "a", 0 }, { 30, 2, 0, "b", 0 }, { 31, 1, 0,
	                                                                                            "b", 0 },
	    { 32, 0, 0, "b", 0 } },
	  "c[a] 3 at 5-20 of 3; " },
	{ C("c", "  type: temporal\n  rules: [r0, r1]\n  timespan: 10s\n  group-by: [user]\n"),
	  { { 1, 1, "u", 0, 0 }, { 5, 0, "v", 0, 0 }, { 9, 0, "u", 0, 0 }, { 40, 0, 0, 0, 0 }, { 41, 1, 0, 0,
	                                                                                        0 } },
	  "c[u] 2 at 1-9 of 2; c[-] 2 at 40-41 of 2; " },
	{ C("c", "  type: value_count\n  rules: [r0]\n  timespan: 10s\n  condition: { field: [user, ip], "
	    "gt: 2 }\n"),
	  { { 1, 0, "u", "a", 0 }, { 2, 0, "U", "A", 0 }, { 3, 0, "u", "b", 0 }, { 4, 0, "u", 0, 0 },
	    { 5, 0, "v", "b", 0 } },
	  "c[] 3 at 1-5 of 5; " },
	{ C("sum", "  type: value_sum\n  rules: [r0]\n  timespan: 10s\n  condition: { field: n, gte: 10 }\n")
	  C("avg", "  type: value_avg\n  rules: [r0]\n  timespan: 10s\n  condition: { field: n, gt: 4 }\n")
	  C("max", "  type: value_max\n  rules: [r0]\n  timespan: 10s\n  condition: { field: n, eq: 7 }\n")
	  C("min", "  type: value_min\n  rules: [r0]\n  timespan: 10s\n  condition: { field: n, lt: 2 }\n")
	  C("med",
	    "  type: value_median\n  rules: [r0]\n  timespan: 10s\n  condition: { field: n, neq: 3 }\n"),
	  { { 1, 0, 0, 0, "x" }, { 2, 0, 0, 0, "3" }, { 3, 0, 0, 0, 0 }, { 4, 0, 0, 0, "7" }, { 5, 0, 0, 0,
	                                                                                       "1.5" } },
	  "sum[] 10 at 1-4 of 4; avg[] 5 at 1-4 of 4; max[] 7 at 1-4 of 4; min[] 1.5 at 1-5 of 5; " },
	/* aliases, and a chain: three failures, then a success of the same user from elsewhere */
	{ C("many", "  type: event_count\n  rules: [r0]\n  group-by: [user, ip]\n  timespan: 10s\n"
	    "  condition: { gte: 3 }\n")
	  C("then", "  type: temporal_ordered\n  rules: [many, r1]\n  group-by: [who]\n  timespan: 20s\n"
	    "  aliases: { who: { many: user, r1: n } }\n"),
	  { { 1, 0, "u", "a", 0 }, { 2, 0, "u", "a", 0 }, { 3, 0, "v", "a", 0 }, { 4, 0, "u", "a", 0 },
	    { 5, 1, "u", "a", "v" }, { 6, 1, "v", "b", "u" } },
	  "then[u] 2 at 4-6 of 2; " },
	/* generated: both are told */
	{ C("many", "  type: event_count\n  rules: [r0]\n  timespan: 10s\n  condition: { gte: 2 }\n")
	  C("more", "  type: event_count\n  rules: [many]\n  timespan: 1h\n  condition: { gte: 2 }\n  "
	    "generate: true\n"),
	  { { 1, 0, 0, 0, 0 }, { 2, 0, 0, 0, 0 }, { 21, 0, 0, 0, 0 }, { 22, 0, 0, 0, 0 } },
	  "many[] 2 at 1-2 of 2; many[] 2 at 21-22 of 2; more[] 2 at 2-22 of 2; " },
	/* all of one moment together: never exactly three */
	{ C("c", "  type: event_count\n  rules: r0\n  timespan: 5s\n  condition: { eq: 3 }\n"),
	  { { 1, 0, 0, 0, 0 }, { 1, 0, 0, 0, 0 }, { 1, 0, 0, 0, 0 }, { 1, 0, 0, 0, 0 } }, "" },
};

static void test_hands(struct arena *a)
{
	for (ptrdiff_t i = 0; i < COUNTOF(hands); i++) {
		ptrdiff_t count = 0;
		while (count < COUNTOF(hands[i].events) && hands[i].events[count].at != 0)
			count++;
		const struct rule_set *set = load(a, str_from(hands[i].rules));
		str fired = run(a, set, (struct correlator_limits){ 0 }, hands[i].events, count, NULL);
		if (!str_eq(fired, str_from(hands[i].fired)))
			fprintf(stderr, "%s\nis  " STR_FMT "\nnot %s\n", hands[i].rules, STR_ARG(fired),
			        hands[i].fired);
		ASSERT(str_eq(fired, str_from(hands[i].fired)));
	}
}

/* The plain evaluation: every correlation, every group, every moment, over all events. */

struct input {                  /* an event as one correlation gets it */
	int64_t at;
	int     member;
	const struct raw *raw;  /* whose fields it has */
};
struct inputs { struct input *at; ptrdiff_t count; };

static const struct correlation *named(const struct rule_set *set, str name)
{
	const struct correlation *w = set->correlations;
	while (w != NULL && !str_eq(w->about.name, name))
		w = w->next;
	return w;
}

static str field_of(const struct correlation *w, int member, const struct raw *raw, str name)
{
	for (ptrdiff_t i = 0; i < w->alias_count; i++)
		for (ptrdiff_t k = 0; k < w->aliases[i].count; k++)
			if (str_eq(w->aliases[i].name, name) && str_eq(w->aliases[i].rules[k],
			                                               w->rules[member]))
				name = w->aliases[i].fields[k];
	return read_field((void *)(uintptr_t)raw, name);
}

static bool same(str a, str b)
{
	return (a.ptr == NULL) == (b.ptr == NULL) && str_eq_nocase(a, b);
}

static bool same_group(const struct correlation *w, const struct input *a, const struct input *b)
{
	for (ptrdiff_t i = 0; i < w->group_count; i++)
		if (!same(field_of(w, a->member, a->raw, w->group_by[i]), field_of(w, b->member, b->raw,
		                                                                   w->group_by[i])))
			return false;
	return true;
}

static int by_number(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static double plain_ordered(const struct correlation *w, const struct input *in, ptrdiff_t count)
{
	int best[8] = { 0 }, longest = 0;
	ASSERT(w->rule_count <= 8);
	for (ptrdiff_t i = 0; i < count; i++) {         /* sorted by time, then member */
		int mine = 1;
		for (int k = 0; k < in[i].member; k++)
			mine = MAX(mine, best[k] + 1);
		best[in[i].member] = MAX(best[in[i].member], mine);
		longest = MAX(longest, mine);
	}
	return longest;
}

static double plain_distinct(const struct correlation *w, const struct input *in, ptrdiff_t count)
{
	double distinct = 0;
	for (ptrdiff_t i = 0; i < count; i++) {
		bool fresh = true;
		for (ptrdiff_t f = 0; f < w->field_count; f++)
			fresh = fresh && field_of(w, in[i].member, in[i].raw, w->fields[f]).ptr != NULL;
		for (ptrdiff_t k = 0; k < i && fresh; k++) {
			bool equal = true;
			for (ptrdiff_t f = 0; f < w->field_count; f++)
				equal = equal && same(field_of(w, in[i].member, in[i].raw, w->fields[f]),
				                      field_of(w, in[k].member, in[k].raw, w->fields[f]));
			fresh = !equal;
		}
		distinct += fresh;
	}
	return distinct;
}

static double plain_value(struct arena *a, const struct correlation *w, const struct input *in,
                          ptrdiff_t count)
{
	double *numbers = NEW(a, double, count + 1), sum = 0;
	ptrdiff_t n = 0;
	bool members[8] = { false };
	for (ptrdiff_t i = 0; i < count; i++)
		members[in[i].member] = true;
	for (int i = 0; i < 8; i++)
		sum += members[i];
	if (w->type == CORRELATION_EVENT_COUNT || w->type == CORRELATION_TEMPORAL)
		return w->type == CORRELATION_TEMPORAL ? sum : (double)count;
	if (w->type == CORRELATION_TEMPORAL_ORDERED)
		return plain_ordered(w, in, count);
	if (w->type == CORRELATION_VALUE_COUNT)
		return plain_distinct(w, in, count);
	for (ptrdiff_t i = 0; i < count; i++) {
		str t = field_of(w, in[i].member, in[i].raw, w->fields[0]);
		if (t.ptr != NULL && t.ptr[0] >= '0' && t.ptr[0] <= '9')
			numbers[n++] = strtod(t.ptr, NULL);
	}
	qsort(numbers, (size_t)n, sizeof(*numbers), by_number);
	sum = 0;
	for (ptrdiff_t i = 0; i < n; i++)
		sum += numbers[i];
	if (n == 0)
		return NAN;
	switch ((int)w->type) {
	case CORRELATION_VALUE_SUM: return sum;
	case CORRELATION_VALUE_AVG: return sum / (double)n;
	case CORRELATION_VALUE_MAX: return numbers[n - 1];
	case CORRELATION_VALUE_MIN: return numbers[0];
	}
	for (ptrdiff_t i = 0; i < n; i++)               /* the least that so many are not above */
		if ((double)(i + 1) * 100 >= w->percentile * (double)n)
			return numbers[i];
	return numbers[n - 1];
}

static bool plain_meets(double v, const struct correlation *w)
{
	for (ptrdiff_t i = 0; i < w->bound_count; i++) {
		double n = w->bounds[i].number;
		enum predicate_order o = w->bounds[i].order;
		bool ok = o == ORDER_LT ? v < n : o == ORDER_LTE ? v <= n : o == ORDER_GT ? v > n
		: o == ORDER_GTE ? v >= n
			: w->bounds[i].unequal ? v < n || v > n : v == n;
		if (!ok)
			return false;
	}
	return true;
}

static int by_time(const void *a, const void *b)
{
	const struct input *x = a, *y = b;
	return x->at != y->at ? (x->at < y->at ? -1 : 1) : x->member - y->member;
}

static struct inputs plain_fired(struct arena *a, const struct rule_set *set, const struct correlation *w,
                                 struct raw *raws, ptrdiff_t count, struct buf *told);

static struct inputs plain_inputs(struct arena *a, const struct rule_set *set, const struct correlation *w,
                                  struct raw *raws, ptrdiff_t count)
{
	struct inputs all = { NEW(a, struct input, 16 * count + 1), 0 };
	for (int m = 0; m < w->rule_count; m++) {
		const struct correlation *child = named(set, w->rules[m]);
		ptrdiff_t rule = find_rule(NULL, w->rules[m]);
		for (ptrdiff_t i = 0; child == NULL && i < count; i++)
			if (raws[i].rule == rule)
				all.at[all.count++] = (struct input){ raws[i].at, m, &raws[i] };
		if (child == NULL)
			continue;
		struct inputs fired = plain_fired(a, set, child, raws, count, NULL);
		for (ptrdiff_t i = 0; i < fired.count; i++)
			all.at[all.count++] = (struct input){ fired.at[i].at, m, fired.at[i].raw };
	}
	ASSERT(all.count <= 16 * count);
	qsort(all.at, (size_t)all.count, sizeof(*all.at), by_time);
	return all;
}

/* What w fires of one group; `mine` are its inputs in order of time. */
static void plain_group(struct arena *a, const struct correlation *w, const struct inputs *mine,
                        struct inputs *fired, struct buf *told)
{
	bool holds = false;
	int64_t span = w->timespan_us / 1000000;
	for (ptrdiff_t i = 0; i < mine->count; i++) {
		int64_t t = mine->at[i].at;
		ptrdiff_t from = 0;
		if (i + 1 < mine->count && mine->at[i + 1].at == t)
			continue;                       /* the last of its moment */
		while (mine->at[from].at <= t - span)
			from++;
		if (mine->at[from].at == t)
			holds = false;                  /* nothing older stands */
		double value = plain_value(a, w, mine->at + from, i + 1 - from);
		bool now = plain_meets(value, w);
		if (now && !holds) {
			fired->at[fired->count++] = (struct input){ t, 0, mine->at[i].raw };
			if (told != NULL) {
				buf_printf(told, STR_FMT "[", STR_ARG(w->about.name));
				for (ptrdiff_t k = 0; k < w->group_count; k++) {
					str g = field_of(w, mine->at[i].member, mine->at[i].raw,
					                 w->group_by[k]);
					buf_printf(told, "%s" STR_FMT, k ? "," : "", STR_ARG(g.ptr ? g
					                                                     : S("-")));
				}
				buf_printf(told, "] %g at %lld-%lld of %td; ", value,
				           (long long)mine->at[from].at,
				           (long long)t, i + 1 - from);
			}
		}
		holds = now;
	}
}

static struct inputs plain_fired(struct arena *a, const struct rule_set *set, const struct correlation *w,
                                 struct raw *raws, ptrdiff_t count, struct buf *told)
{
	struct inputs all = plain_inputs(a, set, w, raws, count);
	struct inputs fired = { NEW(a, struct input, all.count + 1), 0 };
	bool *done = NEW(a, bool, all.count + 1);
	for (ptrdiff_t i = 0; i < all.count; i++) {
		struct inputs mine = { NEW(a, struct input, all.count), 0 };
		for (ptrdiff_t k = i; k < all.count; k++)
			if (!done[k] && same_group(w, &all.at[i], &all.at[k])) {
				done[k] = true;
				mine.at[mine.count++] = all.at[k];
			}
		plain_group(a, w, &mine, &fired, told);
	}
	return fired;
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static int pick(uint64_t *state, int below)
{
	return (int)(next_random(state) >> 11) % below < 0 ? 0
	: (int)((next_random(state) >> 11) % (uint64_t)below);
}

/* A correlation of two to four rules, or of others before it, with the groups given. */
static void random_correlation(struct buf *b, uint64_t *r, int number)
{
	static const char *const types[] = {
		"event_count", "value_count", "temporal", "temporal_ordered", "value_sum", "value_avg",
		"value_max",
		"value_min", "value_percentile",
	};
	static const char *const groups[] = { "[]", "[user]", "[ip]", "[user, ip]" };
	static const char *const orders[] = { "gte", "gt", "lte", "lt", "eq", "neq" };
	int type = pick(r, COUNTOF(types)), rules = 1 + pick(r, 4), first = pick(r, 4);
	bool chained = number > 0 && pick(r, 2) == 0;
	buf_printf(b, "---\ntitle: C\nname: c%d\ncorrelation:\n  generate: true\n  type: %s\n  rules: [",
	           number,
	           types[type]);
	for (int i = 0; i < rules; i++)
		buf_printf(b, "%s%c%d", i ? ", " : "", chained && i == 0 ? 'c' : 'r',
		           chained && i == 0 ? pick(r, number) : (first + i) % 4);
	/* chains: what completes a window may be one of several of the same moment, but all have its group */
	buf_printf(b, "]\n  group-by: %s\n  timespan: %ds\n", chained ? "[user]" : groups[number == 0 ? 3
	                                                                                  : pick(r,
	                                                                                         2) * 2 + 1],
	           1 + pick(r, 20));
	if (type == 2 && pick(r, 2) == 0)
		return;
	buf_printf(b, "  condition: { %s: %d", orders[pick(r, 3) ? 0 : pick(r, 6)], 1 + pick(r, 4));
	if (type == 1)
		buf_printf(b, ", field: %s", chained ? "user" : pick(r, 2) ? "n" : "[n, ip]");
	if (type > 3)
		buf_printf(b, ", field: %s", chained ? "user" : "n");
	buf_printf(b, "%s }\n", type == 8 ? pick(r, 2) ? ", percentile: 50" : ", percentile: 90" : "");
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

/* The same lines in an order of their own, without the case of users. */
static str sorted(struct arena *a, str lines)
{
	str *all = NEW(a, str, lines.len + 1);
	char *p = arena_cstr(a, lines);
	ptrdiff_t count = 0;
	struct buf b;
	buf_init(&b, a, 1 << 24);
	for (ptrdiff_t i = 0; i < lines.len; i++)
		p[i] = p[i] == 'U' || p[i] == 'V' ? (char)(p[i] + 'a' - 'A') : p[i];
	for (str_cut_result c = { .tail = { p, lines.len }, .ok = true }; c.ok;) {
		c = str_cut(c.tail, ';');
		all[count++] = str_trim(c.head);
	}
	qsort(all, (size_t)count, sizeof(*all), by_text);
	for (ptrdiff_t i = 0; i < count; i++)
		buf_printf(&b, STR_FMT "\n", STR_ARG(all[i]));
	return buf_str(&b);
}

static void one_round(struct arena *a, uint64_t *r, int lateness)
{
	static const char *const users[] = { "u", "U", "v", NULL }, *const ips[] = { "a", "b" };
	static const char *const numbers[] = { "1", "2", "3", "10", "2.5", "x", NULL, "0" };
	struct raw raws[60];
	struct buf text, told;
	ptrdiff_t count = 1 + pick(r, COUNTOF(raws));
	buf_init(&text, a, 1 << 20);
	buf_init(&told, a, 1 << 24);
	int correlations = 1 + pick(r, 4), length = 10 + pick(r, 90);
	for (int i = 0; i < correlations; i++)
		random_correlation(&text, r, i);
	for (ptrdiff_t i = 0; i < count; i++)
		raws[i] = (struct raw){ 1000 + pick(r, length), pick(r, 4), users[pick(r, 4)], ips[pick(r,
		                                                                                        2)],
			numbers[pick(r, 8)] };
	const struct rule_set *set = load(a, buf_str(&text));
	ASSERT(set->correlation_count == correlations);
	buf_add(&told, S(""));
	for (const struct correlation *w = set->correlations; w != NULL; w = w->next)
		(void)plain_fired(a, set, w, raws, count, &told);
	struct correlator_limits limits = { .lateness_us = lateness ? (int64_t)lateness * 1000000
	                                   : INT64_MAX };
	str is = sorted(a, run(a, set, limits, raws, count, NULL));
	str ought = sorted(a, told.len ? buf_str(&told) : S(""));
	if (!str_eq(is, ought))
		fprintf(stderr, STR_FMT "\nis:\n" STR_FMT "ought to be:\n" STR_FMT, STR_ARG(buf_str(&text)),
		        STR_ARG(is),
		        STR_ARG(ought));
	ASSERT(str_eq(is, ought));
}

static void test_property(void)
{
	uint64_t r = 0x9e3779b97f4a7c15u;
	for (int i = 0; i < 3000; i++) {
		struct arena a;
		arena_init(&a, 1 << 30, (ptrdiff_t)2 << 30);
		one_round(&a, &r, i % 2 ? 200 : 0);
		arena_done(&a);
	}
}

static const struct rule_set *counting(struct arena *a, const char *bound)
{
	return load(a, arena_printf(a, C("c", "  type: event_count\n  rules: r0\n  group-by: user\n  "
	                                 "timespan: 10s\n  condition: { gte: %s }\n"), bound));
}

/* What comes later than the bound still counts where its window stands, else it is counted as too late. */
static void test_late(struct arena *a)
{
	struct correlator_stats stats;
	struct correlator_limits limits = { .lateness_us = 1000000 };
	struct raw events[] = {
		{ 100, 0, "u", 0, 0 }, { 108, 0, "u", 0, 0 }, { 200, 1, "u", 0, 0 }, { 300, 0, "v", 0, 0 },
		{ 400, 0, "w", 0, 0 }, { 99, 0, "u", 0, 0 }, { 98, 0, "u", 0, 0 },
	};
	str fired = run(a, counting(a, "3"), limits, events, COUNTOF(events), &stats);
	ASSERT(str_eq(fired, S("c[u] 3 at 99-108 of 3; ")));
	ASSERT(stats.late == 2 && stats.too_late == 1 && stats.events_dropped == 0
	       && stats.groups_dropped == 0);
}

/* Events from the year 2100 silence their own groups until a thousand others were late, and no other. */
static void test_clock_ahead(struct arena *a)
{
	enum { COUNT = 3000 };
	struct raw *events = NEW(a, struct raw, COUNT + 2);
	struct correlator_stats stats;
	events[0] = (struct raw){ 4102444800, 0, "u", 0, 0 };
	events[1] = (struct raw){ 4102448400, 0, "z", 0, 0 };
	for (int i = 0; i < COUNT; i++)
		events[i + 2] = (struct raw){ 1000 + i * 20 + i % 3, 0, i % 500 == 1 || i % 500 == 2 ? "v"
		                             : "x", 0, 0 };
	for (int i = 0; i < 3; i++) {
		events[1500 + i] = (struct raw){ 30970 + i, 0, "u", 0, 0 };
		events[100 + i] = (struct raw){ 2500 + i, 0, "w", 0, 0 };
	}
	str fired = run(a, counting(a, "3"), (struct correlator_limits){ 0 }, events, COUNT + 2, &stats);
	ASSERT(str_find(fired, S("c[w] 3 at 2500-2502 of 3; ")) >= 0);
	ASSERT(str_find(fired, S("c[u] 3 at 30970-30972 of 3; ")) >= 0);
	ASSERT(stats.late >= 1000 && stats.late < 1100 && stats.events_dropped == 1);
}

static void test_bounds(struct arena *a)
{
	enum { COUNT = 5000 };
	struct correlator_stats stats;
	struct raw *events = NEW(a, struct raw, COUNT);
	for (int i = 0; i < COUNT; i++)
		events[i] = (struct raw){ 1000 + i / 1000, 0, arena_printf(a, "g%d", i).ptr, 0, 0 };
	struct correlator_limits limits = { .groups_most = 100 };
	(void)run(a, counting(a, "3"), limits, events, COUNT, &stats);
	ASSERT(stats.groups_dropped == COUNT - 1000);   /* a moment's groups stay until it was judged */
	for (int i = 0; i < COUNT; i++)
		events[i].user = "u";
	limits = (struct correlator_limits){ .events_most = 50 };
	ASSERT(str_eq(run(a, counting(a, "50"), limits, events, COUNT, &stats), S("c[u] 51 at 1000-1000 of "
	                                                                          "51; ")));
	ASSERT(stats.events_dropped == COUNT - 51);
	/* more than the bound on groups, because the rule asks for it; what is told is bounded */
	ASSERT(str_eq(run(a, counting(a, "3000"), limits, events, COUNT, &stats), S("c[u] 3000 at 1000-1002 "
	                                                                            "of 3000; ")));
	limits = (struct correlator_limits){ .total_most = 200 };
	(void)run(a, counting(a, "300"), limits, events, COUNT, &stats);
	ASSERT(stats.events_dropped == COUNT - 200);
	for (int i = 0; i < COUNT; i++)
		events[i] = (struct raw){ 1000 + 100 * i, 0, arena_printf(a, "g%d", i).ptr, 0, 0 };
	limits = (struct correlator_limits){ .total_most = 200, .groups_most = 100 };
	(void)run(a, counting(a, "3"), limits, events, COUNT, &stats);
	ASSERT(stats.groups_dropped == 0);              /* their windows were over */
}

/* A flood of one step does not push another out, neither of the window nor of what is told. */
static void test_flood(struct arena *a)
{
	enum { COUNT = 30000 };
	struct raw *events = NEW(a, struct raw, COUNT);
	struct correlator_stats stats;
	const struct rule_set *set = load(a, S(C("c", "  type: temporal_ordered\n  rules: [r0, r1, r2]\n  "
	                                         "timespan: 1h\n")));
	for (int i = 0; i < COUNT; i++)
		events[i] = (struct raw){ 1000 + i / 10, i == 0 ? 0 : i == COUNT - 1 ? 2 : 1, 0, 0, 0 };
	str fired = run(a, set, (struct correlator_limits){ 0 }, events, COUNT, &stats);
	ASSERT(str_eq(fired, S("c[] 3 at 1000-3999 of 3335; ")));
	ASSERT(stats.events_dropped == COUNT - 2 - 3333);
	struct correlator *c = start(set, (struct correlator_limits){ .lateness_us = INT64_MAX });
	ptrdiff_t n = 0;
	for (int i = 0; i < COUNT; i++)
		(void)correlator_feed(c, events[i].rule, events[i].at * 1000000, i,
		                      (struct correlator_reader){ &events[i], read_field }, &n);
	const struct correlator_match *m = correlator_finish(c, &n);
	ASSERT(n == 1 && m->event_count == 335 && m->events[0].reference == 0 && m->events[0].rule == 0
	       && m->events[334].reference == COUNT - 1 && m->events[1].rule == 1);
	correlator_free(c);
}

/* A rule that no correlation names costs nothing; fields that are asked for are told. */
static void test_fields(struct arena *a)
{
	ptrdiff_t count = 0;
	const struct rule_set *set = load(a, S(C("many", "  type: value_count\n  rules: [r0]\n  group-by: "
	                                         "[user, ip]\n  timespan: 10s\n  condition: { gte: 3, "
	                                         "field: [N, host] }\n")
		C("then", "  type: temporal\n  rules: [many, r1]\n  group-by: [who]\n  timespan: 20s\n"
		  "  aliases: { who: { many: user, r1: n } }\n")));
	const str *names = correlator_fields(a, set, &count);
	static const char *const all[] = { "user", "ip", "N", "host", "who" };
	ASSERT(count == COUNTOF(all));
	for (ptrdiff_t i = 0; i < count; i++)
		ASSERT(str_eq(names[i], str_from(all[i])));
	struct correlator *c = start(set, (struct correlator_limits){ 0 });
	ptrdiff_t fired = 1;
	struct correlator_reader none = { NULL, NULL };
	ASSERT(correlator_feed(c, 3, 0, 0, none, &fired) == NULL && fired == 0);
	ASSERT(correlator_feed(c, -1, 0, 0, none, &fired) == NULL && correlator_feed(c, 99, 0, 0, none,
	                                                                             &fired) == NULL);
	correlator_free(c);
}

int main(void)
{
	struct arena a;
	arena_init(&a, 1 << 30, (ptrdiff_t)2 << 30);
	test_hands(&a);
	test_late(&a);
	test_clock_ahead(&a);
	test_bounds(&a);
	test_flood(&a);
	test_fields(&a);
	arena_done(&a);
	test_property();
	return 0;
}
