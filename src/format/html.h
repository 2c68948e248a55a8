/* html.h - text into HTML and XML, for every floor that writes some.
 *
 * I1. Whatever the text was, the result is text: it opens and closes no markup and no attribute.
 * I2. Control characters (but TAB and LF), bidirectional marks, embeddings, overrides and isolates are shown
 *     as their code point, U+202E in white square brackets, and never obeyed: a name must not reorder the
 *     line that it stands in.  CRLF becomes LF.
 * I3. The result is valid UTF-8: a byte that is no part of a character is U+FFFD.
 * What is escaped here may stand in an element or between quotes in an attribute; nowhere else: not in a
 * script, a style, an unquoted attribute, nor as the whole of an href (check the scheme first).
 */
#pragma once
#include "base/buf.h"

void html_text(struct buf *out, str text);

/* One attribute with its blank in front:  ` name="value"`.  The name is a literal of ours. */
void html_attr(struct buf *out, const char *name, str value);

/* The template is markup, a literal of ours; each {} in it takes the next str, escaped:
 *     html_fill(&page, "<p title=\"{}\">{}</p>", title, text);
 * As many values as {}; a wrong number does not compile away, it fails an ASSERT. */
#define html_fill(out, template, ...) \
	html_fill_list((out), "" template, (const str[]){ __VA_ARGS__ }, \
		COUNTOF(((const str[]){ __VA_ARGS__ })))

void html_fill_list(struct buf *out, const char *template, const str *values, ptrdiff_t count);
