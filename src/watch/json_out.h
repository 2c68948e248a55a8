/* json_out.h - JSON objects written by decoders into bytes that grow.  Inside watch/ only.
 *
 * Past `most` bytes `over` latches and nothing more is written: check it once a record.
 * Text may hold anything: what is no UTF-8 is taken as Latin-1, U+0000 becomes U+FFFD.
 */
#pragma once
#include "base/str.h"

struct json_out {
	char     *ptr;
	ptrdiff_t len, cap, most;
	bool      over;
};

void json_out_free(struct json_out *o);
void json_out_raw(struct json_out *o, str bytes);
void json_out_text(struct json_out *o, str text);       /* with its quotes */

/* A value of an object, one after the other: `{` or `,` comes before the key. */
void json_out_key(struct json_out *o, str key);
void json_out_end(struct json_out *o);                  /* } */
