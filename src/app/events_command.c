#include "app/detect_command.h"

#include <stdlib.h>
#include "app/hunt.h"
#include "watch/event_titles.h"
#include "watch/report_grid.h"

/* naubat metrics: events by channel and id.  Each worker counts for itself; at the end counts are added. */

enum {
	KEYS_MAX = 100000,
	KEYS_BITS = 18,
	KEYS_SIZE = 1 << KEYS_BITS,
	ROWS_SHOWN = 60,
	HOSTS_SHOWN = 25,
	KEY_TEXT = 300
};

struct key {
	str host, channel, id;
	int64_t count, first_us, last_us, hosts;
};
struct table {
	struct key *slots[KEYS_SIZE], *last;
	struct arena *a;
	ptrdiff_t count;
	int64_t dropped;
};
struct metrics {
	struct hunt *h;
	struct table **tables;
};

/* Without case: some exports write "security". */
static uint64_t mix(str s, uint64_t h)
{
	for (ptrdiff_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)(s.ptr[i] | 32)) * 0x100000001b3u;
	return (h ^ h >> 29) * 0x9E3779B97F4A7C15u;
}

static bool is_key(const struct key *k, str host, str channel, str id)
{
	return str_eq(k->id, id) && str_eq_nocase(k->host, host) && str_eq_nocase(k->channel, channel);
}

static struct table *table_new(struct arena *a)
{
	struct table *t = NEW(a, struct table, 1);
	t->a = a;
	return t;
}

static struct key *find_key(struct table *t, str host, str channel, str id)
{
	host = str_sub(host, 0, KEY_TEXT);
	channel = str_sub(channel, 0, KEY_TEXT);
	id = str_sub(id, 0, KEY_TEXT);
	if (t->last && is_key(t->last, host, channel, id))
		return t->last;
	uint64_t at = mix(id, mix(channel, mix(host, 0xcbf29ce484222325u))) >> (64 - KEYS_BITS);
	for (; t->slots[at]; at = (at + 1) % KEYS_SIZE)
		if (is_key(t->slots[at], host, channel, id))
			return t->last = t->slots[at];
	if (t->count == KEYS_MAX)
		return NULL;
	struct key *k = NEW(t->a, struct key, 1);
	*k = (struct key){ arena_dup(t->a, host),
			   arena_dup(t->a, channel),
			   arena_dup(t->a, id),
			   0,
			   INT64_MAX,
			   INT64_MIN,
			   0 };
	t->count++;
	return t->last = t->slots[at] = k;
}

static void add_to(struct table *t, str host, str channel, str id, const struct key *what)
{
	struct key *k = find_key(t, host, channel, id);
	if (k == NULL) {
		t->dropped += what->count;
		return;
	}
	k->count += what->count;
	k->hosts += what->hosts;
	k->first_us = MIN(k->first_us, what->first_us);
	k->last_us = MAX(k->last_us, what->last_us);
}

static void on_event(void *who, int worker, const struct scan_event *e, struct arena *a,
		     struct scan_list *out)
{
	struct metrics *m = who;
	struct event_reader r = scan_reader(e);
	int64_t at_us = details_time(r, m->h->now_us);
	bool timed = at_us != FINDING_NO_TIME;
	struct key one = { .count = 1,
			   .first_us = timed ? at_us : INT64_MAX,
			   .last_us = timed ? at_us : INT64_MIN };
	(void)a;
	(void)out;
	if (hunt_passes(m->h, r, at_us))
		add_to(m->tables[worker], details_host(r), details_channel(r), details_id(r), &one);
}

static void on_finding(void *who, const struct finding *f)
{
	(void)who;
	(void)f;
}

static int most_first(const void *x, const void *y)
{
	const struct key *a = *(struct key *const *)x, *b = *(struct key *const *)y;
	if (a->count != b->count)
		return a->count < b->count ? 1 : -1;
	int by = str_cmp(a->channel, b->channel);
	by = by ? by : str_cmp(a->id, b->id);
	return by ? by : str_cmp(a->host, b->host);
}

static struct key **sorted(const struct table *t, struct arena *a)
{
	struct key **out = NEW(a, struct key *, t->count + 1);
	ptrdiff_t n = 0;
	for (ptrdiff_t i = 0; i < KEYS_SIZE; i++)
		if (t->slots[i])
			out[n++] = t->slots[i];
	qsort(out, (size_t)n, sizeof(struct key *), most_first);
	return out;
}

static str digits(struct arena *a, int64_t n)
{
	return arena_printf(a, "%lld", (long long)n);
}

static str time_of(struct hunt *h, int64_t at_us)
{
	return at_us == INT64_MAX || at_us == INT64_MIN ? S("") : hunt_time(h, at_us);
}

/* --- for people: two tables --- */

static str short_channel(str channel)
{
	str maker = S("Microsoft-Windows-");
	return str_starts_nocase(channel, maker) ? str_sub(channel, maker.len, channel.len) : channel;
}

static void write_kinds(struct hunt *h, const struct table *t, int64_t all)
{
	static const struct grid_column columns[] = {
		{ "CHANNEL", NULL, false, true }, { "ID", NULL, false, true },
		{ "WHAT", NULL, false, true },    { "EVENTS", NULL, true, false },
		{ "%", NULL, true, false },       { "HOSTS", NULL, true, false },
		{ "FIRST", NULL, false, false },  { "LAST", NULL, false, false },
	};
	enum { N = COUNTOF(columns) };
	ptrdiff_t n = MIN(t->count, ROWS_SHOWN);
	str *cells = NEW(h->a, str, n * N + 1);
	struct key **keys = sorted(t, h->a);
	for (ptrdiff_t i = 0; i < n; i++) {
		const struct key *k = keys[i];
		const str row[N] = { short_channel(k->channel),
				     k->id,
				     event_title(k->channel, k->id),
				     digits(h->a, k->count),
				     arena_printf(h->a, "%.1f",
						  100.0 * (double)k->count / (double)MAX(all, 1)),
				     digits(h->a, k->hosts),
				     time_of(h, k->first_us),
				     time_of(h, k->last_us) };
		memcpy(&cells[i * N], row, sizeof(row));
	}
	report_grid(&h->line, &(struct grid){ "Events by channel and id", columns, N, cells, n }, GRID_TABLE,
		    &h->style);
	if (t->count > n)
		buf_printf(&h->line, "and %td other kinds (--csv has all)\n\n", t->count - n);
}

static void write_hosts(struct hunt *h, const struct table *t)
{
	static const struct grid_column columns[] = { { "HOST", NULL, false, true },
						      { "EVENTS", NULL, true, false },
						      { "FIRST", NULL, false, false },
						      { "LAST", NULL, false, false } };
	enum { N = COUNTOF(columns) };
	ptrdiff_t n = MIN(t->count, HOSTS_SHOWN);
	str *cells = NEW(h->a, str, n * N + 1);
	struct key **keys = sorted(t, h->a);
	for (ptrdiff_t i = 0; i < n; i++) {
		const struct key *k = keys[i];
		const str row[N] = { k->host, digits(h->a, k->count), time_of(h, k->first_us),
				     time_of(h, k->last_us) };
		memcpy(&cells[i * N], row, sizeof(row));
	}
	report_grid(&h->line, &(struct grid){ "Events by host", columns, N, cells, n }, GRID_TABLE,
		    &h->style);
	if (t->count > n)
		buf_printf(&h->line, "and %td other hosts (--csv has all)\n\n", t->count - n);
}

static void write_tables(struct hunt *h, const struct table *all)
{
	struct table *kinds = table_new(hunt_worker_arena(h)), *hosts = table_new(hunt_worker_arena(h));
	int64_t count = 0;
	for (ptrdiff_t i = 0; i < KEYS_SIZE; i++) {
		const struct key *k = all->slots[i];
		if (k == NULL)
			continue;
		struct key one = *k;
		one.hosts = 1;
		add_to(kinds, S(""), k->channel, k->id, &one);
		add_to(hosts, k->host, S(""), S(""), &one);
		count += k->count;
	}
	write_kinds(h, kinds, count);
	write_hosts(h, hosts);
	if (all->dropped)
		buf_printf(&h->line, "%lld events are of more kinds than there is room for\n",
			   (long long)all->dropped);
}

/* --- for programs: every row --- */

static void write_rows(struct hunt *h, const struct table *t)
{
	static const struct grid_column columns[] = {
		{ "host", "host", false, false },  { "channel", "channel", false, false },
		{ "id", "id", false, false },      { "title", "title", false, false },
		{ "count", "count", true, false }, { "first", "first", false, false },
		{ "last", "last", false, false },
	};
	enum { N = COUNTOF(columns) };
	str *cells = NEW(h->a, str, t->count * N + 1);
	struct key **keys = sorted(t, h->a);
	for (ptrdiff_t i = 0; i < t->count; i++) {
		const struct key *k = keys[i];
		const str row[N] = { k->host,
				     k->channel,
				     k->id,
				     event_title(k->channel, k->id),
				     digits(h->a, k->count),
				     time_of(h, k->first_us),
				     time_of(h, k->last_us) };
		memcpy(&cells[i * N], row, sizeof(row));
	}
	const struct grid g = { NULL, columns, N, cells, t->count };
	if (h->o->form == FORM_CSV)
		report_grid_head(&h->line, &g);
	report_grid(&h->line, &g, h->o->form == FORM_CSV ? GRID_CSV : GRID_JSON, &h->style);
}

static bool run(struct hunt *h, enum hunt_exit *out_exit, struct err *err)
{
	struct detect_rules rules = { 0 };
	struct scan_result result;
	struct metrics m = { .h = h, .tables = NEW(h->a, struct table *, h->o->threads) };
	for (int i = 0; i < h->o->threads; i++)
		m.tables[i] = table_new(hunt_worker_arena(h));
	if (!hunt_make_unit(h, NULL, &rules, err))
		return false;
	bool fine = hunt_start(h, err) &&
		    hunt_scan(h, &m, (struct hunt_handlers){ on_event, on_finding }, &result, err);
	if (fine) {
		for (int i = 1; i < h->o->threads; i++)
			for (ptrdiff_t k = 0; k < KEYS_SIZE; k++)
				if (m.tables[i]->slots[k])
					add_to(m.tables[0], m.tables[i]->slots[k]->host,
					       m.tables[i]->slots[k]->channel, m.tables[i]->slots[k]->id,
					       m.tables[i]->slots[k]);
		if (h->o->form == FORM_TABLE)
			write_tables(h, m.tables[0]);
		else
			write_rows(h, m.tables[0]);
		hunt_close_words(h, &result);
		*out_exit = hunt_exit_of(h, &result, m.tables[0]->count);
		fine = hunt_close_output(h, err);
	}
	detect_rules_done(&rules);
	return fine;
}

int events_command(int argc, char **argv)
{
	return hunt_with_options(DETECT_METRICS, argc, argv, run);
}
