/* rule_show.h - for tests: a rule's tree as one line, and files of rules as the loader sees them.
 *
 *   and(CommandLine="* -enc *", not(or(User="SYSTEM", hour(Time)>=8)))
 *
 * `=` is TEXT and `==` TEXT with case, * and ? are wildcards unless a \ stands before them; ~/x/i is REGEX.
 */
#pragma once
#include "base/buf.h"
#include "match/rule.h"

static void show_glob(struct buf *b, const struct predicate *p)
{
	buf_add_char(b, '"');
	for (ptrdiff_t i = 0; i < p->pieces; i++) {
		str t = p->glob[i].text;
		ASSERT(i == 0 || p->glob[i].kind == GLOB_ONE || p->glob[i].kind != p->glob[i - 1].kind);
		ASSERT((p->glob[i].kind == GLOB_LITERAL) == (t.len > 0));
		if (p->glob[i].kind != GLOB_LITERAL)
			buf_add_char(b, p->glob[i].kind == GLOB_ANY ? '*' : '?');
		for (ptrdiff_t k = 0; k < t.len; k++) {
			if (t.ptr[k] == '*' || t.ptr[k] == '?')
				buf_add_char(b, '\\');
			if (t.ptr[k] == '\0')
				buf_printf(b, "\\0");
			else
				buf_add_char(b, t.ptr[k]);
		}
	}
	buf_add_char(b, '"');
}

static void show_predicate(struct buf *b, const struct predicate *p)
{
	static const char *const orders[] = { "<", "<=", ">", ">=", "=#" };
	static const char *const parts[] = { "", "minute", "hour", "day", "week", "month", "year" };
	static const char *const hows[] = { "=@", "contains@", "starts@", "ends@" };
	str field = p->field.ptr ? p->field : S("keyword");
	ASSERT(p->written.len > 0 && p->at.line > 0 && p->at.column > 0);
	switch (p->op) {
	case PREDICATE_TEXT:
		buf_printf(b, STR_FMT "%s", STR_ARG(field), p->cased ? "==" : "=");
		show_glob(b, p);
		break;
	case PREDICATE_REGEX:
		buf_printf(b, STR_FMT "~/" STR_FMT "/%s%s%s", STR_ARG(field), STR_ARG(p->text),
		           p->regex_nocase ? "i" : "", p->regex_lines ? "m" : "", p->regex_dotall ? "s" : "");
		break;
	case PREDICATE_CIDR:
		buf_printf(b, STR_FMT " in " STR_FMT, STR_ARG(field), STR_ARG(p->text));
		break;
	case PREDICATE_NUMBER:
		if (p->part != PART_NONE)
			buf_printf(b, "%s of ", parts[p->part]);
		buf_printf(b, STR_FMT "%s%.17g", STR_ARG(field), orders[p->order], p->number);
		break;
	case PREDICATE_EXISTS:
		buf_printf(b, STR_FMT " exists", STR_ARG(field));
		break;
	case PREDICATE_NULL:
		buf_printf(b, STR_FMT " null", STR_ARG(field));
		break;
	case PREDICATE_FIELD:
		buf_printf(b, STR_FMT "%s%s" STR_FMT, STR_ARG(field), hows[p->how], p->cased ? "@" : "",
		           STR_ARG(p->text));
		break;
	}
}

static void show_node(struct buf *b, const struct rule_node *n, int depth)
{
	static const char *const kinds[] = { "and(", "or(", "not(" };
	ASSERT(depth <= RULE_DEPTH_MOST);
	if (n->kind == NODE_PREDICATE) {
		ASSERT(n->predicate != NULL && n->first == NULL);
		show_predicate(b, n->predicate);
		return;
	}
	ASSERT(n->predicate == NULL && (n->kind != NODE_NOT || (n->first != NULL && n->first->next == NULL)));
	buf_add(b, str_from(kinds[n->kind]));
	for (const struct rule_node *m = n->first; m != NULL; m = m->next) {
		if (m != n->first)
			buf_printf(b, ", ");
		show_node(b, m, depth + 1);
	}
	buf_add_char(b, ')');
}

static inline str rule_show(struct arena *a, const struct rule *r)
{
	struct buf b;
	buf_init(&b, a, 64 << 20);
	show_node(&b, r->condition, 1);
	ASSERT(!b.over);
	return buf_str(&b);
}
