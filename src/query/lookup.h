/* lookup.h - the owner of an address as the console and `naubat owner` show it, with contacts and reasons. */
#pragma once
#include "model/observable.h"
#include "query/view.h"

MUST_CHECK bool view_lookup(struct view *v, const struct observable *o, struct json **out, struct err *err);
