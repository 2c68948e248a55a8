/* Incidents of one campaign: people say that they belong together, so that the sectors they hit count
 * together (docs/adr/0009). */
#include "access/identity.h"
#include "cases/incident_priv.h"
#include "cases/rescore.h"
#include "format/json.h"

typedef struct sql_case_incident_find_row row;

enum { CAMPAIGN_MOST = 100 };

static bool campaign_of(struct decision *d, struct uuid incident, struct uuid *out, struct err *err)
{
	struct sql_case_campaign_of_row r = { 0 };
	bool found = false;
	if (!sql_case_campaign_of(d->db, d->arena, &(struct sql_case_campaign_of){ incident }, &r, &found,
				  err))
		return false;
	*out = r.campaign;
	return true;
}

static bool has_room(struct decision *d, struct uuid incident, ptrdiff_t *size, struct err *err)
{
	struct sql_case_campaign_row *others;
	ptrdiff_t count;
	if (!sql_case_campaign(d->db, d->arena, &(struct sql_case_campaign){ .incident = incident }, &others,
			       &count, err))
		return false;
	*size += count + 1;
	return *size <= CAMPAIGN_MOST ||
	       err_set(err, ERR_LIMIT, "a campaign has at most %d incidents: merge some first",
		       CAMPAIGN_MOST);
}

/* That there is another incident is nothing for a team that was let in to one of them. */
static void note(struct decision *d, const char *kind, struct uuid incident, const row *i, struct json *p)
{
	struct draft draft = draft_of(kind, incident, i->team, (enum tlp)i->tlp, p);
	draft.audience = SCOPE_ANNEX;
	decision_add(d, draft);
}

static void note_joined(struct decision *d, struct uuid incident, const row *i, struct uuid campaign,
			struct uuid with)
{
	struct json *p = json_object(d->arena);
	json_set_uuid(p, "campaign", campaign);
	json_set_uuid(p, "with", with);
	note(d, "incident.joined", incident, i, p);
}

static bool may_join(struct decision *d, const struct incident_command *c, const row *i, const row *with,
		     struct err *err)
{
	ptrdiff_t size = 0;
	if (uuid_eq(c->other, c->incident))
		return err_set(err, ERR_INPUT, "with: choose another incident");
	if (!uuid_is_nil(with->merged_into))
		return err_set(err, ERR_CONFLICT, STR_FMT " is merged: choose the incident it went to",
			       STR_ARG(with->number));
	if (str_eq(i->resolution, S("withdrawn")) || str_eq(with->resolution, S("withdrawn")))
		return err_set(err, ERR_CONFLICT, "one of them was withdrawn: it is of no campaign");
	return has_room(d, c->incident, &size, err) && has_room(d, c->other, &size, err);
}

bool incident_join(struct decision *d, struct incident_command *c, const row *i, struct err *err)
{
	struct uuid mine, theirs;
	row with;
	if (!load_incident(d, c->who, c->other, true, &with, err) || !may_join(d, c, i, &with, err) ||
	    !campaign_of(d, c->incident, &mine, err) || !campaign_of(d, c->other, &theirs, err))
		return false;
	bool both = !uuid_is_nil(mine) && !uuid_is_nil(theirs);
	if (both)
		return err_set(err, ERR_CONFLICT,
			       uuid_eq(mine, theirs) ? "they are of one campaign already"
						     : "each is of a campaign of its own: let one leave it");
	struct uuid campaign = !uuid_is_nil(mine) ? mine : !uuid_is_nil(theirs) ? theirs : decision_new_id(d);
	if (uuid_is_nil(mine))
		note_joined(d, c->incident, i, campaign, c->other);
	if (uuid_is_nil(theirs))
		note_joined(d, c->other, &with, campaign, c->incident);
	c->place = uuid_is_nil(mine) ? c->incident : c->other;
	struct rescore r = { .incident = c->incident,
			     .team = i->team,
			     .why = S("one campaign with another incident"),
			     .news = { .joined = c->other } };
	if (!rescore_whole(d, c->world, &r, err))
		return false;
	r.incident = c->other;
	r.news.joined = c->incident;
	return rescore_whole(d, c->world, &r, err);
}

/* One alone is no campaign. */
static bool release_last(struct decision *d, const struct incident_command *c, const row *i, struct err *err)
{
	struct sql_case_campaign_row *others;
	row last;
	ptrdiff_t count;
	bool found = false;
	struct sql_case_campaign of = { .incident = c->incident };
	if (!sql_case_campaign(d->db, d->arena, &of, &others, &count, err))
		return false;
	if (count != 1)
		return true;
	struct sql_case_incident_find it = { others[0].id, i->team };
	if (!sql_case_incident_find(d->db, d->arena, &it, &last, &found, err))
		return false;
	if (found)
		note(d, "incident.left", others[0].id, &last, NULL);
	return true;
}

bool incident_leave(struct decision *d, struct incident_command *c, const row *i, struct err *err)
{
	struct sql_case_family_row *family;
	struct uuid campaign;
	ptrdiff_t count;
	if (!campaign_of(d, c->incident, &campaign, err))
		return false;
	if (uuid_is_nil(campaign))
		return err_set(err, ERR_CONFLICT, "it is of no campaign");
	if (!sql_case_family(d->db, d->arena, &(struct sql_case_family){ .incident = c->incident }, &family,
			     &count, err))
		return false;
	struct uuid *ids = NEW(d->arena, struct uuid, count);
	for (ptrdiff_t n = 0; n < count; n++)
		ids[n] = family[n].id;
	note(d, "incident.left", c->incident, i, NULL);
	struct rescore r = { .incident = c->incident,
			     .team = i->team,
			     .why = S("no longer one campaign with another incident"),
			     .news = { .only_own = true },
			     .family = ids,
			     .family_count = count };
	return release_last(d, c, i, err) && rescore_whole(d, c->world, &r, err);
}

bool incident_campaigns_fit(struct decision *d, const struct incident_command *c, struct err *err)
{
	struct uuid mine, theirs;
	if (!campaign_of(d, c->incident, &mine, err) || !campaign_of(d, c->other, &theirs, err))
		return false;
	return uuid_is_nil(mine) || uuid_eq(mine, theirs) ||
	       err_set(err, ERR_CONFLICT,
		       "it is of a campaign that the other is not of: let the other join it, or let it "
		       "leave");
}
