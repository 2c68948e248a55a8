/* own.h - reading for a constituent: what is its organisation's own, bound to struct scope_organisation.
 *
 * Every record says whose it is (record.organisation), and the gate compares again (release.h, I7).
 * The words of a message come only once reading it was recorded (cases/message.h): so that nothing is read
 * without an entry that says when.  Of the teams' people no name is told, and of a case nothing but its
 * number, where a message told it.
 */
#pragma once
#include "query/board.h"

struct own {
	struct db *db;
	struct arena *a;
	const struct scope_organisation *scope;
	struct uuid organisation; /* of the scope */
	const struct regime *regime;
	struct instant now;
};

/* Pages: messages, submissions and reports newest first; requests and duties those that are open first, of
 * them the next due. */
struct own_list {
	struct record **records;
	ptrdiff_t count;
	str next;
};
MUST_CHECK bool own_messages(struct own *o, str cursor, int64_t limit, struct own_list *out, struct err *err);
MUST_CHECK bool own_requests(struct own *o, str cursor, int64_t limit, struct own_list *out,
			      struct err *err);
MUST_CHECK bool own_duties(struct own *o, str cursor, int64_t limit, struct own_list *out,
			      struct err *err);
MUST_CHECK bool own_submissions(struct own *o, str cursor, int64_t limit, struct own_list *out,
			      struct err *err);
MUST_CHECK bool own_reports(struct own *o, str cursor, int64_t limit, struct own_list *out, struct err *err);

/* One, and what was written about it, oldest first.  ERR_MISSING for what is not the organisation's. */
MUST_CHECK bool own_message(struct own *o, struct uuid id, struct record *out, struct own_list *thread,
			    struct err *err);
MUST_CHECK bool own_duty(struct own *o, struct uuid id, struct record *out, struct err *err);
MUST_CHECK bool own_report(struct own *o, struct uuid id, struct record *out, struct own_list *thread,
			   struct err *err);

MUST_CHECK bool own_unread(struct own *o, struct tally *out, struct err *err);
