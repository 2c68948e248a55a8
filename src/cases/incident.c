#include "cases/incident_priv.h"

#include "access/identity.h"
#include "cases/score.h"
#include "duties/duties.h"
#include "format/json.h"
#include "model/taxonomy.h"
#include "model/text_safety.h"
#include "model/workflow.h"
#include "regime/regime.h"
#include "regime/severity.h"

enum { TITLE_MAX = 300, COMMENT_MAX = 64 << 10, REASON_MAX = 4000 };

typedef struct sql_case_incident_find_row row;
typedef bool act_fn(struct decision *d, struct incident_command *c, const row *i, struct err *err);

static const struct uuid nobody;

static void add(struct decision *d, const struct incident_command *c, const row *i, const char *kind,
		struct json *p)
{
	decision_add(d, draft_of(kind, c->incident, i->team, (enum tlp)i->tlp, p));
}

/* Reports come and go: begins with what there is, `leaving` known. */
static bool begin(struct gather *g, struct decision *d, const struct incident_command *c,
		  struct uuid incident, const row *i, bool leaving, struct err *err)
{
	struct gather_case gc = { .incident = incident,
				  .team = i->team,
				  .band = band_of(c->world, i),
				  .regime = i->regime,
				  .tlp = (enum tlp)i->tlp,
				  .leaving = c->ids,
				  .leaving_count = leaving ? c->id_count : 0,
				  .most = c->id_count };
	return gather_begin(g, d, c->world, &gc, err);
}

static bool attach_one(struct gather *g, struct incident_command *c, struct uuid id, struct err *err)
{
	struct decision *d = g->d;
	struct sql_case_report_find_row r;
	struct json *body, *p = json_object(d->arena);
	str to;
	if (!load_report(d, c->who, id, true, &r, err) ||
	    !workflow_next(&workflow_report, r.state, S("attach"), &to, err) ||
	    !world_content(d, id, &body, err))
		return false;
	json_set_uuid(p, "incident", c->incident);
	json_set_str(p, "state", to);
	json_set_str(p, "was", r.state);
	json_set_uuid(p, "owner", r.owner);
	decision_add(d, draft_of("report.attached", id, r.team, (enum tlp)r.tlp, p));
	c->changed++;
	return report_acknowledge(d, id, &r, err) &&
	       gather_in(g, &(struct gather_report){ id, &r, body }, err);
}

static bool attach(struct decision *d, struct incident_command *c, const row *i, struct err *err)
{
	struct gather g;
	if (str_eq(i->resolution, S("withdrawn")))
		return err_set(err, ERR_CONFLICT, "this incident was withdrawn: open a new one");
	if (!begin(&g, d, c, c->incident, i, false, err))
		return false;
	for (ptrdiff_t n = 0; n < c->id_count; n++)
		if (!attach_one(&g, c, c->ids[n], err))
			return false;
	return gather_clocks(&g, S("a report attached"), err);
}

static bool detach_one(struct gather *g, struct incident_command *c, struct uuid id, struct err *err)
{
	struct sql_case_report_find_row r;
	str to;
	if (!load_report(g->d, c->who, id, true, &r, err))
		return false;
	if (!uuid_eq(r.incident, g->incident))
		return err_set(err, ERR_CONFLICT, STR_FMT " is not attached to this incident",
			       STR_ARG(r.number));
	if (!workflow_next(&workflow_report, r.state, S("detach"), &to, err))
		return false;
	struct json *p = json_object(g->d->arena);
	json_set_uuid(p, "incident", g->incident);
	json_set_str(p, "state", to);
	decision_add(g->d, draft_of("report.detached", id, r.team, (enum tlp)r.tlp, p));
	c->changed++;
	return gather_out(g, &(struct gather_report){ id, &r, NULL }, err);
}

/* The page of an incident lists the reports of what was merged into it: they are detached from where they
 * are, all from one place, so that one attach undoes it. */
static bool place_of(struct decision *d, const struct incident_command *c, struct uuid *out_place,
		     row *out_row, struct err *err)
{
	struct sql_case_report_find_row r;
	*out_place = c->incident;
	if (c->id_count == 0)
		return true;
	if (!load_report(d, c->who, c->ids[0], true, &r, err))
		return false;
	if (uuid_is_nil(r.incident) || uuid_eq(r.incident, c->incident))
		return true;
	if (!load_incident(d, c->who, r.incident, true, out_row, err))
		return false;
	if (uuid_eq(out_row->root, c->incident))
		*out_place = r.incident;
	return true;
}

static bool detach(struct decision *d, struct incident_command *c, const row *i, struct err *err)
{
	struct gather g;
	row other;
	if (!place_of(d, c, &c->place, &other, err) ||
	    !begin(&g, d, c, c->place, uuid_eq(c->place, c->incident) ? i : &other, true, err))
		return false;
	for (ptrdiff_t n = 0; n < c->id_count; n++)
		if (!detach_one(&g, c, c->ids[n], err))
			return false;
	return gather_clocks(&g, S("a report returned"), err);
}

static bool retitle(struct decision *d, struct incident_command *c, const row *i, struct err *err)
{
	struct json *words = json_object(d->arena);
	str title = text_safety_line(d->arena, c->text, TITLE_MAX);
	if (title.len == 0)
		return err_set(err, ERR_INPUT, "title: must not be empty");
	json_set_str(words, "title", title);
	struct draft x = draft_of("incident.edited", c->incident, i->team, (enum tlp)i->tlp, NULL);
	x.content = words;
	decision_add(d, x);
	return true;
}

static bool classify(struct decision *d, struct incident_command *c, const row *i, struct err *err)
{
	const struct taxonomy_class *class;
	struct json *p = json_object(d->arena);
	if (!taxonomy_parse(c->text, &class, err))
		return false;
	json_set_str(p, "class", str_from(class->id));
	json_set_str(p, "sector", i->sector);
	json_set_str(p, "was", i->class);
	add(d, c, i, "incident.classified", p);
	return true;
}

static bool mark(struct decision *d, struct incident_command *c, const row *i, struct err *err)
{
	struct marking now = { .tlp = (enum tlp)i->tlp }, wanted = { 0 }, out;
	struct json *p = json_object(d->arena);
	if (!tlp_parse(c->text, &wanted.tlp, err) || !marking_raise(now, wanted, &out, err))
		return false;
	json_set_int(p, "tlp", out.tlp);
	json_set_int(p, "was", i->tlp);
	add(d, c, i, "incident.marked", p);
	return true;
}

static bool change_state(struct decision *d, struct incident_command *c, const row *i, const char *event,
			 struct json *p, struct err *err)
{
	str to;
	if (!workflow_next(&workflow_incident, i->state, str_from(event), &to, err))
		return false;
	json_set_str(p, "state", to);
	json_set_str(p, "was", i->state);
	add(d, c, i, "incident.state_changed", p);
	return true;
}

/* An incident that nobody had is new no longer. */
static bool own(struct decision *d, struct incident_command *c, const row *i, struct uuid to, struct err *err)
{
	struct json *p = json_object(d->arena);
	json_set_uuid(p, "to", to);
	json_set_uuid(p, "was", i->owner);
	add(d, c, i, "incident.owner_changed", p);
	bool fresh = str_eq(i->state, str_from(workflow_incident.first)) && !uuid_is_nil(to);
	return !fresh || change_state(d, c, i, "open", json_object(d->arena), err);
}

static bool take(struct decision *d, struct incident_command *c, const row *i, struct err *err)
{
	if (uuid_eq(i->owner, c->who->account))
		return true;
	if (!uuid_is_nil(i->owner) && !identity_may(c->who, MAY_LEAD))
		return err_set(err, ERR_CONFLICT,
			       "somebody else has it: ask them to give it, or ask the shift lead");
	return own(d, c, i, c->who->account, err);
}

static bool release(struct decision *d, struct incident_command *c, const row *i, struct err *err)
{
	if (!uuid_is_nil(i->owner) && !uuid_eq(i->owner, c->who->account) && !identity_may(c->who, MAY_LEAD))
		return err_set(err, ERR_DENIED,
			       "it is not yours to release: its owner or the shift lead can");
	return own(d, c, i, nobody, err);
}

static bool give(struct decision *d, struct incident_command *c, const row *i, struct err *err)
{
	return load_colleague(d, c->who, c->other, err) && own(d, c, i, c->other, err);
}

static bool explain(struct decision *d, struct incident_command *c, const row *i, struct json *p,
		    struct err *err)
{
	str reason = text_safety_block(d->arena, c->text, REASON_MAX);
	if (str_trim(reason).len == 0)
		return err_set(err, ERR_INPUT, "reason: say why");
	json_set_uuid(p, "reason", world_explain(d, i->team, (enum tlp)i->tlp, c->incident, nobody, reason));
	return true;
}

static bool wait_for(struct decision *d, struct incident_command *c, const row *i, struct err *err)
{
	struct json *p = json_object(d->arena);
	if (c->until.us == 0 || !instant_before(d->now, c->until))
		return err_set(err, ERR_INPUT, "until: give a time that is still to come");
	json_set_str(p, "waiting_on", text_safety_line(d->arena, c->resolution, 120));
	json_set_instant(p, "waiting_until", c->until);
	return change_state(d, c, i, "wait", p, err);
}

static bool resume(struct decision *d, struct incident_command *c, const row *i, struct err *err)
{
	return change_state(d, c, i, str_eq(i->state, S("new")) ? "open" : "resume", json_object(d->arena),
			    err);
}

static bool reopen(struct decision *d, struct incident_command *c, const row *i, struct err *err)
{
	struct json *p = json_object(d->arena);
	if (str_eq(i->resolution, S("withdrawn")))
		return err_set(err, ERR_CONFLICT, "this incident was withdrawn: open a new one");
	return explain(d, c, i, p, err) && change_state(d, c, i, "reopen", p, err);
}

static bool acknowledged(const struct incident_command *c, struct uuid id)
{
	for (ptrdiff_t n = 0; n < c->id_count; n++)
		if (uuid_eq(c->ids[n], id))
			return true;
	return false;
}

static bool close_it(struct decision *d, struct incident_command *c, const row *i, struct err *err)
{
	struct open_end *ends;
	ptrdiff_t count, missing = 0;
	struct json *p = json_object(d->arena), *left = json_array(d->arena);
	if (workflow_resolution_find(c->resolution) == NULL)
		return err_set(err, ERR_INPUT,
			       "resolution: one of resolved, false_alarm, duplicate, referred, no_answer, "
			       "out_of_constituency");
	if (!incident_open_ends(d->db, d->arena, c->incident, &ends, &count, err))
		return false;
	for (ptrdiff_t n = 0; n < count; n++) {
		missing += !acknowledged(c, ends[n].id);
		json_append_str(left, uuid_format(d->arena, ends[n].id));
	}
	if (missing)
		return err_set(err, ERR_CONFLICT,
			       "open ends: %td clocks, requests or unanswered reporters were not looked at; "
			       "look at the list again and acknowledge each",
			       missing);
	if (!explain(d, c, i, p, err))
		return false;
	json_set_str(p, "resolution", c->resolution);
	json_set(p, "left_open", left);
	return change_state(d, c, i, "close", p, err);
}

static bool merge(struct decision *d, struct incident_command *c, const row *i, struct err *err)
{
	row into;
	if (uuid_eq(c->other, c->incident))
		return err_set(err, ERR_INPUT, "into: an incident cannot be merged into itself");
	if (!load_incident(d, c->who, c->other, true, &into, err))
		return false;
	if (!uuid_is_nil(into.merged_into))
		return err_set(err, ERR_CONFLICT,
			       "one of them is merged already: merge into the incident it went to");
	if (str_eq(into.resolution, S("withdrawn")))
		return err_set(err, ERR_CONFLICT, "that incident was withdrawn: merge into another");
	return incident_campaigns_fit(d, c, err) && incident_merge_add(d, c, i, err);
}

static bool unmerge(struct decision *d, struct incident_command *c, const row *i, struct err *err)
{
	return incident_unmerge_add(d, c, i, err);
}

static bool flag(struct decision *d, struct incident_command *c, const row *i, struct err *err)
{
	const struct regime_question *questions;
	ptrdiff_t count, n = 0;
	struct json *p = json_object(d->arena);
	struct clock_case cc;
	regime_questions(world_regime(c->world, i->regime), d->arena, &questions, &count);
	while (n < count && !str_eq(questions[n].id, c->text))
		n++;
	if (n == count)
		return err_set(err, ERR_INPUT, "flag: the rules ask no question '" STR_FMT "' of an incident",
			       STR_ARG(str_sub(c->text, 0, 40)));
	bool known = str_eq(c->resolution, S("yes")) || str_eq(c->resolution, S("no"));
	if (!known && !str_eq(c->resolution, S("unknown")))
		return err_set(err, ERR_INPUT, "value: yes, no or unknown");
	str said = c->said.len ? c->said : S("officer");
	if (!str_eq(said, S("officer")) && !str_eq(said, S("party")) && !str_eq(said, S("report")))
		return err_set(err, ERR_INPUT, "said_by: party, officer or report");
	json_set_str(p, "flag", c->text);
	json_set_str(p, "value", c->resolution);
	json_set_str(p, "said", said);
	add(d, c, i, "incident.flag_set", p);
	struct duty_news news = { .flag = c->text, .value = c->resolution };
	if (!clock_case_of(d, c->world, c->incident, i, &cc, err))
		return false;
	cc.why = arena_printf(d->arena, STR_FMT ": " STR_FMT, STR_ARG(c->text), STR_ARG(c->resolution));
	cc.news = &news;
	cc.news_count = 1;
	return clocks_update(d, c->world, &cc, err);
}

static bool comment(struct decision *d, struct incident_command *c, const row *i, struct err *err)
{
	str text = text_safety_block(d->arena, c->text, COMMENT_MAX);
	if (str_trim(text).len == 0)
		return err_set(err, ERR_INPUT, "text: write the comment");
	c->made = world_explain(d, c->who->team, (enum tlp)i->tlp, c->incident, nobody, text);
	return true;
}

static bool score(struct decision *d, struct incident_command *c, const row *i, struct err *err)
{
	const struct regime *rules = world_regime(c->world, i->regime);
	struct score_of of = { d->db, rules, c->incident, i->sector, c->severity, NULL };
	struct severity_result out;
	if (!score_incident(&of, d->arena, &out, err))
		return false;
	str asked = json_get_str(c->severity, "override_band"), override = out.scored ? asked : S("");
	struct json *p = json_object(d->arena), *base = json_object(d->arena);
	if (override.len && regime_band_find(rules, override) == NULL)
		return err_set(err, ERR_INPUT, "override_band: the regime has no band '" STR_FMT "'",
			       STR_ARG(override));
	if (override.len && !explain(d, c, i, p, err))
		return false;
	json_set(base, "factors", json_copy(d->arena, json_get(c->severity, "factors")));
	json_set_bool(base, "life_safety", json_get_bool(c->severity, "life_safety"));
	json_set_str(base, "override", override);
	json_set_str(base, "chosen", out.scored ? S("") : asked);
	json_set_uuid(base, "by", c->who->account);
	json_set_instant(base, "at", d->now);
	json_set_uuid(base, "reason", json_get_uuid(p, "reason"));
	str band = override.len ? override : out.band->id;
	json_set_str(p, "severity", json_compact(d->arena, score_kept(d->arena, base, &out)));
	json_set_int(p, "band", regime_band_rank(rules, band));
	json_set_str(p, "was", i->severity.ptr ? i->severity : S(""));
	add(d, c, i, "incident.scored", p);
	struct clock_case cc;
	if (!clock_case_of(d, c->world, c->incident, i, &cc, err))
		return false;
	cc.band = band;
	cc.why = S("severity scored");
	return clocks_update(d, c->world, &cc, err);
}

static bool grant(struct decision *d, struct incident_command *c, const row *i, struct err *err)
{
	struct sql_case_access_find_row access;
	bool has = false;
	struct json *p = json_object(d->arena);
	if (regime_team_find(c->world->regime, c->text) == NULL)
		return err_set(err, ERR_INPUT, "team: the regime has no team '" STR_FMT "'",
			       STR_ARG(str_sub(c->text, 0, 40)));
	if (!sql_case_access_find(d->db, d->arena,
				  &(struct sql_case_access_find){ .id = c->incident, .team = c->text },
				  &access, &has, err))
		return false;
	if (has)
		return true;
	json_set_str(p, "team", c->text);
	add(d, c, i, "access.granted", p);
	return true;
}

static bool withdraw(struct decision *d, struct incident_command *c, const row *i, struct err *err)
{
	struct json *p = json_object(d->arena);
	if (str_eq(c->text, i->team))
		return err_set(err, ERR_CONFLICT, "the coordinator cannot be shut out of its own incident");
	json_set_str(p, "team", c->text);
	add(d, c, i, "access.withdrawn", p);
	return true;
}

static bool version_fits(const struct incident_command *c, const row *i, struct err *err)
{
	return c->if_version < 0 || c->if_version == i->version ||
	       err_set(err, ERR_STALE,
		       "somebody changed this "
		       "incident since you loaded it: look again, then repeat");
}

/* A merged incident is worked on where it went; reports and words of its own it can still get. */
static bool here(const struct incident_command *c, const row *i, struct err *err)
{
	if (uuid_is_nil(i->merged_into) || c->act == INCIDENT_UNMERGE || c->act == INCIDENT_COMMENT ||
	    c->act == INCIDENT_ATTACH || c->act == INCIDENT_DETACH)
		return true;
	return err_set(err, ERR_CONFLICT,
		       "it is merged into another incident: work there, or undo the merge first");
}

bool incident_decide(struct decision *d, void *arg, struct err *err)
{
	static act_fn *const acts[INCIDENT_ACTS] = {
		[INCIDENT_ATTACH] = attach,     [INCIDENT_DETACH] = detach,
		[INCIDENT_TAKE] = take,         [INCIDENT_RELEASE] = release,
		[INCIDENT_GIVE] = give,         [INCIDENT_RETITLE] = retitle,
		[INCIDENT_CLASSIFY] = classify, [INCIDENT_MARK] = mark,
		[INCIDENT_WAIT] = wait_for,     [INCIDENT_RESUME] = resume,
		[INCIDENT_REOPEN] = reopen,     [INCIDENT_CLOSE] = close_it,
		[INCIDENT_MERGE] = merge,       [INCIDENT_UNMERGE] = unmerge,
		[INCIDENT_COMMENT] = comment,   [INCIDENT_SCORE] = score,
		[INCIDENT_GRANT] = grant,       [INCIDENT_WITHDRAW] = withdraw,
		[INCIDENT_FLAG] = flag,         [INCIDENT_WITHDRAW_IT] = incident_withdraw,
		[INCIDENT_JOIN] = incident_join, [INCIDENT_LEAVE] = incident_leave,
	};
	struct incident_command *c = arg;
	row i;
	return load_incident(d, c->who, c->incident, c->act != INCIDENT_COMMENT, &i, err) &&
	       version_fits(c, &i, err) && here(c, &i, err) && acts[c->act](d, c, &i, err);
}

static bool clock_open(const struct sql_case_clocks_of_row *x)
{
	return str_eq(x->state, S("running")) || str_eq(x->state, S("waiting")) ||
	       (str_eq(x->state, S("late")) && x->met.us == 0);
}

bool incident_open_ends(struct db *db, struct arena *a, struct uuid incident, struct open_end **out,
			ptrdiff_t *out_count, struct err *err)
{
	struct sql_case_clocks_of_row *clocks;
	struct sql_case_requests_of_row *requests;
	struct sql_case_reports_of_row *reports;
	ptrdiff_t clock_count, request_count, report_count, n = 0;
	if (!sql_case_clocks_of(db, a, &(struct sql_case_clocks_of){ .subject = incident }, &clocks,
				&clock_count, err) ||
	    !sql_case_requests_of(db, a, &(struct sql_case_requests_of){ .incident = incident }, &requests,
				  &request_count, err) ||
	    !sql_case_reports_of(db, a, &(struct sql_case_reports_of){ .incident = incident }, &reports,
				 &report_count, err))
		return false;
	struct open_end *ends = NEW(a, struct open_end, clock_count + request_count + report_count);
	for (ptrdiff_t i = 0; i < clock_count; i++)
		if (clock_open(&clocks[i]))
			ends[n++] = (struct open_end){ OPEN_CLOCK, clocks[i].id };
	for (ptrdiff_t i = 0; i < request_count; i++)
		if (str_eq(requests[i].state, S("open")))
			ends[n++] = (struct open_end){ OPEN_REQUEST, requests[i].id };
	for (ptrdiff_t i = 0; i < report_count; i++)
		if (reports[i].answered.us == 0)
			ends[n++] = (struct open_end){ OPEN_REPORTER, reports[i].id };
	*out = ends;
	*out_count = n;
	return true;
}
