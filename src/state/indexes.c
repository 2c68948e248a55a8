#include "state/indexes.h"

#include "state_sql.h"

/* What apply looks up by, besides primary keys: test_apply.c asks SQLite for the plan of every statement. */
static const char *const needed[] = { "clock_subject", "incident_root" };

static bool is_needed(str name)
{
	for (ptrdiff_t i = 0; i < COUNTOF(needed); i++)
		if (str_eq(name, str_from(needed[i])))
			return true;
	return false;
}

bool indexes_drop(struct db *db, struct arena *a, struct index_list *out_dropped, struct err *err)
{
	struct sql_state_index_page_row *rows;
	struct index_list list = { 0 };
	ptrdiff_t count;
	if (!sql_state_index_page(db, a, &rows, &count, err))
		return false;
	list.definitions = NEW(a, str, count);
	for (ptrdiff_t i = 0; i < count; i++) {
		if (is_needed(rows[i].name))
			continue;
		if (!db_script(db, arena_printf(a, "DROP INDEX " STR_FMT, STR_ARG(rows[i].name)).ptr, err))
			return false;
		list.definitions[list.count++] = rows[i].definition;
	}
	*out_dropped = list;
	return true;
}

bool indexes_make(struct db *db, str definition, struct err *err)
{
	return db_script(db, definition.ptr, err);
}
