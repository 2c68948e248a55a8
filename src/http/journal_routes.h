/* journal_routes.h - routes under /api/journal, and the demonstration's altered copy. */
#pragma once
#include "http/route.h"

extern const struct route journal_routes[];
extern const ptrdiff_t    journal_routes_count;
