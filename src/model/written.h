/* written.h - text read one unit at a time, as people write addresses to make them harmless.
 *
 * A unit is one character, or one of the ways to write a dot, an at sign or a colon:
 *   [.] (.) {.} [dot] (dot) {dot}, full-width and other Unicode dots, " dot " where a name goes on behind it
 *   [@] (@) {@} [at] (at) {at}, the full-width at sign
 *   [:] [://], the full-width colon
 * One blank may stand on both sides of a bracketed one between letters or digits: evil (dot) example.
 *
 * I1. What a unit is depends on its bytes, on the code before it and on at most WRITTEN_AHEAD_MAX bytes
 * after it.
 * I2. Between letters or digits, "[.]" is always a dot: observable_defang rests on it.
 */
#pragma once
#include "base/str.h"

enum {
	UNIT_END = 0x110000,            /* past the text; the length is 0 */
	UNIT_BAD,                       /* a byte that is not UTF-8 */
	UNIT_SCHEME_END,                /* [://] */
};

enum { WRITTEN_AHEAD_MAX = 600 };

enum unit_form {
	UNIT_PLAIN,
	UNIT_BRACKETED,                 /* somebody took care that it is no link: so it is a name */
	UNIT_KEPT,                      /* {.}: ours, for a dot that we do not take for one in a name */
};

struct unit {
	uint32_t       code;            /* a code point, or one of the above */
	int            len;             /* bytes */
	enum unit_form form;
};

/* `before` is the code of the unit before, or UNIT_END at the start. */
struct unit written_read(str text, ptrdiff_t at, uint32_t before);

static inline bool written_is_alnum(uint32_t code)
{
	return (code | 32) - 'a' < 26u || code - '0' < 10u;
}

/* Top-level domains that are no words of English; enough to tell "example dot com" from "the dot is red". */
bool written_is_known_tld(str label);
