/* account_routes.h - accounts, tokens, sign-ins: console/API.md, "Administration", and the people and
 * teams. */
#pragma once
#include "http/route.h"

extern const struct route account_routes[];
extern const ptrdiff_t account_routes_count;
