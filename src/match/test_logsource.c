#include "match/logsource.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static bool load(struct arena *a, str text, struct logsource_map *map, struct yaml_place *at,
                 struct err *err)
{
	*err = (struct err){ 0 };
	*map = (struct logsource_map){ 0 };
	*at = (struct yaml_place){ 0, 0 };
	return logsource_load(a, text, map, at, err);
}

static void test_all_there_is(struct arena *a)
{
	static const char text[] =
		"envelopes: [Event.System, Event.UserData.*]\n"
		"names: {Channel: [winlog.channel, log_name]}\n"
		"sources:\n"
		"  - logsource: {product: windows, category: process_creation}\n"
		"    when: {Channel: Security, EventID: [4688, '*']}\n"
		"    fields: {Image: NewProcessName,\n"
		"             User: {join: [D, N], with: '\\', prefixes: {'X\\': HK}}}\n"
		"    set: {EventType: SetValue}\n"
		"  - logsource: [{product: zeek, service: dns}, {category: dns}]\n"
		"    when: {_path: dns}\n"
		"observables:\n"
		"  DestinationIp: {as: ip, port: DestinationPort}\n"
		"  QueryName: domain\n";
	struct logsource_map m;
	struct yaml_place at;
	struct err err;
	ASSERT(load(a, str_from(text), &m, &at, &err));
	ASSERT(m.envelope_count == 2 && m.name_count == 1 && m.entry_count == 3 && m.observable_count == 2);
	ASSERT(m.names[0].path_count == 2 && str_eq(m.names[0].paths[1], S("log_name")));
	const struct source_entry *e = m.entries;
	ASSERT(str_eq(e->logsource.category, S("process_creation")) && e->logsource.service.ptr == NULL);
	ASSERT(e->when_count == 2 && e->when[1].value_count == 2 && e->field_count == 2 && e->line == 4);
	ASSERT(!e->fields[0].joined && e->fields[1].joined && str_eq(e->fields[1].between, S("\\")));
	ASSERT(e->fields[1].path_count == 2 && e->fields[1].prefix_count == 1
	       && str_eq(e->fields[1].prefixes[0].to, S("HK")));
	ASSERT(e->set_count == 1 && str_eq(e->set[0].value, S("SetValue")));
	ASSERT(str_eq(e[1].logsource.product, S("zeek")) && e[2].logsource.product.ptr == NULL
	       && str_eq(e[2].logsource.category, S("dns")) && e[2].when == e[1].when);
	ASSERT(m.observables[0].as == PROBE_IP && str_eq(m.observables[0].port_field, S("DestinationPort")));
	ASSERT(m.observables[1].as == PROBE_DOMAIN && m.observables[1].port_field.ptr == NULL);
}

struct refusal { const char *text; int line, column; const char *says; };

#define TOP     "sources:\n  - logsource: {product: x}\n    when: {a: b}\n"
static const struct refusal REFUSALS[] = {
	{ "x: 1\n", 1, 1, "is no key of a file of logsources" },
	{ "- 1\n", 1, 1, "has to be a map" },
	{ "names: {a: b}\n", 1, 1, "needs `sources`" },
	{ "sources: []\n", 1, 10, "at least one source" },
	{ "sources:\n  - logsource: {product: x}\n", 2, 5, "needs `logsource` and `when`" },
	{ "sources:\n  - when: {a: b}\n", 2, 5, "needs `logsource` and `when`" },
	{ "sources:\n  - logsource: {}\n    when: {a: b}\n", 2, 16, "needs a product" },
	{ "sources:\n  - logsource: []\n    when: {a: b}\n", 2, 5, "list of logsources is empty" },
	{ "sources:\n  - logsource: {product: Windows}\n    when: {a: b}\n", 2, 26, "lower case" },
	{ "sources:\n  - logsource: {os: x}\n    when: {a: b}\n", 2, 17, "no key of a logsource" },
	{ "sources:\n  - logsource: {product: x}\n    when: {}\n", 3, 11, "every event" },
	{ "sources:\n  - logsource: {product: x}\n    when: {a: []}\n", 3, 15, "empty" },
	{ "sources:\n  - logsource: {product: x}\n    when: {a: [{}]}\n", 3, 16, "a word" },
	{ "sources:\n  - logsource: {product: x}\n    when: {a: 1, A: 2}\n", 3, 18, "twice" },
	{ TOP "    fields: {a: {with: x}}\n", 4, 17, "needs `join`" },
	{ TOP "    fields: {a: {join: [b], by: x}}\n", 4, 29, "no key of a joined field" },
	{ TOP "    fields: {a: {join: [b], with: []}}\n", 4, 35, "has to be a text" },
	{ TOP "    fields: {a: {join: [b], prefixes: x}}\n", 4, 39, "prefixes is a map" },
	{ TOP "    fields: {a: {join: [b], prefixes: {x: ''}}}\n", 4, 43, "a word" },
	{ TOP "    fields: [a]\n", 4, 13, "is a map" },
	{ TOP "    set: {a: [b]}\n", 4, 14, "a word" },
	{ TOP "    sets: {a: b}\n", 4, 5, "no key of a source" },
	{ TOP "names: {a: {join: [b]}}\n", 4, 12, "a word" },
	{ TOP "envelopes: [a.*.b]\n", 4, 12, "last" },
	{ TOP "envelopes: ['*']\n", 4, 12, "last" },
	{ TOP "observables: {a: planet}\n", 4, 18, "is one of" },
	{ TOP "observables: {a: {port: b}}\n", 4, 18, "needs `as`" },
	{ TOP "observables: {a: {as: domain, unless: [b]}}\n", 4, 39, "unless" },
	{ TOP "observables: {a: {as: domain, port: b}}\n", 4, 37, "only an ip" },
	{ TOP "observables: {a: ip, A: ip}\n", 4, 22, "twice" },
	{ "sources: &x\n", 1, 10, "anchors" },
};
#undef TOP

static void test_refusals(struct arena *a)
{
	for (ptrdiff_t i = 0; i < COUNTOF(REFUSALS); i++) {
		const struct refusal *c = &REFUSALS[i];
		struct logsource_map m;
		struct yaml_place at;
		struct err err;
		bool ok = load(a, str_from(c->text), &m, &at, &err);
		bool right = !ok && at.line == c->line && at.column == c->column
		             && strstr(err.text, c->says) != NULL;
		if (!right)
			fprintf(stderr, "case %td: %s: %d:%d %s\n", i, ok ? "loaded" : "refused", at.line,
			        at.column, err.text);
		ASSERT(right);
	}
}

static void test_meets(void)
{
	struct logsource windows = { .product = S("windows") };
	struct logsource process = { .product = S("windows"), .category = S("process_creation") };
	struct logsource any_process = { .category = S("process_creation") };
	struct logsource security = { .product = S("windows"), .service = S("security") };
	ASSERT(logsource_meets(&windows, &process) && logsource_meets(&any_process, &process));
	ASSERT(logsource_meets(&process, &process) && !logsource_meets(&process, &windows));
	ASSERT(!logsource_meets(&process, &security) && !logsource_meets(&security, &process));
}

static bool met(const struct logsource_map *m, const struct logsource *l)
{
	for (ptrdiff_t i = 0; i < m->entry_count; i++)
		if (logsource_meets(l, &m->entries[i].logsource))
			return true;
	return false;
}

/* What real rules ask for and no entry gives: docs/detect.md and docs/formats.md say so. */
static const struct { const char *product, *category, *service; } CANNOT_BE_SEEN[] = {
	{ "paloalto", "file_event", "globalprotect" },
};

static bool expected_unseen(const struct logsource *l)
{
	for (ptrdiff_t i = 0; i < COUNTOF(CANNOT_BE_SEEN); i++)
		if (str_eq(l->product, str_from(CANNOT_BE_SEEN[i].product))
		    && str_eq(l->category, str_from(CANNOT_BE_SEEN[i].category))
		    && str_eq(l->service, str_from(CANNOT_BE_SEEN[i].service)))
			return true;
	return false;
}

struct tally { const struct logsource_map *map; int rules, unseen; };

static str slurp(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "rb");
	char *text = NEW(a, char, 1 << 20);
	ASSERT(f != NULL);
	size_t n = fread(text, 1, 1 << 20, f);
	fclose(f);
	return (str){ text, (ptrdiff_t)n };
}

static str word(const struct yaml *map, str key)
{
	const struct yaml *y = yaml_get(map, key);
	return y != NULL ? y->text : (str){ 0 };
}

/* One rule: the logsource at its top, read without the rule loader. */
static void count_rule(struct tally *t, const char *path)
{
	struct arena a;
	const struct yaml *root = NULL, *l;
	struct err err;
	arena_init(&a, 64 << 20, 256 << 20);
	if (yaml_parse(&a, slurp(&a, path), (struct yaml_limits){ .members = 4000, .nodes = 100000 }, &root,
	               NULL, &err)
	    && (l = yaml_get(root, S("logsource"))) != NULL) {
		struct logsource source = { word(l, S("product")), word(l, S("category")),
		                            word(l, S("service")) };
		bool seen = met(t->map, &source);
		t->rules++;
		t->unseen += !seen;
		if (seen == expected_unseen(&source))
			fprintf(stderr, "%s: " STR_FMT "/" STR_FMT "/" STR_FMT " is %s\n", path,
			        STR_ARG(source.product), STR_ARG(source.category), STR_ARG(source.service),
			        seen ? "met, but listed as unseen" : "met by no entry");
		ASSERT(seen != expected_unseen(&source));
	}
	arena_done(&a);
}

static void walk(struct tally *t, const char *path, int depth)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	ASSERT(d != NULL && depth < 12);
	while ((entry = readdir(d)) != NULL) {
		char below[4096];
		struct stat st;
		size_t n = strlen(entry->d_name);
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
		ASSERT(stat(below, &st) == 0);
		if (S_ISDIR(st.st_mode))
			walk(t, below, depth + 1);
		else if (n > 4 && strcmp(entry->d_name + n - 4, ".yml") == 0)
			count_rule(t, below);
	}
	closedir(d);
}

static void test_builtin(struct arena *a)
{
	struct logsource_map m;
	struct yaml_place at;
	struct err err;
	bool ok = load(a, logsource_builtin(), &m, &at, &err);
	if (!ok)
		fprintf(stderr, "share/detect/logsources.yaml: %s\n", err.text);
	ASSERT(ok && m.entry_count > 200 && m.envelope_count > 10 && m.observable_count > 100);
	const char *shared = getenv("NAUBAT_SHARED");
	char path[4096];
	struct stat st;
	(void)snprintf(path, sizeof(path), "%s/data/sigma/rules", shared != NULL ? shared : "../shared");
	if (stat(path, &st) != 0) {
		printf("skipped: no shared rules (set NAUBAT_SHARED to the folder that has data/sigma)\n");
		return;
	}
	struct tally t = { &m, 0, 0 };
	walk(&t, path, 0);
	ASSERT(t.rules == 3780 && t.unseen == 1);
	printf("%d rules, %d of a logsource that no entry meets\n", t.rules, t.unseen);
}

int main(void)
{
	struct arena a;
	arena_init(&a, 256 << 20, 1 << 30);
	test_all_there_is(&a);
	test_refusals(&a);
	test_meets();
	test_builtin(&a);
	arena_done(&a);
	return 0;
}
