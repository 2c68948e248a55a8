#include "match/sigma_modifier.h"

#include <stdio.h>

/* Numbers are texts here: event.h says what the text of an event's number is. */
static struct value *new_value(struct item *it, const struct yaml *y, str text)
{
	struct value *v = NEW(it->s->tmp, struct value, 1);
	v->kind = sigma_is_null(y) ? VALUE_NULL : VALUE_TEXT;
	v->at = y->at;
	v->text = text;
	v->is_bool = sigma_is_bool(y, &v->yes);
	if (v->kind == VALUE_TEXT)
		v->glob = sigma_glob(it->s->a, v->is_bool ? v->yes ? S("true") : S("false") : text);
	return v;
}

static const uint32_t whole_value = 1u << MOD_ALL | 1u << MOD_NEQ | 1u << MOD_CASED;

/* 0x10 or 1.0 without quotes: the number 16 or 1, and since logs hold such things as text, also itself.  Only
 * as a whole value: what contains 0429 is not what contains 429. */
static void add_number_text(struct item *it, const struct yaml *y, struct value *v)
{
	char text[32];
	double n = 0;
	if (!y->plain || it->field.ptr == NULL || it->set & ~whole_value || !sigma_number(y->text, &n)
	    || n <= -0x1p53 || n >= 0x1p53 || n != (double)(int64_t)n)
		return;
	int len = snprintf(text, sizeof text, "%lld", (long long)n);
	if (str_eq((str){ text, len }, y->text))
		return;
	v->next = new_value(it, y, arena_dup(it->s->a, (str){ text, len }));
}

static struct predicate predicate_of(const struct item *it, const struct value *v)
{
	struct predicate p = {
		.field = it->field, .at = v->at, .cased = v->cased, .order = v->order, .part = v->part,
		.how = v->how, .number = v->number, .regex_nocase = v->regex_nocase,
		.regex_lines = v->regex_lines, .regex_dotall = v->regex_dotall,
	};
	switch (v->kind) {
	case VALUE_TEXT:
		p.op = PREDICATE_TEXT;
		p.glob = v->glob.at;
		p.pieces = v->glob.count;
		return p;
	case VALUE_REGEX:
		p.op = PREDICATE_REGEX;
		break;
	case VALUE_CIDR:
		p.op = PREDICATE_CIDR;
		break;
	case VALUE_FIELD:
		p.op = PREDICATE_FIELD;
		break;
	case VALUE_NUMBER:
		p.op = PREDICATE_NUMBER;
		return p;
	case VALUE_EXISTS:
		p.op = PREDICATE_EXISTS;
		return p;
	case VALUE_NULL:
		p.op = PREDICATE_NULL;
		return p;
	}
	p.text = v->text;
	return p;
}

static bool emit(struct item *it, const struct value *v, str written, struct nodes *list)
{
	struct sigma *s = it->s;
	if (s->spent->predicates++ >= SIGMA_PREDICATES_MOST)
		return sigma_refuse(s, v->at, "the file has more than %d values after their modifiers: "
		                    "split it", SIGMA_PREDICATES_MOST);
	struct predicate *p = NEW(s->a, struct predicate, 1);
	*p = predicate_of(it, v);
	p->written = written;
	struct rule_node *n = sigma_node(s, NODE_PREDICATE);
	n->predicate = p;
	if (v->kind == VALUE_EXISTS && !v->yes) {
		struct rule_node *none = sigma_node(s, NODE_NOT);
		none->first = n;
		n = none;
	}
	sigma_append(list, n);
	return true;
}

static bool as_keyword(struct item *it, struct value *v)
{
	if (it->field.ptr != NULL || v->kind == VALUE_REGEX)
		return true;
	if (v->kind != VALUE_TEXT)
		return sigma_refuse(it->s, v->at, "this needs a field: write its name before the modifiers");
	glob_surround(&v->glob, true, true);
	if (v->glob.count == 1)
		return sigma_refuse(it->s, v->at,
		                    "an empty keyword would be found in every event: remove it");
	return true;
}

/* "CommandLine|contains: ' -enc '"; *out_text is the value in it, so that it is kept once. */
static str written_of(struct item *it, const struct yaml *y, str *out_text)
{
	str quote = y->plain && (sigma_is_null(y) || !item_has(it, MOD_RE)) ? S("") : S("'");
	double unused;
	if (y->plain && !sigma_is_null(y) && !sigma_number(y->text, &unused))
		quote = S("'");
	ptrdiff_t len = it->prefix.len + y->text.len + 2 * quote.len;
	char *p = NEW(it->s->a, char, len + 1), *value = p + it->prefix.len + quote.len;
	memcpy(p, it->prefix.ptr, (size_t)it->prefix.len);
	memcpy(p + it->prefix.len, quote.ptr, (size_t)quote.len);
	if (y->text.len)
		memcpy(value, y->text.ptr, (size_t)y->text.len);
	memcpy(value + y->text.len, quote.ptr, (size_t)quote.len);
	*out_text = (str){ value, y->text.len };
	return (str){ p, len };
}

/* Appends what one value becomes. */
static bool add_value(struct item *it, const struct yaml *y, struct nodes *list)
{
	str text = { 0 };
	if (y->kind != YAML_SCALAR)
		return sigma_refuse(it->s, y->at,
		                    "a value has to be a text or a number, not a list or a map");
	str written = written_of(it, y, &text);
	struct value *v = new_value(it, y, text);
	add_number_text(it, y, v);
	if (!modifiers_apply(it, &v))
		return false;
	for (; v != NULL; v = v->next)
		if (!as_keyword(it, v) || !emit(it, v, written, list))
			return false;
	return true;
}

static bool add_list(struct item *it, const struct yaml *values, struct nodes *list)
{
	if (values->count == 0)
		return sigma_refuse(it->s, values->at, "an empty list of values would never match: give it "
		                    "values");
	for (const struct yaml *y = values->first; y != NULL; y = y->next) {
		struct nodes one = { 0 };
		if (sigma_is_null(y) && values->count > 1)
			return sigma_refuse(it->s, y->at, "null cannot stand in a list of values: make it a "
			                    "search identifier of its own and join them in the condition");
		if (!add_value(it, y, item_has(it, MOD_ALL) ? &one : list))
			return false;
		if (item_has(it, MOD_ALL))
			sigma_append(list, sigma_join(it->s, NODE_OR, one.first));
	}
	return true;
}

static bool read_item(struct item *it, const struct yaml *y, struct rule_node **out)
{
	struct nodes list = { 0 };
	bool all = item_has(it, MOD_ALL) && y->kind == YAML_LIST;
	if (!(y->kind == YAML_LIST ? add_list(it, y, &list) : add_value(it, y, &list)))
		return false;
	struct rule_node *n = sigma_join(it->s, all ? NODE_AND : NODE_OR, list.first);
	if (item_has(it, MOD_NEQ)) {
		struct rule_node *inner = n;
		n = sigma_node(it->s, NODE_NOT);
		n->first = inner;
	}
	*out = n;
	return true;
}

bool sigma_item(struct sigma *s, const struct yaml *member, struct rule_node **out)
{
	struct item it = { .s = s, .at = member->key_at };
	str_cut_result key = str_cut(member->key, '|');
	str field = key.ok ? key.head : member->key;
	if (field.len == 0 && !key.ok)
		return sigma_refuse(s, member->key_at, "a field without a name");
	it.prefix = arena_printf(s->tmp, STR_FMT ": ", STR_ARG(member->key));
	if (field.len)
		it.field = arena_dup(s->a, field);
	return (!key.ok || modifiers_parse(&it, key.tail)) && read_item(&it, member, out);
}

bool sigma_keyword(struct sigma *s, const struct yaml *word, struct rule_node **out)
{
	struct item it = { .s = s, .at = word->at, .prefix = S("keyword: ") };
	if (sigma_is_null(word))
		return sigma_refuse(s, word->at, "an empty keyword would be found in every event: remove it");
	return read_item(&it, word, out);
}
