/* Fills a store to a size: the same entries, applied the same way by the same writer, as a node
 * would make; only the deciding is left out, and a command holds hundreds of drafts.  Times lie in two years.
 *
 * usage: bench_fill STORE reports incidents messages organisations networks */
#include <stdio.h>
#include <stdlib.h>
#include "access/identity.h"
#include "base/text.h"
#include "bench.h"
#include "format/json.h"
#include "model/network.h"
#include "model/number.h"

enum { CHUNK = 500, PARTIES = 3, LONG_CASE_MESSAGES = 500, NUMBERS = 1 << 30 };

struct fill {
	struct world world;
	struct clock_fake clock;
	struct rng_seeded rng;
	struct dice dice;
	struct writer *writer;
	str pool;
	int64_t reports, incidents, messages, organisations, networks, numbers;
	struct uuid *report, *incident, *party, *organisation;
	struct instant *received;
	uint8_t *report_team, *incident_team;
};

static struct instant now_at(void)
{
	return (struct instant){ SECONDS(1795478400) }; /* 2026-11-24 */
}

static str number(struct fill *f, struct arena *a, struct instant at)
{
	uint64_t v = ((uint64_t)f->numbers++ * 0x2545f491u + 12345) % NUMBERS; /* each once */
	uint8_t bytes[5] = { 0, (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };
	return number_make(a, f->world.prefix, instant_civil(at, 0).year, bytes);
}

static str hex(struct fill *f, struct arena *a, int bytes)
{
	char raw[32];
	for (int i = 0; i < bytes; i++)
		raw[i] = (char)dice_next(&f->dice);
	return text_hex(a, (str){ raw, bytes });
}

static void add(struct decision *d, const char *kind, struct uuid id, int team, struct json *p,
		struct json *words)
{
	decision_add(d, (struct draft){ .kind = kind,
					.subject = id,
					.owner = team < 0 ? S("") : str_from(bench_teams[team]),
					.audience = team < 0 ? SCOPE_NODE : SCOPE_CORE,
					.tlp = team < 0 ? 0 : TLP_GREEN,
					.payload = p,
					.content = words });
}

static struct json *teams(struct fill *f, struct arena *a, int coordinator)
{
	struct json *list = json_array(a);
	int other = (int)dice_below(&f->dice, 5 * BENCH_TEAMS); /* one of seven is shared with somebody */
	for (int i = 0; i < BENCH_TEAMS; i++) {
		if (i != coordinator && i != other)
			continue;
		struct json *one = json_object(a);
		json_set_str(one, "team", str_from(bench_teams[i]));
		json_set_bool(one, "coordinator", i == coordinator);
		json_append(list, one);
	}
	return list;
}

/* Two of three come to the National CERT, as at the hub of a country. */
static int some_team(struct fill *f)
{
	return dice_below(&f->dice, 3) ? 0 : (int)dice_below(&f->dice, BENCH_TEAMS);
}

static const char *some_class(struct fill *f)
{
	int64_t n = dice_below(&f->dice, 100);
	return bench_classes[n < 40   ? 0
			     : n < 60 ? 1
			     : n < 75 ? 2
			     : n < 85 ? 3
			     : n < 91 ? 4
			     : n < 96 ? 5
			     : n < 99 ? 6
				      : 7];
}

static str title(struct fill *f, struct arena *a, const char *class)
{
	return arena_printf(a, "%s: " STR_FMT " " STR_FMT " " STR_FMT, str_cut(str_from(class), ':').tail.ptr,
			    STR_ARG(bench_word(a, (int)dice_below(&f->dice, 1200))),
			    STR_ARG(bench_word(a, (int)dice_below(&f->dice, 1200))),
			    STR_ARG(bench_word(a, (int)dice_below(&f->dice, 100))));
}

static struct json *observables(struct fill *f, struct arena *a)
{
	struct json *list = json_array(a), *ip = json_object(a), *domain = json_object(a);
	int64_t n = dice_below(&f->dice, 4) ? dice_below(&f->dice, 4 * f->networks) * 64
					    : dice_below(&f->dice, 200);
	json_set_str(ip, "type", S("ipv4"));
	json_set_str(ip, "value", bench_address(a, n));
	json_append(list, ip);
	json_set_str(domain, "type", S("domain"));
	json_set_str(domain, "value",
		     arena_printf(a, "h%lld.o%lld.example", (long long)dice_below(&f->dice, 9),
				  (long long)dice_below(&f->dice, f->organisations)));
	json_append(list, domain);
	return list;
}

static struct json *report_words(struct fill *f, struct arena *a, const char *class)
{
	struct json *j = json_object(a);
	json_set_str(j, "title", title(f, a, class));
	json_set_str(j, "text", bench_text(f->pool, &f->dice, 1000));
	json_set_str(j, "reporter_name", bench_word(a, (int)dice_below(&f->dice, 1200)));
	json_set_str(j, "reporter_contact",
		     arena_printf(a, "r%lld@reader.example", (long long)dice_below(&f->dice, 50000)));
	json_set_bool(j, "verified", false);
	json_set(j, "observables", observables(f, a));
	json_set(j, "files", json_array(a));
	return j;
}

static struct json *clock_fields(struct arena *a, int team, struct instant from, struct instant due,
				 const char *state)
{
	struct json *c = json_object(a);
	json_set_str(c, "team", str_from(bench_teams[team]));
	json_set_str(c, "duty", S("BENCH-DUTY"));
	json_set_str(c, "step", S("acknowledge"));
	json_set_str(c, "title", S("Acknowledge to the sender"));
	json_set_str(c, "who", S("hub"));
	json_set_str(c, "anchor", S("received"));
	json_set_instant(c, "anchor_at", from);
	json_set_instant(c, "due", due);
	json_set_str(c, "state", str_from(state));
	json_set_bool(c, "target", true);
	json_set_str(c, "source", S("assumed for the bench"));
	if (str_eq(str_from(state), S("running")))
		json_set_instant(c, "next_turn", due);
	return c;
}

static void report(struct decision *d, struct fill *f, int64_t i)
{
	struct arena *a = d->arena;
	struct uuid id = f->report[i] = decision_new_id(d);
	int team = f->report_team[i] = (uint8_t)some_team(f), sector = (int)dice_below(&f->dice, BENCH_TEAMS);
	const char *class = some_class(f);
	struct instant at = f->received[i] = instant_add(d->now, dice_below(&f->dice, SECONDS(30)));
	struct json *p = json_object(a), *clocks = json_array(a),
		    *clock = clock_fields(a, team, at, instant_add(at, HOURS(24 + dice_below(&f->dice, 48))),
					  "running");
	json_set_str(p, "number", number(f, a, at));
	json_set_instant(p, "received", at);
	json_set_str(p, "channel", i % 3 ? S("web") : S("mail"));
	json_set_str(p, "team", str_from(bench_teams[team]));
	json_set_str(p, "state", S("new"));
	json_set_bool(p, "anonymous", i % 7 == 0);
	json_set_str(p, "claim", hex(f, a, 32));
	json_set_str(p, "reply", world_new_token(d));
	json_set_int(p, "tlp", TLP_GREEN);
	json_set_bool(p, "presumed", true);
	json_set_uuid(p, "organisation", f->organisation[dice_below(&f->dice, f->organisations)]);
	json_set_str(p, "class", str_from(class));
	json_set_str(p, "sector", str_from(bench_sectors[sector]));
	json_set_bool(p, "unreadable", false);
	json_set(p, "teams", teams(f, a, team));
	json_set_uuid(clock, "id", decision_new_id(d));
	json_set_instant(p, "due", json_get_instant(clock, "due"));
	json_append(clocks, clock);
	json_set(p, "clocks", clocks);
	add(d, "report.received", id, team, p, report_words(f, a, class));
	if (i % 5 == 0)
		return; /* stays new */
	struct json *q = json_object(a), *settled = json_object(a);
	bool rejected = i % 5 < 4 && i >= 3 * f->incidents;
	json_set_uuid(settled, "case", id);
	json_set_str(settled, "state", S("met"));
	json_set_instant(settled, "met", instant_add(at, HOURS(1)));
	add(d, "clock.settled", json_get_uuid(clock, "id"), team, settled, NULL);
	if (rejected) {
		json_set_str(q, "state", S("rejected"));
		add(d, "report.state_changed", id, team, q, NULL);
	}
	add(d, "report.acknowledged", id, team, NULL, NULL);
}

static void party(struct decision *d, struct fill *f, int64_t i, int which)
{
	static const char *const roles[PARTIES] = { "reporter", "affected", "provider" };
	struct arena *a = d->arena;
	struct uuid id = f->party[PARTIES * i + which] = decision_new_id(d);
	struct json *p = json_object(a), *words = json_object(a);
	json_set_uuid(p, "incident", f->incident[i]);
	json_set_str(p, "role", str_from(roles[which]));
	json_set_str(p, "reply", world_new_token(d));
	if (which == 0)
		json_set_uuid(p, "report", f->report[i % f->reports]);
	else
		json_set_uuid(p, "organisation", f->organisation[dice_below(&f->dice, f->organisations)]);
	json_set_str(words, "name", bench_word(a, (int)dice_below(&f->dice, 1200)));
	json_set_str(words, "address", arena_printf(a, "p%lld@party.example", (long long)i));
	add(d, "party.added", id, f->incident_team[i], p, words);
}

static void attach(struct decision *d, struct fill *f, int64_t incident, int64_t report)
{
	struct json *p = json_object(d->arena);
	if (report >= f->reports)
		return;
	json_set_uuid(p, "incident", f->incident[incident]);
	json_set_str(p, "state", S("attached"));
	json_set_str(p, "was", S("new"));
	add(d, "report.attached", f->report[report], f->report_team[report], p, NULL);
}

static void settle(struct decision *d, struct fill *f, int64_t i)
{
	struct arena *a = d->arena;
	struct json *scored = json_object(a), *clock, *state = json_object(a);
	int team = f->incident_team[i];
	bool closed = i % 10 >= 2 && i != 0, waiting = i % 10 == 1;
	int band = (int)dice_below(&f->dice, 6);
	json_set_str(scored, "severity",
		     S("{\"band\":\"medium\",\"band_high\":\"high\",\"band_low\":\"low\",\"factors\":{},"
		       "\"high\":5200,\"low\":3000,\"provisional\":false,\"score\":4200}"));
	json_set_int(scored, "band", band);
	add(d, "incident.scored", f->incident[i], team, scored, NULL);
	for (int k = 0; k < 2; k++) {
		struct instant due = instant_add(d->now, HOURS(24 + 48 * k + dice_below(&f->dice, 24)));
		clock = clock_fields(a, team, d->now, due, closed ? "met" : "running");
		json_set_uuid(clock, "case", f->incident[i]);
		add(d, "clock.armed", decision_new_id(d), team, clock, NULL);
	}
	if (closed || waiting) {
		json_set_str(state, "state", closed ? S("closed") : S("waiting"));
		if (closed)
			json_set_str(state, "resolution", S("resolved"));
		add(d, "incident.state_changed", f->incident[i], team, state, NULL);
	}
}

static void incident(struct decision *d, struct fill *f, int64_t i)
{
	struct arena *a = d->arena;
	struct uuid id = f->incident[i] = decision_new_id(d);
	int team = f->incident_team[i] = (uint8_t)(i == 0 ? 0 : some_team(f)),
	    sector = (int)dice_below(&f->dice, BENCH_TEAMS);
	const char *class = some_class(f);
	struct json *p = json_object(a), *words = json_object(a);
	json_set_str(p, "number", number(f, a, d->now));
	json_set_instant(p, "opened", instant_add(d->now, dice_below(&f->dice, SECONDS(30))));
	json_set_str(p, "team", str_from(bench_teams[team]));
	if (i % 4)
		json_set_uuid(p, "holder", bench_person((int)dice_below(&f->dice, BENCH_PEOPLE)));
	json_set_str(p, "state", S("open"));
	json_set_int(p, "tlp", TLP_GREEN);
	json_set_bool(p, "presumed", true);
	json_set_str(p, "class", str_from(class));
	json_set_str(p, "sector", str_from(bench_sectors[sector]));
	json_set_str(p, "regime", f->world.regime_id);
	json_set(p, "teams", teams(f, a, team));
	json_set_str(words, "title", title(f, a, class));
	add(d, "incident.opened", id, team, p, words);
	for (int k = 0; k < PARTIES; k++)
		party(d, f, i, k);
	for (int64_t k = 0; k < 3; k++) /* of reports that no rule above left new or rejected */
		if ((3 * i + k) % 5)
			attach(d, f, i, 3 * i + k);
	settle(d, f, i);
}

static void message(struct decision *d, struct fill *f, int64_t i)
{
	static const char *const deliveries[] = { "sent", "sent", "sent",    "sent", "sent",
						  "read", "sent", "bounced", "held", "sent" };
	struct arena *a = d->arena;
	int64_t to = i < LONG_CASE_MESSAGES ? 0 : dice_below(&f->dice, f->incidents);
	int64_t who = PARTIES * to + dice_below(&f->dice, PARTIES);
	int team = f->incident_team[to];
	bool in = i % 10 < 3, request = i % 10 == 5;
	struct uuid id = decision_new_id(d), asked = decision_new_id(d);
	struct json *p = json_object(a), *words = json_object(a);
	json_set_uuid(p, "incident", f->incident[to]);
	json_set_uuid(p, "party", f->party[who]);
	json_set_str(p, "team", str_from(bench_teams[team]));
	json_set_int(p, "tlp", TLP_GREEN);
	json_set_bool(p, "automatic", false);
	json_set_str(p, "delivery", in ? S("received") : str_from(deliveries[dice_below(&f->dice, 10)]));
	json_set_str(words, "subject", title(f, a, bench_classes[0]));
	json_set_str(words, "text", bench_text(f->pool, &f->dice, 400));
	json_set_str(words, in ? "from" : "to", arena_printf(a, "p%lld@party.example", (long long)to));
	if (request) {
		struct json *q = json_object(a);
		json_set_uuid(p, "request", asked);
		json_set_uuid(q, "incident", f->incident[to]);
		json_set_uuid(q, "party", f->party[who]);
		json_set_str(q, "team", str_from(bench_teams[team]));
		json_set_instant(q, "due", instant_add(d->now, HOURS(72)));
		add(d, "request.opened", asked, team, q, NULL);
	}
	add(d, in ? "message.received" : "message.queued", id, team, p, words);
}

static void organisation(struct decision *d, struct fill *f, int64_t i)
{
	static const char *const classes[] = { "regulated_entity", "licensee", "government",
					       "semi_government", "private" };
	struct arena *a = d->arena;
	struct uuid id = f->organisation[i] = decision_new_id(d);
	struct json *p = json_object(a), *domain = json_object(a), *contact = json_object(a),
		    *words = json_object(a);
	int sector = (int)(i % BENCH_TEAMS);
	json_set_str(p, "name",
		     arena_printf(a, "Bench organisation %lld " STR_FMT, (long long)i,
				  STR_ARG(bench_word(a, (int)i % 1200))));
	json_set_str(p, "class", str_from(classes[i % 5]));
	json_set_str(p, "sector", str_from(bench_sectors[sector]));
	json_set_str(p, "province", S(""));
	json_set_str(p, "cii", S(""));
	json_set_str(p, "team", str_from(bench_teams[sector]));
	add(d, "organisation.set", id, -1, p, NULL);
	json_set_uuid(domain, "organisation", id);
	json_set_str(domain, "name", arena_printf(a, "o%lld.example", (long long)i));
	add(d, "domain.set", decision_new_id(d), -1, domain, NULL);
	json_set_uuid(contact, "organisation", id);
	json_set_int(contact, "position", 1);
	json_set_str(contact, "purpose", S("duty"));
	json_set_str(words, "name", bench_word(a, (int)i % 1200));
	json_set_str(words, "address", arena_printf(a, "security@o%lld.example", (long long)i));
	add(d, "contact.set", decision_new_id(d), -1, contact, words);
}

/* Mostly pieces of 10.0.0.0/8, each within the one before's reach now and then, so that length matters. */
static void network(struct decision *d, struct fill *f, int64_t i)
{
	struct arena *a = d->arena;
	struct json *p = json_object(a);
	struct network n;
	struct err err;
	static const int lengths[] = { 26, 26, 26, 28, 24, 26, 30, 26, 20, 32 };
	str text = arena_printf(a, STR_FMT "/%d", STR_ARG(bench_address(a, i * 256)), lengths[i % 10]);
	if (i % 10 == 8)
		text = arena_printf(a, STR_FMT "/20", STR_ARG(bench_address(a, i * 256 / 4096 * 4096)));
	ASSERT(network_parse(text, &n, &err));
	json_set_uuid(p, "organisation", f->organisation[i % f->organisations]);
	json_set_str(p, "first", text_hex(a, ip_bytes(&n.first)));
	json_set_int(p, "prefix", n.bits);
	add(d, "network.set", decision_new_id(d), -1, p, NULL);
}

static void person(struct decision *d, struct fill *f UNUSED, int64_t i)
{
	struct json *p = json_object(d->arena), *words = json_object(d->arena);
	json_set_str(p, "login", arena_printf(d->arena, "person%lld", (long long)i));
	json_set_str(p, "team", str_from(bench_teams[i ? i % BENCH_TEAMS : 0]));
	json_set_int(p, "roles", ROLE_HANDLER | ROLE_LEAD);
	json_set_bool(p, "active", true);
	json_set_str(words, "name", bench_word(d->arena, (int)i * 37));
	add(d, "account.set", bench_person((int)i), -1, p, words);
}

struct step {
	const char *name;
	void (*one)(struct decision *d, struct fill *f, int64_t i);
	int64_t count;
};
struct job {
	struct fill *f;
	const struct step *step;
	int64_t from, to;
};

static bool decide(struct decision *d, void *arg, struct err *err UNUSED)
{
	struct job *j = arg;
	for (int64_t i = j->from; i < j->to; i++)
		j->step->one(d, j->f, i);
	return true;
}

static void run(struct fill *f, const struct step *s)
{
	int64_t start = bench_ns(), span = DAYS(730);
	for (int64_t at = 0; at < s->count; at += CHUNK) {
		struct job j = { f, s, at, MIN(at + CHUNK, s->count) };
		struct command c = { .name = s->name,
				     .actor = bench_person(0),
				     .regime = f->world.regime_id,
				     .decide = decide,
				     .arg = &j };
		f->clock.at = instant_add(now_at(), -span + span / MAX(s->count, 1) * at);
		if (!writer_run(f->writer, &c))
			bench_fail(s->name, &c.err);
		if (at / CHUNK % 100 == 0)
			(void)fprintf(stderr, "\r%s %lld of %lld ", s->name, (long long)at,
				      (long long)s->count);
	}
	(void)fprintf(stderr, "\r%s: %lld in %.1f s            \n", s->name, (long long)s->count,
		      (double)(bench_ns() - start) / 1e9);
}

static void index_words(const char *store)
{
	struct err err = { 0 };
	int64_t start = bench_ns();
	if (!commit_index_words(store, (struct rebuild_progress){ 0 }, &err))
		bench_fail("cannot index", &err);
	(void)fprintf(stderr, "search index: %.1f s\n", (double)(bench_ns() - start) / 1e9);
}

static int64_t argument(char **argv, int i)
{
	int64_t n = 0;
	if (!str_to_int(str_from(argv[i]), 1, 100000000, &n)) {
		(void)fprintf(stderr, "bench_fill: %s is no size\n", argv[i]);
		exit(2);
	}
	return n;
}

int main(int argc, char **argv)
{
	struct arena a;
	struct fill f = { .dice = { 42 } };
	struct err err = { 0 };
	if (argc != 7) {
		(void)fprintf(stderr,
			      "usage: bench_fill STORE reports incidents messages organisations networks\n");
		return 2;
	}
	arena_init(&a, 1 << 30, (ptrdiff_t)2 << 30);
	bench_world(&a, &f.world);
	f.pool = bench_pool(&a, &f.dice);
	f.reports = argument(argv, 2), f.incidents = argument(argv, 3), f.messages = argument(argv, 4);
	f.organisations = argument(argv, 5), f.networks = argument(argv, 6);
	f.report = NEW(&a, struct uuid, f.reports), f.received = NEW(&a, struct instant, f.reports);
	f.report_team = NEW(&a, uint8_t, f.reports), f.incident_team = NEW(&a, uint8_t, f.incidents);
	f.incident = NEW(&a, struct uuid, f.incidents), f.party = NEW(&a, struct uuid, PARTIES * f.incidents);
	f.organisation = NEW(&a, struct uuid, f.organisations);
	clock_fake_init(&f.clock, now_at());
	rng_seeded_init(&f.rng, S("bench"));
	struct writer_options o = { .store = argv[1], .clock = &f.clock.clock, .rng = &f.rng.rng };
	if (!commit_create_store(argv[1], &err) || !writer_open(o, &f.writer, &err))
		bench_fail("cannot make the store", &err);
	const struct step steps[] = {
		{ "people", person, BENCH_PEOPLE },     { "organisations", organisation, f.organisations },
		{ "networks", network, f.networks },    { "reports", report, f.reports },
		{ "incidents", incident, f.incidents }, { "messages", message, f.messages }
	};
	for (ptrdiff_t i = 0; i < COUNTOF(steps); i++)
		run(&f, &steps[i]);
	writer_close(f.writer);
	index_words(argv[1]);
	arena_done(&a);
	return 0;
}
