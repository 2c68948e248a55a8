/* message_routes.h - /api/incidents/{id}/messages: telling and asking. */
#pragma once
#include "http/route.h"

extern const struct route message_routes[];
extern const ptrdiff_t message_routes_count;
