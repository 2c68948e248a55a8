/* observable_url.h - URLs in a text, for observable_scan.c. */
#pragma once
#include "model/observable_word.h"

/* s->word was just read.  Is it a scheme with "://" behind it?  Returns where to go on, -1 if it is none.
 * Where there is no host behind, what is left clickable is reported as doubtful. */
ptrdiff_t observable_url_scan(struct scan *s);

/* What a scheme is written as in a defanged text: hxxp for http; empty if it stays as it is. */
str       observable_url_safe_scheme(str scheme);
