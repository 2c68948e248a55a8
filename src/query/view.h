/* view.h - reading for one person: a connection, their scope, and the records that come of it.
 *
 *   statement under scope -> row -> struct record (JSON as console/API.md has it) -> release/ -> exit
 *
 * Nothing here decides who may see what: rows come under the scope, records go through the gate.
 * Texts from outside are shown defanged; observables always are.
 */
#pragma once
#include "db/db.h"
#include "regime/book.h"
#include "release/release.h"

struct view {
	struct db *db;
	struct arena *a;
	const struct identity *who;
	const struct scope *scope;
	str team; /* of the scope */
	const struct regime *regime; /* of today */
	struct regime_book book;     /* what cases were opened under */
	struct instant now;
	str mail_domain;
};

/* The rules of a case. */
static inline const struct regime *view_regime(const struct view *v, str of_case)
{
	return regime_book_find(&v->book, of_case, v->regime);
}

/* Names beside ids: {id, name}, or JSON null for nil. */
MUST_CHECK bool view_person(struct view *v, struct uuid id, struct json **out, struct err *err);
/* The same of what a statement brought along: is there such an account, and its words. */
MUST_CHECK bool view_person_ref(struct view *v, struct uuid id, bool known, str words, struct json **out,
				struct err *err);
MUST_CHECK bool view_party_name(struct view *v, struct uuid party, str *out, struct err *err);
MUST_CHECK bool view_organisation(struct view *v, struct uuid id, struct json **out, struct err *err);
struct json *view_ref(struct arena *a, struct uuid id, str name);
struct json *view_team(struct view *v, str team);
MUST_CHECK bool view_teams_of(struct view *v, struct uuid id, const str **out, ptrdiff_t *out_count,
			      struct err *err);
MUST_CHECK bool view_case(struct view *v, struct uuid incident, struct json **out,
			  struct err *err); /* {id, number, title} */

/* Of what a statement brought along; NULL if another team keeps it to its own people. */
struct case_ref {
	str number, title, coordinator;
	enum tlp tlp;
};
struct json *view_case_ref(struct view *v, struct uuid id, const struct case_ref *c);
MUST_CHECK bool view_body(struct view *v, str text, struct json **out,
			  struct err *err); /* {} if there is none */
/* The words of a comment as one member, null without any: `body` is its content. */
MUST_CHECK bool view_said(struct view *v, str body, struct json *j, const char *member, struct err *err);
struct json *view_marking(struct view *v, int64_t tlp, bool presumed);
struct json *view_observable(struct arena *a, const struct json *stored);
str view_excerpt(struct arena *a, str text, ptrdiff_t max);

/* Teams that were let into each, in as many statements for a page as for one. */
struct team_list {
	const str *teams;
	ptrdiff_t count;
};
static inline str view_ids(const struct uuid *ids, ptrdiff_t count)
{
	return (str){ (const char *)ids, 16 * count }; /* as the statements of a page take them */
}
MUST_CHECK bool view_teams_of_all(struct view *v, const struct uuid *ids, ptrdiff_t count,
				  struct team_list **out, struct err *err);

/* Lines of a list, in the order of their ids.  ERR_MISSING where the scope does not reach one. */
MUST_CHECK bool view_reports(struct view *v, const struct uuid *ids, ptrdiff_t count, struct record ***out,
			     struct err *err);
MUST_CHECK bool view_incidents(struct view *v, const struct uuid *ids, ptrdiff_t count, struct record ***out,
			       struct err *err);

/* One record.  ERR_MISSING where the scope does not reach. */
MUST_CHECK bool view_report(struct view *v, struct uuid id, bool whole, struct record *out, struct err *err);
MUST_CHECK bool view_incident(struct view *v, struct uuid id, struct record *out, struct err *err);
MUST_CHECK bool view_clocks(struct view *v, struct uuid subject, struct record ***out, ptrdiff_t *out_count,
			    struct err *err);
/* The first that runs of each; NULL: none. */
MUST_CHECK bool view_next_clocks(struct view *v, const struct uuid *subjects, ptrdiff_t count,
				 struct json ***out, struct err *err);
MUST_CHECK bool view_clock(struct view *v, struct uuid id, struct record *out, struct err *err);
MUST_CHECK bool view_clocks_by_id(struct view *v, const struct uuid *ids, ptrdiff_t count,
				  struct record ***out, struct err *err);
MUST_CHECK bool view_clock_board(struct view *v, str state, int64_t after_due, struct uuid after_id,
				 int64_t count, struct record ***out, ptrdiff_t *out_count, struct err *err);

/* The parts of an incident's page, for release_whole. */
struct incident_parts {
	struct record **parties, **clocks, **requests, **deliveries, **reports, **submissions;
	ptrdiff_t party_count, clock_count, request_count, delivery_count, report_count, submission_count;
};
MUST_CHECK bool view_incident_parts(struct view *v, struct uuid id, struct incident_parts *out,
				    struct err *err);

/* Newest first.  `before` is INT64_MAX or the *out_next of the page before: a place among the lines that
 * this team
 * sees, which tells nothing of anybody else's; -1 at the end. */
MUST_CHECK bool view_timeline(struct view *v, struct uuid subject, int64_t before, int64_t count,
			      struct record ***out, ptrdiff_t *out_count, int64_t *out_next, struct err *err);

/* Queues.  A filter that is empty is not applied. */
enum queue_kind { QUEUE_REPORTS = 1, QUEUE_INCIDENTS = 2 };
enum queue_sort { SORT_RECEIVED, SORT_CHANGED, SORT_DUE, SORT_BAND };
struct queue_filter {
	enum queue_kind kind;
	enum queue_sort sort;
	str state; /* "active", for incidents: all but closed, merged, rejected */
	bool owner_none, owner_is;
	struct uuid owner;
	str sector, class;
	int64_t band; /* -1: any */
	str cursor;   /* of the page before */
	int64_t limit;
};
struct queue_page {
	struct record **records;
	ptrdiff_t count;
	str next;      /* empty: no more */
	int64_t total; /* exact to 1,000 */
	bool exact;
};
MUST_CHECK bool view_queue(struct view *v, const struct queue_filter *f, struct queue_page *out,
			   struct err *err);

/* The newest records with this value (a number, an observable, a sender or a word), other than `except`. */
struct found {
	struct uuid id;
	int64_t kind;
};
MUST_CHECK bool view_find(struct view *v, str value, struct uuid except, int64_t count, struct found **out,
			  ptrdiff_t *out_count, struct err *err);
