/* `naubat account password`: asks, so that no password stands in a history or a list of processes. */
#include "app/cli.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "crypto/password.h"
#include "crypto/secret.h"
#include "format/json.h"

enum { LINE_MAX_BYTES = PASSWORD_BYTES_MOST + 2 };

static int usage(FILE *out)
{
	(void)fprintf(out,
		      "usage: naubat account password [--node FOLDER|https://...]\n\n"
		      "Changes the password of whoever NAUBAT_TOKEN is of.  It asks for the one of today, a "
		      "one-time\ncode and, twice, the new password; from a pipe it reads those as lines.  "
		      "Who forgot the password\nneeds an administrator: naubat account reset LOGIN.\n");
	return out == stdout ? CLI_DONE : CLI_USAGE;
}

/* One line, without an echo if somebody types it. */
static bool ask(struct arena *a, const char *question, bool hidden, str *out, struct err *err)
{
	char line[LINE_MAX_BYTES];
	struct termios before, quiet;
	bool typed = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &before) == 0;
	if (typed) {
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		(void)fprintf(stderr, "%s: ", question);
		if (hidden)
			(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	bool ok = fgets(line, sizeof(line), stdin) != NULL;
	if (typed && hidden) {
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		(void)fputc('\n', stderr);
	}
	if (ok)
		*out = arena_dup(a, (str){ line, (ptrdiff_t)strcspn(line, "\n") });
	secret_wipe(line, sizeof(line));
	return ok || err_set(err, ERR_INPUT, "%s: nothing was given", question);
}

static bool change(struct cli *c, struct err *err)
{
	struct json *body = json_object(c->a), *answer;
	str old, code, first, again;
	if (c->node.token.len == 0)
		return err_set(err, ERR_INPUT,
			       "NAUBAT_TOKEN says whose password: set it to a token of yours (the console "
			       "makes them)");
	if (!ask(c->a, "Password of today", true, &old, err) ||
	    !ask(c->a, "One-time code", false, &code, err) ||
	    !ask(c->a, "New password", true, &first, err) || !ask(c->a, "Again", true, &again, err))
		return false;
	if (!str_eq(first, again))
		return err_set(err, ERR_INPUT, "the new password was typed in two ways: begin again");
	json_set_str(body, "old", old);
	json_set_str(body, "code", code);
	json_set_str(body, "password", first);
	return cli_call(c, "POST", S("/api/account/password"), body, &answer, err);
}

int account_password_command(int argc, char **argv)
{
	struct arena a;
	struct err err = { 0 };
	struct cli c = { .a = &a, .why = CLI_REFUSED };
	bool node = argc == 4 && str_eq(str_from(argv[2]), S("--node"));
	if (argc == 3 && str_eq(str_from(argv[2]), S("--help")))
		return usage(stdout);
	if (argc != 2 && !node)
		return usage(stderr);
	arena_init(&a, 1 << 20, 16 << 20);
	cli_find_node(&c, node ? argv[3] : NULL);
	bool ok = change(&c, &err);
	if (ok)
		(void)fprintf(stderr, "The password is changed; your sessions have ended.\n");
	else
		(void)fprintf(stderr, "naubat: %s\n", err.text);
	arena_done(&a);
	return ok ? CLI_DONE : (int)c.why;
}
