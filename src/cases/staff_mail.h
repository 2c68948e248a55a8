/* staff_mail.h - mail from the node to its own people: what is due, what nobody takes.
 *
 * Lines are collected for each person or duty desk of one team, and each gets one mail with all of theirs,
 * however many there are.  A mail says numbers, titles of duties, times and sources; never content.
 *
 * I1. Every line passes the release gate for its recipient (RECORD_REMINDER), and the mail passes again when
 *     it is sent (mail/outbound), by which time somebody may have left the team.
 * I2. Who has no mail address, is disabled, or may not work on the team's cases gets nothing; their lines go
 *     to the team's duty desk, and if there is none, to its shift leads.
 */
#pragma once
#include "base/buf.h"
#include "cases/world.h"

enum { STAFF_LINES_SHOWN = 20 };

struct staff_mail; /* of one decision, in its arena */

struct staff_line {
	str team;
	struct uuid owner; /* nil: nobody */
	bool desk;         /* the duty desk first, whoever owns it */
	bool leads;        /* the shift leads too */
	struct uuid subject;
	str number, title, when, source; /* source may be empty */
};

/* Who a line went to: bits. */
enum { STAFF_OWNER = 1, STAFF_DESK = 2, STAFF_LEADS = 4 };

struct staff_mail *staff_mail_begin(struct decision *d, const struct world *w);
MUST_CHECK bool staff_mail_add(struct staff_mail *m, const struct staff_line *line, unsigned *out_told,
			       struct err *err);
/* Adds the drafts: `subject` of a mail with one line, `subjects` behind their number of one with more. */
void staff_mail_end(struct staff_mail *m, const char *subject, const char *subjects, const char *advice);

/* ["owner","lead"], for payloads */
struct json *staff_told_json(struct arena *a, unsigned told);

/* "2026-11-24 17:18 (UTC+05:00)", at the regime's local time; and "2 h 10 min". */
str staff_time(struct arena *a, const struct world *w, struct instant t);
str staff_span(struct arena *a, int64_t us);
