/* openapi.h - the API's description (OpenAPI 3.1), generated from the route rows that are also enforced.
 *
 * Rows with html are left out.  The server serves it at /api/openapi.json.
 */
#pragma once
#include "http/server.h"

MUST_CHECK bool openapi_format(struct arena *a, const struct route_table *tables, ptrdiff_t count,
                               const struct http_options *options, str *out_text, struct err *err);
