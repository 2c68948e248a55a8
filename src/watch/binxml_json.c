#include "watch/binxml.h"

/* An object being written. */
struct object {
	struct binxml *b;
	bool comma, container, listed; /* listed: the unnamed <Data> were written */
};

static void write_element(struct binxml *b, const struct binxml_node *e, struct binxml_values values);

static const struct binxml_value *value_of(const struct binxml_node *n, struct binxml_values values)
{
	static const struct binxml_value nothing = { 0 };
	return n->value < values.count ? &values.ptr[n->value] : &nothing;
}

static bool is_text(const struct binxml_node *n, struct binxml_values values)
{
	if (n->kind == BINXML_FIXED)
		return n->text_len > 0;
	if (n->kind != BINXML_VALUE)
		return false;
	const struct binxml_value *v = value_of(n, values);
	return !value_is_empty(v) && !value_is_tree(v);
}

static bool has_text(const struct binxml *b, uint32_t first, struct binxml_values values)
{
	for (uint32_t i = first; i != 0; i = b->nodes[i].next) {
		if (is_text(&b->nodes[i], values))
			return true;
	}
	return false;
}

static bool has_element(const struct binxml *b, const struct binxml_node *e, struct binxml_values values)
{
	if (e->flags & BINXML_HAS_ELEMENT)
		return true;
	for (uint32_t i = e->child; i != 0; i = b->nodes[i].next) {
		if (b->nodes[i].kind == BINXML_VALUE && value_is_tree(value_of(&b->nodes[i], values)))
			return true;
	}
	return false;
}

/* The text of a list of nodes, without quotes. */
static void write_plain(struct binxml *b, uint32_t first, struct binxml_values values)
{
	for (uint32_t i = first; i != 0; i = b->nodes[i].next) {
		const struct binxml_node *n = &b->nodes[i];
		if (n->kind == BINXML_FIXED)
			text_add(&b->out, b->fixed.ptr + n->text, n->text_len);
		else if (is_text(n, values))
			value_add_text(&b->out, value_of(n, values));
	}
}

/* The text of a list of nodes as a JSON value: of one value alone as its type says, else a string. */
static const struct binxml_value *only_value(const struct binxml *b, uint32_t first,
					     struct binxml_values values)
{
	const struct binxml_value *only = NULL;
	for (uint32_t i = first; i != 0; i = b->nodes[i].next) {
		const struct binxml_node *n = &b->nodes[i];
		if (!is_text(n, values))
			continue;
		if (only != NULL || n->kind != BINXML_VALUE)
			return NULL;
		only = value_of(n, values);
	}
	return only;
}

static void write_text(struct binxml *b, uint32_t first, struct binxml_values values)
{
	const struct binxml_value *only = only_value(b, first, values);
	if (only != NULL) {
		value_add_json(&b->out, only);
		return;
	}
	text_add_char(&b->out, '"');
	write_plain(b, first, values);
	text_add_char(&b->out, '"');
}

/* ---- objects */

static void begin_member(struct object *o)
{
	if (o->comma)
		text_add_char(&o->b->out, ',');
	o->comma = true;
}

/* The name of a <Data> that comes from values: false if that is empty. */
static bool late_name(const struct binxml *b, const struct binxml_node *e, struct binxml_values values)
{
	return (e->flags & BINXML_KEY_VALUE) && has_text(b, b->nodes[e->key].child, values);
}

static bool is_listed(const struct object *o, const struct binxml_node *e, struct binxml_values values)
{
	return o->container && (e->flags & BINXML_DATA) && !(e->flags & BINXML_KEY_FIXED) &&
	       !late_name(o->b, e, values);
}

static void write_key(struct object *o, const struct binxml_node *e, struct binxml_values values)
{
	struct binxml *b = o->b;
	begin_member(o);
	if (o->container && (e->flags & BINXML_KEY_FIXED)) {
		text_add(&b->out, b->fixed.ptr + e->key, e->key_len);
	} else if (o->container && late_name(b, e, values)) {
		text_add_char(&b->out, '"');
		write_plain(b, b->nodes[e->key].child, values);
		text_add(&b->out, "\":", 2);
	} else {
		text_add(&b->out, b->fixed.ptr + e->text, e->text_len);
	}
}

static void write_body(struct binxml *b, const struct binxml_node *e, struct binxml_values values);

/* <Data> of a container: its attributes are only its name, and what is empty is "". */
static void write_data(struct binxml *b, const struct binxml_node *e, struct binxml_values values)
{
	if (has_element(b, e, values))
		write_body(b, e, values);
	else
		write_text(b, e->child, values);
}

/* All unnamed <Data> of a container, as one list at the place of the first.  A list of one is its item. */
static void write_list(struct object *o, uint32_t first, struct binxml_values values)
{
	struct binxml *b = o->b;
	begin_member(o);
	text_add(&b->out, "\"Data\":{\"#text\":[", 17);
	ptrdiff_t start = b->out.len;
	int64_t count = 0;
	for (uint32_t i = first; i != 0; i = b->nodes[i].next) {
		const struct binxml_node *e = &b->nodes[i];
		if (e->kind != BINXML_ELEMENT || !is_listed(o, e, values))
			continue;
		const struct binxml_value *only = only_value(b, e->child, values);
		if (only != NULL && !has_element(b, e, values)) {
			count += value_add_items(&b->out, only, count > 0);
			continue;
		}
		if (count++ > 0)
			text_add_char(&b->out, ',');
		write_data(b, e, values);
	}
	if (count != 1) {
		text_add(&b->out, "]}", 2);
	} else if (!b->out.over) {
		memmove(b->out.ptr + start - 1, b->out.ptr + start, (size_t)(b->out.len - start));
		b->out.ptr[b->out.len - 1] = '}';
	}
}

static void write_member(struct object *o, const struct binxml_node *e, struct binxml_values values)
{
	write_key(o, e, values);
	if (o->container && (e->flags & BINXML_DATA))
		write_data(o->b, e, values);
	else
		write_element(o->b, e, values);
}

/* The elements in a value of type BinXml become members of the element around it. */
static void write_pieces(struct object *o, const struct binxml_value *v)
{
	struct binxml *b = o->b;
	uint32_t at = (uint32_t)(v->ptr - b->bytes), end = at + v->len;
	struct binxml_piece piece;
	while (binxml_next_piece(b, &at, end, &piece)) {
		write_member(o, &b->nodes[piece.root], piece.values);
		binxml_release(b, &piece);
	}
}

static void write_attributes(struct object *o, uint32_t first, struct binxml_values values)
{
	struct binxml *b = o->b;
	static const char begin[] = "\"#attributes\":{";
	bool comma = false;
	begin_member(o);
	text_add(&b->out, begin, sizeof(begin) - 1);
	for (uint32_t i = first; i != 0; i = b->nodes[i].next) {
		const struct binxml_node *a = &b->nodes[i];
		if (!has_text(b, a->child, values))
			continue;
		if (comma)
			text_add_char(&b->out, ',');
		comma = true;
		text_add(&b->out, b->fixed.ptr + a->text, a->text_len);
		write_text(b, a->child, values);
	}
	text_add_char(&b->out, '}');
}

static bool has_attributes(const struct binxml *b, const struct binxml_node *e, struct binxml_values values)
{
	for (uint32_t i = e->attribute; i != 0; i = b->nodes[i].next) {
		if (has_text(b, b->nodes[i].child, values))
			return true;
	}
	return false;
}

static void write_members(struct object *o, const struct binxml_node *e, struct binxml_values values)
{
	struct binxml *b = o->b;
	if (e->attribute != 0 && has_attributes(b, e, values))
		write_attributes(o, e->attribute, values);
	if (has_text(b, e->child, values)) {
		begin_member(o);
		text_add(&b->out, "\"#text\":", 8);
		write_text(b, e->child, values);
	}
	for (uint32_t i = e->child; i != 0; i = b->nodes[i].next) {
		const struct binxml_node *n = &b->nodes[i];
		if (n->kind == BINXML_VALUE && value_is_tree(value_of(n, values)))
			write_pieces(o, value_of(n, values));
		if (n->kind != BINXML_ELEMENT)
			continue;
		if (!is_listed(o, n, values)) {
			write_member(o, n, values);
		} else if (!o->listed) {
			o->listed = true;
			write_list(o, i, values);
		}
	}
}

static void write_body(struct binxml *b, const struct binxml_node *e, struct binxml_values values)
{
	struct object o = { .b = b, .container = (e->flags & BINXML_CONTAINER) != 0 };
	if (b->depth >= BINXML_DEPTH) {
		binxml_over(b);
		return;
	}
	b->depth++;
	text_add_char(&b->out, '{');
	write_members(&o, e, values);
	text_add_char(&b->out, '}');
	b->depth--;
}

static void write_element(struct binxml *b, const struct binxml_node *e, struct binxml_values values)
{
	if (has_element(b, e, values) || (e->attribute != 0 && has_attributes(b, e, values)))
		write_body(b, e, values);
	else if (has_text(b, e->child, values))
		write_text(b, e->child, values);
	else
		text_add(&b->out, "null", 4);
}

void binxml_write(struct binxml *b, const struct binxml_piece *piece)
{
	const struct binxml_node *root = &b->nodes[piece->root];
	text_add_char(&b->out, '{');
	text_add(&b->out, b->fixed.ptr + root->text, root->text_len);
	write_element(b, root, piece->values);
	text_add_char(&b->out, '}');
}
