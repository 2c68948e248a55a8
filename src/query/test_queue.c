/* Queue pages: both ways to read one give the same rows, and no filter that is offered reads through all. */
#include <stdio.h>
#include <stdlib.h>
#include "access/identity.h"
#include "query/list_priv.h"
#include "schema_sql.h"

enum { ROWS = 700, PAGES_MAX = 100 };

static int wrong;

struct desk {
	struct arena a;
	struct db *db;
	struct identity me;
	struct view v;
};

static void script(struct desk *k, const char *text)
{
	struct err err = { 0 };
	if (!db_script(k->db, text, &err)) {
		(void)fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
}

static unsigned next(unsigned *seed)
{
	return *seed = *seed * 1103515245u + 12345u, *seed >> 16;
}

/* Few values of each column, so that most combinations are there and many rows are equal to sort by. */
static void fill(struct desk *k)
{
	static const char *const of_incidents[] = { "new",    "open",     "waiting",
						    "closed", "reopened", "merged" };
	static const char *const of_reports[] = { "new", "attached", "rejected" };
	const char *hex = db_engine(k->db) == DB_POSTGRES ? "'\\x" : "x'";
	struct buf all;
	unsigned seed = 3;
	buf_init(&all, &k->a, 1 << 20);
	for (int i = 0; i < ROWS; i++) {
		char id[50], owner[50] = "NULL", due[20] = "NULL";
		bool report = next(&seed) % 3 == 0;
		(void)snprintf(id, sizeof(id), "%s%032x'", hex, i + 1);
		if (next(&seed) % 3)
			(void)snprintf(owner, sizeof(owner), "%s%032x'", hex, 1 + next(&seed) % 2);
		if (next(&seed) % 2)
			(void)snprintf(due, sizeof(due), "%u", next(&seed) % 9);
		buf_printf(&all,
			   "INSERT INTO queue (id, team, kind, number, state, owner, due, sector, class, "
			   "band, tlp, received, changed) VALUES (%s, '%s', %d, 'N', '%s', %s, %s, 's%u', ",
			   id, next(&seed) % 2 ? "ncert" : "banking", report ? 1 : 2,
			   report ? of_reports[next(&seed) % 3] : of_incidents[next(&seed) % 6], owner, due,
			   next(&seed) % 2);
		buf_printf(&all, "'c%u', %u, 3, %u, %u);\n", next(&seed) % 2, next(&seed) % 4,
			   next(&seed) % 50, next(&seed) % 50);
	}
	script(k, arena_cstr(&k->a, buf_str(&all)));
}

static struct db_rows ask(struct desk *k, const struct queue_text *b, const char *before, int columns,
			  const enum db_type *types)
{
	str text = arena_printf(&k->a, "%s" STR_FMT, before, STR_ARG(buf_str(&b->text)));
	struct db_statement s = { .name = "test", .params = b->count, .columns = columns, .types = types };
	struct db_rows rows;
	struct err err = { 0 };
	s.text[db_engine(k->db)] = arena_cstr(&k->a, text);
	if (!db_query(k->db, &s, b->params, &k->a, &rows, &err)) {
		(void)fprintf(stderr, "%s\n" STR_FMT "\n", err.text, STR_ARG(text));
		exit(1);
	}
	return rows;
}

/* The ids of all pages, one after another. */
static str ids(struct desk *k, const struct queue_filter *f, enum queue_way way)
{
	static const enum db_type types[] = { DB_BLOB, DB_INT };
	struct queue_cursor after = { 0 };
	struct buf all;
	buf_init(&all, &k->a, 1 << 20);
	for (int page = 0; page < PAGES_MAX; page++) {
		struct queue_text b;
		queue_page_text(&b, &k->v, f, way, &after);
		struct db_rows rows = ask(k, &b, "", 2, types);
		for (ptrdiff_t i = 0; i < MIN(rows.count, f->limit); i++) {
			buf_add(&all, rows.values[2 * i].s);
			memcpy(after.id.b, rows.values[2 * i].s.ptr, 16);
			after.key = rows.values[2 * i + 1].i;
			after.is = true;
		}
		if (rows.count <= f->limit)
			return buf_str(&all);
	}
	ASSERT(!"pages come to an end");
	return S("");
}

static void complain(const struct queue_filter *f, const char *what, str plan)
{
	(void)fprintf(stderr,
		      "kind %d sort %d state " STR_FMT " owner %d%d sector " STR_FMT " class " STR_FMT
		      " band %lld: %s\n" STR_FMT,
		      (int)f->kind, (int)f->sort, STR_ARG(f->state), f->owner_none, f->owner_is,
		      STR_ARG(f->sector), STR_ARG(f->class), (long long)f->band, what, STR_ARG(plan));
	wrong++;
}

static str plan(struct desk *k, const struct queue_text *b)
{
	static const enum db_type types[] = { DB_INT, DB_INT, DB_INT, DB_TEXT };
	struct db_rows rows = ask(k, b, "EXPLAIN QUERY PLAN ", 4, types);
	struct buf out;
	buf_init(&out, &k->a, 1 << 16);
	for (ptrdiff_t i = 0; i < rows.count; i++)
		buf_printf(&out, "  " STR_FMT "\n", STR_ARG(rows.values[4 * i + 3].s));
	return buf_str(&out);
}

static bool has(str text, const char *words)
{
	return str_find(text, str_from(words)) >= 0;
}

/* Each filter is sought by, but of one officer's cases the class within all sectors. */
static void check_gathered(const struct queue_filter *f, str p)
{
	if (has(p, "SCAN queue") || !has(p, "SEARCH queue USING") || !has(p, "team=?") ||
	    !has(p, "state=?") || !has(p, "band=?"))
		complain(f, "is not sought", p);
	if (f->owner_is ? !has(p, "owner=?") : !has(p, "<expr>=? AND <expr>=?"))
		complain(f, "reads through all owners' or clocks'", p);
	if ((f->sector.len && !has(p, "sector=?")) ||
	    (f->class.len && !(f->owner_is && !f->sector.len) && !has(p, "class=?")))
		complain(f, "reads through all sectors or classes", p);
}

static void check_plans(struct desk *k, const struct queue_filter *f)
{
	struct queue_text b;
	struct queue_cursor first = { 0 }, deep = { .key = 2, .id = { { 9 } }, .is = true };
	bool narrow = f->kind == QUEUE_INCIDENTS &&
		      (f->owner_is || f->owner_none || f->sector.len || f->class.len || f->band >= 0);
	queue_page_text(&b, &k->v, f, QUEUE_WALK, &first);
	str p = plan(k, &b);
	if (has(p, "TEMP B-TREE") || !has(p, "SEARCH queue USING COVERING INDEX") || !has(p, "team=?"))
		complain(f, "the first page does not walk along an index", p);
	queue_page_text(&b, &k->v, f, QUEUE_WALK, &deep);
	p = plan(k, &b);
	if (has(p, "TEMP B-TREE") || !has(p, "SEARCH queue USING COVERING INDEX") ||
	    !(has(p, ")<(?,?)") || has(p, ")>(?,?)") || has(p, "band=? AND id<?") ||
	      (f->sort == SORT_DUE && has(p, "team=? AND <expr>>?"))))
		complain(f, "a deep page does not begin where it should", p);
	queue_count_text(&b, &k->v, f);
	p = plan(k, &b);
	if (!has(p, "SEARCH queue USING COVERING INDEX"))
		complain(f, "the count looks up each row", p);
	if (!narrow)
		return;
	check_gathered(f, p);
	queue_page_text(&b, &k->v, f, QUEUE_GATHER, &first);
	p = plan(k, &b);
	check_gathered(f, p);
	if (f->owner_is && !has(p, "COVERING INDEX"))
		complain(f, "somebody's own cases are looked up row by row", p);
}

/* By due time all are there, as by any other sort: those without one behind the others. */
static void check_all_there(struct desk *k, struct queue_filter f)
{
	str by_due = ids(k, &f, QUEUE_WALK);
	f.sort = SORT_CHANGED;
	if (by_due.len != ids(k, &f, QUEUE_WALK).len)
		complain(&f, "by due time there are fewer", S(""));
}

static void check(struct desk *k, struct queue_filter f)
{
	arena_reset(&k->a);
	if (f.sort == SORT_DUE)
		check_all_there(k, f);
	if (f.kind == QUEUE_INCIDENTS && !str_eq(ids(k, &f, QUEUE_WALK), ids(k, &f, QUEUE_GATHER)))
		complain(&f, "the two ways find different rows", S(""));
	if (db_engine(k->db) == DB_SQLITE)
		check_plans(k, &f);
}

static void check_kind(struct desk *k, enum queue_kind kind, enum queue_sort sort, const char *state)
{
	for (int bits = 0; bits < (kind == QUEUE_REPORTS ? 3 : 24); bits++)
		check(k, (struct queue_filter){ .kind = kind,
						.sort = sort,
						.state = str_from(state),
						.owner_none = bits % 3 == 1,
						.owner_is = bits % 3 == 2,
						.owner = { { [15] = 1 } },
						.sector = bits / 3 & 1 ? S("s1") : S(""),
						.class = bits / 6 & 1 ? S("c0") : S(""),
						.band = bits / 12 & 1 ? 2 : -1,
						.limit = 20 });
}

static void check_engine(const char *where)
{
	static const char *const of_reports[] = { "", "all", "new", "attached", "rejected" };
	static const char *const of_incidents[] = { "",        "all",    "active",   "new",   "open",
						    "waiting", "closed", "reopened", "merged" };
	struct desk k = { .me = { .team = S("ncert"), .roles = ROLE_HANDLER, .scopes = ~0u } };
	struct arena keep;
	struct err err = { 0 };
	arena_init(&keep, 1 << 20, 1 << 20);
	arena_init(&k.a, 64 << 20, 64 << 20);
	if (!db_open(where, (struct db_options){ 0 }, &k.db, &err)) {
		(void)fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	bool server = db_engine(k.db) == DB_POSTGRES;
	if (server)
		script(&k, "DROP SCHEMA IF EXISTS test_queue CASCADE; CREATE SCHEMA test_queue; "
			   "SET search_path TO test_queue");
	script(&k, schema_sql[db_engine(k.db)]);
	fill(&k);
	k.v = (struct view){ .db = k.db, .a = &k.a, .who = &k.me };
	ASSERT(release_scope(&keep, &k.me, &k.v.scope, &err));
	for (ptrdiff_t i = 0; i < COUNTOF(of_reports); i++)
		check_kind(&k, QUEUE_REPORTS, SORT_RECEIVED, of_reports[i]);
	for (int sort = SORT_RECEIVED; sort <= SORT_BAND; sort++)
		for (ptrdiff_t i = 0; i < COUNTOF(of_incidents); i++)
			check_kind(&k, QUEUE_INCIDENTS, (enum queue_sort)sort, of_incidents[i]);
	if (server)
		script(&k, "DROP SCHEMA test_queue CASCADE");
	db_close(k.db);
	arena_done(&k.a);
	arena_done(&keep);
}

int main(void)
{
	const char *server = getenv("NAUBAT_TEST_PG");
	check_engine(":memory:");
	if (server != NULL)
		check_engine(server);
	else
		(void)puts("skipped: PostgreSQL part: NAUBAT_TEST_PG is not set");
	return wrong > 0;
}
