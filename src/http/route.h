/* route.h - what the server may be asked, as data: one const array of rows per file of routes.
 *
 * The router checks permission, body size and `fields` before the handler runs; OpenAPI 3.1 is generated from
 * these rows, so what is documented is what is enforced.  PERM_UNSET (zero) refuses to start.
 */
#pragma once
#include "http/request.h"
#include "http/reply.h"

enum field_type {
	FIELD_END, FIELD_TEXT, FIELD_INT, FIELD_BOOL, FIELD_ID, FIELD_TIME, FIELD_TEXT_LIST, FIELD_ID_LIST,
	FIELD_OBJECT,           /* of `members` */
	FIELD_OBJECT_LIST,      /* each of `members` */
	FIELD_MAP,              /* string to string */
};

struct field {
	const char         *name;
	enum field_type     type;
	bool                required;
	int64_t             max;            /* text bytes, list items, int value; 0: 4096, 100, 2^53-1 */
	const char         *doc;            /* one sentence, for the OpenAPI document and error texts */
	const char *const  *choices;        /* NULL-terminated, for FIELD_TEXT; NULL: any */
	const struct field *members;        /* ends with FIELD_END; NULL: an object of any shape */
	int64_t             min;            /* of an int; 0 unless said: negative numbers are asked for */
};

enum perm {
	PERM_UNSET, PERM_PUBLIC,        /* anybody, rate-limited */
	PERM_SIGNED_IN,                 /* any account or token */
	PERM_CASE_READ, PERM_CASE_WRITE, PERM_DIRECTORY_READ, PERM_DIRECTORY_WRITE, PERM_ACCOUNT_ADMIN,
	PERM_AUDIT, PERM_OPERATOR, PERM_LEAD,
	PERM_REPORT_WRITE,              /* bring a report in */
	PERM_TEAM,                      /* any account of a team: not a constituent's */
	PERM_FOLLOW,                    /* those, and tokens that read cases */
	PERM_OWN_READ, PERM_OWN_WRITE,  /* what is one's organisation's */
	PERM_CONSTITUENT_ACCOUNTS,      /* keep the accounts of organisations */
	PERM_OVERSIGHT,                 /* statistics */
	PERM_CHECKPOINT,                /* signed checkpoints to keep */
	PERM_CLOCK_WAIVE,
	PERM_ACCOUNT_READ,              /* everybody's accounts and sign-ins */
	PERM_REGIME_WRITE,              /* adopt a law */
	PERM_COUNT,
};

struct route {
	const char         *method, *path;  /* "/api/incidents/{id}" */
	enum perm           need;
	struct reply     *(*handle)(struct request *rq);
	const char         *summary;        /* for OpenAPI and --help */
	const struct field *fields;         /* of the JSON body; NULL: no JSON body */
	const struct field *query;          /* of the query string; NULL: none */
	ptrdiff_t           body_max;       /* 0: 64 KiB */
	const char         *record;         /* what it answers, as shape.h has it: "201 {id: id}", "204" */
	bool                html;           /* a page or form for browsers, not part of the API document */
	const char         *consumes;       /* type of a body that is no JSON: "message/rfc822"; NULL: any */
	bool                tagged;         /* GET answers an ETag, POST heeds If-Match */
};

const char *perm_name(enum perm need);  /* "case_read" */
