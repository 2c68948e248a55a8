#include "app/detect_command.h"

#include <stdio.h>
#include "app/hunt.h"
#include "os/files.h"

/* Logs without rules.  A search is one rule that is made of the words; logons and metrics have none. */

bool search_is_of_logs(int argc, char **argv)
{
	int words = 0;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--node") == 0 || strcmp(argv[i], "--kind") == 0 ||
		    strcmp(argv[i], "--cursor") == 0 || strcmp(argv[i], "--limit") == 0)
			return false;
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "--term") == 0 ||
		    strncmp(argv[i], "--term=", 7) == 0 || strcmp(argv[i], "--where") == 0)
			return true;
		words += argv[i][0] != '-' || argv[i][1] == '\0';
	}
	return words > 1;
}

static struct glob_piece *add_piece(struct glob_piece *pieces, ptrdiff_t *n, enum glob_kind kind, str text)
{
	if (kind == GLOB_ANY && *n && pieces[*n - 1].kind == GLOB_ANY)
		return pieces;
	if (kind == GLOB_LITERAL && text.len == 0)
		return pieces;
	pieces[(*n)++] = (struct glob_piece){ kind, text };
	return pieces;
}

/* * and ? are wildcards, unless a backslash stands before them. */
static const struct glob_piece *read_glob(str s, bool anywhere, struct arena *a, ptrdiff_t *out_count)
{
	struct glob_piece *pieces = NEW(a, struct glob_piece, s.len + 3);
	char *text = NEW(a, char, s.len + 1), *from = text, *to = text;
	ptrdiff_t n = 0;
	if (anywhere)
		(void)add_piece(pieces, &n, GLOB_ANY, (str){ 0 });
	for (ptrdiff_t i = 0; i < s.len; i++) {
		bool wild = s.ptr[i] == '*' || s.ptr[i] == '?';
		if (s.ptr[i] == '\\' && i + 1 < s.len && (s.ptr[i + 1] == '*' || s.ptr[i + 1] == '?')) {
			*to++ = s.ptr[++i];
		} else if (wild) {
			(void)add_piece(pieces, &n, GLOB_LITERAL, (str){ from, to - from });
			from = to;
			(void)add_piece(pieces, &n, s.ptr[i] == '*' ? GLOB_ANY : GLOB_ONE, (str){ 0 });
		} else {
			*to++ = s.ptr[i];
		}
	}
	(void)add_piece(pieces, &n, GLOB_LITERAL, (str){ from, to - from });
	if (anywhere)
		(void)add_piece(pieces, &n, GLOB_ANY, (str){ 0 });
	*out_count = n;
	return pieces;
}

static bool is_field(str s)
{
	for (ptrdiff_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (!letter && str_find_char(S("._@-#"), c) < 0)
			return false;
	}
	return s.len > 0;
}

static struct predicate read_term(str term, bool nocase, struct arena *a)
{
	struct predicate p = { .written = term, .at = { 1, 1 } };
	str_cut_result pair = str_cut(term, '=');
	str value = term;
	if (pair.ok && is_field(pair.head)) {
		p.field = pair.head;
		value = pair.tail;
	}
	if (value.len > 2 && value.ptr[0] == '/' && value.ptr[value.len - 1] == '/') {
		p.op = PREDICATE_REGEX;
		p.text = str_sub(value, 1, value.len - 1);
		p.regex_nocase = nocase;
		return p;
	}
	p.op = PREDICATE_TEXT;
	p.glob = read_glob(value, p.field.ptr == NULL, a, &p.pieces);
	return p;
}

/* One rule for any logsource: all terms must hold. */
static const struct rule_set *make_set(const struct detect_options *o, struct arena *a)
{
	struct rule_set *set = NEW(a, struct rule_set, 1);
	struct rule *r = NEW(a, struct rule, 1);
	struct rule_node *nodes = NEW(a, struct rule_node, o->terms.count),
			 *all = NEW(a, struct rule_node, 1);
	struct predicate *p = NEW(a, struct predicate, o->terms.count);
	for (int i = 0; i < o->terms.count; i++) {
		p[i] = read_term(str_from(o->terms.at[i]), o->nocase, a);
		nodes[i] = (struct rule_node){
			NODE_PREDICATE, NULL, i + 1 < o->terms.count ? &nodes[i + 1] : NULL, &p[i], { 0 }
		};
	}
	*all = (struct rule_node){ NODE_AND, nodes, NULL, NULL, S("search") };
	*r = (struct rule){ .id = S("search"),
			    .title = S("search"),
			    .level = LEVEL_INFORMATIONAL,
			    .condition = all,
			    .file = S("command line"),
			    .at = { 1, 1 } };
	*set = (struct rule_set){ .rules = r, .last_rule = r, .rule_count = 1 };
	return set;
}

bool hunt_make_unit(struct hunt *h, const struct rule_set *set, struct detect_rules *out, struct err *err)
{
	struct arena tmp;
	struct yaml_place at = { 0, 0 };
	const struct rule_refusal *refused = NULL;
	struct logsource_map *map = NEW(h->a, struct logsource_map, 1);
	ptrdiff_t count;
	str sources = logsource_builtin();
	h->details = details_load(h->a);
	const str *fields = hunt_fields(h->o, h->details, h->a, &count);
	if (h->o->sources && !files_read(h->a, h->o->sources, 16 << 20, &sources, err))
		return false;
	if (!logsource_load(h->a, sources, map, &at, err))
		return err_wrap(err, "%s:%d:%d", h->o->sources ? h->o->sources : "logsources", at.line,
				at.column);
	*out = (struct detect_rules){ .sources = map };
	static const struct rule_set none = { 0 };
	struct unit_parts parts = { set ? set : &none, map, NULL, fields, count };
	arena_init(&tmp, INT64_C(1) << 30, INT64_C(2) << 30);
	bool fine = unit_build(&tmp, &parts, &out->unit, &refused, err);
	if (fine && refused)
		fine = err_set(err, ERR_INPUT, "it cannot be searched for that: " STR_FMT,
			       STR_ARG(refused->why));
	arena_done(&tmp);
	h->rules = out;
	return fine;
}

int hunt_with_options(enum detect_command command, int argc, char **argv, hunt_body *run)
{
	struct arena a;
	struct err err = { 0 };
	struct detect_options o;
	enum hunt_exit exit = HUNT_FAILED;
	arena_init(&a, INT64_C(4) << 30, INT64_C(8) << 30);
	bool fine = detect_options_read(&o, command, argc, argv, &a, &err);
	if (fine && o.help) {
		(void)fputs(detect_options_help(command), stdout);
		exit = HUNT_NOTHING;
	} else if (fine) {
		struct hunt h = { .o = &o, .a = &a };
		fine = run(&h, &exit, &err);
	} else if (argc < 2) {
		(void)fputs(detect_options_help(command), stderr);
	}
	if (!fine)
		(void)fprintf(stderr, "naubat: %s\n", err.text);
	arena_done(&a);
	return fine ? (int)exit : (int)HUNT_FAILED;
}

static bool run_search(struct hunt *h, enum hunt_exit *out_exit, struct err *err)
{
	struct detect_rules rules = { 0 };
	h->search = true;
	bool fine = hunt_make_unit(h, make_set(h->o, h->a), &rules, err) && hunt_run(h, out_exit, err);
	detect_rules_done(&rules);
	return fine;
}

int search_logs_command(int argc, char **argv)
{
	return hunt_with_options(DETECT_SEARCH, argc, argv, run_search);
}
