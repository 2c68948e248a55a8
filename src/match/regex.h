/* regex.h - regular expressions of rules.  PCRE2 behind our own door.
 *
 * Bytes are UTF-8; what is none never matches a character but does no harm (PCRE2_MATCH_INVALID_UTF).
 * \d \s \w are ASCII, as the specification's subset has them.  A match that PCRE2's backtracking gives up
 * on is tried again breadth-first (pcre2_dfa_match), which knows no exponential case; past that limit too,
 * or where it cannot be tried (a back reference, bytes that are no UTF-8), it is undecided.  PCRE2's limits
 * count from each place anew: so there is also a time, of the processor's, for all expressions of an event.
 */
#pragma once
#include "base/err.h"

enum regex_verdict { REGEX_NO, REGEX_YES, REGEX_UNDECIDED };

enum { REGEX_EVENT_US = 1000000 };
struct regex_time {
	int64_t left_us;
};

struct regex;
MUST_CHECK bool regex_check(str pattern, int flags, struct err *err); /* flags: i 1, m 2, s 4 */
struct regex *regex_new(str pattern, int flags);                      /* of what regex_check has passed */
void regex_free(struct regex *r);
/* Anywhere in text; where it was found in *out_from and *out_to. */
enum regex_verdict regex_find(struct regex *r, str text, struct regex_time *left, ptrdiff_t *out_from,
			      ptrdiff_t *out_to);
