/* thread.h - which conversation a mail belongs to.
 *
 * Every party of a case has an address of its own, reply+TOKEN@domain.  The token is a time and 80 random
 * bits (cases/world.h) as 24 symbols of Crockford base32: who has it was written to.  Servers may change the
 * case of a local part, so it is written in lower case and read in any; the canonical token is upper case.
 * A number in a subject proves nothing: such a mail is filed as "unverified sender".
 */
#pragma once
#include "mail/parse.h"

enum { THREAD_TOKEN_LENGTH = 24, THREAD_NUMBERS_MAX = 8 };

/* "reply", token, "cert.example" */
str thread_reply_address(struct arena *a, str local, str token, str domain);

/* The token of local+TOKEN@domain; empty if the address is none of that form. */
str thread_token_of(struct arena *a, str address, str local, str domain);

/* All different tokens among the addresses, in order. */
struct mail_strings thread_find_tokens(struct arena *a, struct mail_strings addresses, str local, str domain);

/* What looks like PREFIX-YEAR-RANDOM in a subject, upper case, in order; model/number.h says if it is one. */
struct mail_strings thread_find_numbers(struct arena *a, str subject);
