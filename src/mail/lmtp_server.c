#include "mail/lmtp_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "os/clock.h"

enum {
	CONNECTIONS_DEFAULT = 16, CONNECTIONS_MOST = 256,
	IDLE_MS_DEFAULT     = 60 * 1000,
	SESSION_MS_DEFAULT  = 10 * 60 * 1000,
	MEMORY_DEFAULT      = 128 << 20,
	READ_BYTES          = 16 << 10,
	OUTPUT_MAX          = 256 << 10,
	PAUSE_MS            = 200,
};

enum slot_state { SLOT_FREE, SLOT_RUNS, SLOT_ENDED };

struct slot {
	struct lmtp_server *server;
	pthread_t           thread;
	enum slot_state     state;              /* under server->lock */
	int                 fd;                 /* the same; -1 when closed */
};

struct lmtp_server {
	struct lmtp_server_options options;
	_Atomic(ptrdiff_t) budget;
	int             listener, wake, port;
	pthread_t       acceptor;
	pthread_mutex_t lock;
	bool            closing;                /* under lock */
	struct slot    *slots;
	char            path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

/* A deadline on the clock that never steps. */
struct timer { struct clock clock; int64_t end_us; };

static void timer_start(struct timer *t, int ms)
{
	t->clock = clock_real();
	t->end_us = t->clock.boot_us(&t->clock) + (int64_t)ms * 1000;
}

static int timer_left_ms(struct timer *t)
{
	int64_t left = (t->end_us - t->clock.boot_us(&t->clock) + 999) / 1000;
	return (int)MAX(left, 0);
}

static bool wait_for(int fd, short events, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	int n;
	do
		n = poll(&p, 1, timeout_ms);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

static bool send_all(int fd, str bytes, int timeout_ms)
{
	while (bytes.len > 0) {
		ssize_t n = send(fd, bytes.ptr, (size_t)bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0)
			bytes = str_sub(bytes, n, bytes.len);
		else if (errno != EAGAIN && errno != EINTR)
			return false;
		else if (!wait_for(fd, POLLOUT, timeout_ms))
			return false;
	}
	return true;
}

/* One connection to its end.  `tmp` is emptied after each answer. */
static void serve(struct lmtp_server *server, int fd, struct arena *tmp)
{
	struct timer timer;
	struct buf out;
	char bytes[READ_BYTES];
	int idle_ms = server->options.idle_timeout_ms, messages = 0;
	buf_init(&out, tmp, OUTPUT_MAX);
	struct lmtp_session *session = lmtp_session_new(&server->options.session, &out);
	timer_start(&timer, server->options.session_timeout_ms);
	bool open = send_all(fd, buf_str(&out), idle_ms);
	while (open) {
		arena_reset(tmp);
		buf_init(&out, tmp, OUTPUT_MAX);
		int wait_ms = MIN(idle_ms, timer_left_ms(&timer));
		if (wait_ms == 0 || !wait_for(fd, POLLIN, wait_ms)) {
			(void)send_all(fd, S("421 4.4.2 timeout\r\n"), 0);
			break;
		}
		ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0)
			break;
		open = lmtp_session_feed(session, (str){ bytes, n }, &out);
		open &= send_all(fd, buf_str(&out), idle_ms) && !out.over;
		if (lmtp_session_messages(session) != messages) {
			messages = lmtp_session_messages(session);
			timer_start(&timer, server->options.session_timeout_ms);
		}
	}
	lmtp_session_free(session);
}

static void *connection_main(void *ctx)
{
	struct slot *slot = ctx;
	struct lmtp_server *server = slot->server;
	struct arena tmp;
	pthread_mutex_lock(&server->lock);
	int fd = slot->fd;
	pthread_mutex_unlock(&server->lock);
	arena_init(&tmp, 1 << 20, 8 << 20);
	serve(server, fd, &tmp);
	arena_done(&tmp);
	pthread_mutex_lock(&server->lock);
	close(slot->fd);
	slot->fd = -1;
	slot->state = SLOT_ENDED;
	pthread_mutex_unlock(&server->lock);
	return NULL;
}

/* A slot for a new connection, with what ended in it tidied away; NULL if all run. */
static struct slot *free_slot(struct lmtp_server *server)
{
	struct slot *found = NULL;
	pthread_mutex_lock(&server->lock);
	for (int i = 0; i < server->options.connections_max && found == NULL; i++)
		if (server->slots[i].state != SLOT_RUNS)
			found = &server->slots[i];
	pthread_mutex_unlock(&server->lock);
	if (found != NULL && found->state == SLOT_ENDED) {      /* only this thread changes ENDED */
		pthread_join(found->thread, NULL);
		found->state = SLOT_FREE;
	}
	return found;
}

static void accept_one(struct lmtp_server *server)
{
	int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0) {
		/* would be ready again at once */
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
			(void)wait_for(server->wake, POLLIN, PAUSE_MS);
		return;
	}
	struct slot *slot = free_slot(server);
	if (slot == NULL) {
		(void)send_all(fd, S("421 4.3.2 too many connections, try again later\r\n"), 0);
		close(fd);
		return;
	}
	pthread_mutex_lock(&server->lock);
	slot->fd = fd;
	slot->state = SLOT_RUNS;
	pthread_mutex_unlock(&server->lock);
	if (pthread_create(&slot->thread, NULL, connection_main, slot) == 0)
		return;
	pthread_mutex_lock(&server->lock);
	slot->fd = -1;
	slot->state = SLOT_FREE;
	pthread_mutex_unlock(&server->lock);
	close(fd);
}

static void *acceptor_main(void *ctx)
{
	struct lmtp_server *server = ctx;
	struct pollfd p[2] = {
		{ .fd = server->listener, .events = POLLIN }, { .fd = server->wake, .events = POLLIN },
	};
	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			break;
		if (p[1].revents)
			break;
		if (p[0].revents)
			accept_one(server);
	}
	return NULL;
}

static int system_error(struct err *err, const char *what, str where, int fd)
{
	(void)err_set(err, ERR_SYSTEM, "LMTP: cannot %s " STR_FMT ": %s", what, STR_ARG(where),
		strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* A socket that nobody listens on is left from a crash, and is replaced; a living one is not. */
static bool remove_stale(const struct sockaddr_un *address)
{
	struct stat st;
	if (lstat(address->sun_path, &st) != 0)
		return true;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool dead = S_ISSOCK(st.st_mode) && fd >= 0 &&
		connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 && errno == ECONNREFUSED;
	if (fd >= 0)
		close(fd);
	return dead && unlink(address->sun_path) == 0;
}

static int listen_unix(str where, const struct lmtp_server_options *options, struct lmtp_server *server,
	struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	str path = str_sub(where, 5, where.len);
	if (path.len == 0 || path.len >= (ptrdiff_t)sizeof(address.sun_path) || path.ptr[0] != '/') {
		(void)err_set(err, ERR_INPUT, "LMTP: the socket needs an absolute path of at most %zu bytes",
			sizeof(address.sun_path) - 1);
		return -1;
	}
	memcpy(address.sun_path, path.ptr, (size_t)path.len);
	if (!remove_stale(&address)) {
		(void)err_set(err, ERR_CONFLICT,
			"LMTP: " STR_FMT " is in use by another process, or is no socket", STR_ARG(path));
		return -1;
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
		return system_error(err, "open", where, fd);
	memcpy(server->path, address.sun_path, sizeof(server->path));
	if (chmod(address.sun_path, (mode_t)(options->socket_mode ? options->socket_mode : 0660)) != 0)
		return system_error(err, "open", where, fd);
	return fd;
}

/* "127.0.0.1:24" or "[::1]:24"; only loopback, for LMTP knows no sign-in. */
static bool parse_loopback(str where, struct sockaddr_storage *out, socklen_t *out_len)
{
	char host[64] = { 0 };
	int64_t port;
	ptrdiff_t colon = where.len;
	while (colon > 0 && where.ptr[colon - 1] != ':')
		colon--;
	str name = str_sub(where, 0, colon - 1);
	if (colon == 0 || !str_to_int(str_sub(where, colon, where.len), 0, 65535, &port) ||
	    name.len >= (ptrdiff_t)sizeof(host))
		return false;
	if (name.len > 2 && name.ptr[0] == '[')
		name = str_sub(name, 1, name.len - 1);
	if (name.len > 0)
		memcpy(host, name.ptr, (size_t)name.len);
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	if (inet_pton(AF_INET, host, &v4.sin_addr) == 1 && ntohl(v4.sin_addr.s_addr) >> 24 == 127) {
		memcpy(out, &v4, *out_len = sizeof(v4));
		return true;
	}
	if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1 && IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr)) {
		memcpy(out, &v6, *out_len = sizeof(v6));
		return true;
	}
	return false;
}

static int listen_tcp(str where, struct lmtp_server *server, struct err *err)
{
	struct sockaddr_storage address = { 0 };
	socklen_t len = 0;
	int on = 1;
	if (!parse_loopback(where, &address, &len)) {
		(void)err_set(err, ERR_INPUT,
			"LMTP has no sign-in: listen on unix:/path, 127.0.0.1:PORT or [::1]:PORT only");
		return -1;
	}
	int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(fd, (const struct sockaddr *)&address, len) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) != 0)
		return system_error(err, "listen on", where, fd);
	struct sockaddr_in v4;
	memcpy(&v4, &address, sizeof(v4));              /* the port is at the same place in both families */
	server->port = ntohs(v4.sin_port);
	return fd;
}

static void server_free(struct lmtp_server *server)
{
	if (server->listener >= 0)
		close(server->listener);
	if (server->wake >= 0)
		close(server->wake);
	if (server->path[0] != 0)
		(void)unlink(server->path);
	pthread_mutex_destroy(&server->lock);
	free(server->slots);
	free(server);
}

static void set_defaults(struct lmtp_server *server, const struct lmtp_server_options *options)
{
	struct lmtp_server_options *o = &server->options;
	*o = *options;
	o->connections_max = MIN(o->connections_max > 0 ? o->connections_max : CONNECTIONS_DEFAULT,
		CONNECTIONS_MOST);
	o->idle_timeout_ms = o->idle_timeout_ms > 0 ? o->idle_timeout_ms : IDLE_MS_DEFAULT;
	o->session_timeout_ms = o->session_timeout_ms > 0 ? o->session_timeout_ms : SESSION_MS_DEFAULT;
	atomic_init(&server->budget, o->memory_max > 0 ? o->memory_max : MEMORY_DEFAULT);
	o->session.budget = &server->budget;
}

bool lmtp_server_open(str where, const struct lmtp_server_options *options,
                      struct lmtp_server **out_server, struct err *err)
{
	/* heap: as long as the process serves */
	struct lmtp_server *server = calloc(1, sizeof(*server));
	if (server == NULL)
		abort();
	set_defaults(server, options);
	pthread_mutex_init(&server->lock, NULL);
	server->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	server->slots = calloc((size_t)server->options.connections_max, sizeof(*server->slots));
	if (server->slots == NULL)
		abort();
	for (int i = 0; i < server->options.connections_max; i++)
		server->slots[i] = (struct slot){ .server = server, .fd = -1 };
	server->listener = str_starts(where, S("unix:")) ? listen_unix(where, options, server, err) :
		listen_tcp(where, server, err);
	if (server->listener < 0) {
		server_free(server);
		return false;
	}
	if (server->wake < 0 || listen(server->listener, 64) != 0 ||
	    pthread_create(&server->acceptor, NULL, acceptor_main, server) != 0) {
		server_free(server);
		return err_set(err, ERR_SYSTEM, "LMTP: cannot listen on " STR_FMT ": %s", STR_ARG(where),
			strerror(errno));
	}
	*out_server = server;
	return true;
}

void lmtp_server_close(struct lmtp_server *server)
{
	if (server == NULL)
		return;
	uint64_t one = 1;
	while (write(server->wake, &one, sizeof(one)) < 0 && errno == EINTR)
		continue;
	pthread_join(server->acceptor, NULL);
	pthread_mutex_lock(&server->lock);
	/* wakes those that wait for their peer */
	for (int i = 0; i < server->options.connections_max; i++)
		if (server->slots[i].fd >= 0)
			(void)shutdown(server->slots[i].fd, SHUT_RD);
	pthread_mutex_unlock(&server->lock);
	for (int i = 0; i < server->options.connections_max; i++) {
		pthread_mutex_lock(&server->lock);
		bool used = server->slots[i].state != SLOT_FREE;
		pthread_mutex_unlock(&server->lock);
		if (used)
			pthread_join(server->slots[i].thread, NULL);
	}
	server_free(server);
}

int lmtp_server_port(const struct lmtp_server *server)
{
	return server->port;
}
