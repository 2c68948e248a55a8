#include "model/taxonomy.h"

static void test_tables(struct arena *a)
{
	for (ptrdiff_t i = 0; i < TAXONOMY_CLASSES; i++) {
		const struct taxonomy_class *c = taxonomy_at(i);
		ASSERT(c != NULL && c->title[0] && c->text[0]);
		ASSERT(taxonomy_find(str_from(c->id)) == c && taxonomy_find(str_from(c->title)) != NULL);
		ASSERT(taxonomy_find(str_from(c->value)) == c &&
		       taxonomy_find(taxonomy_machine_tag(a, c)) == c);
		ASSERT(str_eq(str_from(c->id), arena_printf(a, "%s:%s", c->predicate, c->value)));
		bool known = false;
		for (ptrdiff_t k = 0; k < TAXONOMY_PREDICATES; k++)
			known |= str_eq(str_from(taxonomy_predicate_at(k)->id), str_from(c->predicate));
		ASSERT(known);
	}
	ASSERT(taxonomy_at(TAXONOMY_CLASSES) == NULL && taxonomy_at(-1) == NULL &&
	       taxonomy_predicate_at(11) == NULL);
}

static void test_find(struct arena *a)
{
	struct err err = { 0 };
	const struct taxonomy_class *class = NULL;
	static const struct {
		const char *text, *id;
	} good[] = {
		{ "fraud/phishing", "fraud:phishing" },
		{ "rsit:fraud=\"phishing\"", "fraud:phishing" },
		{ "Phish", "fraud:phishing" },
		{ "unauthorized-use-of-resources", "fraud:unauthorised-use-of-resources" },
		{ "unauthorized_information_access",
		  "information-content-security:unauthorised-information-access" },
		{ "c2server", "malicious-code:c2-server" },
		{ "C&C", "malicious-code:c2-server" },
		{ "leak", "information-content-security:data-leak" },
		{ "vulnerable service", "vulnerable:vulnerable-system" },
		{ "ransomware", "information-content-security:unauthorised-information-modification" },
		{ "Defacement", "intrusions:application-compromise" },
		{ "Brute Force", "intrusion-attempts:brute-force" },
		{ "  DDoS ", "availability:ddos" },
		{ "dga-domain", "other:other" },
		{ "tor", "other:other" },
		{ "malware", "malicious-code:infected-system" },
		{ "Distributed Denial of Service", "availability:ddos" },
		{ "unauthorized-command", "intrusions:system-compromise" },
		{ "RSIT:test:test", "test:test" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(good); i++) {
		ASSERT(taxonomy_parse(str_from(good[i].text), &class, &err));
		ASSERT(str_eq(str_from(class->id), str_from(good[i].id)));
	}
	static const char *const bad[] = { "",           "fraud",    "fraud:", "phishing:fraud",
					   "fraud:spam", "nonsense", "rsit:" };
	for (ptrdiff_t i = 0; i < COUNTOF(bad); i++) {
		err = (struct err){ 0 };
		ASSERT(!taxonomy_parse(str_from(bad[i]), &class, &err) && err.code == ERR_INPUT);
	}
	str long_one = arena_dup(a, (str){ (char *)arena_alloc(a, 1, 1, 5000), 5000 });
	ASSERT(taxonomy_find(long_one) == NULL);
}

static void test_guess(struct arena *a)
{
	static const struct {
		const char *text, *id;
	} cases[] = {
		{ "Customers received a PHISHING mail with a link to a fake login page", "fraud:phishing" },
		{ "All our servers show a ransom note, files encrypted since midnight",
		  "information-content-security:unauthorised-information-modification" },
		{ "The ministry's site was defaced: hacked by xyz", "intrusions:application-compromise" },
		{ "We see a DDoS, mostly a SYN\nflood, against our DNS", "availability:ddos" },
		{ "sshd: 4000 failed login attempts, looks like brute-force",
		  "intrusion-attempts:brute-force" },
		{ "Your address contacted a sinkhole: it is infected", "malicious-code:infected-system" },
		{ "The report has nothing to go by", NULL },
		{ "", NULL },
		{ "leakage of water in the spamalot hall rootaccess", "abusive-content:spam" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(cases); i++) {
		struct taxonomy_guess g = taxonomy_guess(a, str_from(cases[i].text));
		ASSERT((g.class == NULL) == (cases[i].id == NULL));
		ASSERT(g.class == NULL ||
		       (str_eq(str_from(g.class->id), str_from(cases[i].id)) && g.why.len > 0));
	}
	struct taxonomy_guess g = taxonomy_guess(a, S("phishing on a login-page"));
	ASSERT(str_eq(g.why, S("the report says \"phish...\", \"login page\"")));
}

int main(void)
{
	struct arena a;
	arena_init(&a, 1 << 26, 1 << 28);
	test_tables(&a);
	test_find(&a);
	test_guess(&a);
	arena_done(&a);
	return 0;
}
