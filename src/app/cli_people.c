/* Who works here and with what they sign in; what the law is; what an overseer reads. */
#include "app/cli_verbs.h"

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
static const struct cli_column token_columns[] = {
	{ "TOKEN", "id", 0 },
	{ "NAME", "name", 30 },
	{ "OF", "owner.name", 20 },
	{ "MAY", "scopes", 0 },
	{ "UNTIL", "expires_at", 16 },
	{ "USED", "last_used", 16 },
	{ 0 },
};

static const struct cli_column session_columns[] = {
	{ "SESSION", "id", 0 },        { "OF", "person.name", 30 }, { "SINCE", "since", 16 },
	{ "LAST SEEN", "last_seen", 16 }, { 0 },
};
static const struct cli_column sign_in_columns[] = {
	{ "AT", "at", 19 },
	{ "LOGIN", "login", 40 },
	{ "OUTCOME", "outcome", 0 },
	{ 0 },
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
		       { "--team", "team", OPTION_TEAM },
		       { "--organisation", "organisation", false },
		       { "--roles", "roles", true },
		       { "--mail", "mail", false } } },
	{ .word = "set",
	  .words = "name, team, roles or where reminders go; what is not said stays",
	  .subject = BY_LOGIN,
	  .subject_name = "LOGIN",
	  .method = "POST",
	  .path = "/api/accounts/%s/set",
	  .keeps = true,
	  .shape = SHOW_NOTHING,
	  .options = { { "--name", "name", OPTION_TEXT },
		       { "--team", "team", OPTION_TEAM },
		       { "--roles", "roles", OPTION_WORDS },
		       { "--mail", "mail", OPTION_TEXT } } },
	{ .word = "disable",
	  .words = "lock it: nobody signs in with it, and its sessions end",
	  .subject = BY_LOGIN,
	  .subject_name = "LOGIN",
	  .method = "POST",
	  .path = "/api/accounts/%s/disable",
	  .shape = SHOW_NOTHING },
	{ .word = "enable",
	  .words = "unlock it, also when wrong passwords did the locking",
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
	{ .word = "sign-ins",
	  .words = "attempts to sign in, newest first",
	  .method = "GET",
	  .path = "/api/sign-ins",
	  .options = { PAGING },
	  .columns = sign_in_columns },
};
static const struct cli_other account_others[] = {
	{ "password",
	  "change your own: asks for the one of today, a one-time code and the new one; NAUBAT_TOKEN says "
	  "whose" },
	{ 0 },
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
static const struct cli_other token_others[] = {
	{ "make --name WHAT --scopes LIST [--days N]",
	  "sign in, make a token of yours, print it once; 'naubat token make --help' lists the scopes" },
	{ 0 },
};
static const struct verb session_verbs[] = {
	{ .word = "list",
	  .words = "who is signed in; through the node's folder, or with account.read: everybody",
	  .method = "GET",
	  .path = "/api/sessions",
	  .options = { PAGING },
	  .columns = session_columns },
	{ .word = "end",
	  .words = "sign somebody out; through the node's folder, or with account.write",
	  .subject = AS_QUERY,
	  .subject_name = "SESSION",
	  .method = "POST",
	  .path = "/api/sessions/%s/end",
	  .shape = SHOW_NOTHING },
};
static const struct verb regime_verbs[] = {
	{ .word = "list",
	  .words = "what the node adopted, oldest first, and how many open cases keep each",
	  .method = "GET",
	  .path = "/api/regimes",
	  .columns = regime_columns },
};
static const struct verb oversight_verb[] = {
	{ .word = "",
	  .words = "numbers of the last twelve months, none below five; with an observer's token",
	  .method = "GET",
	  .path = "/api/oversight",
	  .shape = SHOW_OVERSIGHT },
};

int account_command_line(int argc, char **argv)
{
	const struct noun n = { "account", account_verbs, COUNTOF(account_verbs), account_others };
	if (argc > 1 && str_eq(str_from(argv[1]), S("password")))
		return account_password_command(argc, argv);
	return cli_noun_command(&n, argc, argv);
}

int token_command_line(int argc, char **argv)
{
	const struct noun n = { "token", token_verbs, COUNTOF(token_verbs), token_others };
	if (argc > 1 && str_eq(str_from(argv[1]), S("make")))
		return token_make_command(argc, argv);
	return cli_noun_command(&n, argc, argv);
}

int session_command(int argc, char **argv)
{
	const struct noun n = { "session", session_verbs, COUNTOF(session_verbs), NULL };
	return cli_noun_command(&n, argc, argv);
}

int regime_list_command(int argc, char **argv)
{
	const struct noun n = { "regime", regime_verbs, COUNTOF(regime_verbs), NULL };
	return cli_noun_command(&n, argc, argv);
}

int oversight_command(int argc, char **argv)
{
	const struct noun n = { "oversight", oversight_verb, COUNTOF(oversight_verb), NULL };
	return cli_noun_command(&n, argc, argv);
}
