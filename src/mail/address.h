/* address.h - address lists of headers (RFC 5322 section 3.4), leniently: groups, comments, quoted strings,
 * routes and encoded words.  No recursion; costs are linear in the value, which is cut at WORDS_VALUE_MAX. */
#pragma once
#include "mail/parse.h"

struct mail_addresses address_parse(struct arena *a, str raw);          /* at most MAIL_ADDRESSES_MAX */

/* local@domain in one piece: without blanks and control characters, <= 320 bytes; else empty. */
str address_clean(struct arena *a, str raw);

str address_domain(str address);        /* after the last @; empty without */
str address_local(str address);         /* before it; all of it without */
