#include "db/db_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BUSY_MS = 5000, CACHE_KIB = 32 * 1024, FILLING_KIB = 64 * 1024, BACKUP_PAGES = 1024,
       CHECKPOINT_PAGES = 4000 };

struct db_sqlite {
	struct db base;
	sqlite3  *handle;
	bool      drained;
	struct err checkpoint;                          /* what failed in one: told at the next begin */
};

static sqlite3 *handle_of(struct db *db)
{
	return ((struct db_sqlite *)db)->handle;
}

/* What an engine's answer means to our callers, and what a person should do about it. */
static const struct { int code; enum err_code means; const char *text; } meanings[] = {
	{ SQLITE_FULL,     ERR_FULL,   "the disk is full: make room, then try again" },
	{ SQLITE_BUSY,     ERR_RETRY,  "another process holds the store; try again" },
	{ SQLITE_LOCKED,   ERR_RETRY,  "another connection holds the table; try again" },
	{ SQLITE_READONLY, ERR_SYSTEM, "the store is open for reading only" },
	{ SQLITE_CORRUPT,  ERR_DISK,   "the store is damaged: stop, keep the files, restore a backup" },
	{ SQLITE_NOTADB,   ERR_SYSTEM, "this file is not an SQLite store: check the path" },
	{ SQLITE_CANTOPEN, ERR_SYSTEM, "cannot open the store: check the path and its permissions" },
	{ SQLITE_IOERR,    ERR_DISK,   "the disk failed; see the system's log" },
	{ SQLITE_NOMEM,    ERR_SYSTEM, "out of memory" },
	{ SQLITE_CONSTRAINT, ERR_CONFLICT, "a constraint refused it" },
};

static bool fail(sqlite3 *h, int rc, const char *name, struct err *err)
{
	const char *said = h != NULL ? sqlite3_errmsg(h) : sqlite3_errstr(rc);
	if (rc == SQLITE_CONSTRAINT_DATATYPE)           /* our bug, not a clash of two writers */
		return err_set(err, ERR_SYSTEM, "%s: %s", name, said);
	int primary = rc & 0xff;
	int os = h != NULL ? sqlite3_system_errno(h) : 0;
	bool flush = rc == SQLITE_IOERR_FSYNC || rc == SQLITE_IOERR_DIR_FSYNC;
	if (primary == SQLITE_IOERR && (os == ENOSPC || os == EDQUOT) && !flush)
		primary = SQLITE_FULL;                  /* the shared memory file reports it so */
	if (rc == SQLITE_IOERR_NOMEM)
		primary = SQLITE_NOMEM;
	for (ptrdiff_t i = 0; i < COUNTOF(meanings); i++)
		if (meanings[i].code == primary)
			return err_set(err, meanings[i].means, "%s: %s (%s)", name, meanings[i].text, said);
	return err_set(err, ERR_SYSTEM, "%s: %s", name, said);
}

static bool execute(sqlite3 *h, const char *text, const char *name, struct err *err)
{
	int rc = sqlite3_exec(h, text, NULL, NULL, NULL);
	return rc == SQLITE_OK || fail(h, rc, name, err);
}

/* The engine's own checkpoints fail silently, and a disk that failed would go unnoticed.  The commit before
 * was durable all the same: its bytes are in the log. */
static int checkpoint(void *ctx, sqlite3 *h, const char *name, int pages)
{
	struct db_sqlite *db = ctx;
	db->base.log_pages = pages;
	if (db->drained || pages < CHECKPOINT_PAGES)
		return SQLITE_OK;
	struct err err;
	int rc = sqlite3_wal_checkpoint_v2(h, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	if (rc != SQLITE_OK && !fail(h, rc, "checkpoint", &err) && err.code == ERR_DISK)
		db->checkpoint = err;
	return SQLITE_OK;
}

static bool settle(struct db *db, struct err *err)
{
	sqlite3 *h = handle_of(db);
	int rc = sqlite3_wal_checkpoint_v2(h, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return rc == SQLITE_OK || (rc & 0xff) == SQLITE_BUSY || fail(h, rc, "settle", err);
}

static bool begin(struct db *db, bool write, struct err *err)
{
	const struct err *failed = &((struct db_sqlite *)db)->checkpoint;
	if (write && failed->code != ERR_NONE) {
		*err = *failed;
		return false;
	}
	return execute(handle_of(db), write ? "BEGIN IMMEDIATE" : "BEGIN", "begin", err);
}

static bool commit(struct db *db, struct err *err)
{
	return execute(handle_of(db), "COMMIT", "commit", err);
}

static void rollback(struct db *db)
{
	sqlite3 *h = handle_of(db);
	if (!sqlite3_get_autocommit(h))                 /* some errors have rolled back already */
		(void)sqlite3_exec(h, "ROLLBACK", NULL, NULL, NULL);
}

static void drop(void *statement)
{
	(void)sqlite3_finalize(statement);
}

static bool prepare(struct db *db, const struct db_statement *s, sqlite3_stmt **out_st, struct err *err)
{
	if (db_cache_full(&db->cache))
		db_cache_clear(&db->cache, drop);       /* none is in use: every call ends with a reset */
	struct db_cached *slot = db_cache_slot(&db->cache, s->text[DB_SQLITE]);
	if (slot->handle == NULL) {
		sqlite3_stmt *st = NULL;
		const char *tail = "";
		int rc = sqlite3_prepare_v3(handle_of(db), slot->text, -1, SQLITE_PREPARE_PERSISTENT, &st,
		                            &tail);
		if (rc != SQLITE_OK)
			return fail(handle_of(db), rc, s->name, err);
		if (st == NULL || str_trim(str_from(tail)).len != 0) {
			drop(st);
			return err_set(err, ERR_SYSTEM, "%s: not exactly one statement", s->name);
		}
		slot->handle = st;
	}
	*out_st = slot->handle;
	return true;
}

static int bind(sqlite3_stmt *st, int at, const struct db_value *v)
{
	const char *bytes = v->s.ptr != NULL ? v->s.ptr : "";   /* SQLite takes a NULL pointer for NULL */
	sqlite3_uint64 size = (sqlite3_uint64)v->s.len;
	switch (v->type) {
	case DB_NULL:
		return sqlite3_bind_null(st, at);
	case DB_INT:
		return sqlite3_bind_int64(st, at, v->i);
	case DB_TEXT:
		return sqlite3_bind_text64(st, at, bytes, size, SQLITE_STATIC, SQLITE_UTF8);
	case DB_BLOB:
		return sqlite3_bind_blob64(st, at, bytes, size, SQLITE_STATIC);
	}
	return SQLITE_MISUSE;
}

static bool bind_all(struct db *db, const struct db_statement *s, const struct db_value *params,
                     sqlite3_stmt *st, struct err *err)
{
	for (int i = 0; i < s->params; i++) {
		int rc = bind(st, i + 1, &params[i]);
		if (rc != SQLITE_OK)
			return fail(handle_of(db), rc, s->name, err);
	}
	return true;
}

/* The statement is ready for its next use and lets go of the caller's bytes. */
static void finish(sqlite3_stmt *st)
{
	(void)sqlite3_reset(st);
	(void)sqlite3_clear_bindings(st);
}

static bool read_column(struct db_gather *g, const struct db_statement *s, sqlite3_stmt *st, int column,
                        struct db_value *out_v, struct err *err)
{
	static const char *const other = "a floating-point number";
	str bytes = { 0 };
	switch (sqlite3_column_type(st, column)) {
	case SQLITE_NULL:
		*out_v = (struct db_value){ .type = DB_NULL };
		return true;
	case SQLITE_INTEGER:
		*out_v = (struct db_value){ .type = DB_INT, .i = sqlite3_column_int64(st, column) };
		break;
	case SQLITE_TEXT:
		*out_v = (struct db_value){ .type = DB_TEXT };
		bytes.ptr = (const char *)sqlite3_column_text(st, column);
		bytes.len = sqlite3_column_bytes(st, column);
		break;
	case SQLITE_BLOB:
		*out_v = (struct db_value){ .type = DB_BLOB };
		bytes.ptr = sqlite3_column_blob(st, column);
		bytes.len = sqlite3_column_bytes(st, column);
		break;
	default:
		return db_type_error(s, column, other, err);
	}
	if (out_v->type != s->types[column])
		return db_type_error(s, column, db_type_name(out_v->type), err);
	return out_v->type == DB_INT || db_gather_bytes(g, bytes, &out_v->s, err);
}

static bool read_row(struct db_gather *g, const struct db_statement *s, sqlite3_stmt *st, struct err *err)
{
	struct db_value *row = db_gather_row(g);
	for (int i = 0; i < s->columns; i++)
		if (!read_column(g, s, st, i, &row[i], err))
			return false;
	return db_gather_fits(g, s->name, err);
}

/* g is NULL for statements whose rows nobody wants. */
static bool step_all(struct db *db, const struct db_statement *s, sqlite3_stmt *st, struct db_gather *g,
                     struct err *err)
{
	int rc;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		if (g != NULL && !read_row(g, s, st, err))
			return false;
	return rc == SQLITE_DONE || fail(handle_of(db), rc, s->name, err);
}

static bool run(struct db *db, const struct db_statement *s, const struct db_value *params, struct err *err)
{
	sqlite3_stmt *st = NULL;
	if (!prepare(db, s, &st, err))
		return false;
	bool ok = bind_all(db, s, params, st, err) && step_all(db, s, st, NULL, err);
	finish(st);
	return ok;
}

static bool check_columns(const struct db_statement *s, sqlite3_stmt *st, struct err *err)
{
	if (sqlite3_column_count(st) == s->columns)
		return true;
	return err_set(err, ERR_SYSTEM, "%s: returns %d columns, the statement says %d", s->name,
	               sqlite3_column_count(st), s->columns);
}

static bool query(struct db *db, const struct db_statement *s, const struct db_value *params,
                  struct db_sink sink, struct db_rows *out_rows, struct err *err)
{
	sqlite3_stmt *st = NULL;
	if (!prepare(db, s, &st, err) || !check_columns(s, st, err))
		return false;
	struct db_gather g = { .sink = sink, .rows.columns = s->columns };
	bool ok = bind_all(db, s, params, st, err) && step_all(db, s, st, &g, err);
	finish(st);
	if (ok)
		*out_rows = g.rows;
	return ok;
}

static bool check(struct db *db, const struct db_statement *s, struct err *err)
{
	sqlite3_stmt *st = NULL;
	if (!prepare(db, s, &st, err) || !check_columns(s, st, err))
		return false;
	if (sqlite3_bind_parameter_count(st) != s->params)
		return err_set(err, ERR_SYSTEM, "%s: takes %d parameters, the statement says %d", s->name,
		               sqlite3_bind_parameter_count(st), s->params);
	return true;
}

static bool script(struct db *db, const char *text, struct err *err)
{
	return execute(handle_of(db), text, "script", err);
}

static void sqlite_close(struct db *db)
{
	db_cache_clear(&db->cache, drop);
	(void)sqlite3_close_v2(handle_of(db));
	free(db);
}

/* A new file that only we may read: SQLite gives its WAL the same mode.  One that is there must not even be
 * opened: closing any descriptor of it drops all locks that this process has on it (fcntl(2)), and the next
 * process that looks into the store takes it for nobody's and removes its log from under us. */
static bool create_file(const char *path, bool may_be_there, const char *what, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return (errno == EEXIST && may_be_there) ||
		       err_set(err, errno == EEXIST ? ERR_INPUT : ERR_SYSTEM, "cannot create %s %s: %s", what,
			       path, strerror(errno));
	(void)close(fd);
	return true;
}

static bool sync_folder(const char *path, struct err *err)
{
	char folder[PATH_MAX];
	(void)snprintf(folder, sizeof(folder), "%s", path);     /* no longer: the file could be made */
	int fd = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		(void)close(fd);
	return ok || err_set(err, ERR_SYSTEM, "cannot write the folder of %s to disk: %s",
	                     path, strerror(errno));
}

/* The copy is of one moment: the read transaction around it keeps writers from changing what is copied,
 * else the backup would start over at every commit of another connection. */
static bool copy_pages(sqlite3 *from, sqlite3 *to, db_progress *progress, void *ctx, struct err *err)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
	if (b == NULL)
		return fail(to, sqlite3_errcode(to), "backup", err);
	int rc;
	bool on = true;
	do {
		rc = sqlite3_backup_step(b, BACKUP_PAGES);
		int64_t total = sqlite3_backup_pagecount(b);
		if (progress != NULL && (rc == SQLITE_OK || rc == SQLITE_DONE))
			on = progress(ctx, total - sqlite3_backup_remaining(b), total);
	} while (on && rc == SQLITE_OK);
	(void)sqlite3_backup_finish(b);
	if (!on)
		return err_set(err, ERR_RETRY, "stopped: there is no copy");
	return rc == SQLITE_DONE || fail(to, rc, "backup", err);
}

static bool backup(struct db *db, const char *to_path, db_progress *progress, void *ctx, struct err *err)
{
	sqlite3 *from = handle_of(db), *to = NULL;
	if (!create_file(to_path, false, "the backup", err))
		return false;
	int rc = sqlite3_open_v2(to_path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, NULL);
	bool ok = rc == SQLITE_OK || fail(to, rc, "backup", err);
	ok = ok && execute(from, "BEGIN; SELECT count(*) FROM sqlite_schema", "backup", err) &&
	     copy_pages(from, to, progress, ctx, err);
	rollback(db);
	(void)sqlite3_close_v2(to);
	ok = ok && sync_folder(to_path, err);
	if (!ok)
		(void)unlink(to_path);
	return ok;
}

static const struct db_ops ops = { begin, commit, rollback, settle, run,
	                           query, check,  script,   backup, sqlite_close };

/* DQS: "x" is a name and never a text.  Trusted schema: a file that was tampered with calls no functions. */
static void harden(sqlite3 *h)
{
	static const struct { int what, value; } switches[] = {
		{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
		{ SQLITE_DBCONFIG_DQS_DML, 0 },
		{ SQLITE_DBCONFIG_DQS_DDL, 0 },
		{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
		{ SQLITE_DBCONFIG_ENABLE_TRIGGER, 1 },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(switches); i++)
		(void)sqlite3_db_config(h, switches[i].what, switches[i].value, NULL);
	(void)sqlite3_limit(h, SQLITE_LIMIT_ATTACHED, 0);
	(void)sqlite3_busy_timeout(h, BUSY_MS);
}

static bool settings(sqlite3 *h, struct db_options options, struct err *err)
{
	/* A pragma takes no bound values; this one is a number of ours. */
	char cache[64];
	sqlite3_snprintf(sizeof(cache), cache, "PRAGMA cache_size = -%d",
	                 options.cache_kib > 0 ? options.cache_kib :
	                 options.filling       ? FILLING_KIB : CACHE_KIB);
	return execute(h, cache, "open", err) &&
	       execute(h, options.filling ? "PRAGMA journal_mode = DELETE" : "PRAGMA journal_mode = WAL",
	               "open", err) &&
	       execute(h, "PRAGMA synchronous = FULL;"             /* a receipt must survive a power cut */
	                  "PRAGMA foreign_keys = OFF;"             /* projections are filled in any order */
	                  "PRAGMA journal_size_limit = 67108864;"
	                  "PRAGMA mmap_size = 0;"                  /* a disk error is an error, not SIGBUS */
	                  "PRAGMA temp_store = MEMORY;"            /* nothing of the content lies in /tmp */
	                  "PRAGMA secure_delete = ON;"             /* a purge overwrites */
	                  "PRAGMA case_sensitive_like = ON", "open", err) &&
	       (!options.read_only || execute(h, "PRAGMA query_only = ON", "open", err));
}

static int journal_mode(void *ctx, int columns, char **values, char **names)
{
	(void)columns;
	(void)names;
	*(bool *)ctx = strcmp(values[0], "wal") == 0 || strcmp(values[0], "memory") == 0;
	return 0;
}

/* The pragma does not fail where WAL is impossible (a network file system): it keeps the old mode. */
static bool check_wal(sqlite3 *h, const char *path, struct err *err)
{
	bool wal = false;
	int rc = sqlite3_exec(h, "PRAGMA journal_mode", journal_mode, &wal, NULL);
	if (rc != SQLITE_OK)
		return fail(h, rc, "open", err);
	return wal || err_set(err, ERR_SYSTEM, "%s cannot have a write-ahead log there: "
	                      "put the store on a local disk", path);
}

bool db_sqlite_open(const char *path, struct db_options options, struct db **out_db, struct err *err)
{
	bool in_memory = strcmp(path, ":memory:") == 0;
	if (!in_memory && !options.read_only && !create_file(path, true, "the store", err))
		return false;
	sqlite3 *h = NULL;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	int rc = sqlite3_open_v2(path, &h, flags, NULL);
	bool ok = rc == SQLITE_OK || fail(h, rc, path, err);
	if (ok)
		harden(h);
	ok = ok && settings(h, options, err) && (options.filling || check_wal(h, path, err));
	if (!ok) {
		(void)sqlite3_close_v2(h);
		return err_wrap(err, "store %s", path);
	}
	struct db_sqlite *db = calloc(1, sizeof(*db));          /* heap: the connection */
	if (db == NULL)
		abort();
	*db = (struct db_sqlite){ { .ops = &ops, .engine = DB_SQLITE, .read_only = options.read_only },
	                          .handle = h,
	                          .drained = options.drained };
	(void)sqlite3_wal_hook(h, checkpoint, db);
	*out_db = &db->base;
	return true;
}
