/* running.h - a node at work: store, writer, readers and server put together, and taken down in the right
 * order.
 *
 * Down: the server first (it waits for commands under way), then the readers, then the writer, last the
 * store.
 */
#pragma once
#include "http/node.h"
#include "http/server.h"
#include "mail/outbound.h"

struct running;

struct running_options {
	const char *folder, *store;
	const struct world *world;
	bool demonstration;
	struct http_listener listeners[3];
	ptrdiff_t listener_count;
	const char *certificate_pem, *key_pem;
	const struct sign_key *key;             /* the node's, for checkpoints; borrowed */
	str key_name;
	struct transport *transport;    /* NULL: the outbox waits */
	const struct route_table *more; /* routes of the demonstration, or of a service */
	ptrdiff_t more_count;
	void *more_ctx;
};

MUST_CHECK bool running_open(const struct running_options *options, struct running **out, struct err *err);
int running_port(const struct running *r);
struct node *running_node(struct running *r);
void running_wait(void); /* until SIGINT or SIGTERM, which must be blocked: running_block_signals */
void running_block_signals(void);
/* The store's disk failed and nothing is acknowledged any more: why, NULL while all is well.  running_wait
 * comes back by itself then. */
const struct err *running_failure(const struct running *r);
void running_close(struct running *r);
/* Instead of running_close after a failure: answers who waits, and leaves the store alone.  Closing it would
 * write to it, from a cache that cannot be trusted.  The process ends next. */
void running_abandon(struct running *r);
