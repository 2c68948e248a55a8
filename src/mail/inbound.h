/* inbound.h - what a mail is to the casework: an answer in a case, news of a delivery, or a report of its
 * own.
 *
 *   bytes -> mail_parse -> where does it belong? -> message_in or intake -> the same commands as every
 *   other door
 *
 * A token among the recipients names the party or the report (verified); a number in the subject files it as
 * "unverified sender"; everything else is a new report.  Loops, bounces and automatic mail are filed and
 * never answered.  The original bytes are kept exactly.
 *
 * A new report by mail from somebody who may be answered gets a receipt, queued in the same decision: its
 * number, and an address to add to it; not more than a few an hour (mail/receipts.h).  It is automatic
 * (RFC 3834) and acknowledges nothing: no clock is met by it.  A delivery report about a mail that went out
 * marks that one as bounced.
 */
#pragma once
#include "cases/intake.h"
#include "cases/message.h"
#include "commit/commit.h"
#include "mail/parse.h"

struct inbound {
	struct command command; /* ready for the writer; keyed by the bytes: the same mail twice is one */
	struct message_in answer;
	struct intake report;
	struct message_delivery delivery;
	bool is_answer;
	bool answerable; /* a program may send a receipt */
};

/* `a` must outlive the command.  ERR_LIMIT for more than MAIL_SIZE_MAX. */
MUST_CHECK bool inbound_prepare(const struct world *w, struct arena *a, str raw, struct db *db,
				struct inbound *out, struct err *err);
/* The same, with what the envelope (LMTP's RCPT) says besides the headers. */
MUST_CHECK bool inbound_prepare_from(const struct world *w, struct arena *a, str raw,
				     struct mail_strings envelope, struct db *db, struct inbound *out,
				     struct err *err);
