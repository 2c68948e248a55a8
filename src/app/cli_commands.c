/* The commands that ask and show: rows of a table, so that help, requests and columns cannot part. */
#include "app/cli_verbs.h"

#include <stdio.h>
#include "base/buf.h"
#include "format/json.h"
#include "os/files.h"

enum { STDIN_MAX = 8 << 20 };

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
static const struct cli_column purge_columns[] = {
	{ "PURGE", "id", 0 },
	{ "WORDS OF", "words", 0 },
	{ "ASKED", "asked_at", 16 },
	{ "BY", "asked_by.name", 20 },
	{ "DONE", "done_at", 16 },
	{ "REASON", "reason", 60 },
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
	for (const struct cli_other *o = n->others; o && o->line; o++)
		(void)fprintf(out, "  naubat %s %s\n      %s\n", n->word, o->line, o->words);
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

static bool find_subject(struct call *c, str *out_in_path, struct err *err)
{
	*out_in_path = (str){ 0 };
	switch (c->verb->subject) {
	case BY_NUMBER:
		return cli_number_find(&c->cli, c->verb->kind, str_from(c->subject), out_in_path, err);
	case BY_LOGIN:
		return cli_login_find(&c->cli, str_from(c->subject), out_in_path, err);
	case BY_ORGANISATION:
		return cli_organisation_find(&c->cli, str_from(c->subject), out_in_path, err);
	case AS_QUERY:
		*out_in_path = cli_escape(c->cli.a, str_from(c->subject));
		return true;
	case AS_LOGIN:
	case AS_NAME:
	case NO_SUBJECT:
		break;
	}
	return true;
}

/* What no option says is sent as it is now. */
static void keep_the_rest(struct call *c, struct json *body)
{
	for (const struct option *o = c->verb->options; o < c->verb->options + OPTIONS_MAX && o->flag; o++) {
		const struct json *now = json_get(c->cli.current, o->member);
		if (json_get(body, o->member) || now == NULL || json_type(now) == JSON_NULL)
			continue;
		if (json_type(now) == JSON_OBJECT) /* {id, name} */
			json_set_str(body, o->member, json_get_str(now, "id"));
		else
			json_set(body, o->member, json_copy(c->cli.a, now));
	}
}

static bool make_body(struct call *c, str subject, struct json **out, struct err *err)
{
	struct json *j = json_object(c->cli.a), *value;
	str text;
	if (c->verb->options[0].kind == OPTION_CONTACT) /* it is what is changed, not whose it is */
		c->cli.current = NULL;
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
	if (c->verb->subject == AS_LOGIN || c->verb->subject == AS_NAME)
		json_set_str(j, c->verb->subject == AS_LOGIN ? "login" : "name", str_from(c->subject));
	if (c->verb->keeps && c->cli.current)
		keep_the_rest(c, j);
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
	if (c->verb->items)
		answer = json_get(answer, c->verb->items);
	if (c->cli.json) {
		(void)printf(STR_FMT "\n", STR_ARG(json_pretty(c->cli.a, answer)));
		return;
	}
	switch (c->verb->shape) {
	case SHOW_RECORD:
		cli_print_record(&c->cli, answer);
		break;
	case SHOW_TABLE:
		cli_print_table(&c->cli, c->verb->items ? answer : json_get(answer, "items"),
				c->verb->columns);
		if (json_get_str(answer, "next").len)
			(void)fprintf(stderr, "more: --cursor " STR_FMT "\n",
				      STR_ARG(json_get_str(answer, "next")));
		break;
	case SHOW_OVERSIGHT:
		cli_print_oversight(&c->cli, answer);
		break;
	case SHOW_NOTHING:
	case SHOW_BYTES:
		break;
	}
}

static bool write_out(str bytes, struct err *err)
{
	return (ptrdiff_t)fwrite(bytes.ptr, 1, (size_t)bytes.len, stdout) == bytes.len && fflush(stdout) == 0
		       ? true
		       : err_set(err, ERR_SYSTEM, "the table could not be written: is there room?");
}

static bool run(struct call *c, struct err *err)
{
	struct json *answer, *body = NULL;
	str subject;
	bool posts = str_eq(str_from(c->verb->method), S("POST"));
	c->cli.why = CLI_REFUSED;
	if (!find_subject(c, &subject, err) || (posts && !make_body(c, subject, &body, err)))
		return false;
	if (c->verb->shape == SHOW_BYTES) {
		str bytes;
		return cli_fetch(&c->cli, make_path(c, subject), &bytes, err) && write_out(bytes, err);
	}
	if (!cli_call(&c->cli, c->verb->method, make_path(c, subject), body, &answer, err))
		return false;
	show(c, answer);
	return true;
}

int cli_noun_command(const struct noun *n, int argc, char **argv)
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
	const struct noun n = { "owner", owner_verb, COUNTOF(owner_verb), NULL };
	return cli_noun_command(&n, argc, argv);
}

int search_command(int argc, char **argv)
{
	const struct noun n = { "search", search_verb, COUNTOF(search_verb), NULL };
	return cli_noun_command(&n, argc, argv);
}

int clock_command(int argc, char **argv)
{
	const struct noun n = { "clock", clock_verbs, COUNTOF(clock_verbs), NULL };
	return cli_noun_command(&n, argc, argv);
}

int outbox_command(int argc, char **argv)
{
	const struct noun n = { "outbox", outbox_verbs, COUNTOF(outbox_verbs), NULL };
	return cli_noun_command(&n, argc, argv);
}

int report_command(int argc, char **argv)
{
	const struct noun n = { "report", report_verbs, COUNTOF(report_verbs), NULL };
	return cli_noun_command(&n, argc, argv);
}

int purge_command(int argc, char **argv)
{
	const struct noun n = { "purge", purge_verbs, COUNTOF(purge_verbs), NULL };
	return cli_noun_command(&n, argc, argv);
}
