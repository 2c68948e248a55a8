/* text_safety.h - text that strangers wrote, made harmless to show, log, mail and store.
 *
 * Output is valid UTF-8 without U+0000, whatever came in, and made safe again it is the same (idempotent).
 *   invalid UTF-8           U+FFFD, one for each bad byte
 *   NUL                     dropped
 *   control characters      their pictures (U+2400 and on), so that a terminal sequence is seen and does
 *                           nothing; those of C1 become U+FFFD
 *   bidi overrides,         visible: <U+202E>.  They reorder what a person reads.  The plain marks LRM, RLM
 *   embeddings, isolates    and ALM stay: Urdu mail is full of them and they move nothing but themselves
 *   zero-width, tag and     visible: <U+200B>.  They hide words from filters and people.  ZWNJ and ZWJ stay:
 *   other invisible ones    Urdu and Hindi need them
 *   CR LF, CR, NEL,         one LF (in a line: one blank)
 *   U+2028, U+2029
 */
#pragma once
#include "base/arena.h"

/* At most max bytes, cut at a character, without a blank at the end of a line form.  Text of several
 * lines. */
str  text_safety_block(struct arena *a, str text, ptrdiff_t max);

/* One line: runs of blanks, tabs and line ends are one blank, none at either end. */
str  text_safety_line(struct arena *a, str text, ptrdiff_t max);

/* A line that may stand in a mail header: also no "=?", which a mail reader would take for an encoded
 * word. */
str  text_safety_header(struct arena *a, str text, ptrdiff_t max);

/* The longest beginning of at most max bytes that does not split a character; borrows. */
str  text_safety_cut(str text, ptrdiff_t max);

/* For writers with rules of their own (JSON escapes, table cells): the character at a place and its length;
 * TEXT_SAFETY_BAD and 1 for a byte that is not UTF-8.  Deceptive: what reorders or hides text, as above. */
enum { TEXT_SAFETY_BAD = 0x110000 };
uint32_t text_safety_char(str text, ptrdiff_t at, ptrdiff_t *out_length);
bool     text_safety_is_deceptive(uint32_t c);
