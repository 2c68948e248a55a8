/* A real server on loopback, spoken to by raw sockets: what it refuses, what it survives, how it stops. */
#include "http/server.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <gnutls/x509.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/buf.h"
#include "format/json.h"
#include "http/assets.h"

/* --- a writer that does nothing, when it is told to --- */

enum { COMMANDS_MAX = 1000 };

struct command { int number; };

struct writer {
	pthread_mutex_t lock;
	pthread_cond_t  changed;
	pthread_t       thread;
	struct { void (*done)(void *ctx); void *ctx; struct command *c; } queue[COMMANDS_MAX];
	int             count, done, arrived;
	bool            held, stop;
};

static void *write_all(void *arg)
{
	struct writer *w = arg;
	pthread_mutex_lock(&w->lock);
	while (!w->stop) {
		if (w->held || w->done == w->count) {
			pthread_cond_wait(&w->changed, &w->lock);
			continue;
		}
		int i = w->done++;
		pthread_mutex_unlock(&w->lock);
		w->queue[i].c->number = i + 1;
		w->queue[i].done(w->queue[i].ctx);
		pthread_mutex_lock(&w->lock);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static void writer_hold(struct writer *w, bool held)
{
	pthread_mutex_lock(&w->lock);
	w->held = held;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

static void writer_wait_for(struct writer *w, int arrived)
{
	pthread_mutex_lock(&w->lock);
	while (w->count < arrived)
		pthread_cond_wait(&w->changed, &w->lock);
	pthread_mutex_unlock(&w->lock);
}

/* --- hooks --- */

struct identity { bool may_write; };

struct world {
	struct writer writer;
	struct identity reader, handler;
	pthread_mutex_t lock;           /* guards the next two */
	pthread_cond_t  changed;
	int  working;
	bool work_held;
	_Atomic bool revoked;
	_Atomic int  replies;
};

static void submit(void *ctx, struct command *c, void (*done)(void *done_ctx), void *done_ctx)
{
	struct writer *w = &((struct world *)ctx)->writer;
	pthread_mutex_lock(&w->lock);
	ASSERT(w->count < COMMANDS_MAX);
	w->queue[w->count].done = done;
	w->queue[w->count].ctx = done_ctx;
	w->queue[w->count++].c = c;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

static bool identify(void *ctx, struct request *rq, const struct identity **out_who, struct err *err)
{
	struct world *world = ctx;
	str cookie = request_cookie(rq, HTTP_SESSION_COOKIE), token = request_header(rq, "Authorization");
	if (str_eq(cookie, S("stale")) || world->revoked)
		return err_set(err, ERR_SIGN_IN, "your session has ended: sign in again");
	if (str_eq(cookie, S("handler")) || str_eq(token, S("Bearer handler")) || rq->local)
		*out_who = &world->handler;
	else if (str_eq(cookie, S("reader")) || str_eq(token, S("Bearer reader")))
		*out_who = &world->reader;
	return true;
}

static bool may(void *ctx, const struct identity *who, enum perm need)
{
	(void)ctx;
	return need != PERM_CASE_WRITE || who->may_write;
}

static bool admit(void *ctx, const struct request *rq, struct err *err)
{
	(void)ctx;
	return request_header(rq, "X-Flood").len == 0 || err_set(err, ERR_LIMIT, "slow down");
}

static void seen(void *ctx, const struct route *route, int status, int64_t took_us)
{
	(void)route, (void)status, (void)took_us;
	((struct world *)ctx)->replies++;
}

/* --- routes --- */

static struct world *world_of(const struct request *rq)
{
	return (struct world *)(uintptr_t)rq->node;     /* the test's world stands where app's node does */
}

static struct reply *ping(struct request *rq)
{
	struct json *j = json_object(rq->arena);
	json_set_bool(j, "pong", true);
	return reply_json(rq, 200, j);
}

static struct reply *show_thing(struct request *rq)
{
	struct json *j = json_object(rq->arena);
	json_set_str(j, "id", request_param(rq, "id"));
	json_set_str(j, "q", request_query(rq, "q"));
	struct reply *r = reply_json(rq, 200, j);
	reply_etag(r, S("v7"));
	reply_header(r, "X-Odd", request_query(rq, "q"));
	return r;
}

static struct reply *created(struct request *rq, struct command *c)
{
	struct json *j = json_object(rq->arena);
	json_set_int(j, "number", c->number);
	struct reply *r = reply_json(rq, 201, j);
	reply_cookie(r, HTTP_SESSION_COOKIE, S("abc"), -1);
	return r;
}

static struct reply *make_thing(struct request *rq)
{
	return reply_after(rq, NEW(rq->arena, struct command, 1), created);
}

static void hard_work(void *arg)
{
	struct world *w = arg;
	pthread_mutex_lock(&w->lock);
	w->working++;
	pthread_cond_broadcast(&w->changed);
	while (w->work_held)
		pthread_cond_wait(&w->changed, &w->lock);
	pthread_mutex_unlock(&w->lock);
}

static struct reply *worked(struct request *rq, void *arg)
{
	(void)arg;
	return make_thing(rq);
}

static struct reply *work_hard(struct request *rq)
{
	return reply_after_work(rq, hard_work, world_of(rq), worked);
}

static struct reply *echo_form(struct request *rq)
{
	struct buf page;
	str name, type, bytes;
	buf_init(&page, rq->arena, 4096);
	buf_printf(&page, "text=" STR_FMT, STR_ARG(request_form(rq, "text")));
	for (ptrdiff_t i = 0; request_file(rq, i, &name, &type, &bytes); i++)
		buf_printf(&page, " file=" STR_FMT " " STR_FMT " %td", STR_ARG(name), STR_ARG(type), bytes.len);
	return reply_html(rq, 200, buf_str(&page));
}

static struct reply *count_bytes(struct request *rq)
{
	return reply_bytes(rq, 200, "text/plain", arena_printf(rq->arena, "%td bytes", rq->body.len));
}

static struct reply *who_is_there(struct request *rq)
{
	return reply_bytes(rq, 200, "text/plain", arena_printf(rq->arena, "local=%d uid=%lld", rq->local,
	                                                       (long long)rq->peer_uid));
}

static struct reply *fail(struct request *rq)
{
	struct err err;
	(void)err_set(&err, ERR_SYSTEM, "the secret path /var/lib/x is full");
	return reply_error(rq, &err);
}

static bool next_event(struct request *rq, void *state, struct buf *out)
{
	int *turn = state;
	buf_add(out, arena_printf(rq->arena, "event: board\ndata: %d\n\n", ++*turn));
	return true;
}

static struct reply *stream(struct request *rq)
{
	return reply_stream(rq, next_event, NEW(rq->arena, int, 1));
}

static const struct field THING[] = {
	{ "title", FIELD_TEXT, true, 100, "What it is called." }, { "severity", FIELD_INT, .max = 5 }, { 0 },
};
static const struct field QUERY[] = { { "q", FIELD_TEXT }, { 0 } };

static const struct route ROUTES[] = {
	{ "GET", "/api/ping", PERM_PUBLIC, ping, "Answers" },
	{ "GET", "/api/things/{id}", PERM_CASE_READ, show_thing, "Shows a thing", .query = QUERY, .record = "Thing" },
	{ "POST", "/api/things", PERM_CASE_WRITE, make_thing, "Makes a thing", THING, .record = "Thing" },
	{ "POST", "/api/public-things", PERM_PUBLIC, make_thing, "Makes a thing", THING },
	{ "POST", "/api/work", PERM_PUBLIC, work_hard, "Works" },
	{ "POST", "/api/raw", PERM_PUBLIC, count_bytes, "Counts", .body_max = 100, .consumes = "text/csv" },
	{ "POST", "/api/big", PERM_PUBLIC, count_bytes, "Counts", .body_max = 4 << 20 },
	{ "POST", "/form", PERM_PUBLIC, echo_form, "A form", .html = true },
	{ "GET", "/api/who", PERM_PUBLIC, who_is_there, "Who" },
	{ "GET", "/api/broken", PERM_PUBLIC, fail, "Fails" },
	{ "GET", "/broken", PERM_PUBLIC, fail, "Fails", .html = true },
	{ "GET", "/api/stream", PERM_SIGNED_IN, stream, "Events" },
};

/* --- the world --- */

static void world_open(struct world *w)
{
	*w = (struct world){ .handler.may_write = true };
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->changed, NULL);
	pthread_mutex_init(&w->writer.lock, NULL);
	pthread_cond_init(&w->writer.changed, NULL);
	ASSERT(pthread_create(&w->writer.thread, NULL, write_all, &w->writer) == 0);
}

static void world_close(struct world *w)
{
	pthread_mutex_lock(&w->writer.lock);
	w->writer.stop = true;
	pthread_cond_broadcast(&w->writer.changed);
	pthread_mutex_unlock(&w->writer.lock);
	pthread_join(w->writer.thread, NULL);
	pthread_cond_destroy(&w->writer.changed);
	pthread_mutex_destroy(&w->writer.lock);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
}

static const struct http_listener PLAIN = { HTTP_PLAIN, "127.0.0.1", 0 };

static bool try_open(struct world *w, struct http_options options, struct http_server **out, struct err *err)
{
	static const struct route_table table = { ROUTES, COUNTOF(ROUTES) };
	const struct http_hooks hooks = { w, admit, identify, may, submit, seen };
	options.node = (const struct node *)w;
	if (options.listeners == NULL) {
		options.listeners = &PLAIN;
		options.listener_count = 1;
	}
	options.drain_ms = options.drain_ms ? options.drain_ms : 200;
	return http_server_open(&options, &table, 1, &hooks, out, err);
}

static struct http_server *open_server(struct world *w, struct http_options options)
{
	struct http_server *s;
	struct err err;
	if (!try_open(w, options, &s, &err)) {
		printf("%s\n", err.text);
		ASSERT(!"the server opens");
	}
	return s;
}

/* --- a client --- */

static int connect_to(const struct http_server *s)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	                          .sin_port = htons((uint16_t)http_server_port(s, 0)) };
	const struct timeval patience = { 60, 0 };      /* a hang is a failure, not a wait */
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ASSERT(fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

static void say(int fd, str text)
{
	while (text.len > 0) {
		ssize_t n = send(fd, text.ptr, (size_t)text.len, MSG_NOSIGNAL);
		if (n <= 0)
			return;         /* the server has had enough: what it said can still be read */
		text = str_sub(text, n, text.len);
	}
}

/* Reads until `until` was seen, or to the end if that is empty. */
static str hear(struct arena *a, int fd, str until)
{
	struct buf b;
	char block[4096];
	buf_init(&b, a, 8 << 20);
	for (;;) {
		ssize_t n = recv(fd, block, sizeof(block), 0);
		if (n <= 0)
			break;
		buf_add(&b, (str){ block, n });
		if (until.len > 0 && str_find(buf_str(&b), until) >= 0)
			break;
	}
	return buf_str(&b);
}

static str ask_raw(struct arena *a, const struct http_server *s, str text)
{
	int fd = connect_to(s);
	say(fd, text);
	str answer = hear(a, fd, S(""));
	close(fd);
	return answer;
}

static str ask(struct arena *a, const struct http_server *s, const char *line, const char *headers, const char *body)
{
	str length = body[0] ? arena_printf(a, "Content-Length: %zu\r\n", strlen(body)) : S("");
	return ask_raw(a, s, arena_printf(a, "%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n%s" STR_FMT
	                                  "\r\n%s", line, http_server_port(s, 0), headers, STR_ARG(length), body));
}

static bool has(str text, const char *what)
{
	return str_find(text, str_from(what)) >= 0;
}

struct exchange_row { const char *line, *headers, *body, *expect, *also; };

static void check_rows(struct arena *a, const struct http_server *s, const struct exchange_row *rows, ptrdiff_t count)
{
	for (ptrdiff_t i = 0; i < count; i++) {
		str answer = ask(a, s, rows[i].line, rows[i].headers, rows[i].body);
		bool good = str_starts(answer, arena_printf(a, "HTTP/1.1 %s", rows[i].expect)) && has(answer, rows[i].also);
		if (!good) {
			printf("%s\n%s%s\n  expected %s ... %s\n  got " STR_FMT "\n", rows[i].line, rows[i].headers,
			       rows[i].body, rows[i].expect, rows[i].also, STR_ARG(answer));
			ASSERT(!"the answer");
		}
	}
}

#define JSON_TYPE       "Content-Type: application/json\r\n"
#define FORM_TYPE       "Content-Type: application/x-www-form-urlencoded\r\n"
#define HANDLER         "Cookie: naubat_session=handler\r\n"
#define TOKEN           "Authorization: Bearer handler\r\n"
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
		{ "GET /api/things/7", "Cookie: naubat_session=stale\r\n", "", "401", "your session has ended" },
		{ "GET /api/ping", "Cookie: naubat_session=stale\r\n", "", "200", "pong" },
		{ "POST /api/things", "Authorization: Bearer reader\r\n" JSON_TYPE, "{}", "403", "case_write" },
		{ "GET /api/things/a%2Fb", TOKEN, "", "200", "\"id\":\"a/b\"" },
		{ "GET /api/things/a%00b", TOKEN, "", "404", "nothing at this address" },
		{ "GET /api/things/7?q=x%0D%0AEvil:%201", TOKEN, "", "200", "X-Odd: x__Evil: 1" },
		{ "GET /api/things/7?qq=1", TOKEN, "", "400", "qq: is unknown: did you mean 'q'?" },
		{ "GET /api/things/7?q=%F0", TOKEN, "", "400", "not UTF-8" },
		{ "GET /api/ping", "X-Flood: 1\r\n", "", "429", "Retry-After: 10" },
		{ "GET /api/broken", "", "", "500", "internal error, reference " },
		{ "GET /broken", "", "", "500", "<h1>Internal error</h1>" },
		{ "GET /api/openapi.json", "", "", "200", "\"operationId\":\"things_by_id_get\"" },
		{ "POST /api/public-things", JSON_TYPE, "{\"title\":\"x\"}", "201", "HttpOnly; SameSite=Strict" },
	};
	check_rows(a, s, rows, COUNTOF(rows));
	ASSERT(!has(ask(a, s, "GET /api/broken", "", ""), "secret"));
	ASSERT(!has(ask(a, s, "HEAD /api/ping", "", ""), "pong"));
	ASSERT(has(ask(a, s, "HEAD /api/ping", "", ""), "Content-Length: 13"));
}

static void test_bodies(struct arena *a, const struct http_server *s)
{
	static const struct exchange_row rows[] = {
		{ "POST /api/things", TOKEN JSON_TYPE, "{\"title\":\"x\"}", "201", "\"number\":" },
		{ "POST /api/things", TOKEN "Content-Type: application/json; charset=UTF-8\r\n", "{\"title\":\"x\"}", "201", "" },
		{ "POST /api/things", TOKEN "Content-Type: text/plain\r\n", "{\"title\":\"x\"}", "415", "application/json" },
		{ "POST /api/things", TOKEN, "{\"title\":\"x\"}", "415", "media_type" },
		{ "POST /api/things", TOKEN JSON_TYPE "Content-Encoding: gzip\r\n", "{}", "415", "Content-Encoding" },
		{ "POST /api/things", TOKEN JSON_TYPE, "{\"title\":", "400", "\"code\":\"input\"" },
		{ "POST /api/things", TOKEN JSON_TYPE, "", "400", "title: is required" },
		{ "POST /api/things", TOKEN JSON_TYPE, "{\"title\":\"x\",\"sevrity\":1}", "400",
		  "sevrity: is unknown: did you mean 'severity'?" },
		{ "POST /api/things", TOKEN JSON_TYPE, "{\"title\":\"x\",\"severity\":9}", "400",
		  "\"fields\":[{\"name\":\"severity\",\"detail\":\"must be at most 5\"}]" },
		{ "POST /api/raw", "Content-Type: text/csv\r\n", FIFTY, "200", "50 bytes" },
		{ "POST /api/raw", "Content-Type: text/csv\r\n", FIFTY FIFTY "1", "413", "101 bytes, more than the 100" },
		{ "POST /api/raw", "Content-Type: text/html\r\n", "x", "415", "send the body as text/csv" },
		{ "GET /api/ping", "", "body", "400", "has no body" },
		{ "POST /api/things", TOKEN JSON_TYPE "Idempotency-Key: a\tb\r\n", "{}", "400", "Idempotency-Key" },
		{ "POST /form", FORM_TYPE, "text=a+b%21", "200", "text=a b!" },
		{ "POST /form", "Content-Type: multipart/form-data; boundary=B\r\n",
		  "--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhello\r\n"
		  "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.eml\"\r\n"
		  "Content-Type: message/rfc822\r\n\r\nFrom: x\r\n--B--\r\n", "200", "text=hello file=a.eml message/rfc822 7" },
		{ "POST /form", JSON_TYPE, "{}", "415", "<p>send a form" },
		{ "POST /form", FORM_TYPE, "text=%", "400", "<h1>" },
	};
	check_rows(a, s, rows, COUNTOF(rows));
}

static void test_chunked(struct arena *a, const struct http_server *s)
{
	const char *head = "POST /api/raw HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: text/csv\r\n"
	                   "Transfer-Encoding: chunked\r\n";
	str answer = ask_raw(a, s, arena_printf(a, "%s\r\n32\r\n%s\r\n0\r\n\r\n", head, FIFTY));
	ASSERT(has(answer, "50 bytes"));
	answer = ask_raw(a, s, arena_printf(a, "%s\r\n32\r\n%s\r\n32\r\n%s\r\n1\r\nx\r\n0\r\n\r\n", head, FIFTY, FIFTY));
	ASSERT(str_starts(answer, S("HTTP/1.1 413")));
	/* Two lengths: whoever believes the other one sees a second request in the body. */
	answer = ask_raw(a, s, arena_printf(a, "%sContent-Length: 3\r\n\r\n0\r\n\r\nGET /api/ping HTTP/1.1\r\n\r\n", head));
	ASSERT(!has(answer, "pong"));
	answer = ask_raw(a, s, S("POST /api/raw HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: 3"
	                         "\r\nContent-Length: 40\r\n\r\nabcGET /api/ping HTTP/1.1\r\nHost: localhost\r\n\r\n"));
	ASSERT(!has(answer, "pong"));
	answer = ask_raw(a, s, S("POST /api/raw HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"
	                         "Content-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n"));
	ASSERT(str_starts(answer, S("HTTP/1.1 413")));
}

static void test_other_sites(struct arena *a, const struct http_server *s)
{
	str ours = arena_printf(a, HANDLER JSON_TYPE "Origin: http://127.0.0.1:%d\r\n", http_server_port(s, 0));
	const struct exchange_row rows[] = {
		{ "POST /api/things", ours.ptr, "{\"title\":\"x\"}", "201", "" },
		{ "POST /api/things", HANDLER JSON_TYPE "Sec-Fetch-Site: same-origin\r\nOrigin: null\r\n", "{\"title\":\"x\"}",
		  "201", "" },
		{ "POST /api/things", HANDLER JSON_TYPE "Origin: http://evil.example\r\n", "{\"title\":\"x\"}", "403",
		  "another site" },
		{ "POST /api/things", HANDLER JSON_TYPE "Origin: null\r\n", "{\"title\":\"x\"}", "403", "another site" },
		{ "POST /api/things", HANDLER JSON_TYPE "Sec-Fetch-Site: same-site\r\n", "{\"title\":\"x\"}", "403", "" },
		{ "POST /api/things", HANDLER JSON_TYPE, "{\"title\":\"x\"}", "403", "another site" },
		{ "POST /api/things", TOKEN JSON_TYPE "Origin: http://evil.example\r\n", "{\"title\":\"x\"}", "201", "" },
		{ "POST /form", FORM_TYPE "Origin: http://evil.example\r\n", "text=a", "403", "" },
		{ "POST /form", FORM_TYPE, "text=a", "200", "" },
		{ "GET /api/things/7", HANDLER "Sec-Fetch-Site: cross-site\r\n", "", "200", "" },
	};
	check_rows(a, s, rows, COUNTOF(rows));
	str rebound = S("GET /api/ping HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
	ASSERT(str_starts(ask_raw(a, s, rebound), S("HTTP/1.1 421")));
	rebound = S("GET /api/ping HTTP/1.1\r\nHost: localhost.evil.example\r\nConnection: close\r\n\r\n");
	ASSERT(str_starts(ask_raw(a, s, rebound), S("HTTP/1.1 421")));
}

static void test_etag(struct arena *a, const struct http_server *s)
{
	static const struct exchange_row rows[] = {
		{ "GET /api/things/7", TOKEN, "", "200", "ETag: \"v7\"" },
		{ "GET /api/things/7", TOKEN "If-None-Match: \"v6\"\r\n", "", "200", "" },
		{ "GET /api/things/7", TOKEN "If-None-Match: \"v6\", W/\"v7\"\r\n", "", "304", "" },
		{ "GET /api/things/7", TOKEN "If-None-Match: *\r\n", "", "304", "" },
	};
	check_rows(a, s, rows, COUNTOF(rows));
	ASSERT(!has(ask(a, s, "GET /api/things/7", TOKEN "If-None-Match: \"v7\"\r\n", ""), "\"id\""));
}

static void test_pipeline(struct arena *a, const struct http_server *s)
{
	str answer = ask_raw(a, s, S(
		"POST /api/public-things HTTP/1.1\r\nHost: localhost\r\n" JSON_TYPE "Content-Length: 13\r\n\r\n{\"title\":\"x\"}"
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
	ASSERT(!has(ask_raw(a, s, buf_str(&huge)), "pong"));
	ASSERT(has(ask(a, s, "GET /api/ping", "", ""), "pong"));
}

/* --- sleeping connections --- */

enum { MANY = 200 };

static void send_thing(int fd)
{
	say(fd, S("POST /api/public-things HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" JSON_TYPE
	          "Content-Length: 13\r\n\r\n{\"title\":\"x\"}"));
}

static void test_many_commands(struct arena *a, struct world *w, const struct http_server *s)
{
	int fds[MANY], before = w->writer.count;
	writer_hold(&w->writer, true);
	for (int i = 0; i < MANY; i++)
		send_thing(fds[i] = connect_to(s));
	writer_wait_for(&w->writer, before + MANY);
	ASSERT(has(ask(a, s, "GET /api/ping", "", ""), "pong"));        /* nobody is held up */
	writer_hold(&w->writer, false);
	for (int i = 0; i < MANY; i++) {
		ASSERT(str_starts(hear(a, fds[i], S("")), S("HTTP/1.1 201")));
		close(fds[i]);
	}
}

static void test_clients_leave(struct arena *a, struct world *w, const struct http_server *s)
{
	int before = w->writer.count;
	writer_hold(&w->writer, true);
	for (int i = 0; i < 20; i++) {
		int fd = connect_to(s);
		const struct linger reset = { 1, 0 };
		send_thing(fd);
		writer_wait_for(&w->writer, before + i + 1);
		if (i % 2)
			(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(fd);
	}
	writer_hold(&w->writer, false);
	ASSERT(has(ask(a, s, "GET /api/ping", "", ""), "pong"));
}

static void hold_work(struct world *w, bool held)
{
	pthread_mutex_lock(&w->lock);
	w->work_held = held;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

static void test_work_queue(struct arena *a, struct world *w, const struct http_server *s)
{
	enum { TAKEN = 2 + 64, JOBS = TAKEN + 14 };     /* threads and queue; and more than that */
	struct pollfd fds[JOBS];
	int good = 0, refused = 0;
	hold_work(w, true);
	for (int i = 0; i < JOBS; i++) {
		fds[i] = (struct pollfd){ connect_to(s), POLLIN, 0 };
		say(fds[i].fd, S("POST /api/work HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
	}
	/* The refused ones answer while the rest still waits. */
	for (int answered = 0; answered < JOBS - TAKEN;) {
		ASSERT(poll(fds, JOBS, 60000) > 0);
		answered = 0;
		for (int i = 0; i < JOBS; i++)
			answered += (fds[i].revents & POLLIN) != 0;
	}
	hold_work(w, false);
	for (int i = 0; i < JOBS; i++) {
		str answer = hear(a, fds[i].fd, S(""));
		good += str_starts(answer, S("HTTP/1.1 201"));
		refused += str_starts(answer, S("HTTP/1.1 503")) && has(answer, "Retry-After");
		close(fds[i].fd);
	}
	ASSERT(good >= TAKEN - 2 && good <= TAKEN && good + refused == JOBS);
}

static void *close_server(void *arg)
{
	http_server_close(arg);
	return NULL;
}

static void test_close_while_asleep(struct arena *a, struct world *w)
{
	struct http_server *s = open_server(w, (struct http_options){ .drain_ms = 60000 });
	pthread_t closer;
	int before = w->writer.count, fd = connect_to(s);
	writer_hold(&w->writer, true);
	send_thing(fd);
	writer_wait_for(&w->writer, before + 1);
	ASSERT(pthread_create(&closer, NULL, close_server, s) == 0);
	writer_hold(&w->writer, false);
	ASSERT(str_starts(hear(a, fd, S("")), S("HTTP/1.1 201")));      /* stored, hence told */
	pthread_join(closer, NULL);
	close(fd);
}

/* --- streams --- */

static int open_stream(const struct http_server *s)
{
	int fd = connect_to(s);
	say(fd, S("GET /api/stream HTTP/1.1\r\nHost: localhost\r\n" HANDLER "\r\n"));
	return fd;
}

static void test_streams(struct arena *a, struct world *w)
{
	enum { STREAMS = 50 };
	int fds[STREAMS];
	struct http_server *s = open_server(w, (struct http_options){ .streams_max = STREAMS, .board_ms = 1 });
	for (int i = 0; i < STREAMS; i++) {
		fds[i] = open_stream(s);
		ASSERT(has(hear(a, fds[i], S("data: 1\n")), "text/event-stream"));
	}
	ASSERT(str_starts(ask(a, s, "GET /api/stream", HANDLER, ""), S("HTTP/1.1 503")));
	ASSERT(str_starts(ask(a, s, "GET /api/stream", "", ""), S("HTTP/1.1 401")));
	http_server_board_moved(s);
	for (int i = 0; i < STREAMS; i++)
		ASSERT(has(hear(a, fds[i], S("data: 2\n")), "data: 2"));
	for (int i = 0; i < STREAMS / 2; i++)
		close(fds[i]);
	http_server_board_moved(s);
	ASSERT(has(hear(a, fds[STREAMS - 1], S("data: 3\n")), "data: 3"));
	http_server_close(s);   /* with half of them open, half gone */
	for (int i = STREAMS / 2; i < STREAMS; i++) {
		(void)hear(a, fds[i], S(""));
		close(fds[i]);
	}
}

static void test_revoked_stream(struct arena *a, struct world *w)
{
	struct http_server *s = open_server(w, (struct http_options){ .ping_ms = 40 });
	int fd = open_stream(s);
	(void)hear(a, fd, S("data: 2\n"));      /* a ping asks again */
	w->revoked = true;
	ASSERT(has(hear(a, fd, S("0\r\n\r\n")), "0\r\n\r\n"));        /* ends */
	w->revoked = false;
	close(fd);
	http_server_close(s);
}

/* --- slow clients, memory --- */

/* Whatever comes back, the server goes on. */
static void test_broken_requests(struct arena *a, struct world *w)
{
	static const char *const broken[] = {
		"", "\r\n\r\n", "GET", "GET /api/ping\r\n\r\n", "GET /api/ping HTTP/1.1\r\nHost\r\n\r\n",
		"GET /api/ping HTTP/9.9\r\n\r\n", "\x16\x03\x01\x02",
		"POST /api/raw HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"GET /api/ping HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
	};
	struct http_server *s = open_server(w, (struct http_options){ .head_ms = 100, .slow_ms = 100 });
	for (ptrdiff_t i = 0; i < COUNTOF(broken); i++) {
		int fd = connect_to(s);
		say(fd, str_from(broken[i]));
		shutdown(fd, SHUT_WR);
		ASSERT(!has(hear(a, fd, S("")), "pong"));
		close(fd);
	}
	ASSERT(has(ask(a, s, "GET /api/ping", "", ""), "pong"));
	http_server_close(s);
}

static void test_slow_clients(struct arena *a, struct world *w)
{
	static const char *const starts[] = {
		"", "GET /api/pi", "GET /api/ping HTTP/1.1\r\nHost: localhost\r\nX: ",
		"POST /api/raw HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: 50\r\n\r\nabc",
		"POST /api/raw HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n9",
		"GET /api/ping HTTP/1.1\r\nHost: localhost\r\n\r\n",            /* and then nothing more */
	};
	int fds[COUNTOF(starts)];
	struct http_server *s = open_server(w, (struct http_options){ .head_ms = 100, .slow_ms = 100 });
	for (ptrdiff_t i = 0; i < COUNTOF(starts); i++)
		say(fds[i] = connect_to(s), str_from(starts[i]));
	for (ptrdiff_t i = 0; i < COUNTOF(starts); i++) {
		(void)hear(a, fds[i], S(""));   /* returns: the server ended it */
		close(fds[i]);
	}
	ASSERT(has(ask(a, s, "GET /api/ping", "", ""), "pong"));
	http_server_close(s);
}

static void test_uploads_max(struct arena *a, struct world *w)
{
	struct http_server *s = open_server(w, (struct http_options){ .uploads_max = 100 << 10 });
	int fd = connect_to(s);
	char *body = NEW(a, char, 90000);
	memset(body, 'x', 89999);
	say(fd, arena_printf(a, "POST /api/big HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 90000\r\n"
	                     "\r\n%s", body));
	/* Until the first one's bytes are held the second still finds room. */
	while (!str_starts(ask(a, s, "POST /api/big", "", body), S("HTTP/1.1 503")))
		;
	say(fd, S("x"));
	ASSERT(has(hear(a, fd, S("")), "90000 bytes"));
	ASSERT(has(ask(a, s, "POST /api/big", "", body), "89999 bytes"));
	close(fd);
	http_server_close(s);
}

/* --- other listeners --- */

static void test_unix_socket(struct arena *a, struct world *w)
{
	char folder[] = "/tmp/naubat-http-XXXXXX";
	ASSERT(mkdtemp(folder) != NULL);
	const char *path = arena_printf(a, "%s/socket", folder).ptr;
	const struct http_listener local = { HTTP_UNIX, path, 0 };
	const struct http_options options = { .listeners = &local, .listener_count = 1 };
	struct http_server *s = open_server(w, options), *again;
	struct err err;
	ASSERT(!try_open(w, options, &again, &err) && has(str_from(err.text), "another node is listening"));
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	memcpy(at.sun_path, path, strlen(path));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ASSERT(connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0);
	say(fd, S("GET /api/who HTTP/1.1\r\nHost: naubat\r\nConnection: close\r\n\r\n"));
	ASSERT(has(hear(a, fd, S("")), arena_printf(a, "local=1 uid=%u", getuid()).ptr));
	close(fd);
	http_server_close(s);
	ASSERT(access(path, F_OK) != 0);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);    /* a file that a killed process left */
	ASSERT(bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0);
	close(fd);
	http_server_close(open_server(w, options));
	ASSERT(rmdir(folder) == 0);
}

static void make_certificate(char *certificate, char *key, size_t room)
{
	gnutls_x509_privkey_t k;
	gnutls_x509_crt_t c;
	size_t n = room, m = room;
	ASSERT(gnutls_x509_privkey_init(&k) == 0 && gnutls_x509_crt_init(&c) == 0);
	ASSERT(gnutls_x509_privkey_generate(k, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0) == 0);
	ASSERT(gnutls_x509_crt_set_version(c, 3) == 0 && gnutls_x509_crt_set_serial(c, "\1", 1) == 0);
	ASSERT(gnutls_x509_crt_set_dn_by_oid(c, GNUTLS_OID_X520_COMMON_NAME, 0, "localhost", 9) == 0);
	ASSERT(gnutls_x509_crt_set_activation_time(c, 0) == 0 && gnutls_x509_crt_set_expiration_time(c, 4000000000) == 0);
	ASSERT(gnutls_x509_crt_set_key(c, k) == 0 && gnutls_x509_crt_sign2(c, c, k, GNUTLS_DIG_SHA256, 0) == 0);
	ASSERT(gnutls_x509_crt_export(c, GNUTLS_X509_FMT_PEM, certificate, &n) == 0);
	ASSERT(gnutls_x509_privkey_export(k, GNUTLS_X509_FMT_PEM, key, &m) == 0);
	gnutls_x509_crt_deinit(c);
	gnutls_x509_privkey_deinit(k);
}

static size_t take(char *data, size_t size, size_t count, void *to)
{
	buf_add(to, (str){ data, (ptrdiff_t)(size * count) });
	return size * count;
}

static void test_tls(struct arena *a, struct world *w)
{
	char certificate[4096] = { 0 }, key[4096] = { 0 };
	make_certificate(certificate, key, sizeof(key) - 1);
	const struct http_listener tls = { HTTP_TLS, "127.0.0.1", 0 };
	struct http_options options = { .listeners = &tls, .listener_count = 1, .certificate_pem = certificate };
	struct http_server *s;
	struct err err;
	struct buf heard;
	ASSERT(!try_open(w, options, &s, &err));        /* no key */
	options.key_pem = key;
	s = open_server(w, options);
	buf_init(&heard, a, 64 << 10);
	CURL *c = curl_easy_init();
	curl_easy_setopt(c, CURLOPT_URL, arena_printf(a, "https://127.0.0.1:%d/api/ping", http_server_port(s, 0)).ptr);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(c, CURLOPT_HEADER, 1L);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, &heard);
	ASSERT(curl_easy_perform(c) == CURLE_OK);
	ASSERT(has(buf_str(&heard), "pong") && has(buf_str(&heard), "Strict-Transport-Security: max-age"));
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_0 | (long)CURL_SSLVERSION_MAX_TLSv1_1);
	curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L);
	ASSERT(curl_easy_perform(c) != CURLE_OK);
	curl_easy_cleanup(c);
	http_server_close(s);
}

static void test_open_refusals(struct world *w)
{
	static const struct http_listener everywhere = { HTTP_PLAIN, "0.0.0.0", 0 }, name = { HTTP_PLAIN, "localhost", 0 };
	struct http_server *s;
	struct err err;
	ASSERT(!try_open(w, (struct http_options){ .listeners = &everywhere, .listener_count = 1 }, &s, &err));
	ASSERT(has(str_from(err.text), "use TLS"));
	ASSERT(!try_open(w, (struct http_options){ .listeners = &name, .listener_count = 1 }, &s, &err));
	struct http_server *first = open_server(w, (struct http_options){ 0 });
	const struct http_listener taken = { HTTP_PLAIN, "127.0.0.1", http_server_port(first, 0) };
	ASSERT(!try_open(w, (struct http_options){ .listeners = &taken, .listener_count = 1 }, &s, &err));
	ASSERT(has(str_from(err.text), "cannot listen"));
	http_server_close(first);
	http_server_close(NULL);
}

static void test_assets(struct arena *a, struct world *w)
{
	char folder[] = "/tmp/naubat-http-XXXXXX";
	struct assets *files;
	struct err err;
	ASSERT(mkdtemp(folder) != NULL);
	struct http_server *s = open_server(w, (struct http_options){ .assets = assets_embedded(a) });
	ASSERT(has(ask(a, s, "GET /page.css", "", ""), "text/css"));
	http_server_close(s);

	const char *index = arena_printf(a, "%s/index.html", folder).ptr;
	FILE *f = fopen(index, "w");
	ASSERT(f != NULL && fputs("<p>console</p>", f) >= 0 && fclose(f) == 0);
	ASSERT(assets_load(a, folder, &files, &err));
	s = open_server(w, (struct http_options){ .assets = files });
	static const struct exchange_row rows[] = {
		{ "GET /", "", "", "200", "<p>console</p>" },
		{ "GET /incidents/7", "", "", "200", "text/html" },
		{ "GET /", "", "", "200", "Cache-Control: no-cache" },
		{ "GET /missing.js", "", "", "404", "" },
		{ "GET /../../etc/passwd", "", "", "404", "" },
		{ "GET /api/nothing", "", "", "404", "problem+json" },
		{ "POST /incidents", "", "", "404", "" },
	};
	check_rows(a, s, rows, COUNTOF(rows));
	http_server_close(s);
	ASSERT(unlink(index) == 0 && rmdir(folder) == 0);
	ASSERT(!assets_load(a, folder, &files, &err));
}

int main(void)
{
	struct arena a;
	struct world w;
	arena_init(&a, 256 << 20, 512 << 20);
	world_open(&w);
	struct http_server *s = open_server(&w, (struct http_options){ 0 });
	test_refusals(&a, s);
	test_bodies(&a, s);
	test_chunked(&a, s);
	test_other_sites(&a, s);
	test_etag(&a, s);
	test_pipeline(&a, s);
	test_many_commands(&a, &w, s);
	test_clients_leave(&a, &w, s);
	test_work_queue(&a, &w, s);
	http_server_close(s);
	ASSERT(w.replies > 0);
	test_close_while_asleep(&a, &w);
	test_streams(&a, &w);
	test_revoked_stream(&a, &w);
	test_broken_requests(&a, &w);
	test_slow_clients(&a, &w);
	test_uploads_max(&a, &w);
	test_unix_socket(&a, &w);
	test_tls(&a, &w);
	test_assets(&a, &w);
	test_open_refusals(&w);
	world_close(&w);
	arena_done(&a);
	puts("http: ok");
	return 0;
}
