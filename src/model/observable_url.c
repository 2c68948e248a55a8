#include "model/observable_url.h"

#include <stdio.h>
#include "model/host_name.h"

enum { USERINFO_MAX = 256 };

struct scheme { const char *written, *canonical; int port; };

static const struct scheme schemes[] = {
	{ "http", "http", 80 },    { "hxxp", "http", 80 },    { "htxp", "http", 80 },
	{ "hxtp", "http", 80 },    { "https", "https", 443 }, { "hxxps", "https", 443 },
	{ "htxps", "https", 443 }, { "hxtps", "https", 443 }, { "ftp", "ftp", 21 },
	{ "fxp", "ftp", 21 },      { "ftps", "ftps", 990 },   { "fxps", "ftps", 990 },
	{ "sftp", "sftp", 22 },    { "ws", "ws", 80 },        { "wss", "wss", 443 },
	{ "ldap", "ldap", 389 },   { "ldaps", "ldaps", 636 },
};

str observable_url_safe_scheme(str scheme)
{
	static const struct { const char *scheme, *safe; } table[] = {
		{ "http", "hxxp" }, { "https", "hxxps" }, { "ftp", "fxp" }, { "ftps", "fxps" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(table); i++)
		if (str_eq_nocase(scheme, str_from(table[i].scheme)))
			return str_from(table[i].safe);
	return (str){ 0 };
}

static const struct scheme *find_scheme(str written)
{
	for (ptrdiff_t i = 0; i < COUNTOF(schemes); i++)
		if (str_eq_nocase(written, str_from(schemes[i].written)))
			return &schemes[i];
	return NULL;
}

/* "://" in one of its forms: where it ends, or -1. */
static ptrdiff_t scheme_end(const struct scan *s, const struct word *r)
{
	ptrdiff_t at = r->end + r->after.len;
	if (r->after.code == UNIT_SCHEME_END)
		return at;
	bool slashes = r->after.code == ':' && str_starts(str_sub(s->text, at, at + 2), S("//"));
	return slashes ? at + 2 : -1;
}

/* The letters and digits that end the word. */
static str last_letters(const struct scan *s, const struct word *r)
{
	ptrdiff_t from = r->end;
	while (from > r->at[0] && written_is_alnum((unsigned char)s->text.ptr[from - 1]))
		from--;
	return str_sub(s->text, from, r->end);
}

ptrdiff_t observable_url_find(const struct scan *s, const struct word *r)
{
	if ((r->after.code != ':' && r->after.code != UNIT_SCHEME_END) || scheme_end(s, r) < 0)
		return -1;
	str written = last_letters(s, r);
	return find_scheme(written) ? written.ptr - s->text.ptr : -1;
}

/* Ends a URL wherever it stands: blanks, quotes, brackets of markup, sentence marks of other scripts. */
static bool ends_url(uint32_t c)
{
	static const uint16_t wide[] = {
		0x85,   0xA0,   0xAB,   0xBB,   0x060C, 0x061B, 0x061F, 0x06D4,
		0x0964, 0x1680, 0x202F, 0x205F, 0x2039, 0x203A, 0x3000, 0x3001,
		0x3002, 0xFF08, 0xFF09, 0xFF0C, 0xFF1B, 0xFEFF, 0xFFFD,
	};
	if (c < 0x80)
		return c <= ' ' || c == 0x7F || c == '"' || c == '<' || c == '>' || c == '`' || c == '\\' ||
		       c == '|';
	for (ptrdiff_t i = 0; i < COUNTOF(wide); i++)
		if (c == wide[i])
			return true;
	return c < 0xA0 || (c >= 0x2000 && c <= 0x200F) || (c >= 0x2018 && c <= 0x201F) ||
	       (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || (c >= 0x3008 && c <= 0x3011) ||
	       c == UNIT_END || c == UNIT_BAD;
}

static void value_percent(struct scan *s, str bytes)
{
	static const char hex[] = "0123456789ABCDEF";
	for (ptrdiff_t i = 0; i < bytes.len; i++) {
		unsigned char b = (unsigned char)bytes.ptr[i];
		scan_value_char(s, '%');
		scan_value_char(s, hex[b >> 4]);
		scan_value_char(s, hex[b & 15]);
	}
}

static void value_unit(struct scan *s, struct unit u, ptrdiff_t at, bool in_path)
{
	bool wide = (unsigned char)s->text.ptr[at] >= 0x80;
	if (u.code == UNIT_SCHEME_END)
		scan_value_str(s, S("://"));
	else if (u.code == ':' && u.form == UNIT_BRACKETED && in_path)
		/* nobody writes so in a path: it is part of it */
		scan_value_str(s, S("[:]"));
	else if (u.code >= 0x80 || (wide && in_path))           /* a wide dot is no dot in a path */
		value_percent(s, str_sub(s->text, at, at + u.len));
	else
		scan_value_char(s, (char)u.code);
}

/* user:password@, if the authority has one; it belongs to the value.  Returns where the host starts. */
static ptrdiff_t scan_userinfo(struct scan *s, ptrdiff_t at)
{
	ptrdiff_t host = at, i = at;
	uint32_t before = '/';
	for (int n = 0; n < USERINFO_MAX; n++) {
		struct unit u = written_read(s->text, i, before);
		bool blank = i < s->text.len && s->text.ptr[i] == ' ';
		if (blank || ends_url(u.code) || u.code == '/' || u.code == '?' || u.code == '#' ||
		    u.code == UNIT_SCHEME_END)
			break;
		before = u.code;
		i += u.len;
		if (u.code == '@')
			host = i;
	}
	for (before = '/'; at < host;) {
		struct unit u = written_read(s->text, at, before);
		value_unit(s, u, at, false);
		before = u.code;
		at += u.len;
	}
	return host;
}

/* A host as a value, and what to report of it. */
struct url_host {
	enum observable_type type;
	char      text[HOST_NAME_MAX_LENGTH + 1];
	int       len;
	ptrdiff_t at, end;
};

static bool read_v6_host(struct scan *s, ptrdiff_t at, struct url_host *h)
{
	struct v6_text v;
	struct ip ip;
	struct err err;
	ptrdiff_t until = s->v6_until;
	word_read_v6(s, at + 1, '[', &v);
	s->v6_until = until;                            /* if it is no URL, it may still be an address */
	ptrdiff_t close = v.at[v.len];
	if (close >= s->text.len || s->text.ptr[close] != ']' || !ip_parse((str){ v.text, v.len }, &ip, &err))
		return false;
	h->type = ip_is_v4(ip) ? OBSERVABLE_IPV4 : OBSERVABLE_IPV6;
	h->len = ip_write(ip, h->text);
	h->at = at + 1;
	h->end = close;
	return true;
}

static bool read_url_host(struct scan *s, ptrdiff_t at, struct url_host *h)
{
	struct ip ip;
	struct host_name name;
	if (at < s->text.len && s->text.ptr[at] == '[' && read_v6_host(s, at, h))
		return true;
	struct word *r = &s->host;
	word_read(s, at, '/', r);
	if (r->over || r->count == 0)
		return false;
	h->at = at;
	if (word_is_v4(r, 0, r->count, &ip)) {
		h->type = OBSERVABLE_IPV4;
		h->len = ip_write(ip, h->text);
		h->end = r->end;
		return true;
	}
	if (observable_url_find(s, r) >= 0)             /* "http://x.ftp://y": the second is the link */
		return false;
	if (host_name_read(r->code, r->count, true, &name) != HOST_NAME || name.from != 0)
		return false;
	h->type = OBSERVABLE_DOMAIN;
	h->len = name.len;
	memcpy(h->text, name.text, (size_t)name.len);
	h->end = r->at[name.to];
	return true;
}

static void value_host(struct scan *s, const struct url_host *h)
{
	if (h->type == OBSERVABLE_IPV6)
		scan_value_char(s, '[');
	scan_value_str(s, (str){ h->text, h->len });
	if (h->type == OBSERVABLE_IPV6)
		scan_value_char(s, ']');
}

/* ":8080" at `at`; the default port is left out.  Returns where the path starts. */
static ptrdiff_t scan_port(struct scan *s, const struct scheme *scheme, ptrdiff_t at)
{
	struct unit u = written_read(s->text, at, 'a');
	if (u.code != ':')
		return at;
	int port = 0, digits = 0;
	ptrdiff_t i = at + u.len;
	uint32_t before = ':';
	for (;; digits++) {
		u = written_read(s->text, i, before);
		if (!word_is_digit(u.code) || digits == 5)
			break;
		port = port * 10 + (int)(u.code - '0');
		before = u.code;
		i += u.len;
	}
	bool good = port <= UINT16_MAX && !word_is_label(u.code) && (digits > 0 || u.code == '/');
	if (!good)
		return at;
	char text[8];
	if (digits > 0 && port != scheme->port)
		scan_value_str(s, (str){ text, snprintf(text, sizeof(text), ":%d", port) });
	return i;
}

/* What a path may end in without its belonging to it. */
static bool is_trailing(uint32_t c)
{
	return c == '.' || c == ',' || c == ';' || c == ':' || c == '!' || c == '?' || c == '\'' || c == '*';
}

struct path {
	ptrdiff_t end;                  /* of what belongs to it */
	int       value_len;
};

static bool opens(uint32_t c)
{
	return c == '(' || c == '[' || c == '{';
}

static bool closes(uint32_t c)
{
	return c == ')' || c == ']' || c == '}';
}

/* From '/', '?' or '#' to the end.  A closing bracket belongs to it only if it was opened in it. */
static ptrdiff_t scan_path(struct scan *s, ptrdiff_t at, uint32_t before)
{
	struct path good = { at, s->value_len };
	int depth = 0;
	for (;;) {
		struct unit u = written_read(s->text, at, before);
		/* also one that starts a spelled-out dot */
		bool blank = at < s->text.len && s->text.ptr[at] == ' ';
		if (blank || ends_url(u.code))
			break;
		depth += opens(u.code) - closes(u.code);
		if (depth < 0)
			break;
		value_unit(s, u, at, true);
		before = u.code;
		at += u.len;
		if (!is_trailing(u.code))
			good = (struct path){ at, s->value_len };
	}
	s->value_len = good.value_len;
	return good.end;
}

/* "example.com./": a dot at the end of a full name. */
static ptrdiff_t skip_root_dot(const struct scan *s, ptrdiff_t at)
{
	struct unit u = written_read(s->text, at, 'a');
	if (u.code != '.')
		return at;
	uint32_t next = written_read(s->text, at + u.len, '.').code;
	return next == '/' || next == ':' || next == '?' || next == '#' ? at + u.len : at;
}

/* Returns where to go on: if there is no host, behind "://". */
static ptrdiff_t scan_link(struct scan *s, const struct scheme *scheme, ptrdiff_t at, ptrdiff_t authority)
{
	struct url_host host;
	scan_value_start(s);
	scan_value_str(s, str_from(scheme->canonical));
	scan_value_str(s, S("://"));
	ptrdiff_t host_at = scan_userinfo(s, authority);
	if (!read_url_host(s, host_at, &host)) {
		scan_emit(s,
			  (struct scan_found){ .at = at, .end = authority, .link = true, .doubtful = true });
		return authority;
	}
	value_host(s, &host);
	ptrdiff_t host_end =
		skip_root_dot(s, host.end + (host.type == OBSERVABLE_IPV6 || s->text.ptr[host_at] == '['));
	ptrdiff_t path_at = scan_port(s, scheme, host_end), end = path_at;
	uint32_t next = written_read(s->text, end, 'a').code;
	if (next != '/')
		scan_value_char(s, '/');
	if (next == '/' || next == '?' || next == '#')
		end = scan_path(s, end, 'a');
	scan_emit(s, (struct scan_found){
		.type = OBSERVABLE_URL, .value = scan_value(s), .at = at, .end = end, .link = true,
		.guard_at = authority, .guard_end = path_at,
	});
	scan_emit(s,
	     (struct scan_found){
		     .type = host.type, .value = { host.text, host.len }, .at = host.at, .end = host.end });
	return end;
}

ptrdiff_t observable_url_scan(struct scan *s, ptrdiff_t at)
{
	const struct scheme *scheme = find_scheme(str_sub(s->text, at, s->word.end));
	ASSERT(scheme != NULL);
	return scan_link(s, scheme, at, scheme_end(s, &s->word));
}
