#include "watch/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/buf.h"
#include "os/files.h"

enum { EVENTS = 3000, BIG = 64 << 10 };

struct seen {
	int64_t findings, next_line, blocks, troubles;
	ptrdiff_t file;
	ptrdiff_t each; /* bytes of the arena that every event takes */
	bool ordered;
	atomic_bool stop;
};

static void on_event(void *who, int worker, const struct scan_event *e, struct arena *a,
		     struct scan_list *out)
{
	struct seen *s = who;
	ASSERT(worker >= 0 && worker < 3);
	(void)NEW(a, char, s->each);
	struct finding *f = scan_add(out, a);
	*f = (struct finding){ .file = e->file, .file_number = e->file_number, .line = e->record->line };
}

static void on_finding(void *who, const struct finding *f)
{
	struct seen *s = who;
	if (f->file_number != s->file) {
		s->ordered &= f->file_number > s->file;
		s->file = f->file_number;
		s->next_line = 1;
	}
	s->ordered &= f->line == s->next_line++;
	s->findings++;
}

static void on_block(void *who, const struct scan_progress *p)
{
	struct seen *s = who;
	s->blocks++;
	ASSERT(p->findings == s->findings && p->files <= p->files_all);
}

static void on_trouble(void *who, const struct log_trouble *t)
{
	struct seen *s = who;
	ASSERT(t->what != NULL);
	s->troubles++;
}

static void write_log(struct arena *a, const char *path, int events)
{
	struct err err = { 0 };
	struct buf b;
	buf_init(&b, a, 64 << 20);
	for (int i = 0; i < events; i++)
		buf_printf(&b, "{\"EventID\":%d,\"Channel\":\"Security\",\"filler\":\"%01000d\"}\n", i, i);
	ASSERT(files_write(path, buf_str(&b), 0600, &err));
}

static struct unit *empty_unit(struct arena *a)
{
	static const struct rule_set none = { 0 };
	struct logsource_map *map = NEW(a, struct logsource_map, 1);
	struct err err = { 0 };
	struct unit *u;
	const struct rule_refusal *refused = NULL;
	ASSERT(logsource_load(a, logsource_builtin(), map, NULL, &err));
	ASSERT(unit_build(a, &(struct unit_parts){ &none, map, NULL, NULL, 0 }, &u, &refused, &err));
	return u;
}

static struct seen run(struct arena *a, const struct unit *u, const char *const *paths, int threads,
		       ptrdiff_t each)
{
	static const struct seen fresh = { .file = -1, .ordered = true };
	struct seen s = fresh;
	struct log_member files[3];
	struct scan_result r;
	struct err err = { 0 };
	ptrdiff_t count = 0;
	for (; paths[count]; count++)
		files[count].path = str_from(paths[count]);
	s.each = each;
	const struct scan_plan plan = { .unit = u, .files = files, .file_count = count, .threads = threads };
	const struct scan_handler handler = { &s, on_event, on_finding, on_block, on_trouble };
	ASSERT(scan_run(&plan, &handler, a, &r, &err));
	ASSERT(r.events == s.findings && r.findings == s.findings && r.troubles == s.troubles);
	return s;
}

int main(void)
{
	struct arena a;
	char folder[] = "/tmp/nb-scan-XXXXXX";
	arena_init(&a, INT64_C(1) << 30, INT64_C(2) << 30);
	ASSERT(mkdtemp(folder) != NULL);
	const char *one = arena_cstr(&a, arena_printf(&a, "%s/one.jsonl", folder));
	const char *two = arena_cstr(&a, arena_printf(&a, "%s/two.jsonl", folder));
	const char *none = arena_cstr(&a, arena_printf(&a, "%s/none.jsonl", folder));
	write_log(&a, one, EVENTS * 3);
	write_log(&a, two, EVENTS);
	struct unit *u = empty_unit(&a);
	for (int threads = 1; threads <= 3; threads += 2) {
		struct seen s = run(&a, u, (const char *const[]){ one, two, NULL }, threads, 0);
		ASSERT(s.findings == EVENTS * 4 && s.ordered && s.troubles == 0);
		/* what is found takes more than a block may: it is handed over in parts, in order still */
		s = run(&a, u, (const char *const[]){ two, NULL }, threads, BIG);
		ASSERT(s.findings == EVENTS && s.ordered);
		/* a file that is not there is said, and the rest goes on */
		s = run(&a, u, (const char *const[]){ none, two, NULL }, threads, 0);
		ASSERT(s.findings == EVENTS && s.troubles == 1);
		s = run(&a, u, (const char *const[]){ NULL }, threads, 0);
		ASSERT(s.findings == 0);
	}
	unit_free(u);
	(void)unlink(one);
	(void)unlink(two);
	(void)rmdir(folder);
	arena_done(&a);
	return 0;
}
