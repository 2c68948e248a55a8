/* bench_detect.c - the matching engine on events in memory.
 *
 * bench_detect RULES EVENTS [THREADS [RUNS [INDICATORS..]]]
 *
 * RULES is a folder of Sigma rules; EVENTS a file of JSON lines, one event a line.  Prints, tab-
 * separated, medians of
 * RUNS: what, threads, events a second, events a second of processor time, bytes a second, events,
 * found, woken an event.  "parse" reads the wanted leaves alone,
 * "flatten" all of them; "match" is everything with reasons.
 */
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "match/state.h"
#include "os/files.h"

enum { THREADS_MOST = 64, RUNS_MOST = 101 };

static struct rule_loader *loader;
static struct arena memory;

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static _Noreturn void fail(const char *doing, const char *why)
{
	fprintf(stderr, "bench_detect: %s: %s\n", doing, why);
	exit(2);
}

static int add_file(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	struct err err = { 0 };
	str bytes;
	(void)st;
	(void)where;
	if (kind != FTW_F || !str_ends(str_from(path), S(".yml")))
		return 0;
	if (!files_read(&memory, path, 16 << 20, &bytes, &err))
		fail(path, err.text);
	rules_add(loader, arena_dup(&memory, str_from(path)), bytes);
	return 0;
}

struct work {
	const struct unit *unit;
	str events;
	int mode; /* 0 parse, 1 flatten, 2 match */
	int64_t count, found, broken;
	struct matcher_stats stats;
	double cpu; /* seconds of this thread's processor time */
};

static double cpu_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *run(void *arg)
{
	struct work *w = arg;
	double start = cpu_now();
	struct matcher *m = matcher_new(w->unit);
	w->count = w->found = w->broken = 0;
	for (str left = w->events; left.len > 0;) {
		const char *end = memchr(left.ptr, '\n', (size_t)left.len);
		ptrdiff_t len = end ? end - left.ptr : left.len;
		str line = { left.ptr, len };
		if (w->mode < 2) {
			leaves_read(&m->wanted.leaves, &m->paths, line, w->mode == 1);
			w->found += m->wanted.leaves.count;
		} else {
			const struct matches *r = matcher_run(m, line);
			w->found += r->count;
			w->broken += r->broken != NULL;
		}
		w->count++;
		left = str_sub(left, len + 1, left.len);
	}
	w->stats = matcher_stats(m);
	matcher_free(m);
	w->cpu = cpu_now() - start;
	return NULL;
}

static int by_time(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;
	return a < b ? -1 : a > b;
}

static void measure(const char *name, struct work base, int threads, int runs)
{
	double times[RUNS_MOST], cpu[RUNS_MOST];
	struct work w[THREADS_MOST];
	int64_t count = 0, found = 0, woken = 0;
	for (int r = 0; r < runs; r++) {
		pthread_t t[THREADS_MOST];
		ptrdiff_t from = 0;
		double start = now();
		for (int i = 0; i < threads; i++) {
			ptrdiff_t to = base.events.len * (i + 1) / threads;
			while (to < base.events.len && base.events.ptr[to - 1] != '\n')
				to++;
			w[i] = base;
			w[i].events = str_sub(base.events, from, to);
			from = to;
			if (pthread_create(&t[i], NULL, run, &w[i]))
				fail("a thread", "cannot be started");
		}
		count = found = woken = 0;
		cpu[r] = 0;
		for (int i = 0; i < threads; i++) {
			pthread_join(t[i], NULL);
			count += w[i].count;
			found += w[i].found;
			woken += w[i].stats.woken;
			cpu[r] += w[i].cpu;
		}
		times[r] = now() - start;
	}
	qsort(times, (size_t)runs, sizeof *times, by_time);
	qsort(cpu, (size_t)runs, sizeof *cpu, by_time);
	double t = times[runs / 2];
	printf("%s\t%d\t%.0f\t%.0f\t%.0f\t%lld\t%lld\t%.3f\n", name, threads, (double)count / t,
	       (double)count / cpu[runs / 2], (double)base.events.len / t, (long long)count, (long long)found,
	       (double)woken / (double)MAX(count, 1));
	fflush(stdout);
}

static const struct indicators *load_indicators(char **files, int count)
{
	struct err err = { 0 };
	const char *form;
	str bytes;
	double start = now();
	struct indicator_loader *l = indicators_begin(&memory, false);
	for (int i = 0; i < count; i++)
		if (!files_read(&memory, files[i], 1 << 30, &bytes, &err) ||
		    !indicators_add(l, str_from(files[i]), bytes, &form, &err))
			fail(files[i], err.text);
	const struct indicators *all = indicators_finish(l);
	printf("indicators\t%lld\t%.3f\n", (long long)indicators_counts(all).kept, now() - start);
	return all;
}

static struct unit *build_unit(const char *rules)
{
	struct err err = { 0 };
	struct logsource_map map;
	const struct rule_refusal *refused = NULL;
	struct unit *u;
	double start = now();
	loader = rules_begin(&memory, (struct placeholders){ 0 });
	if (nftw(rules, add_file, 64, FTW_PHYS))
		fail(rules, "cannot be read");
	const struct rule_set *set = rules_finish(loader);
	double loaded = now();
	if (!logsource_load(&memory, logsource_builtin(), &map, NULL, &err))
		fail("logsources", err.text);
	struct unit_parts parts = { .rules = set, .sources = &map };
	if (!unit_build(&memory, &parts, &u, &refused, &err))
		fail("the unit", err.text);
	printf("load\t%td\t%.3f\ncompile\t%td\t%.3f\nbytes\t%td\n", set->rule_count, loaded - start,
	       unit_rule_count(u), now() - loaded, unit_bytes(u).len);
	return u;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		fail("arguments", "RULES EVENTS [THREADS [RUNS [INDICATORS..]]]");
	arena_init(&memory, PTRDIFF_MAX, PTRDIFF_MAX);
	struct work w = { .unit = build_unit(argv[1]) };
	int threads = argc > 3 ? atoi(argv[3]) : 1, runs = argc > 4 ? MIN(atoi(argv[4]), RUNS_MOST) : 5;
	if (argc > 5)
		unit_set_indicators((struct unit *)(uintptr_t)w.unit, load_indicators(argv + 5, argc - 5));
	struct stat st;
	int fd = open(argv[2], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		fail(argv[2], "cannot be opened");
	w.events.ptr = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	w.events.len = st.st_size;
	if (w.events.ptr == MAP_FAILED)
		fail(argv[2], "cannot be mapped");
	static const char *const names[] = { "parse", "flatten", "match" };
	const char *only = getenv("BENCH_MODE"); /* for a profile of one alone */
	for (int mode = 0; mode < 3; mode++) {
		if (only && strcmp(only, names[mode]) != 0)
			continue;
		w.mode = mode;
		measure(names[mode], w, threads, runs);
	}
	return 0;
}
