/* bench.h - what the bench programs share: a world to run in, a stopwatch, a fast repeatable random source.
 *
 * Each program prints lines "name<TAB>value<TAB>..." on stdout; bench/run makes the tables.
 * They stop at the first error.
 */
#pragma once
#include "cases/world.h"

/* The invented hub that every bench store belongs to; lives in `a`. */
void bench_world(struct arena *a, struct world *out);
/* Ends the program with the error's text. */
__attribute__((noreturn)) void bench_fail(const char *doing, const struct err *err);

/* Makes the store if there is none. */
MUST_CHECK bool bench_store(const char *store, struct err *err);

int64_t bench_ns(void);
int64_t bench_cpu_ns(void);     /* of this thread: what it cost, however busy the machine is */
int64_t bench_rss_kib(int pid); /* 0: this process */

/* splitmix64: not for secrets. */
struct dice {
	uint64_t state;
};
uint64_t dice_next(struct dice *d);
static inline int64_t dice_below(struct dice *d, int64_t limit)
{
	return (int64_t)(dice_next(d) % (uint64_t)limit);
}

/* Times of one thing, in ns, by the wall and by the processor.  A line is: name, calls, p50, p99, worst,
 * then p50, p99 and worst of processor time; microseconds. */
enum { TIMES_MAX = 20000 };
struct times {
	int64_t wall[TIMES_MAX], cpu[TIMES_MAX];
	int count;
};
void times_add(struct times *t, int64_t wall_ns, int64_t cpu_ns);
void times_print(struct times *t, const char *name);

/* The fill's invented people: the first is the National CERT's duty handler. */
enum { BENCH_PEOPLE = 24, BENCH_TEAMS = 7 };
extern const char *const bench_teams[BENCH_TEAMS], *const bench_sectors[BENCH_TEAMS];
extern const char *const bench_classes[8];
struct uuid bench_person(int i);
str bench_word(struct arena *a, int i);        /* an invented word; the same for the same i */
str bench_address(struct arena *a, int64_t i); /* 10.0.0.0/8 and on: the fill's networks lie there */
/* Words to cut texts from; a text is as good as new ones and takes no time. */
enum { BENCH_POOL = 256 << 10 };
str bench_pool(struct arena *a, struct dice *d);
str bench_text(str pool, struct dice *d, ptrdiff_t bytes);
