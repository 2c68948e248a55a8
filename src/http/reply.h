/* reply.h - the only way to answer.  Handlers return a struct reply *; only these make one.
 *
 * Records of cases and the directory leave as `struct released`, which only release/ makes (P3).
 * reply_json is for what is nobody's record: the service's own words, the regime, the caller's own session.
 *
 * A body is not copied: it lives in rq->arena, or longer than the server.
 */
#pragma once
#include "http/request.h"

struct buf;
struct reply;
struct released;
struct command;

struct reply *reply_released(struct request *rq, int status, const struct released *body);
struct reply *reply_json(struct request *rq, int status, const struct json *body);
struct reply *reply_html(struct request *rq, int status, str html);
struct reply *reply_bytes(struct request *rq, int status, const char *type, str bytes);
struct reply *reply_download(struct request *rq, const struct released *what, str name, str bytes);
struct reply *reply_redirect(struct request *rq, str location);         /* 303, to a path of ours only */
struct reply *reply_empty(struct request *rq);                          /* 204 */

/* RFC 9457 problem+json, or an HTML page if the route is html. */
struct reply *reply_error(struct request *rq, const struct err *err);
struct reply *reply_error_status(struct request *rq, int status, const struct err *err);

/* The same with a `code` of its own (NULL: that of the status) and with the members of `more` in it (an
 * object that this takes; or NULL), for callers that act on them.  Always JSON. */
struct reply *reply_problem(struct request *rq, int status, const char *code, const struct err *err,
                            struct json *more);

/* Add to a reply already made. */
void reply_header(struct reply *r, const char *name, str value);
void reply_etag(struct reply *r, str tag);              /* strong; answers If-None-Match with 304 */

/* HttpOnly, SameSite=Strict, Secure under TLS.  max_age_s 0 deletes it, negative: until the browser ends. */
void reply_cookie(struct reply *r, const char *name, str value, int64_t max_age_s);

/* Submit `c` to the writer, sleep, then call `finish` on a server thread, the command's outcome filled in. */
struct reply *reply_after(struct request *rq, struct command *c,
                          struct reply *(*finish)(struct request *rq, struct command *c));

/* Work that must not hold up a server thread (password hashing): runs on a small pool, then `finish`.
 * When the queue is full the client gets 503 and nothing is called.  `finish` may return reply_after. */
struct reply *reply_after_work(struct request *rq, void (*work)(void *arg), void *arg,
                               struct reply *(*finish)(struct request *rq, void *arg));

/* Server-sent events.  `next` is called at once, and when the board moved or 15 s passed: it appends whole
 * events to `out` (or nothing) and returns false to end the stream.  Who asks, and whether they may, is
 * checked again every 15 s.  During `next` rq->arena is a scratch arena that goes when the events are sent:
 * `state` is made before and changed in place, or streams that live for days would grow for days. */
struct reply *reply_stream(struct request *rq,
                           bool (*next)(struct request *rq, void *state, struct buf *out), void *state);
