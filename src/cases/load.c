#include "cases/load.h"

#include "access/identity.h"

static bool may_change(const struct identity *who, str team, struct err *err)
{
	if (!identity_must(who, MAY_WRITE_CASES, err))
		return false;
	if (!str_eq(who->team, team))
		return err_set(err, ERR_DENIED,
			       "only the coordinating team (" STR_FMT
			       ") changes this; ask it to, and note for your own "
			       "team what you find",
			       STR_ARG(team));
	return true;
}

bool load_report(struct decision *d, const struct identity *who, struct uuid id, bool to_change,
		 struct sql_case_report_find_row *out, struct err *err)
{
	struct sql_case_report_find_row row;
	bool found = false;
	if (!sql_case_report_find(d->db, d->arena,
				  &(struct sql_case_report_find){ .id = id, .team = who->team }, &row, &found,
				  err))
		return false;
	if (!found)
		return err_set(err, ERR_MISSING, "there is no such report");
	if (to_change && !may_change(who, row.team, err))
		return false;
	*out = row;
	return true;
}

bool load_incident(struct decision *d, const struct identity *who, struct uuid id, bool to_change,
		   struct sql_case_incident_find_row *out, struct err *err)
{
	struct sql_case_incident_find_row row;
	bool found = false;
	if (!sql_case_incident_find(d->db, d->arena,
				    &(struct sql_case_incident_find){ .id = id, .team = who->team }, &row,
				    &found, err))
		return false;
	if (!found)
		return err_set(err, ERR_MISSING, "there is no such incident");
	if (to_change && !may_change(who, row.team, err))
		return false;
	*out = row;
	return true;
}

bool load_colleague(struct decision *d, const struct identity *who, struct uuid account, struct err *err)
{
	struct sql_case_account_find_row row;
	bool found = false;
	if (!sql_case_account_find(d->db, d->arena, &(struct sql_case_account_find){ .id = account }, &row,
				   &found, err))
		return false;
	if (!found || !row.active || !str_eq(row.team, who->team) ||
	    !(row.roles & (ROLE_HANDLER | ROLE_LEAD)))
		return err_set(err, ERR_INPUT, "to: not a handler of your team");
	return true;
}
