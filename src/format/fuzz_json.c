/* What parses is written and read again: canonical(parse(canonical(x))) is canonical(x), and the compact and
 * the pretty form mean the same as x. */
#include "format/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static str written(struct arena *a, str text, str (*write)(struct arena *, const struct json *))
{
	struct json *j = NULL;
	struct err err;
	ASSERT(json_parse(a, text, (struct json_limits){ .size = 1 << 24 }, &j, &err));
	return write(a, j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct json *j = NULL, *again = NULL;
	struct err err = { 0 };
	str once, twice;
	arena_init(&a, 1 << 24, 1 << 28);
	str text = { (const char *)data, (ptrdiff_t)size };
	if (json_parse(&a, text, (struct json_limits){ 0 }, &j, &err)) {
		str compact = json_compact(&a, j);
		ASSERT(str_eq(written(&a, compact, json_compact), compact));
		ASSERT(str_eq(written(&a, json_pretty(&a, j), json_compact), compact));
		if (json_canonical(&a, j, &once, &err)) {
			ASSERT(json_parse(&a, once, (struct json_limits){ 0 }, &again, &err));
			ASSERT(json_canonical(&a, again, &twice, &err) && str_eq(once, twice));
		} else {
			ASSERT(err.code == ERR_INPUT);
		}
	} else {
		ASSERT(err.code == ERR_INPUT || err.code == ERR_LIMIT);
		ASSERT(err.text[0] != '\0');
	}
	arena_done(&a);
	return 0;
}
