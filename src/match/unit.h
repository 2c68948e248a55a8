/* unit.h - all rules and all indicators as one compiled unit: bytes of events in, matches out.
 *
 * A unit is one block of bytes without pointers, immutable, shared by any number of threads, and written to a
 * file and mapped again as it is (the rule cache).  A matcher is one thread's working memory over a unit.
 *
 * U1. The verdicts are those of event.h, exactly; no rule is looped over, no memory is taken for an event.
 * U2. What a match points to is valid until the next call with the same matcher.
 * U3. Units may be built and dropped while matchers of other units run; a matcher keeps to its unit.
 */
#pragma once
#include "match/indicator.h"
#include "match/logsource.h"
#include "match/rule.h"

struct unit;

struct unit_parts {
	const struct rule_set      *rules;
	const struct logsource_map *sources;
	const struct indicators    *indicators;         /* NULL: none */
	const str                  *extra_fields;       /* that matcher_field is asked for */
	ptrdiff_t                   extra_count;
};
/* A rule that cannot be compiled after all (a regex that PCRE2 refuses) is in *out_refusals and left out. */
MUST_CHECK bool unit_build(struct arena *tmp, const struct unit_parts *parts, struct unit **out,
                           const struct rule_refusal **out_refusals, struct err *err);
void unit_free(struct unit *u);
str  unit_bytes(const struct unit *u);                  /* to be written to a cache */
/* Maps what unit_bytes gave.  Refuses another version, a damaged block, or one for another machine.  The sum
 * finds damage, not malice: what indexes another section is not checked, so the file must be one's own (the
 * cache's folder is 0700), and is replaced, never cut short, while it is mapped. */
MUST_CHECK bool unit_open(const char *path, struct unit **out, struct err *err);
void unit_set_indicators(struct unit *u, const struct indicators *i);   /* before the first matcher */

/* Rules of the unit, by number; what people are told about them. */
struct unit_rule {
	str              id, title, author, description, file, name;
	enum rule_level  level;
	enum rule_status status;
	const str       *tags, *references, *false_positives;
	ptrdiff_t        tag_count, reference_count, false_positive_count;
	struct logsource logsource;
	int              line;
	bool             silent;
};
ptrdiff_t        unit_rule_count(const struct unit *u);
void             unit_rule(const struct unit *u, ptrdiff_t number, struct arena *a, struct unit_rule *out);
ptrdiff_t        unit_find_rule(const struct unit *u, str id_or_name);  /* -1 */

struct match_reason {
	str       field;        /* as the rule writes it; ptr NULL: a keyword, or an observable anywhere */
	str       value;        /* the text of the event's value */
	ptrdiff_t from, to;     /* what of it was met; from == to: all of it, or nothing to point at */
	str       predicate;    /* as the rule wrote it, or the indicator */
};
struct match {
	ptrdiff_t                  rule;        /* its number, or -1 */
	const struct indicator    *indicator;   /* if rule is -1 */
	const struct match_reason *reasons;
	ptrdiff_t                  reason_count;
};
struct matches {
	const struct match *at;
	ptrdiff_t           count;
	/* NULL, or what is wrong with the JSON; what stands before it was matched */
	const char         *broken;
	ptrdiff_t           broken_at;  /* offset of that */
	bool                routed;     /* the event belongs to at least one logsource that rules ask for */
};

struct matcher;
struct matcher *matcher_new(const struct unit *u);
void            matcher_free(struct matcher *m);
/* Only these rules count from now on: a bit each, NULL for all. */
void            matcher_choose(struct matcher *m, const uint64_t *rules);
/* Every event belongs to this logsource, whatever it says of itself; NULL: as logsource.h says. */
void            matcher_force(struct matcher *m, const struct logsource *logsource);
const struct matches *matcher_run(struct matcher *m, str json);

/* Of the event of the last matcher_run: the first text of a field that a rule, a source or extra_fields
 * names. */
str             matcher_field(struct matcher *m, str field);
/* Was there an event of the rule's logsource since matcher_new?  If not, it could not match. */
bool            matcher_saw(const struct matcher *m, ptrdiff_t rule);

/* Does rule's node hold on the last event?  For `rules explain`; -1 if the rule was not tried for its
 * logsource. */
struct explained { int depth; str what; int verdict; const struct explained *next; };
const struct explained *matcher_explain(struct matcher *m, ptrdiff_t rule, struct arena *a);

/* undecided: predicates that took too long on an event, and count as not holding */
struct matcher_stats { int64_t events, woken, matched, broken, undecided; };
struct matcher_stats matcher_stats(const struct matcher *m);
