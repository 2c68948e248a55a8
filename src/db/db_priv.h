/* db_priv.h - what the engines of db/ share: the connection's common part, the statement cache, rows.
 *
 * db.c keeps the transaction's state and the sticky error (I4 of db.h), checks texts (I2), asks the engine.
 * An engine's functions are called only when there is no sticky error.
 */
#pragma once
#include "db/db.h"

/* Where an answer goes: the array of values may die earlier than the bytes of texts and blobs. */
struct db_sink { struct arena *values, *bytes; };

struct db_ops {
	bool (*begin)(struct db *db, bool write, struct err *err);
	bool (*commit)(struct db *db, struct err *err); /* when false, rollback is called next */
	void (*rollback)(struct db *db);
	bool (*settle)(struct db *db, struct err *err);
	bool (*run)(struct db *db, const struct db_statement *s, const struct db_value *params,
	            struct err *err);
	bool (*query)(struct db *db, const struct db_statement *s, const struct db_value *params,
	              struct db_sink sink, struct db_rows *out_rows, struct err *err);
	bool (*check)(struct db *db, const struct db_statement *s, struct err *err);
	bool (*script)(struct db *db, const char *text, struct err *err);
	bool (*backup)(struct db *db, const char *to_path, db_progress *progress, void *ctx, struct err *err);
	void (*close)(struct db *db);           /* frees it */
};

/* Prepared statements by their text, because a statement put together at run time has no lasting address.
 * Their number is bounded by starting over: what is in use is prepared again within milliseconds, and
 * neither engine needs bookkeeping of what was used when. */
enum { DB_CACHE_MAX = 1024, DB_CACHE_SLOTS = 4 * DB_CACHE_MAX };

struct db_cached {
	char    *text;                  /* heap: lives as long as the prepared statement; NULL: free slot */
	uint64_t hash;
	void    *handle;                /* SQLite: the statement; NULL: not prepared */
	uint32_t serial;                /* PostgreSQL: n of the name s<n>; 0: not prepared */
};

struct db_cache { struct db_cached *slots; int count; };

struct db {
	const struct db_ops *ops;
	enum db_engine       engine;
	bool                 read_only, in_transaction;
	int64_t              log_pages;
	struct err           stuck;             /* code is ERR_NONE unless a transaction has failed */
	struct db_cache      cache;
};

/* The slot of this text, new (handle NULL, serial 0) if need be.  Ask db_cache_full first. */
struct db_cached *db_cache_slot(struct db_cache *c, const char *text);
bool              db_cache_full(const struct db_cache *c);
void              db_cache_clear(struct db_cache *c, void (*drop)(void *handle));     /* drop may be NULL */

/* Rows of which nobody knows how many will come. */
struct db_gather { struct db_sink sink; struct db_rows rows; ptrdiff_t cap; };
struct db_value *db_gather_row(struct db_gather *g);
/* Copies one text or blob of the answer; an answer that does not fit is ERR_LIMIT (I6). */
MUST_CHECK bool  db_gather_bytes(struct db_gather *g, str s, str *out_copy, struct err *err);
MUST_CHECK bool  db_gather_fits(const struct db_gather *g, const char *name, struct err *err);

/* A column came as another type than the statement says: `got` in words. */
bool db_type_error(const struct db_statement *s, int column, const char *got, struct err *err);
const char *db_type_name(enum db_type type);

/* Returns ok; if not, inside a transaction, the error sticks (I4 of db.h). */
MUST_CHECK bool db_result(struct db *db, bool ok, const struct err *err);

MUST_CHECK bool db_query_into(struct db *db, const struct db_statement *s, const struct db_value *params,
                              struct db_sink sink, struct db_rows *out_rows, struct err *err);

MUST_CHECK bool db_sqlite_open(const char *path, struct db_options o, struct db **out_db, struct err *err);
MUST_CHECK bool db_pg_open(const char *url, struct db_options o, struct db **out_db, struct err *err);
