#include "watch/sight.h"

#include <stdlib.h>
#include "base/buf.h"
#include "base/instant.h"
#include "watch/report_text.h"

/* A stretch without events is said only of what otherwise speaks most of the time: recordings of minutes here
 * and there have none. */
enum {
	GAP_HOURS = 3,
	GAP_ACTIVE = 12,
	GAPS_SHOWN = 5,
	CLEARED_SHOWN = 10,
	KINDS_SHOWN = 8,
	HASH_PAIRS = 8192,
	HOURS_FIRST = 1 << 12,
	NAME_MAX_BYTES = 300
};

struct pair {
	str host, channel;
	int number;
};
struct cleared {
	str host, channel, user;
	int64_t at_us;
};
struct sight {
	struct arena *a;
	int64_t bare_processes, cleared_count, gaps_unwatched, untimed;
	struct cleared cleared[SIGHT_CLEARED];
	struct pair *pairs[HASH_PAIRS], *by_number[SIGHT_PAIRS], *last;
	int pair_count;
	uint64_t *hours; /* a set: pair << 32 | hour + 2^31; 0 is none */
	ptrdiff_t hour_size, hour_count;
	uint64_t last_hour;
};

struct sight *sight_new(struct arena *a)
{
	struct sight *s = NEW(a, struct sight, 1);
	s->a = a;
	s->hour_size = HOURS_FIRST;
	s->hours = NEW(a, uint64_t, s->hour_size);
	return s;
}

static uint64_t hash_of(str s, uint64_t h)
{
	for (ptrdiff_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.ptr[i]) * 0x100000001b3u;
	return h ^ h >> 31;
}

static struct pair *find_pair(struct sight *s, str host, str channel)
{
	host = str_sub(host, 0, NAME_MAX_BYTES);
	channel = str_sub(channel, 0, NAME_MAX_BYTES);
	if (s->last && str_eq(s->last->host, host) && str_eq(s->last->channel, channel))
		return s->last;
	uint64_t at = hash_of(channel, hash_of(host, 0xcbf29ce484222325u)) % HASH_PAIRS;
	for (; s->pairs[at]; at = (at + 1) % HASH_PAIRS)
		if (str_eq(s->pairs[at]->host, host) && str_eq(s->pairs[at]->channel, channel))
			return s->last = s->pairs[at];
	if (s->pair_count == SIGHT_PAIRS)
		return NULL;
	struct pair *p = NEW(s->a, struct pair, 1);
	*p = (struct pair){ arena_dup(s->a, host), arena_dup(s->a, channel), s->pair_count };
	s->by_number[s->pair_count++] = p;
	return s->last = s->pairs[at] = p;
}

static void put_hour(uint64_t *table, ptrdiff_t size, uint64_t key, ptrdiff_t *count)
{
	ptrdiff_t at = (ptrdiff_t)((key * 0x9E3779B97F4A7C15u) >> 32) & (size - 1);
	for (; table[at] && table[at] != key; at = (at + 1) & (size - 1))
		;
	*count += table[at] == 0;
	table[at] = key;
}

static void add_hour(struct sight *s, uint64_t key)
{
	if (key == s->last_hour)
		return;
	s->last_hour = key;
	if (s->hour_count * 2 > s->hour_size) {
		ptrdiff_t count = 0;
		if (s->hour_size >= SIGHT_HOURS * 2) {
			s->gaps_unwatched++;
			return;
		}
		uint64_t *more = NEW(s->a, uint64_t, s->hour_size * 2);
		for (ptrdiff_t i = 0; i < s->hour_size; i++)
			if (s->hours[i])
				put_hour(more, s->hour_size * 2, s->hours[i], &count);
		s->hours = more;
		s->hour_size *= 2;
	}
	put_hour(s->hours, s->hour_size, key, &s->hour_count);
}

static uint64_t hour_key(int pair, int64_t at_us)
{
	int64_t hour = at_us / HOURS(1) - (at_us % HOURS(1) < 0);
	return (uint64_t)pair << 32 | (uint64_t)(hour + (INT64_C(1) << 31));
}

static void note_cleared(struct sight *s, struct cleared c)
{
	if (s->cleared_count++ >= SIGHT_CLEARED)
		return;
	s->cleared[s->cleared_count - 1] =
		(struct cleared){ arena_dup(s->a, str_sub(c.host, 0, NAME_MAX_BYTES)),
				  arena_dup(s->a, str_sub(c.channel, 0, NAME_MAX_BYTES)),
				  arena_dup(s->a, str_sub(c.user, 0, NAME_MAX_BYTES)), c.at_us };
}

void sight_add(struct sight *s, const struct sight_event *e, struct event_reader r)
{
	struct pair *p = e->channel.len ? find_pair(s, e->host, e->channel) : NULL;
	if (e->at_us == FINDING_NO_TIME)
		s->untimed++;
	else if (p)
		add_hour(s, hour_key(p->number, e->at_us));
	if (e->id.len == 4 && memcmp(e->id.ptr, "4688", 4) == 0 && str_eq_nocase(e->channel, S("Security")) &&
	    r.field(r.who, S("CommandLine")).len == 0)
		s->bare_processes++;
	bool security = str_eq(e->id, S("1102")) && str_eq_nocase(e->channel, S("Security"));
	bool other = str_eq(e->id, S("104")) && str_eq_nocase(e->channel, S("System"));
	if (security || other) {
		str user = r.field(r.who, S("SubjectUserName"));
		note_cleared(s,
			     (struct cleared){ e->host, security ? S("the Security log") : S("another log"),
					       user, e->at_us });
	}
}

void sight_merge(struct sight *into, const struct sight *from)
{
	into->bare_processes += from->bare_processes;
	into->gaps_unwatched += from->gaps_unwatched;
	into->untimed += from->untimed;
	for (int64_t i = 0; i < MIN(from->cleared_count, SIGHT_CLEARED); i++)
		note_cleared(into, from->cleared[i]);
	into->cleared_count += MAX(0, from->cleared_count - SIGHT_CLEARED);
	for (ptrdiff_t i = 0; i < from->hour_size; i++) {
		if (from->hours[i] == 0)
			continue;
		const struct pair *theirs = from->by_number[from->hours[i] >> 32];
		struct pair *ours = find_pair(into, theirs->host, theirs->channel);
		if (ours)
			add_hour(into, (uint64_t)ours->number << 32 | (from->hours[i] & 0xFFFFFFFFu));
	}
}

/* --- sentences --- */

void sight_say(struct sight_lines *l, struct arena *a, str line)
{
	if (l->count == l->room) {
		l->room = MAX(16, l->room * 2);
		str *more = NEW(a, str, l->room);
		if (l->count)
			memcpy(more, l->at, (size_t)l->count * sizeof(*more));
		l->at = more;
	}
	l->at[l->count++] = line;
}

struct kind {
	str name;
	int64_t rules;
};

static str kind_name(struct arena *a, const struct logsource *l)
{
	const str parts[] = { l->product, l->category, l->service };
	struct buf b;
	buf_init(&b, a, 1000);
	for (ptrdiff_t i = 0; i < COUNTOF(parts); i++)
		if (parts[i].len) {
			buf_add(&b, b.len ? S("/") : S(""));
			buf_add(&b, parts[i]);
		}
	return buf_str(&b);
}

static int by_rules(const void *x, const void *y)
{
	const struct kind *a = x, *b = y;
	return a->rules != b->rules ? (a->rules < b->rules ? 1 : -1) : str_cmp(a->name, b->name);
}

static void add_kind(struct kind *kinds, ptrdiff_t *count, str name)
{
	for (ptrdiff_t i = 0; i < *count; i++)
		if (str_eq(kinds[i].name, name)) {
			kinds[i].rules++;
			return;
		}
	kinds[(*count)++] = (struct kind){ name, 1 };
}

void sight_tell_rules(const struct sight_rules *rules, struct arena *a, struct sight_lines *out)
{
	ptrdiff_t n = unit_rule_count(rules->unit), count = 0;
	int64_t unseen = 0, tried = 0;
	struct kind *kinds = NEW(a, struct kind, n + 1);
	struct unit_rule r;
	struct buf b;
	for (ptrdiff_t i = 0; i < n; i++) {
		if (!(rules->chosen[i / 64] >> (i % 64) & 1))
			continue;
		tried++;
		if (rules->seen[i / 64] >> (i % 64) & 1)
			continue;
		unit_rule(rules->unit, i, a, &r);
		unseen++;
		add_kind(kinds, &count, kind_name(a, &r.logsource));
	}
	if (unseen == 0)
		return;
	qsort(kinds, (size_t)count, sizeof(*kinds), by_rules);
	buf_init(&b, a, 1 << 16);
	buf_printf(&b, STR_FMT " of " STR_FMT " rules had no event of their kind: ",
		   STR_ARG(report_number(a, unseen)), STR_ARG(report_number(a, tried)));
	for (ptrdiff_t i = 0; i < MIN(count, KINDS_SHOWN); i++)
		buf_printf(&b, "%s" STR_FMT " %lld", i ? ", " : "", STR_ARG(kinds[i].name),
			   (long long)kinds[i].rules);
	if (count > KINDS_SHOWN)
		buf_printf(&b, ", and %td other kinds", count - KINDS_SHOWN);
	buf_add(&b, S(". Collect those logs, or force one kind with --logsource."));
	sight_say(out, a, buf_str(&b));
}

struct gap {
	const struct pair *who;
	int64_t from, hours;
};

static int by_key(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;
	return *a < *b ? -1 : *a > *b;
}

static int by_length(const void *x, const void *y)
{
	const struct gap *a = x, *b = y;
	return a->hours != b->hours ? (a->hours < b->hours ? 1 : -1) : a->who->number - b->who->number;
}

static int64_t hour_of(uint64_t key)
{
	return (int64_t)(key & 0xFFFFFFFFu) - (INT64_C(1) << 31);
}

static ptrdiff_t find_gaps(const struct sight *s, const uint64_t *keys, ptrdiff_t count, struct gap *out)
{
	ptrdiff_t found = 0;
	for (ptrdiff_t i = 0, end; i < count; i = end) {
		for (end = i; end < count && keys[end] >> 32 == keys[i] >> 32; end++)
			;
		int64_t active = end - i, span = hour_of(keys[end - 1]) - hour_of(keys[i]) + 1;
		if (active < GAP_ACTIVE || active * 2 < span)
			continue;
		for (ptrdiff_t j = i + 1; j < end; j++) {
			int64_t silent = hour_of(keys[j]) - hour_of(keys[j - 1]) - 1;
			if (silent >= GAP_HOURS)
				out[found++] = (struct gap){ s->by_number[keys[i] >> 32],
							     hour_of(keys[j - 1]) + 1, silent };
		}
	}
	return found;
}

static void tell_gaps(const struct sight *s, struct arena *a, bool local, struct sight_lines *out)
{
	ptrdiff_t count = 0;
	uint64_t *keys = NEW(a, uint64_t, s->hour_count + 1);
	struct gap *gaps = NEW(a, struct gap, s->hour_count + 1);
	for (ptrdiff_t i = 0; i < s->hour_size; i++)
		if (s->hours[i])
			keys[count++] = s->hours[i];
	qsort(keys, (size_t)count, sizeof(*keys), by_key);
	ptrdiff_t found = find_gaps(s, keys, count, gaps);
	qsort(gaps, (size_t)found, sizeof(*gaps), by_length);
	for (ptrdiff_t i = 0; i < MIN(found, GAPS_SHOWN); i++) {
		const struct gap *g = &gaps[i];
		str from = report_time(a, HOURS(g->from), local),
		    to = report_time(a, HOURS(g->from + g->hours), local);
		sight_say(out, a,
			  arena_printf(a,
				       STR_FMT ", " STR_FMT ": no events for %lld hours, " STR_FMT
					       " to " STR_FMT ".",
				       STR_ARG(g->who->host), STR_ARG(g->who->channel), (long long)g->hours,
				       STR_ARG(str_sub(from, 0, 16)), STR_ARG(str_sub(to, 0, 16))));
	}
	if (found > GAPS_SHOWN)
		sight_say(out, a,
			  arena_printf(a, "There are %td shorter gaps like these.", found - GAPS_SHOWN));
	if (s->gaps_unwatched)
		sight_say(out, a, S("There were more hosts and hours than are watched for gaps."));
}

static int by_place(const void *x, const void *y)
{
	const struct cleared *a = x, *b = y;
	int by = str_cmp(a->host, b->host);
	by = by ? by : str_cmp(a->channel, b->channel);
	by = by ? by : str_cmp(a->user, b->user);
	return by ? by : a->at_us < b->at_us ? -1 : a->at_us > b->at_us;
}

static void tell_cleared(const struct sight *s, struct arena *a, bool local, struct sight_lines *out)
{
	ptrdiff_t n = MIN(s->cleared_count, SIGHT_CLEARED), told = 0;
	struct cleared *c = NEW(a, struct cleared, n + 1);
	memcpy(c, s->cleared, (size_t)n * sizeof(*c));
	qsort(c, (size_t)n, sizeof(*c), by_place);
	for (ptrdiff_t i = 0, end; i < n && told < CLEARED_SHOWN; i = end, told++) {
		for (end = i; end < n && str_eq(c[end].host, c[i].host) &&
			      str_eq(c[end].channel, c[i].channel) && str_eq(c[end].user, c[i].user);
		     end++)
			;
		str by = c[i].user.len ? arena_printf(a, " by " STR_FMT, STR_ARG(c[i].user)) : S("");
		str first = report_time(a, c[i].at_us, local), last = report_time(a, c[end - 1].at_us, local);
		str when = end - i == 1 ? arena_printf(a, "on " STR_FMT, STR_ARG(first))
					: arena_printf(a, "%td times, from " STR_FMT " to " STR_FMT, end - i,
						       STR_ARG(first), STR_ARG(last));
		sight_say(out, a,
			  arena_printf(a,
				       STR_FMT ": " STR_FMT " was cleared" STR_FMT ", " STR_FMT
					       ". What stood in it is gone.",
				       STR_ARG(c[i].host), STR_ARG(c[i].channel), STR_ARG(by),
				       STR_ARG(when)));
	}
	if (s->cleared_count > n)
		sight_say(out, a,
			  arena_printf(a, "Logs were cleared %lld more times.",
				       (long long)(s->cleared_count - n)));
}

void sight_tell(const struct sight *s, struct arena *a, bool local, struct sight_lines *out)
{
	bool one = s->bare_processes == 1;
	tell_cleared(s, a, local, out);
	if (s->bare_processes)
		sight_say(out, a,
			  arena_printf(
				  a,
				  STR_FMT
				  " process creation%s (4688) %s no command line, so that most rules "
				  "about processes cannot match. Turn on \"Include command line in process "
				  "creation events\".",
				  STR_ARG(report_number(a, s->bare_processes)), one ? "" : "s",
				  one ? "has" : "have"));
	tell_gaps(s, a, local, out);
	one = s->untimed == 1;
	if (s->untimed)
		sight_say(out, a,
			  arena_printf(a, STR_FMT " event%s no time that could be read.",
				       STR_ARG(report_number(a, s->untimed)), one ? " has" : "s have"));
}
