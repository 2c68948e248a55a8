/* What the server refuses and what it says, asked by raw sockets. */
#include "http/test_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "http/assets.h"

#define FIFTY           "12345678901234567890123456789012345678901234567890"

static void test_refusals(struct arena *a, const struct http_server *s)
{
	static const struct exchange_row rows[] = {
		{ "GET /api/ping", "", "", "200", "{\"pong\":true}" },
		{ "GET /api/ping", "", "", "200", "default-src 'none'; script-src 'self'" },
		{ "GET /api/ping", "", "", "200", "Cache-Control: no-store" },
		{ "GET /api/nothing", "", "", "404", "application/problem+json" },
		{ "GET /nothing", "Accept: text/html\r\n", "", "404", "<h1>Not found</h1>" },
		{ "PUT /api/ping", "", "", "405", "Allow: GET, HEAD" },
		{ "PUT /api/ping", "", "", "405", "this address takes GET, HEAD, not PUT" },
		{ "GET /api/things/7", "", "", "401", "WWW-Authenticate: Bearer" },
		{ "GET /api/things/7", "Cookie: naubat_session=stale\r\n", "", "401",
		  "your session has ended" },
		{ "GET /api/ping", "Cookie: naubat_session=stale\r\n", "", "200", "pong" },
		{ "POST /api/things", "Authorization: Bearer reader\r\n" JSON_TYPE, "{}", "403",
		  "\"detail\":\"ask a handler\"" },
		{ "GET /api/things/a%2Fb", TOKEN, "", "200", "\"id\":\"a/b\"" },
		{ "GET /api/things/a%00b", TOKEN, "", "404", "nothing at this address" },
		{ "GET /api/things/7?q=x%0D%0AEvil:%201", TOKEN, "", "200", "X-Odd: x__Evil: 1" },
		{ "GET /api/things/7?qq=1", TOKEN, "", "400", "qq: is unknown: did you mean 'q'?" },
		{ "GET /api/things/7?q=%F0", TOKEN, "", "400", "not UTF-8" },
		{ "GET /api/ping", "X-Flood: 1\r\n", "", "429", "Retry-After: 10" },
		{ "GET /api/broken", "", "", "500", "internal error, reference " },
		{ "GET /broken", "", "", "500", "<h1>Internal error</h1>" },
		{ "GET /api/openapi.json", "", "", "200", "\"operationId\":\"things_by_id_get\"" },
		{ "POST /api/public-things", JSON_TYPE, "{\"title\":\"x\"}", "201",
		  "HttpOnly; SameSite=Strict" },
	};
	client_check(a, s, rows, COUNTOF(rows));
	ASSERT(!client_has(client_ask(a, s, "GET /api/broken", "", ""), "secret"));
	ASSERT(!client_has(client_ask(a, s, "HEAD /api/ping", "", ""), "pong"));
	ASSERT(client_has(client_ask(a, s, "HEAD /api/ping", "", ""), "Content-Length: 13"));
}

static void test_bodies(struct arena *a, const struct http_server *s)
{
	static const struct exchange_row rows[] = {
		{ "POST /api/things", TOKEN JSON_TYPE, "{\"title\":\"x\"}", "201", "\"number\":" },
		{ "POST /api/things", TOKEN "Content-Type: application/json; charset=UTF-8\r\n",
		  "{\"title\":\"x\"}", "201", "" },
		{ "POST /api/things", TOKEN "Content-Type: text/plain\r\n", "{\"title\":\"x\"}", "415",
		  "application/json" },
		{ "POST /api/things", TOKEN, "{\"title\":\"x\"}", "415", "media_type" },
		{ "POST /api/things", TOKEN JSON_TYPE "Content-Encoding: gzip\r\n", "{}", "415",
		  "Content-Encoding" },
		{ "POST /api/things", TOKEN JSON_TYPE, "{\"title\":", "400", "\"code\":\"input\"" },
		{ "POST /api/things", TOKEN JSON_TYPE, "", "400", "title: is required" },
		{ "POST /api/things", TOKEN JSON_TYPE, "{\"title\":\"x\",\"sevrity\":1}", "400",
		  "sevrity: is unknown: did you mean 'severity'?" },
		{ "POST /api/things", TOKEN JSON_TYPE, "{\"title\":\"x\",\"severity\":9}", "400",
		  "\"fields\":[{\"name\":\"severity\",\"detail\":\"must be at most 5\"}]" },
		{ "POST /api/raw", "Content-Type: text/csv\r\n", FIFTY, "200", "50 bytes" },
		{ "POST /api/raw", "Content-Type: text/csv\r\n", FIFTY FIFTY "1", "413",
		  "101 bytes, more than the 100" },
		{ "POST /api/raw", "Content-Type: text/html\r\n", "x", "415", "send the body as text/csv" },
		{ "GET /api/ping", "", "body", "400", "has no body" },
		{ "POST /api/things", TOKEN JSON_TYPE "Idempotency-Key: a\tb\r\n", "{}", "400",
		  "Idempotency-Key" },
		{ "POST /form", FORM_TYPE, "text=a+b%21", "200", "text=a b!" },
		{ "POST /form", "Content-Type: multipart/form-data; boundary=B\r\n",
		  "--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhello\r\n"
		  "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.eml\"\r\n"
		  "Content-Type: message/rfc822\r\n\r\nFrom: x\r\n--B--\r\n",
		  "200", "text=hello file=a.eml message/rfc822 7" },
		{ "POST /form", JSON_TYPE, "{}", "415", "<p>send a form" },
		{ "POST /form", FORM_TYPE, "text=%", "400", "<h1>" },
	};
	client_check(a, s, rows, COUNTOF(rows));
}

static void test_chunked(struct arena *a, const struct http_server *s)
{
	const char *head =
	        "POST /api/raw HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: text/csv\r\n"
	        "Transfer-Encoding: chunked\r\n";
	str answer = client_ask_raw(a, s, arena_printf(a, "%s\r\n32\r\n%s\r\n0\r\n\r\n", head, FIFTY));
	ASSERT(client_has(answer, "50 bytes"));
	answer = client_ask_raw(
	        a, s,
	        arena_printf(a, "%s\r\n32\r\n%s\r\n32\r\n%s\r\n1\r\nx\r\n0\r\n\r\n", head, FIFTY, FIFTY));
	ASSERT(str_starts(answer, S("HTTP/1.1 413")));
	/* Two lengths: whoever believes the other one sees a second request in the body. */
	answer = client_ask_raw(
	        a, s,
	        arena_printf(a, "%sContent-Length: 3\r\n\r\n0\r\n\r\nGET /api/ping HTTP/1.1\r\n\r\n", head));
	ASSERT(!client_has(answer, "pong"));
	answer = client_ask_raw(
	        a, s,
	        S("POST /api/raw HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: 3"
	          "\r\nContent-Length: 40\r\n\r\nabcGET /api/ping HTTP/1.1\r\nHost: localhost\r\n\r\n"));
	ASSERT(!client_has(answer, "pong"));
	answer = client_ask_raw(a, s,
	                        S("POST /api/raw HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"
	                          "Content-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n"));
	ASSERT(str_starts(answer, S("HTTP/1.1 413")));
}

static void test_other_sites(struct arena *a, const struct http_server *s)
{
	str ours =
	        arena_printf(a, HANDLER JSON_TYPE "Origin: http://127.0.0.1:%d\r\n", http_server_port(s, 0));
	const struct exchange_row rows[] = {
		{ "POST /api/things", ours.ptr, "{\"title\":\"x\"}", "201", "" },
		{ "POST /api/things", HANDLER JSON_TYPE "Sec-Fetch-Site: same-origin\r\nOrigin: null\r\n",
		  "{\"title\":\"x\"}", "201", "" },
		{ "POST /api/things", HANDLER JSON_TYPE "Origin: http://evil.example\r\n",
		  "{\"title\":\"x\"}", "403", "another site" },
		{ "POST /api/things", HANDLER JSON_TYPE "Origin: null\r\n", "{\"title\":\"x\"}", "403",
		  "another site" },
		{ "POST /api/things", HANDLER JSON_TYPE "Sec-Fetch-Site: same-site\r\n", "{\"title\":\"x\"}",
		  "403", "" },
		{ "POST /api/things", HANDLER JSON_TYPE, "{\"title\":\"x\"}", "403", "another site" },
		{ "POST /api/things", TOKEN JSON_TYPE "Origin: http://evil.example\r\n", "{\"title\":\"x\"}",
		  "201", "" },
		{ "POST /form", FORM_TYPE "Origin: http://evil.example\r\n", "text=a", "403", "" },
		{ "POST /form", FORM_TYPE, "text=a", "200", "" },
		{ "GET /api/things/7", HANDLER "Sec-Fetch-Site: cross-site\r\n", "", "200", "" },
	};
	client_check(a, s, rows, COUNTOF(rows));
	str rebound = S("GET /api/ping HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
	ASSERT(str_starts(client_ask_raw(a, s, rebound), S("HTTP/1.1 421")));
	rebound = S("GET /api/ping HTTP/1.1\r\nHost: localhost.evil.example\r\nConnection: close\r\n\r\n");
	ASSERT(str_starts(client_ask_raw(a, s, rebound), S("HTTP/1.1 421")));
}

static void test_etag(struct arena *a, const struct http_server *s)
{
	static const struct exchange_row rows[] = {
		{ "GET /api/things/7", TOKEN, "", "200", "ETag: \"v7\"" },
		{ "GET /api/things/7", TOKEN "If-None-Match: \"v6\"\r\n", "", "200", "" },
		{ "GET /api/things/7", TOKEN "If-None-Match: \"v6\", W/\"v7\"\r\n", "", "304", "" },
		{ "GET /api/things/7", TOKEN "If-None-Match: *\r\n", "", "304", "" },
	};
	client_check(a, s, rows, COUNTOF(rows));
	ASSERT(!client_has(client_ask(a, s, "GET /api/things/7", TOKEN "If-None-Match: \"v7\"\r\n", ""),
	                   "\"id\""));
}

static void test_pipeline(struct arena *a, const struct http_server *s)
{
	str answer = client_ask_raw(
	        a, s,
	        S("POST /api/public-things HTTP/1.1\r\nHost: localhost\r\n" JSON_TYPE
	          "Content-Length: 13\r\n\r\n{\"title\":\"x\"}"
	          "GET /api/ping HTTP/1.1\r\nHost: localhost\r\n\r\n"
	          "GET /api/nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
	ptrdiff_t first = str_find(answer, S("HTTP/1.1 201")), second = str_find(answer, S("HTTP/1.1 200"));
	ASSERT(first == 0 && second > first && str_find(answer, S("HTTP/1.1 404")) > second);
	struct buf huge;
	buf_init(&huge, a, 1 << 20);
	buf_add(&huge, S("GET /api/ping HTTP/1.1\r\nHost: localhost\r\nX-Long: "));
	for (int i = 0; i < 4000; i++)
		buf_add(&huge, S("0123456789"));
	buf_add(&huge, S("\r\n\r\n"));
	ASSERT(!client_has(client_ask_raw(a, s, buf_str(&huge)), "pong"));
	ASSERT(client_has(client_ask(a, s, "GET /api/ping", "", ""), "pong"));
}

static void test_assets(struct arena *a, struct world *w)
{
	char folder[] = "/tmp/naubat-http-XXXXXX";
	struct assets *files;
	struct err err;
	ASSERT(mkdtemp(folder) != NULL);
	struct http_server *s = world_open_server(w, (struct http_options){ .assets = assets_embedded(a) });
	ASSERT(client_has(client_ask(a, s, "GET /page.css", "", ""), "text/css"));
	http_server_close(s);

	const char *index = arena_printf(a, "%s/index.html", folder).ptr;
	FILE *f = fopen(index, "w");
	ASSERT(f != NULL && fputs("<p>console</p>", f) >= 0 && fclose(f) == 0);
	ASSERT(assets_load(a, folder, &files, &err));
	s = world_open_server(w, (struct http_options){ .assets = files });
	static const struct exchange_row rows[] = {
		{ "GET /", "", "", "200", "<p>console</p>" },
		{ "GET /incidents/7", "", "", "200", "text/html" },
		{ "GET /", "", "", "200", "Cache-Control: no-cache" },
		{ "GET /missing.js", "", "", "404", "" },
		{ "GET /../../etc/passwd", "", "", "404", "" },
		{ "GET /api/nothing", "", "", "404", "problem+json" },
		{ "POST /incidents", "", "", "404", "" },
	};
	client_check(a, s, rows, COUNTOF(rows));
	http_server_close(s);
	ASSERT(unlink(index) == 0 && rmdir(folder) == 0);
	ASSERT(!assets_load(a, folder, &files, &err));
}

static void test_open_refusals(struct world *w)
{
	static const struct http_listener everywhere = { HTTP_PLAIN, "0.0.0.0", 0 },
	                                  name = { HTTP_PLAIN, "localhost", 0 };
	struct http_server *s;
	struct err err;
	ASSERT(!world_try_open(w, (struct http_options){ .listeners = &everywhere, .listener_count = 1 }, &s,
	                       &err));
	ASSERT(client_has(str_from(err.text), "use TLS"));
	ASSERT(!world_try_open(w, (struct http_options){ .listeners = &name, .listener_count = 1 }, &s,
	                       &err));
	struct http_server *first = world_open_server(w, (struct http_options){ 0 });
	const struct http_listener taken = { HTTP_PLAIN, "127.0.0.1", http_server_port(first, 0) };
	ASSERT(!world_try_open(w, (struct http_options){ .listeners = &taken, .listener_count = 1 }, &s,
	                       &err));
	ASSERT(client_has(str_from(err.text), "cannot listen"));
	http_server_close(first);
	http_server_close(NULL);
}

int main(void)
{
	struct arena a;
	struct world w;
	arena_init(&a, 256 << 20, 512 << 20);
	world_open(&w);
	struct http_server *s = world_open_server(&w, (struct http_options){ 0 });
	test_refusals(&a, s);
	test_bodies(&a, s);
	test_chunked(&a, s);
	test_other_sites(&a, s);
	test_etag(&a, s);
	test_pipeline(&a, s);
	http_server_close(s);
	ASSERT(w.replies > 0);
	test_assets(&a, &w);
	test_open_refusals(&w);
	world_close(&w);
	arena_done(&a);
	puts("http: ok");
	return 0;
}
