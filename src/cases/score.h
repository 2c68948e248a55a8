/* score.h - the severity of an incident by the regime's model: what was answered, and what the case itself
 * says of who is hit, which the floors ask for.  Recording, trying out and following use the same, so that
 * they cannot differ.
 *
 * S1. Hit is each affected organisation of the incident and of what is merged into it, unless it was said not
 *     to be affected.  Grade and class are those of the hit organisation of the highest grade.
 * S2. A campaign is what people said belongs together (incident.joined); its sectors are counted over all hit
 *     organisations of all its incidents.  What only looks alike never counts (docs/adr/0009).
 * S3. What was recorded follows by the same rules when parties, facts, merges or the campaign change
 *     (rescore.h).  A band that a person set stays; the computed one is kept beside it.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/uuid.h"
#include "cases/parties.h"

struct db;
struct json;
struct regime;
struct severity_result;

/* What a decision changes and the store does not know yet. */
struct score_news {
	struct uuid incident; /* of the parties that are fresh */
	const struct known_party *fresh;
	ptrdiff_t fresh_count;
	const struct uuid *gone; /* parties */
	ptrdiff_t gone_count;
	struct uuid fact_party; /* "affected" is now fact_value; nil: none */
	str fact_value;
	struct uuid joined; /* what is hit by this one counts too; nil: none */
	bool joined_own;    /* merged; else of the campaign only */
	const struct uuid *apart; /* incidents that go, with all that they hit */
	ptrdiff_t apart_count;
	bool only_apart;     /* the other side of that: only these are its own */
	bool apart_campaign; /* both sides stay in one campaign */
	bool only_own;       /* it leaves its campaign */
};

struct score_of {
	struct db *db;
	const struct regime *regime;
	struct uuid incident;
	str sector;
	/* {factors, life_safety, override_band}: the last is the band where the regime has no factors */
	const struct json *asked;
	const struct score_news *news; /* NULL: none */
};

MUST_CHECK bool score_incident(const struct score_of *s, struct arena *a, struct severity_result *out,
			       struct err *err);

/* As an incident keeps it: `base` has what a person said (factors, life_safety, override, chosen, by, at,
 * reason), the result all that follows from it. */
struct json *score_kept(struct arena *a, const struct json *base, const struct severity_result *r);
