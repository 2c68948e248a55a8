/* shape.h - what a route answers, written beside it in one line (struct route's `record`), as JSON Schema.
 *
 *   record = answer {"; " answer}
 *   answer = [status " "] [shape | media type]     200 if no status is said; 204 has nothing behind it
 *   shape  = base ["?"]                            ?: or null
 *   base   = text | id | time | int | bool | any
 *          | Name                                  of shapes.c
 *          | "=" word {"|" word}                   one of these words
 *          | "[" shape "]"                         a list
 *          | "<" shape ">"                         a page of a list: items, next, count, count_exact
 *          | "(" shape ")"                         an object whose members all have this shape
 *          | "{" [member {", " member}] "}"
 *   member = name ["?"] ": " shape                 ?: it may be absent
 *          | "..." Name                            all members of that one; those after it replace them
 *
 * The stories hold every answer against these schemas, closed (tests/api.py): a member that an encoder
 * adds and nobody wrote down here fails them.
 */
#pragma once
#include "format/json.h"

/* The shapes that have a name, each once. */
struct shape { const char *name, *text; };
extern const struct shape SHAPES[];
extern const ptrdiff_t SHAPES_COUNT;

MUST_CHECK bool shape_schema(struct arena *a, str shape, struct json **out_schema, struct err *err);

/* One answer of several.  `shape` is empty when there is none; `media` is application/json for a shape. */
struct shape_answer { int status; str shape, media; };

/* Takes the first answer off `record`; false when none is left. */
bool shape_next_answer(str *record, struct shape_answer *out);
