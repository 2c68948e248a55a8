/* oversight_routes.h - what whoever oversees the teams may ask for: numbers. */
#pragma once
#include "http/route.h"

extern const struct route oversight_routes[];
extern const ptrdiff_t oversight_routes_count;
