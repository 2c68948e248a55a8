/* A node on a store, as the program runs it, on plain loopback and with nobody slowed down: one
 * client here stands for a country.  Makes the store if there is none.
 *
 * usage: bench_serve STORE
 * Prints "port N start_ms M", then "rss_kib N" for each line read; ends with its input. */
#include <stdio.h>
#include <string.h>
#include "app/running.h"
#include "bench.h"
#include "mail/parse.h"

int main(int argc, char **argv)
{
	struct arena a;
	struct world w;
	struct running *r;
	struct err err = { 0 };
	char line[64];
	int64_t start = bench_ns();
	if (argc != 2) {
		(void)fprintf(stderr, "usage: bench_serve STORE\n");
		return 2;
	}
	running_block_signals();
	mail_init();
	arena_init(&a, 256 << 20, 512 << 20);
	bench_world(&a, &w);
	if (!bench_store(argv[1], &err))
		bench_fail("cannot make the store", &err);
	struct running_options o = { .folder = "/nonexistent",
				     .store = argv[1],
				     .world = &w,
				     .demonstration = true,
				     .listeners = { { .kind = HTTP_PLAIN, .address = "127.0.0.1" } },
				     .listener_count = 1 };
	if (!running_open(&o, &r, &err))
		bench_fail("cannot start", &err);
	running_node(r)->limiter = NULL;
	(void)printf("port %d start_ms %lld\n", running_port(r), (long long)(bench_ns() - start) / 1000000);
	(void)fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		(void)printf("rss_kib %lld\n", (long long)bench_rss_kib(0));
		(void)fflush(stdout);
	}
	running_close(r);
	arena_done(&a);
	return 0;
}
