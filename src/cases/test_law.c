/* A case keeps the law it was opened under: when a newer regime is adopted, its clocks and severity go on by
 * the old one, also when a fact is corrected later; new cases follow the new one. */
#include "cases/incident.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "access/identity.h"
#include "cases/intake.h"
#include "cases/parties.h"
#include "cases_sql.h"
#include "crypto/random.h"
#include "directory/commands.h"
#include "format/json.h"
#include "query/view.h"
#include "regime/test_support.h"

struct stage {
	struct arena arena;
	struct world world;
	struct identity who;
	struct clock_fake clock;
	struct rng_seeded rng;
	struct writer *writer;
	struct db *db;
	struct uuid bank;
};

static void run(struct stage *s, bool (*decide)(struct decision *, void *, struct err *), void *arg)
{
	struct command c = { .name = "test",
			     .actor = s->who.account,
			     .regime = s->world.regime_id,
			     .decide = decide,
			     .arg = arg };
	bool ok = writer_run(s->writer, &c);
	if (!ok)
		(void)fprintf(stderr, "%s\n", c.err.text);
	ASSERT(ok);
}

static str changed(struct arena *a, str text, const char *from, const char *to)
{
	ptrdiff_t at = str_find(text, str_from(from));
	ASSERT(at >= 0);
	return arena_printf(a, STR_FMT "%s" STR_FMT, STR_ARG(str_sub(text, 0, at)), to,
			    STR_ARG(str_sub(text, at + (ptrdiff_t)strlen(from), text.len)));
}

/* The shipped file, as two versions: a day and a band from 65, then six hours and from 20. */
static const struct regime *version(struct arena *a, bool second)
{
	struct regime_problems problems;
	const struct regime *r;
	struct err err;
	str text = file_text(a, "pakistan-2023.yaml");
	text = changed(a, text, "version: 0.2-draft", second ? "version: \"2\"" : "version: \"1\"");
	text = changed(a, text, "deadline: {anchor: aware, add: {hours: 6}}",
		       second ? "deadline: {anchor: aware, add: {hours: 6}}"
			      : "deadline: {anchor: aware, add: {hours: 24}}");
	if (second) {
		text = changed(a, text, "{id: low, min: 35,", "{id: low, min: 1,");
		text = changed(a, text, "{id: medium, min: 50,", "{id: medium, min: 2,");
		text = changed(a, text, "{id: high, min: 65,", "{id: high, min: 3,");
	}
	ASSERT(regime_load(a, text, S("test"), &problems, &r, &err));
	return r;
}

static struct uuid bank(struct stage *s)
{
	struct directory_command c = { .regime = s->world.regime,
				       .who = &s->who,
				       .act = DIRECTORY_SET,
				       .set = { S("Demo Bank"), S("private"), S("banking"), S(""), S("A") } };
	run(s, directory_decide, &c);
	return c.made;
}

struct one {
	struct uuid id, party;
};

static struct one opened(struct stage *s, const char *title)
{
	struct incident_open open = {
		.world = &s->world, .who = &s->who, .title = str_from(title), .arena = &s->arena
	};
	run(s, incident_open_decide, &open);
	struct party_add add = { .world = &s->world,
				 .who = &s->who,
				 .incident = open.id,
				 .organisation = s->bank,
				 .role = S("affected") };
	run(s, party_add_decide, &add);
	return (struct one){ open.id, add.made };
}

static void aware(struct stage *s, struct one x, const char *when)
{
	struct party_fact fact = { .world = &s->world,
				   .who = &s->who,
				   .incident = x.id,
				   .party = x.party,
				   .fact = S("aware"),
				   .at = at(when) };
	run(s, party_fact_decide, &fact);
}

static void score(struct stage *s, struct one x)
{
	struct json *severity = json_object(&s->arena), *factors = json_object(&s->arena);
	json_set_str(factors, "functional_impact", S("no_services"));
	json_set(severity, "factors", factors);
	struct incident_command c = { .world = &s->world,
				      .who = &s->who,
				      .act = INCIDENT_SCORE,
				      .incident = x.id,
				      .if_version = -1,
				      .severity = severity };
	run(s, incident_decide, &c);
}

static void expect_due(struct stage *s, struct one x, const char *due)
{
	struct sql_case_clocks_of_row *rows;
	struct err err;
	ptrdiff_t count, found = 0;
	ASSERT(sql_case_clocks_of(s->db, &s->arena, &(struct sql_case_clocks_of){ .subject = x.id }, &rows,
				  &count, &err));
	for (ptrdiff_t i = 0; i < count; i++) {
		if (!str_eq(rows[i].step, S("flash")))
			continue;
		ASSERT(rows[i].due.us == at(due).us);
		found++;
	}
	ASSERT(found == 1);
}

static struct json *shown(struct stage *s, struct uuid id)
{
	struct view v = { .db = s->db,
			  .a = &s->arena,
			  .who = &s->who,
			  .regime = s->world.regime,
			  .book = s->world.book,
			  .now = s->clock.at };
	struct record r;
	struct err err;
	ASSERT(release_scope(&s->arena, &s->who, &v.scope, &err));
	v.team = scope_team(v.scope);
	ASSERT(view_incident(&v, id, &r, &err));
	return r.fields;
}

static void expect_law(struct stage *s, struct uuid id, str number)
{
	ASSERT(str_eq(json_get_str(json_get(shown(s, id), "regime"), "version"), number));
}

static str band(struct stage *s, struct one x)
{
	return json_get_str(json_get(shown(s, x.id), "severity"), "band");
}

static void stage_init(struct stage *s, const char *store, const struct regime *first)
{
	struct err err;
	*s = (struct stage){ .world = { .regime = first,
					.regime_id = S("PK-CERT-RULES-2023/1"),
					.team = S("ncert"),
					.prefix = S("TU"),
					.secret = S("0123456789abcdef0123456789abcdef"),
					.mail_domain = S("cert.example") },
			     .who = { .account = { { 0xaa } },
				      .login = S("x"),
				      .name = S("x"),
				      .team = S("ncert"),
				      .roles = ROLE_HANDLER | ROLE_LEAD | ROLE_DIRECTORY,
				      .scopes = ~0u } };
	arena_init(&s->arena, 64 << 20, 256 << 20);
	clock_fake_init(&s->clock, at("2026-03-07T10:00:00Z"));
	rng_seeded_init(&s->rng, S("law"));
	ASSERT(commit_create_store(store, &err));
	ASSERT(writer_open(
		(struct writer_options){ .store = store, .clock = &s->clock.clock, .rng = &s->rng.rng },
		&s->writer, &err));
	ASSERT(db_open(store, (struct db_options){ .read_only = true }, &s->db, &err));
	s->bank = bank(s);
}

static void adopt(struct stage *s, const struct regime *const *versions)
{
	s->world.book = (struct regime_book){ versions, 2 };
	s->world.regime = versions[1];
	s->world.regime_id = S("PK-CERT-RULES-2023/2");
}

/* A case that was split off goes on under the law of the one it was part of. */
static void split_keeps(struct stage *s, struct uuid old, const struct uuid *report)
{
	struct incident_command attach = { .world = &s->world,
					   .who = &s->who,
					   .act = INCIDENT_ATTACH,
					   .incident = old,
					   .if_version = -1,
					   .ids = report,
					   .id_count = 1 };
	run(s, incident_decide, &attach);
	struct incident_split split = { .world = &s->world,
					.who = &s->who,
					.incident = old,
					.if_version = -1,
					.reports = report,
					.report_count = 1,
					.title = S("A part"),
					.arena = &s->arena };
	run(s, incident_split_decide, &split);
	expect_law(s, split.id, S("1"));
}

static struct uuid reported(struct stage *s)
{
	struct err err;
	struct intake in = { .world = &s->world,
			     .channel = S("web"),
			     .title = S("A title"),
			     .text = S("phishing"),
			     .reporter_name = S("R"),
			     .reporter_contact = S("r@x.example") };
	ASSERT(intake_prepare(&in, &s->arena, &err));
	run(s, intake_decide, &in);
	return in.id;
}

static void play(struct stage *s, const struct regime *const *versions)
{
	struct one old = opened(s, "Before");
	aware(s, old, "2026-03-06T10:00:00Z");
	expect_due(s, old, "2026-03-07T10:00:00Z");

	adopt(s, versions);
	struct one new = opened(s, "After");
	aware(s, new, "2026-03-06T10:00:00Z");
	expect_due(s, new, "2026-03-06T16:00:00Z");
	aware(s, old, "2026-03-06T09:00:00Z"); /* corrected, under the new law: by the old one still */
	expect_due(s, old, "2026-03-07T09:00:00Z");
	expect_law(s, old.id, S("1"));
	expect_law(s, new.id, S("2"));

	score(s, old);
	score(s, new);
	str before = band(s, old), after = band(s, new);
	(void)printf("the same answers: " STR_FMT " before, " STR_FMT " after\n", STR_ARG(before),
		     STR_ARG(after));
	ASSERT(regime_band_rank(versions[1], before) < regime_band_rank(versions[1], after));
	expect_due(s, old, "2026-03-07T09:00:00Z");

	struct uuid report = reported(s);
	split_keeps(s, old.id, &report);
}

int main(void)
{
	char folder[] = "/tmp/naubat-law-XXXXXX", store[64];
	struct arena a;
	struct stage s;
	ASSERT(mkdtemp(folder) != NULL);
	(void)snprintf(store, sizeof(store), "%s/a.db", folder);
	arena_init(&a, 64 << 20, 256 << 20);
	const struct regime *const versions[] = { version(&a, false), version(&a, true) };
	stage_init(&s, store, versions[0]);
	play(&s, versions);
	db_close(s.db);
	writer_close(s.writer);
	arena_done(&s.arena);
	arena_done(&a);
	(void)unlink(store);
	return rmdir(folder) == 0 ? 0 : 1;
}
