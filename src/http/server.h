/* server.h - listens, reads requests, runs routes, writes replies.  The one owner of libmicrohttpd.
 *
 * I1. A handler never runs while the server holds a lock, and only ever on a server thread.
 * I2. What a route row does not allow never reaches its handler (dispatch_priv.h has the order of checks).
 * I3. Bytes buffered for one request never pass its route's body_max; for all requests together never
 *     `uploads_max`.  More is 413 or 503, decided before it is stored.
 * I4. http_server_close returns only when no handler, command or work of this server is under way.
 *     The writer must still run while it is called: it waits for every `done`.
 * I5. A client that goes away does not stop a command that was submitted; `finish` then runs for nobody.
 *
 * Plain TCP is refused for anything but a loopback address, and there only loopback names are accepted as
 * Host (a page on the internet could otherwise point its own name at 127.0.0.1 and be "same origin").
 */
#pragma once
#include "http/route.h"

/* The cookie that identifies a session; named here because the API document names it. */
#define HTTP_SESSION_COOKIE     "naubat_session"

struct http_server;
struct assets;
struct command;

enum http_listener_kind {
	HTTP_PLAIN,             /* TCP without TLS: loopback only (the demonstration) */
	HTTP_TLS,               /* TLS 1.3 and 1.2 */
	HTTP_UNIX,              /* the operator's socket: request.local, and the peer's ids from the kernel */
};

struct http_listener {
	enum http_listener_kind kind;
	const char *address;    /* "127.0.0.1", "::1", "0.0.0.0" ...; for HTTP_UNIX the socket's path */
	int         port;       /* 0: any free one; http_server_port tells */
};

struct http_options {
	const struct http_listener *listeners;
	ptrdiff_t   listener_count;
	const struct node   *node;      /* handed to every request */
	const struct assets *assets;    /* answers what no route answers; NULL: 404 */
	const char *certificate_pem;    /* for HTTP_TLS: texts, not paths; must outlive the server */
	const char *key_pem;
	str         origin;             /* "https://cert.example" behind a proxy; else from Host */
	str         title, version;     /* for the OpenAPI document */

	/* Zero means the default in brackets. */
	int         threads;            /* of each TCP listener [2]; a Unix socket has one */
	int         connections_max;    /* of each listener [1000] */
	int         streams_max;        /* open event streams [200] */
	int         head_ms;            /* from connecting or the last reply to the end of a header [30000] */
	int         slow_ms;            /* for a body or a reply, besides its size at 8 KiB/s [30000] */
	int         board_ms;           /* least time between two wake-ups of the streams [250] */
	int         ping_ms;            /* a silent stream says something this often [15000] */
	int         drain_ms;           /* on close: time for replies under way [3000] */
	ptrdiff_t   header_max;         /* bytes of request line and headers together [16 KiB] */
	ptrdiff_t   uploads_max;        /* bytes of bodies held at once [128 MiB] */
};

/* What the server asks of the rest.  `ctx` is yours.  All are called on server threads, several at once, and
 * must not block for long.  admit and seen may be NULL. */
struct http_hooks {
	void *ctx;

	/* Before anything else; rq->route is NULL if none matched.  ERR_LIMIT becomes 429. */
	bool (*admit)(void *ctx, const struct request *rq, struct err *err);

	/* Who asks, by cookie, token or socket; *out_who stays NULL for nobody.  A stale cookie is
	 * ERR_SIGN_IN: a public route then sees nobody, any other answers 401. */
	bool (*identify)(void *ctx, struct request *rq, const struct identity **out_who, struct err *err);

	/* ERR_DENIED with what whoever may not is told. */
	bool (*may)(void *ctx, const struct identity *who, enum perm need, struct err *err);

	/* Hands `c` to the writer; `done` is called once, on any thread, even before submit returns.
	 * With commit.h: c->done = done, c->done_ctx = done_ctx, submit. */
	void (*submit)(void *ctx, struct command *c, void (*done)(struct command *c, void *done_ctx),
	               void *done_ctx);

	/* After each reply, for metrics: never the path, which may hold what must not be counted. */
	void (*seen)(void *ctx, const struct route *route, int status, int64_t took_us);
};

struct route_table { const struct route *rows; ptrdiff_t count; };

/* The tables and the options' pointers are borrowed until close; `hooks` is copied.  Refuses: a row without a
 * permission, two rows for one method and path, a path that cannot be compiled, an address in use. */
MUST_CHECK bool http_server_open(const struct http_options *options, const struct route_table *tables,
                                 ptrdiff_t count, const struct http_hooks *hooks,
                                 struct http_server **out_server, struct err *err);
void http_server_close(struct http_server *server);             /* NULL is fine */
int  http_server_port(const struct http_server *server, ptrdiff_t listener);    /* 0 for a Unix socket */

/* Something changed that streams may show: wakes them, at most every board_ms.  Cheap, any thread. */
void http_server_board_moved(struct http_server *server);
