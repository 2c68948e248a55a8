#include "format/json.h"

#include <stdio.h>

static const struct json_limits usual = { 0 };

static struct json *parse(struct arena *a, str text)
{
	struct json *j = NULL;
	struct err err = { 0 };
	if (!json_parse(a, text, usual, &j, &err)) {
		fprintf(stderr, "%s\n", err.text);
		ASSERT(false);
	}
	return j;
}

static str canonical(struct arena *a, str text)
{
	str out = { 0 };
	struct err err = { 0 };
	ASSERT(json_canonical(a, parse(a, text), &out, &err));
	return out;
}

static void test_canonical(struct arena *a)
{
	static const struct { const char *in, *out; } v[] = {
		{ " { } ", "{}" }, { "[ ]", "[]" }, { "null", "null" }, { "-0", "0" },
		{ "[9007199254740991,-9007199254740991]", "[9007199254740991,-9007199254740991]" },
		{ "{\"b\":1,\"a\":[true,false,null],\"B\":{\"z\":0,\"y\":\"\"}}",
		  "{\"B\":{\"y\":\"\",\"z\":0},\"a\":[true,false,null],\"b\":1}" },
		/* RFC 8785 section 3.2.2.2 */
		{ "\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\"",
			"\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"" },
		{ "\"\\b\\t\\n\\u000b\\f\\r\\u001f\\u007f\"", "\"\\b\\t\\n\\u000b\\f\\r\\u001f\x7f\"" },
		{ "\"\\ud83d\\ude00 \xd9\x86\"", "\"\xf0\x9f\x98\x80 \xd9\x86\"" },
		{ "{\"a\\u0001\":1,\"aa\":2,\"a\":3}", "{\"a\":3,\"a\\u0001\":1,\"aa\":2}" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(v); i++) {
		str once = canonical(a, str_from(v[i].in));
		ASSERT(str_eq(once, str_from(v[i].out)));
		ASSERT(str_eq(canonical(a, once), once));
	}
}

/* More members than fit the writer's own table, in an order that has to be sorted. */
static void test_many_members(struct arena *a)
{
	struct json *j = json_object(a);
	for (int i = 0; i < 100; i++)
		json_set_int(j, arena_cstr(a, arena_printf(a, "k%02d", i * 37 % 100)), i);
	str text;
	struct err err;
	ASSERT(json_canonical(a, j, &text, &err) && json_count(j) == 100);
	ASSERT(str_starts(text, S("{\"k00\":0,\"k01\":73,\"k02\":46,")));
	ASSERT(str_starts(json_compact(a, j), S("{\"k00\":0,\"k37\":1,\"k74\":2,")));
}

static void test_no_canonical_form(struct arena *a)
{
	static const char *const v[] = { "1.0", "1e2", "9007199254740992", "[-9007199254740992]",
		"{\"\xd9\x86\":1}", "{\"a\":{\"b\":0.5}}" };
	struct err err = { 0 };
	for (ptrdiff_t i = 0; i < COUNTOF(v); i++) {
		str out = S("as it was");
		ASSERT(!json_canonical(a, parse(a, str_from(v[i])), &out, &err) && err.code == ERR_INPUT);
		ASSERT(str_eq(out, S("as it was")));
	}
	ASSERT(str_starts(str_from(err.text), S("'b' has no canonical form")));
}

static void test_refused(struct arena *a)
{
	static const char *const v[] = { "", " ", "{", "[1,]", "{\"a\":1,}", "{\"a\":1,\"a\":2}",
		"{\"a\":1,\"\\u0061\":2}",
		"'a'", "nul", "01", "1.", ".5", "+1", "NaN", "Infinity", "1e999", "99999999999999999999",
		"\"\\u0000\"", "{\"\\u0000\":1}", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\x41\"",
		"\"\xff\"", "\"\xc0\xaf\"",
		"\"\xed\xa0\x80\"", "\"a\nb\"", "[1] 2", "[1]]", "/* */ 1",
		"\xef\xbb\xbf{}", "{1:2}", "[\"a\"" };
	for (ptrdiff_t i = 0; i < COUNTOF(v); i++) {
		struct json *j = NULL;
		struct err err = { 0 };
		ASSERT(!json_parse(a, str_from(v[i]), usual, &j, &err) && j == NULL && err.code == ERR_INPUT);
		ASSERT(str_starts(str_from(err.text), S("JSON, line 1, column ")) || v[i][0] == '"');
	}
	struct json *j = NULL;
	struct err err = { 0 };
	ASSERT(!json_parse(a, S("{\"a\":\"\\u0000\"}"), usual, &j, &err));
	ASSERT(str_find(str_from(err.text), S("take it out")) >= 0);   /* not the library's own words */
	ASSERT(!json_parse(a, S("{\"a\":1}\0"), usual, &j, &err));     /* a NUL after the end */
	ASSERT(!json_parse(a, S("{\n  \"a\": 1,\n  \"b\": x\n}"), usual, &j, &err));
	ASSERT(str_find(str_from(err.text), S("line 3, column")) >= 0);
}

static void test_limits(struct arena *a)
{
	struct json *j = NULL;
	struct err err = { 0 };
	struct json_limits deep = { .depth = 2 }, small = { .size = 4 }, few = { .values = 3 };
	ASSERT(json_parse(a, S("[[1,\"[[[\\\"[[\"]]"), deep, &j, &err));
	ASSERT(!json_parse(a, S("[\n  \"\xd9\x86\", [[1]]]"), deep, &j, &err) && err.code == ERR_INPUT);
	ASSERT(str_starts(str_from(err.text), S("JSON, line 2, column 9: ")));
	ASSERT(json_parse(a, S("[12]"), small, &j, &err));
	ASSERT(!json_parse(a, S("[123]"), small, &j, &err) && err.code == ERR_LIMIT);
	ASSERT(json_parse(a, S("[1,2]"), few, &j, &err));
	ASSERT(!json_parse(a, S("[1,2,3]"), few, &j, &err) && err.code == ERR_LIMIT);

	char text[1024];
	memset(text, '[', 512);
	memset(text + 512, ']', 512);
	ASSERT(!json_parse(a, (str){ text, 1024 }, usual, &j, &err));
	ASSERT(json_parse(a, (str){ text, 1024 }, (struct json_limits){ .depth = 512 }, &j, &err));
	str out;
	ASSERT(json_canonical(a, j, &out, &err) && out.len == 1024);
}

static void test_building(struct arena *a)
{
	struct json *j = json_object(a), *list = json_array(a), *copy;
	struct uuid u = { { 1, 2, 3 } };
	json_set_str(j, "z", S("bad \xff\xe2\x82 nul\0 \xd9\x86"));
	json_set_int(j, "n", INT64_MIN);
	json_set_bool(j, "yes", true);
	json_set_uuid(j, "id", u);
	json_set_uuid(j, "no_id", (struct uuid){ { 0 } });
	json_set_instant(j, "at", (struct instant){ SECONDS(1764000000) + 5 });
	json_set_instant(j, "never", (struct instant){ 0 });
	json_append_str(list, S(""));
	json_append_int(list, 7);
	json_append(list, NULL);
	json_set(j, "list", list);
	json_set(j, "nothing", NULL);
	copy = json_copy(a, j);
	json_remove(j, "nothing");
	json_remove(j, "was not there");
	ASSERT(str_eq(json_compact(a, j),
		S("{\"z\":\"bad \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd nul \xd9\x86\","
		"\"n\":-9223372036854775808,\"yes\":true,"
		"\"id\":\"01020300-0000-0000-0000-000000000000\",\"no_id\":null,"
		"\"at\":\"2025-11-24T16:00:00.000005Z\",\"never\":null,\"list\":[\"\",7,null]}")));
	ASSERT(json_count(copy) == 9 && json_count(j) == 8 && json_count(json_get(j, "list")) == 3);
	ASSERT(uuid_eq(json_get_uuid(j, "id"), u) && uuid_is_nil(json_get_uuid(j, "z")));
	ASSERT(json_get_instant(j, "at").us == SECONDS(1764000000) + 5 && json_get_instant(j, "z").us == 0);
}

/* Two records show the same person; each gets a member of its own. */
static void test_sharing(struct arena *a)
{
	struct json *person = json_object(a), *one = json_object(a), *other;
	json_set_str(person, "name", S("Ayesha"));
	json_set(one, "owner", person);
	other = json_share(a, one);
	json_set_int(other, "n", 2);
	ASSERT(str_eq(json_compact(a, one), S("{\"owner\":{\"name\":\"Ayesha\"}}")));
	ASSERT(str_eq(json_compact(a, other), S("{\"owner\":{\"name\":\"Ayesha\"},\"n\":2}")));
}

static void test_looking(struct arena *a)
{
	const struct json *j = parse(a,
		S("{\"s\":\"x\",\"e\":\"\",\"i\":5,\"r\":2.5,\"t\":true,\"l\":[1,2]}"));
	ASSERT(str_eq(json_get_str(j, "s"), S("x")) && json_get_str(j, "i").ptr == NULL);
	ASSERT(json_get_str(j, "e").ptr != NULL && json_get_str(j, "absent").ptr == NULL);
	ASSERT(json_get_int(j, "i") == 5 && json_get_int(j, "s") == 0 && json_get_int(j, "r") == 0);
	ASSERT(json_get_bool(j, "t") && !json_get_bool(j, "i") && !json_get_bool(j, "absent"));
	ASSERT(json_get(NULL, "s") == NULL && json_get(json_get(j, "l"), "s") == NULL &&
		json_count(NULL) == 0);
	const struct json *l = json_get(j, "l");
	ASSERT(json_int(json_at(l, 1)) == 2 && json_at(l, 2) == NULL && json_at(l, -1) == NULL &&
		json_at(j, 0) == NULL);
	ASSERT(json_type(l) == JSON_ARRAY && json_type(json_get(j, "r")) == JSON_REAL && json_count(l) == 2);
	struct json_member m = { 0 };
	char seen[16] = "";
	for (int i = 0; json_next(j, &m); i++)
		seen[i] = m.key[0];
	ASSERT(strcmp(seen, "seirtl") == 0);
	m = (struct json_member){ 0 };
	ASSERT(!json_next(l, &m));
}

static void test_for_people(struct arena *a)
{
	ASSERT(str_eq(json_pretty(a, parse(a, S("{\"b\":[1,{}],\"a\":[]}"))),
		S("{\n  \"b\": [\n    1,\n    {}\n  ],\n  \"a\": []\n}")));
	ASSERT(str_eq(json_compact(a, parse(a, S("[0.1,1e300,-2.0,1.7976931348623157e308,5e-324]"))),
		S("[0.1,1e+300,-2.0,1.7976931348623157e+308,4.94065645841247e-324]")));
}

int main(void)
{
	struct arena a;
	arena_init(&a, 1 << 26, 1 << 28);
	test_canonical(&a);
	test_many_members(&a);
	test_no_canonical_form(&a);
	test_refused(&a);
	test_limits(&a);
	test_building(&a);
	test_sharing(&a);
	test_looking(&a);
	test_for_people(&a);
	arena_done(&a);
	return 0;
}
