/* html.h - text into HTML pages that the server itself writes (errors, the public form).
 *
 * I1. Whatever the text was, the result is text: no markup, no attribute is ever opened or closed by it.
 * I2. Control bytes and what reorders or hides text are shown, never obeyed (model/text_safety.h).
 */
#pragma once
#include "base/buf.h"

void html_add(struct buf *page, str text);              /* escaped; for elements and quoted attributes */
void html_page_start(struct buf *page, str title);      /* up to and with the <h1>; styled by /page.css */
void html_page_end(struct buf *page);
