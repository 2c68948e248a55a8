/* SMTP, LMTP and IMAP against servers that others wrote: tests/peers/mail_peers.py starts OpenSMTPD and
 * Dovecot.
 *
 * Without arguments this program starts that script, naming itself; with them it is the script's hand:
 *
 *   smtp PORT TLS CA SENDER RECIPIENT FILE [USER PASSWORD]    sends; prints "fate code text"
 *   lmtp PORT FOLDER                                          serves until its input ends; keeps mail as 1,
 * 2, ...
 *   imap PORT TLS CA USER PASSWORD FOLDER VERDICT [MOVE-TO]   one round; prints "stored left too-large"
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "mail/parse.h"
#include "mail/lmtp_server.h"
#include "net/imap.h"
#include "net/smtp.h"
#include "os/files.h"

static struct arena tool_arena;

static enum net_tls tls_of(const char *word)
{
	return strcmp(word, "required") == 0 ? NET_TLS_REQUIRED : strcmp(word, "implicit") == 0 ?
		NET_TLS_IMPLICIT :
		strcmp(word, "optional") == 0 ? NET_TLS_OPTIONAL : NET_TLS_NONE;
}

static struct net_server server_of(char **args)
{
	int64_t port;
	ASSERT(str_to_int(str_from(args[0]), 1, 65535, &port));
	return (struct net_server){
		.host = S("127.0.0.1"), .port = (int)port, .tls = tls_of(args[1]),
			.ca_file = str_from(args[2]),
		.timeout_ms = 30000,
	};
}

static int fail(const struct err *err)
{
	printf("error %d %s\n", (int)err->code, err->text);
	return 1;
}

static int run_smtp(char **args, int count)
{
	static const char *const fates[] = { "sent", "temporary", "permanent" };
	struct net_server server = server_of(args);
	struct smtp_message message = { .sender = str_from(args[3]), .recipient = str_from(args[4]) };
	struct smtp_result result;
	struct smtp *smtp;
	struct err err;
	if (count > 6) {
		server.user = str_from(args[6]);
		server.password = str_from(args[7]);
	}
	if (!files_read(&tool_arena, args[5], MAIL_SIZE_MAX, &message.bytes, &err) ||
	    !smtp_open(&server, S("node.example"), &smtp, &err))
		return fail(&err);
	if (!smtp_send(smtp, &tool_arena, &message, &result, &err)) {
		smtp_close(smtp);
		return fail(&err);
	}
	printf("%s %d " STR_FMT "\n", fates[result.fate], result.code, STR_ARG(result.text));
	smtp_close(smtp);
	return 0;
}

struct inbox { const char *folder; _Atomic(int) count; };

static bool keep(const char *folder, int number, str bytes)
{
	char path[4096];
	struct err err;
	(void)snprintf(path, sizeof(path), "%s/%d", folder, number);
	return files_write(path, bytes, 0600, &err);
}

static void deliver(void *ctx, const struct lmtp_mail *mail, enum lmtp_verdict *verdicts)
{
	struct inbox *inbox = ctx;
	for (ptrdiff_t i = 0; i < mail->recipient_count; i++) {
		str to = mail->recipients[i];
		if (str_starts(to, S("refuse")))
			verdicts[i] = LMTP_REFUSED;
		else if (keep(inbox->folder, atomic_fetch_add(&inbox->count, 1) + 1, mail->bytes))
			verdicts[i] = LMTP_STORED;
	}
}

static int run_lmtp(char **args)
{
	struct inbox inbox = { .folder = args[1] };
	struct lmtp_server_options options = {
		.session = { .host = S("node.example"), .size_max = 1 << 20, .ctx = &inbox,
			.deliver = deliver },
	};
	struct lmtp_server *server;
	struct err err;
	char end;
	if (!lmtp_server_open(arena_printf(&tool_arena, "127.0.0.1:%s", args[0]), &options, &server, &err))
		return fail(&err);
	printf("%d\n", lmtp_server_port(server));
	(void)fflush(stdout);
	while (read(STDIN_FILENO, &end, 1) > 0)
		continue;
	lmtp_server_close(server);
	return 0;
}

struct taker { const char *folder; int count; enum imap_take verdict; };

static enum imap_take take(void *ctx, const struct imap_message *message)
{
	struct taker *taker = ctx;
	ASSERT(message->uid > 0 && message->uid_validity > 0);
	return keep(taker->folder, ++taker->count, message->bytes) ? taker->verdict : IMAP_STOP;
}

static int run_imap(char **args, int count)
{
	struct net_server server = server_of(args);
	struct taker taker = { .folder = args[5], .verdict = strcmp(args[6], "store") == 0 ? IMAP_STORED :
		IMAP_LEAVE };
	struct imap_options options = { .size_max = 100000, .ctx = &taker, .take = take };
	struct imap_round round;
	struct err err;
	server.user = str_from(args[3]);
	server.password = str_from(args[4]);
	if (count > 7)
		options.move_to = str_from(args[7]);
	if (!imap_fetch(&server, &options, &round, &err))
		return fail(&err);
	printf("%d %d %d\n", round.stored, round.left, round.too_large);
	return 0;
}

static int run_script(char *self)
{
	str here = str_from(__FILE__);
	str root = str_sub(here, 0, here.len - (ptrdiff_t)sizeof("src/mail/test_mail_peers.c") + 1);
	str script = arena_printf(&tool_arena, STR_FMT "tests/peers/mail_peers.py", STR_ARG(root));
	execlp("python3", "python3", script.ptr, realpath(self, NULL), (char *)NULL);
	printf("skipped: python3 is not installed\n");
	return 77;
}

int main(int argc, char **argv)
{
	int status = 2;
	arena_init(&tool_arena, 64 << 20, 128 << 20);
	if (argc == 1)
		status = run_script(argv[0]);
	else if (argc >= 8 && strcmp(argv[1], "smtp") == 0)
		status = run_smtp(argv + 2, argc - 2);
	else if (argc == 4 && strcmp(argv[1], "lmtp") == 0)
		status = run_lmtp(argv + 2);
	else if (argc >= 9 && strcmp(argv[1], "imap") == 0)
		status = run_imap(argv + 2, argc - 2);
	arena_done(&tool_arena);
	return status;
}
