/* report_routes.h - routes under /api/reports. */
#pragma once
#include "http/route.h"

extern const struct route report_routes[];
extern const ptrdiff_t    report_routes_count;
