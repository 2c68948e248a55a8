/* Tokens of programs (accounts.h). */
#include "access/access_priv.h"
#include "access_sql.h"
#include "format/json.h"
#include "model/text_safety.h"

#define BIT(permission) (1u << (permission))

/* In the order of enum token_scope.  Who works on a case is shown it.  `needs`: a scope is for whoever may
 * that: a handler's case.write simply does not lead. */
static const struct {
	const char *word;
	enum permission needs;
	unsigned more;
} scope_table[TOKEN_SCOPES] = {
	{ "report.write", MAY_WRITE_REPORTS, 0 },
	{ "case.read", MAY_READ_CASES, 0 },
	{ "case.write", MAY_WRITE_CASES,
	  BIT(MAY_READ_CASES) | BIT(MAY_LEAD) | BIT(MAY_WAIVE_CLOCKS) | BIT(MAY_WRITE_REPORTS) },
	{ "directory.read", MAY_READ_DIRECTORY, 0 },
	{ "directory.write", MAY_WRITE_DIRECTORY, BIT(MAY_READ_DIRECTORY) },
	{ "audit", MAY_AUDIT, BIT(MAY_KEEP_CHECKPOINTS) },
	{ "oversight", MAY_OVERSEE, BIT(MAY_KEEP_CHECKPOINTS) },
	{ "account.read", MAY_READ_ACCOUNTS, 0 },
	{ "account.write", MAY_KEEP_CONSTITUENTS, BIT(MAY_READ_ACCOUNTS) | BIT(MAY_ADMINISTER) },
	{ "regime.write", MAY_ADOPT_REGIMES, 0 },
};

/* The scopes of those who follow what a team does: the law, the teams, that something moved; lists of the
 * team.  What only brings in, or looks up, has no need of it. */
enum {
	FOLLOWS = TOKEN_CASE_READ | TOKEN_CASE_WRITE | TOKEN_AUDIT | TOKEN_OVERSIGHT | TOKEN_ACCOUNT_READ |
		  TOKEN_ACCOUNT_WRITE | TOKEN_REGIME_WRITE
};

const char *token_scope_word(int i)
{
	ASSERT(i >= 0 && i < TOKEN_SCOPES);
	return scope_table[i].word;
}

str token_scope_words(struct arena *a)
{
	str words = S("");
	for (int i = 0; i < TOKEN_SCOPES; i++)
		words = arena_printf(a, STR_FMT "%s%s", STR_ARG(words), i ? ", " : "", scope_table[i].word);
	return words;
}

bool token_scope_parse(struct arena *a, str word, unsigned *out_scope, struct err *err)
{
	for (int i = 0; i < TOKEN_SCOPES; i++) {
		if (str_eq(word, str_from(scope_table[i].word))) {
			*out_scope = 1u << i;
			return true;
		}
	}
	return err_set(err, ERR_INPUT, "scopes: '" STR_FMT "' is not one of " STR_FMT,
		       STR_ARG(str_sub(word, 0, 40)), STR_ARG(token_scope_words(a)));
}

unsigned token_scope_permissions(unsigned scopes)
{
	unsigned permissions = scopes & FOLLOWS ? BIT(MAY_FOLLOW) | BIT(MAY_BE_OF_A_TEAM) : 0;
	for (int i = 0; i < TOKEN_SCOPES; i++)
		if (scopes & (1u << i))
			permissions |= BIT(scope_table[i].needs) | scope_table[i].more;
	return permissions;
}

static bool check(const struct token_command *c, str name, struct err *err)
{
	if (c->who->operator_socket)
		return err_set(err, ERR_DENIED, "a token acts for a person: sign in to make one");
	if (name.len == 0)
		return err_set(err, ERR_INPUT, "name: say what will use the token");
	if (c->scopes == 0)
		return err_set(err, ERR_INPUT, "scopes: choose at least one");
	if (c->days < 0 || c->days > TOKEN_DAYS_MOST)
		return err_set(err, ERR_INPUT, "days: 1 to %d", TOKEN_DAYS_MOST);
	for (int i = 0; i < TOKEN_SCOPES; i++)
		if ((c->scopes & (1u << i)) && !identity_may(c->who, scope_table[i].needs))
			return err_set(err, ERR_DENIED, "scopes: your own roles do not include %s",
				       scope_table[i].word);
	return true;
}

static bool make(struct decision *d, struct token_command *c, struct err *err)
{
	struct json *p = json_object(d->arena), *words = json_object(d->arena);
	str name = text_safety_line(d->arena, c->name, TOKEN_NAME_MOST);
	if (!check(c, name, err))
		return false;
	c->token = decision_new_id(d);
	struct hash256 secret = secret_text_make(d->rng, d->arena, "nbt_", c->text);
	json_set_uuid(p, "account", c->who->account);
	json_set_int(p, "scopes", c->scopes);
	json_set_instant(p, "expires", instant_add(d->now, DAYS(c->days ? c->days : TOKEN_DAYS_DEFAULT)));
	json_set_str(words, "name", name);
	decision_add(d, access_draft("token.set", c->token, p, words));
	return sql_access_token_store(d->db,
				      &(struct sql_access_token_store){ .secret = hash256_bytes(&secret),
									.token = c->token,
									.created = d->now },
				      err);
}

static bool end(struct decision *d, struct token_command *c, struct err *err)
{
	struct sql_access_token_row row;
	bool found = false;
	if (!sql_access_token(d->db, d->arena, &(struct sql_access_token){ .id = c->token }, &row, &found,
			      err))
		return false;
	if (!found || (!uuid_eq(row.account, c->who->account) && !identity_may(c->who, MAY_ADMINISTER)))
		return err_set(err, ERR_MISSING, "there is no such token");
	if (row.revoked)
		return true;
	decision_add(d, access_draft("token.revoked", c->token, NULL, NULL));
	return sql_access_token_forget(d->db, &(struct sql_access_token_forget){ .token = c->token }, err);
}

bool token_decide(struct decision *d, void *arg, struct err *err)
{
	struct token_command *c = arg;
	if (!uuid_is_nil(c->who->token))
		return err_set(err, ERR_DENIED,
			       "tokens are made and ended by a person who signed in, not with a token");
	return c->act == TOKEN_MAKE ? make(d, c, err) : end(d, c, err);
}
