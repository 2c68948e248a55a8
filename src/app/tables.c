#include "app/tables.h"

#include "access/session.h"
#include "http/account_routes.h"
#include "http/credential_routes.h"
#include "http/directory_routes.h"
#include "http/downloads.h"
#include "http/evidence_routes.h"
#include "http/home_routes.h"
#include "http/incident_routes.h"
#include "http/journal_routes.h"
#include "http/oversight_routes.h"
#include "http/own_routes.h"

#include "http/limiter.h"
#include "http/message_routes.h"
#include "http/permissions.h"
#include "http/progress.h"
#include "http/public_routes.h"
#include "http/purge_routes.h"
#include "http/regime_routes.h"
#include "http/report_routes.h"
#include "http/session_routes.h"

enum { DOWNLOADS_MOST = 128 << 20 };

ptrdiff_t app_tables(struct route_table *tables, ptrdiff_t max)
{
	const struct route_table all[] = {
		{ public_routes, public_routes_count },       { session_routes, session_routes_count },
		{ account_routes, account_routes_count },     { report_routes, report_routes_count },
		{ incident_routes, incident_routes_count },   { party_routes, party_routes_count },
		{ home_routes, home_routes_count },
		{ directory_routes, directory_routes_count }, { regime_routes, regime_routes_count },
		{ journal_routes, journal_routes_count },     { evidence_routes, evidence_routes_count },
		{ purge_routes, purge_routes_count },         { own_routes, own_routes_count },
		{ oversight_routes, oversight_routes_count },
		{ credential_routes, credential_routes_count },
		{ message_routes, message_routes_count },
	};
	ASSERT(COUNTOF(all) <= max);
	memcpy(tables, all, sizeof(all));
	return COUNTOF(all);
}

void app_hooks(struct http_hooks *hooks)
{
	hooks->admit = access_admit;
	hooks->identify = access_identify;
	hooks->may = access_may;
}

bool app_sessions_open(struct node *n, struct err *err)
{
	struct sessions_options options = { .store = n->store,
					    .writer = n->writer,
					    .clock = n->clock,
					    .secret = n->world->secret,
					    .demonstration = n->demonstration };
	n->downloads = downloads_open(DOWNLOADS_MOST);
	n->verifying = progress_open();
	return sessions_open(&options, &n->sessions, err) && limiter_open(n->rng, &n->limiter, err);
}

void app_sessions_close(struct node *n)
{
	sessions_close(n->sessions);
	limiter_close(n->limiter);
	downloads_close(n->downloads);
	progress_close(n->verifying);
}
