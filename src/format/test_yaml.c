#include "format/yaml.h"

#include <stdio.h>

static const struct yaml *good(struct arena *a, const char *text)
{
	const struct yaml *root = NULL;
	struct err err = { 0 };
	bool ok = yaml_parse(a, str_from(text), (struct yaml_limits){ 0 }, &root, NULL, &err);
	if (!ok)
		fprintf(stderr, "%s\n", err.text);
	ASSERT(ok && root != NULL);
	return root;
}

static void test_tree(struct arena *a)
{
	const struct yaml *root = good(a, "# rules\nname: نوبت\nlist: [1, two, \"null\", ~]\n"
	                               "map:\n  b: |\n    x\n    y\n  a:\n");
	ASSERT(root->kind == YAML_MAP && root->count == 3 && str_eq(root->first->key, S("name")));
	ASSERT(str_eq(root->first->text, S("نوبت")) && root->first->at.line == 2
	       && root->first->at.column == 7);
	const struct yaml *list = yaml_get(root, S("list"));
	ASSERT(list->kind == YAML_LIST && list->count == 4 && list->first->plain
	       && list->first->key.ptr == NULL);
	const struct yaml *quoted = list->first->next->next;
	ASSERT(!quoted->plain && !yaml_is_null(quoted) && yaml_is_null(quoted->next));
	const struct yaml *map = yaml_get(root, S("map"));
	ASSERT(str_eq(map->first->key, S("b")) && str_eq(map->first->text, S("x\ny\n"))
	       && yaml_is_null(map->first->next));
	ASSERT(map->first->key_at.line == 5 && map->first->key_at.column == 3);
	ASSERT(yaml_get(root, S("none")) == NULL && yaml_get(list, S("x")) == NULL
	       && yaml_get(NULL, S("x")) == NULL);
	ASSERT(good(a, "just text")->kind == YAML_SCALAR);
	ASSERT(good(a, "\xef\xbb\xbfmark: 1\n")->count == 1);
	ASSERT(good(a, "---\nx: 1\n...\n")->count == 1);
}

static void test_documents(struct arena *a)
{
	const struct yaml *first = NULL;
	struct yaml_place at = { 0, 0 };
	struct err err = { 0 };
	ASSERT(yaml_parse_all(a, S("a: 1\n---\nb: 2\n---\n"), (struct yaml_limits){ 0 }, &first, &at, &err));
	const struct yaml *second = first->next, *third = second->next;
	ASSERT(str_eq(first->first->key, S("a")) && first->first->next == NULL);
	ASSERT(str_eq(second->first->key, S("b")) && second->at.line == 3);
	ASSERT(yaml_is_null(third) && third->next == NULL);
	first = NULL;
	ASSERT(!yaml_parse_all(a, S("a: 1\n---\nb: &x 2\n"), (struct yaml_limits){ 0 }, &first, &at, &err));
	ASSERT(first == NULL && at.line == 3 && at.column == 4);
	ASSERT(!yaml_parse_all(a, S("a: 1\n---\na: 2\n"), (struct yaml_limits){ .nodes = 3 }, &first, &at,
	                       &err));
	ASSERT(at.line == 3 && strstr(err.text, "too many values") != NULL);
}

struct refusal { const char *text; int line, column; const char *says; };

static void test_refusals(struct arena *a)
{
	static const struct refusal cases[] = {
		{ "a: &x 1\nb: *x\n", 1, 4, "anchors" },
		{ "a: 1\nb: *x\n", 2, 4, "aliases" },
		{ "a: &x [1]\n", 1, 4, "anchors" },
		{ "a: 1\nb: !!int 3\n", 2, 4, "tags" },
		{ "a: !x {}\n", 1, 4, "tags" },
		{ "a: 1\nb: 2\n  \na: 3\n", 4, 1, "twice (first in line 1)" },
		{ "a: 1\n---\nb: 1\n", 2, 1, "second document" },
		{ "? [a, b]\n: 1\n", 1, 3, "a key has to be a word" },
		{ "a: \"x\\0y\"\n", 1, 4, "zero byte" },
		{ "a: [1\nb: 2\n", 2, 2, "expected" },
		{ "a: 1\n\tb: 2\n", 2, 1, "" },
		{ "", 1, 1, "empty" },
		{ "# only a comment\n", 1, 1, "empty" },
		{ "a: \xff\n", 1, 1, "UTF-8" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(cases); i++) {
		const struct yaml *root = NULL;
		struct yaml_place at = { 0, 0 };
		struct err err = { 0 };
		bool ok = yaml_parse(a, str_from(cases[i].text), (struct yaml_limits){ 0 }, &root, &at, &err);
		bool expected = !ok && root == NULL && strstr(err.text, cases[i].says) != NULL
		                && at.line == cases[i].line && at.column == cases[i].column;
		if (!expected)
			fprintf(stderr, "case %td: %d:%d %s\n", i, at.line, at.column, err.text);
		ASSERT(expected);
	}
}

static void test_limits(struct arena *a)
{
	static const struct { const char *text; struct yaml_limits limits; bool fits; } cases[] = {
		{ "[[[1]]]", { .depth = 3 }, true }, { "[[[1]]]", { .depth = 2 }, false },
		{ "[1, 2, 3]", { .nodes = 4 }, true }, { "[1, 2, 3]", { .nodes = 3 }, false },
		{ "{a: 1, b: 2}", { .members = 2 }, true }, { "{a: 1, b: 2}", { .members = 1 }, false },
		{ "abc", { .size = 3 }, true }, { "abc", { .size = 2 }, false },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(cases); i++) {
		const struct yaml *root = NULL;
		struct err err = { 0 };
		ASSERT(yaml_parse(a, str_from(cases[i].text), cases[i].limits, &root, NULL,
		                  &err) == cases[i].fits);
		ASSERT((root != NULL) == cases[i].fits);
	}
	char deep[200];
	memset(deep, '[', sizeof(deep));
	const struct yaml *root = NULL;
	struct err err = { 0 };
	ASSERT(!yaml_parse(a, (str){ deep, sizeof(deep) }, (struct yaml_limits){ .depth = 1000 }, &root, NULL,
	                   &err));
	ASSERT(strstr(err.text, "too deeply") != NULL);
}

int main(void)
{
	struct arena a;
	arena_init(&a, ARENA_SOFT_DEFAULT, ARENA_HARD_DEFAULT);
	test_tree(&a);
	test_documents(&a);
	test_refusals(&a);
	test_limits(&a);
	arena_done(&a);
	return 0;
}
