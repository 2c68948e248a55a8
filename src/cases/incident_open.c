#include "access/identity.h"
#include "cases/incident.h"
#include "cases/load.h"
#include "cases/parties.h"
#include "format/json.h"
#include "model/text_safety.h"
#include "model/workflow.h"
#include "regime/regime.h"

enum { TITLE_MAX = 300, REPORTS_MAX = 500 };

struct opening {
	struct decision *d;
	struct incident_open *c;
	enum tlp tlp;
	bool presumed;
	str class, sector, title;
	struct instant received; /* of the earliest report */
	struct known_party *parties;
	ptrdiff_t party_count;
};

static bool fits(const struct sql_case_report_find_row *r, struct err *err)
{
	str to;
	return workflow_next(&workflow_report, r->state, S("attach"), &to, err) ||
	       err_wrap(err, STR_FMT, STR_ARG(r->number));
}

static void remember(struct opening *o, const struct sql_case_report_find_row *r, const struct json *body)
{
	o->tlp = MAX(o->tlp, (enum tlp)r->tlp);
	o->presumed = o->presumed && r->presumed;
	if (o->class.len == 0 || str_eq(o->class, S("other:undetermined")))
		o->class = r->class;
	if (o->sector.len == 0)
		o->sector = r->sector;
	if (o->title.len == 0)
		o->title = json_get_str(body, "title");
	if (o->received.us == 0 || instant_before(r->received, o->received))
		o->received = r->received;
}

static void add_party(struct opening *o, const struct party_draft *p)
{
	for (ptrdiff_t i = 0; i < o->party_count; i++)
		if (!uuid_is_nil(p->organisation) && uuid_eq(o->parties[i].organisation, p->organisation))
			return;
	struct uuid id = party_draft_add(o->d, o->c->id, o->c->who->team, o->tlp, p);
	o->parties[o->party_count++] = (struct known_party){ id, p->role, p->team, p->organisation };
}

/* Whoever reported, and whoever owns what was reported. */
static bool parties_of(struct opening *o, struct uuid report, const struct sql_case_report_find_row *r,
		       const struct json *body, struct err *err)
{
	struct sql_case_organisation_find_row org;
	bool found = false;
	struct party_draft reporter = { .role = S("reporter"),
					.report = report,
					.name = r->anonymous ? S("") : json_get_str(body, "reporter_name"),
					.address = r->anonymous ? S("")
								: json_get_str(body, "reporter_contact") };
	add_party(o, &reporter);
	if (uuid_is_nil(r->organisation))
		return true;
	if (!sql_case_organisation_find(o->d->db, o->d->arena,
					&(struct sql_case_organisation_find){ .id = r->organisation }, &org,
					&found, err))
		return false;
	if (found)
		add_party(o, &(struct party_draft){ .role = S("affected"),
						    .organisation = r->organisation,
						    .name = org.name });
	return true;
}

static void attach(struct opening *o, struct uuid report, const struct sql_case_report_find_row *r)
{
	struct json *p = json_object(o->d->arena);
	json_set_uuid(p, "incident", o->c->id);
	json_set_str(p, "state", S("attached"));
	json_set_str(p, "was", r->state);
	json_set_uuid(p, "owner", r->owner);
	decision_add(o->d, draft_of("report.attached", report, r->team, (enum tlp)r->tlp, p));
	if (r->acknowledged.us == 0)
		decision_add(o->d, draft_of("report.acknowledged", report, r->team, (enum tlp)r->tlp, NULL));
}

static void opened(struct opening *o)
{
	const struct incident_open *c = o->c;
	struct arena *a = o->d->arena;
	struct json *p = json_object(a), *words = json_object(a), *teams = json_array(a),
		    *team = json_object(a);
	json_set_str(team, "team", c->who->team);
	json_set_bool(team, "coordinator", true);
	json_append(teams, team);
	json_set_str(p, "number", c->number);
	json_set_instant(p, "opened", o->d->now);
	json_set_str(p, "team", c->who->team);
	json_set_uuid(p, "holder", c->who->account);
	json_set_str(p, "state", S("open"));
	json_set_int(p, "tlp", o->tlp);
	json_set_bool(p, "presumed", o->presumed);
	json_set_str(p, "class", o->class);
	json_set_str(p, "sector", o->sector);
	json_set_str(p, "regime", c->world->regime_id);
	json_set(p, "teams", teams);
	json_set_str(words, "title", o->title);
	struct draft x = draft_of("incident.opened", c->id, c->who->team, o->tlp, p);
	x.content = words;
	decision_add(o->d, x);
}

static bool load_all(struct opening *o, struct sql_case_report_find_row *rows, struct json **bodies,
		     struct err *err)
{
	for (ptrdiff_t i = 0; i < o->c->report_count; i++) {
		if (!load_report(o->d, o->c->who, o->c->reports[i], true, &rows[i], err) ||
		    !fits(&rows[i], err) || !world_content(o->d, o->c->reports[i], &bodies[i], err))
			return false;
		remember(o, &rows[i], bodies[i]);
	}
	return true;
}

bool incident_open_decide(struct decision *d, void *arg, struct err *err)
{
	struct incident_open *c = arg;
	struct opening o = { .d = d,
			     .c = c,
			     .tlp = TLP_UNMARKED,
			     .presumed = true,
			     .title = text_safety_line(d->arena, c->title, TITLE_MAX) };
	if (!identity_may(c->who, MAY_WRITE_CASES))
		return err_set(err, ERR_DENIED, "your roles do not include work on cases");
	if (c->report_count > REPORTS_MAX)
		return err_set(err, ERR_LIMIT, "at most %d reports at once; attach the rest afterwards",
			       (int)REPORTS_MAX);
	struct sql_case_report_find_row *rows =
		NEW(d->arena, struct sql_case_report_find_row, c->report_count);
	struct json **bodies = NEW(d->arena, struct json *, c->report_count);
	o.parties = NEW(d->arena, struct known_party, 2 * c->report_count);
	if (!load_all(&o, rows, bodies, err))
		return false;
	if (o.tlp == TLP_UNMARKED && !tlp_parse(c->world->regime->marking.tlp_default, &o.tlp, err))
		return false;
	if (o.title.len == 0)
		return err_set(err, ERR_INPUT, "title: an incident without reports needs a title");
	o.class = o.class.len ? o.class : S("other:undetermined");
	o.sector = o.sector.len ? o.sector : S("");
	c->id = decision_new_id(d);
	if (!world_new_number(c->world, d, &c->number, err))
		return false;
	c->number = arena_dup(c->arena, c->number);
	opened(&o);
	for (ptrdiff_t i = 0; i < c->report_count; i++) {
		attach(&o, c->reports[i], &rows[i]);
		if (!parties_of(&o, c->reports[i], &rows[i], bodies[i], err))
			return false;
	}
	struct clock_case cc = {
		.incident = c->id, .team = c->who->team, .is_new = true, .received = o.received
	};
	cc.fresh = o.parties;
	cc.fresh_count = o.party_count;
	return clocks_update(d, c->world, &cc, err);
}
