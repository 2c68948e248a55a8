/* rule_priv.h - what rule.c gathers and rule_finish.c brings together.
 */
#pragma once
#include "match/sigma_priv.h"

struct loaded {                 /* a rule while filters may come to it */
	struct rule    rule;
	struct nodes   filters;
	struct loaded *next;
};

enum resolution { RESOLUTION_NEW, RESOLUTION_OPEN, RESOLUTION_DONE, RESOLUTION_REFUSED };

struct joined {                 /* a correlation while what it names is looked up */
	struct correlation correlation;
	enum resolution    state;
	struct joined     *next;
};

struct rule_loader {
	struct arena       *a;
	struct arena        tmp;                /* of one file */
	struct spent        spent;              /* of one file */
	struct placeholders placeholders;
	struct loaded      *first, *last;
	struct joined      *first_joined, *last_joined;
	struct filter      *first_filter, *last_filter;
	struct rule_refusal *first_refusal, *last_refusal;
	struct rule_set     set;
};

struct rule_refusal *rule_refuse(struct rule_loader *l, str file, str id, struct yaml_place at, str why);
