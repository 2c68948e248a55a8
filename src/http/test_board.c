/* Home, search and outbox under a scope: what another team has neither shows nor counts. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "access/identity.h"
#include "cases/incident.h"
#include "cases/intake.h"
#include "cases/report.h"
#include "directory/commands.h"
#include "format/json.h"
#include "query/board.h"
#include "regime/test_support.h"

struct side {
	struct world world;
	struct identity who;
	struct uuid reports[3];
	str numbers[3];
	struct uuid incident;
	int count;
};

struct desk {
	struct arena a;
	struct writer *writer;
	struct db *db;
	struct clock_fake clock;
	struct rng_seeded rng;
	struct side side[2];
	struct uuid bank;
};

static void run(struct desk *k, const struct identity *who,
		bool (*decide)(struct decision *, void *, struct err *), void *arg)
{
	struct command c = { .name = "test", .actor = who->account, .decide = decide, .arg = arg };
	bool ok = writer_run(k->writer, &c);
	if (!ok)
		fprintf(stderr, "%s\n", c.err.text);
	ASSERT(ok);
}

static void report(struct desk *k, struct side *s, const char *title)
{
	struct err err = { 0 };
	struct intake *in = NEW(&k->a, struct intake, 1);
	*in = (struct intake){ .world = &s->world,
			       .channel = S("api"),
			       .title = str_from(title),
			       .text = S("It came from 203.0.113.5 last night."),
			       .reporter_name = S("Somebody"),
			       .reporter_contact = S("somebody@example.org") };
	ASSERT(intake_prepare(in, &k->a, &err));
	clock_fake_advance(&k->clock, SECONDS(1));
	run(k, &s->who, intake_decide, in);
	s->reports[s->count] = in->id;
	s->numbers[s->count++] = in->number;
}

static void fill(struct desk *k)
{
	static const char *const titles[2][3] = {
		{ "Phishing of the bank portal", "Phishing mail", "Odd traffic" },
		{ "Phishing of the ministry", "Phishing by telephone", NULL }
	};
	struct identity keeper = { .team = S("ncert"), .roles = ROLE_DIRECTORY, .scopes = ~0u };
	struct directory_command set = { .regime = k->side[0].world.regime,
					 .who = &keeper,
					 .act = DIRECTORY_SET,
					 .set = { S("Demo Bank"), S("private"), S("banking"), S(""),
						  S("") } };
	run(k, &keeper, directory_decide, &set);
	k->bank = set.made;
	struct directory_command network = { .regime = k->side[0].world.regime,
					     .who = &keeper,
					     .act = DIRECTORY_NETWORK,
					     .organisation = k->bank,
					     .value = S("203.0.113.0/24") };
	run(k, &keeper, directory_decide, &network);
	for (int i = 0; i < 2; i++) {
		struct side *s = &k->side[i];
		for (int t = 0; t < 3 && titles[i][t]; t++)
			report(k, s, titles[i][t]);
		struct incident_open open = { .world = &s->world,
					      .who = &s->who,
					      .reports = s->reports,
					      .report_count = 1,
					      .arena = &k->a };
		run(k, &s->who, incident_open_decide, &open);
		s->incident = open.id;
	}
	struct report_command answer = { .world = &k->side[1].world,
					 .who = &k->side[1].who,
					 .act = REPORT_ANSWER,
					 .report = k->side[1].reports[1],
					 .text = S("Thank you.") };
	run(k, &k->side[1].who, report_decide, &answer);
}

static struct view view_for(struct desk *k, int i)
{
	struct side *s = &k->side[i];
	struct err err;
	struct view v = { .db = k->db,
			  .a = &k->a,
			  .who = &s->who,
			  .regime = s->world.regime,
			  .now = k->clock.at,
			  .mail_domain = S("naubat.example") };
	ASSERT(release_scope(&k->a, &s->who, &v.scope, &err));
	v.team = scope_team(v.scope);
	return v;
}

/* All that is found is the side's own, passes the gate, and is counted as often as it is there. */
static ptrdiff_t search(struct desk *k, int i, const str *values, ptrdiff_t count, int64_t limit)
{
	struct view v = view_for(k, i);
	struct search_query q = { .values = values, .value_count = count, .limit = limit, .cursor = S("") };
	struct search_page page;
	struct err err = { 0 };
	ptrdiff_t found = 0;
	do {
		const struct released *out;
		struct audience to = { .kind = AUDIENCE_PERSON, .person = v.who };
		bool ok = view_search(&v, &q, &page, &err);
		if (!ok)
			fprintf(stderr, "%s\n", err.text);
		ASSERT(ok);
		for (ptrdiff_t n = 0; n < page.count; n++) {
			ASSERT(release_check(&k->a, page.records[n], &to, &out, &err));
			ASSERT(str_eq(page.records[n]->coordinator, v.team));
		}
		found += page.count;
		q.cursor = page.next;
	} while (page.next.len);
	ASSERT(page.total == found && page.exact);
	return found;
}

static ptrdiff_t queue(struct desk *k, int i, enum queue_kind kind, const char *state)
{
	struct view v = view_for(k, i);
	struct queue_page page;
	struct err err;
	struct queue_filter f = {
		.kind = kind, .sort = SORT_RECEIVED, .band = -1, .state = str_from(state), .limit = 8
	};
	ASSERT(view_queue(&v, &f, &page, &err) && page.total == page.count);
	return page.count;
}

static void check_search(struct desk *k)
{
	const str phishing[] = { S("phishing"), S("bank") }, address = S("203.0.113.5");
	ASSERT(search(k, 0, phishing, 1, 1) == 3 &&
	       search(k, 1, phishing, 1, 1) == 3); /* two reports, one incident */
	ASSERT(search(k, 0, phishing, 2, 50) == 2 && search(k, 1, phishing, 2, 50) == 0);
	ASSERT(search(k, 0, &address, 1, 50) >= 3 && search(k, 1, &address, 1, 50) >= 2);
	ASSERT(search(k, 0, &address, 1, 2) == search(k, 0, &address, 1, 50));
	for (int i = 0; i < 2; i++) {
		ASSERT(search(k, i, &k->side[i].numbers[0], 1, 50) == 1);
		ASSERT(search(k, 1 - i, &k->side[i].numbers[0], 1, 50) == 0);
	}
}

static void check_clocks(struct desk *k)
{
	struct record *pressing;
	struct tally running[2], overdue[2];
	struct err err;
	for (int i = 0; i < 2; i++) {
		struct view v = view_for(k, i);
		ASSERT(view_pressing(&v, &pressing, &err) && pressing != NULL &&
		       str_eq(pressing->coordinator, v.team));
		str id = json_get_str(json_get(pressing->fields, "incident"), "id");
		bool own = str_eq(id, uuid_format(&k->a, k->side[i].incident));
		for (int n = 0; n < k->side[i].count; n++)
			own = own || str_eq(id, uuid_format(&k->a, k->side[i].reports[n]));
		ASSERT(own && view_running(&v, &running[i], &err) && view_overdue(&v, &overdue[i], &err));
		ASSERT(overdue[i].count == 0 && running[i].count > 0 && running[i].exact);
	}
	ASSERT(running[0].count != running[1].count);
	clock_fake_advance(&k->clock, DAYS(400));
	for (int i = 0; i < 2; i++) {
		struct view v = view_for(k, i);
		ASSERT(view_overdue(&v, &overdue[i], &err) && overdue[i].count == running[i].count);
	}
}

static void check_rest(struct desk *k)
{
	for (int i = 0; i < 2; i++) {
		struct view v = view_for(k, i);
		struct record **records;
		struct search_page outbox;
		struct err err;
		ptrdiff_t count;
		ASSERT(view_incidents_of(&v, k->bank, 50, &records, &count, &err));
		ASSERT(count == 1 && uuid_eq(records[0]->id, k->side[i].incident));
		ASSERT(view_outbox(&v, S(""), S(""), 0, &outbox, &err) && outbox.count == i &&
		       outbox.total == i);
		ASSERT(view_outbox(&v, S("sent"), S(""), 0, &outbox, &err) && outbox.count == 0);
		ASSERT(!view_outbox(&v, S(""), S("nonsense"), 0, &outbox, &err) && err.code == ERR_INPUT);
	}
	ASSERT(queue(k, 0, QUEUE_REPORTS, "new") == 2 && queue(k, 1, QUEUE_REPORTS, "new") == 1);
	ASSERT(queue(k, 0, QUEUE_INCIDENTS, "active") == 1 && queue(k, 1, QUEUE_INCIDENTS, "active") == 1);
}

int main(void)
{
	char dir[] = "/tmp/naubat-test-XXXXXX", store[64];
	struct desk k = { 0 };
	struct err err = { 0 };
	ASSERT(mkdtemp(dir) != NULL);
	snprintf(store, sizeof(store), "%s/a.db", dir);
	arena_init(&k.a, ARENA_HARD_DEFAULT, 1 << 30);
	clock_fake_init(&k.clock, (struct instant){ SECONDS(1764000000) });
	rng_seeded_init(&k.rng, S("board"));
	const struct regime *regime = regime_from(&k.a, "pakistan-2023.yaml");
	for (int i = 0; i < 2; i++) {
		str team = i ? S("govcert") : S("ncert");
		k.side[i].world = (struct world){ .regime = regime,
						  .regime_id = S("test/1"),
						  .team = team,
						  .prefix = S("DEMO"),
						  .secret = S("0123456789abcdef0123456789abcdef"),
						  .mail_domain = S("naubat.example") };
		k.side[i].who = (struct identity){ .team = team, .roles = ROLE_HANDLER, .scopes = ~0u };
		k.side[i].who.account.b[15] = (uint8_t)(i + 1);
	}
	ASSERT(commit_create_store(store, &err));
	ASSERT(writer_open(
		(struct writer_options){ .store = store, .clock = &k.clock.clock, .rng = &k.rng.rng },
		&k.writer, &err));
	ASSERT(db_open(store, (struct db_options){ .read_only = true }, &k.db, &err));
	fill(&k);
	ASSERT(commit_index_words(store, (struct rebuild_progress){ 0 }, &err));
	check_search(&k);
	check_rest(&k);
	check_clocks(&k);
	db_close(k.db);
	writer_close(k.writer);
	arena_done(&k.a);
	for (int t = 0; t < 3; t++) {
		char path[100];
		snprintf(path, sizeof(path), "%s%s", store, (const char *[]){ "", "-wal", "-shm" }[t]);
		(void)unlink(path);
	}
	return rmdir(dir) == 0 ? 0 : 1;
}
