#include "watch/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include "base/instant.h"

enum {
	TABLE_SIZE = 1 << 17,
	NAMES_SIZE = 1 << 16,
	HOURS_SIZE = 1 << 17,
	EVENT_MAX = 2048,
	TEXT_MAX = 1024,
	REASONS_MAX = 8,
	WINDOW_EVENTS_MAX = 8,
	TECHNIQUE_MAX = 16
};

struct names {
	struct tally_name **slots; /* NAMES_SIZE */
	struct tally_name *first, **last;
	ptrdiff_t count;
};

struct tally {
	struct arena *a;
	struct tally_group **slots; /* TABLE_SIZE */
	struct tally_group *first, **last;
	ptrdiff_t groups;
	struct names hosts, techniques;
	struct tally_hour *hours; /* HOURS_SIZE, a hash table; hour INT64_MIN: empty */
	ptrdiff_t hour_count;
	struct tally_totals totals;
	char *rules_seen; /* by number, grown */
	ptrdiff_t rules_size;
};

static uint64_t hash_of(str s)
{
	uint64_t h = 0xcbf29ce484222325u;
	for (ptrdiff_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.ptr[i]) * 0x100000001b3u;
	return h ^ h >> 29;
}

struct tally *tally_new(struct arena *a)
{
	struct tally *t = NEW(a, struct tally, 1);
	t->a = a;
	t->slots = NEW(a, struct tally_group *, TABLE_SIZE);
	t->last = &t->first;
	t->hosts.slots = NEW(a, struct tally_name *, NAMES_SIZE);
	t->hosts.last = &t->hosts.first;
	t->techniques.slots = NEW(a, struct tally_name *, NAMES_SIZE);
	t->techniques.last = &t->techniques.first;
	t->hours = NEW(a, struct tally_hour, HOURS_SIZE);
	for (ptrdiff_t i = 0; i < HOURS_SIZE; i++)
		t->hours[i].hour = INT64_MIN;
	t->totals.first_us = t->totals.last_us = FINDING_NO_TIME;
	return t;
}

/* --- copies --- */

static str keep(struct arena *a, str s, ptrdiff_t max)
{
	return s.ptr ? arena_dup(a, str_sub(s, 0, max)) : s;
}

static const struct finding_window *keep_window(struct arena *a, const struct finding_window *w)
{
	struct finding_window *k = NEW(a, struct finding_window, 1);
	*k = *w;
	k->event_count = MIN(w->event_count, WINDOW_EVENTS_MAX);
	str *group = NEW(a, str, w->group_count), *names = NEW(a, str, w->group_count);
	struct finding_source *events = NEW(a, struct finding_source, k->event_count);
	for (ptrdiff_t i = 0; i < w->group_count; i++) {
		group[i] = keep(a, w->group[i], TEXT_MAX);
		names[i] = keep(a, w->names[i], TEXT_MAX);
	}
	for (ptrdiff_t i = 0; i < k->event_count; i++)
		events[i] =
			(struct finding_source){ keep(a, w->events[i].file, TEXT_MAX), w->events[i].line };
	k->group = group;
	k->names = names;
	k->events = events;
	return k;
}

/* A reason whose value is long keeps what surrounds the place that was met. */
static struct match_reason keep_reason(struct arena *a, const struct match_reason *r)
{
	ptrdiff_t from = r->to > TEXT_MAX ? MAX(0, r->from - TEXT_MAX / 4) : 0;
	struct match_reason k = { keep(a, r->field, TEXT_MAX),
				  keep(a, str_sub(r->value, from, from + TEXT_MAX), TEXT_MAX), r->from - from,
				  r->to - from, keep(a, r->predicate, TEXT_MAX) };
	k.to = MIN(k.to, k.value.len);
	k.from = MIN(k.from, k.to);
	return k;
}

static struct finding keep_finding(struct arena *a, const struct finding *f)
{
	struct finding k = *f;
	k.reason_count = MIN(f->reason_count, REASONS_MAX);
	struct match_reason *reasons = NEW(a, struct match_reason, k.reason_count);
	struct finding_detail *details = NEW(a, struct finding_detail, f->detail_count);
	for (ptrdiff_t i = 0; i < k.reason_count; i++)
		reasons[i] = keep_reason(a, &f->reasons[i]);
	for (ptrdiff_t i = 0; i < f->detail_count; i++)
		details[i] = (struct finding_detail){ arena_cstr(a, str_from(f->details[i].label)),
						      keep(a, f->details[i].field, TEXT_MAX),
						      keep(a, f->details[i].value, TEXT_MAX),
						      f->details[i].end_matters };
	if (f->indicator) {
		struct indicator *i = NEW(a, struct indicator, 1);
		*i = *f->indicator;
		i->value = keep(a, i->value, TEXT_MAX);
		i->label = keep(a, i->label, TEXT_MAX);
		i->source = keep(a, i->source, TEXT_MAX);
		k.indicator = i;
	}
	if (f->window)
		k.window = keep_window(a, f->window);
	k.reasons = reasons;
	k.details = details;
	k.file = keep(a, f->file, TEXT_MAX);
	k.host = keep(a, f->host, TEXT_MAX);
	k.event = f->event.len <= EVENT_MAX && a->used < TALLY_BYTES / 2 ? keep(a, f->event, EVENT_MAX)
									 : (str){ 0 };
	k.fields = NULL;
	return k;
}

/* --- adding --- */

static struct tally_name *name_for(struct tally *t, struct names *n, str text)
{
	uint64_t at = hash_of(text) % NAMES_SIZE;
	for (; n->slots[at]; at = (at + 1) % NAMES_SIZE)
		if (str_eq(n->slots[at]->text, text))
			return n->slots[at];
	if (n->count == TALLY_NAMES)
		return NULL;
	struct tally_name *new = NEW(t->a, struct tally_name, 1);
	new->text = arena_dup(t->a, text);
	n->slots[at] = *n->last = new;
	n->last = &new->next;
	n->count++;
	return new;
}

static void add_name(struct tally *t, struct names *n, str text, int level)
{
	struct tally_name *name = name_for(t, n, text);
	if (name == NULL)
		return;
	name->by_level[level]++;
	name->count++;
}

static void add_hour(struct tally *t, int64_t at_us, int level)
{
	int64_t hour = at_us / HOURS(1) - (at_us % HOURS(1) < 0);
	uint64_t at = ((uint64_t)hour * 0x9E3779B97F4A7C15u) >> 47;
	for (; t->hours[at].hour != INT64_MIN && t->hours[at].hour != hour; at = (at + 1) % HOURS_SIZE)
		;
	if (t->hours[at].hour == INT64_MIN) {
		if (t->hour_count == TALLY_HOURS)
			return;
		t->hour_count++;
		t->hours[at].hour = hour;
	}
	t->hours[at].by_level[level]++;
}

static struct tally_group *group_for(struct tally *t, const struct finding *f)
{
	char space[1024];
	int n = f->rule        ? snprintf(space, sizeof(space), "r%td", f->rule->number)
		: f->indicator ? snprintf(space, sizeof(space), "i%d " STR_FMT, (int)f->indicator->kind,
					  STR_ARG(str_sub(f->indicator->value, 0, 500)))
			       : snprintf(space, sizeof(space), "s");
	n = MIN(n, (int)sizeof(space) - 1);
	int m = snprintf(space + n, sizeof(space) - (size_t)n, "\n" STR_FMT,
			 STR_ARG(str_sub(f->host, 0, 300)));
	str key = { space, MIN(n + m, (ptrdiff_t)sizeof(space) - 1) };
	uint64_t at = hash_of(key) % TABLE_SIZE;
	for (; t->slots[at]; at = (at + 1) % TABLE_SIZE)
		if (str_eq(t->slots[at]->key, key))
			return t->slots[at];
	if (t->groups == TALLY_GROUPS)
		return NULL;
	if (t->a->used > TALLY_BYTES)
		return NULL;
	struct tally_group *new = NEW(t->a, struct tally_group, 1);
	new->key = arena_dup(t->a, key);
	new->first_us = new->last_us = FINDING_NO_TIME;
	t->slots[at] = *t->last = new;
	t->last = &new->next;
	t->groups++;
	return new;
}

static void stretch(int64_t *first_us, int64_t *last_us, int64_t at_us)
{
	if (at_us == FINDING_NO_TIME)
		return;
	if (*first_us == FINDING_NO_TIME || at_us < *first_us)
		*first_us = at_us;
	if (*last_us == FINDING_NO_TIME || at_us > *last_us)
		*last_us = at_us;
}

static bool same_details(const struct finding *a, const struct finding *b)
{
	bool same = a->detail_count == b->detail_count;
	for (ptrdiff_t i = 0; same && i < a->detail_count; i++)
		same = strcmp(a->details[i].label, b->details[i].label) == 0 &&
		       str_eq(a->details[i].value, str_sub(b->details[i].value, 0, TEXT_MAX));
	return same;
}

static void add_to_group(struct tally *t, struct tally_group *g, const struct finding *f)
{
	g->count++;
	stretch(&g->first_us, &g->last_us, f->at_us);
	for (int i = 0; i < g->example_count; i++)
		if (same_details(&g->examples[i].what, f)) {
			g->examples[i].count++;
			return;
		}
	if (g->example_count == TALLY_EXAMPLES || (g->example_count && t->a->used > TALLY_BYTES / 4 * 3)) {
		g->others++;
		return;
	}
	g->examples[g->example_count++] = (struct tally_example){ keep_finding(t->a, f), 1 };
}

static void see_rule(struct tally *t, ptrdiff_t number)
{
	if (number >= t->rules_size) {
		ptrdiff_t size = MAX(4096, number * 2);
		char *more = NEW(t->a, char, size);
		if (t->rules_size)
			memcpy(more, t->rules_seen, (size_t)t->rules_size);
		t->rules_seen = more;
		t->rules_size = size;
	}
	t->totals.rules += !t->rules_seen[number];
	t->rules_seen[number] = 1;
}

static str technique_of(str tag, char space[static TECHNIQUE_MAX])
{
	str t = str_sub(tag, 7, tag.len);
	bool is = str_starts_nocase(tag, S("attack.t")) && t.len > 1 && t.len <= TECHNIQUE_MAX &&
		  t.ptr[1] >= '0' && t.ptr[1] <= '9';
	if (!is)
		return (str){ 0 };
	memcpy(space, t.ptr, (size_t)t.len);
	space[0] = 'T';
	return (str){ space, t.len };
}

void tally_add(struct tally *t, const struct finding *f)
{
	int level = (int)finding_level(f);
	t->totals.count++;
	t->totals.by_level[level]++;
	t->totals.indicators += f->indicator != NULL;
	t->totals.untimed += f->at_us == FINDING_NO_TIME;
	stretch(&t->totals.first_us, &t->totals.last_us, f->at_us);
	if (f->rule)
		see_rule(t, f->rule->number);
	add_name(t, &t->hosts, f->host, level);
	if (f->at_us != FINDING_NO_TIME)
		add_hour(t, f->at_us, level);
	for (ptrdiff_t i = 0; f->rule && i < f->rule->about.tag_count; i++) {
		char space[TECHNIQUE_MAX];
		str technique = technique_of(f->rule->about.tags[i], space);
		if (technique.len)
			add_name(t, &t->techniques, technique, level);
	}
	struct tally_group *g = group_for(t, f);
	if (g)
		add_to_group(t, g, f);
	else
		t->totals.dropped++;
}

str tally_technique(struct arena *a, str tag)
{
	char space[TECHNIQUE_MAX];
	return arena_dup(a, technique_of(tag, space));
}

struct tally_totals tally_totals(const struct tally *t)
{
	struct tally_totals totals = t->totals;
	totals.hosts = t->hosts.count;
	return totals;
}

/* --- sorted --- */

struct ranked { /* a group, and where its rule stands among the rules */
	const struct tally_group *g;
	int level;
	int64_t seen_us; /* of the whole rule */
	str rule;        /* the part of the key before the host */
};

static int compare_rules(const void *x, const void *y)
{
	const struct ranked *a = x, *b = y;
	int by = str_cmp(a->rule, b->rule);
	if (by)
		return by;
	return a->g->count != b->g->count ? (a->g->count < b->g->count ? 1 : -1)
					  : str_cmp(a->g->key, b->g->key);
}

static int compare_ranked(const void *x, const void *y)
{
	const struct ranked *a = x, *b = y;
	if (a->level != b->level)
		return b->level - a->level;
	if (a->seen_us != b->seen_us)
		return a->seen_us < b->seen_us ? -1 : 1;
	return compare_rules(x, y);
}

const struct tally_group *const *tally_groups(const struct tally *t, struct arena *a, ptrdiff_t *out_count)
{
	struct ranked *r = NEW(a, struct ranked, t->groups);
	const struct tally_group **out = NEW(a, const struct tally_group *, t->groups);
	ptrdiff_t n = 0;
	for (const struct tally_group *g = t->first; g; g = g->next, n++)
		r[n] = (struct ranked){ g, (int)finding_level(&g->examples[0].what),
					g->first_us == FINDING_NO_TIME ? INT64_MAX : g->first_us,
					str_cut(g->key, '\n').head };
	qsort(r, (size_t)n, sizeof(*r), compare_rules);
	for (ptrdiff_t i = 0, end; i < n; i = end) {
		int64_t first = r[i].seen_us;
		for (end = i; end < n && str_eq(r[end].rule, r[i].rule); end++)
			first = MIN(first, r[end].seen_us);
		for (ptrdiff_t j = i; j < end; j++)
			r[j].seen_us = first;
	}
	qsort(r, (size_t)n, sizeof(*r), compare_ranked);
	for (ptrdiff_t i = 0; i < n; i++)
		out[i] = r[i].g;
	*out_count = n;
	return out;
}

static int compare_names(const void *x, const void *y)
{
	const struct tally_name *a = *(const struct tally_name *const *)x,
				*b = *(const struct tally_name *const *)y;
	for (int level = TALLY_LEVELS - 1; level >= 0; level--)
		if (a->by_level[level] != b->by_level[level])
			return a->by_level[level] < b->by_level[level] ? 1 : -1;
	return str_cmp(a->text, b->text);
}

static const struct tally_name *const *sorted(const struct names *n, struct arena *a, ptrdiff_t *out_count)
{
	const struct tally_name **out = NEW(a, const struct tally_name *, n->count);
	ptrdiff_t count = 0;
	for (const struct tally_name *i = n->first; i; i = i->next)
		out[count++] = i;
	qsort(out, (size_t)count, sizeof(const struct tally_name *), compare_names);
	*out_count = count;
	return out;
}

const struct tally_name *const *tally_hosts(const struct tally *t, struct arena *a, ptrdiff_t *out_count)
{
	return sorted(&t->hosts, a, out_count);
}

const struct tally_name *const *tally_techniques(const struct tally *t, struct arena *a, ptrdiff_t *out_count)
{
	return sorted(&t->techniques, a, out_count);
}

static int compare_hours(const void *x, const void *y)
{
	const struct tally_hour *a = x, *b = y;
	return a->hour < b->hour ? -1 : a->hour > b->hour;
}

const struct tally_hour *tally_hours(const struct tally *t, struct arena *a, ptrdiff_t *out_count)
{
	struct tally_hour *out = NEW(a, struct tally_hour, t->hour_count);
	ptrdiff_t n = 0;
	for (ptrdiff_t i = 0; i < HOURS_SIZE; i++)
		if (t->hours[i].hour != INT64_MIN)
			out[n++] = t->hours[i];
	qsort(out, (size_t)n, sizeof(*out), compare_hours);
	*out_count = n;
	return out;
}
