/* host_name.h - which dotted words are names of hosts, and their canonical form.
 *
 * A name has at least two labels of RFC 1123 (underscores allowed to the left of the last two), at most 253
 * characters, and a plausible top-level domain: a country's two letters, three letters or more, or
 * Punycode.  A label with other letters than ASCII becomes Punycode (RFC 3492) after simple lower-casing;
 * there is no Unicode normalisation.  Names under a non-ASCII top-level domain are taken only if that
 * domain exists.
 *
 * It may still be something else that is written with dots:
 *   HOST_FILE      report.pdf, setup.exe: the ending is one of files and no top-level domain.  No name.
 *   HOST_DOUBTFUL  invoice.zip, setup.py, done.Then: could be either.  Taken for a name only where somebody
 *                  took care to make it harmless, or in a URL or mail address.
 */
#pragma once
#include "base/str.h"

enum { HOST_NAME_MAX_LENGTH = 253, HOST_LABEL_MAX = 63 };

enum host_kind { HOST_NONE, HOST_NAME, HOST_DOUBTFUL, HOST_FILE };

struct host_name {
	char text[HOST_NAME_MAX_LENGTH + 1];
	int  len;
	/* which of the codes it is made of: what does not fit is left out at both ends */
	int  from, to;
	int  last_dot;                  /* index of the dot before the top-level domain */
};

/* `codes`: labels of letters, digits, '-' and '_' with single dots between them.  `sure`: it stands where
 * only a host can stand, so that underscores and endings of files are no objection. */
enum host_kind host_name_read(const uint32_t *codes, int count, bool sure, struct host_name *out);

/* May the code stand in a label?  Letters beyond Cyrillic and Armenian join only each other, so that a name
 * in Urdu or Chinese prose without blanks is still found. */
bool host_is_letter(uint32_t code);     /* other than ASCII */
bool host_is_far_letter(uint32_t code);
