/* The gate against an oracle that somebody wrote from release.h's invariants and from what TLP 2.0 says,
 * without looking at release.c: two hundred thousand random records and audiences.  Gates with a planted
 * leak are found.
 *
 * Every record's fields hold a word of their own, and its private fields another, so that what left is
 * looked for in the bytes that left, not in what the gate says of itself.
 */
#include "release/release.h"

#include <stdio.h>
#include "crypto/random.h"
#include "format/json.h"

enum { ROUNDS = 200000, LEAKY_ROUNDS = 20000, PAGE = 12, TEAMS = 5 };

static const char *const team_names[TEAMS] = { "ncert", "banking", "telecom", "power", "" };

struct thrown {
	struct record r;
	str teams[TEAMS];
	bool in[TEAMS];
	int coordinator;
	str word, annex_word; /* annex_word empty: no private fields */
};

struct asker {
	struct audience to;
	struct identity who;
	int team;
};

static int below(struct rng *rng, int limit)
{
	return (int)rng_below(rng, (uint64_t)limit);
}

static struct uuid some_id(struct rng *rng)
{
	return (struct uuid){ { (uint8_t)(1 + below(rng, 6)) } };
}

static struct uuid some_organisation(struct rng *rng)
{
	return below(rng, 3) ? (struct uuid){ { 0xc0, (uint8_t)(1 + below(rng,
		3)) } } : (struct uuid){ { 0 } };
}

static void throw_record(struct rng *rng, struct arena *a, int n, struct thrown *t)
{
	*t = (struct thrown){ .coordinator = below(rng, 3) };
	t->r = (struct record){ .kind = (enum record_kind)below(rng, RECORD_ENTRY + 1),
				.id = some_id(rng),
				.subject = some_id(rng),
				.tlp = (enum tlp)below(rng, TLP_COUNT),
				.coordinator = str_from(team_names[t->coordinator]),
				.organisation = some_organisation(rng),
				.annex = below(rng, 4) == 0,
				.fields = json_object(a) };
	t->in[t->coordinator] =
		below(rng, 20) != 0; /* a coordinator that was forgotten: then nobody is let in */
	for (int i = 0; i < 4; i++)
		t->in[i] = t->in[i] || below(rng, 4) == 0;
	for (int i = 0; i < TEAMS; i++)
		if (t->in[i])
			t->teams[t->r.team_count++] = str_from(team_names[i]);
	t->r.teams = t->teams;
	t->word = arena_printf(a, "<word-%d>", n);
	json_set_str(t->r.fields, "text", t->word);
	if (below(rng, 2)) {
		t->annex_word = arena_printf(a, "<annex-%d>", n);
		t->r.annex_fields = json_object(a);
		json_set_str(t->r.annex_fields, "reporter", t->annex_word);
	}
}

static void throw_asker(struct rng *rng, struct asker *x)
{
	*x = (struct asker){ .team = below(rng, TEAMS) };
	x->who = (struct identity){ .account = some_id(rng),
				    .login = S("somebody"),
				    .name = S("Somebody"),
				    .team = str_from(team_names[x->team]),
				    .organisation =
					    below(rng, 2) ? some_organisation(rng) : (struct uuid){ { 0 } },
				    .roles = (unsigned)below(rng, ROLES_ALL + 1),
				    .scopes = below(rng, 3) ? ~0u : (unsigned)below(rng, 1 << MAY_COUNT),
				    .operator_socket = below(rng, 12) == 0 };
	x->to = (struct audience){ .kind = (enum audience_kind)below(rng, AUDIENCE_STATISTIC + 1),
				   .person = below(rng, 20) ? &x->who : NULL,
				   .in_case = below(rng, 2),
				   .in_community = below(rng, 2),
				   .name = S("Demo Bank"),
				   .report = some_id(rng) };
	if (x->to.kind == AUDIENCE_PARTY && below(rng, 2)) {
		x->to.person = NULL; /* by mail */
	} else if (x->to.kind == AUDIENCE_PARTY && below(rng, 2)) {
		x->who.organisation = (struct uuid){ { 0xc0, (uint8_t)(1 + below(rng, 3)) } };
		x->who.roles |= ROLE_CONSTITUENT;
		x->who.scopes = ~0u;
	}
	if (x->to.kind == AUDIENCE_DESK)
		x->to.name = str_from(team_names[below(rng, TEAMS)]);
}

/* ---- the oracle: what may leave, said as plainly as can be */

struct verdict {
	bool leaves, annex, notice, hidden;
};

static bool is_case_record(enum record_kind kind)
{
	return kind <= RECORD_REMINDER;
}

static bool of_organisation(const struct identity *who)
{
	return !uuid_is_nil(who->organisation);
}

/* The table of access/identity.h, in words: handlers and leads work on cases; whoever belongs to an
 * organisation has no role of a team, whatever is written there. */
static bool has(const struct identity *who, unsigned roles, enum permission scope)
{
	return who && !who->operator_socket && !of_organisation(who) && (who->roles & roles) &&
	       (who->scopes >> scope & 1);
}

static bool constituent(const struct identity *who)
{
	return !who->operator_socket && of_organisation(who) && (who->roles & ROLE_CONSTITUENT) &&
	       (who->scopes >> MAY_READ_OWN & 1);
}

/* Signed in for an organisation: five kinds of things, and only if they are that organisation's. */
static struct verdict oracle_signed_in(const struct thrown *t, const struct asker *x)
{
	bool kind = t->r.kind == RECORD_MESSAGE || t->r.kind == RECORD_REQUEST || t->r.kind == RECORD_CLOCK ||
		    t->r.kind == RECORD_SUBMISSION || t->r.kind == RECORD_REPORT;
	const struct identity *who = x->to.person;
	if (!constituent(who) || !kind || t->r.annex ||
	    memcmp(t->r.organisation.b, who->organisation.b, sizeof(who->organisation.b)) != 0)
		return (struct verdict){ .hidden = true };
	return (struct verdict){ .leaves = t->r.tlp != TLP_UNMARKED };
}

static struct verdict oracle_person(const struct thrown *t, const struct asker *x)
{
	const struct identity *who = x->to.person;
	struct verdict no = { .hidden = true }, yes = { .leaves = true, .annex = true };
	bool operates = who && who->operator_socket;
	bool may;
	if (who == NULL)
		return no;
	switch (t->r.kind) {
	case RECORD_ORGANISATION:
	case RECORD_CONTACT:
		may = operates || has(who, ROLE_HANDLER | ROLE_LEAD | ROLE_DIRECTORY, MAY_READ_DIRECTORY);
		return may ? yes : no;
	case RECORD_ACCOUNT:
		may = operates || has(who, ROLE_ADMIN, MAY_READ_ACCOUNTS) || uuid_eq(who->account, t->r.id);
		may = may || (!uuid_is_nil(t->r.organisation) && x->team == t->coordinator &&
			      has(who, ROLE_DIRECTORY | ROLE_ADMIN, MAY_KEEP_CONSTITUENTS));
		return may ? yes : no;
	case RECORD_ENTRY:
		may = operates || has(who, ROLE_AUDITOR, MAY_AUDIT);
		return may ? yes : no;
	case RECORD_REPORT:
	case RECORD_INCIDENT:
	case RECORD_PARTY:
	case RECORD_CLOCK:
	case RECORD_MESSAGE:
	case RECORD_REQUEST:
	case RECORD_COMMENT:
	case RECORD_EVENT:
	case RECORD_SUBMISSION:
	case RECORD_ATTACHMENT:
	case RECORD_REMINDER:
		break;
	}
	bool own = x->team == t->coordinator;
	if (!has(who, ROLE_HANDLER | ROLE_LEAD, MAY_READ_CASES) || x->team == TEAMS - 1 || !t->in[x->team])
		return no;
	if ((t->r.annex || t->r.kind == RECORD_REMINDER) && !own)
		return no;
	if (t->r.tlp == TLP_RED && !own)
		return (struct verdict){ 0 }; /* it may know that it exists */
	return (struct verdict){ .leaves = true, .annex = own };
}

static struct verdict oracle(const struct thrown *t, const struct asker *x)
{
	enum tlp tlp = t->r.tlp;
	struct verdict no = { .hidden = true };
	if (x->to.kind == AUDIENCE_STATISTIC)
		return no;
	if (x->to.kind == AUDIENCE_PARTY && x->to.person)
		return oracle_signed_in(t, x);
	if (is_case_record(t->r.kind) && tlp == TLP_UNMARKED)
		return (struct verdict){ 0 };
	switch (x->to.kind) {
	case AUDIENCE_PERSON:
		return oracle_person(t, x);
	case AUDIENCE_PARTY:
		if (t->r.kind != RECORD_MESSAGE || t->r.annex)
			return (struct verdict){ 0 };
		if (tlp == TLP_CLEAR || (tlp == TLP_GREEN && (x->to.in_case || x->to.in_community)) ||
		    (tlp == TLP_AMBER && x->to.in_case))
			return (struct verdict){ .leaves = true };
		if ((tlp == TLP_AMBER_STRICT || tlp == TLP_RED) && x->to.in_case)
			return (struct verdict){ .leaves = true, .notice = true };
		return (struct verdict){ 0 };
	case AUDIENCE_REPORTER:
		if (t->r.annex)
			return no;
		if (t->r.kind == RECORD_REPORT
			    ? uuid_eq(t->r.id, x->to.report)
			    : t->r.kind == RECORD_MESSAGE && uuid_eq(t->r.subject, x->to.report))
			return (struct verdict){ .leaves = true };
		return no;
	case AUDIENCE_DESK: /* the desk of a team hears of its own team's cases */
		if (t->r.kind == RECORD_REMINDER && t->in[t->coordinator] &&
		    str_eq(x->to.name, str_from(team_names[t->coordinator])))
			return (struct verdict){ .leaves = true };
		return no;
	case AUDIENCE_PUBLIC:
		if (tlp == TLP_CLEAR && !t->r.annex &&
		    (t->r.kind == RECORD_MESSAGE || t->r.kind == RECORD_INCIDENT))
			return (struct verdict){ .leaves = true };
		return no;
	case AUDIENCE_STATISTIC:
		break;
	}
	return no;
}

/* ---- gates: the real one, and those with a planted leak */

typedef bool gate_fn(struct arena *a, const struct record *r, const struct audience *to,
		     const struct released **out, struct err *err);

static struct record changed; /* what a leaky gate passes on instead */
static struct audience other;
static struct identity promoted;

static bool leak_unmarked(struct arena *a, const struct record *r, const struct audience *to,
			  const struct released **out, struct err *err)
{
	changed = *r;
	changed.tlp = r->tlp == TLP_UNMARKED ? TLP_CLEAR : r->tlp;
	return release_check(a, &changed, to, out, err);
}

static bool leak_red(struct arena *a, const struct record *r, const struct audience *to,
		     const struct released **out, struct err *err)
{
	changed = *r;
	changed.tlp = r->tlp == TLP_RED ? TLP_AMBER : r->tlp;
	return release_check(a, &changed, to, out, err);
}

static bool leak_annex_record(struct arena *a, const struct record *r, const struct audience *to,
			      const struct released **out, struct err *err)
{
	changed = *r;
	changed.annex = false;
	return release_check(a, &changed, to, out, err);
}

static bool leak_annex_fields(struct arena *a, const struct record *r, const struct audience *to,
			      const struct released **out, struct err *err)
{
	changed = *r;
	if (r->annex_fields) {
		struct json_member m = { 0 };
		changed.fields = json_copy(a, r->fields);
		while (json_next(r->annex_fields, &m))
			json_set(changed.fields, m.key, json_copy(a, m.value));
	}
	return release_check(a, &changed, to, out, err);
}

static bool leak_tenancy(struct arena *a, const struct record *r, const struct audience *to,
			 const struct released **out, struct err *err)
{
	static str everybody[TEAMS - 1];
	for (int i = 0; i < TEAMS - 1; i++)
		everybody[i] = str_from(team_names[i]);
	changed = *r;
	changed.teams = everybody;
	changed.team_count = TEAMS - 1;
	return release_check(a, &changed, to, out, err);
}

static bool leak_roles(struct arena *a, const struct record *r, const struct audience *to,
		       const struct released **out, struct err *err)
{
	other = *to;
	if (to->person) {
		promoted = *to->person;
		promoted.scopes = ~0u;
		other.person = &promoted;
	}
	return release_check(a, r, &other, out, err);
}

static bool leak_party(struct arena *a, const struct record *r, const struct audience *to,
		       const struct released **out, struct err *err)
{
	other = *to;
	other.in_case = true;
	return release_check(a, r, &other, out, err);
}

static bool leak_reporter(struct arena *a, const struct record *r, const struct audience *to,
			  const struct released **out, struct err *err)
{
	other = *to;
	other.report = r->kind == RECORD_REPORT ? r->id : r->subject;
	return release_check(a, r, &other, out, err);
}

static bool leak_notice(struct arena *a, const struct record *r, const struct audience *to,
			const struct released **out, struct err *err)
{
	changed = *r;
	changed.tlp = r->tlp == TLP_RED || r->tlp == TLP_AMBER_STRICT ? TLP_AMBER : r->tlp;
	return release_check(a, to->kind == AUDIENCE_PARTY ? &changed : r, to, out, err);
}

static bool signed_in(const struct audience *to)
{
	return to->kind == AUDIENCE_PARTY && to->person;
}

static bool leak_organisation(struct arena *a, const struct record *r, const struct audience *to,
			      const struct released **out, struct err *err)
{
	changed = *r;
	if (signed_in(to))
		changed.organisation = to->person->organisation;
	return release_check(a, &changed, to, out, err);
}

static bool leak_own_kind(struct arena *a, const struct record *r, const struct audience *to,
			  const struct released **out, struct err *err)
{
	changed = *r;
	if (signed_in(to) && r->kind == RECORD_PARTY)
		changed.kind = RECORD_MESSAGE;
	return release_check(a, &changed, to, out, err);
}

static bool leak_constituent(struct arena *a, const struct record *r, const struct audience *to,
			     const struct released **out, struct err *err)
{
	other = *to;
	if (signed_in(to)) {
		promoted = *to->person;
		promoted.roles |= ROLE_CONSTITUENT;
		other.person = &promoted;
	}
	return release_check(a, r, &other, out, err);
}

static bool leak_in_case(struct arena *a, const struct record *r, const struct audience *to,
			 const struct released **out, struct err *err)
{
	other = *to;
	if (signed_in(to))
		other.person = NULL; /* as if it were a mail to somebody of the case */
	return release_check(a, r, &other, out, err);
}

static bool leak_statistic(struct arena *a, const struct record *r, const struct audience *to,
			   const struct released **out, struct err *err)
{
	other = *to;
	if (to->kind == AUDIENCE_STATISTIC)
		other.kind = AUDIENCE_PUBLIC;
	return release_check(a, r, &other, out, err);
}

static bool leak_why(struct arena *a, const struct record *r, const struct audience *to,
		     const struct released **out, struct err *err)
{
	return release_check(a, r, to, out, err) || err_set(err, ERR_DENIED, "it is not for you");
}

/* ---- the comparison */

static const char *compare(gate_fn *gate, struct arena *a, const struct thrown *t, const struct asker *x)
{
	const struct released *out = NULL;
	struct err err = { 0 };
	struct verdict v = oracle(t, x);
	bool left = gate(a, &t->r, &x->to, &out, &err);
	if (left != v.leaves)
		return left ? "left, and must not" : "was refused, and may leave";
	if (!left && (err.code == ERR_MISSING) != v.hidden)
		return v.hidden ? "a refusal tells that it exists" : "a refusal does not say why";
	if (!left)
		return err.text[0] && (!v.hidden || str_find(str_from(err.text), t->word) < 0)
			       ? NULL
			       : "the refusal's words";
	str bytes = released_json(a, out);
	if ((str_find(bytes, t->word) < 0) != v.notice)
		return v.notice ? "a notice with its words" : "without its fields";
	if (t->annex_word.len && (str_find(bytes, t->annex_word) >= 0) != v.annex)
		return v.annex ? "without its private part" : "with its private part";
	if (released_as_notice(out) != v.notice || released_tlp(out) != t->r.tlp)
		return "with another marking, or not as a notice";
	return NULL;
}

/* How many of `rounds` differ; the first few are printed if `say`. */
static int differences(gate_fn *gate, uint64_t seed, int rounds, bool say)
{
	struct rng_seeded rng;
	struct arena a;
	int wrong = 0;
	rng_seeded_init(&rng, (str){ (const char *)&seed, sizeof(seed) });
	arena_init(&a, 16 << 20, 64 << 20);
	for (int i = 0; i < rounds; i++, arena_reset(&a)) {
		struct thrown t;
		struct asker x;
		throw_record(&rng.rng, &a, i, &t);
		throw_asker(&rng.rng, &x);
		const char *what = compare(gate, &a, &t, &x);
		if (what && wrong++ < 10 && say)
			fprintf(stderr, "round %d: kind %d, tlp %d, annex %d, to %d: %s\n", i, t.r.kind,
				t.r.tlp, t.r.annex, x.to.kind, what);
	}
	arena_done(&a);
	return wrong;
}

static int check_bytes(str bytes, const struct thrown *t, int count, const bool *expected, const bool *annex)
{
	int wrong = 0;
	for (int i = 0; i < count; i++) {
		wrong += (str_find(bytes, t[i].word) >= 0) != expected[i];
		wrong += t[i].annex_word.len && (str_find(bytes, t[i].annex_word) >= 0) != annex[i];
	}
	return wrong;
}

/* A list leaves out what may not leave, and counts it; what would be a notice is no row of a list. */
static int lists(uint64_t seed)
{
	struct rng_seeded rng;
	struct arena a;
	int wrong = 0;
	rng_seeded_init(&rng, (str){ (const char *)&seed, sizeof(seed) });
	arena_init(&a, 16 << 20, 64 << 20);
	for (int i = 0; i < ROUNDS / 20; i++, arena_reset(&a)) {
		struct thrown t[PAGE];
		const struct record *records[PAGE];
		bool expected[PAGE], annex[PAGE];
		struct asker x;
		const struct released *out;
		struct err err = { 0 };
		ptrdiff_t withheld = -1, refused = 0;
		throw_asker(&rng.rng, &x);
		for (int n = 0; n < PAGE; n++) {
			throw_record(&rng.rng, &a, n, &t[n]);
			records[n] = &t[n].r;
			struct verdict v = oracle(&t[n], &x);
			expected[n] = v.leaves && !v.notice;
			annex[n] = expected[n] && v.annex;
			refused += !expected[n];
		}
		ASSERT(release_list(&a, records, PAGE, json_object(&a), &x.to, &out, &withheld, &err));
		wrong += withheld != refused || check_bytes(released_json(&a, out), t, PAGE, expected, annex);
	}
	arena_done(&a);
	return wrong;
}

/* A page is refused whole if what it is about may not leave; its parts fall away one by one. */
static int wholes(uint64_t seed)
{
	struct rng_seeded rng;
	struct arena a;
	int wrong = 0;
	rng_seeded_init(&rng, (str){ (const char *)&seed, sizeof(seed) });
	arena_init(&a, 16 << 20, 64 << 20);
	for (int i = 0; i < ROUNDS / 20; i++, arena_reset(&a)) {
		struct thrown t[PAGE];
		const struct record *records[PAGE];
		bool expected[PAGE], annex[PAGE];
		struct asker x;
		const struct released *out = NULL;
		struct err err = { 0 };
		bool leaves = false;
		throw_asker(&rng.rng, &x);
		for (int n = 0; n < PAGE; n++) {
			throw_record(&rng.rng, &a, n, &t[n]);
			records[n] = &t[n].r;
			struct verdict v = oracle(&t[n], &x);
			expected[n] = v.leaves && !v.notice && (n == 0 || expected[0]);
			annex[n] = expected[n] && v.annex;
			leaves = n == 0 ? v.leaves : leaves;
		}
		struct release_part parts[] = { { "some", records + 1, 5 },
						{ "others", records + 6, PAGE - 6 } };
		bool left = release_whole(&a, records[0], parts, COUNTOF(parts), &x.to, &out, &err);
		wrong += left != leaves;
		if (left)
			wrong += check_bytes(released_json(&a, out), t, PAGE, expected, annex);
	}
	arena_done(&a);
	return wrong;
}

static int scopes(void)
{
	struct rng_seeded rng;
	struct arena a;
	int wrong = 0;
	rng_seeded_init(&rng, S("scopes"));
	arena_init(&a, 16 << 20, 64 << 20);
	for (int i = 0; i < ROUNDS / 20; i++, arena_reset(&a)) {
		struct asker x;
		const struct scope *s = NULL;
		struct err err = { 0 };
		throw_asker(&rng.rng, &x);
		bool may = has(&x.who, ROLE_HANDLER | ROLE_LEAD, MAY_READ_CASES) && x.who.team.len;
		const struct scope_organisation *o = NULL;
		bool may_own = constituent(&x.who);
		bool got_own = release_scope_organisation(&a, &x.who, &o, &err);
		wrong += got_own != may_own || (!got_own && err.code != ERR_DENIED) ||
			 (got_own && !uuid_eq(scope_organisation_id(o), x.who.organisation));
		bool got = release_scope(&a, &x.who, &s, &err);
		wrong += got && got_own; /* of a team, or of an organisation: nobody is both */
		wrong += got != may || (got && !str_eq(scope_team(s), x.who.team)) ||
			 (!got && err.code != ERR_DENIED);
	}
	arena_done(&a);
	return wrong;
}

int main(void)
{
	static const struct {
		const char *name;
		gate_fn *gate;
	} planted[] = {
		{ "unmarked leaves", leak_unmarked },     { "RED as AMBER", leak_red },
		{ "private records", leak_annex_record }, { "private fields", leak_annex_fields },
		{ "every team is let in", leak_tenancy }, { "scopes of tokens ignored", leak_roles },
		{ "everybody is a party", leak_party },   { "any claim code", leak_reporter },
		{ "another organisation's", leak_organisation }, { "more than its own kinds", leak_own_kind },
		{ "anybody is a constituent", leak_constituent }, { "signed in as if by mail", leak_in_case },
		{ "a record as statistic", leak_statistic },
		{ "a mail with RED words", leak_notice }, { "hidden tells itself from missing", leak_why },
	};
	int failed = 0, n;
	n = differences(release_check, 1, ROUNDS, true);
	failed += n != 0;
	printf("release_check: %d rounds, %d differences from the oracle\n", ROUNDS, n);
	n = lists(2);
	failed += n != 0;
	printf("release_list: %d differences\n", n);
	n = wholes(3);
	failed += n != 0;
	printf("release_whole: %d differences\n", n);
	n = scopes();
	failed += n != 0;
	printf("release_scope: %d differences\n", n);
	for (ptrdiff_t i = 0; i < COUNTOF(planted); i++) {
		n = differences(planted[i].gate, 4, LEAKY_ROUNDS, false);
		failed += n == 0;
		printf("planted leak '%s': %s (%d)\n", planted[i].name, n ? "found" : "NOT FOUND", n);
	}
	return failed ? 1 : 0;
}
