/* Prepares every statement of every .sql file against the tables of *_schema.sql. */
#include "db/db.h"

#include <stdio.h>
#include <stdlib.h>
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

static bool run_script(struct db *db, const char *what, const char *text)
{
	struct err err;
	if (db_script(db, text, &err))
		return true;
	(void)fprintf(stderr, "%s: %s\n", what, err.text);
	wrong++;
	return false;
}

static void check_all(struct db *db)
{
	for (ptrdiff_t i = 0; i < sql_files_count; i++)
		for (ptrdiff_t k = 0; k < *sql_files[i].count; k++)
			check(db, sql_files[i].name, sql_files[i].statements[k]);
	for (ptrdiff_t i = 0; i < schema_projections_count; i++) {
		check(db, "projections", &schema_projections[i].first);
		check(db, "projections", &schema_projections[i].after);
		check(db, "projections", &schema_projections[i].clear);
	}
}

/* On a server in a schema of its own, which nobody else sees. */
static void check_engine(const char *where)
{
	struct err err;
	struct db *db;
	if (!db_open(where, (struct db_options){ 0 }, &db, &err)) {
		(void)fprintf(stderr, "%s\n", err.text);
		wrong++;
		return;
	}
	bool server = db_engine(db) == DB_POSTGRES;
	if ((!server || run_script(db, "schema", "DROP SCHEMA IF EXISTS test_statements CASCADE;"
	                           "CREATE SCHEMA test_statements; SET search_path TO test_statements")) &&
	    run_script(db, "*_schema.sql", schema_sql[db_engine(db)]))
		check_all(db);
	if (server)
		(void)run_script(db, "schema", "DROP SCHEMA test_statements CASCADE");
	db_close(db);
}

int main(void)
{
	const char *url = getenv("NAUBAT_TEST_PG");
	check_engine(":memory:");
	if (url != NULL)
		check_engine(url);
	else
		(void)puts("skipped: PostgreSQL part: NAUBAT_TEST_PG is not set");
	return wrong != 0;
}
