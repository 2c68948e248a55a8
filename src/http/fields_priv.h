/* fields_priv.h - is this body, or this query string, what the route's row says?
 *
 * The first fault found is named by its path ("contacts[2].email"), with what to do about it.  An unknown
 * name is refused with the nearest known one: a misspelt optional field must not be dropped silently.
 * null means absent; for a required field it is a fault.
 */
#pragma once
#include "format/json.h"
#include "http/params.h"
#include "http/route.h"

MUST_CHECK bool fields_check(const struct field *fields, const struct json *body, struct err *err);
MUST_CHECK bool fields_check_query(const struct field *fields, const struct pairs *query, struct err *err);

/* What a zero in the row means. */
int64_t fields_max(const struct field *f);
