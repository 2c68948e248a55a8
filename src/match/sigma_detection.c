#include "match/sigma_priv.h"

#include <stdarg.h>
#include <stdio.h>

bool sigma_refuse(struct sigma *s, struct yaml_place at, const char *fmt, ...)
{
	char text[sizeof s->err->text];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	s->at = at;
	return err_set(s->err, ERR_INPUT, "%s", text);
}

struct rule_node *sigma_node(struct sigma *s, enum rule_node_kind kind)
{
	struct rule_node *n = NEW(s->a, struct rule_node, 1);
	n->kind = kind;
	return n;
}

struct rule_node *sigma_join(struct sigma *s, enum rule_node_kind kind, struct rule_node *first)
{
	if (first != NULL && first->next == NULL)
		return first;
	struct rule_node *n = sigma_node(s, kind);
	n->first = first;
	return n;
}

struct rule_node *sigma_copy(struct sigma *s, const struct rule_node *node)
{
	struct rule_node *n = NEW(s->a, struct rule_node, 1);
	*n = *node;
	n->next = NULL;
	return n;
}

void sigma_append(struct nodes *list, struct rule_node *node)
{
	if (list->last != NULL)
		list->last->next = node;
	else
		list->first = node;
	list->last = node;
}

bool sigma_is_deeper(const struct rule_node *node, int most)
{
	if (most == 0)
		return true;
	for (const struct rule_node *n = node->first; n != NULL; n = n->next)
		if (sigma_is_deeper(n, most - 1))
			return true;
	return false;
}

static bool map_node(struct sigma *s, const struct yaml *map, struct rule_node **out)
{
	struct nodes all = { 0 };
	for (const struct yaml *m = map->first; m != NULL; m = m->next) {
		struct rule_node *n = NULL;
		if (!sigma_item(s, m, &n))
			return false;
		sigma_append(&all, n);
	}
	*out = sigma_join(s, NODE_AND, all.first);
	return true;
}

static bool alternative(struct sigma *s, const struct yaml *y, struct rule_node **out)
{
	switch (y->kind) {
	case YAML_MAP:
		if (y->count == 0)
			return sigma_refuse(s, y->at, "an empty map in a search identifier: write field: "
			                    "value");
		return map_node(s, y, out);
	case YAML_SCALAR:
		return sigma_keyword(s, y, out);
	case YAML_LIST:
		break;
	}
	return sigma_refuse(s, y->at, "a list within a list: a search identifier is a map, a list of maps or "
	                    "a list of words");
}

static bool search_node(struct sigma *s, const struct yaml *y, struct rule_node **out)
{
	if (y->kind != YAML_LIST)
		return alternative(s, y, out);
	struct nodes all = { 0 };
	if (y->count == 0)
		return sigma_refuse(s, y->at, "the search identifier \"" STR_FMT "\" is an empty list: it "
		                    "would never match; give it values", STR_ARG(y->key));
	for (const struct yaml *item = y->first; item != NULL; item = item->next) {
		struct rule_node *n = NULL;
		if (!alternative(s, item, &n))
			return false;
		sigma_append(&all, n);
	}
	*out = sigma_join(s, NODE_OR, all.first);
	return true;
}

static bool is_one_of(str name, const str *names)
{
	for (; names->ptr != NULL; names++)
		if (str_eq(*names, name))
			return true;
	return false;
}

bool sigma_searches(struct sigma *s, const struct yaml *map, const str *without, struct searches *out)
{
	struct searches all = { NEW(s->tmp, struct search, map->count), 0 };
	for (const struct yaml *m = map->first; m != NULL; m = m->next) {
		struct rule_node *n = NULL;
		if (is_one_of(m->key, without))
			continue;
		if (m->kind == YAML_SCALAR && sigma_is_null(m))
			return sigma_refuse(s, m->key_at, "the search identifier \"" STR_FMT "\" is empty: "
			                    "give it fields or words", STR_ARG(m->key));
		if (!search_node(s, m, &n))
			return false;
		n->name = arena_dup(s->a, m->key);
		all.at[all.count++] = (struct search){ n->name, m->key_at, n };
	}
	*out = all;
	return true;
}

static void lower(char *p)
{
	for (; *p; p++)
		*p += *p >= 'A' && *p <= 'Z' ? 'a' - 'A' : 0;
}

static bool logsource_part(struct sigma *s, const struct yaml *map, str key, str *out)
{
	const struct yaml *y = yaml_get(map, key);
	if (y == NULL || sigma_is_null(y))
		return true;
	if (y->kind != YAML_SCALAR || y->text.len == 0)
		return sigma_refuse(s, y->at, "logsource %.*s has to be a word", STR_ARG(key));
	char *p = arena_cstr(s->a, y->text);
	lower(p);
	*out = (str){ p, y->text.len };
	return true;
}

bool sigma_logsource(struct sigma *s, const struct yaml *document, struct logsource *out)
{
	const struct yaml *y = yaml_get(document, S("logsource"));
	struct logsource l = { 0 };
	if (y == NULL || y->kind != YAML_MAP)
		return sigma_refuse(s, y ? y->at : document->at, "there is no logsource: name the product, "
		                    "category or service whose events are meant");
	if (!logsource_part(s, y, S("product"), &l.product) || !logsource_part(s, y, S("category"),
	                                                                       &l.category)
	    || !logsource_part(s, y, S("service"), &l.service))
		return false;
	if (l.product.ptr == NULL && l.category.ptr == NULL && l.service.ptr == NULL)
		return sigma_refuse(s, y->key_at, "the logsource is empty: name the product, category or "
		                    "service whose events are meant");
	*out = l;
	return true;
}
