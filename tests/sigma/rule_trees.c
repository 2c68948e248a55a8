/* Files of rules named on standard input, one a line: of each, as JSON, its name and its rule's tree with
 * predicates as rule_show.h writes them; or what was said when it was refused. */
#include "base/buf.h"
#include "match/rule.h"
#include "match/rule_show.h"
#include "os/files.h"

#include <stdio.h>

static void write_text(struct buf *b, str s)
{
	buf_add_char(b, '"');
	for (ptrdiff_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if (c < ' ')
			buf_printf(b, "\\u%04x", c);
		else if (c == '"' || c == '\\')
			buf_printf(b, "\\%c", c);
		else
			buf_add_char(b, s.ptr[i]);
	}
	buf_add_char(b, '"');
}

static void write_node(struct arena *a, struct buf *b, const struct rule_node *n)
{
	static const char *const kinds[] = { "and", "or", "not" };
	if (n->kind == NODE_PREDICATE) {
		struct buf p;
		buf_init(&p, a, 1 << 20);
		show_predicate(&p, n->predicate);
		write_text(b, buf_str(&p));
		return;
	}
	buf_printf(b, "[\"%s\"", kinds[n->kind]);
	for (const struct rule_node *m = n->first; m != NULL; m = m->next) {
		buf_add_char(b, ',');
		write_node(a, b, m);
	}
	buf_add_char(b, ']');
}

static bool write_file(const char *path)
{
	struct arena a;
	struct buf b;
	struct err err;
	str bytes;
	arena_init(&a, 1 << 30, (ptrdiff_t)2 << 30);
	bool ok = files_read(&a, path, 16 << 20, &bytes, &err);
	if (ok) {
		struct rule_loader *l = rules_begin(&a, (struct placeholders){ 0 });
		rules_add(l, str_from(path), bytes);
		const struct rule_set *set = rules_finish(l);
		buf_init(&b, &a, 64 << 20);
		buf_add_char(&b, '[');
		write_text(&b, str_from(path));
		buf_add_char(&b, ',');
		if (set->rules != NULL) {
			write_node(&a, &b, set->rules->condition);
		} else {
			buf_printf(&b, "[\"refused\",");
			write_text(&b, set->refusals ? set->refusals->why : S("nothing"));
			buf_add_char(&b, ']');
		}
		printf(STR_FMT "]\n", STR_ARG(buf_str(&b)));
	}
	arena_done(&a);
	return ok;
}

int main(void)
{
	char line[4096];
	while (fgets(line, sizeof line, stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (!write_file(line)) {
			fprintf(stderr, "%s cannot be read\n", line);
			return 1;
		}
	}
	return 0;
}
