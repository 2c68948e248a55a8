/* db_call.h - statements with C structs for parameters and rows: what tools/sqlgen.py generates calls of.
 *
 * Nobody writes these by hand: the tables come from the `-- in:` and `-- out:` lines of a .sql file.
 *
 * I1. uuid? is NULL when nil, instant? when us is 0, text? and blob? when ptr is NULL; there is no int? or
 *     bool?, because they have no value to spare.
 * I2. A column that is not what its line says (a UUID of 15 bytes, NULL without `?`) is ERR_SYSTEM, not a
 *     crash.
 */
#pragma once
#include "db/db.h"

enum db_kind { DB_KIND_UUID, DB_KIND_INSTANT, DB_KIND_INT, DB_KIND_BOOL, DB_KIND_TEXT, DB_KIND_BLOB };

struct db_field {
	const char  *name;
	enum db_kind kind;
	bool         nullable;
	size_t       offset;            /* in the struct of the parameters or of the row */
};

struct db_call {
	struct db_statement    statement;
	const struct db_field *ins, *outs;      /* statement.params and statement.columns of them */
	size_t                 row_size;
};

MUST_CHECK bool db_call_run(struct db *db, const struct db_call *c, const void *in, struct err *err);

struct db_call_rows { void *rows; ptrdiff_t count; };

/* No row or one; a second is ERR_SYSTEM: the statement has to say LIMIT 1. */
MUST_CHECK bool db_call_one(struct db *db, struct arena *a, const struct db_call *c, const void *in,
                            struct db_call_rows *out_rows, struct err *err);
MUST_CHECK bool db_call_many(struct db *db, struct arena *a, const struct db_call *c, const void *in,
                             struct db_call_rows *out_rows, struct err *err);
