/* `naubat regime adopt` and `list`; check is regime_command.c. */
#include "app/cli_verbs.h"

#include <stdio.h>
#include "format/json.h"
#include "os/files.h"
#include "regime/check.h"

enum { FILE_MAX_BYTES = 1 << 20, OUT_MAX_BYTES = 4 << 20 };

struct adoption {
	struct cli cli;
	const char *file, *node;
	bool dry_run;
};

static const struct cli_column columns[] = { { "HOW", "how", 0 },
					     { "PART", "part", 0 },
					     { "WHICH", "id", 40 },
					     { "WORDS", "words", 0 },
					     { 0 } };

static int usage(FILE *out)
{
	(void)fprintf(out,
		      "usage: naubat regime adopt FILE [--dry-run] [--node FOLDER|https://...] [--json]\n\n"
		      "Checks FILE and makes it the law of new cases from the node's next start; cases that\n"
		      "are there keep theirs.  It says what changes; --dry-run: only that.\n");
	return out == stdout ? CLI_DONE : CLI_USAGE;
}

/* What is wrong with the file is said with all its lines, as `regime check` does. */
static bool read_file(struct adoption *o, str *out, struct err *err)
{
	struct buf b;
	buf_init(&b, o->cli.a, OUT_MAX_BYTES);
	if (!files_read(o->cli.a, o->file, FILE_MAX_BYTES, out, err))
		return false;
	if (regime_check(*out, str_from(o->file), false, o->cli.a, &b))
		return true;
	(void)fwrite(b.ptr, 1, (size_t)b.len, stderr);
	return err_set(err, ERR_INPUT, "nothing was adopted: correct the file first");
}

static void tell(struct adoption *o, const struct json *answer)
{
	const struct json *changes = json_get(answer, "changes");
	if (o->cli.json) {
		(void)printf(STR_FMT "\n", STR_ARG(json_pretty(o->cli.a, answer)));
		return;
	}
	if (json_count(changes))
		cli_print_table(&o->cli, changes, columns);
	(void)printf("%s" STR_FMT " version " STR_FMT "%s\n",
		     json_count(changes) ? "\n" : "Nothing but its text changes.\n",
		     STR_ARG(json_get_str(answer, "id")), STR_ARG(json_get_str(answer, "version")),
		     o->dry_run ? " could be adopted; nothing was."
				: " is adopted: for new cases, from the node's next start.  Cases that are "
				  "there keep the version they were opened under.");
}

static bool adopt(struct adoption *o, struct err *err)
{
	struct json *answer;
	struct client_request r = { .method = "POST",
				    .path = o->dry_run ? S("/api/regimes?dry_run=true") : S("/api/regimes"),
				    .type = S("application/yaml"),
				    .key = cli_new_key(&o->cli) };
	if (!read_file(o, &r.body, err) || !cli_send(&o->cli, &r, &answer, err))
		return false;
	tell(o, answer);
	return true;
}

static bool read_line(struct adoption *o, int argc, char **argv)
{
	for (int i = 2; i < argc; i++) {
		str word = str_from(argv[i]);
		if (str_eq(word, S("--dry-run")))
			o->dry_run = true;
		else if (str_eq(word, S("--json")))
			o->cli.json = true;
		else if (str_eq(word, S("--node")) && i + 1 < argc)
			o->node = argv[++i];
		else if (!str_starts(word, S("-")) && o->file == NULL)
			o->file = argv[i];
		else
			return false;
	}
	return o->file != NULL;
}

int regime_adopt_command(int argc, char **argv)
{
	struct arena a;
	struct err err = { 0 };
	struct adoption o = { .cli = { .a = &a, .why = CLI_REFUSED } };
	if (argc == 3 && str_eq(str_from(argv[2]), S("--help")))
		return usage(stdout);
	if (!read_line(&o, argc, argv))
		return usage(stderr);
	arena_init(&a, 64 << 20, 256 << 20);
	cli_find_node(&o.cli, o.node);
	bool ok = adopt(&o, &err);
	if (!ok)
		(void)fprintf(stderr, "naubat: %s\n", err.text);
	arena_done(&a);
	return ok ? CLI_DONE : (int)o.cli.why;
}
