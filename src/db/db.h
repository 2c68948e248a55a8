/* db.h - one interface over two engines: SQLite (embedded) and PostgreSQL.
 *
 * Statements come from .sql files through tools/sqlgen.py, which makes a typed call of each; nobody else
 * writes SQL.  A struct db is one connection and belongs to one thread at a time.
 *
 * I1. Values are only ever bound, never printed into the text.
 * I2. Integers are int64, texts are UTF-8 without U+0000 and compare bytewise on both engines.
 * I3. Errors: ERR_CONFLICT a constraint, ERR_RETRY lost connection, busy or serialisation, ERR_UNSURE a
 *     commit whose answer was lost, ERR_FULL no room on the disk (rolled back: try again when there is),
 *     ERR_DISK the disk failed or the store is damaged (docs/adr/0006: whoever writes has to stop),
 *     ERR_SYSTEM everything else.
 * I4. Inside a transaction the first error sticks: later calls return it and do nothing until rollback.
 *     On PostgreSQL db_run is pipelined, so a failure may show at a later call, at the latest at commit.
 * I5. LIKE tells upper from lower case on both engines.  SQLite has no escape character unless ESCAPE names
 *     one.
 * I6. A text that breaks I2 is ERR_INPUT, an answer that passes the arena's soft limit ERR_LIMIT.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/uuid.h"

struct db;

enum db_engine { DB_SQLITE, DB_POSTGRES, DB_ENGINES };
enum db_type { DB_NULL, DB_INT, DB_TEXT, DB_BLOB };
enum { DB_PARAMS_MAX = 64 };            /* of one statement; tools/sqlgen.py knows it too */

struct db_value {
	enum db_type type;
	int64_t      i;
	str          s;         /* texts and blobs: borrowed on the way in, in the caller's arena on the way
	                         * out */
};

struct db_statement {
	const char *name;
	const char *text[DB_ENGINES];   /* numbered parameters: ?1 and $1 */
	int         params, columns;
	const enum db_type *types;      /* of the columns, `columns` of them */
	const enum db_type *param_types;        /* NULL: taken from the values of the first call */
};

struct db_rows {
	struct db_value *values;        /* count * columns, row after row */
	ptrdiff_t        count;
	int              columns;
};

struct db_options {
	bool read_only;         /* SQLite: query_only; PostgreSQL: every transaction is READ ONLY */
	int  cache_kib;         /* SQLite page cache; 0: a sensible default */
	/* A fresh store is filled in one transaction.  SQLite then keeps a rollback journal, which new pages
	 * need not go through, instead of writing each to a log first; opened otherwise, it has its log. */
	bool filling;
	/* SQLite: a commit does not copy the log to where its pages belong, however long it is: somebody
	 * calls db_settle on another connection. */
	bool drained;
};

/* `where` is a path, or postgresql://…  The store must exist for read_only; else SQLite creates the file with
 * mode 0600.  ":memory:" is a private SQLite store that dies with its connection: for tests. */
MUST_CHECK bool db_open(const char *where, struct db_options options, struct db **out_db, struct err *err);
void            db_close(struct db *db);                /* NULL is fine; an open transaction is rolled back */
enum db_engine  db_engine(const struct db *db);

MUST_CHECK bool db_begin(struct db *db, struct err *err);       /* SQLite: BEGIN IMMEDIATE */
MUST_CHECK bool db_begin_read(struct db *db, struct err *err);  /* one snapshot for several reads */
/* True: durable.  False: the transaction is over and nothing of it was kept, unless it is ERR_UNSURE. */
MUST_CHECK bool db_commit(struct db *db, struct err *err);
/* Writes everything that a log of the engine's still holds to where it belongs, and flushes it.  After a
 * failed flush the system's cache may show bytes that the disk has not: a new process begins with this. */
MUST_CHECK bool db_settle(struct db *db, struct err *err);
int64_t         db_log_pages(const struct db *db);      /* in that log after our last commit; PostgreSQL: 0 */
void            db_rollback(struct db *db);                     /* without a transaction: nothing */

MUST_CHECK bool db_run(struct db *db, const struct db_statement *s, const struct db_value *params,
                       struct err *err);
MUST_CHECK bool db_query(struct db *db, const struct db_statement *s, const struct db_value *params,
                         struct arena *a, struct db_rows *out_rows, struct err *err);

/* Prepares without running: does the engine accept the text, are params, columns and their types as told?
 * SQLite knows no types before it runs.  For the test that checks every statement we have. */
MUST_CHECK bool db_check(struct db *db, const struct db_statement *s, struct err *err);

/* Table definitions and the like: several statements, no parameters, no rows.  All or nothing. */
MUST_CHECK bool db_script(struct db *db, const char *text, struct err *err);

/* SQLite only (ERR_INPUT otherwise): a consistent copy while the store is in use.  Not inside a transaction,
 * not over an existing file; counts are pages.  progress may be NULL; when it returns false, the copying
 * stops (ERR_RETRY).  There is a whole copy or none. */
typedef bool db_progress(void *ctx, int64_t done, int64_t total);
MUST_CHECK bool db_backup(struct db *db, const char *to_path, db_progress *progress, void *ctx,
                          struct err *err);
