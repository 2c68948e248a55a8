/* score.h - the severity of an incident by the regime's model: what was answered, and what the case itself
 * says of who is hit, which the floors ask for.  Recording and trying out use the same, so that they cannot
 * differ. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/uuid.h"

struct db;
struct json;
struct regime;
struct severity_result;

struct score_of {
	struct db *db;
	const struct regime *regime;
	struct uuid incident;
	str sector;
	/* {factors, life_safety, override_band}: the last is the band where the regime has no factors */
	const struct json *asked;
};

MUST_CHECK bool score_incident(const struct score_of *s, struct arena *a, struct severity_result *out,
			       struct err *err);
