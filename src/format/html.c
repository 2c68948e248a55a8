#include "format/html.h"

/* Length and code point of the character at s[i]; U+FFFD and one byte if there is none. */
static ptrdiff_t decode(str s, ptrdiff_t i, uint32_t *out_point)
{
	unsigned char first = (unsigned char)s.ptr[i];
	ptrdiff_t n = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
	*out_point = 0xFFFD;
	if (i + n > s.len || !str_utf8_valid(str_sub(s, i, i + n)))
		return 1;
	uint32_t point = n == 1 ? first : first & (0x7Fu >> n);
	for (ptrdiff_t k = 1; k < n; k++)
		point = point << 6 | ((unsigned char)s.ptr[i + k] & 0x3F);
	*out_point = point;
	return n;
}

/* What a browser would obey instead of show. */
static bool is_obeyed(uint32_t c)
{
	return (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7F && c < 0xA0) || c == 0x061C ||
		c == 0x200E || c == 0x200F || c == 0x2028 || c == 0x2029 || (c >= 0x202A && c <= 0x202E) ||
		(c >= 0x2066 && c <= 0x2069) || c == 0xFEFF || (c & 0xFFFE) == 0xFFFE ||
		(c >= 0xFDD0 && c <= 0xFDEF);
}

static str entity(uint32_t c)
{
	switch (c) {
	case '&':
		return S("&amp;");
	case '<':
		return S("&lt;");
	case '>':
		return S("&gt;");
	case '"':
		return S("&quot;");
	case '\'':
		return S("&#39;");
	default:
		return (str){ 0 };
	}
}

void html_text(struct buf *out, str text)
{
	ptrdiff_t from = 0;
	for (ptrdiff_t i = 0, n; i < text.len; i += n) {
		uint32_t c;
		n = decode(text, i, &c);
		str instead = entity(c);
		bool bad = n == 1 && c == 0xFFFD, obeyed = is_obeyed(c);
		bool line_end = c == '\r' && i + 1 < text.len && text.ptr[i + 1] == '\n';
		if (instead.len == 0 && !bad && !obeyed)
			continue;
		buf_add(out, str_sub(text, from, i));
		from = i + n;
		if (line_end)
			continue;       /* CRLF is LF */
		if (obeyed)
			buf_printf(out, "\xE2\x9F\xA6U+%04X\xE2\x9F\xA7", (unsigned)c);
		else
			buf_add(out, bad ? S("\xEF\xBF\xBD") : instead);
	}
	buf_add(out, str_sub(text, from, text.len));
}

void html_attr(struct buf *out, const char *name, str value)
{
	buf_printf(out, " %s=\"", name);
	html_text(out, value);
	buf_add_char(out, '"');
}

void html_fill_list(struct buf *out, const char *template, const str *values, ptrdiff_t count)
{
	str rest = str_from(template);
	ptrdiff_t used = 0;
	for (ptrdiff_t at; (at = str_find(rest, S("{}"))) >= 0; rest = str_sub(rest, at + 2, rest.len)) {
		ASSERT(used < count);
		buf_add(out, str_sub(rest, 0, at));
		html_text(out, values[used++]);
	}
	ASSERT(used == count);
	buf_add(out, rest);
}
