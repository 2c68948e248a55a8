#include "access/session.h"

#include <pthread.h>
#include <stdlib.h>
#include "access/access_priv.h"
#include "access_sql.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "crypto/otp.h"
#include "format/json.h"

enum { TOUCHED_SLOTS = 1024, NAME_MOST = 256 };

struct sessions {
	struct sessions_options options;
	pthread_mutex_t read_lock; /* guards db */
	struct db *db;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t idle;
	int under_way; /* touches at the writer's */
	struct {
		struct uuid id;
		struct instant at;
	} touched[TOUCHED_SLOTS]; /* so that one minute gives one */
};

static struct password_cost cost_or_default(struct password_cost cost)
{
	return cost.passes ? cost : password_cost_default();
}

/* Said loudly, but not refused: an administrator could not reset an account of a node that is down. */
static bool check_secrets(struct sessions *s, struct err *err)
{
	struct arena a;
	struct sql_access_some_credential_row row;
	struct err why;
	bool found = false;
	str otp;
	arena_init(&a, 1 << 16, 1 << 20);
	bool ok = sql_access_some_credential(s->db, &a, &row, &found, err);
	if (ok && found && !otp_secret_open(&a, s->options.secret, row.account, row.otp, &otp, &why))
		log_event(LOG_ERROR, "access.otp_unreadable", LOG_TEXT("text", str_from(why.text)));
	arena_done(&a);
	return ok;
}

bool sessions_open(const struct sessions_options *options, struct sessions **out, struct err *err)
{
	struct db *db;
	struct db_options reading = { .read_only = true, .cache_kib = 2 << 10 };
	if (!db_open(options->store, reading, &db, err))
		return false;
	struct sessions *s = calloc(1, sizeof(*s)); /* heap: lives as long as the node, shared by threads */
	if (s == NULL) {
		db_close(db);
		return err_set(err, ERR_SYSTEM, "sessions: out of memory");
	}
	s->options = *options;
	s->options.cost = cost_or_default(options->cost);
	s->db = db;
	pthread_mutex_init(&s->read_lock, NULL);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->idle, NULL);
	if (!check_secrets(s, err)) {
		sessions_close(s);
		return false;
	}
	*out = s;
	return true;
}

void sessions_close(struct sessions *s)
{
	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	while (s->under_way)
		pthread_cond_wait(&s->idle, &s->lock);
	pthread_mutex_unlock(&s->lock);
	db_close(s->db);
	pthread_mutex_destroy(&s->read_lock);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->idle);
	free(s);
}

str session_node_secret(const struct sessions *s)
{
	return s->options.secret;
}

struct password_cost session_password_cost(const struct sessions *s)
{
	return s->options.cost;
}

bool session_stored_password(struct sessions *s, struct arena *a, const struct identity *who, str *out_hash,
			     struct err *err)
{
	struct sql_access_credential_row row;
	bool found = false;
	pthread_mutex_lock(&s->read_lock);
	bool ok = sql_access_credential(s->db, a, &(struct sql_access_credential){ who->account }, &row,
					&found, err);
	pthread_mutex_unlock(&s->read_lock);
	*out_hash = ok && found ? row.password : (str){ 0 };
	return ok;
}

static struct instant now_of(const struct sessions *s)
{
	return s->options.clock->now(s->options.clock);
}

/* --- that somebody was here: written at most once a minute, by the writer, and nobody waits for it --- */

struct touch {
	struct command command;
	struct sessions *sessions;
	struct uuid account, session, token; /* session or token is nil */
};

static bool touch_decide(struct decision *d, void *arg, struct err *err)
{
	const struct touch *t = arg;
	bool ok =
		sql_access_account_seen(d->db, &(struct sql_access_account_seen){ t->account, d->now }, err);
	if (uuid_is_nil(t->token))
		return ok && sql_access_session_seen(
				     d->db, &(struct sql_access_session_seen){ t->session, d->now }, err);
	return ok && sql_access_token_used(d->db, &(struct sql_access_token_used){ t->token, d->now }, err);
}

static void touch_done(struct command *c UNUSED, void *ctx)
{
	struct touch *t = ctx;
	struct sessions *s = t->sessions;
	free(t);
	pthread_mutex_lock(&s->lock);
	if (--s->under_way == 0)
		pthread_cond_broadcast(&s->idle);
	pthread_mutex_unlock(&s->lock);
}

/* Two that share a slot only cost each other a write too many. */
static bool touch_claim(struct sessions *s, struct uuid id, struct instant now)
{
	unsigned slot = ((unsigned)id.b[14] << 8 | id.b[15]) % TOUCHED_SLOTS;
	pthread_mutex_lock(&s->lock);
	bool due = !uuid_eq(s->touched[slot].id, id) ||
		   !instant_before(now, instant_add(s->touched[slot].at, SECONDS(SESSION_SEEN_SECONDS)));
	if (due) {
		s->touched[slot].id = id;
		s->touched[slot].at = now;
		s->under_way++;
	}
	pthread_mutex_unlock(&s->lock);
	return due;
}

static void touch(struct sessions *s, const struct identity *who, struct instant seen, struct instant now)
{
	struct uuid id = uuid_is_nil(who->token) ? who->session : who->token;
	if (instant_before(now, instant_add(seen, SECONDS(SESSION_SEEN_SECONDS))) || !touch_claim(s, id, now))
		return;
	struct touch *t = calloc(1, sizeof(*t)); /* heap: outlives the request that caused it */
	ASSERT(t != NULL);
	t->sessions = s;
	t->account = who->account;
	t->session = who->session;
	t->token = who->token;
	t->command = (struct command){ .name = "session.touch",
				       .actor = who->account,
				       .besides = true,
				       .decide = touch_decide,
				       .arg = t,
				       .done = touch_done,
				       .done_ctx = t };
	writer_submit(s->options.writer, &t->command);
}

/* --- who is this --- */

static bool stale(struct err *err)
{
	return err_set(err, ERR_SIGN_IN, "your session has ended: sign in again");
}

static bool session_good(const struct sql_access_identify_session_row *r, struct instant now)
{
	return r->active && instant_before(now, r->expires) &&
	       !instant_before(instant_add(r->seen, MINUTES(SESSION_IDLE_MINUTES)), now);
}

bool session_identify_cookie(struct sessions *s, struct arena *a, str cookie, const struct identity **out_who,
			     struct err *err)
{
	struct sql_access_identify_session_row r;
	struct hash256 secret = hash256_of(cookie);
	struct instant now = now_of(s);
	bool found = false;
	pthread_mutex_lock(&s->read_lock);
	bool ok = sql_access_identify_session(
		s->db, a, &(struct sql_access_identify_session){ hash256_bytes(&secret) }, &r, &found, err);
	pthread_mutex_unlock(&s->read_lock);
	if (!ok)
		return false;
	if (!found || !session_good(&r, now))
		return stale(err);
	struct identity *who = NEW(a, struct identity, 1);
	*who = (struct identity){ .account = r.account,
				  .login = r.login,
				  .team = r.team,
				  .organisation = r.organisation,
				  .organisation_name = r.organisation_name,
				  .roles = (unsigned)r.roles,
				  .scopes = ~0u,
				  .session = r.id,
				  .csrf = r.csrf };
	if (!account_name(a, r.body, r.login, &who->name, err))
		return false;
	touch(s, who, r.seen, now);
	*out_who = who;
	return true;
}

bool session_identify_token(struct sessions *s, struct arena *a, str token, const struct identity **out_who,
			    struct err *err)
{
	struct sql_access_identify_token_row r;
	struct hash256 secret = hash256_of(token);
	struct instant now = now_of(s);
	bool found = false;
	pthread_mutex_lock(&s->read_lock);
	bool ok = sql_access_identify_token(
		s->db, a, &(struct sql_access_identify_token){ hash256_bytes(&secret) }, &r, &found, err);
	pthread_mutex_unlock(&s->read_lock);
	if (!ok)
		return false;
	if (!found || r.revoked || !r.active || !instant_before(now, r.expires))
		return err_set(err, ERR_SIGN_IN, "this token is not, or no longer, good: make a new one");
	struct identity *who = NEW(a, struct identity, 1);
	*who = (struct identity){ .account = r.account,
				  .login = r.login,
				  .team = r.team,
				  .organisation = r.organisation,
				  .organisation_name = r.organisation_name,
				  .roles = (unsigned)r.roles,
				  .scopes = token_scope_permissions((unsigned)r.scopes),
				  .token = r.id,
				  .csrf = S("") };
	if (!account_name(a, r.body, r.login, &who->name, err))
		return false;
	touch(s, who, r.used, now);
	*out_who = who;
	return true;
}

/* --- signing in --- */

static bool by_login(struct db *db, struct arena *a, str login, struct sql_access_account_by_login_row *out,
		     bool *out_found, struct err *err)
{
	struct err odd;
	*out_found = false;
	return !login_check(login, &odd) || /* nobody has such a name */
	       sql_access_account_by_login(db, a, &(struct sql_access_account_by_login){ login }, out,
					   out_found, err);
}

/* Telephones begin every field with a capital. */
static str lower(struct arena *a, str s)
{
	char *p = arena_cstr(a, s);
	for (ptrdiff_t i = 0; i < s.len; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] - 'A' + 'a');
	return (str){ p, s.len };
}

bool sign_in_prepare(struct sign_in *in, struct arena *a, struct err *err)
{
	struct sessions *s = in->sessions;
	struct sql_access_account_by_login_row r;
	bool found = false;
	in->arena = a;
	in->login = lower(a, str_trim(str_sub(in->login, 0, NAME_MOST)));
	pthread_mutex_lock(&s->read_lock);
	bool ok = by_login(s->db, a, in->login, &r, &found, err);
	pthread_mutex_unlock(&s->read_lock);
	in->hash = ok && found ? r.password : (str){ 0 };
	return ok;
}

void sign_in_hash(void *arg)
{
	struct sign_in *in = arg;
	struct password_cost cost = in->sessions->options.cost;
	struct err err;
	in->password_good = password_verify(in->hash, in->password, cost);
	if (in->password_good && password_needs_rehash(in->hash, cost) &&
	    !password_hash(in->arena, in->password, cost, &in->rehashed, &err))
		in->rehashed = (str){ 0 }; /* next time */
}

static struct hash256 name_key(str node_secret, str login)
{
	struct hash256 key;
	hash_hmac_sha256(node_secret, login, key.b);
	return key;
}

static struct instant locked_until(int64_t failed, struct instant now)
{
	if (failed < SIGN_IN_FREE_FAILURES)
		return (struct instant){ 0 };
	int64_t doublings = MIN(failed - SIGN_IN_FREE_FAILURES, SIGN_IN_LOCK_DOUBLINGS);
	return instant_add(now, MINUTES(SIGN_IN_LOCK_MINUTES) << doublings);
}

bool failures_load(struct decision *d, str node_secret, str login, struct name_failures *out, struct err *err)
{
	struct sql_access_failure_row row;
	bool found = false;
	*out = (struct name_failures){ .name = name_key(node_secret, login) };
	if (!sql_access_failure(
		    d->db, d->arena,
		    &(struct sql_access_failure){ hash256_bytes(&out->name), instant_add(d->now, -DAYS(1)) },
		    &row, &found, err))
		return false;
	if (found) {
		out->failed = row.failed;
		out->locked_until = row.locked_until;
	}
	return true;
}

bool failures_add(struct decision *d, const struct name_failures *f, struct uuid account, struct err *err)
{
	int64_t failed = f->failed + 1;
	return sql_access_failures_forget_old(
		       d->db, &(struct sql_access_failures_forget_old){ instant_add(d->now, -DAYS(1)) },
		       err) &&
	       sql_access_failure_store(
		       d->db,
		       &(struct sql_access_failure_store){ .name = hash256_bytes(&f->name),
							   .account = account,
							   .failed = failed,
							   .locked_until = locked_until(failed, d->now),
							   .at = d->now },
		       err);
}

struct attempt {
	struct sign_in *in;
	bool found;
	struct sql_access_account_by_login_row account;
	struct name_failures before;
	int64_t step; /* of the code that was good */
};

static bool attempt_load(struct decision *d, struct attempt *t, struct err *err)
{
	return by_login(d->db, d->arena, t->in->login, &t->account, &t->found, err) &&
	       failures_load(d, t->in->sessions->options.secret, t->in->login, &t->before, err);
}

static bool code_good(struct arena *a, struct attempt *t, struct instant now)
{
	struct err err;
	str otp;
	if (t->account.otp.len == 0)
		return false;
	if (!otp_secret_open(a, t->in->sessions->options.secret, t->account.id, t->account.otp, &otp, &err)) {
		log_event(LOG_ERROR, "access.otp_unreadable", LOG_TEXT("login", t->in->login),
			  LOG_TEXT("text", str_from(err.text)));
		return false;
	}
	return otp_verify(otp, now, t->in->code, t->account.otp_step, &t->step);
}

static enum sign_in_result attempt_judge(struct arena *a, struct attempt *t, struct instant now)
{
	const struct sign_in *in = t->in;
	if (instant_before(now, t->before.locked_until))
		return SIGN_IN_LOCKED;
	if (!t->found)
		return SIGN_IN_UNKNOWN;
	if (!t->account.active)
		return SIGN_IN_DISABLED;
	/* The password may have been reset since it was compared. */
	if (!in->password_good || !str_eq(in->hash, t->account.password))
		return SIGN_IN_PASSWORD;
	return code_good(a, t, now) ? SIGN_IN_OK : SIGN_IN_CODE;
}

void sign_in_record(struct decision *d, struct uuid account, const char *result)
{
	struct json *p = json_object(d->arena);
	json_set_uuid(p, "account", account);
	json_set_str(p, "result", str_from(result));
	decision_add(d, access_draft("sign_in.recorded", decision_new_id(d), p, NULL));
}

static bool session_start(struct decision *d, struct sign_in *in, struct err *err)
{
	char csrf[SECRET_TEXT];
	(void)secret_text_make(d->rng, d->arena, "", csrf);
	struct hash256 secret = secret_text_make(d->rng, d->arena, "", in->cookie);
	in->session = decision_new_id(d);
	struct instant idle = instant_add(d->now, -MINUTES(SESSION_IDLE_MINUTES));
	return sql_access_sessions_end_stale(d->db, &(struct sql_access_sessions_end_stale){ d->now, idle },
					     err) &&
	       sql_access_account_seen(d->db, &(struct sql_access_account_seen){ in->account, d->now },
				       err) &&
	       sql_access_session_store(d->db,
					&(struct sql_access_session_store){
						.secret = hash256_bytes(&secret),
						.id = in->session,
						.account = in->account,
						.csrf = str_from(csrf),
						.created = d->now,
						.expires = instant_add(d->now, HOURS(SESSION_LIFE_HOURS)) },
					err);
}

static bool attempt_succeeded(struct decision *d, struct attempt *t, struct err *err)
{
	struct sign_in *in = t->in;
	if (in->rehashed.len &&
	    !sql_access_password_rehashed(
		    d->db, &(struct sql_access_password_rehashed){ in->account, in->rehashed }, err))
		return false;
	return sql_access_code_used(d->db, &(struct sql_access_code_used){ in->account, t->step }, err) &&
	       sql_access_failures_forget(
		       d->db, &(struct sql_access_failures_forget){ hash256_bytes(&t->before.name) }, err) &&
	       session_start(d, in, err);
}

bool sign_in_decide(struct decision *d, void *arg, struct err *err)
{
	static const char *const words[] = {
		[SIGN_IN_OK] = "ok",         [SIGN_IN_PASSWORD] = "password", [SIGN_IN_CODE] = "code",
		[SIGN_IN_LOCKED] = "locked", [SIGN_IN_DISABLED] = "disabled", [SIGN_IN_UNKNOWN] = "unknown",
	};
	struct attempt t = { .in = arg };
	if (!attempt_load(d, &t, err))
		return false;
	t.in->result = attempt_judge(d->arena, &t, d->now);
	t.in->account = t.found ? t.account.id : (struct uuid){ { 0 } };
	t.in->locked_until = t.in->result == SIGN_IN_LOCKED ? t.before.locked_until : (struct instant){ 0 };
	sign_in_record(d, t.in->account, words[t.in->result]);
	if (t.in->result == SIGN_IN_OK)
		return attempt_succeeded(d, &t, err);
	return t.in->result == SIGN_IN_LOCKED || failures_add(d, &t.before, t.in->account, err);
}

bool demo_sign_in_decide(struct decision *d, void *arg, struct err *err)
{
	struct sign_in *in = arg;
	struct sql_access_account_by_login_row r;
	bool found = false;
	if (!in->sessions->options.demonstration)
		return err_set(err, ERR_MISSING, "there is nothing at this address");
	if (!by_login(d->db, d->arena, in->login, &r, &found, err))
		return false;
	if (!found || !r.active)
		return err_set(err, ERR_MISSING, "the demonstration has nobody of that name");
	in->account = r.id;
	in->result = SIGN_IN_OK;
	sign_in_record(d, r.id, "ok");
	return session_start(d, in, err);
}

bool session_end_decide(struct decision *d, void *arg, struct err *err)
{
	struct session_end *c = arg;
	struct uuid id = uuid_is_nil(c->session) ? c->who->session : c->session;
	struct sql_access_session_by_id_row r;
	bool found = false;
	if (!uuid_is_nil(c->who->token) && (uuid_is_nil(c->session) || !identity_may(c->who, MAY_ADMINISTER)))
		return err_set(err, ERR_DENIED,
			       "a token has no session to end, and ends nobody's without account.write");
	if (!sql_access_session_by_id(d->db, d->arena, &(struct sql_access_session_by_id){ id }, &r, &found,
				      err))
		return false;
	if (!found || (!uuid_eq(r.account, c->who->account) && !identity_may(c->who, MAY_ADMINISTER)))
		return err_set(err, ERR_MISSING, "there is no such session");
	sign_in_record(d, r.account, "signed_out");
	return sql_access_session_end(d->db, &(struct sql_access_session_end){ id }, err);
}
