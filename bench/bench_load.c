/* Clients of the public form: keep-alive, one report under way each, a new text of about 1 kB each time.
 *
 * usage: bench_load PORT CLIENTS SECONDS
 * Prints: clients, answered, refused, a second, p50, p99, worst (microseconds).
 * A report counts when its receipt has arrived whole; the node sends it after the flush. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "bench.h"

enum { CLIENTS_MAX = 1000, ANSWER_MAX = 16 << 10, REQUEST_MAX = 2048, SAMPLES_MAX = 1000000 };

struct client {
	int fd;
	ptrdiff_t got;
	int64_t sent_ns;
	char answer[ANSWER_MAX];
};

struct load {
	struct client *clients;
	int port, count, queue;
	struct dice dice;
	str pool;
	int64_t *samples, answered, refused;
};

static void quit(const char *what)
{
	(void)fprintf(stderr, "bench_load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void send_report(struct load *l, struct client *c)
{
	char body[REQUEST_MAX], request[REQUEST_MAX + 512];
	str words = bench_text(l->pool, &l->dice, 950);
	int n = snprintf(body, sizeof(body), "text=Phishing+from+10.%d.%d.%d+and+h%d.o%d.example+" STR_FMT,
			 (int)dice_below(&l->dice, 256), (int)dice_below(&l->dice, 256),
			 (int)dice_below(&l->dice, 256), (int)dice_below(&l->dice, 9),
			 (int)dice_below(&l->dice, 1000), STR_ARG(words));
	for (int i = 0; i < n; i++)
		body[i] = body[i] == ' ' || body[i] == '\n' ? '+' : body[i];
	int m = snprintf(request, sizeof(request),
			 "POST /report HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: "
			 "application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%.*s",
			 l->port, n, n, body);
	c->got = 0;
	c->sent_ns = bench_ns();
	if (send(c->fd, request, (size_t)m, MSG_NOSIGNAL) != m)
		quit("cannot send");
}

static void connect_one(struct load *l, struct client *c)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)l->port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int one = 1;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		quit("cannot connect");
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
	if (epoll_ctl(l->queue, EPOLL_CTL_ADD, c->fd, &e) != 0)
		quit("cannot wait");
}

/* Whether the whole answer is there: head, then as many bytes as it says. */
static bool whole(const struct client *c)
{
	str all = { c->answer, c->got };
	ptrdiff_t head = str_find(all, S("\r\n\r\n")), at = str_find(all, S("ontent-Length: "));
	return head >= 0 && at >= 0 && at < head &&
	       c->got >= head + 4 + strtol(c->answer + at + 15, NULL, 10);
}

static void read_some(struct load *l, struct client *c, bool more)
{
	ssize_t n = recv(c->fd, c->answer + c->got, (size_t)(ANSWER_MAX - 1 - c->got), 0);
	if (n <= 0)
		quit("the node hung up");
	c->got += n;
	c->answer[c->got] = '\0';
	if (!whole(c))
		return;
	if (!str_starts((str){ c->answer, c->got }, S("HTTP/1.1 201"))) {
		if (l->refused++ == 0)
			(void)fprintf(stderr, "bench_load: refused: %.300s\n", c->answer);
	} else if (l->answered < SAMPLES_MAX) {
		l->samples[l->answered++] = bench_ns() - c->sent_ns;
	}
	if (more)
		send_report(l, c);
}

static int order(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	struct load l = { .dice = { (uint64_t)bench_ns() } };
	struct arena a;
	int64_t port, count, seconds;
	if (argc != 4 || !str_to_int(str_from(argv[1]), 1, 65535, &port) ||
	    !str_to_int(str_from(argv[2]), 1, CLIENTS_MAX, &count) ||
	    !str_to_int(str_from(argv[3]), 1, 3600, &seconds)) {
		(void)fprintf(stderr, "usage: bench_load PORT CLIENTS SECONDS\n");
		return 2;
	}
	arena_init(&a, 64 << 20, 128 << 20);
	l.port = (int)port;
	l.count = (int)count;
	l.pool = bench_pool(&a, &l.dice);
	l.queue = epoll_create1(EPOLL_CLOEXEC);
	l.samples = NEW(&a, int64_t, SAMPLES_MAX);
	l.clients = NEW(&a, struct client, count);
	for (int i = 0; i < l.count; i++)
		connect_one(&l, &l.clients[i]);
	int64_t start = bench_ns(), end = start + seconds * 1000000000;
	for (int i = 0; i < l.count; i++)
		send_report(&l, &l.clients[i]);
	struct epoll_event events[64];
	while (bench_ns() < end) {
		int n = epoll_wait(l.queue, events, COUNTOF(events), 100);
		for (int i = 0; i < n; i++)
			read_some(&l, events[i].data.ptr, true);
	}
	double took = (double)(bench_ns() - start) / 1e9;
	qsort(l.samples, (size_t)l.answered, sizeof(*l.samples), order);
	int64_t last = MAX(l.answered - 1, 0);
	(void)printf("%d\t%lld\t%lld\t%.0f\t%lld\t%lld\t%lld\n", l.count, (long long)l.answered,
		     (long long)l.refused, (double)l.answered / took, (long long)l.samples[last / 2] / 1000,
		     (long long)l.samples[last * 99 / 100] / 1000, (long long)l.samples[last] / 1000);
	arena_done(&a);
	return 0;
}
