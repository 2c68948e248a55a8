/* observable_url.h - URLs in a text, for observable_scan.c. */
#pragma once
#include "model/observable_word.h"

/* Where in a word a scheme with "://" behind it starts, or -1. */
ptrdiff_t observable_url_find(const struct scan *s, const struct word *r);

/* The URL whose scheme starts at `at` and ends s->word.  Returns where to go on.  Where there is no host
 * behind, what is left clickable is reported as doubtful. */
ptrdiff_t observable_url_scan(struct scan *s, ptrdiff_t at);

/* What a scheme is written as in a defanged text: hxxp for http; empty if it stays as it is. */
str       observable_url_safe_scheme(str scheme);
