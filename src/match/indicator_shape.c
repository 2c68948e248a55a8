/* indicator_shape.c - URLs, and texts whose shape says what they are. */
#include "match/indicator_probe.h"

static void add_url(struct batch *b, const struct url *u, str key)
{
	struct lookup *l =
		batch_add(b, INDICATOR_URL, hash_text(b->in->head->secret, INDICATOR_URL, key.ptr, key.len));
	l->key = key.ptr;
	l->len = (uint32_t)key.len;
	l->host = u->text + u->host;
	l->host_len = (uint8_t)(u->host_end - u->host);
}

static str part(const struct url *u, int from, int to)
{
	return (str){ u->text + from, to - from };
}

/* host/path without the port, written behind the URL; then without the query. */
static void add_host_path(struct batch *b, const struct url *u, int authority, char *room)
{
	bool whole = !u->cut, query = u->query < u->len;
	str host = part(u, authority, u->authority_end);
	if (whole)
		add_url(b, u, part(u, authority, u->len));
	if (query)
		add_url(b, u, part(u, authority, u->query));
	if (!u->has_port)
		return;
	while (host.ptr[host.len - 1] != ':')
		host.len--;
	host.len--;
	str path = part(u, u->path, u->len);
	memcpy(room, host.ptr, (size_t)host.len);
	memcpy(room + host.len, path.ptr, (size_t)path.len);
	if (whole)
		add_url(b, u, (str){ room, host.len + path.len });
	if (query)
		add_url(b, u, (str){ room, host.len + u->query - u->path });
}

/* All that an indicator may be of it: the URL, its server, host/path and the path alone. */
static void add_forms(struct batch *b, struct url *u, char *room)
{
	int authority = 0;
	if (u->scheme) {
		authority = (int)str_find(part(u, 0, u->len), S("://")) + 3;
		add_url(b, u, part(u, 0, u->authority_end));
	}
	if (!u->has_path && !u->cut) {
		u->text[u->len++] = '/';
		u->query = u->len;
	}
	if (u->scheme && !u->cut)
		add_url(b, u, part(u, 0, u->len));
	if (u->cut && u->query == u->len)
		return; /* not even its path is whole */
	if (u->authority_end > 0)
		add_host_path(b, u, authority, room);
	if (!u->cut)
		add_url(b, u, part(u, u->path, u->len));
	if (u->query < u->len)
		add_url(b, u, part(u, u->path, u->query));
}

void probe_url(struct batch *b, str text, int port)
{
	enum { ROOM = VALUE_MAX + TEXT_PAD };
	uint32_t start = b->from;
	struct url u = { .text = batch_room(b, 2 * ROOM) };
	if (!value_url(text, &u)) {
		if (str_find_char(text, '/') < 0)
			probe_host(b, text, port);
		return;
	}
	if (batch_wants(b, INDICATOR_URL)) {
		add_forms(b, &u, u.text + ROOM);
		b->used += u.has_port ? 2 * ROOM : u.len + TEXT_PAD;
	}
	if (u.authority_end == 0)
		return;
	b->from = start + (uint32_t)u.from;
	b->to = start + (uint32_t)u.to;
	if (u.is_ip)
		probe_address(b, u.ip, u.port >= 0 ? u.port : port);
	else
		probe_host(b, str_sub(text, u.from, u.to), -1);
}

/* ---- by shape */

enum { DOT = 1, COLON = 2, SLASH = 4, AT = 8, BAD = 16, SMALL = 32, NO_HEX = 64 };

static unsigned shape_of(str text)
{
	static const uint8_t class[256] = {
		[0 ... 32] = BAD,
		['"'] = BAD,
		['\''] = BAD,
		['\\'] = BAD,
		['<'] = BAD,
		['>'] = BAD,
		['{'] = BAD,
		['}'] = BAD,
		['|'] = BAD,
		['^'] = BAD,
		['`'] = BAD,
		['('] = BAD,
		[')'] = BAD,
		[','] = BAD,
		[';'] = BAD,
		['*'] = BAD,
		[127] = BAD,
		['.'] = DOT,
		[':'] = COLON,
		['/'] = SLASH,
		['@'] = AT,
		['g' ... 'z'] = NO_HEX,
		['G' ... 'Z'] = NO_HEX,
		[128 ... 255] = NO_HEX,
		['-'] = NO_HEX,
		['_'] = NO_HEX,
		['!'] = NO_HEX,
		['#'] = NO_HEX,
		['$'] = NO_HEX,
		['%'] = NO_HEX,
		['&'] = NO_HEX,
		['+'] = NO_HEX,
		['='] = NO_HEX,
		['?'] = NO_HEX,
		['~'] = NO_HEX,
		['['] = NO_HEX,
		[']'] = NO_HEX,
	};
	unsigned shape = 0;
	ptrdiff_t i = 0;
	/* most texts are refused within their first eight bytes, or not at all */
	for (; i + 8 <= text.len && !(shape & BAD); i += 8)
		for (int k = 0; k < 8; k++)
			shape |= class[(uint8_t)text.ptr[i + k]];
	for (; i < text.len && !(shape & BAD); i++)
		shape |= class[(uint8_t)text.ptr[i]];
	return shape;
}

void probe_any(struct batch *b, str text, int port)
{
	struct ip ip;
	int seen = port;
	if (text.len < 3 || (text.len > 4 * VALUE_MAX && !value_has_scheme(text)))
		return;
	unsigned shape = shape_of(text);
	if ((shape & BAD) && !value_has_scheme(text))
		return;
	if (shape & (SLASH | BAD)) {
		ptrdiff_t slash = str_find_char(text, '/');
		/* a path alone may be one of a file: PROBE_URL says that it is none */
		if (slash > 2 && (text.ptr[slash - 1] == ':' || text.ptr[0] == '[' ||
				  memchr(text.ptr, '.', (size_t)slash) != NULL))
			probe_url(b, text, port);
		return;
	}
	if (shape & AT) {
		probe_mail_at(b, text, b->from);
		return;
	}
	if (shape & COLON) {
		if (value_ip(text, &ip) || value_ip_port(text, &ip, &seen))
			probe_address(b, ip, seen);
		else if (shape & DOT)
			probe_host(b, text, port);
		return;
	}
	if (shape & DOT)
		probe_host(b, text, port);
	else if (!(shape & NO_HEX) && value_hash_kind(text) >= 0)
		probe_lower(b, (unsigned)value_hash_kind(text), text);
	else if (text.len == 36 && value_is_ja4(text))
		probe_lower(b, INDICATOR_JA4, text);
}
