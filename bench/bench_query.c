/* What people's screens ask, in process: query, gate and encoding, as a route does it, without HTTP.
 *
 * usage: bench_query STORE [CALLS [ONLY]]
 * STORE is a path or postgresql://…; prints lines as times_print does, with ONLY those that begin so.
 * Every call begins with an empty arena and its own read transaction, as every request does. */
#include <stdio.h>
#include <stdlib.h>
#include "access/identity.h"
#include "bench.h"
#include "format/json.h"
#include "model/observable.h"
#include "query/lookup.h"
#include "query/board.h"
#include "query/view.h"
#include "regime/regime.h"
#include "state/search.h"

enum { PAGE = 50, SAMPLES = 2000 };

struct bench {
	struct world world;
	struct db *db;
	struct identity me;
	struct arena arena;
	struct instant now;
	struct dice dice;
	struct uuid incidents[SAMPLES], reports[SAMPLES], long_case;
	str values[SAMPLES], numbers[SAMPLES];
	int incident_count, report_count, value_count, number_count;
	struct queue_filter filter;
	int64_t low[4], high[4]; /* of each sort's keys, for deep pages */
	bool deep;
	str only; /* lines whose name begins so */
	struct times times;
};

static void must(bool ok, const char *doing, const struct err *err)
{
	if (!ok)
		bench_fail(doing, err);
}

static struct view begin(struct bench *b)
{
	struct err err = { 0 };
	struct view v = { .db = b->db,
			  .a = &b->arena,
			  .who = &b->me,
			  .regime = b->world.regime,
			  .now = b->now,
			  .mail_domain = b->world.mail_domain };
	must(release_scope(v.a, v.who, &v.scope, &err) && db_begin_read(v.db, &err), "cannot begin", &err);
	v.team = scope_team(v.scope);
	return v;
}

static void answer_list(struct bench *b, struct record **records, ptrdiff_t count)
{
	struct audience to = { .kind = AUDIENCE_PERSON, .person = &b->me };
	const struct released *out;
	ptrdiff_t withheld;
	struct err err = { 0 };
	must(release_list(&b->arena, (const struct record *const *)records, count, json_object(&b->arena),
			  &to, &out, &withheld, &err),
	     "cannot release", &err);
	if (withheld)
		(void)fprintf(stderr, "bench_query: the gate withheld %td records\n", withheld);
	(void)released_json(&b->arena, out);
}

/* --- what is measured --- */

static void queue(struct bench *b, struct view *v)
{
	struct queue_page page;
	struct err err = { 0 };
	struct queue_filter f = b->filter;
	f.limit = PAGE;
	if (b->deep) {
		int64_t key = b->low[f.sort] + dice_below(&b->dice, MAX(b->high[f.sort] - b->low[f.sort], 1));
		f.cursor = arena_printf(v->a, "%016llx%032d", (unsigned long long)key, 0);
	}
	must(view_queue(v, &f, &page, &err), "queue", &err);
	answer_list(b, page.records, page.count);
}

static void incident(struct bench *b, struct view *v, struct uuid id)
{
	struct record *r = NEW(v->a, struct record, 1), **lines;
	struct incident_parts parts;
	struct audience to = { .kind = AUDIENCE_PERSON, .person = &b->me };
	const struct released *out;
	ptrdiff_t count;
	int64_t next;
	struct err err = { 0 };
	must(view_incident(v, id, r, &err) && view_incident_parts(v, id, &parts, &err) &&
		     view_timeline(v, id, INT64_MAX, 100, &lines, &count, &next, &err) &&
		     release_check(v->a, r, &to, &out, &err),
	     "incident", &err);
	(void)released_json(v->a, out);
	answer_list(b, parts.parties, parts.party_count);
	answer_list(b, parts.clocks, parts.clock_count);
	answer_list(b, parts.requests, parts.request_count);
	answer_list(b, parts.deliveries, parts.delivery_count);
	answer_list(b, parts.reports, parts.report_count);
	answer_list(b, lines, count);
}

static void long_incident(struct bench *b, struct view *v)
{
	incident(b, v, b->long_case);
}

static void some_incident(struct bench *b, struct view *v)
{
	incident(b, v, b->incidents[dice_below(&b->dice, b->incident_count)]);
}

static void some_report(struct bench *b, struct view *v)
{
	struct record *r = NEW(v->a, struct record, 1);
	struct err err = { 0 };
	must(view_report(v, b->reports[dice_below(&b->dice, b->report_count)], true, r, &err), "report",
	     &err);
	answer_list(b, &r, 1);
}

static void owner(struct bench *b, struct view *v)
{
	struct observable o = { .type = OBSERVABLE_IPV4,
				.value = bench_address(v->a, dice_below(&b->dice, 1 << 24)) };
	struct json *out;
	struct err err = { 0 };
	must(view_lookup(v, &o, &out, &err), "owner", &err);
	(void)json_compact(v->a, out);
}

static void clock_board(struct bench *b, struct view *v)
{
	struct record **list;
	ptrdiff_t count;
	struct err err = { 0 };
	must(view_clock_board(v, S("running"), 0, (struct uuid){ { 0 } }, PAGE, &list, &count, &err),
	     "clocks", &err);
	answer_list(b, list, count);
}

/* As http/home_routes.c puts it together. */
static void home(struct bench *b, struct view *v)
{
	const struct queue_filter lists[] = {
		{ .kind = QUEUE_REPORTS, .sort = SORT_RECEIVED, .state = S("new"), .band = -1, .limit = 8 },
		{ .kind = QUEUE_INCIDENTS,
		  .sort = SORT_CHANGED,
		  .state = S("active"),
		  .owner_is = true,
		  .owner = b->me.account,
		  .band = -1,
		  .limit = 8 },
		{ .kind = QUEUE_INCIDENTS,
		  .sort = SORT_RECEIVED,
		  .state = S("active"),
		  .owner_none = true,
		  .band = -1,
		  .limit = 8 },
	};
	struct record **due, *pressing;
	struct tally running, overdue;
	ptrdiff_t count;
	struct err err = { 0 };
	must(view_pressing(v, &pressing, &err) && view_running(v, &running, &err) &&
		     view_overdue(v, &overdue, &err) &&
		     view_clock_board(v, S("running"), INT64_MIN, (struct uuid){ { 0 } }, 8, &due, &count,
				      &err),
	     "home", &err);
	answer_list(b, due, count);
	for (ptrdiff_t i = 0; i < COUNTOF(lists); i++) {
		struct queue_page page;
		must(view_queue(v, &lists[i], &page, &err), "home", &err);
		answer_list(b, page.records, page.count);
	}
}

static void search_for(struct bench *b, struct view *v, const str *values, ptrdiff_t n)
{
	struct search_query query = { .values = values, .value_count = n };
	struct search_page page;
	struct err err = { 0 };
	must(view_search(v, &query, &page, &err), "search", &err);
	answer_list(b, page.records, page.count);
}

static void search_value(struct bench *b, struct view *v)
{
	search_for(b, v, &b->values[dice_below(&b->dice, b->value_count)], 1);
}

static void search_number(struct bench *b, struct view *v)
{
	search_for(b, v, &b->numbers[dice_below(&b->dice, b->number_count)], 1);
}

static void search_common(struct bench *b, struct view *v)
{
	search_for(b, v, &S("phishing"), 1);
}

static void search_two_words(struct bench *b, struct view *v)
{
	str words[] = { S("phishing"), bench_word(v->a, (int)dice_below(&b->dice, 1200)) };
	search_for(b, v, words, 2);
}

static void search_nothing(struct bench *b, struct view *v)
{
	search_for(b, v, &S("192.0.2.77"), 1);
}

/* --- measuring --- */

typedef void call_fn(struct bench *b, struct view *v);

/* Remembers what it took; the processor's time is returned. */
static int64_t once(struct bench *b, call_fn *call)
{
	arena_reset(&b->arena);
	int64_t start = bench_ns(), cpu = bench_cpu_ns();
	struct view v = begin(b);
	call(b, &v);
	db_rollback(b->db);
	cpu = bench_cpu_ns() - cpu;
	times_add(&b->times, bench_ns() - start, cpu);
	return cpu;
}

static void measure(struct bench *b, const char *name, call_fn *call, int calls)
{
	int64_t total = 0;
	if (!str_starts(str_from(name), b->only))
		return;
	for (int i = 0; i < MIN(calls, 20); i++)
		(void)once(b, call);
	b->times.count = 0;
	for (int i = 0; i < calls && (total < 4000000000 || i < 20); i++)
		total += once(b, call);
	times_print(&b->times, name);
}

/* --- samples: read once, by statements of the bench's own --- */

static struct db_rows ask(struct bench *b, struct arena *a, const char *sqlite, int columns,
			  const enum db_type *types)
{
	struct db_statement s = {
		.name = "bench", .text = { sqlite, sqlite }, .columns = columns, .types = types
	};
	struct db_rows rows;
	struct err err = { 0 };
	must(db_query(b->db, &s, NULL, a, &rows, &err), sqlite, &err);
	return rows;
}

static int ids(struct bench *b, struct arena *a, const char *sql, struct uuid *out)
{
	static const enum db_type types[] = { DB_BLOB };
	struct db_rows rows = ask(b, a, sql, 1, types);
	struct err err;
	for (ptrdiff_t i = 0; i < rows.count; i++)
		must(uuid_from_bytes(rows.values[i].s, &out[i], &err), "id", &err);
	return (int)rows.count;
}

static int texts(struct bench *b, struct arena *a, const char *sql, str *out)
{
	static const enum db_type types[] = { DB_TEXT };
	struct db_rows rows = ask(b, a, sql, 1, types);
	for (ptrdiff_t i = 0; i < rows.count; i++)
		out[i] = rows.values[i].s;
	return (int)rows.count;
}

/* The first thing in the words of each report: an address. */
static int addresses(struct bench *b, struct arena *a, const char *sql, str *out)
{
	int count = texts(b, a, sql, out);
	for (int i = 0; i < count; i++) {
		struct json *words;
		struct err err;
		must(json_parse(a, out[i], (struct json_limits){ 0 }, &words, &err), "words", &err);
		out[i] = json_get_str(json_at(json_get(words, "observables"), 0), "value");
	}
	return count;
}

static void range(struct bench *b, struct arena *a, enum queue_sort sort, const char *sql)
{
	static const enum db_type types[] = { DB_INT, DB_INT };
	struct db_rows rows = ask(b, a, sql, 2, types);
	b->low[sort] = rows.values[0].i;
	b->high[sort] = rows.values[1].i;
}

static void prepare(struct bench *b, struct arena *a)
{
	struct uuid first[SAMPLES];
	b->incident_count = ids(
		b, a,
		"SELECT id FROM queue WHERE team = 'ncert' AND kind = 2 ORDER BY substr(id, 12) LIMIT 2000",
		b->incidents);
	b->report_count = ids(
		b, a,
		"SELECT id FROM queue WHERE team = 'ncert' AND kind = 1 ORDER BY substr(id, 12) LIMIT 2000",
		b->reports);
	b->number_count = texts(
		b, a, "SELECT number FROM queue WHERE team = 'ncert' ORDER BY substr(id, 12) LIMIT 2000",
		b->numbers);
	b->value_count = addresses(
		b, a,
		"SELECT c.body FROM queue q JOIN content c ON c.id = q.id WHERE q.team = 'ncert' "
		"AND q.kind = 1 ORDER BY substr(q.id, 12) LIMIT 2000",
		b->values);
	(void)ids(b, a, "SELECT incident FROM message GROUP BY incident ORDER BY count(*) DESC LIMIT 1",
		  first);
	b->long_case = first[0];
	range(b, a, SORT_RECEIVED, "SELECT min(received), max(received) FROM queue WHERE team = 'ncert'");
	range(b, a, SORT_CHANGED, "SELECT min(changed), max(changed) FROM queue WHERE team = 'ncert'");
	range(b, a, SORT_DUE, "SELECT min(due), max(due) FROM queue WHERE team = 'ncert'");
	b->high[SORT_BAND] = 5;
}

/* --- queues --- */

static const char *const sort_names[] = {
	[SORT_RECEIVED] = "received", [SORT_CHANGED] = "changed", [SORT_DUE] = "due", [SORT_BAND] = "band"
};

struct common {
	const char *name;
	struct queue_filter f;
};

static void common_views(struct bench *b, int calls)
{
	const struct common views[] = {
		{ "reports new",
		  { .kind = QUEUE_REPORTS, .sort = SORT_RECEIVED, .state = S("new"), .band = -1 } },
		{ "reports new untaken",
		  { .kind = QUEUE_REPORTS,
		    .sort = SORT_RECEIVED,
		    .state = S("new"),
		    .owner_none = true,
		    .band = -1 } },
		{ "reports all",
		  { .kind = QUEUE_REPORTS, .sort = SORT_RECEIVED, .state = S("all"), .band = -1 } },
		{ "incidents active by change",
		  { .kind = QUEUE_INCIDENTS, .sort = SORT_CHANGED, .state = S("active"), .band = -1 } },
		{ "incidents active by due",
		  { .kind = QUEUE_INCIDENTS, .sort = SORT_DUE, .state = S("active"), .band = -1 } },
		{ "incidents active mine by due",
		  { .kind = QUEUE_INCIDENTS,
		    .sort = SORT_DUE,
		    .state = S("active"),
		    .owner_is = true,
		    .owner = b->me.account,
		    .band = -1 } },
		{ "incidents active by severity",
		  { .kind = QUEUE_INCIDENTS, .sort = SORT_BAND, .state = S("active"), .band = -1 } },
		{ "incidents closed by change",
		  { .kind = QUEUE_INCIDENTS, .sort = SORT_CHANGED, .state = S("closed"), .band = -1 } },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(views); i++) {
		char name[100];
		b->filter = views[i].f;
		for (b->deep = false;; b->deep = true) {
			(void)snprintf(name, sizeof(name), "queue %s, %s page", views[i].name,
				       b->deep ? "deep" : "first");
			measure(b, name, queue, calls);
			if (b->deep)
				break;
		}
	}
	b->deep = false;
}

/* Every combination of what the routes take: a line for each state and sort, and one for the worst. */
static void every_filter(struct bench *b, int rounds)
{
	static const char *const states[3][4] = { { 0 },
						  { "all", "new", "attached", "rejected" },
						  { "all", "active", "open", "closed" } };
	char worst_name[240] = "none";
	int64_t worst = 0;
	for (int kind = 1; kind <= 2; kind++)
		for (int sort = SORT_RECEIVED; sort <= (kind == 1 ? SORT_RECEIVED : SORT_BAND); sort++)
			for (int state = 0; state < 4; state++) {
				char name[160];
				(void)snprintf(name, sizeof(name), "any filter, %s %s by %s",
					       kind == 1 ? "reports" : "incidents", states[kind][state],
					       sort_names[sort]);
				for (int bits = 0; bits < (kind == 1 ? 3 : 48); bits++) {
					int owner_kind = bits % 3, sector = bits / 3 & 1,
					    class = bits / 6 & 1, band = bits / 12 & 1, deep = bits / 24 & 1;
					b->filter = (struct queue_filter){
						.kind = (enum queue_kind)kind,
						.sort = (enum queue_sort)sort,
						.state = str_from(states[kind][state]),
						.owner_none = owner_kind == 1,
						.owner_is = owner_kind == 2,
						.owner = b->me.account,
						.sector = sector ? S("aviation") : S(""),
						.class = class ? S("other:undetermined") : S(""),
						.band = band ? 3 : -1
					};
					b->deep = deep;
					for (int i = 0; i < rounds; i++) {
						int64_t ns = once(b, queue);
						if (i > 0 && ns > worst) {
							worst = ns;
							(void)snprintf(
								worst_name, sizeof(worst_name),
								"any filter, worst: %s%s%s%s%s%s", name + 12,
								owner_kind == 1   ? " untaken"
								: owner_kind == 2 ? " mine"
										  : "",
								sector ? " sector" : "",
								class ? " class" : "", band ? " band" : "",
								deep ? " deep" : "");
						}
					}
				}
				times_print(&b->times, name);
			}
	times_add(&b->times, worst, worst);
	times_print(&b->times, worst_name);
	b->deep = false;
}

int main(int argc, char **argv)
{
	struct arena keep;
	struct bench *b;
	struct err err = { 0 };
	int64_t calls = 500, start;
	if (argc < 2 || (argc > 2 && !str_to_int(str_from(argv[2]), 10, TIMES_MAX, &calls))) {
		(void)fprintf(stderr, "usage: bench_query STORE [CALLS]\n");
		return 2;
	}
	arena_init(&keep, 256 << 20, 512 << 20);
	b = NEW(&keep, struct bench, 1);
	arena_init(&b->arena, 64 << 20, 256 << 20);
	bench_world(&keep, &b->world);
	b->dice.state = 7;
	b->now = (struct instant){ SECONDS(1795478400) };
	b->me = (struct identity){ .account = bench_person(0),
				   .login = S("person0"),
				   .name = S("Duty handler"),
				   .team = S("ncert"),
				   .roles = ROLE_HANDLER | ROLE_LEAD,
				   .scopes = ~0u };
	start = bench_ns();
	b->only = argc > 3 ? str_from(argv[3]) : S("");
	must(db_open(argv[1], (struct db_options){ .read_only = true }, &b->db, &err),
	     "cannot open the store", &err);
	prepare(b, &keep);
	(void)fprintf(stderr, "bench_query: samples read in %.1f s\n", (double)(bench_ns() - start) / 1e9);
	common_views(b, (int)calls);
	if (str_starts(S("any filter"), b->only))
		every_filter(b, (int)MAX(calls / 50, 3));
	const struct {
		const char *name;
		call_fn *call;
	} calls_of[] = {
		{ "home", home },
		{ "search an address", search_value },
		{ "search a number", search_number },
		{ "search a common word", search_common },
		{ "search a common and a rare word", search_two_words },
		{ "search, nothing there", search_nothing },
		{ "incident with 500 messages", long_incident },
		{ "incident", some_incident },
		{ "report, whole", some_report },
		{ "clock board", clock_board },
		{ "owner of an address", owner },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(calls_of); i++)
		measure(b, calls_of[i].name, calls_of[i].call, (int)calls);
	(void)printf("rss_kib\t%lld\n", (long long)bench_rss_kib(0));
	db_close(b->db);
	arena_done(&b->arena);
	arena_done(&keep);
	return 0;
}
