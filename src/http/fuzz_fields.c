/* Any JSON against rows of every type; the same bytes as a query string. */
#include "http/fields_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const LEVELS[] = { "low", "high", NULL };
static const struct field INNER[] = {
	{ "name", FIELD_TEXT, true, 10 }, { "email", FIELD_TEXT }, { "n", FIELD_INT, .min = -3 }, { 0 },
};
static const struct field ROWS[] = {
	{ "t", FIELD_TEXT, true, 20 }, { "n", FIELD_INT, .max = 10 },
	{ "level", FIELD_TEXT, .choices = LEVELS }, { "b", FIELD_BOOL }, { "id", FIELD_ID },
	{ "at", FIELD_TIME }, { "tags", FIELD_TEXT_LIST, .max = 2 }, { "ids", FIELD_ID_LIST },
	{ "o", FIELD_OBJECT, .members = INNER }, { "os", FIELD_OBJECT_LIST, .max = 2, .members = INNER },
	{ "m", FIELD_MAP, .max = 1 }, { "any", FIELD_OBJECT }, { 0 },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct json *body;
	struct pairs query;
	struct err err = { 0 };
	str text = { (const char *)data, (ptrdiff_t)size };
	arena_init(&a, 4 << 20, 64 << 20);
	if (json_parse(&a, text, (struct json_limits){ 0 }, &body, &err)) {
		if (fields_check(ROWS, body, &err)) {
			str t = json_get_str(body, "t");        /* what a handler relies on */
			ASSERT(t.len > 0 && t.len <= 20 && json_count(json_get(body, "tags")) <= 2);
		} else {
			ASSERT(err.code == ERR_INPUT && str_find(str_from(err.text), S(": ")) > 0);
		}
	}
	if (params_parse_urlencoded(&a, text, &query, &err) && fields_check_query(ROWS, &query, &err))
		ASSERT(params_find(&query, S("t"), 1).ptr == NULL);
	arena_done(&a);
	return 0;
}
