/* listen_priv.h - listening sockets: made, bound and checked here; the server only accepts on them. */
#pragma once
#include "http/server.h"

struct listen_socket { int fd, port; };

/* HTTP_PLAIN must name a loopback address.  A Unix socket is made 0660; a stale one is replaced, a live one
 * refused. */
MUST_CHECK bool listen_open(const struct http_listener *l, struct listen_socket *out_socket, struct err *err);
void listen_close(const struct http_listener *l, struct listen_socket *s);      /* removes the socket file */
