/* reply_priv.h - a reply before it is sent: plain values in the request's arena. */
#pragma once
#include "http/reply.h"

enum reply_kind { REPLY_BODY, REPLY_AFTER, REPLY_WORK, REPLY_STREAM };

struct reply_field { const char *name; str value; struct reply_field *next; };

struct reply {
	enum reply_kind     kind;
	struct request     *rq;
	int                 status;
	str                 body;
	struct reply_field *fields;             /* headers, latest first */
	str                 etag;

	struct command     *command;            /* REPLY_AFTER */
	struct reply     *(*finish_command)(struct request *rq, struct command *c);
	void              (*work)(void *arg);   /* REPLY_WORK */
	struct reply     *(*finish_work)(struct request *rq, void *arg);
	void               *arg;                /* of work, or the stream's state */
	bool              (*next)(struct request *rq, void *state, struct buf *out);    /* REPLY_STREAM */
};

/* A refusal by the server itself; the text as in err_set. */
struct reply *reply_refuse(struct request *rq, int status, enum err_code code,
                           const char *fmt, ...) PRINTF(4, 5);

/* Last step before sending: If-None-Match, and the headers that every reply has. */
void reply_finish(struct reply *r);
bool reply_has_header(const struct reply *r, const char *name);
