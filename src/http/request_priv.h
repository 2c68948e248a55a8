/* request_priv.h - what the server knows of a request and handlers reach through request.h only. */
#pragma once
#include "http/params.h"
#include "http/request.h"
#include "http/router_priv.h"

struct dispatch;

struct request_private {
	const struct dispatch *dispatch;
	struct pairs      headers;      /* as received; the connection owns the bytes and outlives us */
	str               raw_query;
	struct pairs      query, cookies;
	struct form       form;
	struct router_hit hit;          /* its values are decoded once the route is found */
	int64_t           body_length;  /* announced: 0 none, -1 unknown (chunked) */
	bool              loopback;     /* came over plain TCP */
	uint64_t          number;       /* of this request only: the reference of an internal error */
};

MUST_CHECK bool request_cursor_fits(const struct request *rq, struct err *err);
