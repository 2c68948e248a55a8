/* detect_rules.h - from folders of rules and files of indicators to what matches: read and compiled, or taken
 * from the cache.
 *
 * The cache (detect_cache.h): a compiled unit is named by SHA-256 over the program, every rule file's name
 * and bytes, the sources, the placeholders and the fields that are asked for.  What is damaged, or of
 * another machine, is made again.
 */
#pragma once
#include "app/detect_options.h"
#include "match/unit.h"

struct detect_refusal { str file, id, why; int line, column; bool no_rule; };
struct detect_rules {
	struct unit                 *unit;
	const struct logsource_map  *sources;
	const struct rule_set       *set;       /* NULL if the unit came from the cache and needs none */
	const struct detect_refusal *refusals;
	ptrdiff_t                    refusal_count, file_count;
	ptrdiff_t                    other_count;       /* no .yml or .yaml */
	bool                         cached;
};

/* fields: what matcher_field will be asked for. */
MUST_CHECK bool detect_rules_load(const struct detect_options *o, const str *fields, ptrdiff_t field_count,
				  struct arena *a, struct detect_rules *out, struct err *err);
/* Parsed and compiled, whatever the cache has: for `naubat rules`. */
MUST_CHECK bool detect_rules_compile(const struct detect_options *o, struct arena *a,
				     struct detect_rules *out, struct err *err);
void detect_rules_done(struct detect_rules *r);

struct detect_indicators {
	const struct indicators        *all;
	struct indicator_counts         counts;
	const struct indicator_refusal *refused;
};
MUST_CHECK bool detect_indicators_load(const struct detect_options *o, struct arena *a,
				       struct detect_indicators *out, struct err *err);

/* Levels and exclusions of --overrides. */
struct detect_override { str id; bool excluded; enum rule_level level; };
MUST_CHECK bool detect_overrides_load(const char *path, struct arena *a, const struct detect_override **out,
				      ptrdiff_t *out_count, struct err *err);
