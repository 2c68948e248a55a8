#include "http/fields_priv.h"

#include <stdio.h>
#include "base/instant.h"

enum {
	TEXT_MAX = 4096, LIST_MAX = 100, NAME_MAX_SHOWN = 60,
	NESTING_MAX = 8,        /* of rows: ours, and checked so that a row that contains itself ends */
};
#define INTEGER_MAX     ((INT64_C(1) << 53) - 1)

/* Where in the body we are; printed only when something is wrong. */
struct place {
	const struct place *parent;
	const char         *name;       /* NULL: an item of a list */
	ptrdiff_t           index;
};

static MUST_CHECK bool check_members(const struct field *fields, const struct json *object,
                                     const struct place *at, int depth, struct err *err);

int64_t fields_max(const struct field *f)
{
	if (f->max != 0)
		return f->max;
	switch (f->type) {
	case FIELD_INT:
		return INTEGER_MAX;
	case FIELD_TEXT_LIST:
	case FIELD_ID_LIST:
	case FIELD_OBJECT_LIST:
	case FIELD_MAP:
		return LIST_MAX;
	case FIELD_END:
	case FIELD_TEXT:
	case FIELD_BOOL:
	case FIELD_ID:
	case FIELD_TIME:
	case FIELD_OBJECT:
		break;
	}
	return TEXT_MAX;
}

static const char *expected(enum field_type type)
{
	static const char *const texts[] = {
		[FIELD_TEXT] = "a text",
		[FIELD_INT] = "a whole number",
		[FIELD_BOOL] = "true or false",
		[FIELD_ID] = "an id like 01890a5d-ac96-774b-bcce-b302099a8057",
		[FIELD_TIME] = "a time like 2026-11-24T01:48:10Z",
		[FIELD_TEXT_LIST] = "a list of texts",
		[FIELD_ID_LIST] = "a list of ids",
		[FIELD_OBJECT] = "an object",
		[FIELD_OBJECT_LIST] = "a list of objects",
		[FIELD_MAP] = "an object of texts",
	};
	return texts[type];
}

/* Written from the end, so that no recursion is needed and a deep path loses its start, not its point. */
static void format_place(const struct place *at, char out[static 160])
{
	char *to = out + 159;
	*to = '\0';
	for (; at != NULL; at = at->parent) {
		char step[96];
		if (at->name == NULL)
			(void)snprintf(step, sizeof(step), "[%td]", at->index);
		else
			(void)snprintf(step, sizeof(step), "%s%.*s", at->parent ? "." : "", NAME_MAX_SHOWN,
			               at->name);
		size_t n = strlen(step);
		if (to - out < (ptrdiff_t)n)
			break;
		to -= n;
		memcpy(to, step, n);
	}
	memmove(out, to, strlen(to) + 1);
}

static bool fault(struct err *err, const struct place *at, const char *what)
{
	char where[160];
	format_place(at, where);
	return err_set(err, ERR_INPUT, "%s: %s", where[0] ? where : "the body", what);
}

static bool fault_number(struct err *err, const struct place *at, const char *format_before, int64_t n,
                         const char *after)
{
	char what[160];
	(void)snprintf(what, sizeof(what), "%s%lld%s", format_before, (long long)n, after);
	return fault(err, at, what);
}

static bool fault_type(struct err *err, const struct place *at, enum field_type type)
{
	char what[120];
	(void)snprintf(what, sizeof(what), "must be %s", expected(type));
	return fault(err, at, what);
}

static bool is_choice(const char *const *choices, str text)
{
	for (; *choices != NULL; choices++) {
		if (str_eq(text, str_from(*choices)))
			return true;
	}
	return false;
}

static MUST_CHECK bool check_text(const struct field *f, str text, const struct place *at, struct err *err)
{
	if (text.len > fields_max(f))
		return fault_number(err, at, "is longer than ", fields_max(f), " bytes");
	if (f->required && str_trim(text).len == 0)
		return fault(err, at, "must not be empty");
	if (f->choices == NULL || is_choice(f->choices, text))
		return true;
	char list[240] = "must be one of";
	for (const char *const *c = f->choices; *c != NULL; c++) {
		size_t n = strlen(list);
		(void)snprintf(list + n, sizeof(list) - n, "%s %s", c == f->choices ? "" : ",", *c);
	}
	return fault(err, at, list);
}

static MUST_CHECK bool check_int(const struct field *f, int64_t n, const struct place *at, struct err *err)
{
	if (n > fields_max(f))
		return fault_number(err, at, "must be at most ", fields_max(f), "");
	if (n < f->min)
		return fault_number(err, at, "must be at least ", f->min, "");
	return true;
}

static bool text_is(enum field_type type, str text)
{
	struct uuid id;
	struct instant t;
	struct err ignored;
	return type == FIELD_ID ? uuid_parse(text, &id, &ignored) : instant_parse(text, &t, &ignored);
}

/* One item of a list, by the list's type. */
static MUST_CHECK bool check_item(const struct field *f, const struct json *v, const struct place *at,
                                  int depth, struct err *err)
{
	if (f->type == FIELD_OBJECT_LIST) {
		if (json_type(v) != JSON_OBJECT)
			return fault_type(err, at, FIELD_OBJECT);
		return f->members == NULL || check_members(f->members, v, at, depth + 1, err);
	}
	enum field_type type = f->type == FIELD_ID_LIST ? FIELD_ID : FIELD_TEXT;
	if (json_type(v) != JSON_STRING || (type == FIELD_ID && !text_is(FIELD_ID, json_str(v))))
		return fault_type(err, at, type);
	const struct field item = { .type = FIELD_TEXT, .choices = f->choices };
	return check_text(&item, json_str(v), at, err);
}

static MUST_CHECK bool check_list(const struct field *f, const struct json *v, const struct place *at,
                                  int depth, struct err *err)
{
	ptrdiff_t count = json_count(v);
	if (json_type(v) != JSON_ARRAY)
		return fault_type(err, at, f->type);
	if (count > fields_max(f))
		return fault_number(err, at, "has more than ", fields_max(f), " items");
	if (f->required && count == 0)
		return fault(err, at, "must not be empty");
	for (ptrdiff_t i = 0; i < count; i++) {
		const struct place here = { at, NULL, i };
		if (!check_item(f, json_at(v, i), &here, depth, err))
			return false;
	}
	return true;
}

static MUST_CHECK bool check_map(const struct field *f, const struct json *v, const struct place *at,
                                 struct err *err)
{
	if (json_type(v) != JSON_OBJECT)
		return fault_type(err, at, FIELD_MAP);
	if (json_count(v) > fields_max(f))
		return fault_number(err, at, "has more than ", fields_max(f), " members");
	struct json_member m = { 0 };
	const struct field item = { .type = FIELD_TEXT, .choices = f->choices };
	while (json_next(v, &m)) {
		const struct place here = { at, m.key, 0 };
		if (json_type(m.value) != JSON_STRING)
			return fault_type(err, &here, FIELD_TEXT);
		if (!check_text(&item, json_str(m.value), &here, err))
			return false;
	}
	return true;
}

static MUST_CHECK bool check_value(const struct field *f, const struct json *v, const struct place *at,
                                   int depth, struct err *err)
{
	enum json_type type = json_type(v);
	switch (f->type) {
	case FIELD_TEXT:
		return type == JSON_STRING ? check_text(f, json_str(v), at, err)
		                           : fault_type(err, at, f->type);
	case FIELD_INT:
		return type == JSON_INTEGER ? check_int(f, json_int(v), at, err)
		                            : fault_type(err, at, f->type);
	case FIELD_BOOL:
		return type == JSON_TRUE || type == JSON_FALSE || fault_type(err, at, f->type);
	case FIELD_ID:
	case FIELD_TIME:
		return (type == JSON_STRING && text_is(f->type, json_str(v))) || fault_type(err, at, f->type);
	case FIELD_TEXT_LIST:
	case FIELD_ID_LIST:
	case FIELD_OBJECT_LIST:
		return check_list(f, v, at, depth, err);
	case FIELD_OBJECT:
		if (type != JSON_OBJECT)
			return fault_type(err, at, f->type);
		return f->members == NULL || check_members(f->members, v, at, depth + 1, err);
	case FIELD_MAP:
		return check_map(f, v, at, err);
	case FIELD_END:
		break;
	}
	return fault(err, at, "is not a field");
}

/* Edits (insert, delete, replace, swap of neighbours) from a to b, for short names; 99 for long ones. */
static int distance(str a, str b)
{
	enum { N = 40 };
	int rows[3][N + 1];
	if (a.len > N || b.len > N)
		return 99;
	for (int j = 0; j <= b.len; j++)
		rows[0][j] = j;
	for (int i = 1; i <= a.len; i++) {
		int *now = rows[i % 3], *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];
		now[0] = i;
		for (int j = 1; j <= b.len; j++) {
			bool same = a.ptr[i - 1] == b.ptr[j - 1];
			now[j] = MIN(MIN(before[j], now[j - 1]) + 1, before[j - 1] + !same);
			if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1])
				now[j] = MIN(now[j], earlier[j - 2] + 1);
		}
	}
	return rows[a.len % 3][b.len];
}

static const struct field *find_field(const struct field *fields, str name)
{
	for (const struct field *f = fields; f->type != FIELD_END; f++) {
		if (str_eq(name, str_from(f->name)))
			return f;
	}
	return NULL;
}

static bool fault_unknown(struct err *err, const struct field *fields, const struct place *at)
{
	const char *best = NULL;
	str name = str_from(at->name);
	int least = MIN(3, (int)(name.len / 2) + 1);
	for (const struct field *f = fields; f->type != FIELD_END; f++) {
		int d = distance(name, str_from(f->name));
		if (d < least) {
			least = d;
			best = f->name;
		}
	}
	char what[120] = "is unknown: remove it";
	if (best != NULL)
		(void)snprintf(what, sizeof(what), "is unknown: did you mean '%.*s'?", NAME_MAX_SHOWN, best);
	return fault(err, at, what);
}

static MUST_CHECK bool check_members(const struct field *fields, const struct json *object,
                                     const struct place *at, int depth, struct err *err)
{
	if (depth > NESTING_MAX)
		return fault(err, at, "is nested too deep");
	struct json_member m = { 0 };
	while (json_next(object, &m)) {
		const struct place here = { at, m.key, 0 };
		const struct field *f = find_field(fields, str_from(m.key));
		if (f == NULL)
			return fault_unknown(err, fields, &here);
		if (json_type(m.value) != JSON_NULL && !check_value(f, m.value, &here, depth, err))
			return false;
	}
	for (const struct field *f = fields; f->type != FIELD_END; f++) {
		const struct json *v = f->required ? json_get(object, f->name) : NULL;
		const struct place here = { at, f->name, 0 };
		if (f->required && (v == NULL || json_type(v) == JSON_NULL))
			return fault(err, &here, "is required");
	}
	return true;
}

bool fields_check(const struct field *fields, const struct json *body, struct err *err)
{
	if (json_type(body) != JSON_OBJECT)
		return fault(err, NULL, "must be a JSON object");
	return check_members(fields, body, NULL, 0, err);
}

static MUST_CHECK bool check_query_value(const struct field *f, str text, const struct place *at,
                                         struct err *err)
{
	int64_t n;
	switch (f->type) {
	case FIELD_TEXT:
		return check_text(f, text, at, err);
	case FIELD_TEXT_LIST:
		return check_text(&(struct field){ .type = FIELD_TEXT, .choices = f->choices }, text, at,
		                  err);
	case FIELD_INT:
		if (!str_to_int(text, INT64_MIN, INT64_MAX, &n))
			return fault_type(err, at, f->type);
		return check_int(f, n, at, err);
	case FIELD_BOOL:
		return str_eq(text, S("true")) || str_eq(text, S("false")) || fault_type(err, at, f->type);
	case FIELD_ID:
	case FIELD_ID_LIST:
		return text_is(FIELD_ID, text) || fault_type(err, at, FIELD_ID);
	case FIELD_TIME:
		return text_is(FIELD_TIME, text) || fault_type(err, at, FIELD_TIME);
	case FIELD_OBJECT:
	case FIELD_OBJECT_LIST:
	case FIELD_MAP:
	case FIELD_END:
		break;
	}
	return fault(err, at, "is not a query parameter");
}

/* A list is the name repeated; anything else stands once, or two readers could each believe another one. */
static MUST_CHECK bool check_repeats(const struct field *f, const struct pairs *query, const struct place *at,
                                     struct err *err)
{
	bool list = f->type == FIELD_TEXT_LIST || f->type == FIELD_ID_LIST;
	int64_t most = list ? fields_max(f) : 1;
	if (params_find(query, str_from(f->name), (ptrdiff_t)MIN(most, PARAMS_MAX)).ptr == NULL)
		return true;
	return list ? fault_number(err, at, "is given more than ", most, " times")
	            : fault(err, at, "is given twice");
}

bool fields_check_query(const struct field *fields, const struct pairs *query, struct err *err)
{
	static const struct field none[] = { { 0 } };
	if (fields == NULL)
		fields = none;
	for (ptrdiff_t i = 0; i < query->count; i++) {
		char name[NAME_MAX_SHOWN + 1];
		(void)snprintf(name, sizeof(name), STR_FMT, (int)MIN(query->at[i].name.len, NAME_MAX_SHOWN),
		               query->at[i].name.ptr);
		const struct place parameter = { NULL, name, 0 };
		const struct field *f = find_field(fields, query->at[i].name);
		bool good = f == NULL ? fault_unknown(err, fields, &parameter)
		                      : check_query_value(f, query->at[i].value, &parameter, err) &&
		                        check_repeats(f, query, &parameter, err);
		if (!good)
			return err_wrap(err, "query parameter");
	}
	for (const struct field *f = fields; f->type != FIELD_END; f++) {
		if (f->required && params_find(query, str_from(f->name), 0).ptr == NULL)
			return err_set(err, ERR_INPUT, "query parameter: %s: is required", f->name);
	}
	return true;
}
