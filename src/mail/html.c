#include "mail/html.h"

#include "base/buf.h"
#include "mail/charset.h"
#include "mail/html_priv.h"

enum { HREF_MAX = 2048, ENTITY_MAX = 32 };

enum tag_effect {
	TAG_LINE,               /* starts and ends a line */
	TAG_PARAGRAPH,          /* with an empty line before it */
	TAG_ITEM,               /* a line with a dash */
	TAG_CELL,
	TAG_LINK,
	TAG_VERBATIM,           /* line breaks inside count */
	TAG_SILENT,             /* its content is no text, up to its end tag */
};

static const struct tag { const char *name; enum tag_effect effect; } tags[] = {
	{ "a", TAG_LINK }, { "address", TAG_LINE }, { "article", TAG_PARAGRAPH },
	{ "blockquote", TAG_PARAGRAPH },
	{ "br", TAG_LINE }, { "center", TAG_LINE }, { "dd", TAG_LINE }, { "div", TAG_LINE },
	{ "dl", TAG_PARAGRAPH },
	{ "dt", TAG_LINE }, { "fieldset", TAG_LINE }, { "footer", TAG_LINE }, { "form", TAG_LINE },
	{ "h1", TAG_PARAGRAPH }, { "h2", TAG_PARAGRAPH }, { "h3", TAG_PARAGRAPH }, { "h4", TAG_PARAGRAPH },
	{ "h5", TAG_PARAGRAPH }, { "h6", TAG_PARAGRAPH }, { "header", TAG_LINE }, { "hr", TAG_LINE },
	{ "iframe", TAG_SILENT }, { "li", TAG_ITEM }, { "noembed", TAG_SILENT }, { "noframes", TAG_SILENT },
	{ "ol", TAG_PARAGRAPH }, { "option", TAG_LINE }, { "p", TAG_PARAGRAPH }, { "pre", TAG_VERBATIM },
	{ "script", TAG_SILENT }, { "section", TAG_PARAGRAPH }, { "style", TAG_SILENT },
	{ "table", TAG_PARAGRAPH },
	{ "td", TAG_CELL }, { "template", TAG_SILENT }, { "th", TAG_CELL }, { "title", TAG_SILENT },
	{ "tr", TAG_LINE },
	{ "ul", TAG_PARAGRAPH },
};

struct html_reader {
	struct arena *arena;
	str           html;
	ptrdiff_t     at;
	struct buf    out;
	struct buf    href;             /* of the open link */
	ptrdiff_t     link_start;       /* in out, where the link's text begins */
	bool          blank;            /* a blank is due before the next character */
	int           verbatim;         /* depth of <pre> */
};

static void html_break(struct html_reader *r, int lines)
{
	ptrdiff_t end = r->out.len;
	int have = 0;
	while (have < lines && end > have && r->out.ptr[end - 1 - have] == '\n')
		have++;
	r->blank = false;
	for (; end > 0 && have < lines; have++)
		buf_add_char(&r->out, '\n');
}

static void html_rune(struct html_reader *r, uint32_t rune)
{
	bool space = rune == ' ' || rune == '\t' || rune == '\n' || rune == '\r' || rune == '\f' ||
		rune == 0xA0;
	if (space && r->verbatim == 0) {
		r->blank = r->out.len > 0 && r->out.ptr[r->out.len - 1] != '\n';
		return;
	}
	if (r->blank)
		buf_add_char(&r->out, ' ');
	r->blank = false;
	charset_add_rune(&r->out, rune == 0xA0 ? ' ' : rune);
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static uint32_t html_named(str name)
{
	ptrdiff_t low = 0, high = html_entity_count;
	while (low < high) {
		ptrdiff_t middle = (low + high) / 2;
		int c = str_cmp(name, str_from(html_entities[middle].name));
		if (c == 0)
			return html_entities[middle].rune;
		if (c < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return 0;
}

/* &#128; to &#159; mean Windows-1252 (HTML 5 section 13.2.5.80). */
static uint32_t html_numeric_rune(uint64_t n)
{
	static const uint16_t windows[32] = {
		0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039,
		0x0152, 0x8D,
		0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122,
		0x0161, 0x203A,
		0x0153, 0x9D, 0x017E, 0x0178,
	};
	if (n >= 0x80 && n < 0xA0)
		return windows[n - 0x80];
	return n == 0 || n > 0x10FFFF ? 0xFFFD : (uint32_t)n;
}

/* A character reference at the start of s; its length, or 0.  In attributes only with its semicolon. */
static ptrdiff_t html_entity(str s, bool attribute, uint32_t *out_rune)
{
	bool numeric = s.len > 1 && s.ptr[1] == '#';
	bool hex = numeric && s.len > 2 && (s.ptr[2] | 0x20) == 'x';
	ptrdiff_t start = 1 + numeric + hex, i = start;
	uint64_t n = 0;
	while (i < s.len && i < ENTITY_MAX && is_alnum(s.ptr[i])) {
		char c = (char)(s.ptr[i] | 0x20);
		int digit = c >= 'a' ? c - 'a' + 10 : s.ptr[i] - '0';
		if (numeric && digit >= (hex ? 16 : 10))
			break;
		n = MIN(n * (hex ? 16 : 10) + (uint64_t)digit, (uint64_t)0x110000);
		i++;
	}
	bool closed = i < s.len && s.ptr[i] == ';';
	if (i == start || (attribute && !closed))
		return 0;
	*out_rune = numeric ? html_numeric_rune(n) : html_named(str_sub(s, start, i));
	return *out_rune ? i + closed : 0;
}

/* The end of the tag whose name ends at `at`, quotes respected; on the way, the value of href. */
static ptrdiff_t html_tag_end(str html, ptrdiff_t at, str *out_href)
{
	char quote = 0;
	ptrdiff_t value = -1;
	for (; at < html.len; at++) {
		char c = html.ptr[at];
		if (quote) {
			quote = c == quote ? 0 : quote;
		} else if ((c == '"' || c == '\'') && at > 0 && html.ptr[at - 1] == '=') {
			quote = c;
		} else if (c == '>' || ((c == ' ' || c == '\n' || c == '\t' || c == '\r') && value >= 0)) {
			if (value >= 0 && out_href->len == 0)
				*out_href = str_sub(html, value, at);
			value = -1;
			if (c == '>')
				return at + 1;
		} else if (c == '=' && value < 0 && str_eq_nocase(str_sub(html, at - 4, at), S("href"))) {
			value = at + 1;
		}
	}
	return at;
}

static void html_open_link(struct html_reader *r, str href)
{
	href = str_trim(href);
	if (href.len >= 2 && (href.ptr[0] == '"' || href.ptr[0] == '\''))
		href = str_trim(str_sub(href, 1, href.len - 1));
	r->href.len = 0;
	r->href.over = false;
	r->link_start = r->out.len;
	if (str_find(href, S("://")) < 0 && !str_starts_nocase(href, S("mailto:")))
		return;                                 /* a place in the page, a script, inline data */
	for (ptrdiff_t i = 0; i < href.len;) {
		uint32_t rune = 0;
		ptrdiff_t n = href.ptr[i] == '&' ? html_entity(str_sub(href, i, href.len), true, &rune) : 0;
		if (n > 0)
			charset_add_rune(&r->href, rune);
		else if (href.ptr[i] != '\n' && href.ptr[i] != '\r' && href.ptr[i] != '\t')
			buf_add_char(&r->href, href.ptr[i]);
		i += MAX(n, 1);
	}
}

static void html_close_link(struct html_reader *r)
{
	str href = buf_str(&r->href), text = str_sub(buf_str(&r->out), r->link_start, r->out.len);
	if (href.len > 0 && !str_eq(str_trim(text), href)) {
		if (r->out.len > 0 && r->out.ptr[r->out.len - 1] != '\n')
			buf_add_char(&r->out, ' ');
		buf_add_char(&r->out, '[');
		buf_add(&r->out, href);
		buf_add_char(&r->out, ']');
	}
	r->href.len = 0;
}

/* After <script> and the like: past the end tag.  Without one the rest is silent, as in a browser. */
static void html_skip_silent(struct html_reader *r, const char *name)
{
	ptrdiff_t n = (ptrdiff_t)strlen(name);
	for (; r->at < r->html.len; r->at++) {
		const char *p = memchr(r->html.ptr + r->at, '<', (size_t)(r->html.len - r->at));
		r->at = p ? p - r->html.ptr : r->html.len;
		str rest = str_sub(r->html, r->at + 1, r->html.len);
		bool end = rest.len > n && rest.ptr[0] == '/';
		if (end && str_starts_nocase(str_sub(rest, 1, rest.len), str_from(name)))
			return;
	}
}

static void html_apply(struct html_reader *r, const struct tag *tag, bool end, str href)
{
	switch (tag->effect) {
	case TAG_LINE:
		html_break(r, 1);
		break;
	case TAG_PARAGRAPH:
		html_break(r, 2);
		break;
	case TAG_ITEM:
		html_break(r, 1);
		if (!end)
			buf_add(&r->out, S("- "));
		break;
	case TAG_CELL:
		r->blank |= r->out.len > 0 && r->out.ptr[r->out.len - 1] != '\n';
		break;
	case TAG_LINK:
		html_close_link(r);
		if (!end)
			html_open_link(r, href);
		break;
	case TAG_VERBATIM:
		html_break(r, 2);
		r->verbatim = end ? MAX(r->verbatim - 1, 0) : r->verbatim + 1;
		break;
	case TAG_SILENT:
		if (!end)
			html_skip_silent(r, tag->name);
		break;
	}
}

/* At a '<'.  False if it is no tag: then it is text. */
static bool html_tag(struct html_reader *r)
{
	str rest = str_sub(r->html, r->at, r->html.len);
	if (str_starts(rest, S("<!--"))) {
		ptrdiff_t end = str_find(str_sub(rest, 2, rest.len), S("-->"));     /* <!--> is one too */
		r->at = end < 0 ? r->html.len : r->at + 2 + end + 3;
		return true;
	}
	bool end = rest.len > 1 && rest.ptr[1] == '/';
	ptrdiff_t start = 1 + end, i = start;
	while (i < rest.len && is_alnum(rest.ptr[i]))
		i++;
	bool odd = rest.len > 1 && (rest.ptr[1] == '!' || rest.ptr[1] == '?');
	if (!odd && (i == start || (rest.ptr[start] >= '0' && rest.ptr[start] <= '9')))
		return false;
	str name = str_sub(rest, start, i), href = { 0 };
	r->at = html_tag_end(r->html, r->at + i, &href);
	for (ptrdiff_t t = 0; t < COUNTOF(tags); t++)
		if (str_eq_nocase(name, str_from(tags[t].name))) {
			html_apply(r, &tags[t], end, href);
			break;
		}
	return true;
}

str html_to_text(struct arena *a, str html, ptrdiff_t max)
{
	struct html_reader r = { .arena = a, .html = html };
	buf_init(&r.out, a, max);
	buf_init(&r.href, a, HREF_MAX);
	while (r.at < html.len && !r.out.over) {
		uint32_t rune = 0;
		str rest = str_sub(html, r.at, html.len);
		if (rest.ptr[0] == '<' && html_tag(&r))
			continue;
		ptrdiff_t n = rest.ptr[0] == '&' ? html_entity(rest, false, &rune) : 0;
		if (n == 0)
			n = charset_rune(rest, &rune);
		html_rune(&r, n ? rune : 0xFFFD);
		r.at += MAX(n, 1);
	}
	html_close_link(&r);
	return str_trim(charset_clean_text(a, buf_str(&r.out)));
}
