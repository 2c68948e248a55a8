/* html.h - text into the HTML pages that the server itself writes (errors, the public form).
 *
 * I1. Whatever the text was, the result is text: it opens and closes no markup and no attribute.
 * I2. Control characters and what reorders or hides text are shown, never obeyed, and the result is valid
 *     UTF-8, all as model/text_safety.h says: one rule for screen, mail and terminal.
 * What is escaped here may stand in an element or between quotes in an attribute; nowhere else: not in a
 * script, a style, an unquoted attribute, nor as the whole of an href (check the scheme first).
 */
#pragma once
#include "base/buf.h"

void html_text(struct buf *page, str text);

/* One attribute with its blank in front:  ` name="value"`.  The name is a literal of ours. */
void html_attr(struct buf *page, const char *name, str value);

/* The template is markup, a literal of ours; each {} in it takes the next str, escaped:
 *     html_fill(&page, "<p title=\"{}\">{}</p>", title, text);
 * As many values as {}; a wrong number does not compile away, it fails an ASSERT. */
#define html_fill(page, template, ...) \
	html_fill_list((page), "" template, (const str[]){ __VA_ARGS__ }, \
		COUNTOF(((const str[]){ __VA_ARGS__ })))

void html_fill_list(struct buf *page, const char *template, const str *values, ptrdiff_t count);

void html_page_start(struct buf *page, str title);      /* up to and with the <h1>; styled by /page.css */
void html_page_end(struct buf *page);
