/* naubat: one program that is every node of a nation's computer emergency response.  Wiring only. */
#include <stdio.h>
#include "app/cli.h"
#include "app/demo.h"
#include "app/detect_command.h"
#include "app/journal_commands.h"
#include "app/init.h"
#include "app/regime_command.h"
#include "app/serve.h"
#include "crypto/crypto.h"
#include "crypto/otp.h"

struct app_command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *words;
};

/* Of logs where some are named, else of the node that runs. */
static int search_either(int argc, char **argv)
{
	return search_is_of_logs(argc, argv) ? search_logs_command(argc, argv) : search_command(argc, argv);
}

static const struct app_command commands[] = {
	{ "demo", demo_command, "a demonstration on this machine: invented country, one-click sign-in" },
	{ "journal", journal_command,
	  "verify, prove, check, export, rebuild, checkpoint: the record and its proofs" },
	{ "backup", backup_command, "a consistent copy of a node's store while it is in use" },
	{ "restore", restore_command, "a node from a backup; it knows that it is one" },
	{ "init", init_command, "makes a real node: asks, or takes options" },
	{ "serve", serve_command, "runs it; TLS always" },
	{ "mail", mail_command, "mail in: hands a mail from a pipe to the running node" },
	{ "report", report_command, "list, show, add, take, answer, reject and what else is done with one" },
	{ "case", case_command, "list, show, open, message, close and what else is done with one" },
	{ "incident", case_command, "the same as case" },
	{ "request", request_command, "list, answered, withdraw: what was asked in a case" },
	{ "search", search_either, "number, address, domain, hash, words; with a LOG: through logs" },
	{ "detect", detect_command, "logs against Sigma rules and indicators; needs no node" },
	{ "rules", rules_command, "check, explain, stats: Sigma rules before they are relied on" },
	{ "logons", logons_command, "who logged on where in Windows logs, and what failed" },
	{ "metrics", events_command, "what is in logs: events by host, channel and id" },
	{ "clock", clock_command, "list: what is due, late, met" },
	{ "outbox", outbox_command, "list: mail that leaves" },
	{ "directory", directory_command,
	  "list, show, add, change, contact, network, domain, remove, import, export: who owns what" },
	{ "purge", purge_command, "list, confirm: words that go for good" },
	{ "owner", owner_command, "who answers for an address" },
	{ "account", account_command_line, "list, add, set, disable, enable, reset, password, sign-ins" },
	{ "session", session_command, "list, end: who is signed in" },
	{ "token", token_command_line, "list, make, end: what programs sign in with" },
	{ "oversight", oversight_command, "numbers of the last twelve months" },
	{ "regime", regime_command,
	  "check FILE: what is wrong with a regime file; adopt FILE: a new law; list" },
};

static int usage(FILE *out)
{
	(void)fprintf(out, "usage: naubat COMMAND ...\n\n");
	for (ptrdiff_t i = 0; i < COUNTOF(commands); i++)
		(void)fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].words);
	(void)fprintf(out, "\nman naubat has the rest.\n");
	return out == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
	struct err err = { 0 };
	if (argc < 2)
		return usage(stderr);
	char help[] = "--help", *asked[] = { argv[0], argv[argc - 1], help, NULL };
	str name = str_from(argv[1]);
	if (str_eq(name, S("help")) && argc == 3) { /* as COMMAND --help */
		argv = asked;
		name = str_from(argv[1]);
	} else if (str_eq(name, S("help")) || str_eq(name, S("--help")) || str_eq(name, S("-h"))) {
		return usage(stdout);
	}
	if (str_eq(name, S("version")) || str_eq(name, S("--version"))) {
		(void)printf("naubat 0.1.0\n");
		return 0;
	}
	if (!crypto_init(&err) || !otp_init(&err)) {
		(void)fprintf(stderr, "naubat: %s\n", err.text);
		return 1;
	}
	for (ptrdiff_t i = 0; i < COUNTOF(commands); i++)
		if (str_eq(name, str_from(commands[i].name)))
			return commands[i].run(argc - 1, argv + 1);
	(void)fprintf(stderr, "naubat: there is no command '%s'\n\n", argv[1]);
	return usage(stderr);
}
