#include "access/identity.h"
#include "cases/incident_priv.h"
#include "format/json.h"
#include "model/text_safety.h"
#include "model/workflow.h"
#include "regime/regime.h"

enum { TITLE_MAX = 300, REPORTS_MAX = 500 };

/* A new incident, of reports that are new or that are split off from another. */
struct opening {
	struct decision *d;
	const struct world *world;
	const struct identity *who;
	struct uuid id;
	str number;
	enum tlp tlp;
	bool presumed;
	str class, sector, title;
	str regime; /* of today; a part keeps that of the case it was split off from */
	bool untaken;
	const struct uuid *reports;
	ptrdiff_t count;
	struct sql_case_report_find_row *rows;
	struct json **bodies;
	struct gather gather;
};

static struct opening opening_of(struct decision *d, const struct world *world, const struct identity *who,
				 const struct uuid *reports, ptrdiff_t count, str title)
{
	return (struct opening){ .d = d,
				 .world = world,
				 .who = who,
				 .reports = reports,
				 .count = count,
				 .tlp = TLP_UNMARKED,
				 .presumed = true,
				 .title = text_safety_line(d->arena, title, TITLE_MAX) };
}

static bool fits(const struct sql_case_report_find_row *r, str event, struct err *err)
{
	str to;
	return workflow_next(&workflow_report, r->state, event, &to, err) ||
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
}

static bool attach(struct opening *o, ptrdiff_t n, struct err *err)
{
	const struct sql_case_report_find_row *r = &o->rows[n];
	struct json *p = json_object(o->d->arena);
	json_set_uuid(p, "incident", o->id);
	json_set_str(p, "state", S("attached"));
	json_set_str(p, "was", r->state);
	json_set_uuid(p, "owner", r->owner);
	decision_add(o->d, draft_of("report.attached", o->reports[n], r->team, (enum tlp)r->tlp, p));
	return report_acknowledge(o->d, o->reports[n], r, err) &&
	       gather_in(&o->gather, &(struct gather_report){ o->reports[n], r, o->bodies[n] }, err);
}

static void opened(struct opening *o)
{
	struct arena *a = o->d->arena;
	struct json *p = json_object(a), *words = json_object(a), *teams = json_array(a),
		    *team = json_object(a);
	json_set_str(team, "team", o->who->team);
	json_set_bool(team, "coordinator", true);
	json_append(teams, team);
	json_set_str(p, "number", o->number);
	json_set_instant(p, "opened", o->d->now);
	json_set_str(p, "team", o->who->team);
	json_set_uuid(p, "holder", o->untaken ? (struct uuid){ { 0 } } : o->who->account);
	json_set_str(p, "state", o->untaken ? str_from(workflow_incident.first) : S("open"));
	json_set_int(p, "tlp", o->tlp);
	json_set_bool(p, "presumed", o->presumed);
	json_set_str(p, "class", o->class);
	json_set_str(p, "sector", o->sector);
	json_set_str(p, "regime", o->regime);
	json_set(p, "teams", teams);
	json_set_str(words, "title", o->title);
	struct draft x = draft_of("incident.opened", o->id, o->who->team, o->tlp, p);
	x.content = words;
	decision_add(o->d, x);
}

static bool load_all(struct opening *o, str event, struct err *err)
{
	if (!identity_must(o->who, MAY_WRITE_CASES, err))
		return false;
	if (o->count > REPORTS_MAX)
		return err_set(err, ERR_LIMIT, "at most %d reports at once; attach the rest afterwards",
			       (int)REPORTS_MAX);
	o->rows = NEW(o->d->arena, struct sql_case_report_find_row, o->count);
	o->bodies = NEW(o->d->arena, struct json *, o->count);
	for (ptrdiff_t i = 0; i < o->count; i++) {
		for (ptrdiff_t k = 0; k < i; k++)
			if (uuid_eq(o->reports[i], o->reports[k]))
				return err_set(err, ERR_INPUT, "reports: one of them is named twice");
		if (!load_report(o->d, o->who, o->reports[i], true, &o->rows[i], err) ||
		    !fits(&o->rows[i], event, err) || !world_content(o->d, o->reports[i], &o->bodies[i], err))
			return false;
		remember(o, &o->rows[i], o->bodies[i]);
	}
	return true;
}

static bool begin(struct opening *o, struct arena *keep, struct err *err)
{
	if (o->tlp == TLP_UNMARKED && !tlp_parse(o->world->regime->marking.tlp_default, &o->tlp, err))
		return false;
	if (o->title.len == 0)
		return err_set(err, ERR_INPUT, "title: an incident without reports needs a title");
	o->class = o->class.len ? o->class : S("other:undetermined");
	o->sector = o->sector.len ? o->sector : S("");
	o->regime = o->regime.len ? o->regime : o->world->regime_id;
	o->id = decision_new_id(o->d);
	if (!world_new_number(o->world, o->d, &o->number, err))
		return false;
	o->number = arena_dup(keep, o->number);
	struct gather_case gc = { .incident = o->id,
				  .team = o->who->team,
				  .regime = o->regime,
				  .tlp = o->tlp,
				  .is_new = true,
				  .most = o->count };
	opened(o);
	return gather_begin(&o->gather, o->d, o->world, &gc, err);
}

bool incident_open_decide(struct decision *d, void *arg, struct err *err)
{
	struct incident_open *c = arg;
	struct opening o = opening_of(d, c->world, c->who, c->reports, c->report_count, c->title);
	o.untaken = c->untaken;
	if (!load_all(&o, S("attach"), err) || !begin(&o, c->arena, err))
		return false;
	c->id = o.id;
	c->number = o.number;
	for (ptrdiff_t i = 0; i < o.count; i++)
		if (!attach(&o, i, err))
			return false;
	return gather_clocks(&o.gather, S(""), err);
}

/* --- splitting --- */

static void moved(struct opening *o, ptrdiff_t n, struct uuid from)
{
	struct json *p = json_object(o->d->arena);
	json_set_uuid(p, "incident", o->id);
	json_set_uuid(p, "from", from);
	decision_add(o->d,
		     draft_of("report.moved", o->reports[n], o->rows[n].team, (enum tlp)o->rows[n].tlp, p));
}

static void split_noted(struct opening *o, struct uuid from)
{
	struct json *p = json_object(o->d->arena), *list = json_array(o->d->arena);
	for (ptrdiff_t i = 0; i < o->count; i++) {
		struct json *one = json_object(o->d->arena);
		json_set_uuid(one, "id", o->reports[i]);
		json_append(list, one);
	}
	json_set_uuid(p, "from", from);
	json_set(p, "reports", list);
	decision_add(o->d, draft_of("incident.split", o->id, o->who->team, o->tlp, p));
}

/* The incident that all the reports are in: the one that is acted on, or one that was merged into it. */
static bool source_of(struct opening *o, const struct incident_split *c, struct uuid *out_id,
		      struct sql_case_incident_find_row *out, struct err *err)
{
	if (o->count == 0)
		return err_set(err, ERR_INPUT, "reports: choose those that become an incident of their own");
	*out_id = o->rows[0].incident;
	for (ptrdiff_t i = 0; i < o->count; i++)
		if (!uuid_eq(o->rows[i].incident, *out_id))
			return err_set(err, ERR_CONFLICT,
				       "the reports are not all of one incident: split one "
				       "incident at a time");
	if (!load_incident(o->d, o->who, *out_id, true, out, err))
		return false;
	return uuid_eq(*out_id, c->incident) || uuid_eq(out->root, c->incident) ||
	       err_set(err, ERR_CONFLICT, STR_FMT " is not attached to this incident",
		       STR_ARG(o->rows[0].number));
}

bool incident_split_decide(struct decision *d, void *arg, struct err *err)
{
	struct incident_split *c = arg;
	struct sql_case_incident_find_row i, from;
	struct uuid source;
	struct gather left;
	struct opening o = opening_of(d, c->world, c->who, c->reports, c->report_count, c->title);
	if (!load_incident(d, c->who, c->incident, true, &i, err) || !load_all(&o, S("move"), err) ||
	    !source_of(&o, c, &source, &from, err))
		return false;
	if (c->if_version >= 0 && c->if_version != i.version)
		return err_set(err, ERR_STALE,
			       "somebody changed this incident since you loaded it: look again, "
			       "then repeat");
	o.tlp = MAX(o.tlp, (enum tlp)from.tlp); /* what it was told under holds for the part too */
	o.regime = from.regime;
	struct gather_case gc = { .incident = source,
				  .team = from.team,
				  .band = band_of(c->world, &from),
				  .regime = from.regime,
				  .tlp = (enum tlp)from.tlp,
				  .leaving = c->reports,
				  .leaving_count = c->report_count,
				  .most = c->report_count };
	if (!begin(&o, c->arena, err) || !gather_begin(&left, d, c->world, &gc, err))
		return false;
	c->id = o.id;
	c->number = o.number;
	split_noted(&o, source);
	for (ptrdiff_t n = 0; n < o.count; n++) {
		moved(&o, n, source);
		if (!gather_move(&left, &o.gather,
				 &(struct gather_report){ o.reports[n], &o.rows[n], o.bodies[n] }, err))
			return false;
	}
	return gather_clocks(&left, S("reports split off"), err) && gather_clocks(&o.gather, S(""), err);
}
