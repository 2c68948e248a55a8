#include "http/session_routes.h"

#include "access/session.h"
#include "access_sql.h"
#include "format/json.h"
#include "http/desk.h"
#include "http/people.h"
#include "http/server.h"
#include "query/reads.h"
#include "regime/regime.h"

enum { DEMO_PEOPLE_MOST = 50, LOGIN_TYPED_MOST = 256, CODE_TYPED_MOST = 20 };

/* --- what a session is, to the console --- */

static struct json *regime_json(const struct request *rq)
{
	const struct regime *r = rq->node->world->regime;
	struct json *j = json_object(rq->arena);
	json_set_str(j, "id", r->id);
	json_set_str(j, "title", r->title.text);
	json_set(j, "notice", NULL);
	if (r->notice.text.len)
		json_set_str(j, "notice", r->notice.text);
	return j;
}

static struct json *session_json(const struct request *rq, const struct identity *who)
{
	const struct node *n = rq->node;
	struct json *j = json_object(rq->arena), *person = people_ref(rq->arena, who->account, who->name);
	json_set_str(person, "login", who->login);
	json_set(j, "person", person);
	json_set(j, "team", people_team(n, rq->arena, who->team));
	json_set(j, "organisation",
		 people_organisation(rq->arena, who->organisation, who->organisation_name));
	json_set(j, "roles", people_roles(rq->arena, who->roles));
	json_set_bool(j, "demonstration", n->demonstration);
	json_set(j, "regime", regime_json(rq));
	json_set_str(j, "prefix", n->world->prefix);
	json_set_instant(j, "now", n->clock->now(n->clock));
	return j;
}

/* Nobody: enough for the sign-in page to say whose it is. */
static struct reply *session_get(struct request *rq)
{
	struct err err;
	if (rq->who)
		return reply_json(rq, 200, session_json(rq, rq->who));
	struct json *more = json_object(rq->arena);
	json_set_bool(more, "demonstration", rq->node->demonstration);
	json_set(more, "regime", regime_json(rq));
	(void)err_set(&err, ERR_SIGN_IN, "nobody is signed in");
	return reply_problem(rq, 401, NULL, &err, more);
}

/* --- signing in and out: without an idempotency key, for a code is good once anyway --- */

static struct reply *submit(struct request *rq, const char *name,
			    bool (*decide)(struct decision *, void *, struct err *), void *arg,
			    struct reply *(*finish)(struct request *, struct command *))
{
	struct command *c = NEW(rq->arena, struct command, 1);
	c->name = name;
	c->actor = rq->who ? rq->who->account : actor_public();
	c->regime = rq->node->world->regime_id;
	c->decide = decide;
	c->arg = arg;
	return reply_after(rq, c, finish);
}

static struct reply *refused(struct request *rq, const struct sign_in *in)
{
	struct err err;
	if (in->result == SIGN_IN_LOCKED) {
		str until = instant_format_seconds(rq->arena, in->locked_until);
		(void)err_set(&err, ERR_LIMIT,
			      "too many wrong attempts: locked until " STR_FMT "; an administrator can "
			      "reset it sooner",
			      STR_ARG(until));
		return reply_problem(rq, 429, "locked", &err, NULL);
	}
	(void)err_set(&err, ERR_SIGN_IN,
		      "name, password or code is not right; a code works once: wait for the next");
	return reply_problem(rq, 401, "sign_in_refused", &err, NULL);
}

static struct reply *signed_in(struct request *rq, struct command *c)
{
	const struct sign_in *in = desk_arg(c);
	const struct identity *who = NULL;
	struct err err;
	if (!c->ok)
		return reply_error(rq, &c->err);
	if (in->result != SIGN_IN_OK)
		return refused(rq, in);
	if (!session_identify_cookie(in->sessions, rq->arena, str_from(in->cookie), &who, &err))
		return reply_error(rq, &err);
	struct reply *r = reply_json(rq, 200, session_json(rq, who));
	reply_cookie(r, HTTP_SESSION_COOKIE, str_from(in->cookie), -1);
	return r;
}

static struct reply *hashed(struct request *rq, void *arg)
{
	return submit(rq, "session.sign_in", sign_in_decide, arg, signed_in);
}

static struct reply *session_post(struct request *rq)
{
	struct sign_in *in = NEW(rq->arena, struct sign_in, 1);
	struct err err;
	*in = (struct sign_in){ .sessions = rq->node->sessions,
				.login = desk_text(rq, "login"),
				.password = desk_text(rq, "password"),
				.code = desk_text(rq, "code") };
	if (!sign_in_prepare(in, rq->arena, &err))
		return reply_error(rq, &err);
	return reply_after_work(rq, sign_in_hash, in, hashed);
}

static struct reply *signed_out(struct request *rq, struct command *c)
{
	if (!c->ok)
		return reply_error(rq, &c->err);
	struct reply *r = reply_empty(rq);
	reply_cookie(r, HTTP_SESSION_COOKIE, S(""), 0);
	return r;
}

static struct reply *session_delete(struct request *rq)
{
	struct session_end *c = NEW(rq->arena, struct session_end, 1);
	c->who = rq->who;
	return submit(rq, "session.sign_out", session_end_decide, c, signed_out);
}

/* --- the demonstration --- */

static struct reply *no_demonstration(struct request *rq)
{
	struct err err;
	(void)err_set(&err, ERR_MISSING, "there is nothing at this address");
	return reply_error(rq, &err);
}

static bool demo_person(struct request *rq, const struct sql_access_people_row *row, struct json *list,
			struct err *err)
{
	struct json *j = json_object(rq->arena), *body = NULL;
	if (row->body.len && !json_parse(rq->arena, row->body, (struct json_limits){ 0 }, &body, err))
		return false;
	str name = json_get_str(body, "name"), line = json_get_str(body, "line");
	json_set_str(j, "login", row->login);
	json_set_str(j, "name", name.len ? name : row->login);
	json_set(j, "team", people_team(rq->node, rq->arena, row->team));
	json_set(j, "organisation",
		 people_organisation(rq->arena, row->organisation, row->organisation_name));
	json_set(j, "roles", people_roles(rq->arena, (unsigned)row->roles));
	json_set_str(j, "line", line.len ? line : role_names(rq->arena, (unsigned)row->roles));
	json_append(list, j);
	return true;
}

static struct reply *demo_people(struct request *rq)
{
	struct err err = { 0 };
	struct sql_access_people_row *rows;
	ptrdiff_t count;
	struct json *j = json_object(rq->arena), *list = json_array(rq->arena);
	if (!rq->node->demonstration)
		return no_demonstration(rq);
	struct db *db = reads_take(rq->node->reads);
	bool ok = sql_access_people(db, rq->arena, &(struct sql_access_people){ DEMO_PEOPLE_MOST }, &rows,
				    &count, &err);
	reads_give(rq->node->reads, db);
	for (ptrdiff_t i = 0; ok && i < count; i++)
		ok = demo_person(rq, &rows[i], list, &err);
	if (!ok)
		return reply_error(rq, &err);
	json_set(j, "items", list);
	return reply_json(rq, 200, j);
}

static struct reply *demo_session(struct request *rq)
{
	struct sign_in *in = NEW(rq->arena, struct sign_in, 1);
	if (!rq->node->demonstration)
		return no_demonstration(rq);
	*in = (struct sign_in){ .sessions = rq->node->sessions, .login = desk_text(rq, "login") };
	return submit(rq, "session.demo", demo_sign_in_decide, in, signed_in);
}

/* --- open sessions: one's own; an administrator sees and ends all --- */

static struct json *session_item(struct request *rq, const struct sql_access_sessions_row *row,
				 struct err *err)
{
	struct json *j = json_object(rq->arena);
	str name;
	if (!account_name(rq->arena, row->body, row->login, &name, err))
		return NULL;
	json_set_uuid(j, "id", row->id);
	json_set(j, "person", people_ref(rq->arena, row->account, name));
	json_set_instant(j, "since", row->created);
	json_set_instant(j, "last_seen", row->seen);
	json_set_bool(j, "current", uuid_eq(row->id, rq->who->session));
	return j;
}

static bool sessions_read(struct people_list *l, struct err *err)
{
	struct request *rq = l->rq;
	struct sql_access_sessions_row *rows;
	struct sql_access_sessions_count_row total;
	struct instant now = rq->node->clock->now(rq->node->clock);
	struct instant idle = instant_add(now, -MINUTES(SESSION_IDLE_MINUTES));
	bool all = identity_may(rq->who, MAY_READ_ACCOUNTS), found;
	ptrdiff_t count;
	if (!sql_access_sessions(l->db, rq->arena,
				 &(struct sql_access_sessions){ all, rq->who->account, now, idle, l->before,
								l->limit + 1 },
				 &rows, &count, err) ||
	    !sql_access_sessions_count(l->db, rq->arena,
				       &(struct sql_access_sessions_count){ all, rq->who->account, now, idle,
									    PEOPLE_COUNT_MOST },
				       &total, &found, err))
		return false;
	l->total = total.sessions;
	for (ptrdiff_t i = 0; i < MIN(count, l->limit); i++) {
		struct json *j = session_item(rq, &rows[i], err);
		if (j == NULL)
			return false;
		people_list_add(l, rows[i].account, j);
	}
	if (count > l->limit)
		l->next = uuid_format(rq->arena, rows[l->limit - 1].id);
	return true;
}

static struct reply *sessions_list(struct request *rq)
{
	return people_list_reply(rq, PEOPLE_NEWEST, sessions_read);
}

static struct reply *ended(struct request *rq, struct command *c)
{
	return c->ok ? reply_empty(rq) : reply_error(rq, &c->err);
}

static struct reply *session_end(struct request *rq)
{
	struct session_end *c = NEW(rq->arena, struct session_end, 1);
	struct err err;
	c->who = rq->who;
	if (!request_param_uuid(rq, "id", &c->session, &err))
		return reply_error(rq, &err);
	return desk_submit(rq, "session.end", session_end_decide, c, ended);
}

static const struct field nothing[] = { { 0 } };
static const struct field sign_in_fields[] = {
	{ .name = "login",
	  .type = FIELD_TEXT,
	  .required = true,
	  .max = LOGIN_TYPED_MOST,
	  .doc = "name of the account" },
	{ .name = "password",
	  .type = FIELD_TEXT,
	  .required = true,
	  .max = PASSWORD_BYTES_MOST,
	  .doc = "as typed" },
	{ .name = "code",
	  .type = FIELD_TEXT,
	  .required = true,
	  .max = CODE_TYPED_MOST,
	  .doc = "six digits; each works once" },
	{ 0 },
};
static const struct field demo_fields[] = {
	{ .name = "login",
	  .type = FIELD_TEXT,
	  .required = true,
	  .max = LOGIN_MOST,
	  .doc = "one of /api/demo/people" },
	{ 0 },
};

const struct route session_routes[] = {
	{ "GET", "/api/session", PERM_PUBLIC, session_get, "Who is signed in", .record = "Session" },
	{ "POST", "/api/session", PERM_PUBLIC, session_post, "Sign in", sign_in_fields, .record = "Session" },
	{ "DELETE", "/api/session", PERM_SIGNED_IN, session_delete, "Sign out", .record = "204" },
	{ "GET", "/api/demo/people", PERM_PUBLIC, demo_people, "Whom the demonstration can be seen as",
	  .record = "DemoPeople" },
	{ "POST", "/api/demo/session", PERM_PUBLIC, demo_session, "Sign in to the demonstration", demo_fields,
	  .record = "Session" },
	{ "GET", "/api/sessions", PERM_SIGNED_IN, sessions_list, "Open sessions",
	  .query = people_page_query, .record = "<SessionRow>" },
	{ "POST", "/api/sessions/{id}/end", PERM_SIGNED_IN, session_end, "End a session", nothing,
	  .record = "204" },
};
const ptrdiff_t session_routes_count = COUNTOF(session_routes);
