/* sigma_modifier.h - values on their way through modifiers, from what a rule writes to predicates.
 *
 * A value is a chain of alternatives: most modifiers change each, some make several of one.  Modifiers are
 * applied in the order in which they are written.
 */
#pragma once
#include "match/sigma_priv.h"

enum modifier {
	MOD_ALL, MOD_BASE64, MOD_BASE64OFFSET, MOD_CASED, MOD_CIDR, MOD_CONTAINS, MOD_DAY, MOD_ENDSWITH,
	MOD_EXISTS, MOD_EXPAND, MOD_FIELDREF, MOD_GT, MOD_GTE, MOD_HOUR, MOD_I, MOD_LT, MOD_LTE, MOD_M,
	MOD_MINUTE, MOD_MONTH, MOD_NEQ, MOD_RE, MOD_S, MOD_STARTSWITH, MOD_UTF16, MOD_UTF16BE, MOD_UTF16LE,
	MOD_WEEK, MOD_WINDASH, MOD_YEAR,
};
enum { MODIFIERS_MOST = 16 };

struct item {                           /* a member of a map: a field, its modifiers, its values */
	struct sigma     *s;
	str               field;        /* ptr NULL: keywords */
	str               prefix;       /* as people are told of it */
	struct yaml_place at;
	enum modifier     mods[MODIFIERS_MOST];
	int               count;
	uint32_t          set;          /* a bit for each modifier that it has */
};

static inline bool item_has(const struct item *it, enum modifier m)
{
	return it->set >> m & 1;
}

enum value_kind { VALUE_TEXT, VALUE_REGEX, VALUE_CIDR, VALUE_NUMBER, VALUE_FIELD, VALUE_EXISTS, VALUE_NULL };

struct value {
	enum value_kind      kind;
	struct yaml_place    at;
	struct glob          glob;      /* TEXT */
	str                  text;      /* as written; later REGEX, CIDR, FIELD */
	bool                 changed;   /* by a modifier: some want a value as it is written */
	bool                 is_bool, yes;
	bool                 cased, regex_nocase, regex_lines, regex_dotall;
	bool                 ordered;
	enum predicate_order order;
	enum predicate_part  part;
	enum predicate_how   how;
	double               number;
	struct value        *next;
};

MUST_CHECK bool modifiers_parse(struct item *it, str written);
/* Replaces the chain by what all modifiers of the item make of it. */
MUST_CHECK bool modifiers_apply(struct item *it, struct value **list);
void glob_surround(struct glob *g, bool before, bool behind);
