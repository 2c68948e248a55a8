/* outbound.h - sends what is queued, one mail to one party, each through the release gate again.
 *
 * The queue is the projection: messages whose delivery is "queued".  What happened to one is an entry; when
 * the node dies between sending and that entry, the mail goes out again with the same Message-ID (at least
 * once).
 */
#pragma once
#include "cases/world.h"

struct outbound;

enum transport_result { TRANSPORT_SENT, TRANSPORT_LATER, TRANSPORT_REFUSED };

struct transport {
	enum transport_result (*send)(struct transport *t, str to, str bytes, struct err *why);
};

struct outbound_options {
	const struct world *world;
	const char *store;
	struct writer *writer;
	struct transport *transport; /* NULL: nothing is sent, the outbox shows what waits */
	struct clock *clock;
	bool demonstration;
};

/* A thread of its own.  outbound_wake after each commit; outbound_close finishes the mail under way. */
MUST_CHECK bool outbound_open(struct outbound_options options, struct outbound **out, struct err *err);
void outbound_wake(struct outbound *o);
void outbound_close(struct outbound *o);
