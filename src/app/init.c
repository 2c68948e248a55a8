#include "app/init.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "access/accounts.h"
#include "app/adopt.h"
#include "app/conf.h"
#include "app/regime_file.h"
#include "cases/world.h"
#include "crypto/otp.h"
#include "crypto/sign.h"
#include "format/json.h"
#include "journal/checkpoint.h"
#include "net/tls.h"
#include "os/files.h"
#include "regime/regime.h"

enum { LINE_LENGTH = 1000, PEM_MAX = 256 << 10, SECRET_BYTES = 32 };

struct init {
	struct arena *a;
	const char *folder;
	struct conf conf;
	str regime_name, admin, admin_name, certificate, key;
	const struct regime *regime;
	str regime_text;
	struct tls_pair tls;
	str fingerprint;
	struct clock clock;
	struct rng rng;
	struct account_command account;
	str public_key; /* of the journal, as others' tools take it */
	bool store_made;
};

struct question {
	const char *flag;
	size_t at;
	bool asked; /* on a terminal, when the flag was not given */
	const char *words;
};

#define ASK(flag, member, words)                                 \
	{                                                        \
		flag, offsetof(struct init, member), true, words \
	}
#define OPTION(flag, member, words)                               \
	{                                                         \
		flag, offsetof(struct init, member), false, words \
	}

static const struct question questions[] = {
	ASK("--name", conf.name, "Whose node is this"),
	ASK("--regime", regime_name, "Regime: pakistan-2023, eu-nis2, india-certin, or a file"),
	ASK("--team", conf.team, "The node's own team (id in the regime)"),
	ASK("--prefix", conf.prefix, "What numbers start with"),
	ASK("--host", conf.host, "The name this machine is reached by"),
	ASK("--mail-domain", conf.mail_domain, "Domain of our mail"),
	ASK("--listen", conf.listen, "Address and port for HTTPS"),
	ASK("--admin", admin, "Sign-in name of the first administrator"),
	ASK("--admin-name", admin_name, "Their name"),
	OPTION("--db", conf.db, "The store: postgresql://...; without it a SQLite file in the folder"),
	OPTION("--certificate", certificate, "PEM; without it a self-signed one is made"),
	OPTION("--key", key, "PEM, of that certificate"),
	OPTION("--duty-mail", conf.duty_mail, "The duty desk's address: reminders, what nobody takes"),
	OPTION("--smtp-host", conf.smtp_host, "The mail server that takes our mail"),
	OPTION("--lmtp-listen", conf.lmtp_listen, "Where we take mail: unix:PATH or 127.0.0.1:PORT"),
};

static str *value_of(struct init *n, const struct question *q)
{
	return (str *)(void *)((char *)n + q->at);
}

static int usage(FILE *out)
{
	(void)fprintf(out, "usage: naubat init FOLDER [OPTION VALUE]...\n\n"
			   "Makes a real node in FOLDER (" CONF_FOLDER_DEFAULT
			   " where the service runs).  On a terminal it "
			   "asks for\nwhat is not given.\n\n");
	for (ptrdiff_t i = 0; i < COUNTOF(questions); i++)
		(void)fprintf(out, "  %-14s %s\n", questions[i].flag, questions[i].words);
	return out == stdout ? 0 : 2;
}

static bool read_flags(struct init *n, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		str word = str_from(argv[i]);
		const struct question *q = NULL;
		for (ptrdiff_t k = 0; k < COUNTOF(questions); k++)
			if (str_eq(word, str_from(questions[k].flag)))
				q = &questions[k];
		if (q && i + 1 < argc)
			*value_of(n, q) = str_from(argv[++i]);
		else if (q == NULL && !str_starts(word, S("-")) && n->folder == NULL)
			n->folder = argv[i];
		else
			return false;
	}
	if (n->folder && str_starts(n->conf.db, S("postgres")) && str_find(n->conf.db, S("://")) < 0)
		return false;
	return n->folder != NULL;
}

/* --- what is asked --- */

static str suggestion(struct init *n, const struct question *q)
{
	char host[256] = { 0 };
	if (q->at == offsetof(struct init, conf.host) && gethostname(host, sizeof(host) - 1) == 0)
		return arena_dup(n->a, str_from(host));
	if (q->at == offsetof(struct init, conf.listen))
		return S("0.0.0.0:8443");
	if (q->at == offsetof(struct init, conf.team) && n->regime)
		return n->regime->hub;
	if (q->at == offsetof(struct init, conf.prefix) && n->regime)
		return n->regime->number_prefix;
	if (q->at == offsetof(struct init, admin))
		return S("admin");
	if (q->at == offsetof(struct init, admin_name))
		return S("Administrator");
	return (str){ 0 };
}

static bool ask(struct init *n, const struct question *q, struct err *err)
{
	char line[LINE_LENGTH];
	str offer = suggestion(n, q);
	bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	if (!terminal && offer.len) {
		*value_of(n, q) = offer;
		return true;
	}
	if (!terminal)
		return err_set(err, ERR_INPUT, "%s is missing (%s): give it, or run this on a terminal",
			       q->flag, q->words);
	(void)printf("%s%s" STR_FMT "%s: ", q->words, offer.len ? " [" : "", STR_ARG(offer),
		     offer.len ? "]" : "");
	(void)fflush(stdout);
	if (fgets(line, sizeof(line), stdin) == NULL)
		return err_set(err, ERR_INPUT, "nothing was made");
	str answer = str_trim(str_from(line));
	*value_of(n, q) = answer.len ? arena_dup(n->a, answer) : offer;
	return true;
}

/* The regime first: it suggests team and prefix. */
static bool ask_all(struct init *n, struct err *err)
{
	for (ptrdiff_t i = 0; i < COUNTOF(questions); i++) {
		const struct question *q = &questions[i];
		if (q->asked && value_of(n, q)->len == 0 && !ask(n, q, err))
			return false;
		if (q->at == offsetof(struct init, regime_name) &&
		    !regime_file_load(n->a, arena_cstr(n->a, n->regime_name), &n->regime, &n->regime_text,
				      err))
			return false;
	}
	return true;
}

/* --- checked before anything is made --- */

static bool folder_free(const char *folder, struct err *err)
{
	DIR *d = opendir(folder);
	bool empty = true;
	for (struct dirent *e; d && (e = readdir(d)) != NULL;)
		empty &= str_eq(str_from(e->d_name), S(".")) || str_eq(str_from(e->d_name), S(".."));
	if (d)
		closedir(d);
	return empty ||
	       err_set(err, ERR_CONFLICT,
		       "%s is not empty: a node is there, or something else; choose another folder", folder);
}

static bool check_team(struct init *n, struct err *err)
{
	const struct regime_team *team = regime_team_find(n->regime, n->conf.team);
	if (team == NULL)
		return err_set(err, ERR_INPUT, "team: '" STR_FMT "' is no team of the regime " STR_FMT,
			       STR_ARG(str_sub(n->conf.team, 0, 60)), STR_ARG(n->regime->id));
	n->conf.team = team->id;
	return true;
}

static bool prepare_tls(struct init *n, struct err *err)
{
	struct instant now = n->clock.now(&n->clock);
	if ((n->certificate.len == 0) != (n->key.len == 0))
		return err_set(err, ERR_INPUT, "give both --certificate and --key, or neither");
	if (n->certificate.len == 0) {
		if (!tls_self_signed(n->a, n->conf.host, now, &n->tls, err))
			return false;
	} else if (!files_read(n->a, arena_cstr(n->a, n->certificate), PEM_MAX, &n->tls.certificate_pem,
			       err) ||
		   !files_read(n->a, arena_cstr(n->a, n->key), PEM_MAX, &n->tls.key_pem, err)) {
		return false;
	}
	return tls_pair_check(n->a, &n->tls, now, &n->fingerprint, err);
}

static bool prepare_account(struct init *n, struct err *err)
{
	n->account = (struct account_command){ .regime = n->regime,
					       .act = ACCOUNT_CREATE,
					       .login = n->admin,
					       .name = n->admin_name,
					       .team = n->conf.team,
					       .roles = ROLE_ADMIN };
	char *secret = NEW(n->a, char, SECRET_BYTES);
	n->rng.fill(&n->rng, secret, SECRET_BYTES);
	n->account.secret = (str){ secret, SECRET_BYTES };
	if (!account_prepare(&n->account, n->a, &n->rng, err))
		return false;
	account_secrets_hash(&n->account);
	if (n->account.hash.len == 0)
		*err = n->account.err;
	return n->account.hash.len > 0;
}

static bool check(struct init *n, struct err *err)
{
	char *address;
	int port;
	conf_set_defaults(&n->conf);
	return folder_free(n->folder, err) && conf_check(&n->conf, err) &&
	       conf_address(n->a, n->conf.listen, &address, &port, err) && check_team(n, err) &&
	       prepare_tls(n, err) && prepare_account(n, err);
}

/* --- made --- */

static const struct {
	const char *name;
	int mode;
} node_files[] = { { "node.key", 0600 }, { "secret", 0600 }, { "tls.crt", 0644 }, { "tls.key", 0600 } };

static bool write_file(struct init *n, ptrdiff_t i, str bytes, struct err *err)
{
	return files_write(conf_path(n->a, n->folder, str_from(node_files[i].name)), bytes,
			   node_files[i].mode, err);
}

static bool write_keys(struct init *n, struct err *err)
{
	struct sign_key *key = sign_key_make(&n->rng);
	struct secret *line = sign_key_write(key);
	n->public_key = checkpoint_key_format(n->a, n->conf.mail_domain, sign_key_public(key));
	bool ok = write_file(n, 0, secret_reveal(line), err) &&
		  write_file(n, 1, n->account.secret, err) &&
		  write_file(n, 2, n->tls.certificate_pem, err) && write_file(n, 3, n->tls.key_pem, err);
	secret_free(line);
	sign_key_free(key);
	return ok;
}

/* The regime's bytes go into the journal: what the law said is part of what is proved. */
static bool found_node(struct decision *d, void *arg, struct err *err)
{
	struct init *n = arg;
	struct json *created = json_object(d->arena);
	json_set_bool(created, "demonstration", false);
	json_set_str(created, "name", n->conf.name);
	decision_add(d, (struct draft){ .kind = "node.created",
					.subject = decision_new_id(d),
					.audience = SCOPE_NODE,
					.payload = created });
	return adopt_record(d, n->regime, n->regime_text, err) && account_decide(d, &n->account, err);
}

static bool fill_store(struct init *n, const char *store, struct err *err)
{
	struct writer *w;
	struct writer_options options = { .store = store, .clock = &n->clock, .rng = &n->rng };
	struct command c = { .name = "node.create",
			     .actor = actor_system(),
			     .regime = regime_version_name(n->a, n->regime),
			     .decide = found_node,
			     .arg = n };
	if (!writer_open(options, &w, err))
		return false;
	bool ok = writer_run(w, &c);
	if (!ok)
		*err = c.err;
	writer_close(w);
	return ok;
}

/* node.conf comes last: a folder without it is no node. */
static bool make(struct init *n, struct err *err)
{
	char *store = conf_store(n->a, n->folder, &n->conf);
	if (!files_make_dir(n->folder, 0700, err))
		return false;
	if (chmod(n->folder, 0700) != 0)
		return err_set(err, ERR_SYSTEM, "cannot make %s private: it must be this user's", n->folder);
	if (!write_keys(n, err) || !commit_create_store(store, err))
		return false;
	n->store_made = true;
	return fill_store(n, store, err) && conf_write(n->a, n->folder, &n->conf, err);
}

/* The folder was empty: what is in it is ours. */
static void unmake(struct init *n)
{
	static const char *const stores[] = { "naubat.db", "naubat.db-wal", "naubat.db-shm" };
	for (ptrdiff_t i = 0; i < COUNTOF(node_files); i++)
		(void)unlink(conf_path(n->a, n->folder, str_from(node_files[i].name)));
	for (ptrdiff_t i = 0; i < COUNTOF(stores); i++)
		(void)unlink(conf_path(n->a, n->folder, str_from(stores[i])));
	(void)rmdir(n->folder);
	if (n->store_made && str_find(n->conf.db, S("://")) > 0)
		(void)fprintf(stderr,
			      "naubat: the database has tables of this attempt: drop them before the next\n");
}

static void tell(struct init *n)
{
	str issuer = arena_printf(n->a, "Naubat " STR_FMT, STR_ARG(n->conf.prefix));
	str uri = account_otp_uri(&n->account, n->a, issuer);
	(void)printf("\nThe node is in %s.  Its regime is " STR_FMT " " STR_FMT ".\n", n->folder,
		     STR_ARG(n->regime->id), STR_ARG(n->regime->version));
	if (n->regime->notice.text.len)
		(void)printf("  " STR_FMT "\n", STR_ARG(n->regime->notice.text));
	(void)printf("\nThe first administrator; this is shown once:\n\n"
		     "  sign-in    " STR_FMT "\n  password   " STR_FMT "\n  codes      " STR_FMT
		     "\n             " STR_FMT "\n",
		     STR_ARG(n->account.login), STR_ARG(n->account.password),
		     STR_ARG(otp_secret_text(n->a, n->account.otp)), STR_ARG(uri));
	(void)printf("\nCertificate (%s), SHA-256:\n  " STR_FMT "\n",
		     n->certificate.len ? "yours" : "self-signed, for ten years", STR_ARG(n->fingerprint));
	(void)printf("\nThe journal's public key; it is no secret:\n\n  " STR_FMT "\n\n"
		     "Give it now to somebody outside who will check this node, an auditor or an overseer,\n"
		     "and keep it on paper: with it and an export they find whatever was altered\n"
		     "(naubat journal verify FILE --key KEY).  The node tells it too, but a key that comes\n"
		     "from whom one checks proves little.  Its secret half is %s/node.key: keep a\n"
		     "copy of that and of %s/secret on another medium than the backups.\n",
		     STR_ARG(n->public_key), n->folder, n->folder);
	(void)printf("\nMail and more: %s/node.conf.  Start it:  naubat serve %s\n", n->folder, n->folder);
}

static int run(struct init *n, struct err *err)
{
	if (!folder_free(n->folder, err) || !ask_all(n, err) || !check(n, err))
		return 1;
	if (make(n, err)) {
		tell(n);
		return 0;
	}
	unmake(n);
	return 1;
}

int init_command(int argc, char **argv)
{
	struct arena a;
	struct err err = { 0 };
	struct init n = { .a = &a, .clock = clock_real(), .rng = rng_real() };
	if (argc == 2 && str_eq(str_from(argv[1]), S("--help")))
		return usage(stdout);
	if (!read_flags(&n, argc, argv))
		return usage(stderr);
	(void)umask(0077);
	arena_init(&a, 64 << 20, 256 << 20);
	int status = run(&n, &err);
	if (status != 0)
		(void)fprintf(stderr, "naubat: %s\n", err.text);
	arena_done(&a);
	return status;
}
