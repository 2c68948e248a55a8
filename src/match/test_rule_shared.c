/* The rules of SigmaHQ: NAUBAT_SHARED or ../shared beside the source.  Without: skipped (77), said so. */
#include "match/rule.h"
#include "match/rule_show.h"
#include "os/files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct file { const char *path; str bytes; };
struct files { struct file *at; ptrdiff_t count; };
enum { FILES_MOST = 20000 };

static void read_folder(struct arena *a, const char *folder, int depth, struct files *all)
{
	struct dirent **entries = NULL;
	struct err err;
	int count = depth < 16 ? scandir(folder, &entries, NULL, alphasort) : 0;
	for (int i = 0; i < count; i++) {
		str name = str_from(entries[i]->d_name);
		const char *path = arena_printf(a, "%s/" STR_FMT, folder, STR_ARG(name)).ptr;
		if (str_ends(name, S(".yml")) && all->count < FILES_MOST) {
			struct file *f = &all->at[all->count++];
			f->path = path;
			ASSERT(files_read(a, path, 16 << 20, &f->bytes, &err));
		} else if (!str_starts(name, S("."))) {
			read_folder(a, path, depth + 1, all);
		}
		free(entries[i]);
	}
	free(entries);
}

static double cpu_seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const struct rule_set *load(struct arena *a, const struct files *files, const struct yaml *given)
{
	struct rule_loader *l = rules_begin(a, (struct placeholders){ given });
	for (ptrdiff_t i = 0; i < files->count; i++)
		rules_add(l, str_from(files->at[i].path), files->at[i].bytes);
	return rules_finish(l);
}

static ptrdiff_t predicates(const struct rule_node *n, int depth)
{
	ptrdiff_t count = n->kind == NODE_PREDICATE;
	ASSERT(depth <= RULE_DEPTH_MOST);
	for (const struct rule_node *m = n->first; m != NULL; m = m->next)
		count += predicates(m, depth + 1);
	return count;
}

static bool mentions_expand(const struct files *files, str path)
{
	for (ptrdiff_t i = 0; i < files->count; i++)
		if (str_eq(str_from(files->at[i].path), path))
			return str_find(files->at[i].bytes, S("|expand")) >= 0;
	return false;
}

struct need { str name; const struct need *next; };

/* Every rule loads, but those that need placeholders: these are refused for that, and listed. */
static const struct need *check_without(struct arena *a, const struct files *files)
{
	const struct need *needs = NULL;
	ptrdiff_t all = 0, expanding = 0;
	double start = cpu_seconds();
	const struct rule_set *set = load(a, files, NULL);
	double took = cpu_seconds() - start;
	for (const struct rule_refusal *r = set->refusals; r != NULL; r = r->next) {
		str name = str_cut(str_cut(r->why, '%').tail, '%').head;
		bool expected = !r->no_rule && str_starts(r->why, S("the placeholder %"))
			&& mentions_expand(files, r->file);
		printf("%s " STR_FMT ":%d:%d: " STR_FMT "\n", expected ? "needs a placeholder:" : "REFUSED",
		       STR_ARG(r->file), r->at.line, r->at.column, STR_ARG(r->why));
		ASSERT(expected);
		struct need *n = NEW(a, struct need, 1);
		*n = (struct need){ name, needs };
		needs = n;
	}
	for (ptrdiff_t i = 0; i < files->count; i++)
		expanding += str_find(files->at[i].bytes, S("|expand")) >= 0;
	for (const struct rule *r = set->rules; r != NULL; r = r->next)
		all += predicates(r->condition, 1);
	printf("%td files, %td rules, %td predicates, %td refused; %.3f s, %td MB\n", files->count,
	       set->rule_count,
	       all, set->refusal_count, took, a->used >> 20);
	ASSERT(set->rule_count + set->refusal_count == files->count && set->refusal_count == expanding);
	return needs;
}

/* Given what they ask for, round by round (a rule may ask for several), all load. */
static void check_with(struct arena *a, const struct files *files, const struct need *needs)
{
	for (int round = 0; needs != NULL; round++) {
		struct buf b;
		struct err err;
		const struct yaml *given = NULL;
		ptrdiff_t names = 0;
		buf_init(&b, a, 1 << 20);
		for (const struct need *n = needs; n != NULL; n = n->next) {
			str line = arena_printf(a, STR_FMT ": [a, 10.0.0.1]\n", STR_ARG(n->name));
			if (b.ptr != NULL && str_find(buf_str(&b), line) >= 0)
				continue;
			buf_add(&b, line);
			names++;
		}
		ASSERT(yaml_parse(a, buf_str(&b), (struct yaml_limits){ 0 }, &given, NULL, &err));
		const struct rule_set *set = load(a, files, given);
		printf("%td placeholders given: %td rules\n", names, set->rule_count);
		if (set->refusal_count == 0)
			return;
		for (const struct rule_refusal *r = set->refusals; r != NULL; r = r->next) {
			struct need *n = NEW(a, struct need, 1);
			*n = (struct need){ str_cut(str_cut(r->why, '%').tail, '%').head, needs };
			needs = n;
		}
		ASSERT(round < 5);
	}
}

int main(void)
{
	const char *shared = getenv("NAUBAT_SHARED");
	struct arena a;
	arena_init(&a, (ptrdiff_t)2 << 30, (ptrdiff_t)4 << 30);
	str here = str_from(__FILE__);                  /* from the folder that tests are run in */
	str folder = shared ? arena_printf(&a, "%s/data/sigma/rules", shared) :
		arena_printf(&a, STR_FMT "/../../../shared/data/sigma/rules",
			STR_ARG(str_sub(here, 0, here.len - (ptrdiff_t)sizeof("/test_rule_shared.c") + 1)));
	struct files files = { NEW(&a, struct file, FILES_MOST), 0 };
	read_folder(&a, arena_cstr(&a, folder), 0, &files);
	if (files.count > 0)
		check_with(&a, &files, check_without(&a, &files));
	else
		printf("skipped: no shared rules (set NAUBAT_SHARED to the folder that has data/sigma)\n");
	bool skipped = files.count == 0;
	arena_done(&a);
	return skipped ? 77 : 0;
}
