#include "watch/decoders.h"
#include "base/text.h"

/* The XML of Windows events: elements, attributes, text.  Namespaces, comments and declarations are passed
 * over; there are no entities but the five and numbers. */
enum { XML_DEEP = 16, XML_NODES = 500 };

/* An element, or an attribute below "#attributes".  Places in the table; 0 is the root, and no child. */
struct node { str name, text; int first, last, next; bool written; };
struct xml {
	str           s;
	ptrdiff_t     at;
	struct pairs *p;                /* its scratch holds what had entities */
	struct node   nodes[XML_NODES];
	int           count;
};

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
	       || (unsigned char)c >= 0x80 || c == '_' || c == '-' || c == '.' || c == ':';
}

static str name(struct xml *x)
{
	ptrdiff_t from = x->at;
	while (x->at < x->s.len && name_char(x->s.ptr[x->at]))
		x->at++;
	return str_sub(x->s, from, x->at);
}

static void blanks(struct xml *x)
{
	while (x->at < x->s.len && (unsigned char)x->s.ptr[x->at] <= ' ')
		x->at++;
}

static bool starts(const struct xml *x, str with)
{
	return str_starts(str_sub(x->s, x->at, x->s.len), with);
}

/* &#x41; as a number; -1 if it is none */
static int64_t reference(str digits)
{
	bool hex = str_starts_nocase(digits, S("x"));
	int64_t n = 0;
	for (ptrdiff_t i = hex; i < digits.len && n < 0x110000; i++) {
		int d = digits.ptr[i] | 0x20;
		d = d >= '0' && d <= '9' ? d - '0' : hex && d >= 'a' && d <= 'f' ? d - 'a' + 10 : -1;
		if (d < 0)
			return -1;
		n = n * (hex ? 16 : 10) + d;
	}
	return digits.len > hex && n > 0 && n < 0x110000 && (n < 0xd800 || n > 0xdfff) ? n : -1;
}

/* Text with its entities resolved. */
static str plain(struct xml *x, str raw)
{
	static const struct { const char *name; char c; } names[] = {
		{ "lt", '<' }, { "gt", '>' }, { "amp", '&' }, { "quot", '"' }, { "apos", '\'' },
	};
	char *text, *at;
	if (str_find_char(raw, '&') < 0 || (text = pairs_room(x->p, raw.len)) == NULL)
		return raw;
	at = text;
	for (ptrdiff_t i = 0; i < raw.len; i++) {
		str rest = str_sub(raw, i + 1, i + 12);
		ptrdiff_t end = raw.ptr[i] == '&' ? str_find_char(rest, ';') : -1;
		str entity = str_sub(rest, 0, end);
		int64_t c = end > 1 && entity.ptr[0] == '#' ? reference(str_sub(entity, 1, end)) : -1;
		for (ptrdiff_t j = 0; end > 0 && j < COUNTOF(names); j++)
			if (str_eq(entity, str_from(names[j].name)))
				c = names[j].c;
		if (c < 0) {
			*at++ = raw.ptr[i];
			continue;
		}
		at += text_put_utf8(at, (uint32_t)c);
		i += end + 1;
	}
	pairs_keep(x->p, at);
	return (str){ text, at - text };
}

/* name="value" of a start tag, without xmlns; false at its end. */
static bool attribute(struct xml *x, str *out_name, str *out_value)
{
	blanks(x);
	*out_name = name(x);
	if (out_name->len == 0)
		return false;
	blanks(x);
	if (!starts(x, S("=")))
		return false;
	x->at++;
	blanks(x);
	char quote = x->at < x->s.len ? x->s.ptr[x->at] : '\0';
	if (quote != '"' && quote != '\'')
		return false;
	str rest = str_sub(x->s, x->at + 1, x->s.len);
	ptrdiff_t end = str_find_char(rest, quote);
	if (end < 0)
		return false;
	*out_value = plain(x, str_sub(rest, 0, end));
	x->at += end + 2;
	return true;
}

static int add_node(struct xml *x, int parent, str node_name, str text)
{
	int n = x->count;
	struct node *up = &x->nodes[parent];
	if (n == XML_NODES)
		return -1;
	x->nodes[x->count++] = (struct node){ .name = node_name, .text = text };
	if (n == parent)
		return n;
	if (up->first == 0)
		up->first = n;
	else
		x->nodes[up->last].next = n;
	up->last = n;
	return n;
}

/* A start tag, behind its <; *out_closed: it has no content.  The Name of Data becomes its name. */
static int start_tag(struct xml *x, int parent, bool *out_closed)
{
	str key, value, tag = name(x);
	int n = tag.len > 0 ? add_node(x, parent, tag, S("")) : -1, attributes = 0;
	while (n >= 0 && attribute(x, &key, &value)) {
		if (str_starts(key, S("xmlns")))
			continue;
		if (str_eq(tag, S("Data")) && str_eq(key, S("Name"))) {
			x->nodes[n].name = value.len > 0 ? value : tag;
			continue;
		}
		if (attributes == 0)
			attributes = add_node(x, n, S("#attributes"), S(""));
		if (attributes < 0 || add_node(x, attributes, key, value) < 0)
			return -1;
	}
	blanks(x);
	*out_closed = starts(x, S("/>"));
	if (!*out_closed && !starts(x, S(">")))
		return -1;
	x->at += *out_closed ? 2 : 1;
	return n;
}

/* The text up to the next tag; what is a CDATA section stands as it is. */
static str text_here(struct xml *x)
{
	ptrdiff_t from = x->at, end;
	if (starts(x, S("<![CDATA["))) {
		str rest = str_sub(x->s, x->at + 9, x->s.len);
		end = str_find(rest, S("]]>"));
		x->at = end < 0 ? x->s.len : x->at + 9 + end + 3;
		return str_sub(rest, 0, end < 0 ? rest.len : end);
	}
	end = str_find_char(str_sub(x->s, from, x->s.len), '<');
	x->at = end < 0 ? x->s.len : from + end;
	return plain(x, str_sub(x->s, from, x->at));
}

/* Text beside elements is white space between tags. */
static void take_text(struct xml *x, int n)
{
	str text = text_here(x), old = x->nodes[n].text;
	if (old.len == 0)
		x->nodes[n].text = text;
	else if (text.len > 0)
		x->nodes[n].text = pairs_key(x->p, old, text);
}

/* <!-- .. -->, <? .. ?>, <!DOCTYPE ..>: passed over.  False if it is none of them. */
static bool passed_over(struct xml *x)
{
	str end = starts(x, S("<!--")) ? S("-->") : starts(x, S("<?")) ? S("?>") : S(">");
	if (starts(x, S("<![CDATA[")) || (!starts(x, S("<!")) && !starts(x, S("<?"))))
		return false;
	ptrdiff_t at = str_find(str_sub(x->s, x->at, x->s.len), end);
	x->at = at < 0 ? x->s.len : x->at + at + end.len;
	return true;
}

/* From the root's < on, to its end tag.  An end tag of another name is taken as this one's. */
static bool read_tree(struct xml *x)
{
	int open[XML_DEEP], depth = 0;
	do {
		bool closed;
		if (depth > 0 && (x->at >= x->s.len || x->s.ptr[x->at] != '<' || starts(x, S("<![CDATA[")))) {
			if (x->at >= x->s.len)
				return false;
			take_text(x, open[depth - 1]);
		} else if (passed_over(x)) {
			continue;
		} else if (starts(x, S("</"))) {
			ptrdiff_t end = str_find_char(str_sub(x->s, x->at, x->s.len), '>');
			if (end < 0)
				return false;
			x->at += end + 1;
			depth--;
		} else {
			x->at++;
			int n = start_tag(x, depth > 0 ? open[depth - 1] : 0, &closed);
			if (n < 0 || depth == XML_DEEP)
				return false;
			if (!closed)
				open[depth++] = n;
		}
	} while (depth > 0);
	return true;
}

/* Names of one event begin alike: the last byte tells most of them apart. */
static bool same_name(const struct xml *x, int a, int b)
{
	str m = x->nodes[a].name, n = x->nodes[b].name;
	return m.len == n.len && m.ptr[m.len - 1] == n.ptr[n.len - 1]
	       && memcmp(m.ptr, n.ptr, (size_t)m.len) == 0;
}

static void write_node(struct xml *x, struct json_out *o, int n, int depth);

/* All children of one name, as one member. */
static void write_member(struct xml *x, struct json_out *o, int first, int depth)
{
	int more = x->nodes[first].next;
	while (more != 0 && !same_name(x, more, first))
		more = x->nodes[more].next;
	json_out_key(o, x->nodes[first].name);
	json_out_raw(o, more != 0 ? S("[") : S(""));
	for (int i = first; i != 0; i = i == first ? more : x->nodes[i].next) {
		if (i != first && !same_name(x, i, first))
			continue;
		json_out_raw(o, i == first ? S("") : S(","));
		write_node(x, o, i, depth + 1);
		x->nodes[i].written = true;
	}
	json_out_raw(o, more != 0 ? S("]") : S(""));
}

static void write_node(struct xml *x, struct json_out *o, int n, int depth)
{
	const struct node *node = &x->nodes[n];
	if (node->first == 0 || depth > XML_DEEP + 2) {
		json_out_text(o, node->text);
		return;
	}
	json_out_raw(o, S("{"));
	for (int i = node->first; i != 0; i = x->nodes[i].next)
		if (!x->nodes[i].written)
			write_member(x, o, i, depth);
	if (str_trim(node->text).len > 0) {
		json_out_key(o, S("#text"));
		json_out_text(o, node->text);
	}
	json_out_end(o);
}

bool decode_event_xml(struct pairs *p, str text, struct json_out *o)
{
	struct xml x;
	x.s = str_trim(text);
	x.at = 0;
	x.p = p;
	x.count = 0;
	while (x.at < x.s.len && passed_over(&x))
		blanks(&x);
	if (!starts(&x, S("<Event")) || starts(&x, S("<Events")) || !read_tree(&x))
		return false;
	json_out_raw(o, S("{"));
	json_out_key(o, x.nodes[0].name);
	write_node(&x, o, 0, 0);
	json_out_end(o);
	return true;
}
