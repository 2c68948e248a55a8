/* Storing a batch of the search index: a thing has one document a team, of its newest words, however its
 * entries fall into batches; what was purged or shut out meanwhile has none. */
#include <stdio.h>
#include <stdlib.h>
#include "schema_sql.h"
#include "state/search.h"

struct desk {
	struct arena a;
	struct db *db;
	bool pg;
	int64_t size;
};

static void must(bool ok, const struct err *err)
{
	if (ok)
		return;
	(void)fprintf(stderr, "%s\n", err->text);
	exit(1);
}

static void script(struct desk *k, str text)
{
	struct err err = { 0 };
	must(db_script(k->db, arena_cstr(&k->a, text), &err), &err);
}

static str blob(struct desk *k, int thing)
{
	return arena_printf(&k->a, "%s%032x'", k->pg ? "'\\x" : "x'", thing);
}

static void append(struct desk *k, const char *kind, int thing, const char *payload)
{
	str id = blob(k, thing);
	script(k, arena_printf(&k->a,
			       "INSERT INTO journal_entry (seq, kind, subject, header, hash, payload) VALUES "
			       "(%lld, '%s', " STR_FMT ", '', " STR_FMT ", '%s'); "
			       "UPDATE journal_head SET size = %lld",
			       (long long)k->size, kind, STR_ARG(id), STR_ARG(id), payload,
			       (long long)k->size + 1));
	k->size++;
}

static void let_in(struct desk *k, int thing, const char *team)
{
	str id = blob(k, thing);
	script(k, arena_printf(&k->a,
			       "INSERT INTO access (id, team, coordinator) VALUES (" STR_FMT ", '%s', 0); "
			       "INSERT INTO queue (id, team, kind, number, state, sector, class, band, tlp, "
			       "received, changed) VALUES (" STR_FMT ", '%s', 1, 'N-%d', 'new', '', '', 0, "
			       "3, 1, 1)",
			       STR_ARG(id), team, STR_ARG(id), team, thing));
}

static void write_words(struct desk *k, int thing, const char *word)
{
	str payload = arena_printf(&k->a, "{\"title\":\"%s\"}", word), id = blob(k, thing);
	int64_t seq = k->size;
	append(k, "report.content", thing, arena_cstr(&k->a, payload));
	script(k, arena_printf(&k->a,
			       "INSERT INTO content (id, kind, seq, body) VALUES (" STR_FMT
			       ", 'report.content', %lld, '" STR_FMT "') ON CONFLICT (id) DO UPDATE SET "
			       "seq = excluded.seq, body = excluded.body",
			       STR_ARG(id), (long long)seq, STR_ARG(payload)));
}

static void gather(struct desk *k, int64_t most, struct search_batch *batch)
{
	struct err err = { 0 };
	int64_t from;
	must(search_cursor(k->db, &k->a, &from, &err) &&
		     search_gather(k->db, &k->a, from, most, batch, &err),
	     &err);
}

static void store(struct desk *k, const struct search_batch *batch)
{
	struct err err = { 0 };
	must(db_begin(k->db, &err) && search_store(k->db, &k->a, batch, &err) && db_commit(k->db, &err),
	     &err);
}

/* All that waits, in batches of so many entries. */
static void index_all(struct desk *k, int64_t most)
{
	struct search_batch batch;
	for (gather(k, most, &batch); batch.to > batch.from; gather(k, most, &batch))
		store(k, &batch);
}

static int64_t count(struct desk *k, const char *sqlite, const char *pg, str value)
{
	static const enum db_type type[] = { DB_INT };
	struct db_statement s = { "count", { sqlite, pg }, value.len ? 1 : 0, 1, type, NULL };
	struct db_value param = { DB_TEXT, 0, value };
	struct db_rows rows;
	struct err err = { 0 };
	must(db_query(k->db, &s, &param, &k->a, &rows, &err), &err);
	return rows.values[0].i;
}

static int64_t documents(struct desk *k)
{
	static const char all[] = "SELECT count(*) FROM search_document";
	return count(k, all, all, S(""));
}

static int64_t found(struct desk *k, const char *team, const char *word)
{
	str value = str_from(word);
	return count(k, "SELECT count(*) FROM search_index WHERE search_index MATCH ?1",
		     "SELECT count(*) FROM search_index WHERE words @> string_to_array($1, ' ')",
		     search_terms(&k->a, str_from(team), SEARCH_ANY, &value, 1));
}

static void test_newest_words(struct desk *k)
{
	let_in(k, 1, "ncert");
	let_in(k, 1, "banking");
	write_words(k, 1, "wombat");
	write_words(k, 1, "quokka");    /* in the same batch */
	index_all(k, 50);
	ASSERT(documents(k) == 2 && found(k, "ncert", "wombat") == 0 && found(k, "ncert", "quokka") == 1);
	ASSERT(found(k, "banking", "quokka") == 1);
	write_words(k, 1, "numbat");    /* in batches of their own */
	write_words(k, 1, "dingo");
	index_all(k, 1);
	ASSERT(documents(k) == 2 && found(k, "ncert", "quokka") == 0 && found(k, "ncert", "numbat") == 0);
	ASSERT(found(k, "ncert", "dingo") == 1 && found(k, "banking", "dingo") == 1);
}

static void test_purged_meanwhile(struct desk *k)
{
	struct search_batch batch;
	let_in(k, 2, "ncert");
	let_in(k, 3, "ncert");
	write_words(k, 2, "potoroo");
	write_words(k, 3, "bilby");
	gather(k, 50, &batch);
	script(k, arena_printf(&k->a, "UPDATE journal_entry SET payload = NULL WHERE seq = %lld",
			       (long long)k->size - 2));
	store(k, &batch);
	ASSERT(found(k, "ncert", "potoroo") == 0 && found(k, "ncert", "bilby") == 1 && documents(k) == 3);
}

static void test_let_in_and_out(struct desk *k)
{
	let_in(k, 3, "banking");        /* its words are older than the batch */
	append(k, "access.granted", 3, "{\"team\":\"banking\"}");
	index_all(k, 50);
	ASSERT(found(k, "banking", "bilby") == 1 && documents(k) == 4);
	append(k, "access.withdrawn", 3, "{\"team\":\"banking\"}");
	append(k, "access.granted", 3, "{\"team\":\"banking\"}");
	append(k, "access.withdrawn", 3, "{\"team\":\"banking\"}");
	index_all(k, 50);
	ASSERT(found(k, "banking", "bilby") == 0 && found(k, "ncert", "bilby") == 1 && documents(k) == 3);
	append(k, "access.granted", 2, "{\"team\":\"banking\"}");       /* of purged words */
	let_in(k, 2, "banking");
	index_all(k, 50);
	ASSERT(found(k, "banking", "potoroo") == 0 && documents(k) == 3);
}

static void check_engine(const char *where)
{
	struct desk k = { 0 };
	struct err err = { 0 };
	arena_init(&k.a, 64 << 20, 64 << 20);
	must(db_open(where, (struct db_options){ 0 }, &k.db, &err), &err);
	k.pg = db_engine(k.db) == DB_POSTGRES;
	if (k.pg)
		script(&k, S("DROP SCHEMA IF EXISTS test_search CASCADE; CREATE SCHEMA test_search; "
			     "SET search_path TO test_search"));
	script(&k, str_from(schema_sql[db_engine(k.db)]));
	str none = blob(&k, 0);
	script(&k, arena_printf(&k.a, "INSERT INTO journal_head (id, epoch, size, prev, frontier) VALUES "
				      "(1, 1, 0, " STR_FMT ", " STR_FMT ")", STR_ARG(none), STR_ARG(none)));
	test_newest_words(&k);
	test_purged_meanwhile(&k);
	test_let_in_and_out(&k);
	if (k.pg)
		script(&k, S("DROP SCHEMA test_search CASCADE"));
	db_close(k.db);
	arena_done(&k.a);
}

int main(void)
{
	const char *server = getenv("NAUBAT_TEST_PG");
	check_engine(":memory:");
	if (server != NULL)
		check_engine(server);
	else
		(void)puts("skipped: PostgreSQL part: NAUBAT_TEST_PG is not set");
	return 0;
}
