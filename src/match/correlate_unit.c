#include "match/correlate.h"

static ptrdiff_t find_in_unit(const void *unit, str id_or_name)
{
	return unit_find_rule(unit, id_or_name);
}

struct correlator *correlator_new(const struct rule_set *rules, const struct unit *u,
                                  struct correlator_limits limits)
{
	return correlator_new_with(rules, (struct correlator_numbers){ u, find_in_unit }, limits);
}
