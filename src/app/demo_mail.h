/* demo_mail.h - the demonstration's mail: a catcher in place of SMTP, and a way to answer as whoever got a
 * mail. */
#pragma once
#include "http/server.h"
#include "mail/outbound.h"

struct demo_mail;

struct demo_mail *demo_mail_open(const struct world *w);
void demo_mail_close(struct demo_mail *m);
struct transport *demo_mail_transport(struct demo_mail *m); /* lives as long as *m */

extern const struct route_table demo_mail_routes[1];
