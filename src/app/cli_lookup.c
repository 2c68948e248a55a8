/* What people say for the ids that the API wants: numbers, names, titles. */
#include "app/cli_verbs.h"

#include "base/instant.h"
#include "base/uuid.h"
#include "format/json.h"
#include "os/clock.h"

enum { LOOK_PAGES = 200 };

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

bool cli_login_find(struct cli *c, str login, str *out_id, struct err *err)
{
	str cursor = { 0 };
	for (int page = 0; page < LOOK_PAGES; page++) {
		struct json *found;
		str path = arena_printf(c->a, "/api/accounts?limit=100%s" STR_FMT,
					cursor.len ? "&cursor=" : "", STR_ARG(cli_escape(c->a, cursor)));
		if (!cli_call(c, "GET", path, NULL, &found, err))
			return false;
		const struct json *items = json_get(found, "items");
		for (ptrdiff_t i = 0; i < json_count(items); i++)
			if (str_eq(json_get_str(json_at(items, i), "login"), login)) {
				c->current = json_at(items, i);
				*out_id = json_get_str(c->current, "id");
				return true;
			}
		cursor = json_get_str(found, "next");
		if (cursor.len == 0)
			break;
	}
	c->why = CLI_REFUSED;
	return err_set(err, ERR_MISSING, "there is no account '" STR_FMT "'", STR_ARG(str_sub(login, 0, 60)));
}

/* Where a name is looked for. */
struct among {
	const struct json *list;
	const char *members[2]; /* either is the name of one */
	const char *shown_by;   /* the command that lists them */
};

static bool has_name(const struct among *where, const struct json *one, str said)
{
	for (ptrdiff_t i = 0; i < COUNTOF(where->members) && where->members[i]; i++) {
		const struct json *value = json_get(one, where->members[i]);
		str name = value && json_type(value) == JSON_OBJECT ? json_get_str(value, "name")
								    : json_get_str(one, where->members[i]);
		if (str_eq_nocase(name, said))
			return true;
	}
	return false;
}

/* The one in the list that is called so, or has the id. */
static bool named_one(struct cli *c, const struct among *where, str said, const struct json **out,
		      struct err *err)
{
	ptrdiff_t hits = 0;
	for (ptrdiff_t i = 0; i < json_count(where->list); i++) {
		const struct json *one = json_at(where->list, i);
		bool exact = str_eq(json_get_str(one, "id"), said);
		if (!exact && !has_name(where, one, said))
			continue;
		*out = one;
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
	       err_set(err, ERR_MISSING, "there is no '" STR_FMT "' here; 'naubat %s' lists them",
		       STR_ARG(str_sub(said, 0, 60)), where->shown_by);
}

static bool named(struct cli *c, const struct among *where, str said, str *out_id, struct err *err)
{
	const struct json *one;
	if (!named_one(c, where, said, &one, err))
		return false;
	*out_id = json_get_str(one, "id");
	return true;
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
	const struct among parties = { json_get(page, "parties"), { "name" }, "case show" };
	while (text.len) {
		str_cut_result cut = str_cut(text, ',');
		str word = str_trim(cut.head), id = word;
		struct err elsewhere = { 0 }; /* not a party: a team or an organisation, by its id */
		if (kind == OPTION_REPORTS && !cli_number_find(c, "report", word, &id, err))
			return false;
		if (kind == OPTION_PARTIES &&
		    !named(c, &parties, word, &id, &elsewhere))
			id = word;
		json_append_str(out, id);
		text = cut.tail;
	}
	return true;
}

bool cli_organisation_find(struct cli *c, str said, str *out_id, struct err *err)
{
	struct json *found;
	struct uuid id;
	struct err no_id;
	bool is_id = uuid_parse(said, &id, &no_id);
	str path = is_id ? arena_printf(c->a, "/api/organisations/" STR_FMT, STR_ARG(said))
			 : arena_printf(c->a, "/api/organisations?limit=100&q=" STR_FMT,
					STR_ARG(cli_escape(c->a, said)));
	if (!cli_call(c, "GET", path, NULL, &found, err))
		return false;
	c->current = found;
	if (!is_id && !named_one(c, &(struct among){ json_get(found, "items"), { "name" }, "directory list" },
				 said, &c->current, err))
		return false;
	*out_id = json_get_str(c->current, "id");
	return true;
}

/* Requests that wait; what was answered is settled. */
static struct json *waiting_requests(struct cli *c, const struct json *page)
{
	struct json *open = json_array(c->a);
	const struct json *all = json_get(page, "requests");
	for (ptrdiff_t i = 0; i < json_count(all); i++) {
		str state = json_get_str(json_at(all, i), "state");
		if (str_eq(state, S("open")) || str_eq(state, S("overdue")))
			json_append(open, json_copy(c->a, json_at(all, i)));
	}
	return open;
}

/* Contacts, networks and domains of an organisation. */
static bool one_item(struct cli *c, const struct option *o, str text, str organisation, str *out,
		     struct err *err)
{
	static const char *const lists[] = { "contacts", "networks", "domains" };
	struct among items = { NULL, { "name", "value" }, "directory show" };
	struct json *page, *all = json_array(c->a);
	if (o->kind == OPTION_ITEM && str_eq(text, S("all"))) {
		*out = organisation;
		return true;
	}
	str path = arena_printf(c->a, "/api/organisations/" STR_FMT, STR_ARG(organisation));
	if (!cli_call(c, "GET", path, NULL, &page, err))
		return false;
	for (ptrdiff_t k = 0; k < (o->kind == OPTION_CONTACT ? 1 : COUNTOF(lists)); k++) {
		const struct json *list = json_get(page, lists[k]);
		for (ptrdiff_t i = 0; i < json_count(list); i++)
			json_append(all, json_copy(c->a, json_at(list, i)));
	}
	items.list = all;
	if (!named_one(c, &items, text, &c->current, err))
		return false;
	*out = json_get_str(c->current, "id");
	return true;
}

static bool of_case(struct cli *c, enum option_kind kind, str text, str incident, str *out, struct err *err)
{
	struct json *page;
	struct among where = { .members = { "name" }, .shown_by = "case show" };
	if (!ask_incident(c, incident, "", &page, err))
		return false;
	where.list = json_get(page, kind == OPTION_CLOCK ? "clocks" : "parties");
	if (kind == OPTION_CLOCK)
		where.members[0] = "title";
	if (kind == OPTION_REQUEST)
		where = (struct among){ waiting_requests(c, page), { "subject", "party" }, "request list" };
	return named(c, &where, text, out, err);
}

static bool one_id(struct cli *c, const struct option *o, str text, str of, str *out, struct err *err)
{
	struct json *page;
	struct among where = { .members = { "name" }, .shown_by = "case show" };
	switch (o->kind) {
	case OPTION_CASE:
		return cli_number_find(c, "incident", text, out, err);
	case OPTION_PERSON:
	case OPTION_TEAM:
		where.shown_by = o->kind == OPTION_TEAM ? "account list" : "case list";
		if (!cli_call(c, "GET", o->kind == OPTION_TEAM ? S("/api/teams") : S("/api/people"), NULL,
			      &page, err))
			return false;
		where.list = json_get(page, "items");
		return named(c, &where, text, out, err);
	case OPTION_CONTACT:
	case OPTION_ITEM:
		return one_item(c, o, text, of, out, err);
	case OPTION_PARTY:
	case OPTION_CLOCK:
	case OPTION_REQUEST:
		return of_case(c, o->kind, text, of, out, err);
	case OPTION_TEXT:
	case OPTION_WORDS:
	case OPTION_INT:
	case OPTION_YES:
	case OPTION_FACTORS:
	case OPTION_TIME:
	case OPTION_REPORTS:
	case OPTION_PARTIES:
	case OPTION_ENDS:
		break;
	}
	*out = text;
	return true;
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

bool cli_option_value(struct cli *c, const struct option *o, str text, str of, struct json **out,
		      struct err *err)
{
	struct json *holder = json_object(c->a), *list = json_array(c->a);
	struct clock clock = clock_real();
	int64_t n = 0;
	str id = text;
	switch (o->kind) {
	case OPTION_ENDS:
		*out = list;
		return all_ends(c, text, of, list, err);
	case OPTION_WORDS:
	case OPTION_REPORTS:
	case OPTION_PARTIES:
		*out = list;
		return each_word(c, o->kind, text, of, list, err);
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
	case OPTION_REQUEST:
	case OPTION_TEAM:
	case OPTION_CONTACT:
	case OPTION_ITEM:
		if (!one_id(c, o, text, of, &id, err))
			return false;
		break;
	case OPTION_TEXT:
		break;
	}
	json_set_str(holder, "x", id);
	*out = json_copy(c->a, json_get(holder, "x"));
	return true;
}
