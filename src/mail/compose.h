/* compose.h - a message as RFC 5322 bytes: CRLF, pure ASCII, ready for SMTP and for the hash in the journal.
 *
 * I1. One recipient.  Nobody ever sees who else was told.
 * I2. A CR, LF or NUL in anything that becomes a header is refused (ERR_INPUT), never mended.
 * I3. TLP 2.0: the label stands first in the subject, and is the first and the last line of the text. There
 *     is no mail without a label.
 * I4. Same draft, same bytes: date, message id and boundary come from the caller's values.
 * I5. Bidi embeddings, overrides and isolates, and control characters other than tab and line break, are
 *     dropped from subject, names and text: reported text quoted in a mail must not turn it around.
 *
 * This is the low floor: it takes values, and asks nobody.  What may be told to whom is the release gate's
 * decision; mail/outbound calls this with what the gate let through.
 */
#pragma once
#include "base/instant.h"
#include "mail/parse.h"

enum mail_auto { MAIL_AUTO_NONE, MAIL_AUTO_GENERATED, MAIL_AUTO_REPLIED };      /* RFC 3834 section 5 */

struct mail_draft {
	struct mail_address from, to;
	/* the party's own unguessable address (mail/thread.h); may be empty */
	str reply_to;
	str message_id;                 /* without <> */
	str in_reply_to;                /* without <>; may be empty */
	struct mail_strings references; /* without <> */
	struct instant date;
	enum mail_auto automatic;
	str loop;                       /* X-Naubat-Loop: the node's host name */
	/* "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED" */
	str tlp;
	str number;                     /* "DEMO-2026-7K3QF4X"; may be empty */
	str subject;                    /* without label and number */
	str text;                       /* UTF-8, any line ends */
	bool demonstration;             /* banner line and X-Naubat-Demonstration */
	const struct mail_attachment *attachments;      /* name, type and bytes are used */
	ptrdiff_t attachment_count;
};

MUST_CHECK bool mail_compose_bytes(struct arena *a, const struct mail_draft *draft, str *out_bytes,
	struct err *err);

/* "[TLP:AMBER] [DEMO-2026-7K3QF4X] subject", for showing before sending. */
str mail_subject_line(struct arena *a, const struct mail_draft *draft);

/* Is this an address we would write to?  ASCII dot-atom local part, host name, RFC 5321 lengths. */
MUST_CHECK bool mail_address_check(str address, struct err *err);
