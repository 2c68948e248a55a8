/* people.h - what the routes of accounts and sessions share: people, teams, roles, pages of them. */
#pragma once
#include "access/identity.h"
#include "db/db.h"
#include "http/node.h"
#include "http/route.h"

struct record;

struct json *people_ref(struct arena *a, struct uuid id, str name);        /* {id, name} */
/* {id, name}; NULL for a constituent's, which is of none */
struct json *people_team(const struct node *n, struct arena *a, str team);
struct json *people_organisation(struct arena *a, struct uuid id, str name); /* {id, name}, or NULL for nil */
struct json *people_roles(struct arena *a, unsigned roles);                /* ["handler", ...] */
MUST_CHECK bool people_role_parse(str word, unsigned *out_role, struct err *err);

enum { PEOPLE_PAGE = 50, PEOPLE_PAGE_MOST = 100, PEOPLE_COUNT_MOST = 1000 };
extern const struct field people_page_query[]; /* cursor, limit */

/* A page being read.  Whoever reads asks for limit + 1 rows, adds up to limit of them, and sets next if
 * there was one more. */
struct people_list {
	struct request *rq;
	struct db *db;
	str cursor;         /* of the page before; empty: the first */
	struct uuid before; /* the same, of lists by id; all ones for the first */
	int64_t limit;
	struct record *records[PEOPLE_PAGE_MOST];
	ptrdiff_t count;
	int64_t total; /* counted to PEOPLE_COUNT_MOST */
	str next;
};

void people_list_add(struct people_list *l, struct uuid account, struct json *fields);

/* The newest first are paged by id, which is made of the time; accounts by name. */
enum people_order { PEOPLE_NEWEST, PEOPLE_BY_NAME };
struct reply *people_list_reply(struct request *rq, enum people_order order,
				bool (*read)(struct people_list *l, struct err *err));
