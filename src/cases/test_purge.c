/* A purge takes the words and leaves the proof: verify is green and counts it, a rebuild is equal, the
 * bytes are gone. */
#include "cases/purge.h"

#include <stdio.h>
#include <stdlib.h>
#include "access/identity.h"
#include "crypto/crypto.h"
#include "format/json.h"
#include "journal/verify.h"
#include "os/files.h"
#include "state/digest.h"
#include "state/search.h"

#define OK(call)                                                                    \
	do {                                                                        \
		if (!(call)) {                                                      \
			(void)fprintf(stderr, "line %d: %s\n", __LINE__, err.text); \
			ASSERT(!#call);                                             \
		}                                                                   \
	} while (0)

static const struct world world = { .team = { "banking", 7 }, .prefix = { "DEMO", 4 } };
static const struct identity handler = {
	.account = { { 1 } }, .team = { "banking", 7 }, .roles = ROLE_HANDLER, .scopes = ~0u
};
static const struct identity lead = {
	.account = { { 2 } }, .team = { "banking", 7 }, .roles = ROLE_HANDLER | ROLE_LEAD, .scopes = ~0u
};
static const struct identity other = {
	.account = { { 3 } }, .team = { "telecom", 7 }, .roles = ROLE_LEAD | ROLE_HANDLER, .scopes = ~0u
};
static const struct identity auditor = {
	.account = { { 4 } }, .team = { "council", 7 }, .roles = ROLE_AUDITOR, .scopes = ~0u
};

struct file_report {
	struct uuid id;
	const char *number, *title, *text, *raw;
};

static bool file_report(struct decision *d, void *arg, struct err *err)
{
	struct file_report *c = arg;
	struct json *p = json_object(d->arena), *words = json_object(d->arena), *teams = json_array(d->arena),
		    *team = json_object(d->arena);
	struct hash256 raw;
	c->id = decision_new_id(d);
	if (!journal_blob_store(d->db, str_from(c->raw), &raw, err))
		return false;
	static const char *const texts[] = { "channel", "state", "class", "sector" };
	for (ptrdiff_t i = 0; i < COUNTOF(texts); i++)
		json_set_str(p, texts[i], S("x"));
	json_set_str(p, "number", str_from(c->number));
	json_set_instant(p, "received", d->now);
	json_set_str(p, "team", S("banking"));
	json_set_int(p, "tlp", TLP_GREEN);
	json_set_bool(p, "anonymous", false);
	json_set_bool(p, "presumed", false);
	json_set_bool(p, "unreadable", false);
	json_set_str(p, "raw", hash256_hex(d->arena, raw));
	json_set_str(team, "team", S("banking"));
	json_set_bool(team, "coordinator", true);
	json_append(teams, team);
	json_set(p, "teams", teams);
	json_set(p, "clocks", json_array(d->arena));
	json_set_str(words, "title", str_from(c->title));
	json_set_str(words, "text", str_from(c->text));
	struct draft draft = draft_of("report.received", c->id, S("banking"), TLP_GREEN, p);
	draft.content = words;
	decision_add(d, draft);
	return true;
}

struct set_hold {
	struct uuid id;
	bool lift;
};

static bool set_hold(struct decision *d, void *arg, struct err *err UNUSED)
{
	struct set_hold *c = arg;
	decision_add(d,
		     draft_of(c->lift ? "hold.lifted" : "hold.set", c->id, S("banking"), TLP_UNMARKED, NULL));
	return true;
}

static struct command run(struct writer *w, const struct identity *who,
			  bool (*decide)(struct decision *, void *, struct err *), void *arg)
{
	struct command c = { .name = "test", .actor = who->account, .decide = decide, .arg = arg };
	(void)writer_run(w, &c);
	return c;
}

static void must(struct command c)
{
	if (!c.ok)
		(void)fprintf(stderr, "%s\n", c.err.text);
	ASSERT(c.ok);
}

static void must_not(struct command c, enum err_code code)
{
	if (c.ok || c.err.code != code)
		(void)fprintf(stderr, "code %d: %s\n", (int)c.err.code, c.err.text);
	ASSERT(!c.ok && c.err.code == code);
}

static struct command ask(struct writer *w, const struct identity *who, struct uuid target)
{
	return run(w, who, purge_ask_decide,
		   &(struct purge_ask){ &world, who, -1, target, S("court order 12") });
}

static struct command confirm(struct writer *w, const struct identity *who, struct uuid purge)
{
	return run(w, who, purge_confirm_decide, &(struct purge_confirm){ &world, who, purge });
}

static void test_rules(struct writer *w, struct uuid report)
{
	must_not(ask(w, &other, report), ERR_MISSING);
	must_not(run(w, &handler, purge_ask_decide,
		     &(struct purge_ask){ &world, &handler, 0, { { 0 } }, S("x") }),
		 ERR_INPUT);
	must_not(run(w, &handler, purge_ask_decide,
		     &(struct purge_ask){ &world, &handler, 1, { { 0 } }, S(" ") }),
		 ERR_INPUT);
	must_not(run(w, &handler, purge_ask_decide,
		     &(struct purge_ask){ &world, &handler, 99, { { 0 } }, S("x") }),
		 ERR_MISSING);
	must(run(w, &lead, set_hold, &(struct set_hold){ report, false }));
	must_not(ask(w, &handler, report), ERR_CONFLICT);
	must(run(w, &lead, set_hold, &(struct set_hold){ report, true }));
}

static void purge(struct writer *w, struct uuid report, const struct identity *second)
{
	struct command asked = ask(w, &lead, report);
	must(asked);
	struct uuid id = asked.receipt.subject;
	must_not(ask(w, &handler, report), ERR_CONFLICT);
	must_not(confirm(w, &lead, id), ERR_DENIED);    /* the same person */
	must_not(confirm(w, &handler, id), ERR_DENIED); /* no lead, no auditor */
	must_not(confirm(w, &other, id), ERR_MISSING);
	must(run(w, &lead, set_hold, &(struct set_hold){ report, false }));
	must_not(confirm(w, second, id), ERR_CONFLICT); /* a hold that came between */
	must(run(w, &lead, set_hold, &(struct set_hold){ report, true }));
	must(confirm(w, second, id));
	must_not(confirm(w, second, id), ERR_CONFLICT);
}

static struct db *open_store(const char *where)
{
	struct db *db;
	struct err err = { 0 };
	OK(db_open(where, (struct db_options){ 0 }, &db, &err));
	return db;
}

/* The rows of a table that hold a word, in any column that could. */
static int64_t rows_with(const char *store, const char *text)
{
	static const enum db_type types[] = { DB_INT };
	struct db_statement s = { .name = "test", .text = { text, text }, .columns = 1, .types = types };
	struct db *db = open_store(store);
	struct db_rows rows;
	struct arena a;
	struct err err = { 0 };
	arena_init(&a, 1 << 20, 1 << 24);
	OK(db_query(db, &s, NULL, &a, &rows, &err));
	int64_t n = rows.values[0].i;
	arena_done(&a);
	db_close(db);
	return n;
}

static void check_proof(const char *store, const char *copy)
{
	struct err err = { 0 };
	struct verify_report r;
	struct hash256 live, rebuilt;
	struct db *db = open_store(store);
	OK(verify_store(db, &(struct verify_options){ 0 }, &r, &err));
	if (!r.ok)
		(void)fprintf(stderr, "%s\n", r.statement);
	ASSERT(r.ok && r.purged == 2);
	OK(commit_rebuild(store, copy, (struct rebuild_progress){ 0 }, &err));
	OK(state_digest(db, &live, &err));
	db_close(db);
	db = open_store(copy);
	OK(state_digest(db, &rebuilt, &err));
	db_close(db);
	ASSERT(hash256_eq(live, rebuilt));
}

static void index_all(const char *store)
{
	struct err err = { 0 };
	OK(commit_index_words(store, (struct rebuild_progress){ 0 }, &err));
}

/* How many documents of the team have the word. */
static int64_t found(const char *store, const char *word)
{
	struct arena a;
	struct db *db;
	struct db_rows rows;
	struct err err = { 0 };
	static const enum db_type type[] = { DB_INT };
	struct db_statement s = { "found",
				  { "SELECT count(*) FROM search_index WHERE search_index MATCH ?1",
				    "SELECT count(*) FROM search_index WHERE words @> string_to_array($1, "
				    "' ')" },
				  1,
				  1,
				  type,
				  NULL };
	arena_init(&a, 1 << 20, 1 << 24);
	str value = str_from(word);
	struct db_value words = { DB_TEXT, 0, search_terms(&a, S("banking"), SEARCH_ANY, &value, 1) };
	OK(db_open(store, (struct db_options){ .read_only = true }, &db, &err));
	OK(db_query(db, &s, &words, &a, &rows, &err));
	int64_t n = rows.values[0].i;
	db_close(db);
	arena_done(&a);
	return n;
}

static void test_engine(const char *store, const char *copy)
{
	struct clock_fake clock;
	struct rng_seeded rng;
	struct writer *w;
	struct err err = { 0 };
	struct file_report one = { .number = "DEMO-1",
				   .title = "Zanzibar letter",
				   .text = "the quokka paragraph",
				   .raw = "originalwombatbytes" };
	struct file_report two = { .number = "DEMO-2",
				   .title = "zanzibar again",
				   .text = "the numbat paragraph",
				   .raw = "sharedbytes" };
	struct file_report three = {
		.number = "DEMO-3", .title = "other", .text = "stays", .raw = "sharedbytes"
	};
	clock_fake_init(&clock, (struct instant){ SECONDS(1764000000) });
	rng_seeded_init(&rng, S("purge"));
	OK(commit_create_store(store, &err));
	OK(writer_open((struct writer_options){ .store = store, .clock = &clock.clock, .rng = &rng.rng }, &w,
		       &err));
	must(run(w, &handler, file_report, &one));
	must(run(w, &handler, file_report, &two));
	must(run(w, &handler, file_report, &three));
	index_all(store);
	ASSERT(found(store, "zanzibar") == 2 && found(store, "quokka") == 1 && found(store, "DEMO-1") == 1);
	test_rules(w, one.id);
	purge(w, one.id, &auditor);
	purge(w, two.id, &auditor);
	writer_close(w);
	ASSERT(rows_with(store, "SELECT count(*) FROM journal_blob") == 1); /* the shared bytes */
	ASSERT(found(store, "zanzibar") == 0 && found(store, "DEMO-1") == 0 && found(store, "other") == 1);
	index_all(store); /* no later turn of the index brings it back */
	ASSERT(found(store, "quokka") == 0 && found(store, "stays") == 1);
	ASSERT(rows_with(store, "SELECT count(*) FROM content WHERE body LIKE '%paragraph%'") == 0);
	check_proof(store, copy);
}

static void test_bytes_gone(struct arena *a, const char *store)
{
	static const char *const words[] = { "quokka", "Zanzibar", "zanzibar", "wombat", "numbat" };
	struct err err = { 0 };
	str bytes;
	OK(files_read(a, store, 64 << 20, &bytes, &err));
	ASSERT(str_find(bytes, S("stays")) > 0 && str_find(bytes, S("sharedbytes")) > 0);
	for (ptrdiff_t i = 0; i < COUNTOF(words); i++)
		ASSERT(str_find(bytes, str_from(words[i])) < 0);
	ASSERT(!files_exist(arena_printf(a, "%s-wal", store).ptr));
}

/* In schemas of its own, as test_db does. */
static void test_postgresql(struct arena *a, const char *url)
{
	struct err err = { 0 };
	struct db *db = open_store(url);
	const char *join = str_find_char(str_from(url), '?') < 0 ? "?" : "&";
	OK(db_script(db,
		     "DROP SCHEMA IF EXISTS test_purge CASCADE; CREATE SCHEMA test_purge; "
		     "DROP SCHEMA IF EXISTS test_purge_copy CASCADE; CREATE SCHEMA test_purge_copy",
		     &err));
	test_engine(arena_printf(a, "%s%soptions=-csearch_path%%3Dtest_purge", url, join).ptr,
		    arena_printf(a, "%s%soptions=-csearch_path%%3Dtest_purge_copy", url, join).ptr);
	OK(db_script(db, "DROP SCHEMA test_purge CASCADE; DROP SCHEMA test_purge_copy CASCADE", &err));
	db_close(db);
}

int main(void)
{
	char folder[] = "/tmp/naubat-test-purge-XXXXXX";
	const char *url = getenv("NAUBAT_TEST_PG");
	struct err err = { 0 };
	struct arena a;
	OK(crypto_init(&err));
	ASSERT(mkdtemp(folder) != NULL);
	arena_init(&a, 128 << 20, 256 << 20);
	const char *store = arena_printf(&a, "%s/a", folder).ptr;
	test_engine(store, arena_printf(&a, "%s/b", folder).ptr);
	test_bytes_gone(&a, store);
	if (url != NULL)
		test_postgresql(&a, url);
	else
		(void)puts("skipped: PostgreSQL part: NAUBAT_TEST_PG is not set");
	if (system(arena_printf(&a, "rm -r %s", folder).ptr) != 0)
		(void)fprintf(stderr, "%s is left behind\n", folder);
	arena_done(&a);
	return 0;
}
