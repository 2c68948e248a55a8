/* session_routes.h - signing in and out, open sessions, and the demonstration's one click: console/API.md. */
#pragma once
#include "http/node.h"
#include "http/route.h"

extern const struct route session_routes[];
extern const ptrdiff_t    session_routes_count;

/* Words of the API for roles, and {id, name} of a team; for account_routes.c too. */
struct json    *role_words(struct arena *a, unsigned roles);
MUST_CHECK bool role_from_word(str word, unsigned *out_role, struct err *err);
struct json    *team_ref(const struct node *n, struct arena *a, str team);
