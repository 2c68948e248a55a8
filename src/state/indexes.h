/* indexes.h - the secondary indexes of a store that is being filled.
 *
 * An index that grows row by row costs many times what it costs made at once from all rows.  So a rebuild
 * drops those that no apply statement looks anything up by, and makes them again when the tables are full.
 * Their definitions are asked of the engine: *_schema.sql stays the only place that has them.
 */
#pragma once
#include "base/arena.h"
#include "db/db.h"

struct index_list {
	str *definitions;
	ptrdiff_t count;
};

/* Inside a transaction, in which the indexes are made again too: nobody else ever misses one. */
MUST_CHECK bool indexes_drop(struct db *db, struct arena *a, struct index_list *out_dropped, struct err *err);
MUST_CHECK bool indexes_make(struct db *db, str definition, struct err *err);
