/* Prints the records of EVTX files, one line of JSON each: {"number":1,"written":"...","event":{...}}.
 * What is wrong goes to stderr, one line each: what, offset, record, text. */
#include <stdio.h>
#include <stdlib.h>

#include "watch/evtx.h"

static void print_problem(void *user, const struct evtx_problem *p)
{
	(void)user;
	fprintf(stderr, "%d\t%lld\t%llu\t%s\n", (int)p->what, (long long)p->offset,
		(unsigned long long)p->record, p->text);
}

static char *read_file(const char *path, long *out_size)
{
	FILE *f = fopen(path, "rb");
	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (*out_size = ftell(f)) < 0 ||
	    fseek(f, 0, SEEK_SET) != 0)
		return NULL;
	char *bytes =
		malloc((size_t)*out_size + (*out_size == 0)); /* exactly, so that ASan sees a read past */
	bool ok = bytes != NULL && fread(bytes, 1, (size_t)*out_size, f) == (size_t)*out_size;
	fclose(f);
	return ok ? bytes : NULL;
}

static bool dump(struct evtx *log, const char *path)
{
	struct evtx_record r;
	struct err err = { 0 };
	long size = 0;
	char *bytes = read_file(path, &size);
	if (bytes == NULL) {
		perror(path);
		return false;
	}
	bool ok = evtx_open(log, (str){ bytes, size }, &err);
	if (!ok)
		fprintf(stderr, "%s: %s\n", path, err.text);
	while (ok && evtx_next(log, &r)) {
		char written[INSTANT_TEXT];
		printf("{\"number\":%llu,\"written\":\"" STR_FMT
		       "\",\"recovered\":%s,\"partial\":%s,\"event\":",
		       (unsigned long long)r.number, STR_ARG(instant_put(r.written, written)),
		       r.recovered ? "true" : "false", r.partial ? "true" : "false");
		fwrite(r.json.ptr, 1, (size_t)r.json.len, stdout);
		fputs("}\n", stdout);
	}
	free(bytes);
	return ok;
}

int main(int argc, char **argv)
{
	struct arena a;
	bool ok = argc > 1;
	arena_init(&a, ARENA_SOFT_DEFAULT, ARENA_HARD_DEFAULT);
	struct evtx *log = evtx_new(&a);
	evtx_on_problem(log, print_problem, NULL);
	for (int i = 1; i < argc; i++)
		ok = dump(log, argv[i]) && ok;
	arena_done(&a);
	return ok ? 0 : 2;
}
