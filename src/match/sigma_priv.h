/* sigma_priv.h - how the files that load Sigma rules divide the work: a document is read by one struct sigma.
 *
 * Every function that returns bool has said why through sigma_refuse before it returns false.
 * What stays goes to `a`; the YAML tree and steps between are in `tmp`, which is emptied after each file.
 */
#pragma once
#include "match/rule.h"

/* Of one file; a rule gets what the rules before it left. */
enum {
	SIGMA_PREDICATES_MOST = 250000, /* after modifiers */
	SIGMA_NODES_MOST = 100000,      /* search identifiers that conditions refer to */
	SIGMA_BYTES_MOST = 64 << 20,    /* that modifiers make */
};
enum {
	SIGMA_VALUE_MOST = 3125,        /* predicates that windash makes of one value: five dashes */
	SIGMA_NESTING_MOST = 40,        /* brackets and nots of a condition */
	SIGMA_CONDITION_MOST = 64 << 10,
};
struct spent { ptrdiff_t predicates, nodes, bytes; };

struct sigma {
	struct arena      *a, *tmp;
	const struct yaml *placeholders;        /* NULL: none */
	struct err        *err;
	struct yaml_place  at;                  /* of what was refused */
	struct spent      *spent;
};

/* Always false. */
bool sigma_refuse(struct sigma *s, struct yaml_place at, const char *fmt, ...) PRINTF(3, 4);

struct nodes { struct rule_node *first, *last; };
void sigma_append(struct nodes *list, struct rule_node *node);
struct rule_node *sigma_node(struct sigma *s, enum rule_node_kind kind);
/* All of `count` nodes under one of that kind; a single one stays alone. */
struct rule_node *sigma_join(struct sigma *s, enum rule_node_kind kind, struct rule_node *first);
/* A child may hang in one place only: another head on the same children. */
struct rule_node *sigma_copy(struct sigma *s, const struct rule_node *node);

bool sigma_is_deeper(const struct rule_node *node, int most);

/* YAML 1.2 core schema, of plain scalars. */
bool sigma_is_null(const struct yaml *y);
bool sigma_is_bool(const struct yaml *y, bool *out_value);
bool sigma_number(str text, double *out_n);     /* decimal, or 0x..; nothing else around it */

/* The glob of a text with * ? and \ escapes.  Room for one piece is before and behind it. */
struct glob { struct glob_piece *at; ptrdiff_t count; };
struct glob sigma_glob(struct arena *a, str text);

/* `Field|modifiers: value or values`, or of a list without a field: the node that it means. */
MUST_CHECK bool sigma_item(struct sigma *s, const struct yaml *member, struct rule_node **out);
MUST_CHECK bool sigma_keyword(struct sigma *s, const struct yaml *word, struct rule_node **out);

struct search {                                 /* a search identifier */
	str                    name;
	struct yaml_place      at;
	const struct rule_node *node;
};
struct searches { struct search *at; ptrdiff_t count; };
/* All members of a `detection` or `filter` but `condition` and those named in `without`. */
MUST_CHECK bool sigma_searches(struct sigma *s, const struct yaml *map, const str *without,
                               struct searches *out);
/* `condition`: a text, or a list of them. */
MUST_CHECK bool sigma_condition(struct sigma *s, const struct yaml *condition, const struct searches *in,
                                const struct rule_node **out);

MUST_CHECK bool sigma_logsource(struct sigma *s, const struct yaml *document, struct logsource *out);
MUST_CHECK bool sigma_about(struct sigma *s, const struct yaml *document, struct rule *out);
/* A text, or a list of texts; none if `y` is NULL or null. */
MUST_CHECK bool sigma_texts(struct sigma *s, const struct yaml *y, const char *what, const str **out,
                            ptrdiff_t *out_count);

struct filter {
	str                     id, title, file;
	struct yaml_place       at;
	bool                    any;
	const str              *rules;          /* ids or names, if not `any` */
	ptrdiff_t               rule_count;
	struct logsource        logsource;
	const struct rule_node *condition;
	ptrdiff_t               used;           /* by so many rules */
	struct filter          *next;
};
/* Does the filter's logsource take in the rule's? */
bool filter_meets(const struct filter *f, const struct logsource *rule);
MUST_CHECK bool sigma_filter(struct sigma *s, const struct yaml *document, struct filter *out);
MUST_CHECK bool sigma_correlation(struct sigma *s, const struct yaml *document, struct correlation *out);
