/* request.h - one HTTP request as a handler sees it.  Everything in it lives in `arena`.
 *
 * A handler runs on a server thread and must not block.  What it wants written it hands to the writer
 * with reply_after (reply.h); the connection then sleeps until the journal entry is durable.
 *
 * All texts are decoded and valid UTF-8 without U+0000; an absent one is empty with ptr NULL.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/uuid.h"

struct json;
struct node;            /* app's running node: store, writer, regime, clock, ... ; see http/node.h */
struct identity;        /* who is asking; access/identity.h.  NULL for nobody */
struct route;

struct request {
	struct arena          *arena;
	const struct node     *node;
	const struct route    *route;
	const struct identity *who;
	str          method, path;
	str          body;              /* raw bytes, at most route->body_max */
	const struct json *json;        /* the body, checked against route->fields; {} for an empty one */
	str          idempotency_key;   /* header Idempotency-Key, or empty */
	str          if_match;          /* header If-Match, or empty; a single tag comes without its quotes */
	bool         local;             /* came through the operator's Unix socket */
	bool         secure;            /* came through TLS */
	int64_t      peer_uid;          /* of the process at the other end of the Unix socket; -1 for TCP */
	str          remote;            /* the peer's address: for rate limits, never logged or journaled */
	struct request_private *priv;
};

str  request_param(const struct request *rq, const char *name);         /* {name} of the route's path */
str  request_query(const struct request *rq, const char *name);         /* ?name= */
str  request_query_at(const struct request *rq, const char *name, ptrdiff_t i); /* the i-th of that name */
/* Cursors of lists name the list they are of: its address, and what else decides its order (?sort=, ?kind=).
 * request_cursor is what a handler gave to request_cursor_seal for the page before, empty for the first page;
 * a request with a cursor of another list does not reach a handler. */
str  request_cursor(const struct request *rq);
str  request_cursor_seal(const struct request *rq, str cursor);
str  request_header(const struct request *rq, const char *name);        /* any case; raw bytes */
str  request_form(const struct request *rq, const char *name);          /* urlencoded or multipart field */
str  request_form_at(const struct request *rq, const char *name, ptrdiff_t i); /* the i-th of that name */
str  request_cookie(const struct request *rq, const char *name);        /* raw bytes */
MUST_CHECK bool request_param_uuid(const struct request *rq, const char *name, struct uuid *out_id,
                                   struct err *err);

/* Files of a multipart form: the bytes and the name the sender gave.  False past the last. */
bool request_file(const struct request *rq, ptrdiff_t i, str *out_name, str *out_type, str *out_bytes);
