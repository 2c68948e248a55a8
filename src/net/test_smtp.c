/* SMTP against a sink in this program, which answers by the address: what a server may say, and what we make
 * of it. */
#include "net/smtp.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

struct sink {
	int       listener, port;
	pthread_t thread;
	str       greeting;
	int       connections;          /* written by the sink's thread, read after it was joined */
	char      content[8192];
	ptrdiff_t content_len;
	char      from[256];
};

static void say(int fd, str line)
{
	while (line.len > 0) {
		ssize_t n = send(fd, line.ptr, (size_t)line.len, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		line = str_sub(line, n, line.len);
	}
}

struct reader { int fd; char bytes[16384]; ptrdiff_t len; };

/* Up to and with `end`; false when the peer has gone. */
static bool read_until(struct reader *r, str end, char *to, ptrdiff_t room, ptrdiff_t *out_len)
{
	for (;;) {
		ptrdiff_t at = str_find((str){ r->bytes, r->len }, end);
		if (at >= 0) {
			ptrdiff_t n = at + end.len;
			ASSERT(n <= room);
			memcpy(to, r->bytes, (size_t)n);
			memmove(r->bytes, r->bytes + n, (size_t)(r->len - n));
			r->len -= n;
			*out_len = n;
			return true;
		}
		ssize_t n = recv(r->fd, r->bytes + r->len, sizeof(r->bytes) - (size_t)r->len, 0);
		if (n <= 0)
			return false;
		r->len += n;
	}
}

static const struct { const char *address, *answer; } answers[] = {
	{ "<gone@", "550-5.1.1 no such\r\n550 5.1.1 person \x1B[31m\xFF\r\n" },
	{ "<later@", "451 4.7.1 greylisted\r\n" },
	{ "<full@", "452 4.2.2 mailbox full\r\n" }, { "<auth@", "530 5.7.0 sign in first\r\n" },
	{ "<shut@", "421 4.3.2 closing\r\n" },
};

static str answer_for(str line, bool *out_drop)
{
	*out_drop = str_find(line, S("<drop@")) >= 0;
	for (ptrdiff_t i = 0; i < COUNTOF(answers); i++)
		if (str_find(line, str_from(answers[i].address)) >= 0)
			return str_from(answers[i].answer);
	return S("250 2.0.0 OK\r\n");
}

static void serve(struct sink *sink, int fd)
{
	struct reader r = { .fd = fd };
	char line[1024];
	ptrdiff_t n;
	bool drop = false;
	say(fd, sink->greeting);
	while (!drop && read_until(&r, S("\r\n"), line, sizeof(line), &n)) {
		str command = { line, n };
		if (str_starts(command, S("EHLO"))) {
			say(fd, S("250-sink\r\n250-SIZE 100000\r\n250 8BITMIME\r\n"));
		} else if (str_starts(command, S("DATA"))) {
			say(fd, S("354 go on\r\n"));
			if (!read_until(&r, S("\r\n.\r\n"), sink->content, sizeof(sink->content),
			    &sink->content_len))
				return;
			bool bad = str_find((str){ sink->content, sink->content_len }, S("VIRUS")) >= 0;
			say(fd, bad ? S("554 5.7.1 content refused\r\n") : S("250 2.0.0 queued\r\n"));
		} else if (str_starts(command, S("QUIT"))) {
			say(fd, S("221 bye\r\n"));
			return;
		} else {
			if (str_starts(command, S("MAIL")))
				(void)snprintf(sink->from, sizeof(sink->from), STR_FMT,
					STR_ARG(str_trim(command)));
			str answer = answer_for(command, &drop);
			if (!drop)
				say(fd, answer);
		}
	}
}

static void *sink_main(void *ctx)
{
	struct sink *sink = ctx;
	for (int fd; (fd = accept(sink->listener, NULL, NULL)) >= 0; sink->connections++) {
		serve(sink, fd);
		close(fd);
	}
	return NULL;
}

static void sink_open(struct sink *sink, const char *greeting)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	*sink = (struct sink){ .greeting = str_from(greeting) };
	sink->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ASSERT(sink->listener >= 0 && bind(sink->listener, (const struct sockaddr *)&address,
		sizeof(address)) == 0);
	ASSERT(listen(sink->listener, 8) == 0 && getsockname(sink->listener, (struct sockaddr *)&address,
		&len) == 0);
	sink->port = ntohs(address.sin_port);
	ASSERT(pthread_create(&sink->thread, NULL, sink_main, sink) == 0);
}

static void sink_close(struct sink *sink)
{
	shutdown(sink->listener, SHUT_RDWR);
	pthread_join(sink->thread, NULL);
	close(sink->listener);
}

static struct net_server server_at(int port)
{
	return (struct net_server){ .host = S("127.0.0.1"), .port = port, .tls = NET_TLS_NONE,
		.timeout_ms = 20000 };
}

static struct smtp_result send_to(struct smtp *smtp, struct arena *a, const char *to, const char *bytes)
{
	struct smtp_result r;
	struct err err;
	struct smtp_message message = { S("cert@node.example"), str_from(to), str_from(bytes) };
	bool ok = smtp_send(smtp, a, &message, &r, &err);
	ASSERT(ok);
	return r;
}

#define BODY    "Subject: x\r\n\r\n.dot\r\nline\r\n"

static void test_fates(struct arena *a)
{
	static const struct { const char *to,
		*bytes; enum smtp_fate fate; int code; const char *text; } cases[] = {
		{ "a@b.example", BODY, SMTP_SENT, 250, "2.0.0 queued" },
		{ "gone@b.example", BODY, SMTP_PERMANENT, 550, "5.1.1 no such 5.1.1 person ?[31m?" },
		{ "later@b.example", BODY, SMTP_TEMPORARY, 451, "4.7.1 greylisted" },
		{ "full@b.example", BODY, SMTP_TEMPORARY, 452, "4.2.2 mailbox full" },
		{ "auth@b.example", BODY, SMTP_TEMPORARY, 530, "5.7.0 sign in first" },
		{ "shut@b.example", BODY, SMTP_TEMPORARY, 421, "4.3.2 closing" },
		{ "a@b.example", "Subject: VIRUS\r\n\r\nx\r\n", SMTP_PERMANENT, 554,
			"5.7.1 content refused" },
		{ "drop@b.example", BODY, SMTP_TEMPORARY, 0, NULL },
		{ "a@b.example", BODY, SMTP_SENT, 250, "2.0.0 queued" },
	};
	struct sink sink;
	struct smtp *smtp;
	struct err err;
	sink_open(&sink, "220 sink ESMTP\r\n");
	struct net_server server = server_at(sink.port);
	ASSERT(smtp_open(&server, S("node.example"), &smtp, &err));
	for (ptrdiff_t i = 0; i < COUNTOF(cases); i++) {
		struct smtp_result r = send_to(smtp, a, cases[i].to, cases[i].bytes);
		bool same = r.fate == cases[i].fate && (cases[i].code == 0 || r.code == cases[i].code) &&
			r.text.len > 0 &&
			(cases[i].text == NULL || str_eq(r.text, str_from(cases[i].text)));
		if (!same)
			fprintf(stderr, "case %td: fate %d code %d text " STR_FMT "\n", i, (int)r.fate,
				r.code, STR_ARG(r.text));
		ASSERT(same);
	}
	smtp_close(smtp);
	sink_close(&sink);
	ASSERT(str_eq((str){ sink.content, sink.content_len },
		S("Subject: x\r\n\r\n..dot\r\nline\r\n.\r\n")));
	ASSERT(str_starts(str_from(sink.from), S("MAIL FROM:<cert@node.example>")));
}

static void test_reuse_and_null_sender(struct arena *a)
{
	struct sink sink;
	struct smtp *smtp;
	struct smtp_result r;
	struct err err;
	sink_open(&sink, "220 sink ESMTP\r\n");
	struct net_server server = server_at(sink.port);
	ASSERT(smtp_open(&server, S("node.example"), &smtp, &err));
	for (int i = 0; i < 5; i++)
		ASSERT(send_to(smtp, a, "a@b.example", BODY).fate == SMTP_SENT);
	struct smtp_message from_nobody = { S(""), S("a@b.example"), S(BODY) };
	ASSERT(smtp_send(smtp, a, &from_nobody, &r, &err) && r.fate == SMTP_SENT);
	smtp_close(smtp);
	sink_close(&sink);
	ASSERT(sink.connections == 1 && str_starts(str_from(sink.from), S("MAIL FROM:<>")));
}

static void test_no_service(struct arena *a)
{
	struct sink sink;
	struct smtp *smtp;
	struct err err;
	sink_open(&sink, "554 5.3.2 no service\r\n");
	struct net_server server = server_at(sink.port);
	ASSERT(smtp_open(&server, S("node.example"), &smtp, &err));
	/* our trouble, not this mail's */
	ASSERT(send_to(smtp, a, "a@b.example", BODY).fate == SMTP_TEMPORARY);
	smtp_close(smtp);
	sink_close(&sink);
	sink_open(&sink, "220 sink\r\n");
	server = server_at(sink.port);
	server.tls = NET_TLS_REQUIRED;                                          /* which it does not offer */
	ASSERT(smtp_open(&server, S("node.example"), &smtp, &err));
	ASSERT(send_to(smtp, a, "a@b.example", BODY).fate == SMTP_TEMPORARY);
	smtp_close(smtp);
	sink_close(&sink);
	ASSERT(sink.content_len == 0);
	server.tls = NET_TLS_NONE;                                              /* nobody listens there now */
	ASSERT(smtp_open(&server, S("node.example"), &smtp, &err));
	struct smtp_result r = send_to(smtp, a, "a@b.example", BODY);
	ASSERT(r.fate == SMTP_TEMPORARY && r.code == 0 && r.text.len > 0);
	smtp_close(smtp);
}

static void test_refused(struct arena *a)
{
	static const char *const bad_to[] = { "", "a b@c", "a@b\r\nRCPT TO:<x@y>", "a@b>", "<a@b", "a@b,c@d",
		"\xC3\xBC@b" };
	static const char *const bad_bytes[] = { "", "a\nb\r\n", "a\rb\r\n", "a\r\n.\n", "a\r\r\n", "a\r" };
	struct net_server server = server_at(1);
	struct smtp *smtp;
	struct smtp_result r;
	struct err err;
	ASSERT(smtp_open(&server, S("node.example"), &smtp, &err));
	for (ptrdiff_t i = 0; i < COUNTOF(bad_to); i++) {
		struct smtp_message message = { S("a@b"), str_from(bad_to[i]), S(BODY) };
		ASSERT(!smtp_send(smtp, a, &message, &r, &err) && err.code == ERR_INPUT);
	}
	for (ptrdiff_t i = 0; i < COUNTOF(bad_bytes); i++) {
		struct smtp_message message = { S("a@b"), S("a@b"), str_from(bad_bytes[i]) };
		ASSERT(!smtp_send(smtp, a, &message, &r, &err) && err.code == ERR_INPUT);
	}
	smtp_close(smtp);
	smtp_close(NULL);
	ASSERT(!smtp_open(&server, S("a b"), &smtp, &err));
	server.host = S("mail.example/x");
	ASSERT(!smtp_open(&server, S("node.example"), &smtp, &err));
	server = server_at(25);
	server.host = S("192.0.2.1");
	server.user = S("u");
	/* a password in the clear */
	ASSERT(!smtp_open(&server, S("node.example"), &smtp, &err) && err.code == ERR_INPUT);
}

int main(void)
{
	struct arena a;
	net_init();
	arena_init(&a, 16 << 20, 64 << 20);
	test_fates(&a);
	test_reuse_and_null_sender(&a);
	test_no_service(&a);
	test_refused(&a);
	arena_done(&a);
	return 0;
}
