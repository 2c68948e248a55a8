/* What receiving costs by itself: reports of about 1 kB prepared as a door does, decided and written by the
 * writer in batches, without HTTP.  Makes the store if there is none.
 *
 * usage: bench_intake STORE REPORTS
 * Prints: reports, microseconds of processor a report to prepare, and to decide and write. */
#include <pthread.h>
#include <stdio.h>
#include "bench.h"
#include "cases/intake.h"

enum { WAITING = 64 };

struct round {
	pthread_mutex_t lock;
	pthread_cond_t all;
	int left;
	int64_t cpu_ns; /* of the writer's thread, at the last answer */
};

static void answered(struct command *c, void *ctx)
{
	struct round *r = ctx;
	if (!c->ok)
		bench_fail("intake", &c->err);
	pthread_mutex_lock(&r->lock);
	r->cpu_ns = bench_cpu_ns();
	if (--r->left == 0)
		pthread_cond_signal(&r->all);
	pthread_mutex_unlock(&r->lock);
}

static void prepare(struct arena *a, const struct world *w, str pool, struct dice *d, struct intake *in)
{
	struct err err = { 0 };
	*in = (struct intake){ .world = w, .channel = S("web") };
	in->text = arena_printf(a, "Phishing from 10.%d.%d.%d and h%d.o%d.example " STR_FMT,
				(int)dice_below(d, 256), (int)dice_below(d, 256), (int)dice_below(d, 256),
				(int)dice_below(d, 9), (int)dice_below(d, 1000),
				STR_ARG(bench_text(pool, d, 950)));
	if (!intake_prepare(in, a, &err))
		bench_fail("prepare", &err);
}

int main(int argc, char **argv)
{
	struct arena a, each;
	struct world w;
	struct writer *writer;
	struct err err = { 0 };
	struct clock clock = clock_real();
	struct rng rng = rng_real();
	struct dice dice = { 7 };
	struct round r = { .lock = PTHREAD_MUTEX_INITIALIZER, .all = PTHREAD_COND_INITIALIZER };
	int64_t count, prepared_ns = 0, done = 0;
	if (argc != 3 || !str_to_int(str_from(argv[2]), 1, 10000000, &count)) {
		(void)fprintf(stderr, "usage: bench_intake STORE REPORTS\n");
		return 2;
	}
	arena_init(&a, 256 << 20, 512 << 20);
	arena_init(&each, 256 << 20, 512 << 20);
	bench_world(&a, &w);
	str pool = bench_pool(&a, &dice);
	struct writer_options o = { .store = argv[1], .clock = &clock, .rng = &rng };
	if (!bench_store(argv[1], &err) || !writer_open(o, &writer, &err))
		bench_fail("cannot open the store", &err);
	for (; done < count; done += WAITING, arena_reset(&each)) {
		struct intake *in = NEW(&each, struct intake, WAITING);
		struct command *c = NEW(&each, struct command, WAITING);
		int64_t start = bench_cpu_ns();
		for (int i = 0; i < WAITING; i++)
			prepare(&each, &w, pool, &dice, &in[i]);
		prepared_ns += bench_cpu_ns() - start;
		r.left = WAITING;
		for (int i = 0; i < WAITING; i++) {
			c[i] = (struct command){ .name = "intake",
						 .regime = w.regime_id,
						 .decide = intake_decide,
						 .arg = &in[i],
						 .done = answered,
						 .done_ctx = &r };
			writer_submit(writer, &c[i]);
		}
		pthread_mutex_lock(&r.lock);
		while (r.left)
			pthread_cond_wait(&r.all, &r.lock);
		pthread_mutex_unlock(&r.lock);
	}
	(void)printf("%lld\t%.1f\t%.1f\n", (long long)done, (double)prepared_ns / 1e3 / (double)done,
		     (double)r.cpu_ns / 1e3 / (double)done);
	writer_close(writer);
	arena_done(&each);
	arena_done(&a);
	return 0;
}
