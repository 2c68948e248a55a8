#include "cases/message.h"

#include "access/identity.h"
#include "base/text.h"
#include "cases/load.h"
#include "duties/duties.h"
#include "duties/reminder.h"
#include "format/json.h"
#include "model/text_safety.h"
#include "model/workflow.h"
#include "regime/regime.h"
#include "release/release.h"

enum { SUBJECT_MAX = 300, DETAIL_MAX = 300 };

static const struct uuid nobody;

static bool content_of(struct db *db, struct arena *a, struct uuid id, struct json **out, struct err *err)
{
	struct sql_case_content_find_row row;
	bool found = false;
	*out = NULL;
	if (!sql_case_content_find(db, a, &(struct sql_case_content_find){ .id = id }, &row, &found, err))
		return false;
	return !found || json_parse(a, row.body, (struct json_limits){ 0 }, out, err);
}

/* The first rung of the ladder that has a mail address. */
static bool address_of(struct db *db, struct arena *a, struct uuid organisation, str *out, struct err *err)
{
	struct sql_case_first_contact_row *rows;
	ptrdiff_t count;
	*out = S("");
	if (!sql_case_first_contact(db, a, &(struct sql_case_first_contact){ .organisation = organisation },
				    &rows, &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count && out->len == 0; i++) {
		struct json *body;
		if (!content_of(db, a, rows[i].id, &body, err))
			return false;
		str address = json_get_str(body, "address");
		if (str_find_char(address, '@') > 0)
			*out = address;
	}
	return true;
}

struct resolving {
	struct db *db;
	struct arena *a;
	const struct regime *regime;
	const struct sql_case_parties_of_row *parties;
	ptrdiff_t count;
};

static const struct sql_case_parties_of_row *party_for(const struct resolving *r, struct uuid id)
{
	for (ptrdiff_t i = 0; i < r->count; i++)
		if (uuid_eq(r->parties[i].id, id) ||
		    (!uuid_is_nil(id) && uuid_eq(r->parties[i].organisation, id)))
			return &r->parties[i];
	return NULL;
}

static const struct sql_case_parties_of_row *team_in_case(const struct resolving *r, str team)
{
	for (ptrdiff_t i = 0; i < r->count; i++)
		if (team.len && str_eq(r->parties[i].team, team))
			return &r->parties[i];
	return NULL;
}

static bool is_named(const struct regime_team *t, str name)
{
	bool named = str_eq_nocase(t->title.text, name);
	for (ptrdiff_t i = 0; i < t->aliases_count && !named; i++)
		named = str_eq_nocase(t->aliases[i], name);
	return named;
}

/* The party that is the team of this name: the directory's organisation of that name is the same people. */
static const struct sql_case_parties_of_row *team_named(const struct resolving *r, str name)
{
	for (ptrdiff_t i = 0; i < r->count; i++) {
		const struct regime_team *t = regime_team_find(r->regime, r->parties[i].team);
		if (t && is_named(t, name))
			return &r->parties[i];
	}
	return NULL;
}

static bool take_party(const struct resolving *r, const struct sql_case_parties_of_row *p,
		       struct recipient *out, struct err *err)
{
	struct json *body = NULL;
	if (!content_of(r->db, r->a, p->id, &body, err))
		return false;
	out->party = p->id;
	out->reply = p->reply;
	if (!uuid_is_nil(p->organisation))
		out->organisation = p->organisation;
	if (p->team.len)
		out->team = p->team;
	out->name = json_get_str(body, "name");
	out->address = json_get_str(body, "address");
	if (str_find_char(out->address, '@') <= 0)
		out->address = S("");
	return true;
}

/* A team's mail goes to the organisation of its name in the directory, by its title or an alias. */
static bool team_address(const struct resolving *r, struct recipient *out, struct err *err)
{
	const struct regime_team *t = regime_team_find(r->regime, out->team);
	if (t == NULL)
		return err_set(err, ERR_MISSING, "recipients: '" STR_FMT "' is no team of the regime",
			       STR_ARG(str_sub(out->team, 0, 40)));
	if (out->name.len == 0)
		out->name = t->title.text;
	for (ptrdiff_t i = -1; i < t->aliases_count && out->address.len == 0; i++) {
		struct sql_case_organisation_named_row org;
		bool found = false;
		if (!sql_case_organisation_named(r->db, r->a,
						 &(struct sql_case_organisation_named){
							 .name = i < 0 ? t->title.text : t->aliases[i] },
						 &org, &found, err) ||
		    (found && !address_of(r->db, r->a, org.id, &out->address, err)))
			return false;
	}
	return true;
}

static bool resolve_team(const struct resolving *r, str team, struct recipient *out, struct err *err)
{
	const struct sql_case_parties_of_row *p = team_in_case(r, team);
	return (p == NULL || take_party(r, p, out, err)) && team_address(r, out, err);
}

static bool resolve(const struct resolving *r, struct uuid id, struct recipient *out, struct err *err)
{
	const struct sql_case_parties_of_row *p = party_for(r, id);
	struct sql_case_organisation_find_row org;
	bool found = false;
	if (p && !take_party(r, p, out, err))
		return false;
	if (p && p->team.len)
		return team_address(r, out, err);
	if (p == NULL)
		out->organisation = id;
	if (uuid_is_nil(out->organisation))
		return true;
	if (!sql_case_organisation_find(r->db, r->a,
					&(struct sql_case_organisation_find){ .id = out->organisation }, &org,
					&found, err))
		return false;
	if (!found && p == NULL)
		return err_set(err, ERR_MISSING,
			       "recipients: one of them is neither a party of this case nor an organisation "
			       "of the directory");
	if (p == NULL && (p = team_named(r, org.name)) != NULL && !take_party(r, p, out, err))
		return false;
	if (found && out->name.len == 0)
		out->name = org.name;
	return out->address.len || address_of(r->db, r->a, out->organisation, &out->address, err);
}

/* What the gate says of this message for this recipient. */
static bool ask_gate(struct arena *a, struct uuid incident, str coordinator, enum tlp tlp,
		     struct recipient *r)
{
	struct record message = { .kind = RECORD_MESSAGE,
				  .subject = incident,
				  .tlp = tlp,
				  .coordinator = coordinator,
				  .teams = &coordinator,
				  .team_count = 1,
				  .fields = json_object(a) };
	struct audience to = { .kind = AUDIENCE_PARTY,
			       .in_case = !uuid_is_nil(r->party),
			       .in_community = !uuid_is_nil(r->organisation) || r->team.len,
			       .name = r->name };
	const struct released *x;
	struct err why;
	r->allowed = release_check(a, &message, &to, &x, &why);
	if (r->allowed)
		r->notice = released_as_notice(x);
	else
		r->reason = arena_dup(a, str_from(why.text));
	return r->allowed;
}

/* A notice says "sign in to read it": somebody must be able to. */
static bool warn_unreadable(struct db *db, struct arena *a, struct recipient *r, struct err *err)
{
	struct sql_case_readers_of_row row = { 0 };
	bool found = false;
	if (!r->notice || uuid_is_nil(r->organisation))
		return true;
	if (!sql_case_readers_of(db, a, &(struct sql_case_readers_of){ r->organisation }, &row, &found, err))
		return false;
	if (row.readers == 0)
		r->reason = S("nobody there can sign in to read it: have an account made on its page of the "
			      "directory, or call");
	return true;
}

bool message_preview(struct db *db, struct arena *a, const struct message_about *about,
		     const struct uuid *ids, ptrdiff_t count, struct recipient **out, struct err *err)
{
	struct sql_case_parties_of_row *parties;
	struct resolving r = { .db = db, .a = a, .regime = about->regime };
	if (count + about->team_count > MESSAGE_RECIPIENTS_MAX)
		return err_set(err, ERR_LIMIT, "recipients: at most %d at once", (int)MESSAGE_RECIPIENTS_MAX);
	if (!sql_case_parties_of(db, a, &(struct sql_case_parties_of){ .incident = about->incident },
				 &parties, &r.count, err))
		return false;
	r.parties = parties;
	struct recipient *list = NEW(a, struct recipient, count + about->team_count);
	for (ptrdiff_t i = 0; i < count + about->team_count; i++) {
		list[i] = (struct recipient){
			.name = S(""), .address = S(""), .reply = S(""), .reason = S(""), .team = S("")
		};
		if (i < count)
			list[i].id = ids[i];
		else
			list[i].team = about->teams[i - count];
		if (!(i < count ? resolve(&r, ids[i], &list[i], err)
				: resolve_team(&r, about->teams[i - count], &list[i], err)))
			return false;
		if (!ask_gate(a, about->incident, about->coordinator, about->tlp, &list[i]))
			continue;
		if (!warn_unreadable(db, a, &list[i], err))
			return false;
		if (list[i].address.len == 0)
			list[i].reason =
				S("no mail address is known: it waits to be read after sign-in; give the "
				  "organisation a contact in the directory");
	}
	*out = list;
	return true;
}

static void open_request(struct decision *d, const struct message_send *c, const struct recipient *r,
			 str team, struct uuid request)
{
	struct json *p = json_object(d->arena);
	json_set_uuid(p, "incident", c->incident);
	json_set_uuid(p, "party", r->party);
	json_set_str(p, "team", team);
	struct reminder_of of = { .start = d->now,
				  .due = instant_add(d->now, HOURS(c->request_hours)),
				  .request = true };
	json_set_instant(p, "due", of.due);
	json_set_instant(p, "next_turn", reminder_next(&of, d->now, false));
	decision_add(d, draft_of("request.opened", request, team, c->tlp, p));
}

static void queue(struct decision *d, const struct message_send *c, const struct recipient *r,
		  const struct sql_case_incident_find_row *i, struct uuid request, struct uuid *out_id)
{
	struct json *p = json_object(d->arena), *words = json_object(d->arena);
	*out_id = decision_new_id(d);
	json_set_uuid(p, "incident", c->incident);
	json_set_uuid(p, "party", r->party);
	json_set_str(p, "team", i->team);
	json_set_int(p, "tlp", c->tlp);
	json_set_uuid(p, "request", request);
	json_set_bool(p, "automatic", false);
	json_set_bool(p, "notice", r->notice);
	json_set_str(p, "delivery", r->address.len ? S("queued") : S("held"));
	json_set_str(words, "number", i->number);
	json_set_str(words, "subject", text_safety_header(d->arena, c->subject, SUBJECT_MAX));
	json_set_str(words, "text", text_safety_block(d->arena, c->text, MESSAGE_TEXT_MAX));
	json_set_str(words, "to", r->address);
	json_set_str(words, "to_name", r->name);
	json_set_str(words, "reply", r->reply);
	struct draft m = draft_of("message.queued", *out_id, i->team, c->tlp, p);
	m.content = words;
	decision_add(d, m);
}

static bool answered_by(struct decision *d, const struct message_send *c, const struct recipient *r,
			const struct sql_case_incident_find_row *i, struct err *err)
{
	struct sql_case_party_find_row party;
	bool found = false;
	if (uuid_is_nil(r->party))
		return true;
	if (!sql_case_party_find(d->db, d->arena,
				 &(struct sql_case_party_find){ .id = r->party, .incident = c->incident },
				 &party, &found, err))
		return false;
	if (!found || uuid_is_nil(party.report))
		return true;
	decision_add(d, draft_of("report.answered", party.report, i->team, c->tlp, NULL));
	return duties_meet(d, party.report, S("acknowledge"), true, err);
}

bool message_send_decide(struct decision *d, void *arg, struct err *err)
{
	struct message_send *c = arg;
	struct sql_case_incident_find_row i;
	struct recipient *to;
	if (!load_incident(d, c->who, c->incident, true, &i, err))
		return false;
	ptrdiff_t count = c->id_count + c->team_count;
	if (str_trim(c->text).len == 0 || count == 0)
		return err_set(err, ERR_INPUT, "a message needs words and at least one recipient");
	if (c->tlp < (enum tlp)i.tlp)
		return err_set(err, ERR_DENIED,
			       "the gate refuses: the case is " STR_FMT
			       ", and its content does not leave under "
			       "the wider " STR_FMT,
			       STR_ARG(tlp_format((enum tlp)i.tlp)), STR_ARG(tlp_format(c->tlp)));
	struct message_about about = { .incident = c->incident,
				       .coordinator = i.team,
				       .tlp = c->tlp,
				       .regime = c->world->regime,
				       .teams = c->teams,
				       .team_count = c->team_count };
	if (!message_preview(d->db, d->arena, &about, c->ids, c->id_count, &to, err))
		return false;
	for (ptrdiff_t n = 0; n < count; n++)
		if (!to[n].allowed)
			return err_set(err, ERR_DENIED, "the gate refuses, and nothing was sent: " STR_FMT,
				       STR_ARG(to[n].reason));
	for (ptrdiff_t n = 0; n < count; n++) {
		bool asks = c->request_hours > 0 && !uuid_is_nil(to[n].party);
		struct uuid request = asks ? decision_new_id(d) : nobody;
		queue(d, c, &to[n], &i, request, &c->made[n]);
		if (asks)
			open_request(d, c, &to[n], i.team, request);
		if (!answered_by(d, c, &to[n], &i, err))
			return false;
	}
	return true;
}

struct place {
	struct uuid incident, report, party;
	str team;
	enum tlp tlp; /* of what it answers: an answer may repeat its words */
};

static bool own_message(struct decision *d, const struct identity *who, struct uuid id,
			struct sql_case_message_own_row *out, struct err *err)
{
	bool found = false;
	if (!identity_must(who, MAY_ACT_OWN, err))
		return false;
	if (!sql_case_message_own(
		    d->db, d->arena,
		    &(struct sql_case_message_own){ .id = id, .organisation = who->organisation }, out,
			&found,
		    err))
		return false;
	return found || err_set(err, ERR_MISSING, "there is no such message");
}

static bool place_of_own_report(struct decision *d, const struct message_in *c, struct place *out,
				struct err *err)
{
	struct sql_case_report_own_row r;
	bool found = false;
	if (!identity_must(c->who, MAY_ACT_OWN, err))
		return false;
	if (!sql_case_report_own(
		    d->db, d->arena,
		    &(struct sql_case_report_own){ .id = c->report, .organisation = c->who->organisation },
			&r,
		    &found, err))
		return false;
	*out = (struct place){ .incident = r.incident, .report = c->report, .team = r.team };
	return found || err_set(err, ERR_MISSING, "there is no such report");
}

static bool place_of_own(struct decision *d, const struct message_in *c, struct place *out, struct err *err)
{
	struct sql_case_message_own_row m;
	if (!uuid_is_nil(c->report))
		return place_of_own_report(d, c, out, err);
	if (!own_message(d, c->who, c->answers, &m, err))
		return false;
	if (m.removed)
		return err_set(err, ERR_CONFLICT,
			       "your organisation is no longer a party of this case: call the duty desk");
	*out = (struct place){ .incident = m.incident, .report = m.report, .party = m.party, .team = m.team,
				.tlp = (enum tlp)m.tlp };
	return true;
}

static bool place_of(struct decision *d, const struct message_in *c, struct place *out, struct err *err)
{
	if (c->who) {
		*out = (struct place){ 0 };
		return place_of_own(d, c, out, err);
	}
	struct sql_case_party_by_reply_row party;
	struct sql_case_report_by_reply_row report;
	struct sql_case_by_number_row number;
	bool found = false;
	*out = (struct place){ 0 };
	if (c->reply.len) {
		if (!sql_case_party_by_reply(d->db, d->arena,
					     &(struct sql_case_party_by_reply){ .reply = c->reply }, &party,
					     &found, err))
			return false;
		if (found) {
			*out = (struct place){ .incident = party.incident,
					       .party = party.id,
					       .team = party.team };
			return true;
		}
		if (!sql_case_report_by_reply(d->db, d->arena,
					      &(struct sql_case_report_by_reply){ .reply = c->reply },
					      &report, &found, err))
			return false;
		if (found) {
			*out = (struct place){ .incident = report.incident,
					       .report = report.id,
					       .team = report.team };
			return true;
		}
	}
	if (c->number.len &&
	    !sql_case_by_number(d->db, d->arena, &(struct sql_case_by_number){ .number = c->number }, &number,
				&found, err))
		return false;
	if (found) {
		*(number.incident ? &out->incident : &out->report) = number.id;
		out->team = number.team;
		return true;
	}
	return err_set(err, ERR_MISSING, "neither its address nor its subject names a case");
}

static bool meet_requests(struct decision *d, const struct place *at, struct uuid *out_request,
			  struct err *err)
{
	struct sql_case_open_request_of_party_row *open;
	ptrdiff_t count;
	*out_request = nobody;
	if (!sql_case_open_request_of_party(d->db, d->arena,
					    &(struct sql_case_open_request_of_party){ .party = at->party },
					    &open, &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++) {
		struct json *p = json_object(d->arena);
		*out_request = open[i].id;
		json_set_uuid(p, "incident", open[i].incident);
		json_set_uuid(p, "party", at->party);
		json_set_str(p, "state", S("met"));
		json_set_instant(p, "met", d->now);
		decision_add(d, draft_of("request.state_changed", open[i].id, at->team, TLP_AMBER, p));
	}
	return true;
}

bool message_in_decide(struct decision *d, void *arg, struct err *err)
{
	struct message_in *c = arg;
	struct place at;
	struct uuid request = nobody;
	struct hash256 raw;
	if (!place_of(d, c, &at, err))
		return false;
	bool trusted = c->who || (c->verified && (c->reply.len || c->claimed));
	struct json *p = json_object(d->arena), *words = json_object(d->arena);
	if (trusted && !c->automatic && !uuid_is_nil(at.party) && !meet_requests(d, &at, &request, err))
		return false;
	if (c->raw.len && !journal_blob_store(d->db, c->raw, &raw, err))
		return false;
	json_set_uuid(p, "incident", at.incident);
	json_set_uuid(p, "report", at.report);
	json_set_uuid(p, "party", at.party);
	json_set_str(p, "team", at.team);
	json_set_int(p, "tlp", MAX(at.tlp, TLP_AMBER));
	json_set_uuid(p, "request", request);
	json_set_str(p, "delivery", trusted ? S("received") : S("unverified"));
	json_set_bool(p, "automatic", c->automatic);
	if (c->raw.len)
		json_set_str(p, "raw", text_hex(d->arena, (str){ (const char *)raw.b, 32 }));
	json_set_str(words, "from", text_safety_line(d->arena, c->from, SUBJECT_MAX));
	json_set_str(words, "subject", text_safety_line(d->arena, c->subject, SUBJECT_MAX));
	json_set_str(words, "text", text_safety_block(d->arena, c->text, MESSAGE_TEXT_MAX));
	struct draft m = draft_of("message.received", decision_new_id(d), at.team, MAX(at.tlp, TLP_AMBER), p);
	m.content = words;
	decision_add(d, m);
	c->filed = uuid_is_nil(at.incident) ? at.report : at.incident;
	return true;
}

static void note_own(struct decision *d, const char *kind, struct uuid id,
		     const struct sql_case_message_own_row *m, str delivery)
{
	struct json *p = json_object(d->arena);
	json_set_uuid(p, "incident", m->incident);
	json_set_uuid(p, "report", m->report);
	if (delivery.len)
		json_set_str(p, "delivery", delivery);
	decision_add(d, draft_of(kind, id, m->team, (enum tlp)m->tlp, p));
}

bool message_own_decide(struct decision *d, void *arg, struct err *err)
{
	struct message_own *c = arg;
	struct sql_case_message_own_row m;
	str to = S("read");
	if (!own_message(d, c->who, c->message, &m, err))
		return false;
	if (!str_eq(m.direction, S("out")))
		return err_set(err, ERR_INPUT, "this message is your own");
	if (!str_eq(m.delivery, S("read"))) {
		if (!workflow_next(&workflow_delivery, m.delivery, S("read"), &to, err))
			return false;
		note_own(d, "message.delivery_changed", c->message, &m, to);
	}
	if (c->acknowledge && m.acknowledged.us == 0)
		note_own(d, "message.acknowledged", c->message, &m, S(""));
	return true;
}

bool message_delivery_decide(struct decision *d, void *arg, struct err *err)
{
	struct message_delivery *c = arg;
	struct sql_case_message_find_row m;
	bool found = false;
	str to;
	if (!sql_case_message_find(d->db, d->arena, &(struct sql_case_message_find){ .id = c->message }, &m,
				   &found, err))
		return false;
	if (!found)
		return err_set(err, ERR_MISSING, "there is no such message");
	if (str_eq(m.delivery, S("read")))
		return true; /* it was read, whatever became of the mail that said so */
	if (!workflow_next(&workflow_delivery, m.delivery, c->event, &to, err))
		return false;
	struct json *p = json_object(d->arena);
	json_set_uuid(p, "incident", m.incident);
	json_set_uuid(p, "report", m.report);
	json_set_uuid(p, "party", m.party);
	json_set_str(p, "delivery", to);
	str detail = text_safety_line(d->arena, c->detail, DETAIL_MAX);
	if (detail.len)
		json_set_uuid(p, "detail",
			      world_explain(d, m.team, (enum tlp)m.tlp, m.incident, m.report, detail));
	decision_add(d, draft_of("message.delivery_changed", c->message, m.team, (enum tlp)m.tlp, p));
	return true;
}
