#include "match/sigma_priv.h"

enum token_kind { TOKEN_END, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_AND, TOKEN_OR, TOKEN_NOT, TOKEN_OF, TOKEN_WORD };

struct token { enum token_kind kind; str text; };

struct reader {
	struct sigma          *s;
	const struct searches *in;
	const struct yaml     *condition;
	str                    rest;
	struct token           now;
	int                    depth;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int characters(str text)
{
	int count = 0;
	for (ptrdiff_t i = 0; i < text.len; i++)
		count += (text.ptr[i] & 0xc0) != 0x80;
	return count;
}

/* Where a word of the condition stands, if the file has the condition as it is and in one line; else where it
 * starts. */
static struct yaml_place place_of(const struct yaml *y, str word)
{
	int quotes = y->plain ? 0 : 1, before = characters((str){ y->text.ptr, word.ptr - y->text.ptr });
	bool as_it_is = y->end.line == y->at.line
		&& y->end.column - y->at.column == characters(y->text) + 2 * quotes;
	return as_it_is ? (struct yaml_place){ y->at.line, y->at.column + quotes + before } : y->at;
}

static bool advance(struct reader *r)
{
	ptrdiff_t n = 0;
	while (n < r->rest.len && is_blank(r->rest.ptr[n]))
		n++;
	r->rest = str_sub(r->rest, n, r->rest.len);
	for (n = 0; n < r->rest.len && !is_blank(r->rest.ptr[n]); n++)
		if (strchr("()|", r->rest.ptr[n]) != NULL) {
			n += n == 0;
			break;
		}
	str w = str_sub(r->rest, 0, n);
	r->rest = str_sub(r->rest, n, r->rest.len);
	if (str_eq(w, S("|")))
		return sigma_refuse(r->s, place_of(r->condition, w), "the condition counts with \"|\", "
		                    "which Sigma has given up: write a correlation (a document with "
		                    "`correlation:`) instead");
	r->now = (struct token){
		w.len == 0                       ? TOKEN_END
		: str_eq(w, S("("))              ? TOKEN_OPEN
		: str_eq(w, S(")"))              ? TOKEN_CLOSE
		: str_eq_nocase(w, S("and"))     ? TOKEN_AND
		: str_eq_nocase(w, S("or"))      ? TOKEN_OR
		: str_eq_nocase(w, S("not"))     ? TOKEN_NOT
		: str_eq_nocase(w, S("of"))      ? TOKEN_OF
						 : TOKEN_WORD,
		w,
	};
	return true;
}

/* `*` is any run of characters; nothing else is special. */
static bool fits(str pattern, str name)
{
	ptrdiff_t p = 0, n = 0, star = -1, from = 0;
	while (n < name.len) {
		if (p < pattern.len && pattern.ptr[p] == '*') {
			star = p++;
			from = n;
		} else if (p < pattern.len && pattern.ptr[p] == name.ptr[n]) {
			p++;
			n++;
		} else if (star >= 0) {
			p = star + 1;
			n = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.ptr[p] == '*')
		p++;
	return p == pattern.len;
}

static bool refer(struct reader *r, const struct search *what, struct rule_node **out)
{
	if (r->s->spent->nodes++ >= SIGMA_NODES_MOST)
		return sigma_refuse(r->s, place_of(r->condition, r->now.text), "the conditions of the file "
		                    "refer to more than %d search identifiers: split it", SIGMA_NODES_MOST);
	*out = sigma_copy(r->s, what->node);
	return true;
}

/* Identifiers that start with `_` are for the rule's own use: only a pattern that starts so means them. */
static bool read_of(struct reader *r, bool all, struct rule_node **out)
{
	struct nodes found = { 0 };
	if (!advance(r))
		return false;
	str pattern = str_sub(r->now.text, 0, 200);
	if (r->now.kind != TOKEN_WORD)
		return sigma_refuse(r->s, place_of(r->condition, pattern), "the condition has nothing after "
		                    "\"of\": write `1 of them` or `1 of selection*`");
	bool them = str_eq_nocase(pattern, S("them"));
	for (ptrdiff_t i = 0; i < r->in->count; i++) {
		const struct search *what = &r->in->at[i];
		struct rule_node *n = NULL;
		if (!(them || fits(pattern, what->name))
		    || (str_starts(what->name, S("_")) && !str_starts(pattern, S("_"))))
			continue;
		if (!refer(r, what, &n))
			return false;
		sigma_append(&found, n);
	}
	if (found.first == NULL)
		return sigma_refuse(r->s, place_of(r->condition, pattern),
		                    "the condition asks for \"" STR_FMT "\", but no search "
		                    "identifier is called so: correct the name", STR_ARG(pattern));
	*out = sigma_join(r->s, all ? NODE_AND : NODE_OR, found.first);
	return advance(r);
}

static bool read_name(struct reader *r, struct rule_node **out)
{
	str name = r->now.text;
	if (!advance(r))
		return false;
	bool all = str_eq_nocase(name, S("all")), any = str_eq(name, S("1")) || str_eq_nocase(name, S("any"));
	if (r->now.kind == TOKEN_OF && (all || any))
		return read_of(r, all, out);
	if (r->now.kind == TOKEN_OF)
		return sigma_refuse(r->s, place_of(r->condition, name),
		                    "the condition has \"" STR_FMT " of\": Sigma knows `1 of`, "
		                    "`any of` and `all of`", STR_ARG(str_sub(name, 0, 60)));
	for (ptrdiff_t i = 0; i < r->in->count; i++)
		if (str_eq(r->in->at[i].name, name))
			return refer(r, &r->in->at[i], out);
	if (str_find_char(name, '*') >= 0)
		return sigma_refuse(r->s, place_of(r->condition, name),
		                    "the condition names the pattern \"" STR_FMT "\" alone: "
		                    "write `1 of` or `all of` before it", STR_ARG(str_sub(name, 0, 100)));
	return sigma_refuse(r->s, place_of(r->condition, name), "the condition names \"" STR_FMT "\", which "
	                    "is no search identifier of this rule: correct the name", STR_ARG(str_sub(name, 0,
	                                                                                              100)));
}

static bool read_or(struct reader *r, struct rule_node **out);

static bool read_operand(struct reader *r, struct rule_node **out)
{
	bool ok = true;
	if (r->depth >= SIGMA_NESTING_MOST)
		return sigma_refuse(r->s, place_of(r->condition, r->now.text), "the condition has more than "
		                    "%d brackets and nots inside each other: simplify it",
		                    SIGMA_NESTING_MOST);
	r->depth++;
	if (r->now.kind == TOKEN_NOT) {
		struct rule_node *inner = NULL, *n = sigma_node(r->s, NODE_NOT);
		ok = advance(r) && read_operand(r, &inner);
		n->first = inner;
		*out = n;
	} else if (r->now.kind == TOKEN_OPEN) {
		ok = advance(r) && read_or(r, out);
		if (ok && r->now.kind != TOKEN_CLOSE)
			ok = sigma_refuse(r->s, place_of(r->condition, r->now.text), "the condition has a "
			                  "\"(\" without its \")\"");
		ok = ok && advance(r);
	} else if (r->now.kind == TOKEN_WORD) {
		ok = read_name(r, out);
	} else if (r->now.kind == TOKEN_END) {
		ok = sigma_refuse(r->s, place_of(r->condition, r->now.text), "the condition ends where a "
		                  "search identifier should stand");
	} else {
		ok = sigma_refuse(r->s, place_of(r->condition, r->now.text),
		                  "the condition has \"" STR_FMT "\" where a search identifier "
		                  "should stand", STR_ARG(r->now.text));
	}
	r->depth--;
	return ok;
}

static bool read_and(struct reader *r, struct rule_node **out)
{
	struct nodes all = { 0 };
	do {
		struct rule_node *n = NULL;
		if ((all.first != NULL && !advance(r)) || !read_operand(r, &n))
			return false;
		sigma_append(&all, n);
	} while (r->now.kind == TOKEN_AND);
	*out = sigma_join(r->s, NODE_AND, all.first);
	return true;
}

static bool read_or(struct reader *r, struct rule_node **out)
{
	struct nodes all = { 0 };
	do {
		struct rule_node *n = NULL;
		if ((all.first != NULL && !advance(r)) || !read_and(r, &n))
			return false;
		sigma_append(&all, n);
	} while (r->now.kind == TOKEN_OR);
	*out = sigma_join(r->s, NODE_OR, all.first);
	return true;
}

static bool read_condition(struct sigma *s, const struct yaml *y, const struct searches *in,
                           struct rule_node **out)
{
	struct reader r = { .s = s, .in = in, .condition = y, .rest = y->text };
	if (y->kind != YAML_SCALAR || sigma_is_null(y) || str_trim(y->text).len == 0)
		return sigma_refuse(s, y->at, "the condition is empty: say which search identifiers have to "
		                    "match");
	if (y->text.len > SIGMA_CONDITION_MOST)
		return sigma_refuse(s, y->at, "the condition has %td bytes, more than %d: split the rule",
		                    y->text.len, SIGMA_CONDITION_MOST);
	if (!advance(&r) || !read_or(&r, out))
		return false;
	if (r.now.kind != TOKEN_END)
		return sigma_refuse(s, place_of(y, r.now.text),
		                    "the condition goes on with \"" STR_FMT "\" where `and`, `or` "
		                    "or its end should stand", STR_ARG(str_sub(r.now.text, 0, 100)));
	return true;
}

bool sigma_condition(struct sigma *s, const struct yaml *condition, const struct searches *in,
                     const struct rule_node **out)
{
	struct nodes all = { 0 };
	if (condition->kind == YAML_MAP || (condition->kind == YAML_LIST && condition->count == 0))
		return sigma_refuse(s, condition->at, "the condition has to be a text, or a list of texts");
	const struct yaml *y = condition->kind == YAML_LIST ? condition->first : condition;
	for (; y != NULL; y = condition->kind == YAML_LIST ? y->next : NULL) {
		struct rule_node *n = NULL;
		if (!read_condition(s, y, in, &n))
			return false;
		sigma_append(&all, n);
	}
	*out = sigma_join(s, NODE_OR, all.first);
	return true;
}
