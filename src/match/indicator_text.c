/* indicator_text.c - URLs, names, addresses, hashes and file names in running text, in one pass.
 *
 * A word is a run of letters, digits, '.', '_', '-' and bytes above 0x7f.  What stands behind it decides:
 * "://" makes a URL, '@' a mail address, '/' a host/path, ':' and digits a port.  Each byte is in one word,
 * and is read again by at most one URL, one path and one IPv6 address, all of which are bounded.
 */
#include "match/indicator_probe.h"

enum { WORD = 1, HEX = 2, ENDS_URL = 4, LOCAL = 8 };

static const uint8_t class[256] = {
	['0' ... '9'] = WORD | HEX | LOCAL,
	['a' ... 'f'] = WORD | HEX | LOCAL,
	['A' ... 'F'] = WORD | HEX | LOCAL,
	['g' ... 'z'] = WORD | LOCAL,
	['G' ... 'Z'] = WORD | LOCAL,
	['.'] = WORD | LOCAL,
	['_'] = WORD | LOCAL,
	['-'] = WORD | LOCAL,
	[128 ... 255] = WORD | LOCAL,
	['+'] = LOCAL,
	['='] = LOCAL,
	['%'] = LOCAL,
	['~'] = LOCAL,
	[0 ... 32] = ENDS_URL,
	['"'] = ENDS_URL,
	['\''] = ENDS_URL,
	['<'] = ENDS_URL,
	['>'] = ENDS_URL,
	['`'] = ENDS_URL,
	['|'] = ENDS_URL,
	['\\'] = ENDS_URL,
	['^'] = ENDS_URL,
	['{'] = ENDS_URL,
	['}'] = ENDS_URL,
	[127] = ENDS_URL,
};

static bool is(char c, unsigned what)
{
	return (class[(uint8_t)c] & what) != 0;
}

static char at(str s, ptrdiff_t i)
{
	return i >= 0 && i < s.len ? s.ptr[i] : 0;
}

static void place(struct batch *b, ptrdiff_t from, ptrdiff_t to)
{
	b->from = (uint32_t)from;
	b->to = (uint32_t)to;
}

/* Where a URL or path that starts before `from` ends: at what no URL has, without the sentence's
 * punctuation, and without a bracket that it does not open. */
static ptrdiff_t url_end(str text, ptrdiff_t start, ptrdiff_t from)
{
	ptrdiff_t end = from, opened = 0, most = MIN(text.len, start + 2 * VALUE_MAX);
	for (; end < most && !is(text.ptr[end], ENDS_URL); end++) {
		/* the quotation marks of typographers: U+2018 to U+201F */
		if (text.ptr[end] == '\xe2' && at(text, end + 1) == '\x80' &&
		    (at(text, end + 2) & 0xf8) == 0x98)
			break;
		opened += text.ptr[end] == '(';
		if (text.ptr[end] == ')' && --opened < 0)
			break;
	}
	while (end > from && strchr(".,;:!?", text.ptr[end - 1]) != NULL)
		end--;
	return end;
}

static bool is_method(str word)
{
	static const char *const methods[] = { "GET",    "POST",    "HEAD",  "PUT",
					       "DELETE", "OPTIONS", "PATCH", "CONNECT" };
	for (ptrdiff_t i = 0; i < COUNTOF(methods); i++)
		if (str_eq(word, str_from(methods[i])))
			return true;
	return false;
}

/* [from, to) of the run of hexadecimal digits, colons and dots around a colon, if it may be IPv6. */
static ptrdiff_t v6_end(str text, ptrdiff_t from)
{
	ptrdiff_t end = from;
	while (end < text.len && end - from <= IP_TEXT_MAX &&
	       (is(text.ptr[end], HEX) || text.ptr[end] == ':' || text.ptr[end] == '.'))
		end++;
	while (end > from &&
	       (text.ptr[end - 1] == '.' || (text.ptr[end - 1] == ':' && at(text, end - 2) != ':')))
		end--;
	return end;
}

/* An address of IPv6 that starts at `from`; where it ends, or -1. */
static ptrdiff_t take_v6(struct batch *b, str text, ptrdiff_t from)
{
	struct ip ip;
	int port = -1;
	ptrdiff_t end = v6_end(text, from), to = end;
	if (end - from < 3 || is(at(text, end), WORD) || !value_ip(str_sub(text, from, end), &ip))
		return -1;
	if (at(text, from - 1) == '[' && at(text, end) == ']' && at(text, end + 1) == ':') {
		ptrdiff_t digits = end + 2;
		while (digits < text.len && digits < end + 7 && (unsigned char)(text.ptr[digits] - '0') < 10)
			digits++;
		if (value_port(str_sub(text, end + 2, digits), &port))
			to = digits;
	}
	place(b, from, end);
	probe_address(b, ip, port);
	return to;
}

static ptrdiff_t take_url(struct batch *b, str text, ptrdiff_t from, ptrdiff_t end)
{
	ptrdiff_t to = url_end(text, from, MIN(end, text.len));
	place(b, from, to);
	probe_url(b, str_sub(text, from, to), -1);
	return to;
}

/* host:port or host/path, or the host alone. */
static ptrdiff_t take_host(struct batch *b, str text, ptrdiff_t from, ptrdiff_t end)
{
	int port = -1;
	ptrdiff_t digits = end + 1;
	if (at(text, end) == ':') {
		while (digits < text.len && digits < end + 6 && (unsigned char)(text.ptr[digits] - '0') < 10)
			digits++;
		if (digits == end + 1 || is(at(text, digits), WORD) ||
		    !value_port(str_sub(text, end + 1, digits), &port))
			digits = end + 1, port = -1;
	}
	ptrdiff_t behind = port >= 0 ? digits : end;
	if (at(text, behind) == '/' && batch_wants(b, INDICATOR_URL))
		return take_url(b, text, from, behind + 1);
	place(b, from, end);
	probe_host(b, str_sub(text, from, end), port);
	return behind;
}

static void take_hash(struct batch *b, str text, ptrdiff_t from, ptrdiff_t end)
{
	str before = str_sub(text, 0, from), word = str_sub(text, from, end);
	int kind = value_hash_kind(word);
	if (str_ends(before, S("=")) && from >= 8 &&
	    str_eq_nocase(str_sub(text, from - 8, from), S("IMPHASH=")))
		return;
	place(b, from, end);
	if (kind >= 0)
		probe_lower(b, (unsigned)kind, word);
	else if (value_is_ja4(word))
		probe_lower(b, INDICATOR_JA4, word);
}

/* The word [from, end); where to go on. */
static ptrdiff_t take_word(struct batch *b, str text, ptrdiff_t from, ptrdiff_t end)
{
	bool dotted = memchr(text.ptr + from, '.', (size_t)(end - from)) != NULL;
	if (at(text, end) == ':' && at(text, end + 1) == '/' && at(text, end + 2) == '/')
		return take_url(b, text, from, end + 3);
	if (at(text, end) == ' ' && at(text, end + 1) == '/' && end - from < 8 &&
	    is_method(str_sub(text, from, end)))
		return take_url(b, text, end + 1, end + 2);
	while (from < end && (text.ptr[from] == '.' || text.ptr[from] == '-'))
		from++;
	ptrdiff_t last = end;
	while (last > from && (text.ptr[last - 1] == '.' || text.ptr[last - 1] == '-'))
		last--;
	if (last - from < 2)
		return end;
	if (!dotted) {
		if (last - from >= 32 && last - from <= 64)
			take_hash(b, text, from, last);
		return end;
	}
	if (batch_wants(b, INDICATOR_FILE_NAME)) {
		place(b, from, last);
		probe_lower(b, INDICATOR_FILE_NAME, str_sub(text, from, last));
	}
	if (last - from > NAME_MAX_LENGTH)
		return end;
	ptrdiff_t to = take_host(b, text, from, last);
	return MAX(to, end);
}

/* What stands before an at sign at `mark`, and the host behind it. */
static ptrdiff_t take_mail(struct batch *b, str text, ptrdiff_t floor, ptrdiff_t mark)
{
	ptrdiff_t from = mark, end = mark + 1;
	struct ip ip;
	while (from > floor && mark - from < 255 && is(text.ptr[from - 1], LOCAL))
		from--;
	while (end < text.len && end - mark <= NAME_MAX_LENGTH && is(text.ptr[end], WORD))
		end++;
	while (end > mark + 1 && (text.ptr[end - 1] == '.' || text.ptr[end - 1] == '-'))
		end--;
	if (from == mark || end == mark + 1 || value_ip(str_sub(text, mark + 1, end), &ip))
		return mark + 1; /* ssh root@203.0.113.5 */
	place(b, from, end);
	probe_mail_at(b, str_sub(text, from, end), (uint32_t)from);
	return end;
}

/* Quotation marks of typographers join a word: what is ASCII between them is looked at by itself. */
static void take_ascii_parts(struct batch *b, str text, ptrdiff_t from, ptrdiff_t end)
{
	for (ptrdiff_t i = from, next; i < end; i = next + 1) {
		for (next = i; next < end && (unsigned char)text.ptr[next] < 0x80; next++)
			continue;
		/* the last part has the port, path or scheme behind it, the others have not */
		if (next > i)
			take_word(b, next == end ? text : str_sub(text, 0, next), i, next);
	}
}

static bool has_high(str word)
{
	for (ptrdiff_t i = 0; i < word.len; i++)
		if ((unsigned char)word.ptr[i] >= 0x80)
			return true;
	return false;
}

/* A URL within a URL starts where its scheme does, in (from, to); or `to`. */
static ptrdiff_t inner_url(str text, ptrdiff_t from, ptrdiff_t to)
{
	ptrdiff_t mark = from < to ? str_find(str_sub(text, from, to), S("://")) : -1;
	if (mark < 0)
		return to;
	mark += from;
	while (mark > from && (unsigned char)((text.ptr[mark - 1] | 32) - 'a') < 26)
		mark--;
	return MAX(mark, from + 1);
}

void probe_text(struct batch *b, str text)
{
	enum { INNER_MOST = 4 }; /* or a line of nothing but "://" would be read as often as it is long */
	ptrdiff_t floor = 0;     /* nothing that was taken is taken again as what stands before an at sign */
	ptrdiff_t outer = 0;     /* where the outermost URL ends */
	int inner = 0;
	for (ptrdiff_t i = 0; i < text.len && b->hits < b->most;) {
		char c = text.ptr[i];
		ptrdiff_t end = i;
		if (c == '@') {
			i = floor = take_mail(b, text, floor, i);
			continue;
		}
		if (c == ':' && at(text, i + 1) == ':' && !is(at(text, i - 1), WORD)) {
			ptrdiff_t to = take_v6(b, text, i);
			i = to > 0 ? to : i + 2;
			continue;
		}
		if (!is(c, WORD)) {
			i++;
			continue;
		}
		while (end < text.len && is(text.ptr[end], WORD))
			end++;
		ptrdiff_t to = at(text, end) == ':' && end - i <= 4 && is(c, HEX) ? take_v6(b, text, i) : -1;
		if (to < 0 && has_high(str_sub(text, i, end)))
			take_ascii_parts(b, text, i, end);
		if (to < 0 && at(text, end) != '@')
			to = take_word(b, text, i, end);
		if (to > end)
			floor = to;
		inner = i < outer ? inner + 1 : 0;
		outer = MAX(outer, to);
		i = to > end + 3 && inner < INNER_MOST ? inner_url(text, end + 3, to)
						       : MAX(MAX(to, end), inner ? outer : 0);
	}
}
