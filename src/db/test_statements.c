/* Prepares every statement of every .sql file against the tables of *_schema.sql. */
#include "db/db.h"

#include <stdio.h>
#include "schema_sql.h"
#include "sql_index.h"

static int wrong;

static void check(struct db *db, const char *file, const struct db_statement *s)
{
	struct err err;
	if (db_check(db, s, &err))
		return;
	(void)fprintf(stderr, "%s: %s\n", file, err.text);
	wrong++;
}

static void check_engine(const char *where)
{
	struct err err;
	struct db *db;
	if (!db_open(where, (struct db_options){ 0 }, &db, &err)) {
		(void)fprintf(stderr, "%s\n", err.text);
		wrong++;
		return;
	}
	if (!db_script(db, schema_sql[db_engine(db)], &err)) {
		(void)fprintf(stderr, "*_schema.sql: %s\n", err.text);
		wrong++;
	}
	for (ptrdiff_t i = 0; i < sql_files_count; i++)
		for (ptrdiff_t k = 0; k < *sql_files[i].count; k++)
			check(db, sql_files[i].name, sql_files[i].statements[k]);
	for (ptrdiff_t i = 0; i < schema_projections_count; i++) {
		check(db, "projections", &schema_projections[i].first);
		check(db, "projections", &schema_projections[i].after);
		check(db, "projections", &schema_projections[i].clear);
	}
	db_close(db);
}

int main(void)
{
	check_engine(":memory:");
	return wrong != 0;
}
