/* Every kind of entry there is, taken from the table that apply itself runs by, so that a new kind is
 * tested without
 * being named here.
 *
 * Statements fit both engines; wrong payloads are refused, whatever is wrong with them; a journal of all
 * kinds with
 * random payloads gives the same digest when it is rebuilt, on the same engine and on the other, and the same
 * indexes.  A rebuild that was stopped or killed has left nothing, and can be made again.
 */
#include "commit/commit.h"

#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "apply_table.h"
#include "base/text.h"
#include "crypto/random.h"
#include "format/json.h"
#include "schema_sql.h"
#include "state/apply.h"
#include "state/digest.h"
#include "state/indexes.h"
#include "state/search.h"

enum { POOL = 60, ENTRIES = 1200, PARAMS_MAX_OF_APPLY = 24, LIST_MAX = 3 };

struct maker {
	struct rng_seeded rng;
	struct uuid pool[POOL]; /* subjects so far, and what payloads point to */
	int64_t unique;
	int64_t now;
};

static int wrong;

static void complain(const char *what, const char *kind, const char *which, const struct err *err)
{
	fprintf(stderr, "%s %s: %s (%d %s)\n", kind, which, what, err ? (int)err->code : 0,
		err ? err->text : "");
	wrong++;
}

static int below(struct maker *m, int limit)
{
	return (int)rng_below(&m->rng.rng, (uint64_t)limit);
}

static struct uuid new_id(struct maker *m)
{
	uint8_t random[10];
	m->rng.rng.fill(&m->rng.rng, random, sizeof(random));
	m->pool[below(m, POOL)] = uuid_make((struct instant){ m->now }, random);
	return uuid_make((struct instant){ m->now }, random);
}

static str some_text(struct maker *m, struct arena *a, const char *name)
{
	static const char *const words[] = { "",
					     "a",
					     "running",
					     "new",
					     "open",
					     "late",
					     "b\xc3\xa9",
					     "\xd9\x86\xd9\x88",
					     "Z",
					     "a b",
					     "quote \" and \\ and \n",
					     "zz" };
	static const char *const teams[] = { "ncert", "banking", "telecom" };
	str n = str_from(name);
	if (str_eq(n, S("number")) || str_eq(n, S("login")))
		return arena_printf(a, "%s-%lld", name, (long long)++m->unique);
	if (str_eq(n, S("team")))
		return str_from(teams[below(m, 3)]);
	return str_from(words[below(m, COUNTOF(words))]);
}

/* Of clocks in a list: every id is a new row's. */
static struct uuid some_id(struct maker *m, bool fresh)
{
	return fresh ? new_id(m) : m->pool[below(m, POOL)];
}

static void put(struct maker *m, struct arena *a, struct json *object, const struct apply_param *p,
		bool in_list)
{
	if (p->from_header || json_get(object, p->name))
		return;
	if (p->nullable && below(m, 4) == 0) {
		json_set(object, p->name, NULL);
		return;
	}
	switch (p->type) {
	case APPLY_UUID:
		json_set_uuid(object, p->name, some_id(m, in_list && str_eq(str_from(p->name), S("id"))));
		return;
	case APPLY_INSTANT:
		json_set_instant(object, p->name, (struct instant){ m->now + below(m, 1000000) });
		return;
	case APPLY_INT:
		json_set_int(object, p->name,
			     below(m, 4) ? below(m, 6) : ((int64_t)1 << 53) - 1 - below(m, 9));
		return;
	case APPLY_BOOL:
		json_set_bool(object, p->name, below(m, 2));
		return;
	case APPLY_TEXT:
		json_set_str(object, p->name, some_text(m, a, p->name));
		return;
	case APPLY_BLOB: {
		char bytes[16];
		m->rng.rng.fill(&m->rng.rng, bytes, sizeof(bytes));
		json_set_str(object, p->name, text_hex(a, (str){ bytes, sizeof(bytes) }));
		return;
	}
	}
}

/* A list that two statements read has the members of both. */
static struct json *list_of(struct maker *m, struct arena *a, struct json *payload, const char *name)
{
	struct json *list = (struct json *)(uintptr_t)json_get(payload, name);
	if (list)
		return list;
	list = json_array(a);
	for (int i = 1 + below(m, LIST_MAX); i > 0; i--)
		json_append(list, json_object(a));
	json_set(payload, name, list);
	return (struct json *)(uintptr_t)json_get(payload, name);
}

static struct json *make_payload(struct maker *m, struct arena *a, const struct apply_kind *kind)
{
	struct json *payload = json_object(a);
	static const char *const teams[] = { "ncert", "banking", "telecom" };
	for (int s = 0; s < kind->count; s++) {
		const struct apply_statement *x = &kind->statements[s];
		struct json *list = x->each ? list_of(m, a, payload, x->each) : NULL;
		for (ptrdiff_t i = 0; i < (list ? json_count(list) : 1); i++) {
			struct json *to = list ? (struct json *)(uintptr_t)json_at(list, i) : payload;
			if (list && str_eq(str_from(x->each), S("teams")))
				json_set_str(to, "team", str_from(teams[i]));
			for (int p = 0; p < x->count; p++)
				put(m, a, to, &x->params[p], list != NULL);
		}
	}
	for (const char *const *t = kind->timeline; t && *t; t++)
		if (!str_eq(str_from(*t), S("subject")) && json_get(payload, *t) == NULL && below(m, 2))
			json_set_uuid(payload, *t, some_id(m, false));
	return payload;
}

static struct entry make_entry(struct maker *m, struct arena *a, str kind)
{
	m->now += below(m, 5000000);
	return (struct entry){ .at = { m->now },
			       .actor = some_id(m, false),
			       .kind = kind,
			       .v = 1,
			       .subject = some_id(m, below(m, 2)),
			       .owner = some_text(m, a, "team"),
			       .audience = (enum audience_scope)below(m, 3),
			       .cause = -1,
			       .regime = S("test/1"),
			       .marking = S("TLP:AMBER") };
}

static bool append(struct db *db, struct maker *m, struct arena *a, struct entry *e,
		   const struct json *payload, struct err *err)
{
	struct journal j;
	uint8_t *salt = NEW(a, uint8_t, 32);
	m->rng.rng.fill(&m->rng.rng, salt, 32);
	e->salt = (str){ (const char *)salt, 32 };
	bool ok = json_canonical(a, payload, &e->payload, err) && db_begin(db, err) &&
		  journal_lock(&j, db, err) && journal_append(&j, a, e, err) &&
		  apply_entry(db, a, e, payload, err) && journal_store_head(&j, a, err) && db_commit(db, err);
	if (!ok)
		db_rollback(db);
	return ok;
}

static struct json *words(struct maker *m, struct arena *a)
{
	struct json *j = json_object(a), *list = json_array(a), *one = json_object(a);
	json_set_str(j, "title", arena_printf(a, "Words %d of a title", below(m, 100)));
	json_set_str(j, "reporter_contact", S("someone@reporter.example"));
	json_set_str(one, "value", S("203.0.113.7"));
	json_append(list, one);
	json_set(j, "observables", list);
	return j;
}

/* All kinds in turn, so that each has been written often, each time onto what the others left. */
static void fill_store(struct db *db, struct maker *m)
{
	struct arena a;
	ptrdiff_t *done = calloc((size_t)apply_kinds_count, sizeof(*done));
	arena_init(&a, 16 << 20, 64 << 20);
	for (int i = 0; i < ENTRIES; i++, arena_reset(&a)) {
		const struct apply_kind *kind = &apply_kinds[i % apply_kinds_count];
		struct err err = { 0 };
		str name = str_from(kind->kind);
		struct entry e = make_entry(m, &a, name);
		bool ok = append(db, m, &a, &e, make_payload(m, &a, kind), &err);
		if (!ok && err.code != ERR_CONFLICT)
			complain("a payload of the right types was refused", kind->kind, "", &err);
		done[i % apply_kinds_count] += ok;
		struct entry content = make_entry(
			m, &a, arena_printf(&a, STR_FMT ".content", STR_ARG(str_cut(name, '.').head)));
		content.subject = e.subject;
		if (ok && below(m, 2) && !append(db, m, &a, &content, words(m, &a), &err))
			complain("content was refused", kind->kind, "", &err);
	}
	for (ptrdiff_t k = 0; k < apply_kinds_count; k++)
		if (done[k] < 3)
			complain("hardly ever accepted: the test makes payloads that conflict",
				 apply_kinds[k].kind, "", NULL);
	free(done);
	arena_done(&a);
}

/* ---- wrong payloads */

enum {
	WRONG_INT,
	WRONG_REAL,
	WRONG_TEXT,
	WRONG_TRUE,
	WRONG_LIST,
	WRONG_OBJECT,
	WRONG_NULL,
	WRONG_ABSENT,
	WRONGS
};

static bool make_wrong(struct json *object, const struct apply_param *p, int how, struct arena *a)
{
	struct json *real;
	struct err err;
	switch (how) {
	case WRONG_INT:
		json_set_int(object, p->name, 7);
		return p->type != APPLY_INT;
	case WRONG_REAL:
		if (!json_parse(a, S("[1.5]"), (struct json_limits){ 0 }, &real, &err))
			return false;
		json_set(object, p->name, json_copy(a, json_at(real, 0)));
		return true;
	case WRONG_TEXT:
		json_set_str(object, p->name, S("x"));
		return p->type != APPLY_TEXT;
	case WRONG_TRUE:
		json_set_bool(object, p->name, true);
		return p->type != APPLY_BOOL;
	case WRONG_LIST:
		json_set(object, p->name, json_array(a));
		return true;
	case WRONG_OBJECT:
		json_set(object, p->name, json_object(a));
		return true;
	case WRONG_NULL:
		json_set(object, p->name, NULL);
		return !p->nullable;
	default:
		json_remove(object, p->name);
		return !p->nullable;
	}
}

static void refuse(struct db *db, struct maker *m, struct arena *a, const struct apply_kind *kind,
		   const struct json *payload, const char *which)
{
	struct err err = { 0 };
	struct entry e = make_entry(m, a, str_from(kind->kind));
	e.subject = new_id(m);
	ASSERT(db_begin(db, &err));
	if (apply_entry(db, a, &e, payload, &err))
		complain("a wrong payload was taken", kind->kind, which, NULL);
	else if (err.code != ERR_SYSTEM)
		complain("a wrong payload is our fault, and was said to be something else", kind->kind, which,
			 &err);
	db_rollback(db);
}

static void refuse_params(struct db *db, struct maker *m, const struct apply_kind *kind,
			  const struct apply_statement *s)
{
	struct arena a;
	arena_init(&a, 16 << 20, 64 << 20);
	for (int p = 0; p < s->count; p++) {
		for (int how = 0; how < WRONGS && !s->params[p].from_header; how++, arena_reset(&a)) {
			struct json *payload = make_payload(m, &a, kind);
			const struct json *to = s->each ? json_at(json_get(payload, s->each), 0) : payload;
			if (make_wrong((struct json *)(uintptr_t)to, &s->params[p], how, &a))
				refuse(db, m, &a, kind, payload, s->params[p].name);
		}
	}
	for (int how = 0; how < WRONGS && s->each; how++, arena_reset(&a)) {
		struct apply_param list = { .name = s->each,
					    .type = APPLY_UUID }; /* a type that nothing here is */
		struct json *payload = make_payload(m, &a, kind);
		if (how != WRONG_LIST && make_wrong(payload, &list, how, &a))
			refuse(db, m, &a, kind, payload, s->each);
	}
	arena_done(&a);
}

static void refuse_unknown(struct db *db, struct maker *m)
{
	static const struct {
		const char *kind;
		int v;
	} unknown[] = {
		{ "report.eaten", 1 },   { "", 1 },       { "report.received", 2 }, { "report.received", 0 },
		{ "report.content", 2 }, { "report", 1 }, { "zzz.zzz", 1 },         { "aaa.aaa", 1 },
	};
	struct arena a;
	struct err err = { 0 };
	arena_init(&a, 16 << 20, 64 << 20);
	ASSERT(db_begin(db, &err));
	for (ptrdiff_t i = 0; i < COUNTOF(unknown); i++) {
		struct entry e = make_entry(m, &a, str_from(unknown[i].kind));
		e.v = unknown[i].v;
		e.payload = S("{}");
		if (apply_known(e.kind, e.v) || apply_entry(db, &a, &e, json_object(&a), &err) ||
		    err.code != ERR_SYSTEM)
			complain("an unknown kind was taken", unknown[i].kind, "", &err);
	}
	db_rollback(db);
	arena_done(&a);
}

static void check_statements(struct db *db)
{
	for (ptrdiff_t k = 0; k < apply_kinds_count; k++) {
		if (!apply_known(str_from(apply_kinds[k].kind), apply_kinds[k].version))
			complain("not found in its own table", apply_kinds[k].kind, "", NULL);
		for (int s = 0; s < apply_kinds[k].count; s++) {
			const struct apply_statement *x = &apply_kinds[k].statements[s];
			struct err err = { 0 };
			if (x->count > PARAMS_MAX_OF_APPLY || !db_check(db, &x->sql, &err))
				complain("the engine refuses it", apply_kinds[k].kind, x->sql.name, &err);
		}
	}
}

static struct db *open_store(const char *store)
{
	struct db *db = NULL;
	struct err err = { 0 };
	if (!db_open(store, (struct db_options){ 0 }, &db, &err))
		complain("cannot be opened", store, "", &err);
	ASSERT(db != NULL);
	return db;
}

static struct hash256 digest(const char *store)
{
	struct hash256 h = { { 0 } };
	struct err err = { 0 };
	struct db *db = open_store(store);
	if (!state_digest(db, &h, &err))
		complain("no digest", store, "", &err);
	db_close(db);
	return h;
}

/* Without the indexes that a rebuild drops, no statement of apply walks a whole table. */
static void check_plan(struct db *db, struct arena *a, const struct db_statement *s)
{
	static const enum db_type types[] = { DB_INT, DB_INT, DB_INT, DB_TEXT };
	static const struct db_value none[PARAMS_MAX_OF_APPLY];
	struct db_statement explain = { .name = s->name, .params = s->params, .columns = 4, .types = types };
	struct db_rows rows;
	struct err err = { 0 };
	explain.text[DB_SQLITE] = arena_printf(a, "EXPLAIN QUERY PLAN %s", s->text[DB_SQLITE]).ptr;
	if (!db_query(db, &explain, none, a, &rows, &err)) {
		complain("no plan", "", s->name, &err);
		return;
	}
	for (ptrdiff_t i = 0; i < rows.count; i++) {
		str detail = rows.values[4 * i + 3].s;
		bool by_key = str_find(detail, S(" USING ")) >= 0;
		if (str_eq(detail, S("SCAN CONSTANT ROW")))
			continue;
		if (str_starts(detail, S("SCAN")) || (str_starts(detail, S("SEARCH")) && !by_key))
			complain("needs an index that a rebuild drops", "", s->name, NULL);
	}
}

static void check_plans(struct db *db)
{
	struct arena a;
	struct index_list dropped;
	struct err err = { 0 };
	arena_init(&a, 16 << 20, 64 << 20);
	ASSERT(db_begin(db, &err));
	if (!indexes_drop(db, &a, &dropped, &err) || dropped.count < 20)
		complain("the indexes are not dropped", "", "", &err);
	for (ptrdiff_t k = 0; k < apply_kinds_count; k++)
		for (int s = 0; s < apply_kinds[k].count; s++)
			check_plan(db, &a, &apply_kinds[k].statements[s].sql);
	db_rollback(db);
	arena_done(&a);
}

/* Without the name of the schema that PostgreSQL puts before the table's. */
static str columns_of(str definition)
{
	return str_sub(definition, str_find(definition, S(" USING ")), definition.len);
}

static void check_indexes(struct arena *a, const char *one, const char *other)
{
	struct index_list lists[2];
	struct err err = { 0 };
	for (int i = 0; i < 2; i++) {
		struct db *db = open_store(i ? other : one);
		ASSERT(db_begin(db, &err));
		if (!indexes_drop(db, a, &lists[i], &err))
			complain("the indexes are not listed", one, other, &err);
		db_rollback(db);
		db_close(db);
	}
	bool same = lists[0].count == lists[1].count;
	for (ptrdiff_t i = 0; same && i < lists[0].count; i++)
		same = str_eq(columns_of(lists[0].definitions[i]), columns_of(lists[1].definitions[i]));
	if (!same)
		complain("rebuilt it has other indexes", one, other, NULL);
}

/* All that search gathers from a store, in an arena of this size; how many batches it took. */
static ptrdiff_t gather(const char *store, ptrdiff_t soft, ptrdiff_t *out_documents)
{
	struct db *db = open_store(store);
	struct search_batch batch = { 0 };
	struct err err = { 0 };
	struct arena a;
	ptrdiff_t batches = 0;
	arena_init(&a, soft, 64 << 20);
	*out_documents = 0;
	do {
		arena_reset(&a);
		if (!search_gather(db, &a, batch.to, ENTRIES, &batch, &err)) {
			complain("not gathered", store, "", &err);
			break;
		}
		*out_documents += batch.count;
		batches++;
	} while (batch.to > batch.from);
	arena_done(&a);
	db_close(db);
	return batches;
}

static void check_gather(const char *store)
{
	ptrdiff_t all, parts;
	ptrdiff_t few = gather(store, 32 << 20, &all), many = gather(store, 256 << 10, &parts);
	if (all == 0 || all != parts || many <= few)
		complain("a small arena does not see the same in more batches", store, "", NULL);
}

static void check_altered(struct arena *a, const char *from, const char *dir)
{
	static const char *const changes[] = {
		"UPDATE journal_entry SET payload = payload || ' ' WHERE seq = 7",
		"UPDATE journal_entry SET salt = NULL WHERE seq = 7",
		"UPDATE journal_head SET prev = zeroblob(32)",
		"DELETE FROM journal_entry WHERE seq = 7",
		"DELETE FROM journal_entry WHERE seq >= 1000",
	};
	for (ptrdiff_t i = 0; i < COUNTOF(changes); i++) {
		struct err err = { 0 };
		const char *altered = arena_printf(a, "%s/altered%td.db", dir, i).ptr;
		const char *to = arena_printf(a, "%s/of-altered%td.db", dir, i).ptr;
		struct db *db = open_store(from);
		ASSERT(db_backup(db, altered, NULL, NULL, &err));
		db_close(db);
		db = open_store(altered);
		ASSERT(db_script(db, changes[i], &err));
		db_close(db);
		if (commit_rebuild(altered, to, (struct rebuild_progress){ 0 }, &err) ||
		    err.code != ERR_INPUT)
			complain("an altered journal was rebuilt", changes[i], "", &err);
	}
}

/* State that is not what the journal says shows in the comparison, and is not taken over. */
static void check_differing(struct arena *a, const char *from, const char *dir)
{
	static const char *const changes[] = {
		"UPDATE access SET team = team || 'x'",
		"DELETE FROM timeline",
		"DROP TABLE report",
	};
	struct hash256 right = digest(from);
	for (ptrdiff_t i = 0; i < COUNTOF(changes); i++) {
		struct err err = { 0 };
		struct rebuild_digests d = { 0 };
		const char *altered = arena_printf(a, "%s/differing%td.db", dir, i).ptr;
		const char *to = arena_printf(a, "%s/of-differing%td.db", dir, i).ptr;
		bool readable = i != 2;
		struct db *db = open_store(from);
		ASSERT(db_backup(db, altered, NULL, NULL, &err));
		db_close(db);
		db = open_store(altered);
		ASSERT(db_script(db, changes[i], &err));
		db_close(db);
		if (!commit_rebuild(altered, to, (struct rebuild_progress){ .digests = &d }, &err) ||
		    !hash256_eq(d.rebuilt, right) || d.compared != readable ||
		    (readable && hash256_eq(d.live, right)))
			complain("the comparison does not see it", changes[i], "", &err);
	}
}

/* Where a rebuild is stopped or killed. */
struct stop {
	const char *doing;
	bool kill;
};

static bool stop(void *ctx, const char *doing, int64_t done, int64_t total)
{
	struct stop *s = ctx;
	bool here = strcmp(doing, s->doing) == 0 && done == total;
	if (here && s->kill)
		(void)raise(SIGKILL);
	return !here;
}

static void check_stopped(const char *from, const char *to)
{
	static struct stop stops[] = {
		{ "entries", false }, { "indexes", false }, { "entries", true }, { "indexes", true }
	};
	for (ptrdiff_t i = 0; i < COUNTOF(stops); i++) {
		struct err err = { 0 };
		struct journal j;
		int status;
		struct rebuild_progress progress = { .step = stop, .ctx = &stops[i] };
		pid_t child = fork();
		if (child == 0)
			_exit(commit_rebuild(from, to, progress, &err) ? 0 : 1);
		ASSERT(waitpid(child, &status, 0) == child);
		if (stops[i].kill ? !WIFSIGNALED(status) : !WIFEXITED(status) || WEXITSTATUS(status) != 1)
			complain("was not stopped", from, stops[i].doing, NULL);
		struct db *db = open_store(to);
		if (journal_load(&j, db, &err))
			complain("half a store is taken for a whole one", to, stops[i].doing, NULL);
		db_close(db);
	}
}

static void rebuild(const char *from, const char *to, struct hash256 expected)
{
	struct err err = { 0 };
	struct rebuild_digests d = { 0 };
	if (!commit_rebuild(from, to, (struct rebuild_progress){ .digests = &d }, &err)) {
		complain("not rebuilt", from, to, &err);
		return;
	}
	if (d.entries < ENTRIES / 2 || !d.compared || !hash256_eq(d.live, expected) ||
	    !hash256_eq(d.rebuilt, expected))
		complain("compared wrongly", from, to, &d.err);
	struct hash256 h = digest(to);
	if (memcmp(h.b, expected.b, 32) != 0)
		complain("rebuilt it has another digest", from, to, NULL);
}

static void work(const char *store)
{
	struct maker m = { .now = SECONDS(1764000000) };
	struct err err = { 0 };
	rng_seeded_init(&m.rng, S("all kinds"));
	for (int i = 0; i < POOL; i++)
		m.pool[i] = (struct uuid){ { 9, (uint8_t)i } };
	if (!commit_create_store(store, &err))
		complain("not made", store, "", &err);
	struct hash256 empty = digest(store);
	struct db *db = open_store(store);
	check_statements(db);
	if (db_engine(db) == DB_SQLITE)
		check_plans(db);
	fill_store(db, &m);
	refuse_unknown(db, &m);
	for (ptrdiff_t k = 0; k < apply_kinds_count; k++)
		for (int s = 0; s < apply_kinds[k].count; s++)
			refuse_params(db, &m, &apply_kinds[k], &apply_kinds[k].statements[s]);
	db_close(db);
	struct hash256 full = digest(store);
	if (memcmp(full.b, empty.b, 32) == 0)
		complain("the digest does not see what was applied", store, "", NULL);
}

/* A schema of its own on the test's server, chosen by the URL so that every connection is in it. */
static str server_store(struct arena *a, const char *url, const char *schema, bool make)
{
	struct err err = { 0 };
	struct db *db = open_store(url);
	str script = arena_printf(
		a, make ? "DROP SCHEMA IF EXISTS %s CASCADE; CREATE SCHEMA %s" : "DROP SCHEMA %s CASCADE",
		schema, schema);
	if (!db_script(db, script.ptr, &err))
		complain("no schema", schema, "", &err);
	db_close(db);
	return arena_printf(a, "%s%coptions=-csearch_path%%3D%s", url, strchr(url, '?') ? '&' : '?', schema);
}

static void server(struct arena *a, const char *url, const char *sqlite, const char *dir)
{
	str live = server_store(a, url, "test_apply", true),
	    copy = server_store(a, url, "test_apply_copy", true);
	str back = arena_printf(a, "%s/back.db", dir);
	check_stopped(sqlite, copy.ptr);
	rebuild(sqlite, copy.ptr, digest(sqlite));
	rebuild(copy.ptr, back.ptr, digest(sqlite));
	work(live.ptr); /* the same seed: the same journal but for nothing */
	check_indexes(a, live.ptr, copy.ptr);
	struct hash256 one = digest(sqlite), two = digest(live.ptr);
	if (memcmp(one.b, two.b, 32) != 0)
		complain("the same entries, written on each engine, give different states", "all", "", NULL);
	(void)server_store(a, url, "test_apply", false);
	(void)server_store(a, url, "test_apply_copy", false);
}

int main(void)
{
	char dir[] = "/tmp/naubat-test-XXXXXX";
	struct arena a;
	const char *url = getenv("NAUBAT_TEST_PG");
	ASSERT(mkdtemp(dir) != NULL);
	arena_init(&a, 16 << 20, 64 << 20);
	str live = arena_printf(&a, "%s/live.db", dir), copy = arena_printf(&a, "%s/copy.db", dir);
	work(live.ptr);
	check_stopped(live.ptr, copy.ptr);
	rebuild(live.ptr, copy.ptr, digest(live.ptr));
	check_indexes(&a, live.ptr, copy.ptr);
	check_gather(live.ptr);
	check_altered(&a, live.ptr, dir);
	check_differing(&a, live.ptr, dir);
	if (url && *url)
		server(&a, url, live.ptr, dir);
	else
		printf("PostgreSQL skipped: NAUBAT_TEST_PG names no server\n");
	str remove = arena_printf(&a, "rm -rf %s", dir);
	if (system(remove.ptr) != 0)
		wrong++;
	arena_done(&a);
	return wrong ? 1 : 0;
}
