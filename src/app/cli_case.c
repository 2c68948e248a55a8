/* What is done with incidents, and what people say for the ids that the API wants. */
#include "app/cli_verbs.h"

#include "base/instant.h"
#include "format/json.h"
#include "os/clock.h"

static const struct cli_column case_columns[] = {
	{ "NUMBER", "number", 0 },
	{ "STATE", "state", 0 },
	{ "UPDATED", "updated_at", 16 },
	{ "SECTOR", "sector", 0 },
	{ "OWNER", "owner.name", 20 },
	{ "TITLE", "title", 60 },
	{ 0 },
};
static const struct cli_column line_columns[] = {
	{ "AT", "at", 19 },
	{ "BY", "actor.name", 20 },
	{ "WHAT", "title", 100 },
	{ 0 },
};

const struct verb case_verbs[] = {
	{ .word = "list",
	  .words = "incidents",
	  .method = "GET",
	  .path = "/api/incidents",
	  .options = { { "--state", "state", OPTION_TEXT },
		       { "--owner", "owner", OPTION_TEXT },
		       { "--sector", "sector", OPTION_TEXT },
		       { "--class", "class", OPTION_TEXT },
		       { "--band", "band", OPTION_TEXT },
		       { "--sort", "sort", OPTION_TEXT },
		       { "--cursor", "cursor", OPTION_TEXT },
		       { "--limit", "limit", OPTION_TEXT } },
	  .columns = case_columns },
	{ .word = "show",
	  .words = "one incident, with its clocks, parties and what was submitted",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "GET",
	  .path = "/api/incidents/%s",
	  .shape = SHOW_RECORD },
	{ .word = "timeline",
	  .words = "what happened, newest first",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "GET",
	  .path = "/api/incidents/%s/timeline",
	  .options = { { "--cursor", "cursor", OPTION_TEXT } },
	  .columns = line_columns },
	{ .word = "open",
	  .words = "an incident, of reports or of none",
	  .method = "POST",
	  .path = "/api/incidents",
	  .shape = SHOW_RECORD,
	  .options = { { "--reports", "reports", OPTION_REPORTS }, { "--title", "title", OPTION_TEXT } } },
	{ .word = "attach",
	  .words = "reports to it",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/incidents/%s/attach",
	  .shape = SHOW_NOTHING,
	  .options = { { "--reports", "reports", OPTION_REPORTS } } },
	{ .word = "detach",
	  .words = "reports; they are new again",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/incidents/%s/detach",
	  .shape = SHOW_NOTHING,
	  .options = { { "--reports", "reports", OPTION_REPORTS } } },
	{ .word = "split",
	  .words = "reports off, into an incident of their own",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/incidents/%s/split",
	  .shape = SHOW_RECORD,
	  .options = { { "--reports", "reports", OPTION_REPORTS }, { "--title", "title", OPTION_TEXT } } },
	{ .word = "withdraw",
	  .words = "undo that it was opened or split off",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/incidents/%s/withdraw",
	  .shape = SHOW_NOTHING },
	{ .word = "merge",
	  .words = "it into another",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/incidents/%s/merge",
	  .shape = SHOW_NOTHING,
	  .options = { { "--into", "into", OPTION_CASE } } },
	{ .word = "unmerge",
	  .words = "undo that",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/incidents/%s/unmerge",
	  .shape = SHOW_NOTHING },
	{ .word = "take",
	  .words = "it becomes yours",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/incidents/%s/take",
	  .shape = SHOW_NOTHING },
	{ .word = "release",
	  .words = "it is nobody's again",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/incidents/%s/release",
	  .shape = SHOW_NOTHING },
	{ .word = "give",
	  .words = "it to a colleague",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/incidents/%s/give",
	  .shape = SHOW_NOTHING,
	  .options = { { "--to", "to", OPTION_PERSON } } },
	{ .word = "title",
	  .words = "change it",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/incidents/%s/retitle",
	  .shape = SHOW_NOTHING,
	  .options = { { "--title", "title", OPTION_TEXT } } },
	{ .word = "classify",
	  .words = "by the taxonomy (RSIT)",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/incidents/%s/classify",
	  .shape = SHOW_NOTHING,
	  .options = { { "--class", "class", OPTION_TEXT } } },
	{ .word = "mark",
	  .words = "raise the marking",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/incidents/%s/marking",
	  .shape = SHOW_NOTHING,
	  .options = { { "--tlp", "tlp", OPTION_TEXT } } },
	{ .word = "wait",
	  .words = "on somebody",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/incidents/%s/wait",
	  .shape = SHOW_NOTHING,
	  .options = { { "--on", "on", OPTION_TEXT },
		       { "--until", "until", OPTION_TIME },
		       { "--reason", "reason", OPTION_TEXT } } },
	{ .word = "resume",
	  .words = "work on it again",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/incidents/%s/resume",
	  .shape = SHOW_NOTHING },
	{ .word = "closing",
	  .words = "what closing would leave open",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "GET",
	  .path = "/api/incidents/%s/closing",
	  .shape = SHOW_RECORD },
	{ .word = "close",
	  .words = "it; --acknowledge all: knowing what is left open",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/incidents/%s/close",
	  .shape = SHOW_NOTHING,
	  .options = { { "--resolution", "resolution", OPTION_TEXT },
		       { "--reason", "reason", OPTION_TEXT },
		       { "--acknowledge", "acknowledged", OPTION_ENDS } } },
	{ .word = "reopen",
	  .words = "a closed one",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/incidents/%s/reopen",
	  .shape = SHOW_NOTHING,
	  .options = { { "--reason", "reason", OPTION_TEXT } } },
	{ .word = "flag",
	  .words = "answer a question of the rules: --value yes, no or unknown",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/incidents/%s/flags",
	  .shape = SHOW_NOTHING,
	  .options = { { "--flag", "flag", OPTION_TEXT },
		       { "--value", "value", OPTION_TEXT },
		       { "--said-by", "said_by", OPTION_TEXT } } },
	{ .word = "party",
	  .words = "add one: an organisation or team by id, or anybody by name and address",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/incidents/%s/parties",
	  .shape = SHOW_NOTHING,
	  .options = { { "--party", "party", OPTION_TEXT },
		       { "--name", "name", OPTION_TEXT },
		       { "--address", "address", OPTION_TEXT },
		       { "--role", "roles", OPTION_WORDS } } },
	{ .word = "fact",
	  .words = "about a party: contained, aware, ...; --at now or a time",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/incidents/%s/parties/%p/facts",
	  .shape = SHOW_NOTHING,
	  .options = { { "--party", NULL, OPTION_PARTY },
		       { "--fact", "fact", OPTION_TEXT },
		       { "--at", "at", OPTION_TIME },
		       { "--said-by", "said_by", OPTION_TEXT },
		       { "--value", "value", OPTION_TEXT } } },
	{ .word = "severity",
	  .words = "score it: --factors factor=option,...; --band with a reason overrules; --life-safety yes",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/incidents/%s/severity",
	  .shape = SHOW_NOTHING,
	  .options = { { "--factors", "factors", OPTION_FACTORS },
		       { "--life-safety", "life_safety", OPTION_YES },
		       { "--band", "override_band", OPTION_TEXT },
		       { "--reason", "reason", OPTION_TEXT } } },
	{ .word = "submit",
	  .words = "record what a party submitted; --stage is the step of its clock",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/incidents/%s/submissions",
	  .shape = SHOW_NOTHING,
	  .options = { { "--party", "party", OPTION_PARTY },
		       { "--stage", "stage", OPTION_TEXT },
		       { "--at", "received_at", OPTION_TIME },
		       { "--reference", "reference", OPTION_TEXT },
		       { "--duty", "duty", OPTION_TEXT } } },
	{ .word = "comment",
	  .words = "internal; the words are read from standard input",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/incidents/%s/comments",
	  .reads_text = true,
	  .shape = SHOW_NOTHING },
	{ .word = "message",
	  .words = "to parties; the words are read from standard input; --hours: answer within",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/incidents/%s/messages",
	  .reads_text = true,
	  .shape = SHOW_RECORD,
	  .options = { { "--to", "recipients", OPTION_PARTIES },
		       { "--subject", "subject", OPTION_TEXT },
		       { "--tlp", "tlp", OPTION_TEXT },
		       { "--hours", "request_hours", OPTION_INT } } },
	{ .word = "waive",
	  .words = "a clock, by its title",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/clocks/%p/waive",
	  .shape = SHOW_NOTHING,
	  .options = { { "--clock", NULL, OPTION_CLOCK }, { "--reason", "reason", OPTION_TEXT } } },
	{ .word = "late",
	  .words = "say why a clock is late",
	  .subject = BY_NUMBER,
	  .subject_name = "NUMBER",
	  .kind = "incident",
	  .method = "POST",
	  .path = "/api/clocks/%p/reason",
	  .shape = SHOW_NOTHING,
	  .options = { { "--clock", NULL, OPTION_CLOCK }, { "--reason", "reason", OPTION_TEXT } } },
	KEEPING("incident", "/api/incidents/%s"),
};
const ptrdiff_t case_verbs_count = COUNTOF(case_verbs);

bool cli_number_find(struct cli *c, const char *kind, str number, str *out_id, struct err *err)
{
	struct json *found;
	str path = arena_printf(c->a, "/api/search?q=" STR_FMT "&kind=%s", STR_ARG(cli_escape(c->a, number)),
				kind);
	*out_id = (str){ 0 };
	if (!cli_call(c, "GET", path, NULL, &found, err))
		return false;
	const struct json *items = json_get(found, "items");
	for (ptrdiff_t i = 0; i < json_count(items); i++) {
		const struct json *hit = json_at(items, i);
		if (str_eq_nocase(json_get_str(hit, "number"), number) &&
		    str_eq(json_get_str(hit, "kind"), str_from(kind)))
			*out_id = json_get_str(hit, "id");
	}
	c->why = CLI_REFUSED;
	return out_id->len > 0 || err_set(err, ERR_MISSING, "there is no %s " STR_FMT
					  ", or none that you may see", kind,
					  STR_ARG(str_sub(number, 0, 60)));
}

/* The id of the one in the list whose `member` is said. */
static bool named(struct cli *c, const struct json *list, const char *member, str said, str *out_id,
		  struct err *err)
{
	ptrdiff_t hits = 0;
	for (ptrdiff_t i = 0; i < json_count(list); i++) {
		const struct json *one = json_at(list, i);
		bool exact = str_eq(json_get_str(one, "id"), said);
		if (!exact && !str_eq_nocase(json_get_str(one, member), said))
			continue;
		*out_id = json_get_str(one, "id");
		hits++;
		if (exact)
			return true;
	}
	c->why = CLI_REFUSED;
	if (hits > 1)
		return err_set(err, ERR_INPUT,
			       "several are called '" STR_FMT "': give the id, which --json shows",
			       STR_ARG(str_sub(said, 0, 60)));
	return hits == 1 ||
	       err_set(err, ERR_MISSING, "there is no '" STR_FMT "' here; 'naubat case show' lists them",
		       STR_ARG(str_sub(said, 0, 60)));
}

static bool ask_incident(struct cli *c, str incident, const char *what, struct json **out, struct err *err)
{
	return cli_call(c, "GET", arena_printf(c->a, "/api/incidents/" STR_FMT "%s", STR_ARG(incident), what),
			NULL, out, err);
}

static bool all_ends(struct cli *c, str said, str incident, struct json *out, struct err *err)
{
	struct json *ends;
	if (!str_eq(said, S("all")))
		return err_set(err, ERR_INPUT,
			       "--acknowledge takes 'all'; 'naubat case closing' shows what that is");
	if (!ask_incident(c, incident, "/closing", &ends, err))
		return false;
	for (int k = 0; k < 3; k++) {
		static const char *const lists[] = { "clocks", "requests", "unanswered" };
		const struct json *list = json_get(ends, lists[k]);
		for (ptrdiff_t i = 0; i < json_count(list); i++) {
			const struct json *one = json_at(list, i);
			json_append_str(out, json_get_str(k == 2 ? json_get(one, "report") : one, "id"));
		}
	}
	return true;
}

/* Each of the words between commas, as this kind of option wants it. */
static bool each_word(struct cli *c, enum option_kind kind, str text, str incident, struct json *out,
		      struct err *err)
{
	struct json *page = NULL;
	if (kind == OPTION_PARTIES && !ask_incident(c, incident, "", &page, err))
		return false;
	while (text.len) {
		str_cut_result cut = str_cut(text, ',');
		str word = str_trim(cut.head), id = word;
		struct err elsewhere = { 0 }; /* not a party: a team or an organisation, by its id */
		if (kind == OPTION_REPORTS && !cli_number_find(c, "report", word, &id, err))
			return false;
		if (kind == OPTION_PARTIES &&
		    !named(c, json_get(page, "parties"), "name", word, &id, &elsewhere))
			id = word;
		json_append_str(out, id);
		text = cut.tail;
	}
	return true;
}

static bool one_id(struct cli *c, enum option_kind kind, str text, str incident, str *out, struct err *err)
{
	struct json *page;
	if (kind == OPTION_CASE)
		return cli_number_find(c, "incident", text, out, err);
	if (kind == OPTION_PERSON)
		return cli_call(c, "GET", S("/api/people"), NULL, &page, err) &&
		       named(c, json_get(page, "items"), "name", text, out, err);
	bool clock = kind == OPTION_CLOCK;
	return ask_incident(c, incident, "", &page, err) &&
	       named(c, json_get(page, clock ? "clocks" : "parties"), clock ? "title" : "name", text, out,
		     err);
}

/* factor=option, parted by commas; nothing: none is known. */
static bool factors(str text, struct json *out, struct arena *a, struct err *err)
{
	while (text.len) {
		str_cut_result cut = str_cut(text, ','), pair = str_cut(str_trim(cut.head), '=');
		if (!pair.ok || pair.head.len == 0)
			return err_set(err, ERR_INPUT,
				       "--factors: as factor=option, parted by commas; GET /api/regime "
				       "names them");
		json_set_str(out, arena_cstr(a, pair.head), pair.tail);
		text = cut.tail;
	}
	return true;
}

bool cli_option_value(struct cli *c, const struct option *o, str text, str incident, struct json **out,
		      struct err *err)
{
	struct json *holder = json_object(c->a), *list = json_array(c->a);
	struct clock clock = clock_real();
	int64_t n = 0;
	str id = text;
	switch (o->kind) {
	case OPTION_ENDS:
		*out = list;
		return all_ends(c, text, incident, list, err);
	case OPTION_WORDS:
	case OPTION_REPORTS:
	case OPTION_PARTIES:
		*out = list;
		return each_word(c, o->kind, text, incident, list, err);
	case OPTION_INT:
		if (!str_to_int(text, 0, INT64_MAX >> 10, &n))
			return err_set(err, ERR_INPUT, "%s: a number", o->flag);
		json_set_int(holder, "x", n);
		*out = json_copy(c->a, json_get(holder, "x"));
		return true;
	case OPTION_FACTORS:
		*out = json_object(c->a);
		return factors(text, *out, c->a, err);
	case OPTION_YES:
		if (!str_eq(text, S("yes")) && !str_eq(text, S("no")))
			return err_set(err, ERR_INPUT, "%s: yes or no", o->flag);
		json_set_bool(holder, "x", str_eq(text, S("yes")));
		*out = json_copy(c->a, json_get(holder, "x"));
		return true;
	case OPTION_TIME:
		if (str_eq(text, S("now")))
			id = instant_format_seconds(c->a, clock.now(&clock));
		break;
	case OPTION_CASE:
	case OPTION_PARTY:
	case OPTION_CLOCK:
	case OPTION_PERSON:
		if (!one_id(c, o->kind, text, incident, &id, err))
			return false;
		break;
	case OPTION_TEXT:
		break;
	}
	json_set_str(holder, "x", id);
	*out = json_copy(c->a, json_get(holder, "x"));
	return true;
}
