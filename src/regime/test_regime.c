#include "regime/check.h"
#include "regime/test_support.h"

/* A fault put into a good file: `to` for the first `from`.  ^ in `to` is where the problem must be told. */
struct fault { const char *from, *to, *says; };

#define WHEN            "when: {org_class: licensed_bank}"
#define HOLIDAYS_MADE_UP "    assume: The holidays are made up for the test."
#define ADD             "{business_days: 1, end_of_day: true}"
#define DEADLINE        "deadline: {anchor: detected, add: " ADD "}"

static const struct fault faults_of_cbsl[] = {
	/* origins */
	{ "    src: L1\n    steps:", "    steps:", "this duty has neither src nor assume" },
	{ "        src: L1\n  - id: CSE-II", "  - id: CSE-II", "this step has neither src nor assume" },
	{ "teams: [{id: cbsl, kind: national_cert, tier: national, title: Director Bank Supervision, "
	  "status: operational, src: L1}]",
	  "teams: [^{id: cbsl, kind: national_cert, tier: national, title: Director Bank Supervision, "
	  "status: operational}]", "this team has neither src nor assume" },
	{ HOLIDAYS_MADE_UP, "    assume: ^true", "assume has to say in words" },
	{ HOLIDAYS_MADE_UP, "    assume:^", "assume has to say in words" },
	{ "operational, src: L1", "operational, src: ^L2", "no source has the id \"L2\"" },
	{ "operational, src: L1", "operational, src: [L1, ^L3]", "no source has the id \"L3\"" },
	{ "operational, src: L1", "operational, src: [L1, ^[L1]]", "no source has the id \"\"" },
	/* keys */
	{ "    owes: party", "    ^ows: party", "did you mean \"owes\"?" },
	{ "  version: \"1\"", "  ^vresion: \"1\"", "did you mean \"version\"?" },
	{ "  version: \"1\"", "  version: \"1\"\n  ^colour_of_hat: red",
	  "\"colour_of_hat\" in this identity" },
	{ "regime:\n  id: TEST-CBSL\n  version: \"1\"", "regime:\n  ^id: TEST-CBSL",
	  "lacks the key \"version\"" },
	{ "  version: \"1\"\n", "  version: \"1\"\n  ^version: \"2\"\n",
	  "the key \"version\" is here twice" },
	{ "lifecycle: {states: [operational], assume: Test data only.}", "lifecycle: ^[operational]",
	  "this lifecycle has to be a map" },
	/* references */
	{ "    to: cbsl", "    to: ^cblsl", "there is no team \"cblsl\": did you mean \"cbsl\"?" },
	{ "tier: national, title: D", "tier: ^regional, title: D", "there is no tier \"regional\"" },
	{ "  calendar: bank", "  calendar: ^banks",
	  "there is no calendar \"banks\": did you mean \"bank\"?" },
	{ ADD, "{business_days: 1, calendar: ^shops}", "there is no calendar \"shops\"" },
	{ "  hub: cbsl", "  hub: ^hub", "there is no team \"hub\"" },
	{ WHEN, "when: {org_class: [licensed_bank, ^shop]}", "there is no organisation class \"shop\"" },
	{ WHEN, "when: {not: {any: [{sector: ^fishing}]}}", "there is no sector \"fishing\"" },
	{ WHEN, "when: {band_min: ^huge}", "there is no band \"huge\"" },
	{ WHEN, "when: {flag: ^significant}", "there is no flag \"significant\"" },
	{ WHEN, "when: {team_kind: ^national_cret}", "did you mean \"national_cert\"?" },
	{ WHEN, "when: {^life_safety: true}", "there is no key \"life_safety\" in this condition" },
	{ "operational, src: L1", "^retired, src: L1", "there is no lifecycle state \"retired\"" },
	{ "tlp_default: AMBER", "tlp_default: ^ORANGE", "there is no TLP label \"ORANGE\"" },
	{ "release_default: named", "release_default: ^unnamed", "there is no source release \"unnamed\"" },
	/* anchors and deadlines */
	{ "anchor: detected,", "anchor: ^detekted,", "there is no anchor \"detekted\"" },
	{ "anchor: detected,", "anchor: ^report.sent,", "a step is an anchor as report.submitted" },
	{ "anchor: detected,", "anchor: ^final.submitted,", "this duty has no step \"final\"" },
	{ "anchor: detected,", "anchor: ^\"earliest(detected\",", "lacks its closing bracket" },
	{ "anchor: detected,", "anchor: ^[detected],", "an anchor has to be a word" },
	{ DEADLINE, "deadline: ^{anchor: detected}", "needs both anchor and add" },
	{ DEADLINE, "deadline: ^{anchor: detected, add: {hours: 1}, min: []}", "a deadline is one of" },
	{ DEADLINE, "deadline: ^{min: [{anchor: detected, add: {hours: 1}}]}", "at least two deadlines" },
	{ DEADLINE, "deadline: ^{if: {cii: true}, then: null}", "needs if, then and else" },
	{ ADD, "^{hours: 1, minutes: 5}", "exactly one of minutes" },
	{ ADD, "^{}", "exactly one of minutes" },
	{ ADD, "^{hours: 1, end_of_day: true}", "cannot end with the day" },
	{ ADD, "^{days: 1, calendar: bank}", "only business_days use a calendar" },
	{ ADD, "{hours: ^-1}", "\"hours\" has to be a whole number from 1" },
	{ ADD, "{hours: ^\"6\"}", "\"hours\" has to be a whole number" },
	{ ADD, "{hours: ^1.5}", "\"hours\" has to be a whole number" },
	{ "- id: report\n        title: Form CSE-I\n        " DEADLINE,
	  "- ^id: report\n        title: Form CSE-I", "a step has either a deadline" },
	{ "- id: report\n        title: Form CSE-I\n        " DEADLINE,
	  "- ^id: report\n        title: Form CSE-I\n        deadline: null", "needs \"from\"" },
	/* ids and values */
	{ "  - id: CSE-II", "  - id: ^CSE-I", "two entries of kind duty have the id \"CSE-I\"" },
	{ "  - id: CSE-II", "  - id: ^CSE II", "may hold only" },
	{ "{id: major, title: Major}]", "{id: ^minor, title: Major}]", "two entries of kind band" },
	{ "{date: 2026-04-13,", "{date: ^2026-04-31,", "has to be a date" },
	{ "weekend: [sat, sun]", "weekend: ^[sat, sunday]", "is no weekday" },
	{ "weekend: [sat, sun]", "weekend: ^[mon, tue, wed, thu, fri, sat, sun]", "without a working day" },
	{ "kind: national_cert", "kind: ^national", "has to be one of: oversight, national_cert" },
	{ "on: period", "on: ^quarter", "has to be one of: incident, report" },
	{ "minutes: 330", "minutes: ^5:30", "has to be a whole number" },
	{ "direction: ltr", "direction: ^up", "has to be one of: ltr, rtl" },
	{ "tiers: [{id: national, level: 0, title: National, src: L1}]", "tiers: ^[]", "at least one tier" },
	{ "title: Director Bank Supervision", "title: {^ur: نگران}", "the first language has to be \"en\"" },
	{ "title: Director Bank Supervision", "title: {en: Director, ^fr: Chef}",
	  "there is no language \"fr\"" },
	{ "notice: Test data.", "notice: ^[]", "has to be text, or a map" },
	{ "        every_months: 3", "        repeat: ^yes", "has to be true or false" },
};

static const struct fault faults_of_pakistan[] = {
	{ "  min: 325\n", "  min: 324\n", "add up to 325 at least and 3400 at most" },
	{ "value: 35, title: Banking and finance", "value: ^101, title: Banking and finance",
	  "from 0 to 100" },
	{ "{id: medium, min: 50,", "{id: medium, min: 35,", "bands go from the mildest up" },
	{ "{id: baseline, min: 0,", "{id: baseline, min: 1,", "has to begin at 0" },
	{ "    - {id: low, min: 35,",
	  "    - {id: a, min: 1, colour: red, title: A}\n    - {id: b, min: 2, colour: red, title: B}\n"
	  "    - {id: c, min: 3, colour: red, title: C}\n    - {id: d, min: 4, colour: red, title: D}\n"
	  "    - {id: e, min: 5, colour: red, title: E}\n    - {id: low, min: 35,",
	  "there are 11 bands; at most 10" },
	{ "      at_least: severe\n", "      at_least: severe\n      raise_bands: 1\n",
	  "a floor has exactly one of" },
	{ "      at_least: severe\n", "      at_least: ^worse\n", "there is no band \"worse\"" },
	{ "value_min: {category: functional_impact,", "value_min: {category: ^functional_impct,",
	  "did you mean \"functional_impact\"?" },
	{ "      assume: The score does not know of people; somebody's life outranks it.\n", "",
	  "this floor has neither src nor assume" },
	{ "years: 5, assume: No period was found; five years.", "years: 5",
	  "this retention period has neither" },
	{ "  - {what: raw_submission, days: 180,", "  - ^{what: raw_submission, days: 180, years: 1,",
	  "exactly one of days, months, years" },
	{ "uncertain: true, src: S03}\n    - {id: commerce", "uncertain: true}\n    - {id: commerce",
	  "this seat has neither" },
	{ "    always: true\n    assume: A report goes to the team that is responsible.\n",
	  "    always: true\n",
	  "this sharing rule has neither" },
	{ "    acts_as: [govcert, ciicert]", "    acts_as: govcert", "does not say in acts_as" },
	{ "    parent: ncert\n", "    parent: fedcert\n", "lead round in a ring" },
	{ "    acting_body: ncert\n    status: acting\n    src: [S03, S07]\n  - id: ciicert",
	  "    parent: punjab\n    status: acting\n    src: [S03, S07]\n  - id: ciicert",
	  "does not name this team" },
	{ "    sector: banking\n    title", "    title", "a sectoral_cert needs a sector" },
	{ "    sector: banking\n    title", "    sector: telecom\n    title",
	  "already answers for the same constituency" },
	{ "    province: pb\n", "", "a provincial_cert needs a province" },
	{ "holder: Ministry of Defence, src: S00}", "holder: Ministry of Defence, chair: true, src: S00}",
	  "more than one seat is the chair" },
	{ "    by: team\n    team: ciicert\n", "    by: sector\n    team: ciicert\n",
	  "names a team if, and only if" },
	{ "    notify: next_on_rota", "    notify: ^next_on_rotas", "did you mean \"next_on_rota\"?" },
	{ "    band_min: medium\n", "", "exactly one of band_min" },
	{ "        reminders: 15m", "        reminders: ^15 minutes", "has to be such as 30m" },
	{ "        advisory_target: {anchor: aware, add: {hours: 72}}", "        advisory_target: ^null",
	  "advisory_target is a deadline" },
	{ "cii_grade: A,", "cii_grade: ^D,", "there is no grade \"D\"" },
};

static str with_fault(struct arena *a, str text, const struct fault *f, int *out_line, int *out_column)
{
	ptrdiff_t where = str_find(text, str_from(f->from));
	ASSERT(where >= 0);
	str_cut_result mark = str_cut(str_from(f->to), '^');
	str before = arena_printf(a, STR_FMT STR_FMT, STR_ARG(str_sub(text, 0, where)), STR_ARG(mark.head));
	*out_line = *out_column = 0;
	if (mark.ok) {
		*out_line = 1;
		for (ptrdiff_t i = 0; i < before.len; i++) {
			bool begins = (before.ptr[i] & 0xc0) != 0x80;
			*out_column = before.ptr[i] == '\n' ? 0 : *out_column + begins;
			*out_line += before.ptr[i] == '\n';
		}
		*out_column += 1;
	}
	return arena_printf(a, STR_FMT STR_FMT STR_FMT, STR_ARG(before), STR_ARG(mark.tail),
	                    STR_ARG(str_sub(text, where + (ptrdiff_t)strlen(f->from), text.len)));
}

static bool told(const struct regime_problems *p, const char *says, int line, int column)
{
	for (ptrdiff_t i = 0; i < p->count; i++)
		if (strstr(p->items[i].text.ptr, says) != NULL && p->items[i].is_error
		    && (line == 0 || (p->items[i].line == line && p->items[i].column == column)))
			return true;
	return false;
}

static void test_faults(const char *file, const struct fault *faults, ptrdiff_t count)
{
	for (ptrdiff_t i = 0; i < count; i++) {
		struct arena a;
		struct regime_problems problems;
		const struct regime *r = NULL;
		struct err err = { 0 };
		int line, column;
		arena_init(&a, 64 << 20, 256 << 20);
		str text = with_fault(&a, file_text(&a, file), &faults[i], &line, &column);
		bool ok = regime_load(&a, text, S("f"), &problems, &r, &err);
		if (!told(&problems, faults[i].says, line, column)) {
			fprintf(stderr, "%s, fault %td: \"%s\" was not told at %d:%d, but:\n", file, i,
			        faults[i].says, line, column);
			for (ptrdiff_t k = 0; k < problems.count; k++)
				fprintf(stderr, "  %d:%d: " STR_FMT "\n", problems.items[k].line,
				        problems.items[k].column,
				        STR_ARG(problems.items[k].text));
			ASSERT(false);
		}
		ASSERT(!ok && r == NULL && err.code == ERR_INPUT && problems.errors > 0);
		arena_done(&a);
	}
}

/* All problems in one pass, in the order of the file, and warnings that do not stop it. */
static void test_collects(struct arena *a)
{
	struct regime_problems p;
	const struct regime *r = NULL;
	struct err err = { 0 };
	str text = file_text(a, "test/cbsl.yaml");
	int line, column;
	text = with_fault(a, text, &(struct fault){ "anchor: detected,", "anchor: detekted,", "" }, &line,
	                  &column);
	text = with_fault(a, text, &(struct fault){ "  hub: cbsl", "  hub: nobody", "" }, &line, &column);
	text = with_fault(a, text, &(struct fault){ "weekend: [sat, sun]", "weekend: [sat, sunny]", "" },
	                  &line, &column);
	ASSERT(!regime_load(a, text, S("file.yaml"), &p, &r, &err) && p.errors == 3 && p.count == 3);
	ASSERT(p.items[0].line < p.items[1].line && p.items[1].line < p.items[2].line);
	ASSERT(strstr(err.text, "file.yaml:") && strstr(err.text, "(errors: 3)"));
	text = with_fault(a, file_text(a, "test/cbsl.yaml"), &(struct fault){ "sources:\n",
	                  "sources:\n  - {id: L9, title: Nobody cites me}\n", "" }, &line, &column);
	ASSERT(regime_load(a, text, S("f"), &p, &r, &err) && p.count == 1 && p.errors == 0
	       && !p.items[0].is_error);
	ASSERT(strstr(p.items[0].text.ptr, "L9"));
}

static void test_identity(struct arena *a)
{
	const struct regime *r = regime_from(a, "pakistan-2023.yaml");
	ASSERT(str_eq(r->id, S("PK-CERT-RULES-2023")) && str_eq(r->number_prefix, S("PK-NCERT"))
	       && r->offset_minutes == 300);
	ASSERT(str_find(r->notice.text, S("was not seen")) > 0
	       && str_starts(r->notice.text, S("Unofficial")));
	ASSERT(str_starts(regime_label_in(&r->notice, S("ur")), S("غیر سرکاری")));
	ASSERT(str_eq(regime_label_in(&r->title, S("fr")), r->title.text));
	ASSERT(r->languages_count == 2 && r->languages[1].direction == RIGHT_TO_LEFT);
	ASSERT(r->teams_count == 21 && r->council.seats_count == 16 && r->council.sizes_reported_count == 2);
	ASSERT(r->council.seats[0].chair && r->council.quorum_percent == 50
	       && r->council.quorum_origin.assumed);
	ASSERT(str_eq(r->marking.tlp_default, S("AMBER")) && r->marking.classifications_count == 5);
	ASSERT(r->cii.grades_count == 3 && r->cii.review_months == 12 && r->gateway.content_forbidden);
	ASSERT(r->retention_count == 3 && r->retention[0].years == 5 && r->escalation_count == 5
	       && r->sharing_count == 5);
	ASSERT(r->calendars[0].weekend[5] && r->calendars[0].weekend[6] && !r->calendars[0].weekend[4]);
	const struct regime_team *ncert = regime_team_find(r, S("PKCERT"));
	ASSERT(ncert == regime_team_find(r, S("ncert")) && str_eq(ncert->number_prefix, S("PK-NCERT")));
	ASSERT(str_eq(regime_team_find(r, S("telecom"))->number_prefix, S("PK-TELECOM")));
	ASSERT(regime_team_find(r, S("nobody")) == NULL
	       && str_eq(regime_title(r, S("pta")), S("Pakistan Telecommunication Authority")));
	ASSERT(ncert->origin.sources_count == 4 && !ncert->origin.assumed
	       && str_starts(ncert->origin.text, S("source: ")));
	ASSERT(regime_team_find(r, S("defence"))->origin.assumed);
	struct regime_tally t = regime_count(r);
	ASSERT(t.duties == 10 && t.steps == 14 && t.sourced + t.weak + t.assumed == 14 && t.weak == 1
	       && t.assumed == 6);
}

static void test_routing(struct arena *a)
{
	static const struct { struct regime_party party; const char *team, *handler, *says; } cases[] = {
		{ { .sector = { "telecom", 7 }, .org_class = { "private", 7 } }, "telecom", "telecom",
		  "answers for the sector" },
		{ { .sector = { "banking", 7 }, .cii = true }, "banking", "banking", "status: planned" },
		{ { .sector = { "health", 6 }, .province = { "pb", 2 }, .org_class = { "government", 10 } },
		  "punjab", "punjab",
		  "answers for the province" },
		{ { .province = { "pb", 2 }, .org_class = { "private", 7 } }, "ncert", "ncert",
		  "everybody-else" },
		{ { .org_class = { "government", 10 } }, "govcert", "ncert", "acts for it" },
		{ { .org_class = { "private", 7 }, .cii = true }, "ciicert", "ncert",
		  "critical-infrastructure" },
		{ { .org_class = { "individual", 10 } }, "ncert", "ncert", "assumed: " },
		{ { .cii = false }, "ncert", "ncert", "everybody-else" },
	};
	const struct regime *r = regime_from(a, "pakistan-2023.yaml");
	for (ptrdiff_t i = 0; i < COUNTOF(cases); i++) {
		struct regime_assignment x = regime_team_for(r, &cases[i].party, a);
		ASSERT(str_eq(x.team->id, str_from(cases[i].team))
		       && str_eq(x.handler->id, str_from(cases[i].handler)));
		ASSERT(str_find(x.why, str_from(cases[i].says)) >= 0);
	}
	const struct regime *lk = regime_from(a, "test/cbsl.yaml");
	struct regime_assignment x = regime_team_for(lk, &cases[0].party, a);
	ASSERT(x.rule == NULL && str_eq(x.team->id, S("cbsl")) && str_find(x.why, S("the hub takes it")) > 0);
}

static void test_above(struct arena *a)
{
	const struct regime *r = regime_from(a, "pakistan-2023.yaml");
	const struct regime_team *ncert = regime_team_find(r, S("ncert"));
	ASSERT(regime_team_above(r, ncert) == NULL);
	ASSERT(regime_team_above(r, regime_team_find(r, S("telecom"))) == ncert);
	/* through govcert, which ncert acts for */
	ASSERT(regime_team_above(r, regime_team_find(r, S("punjab"))) == ncert);
	ASSERT(regime_team_above(r, regime_team_find(r, S("govcert"))) == ncert);
	for (ptrdiff_t i = 0; i < r->teams_count; i++) {
		int steps = 0;
		for (const struct regime_team *t = &r->teams[i]; t != NULL; t = regime_team_above(r, t))
			ASSERT(++steps < 10);
	}
}

/* The file with one place changed, which has to load. */
static const struct regime *changed(struct arena *a, const char *file, const char *from, const char *to)
{
	struct regime_problems problems;
	const struct regime *r = NULL;
	struct err err = { 0 };
	int line, column;
	str text = with_fault(a, file_text(a, file), &(struct fault){ from, to, "" }, &line, &column);
	bool ok = regime_load(a, text, str_from(file), &problems, &r, &err);
	if (!ok)
		fprintf(stderr, "%s\n", err.text);
	ASSERT(ok);
	return r;
}

static void test_route_via(struct arena *a)
{
	const struct regime *r = changed(a, "pakistan-2023.yaml", "    host: PITB\n    route_via: govcert\n",
	                                 "    host: PITB\n    parent: ncert\n    route_via: telecom\n");
	ASSERT(regime_team_above(r, regime_team_find(r, S("punjab"))) == regime_team_find(r, S("telecom")));
}

/* Bits of a case: a bank, critical, grade A, severe, ongoing, with a sectoral CERT. */
enum { IS_BANK = 1, IS_CRITICAL = 2, IS_GRADE_A = 4, IS_SEVERE = 8, IS_ONGOING = 16, HAS_SECTORAL = 32 };

static bool duty_applies(const struct regime *r, unsigned bits, struct arena *a)
{
	static const str ongoing = { "ongoing", 7 };
	struct duty_facts f = { .events = EVENT_INCIDENT, .flags = &ongoing,
		.flags_count = (bits & IS_ONGOING) != 0 };
	const struct duty_clock *clocks;
	ptrdiff_t n = -1;
	struct err err;
	f.party.org_class = bits & IS_BANK ? S("regulated_entity") : S("private");
	f.party.cii = bits & IS_CRITICAL;
	f.party.cii_grade = bits & IS_GRADE_A ? S("A") : S("C");
	f.band = bits & IS_SEVERE ? S("severe") : S("low");
	f.has_team = bits & HAS_SECTORAL;
	f.team_kind = TEAM_SECTORAL_CERT;
	ASSERT(regime_plan(r, &f, a, &clocks, &n, &err));
	for (ptrdiff_t i = 0; i < n; i++)
		if (str_eq(clocks[i].duty->id, S("PK-INC-GEN")))
			return true;
	return false;
}

static void test_conditions(struct arena *a)
{
	static const struct { const char *when; unsigned bits; bool applies; } cases[] = {
		{ "{}", 0, true },
		{ "{org_class: [regulated_entity, licensee]}", IS_BANK, true },
		{ "{org_class: [regulated_entity, licensee]}", 0, false },
		{ "{not: {org_class: regulated_entity}}", IS_BANK, false },
		{ "{not: {org_class: regulated_entity}}", 0, true },
		{ "{cii: false}", IS_CRITICAL, false }, { "{cii: false}", 0, true },
			{ "{cii: true}", 0, false },
		{ "{cii_grade: [A, B]}", IS_CRITICAL | IS_GRADE_A, true },
		{ "{cii_grade: [A, B]}", IS_CRITICAL, false },
		{ "{cii_grade: [A, B]}", IS_GRADE_A, false },           /* a grade of nothing */
		{ "{band_min: high}", IS_SEVERE, true }, { "{band_min: high}", 0, false },
		{ "{band_min: low}", 0, true }, { "{band_min: emergency}", IS_SEVERE, false },
		{ "{flag: ongoing}", IS_ONGOING, true }, { "{flag: ongoing}", 0, false },
		{ "{team_kind: sectoral_cert}", HAS_SECTORAL, true },
			{ "{team_kind: sectoral_cert}", 0, false },
		{ "{all: [{cii: true}, {flag: ongoing}]}", IS_CRITICAL | IS_ONGOING, true },
		{ "{all: [{cii: true}, {flag: ongoing}]}", IS_CRITICAL, false },
		{ "{any: [{cii: true}, {flag: ongoing}]}", IS_CRITICAL, true },
		{ "{any: [{cii: true}, {flag: ongoing}]}", 0, false },
		{ "{cii: true, any: [{band_min: high}, {flag: ongoing}], not: {cii_grade: A}}",
		  IS_CRITICAL | IS_SEVERE, true },
		{ "{cii: true, any: [{band_min: high}, {flag: ongoing}], not: {cii_grade: A}}",
		  IS_CRITICAL | IS_SEVERE | IS_GRADE_A, false },
		{ "{has_province: true}", IS_CRITICAL, false }, { "{has_province: false}", 0, true },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(cases); i++) {
		str when = arena_printf(a, "when: %s\n    status: draft\n    status_note: A", cases[i].when);
		const struct regime *r = changed(a, "pakistan-2023.yaml",
		                                 "when: {cii: false}\n    status: draft\n    status_note: A",
		                                 	when.ptr);
		bool applies = duty_applies(r, cases[i].bits, a);
		if (applies != cases[i].applies)
			fprintf(stderr, "%s with %#x: %d\n", cases[i].when, cases[i].bits, applies);
		ASSERT(applies == cases[i].applies);
	}
}

/* One branch has a number, the other has none: then it is without delay, and waits for nothing. */
static void test_null_branch(struct arena *a)
{
	const struct regime *r = changed(a, "test/cbsl.yaml", DEADLINE,
		"deadline: {if: {flag: ongoing}, then: null, else: {anchor: detected, add: {hours: 1}}}");
	static const str ongoing = { "ongoing", 7 };
	struct duty_facts f = { .party = { .org_class = S("licensed_bank") }, .events = EVENT_INCIDENT };
	const struct duty_clock *clocks;
	ptrdiff_t n;
	struct err err;
	ASSERT(regime_plan(r, &f, a, &clocks, &n, &err) && n == 1 && clocks[0].state == CLOCK_WAITING);
	f.flags = &ongoing;
	f.flags_count = 1;
	ASSERT(regime_plan(r, &f, a, &clocks, &n, &err) && n == 1);
	ASSERT(clocks[0].state == CLOCK_ARMED && !clocks[0].has_due && !clocks[0].has_start);
}

static void test_check(struct arena *a)
{
	struct buf out;
	int line, column;
	buf_init(&out, a, 1 << 16);
	ASSERT(regime_check(file_text(a, "pakistan-2023.yaml"), S("pk.yaml"), false, a, &out));
	ASSERT(str_starts(buf_str(&out), S("pk.yaml: PK-CERT-RULES-2023 0.2-draft: 10 duties with 14 steps: "
	                                   "7 sourced, ")));
	str bad = with_fault(a, file_text(a, "test/cbsl.yaml"),
	                     &(struct fault){ "  hub: cbsl", "  hub: ^hub", "" }, &line, &column);
	buf_init(&out, a, 1 << 16);
	ASSERT(!regime_check(bad, S("x.yaml"), false, a, &out));
	str want = arena_printf(a, "x.yaml:%d:%d: error: there is no team \"hub\"\n", line, column);
	ASSERT(str_starts(buf_str(&out), want) && str_ends(buf_str(&out),
	                                                   S("x.yaml: 1 errors: this regime cannot be "
	                                                     "used\n")));
	buf_init(&out, a, 1 << 16);
	ASSERT(!regime_check(S("a: [\n"), S("x.yaml"), false, a, &out));
	ASSERT(str_starts(buf_str(&out), S("x.yaml:2:1: error: "))
	       && str_find(buf_str(&out), S("line 2")) < 0);
	buf_init(&out, a, 1 << 16);
	ASSERT(!regime_check(bad, S("x.yaml"), true, a, &out));
	ASSERT(str_find(buf_str(&out), S("\"errors\": 1")) > 0
	       && str_find(buf_str(&out), S("\"usable\": false")) > 0);
}

int main(void)
{
	struct arena a;
	arena_init(&a, 128 << 20, 256 << 20);
	test_faults("test/cbsl.yaml", faults_of_cbsl, COUNTOF(faults_of_cbsl));
	test_faults("pakistan-2023.yaml", faults_of_pakistan, COUNTOF(faults_of_pakistan));
	test_collects(&a);
	test_identity(&a);
	test_routing(&a);
	test_above(&a);
	test_route_via(&a);
	test_conditions(&a);
	test_null_branch(&a);
	(void)regime_from(&a, "india-certin.yaml");
	test_check(&a);
	arena_done(&a);
	return 0;
}
