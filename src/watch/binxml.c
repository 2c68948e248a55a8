#include "watch/binxml.h"

/* Work that one record may ask for, and a chunk before its records get only the smaller share.  An honest
 * record of 64 KiB has 16,000 nodes; an honest chunk makes less than a megabyte of JSON. */
static const int64_t record_steps = 1 << 18, chunk_steps = 1 << 21, least_steps = 1 << 10;
static const int64_t chunk_text = 4 << 20;

enum {
	TOKEN_END,
	TOKEN_OPEN,
	TOKEN_CLOSE_START,
	TOKEN_CLOSE_EMPTY,
	TOKEN_END_ELEMENT,
	TOKEN_VALUE,
	TOKEN_ATTRIBUTE,
	TOKEN_CDATA,
	TOKEN_CHARACTER,
	TOKEN_ENTITY,
	TOKEN_PI_TARGET,
	TOKEN_PI_DATA,
	TOKEN_TEMPLATE,
	TOKEN_SUBSTITUTION,
	TOKEN_OPTIONAL,
	TOKEN_FRAGMENT,
	TOKEN_MORE = 0x40
};

/* Units of fixed text, and bytes of values, that cost as much as a node; bytes that a float costs. */
enum { STEP_UNITS = 16, STEP_BYTES = 64, REAL_TEXT = 64 };

enum { NODES_OF_TEMPLATES = BINXML_NODES / 4 * 3, DEFINITION = 24, CHUNK_HEADER = 512 };

/* A place in a fragment. */
struct cursor {
	struct binxml *b;
	uint32_t at, end;
	bool dependency; /* elements carry a dependency identifier: those of templates do */
};

/* The content being read: where the next node is linked in. */
struct content {
	uint32_t *first, last;
};

void binxml_init(struct binxml *b, struct arena *a)
{
	*b = (struct binxml){ 0 };
	b->nodes = NEW(a, struct binxml_node, BINXML_NODES);
	b->values = NEW(a, struct binxml_value, BINXML_VALUES);
	b->templates = NEW(a, struct binxml_template, BINXML_TEMPLATES);
	b->fixed = (struct text_out){ .ptr = NEW(a, char, BINXML_TEXT), .cap = BINXML_TEXT };
	b->out = (struct text_out){ .ptr = NEW(a, char, BINXML_TEXT), .cap = BINXML_TEXT };
}

void binxml_chunk(struct binxml *b, const uint8_t *bytes, uint32_t size)
{
	ASSERT(size <= BINXML_CHUNK);
	b->bytes = bytes;
	b->size = size;
	if (++b->chunk == 0) { /* the mark came round: forget all */
		memset(b->templates, 0, BINXML_TEMPLATES * sizeof(*b->templates));
		b->chunk = 1;
	}
	b->node_count = 1;
	b->template_count = 0;
	b->fixed.len = 0;
	b->fixed.over = false;
	b->chunk_steps = chunk_steps;
	b->chunk_text = chunk_text;
}

bool binxml_refuse(struct binxml *b, uint32_t at, const char *text)
{
	if (b->trouble == NULL) {
		b->trouble = text;
		b->trouble_at = at;
	}
	return false;
}

bool binxml_over(struct binxml *b)
{
	b->limit = true;
	return binxml_refuse(b, 0, "it asks for more text or work than a record may");
}

bool binxml_step(struct binxml *b, int64_t steps)
{
	b->steps -= steps;
	return b->steps >= 0 || binxml_over(b);
}

/* ---- nodes and names */

static bool have(const struct cursor *c, uint32_t n)
{
	return n <= c->end - c->at;
}

static bool short_of(struct cursor *c)
{
	return binxml_refuse(c->b, c->at, "its content ends too early");
}

/* A node linked in at the end of `in`; 0 if there is no room. */
static uint32_t add_node(struct binxml *b, struct content *in, enum binxml_kind kind)
{
	if (b->node_count >= BINXML_NODES || !binxml_step(b, 1)) {
		binxml_over(b);
		return 0;
	}
	uint32_t n = b->node_count++;
	b->nodes[n] = (struct binxml_node){ .kind = (uint8_t)kind };
	if (in->last == 0)
		*in->first = n;
	else
		b->nodes[in->last].next = n;
	in->last = n;
	return n;
}

/* Fixed text that follows fixed text is one node. */
static struct binxml_node *fixed_node(struct binxml *b, struct content *in)
{
	struct binxml_node *last = in->last == 0 ? NULL : &b->nodes[in->last];
	if (last != NULL && last->kind == BINXML_FIXED &&
	    last->text + last->text_len == (uint32_t)b->fixed.len)
		return last;
	uint32_t n = add_node(b, in, BINXML_FIXED);
	if (n == 0)
		return NULL;
	b->nodes[n].text = (uint32_t)b->fixed.len;
	return &b->nodes[n];
}

static bool end_fixed(struct binxml *b, struct binxml_node *n)
{
	n->text_len = (uint32_t)b->fixed.len - n->text;
	return !b->fixed.over || binxml_over(b);
}

static bool fixed_utf16(struct binxml *b, struct content *in, const uint8_t *units, uint32_t count)
{
	struct binxml_node *n = fixed_node(b, in);
	if (n == NULL || !binxml_step(b, count / STEP_UNITS))
		return false;
	text_add_utf16(&b->fixed, units, count);
	return end_fixed(b, n);
}

static bool fixed_code(struct binxml *b, struct content *in, uint32_t code)
{
	struct binxml_node *n = fixed_node(b, in);
	if (n == NULL)
		return false;
	text_add_code(&b->fixed, code);
	return end_fixed(b, n);
}

/* The name at an offset of the chunk: 4 bytes, a hash, a count, units, a NUL. */
static bool find_name(struct cursor *c, uint32_t at, const uint8_t **out_units, uint32_t *out_count)
{
	const struct binxml *b = c->b;
	if (at > b->size || b->size - at < 8)
		return binxml_refuse(c->b, c->at, "a name lies outside of the chunk");
	uint32_t count = le16(b->bytes + at + 6);
	if (2 * count > b->size - at - 8)
		return binxml_refuse(c->b, c->at, "a name runs out of the chunk");
	*out_units = b->bytes + at + 8;
	*out_count = count;
	return true;
}

/* A reference to a name; where the name itself stands right behind, that is passed. */
static bool read_name(struct cursor *c, const uint8_t **out_units, uint32_t *out_count)
{
	if (!have(c, 4))
		return short_of(c);
	uint32_t at = le32(c->b->bytes + c->at);
	if (!find_name(c, at, out_units, out_count))
		return false;
	c->at += 4;
	if (at != c->at)
		return true;
	uint32_t skip = 8 + 2 * *out_count + 2;
	if (!have(c, skip))
		return short_of(c);
	c->at += skip;
	return true;
}

/* Writes "name": into the fixed text. */
static bool key_of(struct binxml *b, const uint8_t *units, uint32_t count, struct binxml_node *n)
{
	n->text = (uint32_t)b->fixed.len;
	text_add_char(&b->fixed, '"');
	text_add_utf16(&b->fixed, units, count);
	text_add(&b->fixed, "\":", 2);
	n->text_len = (uint32_t)b->fixed.len - n->text;
	return binxml_step(b, count / STEP_UNITS) && (!b->fixed.over || binxml_over(b));
}

static bool is_key(const struct binxml *b, const struct binxml_node *n, str key)
{
	return str_eq((str){ b->fixed.ptr + n->text, n->text_len }, key);
}

/* ---- pieces of content */

static bool read_text(struct cursor *c, struct content *in)
{
	if (!have(c, 2))
		return short_of(c);
	uint32_t count = le16(c->b->bytes + c->at);
	if (!have(c, 2 + 2 * count))
		return short_of(c);
	const uint8_t *units = c->b->bytes + c->at + 2;
	c->at += 2 + 2 * count;
	return fixed_utf16(c->b, in, units, count);
}

/* [MS-EVEN6] knows only strings here; numbers of a fixed size are taken as well. */
static bool read_value(struct cursor *c, struct content *in)
{
	static const uint8_t sizes[] = {
		[VALUE_INT8] = 1,     [VALUE_UINT8] = 1,       [VALUE_INT16] = 2, [VALUE_UINT16] = 2,
		[VALUE_INT32] = 4,    [VALUE_UINT32] = 4,      [VALUE_INT64] = 8, [VALUE_UINT64] = 8,
		[VALUE_REAL32] = 4,   [VALUE_REAL64] = 8,      [VALUE_BOOL] = 4,  [VALUE_GUID] = 16,
		[VALUE_FILETIME] = 8, [VALUE_SYSTEMTIME] = 16, [VALUE_HEX32] = 4, [VALUE_HEX64] = 8
	};
	if (!have(c, 1))
		return short_of(c);
	uint8_t type = c->b->bytes[c->at++];
	if (type == VALUE_STRING)
		return read_text(c, in);
	uint8_t size = type < sizeof(sizes) ? sizes[type] : 0;
	if (type != VALUE_NULL && size == 0)
		return binxml_refuse(c->b, c->at - 1, "a value in its text has an unknown type");
	if (!have(c, size))
		return short_of(c);
	struct binxml_node *n = fixed_node(c->b, in);
	if (n == NULL)
		return false;
	struct binxml_value v = value_made(type, c->b->bytes + c->at, size);
	value_add_text(&c->b->fixed, &v);
	c->at += size;
	return end_fixed(c->b, n);
}

static bool read_character(struct cursor *c, struct content *in)
{
	if (!have(c, 2))
		return short_of(c);
	c->at += 2;
	return fixed_code(c->b, in, le16(c->b->bytes + c->at - 2));
}

static bool read_entity(struct cursor *c, struct content *in)
{
	static const struct {
		const char *name, code;
	} known[] = { { "lt", '<' }, { "gt", '>' }, { "amp", '&' }, { "quot", '"' }, { "apos", '\'' } };
	const uint8_t *units = NULL;
	uint32_t count = 0;
	if (!read_name(c, &units, &count))
		return false;
	for (ptrdiff_t i = 0; i < COUNTOF(known); i++) {
		uint32_t n = 0;
		while (known[i].name[n] != 0 && n < count && le16(units + 2 * n) == (uint8_t)known[i].name[n])
			n++;
		if (n == count && known[i].name[n] == 0)
			return fixed_code(c->b, in, (uint8_t)known[i].code);
	}
	return fixed_code(c->b, in, '&') && fixed_utf16(c->b, in, units, count) && fixed_code(c->b, in, ';');
}

static bool read_substitution(struct cursor *c, struct content *in)
{
	if (!have(c, 3))
		return short_of(c);
	uint32_t n = add_node(c->b, in, BINXML_VALUE);
	if (n == 0)
		return false;
	c->b->nodes[n].value = le16(c->b->bytes + c->at);
	c->at += 3;
	return true;
}

/* Processing instructions say nothing about the event: they are passed. */
static bool skip_instruction(struct cursor *c, uint8_t token)
{
	const uint8_t *units = NULL;
	uint32_t count = 0;
	if (token == TOKEN_PI_TARGET)
		return read_name(c, &units, &count);
	if (!have(c, 2) || !have(c, 2 + 2u * le16(c->b->bytes + c->at)))
		return short_of(c);
	c->at += 2 + 2u * le16(c->b->bytes + c->at);
	return true;
}

/* What may stand in an attribute and in an element alike. */
static bool read_piece(struct cursor *c, uint8_t token, struct content *in)
{
	switch (token) {
	case TOKEN_VALUE:
		return read_value(c, in);
	case TOKEN_CDATA:
		return read_text(c, in);
	case TOKEN_CHARACTER:
		return read_character(c, in);
	case TOKEN_ENTITY:
		return read_entity(c, in);
	case TOKEN_SUBSTITUTION:
	case TOKEN_OPTIONAL:
		return read_substitution(c, in);
	case TOKEN_PI_TARGET:
	case TOKEN_PI_DATA:
		return skip_instruction(c, token);
	default:
		return binxml_refuse(c->b, c->at - 1, "a token stands where it does not belong");
	}
}

/* ---- elements */

static uint8_t peek(const struct cursor *c)
{
	return have(c, 1) ? c->b->bytes[c->at] & ~TOKEN_MORE : TOKEN_END;
}

static bool read_attribute_text(struct cursor *c, struct content *in)
{
	for (;;) {
		if (!have(c, 1))
			return short_of(c);
		uint8_t token = peek(c);
		if (token == TOKEN_ATTRIBUTE || token == TOKEN_CLOSE_START || token == TOKEN_CLOSE_EMPTY)
			return true;
		c->at++;
		if (!read_piece(c, token, in))
			return false;
	}
}

static bool read_attributes(struct cursor *c, uint32_t element)
{
	struct content all = { &c->b->nodes[element].attribute, 0 };
	while (peek(c) == TOKEN_ATTRIBUTE) {
		const uint8_t *units = NULL;
		uint32_t count = 0;
		c->at++;
		uint32_t n = add_node(c->b, &all, BINXML_ATTRIBUTE);
		if (n == 0 || !read_name(c, &units, &count) || !key_of(c->b, units, count, &c->b->nodes[n]))
			return false;
		struct content in = { &c->b->nodes[n].child, 0 };
		if (!read_attribute_text(c, &in))
			return false;
	}
	return true;
}

/* Whether an element's head at the cursor makes sense, read with or without a dependency identifier. */
static bool plausible_head(const struct cursor *c, bool dependency)
{
	uint32_t skip = dependency ? 2 : 0;
	if (!have(c, skip + 8) || c->b->size < CHUNK_HEADER + 8)
		return false;
	const uint8_t *p = c->b->bytes + c->at + skip;
	uint32_t size = le32(p), name = le32(p + 4);
	return size <= c->b->size && name >= CHUNK_HEADER && name <= c->b->size - 8 &&
	       2u * le16(c->b->bytes + name + 6) <= c->b->size - name - 8;
}

static bool read_head(struct cursor *c, uint32_t n, bool attributes)
{
	const uint8_t *units = NULL;
	uint32_t count = 0;
	if (!plausible_head(c, c->dependency) && plausible_head(c, !c->dependency))
		c->dependency = !c->dependency;
	uint32_t head = c->dependency ? 6 : 4;
	if (!have(c, head))
		return short_of(c);
	c->at += head;
	if (!read_name(c, &units, &count) || !key_of(c->b, units, count, &c->b->nodes[n]))
		return false;
	if (attributes) {
		if (!have(c, 4))
			return short_of(c);
		c->at += 4;
	}
	struct binxml_node *e = &c->b->nodes[n];
	if (is_key(c->b, e, S("\"Data\":")))
		e->flags |= BINXML_DATA;
	if (is_key(c->b, e, S("\"EventData\":")) || is_key(c->b, e, S("\"UserData\":")))
		e->flags |= BINXML_CONTAINER;
	return read_attributes(c, n);
}

/* The Name of a <Data> that goes into its container under that name. */
static bool name_data(struct binxml *b, struct binxml_node *e)
{
	uint32_t a = e->attribute;
	while (a != 0 && !is_key(b, &b->nodes[a], S("\"Name\":")))
		a = b->nodes[a].next;
	if (a == 0 || b->nodes[a].child == 0)
		return true;
	const struct binxml_node *name = &b->nodes[b->nodes[a].child];
	if (name->kind != BINXML_FIXED || name->next != 0) {
		e->key = a;
		e->flags |= BINXML_KEY_VALUE;
		return true;
	}
	if (name->text_len == 0)
		return true;
	char *to = text_room(&b->fixed, name->text_len + 3);
	if (to == NULL)
		return binxml_over(b);
	*to = '"';
	memcpy(to + 1, b->fixed.ptr + name->text, name->text_len);
	memcpy(to + 1 + name->text_len, "\":", 2);
	e->key = (uint32_t)b->fixed.len;
	e->key_len = name->text_len + 3;
	e->flags |= BINXML_KEY_FIXED;
	b->fixed.len += e->key_len;
	return true;
}

static bool end_element(struct binxml *b, uint32_t n)
{
	struct binxml_node *e = &b->nodes[n];
	for (uint32_t i = e->child; i != 0; i = b->nodes[i].next)
		if (b->nodes[i].kind == BINXML_ELEMENT)
			e->flags |= BINXML_HAS_ELEMENT;
	return !(e->flags & BINXML_DATA) || name_data(b, e);
}

static bool read_element(struct cursor *c, uint8_t token, struct content *in, uint32_t *out_node);

static bool read_content(struct cursor *c, uint32_t element)
{
	struct content in = { &c->b->nodes[element].child, 0 };
	for (;;) {
		uint32_t child = 0;
		if (!have(c, 1))
			return short_of(c);
		uint8_t token = c->b->bytes[c->at++];
		uint8_t kind = token & ~TOKEN_MORE;
		if (kind == TOKEN_END_ELEMENT)
			return true;
		if (kind == TOKEN_OPEN ? !read_element(c, token, &in, &child) : !read_piece(c, kind, &in))
			return false;
	}
}

static bool read_element(struct cursor *c, uint8_t token, struct content *in, uint32_t *out_node)
{
	struct binxml *b = c->b;
	if (b->depth >= BINXML_DEPTH)
		return binxml_over(b);
	uint32_t n = add_node(b, in, BINXML_ELEMENT);
	if (n == 0 || !read_head(c, n, token & TOKEN_MORE))
		return false;
	if (!have(c, 1))
		return short_of(c);
	uint8_t close = b->bytes[c->at++];
	if (close != TOKEN_CLOSE_START && close != TOKEN_CLOSE_EMPTY)
		return binxml_refuse(b, c->at - 1, "the start of an element is not closed");
	b->depth++;
	bool ok = close == TOKEN_CLOSE_EMPTY || read_content(c, n);
	b->depth--;
	*out_node = n;
	return ok && end_element(b, n);
}

/* ---- templates */

static bool read_root(struct cursor *c, uint32_t *out_root)
{
	uint32_t root = 0;
	struct content in = { &root, 0 };
	while (peek(c) == TOKEN_FRAGMENT && have(c, 4))
		c->at += 4;
	if (peek(c) != TOKEN_OPEN)
		return binxml_refuse(c->b, c->at, "there is no element where one has to be");
	uint8_t token = c->b->bytes[c->at++];
	return read_element(c, token, &in, out_root);
}

/* The tree of the definition at an offset.  Roots that could not be read are remembered as 0. */
static bool find_template(struct binxml *b, uint32_t at, struct binxml_piece *out_piece)
{
	uint32_t slot = at * 2654435761u >> 20 & (BINXML_TEMPLATES - 1);
	while (b->templates[slot].chunk == b->chunk && b->templates[slot].at != at)
		slot = (slot + 1) & (BINXML_TEMPLATES - 1);
	struct binxml_template *t = &b->templates[slot];
	if (t->chunk != b->chunk) {
		if (b->template_count >= BINXML_TEMPLATES / 2 || b->node_count >= NODES_OF_TEMPLATES)
			return binxml_over(b);
		b->template_count++;
		*t = (struct binxml_template){ b->chunk, at, 0, 0 };
		uint32_t size = le32(b->bytes + at + 20), room = b->size - at - DEFINITION,
			 nodes = b->node_count;
		struct cursor c = { b, at + DEFINITION, at + DEFINITION + MIN(size, room), true };
		ptrdiff_t text = b->fixed.len;
		int depth = b->depth;
		b->depth = 0;
		bool ok = read_root(&c, &t->root);
		b->depth = depth;
		if (!ok) { /* what was read of it goes */
			t->root = 0;
			b->node_count = nodes;
			b->fixed.len = text;
			b->fixed.over = false;
			return false;
		}
		t->nodes = b->node_count - nodes;
	}
	out_piece->root = t->root;
	return t->root != 0 ? binxml_step(b, t->nodes) : binxml_refuse(b, at, "its template cannot be read");
}

/* Descriptors, then the values one behind the other. */
static bool read_values(struct cursor *c, struct binxml_values *out_values)
{
	struct binxml *b = c->b;
	if (!have(c, 4))
		return short_of(c);
	uint32_t count = le32(b->bytes + c->at);
	if (count > (c->end - c->at - 4) / 4)
		return binxml_refuse(b, c->at, "it claims more values than it has room for");
	if (count > BINXML_VALUES - b->value_count || !binxml_step(b, count + (c->end - c->at) / STEP_BYTES))
		return binxml_over(b);
	const uint8_t *descriptor = b->bytes + c->at + 4;
	struct binxml_value *values = b->values + b->value_count;
	c->at += 4 + 4 * count;
	for (uint32_t i = 0; i < count; i++, descriptor += 4) {
		uint32_t size = le16(descriptor), got = MIN(size, c->end - c->at);
		values[i] = value_made(descriptor[2], b->bytes + c->at, got);
		b->partial |= got < size;
		c->at += got;
	}
	b->value_count += count;
	*out_values = (struct binxml_values){ values, count };
	return true;
}

static bool read_instance(struct cursor *c, struct binxml_piece *out_piece)
{
	struct binxml *b = c->b;
	if (!have(c, 9))
		return short_of(c);
	uint32_t id = le32(b->bytes + c->at + 1), at = le32(b->bytes + c->at + 5);
	if (at > b->size || b->size - at < DEFINITION)
		return binxml_refuse(b, c->at, "its template lies outside of the chunk");
	if (b->strict && le32(b->bytes + at + 4) != id)
		return binxml_refuse(b, c->at, "its template was overwritten");
	c->at += 9;
	if (c->at == at) {
		uint32_t size = le32(b->bytes + at + 20);
		if (!have(c, DEFINITION) || size > c->end - c->at - DEFINITION)
			return short_of(c);
		c->at += DEFINITION + size;
	}
	return find_template(b, at, out_piece) && read_values(c, &out_piece->values);
}

/* Fragment headers and processing instructions before an element. */
static bool skip_prologue(struct cursor *c)
{
	for (;;) {
		uint8_t token = peek(c);
		if (token == TOKEN_FRAGMENT && have(c, 4)) {
			c->at += 4;
		} else if (token == TOKEN_PI_TARGET || token == TOKEN_PI_DATA) {
			c->at++;
			if (!skip_instruction(c, token))
				return false;
		} else {
			return token != TOKEN_END;
		}
	}
}

bool binxml_next_piece(struct binxml *b, uint32_t *at, uint32_t end, struct binxml_piece *out_piece)
{
	struct cursor c = { b, *at, end, false };
	struct binxml_piece piece = { .nodes = b->node_count, .text = b->fixed.len };
	if (b->trouble != NULL || !skip_prologue(&c))
		return false;
	bool ok;
	if (peek(&c) == TOKEN_TEMPLATE) {
		c.at++;
		ok = read_instance(&c, &piece);
	} else {
		piece.scratch = true;
		ok = read_root(&c, &piece.root);
	}
	*at = c.at;
	if (ok)
		*out_piece = piece;
	else
		binxml_release(b, &piece);
	return ok;
}

void binxml_release(struct binxml *b, const struct binxml_piece *piece)
{
	b->value_count -= piece->values.count;
	if (!piece->scratch)
		return;
	b->node_count = piece->nodes;
	b->fixed.len = piece->text;
	b->fixed.over = false;
}

bool binxml_record(struct binxml *b, uint32_t at, uint32_t end, bool strict)
{
	struct binxml_piece piece;
	int64_t steps = MIN(record_steps, MAX(b->chunk_steps, least_steps));
	b->steps = steps;
	b->strict = strict;
	b->trouble = NULL;
	b->partial = b->limit = false;
	b->value_count = 0;
	b->depth = 0;
	b->out.len = 0;
	b->out.reals = 0;
	b->out.over = false;
	if (b->chunk_text <= 0)
		return binxml_over(b);
	if (binxml_next_piece(b, &at, end, &piece)) {
		binxml_write(b, &piece);
		binxml_release(b, &piece);
	}
	if (b->trouble == NULL && b->out.len == 0 && !b->out.over)
		binxml_refuse(b, at, "it is empty");
	if (b->out.over)
		binxml_over(b);
	b->chunk_steps -= steps - b->steps;
	b->chunk_text -= b->out.len + b->out.reals * REAL_TEXT;
	return b->trouble == NULL;
}
