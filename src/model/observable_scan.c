#include "model/observable_scan.h"

#include <stdio.h>
#include "model/host_name.h"
#include "model/observable_url.h"

enum { LOCAL_PART_MAX = 64 };         /* RFC 5321 section 4.5.3.1.1 */

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
		if (!word_is_digit(u.code) || digits == 3 || (digits == 1 && n == 0))
			break;
		n = n * 10 + (int)(u.code - '0');
		before = u.code;
	}
	bool dotted = u.code == '.' && word_is_label(written_read(s->text, at + u.len, '.').code);
	if (digits == 0 || n > max || word_is_label(u.code) || u.code == '/' || dotted)
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
		scan_emit(s, found);
	}
	if (is_network) {
		found.type = OBSERVABLE_CIDR;
		found.value = (str){ text, network_write(n, text) };
		found.end = prefix_end;
		/* 10.1.2.3/24: an interface, and by the way its network */
		found.derived = is_address;
		scan_emit(s, found);
	}
	return prefix_end;
}

/* Addresses in a word of digits, dots and hyphens: 192.0.2.1-192.0.2.9 is two.  -1 if it is no such word. */
static ptrdiff_t scan_numeric(struct scan *s, const struct word *r)
{
	struct ip ip;
	ptrdiff_t end = r->end;
	for (int i = 0; i < r->count; i++)
		if (!word_is_digit(r->code[i]) && r->code[i] != '.' && r->code[i] != '-')
			return -1;
	for (int from = 0, to; from < r->count; from = to + 1) {
		for (to = from; to < r->count && r->code[to] != '-';)
			to++;
		if (word_is_v4(r, from, to, &ip))
			end = MAX(end, emit_ip(s, ip, r->at[from], r->at[to]));
	}
	return end;
}

/* Times, MAC addresses and the names of programmers have colons too. */
static bool plausible_v6(str text)
{
	int colons = 0, digits = 0, pairs = 0, group = 0;
	for (ptrdiff_t i = 0; i < text.len; i++) {
		bool colon = text.ptr[i] == ':';
		colons += colon;
		digits += word_is_digit((unsigned char)text.ptr[i]);
		pairs += colon && group == 2;
		group = colon ? 0 : group + 1;
	}
	/* eight pairs: an EUI-64 or a part of a fingerprint */
	bool octets = pairs == 7 && group == 2;
	return digits > 0 && colons >= 2 && !octets;
}

static ptrdiff_t scan_v6(struct scan *s, ptrdiff_t at, uint32_t before)
{
	struct v6_text v;
	struct ip ip;
	struct err err;
	if (at < s->v6_until)
		return -1;
	word_read_v6(s, at, before, &v);
	bool at_end = v.len < 64;
	while (v.len > 2 &&
	       (v.text[v.len - 1] == '.' || (v.text[v.len - 1] == ':' && v.text[v.len - 2] != ':'))) {
		v.len--;                                /* punctuation of the sentence */
		at_end = true;
	}
	uint32_t after =
		v.len ? written_read(s->text, v.at[v.len], (unsigned char)v.text[v.len - 1]).code : UNIT_END;
	str text = { v.text, v.len };
	ptrdiff_t end;
	bool plausible = plausible_v6(text) || read_prefix(s, v.at[v.len], 128, &end) >= 0;
	if (!at_end || word_is_label(after) || !plausible || !ip_parse(text, &ip, &err))
		return -1;
	return emit_ip(s, ip, at, v.at[v.len]);
}

static void emit_domain(struct scan *s, const struct word *r, const struct host_name *name, bool derived,
			bool doubtful)
{
	scan_emit(s, (struct scan_found){
			.type = OBSERVABLE_DOMAIN,
			.value = { name->text, name->len },
			.derived = derived,
			.doubtful = doubtful,
			.at = r->at[name->from],
			.end = r->at[name->to],
			.guard_at = r->at[name->from],
			.guard_end = r->at[name->to],
		});
}

static bool emit_hash(struct scan *s, const struct word *r)
{
	bool letters = false;
	int n = 0;
	for (; n < r->count && word_is_hex(r->code[n]); n++)
		letters |= !word_is_digit(r->code[n]);
	bool whole = n == r->count || r->code[n] == '.';
	if (!whole || !letters || (n != 32 && n != 40 && n != 64 && n != 128))
		return false;
	scan_value_start(s);
	for (int i = 0; i < n; i++)
		scan_value_char(s, word_lower(r->code[i]));
	scan_emit(s, (struct scan_found){
			.type = OBSERVABLE_HASH, .value = scan_value(s), .at = r->at[0], .end = r->at[n] });
	return true;
}

/* CVE-2021-44228 at the start of a word.  Returns how many units it has, or 0. */
static int scan_cve(struct scan *s, const struct word *r)
{
	if (!word_starts(r, "cve-"))
		return 0;
	int i = 4, digits = 0;
	while (i < r->count && word_is_digit(r->code[i]) && i < 8)
		i++;
	if (i != 8 || i >= r->count || r->code[i++] != '-')
		return 0;
	for (; i < r->count && word_is_digit(r->code[i]); i++)
		digits++;
	bool ends = i == r->count || r->code[i] == '-' || r->code[i] == '_' || r->code[i] == '.';
	if (digits < 4 || digits > 19 || !ends)
		return 0;
	scan_value_start(s);
	scan_value_str(s, S("CVE"));
	for (int k = 3; k < i; k++)
		scan_value_char(s, (char)r->code[k]);
	scan_emit(s, (struct scan_found){
			.type = OBSERVABLE_CVE, .value = scan_value(s), .at = r->at[0], .end = r->at[i] });
	return i;
}

static void emit_asn(struct scan *s, int64_t number, ptrdiff_t at, ptrdiff_t end)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "AS%lld", (long long)number);
	scan_emit(s,
		  (struct scan_found){ .type = OBSERVABLE_ASN, .value = { text, n }, .at = at, .end = end });
}

/* "ASN 64500", "ASN: 64500": the number is another word. */
static ptrdiff_t scan_asn_apart(struct scan *s, const struct word *r)
{
	ptrdiff_t at = r->end;
	uint32_t before = 'N';
	struct unit u = r->after;
	for (int i = 0; i < 2 && (u.code == ' ' || u.code == ':' || u.code == '#'); i++) {
		at += u.len;
		before = u.code;
		u = written_read(s->text, at, before);
	}
	if (at == r->end || !word_is_digit(u.code))
		return -1;
	int i = 0;
	word_read(s, at, before, &s->host);
	int64_t number = word_number(&s->host, &i);
	if (i != s->host.count || number < 1 || number > UINT32_MAX)
		return -1;
	emit_asn(s, number, r->at[0], s->host.end);
	return s->host.end;
}

/* AS64500, ASN64500, AS1.10 (RFC 5396) at the start of a word; several may be joined by hyphens.  -1 if it
 * is none. */
static ptrdiff_t scan_asn(struct scan *s, const struct word *r)
{
	if (!word_starts(r, "as"))
		return -1;
	int i = word_starts(r, "asn") ? 3 : 2;
	if (i == 3 && r->count == 3)
		return scan_asn_apart(s, r);
	int64_t number = word_number(r, &i), low;
	if (number > 0 && number <= UINT16_MAX && i < r->count && r->code[i] == '.') {
		i++;
		low = word_number(r, &i);
		number = low < 0 || low > UINT16_MAX ? -1 : number << 16 | low;
	}
	bool another = i + 2 < r->count && r->dots == 0 && r->code[i] == '-' &&
		       (r->code[i + 1] | 32) == 'a' && (r->code[i + 2] | 32) == 's';
	bool ends = i == r->count || another;           /* as23-updater.example is a name */
	if (number < 1 || number > UINT32_MAX || !ends)
		return -1;
	emit_asn(s, number, r->at[0], r->at[i]);
	return r->at[i];
}

static bool is_local_part(uint32_t c)
{
	return written_is_alnum(c) || c == '.' || c == '_' || c == '-' || c == '+' || c == '\'';
}

/* Where the at sign stands that ends the local part starting at `at`, or -1. */
static ptrdiff_t find_at_sign(struct scan *s, ptrdiff_t at, uint32_t before)
{
	if (at < s->local_until)
		return -1;
	scan_value_start(s);
	for (int i = 0; i <= LOCAL_PART_MAX; i++) {
		struct unit u = written_read(s->text, at, before);
		if (u.code == '@')
			return word_is_label(before) && i > 0 ? at : -1;
		if (!is_local_part(u.code) || (u.code == '.' && before == '.'))
			break;
		scan_value_char(s, (char)u.code);
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
	word_read(s, sign + written_read(s->text, sign, 'a').len, '@', &s->host);
	if (s->host.over || s->host.count == 0 || observable_url_find(s, &s->host) >= 0 ||
	    host_name_read(s->host.code, s->host.count, true, &name) != HOST_NAME || name.from != 0) {
		/* nor will it be a host for the next word before the sign */
		s->local_until = sign;
		return -1;
	}
	scan_value_char(s, '@');
	scan_value_str(s, (str){ name.text, name.len });
	ptrdiff_t end = s->host.at[name.to];
	scan_emit(s, (struct scan_found){
			.type = OBSERVABLE_EMAIL,
			.value = scan_value(s),
			.at = at,
			.end = end,
			.guard_at = at,
			.guard_end = end,
		});
	emit_domain(s, &s->host, &name, true, false);
	return end;
}

/* A word that is no part of anything greater.  Returns where to go on. */
static ptrdiff_t scan_name(struct scan *s, const struct word *r)
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

/* The word without the scheme that it ends in: "evil.example-http://". */
static void cut_word(struct word *r, ptrdiff_t scheme)
{
	while (r->count > 0 && (r->at[r->count - 1] >= scheme || !written_is_alnum(r->code[r->count - 1])))
		r->count--;
	r->end = r->at[r->count];
	r->after = (struct unit){ '-', 1, UNIT_PLAIN };
	r->dots = 0;
	for (int i = 0; i < r->count; i++)
		r->dots += r->code[i] == '.';
}

static ptrdiff_t scan_word(struct scan *s, ptrdiff_t at, uint32_t before)
{
	struct word *r = &s->word;
	word_read(s, at, before, r);
	ptrdiff_t scheme = observable_url_find(s, r), end = -1;
	if (scheme == at)
		return observable_url_scan(s, at);
	if (r->over)
		return scheme < 0 ? r->end : scheme;
	if (scheme >= 0)
		cut_word(r, scheme);
	if (r->count == 0)
		return scheme;
	uint32_t after = r->after.code;
	if (r->dots == 0 && after == ':' && r->count <= 4)
		end = scan_v6(s, at, before);
	if (end < 0 && (after == '@' || after == '+' || after == '\''))
		end = scan_email(s, at, before);
	if (end >= 0)
		return end;
	if (word_is_digit(r->code[0]) && (end = scan_numeric(s, r)) >= 0)
		return end;
	if ((end = scan_asn(s, r)) >= 0)
		return end;
	int cve = scan_cve(s, r);
	if (cve > 0 && r->dots == 0)
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
		if (word_starts_label(u.code))
			end = scan_word(&s, at, before);
		else if (u.code == ':' && before != ':' && !word_is_label(before))
			end = scan_v6(&s, at, before);
		before = end < 0 ? u.code : 'a';        /* what was found ends in something like a letter */
		at = end < 0 ? at + u.len : end;
	}
}
