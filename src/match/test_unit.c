/* The compiled unit on single events: what holds, why, and by which logsource.  The random differential
 * is test_oracle.c. */
#include "match/unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "match/state.h"
#include "os/files.h"

static struct unit *build(struct arena *a, const char *rules)
{
	struct err err = { 0 };
	struct logsource_map map;
	const struct rule_refusal *refused = NULL;
	struct unit *u;
	struct rule_loader *l = rules_begin(a, (struct placeholders){ 0 });
	rules_add(l, S("x.yml"), str_from(rules));
	const struct rule_set *set = rules_finish(l);
	ASSERT(set->refusal_count == 0);
	ASSERT(logsource_load(a, logsource_builtin(), &map, NULL, &err));
	struct unit_parts parts = { .rules = set, .sources = &map };
	ASSERT(unit_build(a, &parts, &u, &refused, &err) && !refused);
	return u;
}

static const struct {
	const char *detection, *event;
	bool holds;
} verdicts[] = {
	{ "s: {A: x}\ncondition: s", "{\"A\":\"X\"}", true },
	{ "s: {A: x}\ncondition: s", "{\"a\":\"x\"}", true },
	{ "s: {A: x}\ncondition: s", "{\"A\":\"xx\"}", false },
	{ "s: {A: x}\ncondition: s", "{\"A\":[\"y\",\"x\"]}", true },
	{ "s: {A: x}\ncondition: s", "{\"A\":\"y\",\"A\":\"x\"}", true },
	{ "s: {A: x}\ncondition: s", "{\"\\u0041\":\"\\u0078\"}", true },
	{ "s: {A.B: x}\ncondition: s", "{\"A\":{\"B\":\"x\"}}", true },
	{ "s: {A.B: x}\ncondition: s", "{\"A.B\":\"x\"}", true },
	{ "s: {A: x}\ncondition: s", "{\"Event\":{\"EventData\":{\"A\":{\"#text\":\"x\"}}}}", true },
	{ "s: {A: 1}\ncondition: s", "{\"A\":1}", true },
	{ "s: {A: 1}\ncondition: s", "{\"A\":\"1\"}", true },
	{ "s: {A: 1}\ncondition: s", "{\"A\":1.0}", true },
	{ "s: {A: 'true'}\ncondition: s", "{\"A\":true}", true },
	{ "s: {A: null}\ncondition: s", "{\"A\":null}", true },
	{ "s: {A: null}\ncondition: s", "{\"B\":1}", true },
	{ "s: {A: null}\ncondition: s", "{\"A\":\"\"}", false },
	{ "s: {A: ''}\ncondition: s", "{\"A\":\"\"}", true },
	{ "s: {A: ''}\ncondition: s", "{\"A\":null}", false },
	{ "s: {A: '*'}\ncondition: s", "{\"A\":null}", false },
	{ "s: {A|exists: true}\ncondition: s", "{\"A\":null}", true },
	{ "s: {A|exists: false}\ncondition: s", "{\"B\":1}", true },
	{ "s: {A: 'a?c'}\ncondition: s", "{\"A\":\"aéc\"}", true },
	{ "s: {A: 'a?c'}\ncondition: s", "{\"A\":\"ac\"}", false },
	{ "s: {A: 'a*b*c'}\ncondition: s", "{\"A\":\"a\\nbb\\nc\"}", true },
	{ "s: {A: 'a*bc*bcd'}\ncondition: s", "{\"A\":\"abcbcd\"}", true },
	{ "s: {A: 'a*bc*bcd'}\ncondition: s", "{\"A\":\"abcd\"}", false },
	{ "s: {A|contains: ÄRGER}\ncondition: s", "{\"A\":\"viel ärger\"}", true },
	{ "s: {A|contains|cased: Abcdef}\ncondition: s", "{\"A\":\"xAbcdefx\"}", true },
	{ "s: {A|contains|cased: Abcdef}\ncondition: s", "{\"A\":\"xabcdefx\"}", false },
	{ "s: {A|endswith: '\\cmd.exe'}\ncondition: s", "{\"A\":\"C:\\\\Windows\\\\CMD.EXE\"}", true },
	{ "s: {A|re: '^a.c$'}\ncondition: s", "{\"A\":\"abc\"}", true },
	{ "s: {A|re: 'B'}\ncondition: s", "{\"A\":\"abc\"}", false },
	{ "s: {A|re|i: 'B'}\ncondition: s", "{\"A\":\"abc\"}", true },
	{ "s: {A|re: '(a+)+$'}\ncondition: s", "{\"A\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"}",
	  false },
	{ "s: {A|re: '(?:(a+)+x|a*c)$'}\ncondition: s",
	  "{\"A\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac\"}", true },
	{ "s: {A|cidr: 10.0.0.0/8}\ncondition: s", "{\"A\":\"::ffff:10.1.2.3\"}", true },
	{ "s: {A|cidr: 10.0.0.0/8}\ncondition: s", "{\"A\":\"11.1.2.3\"}", false },
	{ "s: {A|cidr: '2001:db8::/32'}\ncondition: s", "{\"A\":\"2001:DB8::1\"}", true },
	{ "s: {A|gte: 10}\ncondition: s", "{\"A\":\"10\"}", true },
	{ "s: {A|lt: 10}\ncondition: s", "{\"A\":\"abc\"}", false },
	{ "s: {A|hour: 16}\ncondition: s", "{\"A\":\"2026-11-28T16:40:00Z\"}", true },
	{ "s: {A|week: 48}\ncondition: s", "{\"A\":\"2026-11-28 16:40:00\"}", true },
	{ "s: {A|fieldref: B}\ncondition: s", "{\"A\":\"x\",\"B\":\"X\"}", true },
	{ "s: {A|fieldref: B}\ncondition: s", "{\"A\":\"x\"}", false },
	{ "s: {A|neq: x}\ncondition: s", "{\"B\":\"x\"}", true },
	{ "s: {A: x}\nf: {B: y}\ncondition: s and not f", "{\"A\":\"x\"}", true },
	{ "s: {A: x}\nf: {B: y}\ncondition: s and not f", "{\"A\":\"x\",\"B\":\"Y\"}", false },
	{ "s: [foo, barbaz]\ncondition: s", "{\"A\":{\"deep\":[\"a Foo b\"]}}", true },
	{ "s: [foo, barbaz]\ncondition: s", "{\"foo\":\"x\"}", false },
	{ "s: {'|all': [mimikatz, barbaz]}\ncondition: s", "{\"A\":\"mimikatz\",\"B\":\"xbarbazx\"}", true },
	{ "s: ['mimi*barbaz']\ncondition: s", "{\"A\":\"xx mimikatz then barbaz yy\"}", true },
	{ "s: [xmenu]\ncondition: s", "{\"A\":\"xmen\\u\x10\x10\x10\x10\"}", true },
	{ "s: [mimikatz]\ncondition: s", "{\"A\":\"\\u006dimikatz\"}", true },
	{ "s: [mimikatz]\ncondition: s",
	  "{\"A\":\"mimi\xE2\x84\xAA"
	  "atz\"}",
	  true },
	{ "s: {A: x}\ncondition: s", "{\"A\":\"x\",\"B\":", true },
	{ "s: {A: x}\ncondition: s", "{\"B\":\"\xff\xfe\",\"A\":\"x\"}", true },
};

static void test_verdicts(struct arena *a)
{
	for (ptrdiff_t i = 0; i < COUNTOF(verdicts); i++) {
		str body = arena_printf(a, "title: T\nlogsource: {product: windows}\ndetection:\n");
		for (str_cut_result c = { .tail = str_from(verdicts[i].detection), .ok = true }; c.ok;) {
			c = str_cut(c.tail, '\n');
			body = arena_printf(a, STR_FMT "    " STR_FMT "\n", STR_ARG(body), STR_ARG(c.head));
		}
		struct unit *u = build(a, arena_cstr(a, body));
		struct matcher *m = matcher_new(u);
		struct logsource windows = { .product = S("windows") };
		matcher_force(m, &windows);
		for (int again = 0; again < 2; again++) {
			const struct matches *r = matcher_run(m, str_from(verdicts[i].event));
			if ((r->count > 0) != verdicts[i].holds)
				fprintf(stderr, "%s\n%s: should %s\n", verdicts[i].detection,
					verdicts[i].event, verdicts[i].holds ? "hold" : "not hold");
			ASSERT((r->count > 0) == verdicts[i].holds);
		}
		const struct explained *e = matcher_explain(m, 0, a);
		ASSERT(e && e->verdict == verdicts[i].holds);
		matcher_free(m);
		unit_free(u);
	}
}

static const char two_rules[] =
	"title: Process\nid: p\nlogsource: {product: windows, category: process_creation}\n"
	"detection:\n  s: {Image|endswith: '\\evil.exe', User|contains: bob}\n  condition: s\n---\n"
	"title: Security\nid: s\nlogsource: {product: windows, service: security}\n"
	"detection:\n  s: {EventID: 4688}\n  condition: s\n---\n"
	"title: Registry\nid: r\nlogsource: {product: windows, category: registry_set}\n"
	"detection:\n  s: {TargetObject|startswith: 'HKLM\\Software\\Evil', EventType: SetValue}\n  "
	"condition: s\n";

static ptrdiff_t count_of(struct matcher *m, const char *event)
{
	return matcher_run(m, str_from(event))->count;
}

/* Without Sysmon, rules of process creation run on 4688, with its names. */
static void test_logsources(struct arena *a)
{
	struct unit *u = build(a, two_rules);
	struct matcher *m = matcher_new(u);
	ASSERT(count_of(m, "{\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"EventID\":1,"
			   "\"Image\":\"C:\\\\evil.exe\",\"User\":\"A\\\\bob\"}") == 1);
	const struct matches *r = matcher_run(
		m, S("{\"Event\":{\"System\":{\"Channel\":\"Security\",\"EventID\":4688},\"EventData\":{"
		     "\"NewProcessName\":\"C:\\\\Evil.exe\",\"SubjectDomainName\":\"D\",\"SubjectUserName\":"
		     "\"Bob\"}}}"));
	ASSERT(r->count == 2);
	for (ptrdiff_t i = 0; i < r->count; i++)
		if (r->at[i].rule == unit_find_rule(u, S("p"))) {
			ASSERT(r->at[i].reason_count == 2);
			ASSERT(str_eq(r->at[i].reasons[0].field, S("Image")));
			ASSERT(str_eq(r->at[i].reasons[0].value, S("C:\\Evil.exe")));
			ASSERT(r->at[i].reasons[0].from == 2 && r->at[i].reasons[0].to == 11);
			ASSERT(str_eq(r->at[i].reasons[1].value, S("D\\Bob")));
		}
	static const char registry[] =
		"{\"Channel\":\"Security\",\"EventID\":4657,\"OperationType\":\"%%1904\","
		"\"ObjectName\":\"\\\\REGISTRY\\\\MACHINE\\\\SOFTWARE\\\\Evil\","
		"\"ObjectValueName\":\"x\"}";
	ASSERT(count_of(m, registry) == 1);
	ASSERT(count_of(m, "{\"Channel\":\"Application\",\"EventID\":1,\"Image\":\"C:\\\\evil.exe\","
			   "\"User\":\"bob\"}") == 0);
	ASSERT(str_eq(matcher_field(m, S("image")), S("C:\\evil.exe")));
	matcher_free(m);
	unit_free(u);
}

/* What has no meaning in a value that is searched in parts is refused by name. */
static void test_refused(struct arena *a)
{
	struct err err = { 0 };
	struct logsource_map map;
	const struct rule_refusal *refused = NULL;
	struct unit *u;
	struct rule_loader *l = rules_begin(a, (struct placeholders){ 0 });
	rules_add(l, S("x.yml"),
		  S("title: T\nlogsource: {product: windows}\ndetection:\n  s: {A|re: 'a\\Gb'}\n"
		    "  condition: s\n"));
	ASSERT(logsource_load(a, logsource_builtin(), &map, NULL, &err));
	struct unit_parts parts = { .rules = rules_finish(l), .sources = &map };
	ASSERT(unit_build(a, &parts, &u, &refused, &err));
	ASSERT(refused && str_find(refused->why, S("\\G, at character 2")) >= 0 && unit_rule_count(u) == 0);
	unit_free(u);
}

static void test_file(struct arena *a)
{
	struct err err = { 0 };
	char path[] = "/tmp/naubat-unit-XXXXXX";
	int fd = mkstemp(path);
	ASSERT(fd >= 0);
	close(fd);
	struct unit *u = build(a, two_rules), *v = NULL;
	ASSERT(files_write(path, unit_bytes(u), 0600, &err));
	ASSERT(unit_open(path, &v, &err));
	ASSERT(str_eq(unit_bytes(u), unit_bytes(v)) && unit_rule_count(v) == 3);
	struct unit_rule rule;
	unit_rule(v, 0, a, &rule);
	ASSERT(str_eq(rule.title, S("Process")) && str_eq(rule.logsource.category, S("process_creation")));
	unit_free(v);
	char *damaged = NEW(a, char, unit_bytes(u).len);
	memcpy(damaged, unit_bytes(u).ptr, (size_t)unit_bytes(u).len);
	damaged[unit_bytes(u).len / 2] ^= 1;
	ASSERT(files_write(path, (str){ damaged, unit_bytes(u).len }, 0600, &err));
	ASSERT(!unit_open(path, &v, &err) && str_find(str_from(err.text), S("damaged")) >= 0);
	damaged[unit_bytes(u).len / 2] ^= 1;
	for (ptrdiff_t i = 0; i < 512; i++) { /* its head, which says where everything is */
		damaged[i] ^= 1;
		ASSERT(files_write(path, (str){ damaged, unit_bytes(u).len }, 0600, &err));
		ASSERT(!unit_open(path, &v, &err));
		damaged[i] ^= 1;
	}
	ASSERT(files_write(path, str_sub(unit_bytes(u), 0, 100), 0600, &err));
	ASSERT(!unit_open(path, &v, &err));
	unlink(path);
	unit_free(u);
}

/* After 2^32 values nothing is taken for tried that was not. */
static void test_stamps(struct arena *a)
{
	struct unit *u = build(a, "title: t\nlogsource: {product: windows}\n"
				  "detection: {s: {A: 'mimi*barbaz'}, condition: s}\n");
	struct matcher *m = matcher_new(u);
	matcher_force(m, &(struct logsource){ .product = S("windows") });
	m->value_stamp = UINT32_MAX;
	ASSERT(matcher_run(m, S("{\"A\":\"mimikatz barbaz\"}"))->count == 1);
	matcher_free(m);
	unit_free(u);
}

static double seconds_for(struct arena *a, const char *detection, str event, ptrdiff_t wanted)
{
	str rule = arena_printf(a,
				"title: t\nlogsource: {product: windows}\n"
				"detection: {s: {%s}, condition: s}\n",
				detection);
	struct unit *u = build(a, arena_cstr(a, rule));
	struct matcher *m = matcher_new(u);
	matcher_force(m, &(struct logsource){ .product = S("windows") });
	clock_t from = clock();
	ASSERT(matcher_run(m, event)->count == wanted);
	double seconds = (double)(clock() - from) / CLOCKS_PER_SEC;
	ASSERT(wanted || !strstr(detection, "contains") || matcher_stats(m).undecided == 1);
	matcher_free(m);
	unit_free(u);
	return seconds;
}

/* Two fields of 100,000 values each are not 10^10 comparisons, however they are compared. */
static void test_long_lists(struct arena *a)
{
	enum { VALUES = 100000, ROOM = 16 };
	char *event = NEW(a, char, 2 * VALUES * ROOM + 64);
	ptrdiff_t n = 0;
	for (int list = 0; list < 2; list++) {
		n += snprintf(event + n, 16, "%s:[", list ? "],\"B\"" : "{\"A\"");
		for (int i = 0; i < VALUES; i++)
			n += snprintf(event + n, ROOM, "%s\"%c%d\"", i ? "," : "", list ? 'y' : 'x', i);
	}
	n += snprintf(event + n, 8, "]}");
	ASSERT(seconds_for(a, "A|fieldref: B", (str){ event, n }, 0) < 20);
	ASSERT(seconds_for(a, "A|fieldref|contains: B", (str){ event, n }, 0) < 20);
	n += snprintf(event + n - 2, 16, ",\"X7\"]}") - 2;
	ASSERT(seconds_for(a, "A|fieldref: B", (str){ event, n }, 1) < 20);
}

/* A text that is long, and as bad for the expression as can be, does not hold up the rest. */
static void test_long_regex(struct arena *a)
{
	enum { LENGTH = 4 << 20 };
	char *event = NEW(a, char, LENGTH + 64);
	ptrdiff_t n = snprintf(event, 16, "{\"A\":\"");
	for (; n < LENGTH; n += 3)
		memcpy(event + n, "aa ", 3);
	ptrdiff_t end = n + snprintf(event + n, 16, "b\"}");
	ASSERT(seconds_for(a, "A|re: '(?=([a ]+))[a ]*c\\1c'", (str){ event, end }, 0) < 20);
	ASSERT(seconds_for(a, "A|re: 'a b$'", (str){ event, end }, 1) < 20);
	ASSERT(seconds_for(a, "A|re: '(?<=aa )b'", (str){ event, end }, 1) < 20);
}

int main(void)
{
	struct arena a;
	arena_init(&a, PTRDIFF_MAX, PTRDIFF_MAX);
	test_verdicts(&a);
	test_logsources(&a);
	test_refused(&a);
	test_file(&a);
	test_stamps(&a);
	test_long_lists(&a);
	test_long_regex(&a);
	arena_done(&a);
	return 0;
}
