/* own_routes.h - what a constituent may ask for and do: the routes of its organisation's own. */
#pragma once
#include "http/route.h"

extern const struct route own_routes[];
extern const ptrdiff_t own_routes_count;
