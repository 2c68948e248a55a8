#include "access/credential.h"

#include "access/access_priv.h"
#include "access_sql.h"
#include "crypto/otp.h"
#include "format/json.h"
#include "model/text_safety.h"

bool credential_password_check(str password, str login, struct err *err)
{
	if (!password_check(password, PASSWORD_CHARACTERS_LEAST, err))
		return false;
	if (password_is_common(password))
		return err_set(err, ERR_INPUT,
			       "this password is among the first that are tried: choose four or five "
			       "unrelated words");
	if (login.len >= 4 && str_find(password, login) >= 0)
		return err_set(err, ERR_INPUT, "the password contains your sign-in name: choose another");
	return true;
}

bool credential_prepare(struct credential_command *c, struct arena *a, struct rng *rng, struct err *err)
{
	c->arena = a;
	if (c->who->operator_socket)
		return err_set(err, ERR_DENIED,
			       "the machine's operator has no password: `naubat account reset LOGIN` gives "
			       "somebody a new one");
	if (c->act == CREDENTIAL_PASSWORD && !credential_password_check(c->password, c->who->login, err))
		return false;
	if (c->act == CREDENTIAL_PASSWORD && str_eq(c->password, c->old))
		return err_set(err, ERR_INPUT, "the new password is the old one: choose another");
	if (c->act == CREDENTIAL_CODE_OFFER) {
		uint8_t *otp = NEW(a, uint8_t, OTP_SECRET_BYTES);
		otp_secret_make(rng, otp);
		c->otp = (str){ (const char *)otp, OTP_SECRET_BYTES };
	}
	return c->act == CREDENTIAL_CODE_CONFIRM ||
	       session_stored_password(c->sessions, a, c->who, &c->stored, err);
}

void credential_hash(void *arg)
{
	struct credential_command *c = arg;
	struct password_cost cost = session_password_cost(c->sessions);
	c->old_good = password_verify(c->stored, c->old, cost);
	if (c->old_good && c->act == CREDENTIAL_PASSWORD &&
	    !password_hash(c->arena, c->password, cost, &c->hash, &c->err))
		c->hash = (str){ 0 };
}

struct change {
	struct credential_command *c;
	str secret; /* the node's */
	struct sql_access_credential_row is;
	struct name_failures before;
	int64_t step;
};

static bool code_good(struct decision *d, struct change *o, str sealed, int64_t after, bool *out_good,
		      struct err *err)
{
	str otp;
	if (!otp_secret_open(d->arena, o->secret, o->c->who->account, sealed, &otp, err))
		return false;
	*out_good = otp_verify(otp, d->now, o->c->code, after, &o->step);
	return true;
}

/* I1: and what was compared is still what is stored. */
static bool proven(struct decision *d, struct change *o, bool *out_good, struct err *err)
{
	const struct credential_command *c = o->c;
	*out_good = c->old_good && str_eq(c->stored, o->is.password);
	if (!*out_good || uuid_is_nil(c->who->token))
		return true;
	if (!code_good(d, o, o->is.otp, o->is.otp_step, out_good, err))
		return false;
	return !*out_good || sql_access_code_used(
				     d->db, &(struct sql_access_code_used){ c->who->account, o->step }, err);
}

static bool note_wrong(struct decision *d, struct change *o, struct err *err)
{
	o->c->result = CREDENTIAL_WRONG;
	sign_in_record(d, o->c->who->account, "password");
	return failures_add(d, &o->before, o->c->who->account, err);
}

static bool changed(struct decision *d, const struct change *o, const char *what, struct err *err)
{
	const struct identity *who = o->c->who;
	decision_add(d, access_draft("account.credential_changed", who->account,
				     credential_payload(d->arena, what), NULL));
	return sql_access_sessions_end_others(
		d->db, &(struct sql_access_sessions_end_others){ who->account, who->session }, err);
}

static bool set_password(struct decision *d, struct change *o, struct err *err)
{
	if (o->c->hash.len == 0) {
		*err = o->c->err;
		return false;
	}
	return sql_access_password_changed(
		       d->db,
		       &(struct sql_access_password_changed){ o->c->who->account, o->c->hash, d->now },
		       err) &&
	       changed(d, o, "password", err);
}

static bool offer_code(struct decision *d, struct change *o, struct err *err)
{
	struct uuid account = o->c->who->account;
	str sealed = otp_secret_seal(d->arena, d->rng, o->secret, account, o->c->otp);
	return sql_access_code_offered(d->db, &(struct sql_access_code_offered){ account, sealed }, err);
}

static bool confirm_code(struct decision *d, struct change *o, struct err *err)
{
	bool good = false;
	if (o->is.otp_next.ptr == NULL)
		return err_set(err, ERR_CONFLICT, "no new codes were asked for: ask for them first");
	if (!code_good(d, o, o->is.otp_next, OTP_NO_STEP, &good, err))
		return false;
	if (!good)
		return err_set(err, ERR_INPUT,
			       "code: not the one of the new secret; wait for the next, and see that the "
			       "phone's clock is right");
	return sql_access_code_changed(
		       d->db, &(struct sql_access_code_changed){ o->c->who->account, o->step, d->now },
		       err) &&
	       changed(d, o, "code", err);
}

bool credential_decide(struct decision *d, void *arg, struct err *err)
{
	struct credential_command *c = arg;
	struct change o = { .c = c, .secret = session_node_secret(c->sessions) };
	bool found = false, good = false;
	c->result = CREDENTIAL_DONE;
	if (!sql_access_credential(d->db, d->arena, &(struct sql_access_credential){ c->who->account }, &o.is,
				   &found, err) ||
	    !failures_load(d, o.secret, c->who->login, &o.before, err))
		return false;
	if (!found)
		return err_set(err, ERR_CONFLICT,
			       "this account has no password: an administrator gives it one");
	if (instant_before(d->now, o.before.locked_until)) {
		c->result = CREDENTIAL_LOCKED;
		c->locked_until = o.before.locked_until;
		return true;
	}
	if (c->act == CREDENTIAL_CODE_CONFIRM)
		return confirm_code(d, &o, err);
	if (!proven(d, &o, &good, err))
		return false;
	if (!good)
		return note_wrong(d, &o, err);
	return c->act == CREDENTIAL_PASSWORD ? set_password(d, &o, err) : offer_code(d, &o, err);
}
