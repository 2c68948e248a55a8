/* parties_priv.h - what parties.c and party_removal.c share. */
#pragma once
#include "cases/load.h"
#include "cases/parties.h"

/* A party, there or removed, of this incident or of one merged into it: *incident becomes that one, which is
 * where things are said of it. */
MUST_CHECK bool party_load(struct decision *d, const struct identity *who, struct uuid *incident,
			   struct uuid party, struct sql_case_party_find_row *out_party,
			   struct sql_case_incident_find_row *out_incident, struct err *err);

/* A team that is a party sees the case, as far as the gate lets it. */
MUST_CHECK bool party_let_in(struct decision *d, struct uuid incident,
			     const struct sql_case_incident_find_row *i, str team, struct err *err);
