#include "app/detect_command.h"

#include <stdio.h>
#include <stdlib.h>
#include "app/hunt.h"
#include "base/instant.h"
#include "watch/event_titles.h"
#include "watch/report_grid.h"

/* naubat logons: workers pick the events of logons, the collector adds them up in the order of the logs, so
 * that failures before a success are seen as such. */

enum {
	ROWS_MAX = 50000,
	TABLE_BITS = 17,
	TABLE_SIZE = 1 << TABLE_BITS,
	ROWS_SHOWN = 40,
	KEY_MAX = 1200,
	FAILURES_LEAST = 5,
	USERS_LEAST = 5
};
#define RUN_LONGEST HOURS(1)

enum what { LOGGED_ON, FAILED, EXPLICIT, SPECIAL, WHATS };
enum value { V_ID, V_USER, V_FROM, V_TYPE, V_WHY, V_OTHER, V_COUNT };

struct row {
	enum what what;
	str key, user, from, host, type, why, other;
	int64_t count, first_us, last_us;
	struct row *next;
};
struct run { /* failures of one user from one place, and whether it went in */
	str key, user, from, host;
	int64_t failures, first_us, last_us;           /* since the last success */
	int64_t then_us, then_failures, then_first_us; /* the worst that a success ended */
	struct run *next;
};
struct logons {
	struct hunt *h;
	struct row *rows[TABLE_SIZE], *first_row, **last_row;
	struct run *runs[TABLE_SIZE], *first_run, **last_run;
	ptrdiff_t row_count, run_count;
	int64_t dropped, counts[WHATS];
};

/* --- in a worker --- */

static str field(struct event_reader r, const char *first, const char *second)
{
	str v = r.field(r.who, str_from(first));
	if ((v.len == 0 || str_eq(v, S("-"))) && second)
		v = r.field(r.who, str_from(second));
	return str_eq(v, S("-")) ? S("") : v;
}

static bool is_one_of(str id, const char *ids)
{
	return id.len == 4 && str_find(str_from(ids), id) >= 0;
}

static str user_of(struct event_reader r, const char *name, const char *domain, struct arena *a)
{
	str user = field(r, name, NULL), of = field(r, domain, NULL);
	return of.len && user.len ? arena_printf(a, STR_FMT "\\" STR_FMT, STR_ARG(of), STR_ARG(user))
				  : arena_dup(a, user);
}

static void on_event(void *who, int worker, const struct scan_event *e, struct arena *a,
		     struct scan_list *out)
{
	struct logons *l = who;
	struct event_reader r = scan_reader(e);
	str id = details_id(r);
	(void)worker;
	if (!is_one_of(id, "4624 4625 4648 4672 4771 4776") ||
	    !str_eq_nocase(details_channel(r), S("Security")))
		return;
	int64_t at_us = details_time(r, l->h->now_us);
	if (!hunt_passes(l->h, r, at_us))
		return;
	str why = field(r, "SubStatus", "Status");
	if (str_eq_nocase(why, S("0x0")))
		why = field(r, "Status", NULL);
	bool good = why.len == 0 || str_eq_nocase(why, S("0x0"));
	if ((str_eq(id, S("4776")) || str_eq(id, S("4771"))) && good)
		return;
	bool special = str_eq(id, S("4672")), explicit = str_eq(id, S("4648"));
	bool subject = special || explicit;
	str *v = NEW(a, str, V_COUNT);
	v[V_ID] = arena_dup(a, id);
	v[V_USER] = subject ? user_of(r, "SubjectUserName", "SubjectDomainName", a)
			    : user_of(r, "TargetUserName", "TargetDomainName", a);
	v[V_FROM] = arena_dup(a, field(r, "IpAddress", "WorkstationName"));
	v[V_TYPE] = arena_dup(a, field(r, "LogonType", NULL));
	v[V_WHY] = good ? S("") : arena_dup(a, why);
	if (explicit)
		v[V_OTHER] = arena_printf(a, STR_FMT " at " STR_FMT,
					  STR_ARG(user_of(r, "TargetUserName", "TargetDomainName", a)),
					  STR_ARG(field(r, "TargetServerName", NULL)));
	struct finding *f = scan_add(out, a);
	*f = (struct finding){ .file = e->file,
			       .line = e->record->line,
			       .at_us = at_us,
			       .host = arena_dup(a, details_host(r)),
			       .fields = v };
}

/* --- in the collector --- */

static uint64_t hash_of(str s)
{
	uint64_t h = 0xcbf29ce484222325u;
	for (ptrdiff_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.ptr[i]) * 0x100000001b3u;
	return ((h ^ h >> 31) * 0x9E3779B97F4A7C15u) >> (64 - TABLE_BITS);
}

static struct row *row_for(struct logons *l, enum what what, const struct finding *f)
{
	char space[KEY_MAX];
	const str *v = f->fields;
	int n = snprintf(space, sizeof(space), "%d\n%.200s\n%.200s\n%.200s\n%.40s\n%.40s\n%.300s", (int)what,
			 arena_cstr(&l->h->line_arena, v[V_USER]), arena_cstr(&l->h->line_arena, v[V_FROM]),
			 arena_cstr(&l->h->line_arena, f->host), arena_cstr(&l->h->line_arena, v[V_TYPE]),
			 arena_cstr(&l->h->line_arena, v[V_WHY]), arena_cstr(&l->h->line_arena, v[V_OTHER]));
	str key = { space, MIN(n, KEY_MAX - 1) };
	uint64_t at = hash_of(key);
	for (; l->rows[at]; at = (at + 1) % TABLE_SIZE)
		if (str_eq(l->rows[at]->key, key))
			return l->rows[at];
	if (l->row_count == ROWS_MAX)
		return NULL;
	struct arena *a = l->h->a;
	struct row *r = NEW(a, struct row, 1);
	*r = (struct row){ what,
			   arena_dup(a, key),
			   arena_dup(a, v[V_USER]),
			   arena_dup(a, v[V_FROM]),
			   arena_dup(a, f->host),
			   arena_dup(a, v[V_TYPE]),
			   arena_dup(a, v[V_WHY]),
			   arena_dup(a, v[V_OTHER]),
			   0,
			   INT64_MAX,
			   INT64_MIN,
			   NULL };
	l->rows[at] = *l->last_row = r;
	l->last_row = &r->next;
	l->row_count++;
	return r;
}

static struct run *run_for(struct logons *l, const struct finding *f)
{
	char space[KEY_MAX];
	const str *v = f->fields;
	int n = snprintf(space, sizeof(space), "%.300s\n%.200s\n%.200s",
			 arena_cstr(&l->h->line_arena, v[V_USER]), arena_cstr(&l->h->line_arena, v[V_FROM]),
			 arena_cstr(&l->h->line_arena, f->host));
	str key = { space, MIN(n, KEY_MAX - 1) };
	uint64_t at = hash_of(key);
	for (; l->runs[at]; at = (at + 1) % TABLE_SIZE)
		if (str_eq(l->runs[at]->key, key))
			return l->runs[at];
	if (l->run_count == ROWS_MAX)
		return NULL;
	struct arena *a = l->h->a;
	struct run *r = NEW(a, struct run, 1);
	*r = (struct run){ .key = arena_dup(a, key),
			   .user = arena_dup(a, v[V_USER]),
			   .from = arena_dup(a, v[V_FROM]),
			   .host = arena_dup(a, f->host) };
	l->runs[at] = *l->last_run = r;
	l->last_run = &r->next;
	l->run_count++;
	return r;
}

static void follow(struct logons *l, const struct finding *f, bool failed)
{
	struct run *r = run_for(l, f);
	if (r == NULL || f->at_us == FINDING_NO_TIME)
		return;
	if (r->failures && f->at_us - r->last_us > RUN_LONGEST)
		r->failures = 0;
	if (failed) {
		if (r->failures++ == 0)
			r->first_us = f->at_us;
		r->last_us = f->at_us;
		return;
	}
	if (r->failures >= FAILURES_LEAST && r->failures > r->then_failures) {
		r->then_failures = r->failures;
		r->then_first_us = r->first_us;
		r->then_us = f->at_us;
	}
	r->failures = 0;
}

static void on_finding(void *who, const struct finding *f)
{
	struct logons *l = who;
	str id = f->fields[V_ID];
	enum what what = str_eq(id, S("4624"))   ? LOGGED_ON
			 : str_eq(id, S("4648")) ? EXPLICIT
			 : str_eq(id, S("4672")) ? SPECIAL
						 : FAILED;
	struct row *r = row_for(l, what, f);
	l->counts[what]++;
	if (what == LOGGED_ON || what == FAILED)
		follow(l, f, what == FAILED);
	arena_reset(&l->h->line_arena);
	buf_init(&l->h->line, &l->h->line_arena, REPORT_OUT_MAX);
	if (r == NULL) {
		l->dropped++;
		return;
	}
	r->count++;
	if (f->at_us != FINDING_NO_TIME) {
		r->first_us = MIN(r->first_us, f->at_us);
		r->last_us = MAX(r->last_us, f->at_us);
	}
}

/* --- out --- */

enum { COLUMNS = 9 };
static const struct grid_column all_columns[COLUMNS] = {
	{ "USER", "user", false, true },   { "FROM", "from", false, true },
	{ "HOST", "host", false, true },   { "HOW", "type", false, true },
	{ "WHY", "why", false, true },     { "AS", "as", false, true },
	{ "COUNT", "count", true, false }, { "FIRST", "first", false, false },
	{ "LAST", "last", false, false },
};

static int most_first(const void *x, const void *y)
{
	const struct row *a = *(struct row *const *)x, *b = *(struct row *const *)y;
	return a->count != b->count ? (a->count < b->count ? 1 : -1) : str_cmp(a->key, b->key);
}

struct cells {
	str *at;
	ptrdiff_t shown, all;
};

static void write_grid(struct logons *l, const char *title, const char *kind, struct cells cells,
		       const bool use[COLUMNS])
{
	struct hunt *h = l->h;
	struct grid_column columns[COLUMNS];
	ptrdiff_t n = cells.shown;
	str *kept = NEW(h->a, str, n * COLUMNS + 1);
	int used = 0;
	bool table = h->o->form == FORM_TABLE;
	for (int c = 0; c < COLUMNS; c++)
		if (!table || use[c])
			columns[used++] = all_columns[c];
	for (ptrdiff_t i = 0; i < n; i++)
		for (int c = 0, at = 0; c < COLUMNS; c++)
			if (!table || use[c])
				kept[i * used + at++] = cells.at[i * COLUMNS + c];
	const struct grid g = { table ? title : kind, columns, used, kept, n };
	report_grid(&h->line, &g,
		    table                    ? GRID_TABLE
		    : h->o->form == FORM_CSV ? GRID_CSV
					     : GRID_JSON,
		    &h->style);
	if (cells.all > n)
		buf_printf(&h->line, "and %td others (--csv has all)\n\n", cells.all - n);
}

static str count_text(struct arena *a, int64_t n)
{
	return arena_printf(a, "%lld", (long long)n);
}

static str time_cell(struct logons *l, int64_t at_us)
{
	return at_us == INT64_MAX || at_us == INT64_MIN ? S("") : hunt_time(l->h, at_us);
}

static void write_rows(struct logons *l, enum what what, const char *title, const char *kind,
		       const bool use[COLUMNS])
{
	struct arena *a = l->h->a;
	struct row **rows = NEW(a, struct row *, l->row_count + 1);
	ptrdiff_t n = 0;
	for (struct row *r = l->first_row; r; r = r->next)
		if (r->what == what)
			rows[n++] = r;
	qsort(rows, (size_t)n, sizeof(struct row *), most_first);
	ptrdiff_t shown = l->h->o->form == FORM_TABLE ? MIN(n, ROWS_SHOWN) : n;
	str *cells = NEW(a, str, shown * COLUMNS + 1);
	for (ptrdiff_t i = 0; i < shown; i++) {
		const struct row *r = rows[i];
		str type = event_logon_type(r->type), why = event_logon_failure(r->why);
		const str row[COLUMNS] = { r->user,
					   r->from,
					   r->host,
					   type.len ? type : r->type,
					   why.len ? why : r->why,
					   r->other,
					   count_text(a, r->count),
					   time_cell(l, r->first_us),
					   time_cell(l, r->last_us) };
		memcpy(&cells[i * COLUMNS], row, sizeof(row));
	}
	write_grid(l, title, kind, (struct cells){ cells, shown, n }, use);
}

static void write_runs(struct logons *l)
{
	static const bool use[COLUMNS] = { true, true, true, false, false, false, true, true, true };
	struct arena *a = l->h->a;
	str *cells = NEW(a, str, l->run_count * COLUMNS + 1);
	ptrdiff_t n = 0;
	for (const struct run *r = l->first_run; r; r = r->next) {
		if (r->then_failures == 0)
			continue;
		const str row[COLUMNS] = { r->user,
					   r->from,
					   r->host,
					   { 0 },
					   { 0 },
					   { 0 },
					   count_text(a, r->then_failures),
					   time_cell(l, r->then_first_us),
					   time_cell(l, r->then_us) };
		memcpy(&cells[n++ * COLUMNS], row, sizeof(row));
	}
	write_grid(l, "Failures that ended in success", "failed-then-logged-on",
		   (struct cells){ cells, n, n }, use);
}

/* Failures from one place (the host itself where the event names none) against many users: spraying. */
static int by_place(const void *x, const void *y)
{
	const struct row *a = *(struct row *const *)x, *b = *(struct row *const *)y;
	int by = str_cmp(a->host, b->host);
	by = by ? by : str_cmp(a->from, b->from);
	return by ? by : str_cmp(a->user, b->user);
}

static void write_sprays(struct logons *l)
{
	static const bool use[COLUMNS] = { true, true, true, false, false, false, true, true, true };
	struct arena *a = l->h->a;
	struct row **rows = NEW(a, struct row *, l->row_count + 1);
	str *cells = NEW(a, str, l->row_count * COLUMNS + 1);
	ptrdiff_t n = 0, out = 0;
	for (struct row *r = l->first_row; r; r = r->next)
		if (r->what == FAILED)
			rows[n++] = r;
	qsort(rows, (size_t)n, sizeof(struct row *), by_place);
	for (ptrdiff_t i = 0, end; i < n; i = end) {
		int64_t users = 0, count = 0, first_us = INT64_MAX, last_us = INT64_MIN;
		for (end = i; end < n && str_eq(rows[end]->host, rows[i]->host) &&
			      str_eq(rows[end]->from, rows[i]->from);
		     end++) {
			users += end == i || !str_eq_nocase(rows[end]->user, rows[end - 1]->user);
			count += rows[end]->count;
			first_us = MIN(first_us, rows[end]->first_us);
			last_us = MAX(last_us, rows[end]->last_us);
		}
		const str row[COLUMNS] = { arena_printf(a, "%lld users", (long long)users),
					   rows[i]->from,
					   rows[i]->host,
					   { 0 },
					   { 0 },
					   { 0 },
					   count_text(a, count),
					   time_cell(l, first_us),
					   time_cell(l, last_us) };
		if (users >= USERS_LEAST)
			memcpy(&cells[out++ * COLUMNS], row, sizeof(row));
	}
	write_grid(l, "Many users tried from one place", "many-users", (struct cells){ cells, out, out },
		   use);
}

static void write_all(struct logons *l)
{
	static const bool plain[COLUMNS] = { true, true, true, true, false, false, true, true, true };
	static const bool failed[COLUMNS] = { true, true, true, true, true, false, true, true, true };
	static const bool explicit[COLUMNS] = { true, false, true, false, false, true, true, true, true };
	static const bool special[COLUMNS] = { true, false, true, false, false, false, true, true, true };
	struct hunt *h = l->h;
	if (h->o->form == FORM_CSV)
		report_grid_head(&h->line, &(struct grid){ "kind", all_columns, COLUMNS, NULL, 0 });
	write_runs(l);
	write_sprays(l);
	write_rows(l, FAILED, "Failed", "failed", failed);
	write_rows(l, LOGGED_ON, "Logged on", "logged-on", plain);
	write_rows(l, EXPLICIT, "With other credentials (4648)", "explicit", explicit);
	write_rows(l, SPECIAL, "With special privileges (4672)", "special", special);
	if (h->o->form == FORM_TABLE && l->row_count == 0)
		buf_add(&h->line, S("No logons: the Security log's events 4624, 4625, 4648 and 4672 are "
				    "looked for.\n"));
	if (l->dropped)
		buf_printf(&h->line, "%lld logons are of more kinds than there is room for\n",
			   (long long)l->dropped);
}

static bool run(struct hunt *h, enum hunt_exit *out_exit, struct err *err)
{
	struct detect_rules rules = { 0 };
	struct scan_result result;
	struct logons *l = NEW(h->a, struct logons, 1);
	l->h = h;
	l->last_row = &l->first_row;
	l->last_run = &l->first_run;
	if (!hunt_make_unit(h, NULL, &rules, err))
		return false;
	bool fine = hunt_start(h, err) &&
		    hunt_scan(h, l, (struct hunt_handlers){ on_event, on_finding }, &result, err);
	if (fine) {
		write_all(l);
		hunt_close_words(h, &result);
		*out_exit = hunt_exit_of(h, &result, l->row_count);
		fine = hunt_close_output(h, err);
	}
	detect_rules_done(&rules);
	return fine;
}

int logons_command(int argc, char **argv)
{
	return hunt_with_options(DETECT_LOGONS, argc, argv, run);
}
