#include "watch/report_text.h"

#include <time.h>
#include "base/instant.h"
#include "base/text.h"
#include "model/text_safety.h"

enum { DEPTH_MAX = 512, REPLACEMENT = 0xFFFD };

/* --- JSON --- */

static void add_escape(struct buf *out, uint32_t c)
{
	if (c > 0xFFFF) {
		c -= 0x10000;
		buf_printf(out, "\\u%04x\\u%04x", (unsigned)(0xD800 + (c >> 10)),
			   (unsigned)(0xDC00 + (c & 0x3FF)));
	} else {
		buf_printf(out, "\\u%04x", (unsigned)c);
	}
}

static bool is_plain(char c)
{
	return c >= ' ' && c < 0x7F && c != '"' && c != '\\';
}

/* The characters of `text`, without quotes around them. */
static void add_json_text(struct buf *out, str text)
{
	for (ptrdiff_t i = 0, n; i < text.len; i += n) {
		for (n = 0; i + n < text.len && is_plain(text.ptr[i + n]);)
			n++;
		if (n) {
			buf_add(out, str_sub(text, i, i + n));
			continue;
		}
		uint32_t c = text_safety_char(text, i, &n);
		if (c == TEXT_SAFETY_BAD)
			buf_add(out, S("\\ufffd"));
		else if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", (int)c);
		else if (c == '\n')
			buf_add(out, S("\\n"));
		else if (c == '\t')
			buf_add(out, S("\\t"));
		else if (c == '\r')
			buf_add(out, S("\\r"));
		else if (c < ' ' || (c >= 0x7F && c < 0xA0) || text_safety_is_deceptive(c) || c == 0x2028 ||
			 c == 0x2029)
			add_escape(out, c);
		else
			buf_add(out, str_sub(text, i, i + n));
	}
}

void report_json_string(struct buf *out, str text)
{
	buf_add_char(out, '"');
	add_json_text(out, text);
	buf_add_char(out, '"');
}

/* \uXXXX at `at`: its value, or -1. */
static int32_t read_u(str s, ptrdiff_t at)
{
	int32_t v = 0;
	if (at + 6 > s.len || s.ptr[at] != '\\' || s.ptr[at + 1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		int d = text_hex_value(s.ptr[at + i]);
		if (d < 0)
			return -1;
		v = v * 16 + d;
	}
	return v;
}

/* An escape at `at`; returns where it ends. */
static ptrdiff_t copy_escape(struct buf *out, str s, ptrdiff_t at)
{
	int32_t u = read_u(s, at), low = u >= 0xD800 && u < 0xDC00 ? read_u(s, at + 6) : -1;
	if (low >= 0xDC00 && low < 0xE000) {
		buf_add(out, str_sub(s, at, at + 12));
		return at + 12;
	}
	if (u >= 0) {
		buf_add(out, u >= 0xD800 && u < 0xE000 ? S("\\ufffd") : str_sub(s, at, at + 6));
		return at + 6;
	}
	if (at + 1 < s.len && s.ptr[at + 1] && str_find_char(S("\"\\/bfnrt"), s.ptr[at + 1]) >= 0) {
		buf_add(out, str_sub(s, at, at + 2));
		return at + 2;
	}
	if (at + 1 == s.len)
		return s.len;
	ptrdiff_t n; /* unknown: the character itself */
	(void)text_safety_char(s, at + 1, &n);
	add_json_text(out, str_sub(s, at + 1, at + 1 + n));
	return at + 1 + n;
}

/* s.ptr[at] is the quote that opens; returns what stands behind the one that closes, -1 if none does. */
static ptrdiff_t copy_string(struct buf *out, str s, ptrdiff_t at)
{
	buf_add_char(out, '"');
	for (ptrdiff_t i = at + 1; i < s.len;) {
		ptrdiff_t from = i;
		while (i < s.len && s.ptr[i] != '"' && s.ptr[i] != '\\')
			i++;
		add_json_text(out, str_sub(s, from, i));
		if (i >= s.len)
			break;
		if (s.ptr[i] == '"') {
			buf_add_char(out, '"');
			return i + 1;
		}
		i = copy_escape(out, s, i);
	}
	return -1;
}

static ptrdiff_t digits(str s, ptrdiff_t i)
{
	while (i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9')
		i++;
	return i;
}

/* A number or one of the three words; returns where it ends, -1 if it is neither. */
static ptrdiff_t copy_word(struct buf *out, str s, ptrdiff_t at)
{
	static const char *const words[] = { "true", "false", "null" };
	ptrdiff_t i = at;
	for (ptrdiff_t w = 0; w < COUNTOF(words); w++)
		if (str_starts(str_sub(s, at, s.len), str_from(words[w]))) {
			buf_add(out, str_from(words[w]));
			return at + str_from(words[w]).len;
		}
	i += s.ptr[i] == '-';
	ptrdiff_t whole = digits(s, i);
	if (whole == i || (s.ptr[i] == '0' && whole > i + 1))
		return -1;
	i = whole;
	if (i < s.len && s.ptr[i] == '.') {
		ptrdiff_t end = digits(s, i + 1);
		if (end == i + 1)
			return -1;
		i = end;
	}
	if (i < s.len && (s.ptr[i] | 32) == 'e') {
		ptrdiff_t from = i + 1 + (i + 1 < s.len && (s.ptr[i + 1] == '+' || s.ptr[i + 1] == '-'));
		ptrdiff_t end = digits(s, from);
		if (end == from)
			return -1;
		i = end;
	}
	buf_add(out, str_sub(s, at, i));
	return i;
}

enum want { WANT_VALUE, WANT_VALUE_OR_END, WANT_KEY, WANT_KEY_OR_END, WANT_COLON, WANT_COMMA, WANT_NOTHING };

struct copier {
	struct buf *out;
	str s;
	char open[DEPTH_MAX];
	int depth;
	enum want want;
};

static enum want after_value(const struct copier *c)
{
	return c->depth ? WANT_COMMA : WANT_NOTHING;
}

static bool copy_open(struct copier *c, char x)
{
	if ((c->want != WANT_VALUE && c->want != WANT_VALUE_OR_END) || c->depth == DEPTH_MAX)
		return false;
	c->open[c->depth++] = x;
	c->want = x == '{' ? WANT_KEY_OR_END : WANT_VALUE_OR_END;
	buf_add_char(c->out, x);
	return true;
}

static bool copy_close(struct copier *c, char x)
{
	bool fits = c->depth > 0 && c->open[c->depth - 1] == (x == '}' ? '{' : '[');
	enum want empty = x == '}' ? WANT_KEY_OR_END : WANT_VALUE_OR_END;
	if (!fits || (c->want != WANT_COMMA && c->want != empty))
		return false;
	c->depth--;
	c->want = after_value(c);
	buf_add_char(c->out, x);
	return true;
}

static bool copy_mark(struct copier *c, char x)
{
	if (x == ':' ? c->want != WANT_COLON : c->want != WANT_COMMA)
		return false;
	c->want = x == ':' || c->open[c->depth - 1] == '[' ? WANT_VALUE : WANT_KEY;
	buf_add_char(c->out, x);
	return true;
}

/* A string, number or word; returns where it ends, -1 if it cannot stand there. */
static ptrdiff_t copy_leaf(struct copier *c, ptrdiff_t at)
{
	bool key = c->want == WANT_KEY || c->want == WANT_KEY_OR_END;
	bool quoted = c->s.ptr[at] == '"';
	if (key ? !quoted : c->want != WANT_VALUE && c->want != WANT_VALUE_OR_END)
		return -1;
	at = quoted ? copy_string(c->out, c->s, at) : copy_word(c->out, c->s, at);
	c->want = key ? WANT_COLON : after_value(c);
	return at;
}

static bool copy_json(struct buf *out, str s)
{
	struct copier c = { .out = out, .s = s };
	for (ptrdiff_t i = 0; i >= 0 && i < s.len;) {
		char x = s.ptr[i];
		bool fine = true;
		if (x == '{' || x == '[')
			fine = copy_open(&c, x);
		else if (x == '}' || x == ']')
			fine = copy_close(&c, x);
		else if (x == ':' || x == ',')
			fine = copy_mark(&c, x);
		else if (x != ' ' && x != '\t' && x != '\n' && x != '\r') {
			i = copy_leaf(&c, i);
			if (i < 0)
				return false;
			continue;
		}
		if (!fine)
			return false;
		i++;
	}
	return c.want == WANT_NOTHING;
}

void report_json_event(struct buf *out, str json)
{
	ptrdiff_t start = out->len;
	if (copy_json(out, json))
		return;
	out->len = start;
	report_json_string(out, json);
}

/* --- HTML --- */

void report_html_text(struct buf *out, str text)
{
	for (ptrdiff_t i = 0, n; i < text.len; i += n) {
		uint32_t c = text_safety_char(text, i, &n);
		if (c == TEXT_SAFETY_BAD || (c >= 0x7F && c < 0xA0))
			buf_add(out, S("\xEF\xBF\xBD"));
		else if (c == '<')
			buf_add(out, S("&lt;"));
		else if (c == '>')
			buf_add(out, S("&gt;"));
		else if (c == '&')
			buf_add(out, S("&amp;"));
		else if (c == '"')
			buf_add(out, S("&quot;"));
		else if (c == '\'')
			buf_add(out, S("&#39;"));
		else if (c == '\n' || c == '\r' || c == '\t')
			buf_add_char(out, ' ');
		else if (c < ' ')
			buf_add(out, S("\xEF\xBF\xBD"));
		else if (text_safety_is_deceptive(c))
			buf_printf(out, "&lt;U+%04X&gt;", (unsigned)c);
		else
			buf_add(out, str_sub(text, i, i + n));
	}
}

/* --- times and numbers --- */

static int offset_at(int64_t at_us, bool local)
{
	struct tm tm = { 0 };
	time_t t = (time_t)(at_us / 1000000);
	return local && localtime_r(&t, &tm) ? (int)(tm.tm_gmtoff / 60) : 0;
}

static bool is_time(int64_t at_us)
{
	/* years 0001 to 9999 */
	return at_us > -62135596800 * 1000000 && at_us < 253402300799 * 1000000;
}

str report_time_exact(struct arena *a, int64_t at_us, bool local)
{
	if (!is_time(at_us))
		return S("");
	int offset = offset_at(at_us, local), size = offset < 0 ? -offset : offset;
	struct civil c = instant_civil((struct instant){ at_us }, offset);
	str zone =
		local ? arena_printf(a, "%c%02d:%02d", offset < 0 ? '-' : '+', size / 60, size % 60) : S("Z");
	return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d.%03d" STR_FMT, c.year, c.month, c.day, c.hour,
			    c.minute, c.second, c.micro / 1000, STR_ARG(zone));
}

str report_time(struct arena *a, int64_t at_us, bool local)
{
	if (!is_time(at_us))
		return S("");
	struct civil c = instant_civil((struct instant){ at_us }, offset_at(at_us, local));
	return arena_printf(a, "%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute,
			    c.second);
}

str report_number(struct arena *a, int64_t n)
{
	str plain = arena_printf(a, "%lld", (long long)n);
	char *out = NEW(a, char, plain.len * 2);
	ptrdiff_t length = 0;
	for (ptrdiff_t i = 0; i < plain.len; i++) {
		if (i && (plain.len - i) % 3 == 0 && plain.ptr[i - 1] != '-')
			out[length++] = ',';
		out[length++] = plain.ptr[i];
	}
	return (str){ out, length };
}

/* --- a terminal --- */

static int char_columns(uint32_t c)
{
	static const struct {
		uint32_t first, last;
		int columns;
	} ranges[] = {
		{ 0x0300, 0x036F, 0 },   { 0x0483, 0x0489, 0 },   { 0x0591, 0x05BD, 0 },
		{ 0x0610, 0x061A, 0 },   { 0x064B, 0x065F, 0 },   { 0x0670, 0x0670, 0 },
		{ 0x06D6, 0x06DC, 0 },   { 0x0900, 0x0902, 0 },   { 0x093C, 0x093C, 0 },
		{ 0x0941, 0x0948, 0 },   { 0x094D, 0x094D, 0 },   { 0x1100, 0x115F, 2 },
		{ 0x200C, 0x200F, 0 },   { 0x061C, 0x061C, 0 },   { 0x20D0, 0x20F0, 0 },
		{ 0x2E80, 0x303E, 2 },   { 0x3041, 0xA4CF, 2 },   { 0xAC00, 0xD7A3, 2 },
		{ 0xF900, 0xFAFF, 2 },   { 0xFE00, 0xFE0F, 0 },   { 0xFE30, 0xFE6F, 2 },
		{ 0xFF00, 0xFF60, 2 },   { 0xFFE0, 0xFFE6, 2 },   { 0x1F300, 0x1F64F, 2 },
		{ 0x1F900, 0x1F9FF, 2 }, { 0x20000, 0x3FFFD, 2 },
	};
	if (c < 0x300)
		return 1;
	for (ptrdiff_t i = 0; i < COUNTOF(ranges); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return ranges[i].columns;
	return 1;
}

ptrdiff_t report_columns(str text)
{
	ptrdiff_t columns = 0;
	for (ptrdiff_t i = 0, n; i < text.len; i += n)
		columns += char_columns(text_safety_char(text, i, &n));
	return columns;
}

str report_cut(struct arena *a, str text, ptrdiff_t columns)
{
	ptrdiff_t used = 0, end = 0;
	if (report_columns(text) <= columns)
		return text;
	for (ptrdiff_t n; end < text.len; end += n) {
		int w = char_columns(text_safety_char(text, end, &n));
		if (used + w > columns - 1)
			break;
		used += w;
	}
	return columns < 1 ? S("") : arena_printf(a, STR_FMT "\xE2\x80\xA6", STR_ARG(str_sub(text, 0, end)));
}

str report_cut_front(struct arena *a, str text, ptrdiff_t columns)
{
	ptrdiff_t left = report_columns(text), from = 0;
	if (left <= columns)
		return text;
	for (ptrdiff_t n; from < text.len && left > columns - 1; from += n)
		left -= char_columns(text_safety_char(text, from, &n));
	return columns < 1 ? S("")
			   : arena_printf(a, "\xE2\x80\xA6" STR_FMT, STR_ARG(str_sub(text, from, text.len)));
}

void report_pad(struct buf *out, ptrdiff_t columns)
{
	for (ptrdiff_t i = 0; i < columns; i++)
		buf_add_char(out, ' ');
}

void report_paint(struct buf *out, const struct report_style *s, enum report_colour c, str text)
{
	static const char *const codes[] = { "", "1", "2", "31", "33", "36", "34", "32", "1;97;41" };
	if (!s->colour || c == PLAIN || text.len == 0) {
		buf_add(out, text);
		return;
	}
	buf_printf(out, "\x1b[%sm", codes[c]);
	buf_add(out, text);
	buf_add(out, S("\x1b[0m"));
}

enum report_colour report_level_colour(int level)
{
	static const enum report_colour of[] = { BLUE, CYAN, YELLOW, RED, ALARM };
	return level >= 0 && level < COUNTOF(of) ? of[level] : PLAIN;
}
