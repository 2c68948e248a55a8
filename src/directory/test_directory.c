/* The directory over a real store and writer: what commands refuse, tables in and out, who owns what. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "access/identity.h"
#include "directory/import.h"
#include "directory/owner.h"
#include "directory/read.h"
#include "format/json.h"
#include "model/network.h"
#include "regime/test_support.h"

struct desk {
	struct arena a;
	struct writer *writer;
	struct db *db;
	struct clock_fake clock;
	struct rng_seeded rng;
	const struct regime *regime;
	struct identity keeper, handler;
};

static bool run(struct desk *k, struct directory_command *c, const struct identity *who, struct err *err)
{
	struct command w = { .name = "test", .decide = directory_decide, .arg = c };
	c->regime = k->regime;
	c->who = who;
	bool ok = writer_run(k->writer, &w);
	*err = w.err;
	return ok;
}

static struct uuid must(struct desk *k, struct directory_command c)
{
	struct err err = { 0 };
	bool ok = run(k, &c, &k->keeper, &err);
	if (!ok)
		fprintf(stderr, "%s\n", err.text);
	ASSERT(ok);
	return c.made;
}

static void refused(struct desk *k, struct directory_command c, enum err_code code, const char *part)
{
	struct err err = { 0 };
	bool ok = run(k, &c, &k->keeper, &err);
	if (ok || err.code != code || str_find(str_from(err.text), str_from(part)) < 0)
		fprintf(stderr, "wanted %d '%s', got %d '%s'\n", code, part, ok ? 0 : (int)err.code,
			err.text);
	ASSERT(!ok && err.code == code && str_find(str_from(err.text), str_from(part)) >= 0);
}

static struct uuid organisation(struct desk *k, const char *name, const char *class, const char *sector)
{
	return must(k, (struct directory_command){
			       .act = DIRECTORY_SET,
			       .set = { str_from(name), str_from(class), str_from(sector), S(""), S("") } });
}

static struct uuid value(struct desk *k, enum directory_act act, struct uuid of, const char *text)
{
	return must(k, (struct directory_command){ .act = act, .organisation = of, .value = str_from(text) });
}

static bool owns(struct desk *k, const char *text, struct owner_found *out)
{
	struct observable o;
	struct err err = { 0 };
	bool read = observable_parse(&k->a, str_from(text), &o, &err);
	if (!read)
		fprintf(stderr, "%s: %s\n", text, err.text);
	ASSERT(read && owner_find(k->db, &k->a, k->regime, &o, out, &err));
	return !uuid_is_nil(out->organisation);
}

static void check_commands(struct desk *k)
{
	struct owner_found f;
	struct err err = { 0 };
	struct directory_command denied = { .act = DIRECTORY_SET,
					    .set = { .name = S("X"), .class = S("private") } };
	ASSERT(!run(k, &denied, &k->handler, &err) && err.code == ERR_DENIED);
	struct uuid bank = organisation(k, "  Demo   Bank ", "private", "banking");
	struct uuid isp = organisation(k, "Demo Telecom", "private", "telecom");
	refused(k,
		(struct directory_command){ .act = DIRECTORY_SET,
					    .set = { .name = S("Demo Bank"), .class = S("private") } },
		ERR_CONFLICT, "already");
	refused(k,
		(struct directory_command){ .act = DIRECTORY_SET,
					    .set = { .name = S("Y"), .class = S("martian") } },
		ERR_INPUT, "it has");
	refused(k, (struct directory_command){ .act = DIRECTORY_SET, .set = { .class = S("private") } },
		ERR_INPUT, "name");
	refused(k,
		(struct directory_command){
			.act = DIRECTORY_NETWORK, .organisation = isp, .value = S("198.51.100.7/24") },
		ERR_INPUT, "198.51.100.0/24");
	value(k, DIRECTORY_NETWORK, isp, "198.51.100.0/24");
	value(k, DIRECTORY_NETWORK, isp, "198.51.100.0/24"); /* again: nothing happens */
	struct uuid part = value(k, DIRECTORY_NETWORK, bank, "198.51.100[.]128/25");
	refused(k,
		(struct directory_command){
			.act = DIRECTORY_NETWORK, .organisation = bank, .value = S("198.51.100.0/24") },
		ERR_CONFLICT, "Demo Telecom");
	refused(k,
		(struct directory_command){
			.act = DIRECTORY_NETWORK, .organisation = bank, .value = S("0.0.0.0/0") },
		ERR_INPUT, "everybody");
	value(k, DIRECTORY_NETWORK, isp, "as64500");
	value(k, DIRECTORY_DOMAIN, bank, "*.Bank.Example");
	refused(k,
		(struct directory_command){
			.act = DIRECTORY_DOMAIN, .organisation = isp, .value = S("bank.example") },
		ERR_CONFLICT, "Demo Bank");
	refused(k,
		(struct directory_command){
			.act = DIRECTORY_DOMAIN, .organisation = isp, .value = S("no domain") },
		ERR_INPUT, "example.org");
	ASSERT(owns(k, "198.51.100.200", &f) && uuid_eq(f.organisation, bank) &&
	       str_eq(f.value, S("198.51.100.128/25")));
	ASSERT(owns(k, "198.51.100.1", &f) && uuid_eq(f.organisation, isp));
	ASSERT(owns(k, "hxxp://www.BANK[.]example/login", &f) && uuid_eq(f.organisation, bank));
	ASSERT(owns(k, "AS64500", &f) && uuid_eq(f.organisation, isp));
	struct directory_command call = { .act = DIRECTORY_CONTACT,
					  .organisation = bank,
					  .contact = { .name = S("Duty desk"),
						       .address = S("soc@Bank.Example"),
						       .phone = S("+92 51 000000") } };
	must(k, call);
	call.contact.rank = 1;
	refused(k, call, ERR_CONFLICT, "taken");
	call.contact.rank = 2;
	call.contact.address = S("nobody");
	refused(k, call, ERR_INPUT, "mail address");
	must(k, (struct directory_command){ .act = DIRECTORY_REMOVE, .organisation = bank, .item = part });
	ASSERT(owns(k, "198.51.100.200", &f) && uuid_eq(f.organisation, isp));
	refused(k, (struct directory_command){ .act = DIRECTORY_REMOVE, .organisation = bank, .item = part },
		ERR_MISSING, "no");
}

static void check_removal(struct desk *k)
{
	struct owner_found f;
	struct uuid wide = organisation(k, "Wide", "private", ""),
		    narrow = organisation(k, "Narrow", "private", "");
	value(k, DIRECTORY_NETWORK, wide, "192.0.2.0/24");
	value(k, DIRECTORY_NETWORK, narrow, "192.0.2.0/28");
	ASSERT(owns(k, "192.0.2.3", &f) && uuid_eq(f.organisation, narrow));
	must(k,
	     (struct directory_command){ .act = DIRECTORY_REMOVE, .organisation = narrow, .item = narrow });
	ASSERT(owns(k, "192.0.2.3", &f) && uuid_eq(f.organisation, wide));
	must(k, (struct directory_command){ .act = DIRECTORY_REMOVE, .organisation = wide, .item = wide });
	ASSERT(!owns(k, "192.0.2.3", &f));
}

static struct import *table(struct desk *k, enum import_kind kind, str csv)
{
	struct import *im = NEW(&k->a, struct import, 1);
	struct err err = { 0 };
	*im = (struct import){ .regime = k->regime, .who = &k->keeper, .kind = kind, .arena = &k->a };
	bool ok = import_read(im, csv, &err);
	if (!ok)
		fprintf(stderr, "%s\n", err.text);
	ASSERT(ok);
	return im;
}

static void dry(struct desk *k, struct import *im)
{
	struct err err = { 0 };
	ASSERT(import_plan(im, k->db, &err));
}

static bool real(struct desk *k, struct import *im, struct err *err)
{
	struct command w = { .name = "test", .decide = import_decide, .arg = im };
	bool ok = writer_run(k->writer, &w);
	*err = w.err;
	return ok;
}

static int64_t size(struct desk *k)
{
	struct journal j;
	struct err err;
	ASSERT(journal_load(&j, k->db, &err));
	return j.tree.size;
}

static void check_import(struct desk *k)
{
	struct err err = { 0 };
	str bad = S("Class;NAME;sector\nprivate;\"=2+5\";banking\nprivate;Demo "
		    "Bank;banking\nprivate;New;no\nprivate;=2+5;power\n");
	struct import *im = table(k, IMPORT_ORGANISATIONS, bad);
	int64_t before = size(k);
	dry(k, im);
	ASSERT(im->count == 4 && im->refused == 2 && im->fates[FATE_ADD] == 1 && im->fates[FATE_SAME] == 1);
	ASSERT(im->rows[2].refused && im->rows[2].line == 4 &&
	       str_find(im->rows[2].reason, S("sector")) >= 0);
	ASSERT(im->rows[3].refused && str_find(im->rows[3].reason, S("line 2")) >= 0);
	ASSERT(size(k) == before && !real(k, im, &err) && err.code == ERR_INPUT && size(k) == before);
	ASSERT(str_find(str_from(err.text), S("line 4")) >= 0);
	struct import *unknown = NEW(&k->a, struct import, 1);
	*unknown = (struct import){
		.regime = k->regime, .who = &k->keeper, .kind = IMPORT_DOMAINS, .arena = &k->a
	};
	ASSERT(!import_read(unknown, S("organisation,domain,sectr\n"), &err) &&
	       str_find(str_from(err.text), S("sectr")) >= 0);
	ASSERT(!import_read(unknown, S("organisation\n"), &err) && !import_read(unknown, S(""), &err));
	im = table(k, IMPORT_ORGANISATIONS,
		   S("name,class,sector\n=2+5,private,banking\nDemo Bank,private,power\n"));
	ASSERT(real(k, im, &err) && im->fates[FATE_ADD] == 1 && im->fates[FATE_CHANGE] == 1 &&
	       size(k) == before + 2);
	ASSERT(real(
		k, table(k, IMPORT_NETWORKS, S("organisation,network\n'=2+5,2001:db8::/32\n'=2+5,AS64501\n")),
		&err));
	ASSERT(real(k, table(k, IMPORT_DOMAINS, S("domain,organisation\nexample.net,'=2+5\n")), &err));
	ASSERT(real(k,
		    table(k, IMPORT_CONTACTS,
			  S("organisation,rank,name,role,address,phone,note\n"
			    "'=2+5,1,@home,abuse,a@example.net,+92 1,\"two, words\"\n'=2+5,2,-,,,'+92 2,\n")),
		    &err));
	struct import *refusals = table(k, IMPORT_CONTACTS,
					S("organisation,rank,name,address\nNobody,1,A,a@example.net\n"
					  "Demo Bank,first,A,a@example.net\nDemo Bank,3,A,\nDemo "
					  "Bank,3,A,b@example.net\nDemo Bank,3,B,b@example.net\n"));
	dry(k, refusals);
	ASSERT(refusals->refused == 4 && refusals->fates[FATE_ADD] == 1);
}

/* I3: whatever is in the directory, exported and imported is the same. */
static void check_round_trip(struct desk *k)
{
	for (int i = 0; i < IMPORT_KINDS; i++) {
		struct buf out;
		struct err err = { 0 };
		buf_init(&out, &k->a, 1 << 20);
		ASSERT(directory_export(k->db, &k->a, (enum import_kind)i, &out, &err));
		struct import *im = table(k, (enum import_kind)i, buf_str(&out));
		dry(k, im);
		ASSERT(im->count > 0 && im->fates[FATE_SAME] == im->count);
		int64_t before = size(k);
		ASSERT(real(k, im, &err) && size(k) == before);
		ASSERT(str_find(buf_str(&out), S("\n=")) < 0 && str_find(buf_str(&out), S(",=")) < 0);
	}
}

static void check_reading(struct desk *k)
{
	struct directory d = { k->db, &k->a, k->regime };
	struct directory_page page;
	struct err err = { 0 };
	struct directory_filter f = { .q = S("demo"), .limit = 1 };
	ASSERT(directory_list(&d, &f, &page, &err) && page.count == 1 && page.total == 2 && page.next.len);
	ASSERT(str_eq(json_get_str(page.records[0]->fields, "name"), S("Demo Bank")));
	f.cursor = page.next;
	ASSERT(directory_list(&d, &f, &page, &err) && page.count == 1 && page.next.len == 0);
	ASSERT(str_eq(json_get_str(page.records[0]->fields, "name"), S("Demo Telecom")));
	ASSERT(json_get_int(page.records[0]->fields, "networks") == 2);
	f = (struct directory_filter){ .q = S("BANK") };
	ASSERT(directory_list(&d, &f, &page, &err) && page.count == 1); /* the second word of the name */
	f = (struct directory_filter){ .q = S("%") };
	ASSERT(directory_list(&d, &f, &page, &err) && page.count == 0);
	f = (struct directory_filter){ .sector = S("telecom") };
	ASSERT(directory_list(&d, &f, &page, &err) && page.count == 1);
	struct record r;
	const struct released *out;
	const struct identity auditor = { .roles = ROLE_AUDITOR, .scopes = ~0u };
	ASSERT(directory_read(&d, page.records[0]->id, &r, &err) &&
	       json_count(json_get(r.fields, "networks")) == 2);
	ASSERT(json_get_instant(r.fields, "updated_at").us == k->clock.at.us);
	ASSERT(release_check(&k->a, &r, &(struct audience){ .person = &k->keeper }, &out, &err));
	ASSERT(!release_check(&k->a, &r, &(struct audience){ .person = &auditor }, &out, &err));
	struct observable o;
	ASSERT(observable_parse(&k->a, S("2001:db8::1"), &o, &err) && directory_lookup(&d, &o, &r, &err));
	ASSERT(json_get_bool(r.fields, "found") && json_count(json_get(r.fields, "contacts")) == 2);
}

/* Owners: random nested networks against looking at every one. */

enum { NETWORKS = 120, QUESTIONS = 600 };

static struct network random_network(struct rng *r, bool v4)
{
	struct ip ip;
	str base = v4 ? S("10.0.0.0") : S("fd00::");
	struct err err;
	ASSERT(ip_parse(base, &ip, &err));
	for (int i = v4 ? 13 : 12; i < 16; i++) /* few bits, so that they nest and touch */
		ip.b[i] = (uint8_t)(rng_below(r, 3) * 0x41);
	return network_of(ip, 128 - (int)rng_below(r, v4 ? 24 : 40));
}

static void check_owners(struct desk *k)
{
	struct network all[NETWORKS];
	struct uuid owner[NETWORKS], who[4];
	struct rng *r = &k->rng.rng;
	ptrdiff_t count = 0;
	for (int i = 0; i < 4; i++)
		who[i] = organisation(k, (const char *[]){ "Owner A", "Owner B", "Owner C", "Owner D" }[i],
				      "private", "");
	for (int i = 0; i < NETWORKS; i++) {
		struct network n = random_network(r, i % 2);
		ptrdiff_t same = 0;
		while (same < count && network_cmp(all[same], n) != 0)
			same++;
		if (same < count)
			continue;
		all[count] = n;
		owner[count] = who[rng_below(r, 4)];
		str text = network_format(&k->a, n);
		value(k, DIRECTORY_NETWORK, owner[count], arena_cstr(&k->a, text));
		count++;
	}
	for (int i = 0; i < QUESTIONS; i++) {
		struct network q = random_network(r, i % 2);
		struct owner_found f;
		ptrdiff_t best = -1;
		if (i % 3)
			q = network_of(network_last(q), 128);
		for (ptrdiff_t n = 0; n < count; n++)
			if (network_covers(all[n], q) && (best < 0 || all[n].bits > all[best].bits))
				best = n;
		struct observable o = { .type = OBSERVABLE_CIDR, .value = network_format(&k->a, q) };
		struct err err = { 0 };
		ASSERT(owner_find(k->db, &k->a, k->regime, &o, &f, &err));
		bool found = !uuid_is_nil(f.organisation);
		ASSERT(found == (best >= 0));
		ASSERT(best < 0 || uuid_eq(f.organisation, owner[best]));
		ASSERT(best < 0 || str_eq(f.value, network_format(&k->a, all[best])));
	}
}

int main(void)
{
	char dir[] = "/tmp/naubat-test-XXXXXX", store[64];
	struct desk k = { .keeper = { .team = S("ncert"), .roles = ROLE_DIRECTORY, .scopes = ~0u },
			  .handler = { .team = S("ncert"), .roles = ROLE_HANDLER, .scopes = ~0u } };
	struct err err = { 0 };
	ASSERT(mkdtemp(dir) != NULL);
	snprintf(store, sizeof(store), "%s/a.db", dir);
	arena_init(&k.a, ARENA_HARD_DEFAULT, 1 << 30);
	clock_fake_init(&k.clock, (struct instant){ SECONDS(1764000000) });
	rng_seeded_init(&k.rng, S("directory"));
	k.regime = regime_from(&k.a, "pakistan-2023.yaml");
	ASSERT(commit_create_store(store, &err));
	ASSERT(writer_open(
		(struct writer_options){ .store = store, .clock = &k.clock.clock, .rng = &k.rng.rng },
		&k.writer, &err));
	ASSERT(db_open(store, (struct db_options){ .read_only = true }, &k.db, &err));
	check_commands(&k);
	check_removal(&k);
	check_import(&k);
	check_round_trip(&k);
	check_reading(&k);
	check_owners(&k);
	check_round_trip(&k);
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
