/* encode.h - text and bytes as mail carries them: RFC 2045 (quoted-printable, base64), RFC 2047 (words in
 * headers), RFC 2231 (parameters).  Output is ASCII; lines are at most 76 characters and end in CRLF. */
#pragma once
#include "base/buf.h"

void encode_quoted(struct buf *out, str text);          /* text with LF; ends with CRLF */
void encode_base64(struct buf *out, str bytes);         /* ends with CRLF */

/* "Name: value" CRLF, folded; value is UTF-8 without control characters.  Unstructured: words are encoded
 * where needed. */
void encode_header(struct buf *out, str name, str value);

/* The same, for a value that is ASCII already and may only be folded at its blanks. */
void encode_header_ascii(struct buf *out, str name, str value);

/* A display name: as an atom, quoted string or encoded words. */
str  encode_phrase(struct arena *a, str name);

/* "; filename="a.txt"" or "; filename*=UTF-8''%D8..." */
void encode_parameter(struct buf *out, str name, str value);

bool encode_is_ascii(str s);
