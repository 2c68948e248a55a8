#include "match/oracle.h"
#include <stdlib.h>
#include "format/json.h"
#include "match/fold.h"
#include "match/moment.h"
#include "match/regex.h"
#include "model/network.h"

/* ---- reading */

struct list {
	struct arena *a;
	struct oracle_leaf *at;
	ptrdiff_t count, room;
	bool lost;
};

static void add_leaf(struct list *l, str path, bool null, str text)
{
	if (l->count == l->room) {
		struct oracle_leaf *more = NEW(l->a, struct oracle_leaf, l->room = 2 * l->room + 64);
		for (ptrdiff_t i = 0; i < l->count; i++)
			more[i] = l->at[i];
		l->at = more;
	}
	l->at[l->count++] = (struct oracle_leaf){ path, null, text };
}

static bool is_transparent(str key)
{
	return str_eq_nocase(key, S("#text")) || str_eq_nocase(key, S("#attributes")) ||
	       str_eq_nocase(key, S("@attributes"));
}

static void read_value(struct list *l, str path, const struct json *j)
{
	switch (json_type(j)) {
	case JSON_OBJECT:
		if (json_count(j) == 0)
			add_leaf(l, path, true, S(""));
		for (struct json_member m = { 0 }; json_next(j, &m);) {
			str key = str_from(m.key), below = path;
			if (!is_transparent(key))
				below = path.len ? arena_printf(l->a, STR_FMT "." STR_FMT, STR_ARG(path),
								STR_ARG(key))
						 : arena_dup(l->a, key);
			read_value(l, below, m.value);
		}
		return;
	case JSON_ARRAY:
		if (json_count(j) == 0)
			add_leaf(l, path, true, S(""));
		for (ptrdiff_t i = 0; i < json_count(j); i++)
			read_value(l, path, json_at(j, i));
		return;
	case JSON_STRING:
		add_leaf(l, path, false, arena_dup(l->a, json_str(j)));
		return;
	case JSON_INTEGER:
		add_leaf(l, path, false, arena_printf(l->a, "%lld", (long long)json_int(j)));
		return;
	case JSON_REAL:
		l->lost = true;
		return;
	case JSON_TRUE:
	case JSON_FALSE:
		add_leaf(l, path, false, json_is_true(j) ? S("true") : S("false"));
		return;
	case JSON_NULL:
		add_leaf(l, path, true, S(""));
		return;
	}
}

bool oracle_read(struct arena *a, str json, struct oracle_event *out)
{
	struct err err = { 0 };
	struct json *j;
	struct list l = { .a = a };
	if (!json_parse(a, json, (struct json_limits){ .size = 1 << 24, .depth = 60 }, &j, &err) ||
	    json_type(j) != JSON_OBJECT)
		return false;
	read_value(&l, S(""), j);
	*out = (struct oracle_event){ l.at, l.count, NULL };
	return !l.lost;
}

/* ---- fields */

/* With a `*` component in `name` standing for any one component. */
static bool path_is(str path, str name)
{
	while (path.len && name.len) {
		str_cut_result p = str_cut(path, '.'), n = str_cut(name, '.');
		if (!str_eq(n.head, S("*")) && !str_eq_nocase(p.head, n.head))
			return false;
		if (p.ok != n.ok)
			return false;
		if (!p.ok)
			return true;
		path = p.tail;
		name = n.tail;
	}
	return path.len == name.len;
}

static bool gives(struct arena *tmp, const struct logsource_map *map, str path, str field)
{
	if (str_eq_nocase(path, field))
		return true;
	for (ptrdiff_t i = 0; i < map->envelope_count; i++)
		if (path_is(path, arena_printf(tmp, STR_FMT "." STR_FMT, STR_ARG(map->envelopes[i]),
					       STR_ARG(field))))
			return true;
	for (ptrdiff_t i = 0; i < map->name_count; i++)
		for (ptrdiff_t j = 0;
		     str_eq_nocase(map->names[i].field, field) && j < map->names[i].path_count; j++)
			if (str_eq_nocase(map->names[i].paths[j], path))
				return true;
	return false;
}

struct world {
	struct arena *tmp;
	const struct logsource_map *map;
	struct oracle_event *event;
	const struct source_entry *entry; /* whose names are read; NULL: none */
};

struct values {
	const struct oracle_leaf *at;
	ptrdiff_t count;
};

/* What was found for a field of the event before. */
struct oracle_known {
	str field;
	struct values values;
	struct oracle_known *next;
};

static struct values own_values(const struct world *w, str field)
{
	struct list l = { .a = w->tmp };
	for (const struct oracle_known *k = w->event->known; k; k = k->next)
		if (str_eq_nocase(k->field, field))
			return k->values;
	for (ptrdiff_t i = 0; i < w->event->count; i++) {
		const struct oracle_leaf *leaf = &w->event->leaves[i];
		if (gives(w->tmp, w->map, leaf->path, field))
			add_leaf(&l, leaf->path, leaf->null, leaf->text);
	}
	struct oracle_known *k = NEW(w->tmp, struct oracle_known, 1);
	*k = (struct oracle_known){ field, { l.at, l.count }, w->event->known };
	w->event->known = k;
	return k->values;
}

static str replaced(const struct world *w, const struct source_name *n, str text)
{
	for (ptrdiff_t i = 0; i < n->prefix_count; i++)
		if (str_starts_nocase(text, n->prefixes[i].from))
			return arena_printf(w->tmp, STR_FMT STR_FMT, STR_ARG(n->prefixes[i].to),
					    STR_ARG(str_sub(text, n->prefixes[i].from.len, text.len)));
	return text;
}

static struct values joined_values(const struct world *w, const struct source_name *n)
{
	struct list l = { .a = w->tmp };
	str text = { 0 };
	for (ptrdiff_t i = 0; i < n->path_count; i++) {
		struct values v = own_values(w, n->paths[i]);
		ptrdiff_t k = 0;
		while (k < v.count && v.at[k].null)
			k++;
		if (k < v.count)
			text = text.ptr ? arena_printf(w->tmp, STR_FMT STR_FMT STR_FMT, STR_ARG(text),
						       STR_ARG(n->between), STR_ARG(v.at[k].text))
					: arena_dup(w->tmp, v.at[k].text);
	}
	if (text.ptr)
		add_leaf(&l, S(""), false, replaced(w, n, text));
	return (struct values){ l.at, l.count };
}

static struct values values_of(const struct world *w, str field)
{
	struct values own = own_values(w, field);
	struct list l = { .a = w->tmp };
	for (ptrdiff_t i = 0; w->entry && i < w->entry->field_count; i++) {
		const struct source_name *n = &w->entry->fields[i];
		if (!str_eq_nocase(n->field, field))
			continue;
		if (n->joined) {
			struct values v = joined_values(w, n);
			return v.count ? v : own;
		}
		for (ptrdiff_t j = 0; j < n->path_count; j++) {
			struct values v = own_values(w, n->paths[j]);
			for (ptrdiff_t k = 0; k < v.count; k++)
				add_leaf(&l, v.at[k].path, v.at[k].null, v.at[k].text);
		}
		return l.count ? (struct values){ l.at, l.count } : own;
	}
	for (ptrdiff_t i = 0; w->entry && i < w->entry->set_count; i++) {
		if (!str_eq_nocase(w->entry->set[i].field, field))
			continue;
		add_leaf(&l, S(""), false, w->entry->set[i].value);
		for (ptrdiff_t k = 0; k < own.count; k++)
			add_leaf(&l, own.at[k].path, own.at[k].null, own.at[k].text);
		return (struct values){ l.at, l.count };
	}
	return own;
}

/* ---- texts: as characters, folded or not */

struct chars {
	uint32_t *at;
	ptrdiff_t count;
};

static struct chars chars_of(struct arena *tmp, str text, bool cased)
{
	struct chars c = { NEW(tmp, uint32_t, text.len + 1), 0 };
	for (ptrdiff_t i = 0; i < text.len;) {
		uint32_t one;
		int n = fold_decode(text.ptr + i, text.len - i, &one);
		c.at[c.count++] = n == 0 ? 0x80000000u | one : cased ? one : fold_point(one);
		i += n ? n : 1;
	}
	return c;
}

static bool same_at(struct chars text, ptrdiff_t at, struct chars part)
{
	if (at + part.count > text.count)
		return false;
	for (ptrdiff_t i = 0; i < part.count; i++)
		if (text.at[at + i] != part.at[i])
			return false;
	return true;
}

/* Which positions of the text can be reached after each piece. */
static bool glob_holds(struct arena *tmp, const struct predicate *p, str text, bool anywhere)
{
	struct chars t = chars_of(tmp, text, p->cased);
	bool *here = NEW(tmp, bool, t.count + 1), *next;
	for (ptrdiff_t i = 0; i <= (anywhere ? t.count : 0); i++)
		here[i] = true;
	for (ptrdiff_t k = 0; k < p->pieces; k++, here = next) {
		next = NEW(tmp, bool, t.count + 1);
		struct chars part = chars_of(tmp, p->glob[k].text, p->cased);
		bool any = false;
		for (ptrdiff_t i = 0; i <= t.count; i++) {
			any |= here[i];
			if (p->glob[k].kind == GLOB_ANY)
				next[i] = any;
			else if (here[i] && p->glob[k].kind == GLOB_ONE && i < t.count)
				next[i + 1] = true;
			else if (here[i] && p->glob[k].kind == GLOB_LITERAL && same_at(t, i, part))
				next[i + part.count] = true;
		}
	}
	for (ptrdiff_t i = 0; anywhere && i <= t.count; i++)
		if (here[i])
			return true;
	return here[t.count];
}

static bool texts_compare(struct arena *tmp, const struct predicate *p, str a, str b)
{
	struct chars x = chars_of(tmp, a, p->cased), y = chars_of(tmp, b, p->cased);
	if (p->how == HOW_EQUALS)
		return x.count == y.count && same_at(x, 0, y);
	if (p->how == HOW_STARTS)
		return same_at(x, 0, y);
	if (p->how == HOW_ENDS)
		return x.count >= y.count && same_at(x, x.count - y.count, y);
	for (ptrdiff_t i = 0; i <= x.count; i++)
		if (same_at(x, i, y))
			return true;
	return false;
}

static bool number_holds(struct arena *tmp, const struct predicate *p, str text)
{
	double v;
	int part;
	char *end, *c = arena_cstr(tmp, str_trim(text));
	if (p->part != PART_NONE) {
		if (!moment_part(text, p->part, &part))
			return false;
		v = part;
	} else {
		if (!*c || strlen(c) > 63 || !strpbrk(c, "0123456789"))
			return false;
		v = strtod(c, &end);
		if (*end || end != c + str_trim(text).len || !(v - v == 0))
			return false;
	}
	return p->order == ORDER_LT    ? v < p->number
	       : p->order == ORDER_LTE ? v <= p->number
	       : p->order == ORDER_GT  ? v > p->number
	       : p->order == ORDER_GTE ? v >= p->number
				       : v == p->number;
}

static bool regex_holds(const struct predicate *p, str text)
{
	ptrdiff_t from, to;
	struct regex *r = regex_new(p->text, p->regex_nocase | p->regex_lines << 1 | p->regex_dotall << 2);
	struct regex_time left = { REGEX_EVENT_US };
	bool yes = regex_find(r, text, &left, &from, &to) == REGEX_YES;
	regex_free(r);
	return yes;
}

static bool value_holds(const struct world *w, const struct predicate *p, const struct oracle_leaf *v)
{
	struct network n;
	struct ip ip;
	struct err err;
	if (v->null)
		return p->op == PREDICATE_NULL;
	switch (p->op) {
	case PREDICATE_TEXT:
		return glob_holds(w->tmp, p, v->text, !p->field.ptr);
	case PREDICATE_REGEX:
		return regex_holds(p, v->text);
	case PREDICATE_CIDR:
		return ip_parse(v->text, &ip, &err) && network_parse(p->text, &n, &err) &&
		       network_contains(n, ip);
	case PREDICATE_NUMBER:
		return number_holds(w->tmp, p, v->text);
	case PREDICATE_FIELD: {
		struct values o = values_of(w, p->text);
		for (ptrdiff_t i = 0; i < o.count; i++)
			if (!o.at[i].null && texts_compare(w->tmp, p, v->text, o.at[i].text))
				return true;
		return false;
	}
	case PREDICATE_EXISTS:
	case PREDICATE_NULL:
		break;
	}
	return false;
}

static bool predicate_holds(const struct world *w, const struct predicate *p)
{
	struct values v =
		p->field.ptr ? values_of(w, p->field) : (struct values){ w->event->leaves, w->event->count };
	if (p->op == PREDICATE_EXISTS)
		return v.count > 0;
	if (p->op == PREDICATE_NULL && v.count == 0)
		return true;
	for (ptrdiff_t i = 0; i < v.count; i++)
		if (value_holds(w, p, &v.at[i]))
			return true;
	return false;
}

static bool node_holds(const struct world *w, const struct rule_node *n)
{
	if (n->kind == NODE_PREDICATE)
		return predicate_holds(w, n->predicate);
	if (n->kind == NODE_NOT)
		return !node_holds(w, n->first);
	for (const struct rule_node *c = n->first; c; c = c->next)
		if (node_holds(w, c) != (n->kind == NODE_AND))
			return n->kind == NODE_OR;
	return n->kind == NODE_AND;
}

/* ---- sources */

static bool test_holds(const struct world *w, const struct source_test *t)
{
	struct values v = own_values(w, t->field);
	struct predicate equal = { .op = PREDICATE_FIELD, .how = HOW_EQUALS };
	for (ptrdiff_t i = 0; i < v.count; i++)
		for (ptrdiff_t j = 0; !v.at[i].null && j < t->value_count; j++)
			if (str_eq(t->values[j], S("*")) ||
			    texts_compare(w->tmp, &equal, v.at[i].text, t->values[j]))
				return true;
	return false;
}

bool oracle_matches(struct arena *tmp, const struct logsource_map *map, const struct rule *r,
		    struct oracle_event *e, bool forced)
{
	struct world w = { tmp, map, e, NULL };
	if (forced)
		return node_holds(&w, r->condition);
	for (ptrdiff_t i = 0; i < map->entry_count; i++) {
		const struct source_entry *entry = &map->entries[i];
		bool in = logsource_meets(&r->logsource, &entry->logsource);
		w.entry = NULL;
		for (ptrdiff_t j = 0; in && j < entry->when_count; j++)
			in = test_holds(&w, &entry->when[j]);
		w.entry = entry;
		if (in && node_holds(&w, r->condition))
			return true;
	}
	return false;
}
