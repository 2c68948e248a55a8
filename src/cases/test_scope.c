/* Who sees what, on a real store of each engine, through every read there is.
 *
 * 1. Nothing of another team can be inferred.  Three teams work at once on one store; then one of them
 * works alone on
 *    another, with the same ids and times.  All that this team can read, page by page, every filter, every
 *    sort, every
 *    cursor, every count, every search, is the same bytes in both.
 * 2. A team that was let in sees the shared core: not the comments, not who reported, not what was written
 * to the
 *    reporter, nothing that is RED; and nothing more once it was shut out.  Every word in the store says
 *    what it is
 *    and whose (struct mark); the words that come out are looked up.
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
#include "cases/report.h"
#include "crypto/random.h"
#include "format/json.h"
#include "query/board.h"
#include "regime/test_support.h"

enum { TEAMS = 3, STEPS = 360, STEPS_ON_A_SERVER = 200, THINGS_MAX = 200, PAGE = 7, OUTPUT_MAX = 192 << 20 };

static const char *const teams[TEAMS] = { "ncert", "banking", "telecom" };
static const char *const prefixes[TEAMS] = { "TA", "TB", "TC" };

struct thing {
	struct uuid id;
	int team;
	bool is_incident, red, in[TEAMS];
	char number[40];
};

struct stage {
	struct arena arena;
	const char *store;
	const struct regime *regime;
	struct world worlds[TEAMS];
	struct identity who[TEAMS];
	struct clock_fake clock;
	struct rng_seeded rng;
	struct writer *writer;
	struct thing things[THINGS_MAX]; /* of all teams, in the order of making */
	int count, steps;
};

static int wrong;

static void complain(const char *what, str where)
{
	if (wrong++ < 30)
		fprintf(stderr, "%s: " STR_FMT "\n", what, STR_ARG(str_sub(where, 0, 300)));
}

static void stage_init(struct stage *s, const char *store)
{
	struct err err = { 0 };
	*s = (struct stage){ .store = store };
	arena_init(&s->arena, 64 << 20, 512 << 20);
	s->regime = regime_from(&s->arena, "pakistan-2023.yaml");
	for (int t = 0; t < TEAMS; t++) {
		s->worlds[t] = (struct world){ .regime = s->regime,
					       .regime_id = S("PK-CERT-RULES-2023/0.1"),
					       .team = str_from(teams[t]),
					       .prefix = str_from(prefixes[t]),
					       .secret = S("0123456789abcdef0123456789abcdef"),
					       .mail_domain = S("cert.example") };
		s->who[t] = (struct identity){ .account = { { 0xaa, (uint8_t)t } },
					       .login = S("x"),
					       .name = S("x"),
					       .team = str_from(teams[t]),
					       .roles = ROLE_HANDLER | ROLE_LEAD,
					       .scopes = ~0u };
	}
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
}

static void stage_done(struct stage *s)
{
	writer_close(s->writer);
	arena_done(&s->arena);
}

static bool run(struct stage *s, int team, bool (*decide)(struct decision *, void *, struct err *), void *arg)
{
	struct command c = { .name = "test",
			     .actor = s->who[team].account,
			     .regime = s->worlds[team].regime_id,
			     .decide = decide,
			     .arg = arg };
	if (!writer_run(s->writer, &c) && c.err.code != ERR_CONFLICT && c.err.code != ERR_DENIED)
		complain("a command failed", str_from(c.err.text));
	return c.ok;
}

/* ---- what each step does: chosen by its number and by what its own team has, by nothing else */

static int choose(int step, int salt, int limit)
{
	uint64_t x = (uint64_t)step * 0x9e3779b97f4a7c15u + (uint64_t)salt * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 31)) * 0x94d049bb133111ebu;
	return (int)((x >> 33) % (uint64_t)limit);
}

static struct thing *some_thing(struct stage *s, int team, bool incident, int step, int salt)
{
	struct thing *own[THINGS_MAX];
	int n = 0;
	for (int i = 0; i < s->count; i++)
		if (s->things[i].team == team && s->things[i].is_incident == incident)
			own[n++] = &s->things[i];
	return n ? own[choose(step, salt, n)] : NULL;
}

static struct thing *add_thing(struct stage *s, int team, bool incident, struct uuid id, str number)
{
	ASSERT(s->count < THINGS_MAX);
	struct thing *t = &s->things[s->count++];
	*t = (struct thing){ .id = id, .team = team, .is_incident = incident };
	t->in[team] = true;
	snprintf(t->number, sizeof(t->number), STR_FMT, STR_ARG(number));
	return t;
}

/* "repB17q": a reporter's name, team B's, of step 17. */
static str mark(struct stage *s, const char *kind, int team, int step)
{
	return arena_printf(&s->arena, "%s%c%dq", kind, 'A' + team, step);
}

static void do_intake(struct stage *s, int team, int step)
{
	struct err err = { 0 };
	str reporter = mark(s, "rep", team, step);
	struct intake in = {
		.world = &s->worlds[team],
		.channel = S("web"),
		.title = mark(s, "ttl", team, step),
		.text = arena_printf(&s->arena, STR_FMT " seen at 203.0.113.%d and evil%d.example",
				     STR_ARG(mark(s, "txt", team, step)), choose(step, 1, 5),
				     choose(step, 2, 4)),
		.reporter_name = reporter,
		.reporter_contact = arena_printf(&s->arena, STR_FMT "@x.example", STR_ARG(reporter)),
		.anonymous = choose(step, 3, 6) == 0,
		.tlp = choose(step, 4, 3) ? TLP_UNMARKED : TLP_GREEN
	};
	if (!intake_prepare(&in, &s->arena, &err))
		complain("intake", str_from(err.text));
	else if (run(s, team, intake_decide, &in))
		add_thing(s, team, false, in.id, in.number);
}

static void do_report(struct stage *s, int team, int step, enum report_act act)
{
	struct thing *t = some_thing(s, team, false, step, 5);
	struct report_command c = { .world = &s->worlds[team], .who = &s->who[team], .act = act };
	if (t == NULL)
		return;
	c.report = t->id;
	c.text = mark(s, act == REPORT_ANSWER ? "rpm" : "com", team, step);
	(void)run(s, team, report_decide, &c);
}

static void do_open(struct stage *s, int team, int step)
{
	struct thing *t = some_thing(s, team, false, step, 6);
	struct incident_open c = { .world = &s->worlds[team],
				   .who = &s->who[team],
				   .title = mark(s, "inc", team, step),
				   .arena = &s->arena };
	if (t == NULL)
		return;
	c.reports = &t->id;
	c.report_count = 1;
	if (run(s, team, incident_open_decide, &c))
		add_thing(s, team, true, c.id, c.number);
}

static bool act_on(struct stage *s, int team, struct thing *t, enum incident_act act, str text)
{
	struct incident_command c = { .world = &s->worlds[team],
				      .who = &s->who[team],
				      .act = act,
				      .incident = t->id,
				      .if_version = -1,
				      .text = text };
	return run(s, team, incident_decide, &c);
}

static void do_parties(struct stage *s, int team, int step, struct thing *t)
{
	struct party_add p = { .world = &s->worlds[team],
			       .who = &s->who[team],
			       .incident = t->id,
			       .name = mark(s, "pty", team, step),
			       .role = S("source"),
			       .address = arena_printf(&s->arena, STR_FMT "@x.example",
						       STR_ARG(mark(s, "adr", team, step))) };
	struct message_send m = { .world = &s->worlds[team],
				  .who = &s->who[team],
				  .incident = t->id,
				  .ids = &p.made,
				  .id_count = 1,
				  .subject = S("A question"),
				  .text = mark(s, "msg", team, step),
				  .tlp = choose(step, 8, 4) ? TLP_AMBER : TLP_RED,
				  .request_hours = choose(step, 9, 2) * 24 };
	struct uuid made;
	m.made = &made;
	if (m.tlp == TLP_RED)
		m.text = mark(s, "red", team, step);
	if (run(s, team, party_add_decide, &p))
		(void)run(s, team, message_send_decide, &m);
}

static void do_incident(struct stage *s, int team, int step)
{
	struct thing *t = some_thing(s, team, true, step, 7);
	struct incident_command c = { .world = &s->worlds[team], .who = &s->who[team], .if_version = -1 };
	struct thing *r = some_thing(s, team, false, step, 10);
	if (t == NULL)
		return;
	switch (choose(step, 11, 6)) {
	case 0:
		(void)act_on(s, team, t, INCIDENT_COMMENT, mark(s, "com", team, step));
		return;
	case 1:
		(void)act_on(s, team, t, INCIDENT_RETITLE, mark(s, "inc", team, step));
		return;
	case 2:
		c.act = choose(step, 12, 2) ? INCIDENT_ATTACH : INCIDENT_DETACH;
		c.incident = t->id;
		c.ids = &r->id;
		c.id_count = 1;
		(void)run(s, team, incident_decide, &c);
		return;
	case 3:
		(void)act_on(s, team, t, INCIDENT_RELEASE, S(""));
		return;
	default:
		do_parties(s, team, step, t);
	}
}

static void do_step(struct stage *s, int team, int step)
{
	char seed[40];
	snprintf(seed, sizeof(seed), "step %d", step);
	rng_seeded_init(&s->rng, str_from(seed));
	s->clock.at = (struct instant){ SECONDS(1764000000 + 60 * step) };
	int kind = choose(step, 13, 12);
	if (kind < 4)
		do_intake(s, team, step);
	else if (kind == 4)
		do_report(s, team, step, REPORT_TAKE);
	else if (kind == 5)
		do_report(s, team, step, REPORT_REJECT);
	else if (kind == 6)
		do_report(s, team, step, REPORT_ANSWER);
	else if (kind < 9)
		do_open(s, team, step);
	else
		do_incident(s, team, step);
}

static void play(struct stage *s, const bool *takes_part, int steps)
{
	s->steps = steps;
	for (int step = 0; step < steps; step++)
		if (takes_part[step % TEAMS])
			do_step(s, step % TEAMS, step);
}

/* ---- everything that one team can read */

struct reader {
	struct view v;
	struct buf out;
	struct audience to;
	struct arena tmp;
	const struct stage *names;
};

/* Everything but the hash of a journal entry: it holds the one before it and salt, and tells nobody anything
 * but is other bytes in another journal. */
static void say_released(struct reader *r, const struct released *x)
{
	static const char mark[] = "\"leaf_hash\":\"";
	str rest = released_json(&r->tmp, x);
	for (ptrdiff_t at = 0; (at = str_find(rest, S(mark))) >= 0;) {
		at += (ptrdiff_t)sizeof(mark) - 1;
		buf_add(&r->out, str_sub(rest, 0, at));
		rest = str_sub(rest, at + 64, rest.len);
	}
	buf_add(&r->out, rest);
	buf_add(&r->out, S("\n"));
}

static void say_error(struct reader *r, const struct err *err)
{
	buf_printf(&r->out, "%d %s\n", (int)err->code, err->text);
}

static void say_list(struct reader *r, struct record **records, ptrdiff_t count)
{
	const struct released *x;
	struct err err = { 0 };
	ptrdiff_t withheld = 0;
	ASSERT(release_list(&r->tmp, (const struct record *const *)records, count, json_object(&r->tmp),
			    &r->to, &x, &withheld, &err));
	say_released(r, x);
	buf_printf(&r->out, "withheld %td\n", withheld);
}

static void read_queue(struct reader *r, struct queue_filter f)
{
	struct queue_page page;
	struct err err = { 0 };
	char cursor[100] = "";
	f.limit = PAGE;
	do {
		arena_reset(&r->tmp);
		f.cursor = str_from(cursor);
		if (!view_queue(&r->v, &f, &page, &err)) {
			say_error(r, &err);
			return;
		}
		say_list(r, page.records, page.count);
		buf_printf(&r->out, "total %lld %d next " STR_FMT "\n", (long long)page.total, page.exact,
			   STR_ARG(page.next));
		snprintf(cursor, sizeof(cursor), STR_FMT, STR_ARG(page.next));
	} while (cursor[0]);
}

static void read_queues(struct reader *r)
{
	static const char *const states[] = { "all", "active", "new", "open", "attached", "rejected" };
	for (int kind = QUEUE_REPORTS; kind <= QUEUE_INCIDENTS; kind++) {
		for (int sort = SORT_RECEIVED; sort <= SORT_BAND; sort++)
			read_queue(r, (struct queue_filter){ .kind = (enum queue_kind)kind,
							     .sort = (enum queue_sort)sort,
							     .state = S("all"),
							     .band = -1 });
		for (ptrdiff_t i = 0; i < COUNTOF(states); i++)
			for (int owner = 0; owner < 3; owner++)
				read_queue(r, (struct queue_filter){ .kind = (enum queue_kind)kind,
								     .state = str_from(states[i]),
								     .owner_none = owner == 1,
								     .owner_is = owner == 2,
								     .owner = r->v.who->account,
								     .band = -1 });
		read_queue(r, (struct queue_filter){
				      .kind = (enum queue_kind)kind, .sector = S("banking"), .band = -1 });
		read_queue(r, (struct queue_filter){ .kind = (enum queue_kind)kind,
						     .class = S("other:undetermined"),
						     .band = -1 });
		read_queue(r, (struct queue_filter){ .kind = (enum queue_kind)kind, .band = 0 });
	}
}

static void read_report(struct reader *r, struct uuid id)
{
	struct record x;
	struct err err = { 0 };
	const struct released *out;
	if (view_report(&r->v, id, true, &x, &err) && release_check(&r->tmp, &x, &r->to, &out, &err))
		say_released(r, out);
	else
		say_error(r, &err);
}

static void read_incident(struct reader *r, struct uuid id)
{
	struct record x;
	struct err err = { 0 };
	const struct released *out;
	struct incident_parts p;
	if (!view_incident(&r->v, id, &x, &err) || !view_incident_parts(&r->v, id, &p, &err)) {
		say_error(r, &err);
		return;
	}
	struct release_part parts[] = {
		{ "parties", (const struct record *const *)p.parties, p.party_count },
		{ "clocks", (const struct record *const *)p.clocks, p.clock_count },
		{ "requests", (const struct record *const *)p.requests, p.request_count },
		{ "deliveries", (const struct record *const *)p.deliveries, p.delivery_count },
		{ "reports", (const struct record *const *)p.reports, p.report_count },
	};
	if (release_whole(&r->tmp, &x, parts, COUNTOF(parts), &r->to, &out, &err))
		say_released(r, out);
	else
		say_error(r, &err);
}

static void read_timeline(struct reader *r, struct uuid id)
{
	struct record **records;
	ptrdiff_t count;
	int64_t next = INT64_MAX;
	struct err err = { 0 };
	do {
		arena_reset(&r->tmp);
		if (!view_timeline(&r->v, id, next, PAGE, &records, &count, &next, &err)) {
			say_error(r, &err);
			return;
		}
		say_list(r, records, count);
		buf_printf(&r->out, "next %lld\n", (long long)next);
	} while (next >= 0);
}

static void read_clocks(struct reader *r, struct uuid id)
{
	struct record **clocks, one;
	ptrdiff_t count;
	struct err err = { 0 };
	const struct released *out;
	if (!view_clocks(&r->v, id, &clocks, &count, &err)) {
		say_error(r, &err);
		return;
	}
	say_list(r, clocks, count);
	for (ptrdiff_t i = 0; i < count; i++) {
		if (view_clock(&r->v, clocks[i]->id, &one, &err) &&
		    release_check(&r->tmp, &one, &r->to, &out, &err))
			say_released(r, out);
		else
			say_error(r, &err);
	}
}

static void read_board(struct reader *r)
{
	static const char *const states[] = { "running", "waiting", "late", "met", "waived", "all" };
	struct record **clocks;
	ptrdiff_t count;
	struct err err = { 0 };
	for (ptrdiff_t i = 0; i < COUNTOF(states); i++, arena_reset(&r->tmp)) {
		ASSERT(view_clock_board(&r->v, str_from(states[i]), 0, (struct uuid){ { 0 } }, 100, &clocks,
					&count, &err));
		say_list(r, clocks, count);
		struct search_page page;
		ASSERT(view_clock_page(&r->v, str_from(states[i]), S(""), 100, &page, &err));
		say_list(r, page.records, page.count);
	}
}

static void read_search(struct reader *r, str value)
{
	struct search_page page;
	struct err err = { 0 };
	struct search_query q = { .values = &value, .value_count = 1, .limit = PAGE, .cursor = S("") };
	char cursor[100] = "";
	for (int numbered = 0; numbered < 2; numbered++) { /* as words, and as a number */
		do {
			arena_reset(&r->tmp);
			q.number = numbered ? value : S("");
			q.cursor = str_from(cursor);
			if (!view_search(&r->v, &q, &page, &err)) {
				complain("a search fails where it should find nothing", str_from(err.text));
				return;
			}
			say_list(r, page.records, page.count);
			buf_printf(&r->out, "total %lld next " STR_FMT "\n", (long long)page.total,
				   STR_ARG(page.next));
			snprintf(cursor, sizeof(cursor), STR_FMT, STR_ARG(page.next));
		} while (cursor[0]);
	}
}

static void read_home(struct reader *r)
{
	struct record *pressing;
	struct tally running, overdue;
	struct search_page page;
	struct err err = { 0 };
	arena_reset(&r->tmp);
	ASSERT(view_pressing(&r->v, &pressing, &err) && view_running(&r->v, &running, &err) &&
	       view_overdue(&r->v, &overdue, &err) && view_outbox(&r->v, S("all"), S(""), 100, &page, &err));
	if (pressing)
		say_list(r, &pressing, 1);
	say_list(r, page.records, page.count);
	buf_printf(&r->out, "running %lld, overdue %lld, mail %lld\n", (long long)running.count,
		   (long long)overdue.count, (long long)page.total);
}

static void read_find(struct reader *r, str value)
{
	struct found *found;
	ptrdiff_t count;
	struct err err = { 0 };
	arena_reset(&r->tmp);
	if (!view_find(&r->v, value, (struct uuid){ { 0 } }, 50, &found, &count, &err)) {
		complain("finding fails", str_from(err.text));
		return;
	}
	buf_printf(&r->out, "found %td", count);
	for (ptrdiff_t i = 0; i < count; i++)
		buf_printf(&r->out, " " STR_FMT " %lld", STR_ARG(uuid_format(&r->tmp, found[i].id)),
			   (long long)found[i].kind);
	buf_add(&r->out, S("\n"));
	read_search(r, value);
}

/* Whatever anybody could look for: all teams' words and numbers, and the addresses that they share. */
static void read_finds(struct reader *r)
{
	static const char *const kinds[] = { "ttl", "rep", "inc" };
	static const char *const values[] = {
		"203.0.113.0",   "203.0.113.1",   "203.0.113.2",   "203.0.113.3",   "203.0.113.4",
		"evil0.example", "evil1.example", "evil2.example", "evil3.example", ""
	};
	char word[40];
	for (int step = 0; step < r->names->steps; step++) {
		for (ptrdiff_t k = 0; k < COUNTOF(kinds); k++) {
			snprintf(word, sizeof(word), "%s%c%dq%s", kinds[k],
				 (k == 1 ? 'A' : 'a') + step % TEAMS, step, k == 1 ? "@x.example" : "");
			read_find(r, str_from(word));
		}
	}
	for (ptrdiff_t i = 0; i < COUNTOF(values); i++)
		read_find(r, str_from(values[i]));
	for (int i = 0; i < r->names->count; i++)
		read_find(r, str_from(r->names->things[i].number));
}

/* `names`: whose things are asked for, whether or not they are in this store. */
static str read_all(struct stage *s, int team, const struct stage *names)
{
	struct reader r = { .names = names };
	struct err err = { 0 };
	ASSERT(commit_index_words(s->store, (struct rebuild_progress){ 0 }, &err));
	arena_init(&r.tmp, 64 << 20, 512 << 20);
	r.v = (struct view){ .a = &r.tmp,
			     .who = &s->who[team],
			     .team = str_from(teams[team]),
			     .regime = s->regime,
			     .now = { SECONDS(1764000000 + 60 * STEPS) },
			     .mail_domain = S("cert.example") };
	r.to = (struct audience){ .kind = AUDIENCE_PERSON, .person = &s->who[team] };
	buf_init(&r.out, &s->arena, OUTPUT_MAX);
	ASSERT(release_scope(&s->arena, &s->who[team], &r.v.scope, &err));
	ASSERT(db_open(s->store, (struct db_options){ .read_only = true }, &r.v.db, &err) &&
	       db_begin_read(r.v.db, &err));
	read_queues(&r);
	for (int i = 0; i < names->count; i++) {
		const struct thing *t = &names->things[i];
		arena_reset(&r.tmp);
		(t->is_incident ? read_incident : read_report)(&r, t->id);
		read_clocks(&r, t->id);
		read_timeline(&r, t->id);
	}
	read_board(&r);
	read_home(&r);
	read_finds(&r);
	ASSERT(!r.out.over);
	db_rollback(r.v.db);
	db_close(r.v.db);
	arena_done(&r.tmp);
	return buf_str(&r.out);
}

/* ---- 2: words that say whose they are */

static bool mark_at(str text, ptrdiff_t at, char *kind, int *team, int *step)
{
	int length = 0;
	if (at + 6 > text.len || text.ptr[at + 3] < 'A' || text.ptr[at + 3] > 'C')
		return false;
	char copy[20];
	snprintf(copy, sizeof(copy), STR_FMT, STR_ARG(str_sub(text, at, at + 15)));
	char letter, end;
	if (sscanf(copy, "%3[a-z]%c%d%c%n", kind, &letter, step, &end, &length) != 4 || end != 'q')
		return false;
	*team = letter - 'A';
	return true;
}

static bool one_of(const char *kind, const char *list)
{
	return strstr(list, kind) != NULL;
}

/* The first line of the output that holds the position. */
static str line_of(str text, ptrdiff_t at)
{
	return str_sub(text, MAX(0, at - 120), at + 60);
}

static void check_words(str out, int team)
{
	char kind[4];
	int whose, step;
	for (ptrdiff_t i = 0; i < out.len; i++) {
		if (!mark_at(out, i, kind, &whose, &step) || whose == team)
			continue;
		if (one_of(kind, "ttl txt"))
			complain("words of another team's report", line_of(out, i));
		else if (one_of(kind, "rep rpm"))
			complain("who reported, or what was written to them", line_of(out, i));
		else if (one_of(kind, "com adr"))
			complain("another team's comment, or an address", line_of(out, i));
		else if (one_of(kind, "red"))
			complain("a RED message", line_of(out, i));
		i += 5;
	}
}

static void check_things(const struct stage *s, str out, int team)
{
	struct arena a;
	arena_init(&a, 16 << 20, 64 << 20);
	for (int i = 0; i < s->count; i++, arena_reset(&a)) {
		const struct thing *t = &s->things[i];
		bool seen =
			str_find(out, str_from(t->number)) >= 0 || str_find(out, uuid_format(&a, t->id)) >= 0;
		if (!t->in[team] && seen)
			complain("the number or id of another team's", str_from(t->number));
		if (t->in[team] && !t->red && !seen)
			complain("let in, and it is not there", str_from(t->number));
	}
	arena_done(&a);
}

/* Some incidents are shared, some of these become RED, some are closed to the others again. */
static void share(struct stage *s)
{
	for (int i = 0, n = 0; i < s->count; i++) {
		struct thing *t = &s->things[i];
		int to = (t->team + 1) % TEAMS;
		if (!t->is_incident || n++ % 2)
			continue;
		s->clock.at = (struct instant){ SECONDS(1764000000 + 60 * (STEPS + i)) };
		t->in[to] = act_on(s, t->team, t, INCIDENT_GRANT, str_from(teams[to]));
		(void)act_on(s, t->team, t, INCIDENT_RETITLE, mark(s, "inc", t->team, STEPS + i));
		(void)act_on(s, to, t, INCIDENT_COMMENT, mark(s, "com", to, STEPS + i));
		if (n % 8 == 3)
			t->red = act_on(s, t->team, t, INCIDENT_MARK, S("RED"));
		if (n % 8 == 5)
			t->in[to] = !act_on(s, t->team, t, INCIDENT_WITHDRAW, str_from(teams[to]));
	}
}

static void check_sharing(struct stage *s)
{
	int shared = 0, red = 0;
	share(s);
	for (int i = 0; i < s->count; i++) {
		shared += s->things[i].in[(s->things[i].team + 1) % TEAMS];
		red += s->things[i].red;
	}
	ASSERT(shared > 4 && red > 0);
	for (int team = 0; team < TEAMS; team++) {
		str out = read_all(s, team, s);
		check_words(out, team);
		check_things(s, out, team);
		int letter = (team + TEAMS - 1) % TEAMS; /* who let this team in */
		char word[8];
		snprintf(word, sizeof(word), "inc%c", 'A' + letter);
		if (str_find(out, str_from(word)) < 0)
			complain("nothing of the shared core is seen", str_from(teams[team]));
		for (int i = 0; i < s->count; i++)
			if (s->things[i].red && s->things[i].team != team) {
				char title[40];
				snprintf(title, sizeof(title), "inc%c%dq", 'A' + s->things[i].team,
					 STEPS + i);
				if (str_find(out, str_from(title)) >= 0)
					complain("the title of a RED incident", str_from(title));
			}
	}
	printf("let in: %d incidents shared, %d of them RED, %d things\n", shared, red, s->count);
}

/* Where two texts part, with what comes before. */
static void compare(str one, str two, const char *team)
{
	ptrdiff_t at = 0, n = MIN(one.len, two.len);
	while (at < n && one.ptr[at] == two.ptr[at])
		at++;
	if (at == one.len && at == two.len)
		return;
	complain(team, S("what it reads depends on what the others did"));
	complain("among others", str_sub(one, MAX(0, at - 150), at + 100));
	complain("alone       ", str_sub(two, MAX(0, at - 150), at + 100));
}

/* A store of its own: a file in `place`, or a schema on the server that `place` is the address of. */
static const char *store_at(struct arena *a, const char *place, const char *name)
{
	struct err err = { 0 };
	struct db *db;
	if (place[0] == '/')
		return arena_printf(a, "%s/%s.db", place, name).ptr;
	str script = arena_printf(
		a, "DROP SCHEMA IF EXISTS scope_%s CASCADE; CREATE SCHEMA scope_%s", name, name);
	bool ok = db_open(place, (struct db_options){ 0 }, &db, &err) && db_script(db, script.ptr, &err);
	if (!ok)
		fprintf(stderr, "%s\n", err.text);
	ASSERT(ok);
	db_close(db);
	return arena_printf(a, "%s%coptions=-csearch_path%%3Dscope_%s", place, strchr(place, '?') ? '&' : '?',
			    name)
		.ptr;
}

static void all_of_it(struct arena *a, const char *place, int steps)
{
	static struct stage all, alone;
	static const bool everybody[TEAMS] = { true, true, true };
	stage_init(&all, store_at(a, place, "all"));
	play(&all, everybody, steps);
	for (int team = 0; team < TEAMS; team++) {
		bool one[TEAMS] = { 0 };
		one[team] = true;
		stage_init(&alone, store_at(a, place, teams[team]));
		play(&alone, one, steps);
		str among = read_all(&all, team, &all), by_itself = read_all(&alone, team, &all);
		printf("%s: %td bytes read, things of its own: %d of %d\n", teams[team], among.len,
		       alone.count, all.count);
		compare(among, by_itself, teams[team]);
		stage_done(&alone);
	}
	check_sharing(&all);
	stage_done(&all);
}

int main(void)
{
	char dir[] = "/tmp/naubat-test-XXXXXX";
	const char *url = getenv("NAUBAT_TEST_PG");
	ASSERT(mkdtemp(dir) != NULL);
	struct arena a;
	arena_init(&a, 1 << 20, 1 << 24);
	all_of_it(&a, dir, STEPS);
	if (url != NULL)
		all_of_it(&a, url, STEPS_ON_A_SERVER); /* there every statement is a journey */
	else
		(void)puts("skipped: PostgreSQL part: NAUBAT_TEST_PG is not set");
	if (system(arena_printf(&a, "rm -rf %s", dir).ptr) != 0)
		wrong++;
	arena_done(&a);
	return wrong ? 1 : 0;
}
