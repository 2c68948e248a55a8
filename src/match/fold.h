/* fold.h - text without case: simple case folding of Unicode, character by character.
 *
 * Source: Unicode CaseFolding.txt, status C and S (event.h, "Folding").  Bytes that are no UTF-8 stand
 * for themselves.
 */
#pragma once
#include "base/str.h"

/* Room that fold_text needs for `len` bytes: U+023A takes two bytes, and three when folded. */
#define FOLD_ROOM(len) ((len) + (len) / 2 + 16)

ptrdiff_t fold_text(char *out, const char *in, ptrdiff_t len); /* the length written */
uint32_t fold_point(uint32_t c);
/* The bytes of the character at `at`; 0 if it is no UTF-8: then *out_c is the one byte. */
int fold_decode(const char *at, ptrdiff_t left, uint32_t *out_c);
/* Where in `in` the byte `folded` of its folded form comes from. */
ptrdiff_t fold_origin(const char *in, ptrdiff_t len, ptrdiff_t folded);
