/* transfer.h - what is common to all that goes out through libcurl: TLS choices, servers, start-up.
 *
 * net/transfer.c is the one owner of libcurl.  No proxy, no .netrc, no environment: only what is given here.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum net_tls {
	NET_TLS_REQUIRED,       /* STARTTLS, or nothing is sent */
	NET_TLS_IMPLICIT,       /* TLS from the first byte: smtps, imaps */
	NET_TLS_OPTIONAL,       /* STARTTLS when offered; what is offered is still verified */
	NET_TLS_NONE,
};

/* A server of ours: one that the operator configured.  Strings are borrowed while it is open. */
struct net_server {
	str  host;
	int  port;
	enum net_tls tls;
	str  ca_file;           /* empty: the system's */
	str  user, password;    /* user empty: no sign-in.  Never without TLS, except to loopback */
	int  connect_timeout_ms;        /* 0: 20 s */
	int  timeout_ms;                /* of one message; 0: 5 min */
};

/* Once per process, before threads; more calls are harmless. */
void net_init(void);
