/* What the server survives, and how it stops: sleeping connections, streams, slow and vanished clients. */
#include "http/test_world.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* --- sleeping connections --- */

enum { MANY = 200 };

static void send_thing(int fd)
{
	client_say(fd,
	           S("POST /api/public-things HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" JSON_TYPE
	             "Content-Length: 13\r\n\r\n{\"title\":\"x\"}"));
}

static void test_many_commands(struct arena *a, struct world *w, const struct http_server *s)
{
	int fds[MANY], before = w->writer.count;
	writer_hold(&w->writer, true);
	for (int i = 0; i < MANY; i++)
		send_thing(fds[i] = client_connect(s));
	writer_wait_for(&w->writer, before + MANY);
	ASSERT(client_has(client_ask(a, s, "GET /api/ping", "", ""), "pong"));        /* nobody is held up */
	writer_hold(&w->writer, false);
	for (int i = 0; i < MANY; i++) {
		ASSERT(str_starts(client_hear(a, fds[i], S("")), S("HTTP/1.1 201")));
		close(fds[i]);
	}
}

static void test_clients_leave(struct arena *a, struct world *w, const struct http_server *s)
{
	int before = w->writer.count;
	writer_hold(&w->writer, true);
	for (int i = 0; i < 20; i++) {
		int fd = client_connect(s);
		const struct linger reset = { 1, 0 };
		send_thing(fd);
		writer_wait_for(&w->writer, before + i + 1);
		if (i % 2)
			(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(fd);
	}
	writer_hold(&w->writer, false);
	ASSERT(client_has(client_ask(a, s, "GET /api/ping", "", ""), "pong"));
}

static void test_work_queue(struct arena *a, struct world *w, const struct http_server *s)
{
	enum { TAKEN = 2 + 64, JOBS = TAKEN + 14 };     /* threads and queue; and more than that */
	struct pollfd fds[JOBS];
	int good = 0, refused = 0;
	world_hold_work(w, true);
	for (int i = 0; i < JOBS; i++) {
		fds[i] = (struct pollfd){ client_connect(s), POLLIN, 0 };
		client_say(fds[i].fd,
		           S("POST /api/work HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
	}
	/* The refused ones answer while the rest still waits. */
	for (int answered = 0; answered < JOBS - TAKEN;) {
		ASSERT(poll(fds, JOBS, 60000) > 0);
		answered = 0;
		for (int i = 0; i < JOBS; i++)
			answered += (fds[i].revents & POLLIN) != 0;
	}
	world_hold_work(w, false);
	for (int i = 0; i < JOBS; i++) {
		str answer = client_hear(a, fds[i].fd, S(""));
		good += str_starts(answer, S("HTTP/1.1 201"));
		refused += str_starts(answer, S("HTTP/1.1 503")) && client_has(answer, "Retry-After");
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
	struct http_server *s = world_open_server(w, (struct http_options){ .drain_ms = 60000 });
	pthread_t closer;
	int before = w->writer.count, fd = client_connect(s);
	writer_hold(&w->writer, true);
	send_thing(fd);
	writer_wait_for(&w->writer, before + 1);
	ASSERT(pthread_create(&closer, NULL, close_server, s) == 0);
	writer_hold(&w->writer, false);
	ASSERT(str_starts(client_hear(a, fd, S("")), S("HTTP/1.1 201")));      /* stored, hence told */
	pthread_join(closer, NULL);
	close(fd);
}

/* --- streams --- */

static int open_stream(const struct http_server *s)
{
	int fd = client_connect(s);
	client_say(fd, S("GET /api/stream HTTP/1.1\r\nHost: localhost\r\n" HANDLER "\r\n"));
	return fd;
}

static void test_streams(struct arena *a, struct world *w)
{
	enum { STREAMS = 50 };
	int fds[STREAMS];
	struct http_server *s =
	        world_open_server(w, (struct http_options){ .streams_max = STREAMS, .board_ms = 1 });
	for (int i = 0; i < STREAMS; i++) {
		fds[i] = open_stream(s);
		ASSERT(client_has(client_hear(a, fds[i], S("data: 1\n")), "text/event-stream"));
	}
	ASSERT(str_starts(client_ask(a, s, "GET /api/stream", HANDLER, ""), S("HTTP/1.1 503")));
	ASSERT(str_starts(client_ask(a, s, "GET /api/stream", "", ""), S("HTTP/1.1 401")));
	http_server_board_moved(s);
	for (int i = 0; i < STREAMS; i++)
		ASSERT(client_has(client_hear(a, fds[i], S("data: 2\n")), "data: 2"));
	for (int i = 0; i < STREAMS / 2; i++)
		close(fds[i]);
	http_server_board_moved(s);
	ASSERT(client_has(client_hear(a, fds[STREAMS - 1], S("data: 3\n")), "data: 3"));
	http_server_close(s);   /* with half of them open, half gone */
	for (int i = STREAMS / 2; i < STREAMS; i++) {
		(void)client_hear(a, fds[i], S(""));
		close(fds[i]);
	}
}

static void test_revoked_stream(struct arena *a, struct world *w)
{
	struct http_server *s = world_open_server(w, (struct http_options){ .ping_ms = 40 });
	int fd = open_stream(s);
	(void)client_hear(a, fd, S("data: 2\n"));      /* a ping asks again */
	w->revoked = true;
	ASSERT(client_has(client_hear(a, fd, S("0\r\n\r\n")), "0\r\n\r\n"));        /* ends */
	w->revoked = false;
	close(fd);
	http_server_close(s);
}

/* --- slow clients, memory --- */

/* Whatever comes back, the server goes on. */
static void test_broken_requests(struct arena *a, struct world *w)
{
	static const char *const broken[] = {
		"",
		"\r\n\r\n",
		"GET",
		"GET /api/ping\r\n\r\n",
		"GET /api/ping HTTP/1.1\r\nHost\r\n\r\n",
		"GET /api/ping HTTP/9.9\r\n\r\n",
		"\x16\x03\x01\x02",
		"POST /api/big HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"GET /api/ping HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
	};
	struct http_server *s = world_open_server(w, (struct http_options){ .head_ms = 100, .slow_ms = 100 });
	for (ptrdiff_t i = 0; i < COUNTOF(broken); i++) {
		int fd = client_connect(s);
		client_say(fd, str_from(broken[i]));
		shutdown(fd, SHUT_WR);
		ASSERT(!client_has(client_hear(a, fd, S("")), "pong"));
		close(fd);
	}
	ASSERT(client_has(client_ask(a, s, "GET /api/ping", "", ""), "pong"));
	http_server_close(s);
}

static void test_slow_clients(struct arena *a, struct world *w)
{
	static const char *const starts[] = {
		"",
		"GET /api/pi",
		"GET /api/ping HTTP/1.1\r\nHost: localhost\r\nX: ",
		"POST /api/raw HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: "
		"50\r\n\r\nabc",
		"POST /api/raw HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nTransfer-Encoding: "
		"chunked\r\n\r\n9",
		"GET /api/ping HTTP/1.1\r\nHost: localhost\r\n\r\n", /* and then nothing more */
	};
	int fds[COUNTOF(starts)];
	struct http_server *s = world_open_server(w, (struct http_options){ .head_ms = 100, .slow_ms = 100 });
	for (ptrdiff_t i = 0; i < COUNTOF(starts); i++)
		client_say(fds[i] = client_connect(s), str_from(starts[i]));
	for (ptrdiff_t i = 0; i < COUNTOF(starts); i++) {
		(void)client_hear(a, fds[i], S(""));   /* returns: the server ended it */
		close(fds[i]);
	}
	ASSERT(client_has(client_ask(a, s, "GET /api/ping", "", ""), "pong"));
	http_server_close(s);
}

static void test_uploads_max(struct arena *a, struct world *w)
{
	struct http_server *s = world_open_server(w, (struct http_options){ .uploads_max = 100 << 10 });
	int fd = client_connect(s);
	char *body = NEW(a, char, 90000);
	memset(body, 'x', 89999);
	client_say(fd, arena_printf(a,
	                            "POST /api/big HTTP/1.1\r\nHost: localhost\r\nConnection: "
	                            "close\r\nContent-Length: 90000\r\n"
	                            "\r\n%s",
	                            body));
	/* Until the first one's bytes are held the second still finds room. */
	while (!str_starts(client_ask(a, s, "POST /api/big", "", body), S("HTTP/1.1 503")))
		;
	client_say(fd, S("x"));
	ASSERT(client_has(client_hear(a, fd, S("")), "90000 bytes"));
	ASSERT(client_has(client_ask(a, s, "POST /api/big", "", body), "89999 bytes"));
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
	struct http_server *s = world_open_server(w, options), *again;
	struct err err;
	ASSERT(!world_try_open(w, options, &again, &err) &&
	       client_has(str_from(err.text), "another node is listening"));
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	memcpy(at.sun_path, path, strlen(path));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ASSERT(connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0);
	client_say(fd, S("GET /api/who HTTP/1.1\r\nHost: naubat\r\nConnection: close\r\n\r\n"));
	ASSERT(client_has(client_hear(a, fd, S("")), arena_printf(a, "local=1 uid=%u", getuid()).ptr));
	close(fd);
	http_server_close(s);
	ASSERT(access(path, F_OK) != 0);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);    /* a file that a killed process left */
	ASSERT(bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0);
	close(fd);
	http_server_close(world_open_server(w, options));
	ASSERT(rmdir(folder) == 0);
}

int main(void)
{
	struct arena a;
	struct world w;
	arena_init(&a, 256 << 20, 512 << 20);
	world_open(&w);
	struct http_server *s = world_open_server(&w, (struct http_options){ 0 });
	test_many_commands(&a, &w, s);
	test_clients_leave(&a, &w, s);
	test_work_queue(&a, &w, s);
	http_server_close(s);
	test_close_while_asleep(&a, &w);
	test_streams(&a, &w);
	test_revoked_stream(&a, &w);
	test_broken_requests(&a, &w);
	test_slow_clients(&a, &w);
	test_uploads_max(&a, &w);
	test_unix_socket(&a, &w);
	world_close(&w);
	arena_done(&a);
	puts("http life: ok");
	return 0;
}
