#include "app/journal_commands.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "access/accounts.h"
#include "commit/commit.h"
#include "journal_routes_sql.h"
#include "journal/backup.h"
#include "journal/export.h"
#include "journal/prove.h"
#include "journal/verify.h"
#include "os/clock.h"
#include "os/files.h"

enum { FINE = 0, BROKEN = 1, CANNOT = 2, KEY_FILE_MAX = 4096, ARGUMENTS_MAX = 4 };

static const char USAGE[] =
	"usage: naubat journal verify     --db STORE [--key PUBKEY [--checkpoint NOTE]]\n"
	"       naubat journal verify     FILE [--key PUBKEY [--checkpoint NOTE]]      an export, without a "
	"store\n"
	"       naubat journal checkpoint --db STORE --sign KEYFILE --name NAME        sign what is there "
	"now; prints it\n"
	"       naubat journal prove      ENTRY --db STORE                             prints the proof of "
	"one entry\n"
	"       naubat journal check      PROOF --key PUBKEY                           checks such a proof\n"
	"       naubat journal export     FILE --db STORE --key PUBKEY [--headers]     - is standard output\n"
	"       naubat journal rebuild    STORE --db STORE                             into a fresh store\n"
	"       naubat backup  FILE --db STORE                                         while the node runs\n"
	"       naubat restore FILE --db STORE                                         into a place where "
	"nothing is\n"
	"       naubat restore --mark --db STORE                                       after pg_restore\n"
	"       naubat restore --release --db STORE                                    its mail may leave "
	"again\n"
	"STORE is a file or postgresql://...; PUBKEY a file or the key itself, as name+hex+base64; NOTE and "
	"PROOF are files.\n";

struct options {
	const char *db, *key, *checkpoint, *sign, *name;
	bool headers, mark, release;
	const char *arguments[ARGUMENTS_MAX];
	int count;
};

/* One word, or two for an option with a value; returns how many, 0 if it is none of ours. */
static int take(struct options *o, int left, char **argv)
{
	const struct {
		const char *name;
		const char **to;
	} rows[] = {
		{ "--db", &o->db },     { "--key", &o->key },   { "--checkpoint", &o->checkpoint },
		{ "--sign", &o->sign }, { "--name", &o->name },
	};
	bool plain = argv[0][0] != '-' || argv[0][1] == '\0';
	for (ptrdiff_t r = 0; r < COUNTOF(rows); r++)
		if (left > 1 && strcmp(argv[0], rows[r].name) == 0) {
			*rows[r].to = argv[1];
			return 2;
		}
	o->headers |= strcmp(argv[0], "--headers") == 0;
	o->mark |= strcmp(argv[0], "--mark") == 0;
	o->release |= strcmp(argv[0], "--release") == 0;
	if (plain && o->count < ARGUMENTS_MAX)
		o->arguments[o->count++] = argv[0];
	return plain || strcmp(argv[0], "--headers") == 0 || strcmp(argv[0], "--mark") == 0 ||
	       strcmp(argv[0], "--release") == 0;
}

static bool parse_options(struct options *o, int argc, char **argv, struct err *err)
{
	for (int i = 1, n; i < argc; i += n) {
		n = take(o, argc - i, argv + i);
		if (n == 0)
			return err_set(err, ERR_INPUT, "%s: no such option, or its value is missing",
				       argv[i]);
	}
	return true;
}

static bool need(const char *value, const char *what, struct err *err)
{
	return value != NULL || err_set(err, ERR_INPUT, "%s is missing", what);
}

/* Progress: how much, how fast, how long still; and whether Ctrl-C was pressed.  What leaves a file behind
 * has the signals wait until it asks; all else may be ended by them at any moment. */

static void hold_signals(void)
{
	sigset_t stops;
	(void)sigemptyset(&stops);
	(void)sigaddset(&stops, SIGINT);
	(void)sigaddset(&stops, SIGTERM);
	(void)pthread_sigmask(SIG_BLOCK, &stops, NULL);
}

struct progress {
	const char *verb, *unit;
	const char *doing; /* as shown last: each part of the work has a rate of its own */
	int64_t start_us, shown_us;
	bool shown;
};

static bool part_shown(struct progress *p, const char *doing, int64_t now_us)
{
	bool same = p->doing && strcmp(p->doing, doing) == 0;
	if (!same)
		*p = (struct progress){ p->verb, p->unit, doing, now_us, now_us, p->shown };
	return same;
}

/* False once it was interrupted. */
static bool show_part(struct progress *p, const char *doing, int64_t done, int64_t total)
{
	struct clock clock = clock_real();
	int64_t now = clock.boot_us(&clock);
	sigset_t waiting;
	(void)sigpending(&waiting);
	if (sigismember(&waiting, SIGINT) || sigismember(&waiting, SIGTERM))
		return false;
	if (!isatty(STDERR_FILENO) || !part_shown(p, doing, now) || now - p->shown_us < SECONDS(1) / 4)
		return true;
	double rate = (double)done * 1e6 / (double)(now - p->start_us);
	(void)fprintf(stderr, "\r%s %s: ", p->verb, doing);
	if (total > 0)
		(void)fprintf(stderr, "%lld%%, %.0f a second, %.0f s left\033[K",
			      (long long)(done * 100 / total), rate, (double)(total - done) / rate);
	else
		(void)fprintf(stderr, "%lld, %.0f a second\033[K", (long long)done, rate);
	p->shown_us = now;
	p->shown = true;
	return true;
}

static bool show(void *ctx, int64_t done, int64_t total)
{
	struct progress *p = ctx;
	return show_part(p, p->unit, done, total);
}

static bool show_rebuild(void *ctx, const char *doing, int64_t done, int64_t total)
{
	return show_part(ctx, doing, done, total);
}

static void show_end(struct progress *p)
{
	if (p->shown)
		(void)fputs("\r\033[K", stderr);
	p->shown = false;
}

/* What the commands are given. */

struct context {
	struct arena *a;
	struct options o;
};

static bool read_key(struct context *c, struct sign_public *out_key, str *out_name, struct err *err)
{
	str text = str_from(c->o.key);
	if (!need(c->o.key, "--key", err) ||
	    (files_exist(c->o.key) && !files_read(c->a, c->o.key, KEY_FILE_MAX, &text, err)))
		return false;
	return checkpoint_key_parse(text, out_name, out_key, err);
}

static bool verify_options(struct context *c, struct verify_options *out, struct err *err)
{
	str name;
	if (c->o.key && !read_key(c, &out->key, &name, err))
		return false;
	out->has_key = c->o.key != NULL;
	return c->o.checkpoint == NULL ||
	       files_read(c->a, c->o.checkpoint, CHECKPOINT_NOTE_MAX, &out->checkpoint, err);
}

static bool open_store(struct context *c, bool read_only, struct db **out_db, struct err *err)
{
	if (!need(c->o.db, "--db STORE", err))
		return false;
	if (!str_starts(str_from(c->o.db), S("postgres")) && !files_exist(c->o.db))
		return err_set(err, ERR_MISSING, "%s: there is no such store", c->o.db);
	return db_open(c->o.db, (struct db_options){ .read_only = read_only }, out_db, err);
}

static bool verify_what(struct context *c, const struct verify_options *v, struct verify_report *r,
			struct err *err)
{
	struct export_input_fd in;
	struct db *db = NULL;
	if (c->o.count == 0) {
		bool ok = open_store(c, true, &db, err) && verify_store(db, v, r, err);
		db_close(db);
		return ok;
	}
	bool from_stdin = strcmp(c->o.arguments[0], "-") == 0;
	int fd = from_stdin ? STDIN_FILENO : open(c->o.arguments[0], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_MISSING, "%s: %s", c->o.arguments[0], strerror(errno));
	export_input_fd(&in, fd);
	bool ok = export_verify(&in.input, v, r, err);
	if (!from_stdin)
		(void)close(fd);
	return ok;
}

static int verify(struct context *c, struct err *err)
{
	struct progress p = { "verifying", "entries" };
	struct verify_options v = { .step = show, .ctx = &p };
	struct verify_report r;
	struct clock clock = clock_real();
	if (!verify_options(c, &v, err))
		return CANNOT;
	int64_t start = clock.boot_us(&clock);
	bool done = verify_what(c, &v, &r, err);
	show_end(&p);
	if (!done)
		return CANNOT;
	(void)printf("%s\n%lld entries, %lld purged%s, epoch %lld, %lld ms\nroot " STR_FMT "\n", r.statement,
		     (long long)r.entries, (long long)r.purged,
		     r.payloads ? "" : ", payloads not in this export", (long long)r.epoch,
		     (long long)(clock.boot_us(&clock) - start) / 1000, STR_ARG(hash256_hex(c->a, r.root)));
	return r.ok ? FINE : BROKEN;
}

static int checkpoint(struct context *c, struct err *err)
{
	struct db *db = NULL;
	struct sign_key *key = NULL;
	struct clock clock = clock_real();
	str text, note;
	bool ok = need(c->o.sign, "--sign KEYFILE", err) && need(c->o.name, "--name", err) &&
		  (checkpoint_name_ok(str_from(c->o.name)) ||
		   err_set(err, ERR_INPUT, "--name: no name for a key")) &&
		  files_read(c->a, c->o.sign, KEY_FILE_MAX, &text, err) && sign_key_parse(text, &key, err) &&
		  open_store(c, false, &db, err) &&
		  checkpoint_make(db, c->a, key, str_from(c->o.name), clock.now(&clock), &note, err);
	if (ok)
		(void)printf(STR_FMT, STR_ARG(note));
	sign_key_free(key);
	db_close(db);
	return ok ? FINE : CANNOT;
}

/* An entry is named by its number, or by the id that a receipt has. */
static bool entry_named(struct context *c, struct db *db, str name, int64_t *out_seq, struct err *err)
{
	struct sql_journal_entry_of_case ask = { .team = S(""), .any = true };
	struct sql_journal_entry_of_case_row row;
	struct err no_id;
	bool found = false;
	if (str_to_int(name, 0, INT64_MAX, out_seq))
		return true;
	if (!uuid_parse(name, &ask.id, &no_id))
		return err_set(err, ERR_INPUT, "say which entry: its number, or the id in a receipt");
	if (!sql_journal_entry_of_case(db, c->a, &ask, &row, &found, err))
		return false;
	*out_seq = row.seq;
	return found || err_set(err, ERR_MISSING, "no entry of the journal has this id");
}

static int prove(struct context *c, struct err *err)
{
	struct db *db = NULL;
	struct proof p;
	int64_t seq = -1;
	if (c->o.count != 1) {
		(void)err_set(err, ERR_INPUT, "say which entry: its number, or the id in a receipt");
		return CANNOT;
	}
	bool ok = open_store(c, true, &db, err) && db_begin_read(db, err) &&
		  entry_named(c, db, str_from(c->o.arguments[0]), &seq, err) &&
		  proof_make(db, c->a, seq, &p, err);
	db_close(db);
	if (!ok)
		return CANNOT;
	(void)printf(STR_FMT, STR_ARG(proof_format(c->a, &p)));
	return FINE;
}

static int check(struct context *c, struct err *err)
{
	struct sign_public key;
	struct proof p;
	str name, text;
	if (c->o.count != 1) {
		(void)err_set(err, ERR_INPUT, "say which proof: a file");
		return CANNOT;
	}
	if (!read_key(c, &key, &name, err) ||
	    !files_read(c->a, c->o.arguments[0], 2 * CHECKPOINT_NOTE_MAX, &text, err) ||
	    !proof_parse(c->a, text, &p, err))
		return CANNOT;
	if (!proof_check(&p, key, err)) {
		(void)printf("does not hold: %s\n", err->text);
		return BROKEN;
	}
	(void)printf("holds: entry %lld is in the journal of " STR_FMT ", which had %lld entries on " STR_FMT
		     "\n" STR_FMT "\n",
		     (long long)p.index, STR_ARG(p.checkpoint.origin), (long long)p.checkpoint.size,
		     STR_ARG(instant_format_seconds(c->a, p.checkpoint.at)), STR_ARG(p.header));
	return FINE;
}

static int export(struct context *c, struct err *err)
{
	struct progress p = { "exporting", "entries" };
	struct export_options o = { .headers_only = c->o.headers, .step = show, .ctx = &p };
	struct export_sink_fd out;
	struct db *db = NULL;
	if (c->o.count != 1) {
		(void)err_set(err, ERR_INPUT, "say where to: a file, or - for standard output");
		return CANNOT;
	}
	if (!read_key(c, &o.key, &o.name, err) || !open_store(c, true, &db, err))
		return CANNOT;
	bool to_stdout = strcmp(c->o.arguments[0], "-") == 0;
	if (!to_stdout)
		hold_signals();
	int fd = to_stdout ? STDOUT_FILENO
			   : open(c->o.arguments[0], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok = fd >= 0 || err_set(err, ERR_SYSTEM, "%s: %s", c->o.arguments[0], strerror(errno));
	if (ok) {
		export_sink_fd(&out, fd);
		ok = export_write(db, &o, &out.sink, err);
	}
	if (fd >= 0 && !to_stdout) {
		ok = (fsync(fd) == 0 ||
		      err_set(err, ERR_SYSTEM, "%s: %s", c->o.arguments[0], strerror(errno))) &&
		     ok;
		(void)close(fd);
		if (!ok)
			(void)unlink(c->o.arguments[0]); /* half an export is none */
	}
	show_end(&p);
	db_close(db);
	return ok ? FINE : CANNOT;
}

static int say_digests(struct context *c, const struct rebuild_digests *d)
{
	bool same = hash256_eq(d->live, d->rebuilt);
	(void)printf("rebuilt from %lld entries\nstate " STR_FMT "\n", (long long)d->entries,
		     STR_ARG(hash256_hex(c->a, d->rebuilt)));
	if (!d->compared)
		(void)printf("not compared with that of %s, which cannot be read: %s\n", c->o.db,
			     d->err.text);
	else if (same)
		(void)printf("the same as in %s\n", c->o.db);
	else
		(void)printf("differs from that of %s, which is " STR_FMT
			     ": what that store shows is not what its journal says\n",
			     c->o.db, STR_ARG(hash256_hex(c->a, d->live)));
	return same || !d->compared ? FINE : BROKEN;
}

/* What is in no journal but has to be there for people to sign in to what was rebuilt. */
static void carry_credentials(const char *from_store, const char *to_store)
{
	struct db *from = NULL, *to = NULL;
	struct err err = { 0 };
	if (!db_open(from_store, (struct db_options){ .read_only = true }, &from, &err) ||
	    !db_open(to_store, (struct db_options){ 0 }, &to, &err) ||
	    !accounts_copy_credentials(from, to, &err))
		(void)fprintf(stderr,
			      "naubat: passwords and tokens did not come along (%s): give new ones with "
			      "naubat account reset\n",
			      err.text);
	db_close(to);
	db_close(from);
}

static int rebuild(struct context *c, struct err *err)
{
	struct progress p = { "rebuilding", "" };
	if (c->o.count != 1) {
		(void)err_set(err, ERR_INPUT, "say where to: a fresh store");
		return CANNOT;
	}
	hold_signals();
	struct rebuild_digests digests;
	struct rebuild_progress progress = { .step = show_rebuild, .ctx = &p, .digests = &digests };
	bool ok = need(c->o.db, "--db STORE", err) &&
		  commit_rebuild(c->o.db, c->o.arguments[0], progress, err);
	show_end(&p);
	if (!ok)
		return CANNOT;
	carry_credentials(c->o.db, c->o.arguments[0]);
	return say_digests(c, &digests);
}

static int backup(struct context *c, struct err *err)
{
	struct progress p = { "copying", "pages" };
	if (c->o.count != 1) {
		(void)err_set(err, ERR_INPUT, "say where to: a file");
		return CANNOT;
	}
	hold_signals();
	const char *file = c->o.arguments[0];
	struct backup_made made;
	bool ok = need(c->o.db, "--db STORE", err) && backup_make(c->o.db, file, show, &p, &made, err);
	show_end(&p);
	if (!ok)
		return CANNOT;
	(void)printf("%s: %lld entries of epoch %lld, %.1f MiB, a consistent copy of %s.\n\n"
		     "To restore it: stop the node, put its store away, then\n"
		     "  naubat restore %s --db STORE\n"
		     "start the node, look, and let its mail go:  naubat restore --release --db STORE\n\n"
		     "It holds no keys.  Of the node's folder keep node.conf, node.key, secret, tls.crt and\n"
		     "tls.key, on another medium.  Whoever has the copy reads every case: keep it "
		     "encrypted.\n",
		     file, (long long)made.entries, (long long)made.epoch, (double)made.bytes / (1 << 20),
		     c->o.db, file);
	return FINE;
}

static int release(struct context *c, struct err *err)
{
	struct rng rng = rng_real();
	struct clock clock = clock_real();
	if (c->o.count || c->o.mark) {
		(void)err_set(err, ERR_INPUT, "--release stands alone, with --db STORE");
		return CANNOT;
	}
	bool ok = need(c->o.db, "--db STORE", err) &&
		  backup_release(c->o.db, actor_system(), &rng, clock.now(&clock), err);
	if (ok)
		(void)fprintf(stderr, "released: what waits is sent by the node within the hour, or when it "
				      "is started again\n");
	return ok ? FINE : CANNOT;
}

static int restore(struct context *c, struct err *err)
{
	struct progress p = { "copying", "pages" };
	struct clock clock = clock_real();
	struct rng rng = rng_real();
	if (c->o.release)
		return release(c, err);
	if (c->o.count != (c->o.mark ? 0 : 1)) {
		(void)err_set(err, ERR_INPUT,
			      "say what to restore: a file that `naubat backup` made; or --mark or "
			      "--release alone");
		return CANNOT;
	}
	hold_signals();
	bool ok = need(c->o.db, "--db STORE", err) &&
		  (c->o.mark ? backup_mark(c->o.db, &rng, clock.now(&clock), err)
			     : backup_restore(c->o.arguments[0], c->o.db, &rng, clock.now(&clock), show, &p,
					      err));
	show_end(&p);
	if (ok)
		(void)fprintf(stderr, "restored: a new epoch has begun, and nothing is sent until an "
				      "operator releases it\n");
	return ok ? FINE : CANNOT;
}

static int run(int (*what)(struct context *c, struct err *err), int argc, char **argv)
{
	struct arena a;
	struct err err = { 0 };
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0)
			return fputs(USAGE, stdout) < 0 ? CANNOT : FINE;
	arena_init(&a, 64 << 20, 256 << 20);
	struct context c = { .a = &a };
	int status = parse_options(&c.o, argc, argv, &err) ? what(&c, &err) : CANNOT;
	if (status == CANNOT)
		(void)fprintf(stderr, "naubat: %s\n", err.text);
	arena_done(&a);
	return status;
}

int journal_command(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(struct context *c, struct err *err);
	} verbs[] = {
		{ "verify", verify }, { "checkpoint", checkpoint }, { "prove", prove },
		{ "check", check },   { "export", export },         { "rebuild", rebuild },
	};
	for (ptrdiff_t i = 0; argc > 1 && i < COUNTOF(verbs); i++)
		if (strcmp(argv[1], verbs[i].name) == 0)
			return run(verbs[i].run, argc - 1, argv + 1);
	bool asked = argc > 1 && strcmp(argv[1], "--help") == 0;
	(void)fputs(USAGE, asked ? stdout : stderr);
	return asked ? FINE : CANNOT;
}

int backup_command(int argc, char **argv)
{
	return run(backup, argc, argv);
}

int restore_command(int argc, char **argv)
{
	return run(restore, argc, argv);
}
