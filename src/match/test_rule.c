/* Rules as the loader makes them: trees, refusals, filters.  Real rules are in test_rule_shared.c. */
#include "match/rule.h"
#include "base/text.h"
#include "match/rule_show.h"

#include <stdio.h>

static const struct rule_set *load(struct arena *a, const char *text)
{
	struct rule_loader *l = rules_begin(a, (struct placeholders){ 0 });
	rules_add(l, S("x.yml"), str_from(text));
	return rules_finish(l);
}

/* A rule with this detection. */
static str rule_text(struct arena *a, const char *detection)
{
	str body = arena_printf(a, "title: T\nlogsource: { product: Windows }\ndetection:\n");
	for (str_cut_result c = { .tail = str_from(detection), .ok = true }; c.ok;) {
		c = str_cut(c.tail, '\n');
		body = arena_printf(a, STR_FMT "    " STR_FMT "\n", STR_ARG(body), STR_ARG(c.head));
	}
	return body;
}

struct tree { const char *detection, *shown; };

static void test_trees(struct arena *a, const struct yaml *placeholders, const struct tree *trees,
                       ptrdiff_t count)
{
	for (ptrdiff_t i = 0; i < count; i++) {
		struct rule_loader *l = rules_begin(a, (struct placeholders){ placeholders });
		rules_add(l, S("x.yml"), rule_text(a, trees[i].detection));
		const struct rule_set *set = rules_finish(l);
		for (const struct rule_refusal *r = set->refusals; r != NULL; r = r->next)
			fprintf(stderr, "%s\n" STR_FMT " (line %d)\n", trees[i].detection, STR_ARG(r->why),
			        r->at.line);
		ASSERT(set->rule_count == 1 && set->refusal_count == 0 && set->rules == set->last_rule);
		str shown = rule_show(a, set->rules);
		if (!str_eq(shown, str_from(trees[i].shown)))
			fprintf(stderr, "%s\nis  " STR_FMT "\nnot %s\n", trees[i].detection, STR_ARG(shown),
			        trees[i].shown);
		ASSERT(str_eq(shown, str_from(trees[i].shown)));
	}
}

static const struct tree texts[] = {
	/* the specification's table of escapes */
	{ "s: { F: 'a\\b\\\\c' }\ncondition: s", "F=\"a\\b\\c\"" },
	{ "s: { F: 'a\\*\\?b*c?' }\ncondition: s", "F=\"a\\*\\?b*c?\"" },
	{ "s: { F: 'a\\\\*' }\ncondition: s", "F=\"a\\*\"" },
	{ "s: { F: 'a\\\\\\*' }\ncondition: s", "F=\"a\\\\*\"" },
	{ "s: { F: 'a\\\\\\' }\ncondition: s", "F=\"a\\\\\"" },
	{ "s: { F: '\\\\\\\\srv\\' }\ncondition: s", "F=\"\\\\srv\\\"" },
	{ "s: { F: '' }\ncondition: s", "F=\"\"" },
	{ "s: { F: '**a**' }\ncondition: s", "F=\"*a*\"" },
	{ "s: { F|contains: 'a*b' }\ncondition: s", "F=\"*a*b*\"" },
	{ "s: { F|contains: '*a' }\ncondition: s", "F=\"*a*\"" },
	{ "s: { F|contains: '' }\ncondition: s", "F=\"*\"" },
	{ "s: { F|startswith: 'a' }\ncondition: s", "F=\"a*\"" },
	{ "s: { F|startswith: '' }\ncondition: s", "F=\"*\"" },
	{ "s: { F|endswith: '\\a' }\ncondition: s", "F=\"*\\a\"" },
	{ "s: { F|startswith|endswith: 'a' }\ncondition: s", "F=\"*a*\"" },
	{ "s: { F|cased|contains: 'Aa' }\ncondition: s", "F==\"*Aa*\"" },
	/* numbers, words of YAML, null */
	{ "s: { F: 5 }\ncondition: s", "F=\"5\"" },
	{ "s: { F: -7 }\ncondition: s", "F=\"-7\"" },
	{ "s: { F: 1.0 }\ncondition: s", "or(F=\"1.0\", F=\"1\")" },
	{ "s: { F: 1.5 }\ncondition: s", "F=\"1.5\"" },
	{ "s: { F: 0x10 }\ncondition: s", "or(F=\"0x10\", F=\"16\")" },
	{ "s: { F: '0x10' }\ncondition: s", "F=\"0x10\"" },
	{ "s: { F: 007 }\ncondition: s", "or(F=\"007\", F=\"7\")" },
	{ "s: { F|contains: 5 }\ncondition: s", "F=\"*5*\"" },
	{ "s: { F|contains: 0429 }\ncondition: s", "F=\"*0429*\"" },
	{ "s: { F|neq: 0x10 }\ncondition: s", "not(or(F=\"0x10\", F=\"16\"))" },
	{ "s: [0429]\ncondition: s", "keyword=\"*0429*\"" },
	{ "s: { F: True }\ncondition: s", "F=\"true\"" },
	{ "s: { F: 'True' }\ncondition: s", "F=\"True\"" },
	{ "s: { F: yes }\ncondition: s", "F=\"yes\"" },
	{ "s: { F: null }\ncondition: s", "F null" },
	{ "s: { F: }\ncondition: s", "F null" },
	{ "s: { F: ~ }\ncondition: s", "F null" },
	{ "s: { F: 'null' }\ncondition: s", "F=\"null\"" },
	{ "s: { F|neq: null }\ncondition: s", "not(F null)" },
	{ "s: { F: [a, '', 3] }\ncondition: s", "or(F=\"a\", F=\"\", F=\"3\")" },
	{ "s: { F|all: [a*, '*b'] }\ncondition: s", "and(F=\"a*\", F=\"*b\")" },
	{ "s: { F|contains|all: [a, b], G: c }\ncondition: s", "and(and(F=\"*a*\", F=\"*b*\"), G=\"c\")" },
	{ "s: { F|neq: [a, b] }\ncondition: s", "not(or(F=\"a\", F=\"b\"))" },
	{ "s: { F|all|neq: [a, b] }\ncondition: s", "not(and(F=\"a\", F=\"b\"))" },
	{ "s: { F|contains|neq: a }\ncondition: s", "not(F=\"*a*\")" },
};

static const struct tree modified[] = {
	{ "s: { F|re: 'a\\*b+' }\ncondition: s", "F~/a\\*b+/" },
	{ "s: { F|re|i|m|s: '^a.b$' }\ncondition: s", "F~/^a.b$/ims" },
	{ "s: { F|re|startswith: 'a|b' }\ncondition: s", "F~/\\A(?:a|b)/" },
	{ "s: { F|re|endswith: 'a|b' }\ncondition: s", "F~/(?:a|b)\\z/" },
	{ "s: { F|re|contains: 'a|b' }\ncondition: s", "F~/a|b/" },
	{ "s: { F|cidr: [10.0.0.0/8, '2001:db8::/32', 192.0.2.1] }\ncondition: s",
	  "or(F in 10.0.0.0/8, F in 2001:db8::/32, F in 192.0.2.1/32)" },
	{ "s: { F|lt: 5, G|lte: '5', H|gt: -1.5, I|gte: 1e3 }\ncondition: s", "and(F<5, G<=5, H>-1.5, "
	 "I>=1000)" },
	{ "s: { F|gte: 0x10 }\ncondition: s", "F>=16" },
	{ "s: { F|gt|neq: 5 }\ncondition: s", "not(F>5)" },
	{ "s: { F|minute: 59, G|hour: [0, 23], H|week|gte: 53 }\ncondition: s",
	  "and(minute of F=#59, or(hour of G=#0, hour of G=#23), week of H>=53)" },
	{ "s: { F|lt|hour: 8, G|day: 31, H|month: 12, I|year: 2026 }\ncondition: s",
	  "and(hour of F<8, day of G=#31, month of H=#12, year of I=#2026)" },
	{ "s: { F|exists: true, G|exists: false }\ncondition: s", "and(F exists, not(G exists))" },
	{ "s: { F|fieldref: G }\ncondition: s", "F=@G" },
	{ "s: { F|fieldref|startswith: G, H|endswith|fieldref: I, J|contains|fieldref: K }\ncondition: s",
	  "and(Fstarts@G, Hends@I, Jcontains@K)" },
	{ "s: { F|fieldref|neq: [G, H] }\ncondition: s", "not(or(F=@G, F=@H))" },
	{ "s: { F|fieldref|cased: G }\ncondition: s", "F=@@G" },
	{ "s: { F|base64: 'foobar' }\ncondition: s", "F=\"Zm9vYmFy\"" },
	{ "s: { F|wide|base64: 'cmd' }\ncondition: s", "F=\"YwBtAGQA\"" },
	{ "s: { F|utf16le|base64: 'cmd' }\ncondition: s", "F=\"YwBtAGQA\"" },
	{ "s: { F|utf16be|base64: 'cmd' }\ncondition: s", "F=\"AGMAbQBk\"" },
	{ "s: { F|utf16|base64: 'cmd' }\ncondition: s", "F=\"//5jAG0AZAA=\"" },
	{ "s: { F|wide|base64: 'é' }\ncondition: s", "F=\"6QA=\"" },
	{ "s: { F|wide|base64: '😀' }\ncondition: s", "F=\"PdgA3g==\"" },
	{ "s: { F|wide|contains: 'a*b' }\ncondition: s", "F=\"*a\\0*b\\0*\"" },
	{ "s: { F|base64offset|contains: 'foobar' }\ncondition: s",
	  "or(F=\"*Zm9vYmFy*\", F=\"*Zvb2Jhc*\", F=\"*mb29iYX*\")" },
	{ "s: { F|base64offset|contains: [foo, bar] }\ncondition: s",
	  "or(F=\"*Zm9v*\", F=\"*Zvb*\", F=\"*mb2*\", F=\"*YmFy*\", F=\"*Jhc*\", F=\"*iYX*\")" },
	{ "s: { F|base64offset|contains|all: [foo, bar] }\ncondition: s",
	  "and(or(F=\"*Zm9v*\", F=\"*Zvb*\", F=\"*mb2*\"), or(F=\"*YmFy*\", F=\"*Jhc*\", F=\"*iYX*\"))" },
	{ "s: { F|windash|contains: ' -f' }\ncondition: s",
	  "or(F=\"* -f*\", F=\"* /f*\", F=\"* –f*\", F=\"* —f*\", F=\"* ―f*\")" },
	{ "s: { F|windash: 'a*―b' }\ncondition: s",
	  "or(F=\"a*-b\", F=\"a*/b\", F=\"a*–b\", F=\"a*—b\", F=\"a*―b\")" },
	{ "s: { F|windash: abc }\ncondition: s", "F=\"abc\"" },
	{ "s: { F|windash: '' }\ncondition: s", "F=\"\"" },
};

static const struct tree conditions[] = {
	{ "a: { F: 1 }\nb: { F: 2 }\nc: { F: 3 }\ncondition: a or b and not c",
	  "or(F=\"1\", and(F=\"2\", not(F=\"3\")))" },
	{ "a: { F: 1 }\nb: { F: 2 }\nc: { F: 3 }\ncondition: (a or b) and not (c)",
	  "and(or(F=\"1\", F=\"2\"), not(F=\"3\"))" },
	{ "a: { F: 1 }\nb: { F: 2 }\ncondition: not not a AND NOT b",
	 "and(not(not(F=\"1\")), not(F=\"2\"))" },
	{ "sel_a: { F: 1 }\nx_sel: { F: 2 }\nb: { F: 3 }\ncondition: 1 of *sel* and not all of sel_*",
	  "and(or(F=\"1\", F=\"2\"), not(F=\"1\"))" },
	{ "a: { F: 1 }\n_b: { F: 2 }\nc: { F: 3 }\ncondition: 1 of them", "or(F=\"1\", F=\"3\")" },
	{ "a: { F: 1 }\n_b: { F: 2 }\nc: { F: 3 }\ncondition: all of them", "and(F=\"1\", F=\"3\")" },
	{ "a: { F: 1 }\n_b: { F: 2 }\nc: { F: 3 }\ncondition: any of * or 1 of _*",
	  "or(or(F=\"1\", F=\"3\"), F=\"2\")" },
	{ "a: { F: 1 }\nb: { F: 2 }\ncondition:\n  - a\n  - b and a", "or(F=\"1\", and(F=\"2\", F=\"1\"))" },
	{ "all: { F: 1 }\nany: { F: 2 }\n1: { F: 3 }\ncondition: all and any and 1",
	  "and(F=\"1\", F=\"2\", F=\"3\")" },
	{ "sel-a.b: { F: 1 }\ncondition: sel-a.b", "F=\"1\"" },
	/* lists and maps */
	{ "s:\n  - F: 1\n    G: 2\n  - H: 3\ncondition: s", "or(and(F=\"1\", G=\"2\"), H=\"3\")" },
	{ "s: [evil, 'a*b', 5, '\\*']\ncondition: s",
	  "or(keyword=\"*evil*\", keyword=\"*a*b*\", keyword=\"*5*\", keyword=\"*\\**\")" },
	{ "s: evil\ncondition: s", "keyword=\"*evil*\"" },
	{ "s:\n  '|all': [a, b]\ncondition: s", "and(keyword=\"*a*\", keyword=\"*b*\")" },
	{ "s:\n  '|re': 'a+'\n  '|cased': B\ncondition: s", "and(keyword~/a+/, keyword==\"*B*\")" },
	{ "s: [evil, { F: 1 }]\ncondition: s", "or(keyword=\"*evil*\", F=\"1\")" },
};

static const struct tree expanded[] = {
	{ "s: { F|expand: '%one%' }\ncondition: s", "F=\"srv*\"" },
	{ "s: { F: '%one%' }\ncondition: s", "F=\"%one%\"" },
	{ "s: { F|contains|expand: 'x%two%y' }\ncondition: s", "or(F=\"*xay*\", F=\"*xby*\")" },
	{ "s: { F|expand|endswith: '%two%-%two%' }\ncondition: s",
	  "or(F=\"*a-a\", F=\"*b-a\", F=\"*a-b\", F=\"*b-b\")" },
	{ "s: { F|expand: '\\%plain%one%' }\ncondition: s", "F=\"%plainsrv*\"" },
	{ "s: { F|expand: '100% % %two' }\ncondition: s", "F=\"100% % %two\"" },
	{ "s: { F|re|expand: '^%dots%$' }\ncondition: s", "or(F~/^a\\.b$/, F~/^(?s:.*)c$/)" },
	{ "s: { F|expand|all: ['%two%', c] }\ncondition: s", "and(or(F=\"a\", F=\"b\"), F=\"c\")" },
};

struct bad { const char *text; int line, column; const char *says; };

#define HEAD "title: T\nlogsource: { product: p }\ndetection:\n"

static const struct bad bads[] = {
	{ HEAD "  s: { F: 1 }\n", 4, 3, "no condition" },
	{ HEAD "  s: { F|foo: 1 }\n  condition: s\n", 4, 8, "unknown modifier \"foo\"" },
	{ HEAD "  s: { F|: 1 }\n  condition: s\n", 4, 8, "unknown modifier \"\"" },
	{ HEAD "  s: { F|Contains: 1 }\n  condition: s\n", 4, 8, "unknown modifier" },
	{ HEAD "  s: { F: 1 }\n  condition: s and t\n", 5, 20, "\"t\", which is no search identifier" },
	{ HEAD "  s: { F: 1 }\n  condition: 1 of t*\n", 5, 19, "no search identifier is called so" },
	{ HEAD "  s: { F: 1 }\n  condition: 1 of sel\n", 5, 19, "no search identifier is called so" },
	{ HEAD "  _s: { F: 1 }\n  condition: 1 of them\n", 5, 19, "no search identifier is called so" },
	{ HEAD "  s: { F: 1 }\n  condition: 2 of them\n", 5, 14, "\"2 of\"" },
	{ HEAD "  s: { F: 1 }\n  condition: s | count() > 5\n", 5, 16, "correlation" },
	{ HEAD "  s: { F: 1 }\n  timeframe: 5m\n  condition: s\n", 5, 3, "timeframe" },
	{ HEAD "  s: { F: 1 }\n  condition: (s\n", 5, 16, "without its \")\"" },
	{ HEAD "  s: { F: 1 }\n  condition: s)\n", 5, 15, "goes on with \")\"" },
	{ HEAD "  s: { F: 1 }\n  condition: s s\n", 5, 16, "goes on with \"s\"" },
	{ HEAD "  s: { F: 1 }\n  condition: s and\n", 5, 19, "ends where" },
	{ HEAD "  s: { F: 1 }\n  condition: s*\n", 5, 14, "1 of" },
	{ HEAD "  s: { F: 1 }\n  condition: 's or é or t'\n", 5, 20, "names \"é\"" },
	{ HEAD "  s: { F: 1 }\n  é: { F: 1 }\n  condition: 's or é or t'\n", 6, 25, "names \"t\"" },
	{ HEAD "  s: { F: 1 }\n  condition: >\n    s and\n    t\n", 5, 14, "names \"t\"" },
	{ HEAD "  s: { F: 1 }\n  condition: s and\n    t\n", 5, 14, "names \"t\"" },
	{ HEAD "  s: { F: 1 }\n  condition: \"s \\x61nd t\"\n", 5, 14, "names \"t\"" },
	{ HEAD "  s: { F: 1 }\n  condition: ''\n", 5, 14, "empty" },
	{ HEAD "  s: { F: 1 }\n  condition: []\n", 5, 14, "has to be a text" },
	{ HEAD "  s: { F: [1, null] }\n  condition: s\n", 4, 15, "null cannot stand in a list" },
	{ HEAD "  s: { F: [] }\n  condition: s\n", 4, 11, "empty list" },
	{ HEAD "  s: { F: { G: 1 } }\n  condition: s\n", 4, 11, "not a list or a map" },
	{ HEAD "  s: { F: [[1]] }\n  condition: s\n", 4, 12, "not a list or a map" },
	{ HEAD "  s: []\n  condition: s\n", 4, 6, "empty list" },
	{ HEAD "  s: {}\n  condition: s\n", 4, 6, "empty map" },
	{ HEAD "  s: [[a]]\n  condition: s\n", 4, 7, "list within a list" },
	{ HEAD "  s:\n  condition: s\n", 4, 3, "\"s\" is empty" },
	{ HEAD "  s: ['']\n  condition: s\n", 4, 7, "every event" },
	{ HEAD "  s: ['*']\n  condition: s\n", 4, 7, "every event" },
	{ HEAD "  s: { '|startswith': a }\n  condition: s\n", 4, 23, "a keyword is looked for anywhere" },
	{ HEAD "  s: { '|exists': true }\n  condition: s\n", 4, 19, "needs a field" },
	{ HEAD "  s: { F|exists: 'true' }\n  condition: s\n", 4, 18, "true or false" },
	{ HEAD "  s: { F|lt: five }\n  condition: s\n", 4, 14, "needs a number" },
	{ HEAD "  s: { F|lt|gt: 5 }\n  condition: s\n", 4, 17, "exclude each other" },
	{ HEAD "  s: { F|lt: 1e999 }\n  condition: s\n", 4, 14, "needs a number" },
	{ HEAD "  s: { F|hour: 24 }\n  condition: s\n", 4, 16, "from 0 to 23" },
	{ HEAD "  s: { F|hour: 1.5 }\n  condition: s\n", 4, 16, "from 0 to 23" },
	{ HEAD "  s: { F|hour|day: 1 }\n  condition: s\n", 4, 20, "one part of a time" },
	{ HEAD "  s: { F|cidr: 10.0.0.0/33 }\n  condition: s\n", 4, 16, "cidr" },
	{ HEAD "  s: { F|cidr: 10.* }\n  condition: s\n", 4, 16, "wildcards" },
	{ HEAD "  s: { F|i: a }\n  condition: s\n", 4, 13, "behind \"re\"" },
	{ HEAD "  s: { F|contains|re: a }\n  condition: s\n", 4, 23, "before the others" },
	{ HEAD "  s: { F|re|windash: a }\n  condition: s\n", 4, 22, "it needs a text" },
	{ HEAD "  s: { F|cased|lt: 5 }\n  condition: s\n", 4, 20, "\"cased\" does not fit" },
	{ HEAD "  s: { F|lt|cased: 5 }\n  condition: s\n", 4, 20, "it needs a text" },
	{ HEAD "  s: { F|contains: null }\n  condition: s\n", 4, 20, "null goes with no modifier" },
	{ HEAD "  s: { F|base64: 'a*' }\n  condition: s\n", 4, 18, "wildcards" },
	{ HEAD "  s: { F|base64offset: a }\n  condition: s\n", 4, 24, "too short" },
	{ HEAD "  s: { F|wide|wide: é }\n  condition: s\n", 4, 21, "bytes of it already" },
	{ HEAD "  s: { F|windash: '------' }\n  condition: s\n", 4, 19, "more than 3125" },
	{ HEAD "  s: { F|fieldref: 'a*' }\n  condition: s\n", 4, 20, "wildcards" },
	{ HEAD "  s: { F|expand: '%x%' }\n  condition: s\n", 4, 18, "placeholder %x%" },
	{ HEAD "  s: { F: &x 1 }\n  condition: s\n", 4, 11, "anchors" },
	{ HEAD "  s: { F: 1 }\n  s: { F: 2 }\n  condition: s\n", 5, 3, "twice" },
	{ HEAD "  s: { F: 1 }\n  condition: s\nlevel: urgent\n", 6, 8, "level has to be" },
	{ HEAD "  s: { F: 1 }\n  condition: s\nstatus: new\n", 6, 9, "status has to be" },
	{ HEAD "  s: { F: 1 }\n  condition: s\ntaxonomy: ecs\n", 6, 11, "taxonomy" },
	{ HEAD "  s: { F: 1 }\n  condition: s\ntags: [[a]]\n", 6, 8, "list of texts" },
	{ HEAD "  - a\n", 4, 3, "map of search identifiers" },
	{ "logsource: { product: p }\ndetection: { s: a, condition: s }\n", 1, 1, "no title" },
	{ "title: T\ndetection: { s: a, condition: s }\n", 1, 1, "no logsource" },
	{ "title: T\nlogsource: {}\ndetection: { s: a, condition: s }\n", 2, 1, "logsource is empty" },
	{ "title: T\nlogsource: { product: [] }\ndetection: { s: a, condition: s }\n", 2, 23, "has to be a "
	 "word" },
	{ "action: global\ntitle: T\n", 1, 1, "no longer Sigma" },
};

static void test_bads(struct arena *a)
{
	for (ptrdiff_t i = 0; i < COUNTOF(bads); i++) {
		const struct rule_set *set = load(a, bads[i].text);
		const struct rule_refusal *r = set->refusals;
		bool ok = set->rule_count == 0 && set->refusal_count == 1 && r != NULL && !r->no_rule
			&& r->at.line == bads[i].line && r->at.column == bads[i].column
			&& strstr(arena_cstr(a, r->why), bads[i].says) != NULL && str_eq(r->file, S("x.yml"));
		if (!ok)
			fprintf(stderr, "%s\n%td rules, %d:%d " STR_FMT "\n", bads[i].text, set->rule_count,
			        r ? r->at.line : 0, r ? r->at.column : 0, STR_ARG(r ? r->why : S("")));
		ASSERT(ok);
	}
}

static void test_no_rules(struct arena *a)
{
	static const char *const others[] = { "", "# nothing\n", "just text\n", "a: 1\n", "- a\n", "a: [\n",
	                                     "\xff\n" };
	for (ptrdiff_t i = 0; i < COUNTOF(others); i++) {
		const struct rule_set *set = load(a, others[i]);
		ASSERT(set->rule_count == 0 && set->refusal_count == 0 && set->refusals->no_rule
		       && set->refusals->next == NULL);
	}
}

static void test_about(struct arena *a)
{
	const struct rule_set *set = load(a, "title: Some title\nid: 6f3e2987-db24-4c78-a860-b4f4095a7095\n"
		"name: some_name\nstatus: experimental\nlevel: High\nauthor: Ann, Bob\ndescription: |\n  "
		"Two\n  lines\ndate: 2024-01-02\nmodified: 2025-03-04\nlicense: MIT\ntags:\n  - "
		"attack.t1059\n  - attack.execution\nreferences: https://example.org/\nfalsepositives: "
		"[Unknown]\nlogsource: { product: Windows, category: Process_Creation, definition: none }\n"
		"detection: { s: { F: 1 }, condition: s }\n");
	const struct rule *r = set->rules;
	ASSERT(str_eq(r->title, S("Some title")) && str_eq(r->id, S("6f3e2987-db24-4c78-a860-b4f4095a7095")));
	ASSERT(str_eq(r->name, S("some_name")) && str_eq(r->author, S("Ann, Bob")) && r->at.line == 1);
	ASSERT(str_eq(r->description, S("Two\nlines\n")) && str_eq(r->date, S("2024-01-02"))
	       && str_eq(r->modified, S("2025-03-04")) && str_eq(r->licence, S("MIT")));
	ASSERT(r->has_level && r->level == LEVEL_HIGH && r->has_status && r->status == STATUS_EXPERIMENTAL);
	ASSERT(r->tag_count == 2 && str_eq(r->tags[1], S("attack.execution")));
	ASSERT(r->reference_count == 1 && str_eq(r->references[0], S("https://example.org/"))
	       && r->false_positive_count == 1);
	ASSERT(str_eq(r->logsource.product, S("windows"))
	       && str_eq(r->logsource.category, S("process_creation")) && r->logsource.service.ptr == NULL);
	ASSERT(r->condition->kind == NODE_PREDICATE && str_eq(r->condition->name, S("s"))
	       && str_eq(r->condition->predicate->written, S("F: 1")) && !r->silent);
}

static void test_documents(struct arena *a)
{
	const struct rule_set *set = load(a, HEAD "  s: { F: 1 }\n  condition: s\nid: A\n---\n" HEAD
		"  s: { F: 2 }\n  condition: s\nid: b\n---\n"
		HEAD "  s: { F: 3 }\n  condition: s\nid: a\n---\n"
		HEAD "  s: { F|x: 4 }\n  condition: s\nid: c\n---\n");
	ASSERT(set->rule_count == 2 && set->refusal_count == 2 && str_eq(set->rules->id, S("A")));
	ASSERT(set->rules->next == set->last_rule && str_eq(set->last_rule->id, S("b"))
	       && set->last_rule->next == NULL && set->last_rule->at.line == 8);
	const struct rule_refusal *r = set->refusals;
	ASSERT(str_eq(r->id, S("c")) && r->at.line == 25 && str_eq(r->next->id, S("a"))
	       && r->next->at.line == 15);
	ASSERT(strstr(arena_cstr(a, r->next->why), "already that of x.yml, line 1") != NULL);
}

#define ONE(id, f) "---\ntitle: T\nid: " id "\nname: n" id "\n" \
	"logsource: { product: windows, category: c }\ndetection: { s: { F: " f " }, condition: s }\n"
#define FILTER(logsource, rules, condition) "---\ntitle: X\nid: f\nlogsource: " logsource "\nfilter:\n" \
	"  rules: " rules "\n  x: { U|startswith: adm_ }\n  y: { V: 2 }\n  condition: " condition "\n"

static void test_filters(struct arena *a)
{
	const struct rule_set *set = load(a, FILTER("{ product: windows }", "[ a, nb ]", "not x")
		ONE("a", "1") ONE("b", "2") ONE("c", "3")
		FILTER("{ product: windows, category: c }", "any", "not x and not y"));
	static const char *const shown[] = {
		"and(F=\"1\", not(U=\"adm_*\"), and(not(U=\"adm_*\"), not(V=\"2\")))",
		"and(F=\"2\", not(U=\"adm_*\"), and(not(U=\"adm_*\"), not(V=\"2\")))",
		"and(F=\"3\", and(not(U=\"adm_*\"), not(V=\"2\")))",
	};
	const struct rule *r = set->rules;
	ASSERT(set->rule_count == 3 && set->filter_count == 2 && set->refusal_count == 0);
	for (int i = 0; i < 3; i++, r = r->next)
		ASSERT(str_eq(rule_show(a, r), str_from(shown[i])));
	static const struct { const char *text, *says; } bad[] = {
		{ FILTER("{ product: windows }", "[ a ]", "x") ONE("a", "1"), "write `not` before it" },
		{ FILTER("{ product: windows }", "[ a ]", "x and not y") ONE("a", "1"), "write `not` before "
		 "it" },
		{ FILTER("{ product: windows }", "[ a ]", "not x or not y") ONE("a", "1"), "write `not` "
		 "before it" },
		{ FILTER("{ product: linux }", "[ a ]", "not x") ONE("a", "1"), "for no rule" },
		{ FILTER("{ product: windows }", "[ z ]", "not x") ONE("a", "1"), "for no rule" },
		{ FILTER("{ product: windows, service: s }", "any", "not x") ONE("a", "1"), "for no rule" },
		{ FILTER("{ product: windows }", "[]", "not x") ONE("a", "1"), "which rules it is for" },
		{ FILTER("{ product: windows }", "any", "[ not x ]") ONE("a", "1"), "one condition" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(bad); i++) {
		set = load(a, bad[i].text);
		ASSERT(set->rule_count == 1 && set->filter_count == 0 && set->refusal_count == 1);
		ASSERT(str_eq(rule_show(a, set->rules), S("F=\"1\"")));
		ASSERT(strstr(arena_cstr(a, set->refusals->why), bad[i].says) != NULL);
	}
	set = load(a, FILTER("{ product: windows }", "any", "not (not x)") ONE("a", "1"));
	ASSERT(str_eq(rule_show(a, set->rules), S("and(F=\"1\", not(not(U=\"adm_*\")))")));
}

/* All texts in all places of a Base64 text: the three values find every one of them. */
static void test_base64offset(struct arena *a)
{
	static const char *const words[] = { "ab", "http", "é", "日本", "IEX(", "abcdefg", "ünï" };
	for (ptrdiff_t w = 0; w < COUNTOF(words); w++) {
		str detection = arena_printf(a, "s: { F|base64offset|contains: '%s' }\ncondition: s",
		                             words[w]);
		struct rule_loader *l = rules_begin(a, (struct placeholders){ 0 });
		rules_add(l, S("x.yml"), rule_text(a, detection.ptr));
		const struct rule_node *any = rules_finish(l)->rules->condition;
		for (int before = 0; before < 7; before++)
			for (int behind = 0; behind < 4; behind++) {
				str encoded = text_base64(a, arena_printf(a, "%.*s%s%.*s", before, "xyzXYZ-",
				                                          words[w],
				                                          behind, "QRST"));
				int found = 0;
				for (const struct rule_node *n = any->first; n != NULL; n = n->next)
					found += str_find(encoded, n->predicate->glob[1].text) >= 0;
				ASSERT(found >= 1);
			}
	}
}

/* What is large is taken up to a bound that is told. */
static void test_sizes(struct arena *a)
{
	struct buf b;
	buf_init(&b, a, 16 << 20);
	buf_printf(&b, HEAD "  s:\n    F|contains:\n");
	for (int i = 0; i < 50000; i++)
		buf_printf(&b, "      - 'some value %d'\n", i);
	buf_printf(&b, "  condition: s\n");
	struct rule_loader *l = rules_begin(a, (struct placeholders){ 0 });
	rules_add(l, S("x.yml"), buf_str(&b));
	const struct rule_set *set = rules_finish(l);
	ptrdiff_t count = 0;
	ASSERT(set->rule_count == 1 && set->rules->condition->kind == NODE_OR);
	for (const struct rule_node *n = set->rules->condition->first; n != NULL; n = n->next)
		count++;
	ASSERT(count == 50000);
	buf_init(&b, a, 16 << 20);
	buf_printf(&b, HEAD "  s: { F: 1 }\n  condition: ");
	for (int i = 0; i < 41; i++)
		buf_printf(&b, "not ");
	buf_printf(&b, "s\n");
	buf_add_char(&b, '\0');
	set = load(a, buf_str(&b).ptr);
	ASSERT(set->refusal_count == 1 && strstr(arena_cstr(a, set->refusals->why), "more than 40") != NULL);
	buf_init(&b, a, 16 << 20);
	buf_printf(&b, HEAD "  s: { F: 1 }\n  condition: ");
	for (int i = 0; i < 35; i++)
		buf_printf(&b, "(s or s and ");
	buf_printf(&b, "s%.*s\n", 35, "))))))))))))))))))))))))))))))))))))))))");
	buf_add_char(&b, '\0');
	set = load(a, buf_str(&b).ptr);
	ASSERT(set->refusal_count == 1 && strstr(arena_cstr(a, set->refusals->why),
	                                         "more than 63 deep") != NULL);
}

/* Little that becomes much: four dashes of windash in a text of megabytes, and Base64 of it many times. */
static void test_bombs(struct arena *a)
{
	static const char *const modifiers[] = {
		"windash", "wide|base64|wide|base64|wide|base64|wide|base64|wide|base64", "expand|re",
		"expand|contains|windash|windash",
	};
	char *text = NEW(a, char, 8 << 20);
	memset(text, '-', 4);
	memset(text + 4, 'a', (8 << 20) - 5);
	for (ptrdiff_t i = 0; i < COUNTOF(modifiers); i++) {
		str rule = arena_printf(a, HEAD "  s: { F|%s: '%s' }\n  condition: s\n", modifiers[i], text);
		const struct rule_set *set = load(a, rule.ptr);
		ASSERT(set->rule_count == 0 && set->refusal_count == 1);
		ASSERT(i == 2 || strstr(arena_cstr(a, set->refusals->why), "64 MiB") != NULL);
	}
	str many = S("");
	struct buf b;
	buf_init(&b, a, 16 << 20);
	for (int i = 0; i < 100; i++)
		buf_printf(&b, HEAD "  s: { F|windash: '-----' }\n  condition: s\nid: r%d\n---\n", i);
	buf_add_char(&b, '\0');
	many = buf_str(&b);
	const struct rule_set *set = load(a, many.ptr);
	ASSERT(set->rule_count == 80 && set->refusal_count == 20
	       && strstr(arena_cstr(a, set->refusals->why), "250000 values") != NULL);
	a->over = true;
	set = load(a, many.ptr);
	ASSERT(set->rule_count == 0 && set->refusal_count == 1
	       && strstr(arena_cstr(a, set->refusals->why), "no memory") != NULL);
	a->over = false;
}

int main(void)
{
	struct arena a;
	const struct yaml *given = NULL;
	struct err err;
	arena_init(&a, 1 << 30, (ptrdiff_t)2 << 30);
	ASSERT(yaml_parse(&a, S("one: 'srv*'\ntwo: [a, b]\ndots: [a.b, '*c']\n"), (struct yaml_limits){ 0 },
	                  &given,
	                  NULL, &err));
	test_trees(&a, NULL, texts, COUNTOF(texts));
	test_trees(&a, NULL, modified, COUNTOF(modified));
	test_trees(&a, NULL, conditions, COUNTOF(conditions));
	test_trees(&a, given, expanded, COUNTOF(expanded));
	test_bads(&a);
	test_no_rules(&a);
	test_about(&a);
	test_documents(&a);
	test_filters(&a);
	test_base64offset(&a);
	test_sizes(&a);
	test_bombs(&a);
	arena_done(&a);
	return 0;
}
