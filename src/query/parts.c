/* The parts of an incident's page: who is in it, what was asked, what was sent. */
#include "format/json.h"
#include "model/observable.h"
#include "query/view.h"
#include "query_sql.h"
#include "regime/plan.h"

struct page {
	struct view *v;
	struct uuid incident;
	struct record like; /* teams and marking of the case */
	struct sql_query_facts_row *facts;
	struct sql_query_anchors_row *anchors;
	ptrdiff_t fact_count, anchor_count;
};

static struct record *part(struct page *p, enum record_kind kind, struct uuid id, struct json *fields)
{
	struct record *r = NEW(p->v->a, struct record, 1);
	*r = p->like;
	r->kind = kind;
	r->id = id;
	r->subject = p->incident;
	r->fields = fields;
	r->annex_fields = NULL;
	return r;
}

struct stated {
	str name, value, said;
	struct instant at, recorded;
};

static struct json *fact(struct view *v, const struct stated *f, struct json *actor)
{
	struct json *j = json_object(v->a);
	json_set_str(j, "fact", f->name);
	json_set_str(j, "value", f->value);
	json_set_instant(j, "at", f->at);
	json_set_str(j, "said_by", f->said);
	json_set(j, "recorded_by", actor);
	json_set_instant(j, "recorded_at", f->recorded);
	return j;
}

static bool facts(struct page *p, struct uuid party, struct json *out, struct err *err)
{
	struct view *v = p->v;
	struct json *list = json_array(v->a), *actor;
	str affected = S("unknown");
	for (ptrdiff_t i = 0; i < p->fact_count; i++) {
		const struct sql_query_facts_row *f = &p->facts[i];
		if (!uuid_eq(f->party, party))
			continue;
		if (!view_person_ref(v, f->actor, f->actor_known, f->actor_body, &actor, err))
			return false;
		if (str_eq(f->fact, S("affected")))
			affected = f->value;
		json_append(list,
			    fact(v, &(struct stated){ f->fact, f->value, f->said, f->at, f->at }, actor));
	}
	for (ptrdiff_t i = 0; i < p->anchor_count; i++) {
		const struct sql_query_anchors_row *n = &p->anchors[i];
		if (!uuid_eq(n->party, party))
			continue;
		if (!view_person_ref(v, n->actor, n->actor_known, n->actor_body, &actor, err))
			return false;
		json_append(list,
			    fact(v, &(struct stated){ n->name, S(""), n->said, n->at, n->recorded }, actor));
	}
	json_set_str(out, "affected", affected);
	json_set(out, "facts", list);
	return true;
}

static str party_name(const struct json *body, bool reporter)
{
	str name = json_get_str(body, "name"), address = json_get_str(body, "address");
	return name.len      ? name
	       : address.len ? address
	       : reporter    ? S("Anonymous reporter")
			     : S("(no name)");
}

/* Who reported is known to the coordinator's people only. */
bool view_party_name(struct view *v, struct uuid id, str *out, struct err *err)
{
	struct sql_query_party_named_row row;
	struct json *body;
	bool found = false;
	*out = S("a party");
	if (!sql_query_party_named(v->db, v->a,
				   &(struct sql_query_party_named){ .scope_team = v->team, .id = id }, &row,
				   &found, err))
		return false;
	if (!found)
		return true;
	bool reporter = str_eq(row.role, S("reporter"));
	if (!view_body(v, row.body, &body, err))
		return false;
	*out = reporter && !str_eq(row.coordinator, v->team) ? S("The reporter") : party_name(body, reporter);
	return true;
}

static bool parties(struct page *p, struct incident_parts *out, struct err *err)
{
	struct view *v = p->v;
	struct sql_query_parties_row *rows;
	if (!sql_query_parties(v->db, v->a,
			       &(struct sql_query_parties){ .scope_team = v->team, .incident = p->incident },
			       &rows, &out->party_count, err) ||
	    !sql_query_facts(v->db, v->a,
			     &(struct sql_query_facts){ .scope_team = v->team, .incident = p->incident },
			     &p->facts, &p->fact_count, err) ||
	    !sql_query_anchors(v->db, v->a,
			       &(struct sql_query_anchors){ .scope_team = v->team, .incident = p->incident },
			       &p->anchors, &p->anchor_count, err))
		return false;
	out->parties = NEW(v->a, struct record *, out->party_count);
	for (ptrdiff_t i = 0; i < out->party_count; i++) {
		struct json *j = json_object(v->a), *body, *organisation, *roles = json_array(v->a),
			    *annex = json_object(v->a);
		if (!view_body(v, rows[i].body, &body, err) ||
		    !view_organisation(v, rows[i].organisation, &organisation, err) ||
		    !facts(p, rows[i].id, j, err))
			return false;
		bool reporter = str_eq(rows[i].role, S("reporter"));
		str name = party_name(body, reporter), address = json_get_str(body, "address");
		json_append_str(roles, rows[i].role);
		json_set_uuid(j, "id", rows[i].id);
		json_set_str(j, "name", reporter ? S("The reporter") : name);
		json_set_str(annex, "name", name);
		json_set_str(j, "kind",
			     organisation       ? S("organisation")
			     : rows[i].team.len ? S("team")
						: S("typed"));
		json_set(j, "organisation", organisation);
		json_set(j, "team", rows[i].team.len ? view_team(v, rows[i].team) : NULL);
		json_set(j, "roles", roles);
		json_set(j, "contact", NULL);
		if (address.len)
			json_set_str(annex, "address", address);
		json_set(j, "address", NULL);
		out->parties[i] = part(p, RECORD_PARTY, rows[i].id, j);
		out->parties[i]->annex_fields = annex;
	}
	return true;
}

static struct json *party_ref(struct page *p, const struct incident_parts *parts, struct uuid id)
{
	bool own = str_eq(p->like.coordinator, p->v->team);
	for (ptrdiff_t i = 0; i < parts->party_count; i++) {
		const struct record *r = parts->parties[i];
		if (uuid_eq(r->id, id))
			return view_ref(p->v->a, id, json_get_str(own ? r->annex_fields : r->fields, "name"));
	}
	return view_ref(p->v->a, id, S("(no longer a party)"));
}

static bool requests(struct page *p, struct incident_parts *out, struct err *err)
{
	struct view *v = p->v;
	struct sql_query_requests_row *rows;
	if (!sql_query_requests(
		    v->db, v->a,
		    &(struct sql_query_requests){ .scope_team = v->team, .incident = p->incident }, &rows,
		    &out->request_count, err))
		return false;
	out->requests = NEW(v->a, struct record *, out->request_count);
	for (ptrdiff_t i = 0; i < out->request_count; i++) {
		struct json *j = json_object(v->a);
		bool open = str_eq(rows[i].state, S("open"));
		bool overdue = open && rows[i].due.us && instant_before(rows[i].due, v->now);
		json_set_uuid(j, "id", rows[i].id);
		json_set(j, "party", party_ref(p, out, rows[i].party));
		json_set_str(j, "subject", S(""));
		json_set_instant(j, "asked_at", rows[i].asked);
		json_set_instant(j, "due_at", rows[i].due);
		json_set_str(j, "state",
			     overdue                           ? S("overdue")
			     : open                            ? S("open")
			     : str_eq(rows[i].state, S("met")) ? S("answered")
							       : S("withdrawn"));
		json_set_instant(j, "answered_at", rows[i].met);
		out->requests[i] = part(p, RECORD_REQUEST, rows[i].id, j);
		out->requests[i]->annex_fields = json_object(v->a);
	}
	return true;
}

/* A request is called as the message that asked. */
static void name_request(struct incident_parts *parts, struct uuid request, str subject)
{
	for (ptrdiff_t i = 0; !uuid_is_nil(request) && i < parts->request_count; i++)
		if (uuid_eq(parts->requests[i]->id, request))
			json_set_str(parts->requests[i]->annex_fields, "subject", subject);
}

static bool deliveries(struct page *p, struct incident_parts *out, struct err *err)
{
	struct view *v = p->v;
	struct sql_query_deliveries_row *rows;
	if (!sql_query_deliveries(
		    v->db, v->a,
		    &(struct sql_query_deliveries){ .scope_team = v->team, .incident = p->incident }, &rows,
		    &out->delivery_count, err))
		return false;
	out->deliveries = NEW(v->a, struct record *, out->delivery_count);
	for (ptrdiff_t i = 0; i < out->delivery_count; i++) {
		struct json *j = json_object(v->a), *message = json_object(v->a), *body;
		if (!view_body(v, rows[i].body, &body, err))
			return false;
		str subject = observable_defang(v->a, json_get_str(body, "subject"));
		name_request(out, rows[i].request, subject);
		json_set_uuid(message, "id", rows[i].id);
		json_set_str(message, "subject", subject);
		json_set_uuid(j, "id", rows[i].id);
		json_set(j, "message", message);
		json_set(j, "party", party_ref(p, out, rows[i].party));
		json_set_str(j, "address", S(""));
		json_set_instant(j, "at", rows[i].at);
		json_set_str(j, "state", rows[i].delivery);
		json_set_instant(j, "acknowledged_at", rows[i].acknowledged);
		json_set(j, "detail", NULL);
		struct record *r = part(p, RECORD_MESSAGE, rows[i].id, j);
		r->tlp = MAX(r->tlp, (enum tlp)rows[i].tlp);
		r->annex = rows[i].with_reporter;
		r->annex_fields = json_object(v->a);
		json_set_str(r->annex_fields, "address", json_get_str(body, "to"));
		if (!view_said(v, rows[i].detail, r->annex_fields, "detail", err))
			return false;
		out->deliveries[i] = r;
	}
	return true;
}

/* As the regime of the case calls the step. */
static str step_title(const struct regime *rules, str duty, str step)
{
	for (ptrdiff_t i = 0; i < rules->duties_count; i++) {
		const struct regime_duty *d = &rules->duties[i];
		for (ptrdiff_t k = 0; str_eq(d->id, duty) && k < d->steps_count; k++)
			if (str_eq(d->steps[k].id, step))
				return d->steps[k].title.text;
	}
	return step;
}

/* What the party itself wrote into the form, in the form's order. */
static str submission_text(struct arena *a, const struct json *body)
{
	static const char *const parts[] = { "what", "effects", "measures", "contact" };
	static const char *const titles[] = { "What happened", "Effects", "Measures", "Contact" };
	str text = S("");
	for (ptrdiff_t i = 0; i < COUNTOF(parts); i++) {
		str part = json_get_str(body, parts[i]);
		if (part.len)
			text = arena_printf(a, STR_FMT "%s%s: " STR_FMT, STR_ARG(text), text.len ? "\n" : "",
					    titles[i], STR_ARG(part));
	}
	return text;
}

/* That something was submitted is for all in the case; its words are the coordinator's. */
static bool submissions(struct page *p, struct incident_parts *out, struct err *err)
{
	struct view *v = p->v;
	struct sql_query_submissions_row *rows;
	if (!sql_query_submissions(
		    v->db, v->a,
		    &(struct sql_query_submissions){ .scope_team = v->team, .incident = p->incident }, &rows,
		    &out->submission_count, err))
		return false;
	out->submissions = NEW(v->a, struct record *, out->submission_count);
	for (ptrdiff_t i = 0; i < out->submission_count; i++) {
		struct json *j = json_object(v->a), *annex = json_object(v->a), *body, *by;
		if (!view_body(v, rows[i].body, &body, err) || !view_person(v, rows[i].actor, &by, err))
			return false;
		json_set_uuid(j, "id", rows[i].id);
		json_set(j, "party", party_ref(p, out, rows[i].party));
		json_set_str(j, "duty", rows[i].duty);
		json_set_str(j, "stage", rows[i].step);
		json_set_str(j, "title",
			     step_title(view_regime(v, rows[i].regime), rows[i].duty, rows[i].step));
		json_set_instant(j, "submitted_at", rows[i].time);
		json_set_str(j, "said_by", rows[i].said);
		json_set(j, "recorded_by", by);
		json_set_instant(j, "recorded_at", rows[i].recorded);
		json_set_str(j, "reference", S(""));
		json_set_str(j, "text", S(""));
		json_set_str(annex, "reference", observable_defang(v->a, json_get_str(body, "reference")));
		json_set_str(annex, "text", observable_defang(v->a, submission_text(v->a, body)));
		out->submissions[i] = part(p, RECORD_EVENT, rows[i].id, j);
		out->submissions[i]->annex_fields = annex;
	}
	return true;
}

static bool reports(struct page *p, struct incident_parts *out, struct err *err)
{
	struct view *v = p->v;
	struct sql_query_reports_of_row *rows;
	if (!sql_query_reports_of(
		    v->db, v->a,
		    &(struct sql_query_reports_of){ .scope_team = v->team, .incident = p->incident }, &rows,
		    &out->report_count, err))
		return false;
	struct uuid *ids = NEW(v->a, struct uuid, out->report_count);
	for (ptrdiff_t i = 0; i < out->report_count; i++)
		ids[i] = rows[i].id;
	return view_reports(v, ids, out->report_count, &out->reports, err);
}

bool view_incident_parts(struct view *v, struct uuid id, struct incident_parts *out, struct err *err)
{
	struct sql_query_case_row r = { 0 };
	struct page p = { .v = v, .incident = id };
	bool found = false;
	*out = (struct incident_parts){ 0 };
	if (!sql_query_case(v->db, v->a, &(struct sql_query_case){ .scope_team = v->team, .id = id }, &r,
			    &found, err))
		return false;
	if (!found)
		return err_set(err, ERR_MISSING, "there is no such incident");
	p.like = (struct record){ .tlp = (enum tlp)r.tlp, .coordinator = r.team };
	return view_teams_of(v, id, &p.like.teams, &p.like.team_count, err) && parties(&p, out, err) &&
	       view_clocks(v, id, &out->clocks, &out->clock_count, err) && requests(&p, out, err) &&
	       deliveries(&p, out, err) && reports(&p, out, err) && submissions(&p, out, err);
}
