/* incident_routes.h - routes under /api/incidents and /api/clocks; party_routes.c has those of parties. */
#pragma once
#include "http/route.h"

extern const struct route incident_routes[];
extern const ptrdiff_t    incident_routes_count;
extern const struct route party_routes[];
extern const ptrdiff_t    party_routes_count;

/* What they share: the incident as it is now; an Undo that POSTs to /api/incidents/{incident}/{verb}. */
struct reply *incident_reply(struct request *rq, struct uuid id);
struct json  *incident_undo(struct request *rq, str label, struct uuid incident, const char *verb,
                            struct json *body);
