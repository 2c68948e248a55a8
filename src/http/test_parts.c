/* The parts of http/ that need no network: parameters, router, fields, pages. */
#include "http/params.h"

#include <stdio.h>
#include "base/buf.h"
#include "http/fields_priv.h"
#include "http/html.h"
#include "http/router_priv.h"
#include "http/shape.h"
#include "http/upload_priv.h"

static void test_urlencoded(struct arena *a)
{
	struct pairs p;
	struct err err = { 0 };
	ASSERT(params_parse_urlencoded(a, S("a=1&b=x+y%2Bz&a=2&empty=&bare&&%D9%86=%E2%82%AC"), &p, &err));
	ASSERT(p.count == 6);
	ASSERT(str_eq(params_find(&p, S("a"), 0), S("1")) && str_eq(params_find(&p, S("a"), 1), S("2")));
	ASSERT(params_find(&p, S("a"), 2).ptr == NULL && params_find(&p, S("c"), 0).ptr == NULL);
	ASSERT(str_eq(params_find(&p, S("b"), 0), S("x y+z")));
	ASSERT(params_find(&p, S("empty"), 0).ptr != NULL && params_find(&p, S("bare"), 0).len == 0);
	ASSERT(str_eq(params_find(&p, S("\xD9\x86"), 0), S("\xE2\x82\xAC")));
	static const char *const bad[] = { "a=%", "a=%4", "a=%zz", "a=%00", "a=%FF", "%C0%AF=1", "a=\xFF" };
	for (ptrdiff_t i = 0; i < COUNTOF(bad); i++)
		ASSERT(!params_parse_urlencoded(a, str_from(bad[i]), &p, &err) && err.code == ERR_INPUT);
	struct buf many;
	buf_init(&many, a, 4096);
	for (int i = 0; i < PARAMS_MAX; i++)
		buf_add(&many, S("a=1&"));
	ASSERT(!params_parse_urlencoded(a, buf_str(&many), &p, &err));
}

static void test_cookies(struct arena *a)
{
	struct pairs p;
	params_parse_cookies(a, S(" one=1; two=a=b ;junk; =none; one=2"), &p);
	ASSERT(p.count == 3);
	ASSERT(str_eq(params_find(&p, S("one"), 0), S("1")) &&
	       str_eq(params_find(&p, S("two"), 0), S("a=b")));
	params_parse_cookies(a, S(""), &p);
	ASSERT(p.count == 0);
}

static void test_media(void)
{
	str type = S("Multipart/Form-Data; x=\"a;b\"; boundary=\"--x y\"");
	ASSERT(params_media_is(type, S("multipart/form-data")) && params_is_form(type));
	ASSERT(str_eq(params_media_param(type, S("boundary")), S("--x y")));
	ASSERT(str_eq(params_media_param(type, S("x")), S("a;b")));
	ASSERT(params_media_param(type, S("charset")).ptr == NULL);
	ASSERT(!params_media_is(S("application/jsonx"), S("application/json")));
}

#define PART(head, body) "--B\r\nContent-Disposition: form-data; " head "\r\n\r\n" body "\r\n"

static void test_multipart(struct arena *a)
{
	struct form f;
	struct err err = { 0 };
	str type = S("multipart/form-data; boundary=B");
	str body = S("preamble\r\n" PART("name=\"text\"", "two\r\nlines --B") PART("name=\"empty\"", "") PART(
	        "name=\"file\"; filename=\"a%22b;c.eml\"\r\nContent-Type: message/rfc822", "\x00\xFF\r\n")
	                     PART("name=\"none\"; filename=\"\"", "") "--B--\r\nepilogue");
	ASSERT(params_parse_form(a, type, body, &f, &err));
	ASSERT(f.fields.count == 2 && f.file_count == 1);
	ASSERT(str_eq(params_find(&f.fields, S("text"), 0), S("two\r\nlines --B")));
	ASSERT(params_find(&f.fields, S("empty"), 0).ptr != NULL);
	ASSERT(str_eq(f.files[0].field, S("file")) && str_eq(f.files[0].name, S("a\"b;c.eml")));
	ASSERT(str_eq(f.files[0].type, S("message/rfc822")) && str_eq(f.files[0].bytes, S("\x00\xFF\r\n")));
	static const char *const bad[] = {
		"", "--B", "--B\r\n", "--Bx\r\n\r\n", "--B\r\nno colon\r\n\r\nx\r\n--B--",
		"--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--",          /* no name */
		PART("name=\"a\"", "cut"), PART("name=\"a\"", "\xFF") "--B--",
		"--B\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nx\r\n--B--",
	};
	for (ptrdiff_t i = 0; i < COUNTOF(bad); i++)
		ASSERT(!params_parse_form(a, type, str_from(bad[i]), &f, &err) && err.code == ERR_INPUT);
	ASSERT(!params_parse_form(a, S("multipart/form-data"), body, &f, &err));
	ASSERT(params_parse_form(a, S("application/x-www-form-urlencoded"), S("a=b"), &f, &err) &&
	       f.fields.count == 1);
}

static struct reply *nothing(struct request *rq)
{
	(void)rq;
	return NULL;
}

static bool compiles(struct arena *a, const struct route *rows, ptrdiff_t count, struct err *err)
{
	struct router *r;
	return router_new(a, &(struct route_table){ rows, count }, 1, &r, err);
}

static void test_router_refusals(struct arena *a)
{
	struct err err = { 0 };
	const struct route unset[] = { { "GET", "/a", PERM_UNSET, nothing } };
	const struct route twice[] = { { "GET", "/a/{id}", PERM_PUBLIC, nothing },
		                       { "GET", "/a/{id}", PERM_PUBLIC, nothing } };
	const struct route names[] = { { "GET", "/a/{id}", PERM_PUBLIC, nothing },
		                       { "PUT", "/a/{no}", PERM_PUBLIC, nothing } };
	const struct route method[] = { { "BREW", "/a", PERM_PUBLIC, nothing } };
	const struct route handler[] = { { "GET", "/a", PERM_PUBLIC, NULL } };
	ASSERT(!compiles(a, unset, 1, &err) &&
	       str_find(str_from(err.text), S("GET /a: no permission is set")) >= 0);
	ASSERT(!compiles(a, twice, 2, &err) && str_find(str_from(err.text), S("both answer GET")) >= 0);
	ASSERT(!compiles(a, names, 2, &err) && !compiles(a, method, 1, &err) &&
	       !compiles(a, handler, 1, &err));
	ASSERT(compiles(a, twice, 1, &err));
}

static void test_router(struct arena *a)
{
	static const struct route rows[] = {
		{ "GET", "/", PERM_PUBLIC, nothing },
		{ "GET", "/api/reports", PERM_PUBLIC, nothing },
		{ "POST", "/api/reports", PERM_PUBLIC, nothing },
		{ "GET", "/api/reports/{id}", PERM_PUBLIC, nothing },
		{ "POST", "/api/reports/mine/take", PERM_PUBLIC, nothing },
		{ "GET", "/api/reports/{id}/files/{file}", PERM_PUBLIC, nothing },
	};
	static const struct { const char *method, *path; enum router_result result; int row;
	} cases[] = {
		{ "GET", "/", ROUTER_FOUND, 0 },
		{ "HEAD", "/api/reports", ROUTER_FOUND, 1 },
		{ "POST", "/api/reports", ROUTER_FOUND, 2 },
		{ "GET", "/api/reports/7", ROUTER_FOUND, 3 },
		{ "GET", "/api/reports/mine", ROUTER_FOUND, 3 }, /* the literal leads nowhere */
		{ "GET", "/api/reports/mine/files/x", ROUTER_FOUND, 5 },
		{ "GET", "/api/reports/a%2Fb/files/y", ROUTER_FOUND, 5 },
		{ "DELETE", "/api/reports", ROUTER_NO_METHOD, 0 },
		{ "OPTIONS", "/", ROUTER_NO_METHOD, 0 },
		{ "GET", "/api/reports/", ROUTER_NO_PATH, 0 },
		{ "GET", "//api/reports", ROUTER_NO_PATH, 0 },
		{ "GET", "/api//reports", ROUTER_NO_PATH, 0 },
		{ "GET", "/api", ROUTER_NO_PATH, 0 },
		{ "GET", "", ROUTER_NO_PATH, 0 },
		{ "GET", "*", ROUTER_NO_PATH, 0 },
		{ "GET", "http://x/api/reports", ROUTER_NO_PATH, 0 },
		{ "GET", "/api/reports//files/x", ROUTER_NO_PATH, 0 },
	};
	struct router *r;
	struct err err;
	ASSERT(router_new(a, &(struct route_table){ rows, COUNTOF(rows) }, 1, &r, &err));
	for (ptrdiff_t i = 0; i < COUNTOF(cases); i++) {
		struct router_hit hit = router_find(r, str_from(cases[i].method), str_from(cases[i].path));
		ASSERT(hit.result == cases[i].result);
		ASSERT(hit.result != ROUTER_FOUND || hit.route == &rows[cases[i].row]);
	}
	struct router_hit hit = router_find(r, S("GET"), S("/api/reports/7/files/y"));
	ASSERT(hit.param_count == 2 && str_eq(hit.names[1], S("file")) && str_eq(hit.values[1], S("y")));
	ASSERT(str_eq(hit.names[0], S("id")) && str_eq(hit.values[0], S("7")));
	hit = router_find(r, S("PUT"), S("/api/reports"));
	ASSERT(str_eq(str_from(hit.allow), S("GET, HEAD, POST")));
}

static const char *const LEVELS[] = { "low", "high", NULL };
static const struct field CONTACT[] = {
	{ "name", FIELD_TEXT, true, 10 }, { "email", FIELD_TEXT }, { 0 },
};
static const struct field FIELDS[] = {
	{ "title", FIELD_TEXT, true, 20 },
	{ "severity", FIELD_TEXT, .choices = LEVELS },
	{ "count", FIELD_INT, .max = 10 },
	{ "delta", FIELD_INT, .min = -5, .max = 5 },
	{ "urgent", FIELD_BOOL },
	{ "owner", FIELD_ID },
	{ "at", FIELD_TIME },
	{ "tags", FIELD_TEXT_LIST, .max = 2 },
	{ "reports", FIELD_ID_LIST },
	{ "contact", FIELD_OBJECT, .members = CONTACT },
	{ "contacts", FIELD_OBJECT_LIST, .max = 2, .members = CONTACT },
	{ "labels", FIELD_MAP, .max = 1 },
	{ "anything", FIELD_OBJECT },
	{ 0 },
};

#define ID "\"01890a5d-ac96-774b-bcce-b302099a8057\""

static void test_fields(struct arena *a)
{
	static const struct { const char *body, *fault;
	} cases[] = {
		{ "{\"title\":\"x\"}", NULL },
		{ "{\"title\":\"x\",\"severity\":null,\"count\":0,\"delta\":-5,\"urgent\":false,\"owner\":" ID
		  ",\"at\":\"2026-11-24T01:48:10Z\",\"tags\":[\"a\"],\"reports\":[" ID
		  "],\"contact\":{\"name\":\"n\"},"
		  "\"contacts\":[{\"name\":\"n\",\"email\":\"e\"}],\"labels\":{\"k\":\"v\"},\"anything\":{"
		  "\"x\":[1]}}",
		  NULL },
		{ "[]", "the body: must be a JSON object" },
		{ "{}", "title: is required" },
		{ "{\"title\":null}", "title: is required" },
		{ "{\"title\":\" \"}", "title: must not be empty" },
		{ "{\"title\":7}", "title: must be a text" },
		{ "{\"title\":\"123456789012345678901\"}", "title: is longer than 20 bytes" },
		{ "{\"title\":\"x\",\"severty\":\"low\"}", "severty: is unknown: did you mean 'severity'?" },
		{ "{\"title\":\"x\",\"tilte\":\"low\"}", "tilte: is unknown: did you mean 'title'?" },
		{ "{\"title\":\"x\",\"zzzzzzz\":1}", "zzzzzzz: is unknown: remove it" },
		{ "{\"title\":\"x\",\"severity\":\"Low\"}", "severity: must be one of low, high" },
		{ "{\"title\":\"x\",\"count\":11}", "count: must be at most 10" },
		{ "{\"title\":\"x\",\"count\":-1}", "count: must be at least 0" },
		{ "{\"title\":\"x\",\"count\":1.5}", "count: must be a whole number" },
		{ "{\"title\":\"x\",\"urgent\":\"true\"}", "urgent: must be true or false" },
		{ "{\"title\":\"x\",\"owner\":\"7\"}",
		  "owner: must be an id like 01890a5d-ac96-774b-bcce-b302099a8057" },
		{ "{\"title\":\"x\",\"at\":\"yesterday\"}", "at: must be a time like 2026-11-24T01:48:10Z" },
		{ "{\"title\":\"x\",\"tags\":[\"a\",1]}", "tags[1]: must be a text" },
		{ "{\"title\":\"x\",\"tags\":[\"a\",\"b\",\"c\"]}", "tags: has more than 2 items" },
		{ "{\"title\":\"x\",\"reports\":[\"q\"]}", "reports[0]: must be an id" },
		{ "{\"title\":\"x\",\"contacts\":[{\"name\":\"n\"},{\"nam\":\"n\"}]}",
		  "contacts[1].nam: is unknown: did you mean 'name'?" },
		{ "{\"title\":\"x\",\"contacts\":[[]]}", "contacts[0]: must be an object" },
		{ "{\"title\":\"x\",\"contact\":{}}", "contact.name: is required" },
		{ "{\"title\":\"x\",\"labels\":{\"k\":1}}", "labels.k: must be a text" },
		{ "{\"title\":\"x\",\"labels\":{\"k\":\"\",\"l\":\"\"}}", "labels: has more than 1 members" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(cases); i++) {
		struct json *body;
		struct err err = { 0 };
		ASSERT(json_parse(a, str_from(cases[i].body), (struct json_limits){ 0 }, &body, &err));
		bool good = fields_check(FIELDS, body, &err);
		ASSERT(good == (cases[i].fault == NULL));
		if (!good && !str_starts(str_from(err.text), str_from(cases[i].fault))) {
			printf("%s\n  expected %s\n  got      %s\n", cases[i].body, cases[i].fault, err.text);
			ASSERT(!"the fault's text");
		}
	}
}

static void test_query_fields(struct arena *a)
{
	static const struct { const char *query, *fault; } cases[] = {
		{ "title=x&count=3&tags=a&tags=b&urgent=true", NULL },
		{ "title=x&count=3x", "query parameter: count: must be a whole number" },
		{ "title=x&title=y", "query parameter: title: is given twice" },
		{ "title=x&tags=a&tags=b&tags=c", "query parameter: tags: is given more than 2 times" },
		{ "title=x&cuont=3", "query parameter: cuont: is unknown: did you mean 'count'?" },
		{ "title=x&labels=3", "query parameter: labels: is not a query parameter" },
		{ "count=3", "query parameter: title: is required" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(cases); i++) {
		struct pairs p;
		struct err err = { 0 };
		ASSERT(params_parse_urlencoded(a, str_from(cases[i].query), &p, &err));
		bool good = fields_check_query(FIELDS, &p, &err);
		ASSERT(good == (cases[i].fault == NULL));
		ASSERT(good || str_eq(str_from(err.text), str_from(cases[i].fault)));
	}
}

static void test_html(struct arena *a)
{
	struct buf page;
	buf_init(&page, a, 4096);
	html_text(&page, S("<script>alert('x')</script> & \"y\"\n"));
	ASSERT(str_eq(buf_str(&page),
	              S("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;y&quot;\n")));
}

static void test_upload(void)
{
	atomic_llong held = 0;
	struct err err = { 0 };
	char block[5000];
	memset(block, 'x', sizeof(block));
	str bytes = { block, sizeof(block) };
	struct upload u = { .announced = -1, .most = 12000, .held = &held, .held_max = 20000 };
	ASSERT(upload_add(&u, bytes, &err) && upload_add(&u, bytes, &err) && u.length == 10000);
	ASSERT(!upload_add(&u, bytes, &err) && err.code == ERR_LIMIT && u.length == 10000);
	struct upload other = { .announced = 9000, .most = 12000, .held = &held, .held_max = 20000 };
	ASSERT(!upload_add(&other, bytes, &err) && err.code == ERR_RETRY);
	upload_done(&u);
	upload_done(&other);
	ASSERT(held == 0);
}

static void test_shapes(struct arena *a)
{
	static const char *const wrong[] = {
		"", "txt", "[text", "{a text}", "{a: }", "=", "text text", "{...Ref", "{...Nobody}",
		"{a: text", "<text", "(text", "[[[[[[[[[[[[[[[[[[text", "Re f",
	};
	struct json *s;
	struct err err = { 0 };
	struct shape_answer answer;
	str record = S("{known: bool}; 201 Ref; 204; text/csv"), text;
	for (ptrdiff_t i = 0; i < COUNTOF(wrong); i++)
		ASSERT(!shape_schema(a, str_from(wrong[i]), &s, &err));
	ASSERT(shape_schema(a, S("{a: [text?], b?: =x|y-z, ...Ref, name: int}"), &s, &err) &&
	       json_canonical(a, s, &text, &err));
	ASSERT(str_eq(text, S("{\"properties\":{\"a\":{\"items\":{\"anyOf\":[{\"type\":\"string\"},"
	                      "{\"type\":\"null\"}]},\"type\":\"array\"},\"b\":{\"enum\":[\"x\",\"y-z\"],"
	                      "\"type\":\"string\"},\"id\":{\"anyOf\":[{\"type\":\"string\"},"
	                      "{\"type\":\"null\"}]},"
	                      "\"name\":{\"type\":\"integer\"}},\"required\":[\"a\",\"id\",\"name\"],"
	                      "\"type\":\"object\"}")));
	ASSERT(shape_next_answer(&record, &answer) && answer.status == 200 &&
	       str_eq(answer.shape, S("{known: bool}")));
	ASSERT(shape_next_answer(&record, &answer) && answer.status == 201 &&
	       str_eq(answer.shape, S("Ref")));
	ASSERT(shape_next_answer(&record, &answer) && answer.status == 204 && answer.shape.len == 0);
	ASSERT(shape_next_answer(&record, &answer) && answer.status == 200 &&
	       str_eq(answer.media, S("text/csv")) && !shape_next_answer(&record, &answer));
}

int main(void)
{
	struct arena a;
	arena_init(&a, ARENA_SOFT_DEFAULT, ARENA_HARD_DEFAULT);
	test_urlencoded(&a);
	test_cookies(&a);
	test_media();
	test_multipart(&a);
	test_router_refusals(&a);
	test_router(&a);
	test_fields(&a);
	test_query_fields(&a);
	test_html(&a);
	test_upload();
	test_shapes(&a);
	arena_done(&a);
	puts("http parts: ok");
	return 0;
}
