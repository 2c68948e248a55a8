/* incident_priv.h - what incident.c, incident_open.c and incident_links.c share. */
#pragma once
#include "cases/gather.h"
#include "cases/incident.h"

/* Somebody looked at it: acknowledged once, and the clock of that met. */
MUST_CHECK bool report_acknowledge(struct decision *d, struct uuid report,
				   const struct sql_case_report_find_row *r, struct err *err);

/* The links between incidents, checked as far as the one that is acted on goes. */
MUST_CHECK bool incident_merge_add(struct decision *d, struct incident_command *c,
				   const struct sql_case_incident_find_row *i, struct err *err);
MUST_CHECK bool incident_unmerge_add(struct decision *d, struct incident_command *c,
				     const struct sql_case_incident_find_row *i, struct err *err);
/* One campaign: incident_campaign.c. */
MUST_CHECK bool incident_join(struct decision *d, struct incident_command *c,
			      const struct sql_case_incident_find_row *i, struct err *err);
MUST_CHECK bool incident_leave(struct decision *d, struct incident_command *c,
			       const struct sql_case_incident_find_row *i, struct err *err);
MUST_CHECK bool incident_campaigns_fit(struct decision *d, const struct incident_command *c, struct err *err);
MUST_CHECK bool incident_withdraw(struct decision *d, struct incident_command *c,
				  const struct sql_case_incident_find_row *i, struct err *err);
