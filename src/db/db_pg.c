/* Theory: the connection is in libpq's pipeline mode for all its life.  What is sent is noted in `pending`,
 * in order; flush() sends a Sync and reads one answer for each note.  Inside a transaction db_run only sends,
 * so a batch of statements costs one round trip.  After an error the server skips the rest up to the Sync,
 * which is why the first error is the one that counts, and why rolling back begins with a flush. */
#include "db/db_priv.h"

#include <endian.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	PENDING_FLUSH = 192,            /* bounds libpq's buffers and how late an error shows */
	PENDING_MAX   = PENDING_FLUSH + 4,      /* one call sends at most three, a commit one */
	NAME_LENGTH   = 48,
	VALUE_MAX     = 1 << 30,        /* PostgreSQL's own limit of one value */
};
/* Types as PostgreSQL numbers them: pg_type.dat. */
enum { OID_BOOL = 16, OID_BYTEA = 17, OID_NAME = 19, OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23,
       OID_TEXT = 25, OID_VARCHAR = 1043 };

struct pending {
	char     name[NAME_LENGTH];     /* a copy: statements made at run time do not last */
	uint32_t prepares;              /* the serial of the statement this prepares; 0 for all else */
	bool     commits;               /* without its answer nobody knows what was kept */
};

struct db_pg {
	struct db      base;
	char          *url;
	PGconn        *conn;            /* NULL once lost: the next transaction connects again */
	uint32_t       serial;          /* of the newest prepared statement; never used twice */
	bool           writing;         /* the open transaction may change something */
	int            count;
	struct pending pending[PENDING_MAX];
};

static struct db_pg *pg_of(struct db *db)
{
	return (struct db_pg *)db;
}

/* What SQLSTATE means to our callers; the longest matching start comes first. */
static const struct { const char *start; enum err_code means; const char *text; } meanings[] = {
	{ "23",    ERR_CONFLICT, "a constraint refused it" },
	{ "40",    ERR_RETRY,    "another transaction was in the way; try again" },
	{ "55P03", ERR_RETRY,    "another transaction holds the lock; try again" },
	{ "57014", ERR_RETRY,    "cancelled; try again" },
	{ "57P",   ERR_RETRY,    "the database server stops or starts; try again" },
	{ "08",    ERR_RETRY,    "the connection to the database server broke; try again" },
	{ "53300", ERR_RETRY,    "the database server has no free connection; try again" },
	{ "53100", ERR_FULL,     "the database server's disk is full: make room, then try again" },
	{ "53",    ERR_SYSTEM,   "the database server lacks memory or space" },
	{ "25006", ERR_SYSTEM,   "the store is open for reading only" },
	{ "42501", ERR_SYSTEM,   "the database role lacks a right: grant it" },
};

/* The detail of a message is left out: it quotes the rows. */
static bool fail(const PGresult *r, const char *name, struct err *err)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	const char *said = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	if (state == NULL || said == NULL)
		return err_set(err, ERR_SYSTEM, "%s: PostgreSQL answered %s", name,
		               PQresStatus(PQresultStatus(r)));
	for (ptrdiff_t i = 0; i < COUNTOF(meanings); i++)
		if (str_starts(str_from(state), str_from(meanings[i].start)))
			return err_set(err, meanings[i].means, "%s: %s (%s, %s)", name, meanings[i].text,
			               said, state);
	return err_set(err, ERR_SYSTEM, "%s: %s (%s)", name, said, state);
}

static void disconnect(struct db_pg *pg)
{
	PQfinish(pg->conn);
	pg->conn = NULL;
	pg->count = 0;
	db_cache_clear(&pg->base.cache, NULL);
}

/* The connection is gone.  `sure`: the server is known to have refused what was pending. */
static bool lost(struct db_pg *pg, bool sure, struct err *err)
{
	bool unsure = false;
	for (int i = 0; i < pg->count && !sure; i++)
		unsure |= pg->pending[i].commits;
	str said = str_trim(str_from(PQerrorMessage(pg->conn)));
	said = str_cut(said, '\n').head;
	if (unsure)
		(void)err_set(err, ERR_UNSURE, "the database server went away during a commit: "
		              "look whether it was kept before trying again (" STR_FMT ")", STR_ARG(said));
	else
		(void)err_set(err, ERR_RETRY, "the connection to the database server broke; "
		              "try again (" STR_FMT ")", STR_ARG(said));
	disconnect(pg);
	return false;
}

static bool execute(PGconn *conn, const char *text, const char *name, struct err *err)
{
	PGresult *r = PQexec(conn, text);
	ExecStatusType status = PQresultStatus(r);
	bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY ||
	          fail(r, name, err);
	PQclear(r);
	return ok;
}

static void ignore_notice(void *ctx, const char *text)
{
	(void)ctx;
	(void)text;
}

/* Asynchronous commit would break db_commit's word; a stronger setting of the server's owner stays. */
static bool set_session(PGconn *conn, bool read_only, struct err *err)
{
	const char *encoding = PQparameterStatus(conn, "server_encoding");
	if (encoding == NULL || strcmp(encoding, "UTF8") != 0)
		return err_set(err, ERR_INPUT, "the database has the encoding %s: "
		               "create one with ENCODING 'UTF8'", encoding != NULL ? encoding : "unknown");
	return execute(conn, "SELECT set_config('synchronous_commit', 'on', false)"
	                     " WHERE current_setting('synchronous_commit') = 'off'", "open", err) &&
	       (!read_only || execute(conn, "SET default_transaction_read_only = on", "open", err));
}

static bool connect_to(struct db_pg *pg, struct err *err)
{
	/* Later ones win: the URL over our choices, ours over the URL where nothing else would work. */
	const char *const names[] = { "application_name", "connect_timeout", "keepalives_idle",
		"keepalives_interval", "keepalives_count", "tcp_user_timeout", "dbname", "client_encoding",
		NULL };
	const char *const values[] = { "naubat", "10", "30", "10", "3", "30000", pg->url, "UTF8", NULL };
	pg->conn = PQconnectdbParams(names, values, 1);
	if (pg->conn == NULL)
		abort();                                /* out of memory */
	if (PQstatus(pg->conn) != CONNECTION_OK) {
		str said = str_trim(str_from(PQerrorMessage(pg->conn)));
		(void)err_set(err, ERR_RETRY, "cannot connect to the database server: " STR_FMT,
		              STR_ARG(said));
		disconnect(pg);
		return false;
	}
	(void)PQsetNoticeProcessor(pg->conn, ignore_notice, NULL);
	bool ok = set_session(pg->conn, pg->base.read_only, err);
	if (ok && PQenterPipelineMode(pg->conn) != 1)
		ok = err_set(err, ERR_SYSTEM, "libpq has no pipeline mode here");
	if (!ok)
		disconnect(pg);
	return ok;
}

/* Between transactions: connects again if the server has said goodbye meanwhile.  The first read may bring
 * its last words, only the second one shows the end. */
static bool ensure(struct db_pg *pg, struct err *err)
{
	if (pg->conn != NULL && PQconsumeInput(pg->conn) == 1 && PQconsumeInput(pg->conn) == 1)
		return true;
	disconnect(pg);
	return connect_to(pg, err);
}

static struct pending *note(struct db_pg *pg, const char *name)
{
	ASSERT(pg->count < PENDING_MAX);
	struct pending *p = &pg->pending[pg->count++];
	*p = (struct pending){ 0 };
	(void)snprintf(p->name, sizeof(p->name), "%s", name);
	return p;
}

/* A statement whose preparation failed or was skipped is prepared again when it is next used. */
static void forget(struct db_pg *pg, uint32_t serial)
{
	for (int i = 0; pg->base.cache.slots != NULL && i < DB_CACHE_SLOTS; i++)
		if (pg->base.cache.slots[i].serial == serial)
			pg->base.cache.slots[i].serial = 0;
}

static bool is_fatal(const PGresult *r)
{
	const char *severity = PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED);
	return severity != NULL && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

/* The answer to one note, or NULL if the connection is gone. */
static PGresult *next_answer(struct db_pg *pg)
{
	PGresult *first = PQgetResult(pg->conn), *more;
	bool gone = first == NULL || is_fatal(first) || PQstatus(pg->conn) != CONNECTION_OK;
	while (!gone && (more = PQgetResult(pg->conn)) != NULL) {       /* the NULL that ends an answer */
		gone = PQstatus(pg->conn) != CONNECTION_OK;
		PQclear(more);
	}
	if (!gone)
		return first;
	PQclear(first);
	return NULL;
}

static bool is_good(const PGresult *r)
{
	ExecStatusType status = PQresultStatus(r);
	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* Reads the answers to all notes.  *out_last, if wanted, is the last one, to be cleared by the caller. */
static bool flush(struct db_pg *pg, PGresult **out_last, struct err *err)
{
	bool ok = true;
	PGresult *last = NULL;
	if (PQpipelineSync(pg->conn) != 1)
		return lost(pg, false, err);
	for (int i = 0; i < pg->count; i++) {
		PQclear(last);
		last = next_answer(pg);
		if (last == NULL)
			return lost(pg, !ok, err);
		if (is_good(last))
			continue;
		if (pg->pending[i].prepares != 0)
			forget(pg, pg->pending[i].prepares);
		if (ok)
			ok = fail(last, pg->pending[i].name, err);
	}
	PGresult *sync = PQgetResult(pg->conn);
	bool synced = PQresultStatus(sync) == PGRES_PIPELINE_SYNC;
	PQclear(sync);
	if (!synced || !ok || out_last == NULL) {
		PQclear(last);
		last = NULL;
	}
	if (!synced)                                    /* all answers were read: nothing is unknown */
		return lost(pg, true, err);
	pg->count = 0;
	if (ok && out_last != NULL)
		*out_last = last;
	return ok;
}

/* libpq refuses to send only when it is out of memory or the connection is gone. */
static bool sent(struct db_pg *pg, int result, struct err *err)
{
	return result == 1 || lost(pg, false, err);
}

static bool send_text(struct db_pg *pg, const char *text, bool commits, struct err *err)
{
	if (!sent(pg, PQsendQueryParams(pg->conn, text, 0, NULL, NULL, NULL, NULL, 1), err))
		return false;
	note(pg, text)->commits = commits;
	return true;
}

static Oid oid_of(enum db_type type)
{
	static const Oid oids[] = {     /* 0: the server finds out */
		[DB_NULL] = 0, [DB_INT] = OID_INT8, [DB_TEXT] = OID_TEXT, [DB_BLOB] = OID_BYTEA };
	return oids[type];
}

static void param_oids(const struct db_statement *s, const struct db_value *params,
                       Oid oids[static DB_PARAMS_MAX])
{
	for (int i = 0; i < s->params; i++) {
		enum db_type type = params != NULL ? params[i].type : DB_NULL;
		oids[i] = oid_of(s->param_types != NULL ? s->param_types[i] : type);
	}
}

static void format_name(uint32_t serial, char name[static 16])
{
	(void)snprintf(name, 16, "s%u", serial);
}

/* Sends the preparation if this connection has not seen the text yet; gives the name. */
static bool prepare(struct db_pg *pg, const struct db_statement *s, const struct db_value *params,
                    char name[static 16], struct err *err)
{
	if (db_cache_full(&pg->base.cache)) {
		db_cache_clear(&pg->base.cache, NULL);
		if (!send_text(pg, "DEALLOCATE ALL", false, err))
			return false;
	}
	struct db_cached *slot = db_cache_slot(&pg->base.cache, s->text[DB_POSTGRES]);
	if (slot->serial == 0) {
		Oid oids[DB_PARAMS_MAX];
		param_oids(s, params, oids);
		format_name(pg->serial + 1, name);
		if (!sent(pg, PQsendPrepare(pg->conn, name, slot->text, s->params, oids), err))
			return false;
		slot->serial = ++pg->serial;
		note(pg, s->name)->prepares = slot->serial;
	}
	format_name(slot->serial, name);
	return true;
}

static bool send(struct db_pg *pg, const struct db_statement *s, const struct db_value *params, bool commits,
                 struct err *err)
{
	char name[16];
	uint64_t    numbers[DB_PARAMS_MAX];
	const char *values[DB_PARAMS_MAX];
	int         lengths[DB_PARAMS_MAX], formats[DB_PARAMS_MAX];
	for (int i = 0; i < s->params; i++) {
		const struct db_value *v = &params[i];
		if (v->type != DB_INT && v->s.len > VALUE_MAX)
			return err_set(err, ERR_LIMIT, "%s: a value of %td bytes is too large", s->name,
			               v->s.len);
		numbers[i] = htobe64((uint64_t)v->i);
		values[i] = v->s.ptr != NULL ? v->s.ptr : "";   /* libpq takes a NULL pointer for NULL */
		lengths[i] = (int)v->s.len;
		if (v->type == DB_INT) {
			values[i] = (const char *)&numbers[i];
			lengths[i] = (int)sizeof(numbers[i]);
		} else if (v->type == DB_NULL) {
			values[i] = NULL;
		}
		formats[i] = 1;                                 /* binary */
	}
	if (!prepare(pg, s, params, name, err) ||
	    !sent(pg, PQsendQueryPrepared(pg->conn, name, s->params, values, lengths, formats, 1), err))
		return false;
	note(pg, s->name)->commits = commits;
	return true;
}

static bool begin(struct db *db, bool write, struct err *err)
{
	struct db_pg *pg = pg_of(db);
	pg->writing = write;
	return ensure(pg, err) &&
	       send_text(pg, write ? "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
	                           : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", false, err);
}

static bool commit(struct db *db, struct err *err)
{
	struct db_pg *pg = pg_of(db);
	PGresult *r = NULL;
	if (!send_text(pg, "COMMIT", pg->writing, err) || !flush(pg, &r, err))
		return false;
	bool kept = strcmp(PQcmdStatus(r), "COMMIT") == 0;      /* in a failed transaction it is "ROLLBACK" */
	PQclear(r);
	return kept || err_set(err, ERR_SYSTEM, "commit: the database server rolled back");
}

static void rollback(struct db *db)
{
	struct db_pg *pg = pg_of(db);
	struct err ignored;
	if (pg->conn != NULL && pg->count != 0)
		(void)!flush(pg, NULL, &ignored);
	if (pg->conn != NULL && !(send_text(pg, "ROLLBACK", false, &ignored) && flush(pg, NULL, &ignored)))
		disconnect(pg);
}

static bool run(struct db *db, const struct db_statement *s, const struct db_value *params, struct err *err)
{
	struct db_pg *pg = pg_of(db);
	if (!db->in_transaction)
		return ensure(pg, err) && send(pg, s, params, true, err) && flush(pg, NULL, err);
	return send(pg, s, params, false, err) && (pg->count < PENDING_FLUSH || flush(pg, NULL, err));
}

static enum db_type type_of(Oid oid)
{
	switch (oid) {
	case OID_BOOL: case OID_INT2: case OID_INT4: case OID_INT8:
		return DB_INT;
	case OID_TEXT: case OID_VARCHAR: case OID_NAME:
		return DB_TEXT;
	case OID_BYTEA:
		return DB_BLOB;
	default:
		return DB_NULL;
	}
}

static bool check_columns(const struct db_statement *s, const PGresult *r, struct err *err)
{
	if (PQnfields(r) != s->columns)
		return err_set(err, ERR_SYSTEM, "%s: returns %d columns, the statement says %d", s->name,
		               PQnfields(r), s->columns);
	for (int i = 0; i < s->columns; i++) {
		enum db_type type = type_of(PQftype(r, i));
		if (type == DB_NULL)
			return db_type_error(s, i, "of a type of PostgreSQL's own (numeric?): cast it", err);
		if (type != s->types[i])
			return db_type_error(s, i, db_type_name(type), err);
	}
	return true;
}

/* An integer of 1, 2, 4 or 8 bytes, big-endian, sign-extended; a bool is one byte. */
static int64_t read_int(const char *bytes, int len)
{
	uint64_t n = len > 1 && (bytes[0] & 0x80) ? UINT64_MAX : 0;
	for (int i = 0; i < len; i++)
		n = n << 8 | (uint8_t)bytes[i];
	return (int64_t)n;
}

static bool read_row(struct db_gather *g, const struct db_statement *s, const PGresult *r, int row,
                     struct err *err)
{
	struct db_value *values = db_gather_row(g);
	for (int i = 0; i < s->columns; i++) {
		str bytes = { PQgetvalue(r, row, i), PQgetlength(r, row, i) };
		if (PQgetisnull(r, row, i)) {
			values[i] = (struct db_value){ .type = DB_NULL };
			continue;
		}
		values[i] = (struct db_value){ .type = s->types[i] };
		if (s->types[i] == DB_INT)
			values[i].i = read_int(bytes.ptr, (int)bytes.len);
		else if (!db_gather_bytes(g, bytes, &values[i].s, err))
			return false;
	}
	return db_gather_fits(g, s->name, err);
}

static bool read_rows(const struct db_statement *s, const PGresult *r, struct db_sink sink,
                      struct db_rows *out_rows, struct err *err)
{
	struct db_gather g = { .sink = sink, .rows.columns = s->columns };
	if (!check_columns(s, r, err))
		return false;
	for (int i = 0; i < PQntuples(r); i++)
		if (!read_row(&g, s, r, i, err))
			return false;
	*out_rows = g.rows;
	return true;
}

static bool query(struct db *db, const struct db_statement *s, const struct db_value *params,
                  struct db_sink sink, struct db_rows *out_rows, struct err *err)
{
	struct db_pg *pg = pg_of(db);
	PGresult *r = NULL;
	bool alone = !db->in_transaction;
	/* Only a statement that changes something (RETURNING) leaves doubt when its answer is lost. */
	bool reads = db->read_only || str_starts_nocase(str_from(s->text[DB_POSTGRES]), S("SELECT"));
	bool commits = alone && !reads;
	if ((alone && !ensure(pg, err)) || !send(pg, s, params, commits, err) || !flush(pg, &r, err))
		return false;
	bool ok = read_rows(s, r, sink, out_rows, err);
	PQclear(r);
	return ok;
}

static bool check(struct db *db, const struct db_statement *s, struct err *err)
{
	struct db_pg *pg = pg_of(db);
	PGresult *r = NULL;
	Oid oids[DB_PARAMS_MAX];
	ASSERT(s->params <= DB_PARAMS_MAX);
	param_oids(s, NULL, oids);
	if (!ensure(pg, err) ||
	    !sent(pg, PQsendPrepare(pg->conn, "", s->text[DB_POSTGRES], s->params, oids), err))
		return false;
	(void)note(pg, s->name);
	if (!sent(pg, PQsendDescribePrepared(pg->conn, ""), err))
		return false;
	(void)note(pg, s->name);
	if (!flush(pg, &r, err))
		return false;
	bool ok = check_columns(s, r, err);
	if (ok && PQnparams(r) != s->params)
		ok = err_set(err, ERR_SYSTEM, "%s: takes %d parameters, the statement says %d", s->name,
		             PQnparams(r), s->params);
	PQclear(r);
	return ok;
}

/* Several statements in one text exist only outside the pipeline.  Plans start over: tables have changed. */
static bool script(struct db *db, const char *text, struct err *err)
{
	struct db_pg *pg = pg_of(db);
	if (!flush(pg, NULL, err))
		return false;
	if (PQexitPipelineMode(pg->conn) != 1)
		return lost(pg, true, err);
	bool ok = execute(pg->conn, text, "script", err) &&
	          execute(pg->conn, "DEALLOCATE ALL", "script", err);
	if (ok)
		db_cache_clear(&db->cache, NULL);
	if (PQstatus(pg->conn) != CONNECTION_OK || PQenterPipelineMode(pg->conn) != 1)
		return lost(pg, true, err);
	return ok;
}

static bool backup(struct db *db, const char *to_path, db_progress *progress, void *ctx, struct err *err)
{
	(void)db;
	(void)to_path;
	(void)progress;
	(void)ctx;
	return err_set(err, ERR_INPUT, "this store is in PostgreSQL: back it up with pg_dump");
}

/* The server answers for its own disk: a flush that fails ends it, and we connect again. */
static bool settle(struct db *db, struct err *err)
{
	(void)db;
	(void)err;
	return true;
}

static void pg_close(struct db *db)
{
	struct db_pg *pg = pg_of(db);
	disconnect(pg);
	free(pg->url);
	free(pg);
}

static const struct db_ops ops = { begin, commit, rollback, settle, run,
	                           query, check,  script,   backup, pg_close };

bool db_pg_open(const char *url, struct db_options options, struct db **out_db, struct err *err)
{
	struct db_pg *pg = calloc(1, sizeof(*pg));              /* heap: the connection */
	if (pg == NULL || (pg->url = strdup(url)) == NULL)
		abort();
	pg->base = (struct db){ .ops = &ops, .engine = DB_POSTGRES, .read_only = options.read_only };
	if (!connect_to(pg, err)) {
		pg_close(&pg->base);
		return false;
	}
	*out_db = &pg->base;
	return true;
}
