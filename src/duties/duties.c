/* A case's clocks are planned afresh from all facts each time one of them changes; only the differences
 * become entries.  Planning is pure and cheap (some ten duties); remembering which fact moves which clock
 * would not be. */
#include "duties/duties.h"

#include "duties/reminder.h"
#include "duties_sql.h"
#include "format/json.h"
#include "model/marking.h"

struct known {
	struct sql_duty_clocks_of_row *clocks;
	struct sql_duty_anchors_of_row *anchors;
	struct sql_duty_submissions_of_row *submissions;
	struct sql_duty_flags_of_row *flags;
	ptrdiff_t clock_count, anchor_count, submission_count, flag_count;
	bool *planned; /* of each clock: a duty still asks for it */
};

static bool load(struct decision *d, const struct duty_case *c, struct known *k, struct err *err)
{
	*k = (struct known){ 0 };
	if (c->is_new)
		return true;
	if (!sql_duty_clocks_of(d->db, d->arena, &(struct sql_duty_clocks_of){ .subject = c->subject },
				&k->clocks, &k->clock_count, err))
		return false;
	k->planned = NEW(d->arena, bool, k->clock_count);
	return sql_duty_flags_of(d->db, d->arena, &(struct sql_duty_flags_of){ .incident = c->subject },
				 &k->flags, &k->flag_count, err) &&
	       sql_duty_anchors_of(d->db, d->arena, &(struct sql_duty_anchors_of){ .incident = c->subject },
				   &k->anchors, &k->anchor_count, err) &&
	       sql_duty_submissions_of(d->db, d->arena,
				       &(struct sql_duty_submissions_of){ .incident = c->subject },
				       &k->submissions, &k->submission_count, err);
}

struct facts {
	struct duty_anchor *anchors;
	struct duty_submission *submissions;
	ptrdiff_t anchor_count, submission_count;
};

static bool concerns(struct uuid fact, struct uuid party)
{
	return uuid_is_nil(fact) || uuid_eq(fact, party);
}

static bool replaced(struct uuid anchor, const struct duty_news *news, ptrdiff_t count)
{
	for (ptrdiff_t i = 0; i < count; i++)
		if (uuid_eq(news[i].replaces, anchor))
			return true;
	return false;
}

static void add_anchor(struct facts *f, str name, struct instant at)
{
	if (at.us)
		f->anchors[f->anchor_count++] = (struct duty_anchor){ name, at };
}

/* Everything that is known of one party, in the store and in this decision. */
static struct facts facts_of(struct arena *a, const struct duty_case *c, const struct known *k,
			     struct uuid party, const struct duty_news *news, ptrdiff_t news_count)
{
	struct facts f = { NEW(a, struct duty_anchor, k->anchor_count + news_count + 2),
			   NEW(a, struct duty_submission, k->submission_count + news_count), 0, 0 };
	add_anchor(&f, S("received"), c->received);
	for (ptrdiff_t i = 0; i < k->anchor_count; i++)
		if (concerns(k->anchors[i].party, party) && !replaced(k->anchors[i].id, news, news_count))
			add_anchor(&f, k->anchors[i].name, k->anchors[i].time);
	for (ptrdiff_t i = 0; i < k->submission_count; i++)
		if (uuid_eq(k->submissions[i].party, party))
			f.submissions[f.submission_count++] =
				(struct duty_submission){ .duty = k->submissions[i].duty,
							  .step = k->submissions[i].step,
							  .submitted = k->submissions[i].time,
							  .received = k->submissions[i].time,
							  .has_received = true };
	for (ptrdiff_t i = 0; i < news_count; i++) {
		if (news[i].anchor.len && concerns(news[i].party, party))
			add_anchor(&f, news[i].anchor, news[i].at);
		if (news[i].step.len && uuid_eq(news[i].party, party))
			f.submissions[f.submission_count++] =
				(struct duty_submission){ .duty = news[i].duty,
							  .step = news[i].step,
							  .submitted = news[i].submitted,
							  .received = news[i].submitted,
							  .has_received = true };
	}
	return f;
}

/* The questions that are answered with yes. */
static const str *flags_of(struct arena *a, const struct known *k, const struct duty_news *news,
			   ptrdiff_t news_count, ptrdiff_t *out_count)
{
	str *list = NEW(a, str, k->flag_count + news_count);
	ptrdiff_t n = 0;
	for (ptrdiff_t i = 0; i < k->flag_count; i++) {
		bool answered_again = false;
		for (ptrdiff_t x = 0; x < news_count; x++)
			answered_again = answered_again || str_eq(news[x].flag, k->flags[i].flag);
		if (!answered_again && str_eq(k->flags[i].value, S("yes")))
			list[n++] = k->flags[i].flag;
	}
	for (ptrdiff_t x = 0; x < news_count; x++)
		if (news[x].flag.len && str_eq(news[x].value, S("yes")))
			list[n++] = news[x].flag;
	*out_count = n;
	return list;
}

static struct instant submitted_at(const struct facts *f, const struct duty_clock *x)
{
	for (ptrdiff_t i = f->submission_count - 1; i >= 0; i--)
		if (str_eq(f->submissions[i].step, x->step->id) &&
		    (f->submissions[i].duty.len == 0 || str_eq(f->submissions[i].duty, x->duty->id)))
			return f->submissions[i].submitted;
	return (struct instant){ 0 };
}

struct standing {
	str state;
	struct instant due, start, met;
};

/* What the clock should read now. */
static struct standing standing_of(const struct duty_clock *x, const struct facts *f, struct instant now)
{
	struct standing s = { .start = x->has_start ? x->start : (struct instant){ 0 } };
	s.due = x->has_due ? x->due : x->has_target ? x->target : (struct instant){ 0 };
	s.met = submitted_at(f, x);
	if (s.met.us)
		s.state = s.due.us && instant_before(s.due, s.met) ? S("late") : S("met");
	else if (x->state == CLOCK_WAITING)
		s.state = S("waiting");
	else
		s.state = s.due.us && instant_before(s.due, now) ? S("late") : S("running");
	return s;
}

static const struct sql_duty_clocks_of_row *find(struct known *k, const struct duty_clock *x,
						 struct uuid party)
{
	for (ptrdiff_t i = 0; i < k->clock_count; i++) {
		if (str_eq(k->clocks[i].duty, x->duty->id) && str_eq(k->clocks[i].step, x->step->id) &&
		    uuid_eq(k->clocks[i].party, party)) {
			k->planned[i] = true;
			return &k->clocks[i];
		}
	}
	return NULL;
}

/* When the ticker looks at it next: while it is open, before and behind its due time. */
static struct instant turn_of(const struct decision *d, const struct duty_clock *x, const struct standing *s)
{
	bool open = str_eq(s->state, S("running")) || (str_eq(s->state, S("late")) && s->met.us == 0);
	if (!open)
		return (struct instant){ 0 };
	struct reminder_of of = { .start = s->start,
				  .due = s->due,
				  .minutes = x->step->reminders,
				  .minutes_count = x->step->reminders_count };
	return reminder_next(&of, d->now, false);
}

static struct json *clock_payload(struct decision *d, const struct duty_clock *x, const struct standing *s,
				  str team)
{
	struct json *p = json_object(d->arena);
	json_set_str(p, "team", team);
	json_set_str(p, "duty", x->duty->id);
	json_set_str(p, "step", x->step->id);
	json_set_str(p, "title", x->title);
	json_set_str(p, "who", regime_ower_name(x->owes));
	json_set_str(p, "anchor", x->anchor);
	json_set_instant(p, "anchor_at", s->start);
	json_set_instant(p, "due", s->due);
	json_set_str(p, "state", s->state);
	json_set_bool(p, "target", x->basis == BASIS_TARGET || x->assumed || !x->has_due);
	json_set_str(p, "source", x->source);
	json_set_instant(p, "next_turn", turn_of(d, x, s));
	return p;
}

static void draft(struct decision *d, const char *kind, struct uuid clock, str team, struct json *payload)
{
	decision_add(d, (struct draft){ .kind = kind,
					.subject = clock,
					.owner = team,
					.audience = SCOPE_CORE,
					.tlp = TLP_UNMARKED,
					.payload = payload });
}

static void arm(struct decision *d, const struct duty_case *c, const struct duty_clock *x, struct uuid party,
		const struct standing *s)
{
	struct json *p = clock_payload(d, x, s, c->team);
	json_set_uuid(p, "case", c->subject);
	json_set_uuid(p, "party", party);
	struct uuid id = decision_new_id(d);
	draft(d, "clock.armed", id, c->team, p);
	if (s->met.us) {
		struct json *settled = json_object(d->arena);
		json_set_uuid(settled, "case", c->subject);
		json_set_str(settled, "state", s->state);
		json_set_instant(settled, "met", s->met);
		draft(d, "clock.settled", id, c->team, settled);
	}
}

static bool settled_by_people(str state)
{
	return str_eq(state, S("waived")) || str_eq(state, S("late_with_reason"));
}

static void recompute(struct decision *d, const struct duty_case *c, const struct sql_duty_clocks_of_row *old,
		      const struct duty_clock *x, const struct standing *s)
{
	bool same = str_eq(old->state, s->state) && old->due.us == s->due.us && old->met.us == s->met.us &&
		    old->anchor_at.us == s->start.us;
	if (same || settled_by_people(old->state))
		return; /* I2 */
	struct json *p = json_object(d->arena), *was = json_object(d->arena);
	json_set_instant(was, "due", old->due);
	json_set_instant(was, "anchor_at", old->anchor_at);
	json_set_str(was, "state", old->state);
	json_set_uuid(p, "case", c->subject);
	json_set_instant(p, "anchor_at", s->start);
	json_set_instant(p, "due", s->due);
	json_set_str(p, "state", s->state);
	json_set_instant(p, "met", s->met);
	json_set_instant(p, "next_turn", turn_of(d, x, s));
	json_set(p, "was", was);
	json_set_str(p, "why", c->why);
	draft(d, "clock.recomputed", old->id, c->team, p);
}

static void stop_unasked(struct decision *d, const struct duty_case *c, const struct known *k)
{
	for (ptrdiff_t i = 0; i < k->clock_count; i++) {
		const struct sql_duty_clocks_of_row *old = &k->clocks[i];
		bool open = str_eq(old->state, S("running")) || str_eq(old->state, S("waiting")) ||
			    (str_eq(old->state, S("late")) && old->met.us == 0);
		if (open && !k->planned[i] && !uuid_is_nil(old->party))
			recompute(d, c, old, NULL,
				  &(struct standing){ .state = S("not_applicable"),
						      .due = old->due,
						      .start = old->anchor_at });
	}
}

static bool plan_party(struct decision *d, const struct duty_case *c, struct known *k,
		       const struct duty_party *p, const struct duty_news *news, ptrdiff_t news_count,
		       struct err *err)
{
	struct facts f = facts_of(d->arena, c, k, p->id, news, news_count);
	struct duty_facts facts = { .party = p->facts,
				    .has_team = p->has_team,
				    .team_kind = p->team_kind,
				    .band = c->band,
				    .events = EVENT_INCIDENT,
				    .anchors = f.anchors,
				    .anchors_count = f.anchor_count,
				    .submissions = f.submissions,
				    .submissions_count = f.submission_count };
	const struct duty_clock *clocks;
	ptrdiff_t count;
	facts.flags = flags_of(d->arena, k, news, news_count, &facts.flags_count);
	for (ptrdiff_t i = 0; i < facts.flags_count; i++)
		facts.events |= regime_flag_event(facts.flags[i]);
	if (!regime_plan(c->regime, &facts, d->arena, &clocks, &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++) {
		if (clocks[i].step->continuous)
			continue;
		struct standing s = standing_of(&clocks[i], &f, d->now);
		const struct sql_duty_clocks_of_row *old = find(k, &clocks[i], p->id);
		if (old)
			recompute(d, c, old, &clocks[i], &s);
		else
			arm(d, c, &clocks[i], p->id, &s);
	}
	return true;
}

bool duties_update(struct decision *d, const struct duty_case *c, const struct duty_party *parties,
		   ptrdiff_t party_count, const struct duty_news *news, ptrdiff_t news_count, struct err *err)
{
	struct known k;
	if (!load(d, c, &k, err))
		return false;
	for (ptrdiff_t i = 0; i < party_count; i++)
		if (!plan_party(d, c, &k, &parties[i], news, news_count, err))
			return false;
	stop_unasked(d, c, &k);
	return true;
}

bool duties_of_report(struct decision *d, const struct regime *r, str team, struct instant received,
		      struct json **out_clocks, struct instant *out_first_due, struct err *err)
{
	struct duty_anchor anchor = { S("received"), received };
	struct duty_facts facts = { .events = EVENT_REPORT, .anchors = &anchor, .anchors_count = 1 };
	struct facts none = { 0 };
	const struct duty_clock *clocks;
	ptrdiff_t count;
	if (!regime_plan(r, &facts, d->arena, &clocks, &count, err))
		return false;
	struct json *list = json_array(d->arena);
	struct instant first = { 0 };
	for (ptrdiff_t i = 0; i < count; i++) {
		if (clocks[i].owes != OWED_BY_HUB || clocks[i].step->continuous)
			continue;
		struct standing s = standing_of(&clocks[i], &none, d->now);
		struct json *p = clock_payload(d, &clocks[i], &s, team);
		json_set_uuid(p, "id", decision_new_id(d));
		json_append(list, p);
		if (s.due.us && (first.us == 0 || instant_before(s.due, first)))
			first = s.due;
	}
	*out_clocks = list;
	*out_first_due = first;
	return true;
}

bool duties_meet(struct decision *d, struct uuid subject, str step, bool others, struct err *err)
{
	struct sql_duty_clocks_of_row *rows;
	ptrdiff_t count;
	if (!sql_duty_clocks_of(d->db, d->arena, &(struct sql_duty_clocks_of){ .subject = subject }, &rows,
				&count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++) {
		bool open = str_eq(rows[i].state, S("running")) ||
			    (str_eq(rows[i].state, S("late")) && rows[i].met.us == 0);
		if (!open || (str_eq(rows[i].step, step) == others))
			continue;
		bool late = rows[i].due.us && instant_before(rows[i].due, d->now);
		struct json *p = json_object(d->arena);
		json_set_uuid(p, "case", subject);
		json_set_str(p, "state", late ? S("late") : S("met"));
		json_set_instant(p, "met", d->now);
		draft(d, "clock.settled", rows[i].id, rows[i].team, p);
	}
	return true;
}
