#include "app/cli.h"

#include <stdio.h>
#include "format/json.h"
#include "mail/parse.h"
#include "os/files.h"

static int usage(FILE *out)
{
	(void)fprintf(
		out,
		"usage: naubat mail in [--node FOLDER] < MESSAGE\n\n"
		"Hands one mail to the running node, as a mail server's pipe delivers it.  Exit status 0: it "
		"is kept;\n1: it is too large; 75: it is not kept, try again later.\n");
	return out == stdout ? CLI_DONE : CLI_USAGE;
}

static bool hand_in(struct cli *c, struct err *err)
{
	struct client_request r = { .method = "POST", .path = S("/api/mail"), .type = S("message/rfc822") };
	struct json *answer;
	/* One byte more than is allowed, so that a longer one is seen to be longer, and not cut. */
	if (!files_read(c->a, "/dev/stdin", MAIL_SIZE_MAX + 1, &r.body, err))
		return false;
	if (r.body.len == 0)
		return err_set(err, ERR_INPUT, "there is no mail on standard input");
	if (r.body.len > MAIL_SIZE_MAX)
		return err_set(err, ERR_LIMIT, "the mail is larger than %d MiB", MAIL_SIZE_MAX >> 20);
	return cli_send(c, &r, &answer, err);
}

int mail_command(int argc, char **argv)
{
	struct arena a;
	struct err err = { 0 };
	struct cli c = { .a = &a };
	bool fits = argc == 2 || (argc == 4 && str_eq(str_from(argv[2]), S("--node")));
	if ((argc == 2 || argc == 3) && str_eq(str_from(argv[argc - 1]), S("--help")))
		return usage(stdout);
	if (!fits || !str_eq(str_from(argv[1]), S("in")))
		return usage(stderr);
	arena_init(&a, MAIL_ARENA_SOFT, MAIL_ARENA_HARD);
	cli_find_node(&c, argc == 4 ? argv[3] : NULL);
	c.node.token = (str){ 0 }; /* this is the operator's business, whoever's token is around */
	bool ok = hand_in(&c, &err);
	if (!ok)
		(void)fprintf(stderr, "naubat: %s\n", err.text);
	arena_done(&a);
	/* What is too large stays so: the mail server shall tell its sender, not try for days. */
	return ok ? CLI_DONE : err.code == ERR_LIMIT ? CLI_REFUSED : CLI_LATER;
}
