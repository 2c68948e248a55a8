/* What a constituent sees, on a real store, through every read there is, on SQLite and on PostgreSQL.
 *
 * 1. Nothing of another organisation's, nor of the case, can be inferred.  A team works with two
 *    organisations at once, often in the same incident; then the same steps are played without one of them,
 *    and without the team's own words.  All that the other can read is the same bytes, and what it is told of
 *    ids that are not its own is the same as of ids that nobody has.
 * 2. Every word in the store says what it is and whose: those that come out are looked up.  A message's
 *    words come out only once that organisation has read it.
 * 3. A reader bound to the wrong organisation (a planted leak) is found by both, and by the gate.
 */
#include "cases/incident.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "access/identity.h"
#include "base/buf.h"
#include "cases/intake.h"
#include "cases/message.h"
#include "cases/parties.h"
#include "crypto/random.h"
#include "format/json.h"
#include "query/own.h"
#include "regime/test_support.h"

enum { ORGS = 2, INCIDENTS = 6, STEPS = 160, THINGS_MAX = 400, OUTPUT_MAX = 64 << 20 };
enum { PAGE = 3, LIST_MOST = 100 };

struct thing {
	struct uuid id;
	int org, step;
	bool is_message, read;
};

struct stage {
	struct arena arena;
	const char *store;
	const struct regime *regime;
	struct world world;
	struct identity officer, who[ORGS];
	struct clock_fake clock;
	struct rng_seeded rng;
	struct writer *writer;
	struct uuid incidents[INCIDENTS], party[INCIDENTS][ORGS];
	struct thing things[THINGS_MAX]; /* messages to, and reports of, the organisations */
	int count;
};

static int wrong;
static bool expecting; /* a planted leak is being looked for: complaints are counted, not printed */

static void complain(const char *what, str where)
{
	if (wrong++ < 20 && !expecting)
		fprintf(stderr, "%s: " STR_FMT "\n", what, STR_ARG(str_sub(where, 0, 300)));
}

static bool run(struct stage *s, const struct identity *who,
		bool (*decide)(struct decision *, void *, struct err *), void *arg)
{
	struct command c = { .name = "test",
			     .actor = who->account,
			     .regime = s->world.regime_id,
			     .decide = decide,
			     .arg = arg };
	if (!writer_run(s->writer, &c) && c.err.code != ERR_CONFLICT)
		complain("a command failed", str_from(c.err.text));
	return c.ok;
}

static str mark(struct stage *s, const char *kind, int org, int step)
{
	return arena_printf(&s->arena, "%s%c%dq", kind, 'A' + org, step);
}

static int choose(int step, int salt, int limit)
{
	uint64_t x = (uint64_t)step * 0x9e3779b97f4a7c15u + (uint64_t)salt * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 31)) * 0x94d049bb133111ebu;
	return (int)((x >> 33) % (uint64_t)limit);
}

static void begin_step(struct stage *s, int step)
{
	char seed[40];
	snprintf(seed, sizeof(seed), "step %d", step);
	rng_seeded_init(&s->rng, str_from(seed));
	s->clock.at = (struct instant){ SECONDS(1764000000 + 60 * step) };
}

/* ---- the ground: two organisations and some incidents, in every store the same */

static struct uuid org_id(int org)
{
	return (struct uuid){ { 0x0c, 0xff, (uint8_t)(1 + org) } };
}

static bool ground_decide(struct decision *d, void *arg UNUSED, struct err *err UNUSED)
{
	static const char *const texts[] = { "name", "class", "sector", "province", "cii", "team" };
	for (int org = 0; org < ORGS; org++) {
		const char *const values[] = { org ? "orgB" : "orgA", "regulated_entity", "banking", "sd",
			"B",
					       "banking" };
		struct json *p = json_object(d->arena);
		for (ptrdiff_t i = 0; i < COUNTOF(texts); i++)
			json_set_str(p, texts[i], str_from(values[i]));
		decision_add(d, draft_of("organisation.set", org_id(org), S("node"), TLP_CLEAR, p));
	}
	return true;
}

static void ground(struct stage *s)
{
	begin_step(s, 0);
	(void)run(s, &s->officer, ground_decide, NULL);
	for (int i = 0; i < INCIDENTS; i++) {
		struct incident_open c = { .world = &s->world,
					   .who = &s->officer,
					   .title = mark(s, "ttl", 2, i),
					   .arena = &s->arena };
		if (run(s, &s->officer, incident_open_decide, &c))
			s->incidents[i] = c.id;
	}
}

static void stage_init(struct stage *s, const char *store)
{
	struct err err = { 0 };
	*s = (struct stage){ .store = store };
	arena_init(&s->arena, 64 << 20, 512 << 20);
	s->regime = regime_from(&s->arena, "pakistan-2023.yaml");
	s->world = (struct world){ .regime = s->regime,
				   .regime_id = S("PK-CERT-RULES-2023/0.1"),
				   .team = S("ncert"),
				   .prefix = S("T"),
				   .secret = S("0123456789abcdef0123456789abcdef"),
				   .mail_domain = S("cert.example") };
	s->officer = (struct identity){ .account = { { 0xaa } },
					.login = S("x"),
					.name = S("officerX"),
					.team = S("ncert"),
					.roles = ROLE_HANDLER,
					.scopes = ~0u };
	for (int org = 0; org < ORGS; org++)
		s->who[org] = (struct identity){ .account = { { 0xbb, (uint8_t)org } },
						 .login = S("y"),
						 .name = S("y"),
						 .team = S(""),
						 .organisation = org_id(org),
						 .organisation_name = org ? S("orgB") : S("orgA"),
						 .roles = ROLE_CONSTITUENT,
						 .scopes = ~0u };
	clock_fake_init(&s->clock, (struct instant){ SECONDS(1764000000) });
	rng_seeded_init(&s->rng, S("start"));
	bool ok = commit_create_store(store, &err) &&
		  writer_open((struct writer_options){ .store = store,
						       .clock = &s->clock.clock,
						       .rng = &s->rng.rng },
			      &s->writer, &err);
	if (!ok)
		fprintf(stderr, "%s\n", err.text);
	ASSERT(ok);
	ground(s);
}

static void stage_done(struct stage *s)
{
	writer_close(s->writer);
	arena_done(&s->arena);
}

/* ---- what each step does: chosen by its number, and by what its organisation has */

static void add_thing(struct stage *s, struct uuid id, int org, int step, bool is_message)
{
	ASSERT(s->count < THINGS_MAX);
	s->things[s->count++] = (struct thing){ .id = id, .org = org, .step = step,
		.is_message = is_message };
}

static struct thing *some_thing(struct stage *s, int org, bool is_message, int step)
{
	struct thing *own[THINGS_MAX];
	int n = 0;
	for (int i = 0; i < s->count; i++)
		if (s->things[i].org == org && s->things[i].is_message == is_message)
			own[n++] = &s->things[i];
	return n ? own[choose(step, 3, n)] : NULL;
}

static void do_party(struct stage *s, int org, int step, int i)
{
	struct party_add p = { .world = &s->world,
			       .who = &s->officer,
			       .incident = s->incidents[i],
			       .organisation = org_id(org),
			       .role = S("affected") };
	if (!run(s, &s->officer, party_add_decide, &p))
		return;
	s->party[i][org] = p.made;
	struct party_fact aware = { .world = &s->world,
				    .who = &s->officer,
				    .incident = s->incidents[i],
				    .party = p.made,
				    .fact = S("aware"),
				    .said = S("officer"),
				    .at = s->clock.at };
	if (choose(step, 4, 4))
		(void)run(s, &s->officer, party_fact_decide, &aware);
}

static void do_tell(struct stage *s, int org, int step)
{
	static const enum tlp tlps[] = { TLP_AMBER, TLP_AMBER_STRICT, TLP_RED };
	int i = choose(step, 2, INCIDENTS);
	struct uuid made;
	struct message_send m = { .world = &s->world,
				  .who = &s->officer,
				  .incident = s->incidents[i],
				  .ids = &s->party[i][org],
				  .id_count = 1,
				  .subject = mark(s, "sub", org, step),
				  .text = mark(s, "msg", org, step),
				  .tlp = tlps[choose(step, 5, 3)],
				  .request_hours = choose(step, 6, 2) * 24,
				  .made = &made };
	if (uuid_is_nil(s->party[i][org]))
		do_party(s, org, step, i);
	if (run(s, &s->officer, message_send_decide, &m))
		add_thing(s, made, org, step, true);
}

static void do_own_message(struct stage *s, int org, int step)
{
	struct thing *t = some_thing(s, org, true, step);
	struct message_own c = { .who = &s->who[org], .acknowledge = choose(step, 7, 2) };
	struct message_in m = { .world = &s->world,
				.who = &s->who[org],
				.from = S("y"),
				.text = mark(s, "ans", org, step),
				.verified = true };
	if (t == NULL)
		return;
	m.answers = c.message = t->id;
	if (choose(step, 8, 3))
		t->read = run(s, &s->who[org], message_own_decide, &c) || t->read;
	else
		(void)run(s, &s->who[org], message_in_decide, &m);
}

static void do_report(struct stage *s, int org, int step)
{
	struct err err = { 0 };
	struct thing *t = some_thing(s, org, false, step);
	struct intake in = { .world = &s->world,
			     .channel = S("portal"),
			     .text = mark(s, "rep", org, step),
			     .reporter_name = mark(s, "who", org, step),
			     .organisation = org_id(org),
			     .verified = true };
	struct message_in m = { .world = &s->world,
				.who = &s->who[org],
				.from = S("y"),
				.text = mark(s, "add", org, step),
				.verified = true };
	if (t && choose(step, 9, 2)) {
		m.report = t->id;
		(void)run(s, &s->who[org], message_in_decide, &m);
	} else if (intake_prepare(&in, &s->arena, &err) && run(s, &s->who[org], intake_decide, &in)) {
		add_thing(s, in.id, org, step, false);
		/* Who only knew the number vouches for nobody: no organisation reads it. */
		struct message_in stranger = {
			.world = &s->world, .number = in.number, .from = S("z"), .text = S("strangerX")
		};
		ASSERT(run(s, &s->officer, message_in_decide, &stranger));
	}
}

static bool own_open(struct stage *s, const struct identity *who, struct arena *a, struct own *out)
{
	struct err err = { 0 };
	*out = (struct own){ .a = a, .regime = s->regime, .now = { SECONDS(1764000000 + 60 * STEPS) } };
	ASSERT(release_scope_organisation(&s->arena, who, &out->scope, &err));
	out->organisation = scope_organisation_id(out->scope);
	bool ok = db_open(s->store, (struct db_options){ .read_only = true }, &out->db, &err) &&
		  db_begin_read(out->db, &err);
	if (!ok)
		fprintf(stderr, "%s\n", err.text);
	return ok;
}

static void own_close(struct own *o)
{
	db_rollback(o->db);
	db_close(o->db);
}

static void do_submit(struct stage *s, int org, int step)
{
	struct own o;
	struct own_list duties;
	struct err err = { 0 };
	ASSERT(own_open(s, &s->who[org], &s->arena, &o) && own_duties(&o, S(""), 0, &duties, &err));
	own_close(&o);
	if (duties.count == 0)
		return;
	struct own_submission c = { .world = &s->world,
				    .who = &s->who[org],
				    .clock = duties.records[choose(step, 10, (int)duties.count)]->id,
				    .what = mark(s, "wha", org, step),
				    .effects = mark(s, "eff", org, step),
				    .measures = S(""),
				    .contact = mark(s, "con", org, step),
				    .detected = s->clock.at };
	(void)run(s, &s->who[org], own_submission_decide, &c);
}

/* The team's own words in the same incident: no organisation's. */
static void do_team(struct stage *s, int step)
{
	struct incident_command c = { .world = &s->world,
				      .who = &s->officer,
				      .act = INCIDENT_COMMENT,
				      .incident = s->incidents[choose(step, 2, INCIDENTS)],
				      .if_version = -1,
				      .text = mark(s, "com", 2, step) };
	(void)run(s, &s->officer, incident_decide, &c);
	if (choose(step, 11, 3) == 0) {
		c.act = INCIDENT_RETITLE;
		c.text = mark(s, "ttl", 2, step);
		(void)run(s, &s->officer, incident_decide, &c);
	}
}

/* `part`: of organisation A, of B, of the team alone. */
static void play(struct stage *s, const bool part[ORGS + 1])
{
	for (int step = 1; step < STEPS; step++) {
		int whose = step % (ORGS + 1), kind = choose(step, 1, 6);
		if (!part[whose])
			continue;
		begin_step(s, step);
		if (whose == ORGS)
			do_team(s, step);
		else if (kind < 2)
			do_tell(s, whose, step);
		else if (kind < 4)
			do_own_message(s, whose, step);
		else if (kind == 4)
			do_report(s, whose, step);
		else
			do_submit(s, whose, step);
	}
}

/* ---- everything that one organisation can read */

struct reader {
	struct own o;
	struct buf out;
	struct audience to;
	struct arena tmp;
};

static void say_list(struct reader *r, const struct own_list *list)
{
	const struct released *x;
	struct err err = { 0 };
	ptrdiff_t withheld = 0;
	ASSERT(release_list(&r->tmp, (const struct record *const *)list->records, list->count,
			    json_object(&r->tmp), &r->to, &x, &withheld, &err));
	buf_add(&r->out, released_json(&r->tmp, x));
	buf_printf(&r->out, "\nwithheld %td next " STR_FMT "\n", withheld, STR_ARG(list->next));
	if (withheld)
		complain("the gate had to withhold what a statement found", S("constituent"));
}

typedef bool read_list(struct own *o, str cursor, int64_t limit, struct own_list *out, struct err *err);

static void read_pages(struct reader *r, read_list *read)
{
	struct own_list page;
	struct err err = { 0 };
	char cursor[100] = "";
	do {
		arena_reset(&r->tmp);
		ASSERT(read(&r->o, str_from(cursor), PAGE, &page, &err));
		say_list(r, &page);
		snprintf(cursor, sizeof(cursor), STR_FMT, STR_ARG(page.next));
	} while (cursor[0]);
}

/* Pages give each line of the list once, in its order. */
static ptrdiff_t check_pages(struct reader *r, read_list *read)
{
	struct own_list whole, page = { 0 };
	struct err err = { 0 };
	ptrdiff_t at = 0;
	ASSERT(read(&r->o, S(""), LIST_MOST, &whole, &err) && whole.next.len == 0);
	do {
		ASSERT(read(&r->o, page.next, 1, &page, &err));
		for (ptrdiff_t i = 0; i < page.count; i++, at++)
			if (at == whole.count ||
			    !uuid_eq(page.records[i]->id, whole.records[at]->id))
				complain("a page has another line than the list", S(""));
	} while (page.next.len);
	if (at < whole.count)
		complain("lines of the list are on no page", S(""));
	return whole.count;
}

/* What is open, or due sooner, never comes after what is not. */
static void check_order(struct reader *r, read_list *read, const char *word, const char *open)
{
	struct own_list list;
	struct err err = { 0 };
	int64_t last = 0;
	bool done = false;
	ASSERT(read(&r->o, S(""), LIST_MOST, &list, &err));
	for (ptrdiff_t i = 0; i < list.count; i++) {
		const struct json *j = list.records[i]->fields;
		str state = json_get_str(j, word);
		bool is_open = str_eq(state, str_from(open)) || str_eq(state, S("overdue"));
		int64_t due = json_get_instant(j, "due_at").us;
		due = due ? due : INT64_MAX;
		if (is_open ? done : !done)
			last = 0;
		if ((is_open && done) || due < last)
			complain("a list is out of its order", str_from(open));
		last = due;
		done = !is_open;
	}
}

static void test_pages(struct stage *s, int org)
{
	struct reader r = { .to = { .kind = AUDIENCE_PARTY, .person = &s->who[org], .name = S("y") } };
	read_list *const lists[] = { own_messages, own_requests, own_duties, own_submissions, own_reports };
	arena_init(&r.tmp, 64 << 20, 256 << 20);
	ASSERT(own_open(s, &s->who[org], &r.tmp, &r.o));
	for (ptrdiff_t i = 0; i < COUNTOF(lists); i++)
		if (check_pages(&r, lists[i]) < 2)
			complain("a list is too short to have pages", S(""));
	check_order(&r, own_requests, "state", "open");
	check_order(&r, own_duties, "state", "running");
	own_close(&r.o);
	arena_done(&r.tmp);
}

static void say_one(struct reader *r, bool found, const struct record *x, const struct own_list *thread,
		    struct err *err)
{
	struct release_part part = { "thread", (const struct record *const *)thread->records, thread->count };
	const struct released *out;
	if (found && release_whole(&r->tmp, x, &part, 1, &r->to, &out, err))
		buf_add(&r->out, released_json(&r->tmp, out));
	else
		buf_printf(&r->out, "%d %s", (int)err->code, err->text);
	buf_add(&r->out, S("\n"));
}

static void read_one(struct reader *r, struct uuid id)
{
	struct record x;
	struct own_list thread = { 0 };
	struct err err = { 0 };
	arena_reset(&r->tmp);
	say_one(r, own_message(&r->o, id, &x, &thread, &err), &x, &thread, &err);
	thread = (struct own_list){ 0 };
	say_one(r, own_report(&r->o, id, &x, &thread, &err), &x, &thread, &err);
	thread = (struct own_list){ 0 };
	say_one(r, own_duty(&r->o, id, &x, &err), &x, &thread, &err);
}

/* `names`: whose things are asked for; `bound`: whose statements (another's: a planted leak). */
static str read_all(struct stage *s, int org, const struct stage *names, int bound)
{
	struct reader r = { .to = { .kind = AUDIENCE_PARTY, .person = &s->who[org], .name = S("y") } };
	struct tally unread;
	struct err err = { 0 };
	arena_init(&r.tmp, 64 << 20, 256 << 20);
	buf_init(&r.out, &s->arena, OUTPUT_MAX);
	ASSERT(own_open(s, &s->who[bound], &r.tmp, &r.o));
	read_pages(&r, own_messages);
	read_pages(&r, own_reports);
	read_pages(&r, own_requests);
	read_pages(&r, own_duties);
	read_pages(&r, own_submissions);
	ASSERT(own_unread(&r.o, &unread, &err));
	buf_printf(&r.out, "unread %lld\n", (long long)unread.count);
	for (int i = 0; i < names->count; i++)
		read_one(&r, names->things[i].id);
	for (int i = 0; i < INCIDENTS; i++) {
		read_one(&r, names->incidents[i]);
		for (int other = 0; other < ORGS; other++)
			read_one(&r, names->party[i][other]);
	}
	ASSERT(!r.out.over);
	own_close(&r.o);
	arena_done(&r.tmp);
	return buf_str(&r.out);
}

/* ---- words that say whose they are */

static bool was_read(const struct stage *s, int org, int step)
{
	for (int i = 0; i < s->count; i++)
		if (s->things[i].is_message && s->things[i].org == org && s->things[i].step == step)
			return s->things[i].read;
	return false;
}

static void check_words(const struct stage *s, str out, int org)
{
	int seen = 0;
	for (ptrdiff_t i = 0; i + 6 < out.len; i++) {
		char copy[20], kind[4], letter, end;
		int step;
		snprintf(copy, sizeof(copy), STR_FMT, STR_ARG(str_sub(out, i, i + 15)));
		if (sscanf(copy, "%3[a-z]%c%d%c", kind, &letter, &step, &end) != 4 || end != 'q' ||
			letter < 'A' ||
		    letter > 'C')
			continue;
		str line = str_sub(out, MAX(0, i - 120), i + 60);
		if (letter != 'A' + org)
			complain("words of another's, or of the team's own", line);
		else if ((strcmp(kind, "msg") == 0 || strcmp(kind, "sub") == 0) && !was_read(s, org, step))
			complain("a message's words before it was read", line);
		seen++;
		i += 5;
	}
	if (str_find(out, org ? S("orgA") : S("orgB")) >= 0 || str_find(out, S("officerX")) >= 0 ||
	    str_find(out, S("strangerX")) >= 0)
		complain("the name of another party, or of the team's people", S(""));
	if (seen < 10)
		complain("hardly anything of its own is seen", S(""));
}

static bool same(str one, str two)
{
	ptrdiff_t at = 0, n = MIN(one.len, two.len);
	while (at < n && one.ptr[at] == two.ptr[at])
		at++;
	if (at == one.len && at == two.len)
		return true;
	complain("what it reads depends on what the others did: among others", str_sub(one, MAX(0,
		at - 150), at + 100));
	complain("alone", str_sub(two, MAX(0, at - 150), at + 100));
	return false;
}

static void planted(struct stage *s)
{
	int before = wrong;
	expecting = true;
	(void)check_words(s, read_all(s, 0, s, 1), 0);
	expecting = false;
	printf("planted leak 'statements bound to another organisation': %s\n",
	       wrong > before ? "found" : "NOT FOUND");
	wrong = before + (wrong == before);
}

static void test_engine(const char *const stores[3], const char *engine)
{
	static struct stage all, alone;
	static const bool everybody[ORGS + 1] = { true, true, true };
	stage_init(&all, stores[0]);
	play(&all, everybody);
	for (int org = 0; org < ORGS; org++) {
		bool one[ORGS + 1] = { 0 };
		one[org] = true;
		stage_init(&alone, stores[1 + org]);
		play(&alone, one);
		str among = read_all(&all, org, &all, org);
		printf("%s, organisation %c: %td bytes read, %d things of %d\n", engine, 'A' + org, among.len,
		       alone.count, all.count);
		(void)same(among, read_all(&alone, org, &all, org));
		check_words(&all, among, org);
		test_pages(&all, org);
		stage_done(&alone);
	}
	planted(&all);
	stage_done(&all);
}

static void test_postgresql(struct arena *a, const char *url)
{
	struct err err = { 0 };
	struct db *db;
	const char *stores[3], *join = str_find_char(str_from(url), '?') < 0 ? "?" : "&";
	ASSERT(db_open(url, (struct db_options){ 0 }, &db, &err));
	for (int i = 0; i < 3; i++) {
		str make = arena_printf(a,
			"DROP SCHEMA IF EXISTS test_own_%d CASCADE; CREATE SCHEMA test_own_%d",
					i, i);
		ASSERT(db_script(db, make.ptr, &err));
		stores[i] = arena_printf(a, "%s%soptions=-csearch_path%%3Dtest_own_%d", url, join, i).ptr;
	}
	test_engine(stores, "PostgreSQL");
	for (int i = 0; i < 3; i++)
		ASSERT(db_script(db, arena_printf(a, "DROP SCHEMA test_own_%d CASCADE", i).ptr, &err));
	db_close(db);
}

int main(void)
{
	char dir[] = "/tmp/naubat-test-XXXXXX";
	const char *url = getenv("NAUBAT_TEST_PG"), *stores[3];
	struct arena a;
	ASSERT(mkdtemp(dir) != NULL);
	arena_init(&a, 1 << 20, 1 << 24);
	for (int i = 0; i < 3; i++)
		stores[i] = arena_printf(&a, "%s/%d.db", dir, i).ptr;
	test_engine(stores, "SQLite");
	if (url && *url)
		test_postgresql(&a, url);
	else
		(void)puts("skipped: PostgreSQL part: NAUBAT_TEST_PG is not set");
	if (system(arena_printf(&a, "rm -rf %s", dir).ptr) != 0)
		wrong++;
	arena_done(&a);
	return wrong ? 1 : 0;
}
