/* reply.h - the only way to answer.  Handlers return a struct reply *; only these make one.
 *
 * Records of cases and the directory leave as `struct released`, which only release/ makes (P3).
 * reply_json is for what is nobody's record: the service's own words, the regime, the caller's own session.
 */
#pragma once
#include "http/request.h"

struct reply;
struct released;
struct command;

struct reply *reply_released(struct request *rq, int status, const struct released *body);
struct reply *reply_json(struct request *rq, int status, const struct json *body);
struct reply *reply_html(struct request *rq, int status, str html);
struct reply *reply_bytes(struct request *rq, int status, const char *type, str bytes);        /* static files, exports */
struct reply *reply_download(struct request *rq, const struct released *what, str name, str bytes); /* attachment, nosniff */
struct reply *reply_redirect(struct request *rq, str location);         /* 303 */
struct reply *reply_empty(struct request *rq);                          /* 204 */
struct reply *reply_error(struct request *rq, const struct err *err);   /* RFC 9457 problem+json, or HTML for a browser's form */

/* Adds to a reply already made. */
void reply_header(struct reply *r, const char *name, str value);
void reply_cookie(struct reply *r, const char *name, str value, int64_t max_age_s);    /* HttpOnly, SameSite=Strict, Secure under TLS */
void reply_etag(struct reply *r, str tag);                              /* strong; answers If-None-Match with 304 */

/* Submit `c` to the writer, sleep, then call `finish` on a server thread with the command's outcome filled in. */
struct reply *reply_after(struct request *rq, struct command *c, struct reply *(*finish)(struct request *rq, struct command *c));

/* Work that must not hold up a server thread (password hashing): runs on a small pool, then `finish`. */
struct reply *reply_after_work(struct request *rq, void (*work)(void *arg), void *arg,
                               struct reply *(*finish)(struct request *rq, void *arg));

/* Server-sent events.  `next` is called when the board moved or 15 s passed: it appends whole events to `out`
 * (or nothing) and returns false to end the stream.  `state` lives in the request's arena. */
struct buf;
struct reply *reply_stream(struct request *rq, bool (*next)(struct request *rq, void *state, struct buf *out), void *state);
