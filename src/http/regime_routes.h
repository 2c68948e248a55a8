/* regime_routes.h - the law of this node, as the console shows it. */
#pragma once
#include "http/route.h"

extern const struct route regime_routes[];
extern const ptrdiff_t regime_routes_count;
