#include "http/listen_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 512 };

union address {
	struct sockaddr     any;
	struct sockaddr_in  v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un  local;
};

static MUST_CHECK bool read_tcp_address(const struct http_listener *l, union address *out,
                                        socklen_t *out_length, struct err *err)
{
	union address at = { 0 };
	if (l->port < 0 || l->port > 65535)
		return err_set(err, ERR_INPUT, "port %d: must be 0 to 65535", l->port);
	bool loopback;
	if (inet_pton(AF_INET, l->address, &at.v4.sin_addr) == 1) {
		at.v4.sin_family = AF_INET;
		at.v4.sin_port = htons((uint16_t)l->port);
		*out_length = sizeof(at.v4);
		loopback = ntohl(at.v4.sin_addr.s_addr) >> 24 == 127;
	} else if (inet_pton(AF_INET6, l->address, &at.v6.sin6_addr) == 1) {
		at.v6.sin6_family = AF_INET6;
		at.v6.sin6_port = htons((uint16_t)l->port);
		*out_length = sizeof(at.v6);
		loopback = IN6_IS_ADDR_LOOPBACK(&at.v6.sin6_addr);
	} else {
		return err_set(err, ERR_INPUT, "'%s' is no IP address to listen on", l->address);
	}
	if (l->kind == HTTP_PLAIN && !loopback)
		return err_set(err, ERR_INPUT, "plain HTTP is for 127.0.0.1 and ::1 only, not %s: use TLS",
		               l->address);
	*out = at;
	return true;
}

static MUST_CHECK bool open_tcp(const struct http_listener *l, struct listen_socket *out, struct err *err)
{
	union address at;
	socklen_t length;
	if (!read_tcp_address(l, &at, &length, err))
		return false;
	int on = 1;
	int fd = socket(at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_set(err, ERR_SYSTEM, "cannot make a socket: %s", strerror(errno));
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, &at.any, length) != 0 || listen(fd, BACKLOG) != 0 ||
	    getsockname(fd, &at.any, &length) != 0) {
		(void)err_set(err, ERR_SYSTEM, "cannot listen on %s port %d: %s", l->address, l->port,
		              strerror(errno));
		close(fd);
		return false;
	}
	uint16_t port = at.any.sa_family == AF_INET ? at.v4.sin_port : at.v6.sin6_port;
	*out = (struct listen_socket){ fd, ntohs(port) };
	return true;
}

/* A socket file outlives a killed process: it is stale if nobody answers on it. */
static MUST_CHECK bool remove_stale(const union address *at, struct err *err)
{
	struct stat st;
	const char *path = at->local.sun_path;
	if (lstat(path, &st) != 0)
		return errno == ENOENT || err_set(err, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, ERR_SYSTEM, "%s is in the way and is no socket: move it", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool live = fd >= 0 && connect(fd, &at->any, sizeof(at->local)) == 0;
	if (fd >= 0)
		close(fd);
	if (live)
		return err_set(err, ERR_CONFLICT, "%s: another node is listening there: stop it first", path);
	(void)unlink(path);
	return true;
}

static MUST_CHECK bool open_unix(const struct http_listener *l, struct listen_socket *out, struct err *err)
{
	union address at = { .local.sun_family = AF_UNIX };
	if (strlen(l->address) >= sizeof(at.local.sun_path))
		return err_set(err, ERR_INPUT, "%s: a socket's path has at most %d bytes", l->address,
		               (int)sizeof(at.local.sun_path) - 1);
	memcpy(at.local.sun_path, l->address, strlen(l->address));
	if (!remove_stale(&at, err))
		return false;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_set(err, ERR_SYSTEM, "cannot make a socket: %s", strerror(errno));
	/* Nobody can connect before listen, so the mode is right from the first moment. */
	if (bind(fd, &at.any, sizeof(at.local)) != 0 || chmod(l->address, 0660) != 0 ||
	    listen(fd, BACKLOG) != 0) {
		(void)err_set(err, ERR_SYSTEM, "cannot listen on %s: %s", l->address, strerror(errno));
		close(fd);
		return false;
	}
	*out = (struct listen_socket){ fd, 0 };
	return true;
}

bool listen_open(const struct http_listener *l, struct listen_socket *out_socket, struct err *err)
{
	return l->kind == HTTP_UNIX ? open_unix(l, out_socket, err) : open_tcp(l, out_socket, err);
}

void listen_close(const struct http_listener *l, struct listen_socket *s)
{
	if (s->fd < 0)
		return;
	close(s->fd);
	if (l->kind == HTTP_UNIX)
		(void)unlink(l->address);
	s->fd = -1;
}
