#include "model/written.h"

enum { CHAIN_MAX = 8, LABEL_MAX = 63 };

static const char known_tlds[][8] = {
	"com",  "net",   "org",  "info",  "biz",  "gov",   "edu",     "mil",    "int",  "arpa", "onion",
	"io",   "co",    "uk",   "pk",    "ru",   "cn",    "de",      "fr",     "jp",   "br",   "au",
	"eu",   "nl",    "pl",   "tr",    "ir",   "sa",    "ae",      "bd",     "lk",   "np",   "af",
	"ca",   "es",    "ch",   "se",    "ua",   "kr",    "tw",      "hk",     "sg",   "vn",   "th",
	"za",   "ng",    "eg",   "xyz",   "top",  "club",  "site",    "online", "shop", "app",  "dev",
	"icu",  "vip",   "tk",   "ml",    "ga",   "cf",    "gq",      "cc",     "tv",   "ws",   "su",
	"link", "click", "live", "store", "tech", "space", "website", "cloud",  "bank", "asia",
};

bool written_is_known_tld(str label)
{
	if (label.len < 2 || label.len >= (ptrdiff_t)sizeof(known_tlds[0]))
		return false;
	for (ptrdiff_t i = 0; i < COUNTOF(known_tlds); i++)
		if (known_tlds[i][0] == (label.ptr[0] | 32) && str_eq_nocase(label, str_from(known_tlds[i])))
			return true;
	return false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool alnum_at(str text, ptrdiff_t at)
{
	return at < text.len && written_is_alnum((unsigned char)text.ptr[at]);
}

static struct unit plain(uint32_t code, int len)
{
	return (struct unit){ code, len, UNIT_PLAIN };
}

/* What may stand between brackets, and what it means. */
static const struct { const char *inner; uint32_t code; bool square_only; } bracketed[] = {
	{ ".", '.', false }, { "dot", '.', false }, { "@", '@', false }, { "at", '@', false },
	{ ":", ':', true }, { "://", UNIT_SCHEME_END, true },
};

static struct unit read_bracketed(str text, ptrdiff_t at)
{
	char open = text.ptr[at], close = open == '[' ? ']' : open == '(' ? ')' : '}';
	for (ptrdiff_t i = 0; i < COUNTOF(bracketed); i++) {
		str inner = str_from(bracketed[i].inner);
		ptrdiff_t end = at + 1 + inner.len;
		if (end >= text.len || text.ptr[end] != close || (bracketed[i].square_only && open != '[') ||
		    !str_eq_nocase(str_sub(text, at + 1, end), inner))
			continue;
		bool kept = open == '{' && inner.len == 1 && bracketed[i].code == '.';
		return (struct unit){ bracketed[i].code, (int)(inner.len + 2),
				      kept ? UNIT_KEPT : UNIT_BRACKETED };
	}
	return plain((unsigned char)open, 1);
}

/* RFC 3629; what is not well formed is one bad byte. */
static struct unit read_utf8(str text, ptrdiff_t at)
{
	const unsigned char *p = (const unsigned char *)text.ptr + at;
	int n = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
	if (text.len - at < n || !str_utf8_valid(str_sub(text, at, at + n)))
		return plain(UNIT_BAD, 1);
	uint32_t code = p[0] & (0x7Fu >> n);
	for (int i = 1; i < n; i++)
		code = code << 6 | (p[i] & 0x3F);
	return plain(code, n);
}

static struct unit read_wide(str text, ptrdiff_t at, uint32_t before)
{
	struct unit u = read_utf8(text, at);
	switch (u.code) {
	case 0x2024:                    /* one dot leader */
	case 0xFF0E:                    /* full-width full stop */
	case 0xFF61:                    /* half-width ideographic full stop */
		u.code = '.';
		break;
	case 0x3002: /* ideographic full stop: between ASCII it is a dot, else it ends a sentence */
		if (written_is_alnum(before) && alnum_at(text, at + u.len))
			u.code = '.';
		break;
	case 0xFF20:
		u.code = '@';
		break;
	case 0xFF1A:
		u.code = ':';
		break;
	case 0x2010:                    /* hyphens of word processors */
	case 0x2011:
		u.code = '-';
		break;
	default:
		break;
	}
	return u;
}

static ptrdiff_t label_end(str text, ptrdiff_t at)
{
	ptrdiff_t limit = MIN(text.len, at + LABEL_MAX + 1);
	while (at < limit && (written_is_alnum((unsigned char)text.ptr[at]) || text.ptr[at] == '-'))
		at++;
	return at;
}

/* " dot " or " [.] " between letters or digits: its length, or 0. */
static int spaced_dot(str text, ptrdiff_t at)
{
	if (at + 2 >= text.len || text.ptr[at] != ' ' || at == 0 || !alnum_at(text, at - 1))
		return 0;
	char c = text.ptr[at + 1];
	int inner = 3;
	if (c == '[' || c == '(' || c == '{') {
		struct unit u = read_bracketed(text, at + 1);
		if (u.code != '.' || u.form != UNIT_BRACKETED)
			return 0;
		inner = u.len;
	} else if (!str_eq_nocase(str_sub(text, at + 1, at + 4), S("dot"))) {
		return 0;
	}
	ptrdiff_t end = at + 1 + inner;
	return end < text.len && text.ptr[end] == ' ' && alnum_at(text, end + 1) ? inner + 2 : 0;
}

/* "www dot example dot com": a dot is spelled out if along the chain of them a known top-level domain
 * follows, or if digits stand on both sides.  The prose of "connect the dot is easy" is left alone. */
static bool spelled_dot_counts(str text, ptrdiff_t from, uint32_t before)
{
	if (before - '0' < 10u && is_digit(text.ptr[from]))
		return true;
	for (int i = 0, dot; i < CHAIN_MAX; i++, from += dot) {
		ptrdiff_t end = label_end(text, from);
		bool wide = end < text.len && (unsigned char)text.ptr[end] >= 0x80;
		uint32_t next = wide ? read_wide(text, end, 'a').code : 0;
		bool cut = next == '-' || next >= 0x80;         /* the label goes on; a wide dot ends it */
		if (!cut && written_is_known_tld(str_sub(text, from, end)))
			return true;
		dot = spaced_dot(text, end);
		if (dot == 0)
			return false;
		from = end;
	}
	return false;
}

static struct unit read_blank(str text, ptrdiff_t at, uint32_t before)
{
	struct unit blank = plain((unsigned char)text.ptr[at], 1);
	if (at + 1 >= text.len || !written_is_alnum(before))
		return blank;
	char next = text.ptr[at + 1];
	if (next == '[' || next == '(' || next == '{') {
		struct unit u = read_bracketed(text, at + 1);
		ptrdiff_t after = at + 1 + u.len;
		if (u.form == UNIT_BRACKETED && (u.code == '.' || u.code == '@') && after < text.len &&
		    text.ptr[after] == ' ' && alnum_at(text, after + 1))
			return (struct unit){ u.code, u.len + 2, UNIT_BRACKETED };
	} else if (next == 'd' || next == 'D') {
		int dot = spaced_dot(text, at);
		if (dot > 0 && spelled_dot_counts(text, at + dot, before))
			return (struct unit){ '.', dot, UNIT_BRACKETED };
	}
	return blank;
}

struct unit written_read(str text, ptrdiff_t at, uint32_t before)
{
	if (at >= text.len)
		return plain(UNIT_END, 0);
	unsigned char c = (unsigned char)text.ptr[at];
	if (c >= 0x80)
		return read_wide(text, at, before);
	if (c == ' ')
		return read_blank(text, at, before);
	if (c == '[' || c == '(' || c == '{')
		return read_bracketed(text, at);
	return plain(c, 1);
}
