#include "db/db.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "test_db_sql.h"

enum { LIMIT_SOFT = 1 << 22, LIMIT_HARD = 1 << 26 };

static const char *const tables[DB_ENGINES] = {
	[DB_SQLITE] =
		"CREATE TABLE item (id BLOB PRIMARY KEY NOT NULL, parent BLOB, made INTEGER NOT NULL,"
		" seen INTEGER,"
		" n INTEGER NOT NULL CHECK (n > -9223372036854775808 OR flag = 1), flag INTEGER NOT NULL,"
		" label TEXT NOT NULL UNIQUE, note TEXT, body BLOB NOT NULL, extra BLOB) STRICT;",
	[DB_POSTGRES] =
		"CREATE TABLE item (id BYTEA PRIMARY KEY NOT NULL, parent BYTEA, made BIGINT NOT NULL,"
		" seen BIGINT,"
		" n BIGINT NOT NULL CHECK (n > -9223372036854775808 OR flag = 1), flag BIGINT NOT NULL,"
		" label TEXT COLLATE \"C\" NOT NULL UNIQUE, note TEXT COLLATE \"C\","
		" body BYTEA NOT NULL, extra BYTEA);",
};

#define OK(call)        expect((call), &err, __LINE__)
#define NOT_OK(call, c) expect_error((call), (c), &err, __LINE__)

static void expect(bool ok, const struct err *err, int line)
{
	if (!ok)
		(void)fprintf(stderr, "test_db.c:%d: %s (%s:%d)\n", line, err->text, err->file, err->line);
	ASSERT(ok);
}

static void expect_error(bool ok, enum err_code code, const struct err *err, int line)
{
	if (ok)
		(void)fprintf(stderr, "test_db.c:%d: success instead of error %d\n", line, code);
	else if (err->code != code)
		(void)fprintf(stderr, "test_db.c:%d: error %d instead of %d: %s\n", line, err->code, code,
		              err->text);
	ASSERT(!ok && err->code == code);
}

static struct uuid id_of(uint8_t n)
{
	return (struct uuid){ .b = { 1, 0, [15] = n } };
}

static bool add(struct db *db, uint8_t n, const char *label, struct err *err)
{
	struct sql_item_add item = { .id = id_of(n), .made = { 1 }, .label = str_from(label) };
	return sql_item_add(db, &item, err);
}

static int64_t count(struct db *db, struct arena *a)
{
	struct err err;
	struct sql_item_count_row row;
	bool found;
	OK(sql_item_count(db, a, &row, &found, &err));
	ASSERT(found);
	return row.count;
}

static struct db_statement made_statement(enum db_engine engine, const char *text)
{
	static const enum db_type types[] = { DB_INT };
	struct db_statement s = { .name = "made", .params = 1, .columns = 1, .types = types };
	s.text[engine] = text;
	return s;
}

static void test_values(struct db *db, struct arena *a)
{
	struct err err;
	struct sql_item_find_row row;
	bool found;
	struct sql_item_add full = { .id = id_of(1), .parent = id_of(9), .made = { -5 },
		.seen = { INT64_MAX }, .n = INT64_MIN, .flag = true,
		.label = S("نوبت \xf0\x9f\x94\x94 'x' --"), .note = S(""),
		.body = S("\0\1\xff\0"), .extra = { "", 0 } };
	OK(sql_item_add(db, &full, &err));
	OK(sql_item_find(db, a, &(struct sql_item_find){ id_of(1) }, &row, &found, &err));
	ASSERT(found && uuid_eq(row.parent, id_of(9)) && row.made.us == -5 && row.seen.us == INT64_MAX);
	ASSERT(row.n == INT64_MIN && row.flag && str_eq(row.label, full.label));
	ASSERT(str_eq(row.body, full.body));
	ASSERT(row.note.ptr != NULL && row.note.len == 0 && row.extra.ptr != NULL && row.extra.len == 0);

	/* NULL wherever it may be. */
	OK(sql_item_add(db, &(struct sql_item_add){ .id = id_of(2), .n = INT64_MAX }, &err));
	OK(sql_item_find(db, a, &(struct sql_item_find){ id_of(2) }, &row, &found, &err));
	ASSERT(found && uuid_is_nil(row.parent) && row.seen.us == 0);
	ASSERT(row.note.ptr == NULL && row.extra.ptr == NULL);
	ASSERT(row.n == INT64_MAX && !row.flag && row.label.len == 0);
	ASSERT(row.body.ptr != NULL && row.body.len == 0);

	row.n = 77;
	OK(sql_item_find(db, a, &(struct sql_item_find){ id_of(3) }, &row, &found, &err));
	ASSERT(!found && row.n == 77);
	OK(sql_item_remove_all(db, &err));
}

static void test_order(struct db *db, struct arena *a)
{
	struct err err;
	struct sql_item_list_row *rows;
	ptrdiff_t n;
	bool found;
	static const char *const labels[] = { "é", "b", "B", "a b", "ab", "_" };
	static const char *const sorted[] = { "B", "_", "a b", "ab", "b", "é" };      /* bytewise (I2) */
	for (uint8_t i = 0; i < COUNTOF(labels); i++)
		OK(add(db, i, labels[i], &err));
	OK(sql_item_list(db, a, &(struct sql_item_list){ S(""), 100 }, &rows, &n, &err));
	ASSERT(n == COUNTOF(sorted));
	for (ptrdiff_t i = 0; i < n; i++)
		ASSERT(str_eq(rows[i].label, str_from(sorted[i])));
	OK(sql_item_list(db, a, &(struct sql_item_list){ S("b"), 1 }, &rows, &n, &err));
	ASSERT(n == 1 && uuid_eq(rows[0].id, id_of(1)));
	OK(sql_item_list(db, a, &(struct sql_item_list){ S(""), 0 }, &rows, &n, &err));
	ASSERT(n == 0);
	struct sql_item_like_row hits;
	OK(sql_item_like(db, a, &(struct sql_item_like){ S("b%") }, &hits, &found, &err));
	ASSERT(found && hits.count == 1);                                       /* I5 */
	OK(sql_item_remove_all(db, &err));
}

static void test_returning(struct db *db, struct arena *a)
{
	struct err err;
	struct sql_item_take_row row;
	bool found;
	OK(add(db, 1, "x", &err));
	OK(sql_item_take(db, a, &(struct sql_item_take){ id_of(1), id_of(7) }, &row, &found, &err));
	ASSERT(found && row.n == 1);
	OK(sql_item_take(db, a, &(struct sql_item_take){ id_of(1), id_of(8) }, &row, &found, &err));
	ASSERT(!found && row.n == 1);
	OK(sql_item_remove_all(db, &err));
}

static void test_transactions(struct db *db, struct db *other, struct arena *a)
{
	struct err err;
	OK(db_begin(db, &err));
	OK(add(db, 1, "one", &err));
	ASSERT(count(db, a) == 1 && count(other, a) == 0);
	OK(db_commit(db, &err));
	ASSERT(count(other, a) == 1);

	OK(db_begin(db, &err));
	OK(sql_item_remove_all(db, &err));
	db_rollback(db);
	db_rollback(db);                                                        /* harmless */
	ASSERT(count(db, a) == 1);

	OK(db_begin_read(other, &err));
	ASSERT(count(other, a) == 1);
	OK(add(db, 2, "two", &err));
	ASSERT(count(other, a) == 1 && count(db, a) == 2);                      /* one snapshot */
	OK(db_commit(other, &err));
	ASSERT(count(other, a) == 2);
	OK(sql_item_remove_all(db, &err));
}

static void test_errors(struct db *db, struct arena *a)
{
	struct err err;
	struct sql_item_any_row any;
	bool found = true, ok;
	OK(add(db, 1, "one", &err));
	NOT_OK(add(db, 1, "two", &err), ERR_CONFLICT);                          /* primary key */
	NOT_OK(add(db, 2, "one", &err), ERR_CONFLICT);                          /* unique */
	struct sql_item_add refused = { .id = id_of(3), .n = INT64_MIN };       /* check */
	NOT_OK(sql_item_add(db, &refused, &err), ERR_CONFLICT);
	ASSERT(count(db, a) == 1);                                              /* usable */

	OK(db_begin(db, &err));
	OK(add(db, 2, "two", &err));
	ok = add(db, 2, "three", &err);                                         /* PostgreSQL: queued (I4) */
	ok = add(db, 4, "four", &err) && ok;
	NOT_OK(sql_item_any(db, a, &any, &found, &err), ERR_CONFLICT);
	NOT_OK(add(db, 5, "five", &err), ERR_CONFLICT);                         /* sticks */
	NOT_OK(db_commit(db, &err), ERR_CONFLICT);
	ASSERT(count(db, a) == 1);

	OK(db_begin(db, &err));
	OK(add(db, 2, "two", &err));
	ok = add(db, 2, "three", &err);
	(void)ok;
	NOT_OK(db_commit(db, &err), ERR_CONFLICT);                              /* at the latest here */
	ASSERT(count(db, a) == 1);

	OK(db_begin(db, &err));
	ok = add(db, 1, "again", &err);
	(void)ok;
	db_rollback(db);                                                        /* before anybody looked */
	OK(add(db, 2, "two", &err));
	OK(sql_item_remove_all(db, &err));
}

/* A statement that was prepared in a batch that failed before it can be used afterwards. */
static void test_prepared_in_vain(struct db *db, struct arena *a)
{
	struct err err;
	struct db_rows rows;
	struct db_value param = { .type = DB_INT, .i = 4 };
	enum db_engine e = db_engine(db);
	struct db_statement s = made_statement(e, e == DB_SQLITE ? "DELETE FROM item WHERE n = ?1 AND n < 5"
	                                                         : "DELETE FROM item WHERE n = $1 AND n < 5");
	OK(add(db, 1, "one", &err));
	OK(db_begin(db, &err));
	bool ok = add(db, 1, "one", &err) && db_run(db, &s, &param, &err);
	(void)ok;
	NOT_OK(db_query(db, &s, &param, a, &rows, &err), ERR_CONFLICT);
	db_rollback(db);
	OK(db_run(db, &s, &param, &err));
	OK(sql_item_remove_all(db, &err));
}

/* One writer at a time; the second is told to come back, not that something is broken. */
static void test_two_writers(struct db *db, struct db *other)
{
	struct err err;
	bool sqlite = db_engine(db) == DB_SQLITE;
	OK(db_script(other, sqlite ? "PRAGMA busy_timeout = 0" : "SET lock_timeout = '1ms'", &err));
	OK(db_begin(db, &err));
	OK(db_script(db, sqlite ? "SELECT 1" : "LOCK TABLE item", &err));
	NOT_OK(add(other, 1, "one", &err), ERR_RETRY);
	OK(db_commit(db, &err));
	OK(add(other, 1, "one", &err));
	OK(sql_item_remove_all(db, &err));
}

static void test_our_bugs(struct db *db, struct arena *a)
{
	struct err err;
	bool found;
	struct sql_item_any_row any = { 5 };
	struct sql_item_bad_uuid_row bad_uuid;
	struct sql_item_bad_null_row bad_null;
	struct sql_item_bad_type_row bad_type;
	OK(add(db, 1, "one", &err));
	OK(add(db, 2, "two", &err));
	NOT_OK(sql_item_any(db, a, &any, &found, &err), ERR_SYSTEM);            /* two rows for one */
	ASSERT(any.n == 5);
	NOT_OK(sql_item_bad_uuid(db, a, &bad_uuid, &found, &err), ERR_SYSTEM);
	NOT_OK(sql_item_bad_null(db, a, &bad_null, &found, &err), ERR_SYSTEM);
	NOT_OK(sql_item_bad_type(db, a, &bad_type, &found, &err), ERR_SYSTEM);
	NOT_OK(add(db, 3, "\xff", &err), ERR_INPUT);                            /* I6 */
	NOT_OK(sql_item_add(db, &(struct sql_item_add){ .label = S("a\0b") }, &err), ERR_INPUT);
	OK(db_begin(db, &err));
	NOT_OK(sql_item_bad_null(db, a, &bad_null, &found, &err), ERR_SYSTEM);
	NOT_OK(add(db, 3, "three", &err), ERR_SYSTEM);                          /* these stick, too */
	db_rollback(db);
	OK(sql_item_remove_all(db, &err));
}

static void test_limit(struct db *db)
{
	struct err err;
	struct arena small;
	struct sql_item_list_row *rows = NULL;
	ptrdiff_t n = -1;
	static char text[5000];
	memset(text, 'x', sizeof(text) - 1);
	OK(add(db, 1, text, &err));
	arena_init(&small, 4096, 1 << 20);
	NOT_OK(sql_item_list(db, &small, &(struct sql_item_list){ S(""), 10 }, &rows, &n, &err), ERR_LIMIT);
	ASSERT(rows == NULL && n == -1);
	arena_done(&small);
	OK(sql_item_remove_all(db, &err));
}

/* Statements put together at run time: more of them than the cache holds, at one address. */
static void test_cache(struct db *db, struct arena *a)
{
	struct err err;
	struct db_rows rows;
	char text[100];
	enum db_engine e = db_engine(db);
	struct db_statement s = made_statement(e, text);
	struct db_value param = { .type = DB_INT };
	OK(db_begin(db, &err));
	for (int64_t i = 0; i < 2500; i++) {
		(void)snprintf(text, sizeof(text), "SELECT %s + %d + n FROM item WHERE id IS NOT NULL",
		               e == DB_SQLITE ? "?1" : "$1", (int)i % 1200);
		param.i = i;
		if (i == 3)
			OK(add(db, 1, "one", &err));
		OK(db_query(db, &s, &param, a, &rows, &err));
		ASSERT(rows.columns == 1 && rows.count == (i >= 3));
		ASSERT(i < 3 || rows.values[0].i == i + i % 1200);
	}
	OK(db_commit(db, &err));
	OK(sql_item_remove_all(db, &err));
}

static void test_check(struct db *db)
{
	struct err err;
	for (ptrdiff_t i = 0; i < sql_test_db_count; i++) {
		const struct db_statement *s = sql_test_db_statements[i];
		if (!str_starts(str_from(s->name), S("item_bad")))
			OK(db_check(db, s, &err));
	}
	struct db_statement s = *sql_test_db_statements[1];
	s.columns--;
	NOT_OK(db_check(db, &s, &err), ERR_SYSTEM);
	static const char *const wrong[] = { "SELECT nothing FROM item",
		"SELECT n FROM item; DELETE FROM item", "", "SELECT \"nothing\" FROM item WHERE n = 1" };
	for (ptrdiff_t i = 0; i < COUNTOF(wrong); i++) {
		struct db_statement made = made_statement(db_engine(db), wrong[i]);
		made.params = 0;
		NOT_OK(db_check(db, &made, &err), ERR_SYSTEM);
	}
}

static void test_script(struct db *db, struct arena *a)
{
	struct err err;
	NOT_OK(db_script(db, "CREATE TABLE half (x TEXT); CREATE TABLE half (x TEXT);", &err), ERR_SYSTEM);
	OK(db_script(db, "CREATE TABLE half (x TEXT); DROP TABLE half;", &err));       /* nothing was left */
	OK(add(db, 1, "one", &err));
	OK(db_begin(db, &err));
	OK(db_script(db, "DELETE FROM item", &err));
	db_rollback(db);
	ASSERT(count(db, a) == 1);
	OK(sql_item_remove_all(db, &err));
}

static void test_read_only(const char *where, struct db *db, struct arena *a)
{
	struct err err;
	struct db *reader;
	OK(db_open(where, (struct db_options){ .read_only = true }, &reader, &err));
	NOT_OK(add(reader, 1, "one", &err), ERR_SYSTEM);
	OK(db_begin(reader, &err));
	bool ok = add(reader, 1, "one", &err);
	(void)ok;
	NOT_OK(db_commit(reader, &err), ERR_SYSTEM);
	NOT_OK(db_script(reader, "DELETE FROM item", &err), ERR_SYSTEM);
	OK(add(db, 1, "one", &err));
	ASSERT(count(reader, a) == 1);
	db_close(reader);
	OK(sql_item_remove_all(db, &err));
}

static void test_engine(const char *where)
{
	struct err err;
	struct db *db, *other;
	struct arena a;
	arena_init(&a, LIMIT_SOFT, LIMIT_HARD);
	OK(db_open(where, (struct db_options){ 0 }, &db, &err));
	OK(db_script(db, tables[db_engine(db)], &err));
	OK(db_open(where, (struct db_options){ 0 }, &other, &err));
	test_values(db, &a);
	test_order(db, &a);
	test_returning(db, &a);
	test_transactions(db, other, &a);
	test_errors(db, &a);
	test_prepared_in_vain(db, &a);
	test_two_writers(db, other);
	test_our_bugs(db, &a);
	test_limit(db);
	test_cache(db, &a);
	test_check(db);
	test_script(db, &a);
	test_read_only(where, db, &a);
	OK(db_begin(other, &err));
	OK(add(other, 1, "left open", &err));
	db_close(other);                                                        /* rolls back */
	ASSERT(count(db, &a) == 0);
	db_close(db);
	arena_done(&a);
}

struct seen { int64_t calls, done, total; };

static bool note_progress(void *ctx, int64_t done, int64_t total)
{
	struct seen *seen = ctx;
	ASSERT(done >= seen->done && done <= total);
	*seen = (struct seen){ seen->calls + 1, done, total };
	return true;
}

static bool stop_early(void *ctx, int64_t done, int64_t total)
{
	(void)ctx;
	return done == total;
}

static void test_backup(const char *folder, struct arena *a)
{
	struct err err;
	struct db *db, *copy;
	struct seen seen = { 0 };
	struct stat st;
	const char *from = arena_printf(a, "%s/from", folder).ptr, *to = arena_printf(a, "%s/to", folder).ptr;
	OK(db_open(from, (struct db_options){ .cache_kib = 1024 }, &db, &err));
	OK(db_script(db, tables[DB_SQLITE], &err));
	static char body[6 << 20];                      /* so that it takes more than one step */
	OK(sql_item_add(db, &(struct sql_item_add){ .id = id_of(1), .body = { body, sizeof(body) } }, &err));
	NOT_OK(db_backup(db, to, stop_early, NULL, &err), ERR_RETRY);
	ASSERT(access(to, F_OK) != 0);
	OK(db_backup(db, to, note_progress, &seen, &err));
	ASSERT(seen.calls > 1 && seen.done == seen.total && seen.total > 1000);
	NOT_OK(db_backup(db, to, NULL, NULL, &err), ERR_INPUT);                 /* never over a file */
	ASSERT(stat(to, &st) == 0 && (st.st_mode & 0777) == 0600);
	ASSERT(stat(from, &st) == 0 && (st.st_mode & 0777) == 0600);
	OK(db_open(to, (struct db_options){ .read_only = true }, &copy, &err));
	ASSERT(count(copy, a) == 1);
	OK(add(db, 2, "later", &err));
	ASSERT(count(copy, a) == 1 && count(db, a) == 2);
	db_close(copy);
	db_close(db);
}

static void test_disk_full(const char *folder, struct arena *a)
{
	struct err err;
	struct db *db;
	static char body[1 << 20];
	OK(db_open(arena_printf(a, "%s/full", folder).ptr, (struct db_options){ 0 }, &db, &err));
	OK(db_script(db, tables[DB_SQLITE], &err));
	OK(db_script(db, "PRAGMA max_page_count = 20", &err));
	OK(add(db, 1, "before", &err));
	OK(db_begin(db, &err));
	OK(add(db, 2, "with it", &err));
	struct sql_item_add large = { .id = id_of(3), .body = { body, sizeof(body) } };
	NOT_OK(sql_item_add(db, &large, &err), ERR_FULL);
	ASSERT(str_find(str_from(err.text), S("disk is full")) >= 0);
	NOT_OK(db_commit(db, &err), ERR_FULL);
	ASSERT(count(db, a) == 1);
	OK(add(db, 2, "after", &err));
	ASSERT(count(db, a) == 2);
	db_close(db);
}

static void test_open_errors(const char *folder, struct arena *a)
{
	struct err err;
	struct db *db = NULL;
	const char *path = arena_printf(a, "%s/text", folder).ptr;
	const char *nowhere = arena_printf(a, "%s/no/folder", folder).ptr;
	NOT_OK(db_open(path, (struct db_options){ .read_only = true }, &db, &err), ERR_SYSTEM);
	NOT_OK(db_open(nowhere, (struct db_options){ 0 }, &db, &err), ERR_SYSTEM);
	FILE *f = fopen(path, "w");
	ASSERT(f != NULL);
	for (int i = 0; i < 100; i++)
		(void)fputs("This is a letter to the editor, not a store.\n", f);
	(void)fclose(f);
	NOT_OK(db_open(path, (struct db_options){ 0 }, &db, &err), ERR_SYSTEM);
	NOT_OK(db_open("postgresql:///x?host=/nonexistent", (struct db_options){ 0 }, &db, &err), ERR_RETRY);
	ASSERT(db == NULL);
	db_close(NULL);
}

static int64_t ask(struct db *db, struct arena *a, const char *text, int64_t param)
{
	struct err err;
	struct db_rows rows;
	struct db_statement s = made_statement(DB_POSTGRES, text);
	OK(db_query(db, &s, &(struct db_value){ .type = DB_INT, .i = param }, a, &rows, &err));
	ASSERT(rows.count == 1);
	return rows.values[0].i;
}

/* Ends the server's side of db and waits until it is gone. */
static void cut(struct db *db, struct db *other, struct arena *a)
{
	int64_t process = ask(db, a, "SELECT pg_backend_pid() + $1", 0);
	ASSERT(ask(other, a, "SELECT pg_terminate_backend($1::int, 5000)", process) == 1);
}

static void test_lost_connection(const char *where, struct arena *a)
{
	struct err err;
	struct db *db, *other;
	OK(db_open(where, (struct db_options){ 0 }, &db, &err));
	OK(db_open(where, (struct db_options){ 0 }, &other, &err));
	OK(add(db, 1, "one", &err));

	cut(db, other, a);                              /* between transactions: nobody notices */
	OK(db_begin(db, &err));
	OK(add(db, 2, "two", &err));
	OK(db_commit(db, &err));
	cut(db, other, a);
	ASSERT(count(db, a) == 2);

	OK(db_begin(db, &err));                         /* inside one: it has to be done again */
	OK(add(db, 3, "three", &err));
	cut(db, other, a);
	struct sql_item_count_row row;
	bool found;
	NOT_OK(sql_item_count(db, a, &row, &found, &err), ERR_RETRY);
	NOT_OK(add(db, 3, "three", &err), ERR_RETRY);
	NOT_OK(db_commit(db, &err), ERR_RETRY);
	OK(db_begin(db, &err));
	ASSERT(count(db, a) == 2);
	OK(add(db, 3, "three", &err));

	cut(db, other, a);                              /* in the commit: nobody can know */
	NOT_OK(db_commit(db, &err), ERR_UNSURE);
	ASSERT(count(db, a) == 2);

	OK(db_begin_read(db, &err));                    /* nothing to keep: no doubt */
	cut(db, other, a);
	NOT_OK(db_commit(db, &err), ERR_RETRY);
	OK(sql_item_remove_all(db, &err));
	db_close(db);
	db_close(other);
}

/* A transaction much longer than the pipeline, and one value longer than a socket's buffer. */
static void test_long_pipeline(const char *where, struct arena *a)
{
	struct err err;
	struct db *db;
	static char body[3 << 20];
	OK(db_open(where, (struct db_options){ 0 }, &db, &err));
	OK(db_begin(db, &err));
	for (int i = 0; i < 1500; i++) {
		ptrdiff_t size = i % 500 == 0 ? (ptrdiff_t)sizeof(body) : 9;
		struct sql_item_add item = { .id = { .b = { (uint8_t)(i >> 8), (uint8_t)i } },
			.label = arena_printf(a, "%d", i), .body = { body, size } };
		OK(sql_item_add(db, &item, &err));
	}
	OK(db_commit(db, &err));
	ASSERT(count(db, a) == 1500);
	OK(db_begin(db, &err));
	bool ok = true;
	for (int i = 0; i < 1500 && ok; i++)            /* the first is refused; we hear of it on the way */
		ok = add(db, 0, "0", &err);
	NOT_OK(ok, ERR_CONFLICT);
	db_rollback(db);
	OK(sql_item_remove_all(db, &err));
	db_close(db);
}

/* Another process asks whether anybody has locked the file. */
static bool is_locked(const char *path)
{
	int status = 0;
	pid_t child = fork();
	ASSERT(child >= 0);
	if (child == 0) {
		struct flock any = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
		int fd = open(path, O_RDWR | O_CLOEXEC);
		_exit(fd >= 0 && fcntl(fd, F_GETLK, &any) == 0 && any.l_type != F_UNLCK ? 0 : 1);
	}
	ASSERT(waitpid(child, &status, 0) == child && WIFEXITED(status));
	return WEXITSTATUS(status) == 0;
}

/* A process that closes any descriptor of a file loses all its locks on it: whoever looks in would then take
 * the store for nobody's, and remove its log. */
static void test_locks_stay(const char *path)
{
	struct err err;
	struct db *first, *second, *reader;
	OK(db_open(path, (struct db_options){ 0 }, &first, &err));
	OK(db_script(first, "CREATE TABLE t (n INTEGER) STRICT", &err));
	ASSERT(is_locked(path));
	OK(db_open(path, (struct db_options){ .drained = true }, &second, &err));
	ASSERT(is_locked(path));
	OK(db_open(path, (struct db_options){ .read_only = true }, &reader, &err));
	db_close(reader);
	OK(db_settle(second, &err));
	db_close(second);
	ASSERT(is_locked(path));
	db_close(first);
	ASSERT(!is_locked(path));
}

/* What a long-lived connection must keep: itself after a refusal, a bounded number of prepared statements. */
static void test_long_life(const char *where, struct arena *a)
{
	struct err err;
	struct db *db;
	OK(db_open(where, (struct db_options){ 0 }, &db, &err));
	int64_t process = ask(db, a, "SELECT pg_backend_pid() + $1", 0);
	OK(db_begin(db, &err));
	bool ok = add(db, 1, "one", &err) && add(db, 1, "one", &err);
	ASSERT(ok);
	db_rollback(db);
	ASSERT(ask(db, a, "SELECT pg_backend_pid() + $1", 0) == process);
	test_cache(db, a);
	ASSERT(ask(db, a, "SELECT count(*) + $1 FROM pg_prepared_statements", 0) < 1100);
	db_close(db);
}

static void test_no_backup(const char *where)
{
	struct err err;
	struct db *db;
	OK(db_open(where, (struct db_options){ 0 }, &db, &err));
	NOT_OK(db_backup(db, "/nonexistent", NULL, NULL, &err), ERR_INPUT);
	db_close(db);
}

/* In a schema of its own, so that other tests may use the same server at the same time. */
static void test_postgresql(const char *url, struct arena *a)
{
	struct err err;
	struct db *db;
	const char *where = arena_printf(a, "%s&options=-csearch_path%%3Dtest_db", url).ptr;
	OK(db_open(url, (struct db_options){ 0 }, &db, &err));
	OK(db_script(db, "DROP SCHEMA IF EXISTS test_db CASCADE; CREATE SCHEMA test_db", &err));
	test_engine(where);
	test_lost_connection(where, a);
	test_long_pipeline(where, a);
	test_long_life(where, a);
	test_no_backup(where);
	OK(db_script(db, "DROP SCHEMA test_db CASCADE", &err));
	db_close(db);
}

int main(void)
{
	char folder[] = "/tmp/naubat-test-db-XXXXXX";
	const char *url = getenv("NAUBAT_TEST_PG");
	struct arena a;
	ASSERT(mkdtemp(folder) != NULL);
	arena_init(&a, LIMIT_SOFT, LIMIT_HARD);
	test_engine(arena_printf(&a, "%s/store", folder).ptr);
	test_locks_stay(arena_printf(&a, "%s/locks", folder).ptr);
	test_backup(folder, &a);
	test_disk_full(folder, &a);
	test_open_errors(folder, &a);
	if (url != NULL)
		test_postgresql(url, &a);
	else
		(void)puts("skipped: PostgreSQL part: NAUBAT_TEST_PG is not set");
	if (system(arena_printf(&a, "rm -r %s", folder).ptr) != 0)
		(void)fprintf(stderr, "%s is left behind\n", folder);
	arena_done(&a);
	return 0;
}
