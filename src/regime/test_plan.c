#include "regime/test_support.h"

/* What a vector states, and the one clock it looks at. */
struct vector {
	const char *name;
	unsigned events;
	struct regime_party party;
	const char *flag, *band;
	struct { const char *anchor, *at; } anchors[3];
	struct { const char *step, *submitted, *received; } submissions[3];
	const char *duty, *step;
	const char *due;                /* NULL: waiting */
};

struct facts_kept {
	struct duty_facts facts;
	struct duty_anchor anchors[3];
	struct duty_submission submissions[3];
	str flags[1];
};

static void facts_of(const struct vector *v, struct facts_kept *k)
{
	*k = (struct facts_kept){ .facts = { .party = v->party, .events = v->events } };
	k->facts.band = str_from(v->band);
	k->facts.anchors = k->anchors;
	k->facts.submissions = k->submissions;
	k->facts.flags = k->flags;
	for (int i = 0; i < 3 && v->anchors[i].anchor; i++)
		k->anchors[k->facts.anchors_count++] = (struct duty_anchor){ str_from(v->anchors[i].anchor),
		                                                            at(v->anchors[i].at) };
	for (int i = 0; i < 3 && v->submissions[i].step; i++) {
		struct duty_submission *s = &k->submissions[k->facts.submissions_count++];
		*s = (struct duty_submission){ str_from(v->duty), str_from(v->submissions[i].step),
		                               at(v->submissions[i].submitted) };
		s->has_received = v->submissions[i].received != NULL;
		if (s->has_received)
			s->received = at(v->submissions[i].received);
	}
	if (v->flag)
		k->flags[k->facts.flags_count++] = str_from(v->flag);
}

static const struct duty_clock *clock_find(const struct duty_clock *clocks, ptrdiff_t n, const char *duty,
                                           const char *step)
{
	for (ptrdiff_t i = 0; i < n; i++)
		if (str_eq(clocks[i].duty->id, str_from(duty)) && str_eq(clocks[i].step->id, str_from(step)))
			return &clocks[i];
	return NULL;
}

static const struct duty_clock *planned(const struct regime *r, const struct duty_facts *facts,
                                        struct arena *a,
                                        const char *duty, const char *step)
{
	const struct duty_clock *clocks = NULL;
	ptrdiff_t n = 0;
	struct err err = { 0 };
	bool ok = regime_plan(r, facts, a, &clocks, &n, &err);
	if (!ok)
		fprintf(stderr, "%s\n", err.text);
	ASSERT(ok);
	return clock_find(clocks, n, duty, step);
}

static void run_vector(const struct regime *r, const struct vector *v, struct arena *a)
{
	struct facts_kept k;
	facts_of(v, &k);
	const struct duty_clock *c = planned(r, &k.facts, a, v->duty, v->step);
	ASSERT(c != NULL);
	str have = c->has_due ? instant_format(a, c->due) : S("none");
	str want = v->due ? instant_format(a, at(v->due)) : S("none");
	if (!str_eq(have, want))
		fprintf(stderr, "%s: %s.%s is due " STR_FMT ", not " STR_FMT "\n", v->name, v->duty, v->step,
		        STR_ARG(have),
		        STR_ARG(want));
	ASSERT(str_eq(have, want));
	ASSERT(c->state == (v->due ? CLOCK_ARMED : CLOCK_WAITING) && (v->due || c->missing_count > 0));
}

#define ESSENTIAL       { .org_class = S("essential") }
#define FINANCIAL       { .org_class = S("financial_entity") }
#define BANK            { .org_class = S("licensed_bank") }
#define TRUST           { .org_class = S("important"), .org_kind = S("trust_service_provider") }
#define ANYBODY         { .cii = false }
#define CRITICAL        { .org_class = S("private"), .cii = true, .cii_grade = S("B") }

static const struct vector nis2[] = {
	{ "aware", EVENT_INCIDENT, ESSENTIAL, "significant", NULL, { { "aware", "2026-01-31T22:10:00Z" } },
	  { { 0 } },
	  "NIS2-23", "early_warning", "2026-02-01T22:10:00Z" },
	{ "aware", EVENT_INCIDENT, ESSENTIAL, "significant", NULL, { { "aware", "2026-01-31T22:10:00Z" } },
	  { { 0 } },
	  "NIS2-23", "notification", "2026-02-03T22:10:00Z" },
	{ "trust service", EVENT_INCIDENT, TRUST, "significant", NULL,
	  { { "aware", "2026-01-31T22:10:00Z" } }, { { 0 } },
	  "NIS2-23", "notification", "2026-02-01T22:10:00Z" },
	{ "not yet notified", EVENT_INCIDENT, ESSENTIAL, "significant", NULL,
	  { { "aware", "2026-01-31T22:10:00Z" } },
	  { { 0 } }, "NIS2-23", "final", NULL },
	{ "notified", EVENT_INCIDENT, ESSENTIAL, "significant", NULL, { { "aware", "2026-01-31T22:10:00Z" } },
	  { { "notification", "2026-02-03T10:00:00Z" } }, "NIS2-23", "final", "2026-03-03T10:00:00Z" },
	{ "clamped", EVENT_INCIDENT, ESSENTIAL, "significant", NULL, { { 0 } },
	  { { "notification", "2026-01-31T10:00:00Z" } }, "NIS2-23", "final", "2026-02-28T10:00:00Z" },
	{ "leap year", EVENT_INCIDENT, ESSENTIAL, "significant", NULL, { { 0 } },
	  { { "notification", "2028-01-31T10:00:00Z" } }, "NIS2-23", "final", "2028-02-29T10:00:00Z" },
	{ "notified again: the first counts", EVENT_INCIDENT, ESSENTIAL, "significant", NULL, { { 0 } },
	  { { "notification", "2026-02-05T10:00:00Z" }, { "notification", "2026-02-03T10:00:00Z" } },
	  "NIS2-23", "final", "2026-03-03T10:00:00Z" },
	{ "feedback", EVENT_INCIDENT, ESSENTIAL, "significant", NULL, { { 0 } },
	  { { "early_warning", "2026-02-01T20:00:00Z", "2026-02-01T20:00:05Z" } },
	  "NIS2-23", "feedback", "2026-02-02T20:00:05Z" },
	{ "no receipt yet", EVENT_INCIDENT, ESSENTIAL, "significant", NULL, { { 0 } },
	  { { "early_warning", "2026-02-01T20:00:00Z" } }, "NIS2-23", "feedback", NULL },
};

#define AWARE   { "aware", "2026-03-06T10:00:00Z" }

static const struct vector dora[] = {
	{ "classified +2 h", EVENT_INCIDENT, FINANCIAL, "major", NULL,
	  { AWARE, { "classified", "2026-03-06T12:00:00Z" } },
	  { { 0 } }, "DORA-19", "initial", "2026-03-06T16:00:00Z" },
	{ "classified +22 h", EVENT_INCIDENT, FINANCIAL, "major", NULL,
	  { AWARE, { "classified", "2026-03-07T08:00:00Z" } },
	  { { 0 } }, "DORA-19", "initial", "2026-03-07T10:00:00Z" },
	{ "classified +23 h", EVENT_INCIDENT, FINANCIAL, "major", NULL,
	  { AWARE, { "classified", "2026-03-07T09:00:00Z" } },
	  { { 0 } }, "DORA-19", "initial", "2026-03-07T10:00:00Z" },
	{ "classified +24 h exactly", EVENT_INCIDENT, FINANCIAL, "major", NULL,
	  { AWARE, { "classified", "2026-03-07T10:00:00Z" } }, { { 0 } }, "DORA-19", "initial",
	  "2026-03-07T10:00:00Z" },
	{ "classified +30 h", EVENT_INCIDENT, FINANCIAL, "major", NULL,
	  { AWARE, { "classified", "2026-03-07T16:00:00Z" } },
	  { { 0 } }, "DORA-19", "initial", "2026-03-07T20:00:00Z" },
	{ "not classified", EVENT_INCIDENT, FINANCIAL, "major", NULL, { AWARE }, { { 0 } },
	  "DORA-19", "initial", "2026-03-07T10:00:00Z" },
	{ "intermediate", EVENT_INCIDENT, FINANCIAL, "major", NULL, { AWARE },
	  { { "initial", "2026-03-06T15:00:00Z" } },
	  "DORA-19", "intermediate", "2026-03-09T15:00:00Z" },
	{ "final from the latest", EVENT_INCIDENT, FINANCIAL, "major", NULL, { AWARE },
	  { { "intermediate", "2026-03-31T15:00:00Z" }, { "intermediate", "2026-03-09T15:00:00Z" } },
	  "DORA-19", "final", "2026-04-30T15:00:00Z" },
};

static const struct vector certin[] = {
	{ "told", EVENT_INCIDENT, ANYBODY, "listed", NULL, { { "told", "2026-05-01T23:30:00+05:30" } },
	  { { 0 } },
	  "CERTIN-II", "report", "2026-05-02T00:00:00Z" },
	{ "noticed before told", EVENT_INCIDENT, ANYBODY, "listed", NULL,
	  { { "told", "2026-05-01T23:30:00+05:30" }, { "noticed", "2026-05-01T22:30:00+05:30" } }, { { 0 } },
	  "CERTIN-II", "report", "2026-05-01T23:00:00Z" },
	{ "telecom", EVENT_INCIDENT, { .sector = S("telecom") }, NULL, NULL,
	  { { "aware", "2026-05-01T00:00:00Z" } },
	  { { 0 } }, "IN-TCS-2024", "detail", "2026-05-02T00:00:00Z" },
};

static const struct vector pakistan[] = {
	{ "flash", EVENT_INCIDENT, CRITICAL, NULL, NULL, { { "aware", "2026-02-27T23:00:00+05:00" } },
	  { { 0 } },
	  "PK-INC-CII", "flash", "2026-02-28T00:00:00Z" },
	{ "72 hours", EVENT_INCIDENT, CRITICAL, NULL, NULL, { { "aware", "2026-02-27T23:00:00+05:00" } },
	  { { 0 } },
	  "PK-INC-CII", "report", "2026-03-02T18:00:00Z" },
	{ "month in local time", EVENT_INCIDENT, CRITICAL, NULL, NULL, { { 0 } },
	  { { "report", "2026-01-31T02:00:00+05:00" } }, "PK-INC-CII", "final", "2026-02-27T21:00:00Z" },
	{ "directive", EVENT_DIRECTIVE, ANYBODY, NULL, NULL, { { "issued", "2026-02-01T09:00:00+05:00" } },
	  { { 0 } },
	  "PK-DIRECTIVE", "comply", "2026-03-03T04:00:00Z" },
	{ "audit", EVENT_AUDIT, { .org_class = S("licensee") }, NULL, NULL,
	  { { "sent", "2026-02-25T09:00:00+05:00" } },
	  { { 0 } }, "PK-CTDISR-AUDIT", "reply", "2026-03-04T04:00:00Z" },
	{ "compensation over a weekend", EVENT_BREACH, { .org_class = S("regulated_entity") }, NULL, NULL,
	  { { "loss", "2026-03-06T16:00:00+05:00" } }, { { 0 } }, "PK-SBP-CUST", "compensate",
	  "2026-03-10T11:00:00Z" },
	{ "reviewed since", EVENT_DESIGNATION, ANYBODY, NULL, NULL,
	  { { "designated", "2024-02-29T00:00:00+05:00" }, { "reviewed", "2026-02-28T00:00:00+05:00" } },
	  { { 0 } },
	  "PK-CII-REVIEW", "review", "2027-02-27T19:00:00Z" },
	{ "designated on a leap day", EVENT_DESIGNATION, ANYBODY, NULL, NULL,
	  { { "designated", "2024-02-29T12:00:00+05:00" } }, { { 0 } }, "PK-CII-REVIEW", "review",
	  "2025-02-28T07:00:00Z" },
};

static const struct vector cbsl[] = {
	{ "Friday 16:00, end of Monday", EVENT_INCIDENT, BANK, NULL, NULL,
	  { { "detected", "2026-03-06T16:00:00+05:30" } },
	  { { 0 } }, "CSE-I", "report", "2026-03-09T23:59:59.999999+05:30" },
	{ "Saturday, end of Monday", EVENT_INCIDENT, BANK, NULL, NULL,
	  { { "detected", "2026-03-07T01:00:00+05:30" } },
	  { { 0 } }, "CSE-I", "report", "2026-03-09T23:59:59.999999+05:30" },
	{ "holidays after a weekend", EVENT_INCIDENT, BANK, NULL, NULL,
	  { { "detected", "2026-04-10T16:00:00+05:30" } },
	  { { 0 } }, "CSE-I", "report", "2026-04-15T23:59:59.999999+05:30" },
	{ "Sunday in UTC, Monday in Colombo", EVENT_INCIDENT, BANK, NULL, NULL,
	  { { "detected", "2026-03-08T20:00:00Z" } },
	  { { 0 } }, "CSE-I", "report", "2026-03-10T23:59:59.999999+05:30" },
	{ "quarter", EVENT_PERIOD, BANK, NULL, NULL, { { "period_end", "2026-03-31T23:59:59+05:30" } },
	  { { 0 } },
	  "CSE-II", "return", "2026-04-15T23:59:59.999999+05:30" },
};

static void test_vectors(struct arena *a)
{
	static const struct { const char *file; const struct vector *vectors; ptrdiff_t count; } sets[] = {
		{ "eu-nis2.yaml", nis2, COUNTOF(nis2) }, { "test/dora.yaml", dora, COUNTOF(dora) },
		{ "india-certin.yaml", certin, COUNTOF(certin) },
			{ "pakistan-2023.yaml", pakistan, COUNTOF(pakistan) },
		{ "test/cbsl.yaml", cbsl, COUNTOF(cbsl) },
	};
	for (ptrdiff_t s = 0; s < COUNTOF(sets); s++) {
		const struct regime *r = regime_from(a, sets[s].file);
		for (ptrdiff_t i = 0; i < sets[s].count; i++)
			run_vector(r, &sets[s].vectors[i], a);
	}
}

/* What is assumed is a target and says so; what is sourced says by whom. */
static void test_basis(struct arena *a)
{
	const struct regime *pk = regime_from(a, "pakistan-2023.yaml"), *eu = regime_from(a, "eu-nis2.yaml");
	struct duty_facts f = { .party = CRITICAL, .events = EVENT_INCIDENT | EVENT_AUDIT };
	const struct duty_clock *c = planned(pk, &f, a, "PK-INC-CII", "flash");
	ASSERT(c->basis == BASIS_TARGET && c->assumed && str_starts(c->source, S("assumed: "))
	       && c->owes == OWED_BY_PARTY);
	ASSERT(str_eq(c->anchor, S("aware")) && str_eq(c->missing[0], S("aware"))
	       && str_eq(c->to, S("parent")));
	ASSERT(c->step->reminders_count == 2 && c->step->reminders[0] == 120 && c->step->reminders[1] == 30);
	c = planned(pk, &f, a, "PK-INC-CII", "report");
	ASSERT(c->basis == BASIS_DRAFT && !c->assumed && c->weak
	       && str_find(c->source, S("(weak source)")) > 0);
	ASSERT(planned(pk, &f, a, "PK-CTDISR-AUDIT", "reply") == NULL);         /* no licensee */
	ASSERT(planned(pk, &f, a, "PK-INC-GEN", "report") == NULL);
	f.party.org_class = S("licensee");
	c = planned(pk, &f, a, "PK-CTDISR-AUDIT", "reply");
	ASSERT(c->basis == BASIS_STATUTORY && !c->assumed && !c->weak);
	static const str significant = { "significant", 11 };
	f = (struct duty_facts){ .party = TRUST, .events = EVENT_INCIDENT, .flags = &significant,
	                         .flags_count = 1 };
	/* this branch is assumed */
	ASSERT(planned(eu, &f, a, "NIS2-23", "notification")->basis == BASIS_TARGET);
	ASSERT(planned(eu, &f, a, "NIS2-23", "early_warning")->basis == BASIS_STATUTORY);
	c = planned(eu, &f, a, "NIS2-23", "feedback");
	ASSERT(c->owes == OWED_BY_HUB && str_eq(c->to, S("party")) && c->assumed);
	ASSERT(planned(eu, &f, a, "NIS2-23", "progress") == NULL);
	f.party.org_kind = (str){ 0 };
	ASSERT(planned(eu, &f, a, "NIS2-23", "notification")->basis == BASIS_STATUTORY);
	f.flags_count = 0;
	/* not significant: not owed */
	ASSERT(planned(eu, &f, a, "NIS2-23", "early_warning") == NULL);
}

/* Without delay: armed once its moment is known, never due, with a target beside it. */
static void test_without_number(struct arena *a)
{
	const struct regime *pk = regime_from(a, "pakistan-2023.yaml");
	struct duty_anchor aware = { S("aware"), at("2026-01-01T00:00:00Z") };
	struct duty_facts f = { .party = { .org_class = S("private") },
		.events = EVENT_INCIDENT | EVENT_STANDING };
	const struct duty_clock *c = planned(pk, &f, a, "PK-INC-GEN", "report");
	ASSERT(c->state == CLOCK_WAITING && !c->has_due && !c->has_target && c->missing_count == 1);
	f.anchors = &aware;
	f.anchors_count = 1;
	c = planned(pk, &f, a, "PK-INC-GEN", "report");
	ASSERT(c->state == CLOCK_ARMED && !c->has_due && c->has_start && c->start.us == aware.at.us);
	ASSERT(c->has_target && c->target.us == at("2026-01-04T00:00:00Z").us && c->missing_count == 0);
	c = planned(pk, &f, a, "PK-WATCH", "watch");
	ASSERT(c->state == CLOCK_ARMED && c->step->continuous && !c->has_due && c->owes == OWED_BY_HUB);
}

static void test_forwarding(struct arena *a)
{
	const struct regime *pk = regime_from(a, "pakistan-2023.yaml");
	static const struct { const char *band, *due; } cases[] = {
		{ "", "2026-01-02T00:00:00Z" }, { "medium", "2026-01-02T00:00:00Z" },
			{ "high", "2026-01-01T01:00:00Z" },
		{ "emergency", "2026-01-01T01:00:00Z" },
	};
	struct duty_anchor received = { S("received"), at("2026-01-01T00:00:00Z") };
	struct duty_facts f = { .events = EVENT_REPORT, .anchors = &received, .anchors_count = 1 };
	ASSERT(planned(pk, &f, a, "PK-SECTOR-UP", "forward") == NULL);
	f.has_team = true;
	f.team_kind = TEAM_NATIONAL_CERT;
	ASSERT(planned(pk, &f, a, "PK-SECTOR-UP", "forward") == NULL);
	f.team_kind = TEAM_PROVINCIAL_CERT;
	for (ptrdiff_t i = 0; i < COUNTOF(cases); i++) {
		f.band = str_from(cases[i].band);
		const struct duty_clock *c = planned(pk, &f, a, "PK-SECTOR-UP", "forward");
		ASSERT(c->due.us == at(cases[i].due).us && c->owes == OWED_BY_TEAM);
	}
	ASSERT(planned(pk, &f, a, "PK-HUB", "acknowledge")->due.us == at("2026-01-01T00:30:00Z").us);
}

static void test_provisional(struct arena *a)
{
	const struct regime *r = regime_from(a, "test/dora.yaml");
	struct facts_kept k;
	facts_of(&dora[5], &k);
	const struct duty_clock *c = planned(r, &k.facts, a, "DORA-19", "initial");
	ASSERT(c->provisional && c->missing_count == 1 && str_eq(c->missing[0], S("classified")));
	ASSERT(c->step->reason_before_late && str_eq(c->anchor, S("classified / aware")));
	facts_of(&dora[0], &k);
	ASSERT(!planned(r, &k.facts, a, "DORA-19", "initial")->provisional);
}

static void test_refused_facts(struct arena *a)
{
	const struct regime *pk = regime_from(a, "pakistan-2023.yaml");
	const struct duty_clock *clocks = NULL;
	ptrdiff_t n = 7;
	struct err err = { 0 };
	struct duty_anchor odd = { S("awair"), at("2026-01-01T00:00:00Z") },
		early = { S("aware"), at("0001-01-01T00:00:00Z") };
	struct duty_facts f = { .events = 1 << 8 };
	ASSERT(!regime_plan(pk, &f, a, &clocks, &n, &err) && strstr(err.text, "event"));
	f = (struct duty_facts){ .band = S("orange") };
	ASSERT(!regime_plan(pk, &f, a, &clocks, &n, &err) && strstr(err.text, "orange"));
	f = (struct duty_facts){ .anchors = &odd, .anchors_count = 1 };
	ASSERT(!regime_plan(pk, &f, a, &clocks, &n, &err) && strstr(err.text, "awair"));
	f = (struct duty_facts){ .party = CRITICAL, .events = EVENT_INCIDENT, .anchors = &early,
	                         .anchors_count = 1 };
	ASSERT(!regime_plan(pk, &f, a, &clocks, &n, &err) && strstr(err.text, "PK-INC-CII"));
	ASSERT(clocks == NULL && n == 7);
}

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

static bool same_clocks(const struct duty_clock *x, const struct duty_clock *y, ptrdiff_t n)
{
	for (ptrdiff_t i = 0; i < n; i++)
		if (x[i].step != y[i].step || x[i].state != y[i].state || x[i].due.us != y[i].due.us
		    || x[i].start.us != y[i].start.us || x[i].missing_count != y[i].missing_count
		    || !str_eq(x[i].source, y[i].source))
			return false;
	return true;
}

static void check_clock(const struct duty_clock *c)
{
	ASSERT(c->source.len > 0 && c->title.len > 0);
	ASSERT(!c->has_due || (c->has_start && !instant_before(c->due, c->start)));     /* I1 */
	ASSERT(!c->has_due || c->state == CLOCK_ARMED);
	ASSERT((c->state == CLOCK_WAITING) == (!c->has_due && c->missing_count > 0));
	ASSERT(!c->assumed || c->basis == BASIS_TARGET);                                /* I4 */
	ASSERT(c->step->deadline == NULL || c->step->deadline->kind != DEADLINE_NULL || !c->has_due);
}

struct made_up {
	struct duty_facts facts;
	struct duty_anchor anchors[ANCHOR_COUNT];
	struct duty_submission sent[4];
	str flags[2];
};

static struct instant any_instant(uint64_t *seed)
{
	/* 1970 to 2099 */
	return (struct instant){ SECONDS((int64_t)(next_random(seed) % 4102444800u)) };
}

static ptrdiff_t any_of(uint64_t *seed, ptrdiff_t count)
{
	return (ptrdiff_t)(next_random(seed) % (uint64_t)count);
}

static void make_up(const struct regime *r, uint64_t *seed, struct made_up *m)
{
	struct duty_facts *f = &m->facts;
	*m = (struct made_up){ .flags = { [1] = S("ongoing") } };
	m->flags[0] = r->flags_count ? r->flags[any_of(seed, r->flags_count)].id : S("x");
	for (int i = 0; i < ANCHOR_COUNT; i++)
		if (any_of(seed, 3)) {
			str name = regime_anchor_name((enum regime_anchor)i);
			m->anchors[f->anchors_count++] = (struct duty_anchor){ name, any_instant(seed) };
		}
	for (int i = 0; i < COUNTOF(m->sent); i++) {
		const struct regime_duty *d = &r->duties[any_of(seed, r->duties_count)];
		const struct regime_step *s = &d->steps[any_of(seed, d->steps_count)];
		m->sent[i] = (struct duty_submission){ d->id, s->id, any_instant(seed) };
	}
	f->anchors = m->anchors;
	f->submissions = m->sent;
	f->submissions_count = COUNTOF(m->sent);
	f->flags = m->flags;
	f->flags_count = any_of(seed, 3);
	f->events = (unsigned)any_of(seed, 2 * EVENT_STANDING);
	f->party.cii = any_of(seed, 2);
	f->party.org_class = r->org_classes[any_of(seed, r->org_classes_count)].id;
	f->has_team = any_of(seed, 2);
	f->team_kind = (enum regime_team_kind)any_of(seed, TEAM_CONTACT_POINT + 1);
}

static void test_properties(struct arena *a, const char *file)
{
	const struct regime *r = regime_from(a, file);
	struct arena tmp;
	uint64_t seed = 20260101;
	ptrdiff_t due = 0;
	arena_init(&tmp, ARENA_SOFT_DEFAULT, ARENA_HARD_DEFAULT);
	for (int round = 0; round < 2000; round++) {
		struct made_up m;
		const struct duty_clock *once, *again;
		ptrdiff_t n, n_again;
		struct err err;
		make_up(r, &seed, &m);
		ASSERT(regime_plan(r, &m.facts, &tmp, &once, &n, &err));
		ASSERT(regime_plan(r, &m.facts, &tmp, &again, &n_again, &err));
		ASSERT(n == n_again && same_clocks(once, again, n));
		for (ptrdiff_t i = 0; i < n; i++) {
			check_clock(&once[i]);
			due += once[i].has_due;
		}
		arena_reset(&tmp);
	}
	ASSERT(due > 300);                      /* or nothing was tested */
	arena_done(&tmp);
}

/* Months: same wall clock, the day kept or the month's last; more months never end earlier. */
static void test_months(struct arena *a)
{
	const struct regime *r = regime_from(a, "pakistan-2023.yaml");
	struct err err;
	for (int64_t day = 0; day < 1500; day += 3) {
		struct instant from = { DAYS(19000 + day) + HOURS(day % 24) + 7 }, before = from;
		struct civil c = instant_civil(from, 300);
		for (int months = 1; months < 30; months++) {
			struct instant due;
			struct regime_span span = { .months = months };
			ASSERT(regime_add(r, from, &span, &due, &err));
			struct civil d = instant_civil(due, 300);
			ASSERT(instant_before(before, due) && d.hour == c.hour && d.minute == c.minute
			       && d.micro == c.micro);
			ASSERT(d.day == MIN(c.day, civil_month_days(d.year, d.month)));
			ASSERT((d.year - c.year) * 12 + d.month - c.month == months);
			before = due;
		}
	}
}

int main(void)
{
	struct arena a;
	arena_init(&a, 128 << 20, 256 << 20);
	test_vectors(&a);
	test_basis(&a);
	test_without_number(&a);
	test_forwarding(&a);
	test_provisional(&a);
	test_refused_facts(&a);
	test_properties(&a, "pakistan-2023.yaml");
	test_properties(&a, "eu-nis2.yaml");
	test_properties(&a, "test/dora.yaml");
	test_months(&a);
	arena_done(&a);
	return 0;
}
