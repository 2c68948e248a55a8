#include "mail/lmtp_server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct arena test_arena;

struct inbox {
	int         count;
	char        bytes[4096];
	ptrdiff_t   len, recipients;
	enum lmtp_verdict verdict;
};

static void deliver(void *ctx, const struct lmtp_mail *mail, enum lmtp_verdict *verdicts)
{
	struct inbox *inbox = ctx;
	inbox->count++;
	inbox->recipients = mail->recipient_count;
	inbox->len = MIN(mail->bytes.len, (ptrdiff_t)sizeof(inbox->bytes));
	if (inbox->len > 0)
		memcpy(inbox->bytes, mail->bytes.ptr, (size_t)inbox->len);
	for (ptrdiff_t i = 0; i < mail->recipient_count; i++)
		verdicts[i] = i == 0 ? inbox->verdict : LMTP_STORED;
}

static bool accept_ours(void *ctx UNUSED, str recipient)
{
	return str_ends(recipient, S("@node.example"));
}

static struct lmtp_options session_options(struct inbox *inbox)
{
	return (struct lmtp_options){
		.host = S("node.example"), .size_max = 1000, .ctx = inbox, .accept = accept_ours,
			.deliver = deliver,
	};
}

/* What a whole conversation is answered with; *out_open tells whether the session lives. */
static str talk(struct inbox *inbox, const struct lmtp_options *given, const char *input, bool *out_open)
{
	struct buf out;
	struct lmtp_options options = given ? *given : session_options(inbox);
	buf_init(&out, &test_arena, 1 << 20);
	struct lmtp_session *s = lmtp_session_new(&options, &out);
	*out_open = lmtp_session_feed(s, str_from(input), &out);
	lmtp_session_free(s);
	return buf_str(&out);
}

/* The reply codes, a line each: "220 250 250". */
static bool codes_are(str output, const char *want)
{
	struct buf codes;
	buf_init(&codes, &test_arena, 4096);
	while (output.len > 0) {
		ptrdiff_t end = str_find(output, S("\r\n"));
		ASSERT(end > 3);
		if (output.ptr[3] == ' ') {
			if (codes.len)
				buf_add_char(&codes, ' ');
			buf_add(&codes, str_sub(output, 0, 3));
		}
		output = str_sub(output, end + 2, output.len);
	}
	if (!str_eq(buf_str(&codes), str_from(want)))
		fprintf(stderr, "codes " STR_FMT ", wanted %s\n", STR_ARG(buf_str(&codes)), want);
	return str_eq(buf_str(&codes), str_from(want));
}

#define HELLO   "LHLO client.example\r\n"
#define ONE     "MAIL FROM:<a@b.example>\r\nRCPT TO:<x@node.example>\r\nDATA\r\n"

static void test_dialogues(void)
{
	static const struct { const char *input,
		*codes; bool open; int delivered; enum lmtp_verdict verdict; } cases[] = {
		{ HELLO ONE "Subject: x\r\n\r\nhi\r\n.\r\nQUIT\r\n", "220 250 250 250 354 250 221", false, 1,
			LMTP_STORED },
		{ HELLO ONE "hi\r\n.\r\n", "220 250 250 250 354 451", true, 1, LMTP_TRY_LATER },
		{ HELLO ONE "hi\r\n.\r\n", "220 250 250 250 354 550", true, 1, LMTP_REFUSED },
		{ HELLO ONE ".\r\n" ONE ".\r\n", "220 250 250 250 354 250 250 250 354 250", true, 2,
			LMTP_STORED },
		{ HELLO "MAIL FROM:<>\r\nRCPT TO:<x@node.example>\r\nRCPT TO:<no@other.example>\r\n"
		"RCPT TO:<y@node.example>\r\n"
		  "DATA\r\nhi\r\n.\r\n", "220 250 250 250 550 250 354 451 250", true, 1, LMTP_TRY_LATER },
		{ HELLO "MAIL FROM:<a> SIZE=999 BODY=8BITMIME\r\nRSET\r\nDATA\r\n", "220 250 250 250 503",
			true, 0, LMTP_STORED },
		{ HELLO "MAIL FROM:<a> SIZE=1001\r\nRCPT TO:<x@node.example>\r\n", "220 250 552 503", true, 0,
			LMTP_STORED },
		{ HELLO "MAIL FROM:<a> SMTPUTF8\r\nMAIL FROM:<\xC3\xBC@x.example>\r\n", "220 250 555 553",
			true, 0, LMTP_STORED },
		{ HELLO "MAIL FROM:<a> FOO=1\r\nMAIL FROM:a\r\nMAIL\r\nMAIL FROM:<a\r\n",
			"220 250 555 501 501 501", true, 0, LMTP_STORED },
		{ HELLO "MAIL FROM:<a>\r\nMAIL FROM:<b>\r\nRCPT TO:<>\r\nDATA\r\n", "220 250 250 503 501 503",
			true, 0, LMTP_STORED },
		{ "MAIL FROM:<a>\r\nRCPT TO:<x@node.example>\r\nDATA\r\nLHLO\r\n", "220 503 503 503 501",
			true, 0, LMTP_STORED },
		{ "EHLO x\r\nHELO x\r\nVRFY x\r\nNOOP\r\nSTARTTLS\r\n", "220 500 500 252 250 500", true, 0,
			LMTP_STORED },
		{ "LHLO x\nMAIL FROM:<a>\n", "220 421", false, 0, LMTP_STORED },
		{ HELLO "NOOP\rNOOP\r\n", "220 250 421", false, 0, LMTP_STORED },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(cases); i++) {
		struct inbox inbox = { .verdict = cases[i].verdict };
		bool open;
		str out = talk(&inbox, NULL, cases[i].input, &open);
		bool same = codes_are(out, cases[i].codes) && open == cases[i].open &&
			inbox.count == cases[i].delivered;
		if (!same)
			fprintf(stderr, "dialogue:\n%s\nanswers:\n" STR_FMT "\n", cases[i].input,
				STR_ARG(out));
		ASSERT(same);
	}
}

static void test_transparency(void)
{
	struct inbox inbox = { .verdict = LMTP_STORED };
	bool open;
	(void)talk(&inbox, NULL, HELLO ONE "..dot\r\n.x\r\nlf\n.\nbare\r.\r\r\n.\r.\r\n.\r\n", &open);
	ASSERT(inbox.count == 1 && inbox.recipients == 1);
	ASSERT(str_eq((str){ inbox.bytes, inbox.len }, S(".dot\r\nx\r\nlf\n.\nbare\r.\r\r\n\r.\r\n")));
}

static void test_limits(void)
{
	struct inbox inbox = { .verdict = LMTP_STORED };
	_Atomic(ptrdiff_t) budget = 100;
	struct lmtp_options tight = session_options(&inbox);
	struct buf in;
	bool open;
	tight.budget = &budget;
	ASSERT(codes_are(talk(&inbox, &tight, HELLO ONE "hi\r\n.\r\nNOOP\r\n", &open),
		"220 250 250 250 354 452 250"));
	ASSERT(inbox.count == 0 && budget == 100);
	buf_init(&in, &test_arena, 1 << 20);
	buf_add(&in, S(HELLO ONE));
	for (int i = 0; i < 60; i++)
		buf_add(&in, S("0123456789012345678\r\n"));
	buf_add(&in, S(".\r\nNOOP\r\n\0"));
	ASSERT(codes_are(talk(&inbox, NULL, in.ptr, &open), "220 250 250 250 354 552 250") &&
		inbox.count == 0);
	in.len = 0;
	for (int i = 0; i < 3000; i++)
		buf_add_char(&in, 'N');
	buf_add(&in, S("\r\nNOOP\r\n\0"));
	ASSERT(codes_are(talk(&inbox, NULL, in.ptr, &open), "220 500 250") && open);
	in.len = 0;
	for (int i = 0; i < LMTP_ERRORS_MAX + 5; i++)
		buf_add(&in, S("X\r\n"));
	buf_add(&in, S("\0"));
	str out = talk(&inbox, NULL, in.ptr, &open);
	ASSERT(!open && str_ends(out, S("421 4.7.0 too many errors\r\n")));
	in.len = 0;
	buf_add(&in, S(HELLO "MAIL FROM:<a>\r\n"));
	for (int i = 0; i < LMTP_RECIPIENTS_MAX + 1; i++)
		buf_add(&in, S("RCPT TO:<x@node.example>\r\n"));
	buf_add(&in, S("\0"));
	ASSERT(str_ends(talk(&inbox, NULL, in.ptr, &open), S("send the others in another transaction\r\n")));
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	ASSERT(strlen(path) < sizeof(address.sun_path));
	memcpy(address.sun_path, path, strlen(path) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ASSERT(fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0);
	return fd;
}

/* Sends all, then reads until the server closes. */
static str converse(int fd, str input)
{
	struct buf b;
	char bytes[1024];
	buf_init(&b, &test_arena, 64 << 10);
	ssize_t sent = write(fd, input.ptr, (size_t)input.len);
	ASSERT(sent == input.len || errno == EPIPE);    /* the server may have given up on us already */
	for (ssize_t n; (n = read(fd, bytes, sizeof(bytes))) > 0;)
		buf_add(&b, (str){ bytes, n });
	close(fd);
	return buf_str(&b);
}

static void test_server(const char *folder)
{
	struct inbox inbox = { .verdict = LMTP_STORED };
	struct lmtp_server *server, *second;
	struct err err;
	struct lmtp_server_options options = { .session = session_options(&inbox), .connections_max = 1 };
	str path = arena_printf(&test_arena, "%s/lmtp.sock", folder),
		where = arena_printf(&test_arena, "unix:%s/lmtp.sock", folder);
	bool ok = lmtp_server_open(where, &options, &server, &err);
	ASSERT(ok && lmtp_server_port(server) == 0);
	ASSERT(codes_are(converse(connect_to(path.ptr), S(HELLO ONE "hi\r\n.\r\nQUIT\r\n")),
		"220 250 250 250 354 250 221"));
	ASSERT(inbox.count == 1);
	int silent = connect_to(path.ptr);
	char greeting[4] = { 0 };
	/* it has the only slot */
	ASSERT(read(silent, greeting, 3) == 3 && strcmp(greeting, "220") == 0);
	ASSERT(codes_are(converse(connect_to(path.ptr), S("")), "421"));
	ASSERT(!lmtp_server_open(where, &options, &second, &err) && err.code == ERR_CONFLICT);
	/* also cuts who waits */
	lmtp_server_close(server);
	close(silent);
	ASSERT(access(path.ptr, F_OK) != 0);
	options.idle_timeout_ms = 10;
	ok = lmtp_server_open(where, &options, &server, &err);
	ASSERT(ok && str_ends(converse(connect_to(path.ptr), S("LHLO slow")), S("421 4.4.2 timeout\r\n")));
	lmtp_server_close(server);
}

static void test_tcp(void)
{
	struct inbox inbox = { 0 };
	struct lmtp_server *server;
	struct err err;
	struct lmtp_server_options options = { .session = session_options(&inbox) };
	ASSERT(lmtp_server_open(S("127.0.0.1:0"), &options, &server, &err) && lmtp_server_port(server) > 0);
	lmtp_server_close(server);
	static const char *const bad[] = { "0.0.0.0:24", "192.0.2.1:24", "127.0.0.1", "127.0.0.1:99999",
		"[::]:24", "unix:x", "" };
	for (ptrdiff_t i = 0; i < COUNTOF(bad); i++)
		ASSERT(!lmtp_server_open(str_from(bad[i]), &options, &server, &err) && err.code == ERR_INPUT);
	lmtp_server_close(NULL);
}

int main(void)
{
	char folder[] = "/tmp/naubat-lmtp-XXXXXX";
	signal(SIGPIPE, SIG_IGN); /* as app/ does */
	ASSERT(mkdtemp(folder) != NULL);
	arena_init(&test_arena, 16 << 20, 64 << 20);
	test_dialogues();
	test_transparency();
	test_limits();
	test_server(folder);
	test_tcp();
	arena_done(&test_arena);
	rmdir(folder);
	return 0;
}
