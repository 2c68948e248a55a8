/* fields.h - blocks of "Name: value" lines: RFC 5322 headers kept as text, delivery status (RFC 3464),
 * feedback reports (RFC 5965).  Blocks end at an empty line.  Any line end will do; a folded value stays
 * folded. */
#pragma once
#include "base/str.h"

struct fields { str rest; };            /* start: { bytes } */
struct field { str name, value; };      /* trimmed; borrowed */

/* False at the end of the block (and of the bytes).  Lines that are no fields are passed over. */
bool fields_next(struct fields *f, struct field *out_field);

/* To the next block; false if there is none. */
bool fields_next_block(struct fields *f);

/* The first of that name in the block at the start of bytes; empty if there is none. */
str  fields_find(str bytes, str name);

/* One line off *rest, without its end; false at the end. */
bool fields_line(str *rest, str *out_line);
