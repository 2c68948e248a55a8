#include "http/openapi.h"

#include "base/buf.h"
#include "format/json.h"
#include "http/dispatch_priv.h"
#include "http/fields_priv.h"
#include "http/openapi_priv.h"
#include "http/shape.h"

static struct json *schema_of_members(struct arena *a, const struct field *fields);

static struct json *object_with(struct arena *a, const char *key, str value)
{
	struct json *o = json_object(a);
	json_set_str(o, key, value);
	return o;
}

static struct json *list_of(struct arena *a, struct json *item)
{
	struct json *list = json_array(a);
	json_append(list, item);
	return list;
}

static struct json *reference_to(struct arena *a, const char *kind, const char *name)
{
	return object_with(a, "$ref", arena_printf(a, "#/components/%s/%s", kind, name));
}

static const char *schema_type(enum field_type type)
{
	switch (type) {
	case FIELD_TEXT:
	case FIELD_ID:
	case FIELD_TIME:
		return "string";
	case FIELD_INT:
		return "integer";
	case FIELD_BOOL:
		return "boolean";
	case FIELD_TEXT_LIST:
	case FIELD_ID_LIST:
	case FIELD_OBJECT_LIST:
		return "array";
	case FIELD_OBJECT:
	case FIELD_MAP:
		return "object";
	case FIELD_END:
		break;
	}
	ASSERT(!"a row that ends early");
}

/* An optional member may be null, which means absent. */
static void set_type(struct arena *a, struct json *schema, const char *type, bool nullable)
{
	if (!nullable) {
		json_set_str(schema, "type", str_from(type));
		return;
	}
	struct json *types = json_array(a);
	json_append_str(types, str_from(type));
	json_append_str(types, S("null"));
	json_set(schema, "type", types);
}

static void set_choices(struct arena *a, struct json *schema, const struct field *f)
{
	if (f->choices == NULL)
		return;
	struct json *list = json_array(a);
	for (const char *const *c = f->choices; *c != NULL; c++)
		json_append_str(list, str_from(*c));
	json_set(schema, "enum", list);
}

static struct json *schema_of_item(struct arena *a, const struct field *f)
{
	if (f->type == FIELD_OBJECT_LIST)
		return f->members ? schema_of_members(a, f->members) : object_with(a, "type", S("object"));
	struct json *item = object_with(a, "type", S("string"));
	if (f->type == FIELD_ID_LIST)
		json_set_str(item, "format", S("uuid"));
	else
		json_set_int(item, "maxLength", fields_max(&(struct field){ .type = FIELD_TEXT }));
	set_choices(a, item, f);
	return item;
}

static void set_text(struct arena *a, struct json *schema, const struct field *f)
{
	/* The limit is in bytes, maxLength in characters: what we take is never longer than it says. */
	json_set_int(schema, "maxLength", fields_max(f));
	if (f->required)
		json_set_str(schema, "pattern", S("\\S"));
	set_choices(a, schema, f);
}

static void set_list(struct arena *a, struct json *schema, const struct field *f)
{
	json_set_int(schema, "maxItems", fields_max(f));
	if (f->required)
		json_set_int(schema, "minItems", 1);
	json_set(schema, "items", schema_of_item(a, f));
}

static struct json *schema_of_field(struct arena *a, const struct field *f, bool nullable)
{
	bool members = f->type == FIELD_OBJECT && f->members != NULL;
	struct json *s = members ? schema_of_members(a, f->members) : json_object(a);
	set_type(a, s, schema_type(f->type), nullable && f->choices == NULL);
	switch (f->type) {
	case FIELD_TEXT:
		set_text(a, s, f);
		break;
	case FIELD_INT:
		json_set_int(s, "minimum", f->min);
		json_set_int(s, "maximum", fields_max(f));
		break;
	case FIELD_ID:
		json_set_str(s, "format", S("uuid"));
		break;
	case FIELD_TIME:
		json_set_str(s, "format", S("date-time"));
		break;
	case FIELD_TEXT_LIST:
	case FIELD_ID_LIST:
	case FIELD_OBJECT_LIST:
		set_list(a, s, f);
		break;
	case FIELD_MAP:
		json_set(s, "additionalProperties", object_with(a, "type", S("string")));
		json_set_int(s, "maxProperties", fields_max(f));
		break;
	case FIELD_BOOL:
	case FIELD_OBJECT:
	case FIELD_END:
		break;
	}
	if (f->doc != NULL)
		json_set_str(s, "description", str_from(f->doc));
	return s;
}

/* Recursion follows our own rows, which fields_check refuses past a depth anyway. */
static struct json *schema_of_members(struct arena *a, const struct field *fields)
{
	struct json *s = object_with(a, "type", S("object"));
	struct json *properties = json_object(a), *required = json_array(a);
	for (const struct field *f = fields; f->type != FIELD_END; f++) {
		json_set(properties, f->name, schema_of_field(a, f, !f->required));
		if (f->required)
			json_append_str(required, str_from(f->name));
	}
	json_set(s, "properties", properties);
	if (json_count(required) > 0)
		json_set(s, "required", required);
	json_set_bool(s, "additionalProperties", false);
	return s;
}

static struct json *parameter(struct arena *a, const char *in, str name, bool required, struct json *schema)
{
	struct json *p = object_with(a, "in", str_from(in));
	json_set_str(p, "name", name);
	json_set_bool(p, "required", required);
	json_set(p, "schema", schema);
	return p;
}

static void add_path_parameters(struct arena *a, struct json *list, str path)
{
	for (ptrdiff_t open; (open = str_find_char(path, '{')) >= 0;) {
		ptrdiff_t close = str_find_char(path, '}');
		str name = str_sub(path, open + 1, close);
		json_append(list, parameter(a, "path", name, true, object_with(a, "type", S("string"))));
		path = str_sub(path, close + 1, path.len);
	}
}

static bool is_post(const struct route *route)
{
	return str_eq(str_from(route->method), S("POST"));
}

static void add_header(struct arena *a, struct json *list, str name, bool required, str doc)
{
	struct json *schema = object_with(a, "type", S("string"));
	json_set_int(schema, "maxLength", 200);
	json_set_str(schema, "pattern", S("^[ -~]+$"));
	struct json *p = parameter(a, "header", name, required, schema);
	json_set_str(p, "description", doc);
	json_append(list, p);
}

static void add_header_parameters(struct arena *a, struct json *list, const struct route *route)
{
	if (is_post(route))
		add_header(a, list, S("Idempotency-Key"), route->need != PERM_PUBLIC && route->fields,
		           S("A new UUID. The same request with the same key is done once; a different one "
		             "under the same key is answered 409."));
	if (route->tagged && is_post(route))
		add_header(a, list, S("If-Match"), false,
		           S("The ETag of the version that was read; 412 if it changed meanwhile."));
	if (route->tagged && !is_post(route))
		add_header(a, list, S("If-None-Match"), false,
		           S("The ETag of the version that is at hand; 304 if it is still that."));
}

static struct json *parameters_of(struct arena *a, const struct route *route)
{
	struct json *list = json_array(a);
	add_path_parameters(a, list, str_from(route->path));
	for (const struct field *f = route->query; f != NULL && f->type != FIELD_END; f++)
		json_append(list, parameter(a, "query", str_from(f->name), f->required,
		                            schema_of_field(a, f, false)));
	add_header_parameters(a, list, route);
	return list;
}

static struct json *content_of(struct arena *a, const char *type, struct json *schema)
{
	struct json *media = json_object(a), *content = json_object(a);
	json_set(media, "schema", schema);
	json_set(content, type, media);
	return content;
}

static struct json *body_of(struct arena *a, const struct route *route)
{
	bool required = false;
	for (const struct field *f = route->fields; f != NULL && f->type != FIELD_END; f++)
		required |= f->required;
	struct json *body = json_object(a);
	json_set_bool(body, "required", required || route->fields == NULL);
	json_set(body, "content", route->fields
	         ? content_of(a, "application/json", schema_of_members(a, route->fields))
	         : content_of(a, route->consumes, json_object(a)));
	return body;
}

/* What may go wrong, by what the row has. */
static void add_problems(struct arena *a, struct json *all, const struct route *route)
{
	bool known = route->need != PERM_PUBLIC, body = route->fields != NULL || route->consumes != NULL;
	const struct { const char *status; bool can; } rows[] = {
		{ "400", true },      { "401", true },      { "403", known || is_post(route) },
		{ "404", true },      { "409", true },      { "412", route->tagged && is_post(route) },
		{ "413", true },      { "415", body },      { "421", true },
		{ "429", true },      { "500", true },      { "503", true },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(rows); i++) {
		if (rows[i].can)
			json_set(all, rows[i].status, reference_to(a, "responses", "Problem"));
	}
}

static bool add_answer(struct arena *a, const struct route *route, const struct shape_answer *answer,
                       struct json *all, struct err *err)
{
	char status[4] = { (char)('0' + answer->status / 100), (char)('0' + answer->status / 10 % 10),
		           (char)('0' + answer->status % 10), 0 };
	struct json *one = object_with(a, "description", S("Done.")), *schema = json_object(a);
	if (answer->status >= 400) {
		json_set(all, status, reference_to(a, "responses", arena_cstr(a, answer->shape)));
		return true;
	}
	if (answer->shape.len > 0 && !shape_schema(a, answer->shape, &schema, err))
		return false;
	if (answer->shape.len > 0 || !str_eq(answer->media, S("application/json")))
		json_set(one, "content", content_of(a, arena_cstr(a, answer->media), schema));
	if (route->tagged && !is_post(route)) {
		struct json *headers = json_object(a), *tag = json_object(a);
		json_set(tag, "schema", object_with(a, "type", S("string")));
		json_set(headers, "ETag", tag);
		json_set(one, "headers", headers);
		json_set(all, "304", object_with(a, "description", S("It is still the version you have.")));
	}
	json_set(all, status, one);
	return true;
}

static bool responses_of(struct arena *a, const struct route *route, struct json **out, struct err *err)
{
	struct json *all = json_object(a);
	struct shape_answer answer;
	str record = str_from(route->record ? route->record : "200");
	add_problems(a, all, route);
	while (shape_next_answer(&record, &answer)) {
		if (!add_answer(a, route, &answer, all, err))
			return err_wrap(err, "%s %s", route->method, route->path);
	}
	*out = all;
	return true;
}

/* "GET /api/incidents/{id}/entries" is incidents_by_id_entries_get. */
static str operation_id(struct arena *a, const struct route *route)
{
	str path = str_from(route->path);
	path = str_starts(path, S("/api/")) ? str_sub(path, 5, path.len) : str_sub(path, 1, path.len);
	struct buf b;
	buf_init(&b, a, 1024);
	for (ptrdiff_t i = 0; i < path.len; i++) {
		char c = path.ptr[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (c == '{')
			buf_add(&b, S("by_"));
		else if (c != '}')
			buf_add_char(&b, plain ? c : '_');
	}
	buf_add_char(&b, '_');
	for (const char *m = route->method; *m != '\0'; m++)
		buf_add_char(&b, (char)(*m + ('a' - 'A')));
	return buf_str(&b);
}

static str tag_of(const struct route *route)
{
	str path = str_from(route->path);
	path = str_starts(path, S("/api/")) ? str_sub(path, 5, path.len) : str_sub(path, 1, path.len);
	return str_cut(path, '/').head;
}

static struct json *security_of(struct arena *a, enum perm need)
{
	struct json *list = json_array(a);
	if (need == PERM_PUBLIC)
		return list;
	static const char *const schemes[] = { "session", "token" };
	for (ptrdiff_t i = 0; i < COUNTOF(schemes); i++) {
		struct json *one = json_object(a);
		json_set(one, schemes[i], json_array(a));
		json_append(list, one);
	}
	return list;
}

static bool operation_of(struct arena *a, const struct route *route, struct json **out, struct err *err)
{
	struct json *o = object_with(a, "operationId", operation_id(a, route)), *responses = NULL;
	if (!responses_of(a, route, &responses, err))
		return false;
	struct json *parameters = parameters_of(a, route), *tags = json_array(a);
	json_append_str(tags, tag_of(route));
	json_set(o, "tags", tags);
	if (route->summary != NULL)
		json_set_str(o, "summary", str_from(route->summary));
	if (json_count(parameters) > 0)
		json_set(o, "parameters", parameters);
	if (route->fields != NULL || route->consumes != NULL)
		json_set(o, "requestBody", body_of(a, route));
	json_set(o, "responses", responses);
	json_set(o, "security", security_of(a, route->need));
	json_set_str(o, "x-permission", str_from(perm_name(route->need)));
	*out = o;
	return true;
}

/* A path's operations may stand in several tables; keys of an object stay where they were first set. */
struct rows { const struct route_table *tables; ptrdiff_t count; };

static const struct route *next_row(const struct rows *rows, ptrdiff_t *table, ptrdiff_t *row)
{
	for (; *table < rows->count; ++*table, *row = 0) {
		while (*row < rows->tables[*table].count) {
			const struct route *r = &rows->tables[*table].rows[(*row)++];
			if (!r->html)
				return r;
		}
	}
	return NULL;
}

static bool path_item(struct arena *a, const struct rows *rows, const char *path, struct json **out,
                      struct err *err)
{
	struct json *item = json_object(a), *operation;
	const struct route *r;
	for (ptrdiff_t t = 0, i = 0; (r = next_row(rows, &t, &i)) != NULL;) {
		char method[8] = { 0 };
		for (size_t k = 0; r->method[k] != '\0' && k + 1 < sizeof(method); k++)
			method[k] = (char)(r->method[k] + ('a' - 'A'));
		if (strcmp(r->path, path) != 0)
			continue;
		if (!operation_of(a, r, &operation, err))
			return false;
		json_set(item, method, operation);
	}
	*out = item;
	return true;
}

static struct json *problem_schema(struct arena *a)
{
	static const struct { const char *name, *doc;
	} texts[] = {
		{ "type", "A URN of the kind of problem." },
		{ "title", "The kind of problem, for people." },
		{ "detail", "What was wrong and what to do about it." },
		{ "code", "The kind of problem, for programs." },
	};
	struct json *s = object_with(a, "type", S("object")), *properties = json_object(a),
	            *required = json_array(a);
	for (ptrdiff_t i = 0; i < COUNTOF(texts); i++) {
		struct json *p = object_with(a, "type", S("string"));
		json_set_str(p, "description", str_from(texts[i].doc));
		json_set(properties, texts[i].name, p);
		json_append_str(required, str_from(texts[i].name));
	}
	json_set(properties, "status", object_with(a, "type", S("integer")));
	json_append_str(required, S("status"));
	json_set(s, "properties", properties);
	json_set(s, "required", required);
	return s;
}

static bool components(struct arena *a, struct json **out, struct err *err)
{
	struct json *schemas = json_object(a), *responses = json_object(a), *security = json_object(a),
	            *schema;
	json_set(schemas, "Problem", problem_schema(a));
	for (ptrdiff_t i = 0; i < SHAPES_COUNT; i++) {
		if (!shape_schema(a, str_from(SHAPES[i].text), &schema, err))
			return err_wrap(err, "%s", SHAPES[i].name);
		json_set(schemas, SHAPES[i].name, schema);
	}
	struct json *problem = object_with(a, "description", S("Refused or failed: RFC 9457."));
	json_set(problem, "content",
	         content_of(a, "application/problem+json", reference_to(a, "schemas", "Problem")));
	json_set(responses, "Problem", problem);
	struct json *session = object_with(a, "type", S("apiKey")),
	            *token = object_with(a, "type", S("http"));
	json_set_str(session, "in", S("cookie"));
	json_set_str(session, "name", S(HTTP_SESSION_COOKIE));
	json_set_str(token, "scheme", S("bearer"));
	json_set(security, "session", session);
	json_set(security, "token", token);

	struct json *all = json_object(a);
	json_set(all, "schemas", schemas);
	json_set(all, "responses", responses);
	json_set(all, "securitySchemes", security);
	*out = all;
	return true;
}

bool openapi_format(struct arena *a, const struct route_table *tables, ptrdiff_t count,
                    const struct http_options *options, str *out_text, struct err *err)
{
	const struct rows rows = { tables, count };
	struct json *doc = object_with(a, "openapi", S("3.1.0")), *info = json_object(a),
	            *paths = json_object(a), *item, *parts = NULL;
	json_set_str(info, "title", options->title.len ? options->title : S("Naubat"));
	json_set_str(info, "version", options->version.len ? options->version : S("0"));
	const struct route *r;
	for (ptrdiff_t t = 0, i = 0; (r = next_row(&rows, &t, &i)) != NULL;) {
		if (json_get(paths, r->path) != NULL)
			continue;
		if (!path_item(a, &rows, r->path, &item, err))
			return false;
		json_set(paths, r->path, item);
	}
	if (!components(a, &parts, err))
		return false;
	json_set(doc, "info", info);
	json_set(doc, "servers", list_of(a, object_with(a, "url", S("/"))));
	json_set(doc, "paths", paths);
	json_set(doc, "components", parts);
	return json_canonical(a, doc, out_text, err);
}

static struct reply *show_document(struct request *rq)
{
	return reply_bytes(rq, 200, "application/json", rq->priv->dispatch->api_document);
}

static const struct route ROWS[] = {
	{ "GET", "/api/openapi.json", PERM_PUBLIC, show_document,
	  "This description of the API (OpenAPI 3.1)", .record = "any" },
};

const struct route_table OPENAPI_ROUTES = { ROWS, COUNTOF(ROWS) };
