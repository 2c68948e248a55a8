#include "format/json.h"

#include <stdio.h>
#include <stdlib.h>
#include "base/buf.h"

/* Jansson uses some of our words.  Its own are called otherwise while its header is read; those that exist as
 * symbols of the library get their true name back for the linker. */
struct json_t;
struct json_t *jansson_object(void) __asm__("json_object");
struct json_t *jansson_array(void) __asm__("json_array");
struct json_t *jansson_copy(struct json_t *) __asm__("json_copy");
#define json_object     jansson_object
#define json_array      jansson_array
#define json_copy       jansson_copy
#define json_type       jansson_type
#define JSON_OBJECT     JANSSON_OBJECT
#define JSON_ARRAY      JANSSON_ARRAY
#define JSON_STRING     JANSSON_STRING
#define JSON_INTEGER    JANSSON_INTEGER
#define JSON_REAL       JANSSON_REAL
#define JSON_TRUE       JANSSON_TRUE
#define JSON_FALSE      JANSSON_FALSE
#define JSON_NULL       JANSSON_NULL
#include <jansson.h>
#undef json_object
#undef json_array
#undef json_copy
#undef json_type
#undef json_is_true
#undef JSON_OBJECT
#undef JSON_ARRAY
#undef JSON_STRING
#undef JSON_INTEGER
#undef JSON_REAL
#undef JSON_TRUE
#undef JSON_FALSE
#undef JSON_NULL

_Static_assert((int)JSON_OBJECT == (int)JANSSON_OBJECT && (int)JSON_ARRAY == (int)JANSSON_ARRAY &&
	(int)JSON_STRING == (int)JANSSON_STRING && (int)JSON_INTEGER == (int)JANSSON_INTEGER &&
	(int)JSON_REAL == (int)JANSSON_REAL && (int)JSON_TRUE == (int)JANSSON_TRUE &&
	(int)JSON_FALSE == (int)JANSSON_FALSE && (int)JSON_NULL == (int)JANSSON_NULL, "json_type casts");

enum {
	DEPTH_DEFAULT = 32,
	DEPTH_MOST = 512,               /* of a parse */
	DEPTH_WRITTEN = 1024,           /* room for what we build around parsed values */
	SIZE_DEFAULT = 16 << 20,
	VALUES_DEFAULT = 500000,
};

static const int64_t INTEGER_MOST = ((int64_t)1 << 53) - 1;     /* RFC 7493 section 2.2 */

/* struct json is never defined: a pointer to one is a json_t pointer.  Jansson's const is too narrow. */
static json_t *inner(const struct json *j)
{
	return (json_t *)(uintptr_t)j;
}

static struct json *outer(json_t *j)
{
	return (struct json *)j;
}

/* Memory that Jansson did not get ends the process, as an arena would (arena.h I3). */
static json_t *made(json_t *j)
{
	ASSERT(j != NULL);
	return j;
}

static void done(int jansson_result)
{
	ASSERT(jansson_result == 0);
}

static void drop(void *j)
{
	json_decref(j);
}

static struct json *tie(struct arena *a, json_t *j)
{
	arena_defer(a, drop, made(j));
	return outer(j);
}

/* Reading */

static bool err_at(struct err *err, enum err_code code, str text, ptrdiff_t at, const char *what)
{
	int line = 1, column = 1;
	for (ptrdiff_t i = 0; i < at; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		if (c == '\n') {
			line++;
			column = 1;
		} else {
			column += (c & 0xC0) != 0x80;   /* characters, as an editor counts them */
		}
	}
	return err_set(err, code, "JSON, line %d, column %d: %s", line, column, what);
}

/* Brackets and commas outside strings: enough to bound Jansson's recursion and memory before it starts.  What
 * is not JSON may be counted wrongly; Jansson refuses it then, at or before the place where we were wrong. */
static bool check_shape(str text, struct json_limits limits, struct err *err)
{
	bool quoted = false;
	ptrdiff_t depth = 0, values = 1;
	for (ptrdiff_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (quoted) {
			i += c == '\\';
			quoted = c != '"';
			continue;
		}
		if (c == '"') {
			quoted = true;
		} else if (c == '{' || c == '[') {
			values++;
			if (++depth > limits.depth)
				return err_at(err, ERR_INPUT, text, i,
					"objects and arrays are nested too deeply");
		} else if (c == '}' || c == ']') {
			depth--;
		} else if (c == ',') {
			values++;
		}
		if (values > limits.values)
			return err_at(err, ERR_LIMIT, text, i, "too many values; send it in parts");
	}
	return true;
}

static bool err_jansson(struct err *err, const json_error_t *e)
{
	char text[JSON_ERROR_TEXT_LENGTH];
	ptrdiff_t n = 0;
	enum json_error_code code = json_error_code(e);
	if (code == json_error_null_character || code == json_error_null_byte_in_key)
		return err_set(err, ERR_INPUT, "JSON, line %d, column %d: a text holds \\u0000: take it out",
		               e->line, e->column);
	for (; e->text[n] && n < COUNTOF(text) - 1; n++)        /* it quotes the input: no control bytes */
		text[n] = (unsigned char)e->text[n] < 0x20 || e->text[n] == 0x7F ? ' ' : e->text[n];
	text[n] = '\0';
	return err_set(err, ERR_INPUT, "JSON, line %d, column %d: %s", e->line, e->column, text);
}

bool json_parse(struct arena *a, str text, struct json_limits limits, struct json **out_j, struct err *err)
{
	limits.depth = limits.depth ? limits.depth : DEPTH_DEFAULT;
	limits.size = limits.size ? limits.size : SIZE_DEFAULT;
	limits.values = limits.values ? limits.values : VALUES_DEFAULT;
	ASSERT(limits.depth <= DEPTH_MOST);
	if (text.len > limits.size)
		return err_set(err, ERR_LIMIT,
			"the JSON text has %td bytes; at most %td are taken: send it in parts",
			text.len, limits.size);
	if (!check_shape(text, limits, err))
		return false;
	json_error_t e;
	json_t *j = json_loadb(text.ptr ? text.ptr : "", (size_t)text.len,
		JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
	if (j == NULL)
		return err_jansson(err, &e);
	*out_j = tie(a, j);
	return true;
}

/* Writing */

struct member { str key; const json_t *value; };

struct writer {
	struct buf   out;
	bool         canonical;         /* RFC 8785 and its refusals; else anything, in order of insertion */
	bool         pretty;
	const char  *refused;           /* why the value has no canonical form */
	str          refused_key;       /* the innermost member that it was in */
};

static bool refuse(struct writer *w, const char *why)
{
	w->refused = why;
	return false;
}

static void write_escape(struct buf *out, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char letters[] = "btn\0fr";        /* 0x08 to 0x0D; 0x0B has no letter */
	if (c == '"' || c == '\\')
		buf_add(out, (str){ (const char[]){ '\\', (char)c }, 2 });
	else if (c >= 0x08 && c <= 0x0D && c != 0x0B)
		buf_add(out, (str){ (const char[]){ '\\', letters[c - 0x08] }, 2 });
	else
		buf_add(out, (str){ (const char[]){ '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] }, 6 });
}

static void write_string(struct buf *out, str s)
{
	buf_add_char(out, '"');
	ptrdiff_t from = 0;
	for (ptrdiff_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(out, str_sub(s, from, i));
		write_escape(out, c);
		from = i + 1;
	}
	buf_add(out, str_sub(s, from, s.len));
	buf_add_char(out, '"');
}

static bool write_integer(struct writer *w, int64_t n)
{
	if (w->canonical && (n > INTEGER_MOST || n < -INTEGER_MOST))
		return refuse(w, "an integer is outside -(2^53-1) to 2^53-1");
	char digits[24];
	ptrdiff_t at = COUNTOF(digits);
	uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
	do
		digits[--at] = (char)('0' + rest % 10);
	while ((rest /= 10) != 0);
	if (n < 0)
		digits[--at] = '-';
	buf_add(&w->out, (str){ digits + at, COUNTOF(digits) - at });
	return true;
}

/* The shortest form that reads back as the same number, and as a real. */
static bool write_real(struct writer *w, double x)
{
	if (w->canonical)
		return refuse(w, "a number is not an integer");
	char text[40];
	int n = 0;
	for (int precision = 15; precision <= 17; precision++) {
		n = snprintf(text, sizeof(text), "%.*g", precision, x);
		if (strtod(text, NULL) == x)
			break;
	}
	bool real = false;
	for (int i = 0; i < n; i++) {
		text[i] = text[i] == ',' ? '.' : text[i];       /* a locale's decimal comma */
		real |= text[i] == '.' || text[i] == 'e';
	}
	buf_add(&w->out, (str){ text, n });
	if (!real)
		buf_add(&w->out, S(".0"));
	return true;
}

static void write_break(struct writer *w, int depth)
{
	if (!w->pretty)
		return;
	buf_add_char(&w->out, '\n');
	for (int i = 0; i < depth; i++)
		buf_add(&w->out, S("  "));
}

static int by_key(const void *x, const void *y)
{
	const struct member *a = x, *b = y;
	return str_cmp(a->key, b->key);
}

/* Members in the order in which they are written.  What a canonical text was read into is sorted already. */
static void collect(struct writer *w, json_t *object, struct member *list)
{
	bool sorted = true;
	ptrdiff_t n = 0;
	for (void *it = json_object_iter(object); it != NULL; it = json_object_iter_next(object, it), n++) {
		list[n].key = (str){ json_object_iter_key(it), (ptrdiff_t)json_object_iter_key_len(it) };
		list[n].value = json_object_iter_value(it);
		sorted = sorted && (n == 0 || str_cmp(list[n - 1].key, list[n].key) < 0);
	}
	if (w->canonical && !sorted)
		qsort(list, (size_t)n, sizeof(*list), by_key);
}

static bool is_ascii(str s)
{
	for (ptrdiff_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] >= 0x80)
			return false;
	return true;
}

static bool write_value(struct writer *w, const json_t *j, int depth);

static bool write_object(struct writer *w, json_t *object, int depth)
{
	struct member few[32], *list = few;
	ptrdiff_t n = (ptrdiff_t)json_object_size(object);
	if (n > COUNTOF(few))
		list = NEW(w->out.arena, struct member, n);
	collect(w, object, list);
	buf_add_char(&w->out, '{');
	for (ptrdiff_t i = 0; i < n; i++) {
		if (i)
			buf_add_char(&w->out, ',');
		write_break(w, depth + 1);
		if (w->canonical && !is_ascii(list[i].key))
			return refuse(w, "a key is not ASCII");
		write_string(&w->out, list[i].key);
		buf_add(&w->out, w->pretty ? S(": ") : S(":"));
		if (!write_value(w, list[i].value, depth + 1)) {
			w->refused_key = w->refused_key.ptr ? w->refused_key : list[i].key;
			return false;
		}
	}
	if (n)
		write_break(w, depth);
	buf_add_char(&w->out, '}');
	return true;
}

static bool write_array(struct writer *w, const json_t *array, int depth)
{
	size_t n = json_array_size(array);
	buf_add_char(&w->out, '[');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_add_char(&w->out, ',');
		write_break(w, depth + 1);
		if (!write_value(w, json_array_get(array, i), depth + 1))
			return false;
	}
	if (n)
		write_break(w, depth);
	buf_add_char(&w->out, ']');
	return true;
}

static bool write_value(struct writer *w, const json_t *j, int depth)
{
	ASSERT(depth <= DEPTH_WRITTEN);         /* json_parse takes half of it at most */
	switch ((enum json_type)json_typeof(j)) {
	case JSON_OBJECT:
		return write_object(w, (json_t *)(uintptr_t)j, depth);
	case JSON_ARRAY:
		return write_array(w, j, depth);
	case JSON_STRING:
		write_string(&w->out, (str){ json_string_value(j), (ptrdiff_t)json_string_length(j) });
		return true;
	case JSON_INTEGER:
		return write_integer(w, json_integer_value(j));
	case JSON_REAL:
		return write_real(w, json_real_value(j));
	case JSON_TRUE:
		buf_add(&w->out, S("true"));
		return true;
	case JSON_FALSE:
		buf_add(&w->out, S("false"));
		return true;
	case JSON_NULL:
		buf_add(&w->out, S("null"));
		return true;
	}
	ASSERT(false);
	return false;
}

bool json_canonical(struct arena *a, const struct json *j, str *out_text, struct err *err)
{
	struct writer w = { .canonical = true };
	buf_init(&w.out, a, a->hard);
	if (!write_value(&w, inner(j), 0))
		return err_set(err, ERR_INPUT, "'" STR_FMT "' has no canonical form: %s",
			STR_ARG(str_sub(w.refused_key, 0, 60)), w.refused);
	*out_text = buf_str(&w.out);
	return true;
}

static str write_all(struct arena *a, const struct json *j, bool pretty)
{
	struct writer w = { .pretty = pretty };
	buf_init(&w.out, a, a->hard);
	bool ok = write_value(&w, inner(j), 0);
	ASSERT(ok);
	return buf_str(&w.out);
}

str json_compact(struct arena *a, const struct json *j)
{
	return write_all(a, j, false);
}

str json_pretty(struct arena *a, const struct json *j)
{
	return write_all(a, j, true);
}

/* Building */

struct json *json_object(struct arena *a)
{
	return tie(a, jansson_object());
}

struct json *json_array(struct arena *a)
{
	return tie(a, jansson_array());
}

struct json *json_copy(struct arena *a, const struct json *j)
{
	return tie(a, json_deep_copy(inner(j)));
}

struct json *json_share(struct arena *a, const struct json *object)
{
	return tie(a, jansson_copy(inner(object)));
}

/* The sequence at s[i] if it is well formed; else its first byte alone, which is not. */
static str sequence(str s, ptrdiff_t i)
{
	for (ptrdiff_t n = 1; n <= 4 && i + n <= s.len; n++)
		if (str_utf8_valid(str_sub(s, i, i + n)))
			return str_sub(s, i, i + n);
	return str_sub(s, i, i + 1);
}

static json_t *mended_string(str s)
{
	struct arena tmp;
	struct buf b;
	arena_init(&tmp, ARENA_SOFT_DEFAULT, PTRDIFF_MAX);
	buf_init(&b, &tmp, PTRDIFF_MAX / 4);
	for (ptrdiff_t i = 0; i < s.len;) {
		str c = sequence(s, i);
		if (!str_utf8_valid(c))
			buf_add(&b, S("\xEF\xBF\xBD"));
		else if (c.ptr[0] != '\0')
			buf_add(&b, c);
		i += c.len;
	}
	json_t *j = json_stringn_nocheck(b.len ? b.ptr : "", (size_t)b.len);
	arena_done(&tmp);
	return made(j);
}

static json_t *string_of(str s)
{
	if (str_find_char(s, '\0') >= 0 || !str_utf8_valid(s))
		return mended_string(s);
	return made(json_stringn_nocheck(s.len ? s.ptr : "", (size_t)s.len));
}

static void set_new(struct json *object, const char *key, json_t *value)
{
	done(json_object_set_new_nocheck(inner(object), key, value));
}

void json_set(struct json *object, const char *key, struct json *value)
{
	ASSERT(json_type(object) == JSON_OBJECT && value != object);
	set_new(object, key, value ? json_incref(inner(value)) : json_null());
}

void json_set_str(struct json *object, const char *key, str value)
{
	set_new(object, key, string_of(value));
}

void json_set_int(struct json *object, const char *key, int64_t value)
{
	set_new(object, key, made(json_integer(value)));
}

void json_set_bool(struct json *object, const char *key, bool value)
{
	set_new(object, key, json_boolean(value));
}

/* What we write ourselves needs no check. */
static json_t *ascii(str s)
{
	return made(json_stringn_nocheck(s.ptr, (size_t)s.len));
}

void json_set_uuid(struct json *object, const char *key, struct uuid value)
{
	char text[UUID_TEXT];
	set_new(object, key, uuid_is_nil(value) ? json_null() : ascii(uuid_put(value, text)));
}

void json_set_instant(struct json *object, const char *key, struct instant t)
{
	char text[INSTANT_TEXT];
	set_new(object, key, t.us == 0 ? json_null() : ascii(instant_put(t, text)));
}

void json_append(struct json *array, struct json *value)
{
	ASSERT(json_type(array) == JSON_ARRAY && value != array);
	done(json_array_append_new(inner(array), value ? json_incref(inner(value)) : json_null()));
}

void json_append_str(struct json *array, str value)
{
	done(json_array_append_new(inner(array), string_of(value)));
}

void json_append_int(struct json *array, int64_t value)
{
	done(json_array_append_new(inner(array), made(json_integer(value))));
}

void json_remove(struct json *object, const char *key)
{
	(void)json_object_del(inner(object), key);      /* fails if it was not there */
}

/* Looking */

enum json_type json_type(const struct json *j)
{
	return (enum json_type)json_typeof(inner(j));
}

ptrdiff_t json_count(const struct json *j)
{
	if (j == NULL)
		return 0;
	bool array = json_type(j) == JSON_ARRAY;
	return (ptrdiff_t)(array ? json_array_size(inner(j)) : json_object_size(inner(j)));
}

const struct json *json_at(const struct json *array, ptrdiff_t i)
{
	return i < 0 ? NULL : outer(json_array_get(inner(array), (size_t)i));
}

const struct json *json_get(const struct json *object, const char *key)
{
	return outer(json_object_get(inner(object), key));
}

str json_str(const struct json *j)
{
	const char *p = json_string_value(inner(j));
	return (str){ p, p ? (ptrdiff_t)json_string_length(inner(j)) : 0 };
}

int64_t json_int(const struct json *j)
{
	return json_integer_value(inner(j));
}

bool json_is_true(const struct json *j)
{
	return j != NULL && json_type(j) == JSON_TRUE;
}

str json_get_str(const struct json *object, const char *key)
{
	return json_str(json_get(object, key));
}

int64_t json_get_int(const struct json *object, const char *key)
{
	return json_int(json_get(object, key));
}

bool json_get_bool(const struct json *object, const char *key)
{
	return json_is_true(json_get(object, key));
}

struct uuid json_get_uuid(const struct json *object, const char *key)
{
	struct uuid u = { { 0 } };
	struct err ignored;
	str s = json_get_str(object, key);
	return s.ptr != NULL && uuid_parse(s, &u, &ignored) ? u : (struct uuid){ { 0 } };
}

struct instant json_get_instant(const struct json *object, const char *key)
{
	struct instant t = { 0 };
	struct err ignored;
	str s = json_get_str(object, key);
	return s.ptr != NULL && instant_parse(s, &t, &ignored) ? t : (struct instant){ 0 };
}

bool json_next(const struct json *object, struct json_member *m)
{
	m->iterator = m->iterator ? json_object_iter_next(inner(object), m->iterator) :
		json_object_iter(inner(object));
	m->key = json_object_iter_key(m->iterator);
	m->value = outer(json_object_iter_value(m->iterator));
	return m->iterator != NULL;
}
