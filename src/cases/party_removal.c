/* Taking a party out that should not be in, and bringing it back. */
#include "access/identity.h"
#include "cases/parties_priv.h"
#include "format/json.h"
#include "regime/regime.h"

typedef struct sql_case_incident_find_row row;

/* In the order of case_party_bond. */
static const char *const bonds[] = {
	"it has an open request: withdraw that, and tell it so; what was told to it stays, and so does the "
	"party",
	"it was written to, or wrote: that stays, and so does the party; if it is not concerned, record that "
	"it is not affected, and tell it so",
	"it has submitted what it owed: that stays, and so does the party; if it is not concerned, record "
	"that it is not affected",
};

/* What was told to it, asked of it, or came from it cannot be taken back. */
static bool is_free(struct decision *d, struct uuid party, const struct sql_case_party_find_row *p,
		    struct err *err)
{
	struct sql_case_party_bond_row bond;
	bool bound = false;
	if (!uuid_is_nil(p->report))
		return err_set(err, ERR_CONFLICT,
			       "it made a report of this incident: detach that report, and it goes too");
	if (!sql_case_party_bond(d->db, d->arena, &(struct sql_case_party_bond){ .party = party }, &bond,
				 &bound, err))
		return false;
	if (!bound)
		return true;
	ASSERT(bond.bond >= 0 && bond.bond < COUNTOF(bonds));
	return err_set(err, ERR_CONFLICT, "%s", bonds[bond.bond]);
}

/* A team came in by being a party, and goes out with it, unless it is one in another role too. */
static bool shut_out(struct decision *d, const struct party_remove *c, const row *i, str team,
		     struct err *err)
{
	struct sql_case_parties_of_row *rows;
	ptrdiff_t count;
	struct json *p = json_object(d->arena);
	if (!sql_case_parties_of(d->db, d->arena, &(struct sql_case_parties_of){ .incident = c->incident },
				 &rows, &count, err))
		return false;
	for (ptrdiff_t n = 0; n < count; n++)
		if (!uuid_eq(rows[n].id, c->party) && uuid_is_nil(rows[n].organisation) &&
		    str_eq(rows[n].team, team))
			return true;
	json_set_str(p, "team", team);
	decision_add(d, draft_of("access.withdrawn", c->incident, i->team, (enum tlp)i->tlp, p));
	return true;
}

static bool move(struct decision *d, const struct party_remove *c, const row *i,
		 const struct sql_case_party_find_row *p, struct err *err)
{
	struct known_party known = { c->party, p->role, p->team, p->organisation };
	struct json *payload = json_object(d->arena);
	struct clock_case cc;
	bool team = p->team.len > 0 && uuid_is_nil(p->organisation);
	json_set_uuid(payload, "incident", c->incident);
	if (!c->back)
		json_set_bool(payload, "struck", true);
	decision_add(d, draft_of(c->back ? "party.restored" : "party.removed", c->party, i->team,
				 (enum tlp)i->tlp, payload));
	if (team && !(c->back ? party_let_in(d, c->incident, i, p->team, err)
			      : shut_out(d, c, i, p->team, err)))
		return false;
	if (!clock_case_of(d, c->world, c->incident, i, &cc, err))
		return false;
	cc.why = c->back ? S("a party is back") : S("a party removed");
	cc.fresh = &known;
	cc.fresh_count = c->back;
	cc.gone = &c->party;
	cc.gone_count = !c->back;
	return clocks_update(d, c->world, &cc, err);
}

bool party_remove_decide(struct decision *d, void *arg, struct err *err)
{
	struct party_remove *c = arg;
	struct sql_case_party_find_row p;
	row i;
	if (!party_load(d, c->who, &c->incident, c->party, &p, &i, err))
		return false;
	if (c->back != p.removed)
		return c->back ? err_set(err, ERR_CONFLICT, "it is a party of this incident already")
			       : err_set(err, ERR_MISSING, "there is no such party in this incident");
	if (c->back && !uuid_is_nil(p.report))
		return err_set(err, ERR_CONFLICT, "it comes back when the report that it made is attached");
	return (c->back || is_free(d, c->party, &p, err)) && move(d, c, &i, &p, err);
}
