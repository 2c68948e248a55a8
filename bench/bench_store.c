/* The journal's own work: rebuilding a store into a fresh one, and checking it.
 *
 * usage: bench_store rebuild FROM TO      prints: entries, seconds, a second, processor seconds
 *        bench_store rebuild-without-search FROM TO
 *        bench_store verify STORE */
#include <stdio.h>
#include <time.h>
#include "bench.h"
#include "journal/verify.h"

static double cpu_seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int64_t entries(const char *store)
{
	struct db *db;
	struct journal j;
	struct err err = { 0 };
	if (!db_open(store, (struct db_options){ .read_only = true }, &db, &err) ||
	    !journal_load(&j, db, &err))
		bench_fail(store, &err);
	db_close(db);
	return j.tree.size;
}

static bool verify(const char *store, struct err *err)
{
	struct db *db;
	struct verify_report r = { 0 };
	struct verify_options o = { 0 };
	if (!db_open(store, (struct db_options){ .read_only = true }, &db, err))
		return false;
	bool ok = verify_store(db, &o, &r, err);
	db_close(db);
	return ok &&
	       (r.ok || err_set(err, ERR_INPUT, "entry %lld: %s", (long long)r.broken_seq, r.broken_what));
}

int main(int argc, char **argv)
{
	struct err err = { 0 };
	bool plain = argc == 4 && str_eq(str_from(argv[1]), S("rebuild-without-search"));
	bool rebuild = plain || (argc == 4 && str_eq(str_from(argv[1]), S("rebuild")));
	if (!rebuild && !(argc == 3 && str_eq(str_from(argv[1]), S("verify")))) {
		(void)fprintf(stderr, "usage: bench_store rebuild[-without-search] FROM TO | verify STORE\n");
		return 2;
	}
	struct arena a;
	struct world w;
	arena_init(&a, 256 << 20, 512 << 20);
	bench_world(&a, &w);
	int64_t n = entries(argv[2]), start = bench_ns();
	double cpu = cpu_seconds();
	struct rebuild_progress progress = { .skip_search = plain };
	if (rebuild ? !commit_rebuild(argv[2], argv[3], progress, &err) : !verify(argv[2], &err))
		bench_fail(argv[1], &err);
	double took = (double)(bench_ns() - start) / 1e9;
	cpu = cpu_seconds() - cpu;
	(void)printf("%lld\t%.2f\t%.0f\t%.2f\n", (long long)n, took, (double)n / took, cpu);
	arena_done(&a);
	return 0;
}
