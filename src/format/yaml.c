#include "format/yaml.h"

#include <yaml.h>

/* An open list or map while its children arrive. */
struct level {
	struct yaml  *node;
	const struct yaml **tail;       /* where the next child hangs */
	bool          has_key;          /* of a map: the key has come, its value has not */
	str           key;
	struct yaml_place key_at;
};

enum { DEPTH_MAX = 64 };                /* of limits.depth, so that the levels fit a fixed array */

struct builder {
	struct arena      *arena;
	struct yaml_limits limits;
	struct level       levels[DEPTH_MAX];
	int                depth, nodes;
	bool               many;        /* documents */
	const struct yaml *root, **next_root;
	struct yaml_place  at;          /* of what is being read, for errors */
	struct err        *err;
};

static struct yaml_place place_of(yaml_mark_t mark)
{
	return (struct yaml_place){ (int)MIN(mark.line, 1u << 30) + 1, (int)MIN(mark.column, 1u << 30) + 1 };
}

static bool refuse(struct builder *b, const char *what)
{
	return err_set(b->err, ERR_INPUT, "line %d, column %d: %s", b->at.line, b->at.column, what);
}

static bool take_key(struct builder *b, struct level *top, str key)
{
	if (top->node->count >= b->limits.members)
		return refuse(b, "too many members in one map");
	for (const struct yaml *m = top->node->first; m != NULL; m = m->next)
		if (str_eq(m->key, key))
			return err_set(b->err, ERR_INPUT, "line %d, column %d: the key \"" STR_FMT "\" is "
			               "here twice (first in line %d)", b->at.line, b->at.column,
			               STR_ARG(str_sub(key, 0, 60)), m->key_at.line);
	top->has_key = true;
	top->key = key;
	top->key_at = b->at;
	return true;
}

static bool add_node(struct builder *b, struct yaml node, struct yaml **out_node)
{
	if (b->nodes++ >= b->limits.nodes)
		return refuse(b, "too many values in one file");
	struct level *top = b->depth ? &b->levels[b->depth - 1] : NULL;
	struct yaml *y = NEW(b->arena, struct yaml, 1);
	*y = node;
	y->at = b->at;
	if (top == NULL) {
		*b->next_root = y;
		b->next_root = &y->next;
	} else {
		if (top->node->kind == YAML_MAP) {
			y->key = top->key;
			y->key_at = top->key_at;
			top->has_key = false;
		}
		*top->tail = y;
		top->tail = &y->next;
		top->node->count++;
	}
	*out_node = y;
	return true;
}

static bool at_key(const struct builder *b)
{
	const struct level *top = b->depth ? &b->levels[b->depth - 1] : NULL;
	return top != NULL && top->node->kind == YAML_MAP && !top->has_key;
}

static bool take_scalar(struct builder *b, const yaml_event_t *e)
{
	struct yaml *unused;
	str raw = { (const char *)e->data.scalar.value, (ptrdiff_t)e->data.scalar.length };
	if (e->data.scalar.anchor != NULL)
		return refuse(b, "anchors (&name) are not allowed: write the value out");
	if (e->data.scalar.tag != NULL)
		return refuse(b, "tags (!name) are not allowed: remove it");
	if (str_find_char(raw, '\0') >= 0)
		return refuse(b, "text with a zero byte");
	str text = arena_dup(b->arena, raw);
	if (at_key(b))
		return take_key(b, &b->levels[b->depth - 1], text);
	bool plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	struct yaml_place end = place_of(e->end_mark);
	return add_node(b, (struct yaml){ .kind = YAML_SCALAR, .text = text, .plain = plain, .end = end },
	                &unused);
}

static bool take_start(struct builder *b, enum yaml_kind kind, const void *anchor, const void *tag)
{
	struct yaml *y = NULL;
	if (anchor != NULL)
		return refuse(b, "anchors (&name) are not allowed: write the value out");
	if (tag != NULL)
		return refuse(b, "tags (!name) are not allowed: remove it");
	if (at_key(b))
		return refuse(b, "a key has to be a word, not a list or a map");
	if (b->depth >= b->limits.depth)
		return refuse(b, "nested too deeply");
	if (!add_node(b, (struct yaml){ .kind = kind }, &y))
		return false;
	b->levels[b->depth++] = (struct level){ .node = y, .tail = &y->first };
	return true;
}

static bool take_event(struct builder *b, const yaml_event_t *e)
{
	b->at = place_of(e->start_mark);
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		return take_scalar(b, e);
	case YAML_SEQUENCE_START_EVENT:
		return take_start(b, YAML_LIST, e->data.sequence_start.anchor, e->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return take_start(b, YAML_MAP, e->data.mapping_start.anchor, e->data.mapping_start.tag);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		b->depth--;
		return true;
	case YAML_ALIAS_EVENT:
		return refuse(b, "aliases (*name) are not allowed: write the value out");
	case YAML_DOCUMENT_START_EVENT:
		return b->root == NULL || b->many || refuse(b, "a second document: one file holds one");
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		return true;
	}
	return refuse(b, "not understood");
}

static bool build(struct builder *b, yaml_parser_t *parser)
{
	for (bool ended = false; !ended;) {
		yaml_event_t e;
		if (!yaml_parser_parse(parser, &e)) {
			b->at = place_of(parser->problem_mark);
			return refuse(b, parser->problem ? parser->problem : "not readable as YAML");
		}
		ended = e.type == YAML_STREAM_END_EVENT;
		bool ok = take_event(b, &e);
		yaml_event_delete(&e);
		if (!ok)
			return false;
	}
	b->at = (struct yaml_place){ 1, 1 };
	return b->root != NULL || refuse(b, "the file is empty");
}

static struct yaml_limits with_defaults(struct yaml_limits l)
{
	l.size = l.size ? l.size : 1 << 20;
	l.depth = MIN(l.depth ? l.depth : 24, DEPTH_MAX);
	l.nodes = l.nodes ? l.nodes : 20000;
	l.members = l.members ? l.members : 1000;
	return l;
}

static bool parse(struct builder *b, str text, const struct yaml **out_root, struct yaml_place *out_at,
                  struct err *err)
{
	yaml_parser_t parser;
	bool ok = false;
	b->next_root = &b->root;
	if (text.len > b->limits.size) {
		(void)err_set(err, ERR_LIMIT, "the file has %td bytes, more than the allowed %td", text.len,
		              b->limits.size);
	} else if (!str_utf8_valid(text)) {
		(void)err_set(err, ERR_INPUT, "the file is not UTF-8 text: save it as UTF-8");
	} else if (!yaml_parser_initialize(&parser)) {
		(void)err_set(err, ERR_SYSTEM, "out of memory while reading YAML");
	} else {
		static const unsigned char none[1];
		/* Said outright: libyaml would otherwise guess UTF-16 from the first bytes. */
		yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
		yaml_parser_set_input_string(&parser, text.len ? (const unsigned char *)text.ptr : none,
		                             (size_t)text.len);
		ok = build(b, &parser);
		yaml_parser_delete(&parser);
	}
	if (ok)
		*out_root = b->root;
	else if (out_at != NULL)
		*out_at = b->at;
	return ok;
}

bool yaml_parse(struct arena *a, str text, struct yaml_limits limits, const struct yaml **out_root,
                struct yaml_place *out_at, struct err *err)
{
	struct builder b = { .arena = a, .limits = with_defaults(limits), .err = err, .at = { 1, 1 } };
	return parse(&b, text, out_root, out_at, err);
}

bool yaml_parse_all(struct arena *a, str text, struct yaml_limits limits, const struct yaml **out_first,
                    struct yaml_place *out_at, struct err *err)
{
	struct builder b = {
		.arena = a, .limits = with_defaults(limits), .err = err, .at = { 1, 1 }, .many = true,
	};
	return parse(&b, text, out_first, out_at, err);
}

const struct yaml *yaml_get(const struct yaml *map, str key)
{
	if (map == NULL || map->kind != YAML_MAP)
		return NULL;
	for (const struct yaml *m = map->first; m != NULL; m = m->next)
		if (str_eq(m->key, key))
			return m;
	return NULL;
}

bool yaml_is_null(const struct yaml *y)
{
	return y->kind == YAML_SCALAR && y->plain
	       && (y->text.len == 0 || str_eq(y->text, S("~")) || str_eq(y->text, S("null")));
}
