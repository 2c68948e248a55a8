/* rule.h - a Sigma rule as a tree of predicates: what the compiler compiles, and what a reader is shown.
 *
 * Source: Sigma specification 2.1.0 (sigma-rules-, sigma-filters-, sigma-correlation-rules-specification and
 * the modifiers appendix), with the clarifications drafted for 2.2.  Where engines disagree, docs/sigma.md
 * has the decision, and spec/sigma/ the vectors.
 *
 * R1. Modifiers are done with when a rule is loaded: a value with modifiers has become one predicate, or an
 *     OR (AND with `all`) of predicates.  base64offset is three TEXT predicates, windash one for each
 *     permutation,
 *     neq a NOT, a filter part of the tree.
 * R2. A rule that cannot be honoured whole is refused, with file, line and column; it is never half-run.
 * R3. Everything lives in the arena that it was loaded into.
 *
 * What an event is, and when a predicate holds on it, says event.h.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "format/yaml.h"

enum rule_level { LEVEL_INFORMATIONAL, LEVEL_LOW, LEVEL_MEDIUM, LEVEL_HIGH, LEVEL_CRITICAL };
enum rule_status { STATUS_STABLE, STATUS_TEST, STATUS_EXPERIMENTAL, STATUS_DEPRECATED, STATUS_UNSUPPORTED };

extern const char *const rule_level_names[5];   /* as the specification writes them */
extern const char *const rule_status_names[5];

struct logsource { str product, category, service; };   /* lower case; ptr NULL: any */

/* A text with wildcards: pieces that follow each other and together are the whole value. */
/* GLOB_ONE: `?`, one character; GLOB_ANY: `*`, any run */
enum glob_kind { GLOB_LITERAL, GLOB_ONE, GLOB_ANY };
struct glob_piece {
	enum glob_kind kind;
	str            text;    /* GLOB_LITERAL: as the rule has it, neither folded nor escaped */
};

enum predicate_op {
	PREDICATE_TEXT,         /* glob against the whole value; without case unless `cased` */
	PREDICATE_REGEX,        /* text: PCRE2 pattern, found anywhere in the value; regex_* flags */
	PREDICATE_CIDR,         /* the value is an address in the network `text` */
	PREDICATE_NUMBER,       /* the value, or `part` of it as a time, stands in `order` to `number` */
	PREDICATE_EXISTS,       /* the field is there, be it empty or null */
	PREDICATE_NULL,         /* the field is absent, or a value of it is null */
	PREDICATE_FIELD,        /* the value equals, contains .. (`how`) a value of the field `text` */
};
enum predicate_order { ORDER_LT, ORDER_LTE, ORDER_GT, ORDER_GTE, ORDER_EQ };
enum predicate_part { PART_NONE, PART_MINUTE, PART_HOUR, PART_DAY, PART_WEEK, PART_MONTH, PART_YEAR };
enum predicate_how { HOW_EQUALS, HOW_CONTAINS, HOW_STARTS, HOW_ENDS };

struct predicate {
	enum predicate_op        op;
	str                      field;         /* as written; ptr NULL: a keyword, tried on every leaf */
	bool                     cased;         /* TEXT and FIELD */
	/* TEXT; no two GLOB_ANY or literals side by side; of a keyword, which is found anywhere, with
	 * GLOB_ANY at both ends already */
	const struct glob_piece *glob;
	ptrdiff_t                pieces;        /* 0: the empty value */
	str                      text;          /* REGEX; CIDR: as network_format has it; FIELD */
	bool                     regex_nocase, regex_lines, regex_dotall;       /* i, m, s */
	enum predicate_order     order;
	enum predicate_part      part;
	enum predicate_how       how;
	double                   number;
	str                      written;       /* for people: CommandLine|contains: ' -enc ' */
	struct yaml_place        at;
};

/* an AND of nothing holds, an OR does not */
enum rule_node_kind { NODE_AND, NODE_OR, NODE_NOT, NODE_PREDICATE };
struct rule_node {
	enum rule_node_kind     kind;
	const struct rule_node *first, *next;   /* children; NODE_NOT has one */
	const struct predicate *predicate;
	/* of the search identifier this is the top of, else ptr NULL */
	str                     name;
};

struct rule {
	str                     id, title, author, description, date, modified, licence;
	str                     name;           /* what correlations may call it by; may be empty */
	enum rule_level         level;          /* without one: LEVEL_INFORMATIONAL and has_level false */
	enum rule_status        status;         /* without one: STATUS_TEST and has_status false */
	bool                    has_level, has_status;
	const str              *tags, *references, *false_positives;
	ptrdiff_t               tag_count, reference_count, false_positive_count;
	struct logsource        logsource;
	const struct rule_node *condition;      /* depth <= RULE_DEPTH_MOST */
	str                     file;           /* as opened */
	struct yaml_place       at;
	bool                    silent;         /* only for a correlation that does not `generate` it */
	const struct rule      *next;
};
enum { RULE_DEPTH_MOST = 64, CORRELATION_CHAIN_MOST = 16 };

enum correlation_type {
	CORRELATION_EVENT_COUNT, CORRELATION_VALUE_COUNT, CORRELATION_TEMPORAL, CORRELATION_TEMPORAL_ORDERED,
	CORRELATION_VALUE_SUM, CORRELATION_VALUE_AVG, CORRELATION_VALUE_PERCENTILE,
	CORRELATION_VALUE_MAX, CORRELATION_VALUE_MIN,
};
struct correlation_bound { enum predicate_order order; bool unequal; double number; };  /* unequal: neq */
/* in rules[i] (called as in correlation.rules) it is fields[i]; elsewhere the field of that name */
struct correlation_alias { str name; const str *rules, *fields; ptrdiff_t count; };
struct correlation {
	struct rule                     about;          /* id, title, level, tags ..; condition NULL */
	enum correlation_type           type;
	/* of rules or of correlations: the id, or without one the name, exactly as the rule has it */
	const str                      *rules;
	ptrdiff_t                       rule_count;
	const str                      *group_by, *fields;      /* fields: of value_count, _sum .. */
	ptrdiff_t                       group_count, field_count;
	const struct correlation_alias *aliases;
	ptrdiff_t                       alias_count;
	int64_t                         timespan_us;
	const struct correlation_bound *bounds;         /* all must hold */
	ptrdiff_t                       bound_count;
	double                          percentile;
	bool                            generate;
	const struct correlation       *next;
};

/* What a folder of rules came to. */
struct rule_refusal {
	str                        file, id, why;       /* id: ptr NULL if it was not even found */
	struct yaml_place          at;
	/* a YAML or other file that is none: said, not counted as refused */
	bool                       no_rule;
	const struct rule_refusal *next;
};
struct rule_set {
	const struct rule         *rules, *last_rule;   /* in the order in which they were added */
	const struct correlation  *correlations;
	const struct rule_refusal *refusals;
	ptrdiff_t                  rule_count, correlation_count, filter_count, refusal_count;
};

/* Values of %placeholders%: a YAML map of name to value or list of values. */
struct placeholders { const struct yaml *map; };

/* Adds what the documents of one file hold; filters are kept until rules_finish applies them.  Files are to
 * be added in the order that is wanted; the bytes and the name are not needed afterwards, the placeholders
 * until rules_finish.  One file may have 16 MiB, and 250,000 values and 64 MiB after modifiers; one value of
 * windash five dashes.  More is refused, and said; so is any file once the arena is past its soft limit. */
struct rule_loader;
struct rule_loader *rules_begin(struct arena *a, struct placeholders placeholders);
void rules_add(struct rule_loader *l, str file, str bytes);
/* Applies filters, resolves the names that correlations use, refuses duplicate ids (the first stays). */
const struct rule_set *rules_finish(struct rule_loader *l);
