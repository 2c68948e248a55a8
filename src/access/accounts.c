#include "access/accounts.h"

#include <stdio.h>
#include "access/access_priv.h"
#include "access_sql.h"
#include "base/buf.h"
#include "base/text.h"
#include "crypto/otp.h"
#include "format/json.h"
#include "model/text_safety.h"
#include "regime/regime.h"

/* 24 characters of base32, 120 bits: nobody chooses them, so nothing else is asked of them. */
enum { PASSWORD_BYTES = 15, PASSWORD_GROUP = 6, LINE_MOST = 200 };

static bool login_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool login_check(str login, struct err *err)
{
	bool good =
		login.len >= LOGIN_LEAST && login.len <= LOGIN_MOST && strchr("._-", login.ptr[0]) == NULL;
	for (ptrdiff_t i = 0; good && i < login.len; i++)
		good = login_char(login.ptr[i]);
	return good || err_set(err, ERR_INPUT,
			       "login: %d to %d small letters, digits, dots, hyphens and underscores, "
			       "a letter or digit first",
			       LOGIN_LEAST, LOGIN_MOST);
}

bool account_name(struct arena *a, str body, str login, str *out_name, struct err *err)
{
	struct json *j = NULL;
	if (body.len && !json_parse(a, body, (struct json_limits){ 0 }, &j, err))
		return false;
	str name = j ? json_get_str(j, "name") : (str){ 0 };
	*out_name = name.len ? name : login;
	return true;
}

struct hash256 secret_text_make(struct rng *rng, struct arena *tmp, const char *prefix,
				char out[static SECRET_TEXT])
{
	uint8_t random[32];
	rng->fill(rng, random, sizeof(random));
	str text = text_base32(tmp, (str){ (const char *)random, sizeof(random) });
	(void)snprintf(out, SECRET_TEXT, "%s" STR_FMT, prefix, STR_ARG(text));
	return hash256_of(str_from(out));
}

struct draft access_draft(const char *kind, struct uuid subject, struct json *payload, struct json *content)
{
	return (struct draft){ .kind = kind,
			       .subject = subject,
			       .audience = SCOPE_NODE,
			       .payload = payload,
			       .content = content };
}

struct json *credential_payload(struct arena *a, const char *what)
{
	struct json *p = json_object(a);
	json_set_str(p, "what", str_from(what));
	return p;
}

/* --- what is made before the writer is asked --- */

static str password_make(struct arena *a, struct rng *rng)
{
	uint8_t random[PASSWORD_BYTES];
	struct buf b;
	rng->fill(rng, random, sizeof(random));
	str text = text_base32(a, (str){ (const char *)random, sizeof(random) });
	buf_init(&b, a, ACCOUNT_PASSWORD_MOST);
	for (ptrdiff_t i = 0; i < text.len; i += PASSWORD_GROUP)
		buf_printf(&b, "%s" STR_FMT, i ? "-" : "", STR_ARG(str_sub(text, i, i + PASSWORD_GROUP)));
	return buf_str(&b);
}

static bool check_constituent(struct account_command *c, struct err *err)
{
	if (c->team.len)
		return err_set(err, ERR_INPUT,
			"team: an account is of a team or of an organisation, not of both");
	if (c->roles & ~(unsigned)ROLE_CONSTITUENT)
		return err_set(err, ERR_INPUT,
			"roles: an organisation's account is a constituent and nothing else");
	c->roles = ROLE_CONSTITUENT;
	return true;
}

/* Roughly: the mailer checks it again, and its server knows best. */
static bool mail_check(str mail, struct err *err)
{
	ptrdiff_t at = str_find_char(mail, '@');
	bool good = at > 0 && at < mail.len - 1 && mail.len <= MAIL_MOST;
	for (ptrdiff_t i = 0; good && i < mail.len; i++)
		good = mail.ptr[i] > ' ' && mail.ptr[i] < 0x7f && (mail.ptr[i] != '@' || i == at);
	return good || err_set(err, ERR_INPUT, "mail: an address such as desk@cert.example, or nothing");
}

static bool check_person(struct account_command *c, struct arena *a, struct err *err)
{
	const struct regime_team *team = regime_team_find(c->regime, c->team);
	c->name = text_safety_line(a, c->name, PERSON_NAME_MOST);
	c->line = text_safety_line(a, c->line, LINE_MOST);
	if (c->mail.len && !mail_check(c->mail, err))
		return false;
	if (c->name.len == 0)
		return err_set(err, ERR_INPUT, "name: write the person's name");
	if (c->act == ACCOUNT_CREATE && !uuid_is_nil(c->organisation))
		return check_constituent(c, err);
	if (c->act == ACCOUNT_SET && c->team.len == 0)
		return true; /* of an organisation, or set() refuses it */
	if (team == NULL)
		return err_set(err, ERR_INPUT, "team: '" STR_FMT "' is no team of this regime",
			       STR_ARG(str_sub(c->team, 0, 60)));
	if (c->roles == 0)
		return err_set(err, ERR_INPUT, "roles: choose at least one");
	if (c->roles & ROLE_CONSTITUENT)
		return err_set(err, ERR_INPUT, "roles: constituent is for the account of an organisation");
	c->team = team->id; /* it may have been given by another name */
	return true;
}

bool account_prepare(struct account_command *c, struct arena *a, struct rng *rng, struct err *err)
{
	c->arena = a;
	if (c->act == ACCOUNT_CREATE && !login_check(c->login, err))
		return false;
	if ((c->act == ACCOUNT_CREATE || c->act == ACCOUNT_SET) && !check_person(c, a, err))
		return false;
	if (c->act == ACCOUNT_CREATE || c->act == ACCOUNT_RESET) {
		uint8_t *otp = NEW(a, uint8_t, OTP_SECRET_BYTES);
		otp_secret_make(rng, otp);
		c->otp = (str){ (const char *)otp, OTP_SECRET_BYTES };
		c->password = password_make(a, rng);
	}
	return true;
}

void account_secrets_hash(void *arg)
{
	struct account_command *c = arg;
	struct password_cost cost = c->cost.passes ? c->cost : password_cost_default();
	if (!password_hash(c->arena, c->password, cost, &c->hash, &c->err))
		c->hash = (str){ 0 };
}

str account_otp_uri(const struct account_command *c, struct arena *a, str issuer)
{
	return otp_uri(a, issuer, c->login, c->otp);
}

/* --- on the writer's thread --- */

static void add_account(struct decision *d, struct uuid id, const struct sql_access_account_row *is,
			struct json *content)
{
	struct json *p = json_object(d->arena);
	json_set_str(p, "login", is->login);
	json_set_str(p, "team", is->team);
	if (!uuid_is_nil(is->organisation))
		json_set_uuid(p, "organisation", is->organisation);
	json_set_int(p, "roles", is->roles);
	json_set_bool(p, "active", is->active);
	decision_add(d, access_draft("account.set", id, p, content));
}

static struct json *person_words(struct decision *d, const struct account_command *c)
{
	struct json *words = json_object(d->arena);
	json_set_str(words, "name", c->name);
	if (c->line.len)
		json_set_str(words, "line", c->line);
	if (c->mail.len)
		json_set_str(words, "mail", c->mail);
	return words;
}

static bool store_credential(struct decision *d, const struct account_command *c, struct err *err)
{
	str sealed = otp_secret_seal(d->arena, d->rng, c->secret, c->account, c->otp);
	return sql_access_credential_store(
		d->db,
		&(struct sql_access_credential_store){
			.account = c->account, .password = c->hash, .otp = sealed, .changed = d->now },
		err);
}

static bool end_sessions(struct decision *d, const struct account_command *c, struct err *err)
{
	return sql_access_sessions_end_of(d->db,
					  &(struct sql_access_sessions_end_of){ .account = c->account }, err);
}

static bool forget_failures(struct decision *d, const struct account_command *c, struct err *err)
{
	return sql_access_failures_forget_of(
		d->db, &(struct sql_access_failures_forget_of){ .account = c->account }, err);
}

static bool organisation_there(struct decision *d, struct uuid id, struct err *err)
{
	struct sql_access_organisation_row row;
	bool found = false;
	if (uuid_is_nil(id))
		return true;
	if (!sql_access_organisation(d->db, d->arena, &(struct sql_access_organisation){ id }, &row, &found,
		err))
		return false;
	return (found && !row.removed) ||
	       err_set(err, ERR_INPUT, "organisation: the directory has no such organisation");
}

static bool create(struct decision *d, struct account_command *c, struct err *err)
{
	struct sql_access_account_by_login_row row;
	bool taken = false;
	if (!sql_access_account_by_login(d->db, d->arena,
					 &(struct sql_access_account_by_login){ .login = c->login }, &row,
					 &taken, err))
		return false;
	if (taken)
		return err_set(err, ERR_CONFLICT, "login: '" STR_FMT "' is taken: choose another",
			       STR_ARG(c->login));
	if (!organisation_there(d, c->organisation, err))
		return false;
	c->account = decision_new_id(d);
	add_account(d, c->account,
		    &(struct sql_access_account_row){ c->login, c->team, c->organisation, c->roles, true },
		    person_words(d, c));
	return c->hash.len == 0 || store_credential(d, c, err);
}

static bool set(struct decision *d, struct account_command *c, struct sql_access_account_row *is,
		struct err *err)
{
	struct json *old = NULL;
	if (is->body.len && !json_parse(d->arena, is->body, (struct json_limits){ 0 }, &old, err))
		return false;
	if (c->mail.ptr == NULL)
		c->mail = arena_dup(c->arena, json_get_str(old, "mail"));
	if (c->line.len == 0)
		c->line = arena_dup(c->arena, json_get_str(old, "line"));
	if ((c->team.len == 0) != !uuid_is_nil(is->organisation))
		return err_set(err, ERR_INPUT, "team: %s",
			       c->team.len ? "this account is of an organisation and stays there"
					   : "choose one of the regime's");
	if (uuid_is_nil(is->organisation)) {
		is->team = c->team;
		is->roles = c->roles;
	}
	add_account(d, c->account, is, person_words(d, c));
	return true;
}

/* Enabling is also how a lock is lifted before its time: it is recorded even of an account that is active. */
static bool enable(struct decision *d, struct account_command *c, struct sql_access_account_row *is,
		   struct err *err)
{
	is->active = true;
	add_account(d, c->account, is, NULL);
	return forget_failures(d, c, err);
}

static bool disable(struct decision *d, struct account_command *c, struct sql_access_account_row *is,
		    struct err *err)
{
	if (!is->active)
		return true; /* as asked: nothing to record */
	is->active = false;
	add_account(d, c->account, is, NULL);
	return end_sessions(d, c, err);
}

static bool reset(struct decision *d, struct account_command *c, struct sql_access_account_row *is,
		  struct err *err)
{
	ASSERT(c->hash.len > 0);
	c->login = arena_dup(c->arena, is->login); /* account_otp_uri needs it after this decision is over */
	decision_add(d, access_draft("account.credential_changed", c->account,
				     credential_payload(d->arena, "reset"), NULL));
	return store_credential(d, c, err) && end_sessions(d, c, err) && forget_failures(d, c, err);
}

static bool own_and_forbidden(const struct account_command *c, const struct sql_access_account_row *is)
{
	if (c->who == NULL || !uuid_eq(c->who->account, c->account))
		return false;
	return c->act == ACCOUNT_DISABLE || (c->act == ACCOUNT_SET && c->roles != (unsigned)is->roles);
}

/* I7. */
static bool may_keep(const struct account_command *c, struct uuid organisation, struct err *err)
{
	if (c->who == NULL || identity_may(c->who, MAY_ADMINISTER))
		return true;
	if (uuid_is_nil(organisation))
		return identity_must(c->who, MAY_ADMINISTER, err);
	return identity_must(str_eq(c->who->team, c->home) ? c->who : NULL, MAY_KEEP_CONSTITUENTS, err);
}

bool account_decide(struct decision *d, void *arg, struct err *err)
{
	struct account_command *c = arg;
	struct sql_access_account_row is;
	bool found = false;
	if (c->act == ACCOUNT_CREATE)
		return may_keep(c, c->organisation, err) && create(d, c, err);
	if (!sql_access_account(d->db, d->arena, &(struct sql_access_account){ .id = c->account }, &is,
				&found, err))
		return false;
	if (!found)
		return err_set(err, ERR_MISSING, "there is no such account");
	if (!may_keep(c, is.organisation, err))
		return false;
	if (own_and_forbidden(c, &is))
		return err_set(err, ERR_DENIED, "this is your own account: ask another administrator");
	switch (c->act) {
	case ACCOUNT_SET:
		return set(d, c, &is, err);
	case ACCOUNT_DISABLE:
		return disable(d, c, &is, err);
	case ACCOUNT_ENABLE:
		return enable(d, c, &is, err);
	case ACCOUNT_RESET:
		return reset(d, c, &is, err);
	case ACCOUNT_CREATE:
		break;
	}
	return err_set(err, ERR_SYSTEM, "no such act on accounts: %d", (int)c->act);
}

/* --- after a rebuild --- */

enum { COPY_PAGE = 500 };

static bool copy_passwords(struct db *from, struct db *to, struct arena *a, struct err *err)
{
	struct uuid after = { { 0 } };
	struct sql_access_credentials_all_row *rows;
	ptrdiff_t count = COPY_PAGE;
	while (count == COPY_PAGE) {
		if (!sql_access_credentials_all(from, a,
						&(struct sql_access_credentials_all){ after, COPY_PAGE },
						&rows, &count, err))
			return false;
		for (ptrdiff_t i = 0; i < count; i++) {
			after = rows[i].account;
			if (!sql_access_credential_store(
				    to,
				    &(struct sql_access_credential_store){ after, rows[i].password,
									   rows[i].otp, rows[i].changed },
				    err) ||
			    !sql_access_code_used(
				    to, &(struct sql_access_code_used){ after, rows[i].otp_step }, err))
				return false;
		}
	}
	return true;
}

static bool copy_tokens(struct db *from, struct db *to, struct arena *a, struct err *err)
{
	struct uuid after = { { 0 } };
	struct sql_access_token_secrets_all_row *rows;
	ptrdiff_t count = COPY_PAGE;
	while (count == COPY_PAGE) {
		if (!sql_access_token_secrets_all(from, a,
						  &(struct sql_access_token_secrets_all){ after, COPY_PAGE },
						  &rows, &count, err))
			return false;
		for (ptrdiff_t i = 0; i < count; i++) {
			after = rows[i].token;
			if (!sql_access_token_store(to,
						    &(struct sql_access_token_store){ rows[i].secret, after,
										      rows[i].created },
						    err) ||
			    (rows[i].used.us &&
			     !sql_access_token_used(
				     to, &(struct sql_access_token_used){ after, rows[i].used }, err)))
				return false;
		}
	}
	return true;
}

bool accounts_copy_credentials(struct db *from, struct db *to, struct err *err)
{
	struct arena a;
	arena_init(&a, 64 << 20, 256 << 20);
	bool ok = db_begin(to, err) && copy_passwords(from, to, &a, err) && copy_tokens(from, to, &a, err) &&
		  db_commit(to, err);
	if (!ok)
		db_rollback(to);
	arena_done(&a);
	return ok;
}
