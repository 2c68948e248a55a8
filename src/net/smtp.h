/* smtp.h - one message to one recipient, by SMTP (RFC 5321) to the operator's mail server.
 *
 * A struct smtp keeps its connection between messages and belongs to one thread at a time.
 *
 * I1. SMTP_SENT only after the server's 250 to the final dot.
 * I2. Permanent only when the server refused this sender, recipient or content for good (5xx).  Trouble with
 *     the connection, TLS or sign-in is ours or passing: temporary, whatever its code.
 * I3. A lost answer to the final dot is temporary: the mail may arrive twice, with the same Message-ID.
 */
#pragma once
#include "net/transfer.h"

enum smtp_fate { SMTP_SENT, SMTP_TEMPORARY, SMTP_PERMANENT };

struct smtp_result {
	enum smtp_fate fate;
	int            code;    /* the server's last; 0: never got one */
	/* for people, one line, sanitised, <= 300 bytes: the server's words or ours */
	str            text;
};

struct smtp;

/* Does not connect yet.  `helo` is the name we greet with. */
MUST_CHECK bool smtp_open(const struct net_server *server, str helo, struct smtp **out_smtp, struct err *err);
void            smtp_close(struct smtp *smtp);          /* NULL is fine */

struct smtp_message {
	str sender;             /* the envelope's: where a bounce goes; empty for the null path */
	str recipient;
	str bytes;              /* CRLF line ends only */
};

/* False only when what was asked is impossible: ERR_INPUT, an address or bytes that SMTP cannot carry. */
MUST_CHECK bool smtp_send(struct smtp *smtp, struct arena *a, const struct smtp_message *message,
                          struct smtp_result *out_result, struct err *err);
