/* public_routes.h - what anybody may do without an account and without JavaScript: report, and come back
 * with the
 * claim code.  The code is only ever in the body of a POST, never in an address, a log or a cookie. */
#pragma once
#include "http/route.h"

extern const struct route public_routes[];
extern const ptrdiff_t public_routes_count;
