#include "model/marking.h"

static void test_tlp(void)
{
	struct err err = { 0 };
	enum tlp tlp = TLP_UNMARKED;
	static const struct {
		const char *text; enum tlp want;
	} good[] = {
		{ "TLP:CLEAR", TLP_CLEAR },
		{ "tlp:white", TLP_CLEAR },
		{ "White", TLP_CLEAR },
		{ "clear", TLP_CLEAR },
		{ "TLP:GREEN", TLP_GREEN },
		{ "amber", TLP_AMBER },
		{ "TLP:AMBER+STRICT", TLP_AMBER_STRICT },
		{ "tlp : amber + strict", TLP_AMBER_STRICT },
		{ "AMBER STRICT", TLP_AMBER_STRICT },
		{ "TLP-AMBER-STRICT", TLP_AMBER_STRICT },
		{ "tlp=red", TLP_RED },
		{ " TLP:RED\n", TLP_RED },
		{ "amber_strict", TLP_AMBER_STRICT },
		{ "TLP RED", TLP_RED },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(good); i++)
		ASSERT(tlp_parse(str_from(good[i].text), &tlp, &err) && tlp == good[i].want);
	static const char *const bad[] = { "",           "TLP:",          "TLP",
					   "TLP:PURPLE", "REDACTED",      "TLP:RED.",
					   "TLP:AMBER+", "ex:chr",        "TLP:AMBER+LAX",
					   "TLP:STRICT", "TLP:RED GREEN", "PAP:RED",
					   "TLPRED",     "TLP::RED",      "\xd8\xb3\xd8\xb1\xd8\xae" };
	for (ptrdiff_t i = 0; i < COUNTOF(bad); i++) {
		tlp = TLP_GREEN;
		err = (struct err){ 0 };
		ASSERT(!tlp_parse(str_from(bad[i]), &tlp, &err) && err.code == ERR_INPUT && tlp == TLP_GREEN);
	}
	for (int i = TLP_CLEAR; i < TLP_COUNT; i++) {
		ASSERT(tlp_parse(tlp_format((enum tlp)i), &tlp, &err) && tlp == (enum tlp)i);
		ASSERT(tlp_parse(tlp_name((enum tlp)i), &tlp, &err) && tlp == (enum tlp)i);
		ASSERT(tlp_meaning((enum tlp)i).len > 0);
	}
	ASSERT(tlp_format(TLP_UNMARKED).len == 0 && tlp_name(TLP_UNMARKED).len == 0);
	enum pap pap = PAP_UNMARKED;
	for (int i = PAP_CLEAR; i < PAP_COUNT; i++)
		ASSERT(pap_parse(pap_name((enum pap)i), &pap, &err) && pap == (enum pap)i);
	ASSERT(!pap_parse(S("PAP:AMBER+STRICT"), &pap, &err) && pap_parse(S("pap:white"), &pap, &err) &&
	       pap == PAP_CLEAR);
}

static struct marking nth(int n)
{
	return (struct marking){ (enum tlp)(n % 6), (enum pap)(n / 6 % 5), n / 30 % 3,
				 (enum source_naming)(n / 90 % 3), n / 270 % 2 };
}

enum { ALL = 540 };

static bool same(struct marking a, struct marking b)
{
	return marking_covers(a, b) && marking_covers(b, a) && a.presumed == b.presumed;
}

/* I2 to I4 over every pair. */
static void test_join(void)
{
	struct err err = { 0 };
	for (int i = 0; i < ALL; i++)
		for (int k = 0; k < ALL; k++) {
			struct marking a = nth(i), b = nth(k), ab = marking_join(a, b),
				       out = { .classification = 9 };
			ASSERT(same(ab, marking_join(b, a)) && marking_covers(ab, a) &&
			       marking_covers(ab, b));
			ASSERT(same(marking_join(ab, a), ab) && (i != k || same(ab, a)));
			struct marking c = nth((i * 31 + k * 17) % ALL);
			ASSERT(same(marking_join(ab, c), marking_join(a, marking_join(b, c))));
			bool may = marking_covers(b, a);
			ASSERT(marking_raise(a, b, &out, &err) == may &&
			       (may ? same(out, ab) : out.classification == 9));
		}
	struct marking stated = { .tlp = TLP_AMBER }, presumed = { .tlp = TLP_AMBER, .presumed = true };
	ASSERT(!marking_join(stated, presumed).presumed &&
	       marking_join((struct marking){ .tlp = TLP_GREEN }, presumed).presumed);
	ASSERT(!marking_join((struct marking){ .tlp = TLP_RED }, presumed).presumed);
}

static void test_format(struct arena *a)
{
	struct err err = { 0 };
	struct marking m = { 0 };
	for (int i = 0; i < ALL; i++)
		ASSERT(marking_parse(marking_format(a, nth(i)), &m, &err) && same(m, nth(i)));
	m = (struct marking){ TLP_AMBER_STRICT, PAP_RED, 2, SOURCE_ANONYMOUS_TO_HUB, true };
	ASSERT(str_eq(marking_format(a, m),
		      S("TLP:AMBER+STRICT PAP:RED class=2 source=anonymous_to_hub presumed")));
	ASSERT(str_eq(marking_format(a, (struct marking){ 0 }), S("unmarked")));
	static const char *const bad[] = { "",
					   "TLP:red",
					   "TLP:RED ",
					   " TLP:RED",
					   "TLP:RED  PAP:RED",
					   "TLP:RED class=0",
					   "TLP:RED class=01",
					   "TLP:RED class=16",
					   "TLP:RED class=",
					   "TLP:RED source=named",
					   "TLP:RED presumed PAP:RED",
					   "TLP:RED PAP:RED PAP:RED",
					   "TLP:RED unmarked",
					   "TLP:WHITE",
					   "RED",
					   "TLP:RED colour=red",
					   "TLP:RED PAP:RED\n" };
	for (ptrdiff_t i = 0; i < COUNTOF(bad); i++) {
		err = (struct err){ 0 };
		ASSERT(!marking_parse(str_from(bad[i]), &m, &err) && err.code == ERR_INPUT &&
		       m.classification == 2);
	}
}

static void test_detect(void)
{
	static const struct {
		const char *text;
		enum tlp tlp;
		enum pap pap;
		const char *doubtful;
	} cases[] = {
		{ "[TLP:AMBER] Phishing against banks", TLP_AMBER, PAP_UNMARKED, NULL },
		{ "Re: [tlp:amber+strict] x", TLP_AMBER_STRICT, PAP_UNMARKED, NULL },
		{ "TLP AMBER STRICT - notice", TLP_AMBER_STRICT, PAP_UNMARKED, NULL },
		{ "TLP:WHITE, PAP:GREEN", TLP_CLEAR, PAP_GREEN, NULL },
		{ "TLP:CLEAR quotes a TLP:RED one", TLP_RED, PAP_UNMARKED, NULL },
		{ "TLP\xef\xbc\x9aRED", TLP_RED, PAP_UNMARKED, NULL },
		{ "nothing here: TLPs are tlp designations, ATLP:RED, tlpred", TLP_UNMARKED, PAP_UNMARKED,
		  NULL },
		{ "TLP:REDACTED", TLP_UNMARKED, PAP_UNMARKED, "TLP:REDACTED" },
		{ "[TLP:ROT] und TLP:BLAU", TLP_UNMARKED, PAP_UNMARKED, "TLP:ROT" },
		{ "TLP:AMBER+NOFORN", TLP_UNMARKED, PAP_UNMARKED, "TLP:AMBER+NOFORN" },
		{ "TLP: \xd8\xb3\xd8\xb1\xd8\xae", TLP_UNMARKED, PAP_UNMARKED,
		  "TLP: \xd8\xb3\xd8\xb1\xd8\xae" },
		{ "tlp", TLP_UNMARKED, PAP_UNMARKED, NULL },
		{ "TLP:", TLP_UNMARKED, PAP_UNMARKED, NULL },
		{ "the red label; tlp-2 is new", TLP_UNMARKED, PAP_UNMARKED, NULL },
		{ "", TLP_UNMARKED, PAP_UNMARKED, NULL },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(cases); i++) {
		struct marking_found f = marking_detect(str_from(cases[i].text));
		ASSERT(f.tlp == cases[i].tlp && f.pap == cases[i].pap &&
		       f.doubtful == (cases[i].doubtful != NULL));
		ASSERT(str_eq(f.where, str_from(cases[i].doubtful)));
	}
	static char late[MARKING_HEAD + 16];
	memset(late, ' ', sizeof(late));
	memcpy(late + MARKING_HEAD, "TLP:RED", 7);
	ASSERT(marking_detect((str){ late, sizeof(late) }).tlp == TLP_UNMARKED);
}

int main(void)
{
	struct arena a;
	arena_init(&a, 1 << 26, 1 << 28);
	test_tlp();
	test_join();
	test_format(&a);
	test_detect();
	arena_done(&a);
	return 0;
}
