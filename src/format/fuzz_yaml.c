#include "format/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every node is counted once, in order, and text is what I2 says. */
static ptrdiff_t walk(const struct yaml *y, int depth)
{
	ASSERT(depth <= 24 && y->at.line > 0 && y->at.column > 0);
	ASSERT(str_utf8_valid(y->text) && (y->text.ptr == NULL || y->text.ptr[y->text.len] == '\0'));
	ptrdiff_t nodes = 1, children = 0;
	for (const struct yaml *m = y->first; m != NULL; m = m->next, children++) {
		ASSERT((y->kind == YAML_MAP) == (m->key.ptr != NULL));
		ASSERT(y->kind != YAML_MAP || yaml_get(y, m->key) == m);
		nodes += walk(m, depth + 1);
	}
	ASSERT(children == y->count);
	return nodes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	const struct yaml *root = NULL;
	struct err err = { 0 };
	struct yaml_place at = { 0, 0 };
	arena_init(&a, ARENA_SOFT_DEFAULT, ARENA_HARD_DEFAULT);
	if (yaml_parse(&a, (str){ (const char *)data, (ptrdiff_t)size },
	               (struct yaml_limits){ .members = 200 }, &root, &at, &err))
		ASSERT(walk(root, 0) <= 20000);
	else
		ASSERT(err.code != ERR_NONE && at.line > 0);
	arena_done(&a);
	return 0;
}
