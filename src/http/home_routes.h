/* home_routes.h - the first screen, the search box, the outbox and the stream that says when to look again.
 */
#pragma once
#include "http/route.h"

extern const struct route home_routes[];
extern const ptrdiff_t home_routes_count;
