/* Signing in, accounts and tokens through a real server, writer and store; and the limiter by itself. */
#include "http/account_routes.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "access/session.h"
#include "base/buf.h"
#include "crypto/crypto.h"
#include "crypto/otp.h"
#include "format/json.h"
#include "http/limiter.h"
#include "http/permissions.h"
#include "http/server.h"
#include "http/session_routes.h"
#include "query/reads.h"
#include "regime/test_support.h"

enum { FIRST = 1111111109 }; /* RFC 6238, appendix B */

struct site {
	struct arena arena;
	struct clock_fake clock;
	struct rng_seeded rng;
	struct world world;
	struct node node;
	char dir[64], store[96];
	str password; /* of the administrator */
	int keys;     /* idempotency keys used */
};

static void submit(void *ctx, struct command *c, void (*done)(struct command *c, void *done_ctx),
		   void *done_ctx)
{
	struct site *s = ctx;
	c->done = done;
	c->done_ctx = done_ctx;
	writer_submit(s->node.writer, c);
}

static void add_account(struct site *s, const char *login, const char *name, unsigned roles)
{
	struct err err;
	struct account_command a = { .regime = s->world.regime,
				     .act = ACCOUNT_CREATE,
				     .login = str_from(login),
				     .name = str_from(name),
				     .team = s->world.team,
				     .roles = roles,
				     .secret = s->world.secret,
				     .cost = { 1, 8192 } };
	ASSERT(account_prepare(&a, &s->arena, &s->rng.rng, &err));
	a.otp = S("12345678901234567890");
	account_secrets_hash(&a);
	struct command c = { .name = "test", .decide = account_decide, .arg = &a };
	ASSERT(writer_run(s->node.writer, &c));
	s->password = a.password;
	clock_fake_advance(&s->clock, 1);
}

static void open_server(struct site *s)
{
	static const struct http_listener plain = { HTTP_PLAIN, "127.0.0.1", 0 };
	const struct route_table tables[] = { { account_routes, account_routes_count },
					      { session_routes, session_routes_count } };
	const struct http_hooks hooks = { .ctx = s,
					  .admit = access_admit,
					  .identify = access_identify,
					  .may = access_may,
					  .submit = submit };
	const struct http_options options = { .listeners = &plain,
					      .listener_count = 1,
					      .node = &s->node,
					      .title = S("test"),
					      .version = S("0"),
					      .drain_ms = 200 };
	struct err err;
	bool ok = http_server_open(&options, tables, COUNTOF(tables), &hooks, &s->node.server, &err);
	if (!ok)
		fprintf(stderr, "%s\n", err.text);
	ASSERT(ok);
}

static void site_open(struct site *s)
{
	struct err err;
	*s = (struct site){ .dir = "/tmp/naubat-site-XXXXXX" };
	arena_init(&s->arena, 1 << 28, 1 << 30);
	clock_fake_init(&s->clock, (struct instant){ SECONDS(FIRST) });
	ASSERT(crypto_init(&err) && otp_init(&err) && mkdtemp(s->dir) != NULL);
	rng_seeded_init(&s->rng, S("site"));
	(void)snprintf(s->store, sizeof(s->store), "%s/a.db", s->dir);
	s->world = (struct world){ .regime = regime_from(&s->arena, "pakistan-2023.yaml"),
				   .regime_id = S("PK/1"),
				   .prefix = S("DEMO"),
				   .secret = S("0123456789abcdef0123456789abcdef"),
				   .mail_domain = S("cert.example") };
	s->world.team = s->world.regime->hub;
	s->node = (struct node){ .world = &s->world,
				 .clock = &s->clock.clock,
				 .rng = &s->rng.rng,
				 .demonstration = true,
				 .store = s->store };
	ASSERT(commit_create_store(s->store, &err));
	const struct writer_options w = { .store = s->store, .clock = &s->clock.clock, .rng = &s->rng.rng };
	ASSERT(writer_open(w, &s->node.writer, &err) && reads_open(s->store, 2, &s->node.reads, &err));
	const struct sessions_options o = { .store = s->store,
					    .writer = s->node.writer,
					    .clock = &s->clock.clock,
					    .secret = s->world.secret,
					    .cost = { 1, 8192 },
					    .demonstration = true };
	ASSERT(sessions_open(&o, &s->node.sessions, &err) &&
	       limiter_open(&s->rng.rng, &s->node.limiter, &err));
	add_account(s, "amna", "Amna Rahim", ROLE_HANDLER);
	add_account(s, "admin", "Nadia Yusuf", ROLE_ADMIN);
	open_server(s);
}

static bool site_close(struct site *s)
{
	static const char *const tails[] = { "", "-wal", "-shm" };
	http_server_close(s->node.server);
	sessions_close(s->node.sessions);
	reads_close(s->node.reads);
	writer_close(s->node.writer);
	limiter_close(s->node.limiter);
	for (int i = 0; i < COUNTOF(tails); i++)
		(void)unlink(arena_printf(&s->arena, "%s%s", s->store, tails[i]).ptr);
	arena_done(&s->arena);
	return rmdir(s->dir) == 0;
}

/* --- a client --- */

struct answer {
	int status;
	str head;
	const struct json *json;
};

static str hear_all(struct arena *a, int fd)
{
	struct buf b;
	char block[4096];
	buf_init(&b, a, 1 << 20);
	for (ssize_t n; (n = recv(fd, block, sizeof(block), 0)) > 0;)
		buf_add(&b, (str){ block, n });
	return buf_str(&b);
}

/* `proof` is a header that says who asks, or empty. */
static struct answer ask_with(struct site *s, const char *line, str proof, const char *body, const char *key)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				  .sin_port = htons((uint16_t)http_server_port(s->node.server, 0)) };
	const struct timeval patience = { 60, 0 };
	str length =
		body[0] ? arena_printf(&s->arena, "Content-Type: application/json\r\nContent-Length: %zu\r\n",
				       strlen(body))
			: S("");
	str text = arena_printf(
		&s->arena,
		"%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n"
		"Sec-Fetch-Site: same-origin\r\nIdempotency-Key: %s\r\n" STR_FMT STR_FMT "\r\n%s",
		line, http_server_port(s->node.server, 0), key, STR_ARG(proof), STR_ARG(length), body);
	clock_fake_advance(&s->clock, 1000); /* ids sort by the millisecond */
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ASSERT(fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	ASSERT(send(fd, text.ptr, (size_t)text.len, MSG_NOSIGNAL) == text.len);
	str all = hear_all(&s->arena, fd);
	close(fd);
	ptrdiff_t split = str_find(all, S("\r\n\r\n"));
	int64_t status = 0;
	struct json *json = NULL;
	struct err err;
	ASSERT(split > 0 && str_to_int(str_sub(all, 9, 12), 100, 599, &status));
	str rest = str_sub(all, split + 4, all.len);
	ASSERT(rest.len == 0 || json_parse(&s->arena, rest, (struct json_limits){ 0 }, &json, &err));
	return (struct answer){ (int)status, str_sub(all, 0, split), json };
}

static struct answer ask(struct site *s, const char *line, str proof, const char *body)
{
	return ask_with(s, line, proof, body, arena_printf(&s->arena, "key-%d", s->keys++).ptr);
}

static const char *text_of(struct site *s, const char *fmt, str value)
{
	str_cut_result cut = str_cut(str_from(fmt), '*');
	return arena_printf(&s->arena, STR_FMT STR_FMT STR_FMT, STR_ARG(cut.head), STR_ARG(value),
			    STR_ARG(cut.tail))
		.ptr;
}

static str cookie_of(struct site *s, const struct answer *r)
{
	ptrdiff_t at = str_find(r->head, S("naubat_session="));
	ASSERT(at > 0 && str_find(r->head, S("HttpOnly")) > 0 && str_find(r->head, S("SameSite=Strict")) > 0);
	str value = str_cut(str_sub(r->head, at, r->head.len), ';').head;
	return arena_printf(&s->arena, "Cookie: " STR_FMT "\r\n", STR_ARG(value));
}

static bool is(const struct json *j, const char *member, const char *value)
{
	return str_eq(json_get_str(j, member), str_from(value));
}

static str sign_in_demo(struct site *s, const char *login)
{
	clock_fake_advance(&s->clock, MINUTES(2)); /* the limiter's bucket fills again */
	struct answer r =
		ask(s, "POST /api/demo/session", S(""), text_of(s, "{\"login\":\"*\"}", str_from(login)));
	ASSERT(r.status == 200);
	return cookie_of(s, &r);
}

/* --- what is checked --- */

static void test_nobody(struct site *s)
{
	struct answer r = ask(s, "GET /api/session", S(""), "");
	ASSERT(r.status == 401 && json_get_bool(r.json, "demonstration"));
	ASSERT(json_get_str(json_get(r.json, "regime"), "title").len > 0);
	static const char *const closed[] = { "GET /api/accounts",  "GET /api/people",   "GET /api/teams",
					      "GET /api/sign-ins",  "GET /api/sessions", "GET /api/tokens",
					      "DELETE /api/session" };
	for (ptrdiff_t i = 0; i < COUNTOF(closed); i++) {
		ASSERT(ask(s, closed[i], S(""), "").status == 401);
		ASSERT(ask(s, closed[i], S("Cookie: naubat_session=0\r\n"), "").status == 401);
		ASSERT(ask(s, closed[i], S("Authorization: Bearer nbt_0\r\n"), "").status == 401);
		ASSERT(ask(s, closed[i], S("Authorization: Basic YTpi\r\n"), "").status == 401);
	}
}

static str test_sign_in(struct site *s)
{
	static const char *const wrong[] = {
		"{\"login\":\"admin\",\"password\":\"wrong\",\"code\":\"081804\"}",
		"{\"login\":\"nobody\",\"password\":\"wrong\",\"code\":\"081804\"}",
		"{\"login\":\"\\u00e9\",\"password\":\"wrong\",\"code\":\"-\"}",
	};
	str detail = { 0 };
	for (ptrdiff_t i = 0; i < COUNTOF(wrong); i++) {
		struct answer r = ask(s, "POST /api/session", S(""), wrong[i]);
		ASSERT(r.status == 401 && is(r.json, "code", "sign_in_refused"));
		ASSERT(i == 0 || str_eq(detail, json_get_str(r.json, "detail")));
		detail = json_get_str(r.json, "detail");
	}
	const char *right =
		text_of(s, "{\"login\":\"admin\",\"password\":\"*\",\"code\":\"081804\"}", s->password);
	struct answer r = ask(s, "POST /api/session", S(""), right);
	ASSERT(r.status == 200 && is(json_get(r.json, "person"), "login", "admin") &&
	       is(r.json, "prefix", "DEMO"));
	ASSERT(str_eq(json_str(json_at(json_get(r.json, "roles"), 0)), S("administrator")));
	ASSERT(str_eq(json_get_str(json_get(r.json, "team"), "id"), s->world.team));
	str cookie = cookie_of(s, &r);
	ASSERT(ask(s, "GET /api/session", cookie, "").status == 200);
	ASSERT(ask(s, "POST /api/session", S(""), right).status == 401); /* the code was used */
	return cookie;
}

static void test_lock(struct site *s)
{
	const char *wrong = "{\"login\":\"amna\",\"password\":\"wrong\",\"code\":\"1\"}";
	clock_fake_advance(&s->clock, MINUTES(2));
	for (int i = 0; i < SIGN_IN_FREE_FAILURES; i++)
		ASSERT(ask(s, "POST /api/session", S(""), wrong).status == 401);
	struct answer r = ask(s, "POST /api/session", S(""), wrong);
	ASSERT(r.status == 429 && is(r.json, "code", "locked"));
	for (int i = 0; i < 4; i++)
		ASSERT(ask(s, "POST /api/session", S(""), wrong).status == 429);
	r = ask(s, "POST /api/session", S(""), wrong);
	ASSERT(r.status == 429 && is(r.json, "code", "limit"));
}

static void test_accounts(struct site *s, str admin)
{
	const char *body = text_of(
		s,
		"{\"login\":\"bilal\",\"name\":\"Bilal Sattar\",\"team\":\"*\",\"roles\":[\"handler\","
		"\"shift_lead\"]}",
		s->world.team);
	struct answer r = ask_with(s, "POST /api/accounts", admin, body, "same");
	ASSERT(r.status == 201 && json_get_str(r.json, "password").len > 20);
	ASSERT(str_starts(json_get_str(r.json, "code_uri"), S("otpauth://totp/Naubat%20DEMO:bilal?secret=")));
	str id = json_get_str(r.json, "id");
	r = ask_with(s, "POST /api/accounts", admin, body, "same");
	ASSERT(r.status == 409 && json_get(r.json, "password") == NULL);
	ASSERT(ask(s, "POST /api/accounts", admin, body).status == 409);
	ASSERT(ask(s, "POST /api/accounts", admin,
		   "{\"login\":\"x\",\"name\":\"X\",\"team\":\"x\",\"roles\":[\"king\"]}")
		       .status == 400);

	static const char *const logins[] = { "admin", "amna", "bilal" };
	static const char *const states[] = { "active", "locked", "active" };
	str next = { 0 }, after = { 0 };
	for (ptrdiff_t i = 0; i < COUNTOF(logins); i++) {
		r = ask(s,
			text_of(s, i ? "GET /api/accounts?limit=1&cursor=*" : "GET /api/accounts?limit=1*",
				next),
			admin, "");
		const struct json *item = json_at(json_get(r.json, "items"), 0);
		ASSERT(r.status == 200 && json_count(json_get(r.json, "items")) == 1 &&
		       json_get_int(r.json, "count") == 3);
		ASSERT(is(item, "login", logins[i]) && is(item, "state", states[i]) &&
		       json_get_bool(item, "code"));
		next = json_get_str(r.json, "next");
		after = i == 1 ? next : after;
		ASSERT((next.len == 0) == (i == 2));
	}
	ASSERT(ask(s, text_of(s, "POST /api/accounts/*/disable", id), admin, "{}").status == 204);
	ASSERT(ask(s, text_of(s, "POST /api/accounts/*/enable", id), admin, "{}").status == 204);
	r = ask(s, text_of(s, "POST /api/accounts/*/reset", id), admin, "{}");
	ASSERT(r.status == 200 && json_get_str(r.json, "password").len > 20);
	r = ask(s, text_of(s, "POST /api/accounts/*/set", id), admin,
		text_of(s,
			"{\"name\":\"Bilal S.\",\"team\":\"*\","
			"\"roles\":[\"observer\"]}",
			s->world.team));
	ASSERT(r.status == 204);
	ASSERT(ask(s, "GET /api/accounts?cursor=amna", admin, "").status == 400);
	ASSERT(ask(s, text_of(s, "GET /api/tokens?cursor=*", after), admin, "").status == 400);
	r = ask(s, text_of(s, "GET /api/accounts?cursor=*", after), admin, "");
	ASSERT(is(json_at(json_get(r.json, "items"), 0), "name", "Bilal S."));
}

static void test_sign_ins(struct site *s, str admin)
{
	struct answer r = ask(s, "GET /api/sign-ins?limit=2", admin, "");
	const struct json *item = json_at(json_get(r.json, "items"), 0);
	ASSERT(r.status == 200 && is(item, "login", "amna") && is(item, "outcome", "locked"));
	str next = json_get_str(r.json, "next");
	int64_t total = json_get_int(r.json, "count"), seen = 2;
	while (next.len) {
		r = ask(s, text_of(s, "GET /api/sign-ins?limit=2&cursor=*", next), admin, "");
		seen += json_count(json_get(r.json, "items"));
		next = json_get_str(r.json, "next");
	}
	ASSERT(seen == total && total > 8);
	ASSERT(ask(s, "GET /api/sign-ins?cursor=zzz", admin, "").status == 400);
}

static void test_handler(struct site *s, str admin)
{
	str amna = sign_in_demo(s, "amna");
	ASSERT(ask(s, "GET /api/accounts", amna, "").status == 403 &&
	       ask(s, "GET /api/sign-ins", amna, "").status == 403);
	struct answer r = ask(s, "GET /api/people", amna, "");
	ASSERT(r.status == 200 && is(json_at(json_get(r.json, "items"), 0), "name", "Amna Rahim"));
	ASSERT(ask(s, "GET /api/people", admin, "").status == 403);
	r = ask(s, "GET /api/teams", amna, "");
	ASSERT(r.status == 200 && json_count(json_get(r.json, "items")) == s->world.regime->teams_count);
	r = ask(s, "GET /api/sessions", amna, ""); /* one's own only */
	const struct json *own = json_at(json_get(r.json, "items"), 0);
	ASSERT(json_get_int(r.json, "count") == 1 && json_get_bool(own, "current"));
	r = ask(s, "GET /api/sessions", admin, "");
	ASSERT(json_get_int(r.json, "count") == 2);
	ASSERT(ask(s, text_of(s, "POST /api/sessions/*/end", json_get_str(own, "id")), admin, "{}").status ==
	       204);
	ASSERT(ask(s, "GET /api/session", amna, "").status == 401);
	amna = sign_in_demo(s, "amna");
	r = ask(s, "DELETE /api/session", amna, "");
	ASSERT(r.status == 204 && str_find(r.head, S("Max-Age=0")) > 0);
	ASSERT(ask(s, "GET /api/session", amna, "").status == 401);
}

static void test_tokens(struct site *s, str admin)
{
	str amna = sign_in_demo(s, "amna");
	const char *body =
		"{\"name\":\"sensor feed\",\"scopes\":[\"report.write\",\"case.read\"],\"days\":7}";
	struct answer r = ask(s, "POST /api/tokens", amna, body);
	ASSERT(r.status == 201 && str_starts(json_get_str(r.json, "token"), S("nbt_")));
	str id = json_get_str(r.json, "id");
	str bearer = arena_printf(&s->arena, "Authorization: Bearer " STR_FMT "\r\n",
				  STR_ARG(json_get_str(r.json, "token")));
	ASSERT(ask(s, "GET /api/session", bearer, "").status == 200 &&
	       ask(s, "GET /api/people", bearer, "").status == 200);
	ASSERT(ask(s, "POST /api/tokens", bearer, body).status == 403);
	ASSERT(ask(s, "DELETE /api/session", bearer, "").status == 403);
	ASSERT(ask(s, "POST /api/tokens", admin, body).status == 403); /* an administrator reads no cases */
	ASSERT(ask(s, "POST /api/tokens", admin, "{\"name\":\"x\",\"scopes\":[\"everything\"]}").status ==
	       400);
	r = ask(s, "GET /api/tokens", admin, "");
	const struct json *item = json_at(json_get(r.json, "items"), 0);
	ASSERT(is(item, "name", "sensor feed") && is(json_get(item, "owner"), "name", "Amna Rahim"));
	ASSERT(json_count(json_get(item, "scopes")) == 2 && json_get_str(item, "last_used").len > 0);
	ASSERT(ask(s, text_of(s, "POST /api/tokens/*/end", id), admin, "{}").status == 204);
	ASSERT(ask(s, "GET /api/session", bearer, "").status == 401);
}

static void test_demonstration(struct site *s)
{
	struct answer r = ask(s, "GET /api/demo/people", S(""), "");
	const struct json *first = json_at(json_get(r.json, "items"), 0);
	ASSERT(r.status == 200 && is(first, "login", "amna") && json_get_str(first, "line").len > 0);
	s->node.demonstration = false; /* nothing is being asked just now */
	ASSERT(ask(s, "GET /api/demo/people", S(""), "").status == 404);
	clock_fake_advance(&s->clock, MINUTES(2));
	ASSERT(ask(s, "POST /api/demo/session", S(""), "{\"login\":\"amna\"}").status == 404);
}

static void test_limiter(void)
{
	struct rng_seeded rng;
	struct limiter *l;
	struct err err;
	rng_seeded_init(&rng, S("limiter"));
	ASSERT(limiter_open(&rng.rng, &l, &err));
	for (int i = 0; i < 10; i++)
		ASSERT(limiter_take(l, LIMIT_SIGN_IN, S("2001:db8::1"), 0));
	ASSERT(!limiter_take(l, LIMIT_SIGN_IN, S("2001:db8::1"), 0));
	ASSERT(!limiter_take(l, LIMIT_SIGN_IN, S("2001:db8::ffff:2"), 0)); /* the same /64 */
	ASSERT(limiter_take(l, LIMIT_SIGN_IN, S("2001:db8:0:1::1"), 0));
	ASSERT(limiter_take(l, LIMIT_SIGN_IN, S("192.0.2.1"), 0));
	ASSERT(limiter_take(l, LIMIT_PUBLIC_POST, S("2001:db8::1"), 0));
	ASSERT(!limiter_take(l, LIMIT_SIGN_IN, S("2001:db8::1"), SECONDS(6) - 1));
	ASSERT(limiter_take(l, LIMIT_SIGN_IN, S("2001:db8::1"), SECONDS(6)));
	ASSERT(!limiter_take(l, LIMIT_SIGN_IN, S("2001:db8::1"), SECONDS(6)));
	for (int i = 0; i < 100000; i++) { /* more clients than there are places */
		char address[32];
		(void)snprintf(address, sizeof(address), "10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
		ASSERT(limiter_take(l, LIMIT_SIGN_IN, str_from(address), SECONDS(7)));
	}
	ASSERT(limiter_take(l, LIMIT_SIGN_IN, S(""), 0));
	limiter_close(l);
}

int main(void)
{
	static struct site s;
	test_limiter();
	site_open(&s);
	test_nobody(&s);
	str admin = test_sign_in(&s);
	test_lock(&s);
	test_accounts(&s, admin);
	test_sign_ins(&s, admin);
	test_handler(&s, admin);
	test_tokens(&s, admin);
	test_demonstration(&s);
	return site_close(&s) ? 0 : 1;
}
