#include "http/credential_routes.h"

#include "access/credential.h"
#include "crypto/otp.h"
#include "format/json.h"
#include "format/qr.h"
#include "http/desk.h"

enum { CODE_TYPED_MOST = 20 };

struct json *credential_qr(struct arena *a, str text)
{
	str modules;
	int size;
	struct err ignored;
	if (!qr_encode(a, text, &modules, &size, &ignored))
		return NULL; /* the text stands beside it */
	struct json *j = json_object(a);
	json_set_int(j, "size", size);
	json_set_str(j, "modules", modules);
	return j;
}

static struct reply *refused(struct request *rq, const struct credential_command *c)
{
	struct err err;
	if (c->result == CREDENTIAL_LOCKED) {
		(void)err_set(&err, ERR_LIMIT,
			      "too many wrong attempts: locked until " STR_FMT
			      "; an administrator can reset it sooner",
			      STR_ARG(instant_format_seconds(rq->arena, c->locked_until)));
		return reply_problem(rq, 429, "locked", &err, NULL);
	}
	(void)err_set(&err, ERR_DENIED, uuid_is_nil(c->who->token)
						? "the password of today is not right"
						: "the password of today or the code is not right");
	return reply_problem(rq, 403, "wrong_password", &err, NULL);
}

static struct reply *done(struct request *rq, struct command *command)
{
	const struct credential_command *c = desk_arg(command);
	if (!command->ok)
		return reply_error(rq, &command->err);
	if (c->result != CREDENTIAL_DONE)
		return refused(rq, c);
	if (c->act != CREDENTIAL_CODE_OFFER)
		return reply_empty(rq);
	struct json *j = json_object(rq->arena);
	str issuer = arena_printf(rq->arena, "Naubat " STR_FMT, STR_ARG(rq->node->world->prefix));
	str uri = otp_uri(rq->arena, issuer, c->who->login, c->otp);
	json_set_str(j, "code_uri", uri);
	json_set_str(j, "code_text", otp_secret_text(rq->arena, c->otp));
	json_set(j, "qr", credential_qr(rq->arena, uri));
	return reply_json(rq, 200, j);
}

/* Without an idempotency key: what was refused once must be asked again, and a change done twice is one. */
static struct reply *submit(struct request *rq, struct credential_command *arg)
{
	struct command *c = NEW(rq->arena, struct command, 1);
	*c = (struct command){ .name = "account.credential",
			       .actor = rq->who->account,
			       .regime = rq->node->world->regime_id,
			       .besides = true,
			       .decide = credential_decide,
			       .arg = arg };
	return reply_after(rq, c, done);
}

static struct reply *hashed(struct request *rq, void *arg)
{
	return submit(rq, arg);
}

static struct reply *change(struct request *rq, enum credential_act act)
{
	struct credential_command *c = NEW(rq->arena, struct credential_command, 1);
	struct err err = { 0 };
	*c = (struct credential_command){ .sessions = rq->node->sessions,
				   .who = rq->who,
				   .act = act,
				   .old = desk_text(rq, "old"),
				   .password = desk_text(rq, "password"),
				   .code = desk_text(rq, "code") };
	if (!credential_prepare(c, rq->arena, rq->node->rng, &err))
		return reply_error(rq, &err);
	return act == CREDENTIAL_CODE_CONFIRM ? submit(rq, c)
					      : reply_after_work(rq, credential_hash, c, hashed);
}

static struct reply *change_password(struct request *rq)
{
	return change(rq, CREDENTIAL_PASSWORD);
}
static struct reply *change_code(struct request *rq)
{
	return change(rq, CREDENTIAL_CODE_OFFER);
}
static struct reply *change_code_confirm(struct request *rq)
{
	return change(rq, CREDENTIAL_CODE_CONFIRM);
}

#define OLD                                            \
	{ .name = "old",                               \
	  .type = FIELD_TEXT,                          \
	  .required = true,                            \
	  .max = PASSWORD_BYTES_MOST,                  \
	  .doc = "the password of today" },            \
	{                                              \
		.name = "code", .type = FIELD_TEXT, .max = CODE_TYPED_MOST,                \
		.doc = "a one-time code, with a token"         \
	}

static const struct field password_fields[] = {
	OLD,
	{ .name = "password",
	  .type = FIELD_TEXT,
	  .required = true,
	  .max = PASSWORD_BYTES_MOST,
	  .doc = "the new one: at least 12 characters" },
	{ 0 },
};
static const struct field code_fields[] = { OLD, { 0 } };
static const struct field confirm_fields[] = {
	{ .name = "code",
	  .type = FIELD_TEXT,
	  .required = true,
	  .max = CODE_TYPED_MOST,
	  .doc = "six digits of the new secret" },
	{ 0 },
};

const struct route credential_routes[] = {
	{ "POST", "/api/account/password", PERM_SIGNED_IN, change_password,
	  "Change one's own password; ends all other sessions", password_fields,
	  .record = "204" },
	{ "POST", "/api/account/code", PERM_SIGNED_IN, change_code,
	  "New secret of one-time codes, shown once; good after its first code", code_fields,
	  .record = "Offer" },
	{ "POST", "/api/account/code/confirm", PERM_SIGNED_IN, change_code_confirm,
	  "The first code of the new secret; ends all other sessions", confirm_fields,
	  .record = "204" },
};
const ptrdiff_t credential_routes_count = COUNTOF(credential_routes);
