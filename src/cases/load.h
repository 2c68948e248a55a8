/* load.h - what a command acts on, as far as the person may: hidden and missing are the same answer. */
#pragma once
#include "cases/world.h"
#include "cases_sql.h"

MUST_CHECK bool load_report(struct decision *d, const struct identity *who, struct uuid id, bool to_change,
			    struct sql_case_report_find_row *out, struct err *err);
MUST_CHECK bool load_incident(struct decision *d, const struct identity *who, struct uuid id, bool to_change,
			      struct sql_case_incident_find_row *out, struct err *err);
/* Somebody of the same team who can work on cases. */
MUST_CHECK bool load_colleague(struct decision *d, const struct identity *who, struct uuid account,
			       struct err *err);
