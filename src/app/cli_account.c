/* What asks for a password: it is typed, so that none stands in a history or a list of processes. */
#include "app/cli.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "access/accounts.h"
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

static int token_usage(FILE *out)
{
	(void)fprintf(out,
		      "usage: naubat token make --name WHAT --scopes LIST [--days N] "
		      "[--node FOLDER|https://...]\n\n"
		      "Signs you in (name, password, one-time code; from a pipe as lines), makes a token of\n"
		      "yours, prints it once and signs you out.  Without --days it works for a year.  Your\n"
		      "roles limit it, now and at each use.  Scopes, parted by commas:\n");
	for (int i = 0; i < TOKEN_SCOPES; i++)
		(void)fprintf(out, "  %s\n", token_scope_word(i));
	return out == stdout ? CLI_DONE : CLI_USAGE;
}

static bool sign_in(struct cli *c, struct err *err)
{
	struct json *body = json_object(c->a), *answer;
	str login, password, code;
	c->node.token = (str){ 0 };
	if (!ask(c->a, "Sign-in name", false, &login, err) || !ask(c->a, "Password", true, &password, err) ||
	    !ask(c->a, "One-time code", false, &code, err))
		return false;
	json_set_str(body, "login", login);
	json_set_str(body, "password", password);
	json_set_str(body, "code", code);
	return cli_call(c, "POST", S("/api/session"), body, &answer, err);
}

struct token_wish {
	const char *name, *scopes, *days, *node;
};

static bool make_token(struct cli *c, const struct token_wish *w, struct err *err)
{
	struct json *body = json_object(c->a), *scopes = json_array(c->a), *answer, *ended;
	struct err ignored;
	int64_t days = 0;
	if (w->days && !str_to_int(str_from(w->days), 1, 10000, &days))
		return err_set(err, ERR_INPUT, "--days: a number of days");
	for (str_cut_result part = { .tail = str_from(w->scopes), .ok = true }; part.ok;) {
		part = str_cut(part.tail, ',');
		json_append_str(scopes, str_trim(part.head));
	}
	json_set_str(body, "name", str_from(w->name));
	json_set(body, "scopes", scopes);
	json_set_int(body, "days", days);
	if (!sign_in(c, err))
		return false;
	bool ok = cli_call(c, "POST", S("/api/tokens"), body, &answer, err);
	if (ok)
		(void)printf(STR_FMT "\n", STR_ARG(json_get_str(answer, "token")));
	if (!cli_call(c, "DELETE", S("/api/session"), NULL, &ended, &ignored))
		(void)fprintf(stderr, "naubat: you are still signed in, for an hour: %s\n", ignored.text);
	return ok;
}

static bool read_wish(struct token_wish *w, int argc, char **argv)
{
	for (int i = 2; i < argc; i += 2) {
		str flag = str_from(argv[i]);
		const char **to = str_eq(flag, S("--name"))     ? &w->name
				  : str_eq(flag, S("--scopes")) ? &w->scopes
				  : str_eq(flag, S("--days"))   ? &w->days
				  : str_eq(flag, S("--node"))   ? &w->node
								: NULL;
		if (to == NULL || i + 1 == argc)
			return false;
		*to = argv[i + 1];
	}
	return w->name && w->scopes;
}

int token_make_command(int argc, char **argv)
{
	struct arena a;
	struct err err = { 0 };
	struct token_wish w = { 0 };
	struct cli c = { .a = &a, .why = CLI_REFUSED };
	if (argc == 3 && str_eq(str_from(argv[2]), S("--help")))
		return token_usage(stdout);
	if (!read_wish(&w, argc, argv))
		return token_usage(stderr);
	arena_init(&a, 1 << 20, 16 << 20);
	cli_find_node(&c, w.node);
	bool ok = make_token(&c, &w, &err);
	if (!ok)
		(void)fprintf(stderr, "naubat: %s\n", err.text);
	arena_done(&a);
	return ok ? CLI_DONE : (int)c.why;
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
