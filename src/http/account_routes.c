#include "http/account_routes.h"

#include "access/accounts.h"
#include "access_sql.h"
#include "crypto/otp.h"
#include "format/json.h"
#include "http/desk.h"
#include "http/credential_routes.h"
#include "http/people.h"
#include "query/reads.h"
#include "regime/regime.h"

enum {
	COLLEAGUES_MOST = 500,
	TEAM_ID_MOST = 80,
	ROLES_MOST = 7,
	ORGANISATION_MOST = 200,
	OF_ORGANISATION_MOST = 100
};

/* --- people and teams --- */

/* {id, name} of colleagues is no record of its own: it stands on every record of the team. */
static struct reply *people_get(struct request *rq)
{
	struct err err = { 0 };
	struct sql_access_colleagues_row *rows;
	ptrdiff_t count;
	struct json *j = json_object(rq->arena), *list = json_array(rq->arena);
	struct db *db = reads_take(rq->node->reads);
	bool ok = sql_access_colleagues(db, rq->arena,
					&(struct sql_access_colleagues){ .team = rq->who->team,
									 .roles = ROLE_HANDLER | ROLE_LEAD,
									 .count = COLLEAGUES_MOST },
					&rows, &count, &err);
	reads_give(rq->node->reads, db);
	for (ptrdiff_t i = 0; ok && i < count; i++) {
		str name;
		ok = account_name(rq->arena, rows[i].body, rows[i].login, &name, &err);
		if (ok)
			json_append(list, people_ref(rq->arena, rows[i].id, name));
	}
	if (!ok)
		return reply_error(rq, &err);
	json_set(j, "items", list);
	return reply_json(rq, 200, j);
}

static struct reply *teams_get(struct request *rq)
{
	const struct regime *r = rq->node->world->regime;
	struct json *j = json_object(rq->arena), *list = json_array(rq->arena);
	for (ptrdiff_t i = 0; i < r->teams_count; i++)
		json_append(list, people_team(rq->node, rq->arena, r->teams[i].id));
	json_set(j, "items", list);
	return reply_json(rq, 200, j);
}

/* --- accounts --- */

static bool account_item(struct people_list *l, const struct sql_access_accounts_row *row, struct err *err)
{
	struct arena *a = l->rq->arena;
	struct json *j = json_object(a), *body = NULL;
	str name;
	if (!account_name(a, row->body, row->login, &name, err) ||
	    (row->body.len && !json_parse(a, row->body, (struct json_limits){ 0 }, &body, err)))
		return false;
	json_set_uuid(j, "id", row->id);
	json_set_str(j, "login", row->login);
	json_set_str(j, "name", name);
	json_set_str(j, "mail", json_get_str(body, "mail"));
	json_set(j, "team", people_team(l->rq->node, a, row->team));
	json_set(j, "organisation", people_organisation(a, row->organisation, row->organisation_name));
	json_set(j, "roles", people_roles(a, (unsigned)row->roles));
	json_set_str(j, "state", !row->active ? S("disabled") : row->locked ? S("locked") : S("active"));
	json_set_bool(j, "code", row->code);
	json_set_instant(j, "last_seen", row->seen);
	people_list_add(l, row->id, j);
	return true;
}

static bool accounts_read(struct people_list *l, struct err *err)
{
	struct request *rq = l->rq;
	struct sql_access_accounts_row *rows;
	struct sql_access_accounts_count_row total;
	bool found;
	ptrdiff_t count;
	if (!sql_access_accounts(l->db, rq->arena,
				 &(struct sql_access_accounts){ .after = l->cursor.len ? l->cursor : S(""),
								.now = rq->node->clock->now(rq->node->clock),
								.count = l->limit + 1 },
				 &rows, &count, err) ||
	    !sql_access_accounts_count(l->db, rq->arena, &total, &found, err))
		return false;
	l->total = total.accounts;
	for (ptrdiff_t i = 0; i < MIN(count, l->limit); i++)
		if (!account_item(l, &rows[i], err))
			return false;
	if (count > l->limit)
		l->next = rows[l->limit - 1].login;
	return true;
}

static struct reply *accounts_list(struct request *rq)
{
	return people_list_reply(rq, PEOPLE_BY_NAME, accounts_read);
}

/* The first answer had the secrets, and we no longer have them. */
static struct reply *shown_once(struct request *rq, const char *advice)
{
	struct err err;
	(void)err_set(&err, ERR_CONFLICT,
		      "this was done by the first request of this key, whose answer showed the "
		      "secret once: %s",
		      advice);
	return reply_error(rq, &err);
}

static struct reply *credentials(struct request *rq, int status, const struct account_command *c)
{
	struct json *j = json_object(rq->arena);
	str issuer = arena_printf(rq->arena, "Naubat " STR_FMT, STR_ARG(rq->node->world->prefix));
	if (status == 201)
		json_set_uuid(j, "id", c->account);
	json_set_str(j, "password", c->password);
	str uri = account_otp_uri(c, rq->arena, issuer);
	json_set_str(j, "code_uri", uri);
	json_set_str(j, "code_text", otp_secret_text(rq->arena, c->otp));
	json_set(j, "qr", credential_qr(rq->arena, uri));
	return reply_json(rq, status, j);
}

static struct reply *account_done(struct request *rq, struct command *command)
{
	const struct account_command *c = desk_arg(command);
	if (!command->ok)
		return reply_error(rq, &command->err);
	if (c->act != ACCOUNT_CREATE && c->act != ACCOUNT_RESET)
		return reply_empty(rq);
	if (command->replayed)
		return shown_once(rq, "reset the account if it was lost");
	return credentials(rq, c->act == ACCOUNT_CREATE ? 201 : 200, c);
}

static struct reply *account_hashed(struct request *rq, void *arg)
{
	struct account_command *c = arg;
	return c->hash.len ? desk_submit(rq, "account.credentials", account_decide, c, account_done)
			   : reply_error(rq, &c->err);
}

static bool read_roles(const struct request *rq, unsigned *out_roles, struct err *err)
{
	const struct json *list = json_get(rq->json, "roles");
	unsigned roles = 0, one = 0;
	for (ptrdiff_t i = 0; i < json_count(list); i++) {
		if (!people_role_parse(json_str(json_at(list, i)), &one, err))
			return false;
		roles |= one;
	}
	*out_roles = roles;
	return true;
}

/* By its id, or by its name if only one has it. */
static bool read_organisation(const struct request *rq, struct uuid *out, struct err *err)
{
	struct sql_access_organisations_named_row *rows;
	str text = desk_text(rq, "organisation");
	struct err odd;
	ptrdiff_t count = 0;
	*out = (struct uuid){ { 0 } };
	if (text.len == 0 || uuid_parse(text, out, &odd))
		return true;
	struct db *db = reads_take(rq->node->reads);
	bool ok = sql_access_organisations_named(
		db, rq->arena, &(struct sql_access_organisations_named){ text }, &rows, &count, err);
	reads_give(rq->node->reads, db);
	if (!ok)
		return false;
	if (count != 1)
		return err_set(err, ERR_INPUT, "organisation: %s has this name; give its id",
			       count ? "more than one" : "none of the directory");
	*out = rows[0].id;
	return true;
}

static struct reply *account_submit(struct request *rq, struct account_command *c)
{
	struct err err = { 0 };
	if (!account_prepare(c, rq->arena, rq->node->rng, &err))
		return reply_error(rq, &err);
	if (c->password.len)
		return reply_after_work(rq, account_secrets_hash, c, account_hashed);
	return desk_submit(rq, "account.change", account_decide, c, account_done);
}

static struct account_command *account_begin(struct request *rq, enum account_act act)
{
	struct account_command *c = NEW(rq->arena, struct account_command, 1);
	*c = (struct account_command){ .regime = rq->node->world->regime,
				       .home = rq->node->world->team,
				       .who = rq->who,
				       .act = act,
				       .login = desk_text(rq, "login"),
				       .name = desk_text(rq, "name"),
				       .mail = json_get_str(rq->json, "mail"),
				       .team = desk_text(rq, "team"),
				       .secret = rq->node->world->secret };
	return c;
}

static struct reply *account_act(struct request *rq, enum account_act act)
{
	struct account_command *c = account_begin(rq, act);
	struct err err = { 0 };
	if ((act != ACCOUNT_CREATE && !request_param_uuid(rq, "id", &c->account, &err)) ||
	    !read_roles(rq, &c->roles, &err) || !read_organisation(rq, &c->organisation, &err))
		return reply_error(rq, &err);
	return account_submit(rq, c);
}

static struct reply *account_create(struct request *rq)
{
	return account_act(rq, ACCOUNT_CREATE);
}
static struct reply *account_set(struct request *rq)
{
	return account_act(rq, ACCOUNT_SET);
}
static struct reply *account_disable(struct request *rq)
{
	return account_act(rq, ACCOUNT_DISABLE);
}
static struct reply *account_enable(struct request *rq)
{
	return account_act(rq, ACCOUNT_ENABLE);
}
static struct reply *account_reset(struct request *rq)
{
	return account_act(rq, ACCOUNT_RESET);
}

/* --- accounts of one organisation, for whoever keeps the directory --- */

static bool constituents(struct request *rq, struct uuid id, struct record **records, ptrdiff_t *out_count,
			 struct err *err)
{
	struct arena *a = rq->arena;
	struct sql_access_accounts_of_row *rows;
	struct instant now = rq->node->clock->now(rq->node->clock);
	struct db *db = reads_take(rq->node->reads);
	bool ok = sql_access_accounts_of(db, a,
					 &(struct sql_access_accounts_of){ id, now, OF_ORGANISATION_MOST },
					 &rows, out_count, err);
	reads_give(rq->node->reads, db);
	for (ptrdiff_t i = 0; ok && i < *out_count; i++) {
		struct json *j = json_object(a);
		str name;
		if (!account_name(a, rows[i].body, rows[i].login, &name, err))
			return false;
		json_set_uuid(j, "id", rows[i].id);
		json_set_str(j, "login", rows[i].login);
		json_set_str(j, "name", name);
		json_set(j, "roles", people_roles(a, (unsigned)rows[i].roles));
		json_set_str(j, "state",
			     !rows[i].active  ? S("disabled")
			     : rows[i].locked ? S("locked")
					      : S("active"));
		json_set_instant(j, "last_seen", rows[i].seen);
		records[i] = NEW(a, struct record, 1);
		*records[i] = (struct record){ .kind = RECORD_ACCOUNT,
					       .id = rows[i].id,
					       .coordinator = rq->node->world->team,
					       .organisation = id,
					       .fields = j };
	}
	return ok;
}

static struct reply *constituents_list(struct request *rq)
{
	struct record **records = NEW(rq->arena, struct record *, OF_ORGANISATION_MOST);
	struct err err = { 0 };
	struct uuid id;
	ptrdiff_t count = 0;
	if (!request_param_uuid(rq, "id", &id, &err) || !constituents(rq, id, records, &count, &err))
		return reply_error(rq, &err);
	return desk_list(rq, records, count, desk_page(rq, S(""), count, count < OF_ORGANISATION_MOST));
}

static struct reply *constituent_add(struct request *rq)
{
	struct account_command *c = account_begin(rq, ACCOUNT_CREATE);
	struct err err = { 0 };
	if (!request_param_uuid(rq, "id", &c->organisation, &err))
		return reply_error(rq, &err);
	return account_submit(rq, c);
}

/* --- sign-ins --- */

static str outcome_of(str result)
{
	static const struct {
		const char *result, *outcome;
	} outcomes[] = {
		{ "ok", "in" },
		{ "signed_out", "out" },
		{ "locked", "locked" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(outcomes); i++)
		if (str_eq(result, str_from(outcomes[i].result)))
			return str_from(outcomes[i].outcome);
	return S("refused");
}

static bool sign_ins_read(struct people_list *l, struct err *err)
{
	struct arena *a = l->rq->arena;
	struct sql_access_sign_ins_row *rows;
	struct sql_access_sign_ins_count_row total;
	bool found;
	ptrdiff_t count;
	if (!sql_access_sign_ins(l->db, a, &(struct sql_access_sign_ins){ l->before, l->limit + 1 }, &rows,
				 &count, err) ||
	    !sql_access_sign_ins_count(l->db, a, &(struct sql_access_sign_ins_count){ PEOPLE_COUNT_MOST },
				       &total, &found, err))
		return false;
	l->total = total.sign_ins;
	for (ptrdiff_t i = 0; i < MIN(count, l->limit); i++) {
		struct json *j = json_object(a);
		json_set_uuid(j, "id", rows[i].id);
		json_set_instant(j, "at", rows[i].at);
		json_set_str(j, "login", rows[i].login.len ? rows[i].login : S(""));
		json_set_str(j, "outcome", outcome_of(rows[i].result));
		json_set(j, "from", NULL); /* addresses are not kept */
		people_list_add(l, (struct uuid){ { 0 } }, j);
	}
	if (count > l->limit)
		l->next = uuid_format(a, rows[l->limit - 1].id);
	return true;
}

static struct reply *sign_ins_list(struct request *rq)
{
	return people_list_reply(rq, PEOPLE_NEWEST, sign_ins_read);
}

/* --- tokens: one's own; an administrator sees and ends all --- */

static bool token_item(struct people_list *l, const struct sql_access_tokens_row *row, struct err *err)
{
	struct arena *a = l->rq->arena;
	struct json *j = json_object(a), *scopes = json_array(a);
	str name, owner;
	if (!account_name(a, row->body, S(""), &name, err) ||
	    !account_name(a, row->owner_body, row->login, &owner, err))
		return false;
	for (int i = 0; i < TOKEN_SCOPES; i++)
		if (row->scopes & (1 << i))
			json_append_str(scopes, str_from(token_scope_word(i)));
	json_set_uuid(j, "id", row->id);
	json_set_str(j, "name", name);
	json_set(j, "owner", people_ref(a, row->account, owner));
	json_set(j, "scopes", scopes);
	json_set_instant(j, "created_at", row->created);
	json_set_instant(j, "expires_at", row->expires);
	json_set_instant(j, "last_used", row->used);
	people_list_add(l, row->account, j);
	return true;
}

static bool tokens_read(struct people_list *l, struct err *err)
{
	struct request *rq = l->rq;
	struct sql_access_tokens_row *rows;
	struct sql_access_tokens_count_row total;
	struct instant now = rq->node->clock->now(rq->node->clock);
	bool all = identity_may(rq->who, MAY_READ_ACCOUNTS), found;
	ptrdiff_t count;
	if (!sql_access_tokens(
		    l->db, rq->arena,
		    &(struct sql_access_tokens){ all, rq->who->account, now, l->before, l->limit + 1 }, &rows,
		    &count, err) ||
	    !sql_access_tokens_count(
		    l->db, rq->arena,
		    &(struct sql_access_tokens_count){ all, rq->who->account, now, PEOPLE_COUNT_MOST },
		    &total, &found, err))
		return false;
	l->total = total.tokens;
	for (ptrdiff_t i = 0; i < MIN(count, l->limit); i++)
		if (!token_item(l, &rows[i], err))
			return false;
	if (count > l->limit)
		l->next = uuid_format(rq->arena, rows[l->limit - 1].id);
	return true;
}

static struct reply *tokens_list(struct request *rq)
{
	return people_list_reply(rq, PEOPLE_NEWEST, tokens_read);
}

static struct reply *token_done(struct request *rq, struct command *command)
{
	const struct token_command *c = desk_arg(command);
	if (!command->ok)
		return reply_error(rq, &command->err);
	if (c->act == TOKEN_END)
		return reply_empty(rq);
	if (command->replayed)
		return shown_once(rq, "end the token if it was lost, and make another");
	struct json *j = json_object(rq->arena);
	json_set_uuid(j, "id", c->token);
	json_set_str(j, "token", str_from(c->text));
	return reply_json(rq, 201, j);
}

static struct reply *token_make(struct request *rq)
{
	struct token_command *c = NEW(rq->arena, struct token_command, 1);
	const struct json *list = json_get(rq->json, "scopes");
	struct err err = { 0 };
	unsigned one = 0;
	*c = (struct token_command){ .who = rq->who,
				     .act = TOKEN_MAKE,
				     .name = desk_text(rq, "name"),
				     .days = (int)json_get_int(rq->json, "days") };
	for (ptrdiff_t i = 0; i < json_count(list); i++) {
		if (!token_scope_parse(rq->arena, json_str(json_at(list, i)), &one, &err))
			return reply_error(rq, &err);
		c->scopes |= one;
	}
	return desk_submit(rq, "token.make", token_decide, c, token_done);
}

static struct reply *token_end(struct request *rq)
{
	struct token_command *c = NEW(rq->arena, struct token_command, 1);
	struct err err = { 0 };
	*c = (struct token_command){ .who = rq->who, .act = TOKEN_END };
	if (!request_param_uuid(rq, "id", &c->token, &err))
		return reply_error(rq, &err);
	return desk_submit(rq, "token.end", token_decide, c, token_done);
}

static const char mail_doc[] = "where reminders go; set without it: as it was";
#define PERSON_FIELDS                                                                          \
	{ .name = "mail", .type = FIELD_TEXT, .max = MAIL_MOST, .doc = mail_doc },             \
	{ .name = "name",                                                                      \
	  .type = FIELD_TEXT,                                                                  \
	  .required = true,                                                                    \
	  .max = PERSON_NAME_MOST,                                                             \
	  .doc = "of the person" },                                                            \
		{ .name = "team",                                                              \
		  .type = FIELD_TEXT,                                                          \
		  .max = TEAM_ID_MOST,                                                         \
		  .doc = "one of /api/teams" },                                                \
	{                                                                                      \
		.name = "roles", .type = FIELD_TEXT_LIST, .max = ROLES_MOST,                   \
		.doc = "what they may do; of an organisation: nothing to say"                  \
	}

static const struct field nothing[] = { { 0 } };
static const struct field create_fields[] = {
	{ .name = "login",
	  .type = FIELD_TEXT,
	  .required = true,
	  .max = LOGIN_MOST,
	  .doc = "small letters, digits, . _ -" },
	PERSON_FIELDS,
	{ .name = "organisation",
	  .type = FIELD_TEXT,
	  .max = ORGANISATION_MOST,
	  .doc = "instead of a team: id, or name if only one has it" },
	{ 0 },
};
static const struct field constituent_fields[] = {
	{ .name = "login",
	  .type = FIELD_TEXT,
	  .required = true,
	  .max = LOGIN_MOST,
	  .doc = "small letters, digits, . _ -" },
	{ .name = "name", .type = FIELD_TEXT, .required = true, .max = PERSON_NAME_MOST,
		.doc = "of the person" },
	{ 0 },
};
static const struct field set_fields[] = { PERSON_FIELDS, { 0 } };
static const struct field token_fields[] = {
	{ .name = "name",
	  .type = FIELD_TEXT,
	  .required = true,
	  .max = TOKEN_NAME_MOST,
	  .doc = "what will use it" },
	{ .name = "scopes",
	  .type = FIELD_TEXT_LIST,
	  .required = true,
	  .max = TOKEN_SCOPES,
	  .doc = "what it may do" },
	{ .name = "days", .type = FIELD_INT, .max = TOKEN_DAYS_MOST, .doc = "how long it works; 0: a year" },
	{ 0 },
};

const struct route account_routes[] = {
	{ "GET", "/api/people", PERM_CASE_READ, people_get, "Colleagues one may give work to",
	  .record = "Refs" },
	{ "GET", "/api/teams", PERM_FOLLOW, teams_get, "Teams of the regime", .record = "Refs" },
	{ "GET", "/api/accounts", PERM_ACCOUNT_READ, accounts_list, "Accounts, by login",
	  .query = people_page_query, .record = "<Account>" },
	{ "POST", "/api/accounts", PERM_ACCOUNT_ADMIN, account_create, "Add an account", create_fields,
	  .record = "201 Credentials" },
	{ "POST", "/api/accounts/{id}/set", PERM_ACCOUNT_ADMIN, account_set, "Change name, team, roles",
	  set_fields, .record = "204" },
	{ "POST", "/api/accounts/{id}/disable", PERM_CONSTITUENT_ACCOUNTS, account_disable,
	  "Disable an account", nothing, .record = "204" },
	{ "POST", "/api/accounts/{id}/enable", PERM_CONSTITUENT_ACCOUNTS, account_enable,
	  "Enable an account", nothing, .record = "204" },
	{ "POST", "/api/accounts/{id}/reset", PERM_CONSTITUENT_ACCOUNTS, account_reset,
	  "New password and code", nothing, .record = "{...Offer, password: text}" },
	{ "GET", "/api/organisations/{id}/accounts", PERM_CONSTITUENT_ACCOUNTS, constituents_list,
	  "Who signs in for an organisation", .record = "<Constituent>" },
	{ "POST", "/api/organisations/{id}/accounts", PERM_CONSTITUENT_ACCOUNTS, constituent_add,
	  "Add an account for an organisation", constituent_fields, .record = "201 Credentials" },
	{ "GET", "/api/sign-ins", PERM_ACCOUNT_READ, sign_ins_list, "Attempts to sign in, newest first",
	  .query = people_page_query, .record = "<SignIn>" },
	{ "GET", "/api/tokens", PERM_TEAM, tokens_list, "Tokens of programs",
	  .query = people_page_query, .record = "<Token>" },
	{ "POST", "/api/tokens", PERM_TEAM, token_make, "Make a token", token_fields,
	  .record = "201 NewToken" },
	{ "POST", "/api/tokens/{id}/end", PERM_TEAM, token_end, "End a token", nothing,
	  .record = "204" },
};
const ptrdiff_t account_routes_count = COUNTOF(account_routes);
