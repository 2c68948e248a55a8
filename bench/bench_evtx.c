/* How fast EVTX files are read: bench_evtx [SECONDS] FILE...   (bench/make_evtx.py makes one of real events)
 * Lines: "evtx", MB of file a second, records a second, MB of JSON a second; of processor time. */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "watch/evtx.h"

struct sums {
	int64_t bytes, records, json;
};

static str read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	long size = 0;
	char *bytes = NULL;
	if (f != NULL && fseek(f, 0, SEEK_END) == 0 && (size = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0)
		bytes = malloc((size_t)size + 1);
	if (bytes == NULL || fread(bytes, 1, (size_t)size, f) != (size_t)size) {
		perror(path);
		exit(1);
	}
	fclose(f);
	return (str){ bytes, size };
}

static void read_once(struct evtx *log, str file, struct sums *s)
{
	struct evtx_record r;
	struct err err;
	if (!evtx_open(log, file, &err))
		bench_fail("reading EVTX", &err);
	while (evtx_next(log, &r)) {
		s->records++;
		s->json += r.json.len;
	}
	s->bytes += file.len;
}

int main(int argc, char **argv)
{
	struct arena a;
	double seconds = argc > 2 ? strtod(argv[1], NULL) : 0;
	if (seconds <= 0) {
		fprintf(stderr, "usage: bench_evtx SECONDS FILE...\n");
		return 2;
	}
	arena_init(&a, ARENA_SOFT_DEFAULT, ARENA_HARD_DEFAULT);
	struct evtx *log = evtx_new(&a);
	for (int i = 2; i < argc; i++) {
		str file = read_file(argv[i]);
		struct sums s = { 0 };
		read_once(log, file, &s); /* once unmeasured: pages and caches */
		s = (struct sums){ 0 };
		int64_t start = bench_cpu_ns(), spent = 0;
		while (spent < (int64_t)(seconds * 1e9)) {
			read_once(log, file, &s);
			spent = bench_cpu_ns() - start;
		}
		double s_spent = (double)spent / 1e9;
		printf("evtx\t%.0f\t%.0f\t%.0f\n", (double)s.bytes / s_spent / 1e6,
		       (double)s.records / s_spent, (double)s.json / s_spent / 1e6);
		free((void *)(uintptr_t)file.ptr);
	}
	arena_done(&a);
	return 0;
}
