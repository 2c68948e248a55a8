/* words.h - the text of a header: unfolded, with the encoded words of RFC 2047 decoded.
 *
 * Words of the same charset that follow each other are joined before decoding: many mailers cut characters in
 * two. The result is clean (charset.h) and one line.
 */
#pragma once
#include "base/arena.h"

enum { WORDS_VALUE_MAX = 64 << 10 };    /* longer header values are cut */

str words_decode(struct arena *a, str raw);

/* Both are lenient: what is not of the encoding is passed over (base64) or kept (quoted-printable). */
str words_decode_base64(struct arena *a, str text);
str words_decode_quoted(struct arena *a, str text);     /* the "Q" form: _ is a blank */
