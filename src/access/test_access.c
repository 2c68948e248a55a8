/* Accounts, sessions and tokens over a real store and writer.  One-time codes are the vectors of RFC 6238,
 * appendix B, so the clock stands where those were made. */
#include "access/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "access/access_priv.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "crypto/otp.h"
#include "format/json.h"
#include "os/files.h"
#include "regime/test_support.h"

#define RFC_SECRET S("12345678901234567890")
enum { FIRST = 1111111109, NEXT_STEP = 1111111111, LATER = 1234567890, MUCH_LATER = 2000000000 };
enum { SECRETS_MOST = 64 };

struct node {
	struct arena arena;
	struct clock_fake clock;
	struct rng_seeded rng;
	struct writer *writer;
	struct sessions *sessions;
	const struct regime *regime;
	char dir[64], store[96], copy[96];
	str secrets[SECRETS_MOST]; /* what no journal may hold */
	int secret_count;
	struct identity admin;
};

static void at_second(struct node *n, int64_t second)
{
	n->clock.at = (struct instant){ SECONDS(second) };
}

static void keep_secret(struct node *n, str s)
{
	ASSERT(n->secret_count < SECRETS_MOST && s.len > 0);
	n->secrets[n->secret_count++] = arena_dup(&n->arena, s);
}

static struct err run(struct node *n, bool (*decide)(struct decision *, void *, struct err *), void *arg)
{
	struct command c = { .name = "test", .actor = actor_public(), .decide = decide, .arg = arg };
	return writer_run(n->writer, &c) ? (struct err){ 0 } : c.err;
}

static enum err_code code_of(struct node *n, bool (*decide)(struct decision *, void *, struct err *),
			     void *arg)
{
	struct err e = run(n, decide, arg);
	return e.code;
}

static void must(struct node *n, bool (*decide)(struct decision *, void *, struct err *), void *arg)
{
	struct err e = run(n, decide, arg);
	if (e.code != ERR_NONE)
		fprintf(stderr, "%s\n", e.text);
	ASSERT(e.code == ERR_NONE);
}

static void open_sessions(struct node *n, const char *store, bool demonstration)
{
	struct err err;
	const struct sessions_options options = { .store = store,
						  .writer = n->writer,
						  .clock = &n->clock.clock,
						  .secret = S("0123456789abcdef0123456789abcdef"),
						  .cost = { 1, 8192 },
						  .demonstration = demonstration };
	ASSERT(sessions_open(&options, &n->sessions, &err));
}

static void node_open(struct node *n)
{
	struct err err;
	*n = (struct node){ .dir = "/tmp/naubat-access-XXXXXX" };
	arena_init(&n->arena, 1 << 28, 1 << 30);
	clock_fake_init(&n->clock, (struct instant){ SECONDS(FIRST) });
	ASSERT(crypto_init(&err) && otp_init(&err) && mkdtemp(n->dir) != NULL);
	rng_seeded_init(&n->rng, S("access"));
	n->regime = regime_from(&n->arena, "pakistan-2023.yaml");
	(void)snprintf(n->store, sizeof(n->store), "%s/a.db", n->dir);
	(void)snprintf(n->copy, sizeof(n->copy), "%s/b.db", n->dir);
	ASSERT(commit_create_store(n->store, &err));
	struct writer_options options = { .store = n->store, .clock = &n->clock.clock, .rng = &n->rng.rng };
	ASSERT(writer_open(options, &n->writer, &err));
	open_sessions(n, n->store, false);
}

static bool node_close(struct node *n)
{
	static const char *const tails[] = { "", "-wal", "-shm" };
	sessions_close(n->sessions);
	writer_close(n->writer);
	arena_done(&n->arena);
	for (int i = 0; i < 6; i++) {
		char path[128];
		(void)snprintf(path, sizeof(path), "%s%s", i < 3 ? n->store : n->copy, tails[i % 3]);
		(void)unlink(path);
	}
	return rmdir(n->dir) == 0;
}

static struct account_command account_of(struct node *n, enum account_act act, const char *login,
					 unsigned roles)
{
	return (struct account_command){ .regime = n->regime,
					 .act = act,
					 .login = str_from(login),
					 .name = S("A Person"),
					 .team = n->regime->hub,
					 .roles = roles,
					 .secret = S("0123456789abcdef0123456789abcdef"),
					 .cost = { 1, 8192 } };
}

/* With the one-time secret of the RFC, whose codes we know. */
static void prepare(struct node *n, struct account_command *c)
{
	struct err err = { 0 };
	ASSERT(account_prepare(c, &n->arena, &n->rng.rng, &err));
	c->otp = RFC_SECRET;
	account_secrets_hash(c);
	ASSERT(c->hash.len > 0);
	keep_secret(n, c->password);
	keep_secret(n, c->hash);
}

static struct uuid add_account(struct node *n, const char *login, unsigned roles, str *out_password)
{
	struct account_command c = account_of(n, ACCOUNT_CREATE, login, roles);
	prepare(n, &c);
	must(n, account_decide, &c);
	*out_password = c.password;
	return c.account;
}

static struct sign_in attempt(struct node *n, const char *login, str password, const char *code)
{
	struct err err = { 0 };
	struct sign_in in = { .sessions = n->sessions,
			      .login = str_from(login),
			      .password = password,
			      .code = str_from(code) };
	ASSERT(sign_in_prepare(&in, &n->arena, &err));
	sign_in_hash(&in);
	must(n, sign_in_decide, &in);
	if (in.result == SIGN_IN_OK)
		keep_secret(n, str_from(in.cookie));
	ASSERT((in.result == SIGN_IN_OK) == (in.cookie[0] != '\0'));
	return in;
}

static const struct identity *who_has(struct node *n, const char *cookie)
{
	struct err err = { 0 };
	const struct identity *who = NULL;
	bool ok = session_identify_cookie(n->sessions, &n->arena, str_from(cookie), &who, &err);
	ASSERT(ok == (who != NULL) && (ok || err.code == ERR_SIGN_IN));
	return who;
}

static const struct identity *who_has_token(struct node *n, const char *token)
{
	struct err err = { 0 };
	const struct identity *who = NULL;
	bool ok = session_identify_token(n->sessions, &n->arena, str_from(token), &who, &err);
	ASSERT(ok == (who != NULL) && (ok || err.code == ERR_SIGN_IN));
	return who;
}

/* --- accounts --- */

static void test_what_an_account_needs(struct node *n)
{
	static const struct {
		const char *login, *name, *team;
		unsigned roles;
	} wrong[] = {
		{ "a", "A", NULL, ROLE_HANDLER },
		{ "Amna", "A", NULL, ROLE_HANDLER },
		{ ".amna", "A", NULL, ROLE_HANDLER },
		{ "amna rahim", "A", NULL, ROLE_HANDLER },
		{ "", "A", NULL, ROLE_HANDLER },
		{ "amna", " ", NULL, ROLE_HANDLER },
		{ "01234567890123456789012345678901234567890", "A", NULL, ROLE_HANDLER },
		{ "amna", "A", "no-such-team", ROLE_HANDLER },
		{ "amna", "A", NULL, 0 },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(wrong); i++) {
		struct err err = { 0 };
		struct account_command c = account_of(n, ACCOUNT_CREATE, wrong[i].login, wrong[i].roles);
		c.name = str_from(wrong[i].name);
		c.team = wrong[i].team ? str_from(wrong[i].team) : c.team;
		ASSERT(!account_prepare(&c, &n->arena, &n->rng.rng, &err) && err.code == ERR_INPUT);
	}
}

static void test_administrators(struct node *n, struct uuid amna)
{
	const struct identity handler = { .account = amna, .roles = ROLE_HANDLER, .scopes = ~0u };
	struct account_command taken = account_of(n, ACCOUNT_CREATE, "amna", ROLE_HANDLER);
	prepare(n, &taken);
	taken.who = &n->admin;
	ASSERT(code_of(n, account_decide, &taken) == ERR_CONFLICT);
	taken.who = &handler;
	ASSERT(code_of(n, account_decide, &taken) == ERR_DENIED);

	struct account_command own = account_of(n, ACCOUNT_DISABLE, "", 0);
	own.who = &n->admin;
	own.account = n->admin.account;
	ASSERT(code_of(n, account_decide, &own) == ERR_DENIED);
	own.act = ACCOUNT_SET;
	own.roles = ROLE_ADMIN | ROLE_HANDLER;
	ASSERT(code_of(n, account_decide, &own) == ERR_DENIED);
	struct account_command nobody = account_of(n, ACCOUNT_DISABLE, "", 0);
	ASSERT(code_of(n, account_decide, &nobody) == ERR_MISSING);
}

/* --- signing in --- */

static void test_code_is_good_once(struct node *n, struct uuid amna, str password)
{
	at_second(n, FIRST);
	struct sign_in in = attempt(n, "amna", password, "081804");
	ASSERT(in.result == SIGN_IN_OK && uuid_eq(in.account, amna));
	const struct identity *who = who_has(n, in.cookie);
	ASSERT(who && uuid_eq(who->account, amna) && str_eq(who->name, S("A Person")) && who->csrf.len > 40);
	ASSERT(identity_may(who, MAY_READ_CASES) && !identity_may(who, MAY_ADMINISTER));
	keep_secret(n, who->csrf);
	ASSERT(attempt(n, "amna", password, "081804").result == SIGN_IN_CODE);
	at_second(n, NEXT_STEP);
	ASSERT(attempt(n, "amna", password, "081804").result ==
	       SIGN_IN_CODE); /* within its window, but used */
	ASSERT(attempt(n, " Amna ", password, "050 471").result == SIGN_IN_OK);
	ASSERT(who_has(n, "0123456789") == NULL && who_has(n, "") == NULL);
}

static void test_lock(struct node *n, const char *login, str password, enum sign_in_result wrong)
{
	at_second(n, LATER);
	for (int i = 0; i < SIGN_IN_FREE_FAILURES; i++)
		ASSERT(attempt(n, login, S("not the password"), "000000").result == wrong);
	for (int64_t minutes = SIGN_IN_LOCK_MINUTES; minutes <= 4 * SIGN_IN_LOCK_MINUTES; minutes *= 2) {
		struct instant until = instant_add(n->clock.at, MINUTES(minutes));
		struct sign_in in = attempt(n, login, password, "005924");
		ASSERT(in.result == SIGN_IN_LOCKED && in.locked_until.us == until.us);
		clock_fake_advance(&n->clock, MINUTES(minutes) - 1);
		in = attempt(n, login, password, "005924"); /* while locked: no longer, no shorter */
		ASSERT(in.result == SIGN_IN_LOCKED && in.locked_until.us == until.us);
		clock_fake_advance(&n->clock, 1);
		ASSERT(attempt(n, login, S("not the password"), "000000").result == wrong);
	}
	at_second(n, LATER); /* a clock that is set back finds it locked, not open */
	ASSERT(attempt(n, login, password, "005924").result == SIGN_IN_LOCKED);
}

static void test_unlocked(struct node *n, struct uuid amna, str password)
{
	struct account_command c = account_of(n, ACCOUNT_ENABLE, "", 0);
	c.who = &n->admin;
	c.account = amna;
	ASSERT(attempt(n, "amna", password, "005924").result == SIGN_IN_LOCKED);
	must(n, account_decide, &c);
	ASSERT(attempt(n, "amna", password, "005924").result == SIGN_IN_OK);
}

static void test_a_day_forgets(struct node *n, str password)
{
	at_second(n, MUCH_LATER);
	ASSERT(attempt(n, "amna", S("not the password"), "279037").result == SIGN_IN_PASSWORD);
	struct sign_in in = attempt(n, "amna", password, "279037");
	ASSERT(in.result == SIGN_IN_OK && who_has(n, in.cookie));

	/* Used every half hour it lasts its 12 hours; what runs after a touch has waited for it. */
	struct session_end none = { .who = &n->admin, .session = { { 1 } } };
	for (int i = 1; i < 24; i++) {
		clock_fake_advance(&n->clock, MINUTES(30));
		ASSERT(who_has(n, in.cookie));
		ASSERT(code_of(n, session_end_decide, &none) == ERR_MISSING);
	}
	clock_fake_advance(&n->clock, MINUTES(30));
	ASSERT(who_has(n, in.cookie) == NULL);
}

static void test_demonstration_and_idleness(struct node *n)
{
	struct sign_in in = { .sessions = n->sessions, .login = S("amna") };
	ASSERT(code_of(n, demo_sign_in_decide, &in) == ERR_MISSING && in.cookie[0] == '\0');
	sessions_close(n->sessions);
	open_sessions(n, n->store, true);
	in.sessions = n->sessions;
	must(n, demo_sign_in_decide, &in);
	keep_secret(n, str_from(in.cookie));
	clock_fake_advance(&n->clock, MINUTES(SESSION_IDLE_MINUTES));
	ASSERT(who_has(n, in.cookie));
	must(n, demo_sign_in_decide, &in);
	clock_fake_advance(&n->clock, MINUTES(SESSION_IDLE_MINUTES) + 1);
	ASSERT(who_has(n, in.cookie) == NULL);
	in.login = S("nobody");
	ASSERT(code_of(n, demo_sign_in_decide, &in) == ERR_MISSING);
}

static void test_signing_out(struct node *n, const struct identity *other)
{
	struct sign_in in = { .sessions = n->sessions, .login = S("amna") };
	must(n, demo_sign_in_decide, &in);
	struct identity who = *who_has(n, in.cookie);
	struct session_end theirs = { .who = other, .session = who.session }, own = { .who = &who };
	ASSERT(code_of(n, session_end_decide, &theirs) == ERR_MISSING && who_has(n, in.cookie));
	must(n, session_end_decide, &own);
	ASSERT(who_has(n, in.cookie) == NULL && code_of(n, session_end_decide, &own) == ERR_MISSING);
	must(n, demo_sign_in_decide, &in);
	struct session_end by_admin = { .who = &n->admin, .session = in.session };
	must(n, session_end_decide, &by_admin);
	ASSERT(who_has(n, in.cookie) == NULL);
}

/* --- tokens --- */

static struct token_command token_of(const struct identity *who, unsigned scopes, int days)
{
	return (struct token_command){
		.who = who, .act = TOKEN_MAKE, .name = S("sensor feed"), .scopes = scopes, .days = days
	};
}

static void test_tokens(struct node *n, const struct identity *amna)
{
	struct token_command c = token_of(amna, TOKEN_REPORT_WRITE | TOKEN_CASE_READ, 30);
	must(n, token_decide, &c);
	keep_secret(n, str_from(c.text));
	ASSERT(str_starts(str_from(c.text), S("nbt_")) && strlen(c.text) == 56);
	const struct identity *who = who_has_token(n, c.text);
	ASSERT(who && uuid_eq(who->account, amna->account) && uuid_eq(who->token, c.token));
	ASSERT(identity_may(who, MAY_READ_CASES) && identity_may(who, MAY_WRITE_REPORTS));
	ASSERT(!identity_may(who, MAY_WRITE_CASES) && !identity_may(who, MAY_READ_DIRECTORY));
	ASSERT(who_has(n, c.text) == NULL && who_has_token(n, "nbt_0") == NULL);

	struct token_command more = token_of(who, TOKEN_REPORT_WRITE, 0),
			     too_much = token_of(&n->admin, TOKEN_CASE_READ, 0);
	ASSERT(code_of(n, token_decide, &more) == ERR_DENIED &&
	       code_of(n, token_decide, &too_much) == ERR_DENIED);
	more.who = amna;
	must(n, token_decide, &more);
	keep_secret(n, str_from(more.text));
	clock_fake_advance(&n->clock, DAYS(30) - 1);
	ASSERT(who_has_token(n, c.text) && who_has_token(n, more.text));
	clock_fake_advance(&n->clock, 1);
	ASSERT(who_has_token(n, c.text) == NULL);
	struct token_command end = { .who = amna, .act = TOKEN_END, .token = more.token };
	must(n, token_decide, &end);
	ASSERT(who_has_token(n, more.text) == NULL);
}

/* Whose role a scope is for, and what a token of it may and may not. */
static void test_scopes(struct node *n, const struct identity *amna)
{
	static const struct {
		unsigned scope, roles;
		enum permission may, never;
	} rows[] = {
		{ TOKEN_REPORT_WRITE, ROLE_HANDLER | ROLE_LEAD | ROLE_ADMIN, MAY_WRITE_REPORTS,
		  MAY_BE_OF_A_TEAM },
		{ TOKEN_CASE_READ, ROLE_HANDLER | ROLE_LEAD, MAY_READ_CASES, MAY_WRITE_CASES },
		{ TOKEN_CASE_WRITE, ROLE_HANDLER | ROLE_LEAD, MAY_WRITE_CASES, MAY_AUDIT },
		{ TOKEN_DIRECTORY_READ, ROLE_HANDLER | ROLE_LEAD | ROLE_DIRECTORY, MAY_READ_DIRECTORY,
		  MAY_WRITE_DIRECTORY },
		{ TOKEN_DIRECTORY_WRITE, ROLE_DIRECTORY, MAY_WRITE_DIRECTORY, MAY_KEEP_CONSTITUENTS },
		{ TOKEN_AUDIT, ROLE_AUDITOR, MAY_AUDIT, MAY_READ_ACCOUNTS },
		{ TOKEN_OVERSIGHT, ROLE_COUNCIL, MAY_OVERSEE, MAY_AUDIT },
		{ TOKEN_ACCOUNT_READ, ROLE_ADMIN, MAY_READ_ACCOUNTS, MAY_ADMINISTER },
		{ TOKEN_ACCOUNT_WRITE, ROLE_ADMIN | ROLE_DIRECTORY, MAY_KEEP_CONSTITUENTS,
		  MAY_ADOPT_REGIMES },
		{ TOKEN_REGIME_WRITE, ROLE_ADMIN, MAY_ADOPT_REGIMES, MAY_ADMINISTER },
	};
	_Static_assert(COUNTOF(rows) == TOKEN_SCOPES, "each scope has a row");
	for (ptrdiff_t i = 0; i < COUNTOF(rows); i++) {
		for (unsigned role = 1; role <= ROLES_ALL; role <<= 1) {
			struct identity who = *amna;
			who.roles = role;
			struct token_command c = token_of(&who, rows[i].scope, 1);
			bool fits = (rows[i].roles & role) != 0;
			if (fits)
				must(n, token_decide, &c);
			else
				ASSERT(code_of(n, token_decide, &c) == ERR_DENIED);
			who.scopes = token_scope_permissions(rows[i].scope);
			ASSERT(identity_may(&who, rows[i].may) == fits);
			ASSERT(!identity_may(&who, rows[i].never));
		}
	}
}

/* --- an account that is disabled, and one that is reset --- */

static void test_disabled(struct node *n, const struct identity *amna, str password)
{
	struct token_command token = token_of(amna, TOKEN_REPORT_WRITE, 0);
	struct sign_in in = { .sessions = n->sessions, .login = S("amna") };
	struct account_command c = account_of(n, ACCOUNT_DISABLE, "", 0);
	c.who = &n->admin;
	c.account = amna->account;
	must(n, token_decide, &token);
	must(n, demo_sign_in_decide, &in);
	ASSERT(who_has(n, in.cookie) && who_has_token(n, token.text));
	must(n, account_decide, &c);
	ASSERT(who_has(n, in.cookie) == NULL && who_has_token(n, token.text) == NULL);
	ASSERT(attempt(n, "amna", password, "000000").result == SIGN_IN_DISABLED);
	ASSERT(code_of(n, demo_sign_in_decide, &in) == ERR_MISSING);
	c.act = ACCOUNT_ENABLE;
	must(n, account_decide, &c);
	ASSERT(who_has(n, in.cookie) == NULL && who_has_token(n, token.text)); /* sessions do not come back */
}

static void test_reset(struct node *n, struct uuid amna, str old)
{
	struct account_command c = account_of(n, ACCOUNT_RESET, "", 0);
	struct sign_in in = { .sessions = n->sessions, .login = S("amna") };
	must(n, demo_sign_in_decide, &in);
	prepare(n, &c);
	c.who = &n->admin;
	c.account = amna;
	/* A sign-in under way while the password changes: what was compared counts for nothing. */
	struct err err;
	struct sign_in racing = {
		.sessions = n->sessions, .login = S("amna"), .password = old, .code = S("000000")
	};
	ASSERT(sign_in_prepare(&racing, &n->arena, &err));
	sign_in_hash(&racing);
	ASSERT(racing.password_good);
	must(n, account_decide, &c);
	must(n, sign_in_decide, &racing);
	ASSERT(racing.result == SIGN_IN_PASSWORD && who_has(n, in.cookie) == NULL);
	ASSERT(attempt(n, "amna", c.password, "000000").result == SIGN_IN_CODE);
	ASSERT(str_find(account_otp_uri(&c, &n->arena, S("Naubat")), S("Naubat:amna?secret=")) > 0);
}

/* --- what is left behind --- */

static int64_t journal_scan(struct node *n)
{
	struct db *db;
	struct journal j;
	struct entry *entries;
	ptrdiff_t count;
	int64_t sign_ins = 0;
	struct err err;
	ASSERT(db_open(n->store, (struct db_options){ .read_only = true }, &db, &err) &&
	       journal_load(&j, db, &err));
	ASSERT(journal_read(db, &n->arena, 0, 10000, &entries, &count, &err) && count == j.tree.size);
	for (ptrdiff_t i = 0; i < count; i++) {
		sign_ins += str_eq(entries[i].kind, S("sign_in.recorded"));
		for (int k = 0; k < n->secret_count; k++)
			ASSERT(str_find(entries[i].payload, n->secrets[k]) < 0 &&
			       str_find(entries[i].header, n->secrets[k]) < 0);
	}
	db_close(db);
	return sign_ins;
}

static void test_journal_holds_no_secret(struct node *n)
{
	ptrdiff_t plain = n->secret_count;
	keep_secret(n, text_hex(&n->arena, RFC_SECRET));
	keep_secret(n, text_base32(&n->arena, RFC_SECRET));
	keep_secret(n, RFC_SECRET);
	keep_secret(n, S("nobody-here")); /* what was typed as a name may have been a password */
	keep_secret(n, S("not the password"));
	for (ptrdiff_t i = 0; i < plain; i++)
		keep_secret(n, hash256_hex(&n->arena, hash256_of(n->secrets[i])));
	ASSERT(journal_scan(n) > 40);
}

static void test_rebuilt(struct node *n, const struct identity *amna)
{
	struct db *from, *to;
	struct err err;
	struct token_command c = token_of(amna, TOKEN_CASE_READ, 0);
	must(n, token_decide, &c);
	ASSERT(commit_rebuild(n->store, n->copy, (struct rebuild_progress){ 0 }, &err));
	sessions_close(n->sessions);
	open_sessions(n, n->copy, false);
	ASSERT(who_has_token(n, c.text) == NULL);
	ASSERT(db_open(n->store, (struct db_options){ .read_only = true }, &from, &err));
	ASSERT(db_open(n->copy, (struct db_options){ 0 }, &to, &err) &&
	       accounts_copy_credentials(from, to, &err));
	db_close(from);
	db_close(to);
	ASSERT(who_has_token(n, c.text));
}

/* --- constituents --- */

struct organisation {
	struct uuid id;
	bool removed;
};

static bool organisation_decide(struct decision *d, void *arg, struct err *err UNUSED)
{
	struct organisation *o = arg;
	static const char *const texts[] = { "name", "class", "sector", "province", "cii", "team" };
	struct json *p = json_object(d->arena);
	if (uuid_is_nil(o->id))
		o->id = decision_new_id(d);
	for (ptrdiff_t i = 0; i < COUNTOF(texts); i++)
		json_set_str(p, texts[i], i ? S("") : S("Demo Bank"));
	decision_add(d, access_draft(o->removed ? "organisation.removed" : "organisation.set", o->id, p,
		NULL));
	return true;
}

/* Whatever bits a store holds: an organisation's account may its own and nothing else,
	a team's never that. */
static void test_table(void)
{
	const unsigned own = 1u << MAY_BE_SIGNED_IN | 1u << MAY_READ_OWN | 1u << MAY_ACT_OWN;
	for (unsigned roles = 0; roles <= ROLES_ALL; roles++) {
		struct identity of_team = { .team = S("ncert"), .roles = roles, .scopes = ~0u };
		struct identity of_org = of_team;
		of_org.organisation = (struct uuid){ { 9 } };
		for (int what = MAY_NOTHING; what < MAY_COUNT; what++) {
			bool mine = (own >> what & 1) != 0;
			ASSERT(!identity_may(&of_org, (enum permission)what) || mine);
			ASSERT(what == MAY_BE_SIGNED_IN || !mine ||
			       !identity_may(&of_team, (enum permission)what));
		}
		ASSERT(identity_may(&of_org, MAY_READ_OWN) == ((roles & ROLE_CONSTITUENT) != 0));
	}
}

static struct account_command constituent_of(struct node *n, const char *login, struct uuid organisation)
{
	struct account_command c = account_of(n, ACCOUNT_CREATE, login, 0);
	c.team = S("");
	c.home = n->regime->hub;
	c.organisation = organisation;
	prepare(n, &c);
	return c;
}

static void test_who_keeps_them(struct node *n, struct uuid bank, struct uuid amna)
{
	struct identity keeper = { .account = { { 8 } }, .team = n->regime->hub, .roles = ROLE_DIRECTORY,
				   .scopes = ~0u };
	struct account_command c = constituent_of(n, "bank-2", bank);
	struct account_command team = account_of(n, ACCOUNT_CREATE, "another", ROLE_HANDLER);
	prepare(n, &team);
	team.who = c.who = &keeper;
	team.home = n->regime->hub;
	ASSERT(code_of(n, account_decide, &team) == ERR_DENIED);
	team.act = ACCOUNT_DISABLE;
	team.account = amna;
	ASSERT(code_of(n, account_decide, &team) == ERR_DENIED);
	keeper.team = S("banking");
	ASSERT(code_of(n, account_decide, &c) == ERR_DENIED);
	keeper.team = n->regime->hub;
	must(n, account_decide, &c);
	c.act = ACCOUNT_SET; /* it is the organisation's, and stays there */
	c.who = &n->admin;
	c.team = n->regime->hub;
	c.roles = ROLE_HANDLER;
	ASSERT(code_of(n, account_decide, &c) == ERR_INPUT);
}

static void test_constituents(struct node *n, struct uuid amna)
{
	struct organisation bank = { 0 };
	struct err err = { 0 };
	must(n, organisation_decide, &bank);
	struct account_command both = account_of(n, ACCOUNT_CREATE, "both", 0);
	both.organisation = bank.id;
	ASSERT(!account_prepare(&both, &n->arena, &n->rng.rng, &err) && err.code == ERR_INPUT);
	both.team = S("");
	both.roles = ROLE_HANDLER;
	ASSERT(!account_prepare(&both, &n->arena, &n->rng.rng, &err) && err.code == ERR_INPUT);
	both = account_of(n, ACCOUNT_CREATE, "both", ROLE_CONSTITUENT);
	ASSERT(!account_prepare(&both, &n->arena, &n->rng.rng, &err) && err.code == ERR_INPUT);
	struct account_command lost = constituent_of(n, "lost", (struct uuid){ { 5 } });
	ASSERT(code_of(n, account_decide, &lost) == ERR_INPUT);

	struct account_command c = constituent_of(n, "bank-1", bank.id);
	must(n, account_decide, &c);
	at_second(n, MUCH_LATER);
	struct sign_in in = attempt(n, "bank-1", c.password, "279037");
	ASSERT(in.result == SIGN_IN_OK);
	const struct identity *who = who_has(n, in.cookie);
	ASSERT(who && uuid_eq(who->organisation, bank.id) && who->team.len == 0 &&
	       str_eq(who->organisation_name, S("Demo Bank")) && who->roles == ROLE_CONSTITUENT);
	test_who_keeps_them(n, bank.id, amna);
	bank.removed = true; /* and with the organisation goes the access */
	must(n, organisation_decide, &bank);
	ASSERT(who_has(n, in.cookie) == NULL);
	ASSERT(attempt(n, "bank-1", c.password, "279037").result == SIGN_IN_DISABLED);
}

int main(void)
{
	static struct node n;
	str password, admin_password;
	node_open(&n);
	test_what_an_account_needs(&n);
	struct uuid amna = add_account(&n, "amna", ROLE_HANDLER, &password);
	n.admin = (struct identity){ .account = add_account(&n, "admin", ROLE_ADMIN, &admin_password),
				     .roles = ROLE_ADMIN,
				     .scopes = ~0u };
	const struct identity handler = { .account = amna, .roles = ROLE_HANDLER, .scopes = ~0u };
	test_administrators(&n, amna);
	test_code_is_good_once(&n, amna, password);
	test_lock(&n, "amna", password, SIGN_IN_PASSWORD);
	test_unlocked(&n, amna, password);
	test_lock(&n, "nobody-here", password, SIGN_IN_UNKNOWN);
	test_lock(&n, "Not A Name!", password, SIGN_IN_UNKNOWN);
	test_a_day_forgets(&n, password);
	test_demonstration_and_idleness(&n);
	test_signing_out(&n,
			 &(struct identity){ .account = { { 7 } }, .roles = ROLE_HANDLER, .scopes = ~0u });
	test_tokens(&n, &handler);
	test_scopes(&n, &handler);
	test_disabled(&n, &handler, password);
	test_reset(&n, amna, password);
	test_table();
	test_constituents(&n, amna);
	test_journal_holds_no_secret(&n);
	test_rebuilt(&n, &handler);
	return node_close(&n) ? 0 : 1;
}
