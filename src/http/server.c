/* The life of a request here:
 *
 *   on_uri -> HEAD -> BODY -> (handler) -> ASLEEP -> ... -> SENT -> on_completed
 *                \-> DRAIN (refused, but the client still sends) -/
 *
 * libmicrohttpd runs each connection on one of its threads and never two callbacks of it at once.  A
 * suspended connection is in nobody's loop: its socket is not watched, it has no timeout and cannot be freed,
 * so that `done` finds its exchange alive whatever the client did.  MHD_stop_daemon aborts the process if one
 * is left; hence `closing`: once it is set nothing suspends any more, and close waits for those that sleep.
 */
#include "http/server.h"

#include <microhttpd.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "base/buf.h"
#include "base/log.h"
#include "http/dispatch_priv.h"
#include "http/listen_priv.h"
#include "http/openapi_priv.h"
#include "http/peers_priv.h"
#include "http/upload_priv.h"
#include "http/work_priv.h"

enum {
	LISTENERS_MAX = 8,
	WORK_THREADS = 2,
	WORK_QUEUE_MAX = 64,
	DRAIN_MAX = 1 << 20, /* bytes of a refused body that are read so that the client sees why */
	STREAM_TURN_MAX = 256 << 10,
	BYTES_PER_MS_MIN = 8,
};

struct listener {
	struct http_server  *server;
	struct http_listener what;
	struct listen_socket socket;
	struct MHD_Daemon   *daemon;
};

enum phase { PHASE_HEAD, PHASE_BODY, PHASE_ASLEEP, PHASE_SENT };

/* One request.  Used by one thread at a time: its connection's; while asleep the writer's or a worker's. */
struct exchange {
	struct http_server     *server;
	struct MHD_Connection  *connection;
	struct peer            *peer;
	enum phase              phase;
	struct arena            arena;
	struct request          rq;
	struct request_private  priv;
	struct reply *reply; /* asleep: what to finish; body: the refusal to send at its end */
	bool                    refused;        /* the pool had no room */
	int                     status;
	int64_t                 began_ms, drained;
	struct upload           upload;

	/* A stream; the first four are guarded by the server's lock. */
	struct exchange        *next_stream, *before_stream;
	bool                    sleeping;
	int64_t                 ping_ms;
	uint64_t                seen;           /* the board this stream has shown */
	bool                    started, ended;
	struct arena            turn;
	struct buf              out;
	ptrdiff_t               out_sent;
};

struct http_server {
	struct http_options  options;
	struct arena         arena;             /* router and API document: from open to close */
	struct dispatch      dispatch;
	struct listener      listeners[LISTENERS_MAX];
	ptrdiff_t            listener_count;
	struct work         *work;
	pthread_t            ticker;
	bool                 ticking;
	struct peers         peers;
	atomic_llong         uploads;           /* bytes of bodies held */
	atomic_llong         under_way;         /* exchanges */
	atomic_ullong        numbers;

	pthread_mutex_t lock; /* guards all below; never held while a handler or hook runs */
	pthread_cond_t       changed;
	struct exchange     *streams;
	int                  stream_count;
	int                  asleep;            /* exchanges that wait for a command or for work */
	uint64_t             board;             /* grows with each wake-up of the streams */
	bool                 moved;             /* since then */
	int64_t              woken_ms;
	bool                 closing, stopping;
};

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A client gets the grace, and the time its bytes take at the least speed. */
static void allow_bytes(struct exchange *ex, int64_t bytes)
{
	peers_allow(ex->peer, now_ms() + ex->server->options.slow_ms + bytes / BYTES_PER_MS_MIN);
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
	struct listener *l = cls;
	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		peers_remove(&l->server->peers, *context);
		*context = NULL;
		return;
	}
	int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	const struct sockaddr *from = l->what.kind == HTTP_UNIX ? NULL
		: MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
	struct peer *p = peers_add(&l->server->peers, fd, from);
	if (p != NULL)                          /* else its first request is refused */
		peers_allow(p, now_ms() + l->server->options.head_ms);
	*context = p;
}

/* --- replies --- */

static enum MHD_Result queue(struct exchange *ex, struct MHD_Response *response)
{
	struct reply *r = ex->reply;
	for (const struct reply_field *f = r->fields; f != NULL; f = f->next)
		(void)MHD_add_response_header(response, f->name, f->value.ptr);
	enum MHD_Result sent = MHD_queue_response(ex->connection, (unsigned)r->status, response);
	MHD_destroy_response(response);
	ex->phase = PHASE_SENT;
	ex->status = r->status;
	return sent;
}

static enum MHD_Result send_reply(struct exchange *ex, struct reply *r)
{
	reply_finish(r);
	ex->reply = r;
	/* The library takes `void *`, but only reads what is PERSISTENT; the bytes live in the arena. */
	union { const char *in; void *out; } bytes = { r->body.ptr };
	struct MHD_Response *response = MHD_create_response_from_buffer((size_t)r->body.len, bytes.out,
	                                                                MHD_RESPMEM_PERSISTENT);
	if (response == NULL)
		return MHD_NO;
	allow_bytes(ex, r->body.len);
	return queue(ex, response);
}

/* --- streams --- */

static void unlink_stream(struct http_server *s, struct exchange *ex)
{
	pthread_mutex_lock(&s->lock);
	if (ex->next_stream != NULL)
		ex->next_stream->before_stream = ex->before_stream;
	if (ex->before_stream != NULL)
		ex->before_stream->next_stream = ex->next_stream;
	else
		s->streams = ex->next_stream;
	s->stream_count--;
	pthread_mutex_unlock(&s->lock);
}

static void on_stream_freed(void *cls)
{
	struct exchange *ex = cls;
	unlink_stream(ex->server, ex);
}

/* Asks the handler for more, in an arena of this turn. */
static void make_turn(struct exchange *ex)
{
	struct reply *r = ex->reply;
	arena_reset(&ex->turn);
	buf_init(&ex->out, &ex->turn, STREAM_TURN_MAX);
	ex->out_sent = 0;
	ex->rq.arena = &ex->turn;
	bool ping = now_ms() >= ex->ping_ms;
	if (ping && ex->started && !dispatch_still_allowed(&ex->server->dispatch, &ex->rq))
		ex->ended = true;
	else
		ex->ended = !r->next(&ex->rq, r->arg, &ex->out) || ex->out.over || ex->turn.over;
	ex->rq.arena = &ex->arena;
	if (ping && ex->out.len == 0 && !ex->ended)
		buf_add(&ex->out, S(":\n\n"));  /* a comment: finds out that a client is gone */
	ex->started = true;
}

enum stream_step { STREAM_MAKE, STREAM_SLEEP, STREAM_END };

static enum stream_step plan_stream(struct exchange *ex)
{
	struct http_server *s = ex->server;
	enum stream_step step = STREAM_MAKE;
	int64_t now = now_ms();
	pthread_mutex_lock(&s->lock);
	if (s->closing) {
		step = STREAM_END;
	} else if (ex->started && ex->seen == s->board && now < ex->ping_ms) {
		step = STREAM_SLEEP;
		ex->sleeping = true;
		peers_allow(ex->peer, 0);
		MHD_suspend_connection(ex->connection);
	}
	ex->seen = s->board;
	pthread_mutex_unlock(&s->lock);
	return step;
}

static ssize_t read_stream(void *cls, uint64_t position, char *to, size_t room)
{
	struct exchange *ex = cls;
	(void)position;
	while (ex->out_sent == ex->out.len) {
		enum stream_step step = ex->ended ? STREAM_END : plan_stream(ex);
		if (step == STREAM_END)
			return MHD_CONTENT_READER_END_OF_STREAM;
		if (step == STREAM_SLEEP)
			return 0;
		bool ping = now_ms() >= ex->ping_ms;
		make_turn(ex);
		if (!ping)
			continue;
		pthread_mutex_lock(&ex->server->lock);
		ex->ping_ms = now_ms() + ex->server->options.ping_ms;
		pthread_mutex_unlock(&ex->server->lock);
	}
	ptrdiff_t n = MIN((ptrdiff_t)room, ex->out.len - ex->out_sent);
	memcpy(to, ex->out.ptr + ex->out_sent, (size_t)n);
	ex->out_sent += n;
	allow_bytes(ex, n);
	return (ssize_t)n;
}

static bool link_stream(struct http_server *s, struct exchange *ex)
{
	pthread_mutex_lock(&s->lock);
	bool room = !s->closing && s->stream_count < s->options.streams_max;
	if (room) {
		ex->next_stream = s->streams;
		if (ex->next_stream != NULL)
			ex->next_stream->before_stream = ex;
		s->streams = ex;
		s->stream_count++;
	}
	pthread_mutex_unlock(&s->lock);
	return room;
}

static enum MHD_Result send_stream(struct exchange *ex, struct reply *r)
{
	if (!link_stream(ex->server, ex))
		return send_reply(
		        ex, reply_refuse(&ex->rq, 503, ERR_RETRY, "too many live views are open: try later"));
	arena_init(&ex->turn, 4 << 20, ARENA_HARD_DEFAULT);
	reply_finish(r);
	ex->reply = r;
	struct MHD_Response *response =
	        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, read_stream, ex, NULL);
	arena_defer(&ex->arena, on_stream_freed, ex);
	if (response == NULL)
		return MHD_NO;
	allow_bytes(ex, 0);
	return queue(ex, response);
}

/* --- sleeping until a command or work is done --- */

static void wake(struct exchange *ex)
{
	struct http_server *s = ex->server;
	pthread_mutex_lock(&s->lock);
	MHD_resume_connection(ex->connection);  /* from here the exchange is its connection's again */
	s->asleep--;
	if (s->closing)
		pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static void on_done(struct command *c, void *cls)
{
	(void)c;
	wake(cls);
}

static void run_work(void *cls)
{
	struct exchange *ex = cls;
	ex->reply->work(ex->reply->arg);
	wake(ex);
}

static enum MHD_Result fall_asleep(struct exchange *ex, struct reply *r)
{
	struct http_server *s = ex->server;
	pthread_mutex_lock(&s->lock);
	bool closing = s->closing;
	if (!closing) {
		s->asleep++;
		ex->phase = PHASE_ASLEEP;
		ex->reply = r;
		peers_allow(ex->peer, 0);
		MHD_suspend_connection(ex->connection);
	}
	pthread_mutex_unlock(&s->lock);
	if (closing)
		return send_reply(ex, reply_refuse(&ex->rq, 503, ERR_RETRY,
		                                   "the server is stopping: nothing was stored"));
	if (r->kind == REPLY_AFTER) {
		s->dispatch.hooks.submit(s->dispatch.hooks.ctx, r->command, on_done, ex);
	} else if (!work_submit(s->work, run_work, ex)) {
		ex->refused = true;
		wake(ex);
	}
	return MHD_YES;
}

static enum MHD_Result conclude(struct exchange *ex, struct reply *r)
{
	switch (r->kind) {
	case REPLY_BODY:
		return send_reply(ex, r);
	case REPLY_STREAM:
		if (str_eq(ex->rq.method, S("HEAD"))) {
			r->body = (str){ 0 };
			return send_reply(ex, r);
		}
		return send_stream(ex, r);
	case REPLY_AFTER:
	case REPLY_WORK:
		break;
	}
	return fall_asleep(ex, r);
}

static enum MHD_Result finish_sleep(struct exchange *ex)
{
	struct reply *r = ex->reply;
	if (ex->refused) {
		ex->refused = false;
		return send_reply(ex, reply_refuse(&ex->rq, 503, ERR_RETRY,
		                                   "too much is going on: try again in a moment"));
	}
	struct reply *next = r->kind == REPLY_AFTER ? r->finish_command(&ex->rq, r->command)
	                                            : r->finish_work(&ex->rq, r->arg);
	ASSERT(next != NULL);
	return conclude(ex, next);
}

/* --- requests --- */

/* Called when the request line is in: the exchange begins here and ends in on_completed, whatever happens. */
static void *on_uri(void *cls, const char *uri, struct MHD_Connection *connection)
{
	struct listener *l = cls;
	struct http_server *s = l->server;
	const union MHD_ConnectionInfo *info =
	        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct peer *p = info ? info->socket_context : NULL;
	struct exchange *ex = p ? calloc(1, sizeof(*ex)) : NULL; /* heap: owner of the request's arena */
	if (ex == NULL)
		return NULL;
	arena_init(&ex->arena, ARENA_SOFT_DEFAULT, ARENA_HARD_DEFAULT);
	str_cut_result parts = str_cut(arena_dup(&ex->arena, str_from(uri)), '?');
	ex->server = s;
	ex->connection = connection;
	ex->peer = p;
	ex->began_ms = now_ms();
	ex->priv.raw_query = parts.tail;
	ex->priv.number = atomic_fetch_add(&s->numbers, 1);
	ex->priv.loopback = l->what.kind == HTTP_PLAIN;
	ex->priv.dispatch = &s->dispatch;
	ex->rq = (struct request){
		.arena = &ex->arena, .node = s->options.node, .path = parts.head, .priv = &ex->priv,
		.local = l->what.kind == HTTP_UNIX, .secure = l->what.kind == HTTP_TLS,
		.peer_uid = p->uid, .remote = str_from(p->remote),
	};
	atomic_fetch_add(&s->under_way, 1);
	return ex;
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
                         enum MHD_RequestTerminationCode how)
{
	struct exchange *ex = *con_cls;
	(void)cls, (void)connection, (void)how;
	if (ex == NULL)
		return;
	struct http_server *s = ex->server;
	const struct http_hooks *hooks = &s->dispatch.hooks;
	int64_t now = now_ms();
	if (hooks->seen != NULL && ex->status != 0)
		hooks->seen(hooks->ctx, ex->rq.route, ex->status, (now - ex->began_ms) * 1000);
	peers_allow(ex->peer, now + s->options.head_ms);
	upload_done(&ex->upload);
	arena_done(&ex->arena);                 /* a stream leaves the list here */
	if (ex->turn.hard != 0)
		arena_done(&ex->turn);
	free(ex);
	*con_cls = NULL;
	if (atomic_fetch_sub(&s->under_way, 1) > 1)
		return;
	pthread_mutex_lock(&s->lock);
	if (s->closing)
		pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static enum MHD_Result add_header(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_length,
                                  const char *value, size_t value_length)
{
	struct exchange *ex = cls;
	struct pairs *to = &ex->priv.headers;
	(void)kind;
	if (to->count == PARAMS_MAX)
		return MHD_NO;
	to->at[to->count++] =
	        (struct pair){ { name, (ptrdiff_t)name_length }, { value, (ptrdiff_t)value_length } };
	return MHD_YES;
}

static int64_t announced_length(const struct request *rq)
{
	int64_t n = 0;
	if (request_header(rq, "Transfer-Encoding").len > 0)
		return -1;
	str text = request_header(rq, "Content-Length");
	/* Past what an int64 holds it is too large for every route. */
	return text.len == 0 || str_to_int(text, 0, INT64_MAX, &n) ? n : INT64_MAX;
}

/* Closing a socket that still holds unread bytes resets it, and the client may never see our reply: a refused
 * body is read to its end if that is near.  If the client waits for our word, the reply goes out at once. */
static bool worth_draining(const struct exchange *ex, const struct reply *refused)
{
	bool waits = str_eq_nocase(request_header(&ex->rq, "Expect"), S("100-continue"));
	return ex->priv.body_length != 0 && ex->priv.body_length <= DRAIN_MAX && !waits &&
	       !reply_has_header(refused, "Connection");
}

static enum MHD_Result start(struct exchange *ex, const char *method)
{
	ex->priv.headers.at = NEW(
	        &ex->arena, struct pair,
	        MIN(MHD_get_connection_values_n(ex->connection, MHD_HEADER_KIND, NULL, NULL), PARAMS_MAX));
	(void)MHD_get_connection_values_n(ex->connection, MHD_HEADER_KIND, add_header, ex);
	ex->rq.method = arena_dup(&ex->arena, str_from(method));
	ex->priv.body_length = announced_length(&ex->rq);
	struct reply *refused = dispatch_head(&ex->server->dispatch, &ex->rq);
	ptrdiff_t body_max = dispatch_body_max(ex->rq.route);
	ex->arena.soft += 4 * MIN(body_max, 32 << 20);
	ex->upload = (struct upload){
		.announced = (ptrdiff_t)ex->priv.body_length, .most = body_max,
		.held = &ex->server->uploads, .held_max = ex->server->options.uploads_max,
	};
	allow_bytes(ex, ex->priv.body_length < 0 ? body_max : MIN(ex->priv.body_length, body_max));
	if (refused != NULL && !worth_draining(ex, refused))
		return conclude(ex, refused);
	ex->reply = refused;
	ex->phase = PHASE_BODY;
	return MHD_YES;
}

static enum MHD_Result take_body(struct exchange *ex, str bytes)
{
	struct err err;
	if (ex->reply == NULL && upload_add(&ex->upload, bytes, &err))
		return MHD_YES;
	if (ex->reply == NULL)
		ex->reply = reply_error_status(&ex->rq, err.code == ERR_LIMIT ? 413 : 503, &err);
	/* The library takes no reply in the middle of a body: read on without storing, but not for ever. */
	ex->drained += bytes.len;
	return ex->drained > DRAIN_MAX ? MHD_NO : MHD_YES;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **con_cls)
{
	struct exchange *ex = *con_cls;
	(void)cls, (void)connection, (void)url, (void)version;
	if (ex == NULL)
		return MHD_NO;
	switch (ex->phase) {
	case PHASE_HEAD:
		return start(ex, method);
	case PHASE_BODY:
		if (*upload_size > 0) {
			str bytes = { upload, (ptrdiff_t)*upload_size };
			*upload_size = 0;
			return take_body(ex, bytes);
		}
		if (ex->reply != NULL)
			return send_reply(ex, ex->reply);
		ex->rq.body = (str){ ex->upload.bytes, ex->upload.length };
		return conclude(ex, dispatch_body(&ex->server->dispatch, &ex->rq));
	case PHASE_ASLEEP:
		return finish_sleep(ex);
	case PHASE_SENT:
		break;
	}
	return MHD_NO;
}

/* --- the ticker: wakes streams, ends connections that are too slow --- */

static void wake_streams(struct http_server *s, bool all, int64_t now)
{
	for (struct exchange *ex = s->streams; ex != NULL; ex = ex->next_stream) {
		if (ex->sleeping && (all || now >= ex->ping_ms)) {
			ex->sleeping = false;
			peers_allow(ex->peer, now + s->options.slow_ms);
			MHD_resume_connection(ex->connection);
		}
	}
}

static void wait_until(struct http_server *s, int64_t ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };
	(void)pthread_cond_timedwait(&s->changed, &s->lock, &t);
}

static void *tick(void *cls)
{
	struct http_server *s = cls;
	int64_t shortest = MIN(MIN(s->options.head_ms, s->options.slow_ms), s->options.ping_ms);
	int64_t every_ms = MAX(MIN(shortest / 4, 1000), 10), sweep_ms = now_ms() + every_ms;
	pthread_mutex_lock(&s->lock);
	while (!s->stopping) {
		int64_t now = now_ms();
		if (s->moved && now >= s->woken_ms + s->options.board_ms) {
			s->moved = false;
			s->board++;
			s->woken_ms = now;
			wake_streams(s, true, now);
		}
		if (now >= sweep_ms) {
			wake_streams(s, false, now);
			peers_sweep(&s->peers, now);
			sweep_ms = now + every_ms;
		}
		wait_until(s, s->moved ? MIN(sweep_ms, s->woken_ms + s->options.board_ms) : sweep_ms);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

void http_server_board_moved(struct http_server *s)
{
	pthread_mutex_lock(&s->lock);
	if (!s->moved) {
		s->moved = true;
		pthread_cond_broadcast(&s->changed);
	}
	pthread_mutex_unlock(&s->lock);
}

/* --- opening and closing --- */

/* Everything is decoded in params.c, where a zero byte or bad UTF-8 is refused. */
static size_t keep_escapes(void *cls, struct MHD_Connection *connection, char *text)
{
	(void)cls, (void)connection;
	return strlen(text);
}

static __attribute__((format(printf, 2, 0))) void log_library(void *cls, const char *format, va_list ap)
{
	char text[300];
	(void)cls;
	(void)vsnprintf(text, sizeof(text), format, ap);
	log_event(LOG_DEBUG, "http.library", LOG_TEXT("text", str_trim(str_from(text))));
}

static MUST_CHECK bool start_listener(struct http_server *s, struct listener *l, struct err *err)
{
	const struct http_options *o = &s->options;
	bool tls = l->what.kind == HTTP_TLS;
	union { const char *in; void *out; } key = { o->key_pem }, certificate = { o->certificate_pem };
	const char *priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
	union { const char *in; void *out; } priority = { priorities };
	if (tls && (key.in == NULL || certificate.in == NULL))
		return err_set(err, ERR_INPUT, "a TLS listener needs a certificate and its key");
	if (!listen_open(&l->what, &l->socket, err))
		return false;
	const struct MHD_OptionItem tls_options[] = {
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, key.out },
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, certificate.out },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, priority.out },
		{ MHD_OPTION_END, 0, NULL },
	};
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
	unsigned threads = l->what.kind == HTTP_UNIX || o->threads == 1 ? 0 : (unsigned)o->threads;
	l->daemon = MHD_start_daemon(
		flags | (tls ? (unsigned)MHD_USE_TLS : 0), 0, NULL, NULL, on_request, l,
		MHD_OPTION_EXTERNAL_LOGGER, log_library, NULL,
		MHD_OPTION_LISTEN_SOCKET, l->socket.fd,
		MHD_OPTION_THREAD_POOL_SIZE, threads,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)o->connections_max,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)o->header_max,
		MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
		MHD_OPTION_URI_LOG_CALLBACK, on_uri, l,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, l,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, l,
		MHD_OPTION_ARRAY, tls_options + (tls ? 0 : COUNTOF(tls_options) - 1),
		MHD_OPTION_END);
	if (l->daemon == NULL)
		return err_set(err, ERR_SYSTEM, "cannot serve %s%s", l->what.address,
		               tls ? ": is the certificate for this key, and both PEM?" : "");
	return true;
}

static void set_defaults(struct http_options *o)
{
	const struct { int *value, standard;
	} numbers[] = {
		{ &o->threads, 2 },     { &o->connections_max, 1000 }, { &o->streams_max, 200 },
		{ &o->head_ms, 30000 }, { &o->slow_ms, 30000 },        { &o->board_ms, 250 },
		{ &o->ping_ms, 15000 }, { &o->drain_ms, 3000 },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(numbers); i++) {
		if (*numbers[i].value == 0)
			*numbers[i].value = numbers[i].standard;
	}
	o->header_max = o->header_max ? o->header_max : 16 << 10;
	o->uploads_max = o->uploads_max ? o->uploads_max : 128 << 20;
}

static MUST_CHECK bool load_routes(struct http_server *s, const struct route_table *tables, ptrdiff_t count,
                                   struct err *err)
{
	struct router *router;
	struct route_table *all = NEW(&s->arena, struct route_table, count + 1);
	for (ptrdiff_t i = 0; i < count; i++)
		all[i] = tables[i];
	all[count] = OPENAPI_ROUTES;
	if (!router_new(&s->arena, all, count + 1, &router, err))
		return false;
	s->dispatch.router = router;
	return openapi_format(&s->arena, all, count + 1, &s->options, &s->dispatch.api_document, err);
}

static void init_locks(struct http_server *s)
{
	pthread_condattr_t attributes;
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&s->changed, &attributes);
	pthread_condattr_destroy(&attributes);
}

static MUST_CHECK bool start_server(struct http_server *s, struct err *err)
{
	if (!work_open(WORK_THREADS, WORK_QUEUE_MAX, &s->work, err))
		return false;
	int failed = pthread_create(&s->ticker, NULL, tick, s);
	if (failed)
		return err_set(err, ERR_SYSTEM, "http: cannot start a thread: %s", strerror(failed));
	s->ticking = true;
	for (; s->listener_count < s->options.listener_count; s->listener_count++) {
		struct listener *l = &s->listeners[s->listener_count];
		*l = (struct listener){ s, s->options.listeners[s->listener_count], { -1, 0 }, NULL };
		if (!start_listener(s, l, err)) {
			listen_close(&l->what, &l->socket);
			return false;
		}
	}
	return true;
}

bool http_server_open(const struct http_options *options, const struct route_table *tables, ptrdiff_t count,
                      const struct http_hooks *hooks, struct http_server **out_server, struct err *err)
{
	if (options->listener_count > LISTENERS_MAX)
		return err_set(err, ERR_INPUT, "at most %d addresses to listen on", LISTENERS_MAX);
	struct http_server *s = calloc(1, sizeof(*s)); /* heap: shared by the library's threads until close */
	if (s == NULL)
		return err_set(err, ERR_SYSTEM, "http: out of memory");
	s->options = *options;
	set_defaults(&s->options);
	arena_init(&s->arena, 64 << 20, ARENA_HARD_DEFAULT);
	init_locks(s);
	peers_init(&s->peers);
	s->dispatch.hooks = *hooks;
	s->dispatch.assets = options->assets;
	s->dispatch.origin = options->origin;
	atomic_store(&s->numbers, (unsigned long long)now_ms() << 20);
	if (!load_routes(s, tables, count, err) || !start_server(s, err)) {
		http_server_close(s);
		return false;
	}
	*out_server = s;
	return true;
}

/* Nothing new comes in; what sleeps is waited for; what is being sent gets drain_ms. */
static void drain(struct http_server *s)
{
	for (ptrdiff_t i = 0; i < s->listener_count; i++) {
		/* The socket is ours again; the library would close it otherwise. */
		MHD_socket fd = MHD_quiesce_daemon(s->listeners[i].daemon);
		ASSERT(fd == s->listeners[i].socket.fd);
	}
	pthread_mutex_lock(&s->lock);
	s->closing = true;
	wake_streams(s, true, now_ms());
	while (s->asleep > 0)
		pthread_cond_wait(&s->changed, &s->lock);
	int64_t last_ms = now_ms() + s->options.drain_ms;
	while (atomic_load(&s->under_way) > 0 && now_ms() < last_ms)
		wait_until(s, last_ms);
	s->stopping = true;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

void http_server_close(struct http_server *s)
{
	if (s == NULL)
		return;
	drain(s);
	if (s->ticking)
		pthread_join(s->ticker, NULL);
	for (ptrdiff_t i = 0; i < s->listener_count; i++) {
		MHD_stop_daemon(s->listeners[i].daemon);
		listen_close(&s->listeners[i].what, &s->listeners[i].socket);
	}
	work_close(s->work);
	peers_done(&s->peers);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	arena_done(&s->arena);
	free(s);
}

int http_server_port(const struct http_server *s, ptrdiff_t listener)
{
	ASSERT(listener >= 0 && listener < s->listener_count);
	return s->listeners[listener].socket.port;
}
