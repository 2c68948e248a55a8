/* purge_routes.h - legal holds, and purges: asked by one person, confirmed by another (cases/purge.h). */
#pragma once
#include "http/route.h"

extern const struct route purge_routes[];
extern const ptrdiff_t purge_routes_count;
