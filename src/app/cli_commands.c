/* The commands that ask and show: rows of a table, so that help, requests and columns cannot part. */
#include "app/cli_verbs.h"

#include <stdio.h>
#include "base/buf.h"
#include "format/json.h"
#include "os/files.h"

enum { STDIN_MAX = 8 << 20, LOOK_PAGES = 200 };

struct noun {
	const char *word;
	const struct verb *verbs;
	ptrdiff_t count;
};

struct call {
	struct cli cli;
	const struct verb *verb;
	const char *subject, *values[OPTIONS_MAX], *node;
	str in_path; /* for %p */
	bool help;
};

static const struct cli_column report_columns[] = {
	{ "NUMBER", "number", 0 },
	{ "STATE", "state", 0 },
	{ "RECEIVED", "received_at", 16 },
	{ "DOOR", "door", 0 },
	{ "OWNER", "owner.name", 20 },
	{ "TITLE", "title", 60 },
	{ 0 },
};
static const struct cli_column account_columns[] = {
	{ "LOGIN", "login", 0 },
	{ "NAME", "name", 30 },
	{ "TEAM", "team.name", 30 },
	{ "ROLES", "roles", 0 },
	{ "STATE", "state", 0 },
	{ "LAST SEEN", "last_seen", 16 },
	{ 0 },
};

static const struct cli_column regime_columns[] = {
	{ "REGIME", "id", 0 },
	{ "VERSION", "version", 0 },
	{ "ADOPTED", "adopted_at", 16 },
	{ "IN USE", "in_use", 0 },
	{ "OPEN CASES", "open_cases", 0 },
	{ 0 },
};
static const struct cli_column purge_columns[] = {
	{ "PURGE", "id", 0 },
	{ "WORDS OF", "words", 0 },
	{ "ASKED", "asked_at", 16 },
	{ "BY", "asked_by.name", 20 },
	{ "DONE", "done_at", 16 },
	{ "REASON", "reason", 60 },
	{ 0 },
};

static const struct cli_column token_columns[] = {
	{ "TOKEN", "id", 0 },
	{ "NAME", "name", 30 },
	{ "OF", "owner.name", 20 },
	{ "MAY", "scopes", 0 },
	{ "UNTIL", "expires_at", 16 },
	{ "USED", "last_used", 16 },
	{ 0 },
};

static const struct verb report_verbs[] = {
	{ .word = "list",
	  .words = "reports, newest first",
	  .method = "GET",
	  .path = "/api/reports",
	  .options = { { "--state", "state", false }, { "--owner", "owner", false }, PAGING },
	  .columns = report_columns },
	{ .word = "show",
	  .words = "one report",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .method = "GET",
	  .path = "/api/reports/%s",
	  .kind = "report",
	  .shape = SHOW_RECORD },
	{ .word = "add",
	  .words = "a report; its text is read from standard input",
	  .method = "POST",
	  .path = "/api/reports",
	  .reads_text = true,
	  .shape = SHOW_RECORD,
	  .options = { { "--title", "title", false },
		       { "--reporter-name", "reporter_name", false },
		       { "--reporter-contact", "reporter_contact", false },
		       { "--tlp", "tlp", false } } },
	{ .word = "take",
	  .words = "a report becomes yours",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .method = "POST",
	  .path = "/api/reports/%s/take",
	  .kind = "report",
	  .shape = SHOW_NOTHING },
	{ .word = "release",
	  .words = "it is nobody's again",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .method = "POST",
	  .path = "/api/reports/%s/release",
	  .kind = "report",
	  .shape = SHOW_NOTHING },
	{ .word = "give",
	  .words = "to a colleague",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .method = "POST",
	  .path = "/api/reports/%s/give",
	  .kind = "report",
	  .shape = SHOW_NOTHING,
	  .options = { { "--to", "to", OPTION_PERSON } } },
	{ .word = "reject",
	  .words = "it is none of our business; --tell yes: the reporter is told the reason",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .method = "POST",
	  .path = "/api/reports/%s/reject",
	  .kind = "report",
	  .shape = SHOW_NOTHING,
	  .options = { { "--reason", "reason", OPTION_TEXT }, { "--tell", "tell", OPTION_YES } } },
	{ .word = "restore",
	  .words = "a rejected report is new again",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .method = "POST",
	  .path = "/api/reports/%s/restore",
	  .kind = "report",
	  .shape = SHOW_NOTHING },
	{ .word = "answer",
	  .words = "the reporter; the words are read from standard input",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .method = "POST",
	  .path = "/api/reports/%s/answer",
	  .kind = "report",
	  .reads_text = true,
	  .shape = SHOW_NOTHING },
	KEEPING("report", "/api/reports/%s"),
};
static const struct verb token_verbs[] = {
	{ .word = "list",
	  .words = "your tokens; through the node's folder: everybody's",
	  .method = "GET",
	  .path = "/api/tokens",
	  .options = { PAGING },
	  .columns = token_columns },
	{ .word = "end",
	  .words = "it works no longer; through the node's folder",
	  .subject = AS_QUERY,
	  .subject_name = "TOKEN",
	  .method = "POST",
	  .path = "/api/tokens/%s/end",
	  .shape = SHOW_NOTHING },
};
static const struct verb purge_verbs[] = {
	{ .word = "list",
	  .words = "purges, newest first; --state asked: those that wait for a second person",
	  .method = "GET",
	  .path = "/api/purges",
	  .options = { { "--state", "state", false }, PAGING },
	  .columns = purge_columns },
	{ .word = "confirm",
	  .words = "the words go for good; by a shift lead who did not ask for it",
	  .subject = AS_QUERY,
	  .subject_name = "PURGE",
	  .method = "POST",
	  .path = "/api/purges/%s/confirm",
	  .shape = SHOW_NOTHING },
};
static const struct verb account_verbs[] = {
	{ .word = "list",
	  .words = "accounts, by login",
	  .method = "GET",
	  .path = "/api/accounts",
	  .options = { PAGING },
	  .columns = account_columns },
	{ .word = "add",
	  .words = "an account; password and codes are shown once",
	  .subject = AS_LOGIN,
	  .subject_name = "LOGIN",
	  .method = "POST",
	  .path = "/api/accounts",
	  .shape = SHOW_RECORD,
	  .options = { { "--name", "name", false },
		       { "--team", "team", false },
		       { "--organisation", "organisation", false },
		       { "--roles", "roles", true },
		       { "--mail", "mail", false } } },
	{ .word = "disable",
	  .words = "nobody can sign in with it",
	  .subject = BY_LOGIN,
	  .subject_name = "LOGIN",
	  .method = "POST",
	  .path = "/api/accounts/%s/disable",
	  .shape = SHOW_NOTHING },
	{ .word = "enable",
	  .words = "again",
	  .subject = BY_LOGIN,
	  .subject_name = "LOGIN",
	  .method = "POST",
	  .path = "/api/accounts/%s/enable",
	  .shape = SHOW_NOTHING },
	{ .word = "reset",
	  .words = "a new password and new codes, shown once",
	  .subject = BY_LOGIN,
	  .subject_name = "LOGIN",
	  .method = "POST",
	  .path = "/api/accounts/%s/reset",
	  .shape = SHOW_RECORD },
};
static const struct verb regime_verbs[] = {
	{ .word = "list",
	  .words = "what the node adopted, oldest first, and how many open cases keep each",
	  .method = "GET",
	  .path = "/api/regimes",
	  .columns = regime_columns },
};
static const struct verb owner_verb[] = {
	{ .word = "",
	  .words = "who answers for an address, network, domain or AS, and why",
	  .subject = AS_QUERY,
	  .subject_name = "ADDRESS",
	  .method = "GET",
	  .path = "/api/owner?q=%s",
	  .shape = SHOW_RECORD },
};

static const struct cli_column hit_columns[] = {
	{ "WHAT", "kind", 0 },         { "NUMBER", "number", 0 }, { "AT", "at", 16 },
	{ "CASE", "incident.number", 0 }, { "TITLE", "title", 60 },  { 0 },
};
static const struct cli_column clock_columns[] = {
	{ "DUE", "due_at", 16 },   { "STATE", "state", 0 },    { "ASSUMED", "assumed", 0 },
	{ "CASE", "incident.number", 0 }, { "PARTY", "party.name", 30 }, { "CLOCK", "title", 40 },
	{ 0 },
};
static const struct cli_column outbox_columns[] = {
	{ "AT", "at", 16 },        { "STATE", "state", 0 },     { "TO", "address", 40 },
	{ "CASE", "incident.number", 0 }, { "SUBJECT", "subject", 60 }, { 0 },
};
static const struct cli_column organisation_columns[] = {
	{ "NAME", "name", 40 },       { "CLASS", "class", 0 },       { "SECTOR", "sector", 0 },
	{ "CERT", "team.name", 30 },  { "NETWORKS", "networks", 0 }, { "DOMAINS", "domains", 0 },
	{ "CONTACTS", "contacts", 0 }, { 0 },
};
static const struct verb search_verb[] = {
	{ .word = "",
	  .words = "by number, address, domain, hash, sender or words; --kind report, incident, "
		   "organisation, message",
	  .subject = AS_QUERY,
	  .subject_name = "WORDS",
	  .method = "GET",
	  .path = "/api/search?q=%s",
	  .options = { { "--kind", "kind", OPTION_TEXT }, PAGING },
	  .columns = hit_columns },
};
static const struct verb clock_verbs[] = {
	{ .word = "list",
	  .words = "clocks, next due first; --state running, waiting, late, met, waived or all",
	  .method = "GET",
	  .path = "/api/clocks",
	  .options = { { "--state", "state", OPTION_TEXT }, PAGING },
	  .columns = clock_columns },
};
static const struct verb outbox_verbs[] = {
	{ .word = "list",
	  .words = "mail that leaves, newest first",
	  .method = "GET",
	  .path = "/api/outbox",
	  .options = { { "--state", "state", OPTION_TEXT }, PAGING },
	  .columns = outbox_columns },
};
static const struct verb directory_verbs[] = {
	{ .word = "list",
	  .words = "organisations, by name",
	  .method = "GET",
	  .path = "/api/organisations",
	  .options = { { "--q", "q", OPTION_TEXT },
		       { "--sector", "sector", OPTION_TEXT },
		       { "--class", "class", OPTION_TEXT },
		       PAGING },
	  .columns = organisation_columns },
	{ .word = "import",
	  .words = "a table from standard input; --kind organisations, contacts, networks or domains; "
		   "--dry-run yes: only the fate of each row",
	  .method = "POST",
	  .path = "/api/directory/import",
	  .reads_table = true,
	  .shape = SHOW_RECORD,
	  .options = { { "--kind", "kind", OPTION_TEXT }, { "--dry-run", "dry_run", OPTION_YES } } },
};

/* --- the command line --- */

static int usage(const struct noun *n, FILE *out)
{
	(void)fprintf(out, "usage:\n");
	for (ptrdiff_t i = 0; i < n->count; i++) {
		const struct verb *v = &n->verbs[i];
		(void)fprintf(out, "  naubat %s%s%s%s%s", n->word, v->word[0] ? " " : "", v->word,
			      v->subject ? " " : "", v->subject ? v->subject_name : "");
		for (const struct option *o = v->options; o < v->options + OPTIONS_MAX && o->flag; o++)
			(void)fprintf(out, " [%s X]", o->flag);
		(void)fprintf(out, "\n      %s\n", v->words);
	}
	(void)fprintf(out,
		      "\nWith each: [--node FOLDER|https://...] [--json].  NAUBAT_TOKEN: whose token; needed "
		      "for cases.\n");
	return out == stdout ? CLI_DONE : CLI_USAGE;
}

static const char **value_for(struct call *c, str flag)
{
	if (str_eq(flag, S("--node")))
		return &c->node;
	for (int i = 0; i < OPTIONS_MAX && c->verb->options[i].flag; i++)
		if (str_eq(flag, str_from(c->verb->options[i].flag)))
			return &c->values[i];
	return NULL;
}

static const struct verb *verb_of(const struct noun *n, int argc, char **argv, int *out_first)
{
	*out_first = n->verbs[0].word[0] ? 2 : 1;
	if (*out_first == 1)
		return &n->verbs[0];
	for (ptrdiff_t i = 0; argc > 1 && i < n->count; i++)
		if (str_eq(str_from(argv[1]), str_from(n->verbs[i].word)))
			return &n->verbs[i];
	return NULL;
}

static bool read_line(struct call *c, int first, int argc, char **argv)
{
	for (int i = first; i < argc; i++) {
		str word = str_from(argv[i]);
		const char **value = value_for(c, word);
		if (str_eq(word, S("--json")))
			c->cli.json = true;
		else if (str_eq(word, S("--help")))
			c->help = true;
		else if (value && i + 1 < argc)
			*value = argv[++i];
		else if (!str_starts(word, S("-")) && c->verb->subject && c->subject == NULL)
			c->subject = argv[i];
		else
			return false;
	}
	return c->help || (c->subject != NULL) == (c->verb->subject != NO_SUBJECT);
}

/* --- asking --- */

static bool id_by_login(struct call *c, str *out_id, struct err *err)
{
	struct arena *a = c->cli.a;
	str cursor = { 0 };
	for (int page = 0; page < LOOK_PAGES; page++) {
		struct json *found;
		str path = arena_printf(a, "/api/accounts?limit=100%s" STR_FMT, cursor.len ? "&cursor=" : "",
					STR_ARG(cli_escape(a, cursor)));
		if (!cli_call(&c->cli, "GET", path, NULL, &found, err))
			return false;
		const struct json *items = json_get(found, "items");
		for (ptrdiff_t i = 0; i < json_count(items); i++)
			if (str_eq(json_get_str(json_at(items, i), "login"), str_from(c->subject))) {
				*out_id = json_get_str(json_at(items, i), "id");
				return true;
			}
		cursor = json_get_str(found, "next");
		if (cursor.len == 0)
			break;
	}
	c->cli.why = CLI_REFUSED;
	return err_set(err, ERR_MISSING, "there is no account '%.60s'", c->subject);
}

static bool find_subject(struct call *c, str *out_in_path, struct err *err)
{
	*out_in_path = (str){ 0 };
	switch (c->verb->subject) {
	case BY_NUMBER:
		return cli_number_find(&c->cli, c->verb->kind, str_from(c->subject), out_in_path, err);
	case BY_LOGIN:
		return id_by_login(c, out_in_path, err);
	case AS_QUERY:
		*out_in_path = cli_escape(c->cli.a, str_from(c->subject));
		return true;
	case AS_LOGIN:
	case NO_SUBJECT:
		break;
	}
	return true;
}

static bool make_body(struct call *c, str subject, struct json **out, struct err *err)
{
	struct json *j = json_object(c->cli.a), *value;
	str text;
	for (int i = 0; i < OPTIONS_MAX && c->verb->options[i].flag; i++) {
		const struct option *o = &c->verb->options[i];
		if (c->values[i] == NULL && o->member == NULL)
			return err_set(err, ERR_INPUT, "%s is needed", o->flag);
		if (c->values[i] == NULL)
			continue;
		if (!cli_option_value(&c->cli, o, str_from(c->values[i]), subject, &value, err))
			return false;
		if (o->member)
			json_set(j, o->member, value);
		else
			c->in_path = json_str(value);
	}
	if (c->verb->subject == AS_LOGIN)
		json_set_str(j, "login", str_from(c->subject));
	if (c->verb->reads_text || c->verb->reads_table) {
		if (!files_read(c->cli.a, "/dev/stdin", STDIN_MAX, &text, err))
			return false;
		json_set_str(j, c->verb->reads_table ? "csv" : "text", text);
	}
	*out = j;
	return true;
}

static str make_path(struct call *c, str subject)
{
	struct buf b;
	str path = str_from(c->verb->path);
	buf_init(&b, c->cli.a, 64 << 10);
	for (ptrdiff_t i = 0; i < path.len; i++) {
		bool hole = path.ptr[i] == '%' && i + 1 < path.len;
		if (!hole)
			buf_add_char(&b, path.ptr[i]);
		else
			buf_add(&b, path.ptr[++i] == 's' ? subject : c->in_path);
	}
	char mark = str_find(path, S("?")) < 0 ? '?' : '&';
	for (int i = 0; str_eq(str_from(c->verb->method), S("GET")) && i < OPTIONS_MAX; i++) {
		if (c->values[i] == NULL)
			continue;
		buf_printf(&b, "%c%s=" STR_FMT, mark, c->verb->options[i].member,
			   STR_ARG(cli_escape(c->cli.a, str_from(c->values[i]))));
		mark = '&';
	}
	return buf_str(&b);
}

static void show(struct call *c, const struct json *answer)
{
	if (c->cli.json) {
		(void)printf(STR_FMT "\n", STR_ARG(json_pretty(c->cli.a, answer)));
		return;
	}
	switch (c->verb->shape) {
	case SHOW_RECORD:
		cli_print_record(&c->cli, answer);
		break;
	case SHOW_TABLE:
		cli_print_table(&c->cli, json_get(answer, "items"), c->verb->columns);
		if (json_get_str(answer, "next").len)
			(void)fprintf(stderr, "more: --cursor " STR_FMT "\n",
				      STR_ARG(json_get_str(answer, "next")));
		break;
	case SHOW_NOTHING:
		break;
	}
}

static bool run(struct call *c, struct err *err)
{
	struct json *answer, *body = NULL;
	str subject;
	bool posts = str_eq(str_from(c->verb->method), S("POST"));
	c->cli.why = CLI_REFUSED;
	if (!find_subject(c, &subject, err) || (posts && !make_body(c, subject, &body, err)) ||
	    !cli_call(&c->cli, c->verb->method, make_path(c, subject), body, &answer, err))
		return false;
	show(c, answer);
	return true;
}

static int noun_command(const struct noun *n, int argc, char **argv)
{
	struct arena a;
	struct err err = { 0 };
	struct call c = { .cli = { .a = &a } };
	int first;
	if (argc > 1 && str_eq(str_from(argv[1]), S("--help")))
		return usage(n, stdout);
	c.verb = verb_of(n, argc, argv, &first);
	if (c.verb == NULL || !read_line(&c, first, argc, argv))
		return usage(n, stderr);
	if (c.help)
		return usage(n, stdout);
	arena_init(&a, 256 << 20, 512 << 20);
	cli_find_node(&c.cli, c.node);
	bool ok = run(&c, &err);
	if (!ok)
		(void)fprintf(stderr, "naubat: %s\n", err.text);
	arena_done(&a);
	return ok ? CLI_DONE : (int)c.cli.why;
}

int owner_command(int argc, char **argv)
{
	const struct noun n = { "owner", owner_verb, COUNTOF(owner_verb) };
	return noun_command(&n, argc, argv);
}

int search_command(int argc, char **argv)
{
	const struct noun n = { "search", search_verb, COUNTOF(search_verb) };
	return noun_command(&n, argc, argv);
}

int clock_command(int argc, char **argv)
{
	const struct noun n = { "clock", clock_verbs, COUNTOF(clock_verbs) };
	return noun_command(&n, argc, argv);
}

int outbox_command(int argc, char **argv)
{
	const struct noun n = { "outbox", outbox_verbs, COUNTOF(outbox_verbs) };
	return noun_command(&n, argc, argv);
}

int directory_command(int argc, char **argv)
{
	const struct noun n = { "directory", directory_verbs, COUNTOF(directory_verbs) };
	return noun_command(&n, argc, argv);
}

int report_command(int argc, char **argv)
{
	const struct noun n = { "report", report_verbs, COUNTOF(report_verbs) };
	return noun_command(&n, argc, argv);
}

int token_command_line(int argc, char **argv)
{
	const struct noun n = { "token", token_verbs, COUNTOF(token_verbs) };
	if (argc > 1 && str_eq(str_from(argv[1]), S("make")))
		return token_make_command(argc, argv);
	return noun_command(&n, argc, argv);
}

int purge_command(int argc, char **argv)
{
	const struct noun n = { "purge", purge_verbs, COUNTOF(purge_verbs) };
	return noun_command(&n, argc, argv);
}

int regime_list_command(int argc, char **argv)
{
	const struct noun n = { "regime", regime_verbs, COUNTOF(regime_verbs) };
	return noun_command(&n, argc, argv);
}

int case_command(int argc, char **argv)
{
	const struct noun n = { "case", case_verbs, case_verbs_count };
	return noun_command(&n, argc, argv);
}

int account_command_line(int argc, char **argv)
{
	const struct noun n = { "account", account_verbs, COUNTOF(account_verbs) };
	if (argc > 1 && str_eq(str_from(argv[1]), S("password")))
		return account_password_command(argc, argv);
	return noun_command(&n, argc, argv);
}
