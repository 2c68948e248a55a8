/* router_priv.h - from method and path to a route: a tree made once at start, only read afterwards.
 *
 * A literal segment wins over {name}; if it leads nowhere the {name} is tried.  Segments are compared as sent
 * (no percent-decoding, no dots, no doubled or trailing slash is forgiven): one address for one thing.
 */
#pragma once
#include "http/server.h"

enum { ROUTER_DEPTH_MAX = 12, ROUTER_PARAMS_MAX = 6 };

struct router;

enum router_result { ROUTER_FOUND, ROUTER_NO_PATH, ROUTER_NO_METHOD };

struct router_hit {
	enum router_result  result;
	const struct route *route;
	const char         *allow;                              /* methods of the path, for 405 */
	str                 names[ROUTER_PARAMS_MAX];
	str                 values[ROUTER_PARAMS_MAX];          /* as sent */
	int                 param_count;
};

MUST_CHECK bool   router_new(struct arena *a, const struct route_table *tables, ptrdiff_t count,
                             struct router **out_router, struct err *err);
struct router_hit router_find(const struct router *r, str method, str path);    /* HEAD finds GET */
