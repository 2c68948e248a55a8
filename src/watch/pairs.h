/* pairs.h - names and values of one record, until they are written as a JSON object.  Inside watch/ only.
 *
 * A name that comes twice has a list.  Texts are borrowed from the record, or from the scratch memory that is
 * as large as the record needs; nothing is taken for a record once that has grown.
 * What does not fit in PAIRS_MOST is not kept: `over` says so, and the decoder keeps the text as it is.
 */
#pragma once
#include "watch/json_out.h"

enum { PAIRS_MOST = 512 };

/* next: the next of the same key, or -1 */
struct pair { str key, text; bool json; int next; };
struct pairs {
	struct pair at[PAIRS_MOST];
	int         count;
	bool        over;
	bool        repeated[PAIRS_MOST];       /* written with the first of its key */
	uint16_t    slots[2 * PAIRS_MOST];      /* 1 + the place of a key, by its hash */
	char       *scratch;
	ptrdiff_t   scratch_len, scratch_cap;
};

/* Empty, with room for what a record of this length can be turned into.  False: no memory. */
bool pairs_begin(struct pairs *p, ptrdiff_t record_len);
void pairs_done(struct pairs *p);
void pairs_add(struct pairs *p, str key, str text);
void pairs_add_json(struct pairs *p, str key, str json);        /* written as it is */
void pairs_add_members(struct pairs *p, str object);            /* of a JSON object, as if they were ours */
void pairs_add_some(struct pairs *p, str key, str text);        /* unless it is empty or "-" */
char *pairs_room(struct pairs *p, ptrdiff_t len);               /* scratch, or NULL if that is used up */
void pairs_keep(struct pairs *p, const char *end);              /* of the room last taken: up to here */
str  pairs_key(struct pairs *p, str before, str after);         /* both, in scratch */
str  pairs_find(const struct pairs *p, str key);                /* the first of that name; ptr NULL: none */
/* {"@format":"..","key":..}: `format` empty: without. */
void pairs_write(const struct pairs *p, const char *format, struct json_out *o);
