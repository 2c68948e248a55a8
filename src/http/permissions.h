/* permissions.h - the server's questions about who asks (server.h, struct http_hooks), answered by access/.
 *
 * All three find what they need in rq->node (sessions, limiter, clock) and leave `ctx` alone, so that app/
 * can give the hooks a ctx of its own.
 *
 * The one table from what a route needs to what roles permit is in permissions.c.
 */
#pragma once
#include "http/node.h"
#include "http/route.h"

bool access_admit(void *ctx, const struct request *rq, struct err *err);
bool access_identify(void *ctx, struct request *rq, const struct identity **out_who, struct err *err);
bool access_may(void *ctx, const struct identity *who, enum perm need, struct err *err);
