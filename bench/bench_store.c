/* The journal's own work at size.
 *
 * usage: bench_store verify STORE | rebuild FROM TO | rebuild-without-search FROM TO | export STORE FILE |
 *        verify-export FILE | prove STORE | backup STORE TO
 *
 * Prints: how many (entries, proofs), seconds, a second, processor seconds. */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include "bench.h"
#include "crypto/crypto.h"
#include "journal/backup.h"
#include "journal/export.h"
#include "journal/prove.h"

enum { PROOFS = 1000 };

static double cpu_seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct sign_key *bench_key(void)
{
	static const uint8_t seed[32] = { 7 };
	return sign_key_from_seed(seed);
}

static bool entries(const char *store, int64_t *out_n, struct err *err)
{
	struct db *db;
	struct journal j;
	if (!db_open(store, (struct db_options){ .read_only = true }, &db, err))
		return false;
	bool ok = journal_load(&j, db, err);
	db_close(db);
	*out_n = j.tree.size;
	return ok;
}

static bool sound(const struct verify_report *r, struct err *err)
{
	return r->ok || err_set(err, ERR_INPUT, "%s", r->statement);
}

static bool verify(const char *store, const char *to UNUSED, int64_t *out_n, struct err *err)
{
	struct db *db;
	struct verify_report r = { 0 };
	if (!db_open(store, (struct db_options){ .read_only = true }, &db, err))
		return false;
	bool ok = verify_store(db, &(struct verify_options){ 0 }, &r, err) && sound(&r, err);
	db_close(db);
	*out_n = r.entries;
	return ok;
}

static bool rebuild(const char *from, const char *to, int64_t *out_n, struct err *err)
{
	return commit_rebuild(from, to, (struct rebuild_progress){ 0 }, err) && entries(to, out_n, err);
}

static bool rebuild_plain(const char *from, const char *to, int64_t *out_n, struct err *err)
{
	return commit_rebuild(from, to, (struct rebuild_progress){ .skip_search = true }, err) &&
	       entries(to, out_n, err);
}

static bool export(const char *store, const char *to, int64_t *out_n, struct err *err)
{
	struct export_sink_fd sink;
	struct sign_key *key = bench_key();
	struct export_options o = { .name = S("bench.example"), .key = sign_key_public(key) };
	struct db *db = NULL;
	int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok = fd >= 0 || err_set(err, ERR_SYSTEM, "%s: is there already, or cannot be", to);
	export_sink_fd(&sink, fd);
	ok = ok && entries(store, out_n, err) &&
	     db_open(store, (struct db_options){ .read_only = true }, &db, err) &&
	     export_write(db, &o, &sink.sink, err);
	if (fd >= 0)
		(void)close(fd);
	db_close(db);
	sign_key_free(key);
	return ok;
}

static bool check_export(const char *file, const char *to UNUSED, int64_t *out_n, struct err *err)
{
	struct export_input_fd in;
	struct verify_report r = { 0 };
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_MISSING, "%s: there is no such file", file);
	export_input_fd(&in, fd);
	bool ok = export_verify(&in.input, &(struct verify_options){ 0 }, &r, err) && sound(&r, err);
	(void)close(fd);
	*out_n = r.entries;
	return ok;
}

/* Entries from all over the journal, under one checkpoint. */
static bool prove(const char *store, const char *to UNUSED, int64_t *out_n, struct err *err)
{
	struct arena a;
	struct db *db = NULL;
	struct sign_key *key = bench_key();
	struct proof p;
	str note;
	int64_t size = 0;
	arena_init(&a, 64 << 20, 256 << 20);
	bool ok = entries(store, &size, err) && db_open(store, (struct db_options){ 0 }, &db, err) &&
		  checkpoint_make(db, &a, key, S("bench.example"), (struct instant){ SECONDS(1795478400) },
				  &note, err);
	for (int64_t i = 0; ok && i < PROOFS; i++) {
		arena_reset(&a);
		ok = db_begin_read(db, err) && proof_make(db, &a, i * 7919 % size, &p, err) &&
		     proof_check(&p, sign_key_public(key), err);
		db_rollback(db);
	}
	db_close(db);
	sign_key_free(key);
	arena_done(&a);
	*out_n = PROOFS;
	return ok;
}

static bool backup(const char *store, const char *to, int64_t *out_n, struct err *err)
{
	struct backup_made made;
	return backup_make(store, to, NULL, NULL, &made, err) && entries(store, out_n, err);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int files;
		bool (*run)(const char *from, const char *to, int64_t *out_n, struct err *err);
	} verbs[] = {
		{ "verify", 1, verify },
		{ "rebuild", 2, rebuild },
		{ "rebuild-without-search", 2, rebuild_plain },
		{ "export", 2, export },
		{ "verify-export", 1, check_export },
		{ "prove", 1, prove },
		{ "backup", 2, backup },
	};
	struct err none;
	if (!crypto_init(&none))
		bench_fail("cryptography", &none);
	for (ptrdiff_t i = 0; argc > 2 && i < COUNTOF(verbs); i++) {
		struct err err = { 0 };
		int64_t n = 0;
		if (!str_eq(str_from(argv[1]), str_from(verbs[i].name)) || argc != 2 + verbs[i].files)
			continue;
		int64_t start = bench_ns();
		double cpu = cpu_seconds();
		if (!verbs[i].run(argv[2], argv[argc - 1], &n, &err))
			bench_fail(argv[1], &err);
		double took = (double)(bench_ns() - start) / 1e9;
		(void)printf("%lld\t%.2f\t%.0f\t%.2f\n", (long long)n, took, (double)n / took,
			     cpu_seconds() - cpu);
		return 0;
	}
	(void)fprintf(stderr, "usage: bench_store verify STORE | rebuild[-without-search] FROM TO | "
			      "export STORE FILE | verify-export FILE | prove STORE | backup STORE TO\n");
	return 2;
}
