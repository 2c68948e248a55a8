/* verdicts EVENTS: files of rules are named on standard input, one a line; EVENTS has a flat JSON object a
 * line.  Every rule is asked about every event, whatever their logsources: "M L" is printed where the rule of
 * the M-th file matches the event of the L-th line, and "M -" where no rule could be loaded from it. */
#include "match/logsource.h"
#include "match/unit.h"
#include "os/files.h"

#include <stdio.h>
#include <string.h>

static const char sources[] = "sources:\n  - logsource: {product: any}\n    when: {any: any}\n";
enum { FILES_MOST = 8192 };

/* Of the rules in their order: the number of their file. */
static ptrdiff_t load_all(struct arena *a, struct rule_loader *l)
{
	char path[4096];
	ptrdiff_t count = 0;
	struct err err;
	str bytes;
	while (fgets(path, sizeof path, stdin) && ++count < FILES_MOST) {
		path[strcspn(path, "\n")] = 0;
		ASSERT(files_read(a, path, 16 << 20, &bytes, &err));
		rules_add(l, arena_printf(a, "%td", count), bytes);
	}
	return count;
}

static void run(struct matcher *m, str events, const int64_t *file_of)
{
	int line = 0;
	for (str_cut_result c = { .tail = events, .ok = true }; c.ok;) {
		c = str_cut(c.tail, '\n');
		line++;
		if (c.head.len == 0)
			continue;
		const struct matches *got = matcher_run(m, c.head);
		ASSERT(!got->broken);
		for (ptrdiff_t i = 0; i < got->count; i++)
			printf("%lld %d\n", (long long)file_of[got->at[i].rule], line);
	}
}

int main(int argc, char **argv)
{
	static const struct logsource any = { .product = { "any", 3 } };
	static int64_t file_of[FILES_MOST];
	static bool loaded[FILES_MOST];
	struct arena a;
	struct err err = { 0 };
	struct logsource_map map;
	struct unit *u = NULL;
	const struct rule_refusal *refused = NULL;
	str events;
	ptrdiff_t number = 0;
	arena_init(&a, PTRDIFF_MAX, PTRDIFF_MAX);
	ASSERT(argc == 2 && files_read(&a, argv[1], (ptrdiff_t)1 << 30, &events, &err));
	ASSERT(logsource_load(&a, S(sources), &map, NULL, &err));
	struct rule_loader *l = rules_begin(&a, (struct placeholders){ 0 });
	ptrdiff_t files = load_all(&a, l);
	struct rule_set set = *rules_finish(l);
	struct rule *copies = NEW(&a, struct rule, set.rule_count + 1);
	for (const struct rule *r = set.rules; r; r = r->next, number++) {
		ASSERT(str_to_int(r->file, 1, FILES_MOST, &file_of[number]));
		loaded[file_of[number]] = true;
		copies[number] = *r;
		copies[number].logsource = any;
		copies[number].next = r->next ? &copies[number + 1] : NULL;
	}
	set.rules = copies;
	struct unit_parts parts = { .rules = &set, .sources = &map };
	ASSERT(unit_build(&a, &parts, &u, &refused, &err) && !refused);
	for (ptrdiff_t i = 1; i <= files; i++)
		if (!loaded[i])
			printf("%td -\n", i);
	struct matcher *m = matcher_new(u);
	matcher_force(m, &any);
	run(m, events, file_of);
	matcher_free(m);
	unit_free(u);
	arena_done(&a);
	return 0;
}
