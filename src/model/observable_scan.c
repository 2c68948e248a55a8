#include "model/observable_scan.h"

#include <stdio.h>
#include "model/host_name.h"
#include "model/network.h"

enum {
	RUN_MAX = 320,                  /* longer words are no observables */
	LOCAL_PART_MAX = 64,            /* RFC 5321 section 4.5.3.1.1 */
	USERINFO_MAX = 256,
	VALUE_MAX = OBSERVABLE_URL_MAX + 16,
};

/* A word: labels of letters, digits, '-' and '_' with single dots between them. */
struct run {
	uint32_t    code[RUN_MAX];
	uint8_t     form[RUN_MAX];
	ptrdiff_t   at[RUN_MAX + 1];    /* where each unit starts; at[count] is the end */
	int         count, dots;
	bool        over;               /* too long: the rest was skipped */
	struct unit after;              /* the unit that ended it */
	ptrdiff_t   end;
};

struct scan {
	str        text;
	scan_sink *sink;
	void      *context;
	bool       stopped;
	ptrdiff_t  v6_until;            /* no IPv6 address starts before this */
	ptrdiff_t  local_until;         /* no at sign stands before this */
	struct run word, host;
	char       value[VALUE_MAX];
	int        value_len;
};

static bool is_digit(uint32_t c)
{
	return c - '0' < 10u;
}

static bool is_hex(uint32_t c)
{
	return is_digit(c) || (c | 32) - 'a' < 6u;
}

static char lower(uint32_t c)
{
	return (char)(c - 'A' < 26u ? c + 32 : c);
}

static bool starts_label(uint32_t c)
{
	return written_is_alnum(c) || c == '_' || (c >= 0x80 && c < UNIT_END && host_is_letter(c));
}

static bool is_label(uint32_t c)
{
	return starts_label(c) || c == '-';
}

static void emit(struct scan *s, struct scan_found found)
{
	if (!s->stopped && !s->sink(s->context, &found))
		s->stopped = true;
}

static void value_start(struct scan *s)
{
	s->value_len = 0;
}

/* Past the maximum the rest is dropped: only URLs can be so long, and they are cut. */
static void value_char(struct scan *s, char c)
{
	if (s->value_len < OBSERVABLE_URL_MAX)
		s->value[s->value_len++] = c;
}

static void value_str(struct scan *s, str text)
{
	for (ptrdiff_t i = 0; i < text.len; i++)
		value_char(s, text.ptr[i]);
}

static str value_now(const struct scan *s)
{
	return (str){ s->value, s->value_len };
}

/* --- words -------------------------------------------------------------------------------------------------- */

/* A letter of another script after one of this: "evil.example" in Urdu prose without a blank. */
static bool script_changes(uint32_t last_letter, uint32_t c)
{
	bool letter = (c | 32) - 'a' < 26u || c >= 0x80;
	return letter && last_letter != 0 && host_is_far_letter(c) != host_is_far_letter(last_letter);
}

static void read_run(const struct scan *s, ptrdiff_t at, uint32_t before, struct run *r)
{
	uint32_t last_letter = 0;
	r->count = r->dots = 0;
	r->over = false;
	for (;;) {
		struct unit u = written_read(s->text, at, before);
		bool dot = u.code == '.';
		bool goes_on = dot ? starts_label(written_read(s->text, at + u.len, '.').code) && is_label(before) :
			is_label(u.code) && !script_changes(last_letter, u.code);
		if (!goes_on) {
			r->after = u;
			break;
		}
		last_letter = dot ? 0 : (u.code | 32) - 'a' < 26u || u.code >= 0x80 ? u.code : last_letter;
		r->dots += dot;
		if (r->count < RUN_MAX) {
			r->code[r->count] = u.code;
			r->form[r->count] = (uint8_t)u.form;
			r->at[r->count++] = at;
		} else {
			r->over = true;
		}
		before = u.code;
		at += u.len;
	}
	r->at[r->count] = r->end = at;
}

/* The value of the digits at *i of the run, at most 10 of them without a leading zero; -1 if there are none. */
static int64_t run_number(const struct run *r, int *i)
{
	int from = *i;
	int64_t n = 0;
	while (*i < r->count && *i - from < 10 && is_digit(r->code[*i]))
		n = n * 10 + r->code[(*i)++] - '0';
	return *i == from || (r->code[from] == '0' && *i - from > 1) ? -1 : n;
}

static bool run_starts_nocase(const struct run *r, const char *lower_case)
{
	int i = 0;
	for (; lower_case[i] != '\0'; i++)
		if (i >= r->count || r->code[i] >= 0x80 || lower(r->code[i]) != lower_case[i])
			return false;
	return true;
}

/* --- IP addresses ------------------------------------------------------------------------------------------- */

/* "/24" behind an address: the number, and where it ends; -1 if it is none. */
static int read_prefix(const struct scan *s, ptrdiff_t at, int max, ptrdiff_t *end)
{
	struct unit u = written_read(s->text, at, '0');
	int n = 0, digits = 0;
	if (u.code != '/')
		return -1;
	uint32_t before = u.code;
	for (at += u.len;; at += u.len, digits++) {
		u = written_read(s->text, at, before);
		if (!is_digit(u.code) || digits == 3 || (digits == 1 && n == 0))
			break;
		n = n * 10 + (int)(u.code - '0');
		before = u.code;
	}
	bool dotted = u.code == '.' && is_label(written_read(s->text, at + u.len, '.').code);
	if (digits == 0 || n > max || is_label(u.code) || u.code == '/' || dotted)
		return -1;
	*end = at;
	return n;
}

/* An address that stands at [at, end), and what a length behind it makes of it.  Returns where to go on. */
static ptrdiff_t emit_ip(struct scan *s, struct ip ip, ptrdiff_t at, ptrdiff_t end)
{
	char text[NETWORK_TEXT_MAX + 1];
	bool v4 = ip_is_v4(ip);
	ptrdiff_t prefix_end = end;
	int full = v4 ? 32 : 128, prefix = read_prefix(s, end, full, &prefix_end);
	struct network n = network_of(ip, prefix < 0 ? 128 : prefix + 128 - full);
	bool is_network = prefix >= 0 && prefix < full, is_address = !is_network || ip_cmp(n.first, ip) != 0;
	struct scan_found found = { .at = at, .end = end, .guard_at = at, .guard_end = end };
	if (is_address) {
		found.type = v4 ? OBSERVABLE_IPV4 : OBSERVABLE_IPV6;
		found.value = (str){ text, ip_write(ip, text) };
		emit(s, found);
	}
	if (is_network) {
		found.type = OBSERVABLE_CIDR;
		found.value = (str){ text, network_write(n, text) };
		found.end = prefix_end;
		found.derived = is_address;             /* 10.1.2.3/24: an interface, and by the way its network */
		emit(s, found);
	}
	return prefix_end;
}

/* Four numbers that fill codes [from, to) of the word. */
static bool run_v4(const struct run *r, int from, int to, struct ip *out)
{
	*out = (struct ip){ { [10] = 0xff, [11] = 0xff } };
	int i = from;
	for (int n = 0; n < 4; n++) {
		if (n > 0 && (i >= to || r->code[i++] != '.'))
			return false;
		int64_t value = run_number(r, &i);
		if (i > to || value < 0 || value > 255)
			return false;
		out->b[12 + n] = (uint8_t)value;
	}
	return i == to;
}

/* Addresses in a word of digits, dots and hyphens: 192.0.2.1-192.0.2.9 is two.  -1 if it is no such word. */
static ptrdiff_t scan_numeric(struct scan *s, const struct run *r)
{
	struct ip ip;
	ptrdiff_t end = r->end;
	for (int i = 0; i < r->count; i++)
		if (!is_digit(r->code[i]) && r->code[i] != '.' && r->code[i] != '-')
			return -1;
	for (int from = 0, to; from < r->count; from = to + 1) {
		for (to = from; to < r->count && r->code[to] != '-';)
			to++;
		if (run_v4(r, from, to, &ip))
			end = MAX(end, emit_ip(s, ip, r->at[from], r->at[to]));
	}
	return end;
}

struct v6_text {
	char      text[64];
	ptrdiff_t at[65];               /* where each unit starts, and the end */
	int       len;
};

/* Hexadecimal digits, colons, and dots between digits. */
static void read_v6_text(struct scan *s, ptrdiff_t at, uint32_t before, struct v6_text *v)
{
	v->len = 0;
	for (;;) {
		struct unit u = written_read(s->text, at, before);
		v->at[v->len] = at;
		if (!(is_hex(u.code) || u.code == ':' || (u.code == '.' && is_digit(before))) || v->len == 64)
			break;
		v->text[v->len++] = (char)u.code;
		before = u.code;
		at += u.len;
	}
	s->v6_until = at;
}

/* Times, MAC addresses and the names of programmers have colons too. */
static bool plausible_v6(str text)
{
	int colons = 0, digits = 0, pairs = 0, group = 0;
	for (ptrdiff_t i = 0; i < text.len; i++) {
		bool colon = text.ptr[i] == ':';
		colons += colon;
		digits += is_digit((unsigned char)text.ptr[i]);
		pairs += colon && group == 2;
		group = colon ? 0 : group + 1;
	}
	bool octets = pairs == 7 && group == 2;         /* eight pairs: an EUI-64 or a part of a fingerprint */
	return digits > 0 && colons >= 2 && !octets;
}

static ptrdiff_t scan_v6(struct scan *s, ptrdiff_t at, uint32_t before)
{
	struct v6_text v;
	struct ip ip;
	struct err err;
	if (at < s->v6_until)
		return -1;
	read_v6_text(s, at, before, &v);
	bool at_end = v.len < 64;
	while (v.len > 2 && (v.text[v.len - 1] == '.' || (v.text[v.len - 1] == ':' && v.text[v.len - 2] != ':'))) {
		v.len--;                                /* punctuation of the sentence */
		at_end = true;
	}
	uint32_t after = v.len ? written_read(s->text, v.at[v.len], (unsigned char)v.text[v.len - 1]).code : UNIT_END;
	str text = { v.text, v.len };
	ptrdiff_t end;
	bool plausible = plausible_v6(text) || read_prefix(s, v.at[v.len], 128, &end) >= 0;
	if (!at_end || is_label(after) || !plausible || !ip_parse(text, &ip, &err))
		return -1;
	return emit_ip(s, ip, at, v.at[v.len]);
}

/* --- names -------------------------------------------------------------------------------------------------- */

static void emit_domain(struct scan *s, const struct run *r, const struct host_name *name, bool derived, bool doubtful)
{
	emit(s, (struct scan_found){
		.type = OBSERVABLE_DOMAIN, .value = { name->text, name->len }, .derived = derived, .doubtful = doubtful,
		.at = r->at[name->from], .end = r->at[name->to],
		.guard_at = r->at[name->from], .guard_end = r->at[name->to],
	});
}

static bool emit_hash(struct scan *s, const struct run *r)
{
	bool letters = false;
	int n = 0;
	for (; n < r->count && is_hex(r->code[n]); n++)
		letters |= !is_digit(r->code[n]);
	bool whole = n == r->count || r->code[n] == '.';
	if (!whole || !letters || (n != 32 && n != 40 && n != 64 && n != 128))
		return false;
	value_start(s);
	for (int i = 0; i < n; i++)
		value_char(s, lower(r->code[i]));
	emit(s, (struct scan_found){ .type = OBSERVABLE_HASH, .value = value_now(s), .at = r->at[0], .end = r->at[n] });
	return true;
}

/* CVE-2021-44228 at the start of a word.  Returns how many units it has, or 0. */
static int scan_cve(struct scan *s, const struct run *r)
{
	if (!run_starts_nocase(r, "cve-"))
		return 0;
	int i = 4, digits = 0;
	while (i < r->count && is_digit(r->code[i]) && i < 8)
		i++;
	if (i != 8 || i >= r->count || r->code[i++] != '-')
		return 0;
	for (; i < r->count && is_digit(r->code[i]); i++)
		digits++;
	bool ends = i == r->count || r->code[i] == '-' || r->code[i] == '_' || r->code[i] == '.';
	if (digits < 4 || digits > 19 || !ends)
		return 0;
	value_start(s);
	value_str(s, S("CVE"));
	for (int k = 3; k < i; k++)
		value_char(s, (char)r->code[k]);
	emit(s, (struct scan_found){ .type = OBSERVABLE_CVE, .value = value_now(s), .at = r->at[0], .end = r->at[i] });
	return i;
}

static void emit_asn(struct scan *s, int64_t number, ptrdiff_t at, ptrdiff_t end)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "AS%lld", (long long)number);
	emit(s, (struct scan_found){ .type = OBSERVABLE_ASN, .value = { text, n }, .at = at, .end = end });
}

/* "ASN 64500", "ASN: 64500": the number is another word. */
static ptrdiff_t scan_asn_apart(struct scan *s, const struct run *r)
{
	ptrdiff_t at = r->end;
	uint32_t before = 'N';
	struct unit u = r->after;
	for (int i = 0; i < 2 && (u.code == ' ' || u.code == ':' || u.code == '#'); i++) {
		at += u.len;
		before = u.code;
		u = written_read(s->text, at, before);
	}
	if (at == r->end || !is_digit(u.code))
		return -1;
	int i = 0;
	read_run(s, at, before, &s->host);
	int64_t number = run_number(&s->host, &i);
	if (i != s->host.count || number < 1 || number > UINT32_MAX)
		return -1;
	emit_asn(s, number, r->at[0], s->host.end);
	return s->host.end;
}

/* AS64500, ASN64500, AS1.10 (RFC 5396) at the start of a word; several may be joined by hyphens.  -1 if it is none. */
static ptrdiff_t scan_asn(struct scan *s, const struct run *r)
{
	if (!run_starts_nocase(r, "as"))
		return -1;
	int i = run_starts_nocase(r, "asn") ? 3 : 2;
	if (i == 3 && r->count == 3)
		return scan_asn_apart(s, r);
	int64_t number = run_number(r, &i), low;
	if (number > 0 && number <= UINT16_MAX && i < r->count && r->code[i] == '.') {
		i++;
		low = run_number(r, &i);
		number = low < 0 || low > UINT16_MAX ? -1 : number << 16 | low;
	}
	bool ends = i == r->count || r->code[i] == '-';
	if (number < 1 || number > UINT32_MAX || !ends)
		return -1;
	emit_asn(s, number, r->at[0], r->at[i]);
	return r->at[i];
}

/* --- mail addresses ----------------------------------------------------------------------------------------- */

static bool is_local_part(uint32_t c)
{
	return written_is_alnum(c) || c == '.' || c == '_' || c == '-' || c == '+' || c == '\'';
}

/* Where the at sign stands that ends the local part starting at `at`, or -1. */
static ptrdiff_t find_at_sign(struct scan *s, ptrdiff_t at, uint32_t before)
{
	if (at < s->local_until)
		return -1;
	value_start(s);
	for (int i = 0; i <= LOCAL_PART_MAX; i++) {
		struct unit u = written_read(s->text, at, before);
		if (u.code == '@')
			return is_label(before) && i > 0 ? at : -1;
		if (!is_local_part(u.code) || (u.code == '.' && before == '.'))
			break;
		value_char(s, (char)u.code);
		before = u.code;
		at += u.len;
	}
	s->local_until = at;
	return -1;
}

static ptrdiff_t scan_email(struct scan *s, ptrdiff_t at, uint32_t before)
{
	struct host_name name;
	ptrdiff_t sign = find_at_sign(s, at, before);
	if (sign < 0)
		return -1;
	read_run(s, sign + written_read(s->text, sign, 'a').len, '@', &s->host);
	if (s->host.over || s->host.count == 0 || host_name_read(s->host.code, s->host.count, true, &name) != HOST_NAME ||
	    name.from != 0) {
		s->local_until = sign;                  /* nor will it be a host for the next word before the sign */
		return -1;
	}
	value_char(s, '@');
	value_str(s, (str){ name.text, name.len });
	ptrdiff_t end = s->host.at[name.to];
	emit(s, (struct scan_found){
		.type = OBSERVABLE_EMAIL, .value = value_now(s), .at = at, .end = end, .guard_at = at, .guard_end = end,
	});
	emit_domain(s, &s->host, &name, true, false);
	return end;
}

/* --- URLs --------------------------------------------------------------------------------------------------- */

struct scheme { const char *written, *canonical; int port; };

static const struct scheme schemes[] = {
	{ "http", "http", 80 },   { "hxxp", "http", 80 },   { "htxp", "http", 80 },   { "hxtp", "http", 80 },
	{ "https", "https", 443 }, { "hxxps", "https", 443 }, { "htxps", "https", 443 }, { "hxtps", "https", 443 },
	{ "ftp", "ftp", 21 },     { "fxp", "ftp", 21 },     { "ftps", "ftps", 990 },  { "fxps", "ftps", 990 },
	{ "sftp", "sftp", 22 },   { "ws", "ws", 80 },       { "wss", "wss", 443 },    { "ldap", "ldap", 389 },
	{ "ldaps", "ldaps", 636 },
};

str observable_scan_defanged_scheme(str scheme)
{
	static const struct { const char *scheme, *safe; } table[] = {
		{ "http", "hxxp" }, { "https", "hxxps" }, { "ftp", "fxp" }, { "ftps", "fxps" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(table); i++)
		if (str_eq_nocase(scheme, str_from(table[i].scheme)))
			return str_from(table[i].safe);
	return (str){ 0 };
}

static const struct scheme *find_scheme(const struct run *r)
{
	for (ptrdiff_t i = 0; i < COUNTOF(schemes); i++)
		if ((ptrdiff_t)strlen(schemes[i].written) == r->count && run_starts_nocase(r, schemes[i].written))
			return &schemes[i];
	return NULL;
}

/* "://" in one of its forms: where it ends, or -1. */
static ptrdiff_t scheme_end(const struct scan *s, const struct run *r)
{
	ptrdiff_t at = r->end + r->after.len;
	if (r->after.code == UNIT_SCHEME_END)
		return at;
	bool slashes = r->after.code == ':' && str_starts(str_sub(s->text, at, at + 2), S("//"));
	return slashes ? at + 2 : -1;
}

/* Ends a URL wherever it stands: blanks, quotes, brackets of markup, sentence marks of other scripts. */
static bool ends_url(uint32_t c)
{
	static const uint16_t wide[] = {
		0x85, 0xA0, 0xAB, 0xBB, 0x060C, 0x061B, 0x061F, 0x06D4, 0x0964, 0x1680, 0x202F, 0x205F, 0x2039, 0x203A, 0x3000, 0x3001,
		0x3002, 0xFF08, 0xFF09, 0xFF0C, 0xFF1B, 0xFEFF, 0xFFFD,
	};
	if (c < 0x80)
		return c <= ' ' || c == 0x7F || c == '"' || c == '<' || c == '>' || c == '`' || c == '\\' || c == '|';
	for (ptrdiff_t i = 0; i < COUNTOF(wide); i++)
		if (c == wide[i])
			return true;
	return c < 0xA0 || (c >= 0x2000 && c <= 0x200F) || (c >= 0x2018 && c <= 0x201F) || (c >= 0x2028 && c <= 0x202E) ||
		(c >= 0x2066 && c <= 0x2069) || (c >= 0x3008 && c <= 0x3011) || c == UNIT_END || c == UNIT_BAD;
}

static void value_percent(struct scan *s, str bytes)
{
	static const char hex[] = "0123456789ABCDEF";
	for (ptrdiff_t i = 0; i < bytes.len; i++) {
		unsigned char b = (unsigned char)bytes.ptr[i];
		value_char(s, '%');
		value_char(s, hex[b >> 4]);
		value_char(s, hex[b & 15]);
	}
}

static void value_unit(struct scan *s, struct unit u, ptrdiff_t at, bool in_path)
{
	bool wide = (unsigned char)s->text.ptr[at] >= 0x80;
	if (u.code == UNIT_SCHEME_END)
		value_str(s, S("://"));
	else if (u.code == ':' && u.form == UNIT_BRACKETED && in_path)
		value_str(s, S("[:]"));                         /* nobody writes so in a path: it is part of it */
	else if (u.code >= 0x80 || (wide && in_path))           /* a wide dot is no dot in a path */
		value_percent(s, str_sub(s->text, at, at + u.len));
	else
		value_char(s, (char)u.code);
}

/* user:password@, if the authority has one; it belongs to the value.  Returns where the host starts. */
static ptrdiff_t scan_userinfo(struct scan *s, ptrdiff_t at)
{
	ptrdiff_t host = at, i = at;
	uint32_t before = '/';
	for (int n = 0; n < USERINFO_MAX; n++) {
		struct unit u = written_read(s->text, i, before);
		bool blank = i < s->text.len && s->text.ptr[i] == ' ';
		if (blank || ends_url(u.code) || u.code == '/' || u.code == '?' || u.code == '#' || u.code == UNIT_SCHEME_END)
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
	read_v6_text(s, at + 1, '[', &v);
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
	struct run *r = &s->host;
	read_run(s, at, '/', r);
	if (r->over || r->count == 0)
		return false;
	h->at = at;
	if (run_v4(r, 0, r->count, &ip)) {
		h->type = OBSERVABLE_IPV4;
		h->len = ip_write(ip, h->text);
		h->end = r->end;
		return true;
	}
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
		value_char(s, '[');
	value_str(s, (str){ h->text, h->len });
	if (h->type == OBSERVABLE_IPV6)
		value_char(s, ']');
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
		if (!is_digit(u.code) || digits == 5)
			break;
		port = port * 10 + (int)(u.code - '0');
		before = u.code;
		i += u.len;
	}
	bool good = port <= UINT16_MAX && !is_label(u.code) && (digits > 0 || u.code == '/');
	if (!good)
		return at;
	char text[8];
	if (digits > 0 && port != scheme->port)
		value_str(s, (str){ text, snprintf(text, sizeof(text), ":%d", port) });
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
		bool blank = at < s->text.len && s->text.ptr[at] == ' ';        /* also one that starts a spelled-out dot */
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

/* A scheme and "://" stand at the word.  Returns where to go on: if there is no host, behind "://". */
static ptrdiff_t scan_url(struct scan *s, const struct scheme *scheme, ptrdiff_t authority)
{
	struct url_host host;
	ptrdiff_t at = s->word.at[0];
	value_start(s);
	value_str(s, str_from(scheme->canonical));
	value_str(s, S("://"));
	ptrdiff_t host_at = scan_userinfo(s, authority);
	if (!read_url_host(s, host_at, &host)) {
		emit(s, (struct scan_found){ .at = at, .end = authority, .link = true, .doubtful = true });
		return authority;
	}
	value_host(s, &host);
	ptrdiff_t host_end = skip_root_dot(s, host.end + (host.type == OBSERVABLE_IPV6 || s->text.ptr[host_at] == '['));
	ptrdiff_t path_at = scan_port(s, scheme, host_end), end = path_at;
	uint32_t next = written_read(s->text, end, 'a').code;
	if (next != '/')
		value_char(s, '/');
	if (next == '/' || next == '?' || next == '#')
		end = scan_path(s, end, 'a');
	emit(s, (struct scan_found){
		.type = OBSERVABLE_URL, .value = value_now(s), .at = at, .end = end, .link = true,
		.guard_at = authority, .guard_end = path_at,
	});
	emit(s, (struct scan_found){ .type = host.type, .value = { host.text, host.len }, .at = host.at, .end = host.end });
	return end;
}

/* --- the pass ----------------------------------------------------------------------------------------------- */

/* A word that is no part of anything greater.  Returns where to go on. */
static ptrdiff_t scan_name(struct scan *s, const struct run *r)
{
	struct host_name name;
	if (r->dots == 0)
		return (void)emit_hash(s, r), r->end;
	enum host_kind kind = host_name_read(r->code, r->count, false, &name);
	if (kind == HOST_DOUBTFUL && r->form[name.last_dot] == UNIT_BRACKETED)
		kind = HOST_NAME;
	switch (kind) {
	case HOST_NAME:
		emit_domain(s, r, &name, false, false);
		return r->at[name.to];
	case HOST_DOUBTFUL:
		(void)emit_hash(s, r);
		emit_domain(s, r, &name, false, true);
		return r->end;
	case HOST_FILE:
	case HOST_NONE:
		(void)emit_hash(s, r);
		return r->end;
	}
	return r->end;
}

static ptrdiff_t scan_word(struct scan *s, ptrdiff_t at, uint32_t before)
{
	struct run *r = &s->word;
	read_run(s, at, before, r);
	if (r->over)
		return r->end;
	uint32_t after = r->after.code;
	if (r->dots == 0 && (after == ':' || after == UNIT_SCHEME_END)) {
		const struct scheme *scheme = find_scheme(r);
		ptrdiff_t authority = scheme ? scheme_end(s, r) : -1, end;
		if (authority >= 0)
			return scan_url(s, scheme, authority);
		if (after == ':' && r->count <= 4 && (end = scan_v6(s, at, before)) >= 0)
			return end;
	}
	ptrdiff_t end = after == '@' || after == '+' || after == '\'' ? scan_email(s, at, before) : -1;
	if (end >= 0)
		return end;
	if (is_digit(r->code[0]) && (end = scan_numeric(s, r)) >= 0)
		return end;
	if ((end = scan_asn(s, r)) >= 0)
		return end;
	int cve = scan_cve(s, r);
	if (cve > 0 && (cve == r->count || r->code[cve] != '.'))
		return r->at[cve];
	return scan_name(s, r);
}

void observable_scan(str text, scan_sink *sink, void *context)
{
	struct scan s = { .text = text, .sink = sink, .context = context };
	uint32_t before = UNIT_END;
	for (ptrdiff_t at = 0; at < text.len && !s.stopped;) {
		struct unit u = written_read(text, at, before);
		ptrdiff_t end = -1;
		if (starts_label(u.code))
			end = scan_word(&s, at, before);
		else if (u.code == ':' && before != ':' && !is_label(before))
			end = scan_v6(&s, at, before);
		before = end < 0 ? u.code : 'a';        /* what was found ends in something like a letter */
		at = end < 0 ? at + u.len : end;
	}
}
