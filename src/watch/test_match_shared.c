/* Real rules on real events: the compiled unit against the slow interpreter, and against what upstream
 * says must match.
 *
 * NAUBAT_SHARED or ../shared; without it skipped (77).  NAUBAT_ORACLE_EVENTS=N compares N events of each file
 * instead of a dozen (each with every rule).
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include "format/json.h"
#include "match/oracle.h"
#include "match/unit.h"
#include "os/files.h"
#include "watch/log.h"

struct shared {
	struct arena a;
	const char *folder;
	struct logsource_map map;
	const struct rule_set *rules;
	struct unit *unit;
	int64_t compared, held;
};

static void add_rules(struct arena *a, struct rule_loader *l, const char *folder, int depth)
{
	struct dirent **entries = NULL;
	struct err err;
	str bytes;
	int count = depth < 16 ? scandir(folder, &entries, NULL, alphasort) : 0;
	for (int i = 0; i < count; i++) {
		str path = arena_printf(a, "%s/%s", folder, entries[i]->d_name);
		if (str_ends(path, S(".yml"))) {
			ASSERT(files_read(a, path.ptr, 16 << 20, &bytes, &err));
			rules_add(l, path, bytes);
		} else if (entries[i]->d_name[0] != '.')
			add_rules(a, l, path.ptr, depth + 1);
		free(entries[i]);
	}
	free(entries);
}

static void build(struct shared *s)
{
	struct err err = { 0 };
	const struct rule_refusal *refused = NULL;
	struct rule_loader *l = rules_begin(&s->a, (struct placeholders){ 0 });
	add_rules(&s->a, l, arena_printf(&s->a, "%s/data/sigma/rules", s->folder).ptr, 0);
	s->rules = rules_finish(l);
	ASSERT(logsource_load(&s->a, logsource_builtin(), &s->map, NULL, &err));
	struct unit_parts parts = { .rules = s->rules, .sources = &s->map };
	ASSERT(unit_build(&s->a, &parts, &s->unit, &refused, &err) && !refused);
	ASSERT(unit_rule_count(s->unit) == s->rules->rule_count && s->rules->rule_count > 3700);
}

static void compare(struct shared *s, struct matcher *m, str json)
{
	struct arena a;
	struct oracle_event e;
	arena_init(&a, PTRDIFF_MAX, PTRDIFF_MAX);
	const struct matches *got = matcher_run(m, json);
	ptrdiff_t number = 0;
	if (oracle_read(&a, json, &e)) {
		uint8_t *found = NEW(&a, uint8_t, s->rules->rule_count);
		for (ptrdiff_t i = 0; i < got->count; i++)
			found[got->at[i].rule]++;
		for (const struct rule *r = s->rules->rules; r; r = r->next, number++) {
			bool expected = oracle_matches(&a, &s->map, r, &e, false);
			if (expected != found[number])
				fprintf(stderr, STR_FMT "\nshould %smatch\n" STR_FMT "\n", STR_ARG(r->file),
					expected ? "" : "not ", STR_ARG(json));
			ASSERT(expected == found[number]);
			s->held += expected;
		}
		s->compared += number;
	}
	arena_done(&a);
}

static void on_trouble(void *who, const struct log_trouble *t)
{
	(void)who;
	(void)t;
}

/* Every step-th record of a file, so that some `most` of `records` are compared. */
static void compare_file(struct shared *s, const char *name, int64_t records, int64_t most)
{
	struct err err = { 0 };
	struct log_listener listener = { NULL, on_trouble };
	struct log_file *l;
	str path = arena_printf(&s->a, "%s/data/%s", s->folder, name);
	ASSERT(log_open(path, LOG_UNKNOWN, (struct log_limits){ 0 }, listener, &l, &err));
	struct log_block *b = log_block_new();
	struct matcher *m = matcher_new(s->unit);
	int64_t step = MAX(records / MAX(most, 1), 1), seen = 0;
	while (log_read(l, b)) {
		log_decode(l, b);
		for (ptrdiff_t i = 0; i < b->count; i++)
			if (seen++ % step == 0)
				compare(s, m, b->records[i].json);
	}
	matcher_free(m);
	log_block_free(b);
	log_close(l);
	fprintf(stderr, "%s: %lld verdicts so far alike, %lld of them matches\n", name,
		(long long)s->compared, (long long)s->held);
}

/* Upstream's truth: each rule matches at least so many of its events. */
static void test_regression(struct shared *s)
{
	struct err err = { 0 };
	struct json *tests;
	str text, events;
	const char *lines[256];
	ptrdiff_t sizes[256], count = 0;
	ASSERT(files_read(&s->a, arena_printf(&s->a, "%s/data/sigma/regression/expected.json", s->folder).ptr,
			  1 << 24, &text, &err));
	ASSERT(files_read(&s->a, arena_printf(&s->a, "%s/data/sigma/regression/events.jsonl", s->folder).ptr,
			  1 << 26, &events, &err));
	ASSERT(json_parse(&s->a, text, (struct json_limits){ 0 }, &tests, &err));
	for (str_cut_result c = { .tail = events, .ok = true }; c.ok && count < 256;) {
		c = str_cut(c.tail, '\n');
		lines[count] = c.head.ptr;
		sizes[count++] = c.head.len;
	}
	struct matcher *m = matcher_new(s->unit);
	for (ptrdiff_t i = 0; i < json_count(tests); i++) {
		const struct json *t = json_at(tests, i), *wanted = json_get(t, "events");
		ptrdiff_t rule = unit_find_rule(s->unit, json_get_str(t, "rule_id")), hits = 0;
		ASSERT(rule >= 0);
		for (ptrdiff_t j = 0; j < json_count(wanted); j++) {
			ptrdiff_t line = (ptrdiff_t)json_int(json_at(wanted, j)) - 1;
			const struct matches *got = matcher_run(m, (str){ lines[line], sizes[line] });
			for (ptrdiff_t k = 0; k < got->count; k++)
				hits += got->at[k].rule == rule;
		}
		if (hits < MAX(json_get_int(t, "match_count"), 1))
			fprintf(stderr, "only %td: " STR_FMT "\n", hits,
				STR_ARG(json_get_str(t, "rule_path")));
		ASSERT(hits >= MAX(json_get_int(t, "match_count"), 1));
	}
	ASSERT(json_count(tests) > 90);
	matcher_free(m);
}

int main(void)
{
	struct shared s = { .folder = getenv("NAUBAT_SHARED") };
	const char *wanted = getenv("NAUBAT_ORACLE_EVENTS");
	int64_t most = wanted ? strtoll(wanted, NULL, 10) : 10;
	if (!s.folder)
		s.folder = "../shared";
	arena_init(&s.a, PTRDIFF_MAX, PTRDIFF_MAX);
	if (!files_exist(arena_printf(&s.a, "%s/data/sigma/regression/expected.json", s.folder).ptr)) {
		printf("skipped: no shared rules (set NAUBAT_SHARED to the folder that has data/sigma)\n");
		arena_done(&s.a);
		return 77;
	}
	build(&s);
	test_regression(&s);
	compare_file(&s, "sigma/regression/events.jsonl", 120, most);
	compare_file(&s, "events/syslog-lines.jsonl", 904, most);
	compare_file(&s, "events/suricata-eve.jsonl.zst", 7008, most);
	if (wanted) { /* the large ones take their time to unpack */
		compare_file(&s, "events/zeek.jsonl.zst", 95063, most);
		compare_file(&s, "events/windows-otrf.jsonl.zst", 352757, most);
	}
	unit_free(s.unit);
	arena_done(&s.a);
	return 0;
}
