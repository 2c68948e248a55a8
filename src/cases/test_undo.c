/* Attach, detach, open, split, merge, joining a campaign and taking out a party are truly undone: random
 * sequences of them, with other work between; before each act the projections are written down, and after its
 * undo they must read the same.  At every step the recorded severities are what the rules make of the case
 * now.
 *
 * Left out of the comparison, because what happened has happened: versions and times of change,
 * incidents that
 * were withdrawn, parties that left again and their stopped clocks, and that a report was acknowledged.
 */
#include "cases/incident.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "access/identity.h"
#include "base/buf.h"
#include "cases/intake.h"
#include "cases/message.h"
#include "cases/parties.h"
#include "cases/score.h"
#include "crypto/random.h"
#include "directory/commands.h"
#include "format/json.h"
#include "regime/severity.h"
#include "regime/test_support.h"
#include "state/digest.h"

enum { REPORTS = 14, INCIDENTS_MAX = 400, DEPTH = 4, ROUNDS = 100, SHOT_MAX = 4 << 20 };

struct stage {
	struct arena arena; /* the world's; lives to the end */
	struct arena round;
	const char *store;
	struct world world;
	struct identity who;
	struct clock_fake clock;
	struct rng_seeded rng;
	struct writer *writer;
	struct db *db;
	struct uuid reports[REPORTS], incidents[INCIDENTS_MAX];
	int incident_count;
	uint64_t dice;
	int done[8], refused, followed;
};

static int roll(struct stage *s, int limit)
{
	s->dice = s->dice * 6364136223846793005u + 1442695040888963407u;
	return (int)((s->dice >> 33) % (uint64_t)limit);
}

static bool run(struct stage *s, bool (*decide)(struct decision *, void *, struct err *), void *arg)
{
	struct command c = { .name = "test",
			     .actor = s->who.account,
			     .regime = s->world.regime_id,
			     .decide = decide,
			     .arg = arg };
	bool ok = writer_run(s->writer, &c);
	if (!ok && c.err.code != ERR_CONFLICT)
		fprintf(stderr, "%s\n", c.err.text);
	ASSERT(ok || c.err.code == ERR_CONFLICT);
	return ok;
}

/* --- what is compared --- */

#define ALIVE " FROM incident x WHERE x.resolution = 'withdrawn')"
static const struct {
	const char *sql, *types; /* of the columns: b bytes, i integer, t text */
} shots[] = {
	{ "SELECT id, owner, state, incident, tlp, class, sector, answered, reason FROM report ORDER BY id",
	  "bbtbittib" },
	{ "SELECT id, team, owner, state, waiting_on, waiting_until, resolution, tlp, class, sector, "
	  "severity, band,"
	  " merged_into, root, split_from, campaign FROM incident"
	  " WHERE COALESCE(resolution, '') <> 'withdrawn' ORDER "
	  "BY id",
	  "btbttititttibbbb" },
	{ "SELECT id, incident, role, organisation, reply, report, brought FROM party WHERE removed = 0 AND "
	  "incident"
	  " NOT IN (SELECT x.id" ALIVE " ORDER BY id",
	  "bbtbtbb" },
	{ "SELECT k.id, k.subject, k.duty, k.step, k.party, k.anchor_at, k.due, k.state, k.met, k.next_turn"
	  " FROM clock k LEFT JOIN party p ON p.id = k.party WHERE k.step <> 'acknowledge' AND k.subject NOT "
	  "IN"
	  " (SELECT x.id" ALIVE
	  " AND (k.state <> 'not_applicable' OR p.removed = 0 AND p.incident = k.subject)"
	  " ORDER BY k.id",
	  "bbttbiitii" },
	{ "SELECT id, team, kind, number, state, owner, sector, class, band, tlp, received, CASE WHEN kind = "
	  "2 THEN"
	  " due END FROM queue WHERE id NOT IN (SELECT x.id" ALIVE " ORDER BY id, team",
	  "btittbttiiii" },
	{ "SELECT id, team, coordinator FROM access WHERE id NOT IN (SELECT x.id" ALIVE " ORDER BY id, team",
	  "bti" },
	{ "SELECT id, incident, party, state, due FROM request ORDER BY id", "bbbti" },
	{ "SELECT id, incident, report, party, delivery FROM message ORDER BY id", "bbbbt" },
	{ "SELECT party, fact, value, at, said FROM party_fact ORDER BY party, fact", "bttit" },
	{ "SELECT id, incident, party, name, at, current FROM anchor ORDER BY id", "bbbtii" },
	{ "SELECT id, incident, party, duty, step, at FROM submission ORDER BY id", "bbbtti" },
	{ "SELECT incident, flag, value FROM incident_flag ORDER BY incident, flag", "btt" },
};

static void say(struct buf *b, const struct db_value *v)
{
	if (v->type == DB_INT)
		buf_printf(b, "%lld|", (long long)v->i);
	else if (v->type == DB_TEXT)
		buf_printf(b, STR_FMT "|", STR_ARG(v->s));
	else
		for (ptrdiff_t i = 0; v->type == DB_BLOB && i < v->s.len; i++)
			buf_printf(b, "%02x", (unsigned)(unsigned char)v->s.ptr[i]);
	buf_add(b, S("|"));
}

static str shot(struct stage *s)
{
	enum db_type types[16];
	struct buf b;
	struct err err = { 0 };
	buf_init(&b, &s->round, SHOT_MAX);
	for (ptrdiff_t i = 0; i < COUNTOF(shots); i++) {
		struct db_statement q = { .name = arena_printf(&s->arena, "shot%td", i).ptr,
					  .text = { shots[i].sql, shots[i].sql },
					  .columns = (int)strlen(shots[i].types),
					  .types = types };
		for (int k = 0; k < q.columns; k++)
			types[k] = shots[i].types[k] == 'b'   ? DB_BLOB
				   : shots[i].types[k] == 'i' ? DB_INT
							      : DB_TEXT;
		struct db_rows rows;
		bool ok = db_query(s->db, &q, NULL, &s->round, &rows, &err);
		if (!ok)
			fprintf(stderr, "%s: %s\n", shots[i].sql, err.text);
		ASSERT(ok);
		for (ptrdiff_t n = 0; n < rows.count * rows.columns; n++) {
			if (n % rows.columns == 0)
				buf_printf(&b, "\n%td ", i);
			say(&b, &rows.values[n]);
		}
	}
	ASSERT(!b.over);
	return buf_str(&b);
}

static void show_difference(str was, str is)
{
	ptrdiff_t from = 0;
	for (ptrdiff_t i = 0; i < was.len && i < is.len && was.ptr[i] == is.ptr[i]; i++)
		if (was.ptr[i] == '\n')
			from = i;
	fprintf(stderr, "was: " STR_FMT "\nis:  " STR_FMT "\n", STR_ARG(str_sub(was, from, from + 600)),
		STR_ARG(str_sub(is, from, from + 600)));
}

/* --- acts and their undo --- */

enum act { OPEN, ATTACH, DETACH, SPLIT, MERGE, JOIN, REMOVE, ACTS };
static const char *const act_names[ACTS] = { "open", "attach", "detach", "split", "merge", "join", "remove" };

struct done {
	enum act act;
	struct uuid incident, place;
	struct uuid ids[REPORTS];
	ptrdiff_t count;
	str before;
};

static struct incident_command command(struct stage *s, enum incident_act act, struct uuid incident)
{
	return (struct incident_command){
		.world = &s->world, .who = &s->who, .act = act, .incident = incident, .if_version = -1
	};
}

static bool do_it(struct stage *s, struct done *x)
{
	struct incident_command c = command(s, INCIDENT_ATTACH, x->incident);
	struct incident_open open = { .world = &s->world,
				      .who = &s->who,
				      .reports = x->ids,
				      .report_count = x->count,
				      .title = S("Opened"),
				      .arena = &s->arena };
	struct incident_split split = { .world = &s->world,
					.who = &s->who,
					.incident = x->incident,
					.if_version = -1,
					.reports = x->ids,
					.report_count = x->count,
					.arena = &s->arena };
	bool ok = false;
	struct party_remove remove = {
		.world = &s->world, .who = &s->who, .incident = x->incident, .party = x->place
	};
	bool needs = x->act == ATTACH || x->act == DETACH || x->act == SPLIT ||
		     (x->act == OPEN && roll(s, 8));
	if (x->count == 0 && needs)
		return false;
	c.ids = x->ids;
	c.id_count = x->count;
	switch (x->act) {
	case OPEN:
		ok = run(s, incident_open_decide, &open);
		x->incident = open.id;
		break;
	case SPLIT:
		ok = run(s, incident_split_decide, &split);
		x->incident = split.id;
		break;
	case ATTACH:
		return run(s, incident_decide, &c);
	case DETACH:
		c.act = INCIDENT_DETACH;
		ok = run(s, incident_decide, &c);
		x->place = c.place;
		return ok;
	case MERGE:
		if (uuid_eq(x->place, x->incident))
			return false;
		c.act = INCIDENT_MERGE;
		c.other = x->place;
		return run(s, incident_decide, &c);
	case JOIN:
		if (uuid_eq(x->place, x->incident))
			return false;
		c.act = INCIDENT_JOIN;
		c.other = x->place;
		ok = run(s, incident_decide, &c);
		x->incident = c.place;
		return ok;
	case REMOVE:
		return !uuid_is_nil(x->place) && run(s, party_remove_decide, &remove);
	case ACTS:
		return false;
	}
	if (ok && s->incident_count < INCIDENTS_MAX)
		s->incidents[s->incident_count++] = x->incident;
	return ok;
}

static void undo(struct stage *s, struct done *x)
{
	static const enum incident_act how[ACTS] = { [OPEN] = INCIDENT_WITHDRAW_IT,
						     [SPLIT] = INCIDENT_WITHDRAW_IT,
						     [ATTACH] = INCIDENT_DETACH,
						     [DETACH] = INCIDENT_ATTACH,
						     [MERGE] = INCIDENT_UNMERGE,
						     [JOIN] = INCIDENT_LEAVE };
	struct party_remove back = {
		.world = &s->world, .who = &s->who, .incident = x->incident, .party = x->place, .back = true
	};
	struct incident_command c = command(s, how[x->act], x->act == DETACH ? x->place : x->incident);
	c.ids = x->ids;
	c.id_count = x->count;
	bool ok = x->act == REMOVE ? run(s, party_remove_decide, &back) : run(s, incident_decide, &c);
	str is = shot(s);
	if (!ok || !str_eq(is, x->before)) {
		fprintf(stderr, "%s was not undone%s\n", act_names[x->act], ok ? "" : ": it was refused");
		show_difference(x->before, is);
	}
	ASSERT(ok && str_eq(is, x->before));
	s->done[x->act]++;
}

/* Reports in this incident, or with nil the new ones, from a random one on. */
static void some_reports(struct stage *s, struct uuid incident, struct done *x)
{
	static const enum db_type types[1] = { DB_BLOB };
	static const char sql[] =
		"SELECT id FROM report WHERE COALESCE(incident, ?1) = ?1 AND (incident IS NOT NULL"
		" OR ?1 = ?2) ORDER BY id";
	static const char pg[] =
		"SELECT id FROM report WHERE COALESCE(incident, $1) = $1 AND (incident IS NOT NULL"
		" OR $1 = $2) ORDER BY id";
	struct db_statement q = {
		.name = "some", .text = { sql, pg }, .params = 2, .columns = 1, .types = types
	};
	struct uuid nil = { { 0 } };
	struct db_value v[2] = { { DB_BLOB, 0, uuid_bytes(&incident) }, { DB_BLOB, 0, uuid_bytes(&nil) } };
	struct db_rows rows;
	struct err err = { 0 };
	ASSERT(db_query(s->db, &q, v, &s->round, &rows, &err));
	int most = 1 + roll(s, 3), first = rows.count ? roll(s, (int)rows.count) : 0;
	for (ptrdiff_t i = 0; i < rows.count && i < most; i++)
		memcpy(&x->ids[x->count++], rows.values[(first + i) % rows.count].s.ptr, sizeof(struct uuid));
}

/* One that has reports, more often than not. */
static struct uuid some_incident(struct stage *s)
{
	static const enum db_type types[1] = { DB_BLOB };
	struct db_statement q = {
		.name = "used",
		.text = { "SELECT DISTINCT incident FROM report WHERE incident IS NOT NULL",
			  "SELECT DISTINCT incident FROM report WHERE incident IS NOT NULL" },
		.columns = 1,
		.types = types
	};
	struct db_rows rows;
	struct err err = { 0 };
	struct uuid id = s->incidents[roll(s, s->incident_count)];
	ASSERT(db_query(s->db, &q, NULL, &s->round, &rows, &err));
	if (rows.count && roll(s, 4))
		memcpy(&id, rows.values[roll(s, (int)rows.count)].s.ptr, sizeof(id));
	return id;
}

static struct uuid some_party(struct stage *s, struct uuid incident)
{
	static const enum db_type types[1] = { DB_BLOB };
	struct db_statement q = {
		.name = "parties",
		.text = { "SELECT id FROM party WHERE incident = ?1 AND removed = 0 ORDER BY id",
			  "SELECT id FROM party WHERE incident = $1 AND removed = 0 ORDER BY id" },
		.params = 1,
		.columns = 1,
		.types = types
	};
	struct db_value v = { DB_BLOB, 0, uuid_bytes(&incident) };
	struct uuid party = { { 0 } };
	struct db_rows rows;
	struct err err = { 0 };
	ASSERT(db_query(s->db, &q, &v, &s->round, &rows, &err));
	if (rows.count)
		memcpy(&party, rows.values[roll(s, (int)rows.count)].s.ptr, sizeof(party));
	return party;
}

static void choose(struct stage *s, struct done *x)
{
	*x = (struct done){ .act = (enum act)roll(s, ACTS) };
	if (s->incident_count == 0)
		x->act = OPEN;
	else
		x->incident = some_incident(s);
	if (x->act == MERGE || x->act == JOIN)
		x->place = some_incident(s);
	else if (x->act == REMOVE)
		x->place = some_party(s, x->incident);
	else
		some_reports(s, x->act == OPEN || x->act == ATTACH ? (struct uuid){ { 0 } } : x->incident, x);
}

/* Something that stays: a time, an answer, a message, a state. */
static void other_work(struct stage *s)
{
	struct uuid incident = s->incidents[roll(s, s->incident_count)];
	struct json *asked = json_object(&s->round), *factors = json_object(&s->round);
	struct incident_command c = command(s, INCIDENT_RELEASE, incident);
	struct party_add p = { .world = &s->world,
			       .who = &s->who,
			       .incident = incident,
			       .name = S("Somebody"),
			       .address = S("a@x.example"),
			       .role = S("provider") };
	struct uuid made, party = some_party(s, incident);
	bool there = !uuid_is_nil(party);
	struct party_fact f = { .world = &s->world,
				.who = &s->who,
				.incident = incident,
				.party = party,
				.fact = roll(s, 3)   ? S("aware")
					: roll(s, 3) ? S("affected")
						     : S("contained"),
				.value = roll(s, 2) ? S("no") : S("yes"),
				.said = S("party"),
				.at = instant_add(s->clock.at, -MINUTES(roll(s, 90))) };
	struct message_send m = { .world = &s->world,
				  .who = &s->who,
				  .incident = incident,
				  .ids = &party,
				  .id_count = 1,
				  .subject = S("A question"),
				  .text = S("What happened?"),
				  .tlp = TLP_AMBER,
				  .request_hours = 4,
				  .made = &made };
	switch (roll(s, 8)) {
	case 0:
		if (there)
			(void)run(s, party_fact_decide, &f);
		return;
	case 1:
		if (there)
			(void)run(s, message_send_decide, &m);
		return;
	case 2:
		c.act = INCIDENT_FLAG;
		c.text = S("breach");
		c.resolution = roll(s, 2) ? S("yes") : S("no");
		break;
	case 3:
		c.act = INCIDENT_WAIT;
		c.resolution = S("them");
		c.until = instant_add(s->clock.at, HOURS(5));
		break;
	case 4:
		(void)run(s, party_add_decide, &p);
		return;
	case 5:
	case 6:
		json_set_str(factors, "functional_impact",
			     roll(s, 2) ? S("significant_critical") : S("denial_critical"));
		json_set(asked, "factors", factors);
		json_set_str(asked, "override_band", roll(s, 4) ? S("") : S("low"));
		c.act = INCIDENT_SCORE;
		c.text = S("because");
		c.severity = asked;
		break;
	default:
		break;
	}
	(void)run(s, incident_decide, &c);
}

/* What was recorded of each incident that stands for itself is what the rules make of it now. */
static void check_severities(struct stage *s)
{
	static const enum db_type types[3] = { DB_BLOB, DB_TEXT, DB_TEXT };
	static const char sql[] =
		"SELECT id, severity, sector FROM incident WHERE severity IS NOT NULL AND root "
		"IS NULL AND COALESCE(resolution, '') <> 'withdrawn'";
	struct db_statement q = { .name = "scored", .text = { sql, sql }, .columns = 3, .types = types };
	struct db_rows rows;
	struct err err = { 0 };
	ASSERT(db_query(s->db, &q, NULL, &s->round, &rows, &err));
	for (ptrdiff_t i = 0; i < rows.count; i++) {
		str was = rows.values[3 * i + 1].s;
		struct score_of of = { .db = s->db,
				       .regime = s->world.regime,
				       .sector = rows.values[3 * i + 2].s };
		struct severity_result out;
		struct json *kept;
		memcpy(&of.incident, rows.values[3 * i].s.ptr, sizeof(of.incident));
		ASSERT(json_parse(&s->round, was, (struct json_limits){ 0 }, &kept, &err));
		of.asked = kept;
		ASSERT(score_incident(&of, &s->round, &out, &err));
		str now = json_compact(&s->round, score_kept(&s->round, kept, &out));
		if (!str_eq(now, was))
			fprintf(stderr, "recorded " STR_FMT "\nnow      " STR_FMT "\n", STR_ARG(was),
				STR_ARG(now));
		ASSERT(str_eq(now, was));
		s->followed += out.floors_count > 0;
	}
}

/* --- the stage --- */

static struct uuid organisation(struct stage *s, const char *name, const char *class, const char *cii,
				const char *network)
{
	struct directory_command c = { .regime = s->world.regime,
				       .who = &s->who,
				       .act = DIRECTORY_SET,
				       .set = { str_from(name), str_from(class),
						 str_from(cii[0] ? "telecom" : "banking"), S(""),
						str_from(cii) } };
	ASSERT(run(s, directory_decide, &c));
	struct directory_command n = { .regime = s->world.regime,
				       .who = &s->who,
				       .act = DIRECTORY_NETWORK,
				       .organisation = c.made,
				       .value = str_from(network) };
	ASSERT(run(s, directory_decide, &n));
	return c.made;
}

static void intake(struct stage *s, int i)
{
	struct err err = { 0 };
	static const char *const addresses[] = { "203.0.113.7", "198.51.100.9", "192.0.2.200", "nothing" };
	struct intake in = { .world = &s->world,
			     .channel = S("web"),
			     .title = S("A title"),
			     .text = arena_printf(&s->arena, "phishing at %s", addresses[i % 4]),
			     .reporter_name = S("R"),
			     .reporter_contact = S("r@x.example"),
			     .anonymous = i % 5 == 0 };
	s->clock.at = instant_add(s->clock.at, MINUTES(i % 3));
	ASSERT(intake_prepare(&in, &s->arena, &err) && run(s, intake_decide, &in));
	s->reports[i] = in.id;
}

static void stage_init(struct stage *s, const char *store, uint64_t seed)
{
	struct err err = { 0 };
	*s = (struct stage){ .store = store, .dice = seed };
	arena_init(&s->arena, 64 << 20, 512 << 20);
	arena_init(&s->round, 256 << 20, 512 << 20);
	s->world = (struct world){ .regime = regime_from(&s->arena, "pakistan-2023.yaml"),
				   .regime_id = S("PK-CERT-RULES-2023/0.1"),
				   .team = S("ncert"),
				   .prefix = S("TU"),
				   .secret = S("0123456789abcdef0123456789abcdef"),
				   .mail_domain = S("cert.example") };
	s->who = (struct identity){ .account = { { 0xaa } },
				    .login = S("x"),
				    .name = S("x"),
				    .team = S("ncert"),
				    .roles = ROLE_HANDLER | ROLE_LEAD | ROLE_DIRECTORY,
				    .scopes = ~0u };
	clock_fake_init(&s->clock, (struct instant){ SECONDS(1764000000) });
	rng_seeded_init(&s->rng, S("undo"));
	ASSERT(commit_create_store(store, &err));
	ASSERT(writer_open(
		(struct writer_options){ .store = store, .clock = &s->clock.clock, .rng = &s->rng.rng },
		&s->writer, &err));
	ASSERT(db_open(store, (struct db_options){ .read_only = true }, &s->db, &err));
	(void)organisation(s, "Demo Bank", "private", "A", "203.0.113.0/24");
	(void)organisation(s, "Other Bank", "regulated_entity", "", "198.51.100.0/24");
	(void)organisation(s, "Third Bank", "private", "", "192.0.2.0/24");
	for (int i = 0; i < REPORTS; i++)
		intake(s, i);
}

static void stage_done(struct stage *s)
{
	db_close(s->db);
	writer_close(s->writer);
	arena_done(&s->round);
	arena_done(&s->arena);
}

static void play(struct stage *s)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct done stack[DEPTH], kept;
		int depth = 1 + roll(s, DEPTH), n = 0;
		arena_reset(&s->round);
		for (int tries = 0; n < depth && tries < 40; tries++) {
			choose(s, &stack[n]);
			stack[n].before = shot(s);
			if (do_it(s, &stack[n])) {
				n++;
				check_severities(s);
			}
			else {
				s->refused++;
			}
		}
		while (n > 0)
			undo(s, &stack[--n]);
		choose(s, &kept);
		(void)do_it(s, &kept);
		if (s->incident_count)
			other_work(s);
		check_severities(s);
		s->clock.at = instant_add(s->clock.at, MINUTES(7));
	}
}

static void both_stores(const char *store, const char *other)
{
	struct stage s;
	struct err err = { 0 };
	struct hash256 live, again;
	struct db *db;
	stage_init(&s, store, 20261128);
	play(&s);
	(void)fprintf(stderr,
		      "%d open, %d attach, %d detach, %d split, %d merge, %d join, %d remove undone; "
		      "%d acts were refused\n",
		      s.done[OPEN], s.done[ATTACH], s.done[DETACH], s.done[SPLIT], s.done[MERGE],
		      s.done[JOIN], s.done[REMOVE], s.refused);
	for (int i = 0; i < ACTS; i++)
		ASSERT(s.done[i] > 3);
	ASSERT(s.followed > 20); /* floors that fit, among the severities that were compared */
	ASSERT(state_digest(s.db, &live, &err));
	stage_done(&s);
	ASSERT(commit_rebuild(store, other, (struct rebuild_progress){ 0 }, &err));
	ASSERT(db_open(other, (struct db_options){ .read_only = true }, &db, &err) &&
	       state_digest(db, &again, &err));
	ASSERT(memcmp(live.b, again.b, sizeof(live.b)) == 0);
	db_close(db);
}

/* In schemas of its own, as test_db does. */
static void postgresql(const char *url)
{
	static const char make[] =
		"DROP SCHEMA IF EXISTS test_undo CASCADE; CREATE SCHEMA test_undo; "
		"DROP SCHEMA IF EXISTS test_undo_copy CASCADE; CREATE SCHEMA test_undo_copy";
	const char *join = str_find_char(str_from(url), '?') < 0 ? "?" : "&";
	char store[600], rebuilt[600];
	struct err err = { 0 };
	struct db *db;
	ASSERT(db_open(url, (struct db_options){ 0 }, &db, &err) && db_script(db, make, &err));
	snprintf(store, sizeof(store), "%s%soptions=-csearch_path%%3Dtest_undo", url, join);
	snprintf(rebuilt, sizeof(rebuilt), "%s%soptions=-csearch_path%%3Dtest_undo_copy", url, join);
	both_stores(store, rebuilt);
	ASSERT(db_script(db, "DROP SCHEMA test_undo CASCADE; DROP SCHEMA test_undo_copy CASCADE", &err));
	db_close(db);
}

int main(void)
{
	char folder[] = "/tmp/naubat-undo-XXXXXX", store[64], rebuilt[64];
	const char *url = getenv("NAUBAT_TEST_PG");
	ASSERT(mkdtemp(folder) != NULL);
	snprintf(store, sizeof(store), "%s/a.db", folder);
	snprintf(rebuilt, sizeof(rebuilt), "%s/b.db", folder);
	both_stores(store, rebuilt);
	unlink(store);
	unlink(rebuilt);
	if (url)
		postgresql(url);
	else
		(void)puts("skipped: PostgreSQL part: NAUBAT_TEST_PG is not set");
	return rmdir(folder) == 0 ? 0 : 1;
}
