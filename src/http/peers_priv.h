/* peers_priv.h - the open connections, and until when each may go on as it does.
 *
 * The library's own timeout counts from the last byte, so that one byte a minute holds a connection for ever.
 * Here every wait has an end that does not move: the end of a header, of a body, of a reply.
 */
#pragma once
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include "base/err.h"

struct sockaddr;

struct peer {
	struct peer *next, *before;             /* guarded by the list's lock */
	void        *owner;                     /* the caller's */
	int          fd;
	int64_t      uid;                       /* of a Unix socket's other end; else -1 */
	char         remote[INET6_ADDRSTRLEN];  /* empty for a Unix socket */
	atomic_llong deadline_ms;               /* 0: never */
};

struct peers {
	pthread_mutex_t lock;
	struct peer    *first;                  /* guarded by lock */
};

void         peers_init(struct peers *list);
void         peers_done(struct peers *list);                    /* must be empty */
struct peer *peers_add(struct peers *list, int fd, const struct sockaddr *from);        /* NULL: no memory */
void         peers_remove(struct peers *list, struct peer *p);  /* before its fd is closed; NULL is fine */
void         peers_sweep(struct peers *list, int64_t now_ms);   /* shuts down those past their deadline */

static inline void peers_allow(struct peer *p, int64_t until_ms)
{
	atomic_store_explicit(&p->deadline_ms, until_ms, memory_order_relaxed);
}
