/* lmtp_server.h - LMTP on a Unix socket or loopback TCP: a thread that accepts, one per connection.
 *
 * I1. Never more than connections_max; the next one hears 421 and is closed.
 * I2. A peer that sends nothing for idle_timeout_ms, or takes longer than session_timeout_ms, is cut.
 * I3. lmtp_server_close returns when all its threads have ended; a delivery that runs is waited for.
 */
#pragma once
#include "mail/lmtp.h"

struct lmtp_server_options {
	struct lmtp_options session;
	int connections_max;            /* 0: 16 */
	int idle_timeout_ms;            /* 0: 60 s */
	int session_timeout_ms;         /* 0: 10 min */
	ptrdiff_t memory_max;           /* of all messages being received; 0: 128 MiB */
	int socket_mode;                /* of a Unix socket; 0: 0660 */
};

struct lmtp_server;

/* `where`: "unix:/path" or "127.0.0.1:PORT" or "[::1]:PORT" (port 0: any free one).  Other addresses are
 * refused. */
MUST_CHECK bool lmtp_server_open(str where, const struct lmtp_server_options *options,
                                 struct lmtp_server **out_server, struct err *err);
void            lmtp_server_close(struct lmtp_server *server);          /* NULL is fine */
int             lmtp_server_port(const struct lmtp_server *server);     /* 0 for a Unix socket */
