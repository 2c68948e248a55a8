#include "db/db_priv.h"

/* Until the engine lands. */
bool db_pg_open(const char *url, struct db_options options, struct db **out_db, struct err *err)
{
	(void)url;
	(void)options;
	(void)out_db;
	return err_set(err, ERR_RETRY, "this build has no PostgreSQL yet: give the path of an SQLite store");
}
