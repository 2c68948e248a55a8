/* How fast logs come in: bench_logs [SECONDS] FILE...
 * Lines: "logs", format, MB a second read alone (unpacked, cut at records' ends), MB and records a second
 * read and decoded; of processor time, one thread. */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "watch/log.h"

struct sums {
	int64_t bytes, records;
};

static const char *read_once(const char *path, bool decode, struct sums *s)
{
	static const struct log_listener nobody = { NULL, NULL };
	struct log_file *l;
	struct err err;
	if (!log_open(str_from(path), LOG_UNKNOWN, (struct log_limits){ 0 }, nobody, &l, &err))
		bench_fail("opening a log", &err);
	struct log_block *b = log_block_new();
	const char *format = log_format_names[log_format_of(l)];
	while (log_read(l, b)) {
		s->bytes += b->bytes;
		if (decode)
			log_decode(l, b);
		s->records += b->count;
	}
	log_block_free(b);
	log_close(l);
	return format;
}

static double measure(const char *path, bool decode, double seconds, struct sums *s)
{
	int64_t start = bench_cpu_ns(), spent = 0;
	*s = (struct sums){ 0 };
	while (spent < (int64_t)(seconds * 1e9)) {
		(void)read_once(path, decode, s);
		spent = bench_cpu_ns() - start;
	}
	return (double)spent / 1e9;
}

int main(int argc, char **argv)
{
	double seconds = argc > 2 ? strtod(argv[1], NULL) : 0;
	if (seconds <= 0) {
		fprintf(stderr, "usage: bench_logs SECONDS FILE...\n");
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		struct sums s = { 0 };
		/* once unmeasured: pages and caches */
		const char *format = read_once(argv[i], true, &s);
		double alone = measure(argv[i], false, seconds, &s);
		double alone_mb = (double)s.bytes / 1e6 / alone;
		double both = measure(argv[i], true, seconds, &s);
		printf("logs\t%s\t%.0f\t%.0f\t%.0f\n", format, alone_mb, (double)s.bytes / 1e6 / both,
		       (double)s.records / both);
	}
	return 0;
}
