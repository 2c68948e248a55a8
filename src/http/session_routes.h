/* session_routes.h - signing in and out, open sessions, and the demonstration's one click: console/API.md. */
#pragma once
#include "http/route.h"

extern const struct route session_routes[];
extern const ptrdiff_t session_routes_count;
