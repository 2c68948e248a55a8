/* Reminders and alerts on a real store, by a clock that the test turns: who is told what, when, and once. */
#include "readers/ticker.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "access/identity.h"
#include "cases/incident.h"
#include "cases/intake.h"
#include "cases/message.h"
#include "cases/parties.h"
#include "cases/remind.h"
#include "cases/report.h"
#include "crypto/random.h"
#include "format/json.h"
#include "journal/journal.h"
#include "query/view.h"
#include "regime/test_support.h"
#include "release/release.h"

enum { MINUTE = 60 };

/* 2025-11-24 16:00:00Z, on the grid */
#define START ((struct instant){ SECONDS(1764000000) })

static struct stage {
	struct arena arena;
	const char *store;
	struct world world;
	struct clock_fake clock;
	struct rng_seeded rng;
	struct writer *writer;
	struct ticker *ticker;
	struct uuid amina, lead;
	struct duty_desk desk;
} s;

static void must(bool ok, const struct err *err)
{
	if (!ok)
		fprintf(stderr, "%s\n", err->text);
	ASSERT(ok);
}

static void run(struct uuid actor, bool (*decide)(struct decision *, void *, struct err *), void *arg)
{
	struct command c = {
		.name = "test", .actor = actor, .regime = s.world.regime_id, .decide = decide, .arg = arg
	};
	must(writer_run(s.writer, &c), &c.err);
}

static void add_account(struct decision *d, struct uuid id, const char *login, unsigned roles,
			const char *mail)
{
	struct json *p = json_object(d->arena), *words = json_object(d->arena);
	json_set_str(p, "login", str_from(login));
	json_set_str(p, "team", S("ncert"));
	json_set_int(p, "roles", roles);
	json_set_bool(p, "active", true);
	json_set_str(words, "name", str_from(login));
	json_set_str(words, "mail", str_from(mail));
	decision_add(d, (struct draft){ .kind = "account.set",
					.subject = id,
					.audience = SCOPE_NODE,
					.payload = p,
					.content = words });
}

static bool people_decide(struct decision *d, void *arg UNUSED, struct err *err UNUSED)
{
	s.amina = decision_new_id(d);
	s.lead = decision_new_id(d);
	add_account(d, s.amina, "amina", ROLE_HANDLER, "amina@ncert.example");
	add_account(d, s.lead, "rashid", ROLE_HANDLER | ROLE_LEAD, "rashid@ncert.example");
	return true;
}

static void open_ticker(void)
{
	struct err err = { 0 };
	struct ticker_options options = { .world = &s.world,
					  .store = s.store,
					  .writer = s.writer,
					  .clock = &s.clock.clock,
					  .by_hand = true };
	must(ticker_open(options, &s.ticker, &err), &err);
}

static void begin(const char *store, bool desk)
{
	struct err err = { 0 };
	s = (struct stage){ .store = store };
	arena_init(&s.arena, 64 << 20, 256 << 20);
	s.desk = (struct duty_desk){ S("ncert"), S("duty@ncert.example") };
	s.world = (struct world){ .regime = regime_from(&s.arena, "pakistan-2023.yaml"),
				  .regime_id = S("PK-CERT-RULES-2023/0.1"),
				  .team = S("ncert"),
				  .prefix = S("T"),
				  .secret = S("0123456789abcdef0123456789abcdef"),
				  .mail_domain = S("cert.example"),
				  .desks = &s.desk,
				  .desk_count = desk };
	clock_fake_init(&s.clock, START);
	rng_seeded_init(&s.rng, S("ticker"));
	must(commit_create_store(store, &err) &&
		     writer_open((struct writer_options){ .store = store,
							  .clock = &s.clock.clock,
							  .rng = &s.rng.rng },
				 &s.writer, &err),
	     &err);
	run(actor_system(), people_decide, NULL);
	open_ticker();
}

static void end(void)
{
	ticker_close(s.ticker);
	writer_close(s.writer);
	arena_done(&s.arena);
}

static struct intake report(void)
{
	struct err err = { 0 };
	struct intake in = { .world = &s.world,
			     .channel = S("web"),
			     .title = S("SECRET-TITLE"),
			     .text = S("SECRET-TEXT at 203.0.113.7"),
			     .reporter_name = S("SECRET-NAME"),
			     .reporter_contact = S("secret@x.example") };
	must(intake_prepare(&in, &s.arena, &err), &err);
	run(actor_public(), intake_decide, &in);
	return in;
}

static struct ticker_told turn(int64_t minute)
{
	struct ticker_told told;
	struct err err = { 0 };
	clock_fake_advance(&s.clock, START.us + MINUTES(minute) - s.clock.at.us);
	must(ticker_turn(s.ticker, &told, &err), &err);
	return told;
}

/* ---- the journal, read as anybody could */

static int64_t read_from;

struct seen {
	int mails, reminded, requests, alerted, late;
	char to[400], subject[400], text[20000];
};

static void look_at(struct seen *x, const struct entry *e)
{
	struct json *p;
	struct err err;
	must(json_parse(&s.arena, e->payload, (struct json_limits){ 0 }, &p, &err), &err);
	x->reminded += str_eq(e->kind, S("clock.reminded")) && json_count(json_get(p, "to")) > 0;
	x->requests += str_eq(e->kind, S("request.reminded"));
	x->alerted += str_eq(e->kind, S("team.alerted"));
	x->late += str_eq(e->kind, S("clock.settled")) && str_eq(json_get_str(p, "state"), S("late"));
	if (!str_eq(e->kind, S("message.content")))
		return;
	size_t n = strlen(x->to);
	x->mails++;
	(void)snprintf(x->to + n, sizeof(x->to) - n, STR_FMT " ", STR_ARG(json_get_str(p, "to")));
	(void)snprintf(x->subject, sizeof(x->subject), STR_FMT, STR_ARG(json_get_str(p, "subject")));
	(void)snprintf(x->text, sizeof(x->text), STR_FMT, STR_ARG(json_get_str(p, "text")));
}

/* What was added since the last time this was asked. */
static struct seen news(void)
{
	struct seen x = { 0 };
	struct db *db;
	struct err err = { 0 };
	struct entry *entries;
	ptrdiff_t count;
	must(db_open(s.store, (struct db_options){ .read_only = true }, &db, &err), &err);
	do {
		must(journal_read(db, &s.arena, read_from, 500, &entries, &count, &err), &err);
		for (ptrdiff_t i = 0; i < count; i++)
			look_at(&x, &entries[i]);
		read_from += count;
	} while (count == 500);
	db_close(db);
	return x;
}

static bool has(const char *text, const char *word)
{
	return strstr(text, word) != NULL;
}

static void check_words(const struct seen *x, str number)
{
	ASSERT(has(x->text, arena_cstr(&s.arena, number)));
	ASSERT(has(x->text, "assumed") && !has(x->text, "late since")); /* its times are targets: I3 */
	ASSERT(!has(x->text, "SECRET") && !has(x->text, "secret@") && !has(x->text, "203.0.113.7"));
	ASSERT(!has(x->subject, "SECRET"));
}

/* The acknowledgement of a report is due after half an hour in this regime, assumed; nobody takes it. */
static void test_unowned(const char *store)
{
	begin(store, true);
	struct intake in = report();
	(void)news();
	(void)turn(14);
	ASSERT(news().mails == 0);
	(void)turn(15); /* the regime: a quarter of an hour without anybody */
	struct seen x = news();
	ASSERT(x.alerted == 1 && x.mails == 1 && x.reminded == 0 && has(x.to, "duty@ncert.example"));
	ASSERT(has(x.text, arena_cstr(&s.arena, in.number)) && has(x.text, "15 min"));
	ASSERT(has(x.text, "A report that nobody has taken") && !has(x.text, "SECRET"));
	(void)turn(15);
	(void)turn(29);
	ASSERT(news().mails == 0);
	(void)turn(30); /* twice as long: the shift lead too; and the due time, told a moment later */
	x = news();
	ASSERT(x.late == 1 && x.reminded == 0 && x.alerted == 1 && x.mails == 2);
	ASSERT(has(x.to, "duty@ncert.example") && has(x.to, "rashid@ncert.example"));
	(void)turn(35);
	x = news();
	ASSERT(x.reminded == 1 && x.alerted == 0 && x.mails == 1 && has(x.to, "duty@ncert.example"));
	check_words(&x, in.number);
	ASSERT(has(x.text, "target (assumed) was") && has(x.text, "Acknowledge"));
	(void)turn(89);
	ASSERT(news().mails == 0);
	(void)turn(90);
	x = news();
	ASSERT(x.reminded == 1 && x.mails == 1 && !has(x.to, "rashid@"));
	(void)turn(150);
	x = news();
	ASSERT(x.reminded == 1 && x.mails == 2 && has(x.to, "rashid@ncert.example"));
	for (int m = 160; m < 700; m += 20) /* the other clock is due after a day */
		(void)turn(m);
	ASSERT(news().mails == 0);
	end();
}

static struct identity amina(void)
{
	return (struct identity){ .account = s.amina,
				  .login = S("amina"),
				  .name = S("amina"),
				  .team = S("ncert"),
				  .roles = ROLE_HANDLER,
				  .scopes = ~0u };
}

static void take(struct intake *in, enum report_act act)
{
	struct identity who = amina();
	struct report_command c = { .world = &s.world, .who = &who, .act = act, .report = in->id };
	run(s.amina, report_decide, &c);
}

/* The console's row says that somebody was reminded, to the coordinator's own people. */
static void check_shown(void)
{
	struct view v = { .a = &s.arena, .team = S("ncert"), .regime = s.world.regime, .now = s.clock.at };
	struct identity who = amina();
	struct err err = { 0 };
	struct record **clocks;
	struct uuid nobody = { { 0 } };
	ptrdiff_t count = 0;
	v.who = &who;
	must(db_open(s.store, (struct db_options){ .read_only = true }, &v.db, &err) &&
		     view_clock_board(&v, S("running"), INT64_MIN, nobody, 10, &clocks, &count, &err),
	     &err);
	ASSERT(count == 1 && json_get_int(json_get(clocks[0]->annex_fields, "reminded"), "count") == 1);
	ASSERT(json_get(clocks[0]->fields, "reminded") == NULL);
	db_close(v.db);
}

/* An owner is told at the due time itself; once taken nobody is alerted; released, after the time again. */
static void test_owned(const char *store)
{
	begin(store, true);
	struct intake in = report();
	(void)turn(2);
	take(&in, REPORT_TAKE);
	(void)news();
	(void)turn(200);
	ASSERT(news().mails == 0);
	(void)turn(720); /* half of the day that the first answer has */
	struct seen x = news();
	ASSERT(x.reminded == 1 && x.mails == 1 && has(x.to, "amina@ncert.example"));
	check_words(&x, in.number);
	ASSERT(has(x.text, "in 12 h 0 min"));
	check_shown();
	take(&in, REPORT_RELEASE);
	(void)turn(734);
	ASSERT(news().alerted == 0);
	(void)turn(735);
	x = news();
	ASSERT(x.alerted == 1 && has(x.to, "duty@ncert.example"));
	(void)turn(735);
	ASSERT(news().alerted == 0);
	end();
}

/* A request that is not answered is told to the owner of the case at its time, and again a day later. */
static void test_request(const char *store)
{
	begin(store, true);
	struct intake in = report();
	struct identity who = amina();
	struct incident_open open = { .world = &s.world,
				      .who = &who,
				      .title = S("SECRET-TITLE"),
				      .reports = &in.id,
				      .report_count = 1,
				      .arena = &s.arena };
	run(s.amina, incident_open_decide, &open);
	struct party_add party = { .world = &s.world,
				   .who = &who,
				   .incident = open.id,
				   .name = S("SECRET-NAME"),
				   .role = S("source"),
				   .address = S("secret@x.example") };
	run(s.amina, party_add_decide, &party);
	struct uuid made;
	struct message_send ask = { .world = &s.world,
				    .who = &who,
				    .incident = open.id,
				    .ids = &party.made,
				    .id_count = 1,
				    .subject = S("SECRET"),
				    .text = S("SECRET"),
				    .tlp = TLP_AMBER,
				    .request_hours = 2,
				    .made = &made };
	run(s.amina, message_send_decide, &ask);
	(void)turn(119);
	(void)news();
	(void)turn(120);
	struct seen x = news();
	ASSERT(x.requests == 1 && x.mails == 1 && has(x.to, "amina@ncert.example"));
	ASSERT(has(x.text, "A request to a party is not answered") && !has(x.text, "SECRET"));
	ASSERT(has(x.text, arena_cstr(&s.arena, open.number)));
	(void)turn(120);
	ASSERT(news().mails == 0);
	end();
}

/* Down for a day: one mail for all, with the newest; and killed or not, never twice. */
static void test_missed(const char *store)
{
	begin(store, true);
	for (int i = 0; i < 250; i++) /* more than a page */
		(void)report();
	(void)news();
	(void)turn(DAYS(3) / MINUTES(1));
	struct seen x = news();
	ASSERT(x.late >= 250 && x.alerted == 1); /* both steps had come: the last one is told */
	ASSERT(x.reminded >= 250 && x.reminded < 1000);
	ASSERT(x.mails < 20 && has(x.text, "more: the console shows all"));
	ticker_close(s.ticker);
	open_ticker();
	struct ticker_told told = turn(DAYS(3) / MINUTES(1) + 1);
	ASSERT(told.reminders == 0 && told.alerts == 0 && told.late == 0 && news().mails == 0);
	end();
}

/* While the wall clock has stepped, nothing is late and nobody is told; no desk: the shift lead. */
static void test_stepped(const char *store)
{
	struct err err = { 0 };
	struct ticker_told told;
	begin(store, false);
	(void)report();
	(void)news();
	s.clock.at.us += HOURS(5);
	must(ticker_turn(s.ticker, &told, &err), &err);
	struct seen x = news();
	ASSERT(told.late == 0 && told.reminders == 0 && told.alerts == 0 && x.mails == 0 && x.late == 0);
	s.clock.at.us -= HOURS(5);
	(void)turn(15);
	x = news();
	ASSERT(x.mails == 1 && has(x.to, "rashid@ncert.example"));
	end();
}

static const struct {
	const char *name;
	void (*test)(const char *store);
} tests[] = { { "unowned", test_unowned },
	      { "owned", test_owned },
	      { "request", test_request },
	      { "missed", test_missed },
	      { "stepped", test_stepped } };

static void on_sqlite(int i)
{
	static const char *const files[] = { "", "-wal", "-shm" };
	char folder[] = "/tmp/naubat-test-ticker-XXXXXX", path[200];
	ASSERT(mkdtemp(folder) != NULL);
	(void)snprintf(path, sizeof(path), "%s/a", folder);
	tests[i].test(path);
	for (ptrdiff_t k = 0; k < COUNTOF(files); k++) {
		(void)snprintf(path, sizeof(path), "%s/a%s", folder, files[k]);
		(void)unlink(path);
	}
	(void)rmdir(folder);
}

/* In a schema of its own, as test_db does. */
static void on_postgresql(int i, const char *url)
{
	struct err err = { 0 };
	struct db *db;
	char store[1000];
	(void)snprintf(store, sizeof(store), "%s%soptions=-csearch_path%%3Dtest_ticker", url,
		       strchr(url, '?') ? "&" : "?");
	must(db_open(url, (struct db_options){ 0 }, &db, &err), &err);
	must(db_script(db, "DROP SCHEMA IF EXISTS test_ticker CASCADE; CREATE SCHEMA test_ticker", &err),
	     &err);
	tests[i].test(store);
	must(db_script(db, "DROP SCHEMA test_ticker CASCADE", &err), &err);
	db_close(db);
}

int main(void)
{
	const char *url = getenv("NAUBAT_TEST_PG");
	for (int i = 0; i < COUNTOF(tests); i++) {
		read_from = 0;
		on_sqlite(i);
		read_from = 0;
		if (url)
			on_postgresql(i, url);
	}
	if (url == NULL)
		(void)puts("skipped: PostgreSQL part: NAUBAT_TEST_PG is not set");
	return 0;
}
