/* leaves.h - the leaves of one JSON object that somebody asks for, straight from its bytes.
 *
 * What a leaf and a path are says event.h.  Paths are looked up while reading in a table of wanted
 * names, so that the
 * name of a leaf nobody asks for is never kept, and a value nobody asks for is only skipped.
 *
 * V1. Anything goes in: what is no JSON ends the reading with `broken`; the leaves before that stand.
 * V2. Nothing is read past the bytes given; nothing is allocated but the list of leaves, which grows and
 * stays.
 */
#pragma once
#include "base/err.h"
#include "base/str.h"

enum { PATH_MOST = 1024 }; /* a longer path has no name; its value is still a leaf */
#define PATH_NONE UINT32_MAX

/* Open addressing by the hash of the path without ASCII case; `count` 0 is an empty slot. */
struct path_slot {
	uint64_t hash;
	uint32_t name, len;    /* in the unit's strings */
	uint32_t first, count; /* of its list of fields */
};
struct paths {
	const struct path_slot *slots;
	uint64_t mask;
	const char *strings;
	/* offset and length in strings of each envelope that ends in a `*`, without it */
	const uint32_t *wild;
	ptrdiff_t wild_count;
};
uint64_t path_hash(const char *path, ptrdiff_t len);
uint32_t path_find(const struct paths *p, const char *path, ptrdiff_t len); /* a slot, or PATH_NONE */

enum leaf_kind { LEAF_STRING, LEAF_NUMBER, LEAF_TRUE, LEAF_FALSE, LEAF_NULL };
struct leaf {
	const char *raw; /* of a string: between the quotes */
	uint32_t len;
	uint32_t slot; /* in paths, or PATH_NONE */
	uint8_t kind;
	bool escaped;
};
/* The keys of events follow each other as they did in the last event of the same kind: which key came
 * after which, and
 * what it was found to be.  Compared before it is believed. */
enum { MEMO_SLOTS = 512, MEMO_NAME = 24 };
struct key_memo {
	char name[MEMO_NAME];
	uint32_t slot;
	uint16_t len, next; /* len 0: empty */
};
struct leaves {
	struct leaf *at;
	ptrdiff_t count, room;
	struct key_memo *memo;
	const char *broken; /* NULL, or what was wrong */
	ptrdiff_t broken_at;
};
/* `all`: also leaves without a slot. */
void leaves_read(struct leaves *l, const struct paths *p, str json, bool all);
void leaves_add(struct leaves *l, struct leaf leaf);
void leaves_done(struct leaves *l);

/* A leaf's text as event.h says; `out` has room for len bytes and 16 more.  Of null: nothing. */
ptrdiff_t leaf_text(const struct leaf *l, char *out);
/* The same without case (fold.h); `out` has room for FOLD_ROOM(len) bytes.  Of strings only. */
ptrdiff_t leaf_folded(const struct leaf *l, char *out);
