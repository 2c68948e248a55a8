/* The vectors of spec/sigma/ (its README has the form): the compiled unit, the correlator, and the slow
 * interpreter wherever it can read the event, say what the files say.
 *
 *     test_vectors FOLDER
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/buf.h"
#include "match/correlate.h"
#include "match/oracle.h"
#include "os/files.h"

static const char *const known_keys[] = { "id",      "decides",  "why",   "placeholders",
					  "rules",   "refused",  "routed", "match",
					  "no_match", "verdicts", "timeline", "fires" };

struct counts {
	int vectors, verdicts, by_oracle, fired, wrong;
};

struct run {
	struct arena a;
	const struct yaml *vector;
	struct counts *counts;
	const struct logsource_map *map;
	const struct rule_set *set;
	struct unit *unit;
	struct matcher *matcher;
	bool routed;
};

static void wrong(struct run *r, str event, const char *what, str more)
{
	fprintf(stderr, STR_FMT ": %s " STR_FMT "\n  " STR_FMT "\n",
		STR_ARG(yaml_get(r->vector, S("id"))->text), what, STR_ARG(more), STR_ARG(event));
	r->counts->wrong++;
}

static const struct yaml *list_of(const struct run *r, const char *key)
{
	const struct yaml *y = yaml_get(r->vector, str_from(key));
	ASSERT(!y || y->kind == YAML_LIST);
	return y ? y->first : NULL;
}

static bool load(struct run *r)
{
	static const struct logsource forced = { .product = { "test", 4 } };
	struct err err = { 0 };
	const struct rule_refusal *left_out = NULL;
	const struct yaml *refused = yaml_get(r->vector, S("refused"));
	int64_t expected = 0;
	ptrdiff_t fields = 0;
	struct rule_loader *l =
		rules_begin(&r->a, (struct placeholders){ yaml_get(r->vector, S("placeholders")) });
	rules_add(l, S("vector.yml"), yaml_get(r->vector, S("rules"))->text);
	r->set = rules_finish(l);
	ASSERT(!refused || str_to_int(refused->text, 1, 100, &expected));
	struct unit_parts parts = { .rules = r->set, .sources = r->map };
	parts.extra_fields = correlator_fields(&r->a, r->set, &fields);
	parts.extra_count = fields;
	ASSERT(unit_build(&r->a, &parts, &r->unit, &left_out, &err));
	r->matcher = matcher_new(r->unit);
	r->routed = yaml_get(r->vector, S("routed")) != NULL;
	if (!r->routed)
		matcher_force(r->matcher, &forced);
	ptrdiff_t count = r->set->refusal_count;
	for (; left_out; left_out = left_out->next)
		count++;
	if (count == expected)
		return true;
	wrong(r, S(""), "this many documents were refused, other than it says:",
	      arena_printf(&r->a, "%td " STR_FMT, count,
			   STR_ARG(r->set->refusals ? r->set->refusals->why : S(""))));
	return false;
}

/* Runs the event; `out_found` has a 1 for each rule that matched.  The slow interpreter must agree. */
static const char *run_event(struct run *r, str event)
{
	ptrdiff_t count = unit_rule_count(r->unit), number = 0;
	char *found = NEW(&r->a, char, count + 1);
	const struct matches *got = matcher_run(r->matcher, event);
	struct oracle_event e;
	if (got->broken)
		wrong(r, event, "broken:", str_from(got->broken));
	for (ptrdiff_t i = 0; i < got->count; i++)
		found[got->at[i].rule]++;
	if (!oracle_read(&r->a, event, &e))
		return found;
	for (const struct rule *rule = r->set->rules; rule && number < count; rule = rule->next, number++) {
		r->counts->by_oracle++;
		if (oracle_matches(&r->a, r->map, rule, &e, !r->routed) != found[number])
			wrong(r, event, "the unit and the slow interpreter differ:",
			      found[number] ? S("the unit says yes") : S("the unit says no"));
	}
	return found;
}

static void check_list(struct run *r, const char *key, bool expected)
{
	for (const struct yaml *e = list_of(r, key); e; e = e->next) {
		ASSERT(unit_rule_count(r->unit) == 1);
		r->counts->verdicts++;
		if (run_event(r, e->text)[0] != expected)
			wrong(r, e->text, expected ? "should match" : "should not match", S(""));
	}
}

static bool has_item(const struct yaml *list, str text)
{
	for (const struct yaml *i = list ? list->first : NULL; i; i = i->next)
		if (str_eq(i->text, text))
			return true;
	return false;
}

static void check_verdicts(struct run *r)
{
	for (const struct yaml *v = list_of(r, "verdicts"); v; v = v->next) {
		str event = yaml_get(v, S("event"))->text;
		const char *found = run_event(r, event);
		ptrdiff_t number = 0;
		for (const struct rule *rule = r->set->rules; rule; rule = rule->next, number++) {
			r->counts->verdicts++;
			ASSERT(rule->name.len > 0);
			if (found[number] != has_item(yaml_get(v, S("rules")), rule->name))
				wrong(r, event, found[number] ? "should not match:" : "should match:",
				      rule->name);
		}
	}
}

/* ---- correlations */

static str read_field(void *matcher, str name)
{
	return matcher_field(matcher, name);
}

/* What fired, a line each, in order of time and name; a group is told where the file tells it. */
struct fired {
	int64_t at;
	str name, group;
};

static int by_time(const void *a, const void *b)
{
	const struct fired *x = a, *y = b;
	return x->at != y->at ? (x->at < y->at ? -1 : 1) : str_cmp(x->name, y->name);
}

static str group_text(struct arena *a, const struct correlator_match *m)
{
	str text = S("");
	for (ptrdiff_t i = 0; i < m->what->group_count; i++)
		if (m->group[i].ptr)
			text = arena_printf(a, STR_FMT "[" STR_FMT "]", STR_ARG(text), STR_ARG(m->group[i]));
	return arena_dup(a, text);
}

static ptrdiff_t add_fired(struct run *r, struct fired *to, const struct correlator_match *m, ptrdiff_t n)
{
	for (ptrdiff_t i = 0; i < n; i++)
		to[i] = (struct fired){ m[i].last_us / 1000000, m[i].what->about.name,
					group_text(&r->a, &m[i]) };
	for (ptrdiff_t i = 0; i < n; i++)
		if (m[i].what->about.silent)
			wrong(r, S(""), "is silent, and was told:", m[i].what->about.name);
	return n;
}

static ptrdiff_t run_timeline(struct run *r, struct fired *fired)
{
	struct correlator *c =
		correlator_new(r->set, r->unit, (struct correlator_limits){ .lateness_us = INT64_MAX });
	ptrdiff_t count = 0, n = 0;
	for (const struct yaml *t = list_of(r, "timeline"); t; t = t->next) {
		int64_t at = 0;
		ASSERT(str_to_int(yaml_get(t, S("at"))->text, 0, 1 << 30, &at));
		const char *found = run_event(r, yaml_get(t, S("event"))->text);
		ptrdiff_t number = 0;
		for (const struct rule *rule = r->set->rules; rule; rule = rule->next, number++) {
			if (!found[number])
				continue;
			if (!rule->silent)
				fired[count++] = (struct fired){ at, rule->name, S("") };
			struct correlator_reader reader = { r->matcher, read_field };
			const struct correlator_match *m =
				correlator_feed(c, number, at * 1000000, 0, reader, &n);
			count += add_fired(r, fired + count, m, n);
		}
	}
	do {
		const struct correlator_match *m = correlator_finish(c, &n);
		count += add_fired(r, fired + count, m, n);
	} while (n > 0);
	correlator_free(c);
	return count;
}

static void check_timeline(struct run *r)
{
	struct fired *fired = NEW(&r->a, struct fired, 1000);
	const struct yaml *f = list_of(r, "fires");
	if (!yaml_get(r->vector, S("timeline")))
		return;
	ptrdiff_t count = run_timeline(r, fired), i = 0;
	qsort(fired, (size_t)count, sizeof *fired, by_time);
	for (; f || i < count; i++, f = f ? f->next : NULL) {
		str is = i >= count ? S("nothing")
				    : arena_printf(&r->a, STR_FMT " at %lld", STR_ARG(fired[i].name),
						   (long long)fired[i].at);
		str want = !f ? S("nothing")
			      : arena_printf(&r->a, STR_FMT " at " STR_FMT,
					     STR_ARG(yaml_get(f, S("rule"))->text),
					     STR_ARG(yaml_get(f, S("at"))->text));
		const struct yaml *group = f ? yaml_get(f, S("group")) : NULL;
		str groups = S("");
		for (const struct yaml *g = group ? group->first : NULL; g; g = g->next)
			groups = arena_printf(&r->a, STR_FMT "[" STR_FMT "]", STR_ARG(groups),
					      STR_ARG(g->text));
		r->counts->fired += f != NULL;
		if (!str_eq(is, want) || (i < count && group && !str_eq(groups, fired[i].group)))
			wrong(r, i < count ? fired[i].group : S(""), "should fire:",
			      arena_printf(&r->a, STR_FMT ", and is: " STR_FMT, STR_ARG(want), STR_ARG(is)));
	}
}

static void check_vector(const struct yaml *vector, const struct logsource_map *map, struct counts *counts)
{
	struct run r = { .vector = vector, .map = map, .counts = counts };
	for (const struct yaml *m = vector->first; m; m = m->next) {
		ptrdiff_t i = 0;
		while (i < COUNTOF(known_keys) && !str_eq(m->key, str_from(known_keys[i])))
			i++;
		ASSERT(i < COUNTOF(known_keys));
	}
	ASSERT(yaml_get(vector, S("why"))->text.len > 0);
	arena_init(&r.a, PTRDIFF_MAX, PTRDIFF_MAX);
	if (load(&r)) {
		check_list(&r, "match", true);
		check_list(&r, "no_match", false);
		check_verdicts(&r);
		check_timeline(&r);
	}
	counts->vectors++;
	matcher_free(r.matcher);
	unit_free(r.unit);
	arena_done(&r.a);
}

static void check_file(const char *path, const struct logsource_map *map, struct counts *counts)
{
	struct arena a;
	struct err err = { 0 };
	struct yaml_place at = { 0 };
	const struct yaml *root = NULL;
	str text;
	arena_init(&a, PTRDIFF_MAX, PTRDIFF_MAX);
	ASSERT(files_read(&a, path, 1 << 24, &text, &err));
	struct yaml_limits limits = { .size = 1 << 24, .depth = 12, .nodes = 100000, .members = 1000 };
	if (!yaml_parse(&a, text, limits, &root, &at, &err))
		fprintf(stderr, "%s:%d:%d: %s\n", path, at.line, at.column, err.text);
	ASSERT(root && yaml_get(root, S("vectors")));
	for (const struct yaml *v = yaml_get(root, S("vectors"))->first; v; v = v->next)
		check_vector(v, map, counts);
	arena_done(&a);
}

int main(int argc, char **argv)
{
	struct arena a;
	struct err err = { 0 };
	struct logsource_map map;
	struct counts counts = { 0 };
	struct dirent **entries = NULL;
	int count = argc == 2 ? scandir(argv[1], &entries, NULL, alphasort) : -1;
	if (count < 0) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	arena_init(&a, PTRDIFF_MAX, PTRDIFF_MAX);
	ASSERT(logsource_load(&a, logsource_builtin(), &map, NULL, &err));
	for (int i = 0; i < count; i++) {
		char path[4096];
		snprintf(path, sizeof path, "%s/%s", argv[1], entries[i]->d_name);
		if (str_ends(str_from(path), S(".yaml")))
			check_file(path, &map, &counts);
		free(entries[i]);
	}
	free(entries);
	arena_done(&a);
	fprintf(stderr, "%d vectors, %d verdicts, %d by the slow interpreter too, %d fired; %d wrong\n",
		counts.vectors, counts.verdicts, counts.by_oracle, counts.fired, counts.wrong);
	ASSERT(counts.vectors >= 150 && counts.by_oracle > counts.vectors);
	return counts.wrong ? 1 : 0;
}
