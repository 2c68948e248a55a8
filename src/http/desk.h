/* desk.h - what the routes of cases share: reading for the person who asks, and handing commands to the
 * writer. */
#pragma once
#include "commit/commit.h"
#include "http/node.h"
#include "http/reply.h"
#include "http/route.h"
#include "query/view.h"

struct intake;

/* A connection and a scope for rq->who, in one snapshot.  desk_close gives the connection back; always call
 * it. */
MUST_CHECK bool desk_open(struct request *rq, struct view *out_v, struct err *err);
void desk_close(struct request *rq, struct view *v);

/* The audience that rq->who is. */
struct audience desk_audience(const struct request *rq);

/* Sends a page of records; a withheld one is logged as an alarm. */
struct reply *desk_list(struct request *rq, struct record **records, ptrdiff_t count, struct json *page);
struct json *desk_page(struct request *rq, str next, int64_t total, bool exact);

/* ?limit=, 1 to 100; 0 if it is not given or not that: the list's own default. */
int64_t desk_limit(const struct request *rq);

/* Submits a command of rq->who; `arg` and the command live in rq->arena.  A POST of the API needs an
 * idempotency key. */
struct reply *desk_submit(struct request *rq, const char *name,
			  bool (*decide)(struct decision *, void *, struct err *), void *arg,
			  struct reply *(*finish)(struct request *, struct command *));

/* The argument of the command under way, in `finish`. */
/* Looks up what an intake needs to know, on this thread, and submits it. */
struct reply *desk_intake(struct request *rq, const char *name, struct intake *in,
			  struct reply *(*finish)(struct request *, struct command *));
/* The same for a door of JSON, whose member `tlp` may state a marking; prepares it first. */
struct reply *desk_report(struct request *rq, const char *name, struct intake *in,
			  struct reply *(*finish)(struct request *, struct command *));
/* After an intake: its number, also when the same request came before. */
MUST_CHECK bool desk_number(struct request *rq, const struct command *c, str *out_number, struct err *err);
void *desk_arg(struct command *c);

/* Members of the request's JSON, checked against route->fields before. */
str desk_text(const struct request *rq, const char *name);
struct uuid desk_id(const struct request *rq, const char *name);
struct instant desk_time(const struct request *rq, const char *name);
MUST_CHECK bool desk_ids(const struct request *rq, const char *name, struct uuid **out, ptrdiff_t *out_count,
			 struct err *err);
