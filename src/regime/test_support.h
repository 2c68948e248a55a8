/* test_support.h - reading regime files in tests.  test_paths.h is written by meson. */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include "regime/plan.h"
#include "regime/severity.h"
#include "regime/test_paths.h"

static inline str file_text(struct arena *a, const char *name)
{
	str path = arena_printf(a, "%s/%s", REGIMES_FOLDER, name);
	FILE *f = fopen(path.ptr, "rb");
	if (f == NULL) {
		perror(path.ptr);
		exit(1);
	}
	char *bytes = NEW(a, char, 1 << 20);
	ptrdiff_t n = (ptrdiff_t)fread(bytes, 1, 1 << 20, f);
	fclose(f);
	return (str){ bytes, n };
}

static inline const struct regime *regime_from(struct arena *a, const char *name)
{
	struct regime_problems problems;
	const struct regime *r = NULL;
	struct err err = { 0 };
	bool ok = regime_load(a, file_text(a, name), str_from(name), &problems, &r, &err);
	for (ptrdiff_t i = 0; i < problems.count; i++)
		fprintf(stderr, "%s:%d:%d: " STR_FMT "\n", name, problems.items[i].line,
		        problems.items[i].column,
		        STR_ARG(problems.items[i].text));
	ASSERT(ok && problems.count == 0);
	return r;
}

static inline struct instant at(const char *text)
{
	struct instant t = { 0 };
	struct err err;
	ASSERT(instant_parse(str_from(text), &t, &err));
	return t;
}
