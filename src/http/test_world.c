#include "http/test_world.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include "format/json.h"

/* Commands are done in order, but none while it is held. */
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
		w->queue[i].done(w->queue[i].c, w->queue[i].ctx);
		pthread_mutex_lock(&w->lock);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

void writer_hold(struct writer *w, bool held)
{
	pthread_mutex_lock(&w->lock);
	w->held = held;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

void writer_wait_for(struct writer *w, int arrived)
{
	pthread_mutex_lock(&w->lock);
	while (w->count < arrived)
		pthread_cond_wait(&w->changed, &w->lock);
	pthread_mutex_unlock(&w->lock);
}

/* --- hooks --- */

static void submit(void *ctx, struct command *c, void (*done)(struct command *c, void *done_ctx),
                   void *done_ctx)
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

static bool may(void *ctx, const struct identity *who, enum perm need, struct err *err)
{
	(void)ctx;
	return need != PERM_CASE_WRITE || who->may_write || err_set(err, ERR_DENIED, "ask a handler");
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
		buf_printf(&page, " file=" STR_FMT " " STR_FMT " %td", STR_ARG(name), STR_ARG(type),
		           bytes.len);
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
	{ "GET", "/api/things/{id}", PERM_CASE_READ, show_thing, "Shows a thing", .query = QUERY,
	  .record = "any" },
	{ "POST", "/api/things", PERM_CASE_WRITE, make_thing, "Makes a thing", THING, .record = "any" },
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

/* --- opening and closing --- */

void world_open(struct world *w)
{
	*w = (struct world){ .handler.may_write = true };
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->changed, NULL);
	pthread_mutex_init(&w->writer.lock, NULL);
	pthread_cond_init(&w->writer.changed, NULL);
	ASSERT(pthread_create(&w->writer.thread, NULL, write_all, &w->writer) == 0);
}

void world_close(struct world *w)
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

bool world_try_open(struct world *w, struct http_options options, struct http_server **out, struct err *err)
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

struct http_server *world_open_server(struct world *w, struct http_options options)
{
	struct http_server *s;
	struct err err;
	if (!world_try_open(w, options, &s, &err)) {
		printf("%s\n", err.text);
		ASSERT(!"the server opens");
	}
	return s;
}

void world_hold_work(struct world *w, bool held)
{
	pthread_mutex_lock(&w->lock);
	w->work_held = held;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

/* --- a client --- */

int client_connect(const struct http_server *s)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	                          .sin_port = htons((uint16_t)http_server_port(s, 0)) };
	const struct timeval patience = { 60, 0 };      /* a hang is a failure, not a wait */
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ASSERT(fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

void client_say(int fd, str text)
{
	while (text.len > 0) {
		ssize_t n = send(fd, text.ptr, (size_t)text.len, MSG_NOSIGNAL);
		if (n <= 0)
			return;         /* the server has had enough: what it said can still be read */
		text = str_sub(text, n, text.len);
	}
}

/* Reads until `until` was seen, or to the end if that is empty. */
str client_hear(struct arena *a, int fd, str until)
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

str client_ask_raw(struct arena *a, const struct http_server *s, str text)
{
	int fd = client_connect(s);
	client_say(fd, text);
	str answer = client_hear(a, fd, S(""));
	close(fd);
	return answer;
}

str client_ask(struct arena *a, const struct http_server *s, const char *line, const char *headers,
               const char *body)
{
	str length = body[0] ? arena_printf(a, "Content-Length: %zu\r\n", strlen(body)) : S("");
	return client_ask_raw(
	        a, s,
	        arena_printf(a,
	                     "%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n%s" STR_FMT "\r\n%s",
	                     line, http_server_port(s, 0), headers, STR_ARG(length), body));
}

bool client_has(str text, const char *what)
{
	return str_find(text, str_from(what)) >= 0;
}

void client_check(struct arena *a, const struct http_server *s, const struct exchange_row *rows,
                  ptrdiff_t count)
{
	for (ptrdiff_t i = 0; i < count; i++) {
		str answer = client_ask(a, s, rows[i].line, rows[i].headers, rows[i].body);
		bool good = str_starts(answer, arena_printf(a, "HTTP/1.1 %s", rows[i].expect)) &&
		            client_has(answer, rows[i].also);
		if (!good) {
			printf("%s\n%s%s\n  expected %s ... %s\n  got " STR_FMT "\n", rows[i].line,
			       rows[i].headers, rows[i].body, rows[i].expect, rows[i].also, STR_ARG(answer));
			ASSERT(!"the answer");
		}
	}
}
