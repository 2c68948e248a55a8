#include "match/indicator_value.h"
#include "base/text.h"

enum { SCHEME_MAX = 15 };

static bool is_alnum(char c)
{
	return (unsigned char)((c | 32) - 'a') < 26 || (unsigned char)(c - '0') < 10;
}

/* Length of the scheme before ://, or -1 */
static ptrdiff_t scheme_length(str text)
{
	ptrdiff_t n = 0;
	while (n < text.len && n <= SCHEME_MAX &&
	       (is_alnum(text.ptr[n]) || text.ptr[n] == '+' || text.ptr[n] == '-' || text.ptr[n] == '.'))
		n++;
	bool ends =
		n + 2 < text.len && text.ptr[n] == ':' && text.ptr[n + 1] == '/' && text.ptr[n + 2] == '/';
	return n > 0 && n <= SCHEME_MAX && ends ? n : -1;
}

bool value_has_scheme(str text)
{
	return scheme_length(text) > 0;
}

static int default_port(str scheme)
{
	static const struct {
		const char *name;
		int port;
	} known[] = {
		{ "http", 80 }, { "https", 443 }, { "ftp", 21 }, { "ws", 80 }, { "wss", 443 },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(known); i++)
		if (str_eq(scheme, str_from(known[i].name)))
			return known[i].port;
	return -1;
}

static bool put(struct url *u, char c)
{
	if (u->len >= VALUE_MAX) {
		u->cut = true;
		return false;
	}
	u->text[u->len++] = c;
	return true;
}

static void put_escaped(struct url *u, uint8_t c)
{
	static const char hex[] = "0123456789ABCDEF";
	if (put(u, '%') && put(u, hex[c >> 4]))
		put(u, hex[c & 15]);
}

/* RFC 3986 section 2.3 */
static bool is_unreserved(char c)
{
	return is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/* Escapes in upper case, and none where none is needed; blanks, controls and what is not ASCII escaped. */
static void put_path(struct url *u, str path)
{
	for (ptrdiff_t i = 0; i < path.len && !u->cut; i++) {
		char c = path.ptr[i];
		int high = c == '%' && i + 2 < path.len ? text_hex_value(path.ptr[i + 1]) : -1;
		int low = high >= 0 ? text_hex_value(path.ptr[i + 2]) : -1;
		if (low >= 0) {
			char meant = (char)(high << 4 | low);
			i += 2;
			if (is_unreserved(meant))
				put(u, meant);
			else
				put_escaped(u, (uint8_t)meant);
		} else if ((unsigned char)c <= ' ' || (unsigned char)c >= 0x7f || c == '"' || c == '<' ||
			   c == '>') {
			put_escaped(u, (uint8_t)c);
		} else {
			put(u, c);
		}
	}
}

/* RFC 3986 section 5.2.4 on text[from ..), which starts with a slash. */
static void remove_dot_segments(struct url *u, int from)
{
	int out = from;
	for (int in = from; in < u->len;) {
		int end = in + 1;
		while (end < u->len && u->text[end] != '/')
			end++;
		str segment = { u->text + in + 1, end - in - 1 };
		bool dot = str_eq(segment, S(".")), two = str_eq(segment, S(".."));
		if (two)
			while (out > from && u->text[--out] != '/')
				continue;
		if ((dot || two) && end == u->len)
			u->text[out++] = '/';
		if (!dot && !two) {
			memmove(u->text + out, u->text + in, (size_t)(end - in));
			out += end - in;
		}
		in = end;
	}
	u->len = out;
}

static void read_path(struct url *u, str rest)
{
	ptrdiff_t fragment = str_find_char(rest, '#');
	if (fragment >= 0)
		rest = str_sub(rest, 0, fragment);
	ptrdiff_t query = str_find_char(rest, '?');
	str path = query >= 0 ? str_sub(rest, 0, query) : rest;
	u->has_path = rest.len > 0;
	u->path = u->len;
	if (rest.len > 0 && path.len == 0)
		put(u, '/');
	put_path(u, path);
	for (int i = u->path; i + 1 < u->len; i++)
		if (u->text[i] == '/' && u->text[i + 1] == '.') {
			remove_dot_segments(u, u->path);
			break;
		}
	u->query = u->len;
	if (query >= 0)
		put_path(u, str_sub(rest, query, rest.len));
	if (u->cut)
		u->query = MIN(u->query, u->len);
}

/* 3520653040 and 0xd1d98a30 are addresses to programs that fetch: inet_aton */
static bool read_number(str host, struct ip *out)
{
	uint64_t v = 0;
	bool hex = host.len > 2 && host.ptr[0] == '0' && (host.ptr[1] | 32) == 'x';
	if (host.len < 8 || host.len > 10)
		return false;
	for (ptrdiff_t i = hex ? 2 : 0; i < host.len; i++) {
		int d = text_hex_value(host.ptr[i]);
		if (d < 0 || (!hex && d > 9))
			return false;
		v = v * (hex ? 16 : 10) + (uint64_t)d;
	}
	*out = (struct ip){
		{ [10] = 0xff, 0xff, (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v }
	};
	return v <= UINT32_MAX;
}

static bool put_host(struct url *u, str host)
{
	struct name n = { .text = u->text + u->len };
	u->is_ip = value_ip(host, &u->ip) || (u->scheme && read_number(host, &u->ip));
	if (u->is_ip) {
		bool v6 = !ip_is_v4(u->ip);
		if (v6)
			put(u, '[');
		u->host = u->len;
		u->len += value_write_ip(u->ip, u->text + u->len);
		u->host_end = u->len;
		if (v6)
			put(u, ']');
		return true;
	}
	if (!value_name(host, &n) || !value_is_name(&n) || (n.dots == 0 && !u->scheme))
		return false;
	u->host = u->len;
	u->len += n.len;
	u->host_end = u->len;
	return true;
}

/* user@host:port */
static bool read_authority(struct url *u, str text, str all)
{
	ptrdiff_t at = text.len;
	while (at > 0 && text.ptr[at - 1] != '@')
		at--;
	str host = str_sub(text, at, text.len);
	ptrdiff_t colon = host.len;
	while (colon > 0 && (unsigned char)(host.ptr[colon - 1] - '0') < 10)
		colon--;
	if (colon > 0 && host.ptr[colon - 1] == ':') {
		str digits = str_sub(host, colon, host.len);
		host = str_sub(host, 0, colon - 1);
		if (digits.len > 0 && !value_port(digits, &u->port))
			return false;
	}
	if (host.len == 0 || !put_host(u, host))
		return false;
	u->from = host.ptr - all.ptr;
	u->to = u->from + host.len;
	return true;
}

static ptrdiff_t authority_length(str text)
{
	ptrdiff_t n = 0;
	while (n < text.len && text.ptr[n] != '/' && text.ptr[n] != '?' && text.ptr[n] != '#')
		n++;
	return n;
}

bool value_url(str text, struct url *out)
{
	struct url u = { .text = out->text, .port = -1 };
	str rest = text;
	int usual = -1;
	if (text.len < 2)
		return false;
	ptrdiff_t scheme = text.ptr[0] == '/' ? -1 : scheme_length(text);
	if (scheme > 0) {
		value_lower(u.text, text.ptr, scheme);
		usual = default_port((str){ u.text, scheme });
		memcpy(u.text + scheme, "://", 3);
		u.len = (int)scheme + 3;
		u.scheme = true;
		rest = str_sub(text, scheme + 3, text.len);
	}
	if (text.ptr[0] != '/') {
		ptrdiff_t n = authority_length(rest);
		if (!read_authority(&u, str_sub(rest, 0, n), text))
			return false;
		rest = str_sub(rest, n, rest.len);
		/* without a scheme, the usual ports are as good as none */
		u.has_port =
			u.port >= 0 && u.port != usual && (scheme > 0 || (u.port != 80 && u.port != 443));
		if (u.has_port) {
			char digits[8];
			int n_digits = 0;
			for (int unit = 10000; unit > 0; unit /= 10)
				if (u.port >= unit || unit == 1)
					digits[n_digits++] = (char)('0' + u.port / unit % 10);
			put(&u, ':');
			for (int i = 0; i < n_digits; i++)
				put(&u, digits[i]);
		}
		if (u.port < 0)
			u.port = usual;
	}
	u.authority_end = u.len;
	read_path(&u, rest);
	if (!u.scheme && u.len - u.path < (u.path == 0 ? 2 : 1))
		return false; /* a host alone, or a slash */
	*out = u;
	return true;
}
