#include "http/peers_priv.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>

void peers_init(struct peers *list)
{
	*list = (struct peers){ 0 };
	pthread_mutex_init(&list->lock, NULL);
}

void peers_done(struct peers *list)
{
	ASSERT(list->first == NULL);
	pthread_mutex_destroy(&list->lock);
}

static void read_address(struct peer *p, const struct sockaddr *from)
{
	const void *bytes = NULL;
	if (from->sa_family == AF_INET)
		bytes = &((const struct sockaddr_in *)(const void *)from)->sin_addr;
	else if (from->sa_family == AF_INET6)
		bytes = &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr;
	if (bytes == NULL || inet_ntop(from->sa_family, bytes, p->remote, sizeof(p->remote)) == NULL)
		p->remote[0] = '\0';
}

/* The kernel's word for who connected to a Unix socket; nothing that the other side says. */
static void read_credentials(struct peer *p)
{
	struct ucred who;
	socklen_t length = sizeof(who);
	p->uid = getsockopt(p->fd, SOL_SOCKET, SO_PEERCRED, &who, &length) == 0 ? (int64_t)who.uid : -1;
}

struct peer *peers_add(struct peers *list, int fd, const struct sockaddr *from)
{
	struct peer *p = calloc(1, sizeof(*p));         /* heap: lives as long as the connection */
	if (p == NULL)
		return NULL;
	p->fd = fd;
	p->uid = -1;
	if (from != NULL && from->sa_family != AF_UNIX)
		read_address(p, from);
	else
		read_credentials(p);
	pthread_mutex_lock(&list->lock);
	p->next = list->first;
	if (p->next != NULL)
		p->next->before = p;
	list->first = p;
	pthread_mutex_unlock(&list->lock);
	return p;
}

void peers_remove(struct peers *list, struct peer *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&list->lock);
	if (p->next != NULL)
		p->next->before = p->before;
	if (p->before != NULL)
		p->before->next = p->next;
	else
		list->first = p->next;
	pthread_mutex_unlock(&list->lock);
	free(p);
}

/* Shut down, not closed: the connection's own thread sees the end of it and cleans up. */
void peers_sweep(struct peers *list, int64_t now_ms)
{
	pthread_mutex_lock(&list->lock);
	for (struct peer *p = list->first; p != NULL; p = p->next) {
		int64_t deadline_ms = atomic_load_explicit(&p->deadline_ms, memory_order_relaxed);
		if (deadline_ms != 0 && now_ms > deadline_ms) {
			peers_allow(p, 0);
			(void)shutdown(p->fd, SHUT_RDWR);
		}
	}
	pthread_mutex_unlock(&list->lock);
}
