/* lmtp.h - the server's side of one LMTP session (RFC 2033), as a pure machine: bytes in, bytes out.
 *
 *   START --LHLO--> READY --MAIL--> MAIL --RCPT--> RCPT --DATA--> DATA --"."--> READY
 *   RSET and a new LHLO lead to READY, QUIT to CLOSED.
 *
 * Offered: 8BITMIME, PIPELINING, SIZE, ENHANCEDSTATUSCODES.
 *
 * I1. 250 after the final dot is said for a recipient only when `deliver` says that the mail is durable.
 * I2. Lines end in CRLF only: in a message a bare LF or CR is data, never a line end (no SMTP smuggling); a
 *     command with one ends the session.
 * I3. One reply per command and, after the dot, one per accepted recipient, in order.
 * I4. Memory: at most size_max + 64 KiB a session; `budget`, when given, is shared by all sessions.
 * I5. However it is fed (byte by byte or all at once), output and deliveries are the same.
 */
#pragma once
#include <stdatomic.h>
#include "base/buf.h"
#include "base/err.h"

enum {
	LMTP_LINE_MAX       = 1000,     /* RFC 5321 4.5.3.1 asks for 512 in commands; we are generous */
	LMTP_RECIPIENTS_MAX = 100,
	LMTP_ERRORS_MAX     = 20,       /* bad commands before 421 */
};

enum lmtp_verdict {
	LMTP_STORED,                    /* durable: 250 */
	LMTP_TRY_LATER,                 /* 451 */
	LMTP_REFUSED,                   /* 550 */
	LMTP_TOO_LARGE,                 /* 552 */
};

struct lmtp_mail {
	str        sender;              /* empty: the null reverse path */
	const str *recipients;          /* without <> */
	ptrdiff_t  recipient_count;
	str        bytes;               /* dots unstuffed, CRLF ends; borrowed for the call */
};

struct lmtp_options {
	str       host;                 /* in the greeting; borrowed for the session's life */
	ptrdiff_t size_max;
	_Atomic(ptrdiff_t) *budget;     /* bytes left for the messages of all sessions; NULL: no such limit */
	void     *ctx;
	/* Is this address ours?  NULL: all are. */
	bool    (*accept)(void *ctx, str recipient);
	/* Fills a verdict for every recipient.  May block until the mail is durable. */
	void    (*deliver)(void *ctx, const struct lmtp_mail *mail, enum lmtp_verdict *verdicts);
};

struct lmtp_session;

/* heap: a session lives as long as its connection.  The greeting is the first output. */
struct lmtp_session *lmtp_session_new(const struct lmtp_options *options, struct buf *out);
void                 lmtp_session_free(struct lmtp_session *s);

/* Messages taken to their final dot so far: the server's measure of progress. */
int  lmtp_session_messages(const struct lmtp_session *s);

/* False when the session is over: send what is in out, then close. */
bool lmtp_session_feed(struct lmtp_session *s, str bytes, struct buf *out);
