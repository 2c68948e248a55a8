/* demo_mail.h - the demonstration's mail: a catcher in place of SMTP, and a way to answer as whoever got a
 * mail. */
#pragma once
#include "http/server.h"
#include "mail/outbound.h"

struct demo_mail;

struct demo_mail *demo_mail_open(const struct world *w);
void demo_mail_close(struct demo_mail *m);
struct transport *demo_mail_transport(struct demo_mail *m); /* lives as long as *m */

struct caught {
	struct uuid id;
	struct instant at;
	str to, bytes; /* live as long as the catcher */
	bool replied;
};
/* At most `max`, newest first, as they were at one moment: mails arrive while a page of them is made. */
ptrdiff_t demo_mail_newest(struct demo_mail *m, struct caught *out, ptrdiff_t max);

extern const struct route_table demo_mail_routes[1];
