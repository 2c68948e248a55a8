#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "base/buf.h"
#include "crypto/crypto.h"
#include "regime/regime.h"
#include "regime_file.h"

const char *const bench_teams[BENCH_TEAMS] = { "ncert",     "banking",  "telecom", "power",
					       "education", "aviation", "govcert" };
const char *const bench_sectors[BENCH_TEAMS] = { "public_sector",    "banking",  "telecom",      "power",
						 "higher_education", "aviation", "public_sector" };
const char *const bench_classes[8] = { "fraud:phishing",
				       "malicious-code:c2-server",
				       "availability:ddos",
				       "intrusion-attempts:brute-force",
				       "information-content-security:data-leak",
				       "vulnerable:vulnerable-system",
				       "intrusions:system-compromise",
				       "other:undetermined" };

void bench_fail(const char *doing, const struct err *err)
{
	(void)fprintf(stderr, "bench: %s: %s\n", doing, err->text);
	exit(1);
}

void bench_world(struct arena *a, struct world *out)
{
	struct err err = { 0 };
	str text;
	*out = (struct world){ 0 };
	if (!crypto_init(&err) || !regime_file_load(a, "pakistan-2023", &out->regime, &text, &err))
		bench_fail("cannot load the regime", &err);
	out->regime_id =
		arena_printf(a, STR_FMT "/" STR_FMT, STR_ARG(out->regime->id), STR_ARG(out->regime->version));
	out->team = out->regime->hub;
	out->prefix = S("BENCH");
	out->secret = S("the bench has no secrets to keep");
	out->mail_domain = S("ncert.example");
}

bool bench_store(const char *store, struct err *err)
{
	struct db *db;
	struct journal j;
	struct err none;
	if (!db_open(store, (struct db_options){ 0 }, &db, err))
		return false;
	bool there = journal_load(&j, db, &none);
	db_close(db);
	return there || commit_create_store(store, err);
}

int64_t bench_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t bench_cpu_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t bench_rss_kib(int pid)
{
	char path[64], line[256];
	long long kib = 0;
	if (pid)
		(void)snprintf(path, sizeof(path), "/proc/%d/status", pid);
	else
		(void)snprintf(path, sizeof(path), "/proc/self/status");
	FILE *f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmRSS: %lld", &kib) == 1)
			break;
	if (f)
		(void)fclose(f);
	return kib;
}

uint64_t dice_next(struct dice *d)
{
	uint64_t z = (d->state += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

void times_add(struct times *t, int64_t wall_ns, int64_t cpu_ns)
{
	if (t->count == TIMES_MAX)
		return;
	t->wall[t->count] = wall_ns;
	t->cpu[t->count++] = cpu_ns;
}

static int order(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static void print_parts(int64_t *ns, int count)
{
	static const double parts[] = { 0.5, 0.99, 1 };
	qsort(ns, (size_t)count, sizeof(*ns), order);
	for (int i = 0; i < 3; i++)
		(void)printf("\t%.0f",
			     count ? (double)ns[MIN((int)(parts[i] * count), count - 1)] / 1000 : 0.0);
}

void times_print(struct times *t, const char *name)
{
	(void)printf("%s\t%d", name, t->count);
	print_parts(t->wall, t->count);
	print_parts(t->cpu, t->count);
	(void)printf("\n");
	(void)fflush(stdout);
	t->count = 0;
}

struct uuid bench_person(int i)
{
	struct uuid u = { { 0x01, 0x90, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 1, (uint8_t)i } };
	return u;
}

str bench_word(struct arena *a, int i)
{
	static const char head[] = "banserlommainetgasporclavertrisunhot", middle[] = "ramotikeluvishnepari",
			  tail[] = "nskxdmsqrfz";
	char text[] = { head[i % 12 * 3],
			head[i % 12 * 3 + 1],
			head[i % 12 * 3 + 2],
			middle[i / 12 % 10 * 2],
			middle[i / 12 % 10 * 2 + 1],
			middle[i / 120 % 10 * 2],
			middle[i / 120 % 10 * 2 + 1],
			tail[i / 7 % 11] };
	return arena_dup(a, (str){ text, sizeof(text) });
}

str bench_address(struct arena *a, int64_t i)
{
	return arena_printf(a, "10.%d.%d.%d", (int)(i >> 16 & 255), (int)(i >> 8 & 255), (int)(i & 255));
}

str bench_pool(struct arena *a, struct dice *d)
{
	struct buf b;
	buf_init(&b, a, BENCH_POOL);
	while (!b.over) {
		buf_add(&b, bench_word(a, (int)dice_below(d, 1200)));
		buf_add_char(&b, dice_below(d, 12) == 0 ? '\n' : ' ');
	}
	return buf_str(&b);
}

str bench_text(str pool, struct dice *d, ptrdiff_t bytes)
{
	ptrdiff_t from = dice_below(d, pool.len - bytes);
	return str_sub(pool, from, from + bytes);
}
