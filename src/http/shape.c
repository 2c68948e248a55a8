#include "http/shape.h"

enum { DEPTH_MAX = 16 };        /* of our own texts; a text that contains itself ends here */

struct reader {
	struct arena *arena;
	str           whole, rest;
	int           depth;
	struct err   *err;
};

static struct json *read_shape(struct reader *r);
static bool add_members(struct reader *r, struct json *properties, struct json *required);

static struct json *fault(struct reader *r, const char *what)
{
	(void)err_set(r->err, ERR_SYSTEM, "shape '" STR_FMT "': %s at '" STR_FMT "'", STR_ARG(r->whole), what,
	              STR_ARG(str_sub(r->rest, 0, 20)));
	return NULL;
}

static bool take(struct reader *r, char c)
{
	while (r->rest.len && r->rest.ptr[0] == ' ')
		r->rest = str_sub(r->rest, 1, r->rest.len);
	if (r->rest.len == 0 || r->rest.ptr[0] != c)
		return false;
	r->rest = str_sub(r->rest, 1, r->rest.len);
	return true;
}

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '+' || c == '-';
}

static str take_word(struct reader *r)
{
	ptrdiff_t n = 0;
	(void)take(r, '\0');
	while (n < r->rest.len && is_word_char(r->rest.ptr[n]))
		n++;
	str word = str_sub(r->rest, 0, n);
	r->rest = str_sub(r->rest, n, r->rest.len);
	return word;
}

static struct json *typed(struct arena *a, const char *type, const char *format)
{
	struct json *s = json_object(a);
	json_set_str(s, "type", str_from(type));
	if (format != NULL)
		json_set_str(s, "format", str_from(format));
	return s;
}

static const struct shape *find_shape(str name)
{
	for (ptrdiff_t i = 0; i < SHAPES_COUNT; i++) {
		if (str_eq(name, str_from(SHAPES[i].name)))
			return &SHAPES[i];
	}
	return NULL;
}

static struct json *read_word(struct reader *r)
{
	static const struct { const char *word, *type, *format; } words[] = {
		{ "text", "string", NULL },  { "id", "string", "uuid" }, { "time", "string", "date-time" },
		{ "int", "integer", NULL },  { "bool", "boolean", NULL },
	};
	str word = take_word(r);
	for (ptrdiff_t i = 0; i < COUNTOF(words); i++) {
		if (str_eq(word, str_from(words[i].word)))
			return typed(r->arena, words[i].type, words[i].format);
	}
	if (str_eq(word, S("any")))
		return json_object(r->arena);
	if (find_shape(word) == NULL)
		return fault(r, "no such shape before this");
	struct json *s = json_object(r->arena);
	json_set_str(s, "$ref", arena_printf(r->arena, "#/components/schemas/" STR_FMT, STR_ARG(word)));
	return s;
}

static struct json *read_choices(struct reader *r)
{
	struct json *s = typed(r->arena, "string", NULL), *list = json_array(r->arena);
	do {
		str word = take_word(r);
		if (word.len == 0)
			return fault(r, "a word is missing");
		json_append_str(list, word);
	} while (take(r, '|'));
	json_set(s, "enum", list);
	return s;
}

static struct json *list_schema(struct arena *a, struct json *item)
{
	struct json *s = typed(a, "array", NULL);
	json_set(s, "items", item);
	return s;
}

/* `shape` up to `close`, or NULL. */
static struct json *read_inner(struct reader *r, char close)
{
	struct json *inner = read_shape(r);
	if (inner != NULL && !take(r, close))
		return fault(r, "a bracket stays open");
	return inner;
}

static struct json *read_page(struct reader *r)
{
	struct json *item = read_inner(r, '>'), *page;
	struct reader rest = *r;
	rest.rest = S("{items: any, next: text?, count: int, count_exact: bool}");
	if (item == NULL || (page = read_shape(&rest)) == NULL)
		return NULL;
	/* Members are borrowed as const; a page is made of ours, so its list is set once more. */
	struct json *properties = json_copy(r->arena, json_get(page, "properties"));
	json_set(properties, "items", list_schema(r->arena, item));
	json_set(page, "properties", properties);
	return page;
}

static bool add_spread(struct reader *r, struct json *properties, struct json *required)
{
	const struct shape *named = find_shape(take_word(r));
	if (named == NULL || named->text[0] != '{')
		return fault(r, "no such object before this") != NULL;
	struct reader inner = *r;
	inner.whole = str_from(named->text);
	inner.rest = str_sub(inner.whole, 1, inner.whole.len);
	inner.depth++;
	return add_members(&inner, properties, required);
}

static bool add_member(struct reader *r, struct json *properties, struct json *required)
{
	if (take(r, '.'))
		return take(r, '.') && take(r, '.') && add_spread(r, properties, required);
	str name = take_word(r);
	bool optional = take(r, '?');
	if (name.len == 0 || !take(r, ':'))
		return fault(r, "a member's name is missing") != NULL;
	struct json *s = read_shape(r);
	if (s == NULL)
		return false;
	const char *key = arena_cstr(r->arena, name);
	bool known = json_get(properties, key) != NULL;
	json_set(properties, key, s);
	if (!optional && !known)
		json_append_str(required, name);
	return true;
}

/* Behind the opening bracket, through the closing one. */
static bool add_members(struct reader *r, struct json *properties, struct json *required)
{
	if (r->depth > DEPTH_MAX)
		return fault(r, "too deep") != NULL;
	if (take(r, '}'))
		return true;
	do {
		if (!add_member(r, properties, required))
			return false;
	} while (take(r, ','));
	return take(r, '}') || fault(r, "a brace stays open") != NULL;
}

static struct json *read_object(struct reader *r)
{
	struct json *s = typed(r->arena, "object", NULL);
	struct json *properties = json_object(r->arena), *required = json_array(r->arena);
	if (!add_members(r, properties, required))
		return NULL;
	json_set(s, "properties", properties);
	if (json_count(required) > 0)
		json_set(s, "required", required);
	return s;
}

static struct json *read_base(struct reader *r)
{
	if (take(r, '='))
		return read_choices(r);
	if (take(r, '{'))
		return read_object(r);
	if (take(r, '<'))
		return read_page(r);
	if (take(r, '[')) {
		struct json *item = read_inner(r, ']');
		return item ? list_schema(r->arena, item) : NULL;
	}
	if (take(r, '(')) {
		struct json *item = read_inner(r, ')'), *s = typed(r->arena, "object", NULL);
		json_set(s, "additionalProperties", item);
		return item ? s : NULL;
	}
	return read_word(r);
}

static struct json *or_null(struct arena *a, struct json *s)
{
	struct json *either = json_object(a), *list = json_array(a);
	json_append(list, s);
	json_append(list, typed(a, "null", NULL));
	json_set(either, "anyOf", list);
	return either;
}

static struct json *read_shape(struct reader *r)
{
	if (r->depth++ > DEPTH_MAX)
		return fault(r, "too deep");
	struct json *s = read_base(r);
	r->depth--;
	return s != NULL && take(r, '?') ? or_null(r->arena, s) : s;
}

bool shape_schema(struct arena *a, str shape, struct json **out_schema, struct err *err)
{
	struct reader r = { .arena = a, .whole = shape, .rest = shape, .err = err };
	*out_schema = read_shape(&r);
	if (*out_schema != NULL && str_trim(r.rest).len > 0)
		*out_schema = fault(&r, "something is left over");
	return *out_schema != NULL;
}

bool shape_next_answer(str *record, struct shape_answer *out)
{
	int64_t status = 0;
	if (record->len == 0)
		return false;
	str_cut_result cut = str_cut(*record, ';');
	str text = str_trim(cut.head);
	*record = cut.ok ? cut.tail : (str){ 0 };
	str_cut_result words = str_cut(text, ' ');
	*out = (struct shape_answer){ .status = 200, .media = S("application/json") };
	if (str_to_int(words.head, 100, 599, &status)) {
		out->status = (int)status;
		text = words.ok ? str_trim(words.tail) : S("");
	}
	if (str_find_char(text, '/') >= 0)
		out->media = text;
	else
		out->shape = text;
	return true;
}
