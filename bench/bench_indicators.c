/* bench_indicators - how long the table of indicators takes to load, what it weighs, what a look-up costs.
 *
 * usage: bench_indicators [FILE ... [-- ALLOW-FILE ...]]
 * Without files: a table of sizes, synthetic, 10^3 to 10^7 (or to MOST of the environment).
 * Times are of the processor.
 */
#include "match/indicator.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PROBES = 1 << 20, TEXT = 80 };

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static str map(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &st) != 0) {
		perror(path);
		exit(2);
	}
	void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	close(fd);
	return (str){ p, st.st_size };
}

static long peak_mib(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss / 1024;
}

static uint64_t state = 88172645463325252u;

static uint64_t next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	return state ^= state << 17;
}

/* One that is never made as an indicator if `odd`. */
static int make(enum indicator_kind kind, uint64_t n, bool odd, char *out)
{
	static const char *const tlds[] = { "com", "net", "org", "ru", "xyz", "info", "top", "co.uk" };
	uint64_t h = (n * 2 + odd + 2) * 0x9e3779b97f4a7c15u;
	if (kind == INDICATOR_IP)
		return sprintf(out, "%d.%d.%d.%d", 1 + (int)((n * 2 + odd) >> 24 & 127),
			       (int)((n * 2 + odd) >> 16 & 255), (int)((n * 2 + odd) >> 8 & 255),
			       (int)((n * 2 + odd) & 255));
	if (kind == INDICATOR_SHA256)
		return sprintf(out, "%016llx%016llx%016llx%016llx", (unsigned long long)h,
			       (unsigned long long)(h * 3), (unsigned long long)(h * 5),
			       (unsigned long long)(h * 7));
	return sprintf(out, "w%llx.site%llu.%s", (unsigned long long)(h & 0xffffff),
		       (unsigned long long)(n * 2 + odd), tlds[h >> 61]);
}

static void touch(const struct probe *p)
{
	uint64_t seen = 0;
	for (int n = 0; n < PROBE_BATCH; n++)
		seen += (uint64_t)p[n].text.ptr[0] + (uint64_t)p[n].text.ptr[p[n].text.len - 1];
	__asm__ volatile("" : : "r"(seen));
}

static void measure(const struct indicators *i, enum probe_as as, enum indicator_kind kind, uint64_t count,
		    bool miss, double *out_ns, ptrdiff_t *out_hits)
{
	struct probe *p = calloc(PROBES, sizeof(*p));
	char *text = malloc((size_t)PROBES * TEXT);
	struct probe_hit hits[PROBE_BATCH * 4];
	double best = 1e9;
	for (ptrdiff_t n = 0; n < PROBES; n++) {
		char *t = text + n * TEXT;
		p[n] = (struct probe){ .as = as,
				       .text = { t, make(kind, next() % count, miss, t) },
				       .port = -1,
				       .tag = (uint32_t)n };
	}
	/* That the texts come from memory is not the table's: events were just parsed.  So they are touched
	 * first, and what touching alone takes is taken off. */
	for (int round = 0; round < 5; round++) {
		*out_hits = 0;
		double start = now();
		for (ptrdiff_t n = 0; n < PROBES; n += PROBE_BATCH) {
			touch(p + n);
			*out_hits += indicators_probe(i, p + n, PROBE_BATCH, hits, PROBE_BATCH * 4);
		}
		double both = now() - start;
		start = now();
		for (ptrdiff_t n = 0; n < PROBES; n += PROBE_BATCH)
			touch(p + n);
		double spent = (both - (now() - start)) / PROBES * 1e9;
		best = spent < best ? spent : best;
	}
	*out_ns = best;
	free(p);
	free(text);
}

static const struct indicators *synthetic(struct arena *a, uint64_t count)
{
	static const enum indicator_kind kinds[] = { INDICATOR_DOMAIN, INDICATOR_IP, INDICATOR_SHA256 };
	struct err err;
	const char *form;
	struct indicator_loader *l = indicators_begin(a, false);
	char *bytes = malloc((size_t)count * (TEXT + 1) + 64);
	for (int k = 0; k < 3; k++) {
		ptrdiff_t len = 0;
		for (uint64_t n = 0; n < count / 3 + 1; n++) {
			len += make(kinds[k], n, false, bytes + len);
			bytes[len++] = '\n';
		}
		if (!indicators_add(l, S("synthetic"), (str){ bytes, len }, &form, &err))
			exit(1);
	}
	free(bytes);
	return indicators_finish(l);
}

static void one_size(uint64_t count)
{
	static const struct {
		enum probe_as as;
		enum indicator_kind kind;
	} what[] = {
		{ PROBE_IP, INDICATOR_IP },
		{ PROBE_DOMAIN, INDICATOR_DOMAIN },
		{ PROBE_HASH, INDICATOR_SHA256 },
		{ PROBE_ANY, INDICATOR_DOMAIN },
	};
	struct arena a;
	arena_init(&a, 1 << 28, 1 << 28);
	double start = now();
	const struct indicators *i = synthetic(&a, count);
	double spent = now() - start;
	printf("%10lld %7.2f s %6.0f MB", (long long)indicators_counts(i).kept, spent,
	       (double)indicators_bytes(i).len / 1e6);
	for (int k = 0; k < 4; k++)
		for (int miss = 1; miss >= 0; miss--) {
			double ns;
			ptrdiff_t hits;
			measure(i, what[k].as, what[k].kind, count / 3 + 1, miss, &ns, &hits);
			printf(" %6.1f%s", ns, (miss ? hits == 0 : hits == PROBES) ? "" : "!");
		}
	printf("\n");
	fflush(stdout);
	indicators_free(i);
	arena_done(&a);
}

static void files(int argc, char **argv)
{
	struct arena a;
	struct err err;
	const char *form = "";
	bool allow = false;
	str bytes[400];
	for (int n = 1; n < argc; n++)
		bytes[n] = strcmp(argv[n], "--") == 0 ? (str){ NULL, 0 } : map(argv[n]);
	arena_init(&a, 1 << 28, 1 << 28);
	long before = peak_mib();
	double start = now();
	struct indicator_loader *l = indicators_begin(&a, false);
	for (int n = 1; n < argc; n++) {
		allow |= bytes[n].ptr == NULL;
		if (bytes[n].ptr == NULL)
			continue;
		if (!(allow ? indicators_allow(l, str_from(argv[n]), bytes[n], &err)
			    : indicators_add(l, str_from(argv[n]), bytes[n], &form, &err)))
			fprintf(stderr, "%s: %s\n", argv[n], err.text);
	}
	double read = now() - start;
	const struct indicators *i = indicators_finish(l);
	double all = now() - start;
	struct indicator_counts c = indicators_counts(i);
	printf("%lld kept, %lld doubled, %lld refused, %lld allowed: read %.3f s, in all %.3f s, block %.1f "
	       "MB, "
	       "peak %ld MiB over the %ld MiB of files\n",
	       (long long)c.kept, (long long)c.doubled, (long long)c.refused, (long long)c.allowed, read, all,
	       (double)indicators_bytes(i).len / 1e6, peak_mib() - before, before);
	for (int k = 0; k < 12; k++)
		printf("  %-20s %lld\n", indicator_kind_names[k],
		       (long long)indicators_of_kind(i, (enum indicator_kind)k));
	int shown = 0;
	for (const struct indicator_refusal *r = indicators_refused(l); r != NULL && shown < 40;
	     r = r->next, shown++)
		printf("  refused %.*s:%lld %.*s: %.*s\n", (int)r->file.len, r->file.ptr, (long long)r->line,
		       (int)r->value.len, r->value.ptr, (int)r->why.len, r->why.ptr);
	start = now();
	const struct indicators *again;
	if (indicators_open_bytes(indicators_bytes(i), &again, &err)) {
		printf("opened from bytes in %.3f s\n", now() - start);
		indicators_free(again);
	}
	indicators_free(i);
	arena_done(&a);
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		files(argc, argv);
		return 0;
	}
	uint64_t most = getenv("MOST") != NULL ? strtoull(getenv("MOST"), NULL, 10) : 10000000;
	printf("%10s %9s %9s  ns a probe in batches of %d: miss, hit\n%31s address       name          "
	       "SHA-256       any shape\n",
	       "kept", "load", "block", PROBE_BATCH, "");
	for (uint64_t count = 1000; count <= most; count *= 10)
		one_size(count);
	return 0;
}
