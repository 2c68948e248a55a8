/* incident_routes.h - routes under /api/incidents and /api/clocks. */
#pragma once
#include "http/route.h"

extern const struct route incident_routes[];
extern const ptrdiff_t    incident_routes_count;
