#include "app/demo_seed.h"

#include <stdio.h>

#include "access/identity.h"
#include "base/text.h"
#include "cases/incident.h"
#include "cases/intake.h"
#include "cases/message.h"
#include "cases/parties.h"
#include "cases/report.h"
#include "cases_sql.h"
#include "format/json.h"
#include "model/network.h"
#include "regime/regime.h"

struct demo_organisation {
	const char *name, *class, *sector, *province, *cii, *domain, *network, *contact;
};

/* 203.0.113.0/24, 198.51.100.0/24, 192.0.2.0/24 (RFC 5737) and 2001:db8::/32 (RFC 3849), cut into pieces. */
static const struct demo_organisation organisations[] = {
	{ "Demo Bank", "regulated_entity", "banking", "sd", "B", "bank.example", "203.0.113.0/24",
	  "Sana Malik" },
	{ "Indus Savings Bank", "regulated_entity", "banking", "pb", "", "indus-savings.example",
	  "198.51.100.0/28", "Bilal Khan" },
	{ "Harbour Commercial Bank", "regulated_entity", "banking", "sd", "B", "harbour-bank.example",
	  "198.51.100.16/28", "Nida Shah" },
	{ "Paywave Wallets", "regulated_entity", "banking", "pb", "", "paywave.example", "198.51.100.32/28",
	  "Omar Rafiq" },
	{ "Crescent Microfinance", "regulated_entity", "banking", "kp", "", "crescent-mf.example",
	  "198.51.100.48/28", "Hina Gul" },
	{ "Northstar Telecom", "licensee", "telecom", "pb", "A", "northstar.example", "192.0.2.0/26",
	  "Kamran Aziz" },
	{ "Skylink Mobile", "licensee", "telecom", "sd", "A", "skylink.example", "192.0.2.64/27",
	  "Farah Iqbal" },
	{ "Meridian Fibre", "licensee", "telecom", "kp", "", "meridian-fibre.example", "192.0.2.96/27",
	  "Tariq Mehmood" },
	{ "Valley Broadband", "licensee", "telecom", "gb", "", "valley-net.example", "2001:db8:100::/48",
	  "Yasmin Baig" },
	{ "Riverside Power Distribution", "semi_government", "power", "pb", "A", "riverside-power.example",
	  "192.0.2.128/28", "Imran Qureshi" },
	{ "Coastal Grid Company", "semi_government", "power", "sd", "A", "coastal-grid.example",
	  "192.0.2.144/28", "Ayesha Noor" },
	{ "Sunfield Solar Park", "private", "power", "ba", "", "sunfield.example", "192.0.2.160/28",
	  "Danish Ali" },
	{ "Mountain Hydro Authority", "government", "power", "gb", "B", "mountain-hydro.example",
	  "192.0.2.176/28", "Shazia Karim" },
	{ "Registry of Citizens", "government", "public_sector", "", "A", "registry.example",
	  "198.51.100.64/27", "Asad Raza" },
	{ "Revenue Board (demonstration)", "government", "public_sector", "", "B", "revenue.example",
	  "198.51.100.96/27", "Maria Yousaf" },
	{ "Eastern Province Secretariat", "government", "public_sector", "pb", "", "eastern.example",
	  "198.51.100.128/28", "Zahid Hussain" },
	{ "City of Lakeview", "government", "public_sector", "sd", "", "lakeview.example",
	  "198.51.100.144/28", "Rabia Tahir" },
	{ "Post and Parcels", "semi_government", "public_sector", "", "", "post.example", "198.51.100.160/28",
	  "Junaid Anwar" },
	{ "Plain University", "semi_government", "higher_education", "pb", "", "plain-university.example",
	  "198.51.100.176/28", "Dr Sara Latif" },
	{ "Institute of Applied Science", "semi_government", "higher_education", "kp", "",
	  "applied-science.example", "198.51.100.192/28", "Dr Adeel Bashir" },
	{ "Seaside College", "private", "higher_education", "sd", "", "seaside-college.example",
	  "2001:db8:200::/48", "Mehwish Abbas" },
	{ "Falcon Air", "private", "aviation", "sd", "", "falcon-air.example", "198.51.100.208/28",
	  "Haris Javed" },
	{ "Northern Airport Company", "semi_government", "aviation", "gb", "B", "northern-airport.example",
	  "198.51.100.224/28", "Lubna Saeed" },
	{ "Airspace Services", "government", "aviation", "", "A", "airspace.example", "198.51.100.240/28",
	  "Faisal Mirza" },
	{ "Hosting Hall", "private", "information_technology", "pb", "", "hosting-hall.example",
	  "192.0.2.192/27", "Abuse desk" },
	{ "Cloudberry Servers", "private", "information_technology", "sd", "", "cloudberry.example",
	  "192.0.2.224/28", "Abuse desk" },
	{ "Teaching Hospital Northside", "semi_government", "health", "pb", "", "northside-hospital.example",
	  "192.0.2.240/28", "Dr Uzma Farooq" },
	{ "Telecom CERT", "government", "telecom", "", "", "telecom-cert.example", "2001:db8:300::/48",
	  "Duty desk" },
	{ "Banking CERT", "government", "banking", "", "", "banking-cert.example", "2001:db8:301::/48",
	  "Duty desk" },
	{ "Daily Lantern", "private", "media", "pb", "", "daily-lantern.example", "2001:db8:400::/48",
	  "Newsroom" },
	{ "Shopkeeper (individual)", "individual", "community", "kp", "", "", "", "" },
};

static const struct {
	const char *login, *name, *team, *line;
	unsigned roles;
} people[] = {
	{ "amina", "Amina Yusuf", "ncert",
	  "Duty handler: takes reports, opens incidents, writes to the parties", ROLE_HANDLER },
	{ "rashid", "Rashid Karim", "ncert", "Shift lead: answers for the shift, gives work, waives clocks",
	  ROLE_HANDLER | ROLE_LEAD },
	{ "tania", "Tania Shah", "telecom",
	  "Handler of the Telecom CERT: sees telecom's cases, and none of banking's",
	  ROLE_HANDLER | ROLE_LEAD },
	{ "babar", "Babar Ali", "banking", "Handler of the Banking CERT", ROLE_HANDLER | ROLE_LEAD },
	{ "power-desk", "Parveen Akhtar", "power", "Handler of the Power CERT", ROLE_HANDLER },
	{ "keeper", "Khalid Mansoor", "ncert", "Keeps the directory: organisations, contacts, networks",
	  ROLE_DIRECTORY },
	{ "auditor", "Aliya Rehman", "ncert", "Auditor: the journal's headers and proofs, no case content",
	  ROLE_AUDITOR },
	{ "admin", "Adnan Siddiqui", "ncert", "Administrator: accounts and sign-ins, no case content",
	  ROLE_ADMIN },
	{ "council", "Council seat: industry", "council",
	  "A seat of the oversight body: counts and times, no case", ROLE_COUNCIL },
};

/* Who signs in for an organisation. */
static const struct {
	const char *login, *name, *line;
	int organisation;
} constituents[] = {
	{ "sana", "Sana Malik",
		"Security officer of Demo Bank: reads what the CERT sent it, answers, submits", 0 },
};

struct demo_report {
	const char *channel, *text, *name, *contact;
};

struct seed {
	const char *store;
	const struct world *world;
	struct clock_fake clock;
	struct rng *rng;
	struct writer *writer;
	struct arena *a;
	struct instant now;
	struct uuid organisation[COUNTOF(organisations)];
	struct uuid person[COUNTOF(people)];
	struct err *err;
};

static bool run(struct seed *s, struct uuid actor, bool (*decide)(struct decision *, void *, struct err *),
		void *arg, struct receipt *out)
{
	struct command c = {
		.name = "demo", .actor = actor, .regime = s->world->regime_id, .decide = decide, .arg = arg
	};
	if (!writer_run(s->writer, &c)) {
		*s->err = c.err;
		return false;
	}
	if (out)
		*out = c.receipt;
	return true;
}

static void add(struct decision *d, const char *kind, struct uuid id, struct json *p, struct json *words)
{
	decision_add(d, (struct draft){ .kind = kind,
					.subject = id,
					.audience = SCOPE_NODE,
					.payload = p,
					.content = words });
}

static struct json *child(struct decision *d, struct uuid organisation)
{
	struct json *p = json_object(d->arena);
	json_set_uuid(p, "organisation", organisation);
	return p;
}

static bool one_organisation(struct decision *d, struct seed *s, ptrdiff_t i, struct err *err)
{
	const struct demo_organisation *o = &organisations[i];
	struct json *p = json_object(d->arena);
	struct uuid id = s->organisation[i] = decision_new_id(d);
	struct regime_party party = { .org_class = str_from(o->class),
				      .sector = str_from(o->sector),
				      .province = str_from(o->province),
				      .cii_grade = str_from(o->cii),
				      .cii = o->cii[0] != '\0' };
	json_set_str(p, "name", str_from(o->name));
	json_set_str(p, "class", party.org_class);
	json_set_str(p, "sector", party.sector);
	json_set_str(p, "province", party.province);
	json_set_str(p, "cii", party.cii_grade);
	json_set_str(p, "team", regime_team_for(s->world->regime, &party, d->arena).team->id);
	add(d, "organisation.set", id, p, NULL);
	if (o->domain[0] == '\0')
		return true;
	struct json *domain = child(d, id), *network = child(d, id), *contact = child(d, id),
		    *words = json_object(d->arena);
	struct network n;
	if (!network_parse(str_from(o->network), &n, err))
		return false;
	json_set_str(domain, "name", str_from(o->domain));
	json_set_str(network, "first", text_hex(d->arena, ip_bytes(&n.first)));
	json_set_int(network, "prefix", n.bits);
	json_set_int(contact, "position", 1);
	json_set_str(contact, "purpose", S("duty"));
	json_set_str(words, "name", str_from(o->contact));
	json_set_str(words, "address", arena_printf(d->arena, "security@%s", o->domain));
	json_set_str(words, "phone", S("+00 000 0000"));
	add(d, "domain.set", decision_new_id(d), domain, NULL);
	add(d, "network.set", decision_new_id(d), network, NULL);
	add(d, "contact.set", decision_new_id(d), contact, words);
	return true;
}

static void one_account(struct decision *d, struct uuid id, struct json *p, const char *const texts[3],
			unsigned roles)
{
	struct json *words = json_object(d->arena);
	json_set_str(p, "login", str_from(texts[0]));
	json_set_int(p, "roles", roles);
	json_set_bool(p, "active", true);
	json_set_str(words, "name", str_from(texts[1]));
	json_set_str(words, "line", str_from(texts[2]));
	if (json_get_str(p, "team").len)
		json_set_str(words, "mail",
			     arena_printf(d->arena, "%s@" STR_FMT ".example", texts[0],
					  STR_ARG(json_get_str(p, "team"))));
	add(d, "account.set", id, p, words);
}

static bool foundation(struct decision *d, void *arg, struct err *err)
{
	struct seed *s = arg;
	struct json *created = json_object(d->arena);
	json_set_bool(created, "demonstration", true);
	add(d, "node.created", decision_new_id(d), created, NULL);
	for (ptrdiff_t i = 0; i < COUNTOF(people); i++) {
		const char *const texts[] = { people[i].login, people[i].name, people[i].line };
		struct json *p = json_object(d->arena);
		s->person[i] = decision_new_id(d);
		json_set_str(p, "team", str_from(people[i].team));
		one_account(d, s->person[i], p, texts, people[i].roles);
	}
	for (ptrdiff_t i = 0; i < COUNTOF(organisations); i++)
		if (!one_organisation(d, s, i, err))
			return false;
	for (ptrdiff_t i = 0; i < COUNTOF(constituents); i++) {
		const char *const texts[] = { constituents[i].login, constituents[i].name,
					      constituents[i].line };
		struct json *p = json_object(d->arena);
		json_set_str(p, "team", S(""));
		json_set_uuid(p, "organisation", s->organisation[constituents[i].organisation]);
		one_account(d, decision_new_id(d), p, texts, ROLE_CONSTITUENT);
	}
	return true;
}

static struct identity who(const struct seed *s, ptrdiff_t i)
{
	return (struct identity){ .account = s->person[i],
				  .login = str_from(people[i].login),
				  .name = str_from(people[i].name),
				  .team = str_from(people[i].team),
				  .roles = people[i].roles,
				  .scopes = ~0u };
}

static void at(struct seed *s, int64_t minutes_ago)
{
	s->clock.at = instant_add(s->now, -MINUTES(minutes_ago));
}

static bool report(struct seed *s, int64_t minutes_ago, struct demo_report r, struct uuid *out)
{
	struct intake in = { .world = s->world,
			     .channel = str_from(r.channel),
			     .text = str_from(r.text),
			     .reporter_name = str_from(r.name),
			     .reporter_contact = str_from(r.contact),
			     .anonymous = r.name[0] == '\0' };
	struct receipt receipt;
	at(s, minutes_ago);
	if (!intake_prepare(&in, s->a, s->err) || !run(s, actor_public(), intake_decide, &in, &receipt))
		return false;
	*out = receipt.subject;
	return true;
}

/* What is told of an organisation: @ is its domain, # its network's first address. */
static const struct demo_report stories[] = {
	{ "mail", "Phishing mail with a link to hxxps://login.@/verify, seen from #", "Saad Ahmed",
	  "saad@reader.example" },
	{ "web", "The start page of www.@ was replaced by a slogan. Server # answered.", "", "" },
	{ "api", "Command and control traffic to @ reported by a sensor; infected host #", "Sensor network",
	  "feeds@sensor.example" },
	{ "phone",
	  "Caller says all files at @ are encrypted since the morning; ransom note on the screens. Host #",
	  "Reception", "+00 000 1234" },
	{ "mail", "Open database found at db.@ (#), personal records readable without a password",
	  "Researcher", "finder@research.example" },
	{ "web", "Denial of service: portal.@ is unreachable, traffic from many hosts, target #", "Operator",
	  "noc@operator.example" },
	{ "mail", "Brute force against the VPN of @ from #, see attached log lines. CVE-2024-3400 tried too.",
	  "Log desk", "soc@partner.example" },
};

static str fill(struct arena *a, str text, str domain, str address)
{
	str_cut_result d = str_cut(text, '@');
	str_cut_result n = str_cut(d.tail, '#');
	return arena_printf(a, STR_FMT STR_FMT STR_FMT STR_FMT STR_FMT, STR_ARG(d.head), STR_ARG(domain),
			    STR_ARG(n.head), STR_ARG(address), STR_ARG(n.tail));
}

enum { HANDLER, LEAD, TELECOM, BANKING };

struct demo_step {
	enum incident_act what;
	str text, resolution;
	struct instant until;
};

static bool act(struct seed *s, ptrdiff_t person, struct uuid incident, struct demo_step x)
{
	struct identity me = who(s, person);
	struct open_end *ends;
	ptrdiff_t count = 0;
	struct incident_command c = { .world = s->world,
				      .who = &me,
				      .act = x.what,
				      .incident = incident,
				      .if_version = -1,
				      .text = x.text,
				      .resolution = x.resolution,
				      .until = x.until };
	struct uuid *ids = NULL;
	if (x.what == INCIDENT_CLOSE) {
		struct db *db;
		bool ok = db_open(s->store, (struct db_options){ .read_only = true }, &db, s->err) &&
			  incident_open_ends(db, s->a, incident, &ends, &count, s->err);
		db_close(db);
		if (!ok)
			return false;
		ids = NEW(s->a, struct uuid, count);
		for (ptrdiff_t i = 0; i < count; i++)
			ids[i] = ends[i].id;
		c.ids = ids;
		c.id_count = count;
	}
	return run(s, me.account, incident_decide, &c, NULL);
}

static bool score(struct seed *s, struct uuid incident, int turn)
{
	static const char *const texts[] = {
		"{\"factors\":{\"functional_impact\":\"minimal_critical\",\"observed_activity\":\"engage\"}}",
		"{\"factors\":{}}",
	};
	struct identity me = who(s, HANDLER);
	struct json *j;
	if (!json_parse(s->a, str_from(texts[turn % 2]), (struct json_limits){ 0 }, &j, s->err))
		return false;
	struct incident_command c = { .world = s->world,
				      .who = &me,
				      .act = INCIDENT_SCORE,
				      .incident = incident,
				      .if_version = -1,
				      .severity = j,
				      .text = S("") };
	struct err first = *s->err;
	if (!run(s, me.account, incident_decide, &c, NULL))
		*s->err = first; /* a regime with other factors: the case stays unscored */
	return true;
}

/* Every other of those that nobody has was never taken. */
static bool opened_untaken(int i)
{
	return i % 12 == 0;
}

/* What becomes of the i-th case, so that every state is there. */
static bool fate(struct seed *s, int i, struct uuid incident, int64_t minutes_ago)
{
	static const char *const endings[] = { "resolved", "false_alarm", "referred", "no_answer" };
	struct instant none = { 0 };
	at(s, minutes_ago - 30);
	if (!score(s, incident, i))
		return false;
	switch (i % 6) {
	case 1:
		return act(s, HANDLER, incident,
			   (struct demo_step){ INCIDENT_WAIT, S("asked for logs"), S("the hoster"),
					       instant_add(s->now, HOURS(5 + i)) });
	case 2:
	case 3:
		return act(s, HANDLER, incident,
			   (struct demo_step){ INCIDENT_CLOSE, S("Cause removed; the owner confirmed."),
					       str_from(endings[i % 4]), none });
	case 4:
		return act(
			s, HANDLER, incident,
			(struct demo_step){ INCIDENT_COMMENT,
					    S("Called the duty contact; call back after the shift change."),
					    S(""), none });
	case 5:
		return act(s, HANDLER, incident,
			   (struct demo_step){ INCIDENT_CLOSE, S("Thought to be done."), S("resolved"),
					       none }) &&
		       act(s, HANDLER, incident,
			   (struct demo_step){ INCIDENT_REOPEN, S("Seen again this morning."), S(""), none });
	default:
		return opened_untaken(i) ||
		       act(s, HANDLER, incident, (struct demo_step){ INCIDENT_RELEASE, S(""), S(""), none });
	}
}

static bool answer(struct seed *s, struct uuid id)
{
	struct identity me = who(s, HANDLER);
	struct report_command c = { .world = s->world,
				    .who = &me,
				    .act = REPORT_ANSWER,
				    .report = id,
				    .text = S("Thank you. We have told the owner of the address and will "
					      "write again when it is closed.") };
	return run(s, me.account, report_decide, &c, NULL);
}

/* Taken, opened and answered; *out is the incident. */
static bool begin_case(struct seed *s, int i, int64_t ago, bool untaken, struct uuid *out)
{
	const struct demo_organisation *o = &organisations[1 + i % (COUNTOF(organisations) - 5)];
	struct identity me = who(s, HANDLER);
	struct uuid id;
	struct receipt r;
	const str host = str_sub(str_from(o->network), 0, str_find_char(str_from(o->network), '/'));
	str text = fill(s->a, str_from(stories[i % COUNTOF(stories)].text), str_from(o->domain), host);
	struct demo_report told = stories[i % COUNTOF(stories)];
	told.text = arena_cstr(s->a, text);
	if (!report(s, ago, told, &id))
		return false;
	at(s, ago - 12);
	struct incident_open open = { .world = s->world,
				      .who = &me,
				      .reports = &id,
				      .report_count = 1,
				      .title = S(""),
				      .untaken = untaken,
				      .arena = s->a };
	struct report_command take = { .world = s->world, .who = &me, .act = REPORT_TAKE, .report = id };
	if (!run(s, me.account, report_decide, &take, NULL) ||
	    !run(s, me.account, incident_open_decide, &open, &r))
		return false;
	at(s, ago - 25);
	*out = r.subject;
	return answer(s, id);
}

static bool one_case(struct seed *s, int i)
{
	int64_t ago = 4200 - (int64_t)i * 110;
	struct uuid incident;
	return begin_case(s, i, ago, opened_untaken(i), &incident) && fate(s, i, incident, ago);
}

/* The months before: closed cases, whose parties submitted what they owed, one in four late.  They are
 * what numbers of a year are made of. */
enum { OLD_CASES = 60, OLD_FROM = 150 * 24 * 60, OLD_UNTIL = 6 * 24 * 60, OLD_SETTLED = 4400 };

/* More of late than in the beginning. */
static int64_t old_ago(int i)
{
	int64_t left = OLD_CASES - i;
	return OLD_UNTIL + (OLD_FROM - OLD_UNTIL) * left * left / (OLD_CASES * OLD_CASES);
}

static bool owed(struct seed *s, struct uuid incident, struct uuid *out_party,
		 struct sql_case_clocks_of_row **out_clocks, ptrdiff_t *out_count)
{
	struct sql_case_parties_of_row *parties;
	ptrdiff_t count = 0;
	struct db *db;
	bool ok = db_open(s->store, (struct db_options){ .read_only = true }, &db, s->err) &&
		  sql_case_parties_of(db, s->a, &(struct sql_case_parties_of){ incident }, &parties, &count,
				      s->err) &&
		  sql_case_clocks_of(db, s->a, &(struct sql_case_clocks_of){ incident }, out_clocks,
				     out_count, s->err);
	*out_party = (struct uuid){ { 0 } };
	for (ptrdiff_t i = 0; ok && i < count; i++)
		if (str_eq(parties[i].role, S("affected")))
			*out_party = parties[i].id;
	db_close(db);
	return ok;
}

/* Everything was submitted; the officer notes it afterwards. */
static bool settle(struct seed *s, struct uuid incident, int i, int64_t ago)
{
	static const int64_t hours[] = { 2, 9, 30, 60 };
	struct sql_case_clocks_of_row *clocks;
	struct identity me = who(s, HANDLER);
	struct uuid party;
	ptrdiff_t count;
	if (!owed(s, incident, &party, &clocks, &count) || uuid_is_nil(party))
		return s->err->text[0] == '\0';
	struct party_fact aware = { .world = s->world, .who = &me, .incident = incident, .party = party,
				    .fact = S("aware"), .said = S("officer"),
				    .at = instant_add(s->now, -MINUTES(ago)) };
	bool ok = run(s, me.account, party_fact_decide, &aware, NULL);
	for (ptrdiff_t n = 0; ok && n < count; n++) {
		struct party_submission sent = { .world = s->world, .who = &me, .incident = incident,
						 .party = party, .step = clocks[n].step,
						 .at = instant_add(aware.at, HOURS(hours[i % 4])) };
		if (uuid_eq(clocks[n].party, party))
			ok = run(s, me.account, party_submission_decide, &sent, NULL);
	}
	return ok;
}

static bool old_cases(struct seed *s)
{
	struct uuid incident[OLD_CASES];
	for (int i = 0; i < OLD_CASES; i++)
		if (!begin_case(s, i, old_ago(i), false, &incident[i]))
			return false;
	for (int i = 0; i < OLD_CASES; i++) {
		at(s, OLD_SETTLED - i / 2);
		if (!settle(s, incident[i], i, old_ago(i) - 30) ||
		    !fate(s, 6 * i + 2, incident[i], OLD_SETTLED - i / 2 + 30))
			return false;
	}
	return true;
}

/* A clock that was waived, one that was met after its target, and those that no duty asks for any more.  None
 * is late: what the demonstration's rules ask of an incident are targets, all of them. */
static bool flag(struct seed *s, struct uuid incident, str value)
{
	struct identity me = who(s, HANDLER);
	struct incident_command c = { .world = s->world, .who = &me, .act = INCIDENT_FLAG,
				      .incident = incident, .if_version = -1, .text = S("breach"),
				      .resolution = value, .said = S("party") };
	return run(s, me.account, incident_decide, &c, NULL);
}

static bool waive(struct seed *s, struct uuid incident, const char *step, const char *why)
{
	struct sql_case_clocks_of_row *clocks;
	struct identity lead = who(s, LEAD);
	struct uuid party;
	ptrdiff_t count;
	bool ok = owed(s, incident, &party, &clocks, &count);
	for (ptrdiff_t n = 0; ok && n < count; n++) {
		struct clock_settle c = { .world = s->world, .who = &lead, .clock = clocks[n].id,
					  .state = S("waived"), .reason = str_from(why) };
		if (str_eq(clocks[n].step, str_from(step)))
			ok = run(s, lead.account, clock_settle_decide, &c, NULL);
	}
	return ok;
}

static bool informed_late(struct seed *s, struct uuid incident, struct uuid party)
{
	struct identity me = who(s, HANDLER);
	struct party_fact confirmed = { .world = s->world, .who = &me, .incident = incident, .party = party,
					.fact = S("confirmed"), .said = S("party"),
					.at = instant_add(s->now, -HOURS(135)) };
	struct party_submission sent = { .world = s->world, .who = &me, .incident = incident, .party = party,
					 .step = S("inform"), .at = instant_add(confirmed.at, HOURS(60)) };
	return run(s, me.account, party_fact_decide, &confirmed, NULL) &&
	       run(s, me.account, party_submission_decide, &sent, NULL);
}

static bool breach_case(struct seed *s, int organisation, const char *title, struct uuid *out_incident,
			struct uuid *out_party)
{
	struct identity me = who(s, HANDLER);
	struct incident_open open = { .world = s->world, .who = &me, .arena = s->a,
				      .title = str_from(title) };
	struct party_add bank = { .world = s->world, .who = &me, .role = S("affected"),
				  .organisation = s->organisation[organisation] };
	struct receipt r;
	if (!run(s, me.account, incident_open_decide, &open, &r))
		return false;
	bank.incident = *out_incident = r.subject;
	bool ok = run(s, me.account, party_add_decide, &bank, NULL);
	*out_party = bank.made;
	return ok && flag(s, r.subject, S("yes"));
}

static bool breach_cases(struct seed *s)
{
	struct uuid incident, party;
	at(s, 4340);
	if (!breach_case(s, 1, "Customer data of Indus Savings Bank on a paste site", &incident, &party) ||
	    !informed_late(s, incident, party) ||
	    !waive(s, incident, "compensate",
		   "Nobody lost money: the cards were blocked before they were used."))
		return false;
	at(s, 4330);
	return breach_case(s, 3, "Customer data for sale, which proved invented", &incident, &party) &&
	       flag(s, incident, S("no"));
}

/* Cases that another team coordinates: the National CERT does not see them, and they do not see its. */
static bool other_team(struct seed *s, ptrdiff_t person, const char *title, int64_t minutes_ago)
{
	struct identity me = who(s, person);
	struct incident_open open = {
		.world = s->world, .who = &me, .title = str_from(title), .arena = s->a
	};
	at(s, minutes_ago);
	return run(s, me.account, incident_open_decide, &open, NULL);
}

/* Amina has it in hand; who reported it was not answered yet. */
static bool in_hand(struct seed *s, int64_t minutes_ago, struct uuid id)
{
	struct identity me = who(s, HANDLER);
	struct report_command take = { .world = s->world, .who = &me, .act = REPORT_TAKE, .report = id };
	at(s, minutes_ago);
	return run(s, me.account, report_decide, &take, NULL);
}

/* Two that look like what the newcomer will report: nothing is new before that, and the feedback to the first
 * reporter is due next. */
static bool similar_reports(struct seed *s)
{
	struct uuid id;
	return report(s, 24 * 60 - 11,
		      (struct demo_report){ "mail",
					    "Fake login page for bank customers at "
					    "hxxps://secure-login.bank.example/, served from "
					    "203.0.113.7. Several colleagues received the link by SMS.",
					    "Saad Ahmed", "saad@reader.example" },
		      &id) &&
	       in_hand(s, 24 * 60 - 20, id) &&
	       report(s, 46,
		      (struct demo_report){
			      "web",
			      "203.0.113[.]7 shows the log-in form of a bank and asks for the card PIN", "",
			      "" },
		      &id) &&
	       in_hand(s, 40, id);
}

static bool fresh_reports(struct seed *s)
{
	struct uuid id;
	struct identity lead = who(s, LEAD);
	if (!report(s, 170,
		    (struct demo_report){
			    "web",
			    "Strange SMS with a link to hxxp://parcel-fee.example/pay, sender 198.51.100.161",
			    "Customer", "customer@reader.example" },
		    &id))
		return false;
	at(s, 160);
	struct report_command reject = {
		.world = s->world,
		.who = &lead,
		.act = REPORT_REJECT,
		.report = id,
		.tell = true,
		.text = S("This is an advertisement of the shop itself; we found nothing harmful.")
	};
	return run(s, lead.account, report_decide, &reject, NULL);
}

static bool tell(struct seed *s, struct uuid incident, struct uuid party, struct message_send m)
{
	struct identity me = who(s, HANDLER);
	struct uuid made;
	m.world = s->world;
	m.who = &me;
	m.incident = incident;
	m.ids = &party;
	m.id_count = 1;
	m.made = &made;
	return run(s, me.account, message_send_decide, &m, NULL);
}

static bool later(struct seed *s, int64_t minutes_ago)
{
	at(s, minutes_ago);
	return true;
}

/* For whoever signs in as Demo Bank: a duty that runs, a request that is open,
	and words too red for a mail. */
static bool bank_case(struct seed *s)
{
	struct identity me = who(s, HANDLER);
	struct incident_open open = { .world = s->world,
				      .who = &me,
				      .title = S("Card data of Demo Bank offered for sale"),
				      .arena = s->a };
	struct party_add bank = { .world = s->world, .who = &me, .organisation = s->organisation[0],
				  .role = S("affected") };
	struct receipt r;
	at(s, 205);
	if (!run(s, me.account, incident_open_decide, &open, &r))
		return false;
	bank.incident = r.subject;
	struct party_fact aware = { .world = s->world, .who = &me, .incident = r.subject,
		.said = S("officer"),
				    .fact = S("aware"), .at = instant_add(s->now, -MINUTES(200)) };
	at(s, 198);
	if (!run(s, me.account, party_add_decide, &bank, NULL))
		return false;
	aware.party = bank.made;
	return run(s, me.account, party_fact_decide, &aware, NULL) &&
	       tell(s, r.subject, bank.made,
		    (struct message_send){
			    .subject = S("Card data offered for sale: please check"),
			    .text = S("A seller offers 1 200 card numbers that seem to be yours. Please "
				      "check whether the terminals of your branches in Lakeview were "
				      "altered, and keep their logs."),
			    .tlp = TLP_AMBER,
			    .request_hours = 24 }) &&
	       later(s, 195) && tell(s, r.subject, bank.made,
		    (struct message_send){
			    .subject = S("Name of the seller's source"),
			    .text = S("For your eyes only: the seller names an employee of the Lakeview "
				      "branch as source. Speak to nobody of the branch before you have "
				      "called us."),
			    .tlp = TLP_RED });
}

static bool seed_all(struct seed *s)
{
	bool ok;
	at(s, OLD_FROM + 60);
	ok = run(s, actor_system(), foundation, s, NULL) && old_cases(s) && breach_cases(s);
	for (int i = 0; ok && i < 36; i++)
		ok = one_case(s, i);
	ok = ok && other_team(s, TELECOM, "Signalling abuse between two operators", 900) &&
	     other_team(s, TELECOM, "SIM swap complaints in the north", 420) &&
	     other_team(s, BANKING, "ATM skimmers found at three branches", 300) && bank_case(s) &&
	     similar_reports(s) && fresh_reports(s);
	return ok;
}

bool demo_seed(const char *store, const struct world *w, struct instant now, struct rng *rng, struct err *err)
{
	struct arena a;
	struct seed s = { .store = store, .world = w, .rng = rng, .now = now, .a = &a, .err = err };
	arena_init(&a, 256 << 20, 512 << 20);
	clock_fake_init(&s.clock, now);
	struct writer_options options = { .store = store, .clock = &s.clock.clock, .rng = rng };
	bool ok = commit_create_store(store, err) && writer_open(options, &s.writer, err);
	if (ok) {
		ok = seed_all(&s);
		writer_close(s.writer);
	}
	arena_done(&a);
	return ok;
}
