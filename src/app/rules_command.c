#include "app/detect_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "app/detect_rules.h"
#include "base/buf.h"
#include "format/json.h"
#include "model/text_safety.h"
#include "os/files.h"
#include "watch/report_text.h"

enum {
	FINE = 0,
	REFUSED = 1,
	CANNOT = 2,
	EVENT_MAX = 64 << 20,
	COUNTS_MAX = 4096,
	BAR = 40,
	LIST_SHOWN = 20
};

static const char USAGE[] =
	"usage: naubat rules check DIR... [--placeholders FILE] [--sources FILE] [--json]\n"
	"           compiles all and lists what is refused; exit status 1 if anything is\n"
	"       naubat rules explain RULE [EVENT] [--rules DIR] [--sources FILE]\n"
	"           what a rule means: its condition as a tree; with an event (a file with one, or - for\n"
	"           standard input) what of it holds.  RULE is a rule's file, or with --rules its id or "
	"name\n"
	"       naubat rules stats DIR... [--placeholders FILE] [--json]\n"
	"           by level, status, logsource and modifier\n";

struct asked {
	struct detect_options o; /* rules, placeholders, sources */
	const char *words[2];
	int word_count;
	bool json, help;
};

static bool read_words(struct asked *q, bool folders, int argc, char **argv, struct arena *a, struct err *err)
{
	const struct {
		const char *name;
		const char **to;
	} rows[] = { { "--placeholders", &q->o.placeholders }, { "--sources", &q->o.sources } };
	q->o.rules.at = NEW(a, const char *, argc);
	for (int i = 2; i < argc; i++) {
		bool taken = false;
		for (ptrdiff_t r = 0; r < COUNTOF(rows) && i + 1 < argc && !taken; r++)
			if (strcmp(argv[i], rows[r].name) == 0) {
				*rows[r].to = argv[++i];
				taken = true;
			}
		if (taken)
			continue;
		if (strcmp(argv[i], "--rules") == 0 && i + 1 < argc)
			q->o.rules.at[q->o.rules.count++] = argv[++i];
		else if (strcmp(argv[i], "--json") == 0)
			q->json = true;
		else if (strcmp(argv[i], "--help") == 0)
			q->help = true;
		else if (argv[i][0] == '-' && argv[i][1])
			return err_set(err, ERR_INPUT, "%s: no such option, or its value is missing",
				       argv[i]);
		else if (folders)
			q->o.rules.at[q->o.rules.count++] = argv[i];
		else if (q->word_count < COUNTOF(q->words))
			q->words[q->word_count++] = argv[i];
		else
			return err_set(err, ERR_INPUT, "%s: what is that for?", argv[i]);
	}
	return true;
}

/* --- check --- */

static void check_json(struct arena *a, const struct detect_rules *r, ptrdiff_t refused)
{
	struct json *j = json_object(a), *list = json_array(a);
	for (ptrdiff_t i = 0; i < r->refusal_count; i++) {
		const struct detect_refusal *f = &r->refusals[i];
		struct json *one = json_object(a);
		json_set_str(one, "file", f->file);
		json_set_int(one, "line", f->line);
		json_set_int(one, "column", f->column);
		json_set_str(one, "id", f->id);
		json_set_str(one, "why", f->why);
		json_set_bool(one, "rule", !f->no_rule);
		json_append(list, one);
	}
	json_set_int(j, "rules", unit_rule_count(r->unit));
	json_set_int(j, "correlations", r->set->correlation_count);
	json_set_int(j, "filters", r->set->filter_count);
	json_set_int(j, "files", r->file_count);
	json_set_int(j, "refused", refused);
	json_set(j, "refusals", list);
	(void)printf(STR_FMT "\n", STR_ARG(json_pretty(a, j)));
}

static void check_text(struct arena *a, const struct detect_rules *r, ptrdiff_t refused)
{
	for (ptrdiff_t i = 0; i < r->refusal_count; i++) {
		const struct detect_refusal *f = &r->refusals[i];
		str file = text_safety_line(a, f->file, 1000);
		(void)printf(STR_FMT, STR_ARG(file));
		if (f->line > 0)
			(void)printf(":%d:%d", f->line, f->column);
		(void)printf(": " STR_FMT, STR_ARG(text_safety_line(a, f->why, 1000)));
		if (f->id.len)
			(void)printf(" [" STR_FMT "]", STR_ARG(text_safety_line(a, f->id, 100)));
		(void)printf("\n");
	}
	(void)printf("%s" STR_FMT " rules, " STR_FMT " correlations and " STR_FMT " filters in " STR_FMT
		     " files; " STR_FMT " refused\n",
		     r->refusal_count ? "\n" : "", STR_ARG(report_number(a, unit_rule_count(r->unit))),
		     STR_ARG(report_number(a, r->set->correlation_count)),
		     STR_ARG(report_number(a, r->set->filter_count)),
		     STR_ARG(report_number(a, r->file_count)), STR_ARG(report_number(a, refused)));
	if (r->other_count)
		(void)printf("%td other files were not looked at: rules are .yml or .yaml\n", r->other_count);
}

static int check(const struct asked *q, struct arena *a, struct err *err)
{
	struct detect_rules r;
	ptrdiff_t refused = 0;
	if (q->o.rules.count == 0)
		return err_set(err, ERR_INPUT, "which folder?") ? FINE : CANNOT;
	if (!detect_rules_compile(&q->o, a, &r, err))
		return CANNOT;
	for (ptrdiff_t i = 0; i < r.refusal_count; i++)
		refused += !r.refusals[i].no_rule;
	if (q->json)
		check_json(a, &r, refused);
	else
		check_text(a, &r, refused);
	detect_rules_done(&r);
	return refused ? REFUSED : FINE;
}

/* --- stats --- */

struct count {
	str name;
	int64_t n;
};
struct counts {
	struct count at[COUNTS_MAX];
	ptrdiff_t count;
};

static void add_count(struct counts *c, str name)
{
	for (ptrdiff_t i = 0; i < c->count; i++)
		if (str_eq(c->at[i].name, name)) {
			c->at[i].n++;
			return;
		}
	if (c->count < COUNTS_MAX)
		c->at[c->count++] = (struct count){ name, 1 };
}

static int most_first(const void *x, const void *y)
{
	const struct count *a = x, *b = y;
	return a->n != b->n ? (a->n < b->n ? 1 : -1) : str_cmp(a->name, b->name);
}

/* Field|contains|all: 'x' uses contains and all. */
static void add_modifiers(struct counts *c, str written)
{
	str head = written;
	ptrdiff_t colon = str_find_char(written, ':');
	if (colon >= 0)
		head = str_sub(written, 0, colon);
	for (str_cut_result k = str_cut(head, '|'); k.ok;) {
		k = str_cut(k.tail, '|');
		add_count(c, str_trim(k.head));
	}
}

static void walk_nodes(struct counts *c, const struct rule_node *n, int depth)
{
	if (depth > RULE_DEPTH_MOST)
		return;
	if (n->kind == NODE_PREDICATE)
		add_modifiers(c, n->predicate->written);
	for (const struct rule_node *m = n->first; m; m = m->next)
		walk_nodes(c, m, depth + 1);
}

static void show_counts(struct arena *a, const char *title, struct counts *c)
{
	qsort(c->at, (size_t)c->count, sizeof(*c->at), most_first);
	(void)printf("%s\n", title);
	for (ptrdiff_t i = 0; i < MIN(c->count, LIST_SHOWN); i++) {
		str name = text_safety_line(a, c->at[i].name, 100);
		int bar = (int)(c->at[i].n * BAR / c->at[0].n);
		(void)printf("  " STR_FMT "%*s %7s ", STR_ARG(name), (int)MAX(0, 40 - report_columns(name)),
			     "", arena_cstr(a, report_number(a, c->at[i].n)));
		for (int k = 0; k < MAX(bar, 1); k++)
			(void)printf("\xE2\x96\x88");
		(void)printf("\n");
	}
	if (c->count > LIST_SHOWN)
		(void)printf("  and %td others\n", c->count - LIST_SHOWN);
	(void)printf("\n");
}

static void set_counts(struct arena *a, struct json *j, const char *key, struct counts *c)
{
	struct json *o = json_object(a);
	qsort(c->at, (size_t)c->count, sizeof(*c->at), most_first);
	for (ptrdiff_t i = 0; i < c->count; i++)
		json_set_int(o, arena_cstr(a, arena_dup(a, c->at[i].name)), c->at[i].n);
	json_set(j, key, o);
}

static str source_name(struct arena *a, const struct logsource *l)
{
	const str parts[] = { l->product, l->category, l->service };
	struct buf b;
	buf_init(&b, a, 1000);
	for (ptrdiff_t i = 0; i < COUNTOF(parts); i++) {
		buf_add(&b, b.len && parts[i].len ? S("/") : S(""));
		buf_add(&b, parts[i]);
	}
	return b.len ? buf_str(&b) : S("any");
}

static int stats(const struct asked *q, struct arena *a, struct err *err)
{
	struct detect_rules r;
	struct counts *c = NEW(a, struct counts, 4);
	static const char *const titles[] = { "By level", "By status", "By logsource",
					      "Modifiers, by predicate" };
	static const char *const keys[] = { "levels", "statuses", "logsources", "modifiers" };
	if (q->o.rules.count == 0)
		return err_set(err, ERR_INPUT, "which folder?") ? FINE : CANNOT;
	if (!detect_rules_compile(&q->o, a, &r, err))
		return CANNOT;
	for (const struct rule *rule = r.set->rules; rule; rule = rule->next) {
		add_count(&c[0], str_from(rule_level_names[rule->level]));
		add_count(&c[1], str_from(rule_status_names[rule->status]));
		add_count(&c[2], source_name(a, &rule->logsource));
		walk_nodes(&c[3], rule->condition, 0);
	}
	struct json *j = json_object(a);
	json_set_int(j, "rules", r.set->rule_count);
	json_set_int(j, "refused", r.refusal_count);
	if (!q->json)
		(void)printf(STR_FMT " rules, %td correlations, %td filters; %td refused\n\n",
			     STR_ARG(report_number(a, r.set->rule_count)), r.set->correlation_count,
			     r.set->filter_count, r.refusal_count);
	for (ptrdiff_t i = 0; i < COUNTOF(titles); i++)
		if (q->json)
			set_counts(a, j, keys[i], &c[i]);
		else
			show_counts(a, titles[i], &c[i]);
	if (q->json)
		(void)printf(STR_FMT "\n", STR_ARG(json_pretty(a, j)));
	detect_rules_done(&r);
	return FINE;
}

/* --- explain --- */

static const char *const verdict_marks[] = { "\xE2\x9C\x97 ", "\xE2\x9C\x93 " };
static const enum report_colour verdict_colours[] = { RED, GREEN };

static void show_about(struct buf *out, const struct unit_rule *r, const struct report_style *style)
{
	struct arena *a = out->arena;
	report_paint(out, style, BOLD, text_safety_line(a, r->title, 300));
	buf_printf(out, "\n%s, %s; by " STR_FMT "\n", rule_level_names[r->level],
		   rule_status_names[r->status], STR_ARG(text_safety_line(a, r->author, 300)));
	buf_printf(out, STR_FMT ":%d, " STR_FMT "\n", STR_ARG(text_safety_line(a, r->file, 500)), r->line,
		   STR_ARG(text_safety_line(a, r->id, 100)));
	buf_printf(out, "logsource: " STR_FMT "\n",
		   STR_ARG(text_safety_line(a, source_name(a, &r->logsource), 300)));
	if (r->description.len)
		buf_printf(out, STR_FMT "\n", STR_ARG(text_safety_line(a, r->description, 1000)));
	buf_add_char(out, '\n');
}

static void show_tree(struct buf *out, const struct rule_node *n, int depth, const struct report_style *style)
{
	static const char *const words[] = { "all of", "any of", "not" };
	if (depth > RULE_DEPTH_MOST)
		return;
	report_pad(out, depth * 2);
	if (n->kind == NODE_PREDICATE)
		buf_add(out, text_safety_line(out->arena, n->predicate->written, 1000));
	else
		report_paint(out, style, CYAN, str_from(words[n->kind]));
	if (n->name.ptr) {
		str name = text_safety_line(out->arena, n->name, 200);
		report_paint(out, style, DIM, arena_printf(out->arena, " (" STR_FMT ")", STR_ARG(name)));
	}
	buf_add_char(out, '\n');
	for (const struct rule_node *m = n->first; m; m = m->next)
		show_tree(out, m, depth + 1, style);
}

static void show_verdicts(struct buf *out, const struct explained *e, const struct report_style *style)
{
	for (; e; e = e->next) {
		int v = e->verdict > 0;
		report_pad(out, e->depth * 2);
		report_paint(out, style, verdict_colours[v], str_from(verdict_marks[v]));
		buf_add(out, text_safety_line(out->arena, e->what, 1000));
		buf_add_char(out, '\n');
	}
}

/* The first event of the file: a JSON object over as many lines as it likes, or the first line. */
static bool read_event(const char *path, struct arena *a, str *out, struct err *err)
{
	struct json *j;
	struct err ignored = { 0 };
	str text;
	if (!files_read(a, strcmp(path, "-") == 0 ? "/dev/stdin" : path, EVENT_MAX, &text, err))
		return false;
	text = str_trim(text);
	str line = str_trim(str_cut(text, '\n').head);
	bool whole = json_parse(a, text, (struct json_limits){ 0 }, &j, &ignored);
	*out = whole ? text : line;
	return out->len > 0 || err_set(err, ERR_INPUT, "%s is empty: it must hold one event as JSON", path);
}

static bool explain_event(struct buf *out, const struct detect_rules *r, ptrdiff_t rule, str event,
			  const struct report_style *style)
{
	struct matcher *m = matcher_new(r->unit);
	const struct matches *found = matcher_run(m, event);
	bool matched = false;
	for (ptrdiff_t i = 0; i < found->count; i++)
		matched |= found->at[i].rule == rule;
	if (found->broken)
		buf_printf(out, "The event is broken: %s, byte %td.\n", found->broken, found->broken_at);
	const struct explained *e = matcher_explain(m, rule, out->arena);
	show_verdicts(out, e, style);
	buf_add_char(out, '\n');
	if (e && e->verdict < 0)
		buf_add(out, S("The rule was not tried: the event is of another logsource.\n"));
	else
		report_paint(out, style, matched ? GREEN : RED,
			     matched ? S("It matches.\n") : S("It does not match.\n"));
	matcher_free(m);
	return matched;
}

static const struct rule *find_parsed(const struct rule_set *set, str id)
{
	for (const struct rule *r = set->rules; r; r = r->next)
		if (str_eq(r->id, id))
			return r;
	return NULL;
}

static int explain_found(const struct asked *q, struct arena *a, const struct detect_rules *r, ptrdiff_t rule,
			 struct err *err)
{
	const char *no_colour = getenv("NO_COLOR");
	const struct report_style style = { .colour = isatty(STDOUT_FILENO) && !(no_colour && *no_colour) };
	struct unit_rule about;
	struct buf out;
	str event;
	int status = FINE;
	buf_init(&out, a, 64 << 20);
	unit_rule(r->unit, rule, a, &about);
	show_about(&out, &about, &style);
	if (q->word_count > 1) {
		if (!read_event(q->words[1], a, &event, err))
			return CANNOT;
		status = explain_event(&out, r, rule, event, &style) ? FINE : REFUSED;
	} else {
		const struct rule *parsed = find_parsed(r->set, about.id);
		if (parsed)
			show_tree(&out, parsed->condition, 0, &style);
	}
	(void)fwrite(out.ptr, 1, (size_t)out.len, stdout);
	return status;
}

/* A correlation has no tree: what it counts, over what, and how many there must be. */
static void explain_correlation(const struct correlation *c, struct arena *a)
{
	static const char *const types[] = { "event_count",      "value_count", "temporal",
					     "temporal_ordered", "value_sum",   "value_avg",
					     "value_percentile" };
	static const char *const orders[] = { "<", "<=", ">", ">=", "=" };
	(void)printf(STR_FMT "\n%s, %s; by " STR_FMT "\n" STR_FMT ":%d, " STR_FMT "\n\n",
		     STR_ARG(text_safety_line(a, c->about.title, 300)), rule_level_names[c->about.level],
		     rule_status_names[c->about.status], STR_ARG(text_safety_line(a, c->about.author, 300)),
		     STR_ARG(text_safety_line(a, c->about.file, 500)), c->about.at.line,
		     STR_ARG(text_safety_line(a, c->about.id, 100)));
	(void)printf("%s within %lld s", types[c->type], (long long)(c->timespan_us / 1000000));
	for (ptrdiff_t i = 0; i < c->bound_count; i++)
		(void)printf("%s %s %.6g", i ? " and" : ",",
			     c->bounds[i].unequal ? "!=" : orders[c->bounds[i].order], c->bounds[i].number);
	(void)printf("\n");
	const struct {
		const char *what;
		const str *list;
		ptrdiff_t count;
	} parts[] = {
		{ "of", c->rules, c->rule_count },
		{ "values of", c->fields, c->field_count },
		{ "for each", c->group_by, c->group_count },
	};
	for (ptrdiff_t p = 0; p < COUNTOF(parts); p++)
		for (ptrdiff_t i = 0; i < parts[p].count; i++)
			(void)printf("  %-10s" STR_FMT "\n", i ? "" : parts[p].what,
				     STR_ARG(text_safety_line(a, parts[p].list[i], 200)));
}

static const struct correlation *find_correlation(const struct rule_set *set, str id)
{
	for (const struct correlation *c = set->correlations; c; c = c->next)
		if (str_eq(c->about.id, id) || (c->about.name.len && str_eq(c->about.name, id)))
			return c;
	return NULL;
}

static int explain(struct asked *q, struct arena *a, struct err *err)
{
	struct detect_rules r;
	if (q->word_count == 0)
		return err_set(err, ERR_INPUT, "which rule?") ? FINE : CANNOT;
	bool file = q->o.rules.count == 0;
	if (file && !files_exist(q->words[0]))
		return err_set(err, ERR_INPUT, "%s is no file: give the folder of rules with --rules",
			       q->words[0])
			       ? FINE
			       : CANNOT;
	if (file)
		q->o.rules.at[q->o.rules.count++] = q->words[0];
	if (!detect_rules_compile(&q->o, a, &r, err))
		return CANNOT;
	ptrdiff_t rule =
		file ? (unit_rule_count(r.unit) ? 0 : -1) : unit_find_rule(r.unit, str_from(q->words[0]));
	int status = CANNOT;
	const struct correlation *c =
		rule < 0 && !file ? find_correlation(r.set, str_from(q->words[0])) : NULL;
	if (c) {
		explain_correlation(c, a);
		status = FINE;
	} else if (rule >= 0)
		status = explain_found(q, a, &r, rule, err);
	else if (file && r.refusal_count)
		(void)err_set(err, ERR_INPUT, "the rule is refused: " STR_FMT, STR_ARG(r.refusals[0].why));
	else
		(void)err_set(err, ERR_MISSING, "there is no rule '%s'", q->words[0]);
	detect_rules_done(&r);
	return status;
}

int rules_command(int argc, char **argv)
{
	struct arena a;
	struct err err = { 0 };
	struct asked q = { 0 };
	str verb = str_from(argc > 1 ? argv[1] : "");
	bool checks = str_eq(verb, S("check")), explains = str_eq(verb, S("explain")),
	     counts = str_eq(verb, S("stats"));
	if (argc > 1 && strcmp(argv[argc - 1], "--help") == 0) {
		(void)fputs(USAGE, stdout);
		return FINE;
	}
	if (!checks && !explains && !counts) {
		(void)fputs(USAGE, stderr);
		return CANNOT;
	}
	arena_init(&a, INT64_C(4) << 30, INT64_C(8) << 30);
	int status = CANNOT;
	if (read_words(&q, !explains, argc, argv, &a, &err))
		status = checks     ? check(&q, &a, &err)
			 : explains ? explain(&q, &a, &err)
				    : stats(&q, &a, &err);
	if (err.code != ERR_NONE)
		(void)fprintf(stderr, "naubat: %s\n", err.text);
	arena_done(&a);
	return status;
}
