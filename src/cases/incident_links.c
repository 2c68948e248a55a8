/* Merges, their undo, and taking back that an incident was opened or split off. */
#include "access/identity.h"
#include "cases/incident_priv.h"
#include "cases/rescore.h"
#include "duties/duties.h"
#include "format/json.h"
#include "model/workflow.h"

typedef struct sql_case_incident_find_row row;

enum { CHAIN_MAX = 1000 };

bool report_acknowledge(struct decision *d, struct uuid report, const struct sql_case_report_find_row *r,
			struct err *err)
{
	if (r->acknowledged.us)
		return true;
	decision_add(d, draft_of("report.acknowledged", report, r->team, (enum tlp)r->tlp, NULL));
	return duties_meet(d, report, S("acknowledge"), false, err);
}

/* The incident and all that was merged into it, each with where its chain ends from now on. */
static bool below(struct decision *d, struct uuid top, struct uuid root, struct json **out, struct err *err)
{
	struct uuid *all = NEW(d->arena, struct uuid, CHAIN_MAX);
	struct json *list = json_array(d->arena);
	ptrdiff_t count = 1;
	all[0] = top;
	for (ptrdiff_t i = 0; i < count; i++) {
		struct sql_case_incidents_merged_into_row *rows;
		ptrdiff_t n;
		if (!sql_case_incidents_merged_into(
			    d->db, d->arena, &(struct sql_case_incidents_merged_into){ .incident = all[i] },
			    &rows, &n, err))
			return false;
		if (count + n > CHAIN_MAX)
			return err_set(err, ERR_LIMIT, "more than %d incidents are merged already",
				       (int)CHAIN_MAX);
		for (ptrdiff_t k = 0; k < n; k++)
			all[count++] = rows[k].id;
		struct json *one = json_object(d->arena);
		json_set_uuid(one, "id", all[i]);
		struct uuid end = uuid_is_nil(root) && i ? top : root; /* nil root: it stands alone again */
		json_set_uuid(one, "root", end);
		json_append(list, one);
	}
	*out = list;
	return true;
}

static void add(struct decision *d, struct uuid incident, const row *i, const char *kind, struct json *p)
{
	decision_add(d, draft_of(kind, incident, i->team, (enum tlp)i->tlp, p));
}

bool incident_merge_add(struct decision *d, struct incident_command *c, const row *i, struct err *err)
{
	struct json *p = json_object(d->arena), *list;
	if (str_eq(i->resolution, S("withdrawn")))
		return err_set(err, ERR_CONFLICT, "this incident was withdrawn: there is nothing to merge");
	if (!below(d, c->incident, c->other, &list, err))
		return false;
	json_set_uuid(p, "into", c->other);
	json_set(p, "below", list);
	add(d, c->incident, i, "incident.merged", p);
	struct rescore r = { .incident = c->other,
			     .team = i->team,
			     .why = arena_printf(d->arena, STR_FMT " merged", STR_ARG(i->number)),
			     .news = { .joined = c->incident, .joined_own = true } };
	return rescore_whole(d, c->world, &r, err);
}

/* The severity of both sides follows. */
static bool part(struct decision *d, const struct incident_command *c, const row *i, const struct json *list,
		 struct err *err)
{
	struct uuid *apart = NEW(d->arena, struct uuid, json_count(list));
	struct sql_case_campaign_of_row here = { 0 }, there = { 0 };
	bool found = false;
	for (ptrdiff_t n = 0; n < json_count(list); n++)
		apart[n] = json_get_uuid(json_at(list, n), "id");
	struct sql_case_campaign_of of = { c->incident }, other = { i->merged_into };
	if (!sql_case_campaign_of(d->db, d->arena, &of, &here, &found, err) ||
	    !sql_case_campaign_of(d->db, d->arena, &other, &there, &found, err))
		return false;
	struct rescore r = { .incident = i->merged_into,
			     .team = i->team,
			     .why = S("a merge undone"),
			     .news = { .apart = apart,
				       .apart_count = json_count(list),
				       .apart_campaign = !uuid_is_nil(here.campaign) &&
							 uuid_eq(here.campaign, there.campaign) } };
	if (!rescore_whole(d, c->world, &r, err))
		return false;
	r.incident = c->incident;
	r.news.joined = i->merged_into;
	r.news.only_apart = true;
	return rescore_one(d, c->world, &r, err);
}

bool incident_unmerge_add(struct decision *d, struct incident_command *c, const row *i, struct err *err)
{
	struct json *p = json_object(d->arena), *list;
	row into;
	if (uuid_is_nil(i->merged_into))
		return err_set(err, ERR_CONFLICT, "it is not merged into another incident");
	if (!load_incident(d, c->who, i->merged_into, true, &into, err))
		return false;
	if (!uuid_is_nil(into.merged_into))
		return err_set(err, ERR_CONFLICT,
			       STR_FMT " was merged on into another incident: undo that first",
			       STR_ARG(into.number));
	if (!below(d, c->incident, (struct uuid){ { 0 } }, &list, err))
		return false;
	json_set_uuid(p, "from", i->merged_into);
	json_set(p, "below", list);
	add(d, c->incident, i, "incident.unmerged", p);
	return part(d, c, i, list, err);
}

struct taking_back {
	struct decision *d;
	struct incident_command *c;
	struct gather here, source;
	struct sql_case_split_reports_row *split;
	ptrdiff_t split_count;
	bool has_source;
};

static bool was_split_off(const struct taking_back *t, struct uuid report)
{
	for (ptrdiff_t i = 0; i < t->split_count; i++)
		if (uuid_eq(t->split[i].report, report))
			return true;
	return false;
}

/* To the incident it was split off from, or to the queue of new reports. */
static bool give_back(struct taking_back *t, struct uuid report, struct err *err)
{
	struct decision *d = t->d;
	struct sql_case_report_find_row r;
	struct json *p = json_object(d->arena), *body;
	str to;
	bool home = t->has_source && was_split_off(t, report);
	if (!load_report(d, t->c->who, report, true, &r, err) || !world_content(d, report, &body, err) ||
	    !workflow_next(&workflow_report, r.state, home ? S("move") : S("detach"), &to, err))
		return false;
	struct gather_report gr = { report, &r, body };
	json_set_uuid(p, "incident", home ? t->source.incident : t->here.incident);
	if (home) {
		json_set_uuid(p, "from", t->here.incident);
		decision_add(d, draft_of("report.moved", report, r.team, (enum tlp)r.tlp, p));
		return gather_move(&t->here, &t->source, &gr, err);
	}
	json_set_str(p, "state", to);
	decision_add(d, draft_of("report.detached", report, r.team, (enum tlp)r.tlp, p));
	return gather_out(&t->here, &gr, err);
}

static bool may_take_back(struct decision *d, const struct incident_command *c, const row *i, struct err *err)
{
	struct sql_case_incident_used_row unused;
	bool used = false;
	if (str_eq(i->resolution, S("withdrawn")))
		return err_set(err, ERR_CONFLICT, "it is withdrawn already");
	if (!sql_case_incident_used(d->db, d->arena,
				    &(struct sql_case_incident_used){ .incident = c->incident }, &unused,
				    &used, err))
		return false;
	return !used || err_set(err, ERR_CONFLICT,
				"messages, times, submissions or other incidents depend on it already, "
				"so that it cannot be taken back: merge it into another incident, or "
				"close it");
}

static bool load_taking_back(struct taking_back *t, const row *i, struct uuid *ids, ptrdiff_t count,
			     struct err *err)
{
	const struct incident_command *c = t->c;
	struct gather_case gc = { .incident = c->incident,
				  .team = i->team,
				  .band = band_of(c->world, i),
				  .regime = i->regime,
				  .tlp = (enum tlp)i->tlp,
				  .leaving = ids,
				  .leaving_count = count,
				  .most = count };
	row from;
	if (!gather_begin(&t->here, t->d, c->world, &gc, err) ||
	    !sql_case_split_reports(t->d->db, t->d->arena,
				    &(struct sql_case_split_reports){ .incident = c->incident }, &t->split,
				    &t->split_count, err))
		return false;
	t->has_source = !uuid_is_nil(i->split_from);
	if (!t->has_source)
		return true;
	if (!load_incident(t->d, c->who, i->split_from, true, &from, err))
		return false;
	if (str_eq(from.resolution, S("withdrawn")))
		return err_set(err, ERR_CONFLICT,
			       STR_FMT ", which it was split off from, is withdrawn: merge it into another",
			       STR_ARG(from.number));
	gc = (struct gather_case){ .incident = i->split_from,
				   .team = from.team,
				   .band = band_of(c->world, &from),
				   .regime = from.regime,
				   .tlp = (enum tlp)from.tlp,
				   .most = count };
	return gather_begin(&t->source, t->d, c->world, &gc, err);
}

bool incident_withdraw(struct decision *d, struct incident_command *c, const row *i, struct err *err)
{
	struct taking_back t = { .d = d, .c = c };
	struct sql_case_reports_in_row *rows;
	struct json *p = json_object(d->arena);
	struct clock_case none;
	ptrdiff_t count;
	if (!may_take_back(d, c, i, err) ||
	    !sql_case_reports_in(d->db, d->arena, &(struct sql_case_reports_in){ .incident = c->incident },
				 &rows, &count, err))
		return false;
	struct uuid *ids = NEW(d->arena, struct uuid, count);
	for (ptrdiff_t n = 0; n < count; n++)
		ids[n] = rows[n].id;
	if (!load_taking_back(&t, i, ids, count, err))
		return false;
	for (ptrdiff_t n = 0; n < count; n++)
		if (!give_back(&t, ids[n], err))
			return false;
	if (t.has_source)
		json_set_uuid(p, "to", i->split_from);
	json_set_str(p, "state", S("closed"));
	json_set_str(p, "resolution", S("withdrawn"));
	json_set_str(p, "was", i->state);
	add(d, c->incident, i, "incident.withdrawn", p);
	if (!clock_case_of(d, c->world, c->incident, i, &none, err))
		return false;
	none.why = S("incident withdrawn");
	return clocks_stop(d, c->world, &none, err) &&
	       (!t.has_source || gather_clocks(&t.source, S("a split taken back"), err));
}
