/* html.h - HTML to the text a person would read, for mail without a text part.
 *
 * Not a browser: a scan of the bytes in one pass, no tree, no styles, nothing fetched.
 * I1. Scripts, styles, comments and frames leave nothing; every character reference is decoded once.
 * I2. The target of a link stands behind its text in [ ], so that a report's addresses are seen, and found.
 * I3. Hidden text is shown: an analyst must see what a filter saw.
 * I4. Costs are linear; the result is at most `max` bytes and clean (charset.h).
 */
#pragma once
#include "base/arena.h"

str html_to_text(struct arena *a, str html, ptrdiff_t max);     /* html: UTF-8, or what was taken for it */
