/* doors.h - the mail doors of a running node: SMTP out, LMTP and IMAP in.
 *
 * I1. LMTP says 250, and IMAP marks a mail as done, only when its entry is durable.
 * I2. The same mail twice is one: commands are keyed by its bytes.
 * I3. What a mail says is never run, resolved or fetched.
 */
#pragma once
#include "app/conf.h"
#include "http/node.h"
#include "mail/inbound.h"
#include "mail/outbound.h"

/* One connection to the operator's mail server; lives until closed.  *out is NULL when none is configured. */
MUST_CHECK bool smtp_door_open(const char *folder, const struct conf *conf, struct transport **out,
			       struct err *err);
void smtp_door_close(struct transport *t); /* NULL is fine */

struct doors;

/* Starts what conf asks for.  `conf` and `node` are borrowed until close; close them before the writer. */
MUST_CHECK bool doors_open(const char *folder, const struct conf *conf, const struct node *node,
			   struct doors **out, struct err *err);
void doors_close(struct doors *d); /* NULL is fine */
