/* indicator_load.h - what is read of lists before it becomes a block, for match/indicator_*.c.
 *
 * L1. Values lie in chunks of the heap, not in the arena: ten million of them are 300 MB, which no arena
 *     holds.
 */
#pragma once
#include "match/indicator_value.h"

enum {
	STRING_MOST = 4096,             /* bytes of a label */
	FILES_MOST = 65535,
	LIST_ROOM = 1 << 30,            /* memory for one file of JSON */
};

struct draft {
	uint64_t hash, at;              /* of the value, in the text store */
	uint32_t label, line, bits;
	uint16_t len, spare;
};
struct text_store { char **chunk; ptrdiff_t chunks, room; uint64_t used, dropped; };
struct draft_list { struct draft *at; ptrdiff_t count, room; struct text_store text; };
struct string_list {
	struct block_string *at;
	uint32_t            *slot;      /* numbers of strings + 1, by hash */
	ptrdiff_t            count, room, slots;
	struct text_store    text;
};
struct piece { str text; uint32_t kinds; struct piece *next; };
struct pattern;                         /* a regular expression that allows */

struct indicator_loader {
	struct arena             *arena;
	bool                      force, all_below, finished;
	uint64_t                  secret[4];
	struct draft_list         seek, allow;
	struct string_list        files, labels;
	struct piece             *pieces;
	struct pattern           *patterns;
	ptrdiff_t                 piece_count, pattern_count;
	uint64_t                  piece_bytes;
	struct indicator_refusal *refusals, *last_refusal;
	int64_t                   refused;
	struct value              value;        /* the one that is read */
	str                       last_label;
	uint32_t                  last_label_number;
	uint32_t                  file;         /* the one that is read */
	str                       file_name;
};

uint64_t text_add(struct text_store *t, str s);
str      text_get(const struct text_store *t, uint64_t at, ptrdiff_t len);
void     text_drop(struct text_store *t, uint64_t at);
void     text_done(struct text_store *t);
uint32_t string_add(struct string_list *l, const uint64_t secret[static 4], str s);
void     draft_add(struct draft_list *l, const struct value *v, uint32_t bits, uint32_t label, int64_t line);
void     loader_done(void *loader);
/* Reads, judges and keeps one; a refusal is noted. */
void     loader_take(struct indicator_loader *l, str text, int kind, str label, int64_t line);
void     loader_refuse(struct indicator_loader *l, str value, const char *why, int64_t line);

bool     loader_pattern_allows(const struct indicator_loader *l, unsigned kind, str value);

/* ---- forms */

void loader_add_list(struct indicator_loader *l, str bytes);
enum { CSV_COLUMNS = 256 };
struct csv_form {
	bool      is_csv, has_names;    /* has_names: the first row is the names */
	char      separator;
	int       columns, bad_rows;
	ptrdiff_t from;                 /* of the first row */
	int64_t   line;
	int       role[CSV_COLUMNS];
};
MUST_CHECK bool csv_form_find(struct indicator_loader *l, str file, str bytes, struct csv_form *out,
			      struct err *err);
MUST_CHECK bool loader_add_csv(struct indicator_loader *l, str bytes, struct csv_form *form,
			       struct err *err);
bool loader_is_json_list(str bytes);    /* [{ .. and not [2001:db8::1]:443 */
MUST_CHECK bool loader_add_json(struct indicator_loader *l, str bytes, const char **out_form,
				struct err *err);
int  value_kind_named(str name);        /* the kind that MISP and CSV files mean by a name, or -1 */
