#include "http/html.h"

#include "model/text_safety.h"

static str entity(char c)
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

void html_text(struct buf *page, str text)
{
	str safe = text_safety_block(page->arena, text, page->max);
	ptrdiff_t from = 0;
	for (ptrdiff_t i = 0; i < safe.len; i++) {
		str instead = entity(safe.ptr[i]);
		if (instead.len == 0)
			continue;
		buf_add(page, str_sub(safe, from, i));
		buf_add(page, instead);
		from = i + 1;
	}
	buf_add(page, str_sub(safe, from, safe.len));
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

void html_page_start(struct buf *page, str title)
{
	buf_add(page, S("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>"));
	html_text(page, title);
	buf_add(page, S("</title>\n<link rel=\"icon\" href=\"/mark.svg\" type=\"image/svg+xml\">\n"
	                "<link rel=\"stylesheet\" href=\"/page.css\">\n</head>\n<body>\n<header>"
	                "<a href=\"/\"><img src=\"/mark.svg\" alt=\"\">Naubat</a></header>\n<main>\n<h1>"));
	html_text(page, title);
	buf_add(page, S("</h1>\n"));
}

void html_page_end(struct buf *page)
{
	buf_add(page, S("</main>\n</body>\n</html>\n"));
}
