/* oracle.h - rules on events, slowly and plainly: what event.h means, for tests to hold the compiled
 * unit against.
 *
 * Nothing here shares code with the unit but the table of case folding, PCRE2's door and the parsing of
 * addresses.
 * An event is a list of leaves with whole paths; every rule is walked for every event.
 */
#pragma once
#include "match/logsource.h"

struct oracle_leaf {
	str path;
	bool null;
	str text;
};
struct oracle_event {
	const struct oracle_leaf *leaves;
	ptrdiff_t count;
	struct oracle_known *known; /* what was looked up before: NULL at first, then of the arena `tmp` */
};
/* The leaves of strict JSON, read by Jansson.  False: it does not take it, or it has numbers whose text
 * is lost. */
bool oracle_read(struct arena *a, str json, struct oracle_event *out);
/* Does the rule match in any logsource entry that the event belongs to, or, if `forced`, whatever the
 * event is? */
bool oracle_matches(struct arena *tmp, const struct logsource_map *map, const struct rule *r,
		    struct oracle_event *e, bool forced);
