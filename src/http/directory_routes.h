/* directory_routes.h - who owns which address: look-ups, organisations, import and export. */
#pragma once
#include "http/route.h"

extern const struct route directory_routes[];
extern const ptrdiff_t directory_routes_count;
