/* dispatch_priv.h - from a request to its reply: the checks, in order, and the handler.  No network in here.
 *
 * dispatch_head, before any byte of the body is stored:
 *   1. framing that two readers could read differently        400   (RFC 9112 section 6.3: smuggling)
 *   2. over plain TCP, a Host that is not this machine         421
 *   3. the rate limit hook                                     429
 *   4. the route                                               404, 405; or the console's files
 *   5. cookies or forms from another site                      403
 *   6. who asks, and whether they may                          401, 403
 *   7. parameters of path and query                            400
 *   8. size, type and encoding of the body                     413, 415, 400
 * dispatch_body, when all of it is there:
 *   9. JSON and its fields, or the form                        400
 *  10. the handler; and its memory                             413
 */
#pragma once
#include "http/reply_priv.h"
#include "http/request_priv.h"
#include "http/server.h"

struct dispatch {
	const struct router *router;
	struct http_hooks    hooks;
	const struct assets *assets;
	str                  origin;
	str                  api_document;      /* OpenAPI, as JSON */
};

/* NULL: go on with the body.  Fills in rq->route, who and the parameters. */
struct reply *dispatch_head(const struct dispatch *d, struct request *rq);
struct reply *dispatch_body(const struct dispatch *d, struct request *rq);

/* Does the one who asked still have what the route needs?  For streams, in the arena of the turn. */
bool dispatch_still_allowed(const struct dispatch *d, struct request *rq);

ptrdiff_t dispatch_body_max(const struct route *route);
