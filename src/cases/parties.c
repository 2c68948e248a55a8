#include "cases/parties.h"

#include "access/identity.h"
#include "cases/parties_priv.h"
#include "cases/rescore.h"
#include "duties/duties.h"
#include "format/json.h"
#include "model/text_safety.h"
#include "model/workflow.h"
#include "regime/regime.h"
#include "regime/severity.h"

enum { NAME_MAX_BYTES = 200, REASON_MAX = 2000, SUBMISSION_TEXT_MAX = 16 << 10 };

static const str roles[] = {
	{ "reporter", 8 }, { "affected", 8 }, { "source", 6 }, { "provider", 8 }, { "helper", 6 }
};
static const str facts[] = {
	{ "affected", 8 }, { "contained", 9 }, { "eradicated", 10 }, { "recovered", 9 }
};

static bool one_of(str word, const str *list, ptrdiff_t count)
{
	for (ptrdiff_t i = 0; i < count; i++)
		if (str_eq(word, list[i]))
			return true;
	return false;
}

struct uuid party_draft_add(struct decision *d, struct uuid incident, str coordinator, enum tlp tlp,
			    const struct party_draft *p)
{
	struct json *j = json_object(d->arena), *words = json_object(d->arena);
	struct uuid id = decision_new_id(d);
	json_set_uuid(j, "incident", incident);
	json_set_str(j, "role", p->role);
	json_set_uuid(j, "organisation", p->organisation);
	if (p->team.len)
		json_set_str(j, "team", p->team);
	json_set_str(j, "reply", world_new_token(d));
	json_set_uuid(j, "report", p->report);
	json_set_uuid(j, "brought", p->brought);
	json_set_str(words, "name", p->name);
	json_set_str(words, "address", p->address);
	struct draft added = draft_of("party.added", id, coordinator, tlp, j);
	added.content = words;
	decision_add(d, added);
	return id;
}

static bool duty_party_of(struct decision *d, const struct known_party *p, struct duty_party *out,
			  struct err *err)
{
	struct sql_case_organisation_find_row row;
	bool found = false;
	*out = (struct duty_party){ .id = p->id };
	if (uuid_is_nil(p->organisation))
		return true;
	if (!sql_case_organisation_find(d->db, d->arena,
					&(struct sql_case_organisation_find){ .id = p->organisation }, &row,
					&found, err))
		return false;
	if (found)
		out->facts = (struct regime_party){ .org_class = row.class,
						    .sector = row.sector,
						    .province = row.province,
						    .cii_grade = row.cii,
						    .cii = row.cii.len > 0 };
	return true;
}

/* Affected organisations owe the duties of an incident; reporters, hosters and helpers do not. */
static bool owes(const struct known_party *p)
{
	return str_eq(p->role, S("affected")) && !uuid_is_nil(p->organisation);
}

static bool is_gone(const struct clock_case *c, struct uuid party)
{
	for (ptrdiff_t i = 0; i < c->gone_count; i++)
		if (uuid_eq(c->gone[i], party))
			return true;
	return false;
}

bool clocks_update(struct decision *d, const struct world *w, const struct clock_case *c, struct err *err)
{
	struct clock_case now = *c;
	struct rescore r = { .incident = c->incident,
			     .team = c->team,
			     .why = c->why,
			     .news = { .incident = c->incident,
				       .fresh = c->fresh,
				       .fresh_count = c->fresh_count,
				       .gone = c->gone,
				       .gone_count = c->gone_count,
				       .fact_party = c->hit,
				       .fact_value = c->hit_value } };
	bool touched = c->fresh_count || c->gone_count || !uuid_is_nil(c->hit);
	if (touched && !c->is_new && !rescore_case(d, w, &r, &now.band, err))
		return false;
	return clocks_plan(d, w, &now, err);
}

bool clocks_plan(struct decision *d, const struct world *w, const struct clock_case *c, struct err *err)
{
	struct sql_case_parties_ever_row *rows = NULL;
	ptrdiff_t known = 0, count = 0;
	if (!c->is_new && !sql_case_parties_ever(d->db, d->arena,
						 &(struct sql_case_parties_ever){ .incident = c->incident },
						 &rows, &known, err))
		return false;
	struct duty_party *parties = NEW(d->arena, struct duty_party, known + c->fresh_count);
	for (ptrdiff_t i = 0; i < known + c->fresh_count; i++) {
		struct known_party p = i < known ? (struct known_party){ rows[i].id, rows[i].role,
									 rows[i].team, rows[i].organisation }
						 : c->fresh[i - known];
		bool there = i >= known || (!rows[i].removed && !is_gone(c, p.id));
		if (there && owes(&p) && !duty_party_of(d, &p, &parties[count++], err))
			return false;
	}
	struct duty_case dc = { .regime = world_regime(w, c->regime),
				.subject = c->incident,
				.team = c->team,
				.band = c->band,
				.received = c->received,
				.why = c->why,
				.is_new = c->is_new };
	return duties_update(d, &dc, parties, count, c->news, c->news_count, err);
}

bool clocks_stop(struct decision *d, const struct world *w, const struct clock_case *c, struct err *err)
{
	struct duty_case dc = { .regime = world_regime(w, c->regime),
				.subject = c->incident,
				.team = c->team,
				.why = c->why };
	return duties_update(d, &dc, NULL, 0, NULL, 0, err);
}

str band_of(const struct world *w, const struct sql_case_incident_find_row *i)
{
	const struct regime_severity *s = world_regime(w, i->regime)->severity;
	return s && i->band > 0 && i->band < s->bands_count ? s->bands[i->band].id : (str){ 0 };
}

bool clock_case_of(struct decision *d, const struct world *w, struct uuid incident,
		   const struct sql_case_incident_find_row *i, struct clock_case *out, struct err *err)
{
	struct sql_case_reports_in_row *reports;
	ptrdiff_t count;
	if (!sql_case_reports_in(d->db, d->arena, &(struct sql_case_reports_in){ .incident = incident },
				 &reports, &count, err))
		return false;
	*out = (struct clock_case){ .incident = incident,
				    .team = i->team,
				    .band = band_of(w, i),
				    .regime = i->regime,
				    .received = count ? reports[0].received : (struct instant){ 0 },
				    .why = S("") };
	return true;
}

bool party_let_in(struct decision *d, struct uuid incident, const struct sql_case_incident_find_row *i,
		  str team, struct err *err)
{
	struct sql_case_access_find_row access;
	bool has = false;
	struct json *p = json_object(d->arena);
	if (str_eq(team, i->team))
		return err_set(err, ERR_CONFLICT, "party: this team coordinates the case already");
	if (!sql_case_access_find(d->db, d->arena,
				  &(struct sql_case_access_find){ .id = incident, .team = team }, &access,
				  &has, err))
		return false;
	json_set_str(p, "team", team);
	if (!has)
		decision_add(d, draft_of("access.granted", incident, i->team, (enum tlp)i->tlp, p));
	return true;
}

/* The same organisation or team in the same role: *out is nil, or the party that was removed. */
static bool find_before(struct decision *d, const struct party_add *c, struct uuid *out, struct err *err)
{
	struct sql_case_parties_ever_row *rows;
	ptrdiff_t count;
	*out = (struct uuid){ { 0 } };
	struct sql_case_parties_ever of = { .incident = c->incident };
	if (!sql_case_parties_ever(d->db, d->arena, &of, &rows, &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++) {
		bool named = uuid_is_nil(c->organisation) ? c->team.len && str_eq(rows[i].team, c->team)
							  : uuid_eq(rows[i].organisation, c->organisation);
		if (!named || !str_eq(rows[i].role, c->role) || !uuid_is_nil(rows[i].report))
			continue;
		if (!rows[i].removed)
			return err_set(err, ERR_CONFLICT,
				       "party: it is in this incident already, in that role");
		*out = rows[i].id;
	}
	return true;
}

/* With its clocks, its facts and its reply address. */
static bool back_again(struct decision *d, struct party_add *c, struct uuid party, struct err *err)
{
	struct party_remove back = { c->world, c->who, c->incident, party, true };
	c->made = party;
	return party_remove_decide(d, &back, err);
}

bool party_add_decide(struct decision *d, void *arg, struct err *err)
{
	struct party_add *c = arg;
	struct sql_case_incident_find_row i;
	struct sql_case_organisation_find_row org;
	struct uuid before;
	bool found = false;
	if (!load_incident(d, c->who, c->incident, true, &i, err))
		return false;
	if (!one_of(c->role, roles, COUNTOF(roles)))
		return err_set(err, ERR_INPUT,
			       "roles: '" STR_FMT "' is none of reporter, affected, source, provider, helper",
			       STR_ARG(str_sub(c->role, 0, 40)));
	struct party_draft p = { .role = c->role,
				 .team = c->team,
				 .organisation = c->organisation,
				 .name = text_safety_line(d->arena, c->name, NAME_MAX_BYTES),
				 .address = text_safety_line(d->arena, c->address, NAME_MAX_BYTES) };
	if (!uuid_is_nil(c->organisation)) {
		if (!sql_case_organisation_find(d->db, d->arena,
						&(struct sql_case_organisation_find){ .id = c->organisation },
						&org, &found, err))
			return false;
		if (!found || org.removed)
			return err_set(err, ERR_INPUT,
				       "party: there is no such organisation in the directory");
		p.name = org.name;
	} else if (c->team.len) {
		const struct regime_team *team = regime_team_find(c->world->regime, c->team);
		if (team == NULL)
			return err_set(err, ERR_INPUT, "party: '" STR_FMT "' is no team of the regime",
				       STR_ARG(c->team));
		p.name = team->title.text;
	} else if (p.name.len == 0 && p.address.len == 0) {
		return err_set(err, ERR_INPUT,
			       "party: give an organisation, a team, or a name with an address");
	}
	if (!find_before(d, c, &before, err))
		return false;
	if (!uuid_is_nil(before))
		return back_again(d, c, before, err);
	if (c->team.len && uuid_is_nil(c->organisation) && !party_let_in(d, c->incident, &i, c->team, err))
		return false;
	c->made = party_draft_add(d, c->incident, i.team, (enum tlp)i.tlp, &p);
	struct clock_case cc;
	if (!clock_case_of(d, c->world, c->incident, &i, &cc, err))
		return false;
	cc.why = S("a party added");
	struct known_party fresh = { c->made, c->role, c->team, c->organisation };
	cc.fresh = &fresh;
	cc.fresh_count = 1;
	return clocks_update(d, c->world, &cc, err);
}

bool party_load(struct decision *d, const struct identity *who, struct uuid *incident, struct uuid party,
		struct sql_case_party_find_row *out_party, struct sql_case_incident_find_row *out_incident,
		struct err *err)
{
	bool found = false;
	if (!load_incident(d, who, *incident, true, out_incident, err) ||
	    !sql_case_party_find(d->db, d->arena,
				 &(struct sql_case_party_find){ .id = party, .incident = *incident },
				 out_party, &found, err))
		return false;
	if (!found)
		return err_set(err, ERR_MISSING, "there is no such party in this incident");
	if (uuid_eq(out_party->incident, *incident))
		return true;
	*incident = out_party->incident;
	return load_incident(d, who, *incident, true, out_incident, err);
}

static bool party_of(struct decision *d, const struct identity *who, struct uuid *incident, struct uuid party,
		     struct sql_case_incident_find_row *out_i, struct err *err)
{
	struct sql_case_party_find_row p;
	if (!party_load(d, who, incident, party, &p, out_i, err))
		return false;
	return !p.removed || err_set(err, ERR_MISSING, "there is no such party in this incident");
}

static struct uuid current_anchor(const struct sql_case_anchors_of_row *rows, ptrdiff_t count,
				  struct uuid party, str name)
{
	for (ptrdiff_t i = count - 1; i >= 0; i--)
		if (uuid_eq(rows[i].party, party) && str_eq(rows[i].name, name))
			return rows[i].id;
	return (struct uuid){ { 0 } };
}

static struct duty_news state_anchor(struct decision *d, const struct party_fact *c,
				     const struct sql_case_incident_find_row *i, struct uuid old)
{
	struct json *p = json_object(d->arena);
	json_set_uuid(p, "incident", c->incident);
	json_set_uuid(p, "party", c->party);
	json_set_str(p, "name", c->fact);
	json_set_instant(p, "time", c->at);
	json_set_str(p, "said", c->said);
	json_set_uuid(p, "replaces", old);
	decision_add(d, draft_of("anchor.set", decision_new_id(d), i->team, (enum tlp)i->tlp, p));
	return (struct duty_news){ .party = c->party, .anchor = c->fact, .at = c->at, .replaces = old };
}

static bool set_anchor(struct decision *d, const struct party_fact *c,
		       const struct sql_case_incident_find_row *i, struct err *err)
{
	struct sql_case_anchors_of_row *rows;
	ptrdiff_t count;
	if (c->at.us == 0)
		return err_set(err, ERR_INPUT, "at: when was it? give the time in RFC 3339");
	if (instant_before(instant_add(d->now, MINUTES(5)), c->at))
		return err_set(err, ERR_INPUT, "at: this time is in the future; give the time it happened");
	if (!sql_case_anchors_of(d->db, d->arena, &(struct sql_case_anchors_of){ .incident = c->incident },
				 &rows, &count, err))
		return false;
	struct uuid old = current_anchor(rows, count, c->party, c->fact);
	struct duty_news news = state_anchor(d, c, i, old);
	struct clock_case cc;
	if (!clock_case_of(d, c->world, c->incident, i, &cc, err))
		return false;
	cc.why = arena_printf(d->arena, STR_FMT " %s", STR_ARG(c->fact),
			      uuid_is_nil(old) ? "stated" : "corrected");
	cc.news = &news;
	cc.news_count = 1;
	return clocks_update(d, c->world, &cc, err);
}

static bool hit_changed(struct decision *d, const struct party_fact *c,
			const struct sql_case_incident_find_row *i, str value, struct err *err)
{
	struct clock_case cc;
	if (!clock_case_of(d, c->world, c->incident, i, &cc, err))
		return false;
	cc.why = str_eq(value, S("no"))   ? S("a party is not affected")
		 : str_eq(value, S("yes")) ? S("a party is affected")
					   : S("whether a party is affected is not known");
	cc.hit = c->party;
	cc.hit_value = value;
	return clocks_update(d, c->world, &cc, err);
}

bool party_fact_decide(struct decision *d, void *arg, struct err *err)
{
	struct party_fact *c = arg;
	struct sql_case_incident_find_row i;
	enum regime_anchor anchor;
	if (!party_of(d, c->who, &c->incident, c->party, &i, err))
		return false;
	if (!one_of(c->said, (const str[]){ S("party"), S("officer"), S("report") }, 3))
		c->said = S("officer");
	bool fact = one_of(c->fact, facts, COUNTOF(facts));
	if (!fact && !regime_anchor_find(c->fact, &anchor))
		return err_set(err, ERR_INPUT,
			       "fact: '" STR_FMT
			       "' is neither affected, contained, eradicated, recovered nor an "
			       "anchor such as aware, detected or classified",
			       STR_ARG(str_sub(c->fact, 0, 40)));
	if (!fact && anchor == ANCHOR_AWARE && str_eq(c->said, S("report")))
		return err_set(err, ERR_INPUT,
			       "said_by: a report of somebody else does not make the party aware; "
			       "record when it was told, or ask it");
	if (!fact)
		return set_anchor(d, c, &i, err);
	str value = c->value.len ? c->value : S("yes");
	if (!one_of(value, (const str[]){ S("yes"), S("no"), S("unknown") }, 3))
		return err_set(err, ERR_INPUT, "value: yes, no or unknown");
	struct json *p = json_object(d->arena);
	json_set_uuid(p, "incident", c->incident);
	json_set_str(p, "fact", c->fact);
	json_set_str(p, "value", value);
	json_set_instant(p, "since", c->at.us ? c->at : d->now);
	json_set_str(p, "said", c->said);
	decision_add(d, draft_of("party.fact_set", c->party, i.team, (enum tlp)i.tlp, p));
	return !str_eq(c->fact, S("affected")) || hit_changed(d, c, &i, value, err);
}

/* Of the clocks with this step the first that is open, or the last there is. */
static bool duty_of(struct decision *d, const struct party_submission *c, str *out_duty, struct err *err)
{
	struct sql_case_clocks_of_row *clocks;
	ptrdiff_t count;
	bool open = false;
	*out_duty = S("");
	if (!sql_case_clocks_of(d->db, d->arena, &(struct sql_case_clocks_of){ .subject = c->incident },
				&clocks, &count, err))
		return false;
	for (ptrdiff_t n = 0; n < count && !open; n++) {
		if (!uuid_eq(clocks[n].party, c->party) || !str_eq(clocks[n].step, c->step) ||
		    (c->duty.len && !str_eq(clocks[n].duty, c->duty)) ||
		    str_eq(clocks[n].state, S("not_applicable")))
			continue;
		*out_duty = clocks[n].duty;
		open = clocks[n].met.us == 0 && !str_eq(clocks[n].state, S("waived"));
	}
	return out_duty->len ||
	       err_set(err, ERR_INPUT, "stage: this party owes no '" STR_FMT "' in this case",
		       STR_ARG(str_sub(c->step, 0, 60)));
}

/* What a submission of the party itself adds to an officer's note that one came. */
struct statement {
	struct json *words;
	struct duty_news anchor; /* stated with it; no anchor: none */
};

static bool submit(struct decision *d, const struct party_submission *c,
		   const struct sql_case_incident_find_row *i, const struct statement *with, struct err *err)
{
	struct clock_case cc;
	str duty;
	if (!duty_of(d, c, &duty, err))
		return false;
	if (c->at.us == 0 || instant_before(instant_add(d->now, MINUTES(5)), c->at))
		return err_set(err, ERR_INPUT,
			       "received_at: give the time it was submitted, not one in the future");
	struct json *p = json_object(d->arena);
	json_set_uuid(p, "incident", c->incident);
	json_set_uuid(p, "party", c->party);
	json_set_str(p, "duty", duty);
	json_set_str(p, "step", c->step);
	json_set_instant(p, "time", c->at);
	json_set_str(p, "said", c->who ? S("officer") : S("party"));
	struct draft s = draft_of("submission.recorded", decision_new_id(d), i->team, (enum tlp)i->tlp, p);
	s.content = with->words;
	decision_add(d, s);
	struct duty_news news[] = {
		{ .party = c->party, .duty = duty, .step = c->step, .submitted = c->at }, with->anchor
	};
	if (!clock_case_of(d, c->world, c->incident, i, &cc, err))
		return false;
	cc.why = arena_printf(d->arena, "submission recorded: " STR_FMT, STR_ARG(c->step));
	cc.news = news;
	cc.news_count = with->anchor.anchor.len ? 2 : 1;
	return clocks_update(d, c->world, &cc, err);
}

bool party_submission_decide(struct decision *d, void *arg, struct err *err)
{
	struct party_submission *c = arg;
	struct sql_case_incident_find_row i;
	struct json *words = json_object(d->arena);
	json_set_str(words, "reference", text_safety_block(d->arena, c->reference, REASON_MAX));
	return party_of(d, c->who, &c->incident, c->party, &i, err) &&
	       submit(d, c, &i, &(struct statement){ .words = c->reference.len ? words : NULL }, err);
}

static struct json *submission_words(struct decision *d, const struct own_submission *c)
{
	struct json *words = json_object(d->arena);
	json_set_str(words, "by", text_safety_line(d->arena, c->who->name, NAME_MAX_BYTES));
	json_set_str(words, "organisation", c->who->organisation_name);
	json_set_str(words, "what", text_safety_block(d->arena, c->what, SUBMISSION_TEXT_MAX));
	json_set_instant(words, "detected", c->detected);
	json_set_str(words, "effects", text_safety_block(d->arena, c->effects, SUBMISSION_TEXT_MAX));
	json_set_str(words, "measures", text_safety_block(d->arena, c->measures, SUBMISSION_TEXT_MAX));
	json_set_str(words, "contact", text_safety_line(d->arena, c->contact, NAME_MAX_BYTES));
	return words;
}

static bool check_submission(const struct decision *d, const struct own_submission *c, struct err *err)
{
	static const char say[] = "%s: write at least a few words; \"not known yet\" is an answer";
	if (str_trim(c->what).len == 0)
		return err_set(err, ERR_INPUT, say, "what");
	if (str_trim(c->effects).len == 0)
		return err_set(err, ERR_INPUT, say, "effects");
	if (str_trim(c->contact).len == 0)
		return err_set(err, ERR_INPUT, "contact: whom can the CERT call about this?");
	if (c->detected.us == 0 || instant_before(instant_add(d->now, MINUTES(5)), c->detected))
		return err_set(err, ERR_INPUT, "detected: since when is it known? not a time in the future");
	return true;
}

/* Since when they know of it is an anchor, if nothing was stated before. */
static bool detected_since(struct decision *d, const struct own_submission *c,
			   const struct party_submission *s, const struct sql_case_incident_find_row *i,
			   struct duty_news *out, struct err *err)
{
	struct sql_case_anchors_of_row *rows;
	ptrdiff_t count;
	struct party_fact fact = { .incident = s->incident, .party = s->party, .fact = S("detected"),
				   .said = S("party"), .at = c->detected };
	*out = (struct duty_news){ 0 };
	if (!sql_case_anchors_of(d->db, d->arena, &(struct sql_case_anchors_of){ .incident = s->incident },
				 &rows, &count, err))
		return false;
	if (uuid_is_nil(current_anchor(rows, count, s->party, fact.fact)))
		*out = state_anchor(d, &fact, i, (struct uuid){ { 0 } });
	return true;
}

bool own_submission_decide(struct decision *d, void *arg, struct err *err)
{
	struct own_submission *c = arg;
	struct sql_case_clock_own_row clock;
	struct sql_case_incident_of_party_row row;
	struct sql_case_incident_find_row i;
	bool found = false;
	_Static_assert(sizeof(row) == sizeof(i), "the statements select the same columns");
	if (!identity_must(c->who, MAY_ACT_OWN, err))
		return false;
	if (!sql_case_clock_own(
		    d->db, d->arena,
		    &(struct sql_case_clock_own){ .id = c->clock, .organisation = c->who->organisation },
			&clock,
		    &found, err))
		return false;
	if (!found)
		return err_set(err, ERR_MISSING, "there is no such duty");
	if (clock.removed)
		return err_set(err, ERR_CONFLICT, "your organisation is no longer a party of this case");
	if (!check_submission(d, c, err) ||
	    !sql_case_incident_of_party(d->db, d->arena, &(struct sql_case_incident_of_party){ clock.party },
					&row, &found, err))
		return false;
	memcpy(&i, &row, sizeof(i));
	struct party_submission s = { .world = c->world, .incident = clock.subject, .party = clock.party,
				      .step = clock.step, .at = d->now };
	struct statement with = { .words = submission_words(d, c) };
	return detected_since(d, c, &s, &i, &with.anchor, err) && submit(d, &s, &i, &with, err);
}

bool clock_settle_decide(struct decision *d, void *arg, struct err *err)
{
	struct clock_settle *c = arg;
	struct sql_case_clock_find_row row;
	bool found = false;
	if (!sql_case_clock_find(d->db, d->arena,
				 &(struct sql_case_clock_find){ .id = c->clock, .team = c->who->team }, &row,
				 &found, err))
		return false;
	if (!found)
		return err_set(err, ERR_MISSING, "there is no such clock");
	if (str_eq(c->state, S("waived")) && !identity_must(c->who, MAY_WAIVE_CLOCKS, err))
		return false;
	str reason = text_safety_block(d->arena, c->reason, REASON_MAX);
	if (str_trim(reason).len == 0)
		return err_set(err, ERR_INPUT, "reason: a clock is never stopped without one");
	bool passed = row.target && str_eq(row.state, S("late")) && row.met.us == 0; /* shown as running */
	bool late = str_eq(row.state, S("late")) && !row.target;
	if (str_eq(c->state, S("late_with_reason")) != late)
		return err_set(
			err, ERR_CONFLICT,
			late ? "this clock is late: give the reason for that instead"
			     : "a reason for lateness belongs to a clock that is late; this one is " STR_FMT,
			STR_ARG(row.state));
	if (!late && !passed && !str_eq(row.state, S("running")) && !str_eq(row.state, S("waiting")))
		return err_set(err, ERR_CONFLICT, "this clock is " STR_FMT " already", STR_ARG(row.state));
	struct json *p = json_object(d->arena);
	json_set_uuid(p, "case", row.subject);
	json_set_str(p, "state", c->state);
	json_set_instant(p, "met", row.met);
	json_set_uuid(p, "reason",
		      world_explain(d, row.team, TLP_AMBER, row.subject, (struct uuid){ { 0 } }, reason));
	decision_add(d, draft_of("clock.settled", c->clock, row.team, TLP_AMBER, p));
	return true;
}

bool request_settle_decide(struct decision *d, void *arg, struct err *err)
{
	struct request_settle *c = arg;
	struct sql_case_request_find_row row;
	struct sql_case_request_find ask = { .id = c->request, .team = c->who->team };
	bool found = false;
	str to;
	if (!sql_case_request_find(d->db, d->arena, &ask, &row, &found, err))
		return false;
	if (!found)
		return err_set(err, ERR_MISSING, "there is no such request");
	str reason = text_safety_block(d->arena, c->reason, REASON_MAX);
	if (str_trim(reason).len == 0)
		return err_set(err, ERR_INPUT, "reason: say how it was answered, or why it is asked no more");
	if (!workflow_next(&workflow_request, row.state, c->event, &to, err))
		return false;
	struct json *p = json_object(d->arena);
	json_set_uuid(p, "incident", row.incident);
	json_set_uuid(p, "party", row.party);
	json_set_str(p, "state", to);
	if (str_eq(to, S("met")))
		json_set_instant(p, "met", d->now);
	json_set_uuid(p, "reason",
		      world_explain(d, row.team, TLP_AMBER, row.incident, (struct uuid){ { 0 } }, reason));
	decision_add(d, draft_of("request.state_changed", c->request, row.team, TLP_AMBER, p));
	return true;
}
