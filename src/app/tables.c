#include "app/tables.h"

#include "http/incident_routes.h"
#include "http/public_routes.h"
#include "http/report_routes.h"

ptrdiff_t app_tables(struct route_table *tables, ptrdiff_t max)
{
	const struct route_table all[] = {
		{ public_routes, public_routes_count },
		{ report_routes, report_routes_count },
		{ incident_routes, incident_routes_count },
	};
	ASSERT(COUNTOF(all) <= max);
	memcpy(tables, all, sizeof(all));
	return COUNTOF(all);
}

static bool identify(void *ctx UNUSED, struct request *rq UNUSED, const struct identity **out_who,
		     struct err *err UNUSED)
{
	*out_who = NULL;
	return true;
}

static bool may(void *ctx UNUSED, const struct identity *who UNUSED, enum perm need)
{
	return need == PERM_PUBLIC;
}

void app_hooks(struct node *n UNUSED, struct http_hooks *hooks)
{
	hooks->identify = identify;
	hooks->may = may;
}

bool app_sessions_open(struct node *n UNUSED, struct err *err UNUSED)
{
	return true;
}

void app_sessions_close(struct node *n UNUSED)
{
}
