#include "cases/gather.h"

#include "format/json.h"

static bool leaves(const struct gather *g, struct uuid report)
{
	for (ptrdiff_t i = 0; i < g->leaving_count; i++)
		if (uuid_eq(g->leaving[i], report))
			return true;
	return false;
}

static void note_received(struct gather *g, struct instant at)
{
	if (g->received.us == 0 || instant_before(at, g->received))
		g->received = at;
}

bool gather_begin(struct gather *g, struct decision *d, const struct world *w, const struct gather_case *c,
		  struct err *err)
{
	*g = (struct gather){ .d = d,
			      .world = w,
			      .incident = c->incident,
			      .team = c->team,
			      .band = c->band,
			      .regime = c->regime,
			      .tlp = c->tlp,
			      .is_new = c->is_new,
			      .leaving = c->leaving,
			      .leaving_count = c->leaving_count };
	if (!c->is_new &&
	    (!sql_case_parties_ever(d->db, d->arena,
				    &(struct sql_case_parties_ever){ .incident = c->incident }, &g->parties,
				    &g->party_count, err) ||
	     !sql_case_reports_in(d->db, d->arena, &(struct sql_case_reports_in){ .incident = c->incident },
				  &g->reports, &g->report_count, err)))
		return false;
	g->fresh = NEW(d->arena, struct known_party, 2 * c->most);
	g->gone = NEW(d->arena, struct uuid, 2 * c->most);
	for (ptrdiff_t i = 0; i < g->report_count; i++)
		if (!leaves(g, g->reports[i].id))
			note_received(g, g->reports[i].received);
	return true;
}

static void note(struct gather *g, const char *kind, struct uuid party, struct uuid from)
{
	struct json *p = json_object(g->d->arena);
	json_set_uuid(p, "incident", g->incident);
	if (!uuid_is_nil(from))
		json_set_uuid(p, "from", from);
	json_set_bool(p, "struck", false);
	decision_add(g->d, draft_of(kind, party, g->team, g->tlp, p));
}

/* A party that was there comes back as it was. */
static void back(struct gather *g, struct sql_case_parties_ever_row *p)
{
	if (!p->removed)
		return;
	p->removed = false;
	note(g, "party.restored", p->id, (struct uuid){ { 0 } });
	g->fresh[g->fresh_count++] = (struct known_party){ p->id, p->role, p->team, p->organisation };
}

static void add(struct gather *g, const struct party_draft *p)
{
	struct uuid id = party_draft_add(g->d, g->incident, g->team, g->tlp, p);
	g->fresh[g->fresh_count++] = (struct known_party){ id, p->role, p->team, p->organisation };
}

static struct sql_case_parties_ever_row *reporter_of(struct gather *g, struct uuid report)
{
	for (ptrdiff_t i = 0; i < g->party_count; i++)
		if (!uuid_is_nil(report) && uuid_eq(g->parties[i].report, report))
			return &g->parties[i];
	return NULL;
}

/* One that is there before one that was. */
static struct sql_case_parties_ever_row *party_of_organisation(struct gather *g, struct uuid organisation)
{
	struct sql_case_parties_ever_row *was = NULL;
	for (ptrdiff_t i = 0; i < g->party_count; i++) {
		if (uuid_is_nil(organisation) || !uuid_eq(g->parties[i].organisation, organisation))
			continue;
		if (!g->parties[i].removed)
			return &g->parties[i];
		was = &g->parties[i];
	}
	return was;
}

static bool is_fresh(const struct gather *g, struct uuid organisation)
{
	for (ptrdiff_t i = 0; i < g->fresh_count; i++)
		if (uuid_eq(g->fresh[i].organisation, organisation))
			return true;
	return false;
}

static bool bring_organisation(struct gather *g, const struct gather_report *r, struct err *err)
{
	struct sql_case_organisation_find_row org;
	bool found = false;
	if (uuid_is_nil(r->row->organisation) || is_fresh(g, r->row->organisation))
		return true;
	struct sql_case_parties_ever_row *p = party_of_organisation(g, r->row->organisation);
	if (p) {
		if (!p->struck) /* G4 */
			back(g, p);
		return true;
	}
	if (!sql_case_organisation_find(g->d->db, g->d->arena,
					&(struct sql_case_organisation_find){ .id = r->row->organisation },
					&org, &found, err))
		return false;
	if (found)
		add(g, &(struct party_draft){ .role = S("affected"),
					      .organisation = r->row->organisation,
					      .brought = r->id,
					      .name = org.name });
	return true;
}

bool gather_in(struct gather *g, const struct gather_report *r, struct err *err)
{
	struct sql_case_parties_ever_row *p = reporter_of(g, r->id);
	bool named = !r->row->anonymous;
	if (p)
		back(g, p);
	else
		add(g, &(struct party_draft){ .role = S("reporter"),
					      .report = r->id,
					      .name = named ? json_get_str(r->body, "reporter_name") : S(""),
					      .address = named ? json_get_str(r->body, "reporter_contact")
							       : S("") });
	note_received(g, r->row->received);
	return bring_organisation(g, r, err);
}

static void remove_party(struct gather *g, struct sql_case_parties_ever_row *p)
{
	if (p->removed)
		return;
	p->removed = true;
	note(g, "party.removed", p->id, (struct uuid){ { 0 } });
	g->gone[g->gone_count++] = p->id;
}

static bool still_named(const struct gather *g, struct uuid organisation)
{
	for (ptrdiff_t i = 0; i < g->report_count; i++)
		if (!leaves(g, g->reports[i].id) && uuid_eq(g->reports[i].organisation, organisation))
			return true;
	return false;
}

/* G2 */
static bool leave_organisation(struct gather *g, struct uuid organisation, struct err *err)
{
	struct sql_case_party_touched_row unused;
	struct sql_case_parties_ever_row *p = party_of_organisation(g, organisation);
	bool touched = false;
	if (p == NULL || p->removed || uuid_is_nil(p->brought) || still_named(g, organisation))
		return true;
	if (!sql_case_party_touched(g->d->db, g->d->arena, &(struct sql_case_party_touched){ .party = p->id },
				    &unused, &touched, err))
		return false;
	if (!touched)
		remove_party(g, p);
	return true;
}

bool gather_out(struct gather *g, const struct gather_report *r, struct err *err)
{
	struct sql_case_parties_ever_row *p = reporter_of(g, r->id);
	if (p)
		remove_party(g, p);
	return leave_organisation(g, r->row->organisation, err);
}

bool gather_move(struct gather *from, struct gather *to, const struct gather_report *r, struct err *err)
{
	struct sql_case_parties_ever_row *p = reporter_of(from, r->id);
	if (p == NULL || p->removed)
		return gather_in(to, r, err) && leave_organisation(from, r->row->organisation, err);
	note(to, "party.moved", p->id, from->incident);
	from->gone[from->gone_count++] = p->id;
	to->fresh[to->fresh_count++] = (struct known_party){ p->id, p->role, p->team, p->organisation };
	note_received(to, r->row->received);
	return bring_organisation(to, r, err) && leave_organisation(from, r->row->organisation, err);
}

bool gather_clocks(struct gather *g, str why, struct err *err)
{
	struct clock_case c = { .incident = g->incident,
				.team = g->team,
				.band = g->band,
				.regime = g->regime,
				.is_new = g->is_new,
				.received = g->received,
				.why = why,
				.fresh = g->fresh,
				.fresh_count = g->fresh_count,
				.gone = g->gone,
				.gone_count = g->gone_count };
	return clocks_update(g->d, g->world, &c, err);
}
