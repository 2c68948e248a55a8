#include "db/db_priv.h"

bool db_open(const char *where, struct db_options options, struct db **out_db, struct err *err)
{
	str w = str_from(where);
	if (str_starts(w, S("postgresql://")) || str_starts(w, S("postgres://")))
		return db_pg_open(where, options, out_db, err);
	return db_sqlite_open(where, options, out_db, err);
}

void db_close(struct db *db)
{
	if (db == NULL)
		return;
	db_rollback(db);
	db->ops->close(db);
}

enum db_engine db_engine(const struct db *db)
{
	return db->engine;
}

static bool begin(struct db *db, bool write, struct err *err)
{
	ASSERT(!db->in_transaction);
	if (!db->ops->begin(db, write && !db->read_only, err))
		return false;
	db->in_transaction = true;
	return true;
}

bool db_begin(struct db *db, struct err *err)
{
	return begin(db, true, err);
}

bool db_begin_read(struct db *db, struct err *err)
{
	return begin(db, false, err);
}

static bool is_stuck(const struct db *db)
{
	return db->stuck.code != ERR_NONE;
}

bool db_result(struct db *db, bool ok, const struct err *err)
{
	if (!ok && db->in_transaction && !is_stuck(db))
		db->stuck = *err;
	return ok;
}

bool db_commit(struct db *db, struct err *err)
{
	ASSERT(db->in_transaction);
	bool ok = !is_stuck(db) && db->ops->commit(db, err);
	if (is_stuck(db))
		*err = db->stuck;
	if (ok)
		db->in_transaction = false;
	else
		db_rollback(db);
	return ok;
}

void db_rollback(struct db *db)
{
	if (!db->in_transaction)
		return;
	db->ops->rollback(db);
	db->in_transaction = false;
	db->stuck = (struct err){ 0 };
}

/* I2: SQLite would take anything, PostgreSQL would refuse it with other words. */
static bool check_params(const struct db_statement *s, const struct db_value *params, struct err *err)
{
	ASSERT(s->params <= DB_PARAMS_MAX);
	for (int i = 0; i < s->params; i++) {
		if (params[i].type != DB_TEXT)
			continue;
		if (!str_utf8_valid(params[i].s) || str_find_char(params[i].s, '\0') >= 0)
			return err_set(err, ERR_INPUT, "%s: text number %d is not UTF-8 without U+0000",
			               s->name, i + 1);
	}
	return true;
}

bool db_run(struct db *db, const struct db_statement *s, const struct db_value *params, struct err *err)
{
	if (is_stuck(db)) {
		*err = db->stuck;
		return false;
	}
	return db_result(db, check_params(s, params, err) && db->ops->run(db, s, params, err), err);
}

bool db_query_into(struct db *db, const struct db_statement *s, const struct db_value *params,
                   struct db_sink sink, struct db_rows *out_rows, struct err *err)
{
	if (is_stuck(db)) {
		*err = db->stuck;
		return false;
	}
	struct db_rows rows = { 0 };
	bool ok = check_params(s, params, err) && db->ops->query(db, s, params, sink, &rows, err);
	if (ok)
		*out_rows = rows;
	return db_result(db, ok, err);
}

bool db_query(struct db *db, const struct db_statement *s, const struct db_value *params,
              struct arena *a, struct db_rows *out_rows, struct err *err)
{
	return db_query_into(db, s, params, (struct db_sink){ a, a }, out_rows, err);
}

int64_t db_log_pages(const struct db *db)
{
	return db->log_pages;
}

bool db_settle(struct db *db, struct err *err)
{
	ASSERT(!db->in_transaction);
	return db->ops->settle(db, err);
}

bool db_check(struct db *db, const struct db_statement *s, struct err *err)
{
	ASSERT(!db->in_transaction);
	return db->ops->check(db, s, err);
}

bool db_script(struct db *db, const char *text, struct err *err)
{
	if (is_stuck(db)) {
		*err = db->stuck;
		return false;
	}
	if (db->in_transaction)
		return db_result(db, db->ops->script(db, text, err), err);
	if (!db_begin(db, err))
		return false;
	if (!db_result(db, db->ops->script(db, text, err), err)) {
		db_rollback(db);
		return false;
	}
	return db_commit(db, err);
}

bool db_backup(struct db *db, const char *to_path, db_progress *progress, void *ctx, struct err *err)
{
	ASSERT(!db->in_transaction);
	return db->ops->backup(db, to_path, progress, ctx, err);
}

struct db_value *db_gather_row(struct db_gather *g)
{
	int columns = g->rows.columns;
	if (g->rows.count == g->cap) {
		g->cap = MAX(4, g->cap * 2);
		struct db_value *more = NEW(g->sink.values, struct db_value, g->cap * columns);
		if (g->rows.count != 0)
			memcpy(more, g->rows.values, (size_t)(g->rows.count * columns) * sizeof(*more));
		g->rows.values = more;
	}
	return &g->rows.values[g->rows.count++ * columns];
}

bool db_gather_fits(const struct db_gather *g, const char *name, struct err *err)
{
	if (!g->sink.values->over && !g->sink.bytes->over)
		return true;
	return err_set(err, ERR_LIMIT, "%s: the answer is too large; ask for less of it", name);
}

bool db_gather_bytes(struct db_gather *g, str s, str *out_copy, struct err *err)
{
	if (s.len > g->sink.bytes->soft - g->sink.bytes->used)
		return err_set(err, ERR_LIMIT, "a value of %td bytes does not fit into the answer; "
		               "ask for less of it", s.len);
	*out_copy = arena_dup(g->sink.bytes, s);
	return true;
}

const char *db_type_name(enum db_type type)
{
	static const char *const names[] = {
		[DB_NULL] = "NULL", [DB_INT] = "an integer", [DB_TEXT] = "a text", [DB_BLOB] = "a blob" };
	return names[type];
}

bool db_type_error(const struct db_statement *s, int column, const char *got, struct err *err)
{
	return err_set(err, ERR_SYSTEM, "%s: column %d is %s, the statement says %s",
	               s->name, column + 1, got, db_type_name(s->types[column]));
}
