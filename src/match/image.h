/* image.h - how a unit lies in memory and in its file: sections of plain numbers, no pointers.  For
 * match/ alone.
 *
 * Texts are (offset, length) in the strings section; lists are (first, count) in the section named.  The
 * structs are read by this machine alone: a cache file of another layout is refused by version and byte
 * order.
 */
#pragma once
#include "match/leaves.h"
#include "match/rule.h"

enum { IMAGE_VERSION = 4 };

struct span {
	uint32_t at, len;
};
struct range {
	uint32_t first, count;
};

struct image_field {
	struct span name;    /* as first written */
	uint32_t index;      /* in indexes, or IMAGE_NONE */
	uint32_t observable; /* enum probe_as + 1, or 0 */
	uint32_t port_field; /* or IMAGE_NONE */
	uint32_t unless;     /* not observed where this field has a value; or IMAGE_NONE */
	/* bit 0: tested by a source; bit 1: for a value and not only for presence */
	uint32_t routes;
};
#define IMAGE_NONE UINT32_MAX

struct image_piece {
	uint32_t kind;
	struct span text;
}; /* folded unless the predicate is cased */

enum text_shape {
	TEXT_EXACT,
	TEXT_PREFIX,
	TEXT_SUFFIX,
	TEXT_CONTAINS, /* one literal piece */
	TEXT_PRESENT,  /* `*`: any text at all */
	TEXT_GLOB,
};
enum { PREDICATE_UNFOLDED = 8 }; /* cased, with a literal past ASCII: its folded length may differ */
struct image_predicate {
	uint8_t op, shape, cased, order, part, how, flags, noted; /* flags: regex i 1, m 2, s 4 */
	uint32_t field;                                           /* IMAGE_NONE: a keyword */
	struct range pieces;
	struct span text;   /* the longest literal; the regex; the network's 17 bytes */
	uint32_t other;     /* the other field of FIELD; the number of REGEX among regexes */
	struct range wakes; /* rules woken when it holds (wakes section) */
	struct span written;
	double number;
};

struct image_node {          /* preorder: a node, then its children */
	uint32_t kind, size; /* size: nodes of the subtree, itself included */
	uint32_t predicate;
	struct span name;
};
struct image_rule {
	struct span id, title, author, description, file, name;
	struct range tags, references, false_positives; /* of spans */
	uint32_t node, logsource; /* logsource: number among the distinct ones */
	uint8_t level, status, silent;
	int32_t line;
};

/* What is looked up when a field has a value.  Lists are of postings. */
enum index_kind { INDEX_EXACT, INDEX_HEAD8, INDEX_HEAD4, INDEX_TAIL8, INDEX_TAIL4, INDEX_GRAM, INDEX_KINDS };
struct image_slot {
	uint64_t key;
	struct range postings;
}; /* count 0: empty */
/* What a key leads to: a predicate whose literal (folded) may be where the key was found. */
enum posting_place { PLACE_AROUND, PLACE_BEGINNING, PLACE_END, PLACE_WHOLE };
struct image_posting {
	uint32_t predicate;
	struct span literal;
	uint32_t witness;      /* of PLACE_AROUND: where in the literal the key stands */
	uint8_t place, enough; /* enough: with the literal there the predicate holds */
	uint8_t unused[2];     /* 0: the same rules give the same bytes */
};
struct image_table {
	uint32_t first, mask;
}; /* in slots; mask IMAGE_NONE: no such table */
struct image_index {
	struct image_table tables[INDEX_KINDS];
	uint32_t filter, filter_bits; /* bitmap of grams, in words; log2 of its bits */
	/* postings: rules (not predicates) woken by any value */
	uint32_t exact_most; /* the longest text in the table of whole values */
	struct range present; /* wakes: of rules woken by any value */
	uint32_t logsources;  /* in words: those of the rules it can wake */
	uint32_t sieve;       /* of keywords: in words, or IMAGE_NONE */
};

struct image_logsource {
	uint8_t has;
	struct span product, category, service;
	uint32_t index;
	struct range always;
};
struct image_test {
	uint32_t field, any;
	struct range values;
}; /* of spans, folded */
/* A field of the rules read from elsewhere: `from` (of numbers) are fields; joined, their first values
 * make one
 * value with `between` them, and the first of `prefixes` (of spans, pairs, folded and plain) that fits
 * is replaced.
 * Where `from` is empty, `between` is a value that the field has besides its own. */
struct image_rename {
	uint32_t field, joined;
	struct range from, prefixes;
	struct span between;
};
struct image_entry {
	struct range when, renames;
	uint32_t met; /* in words: the logsources that it meets */
};

#define IMAGE_SECTIONS(X)                                                                              \
	X(char, strings)                                                                               \
	X(struct image_field, fields)                                                                  \
	X(struct path_slot, paths)                                                                     \
	X(uint32_t, numbers)                                                                           \
	X(struct image_piece, pieces)                                                                  \
	X(struct image_predicate, predicates) X(struct image_node, nodes) X(struct image_rule, rules)  \
		X(struct image_slot, slots) X(struct image_posting, postings) X(uint32_t, wakes)       \
			X(uint64_t, words) X(struct image_index, indexes)                              \
				X(struct image_logsource, logsources) X(struct image_test, tests)      \
					X(struct image_rename, renames) X(struct image_entry, entries) \
						X(struct span, spans) X(uint32_t, regexes) X(uint32_t, wild)

struct image_extent {
	uint64_t at, count;
};
struct image_header {
	char magic[8];
	uint32_t version, byte_order;
	uint64_t size, sum; /* sum: of everything else */
	struct image_extent section[24];
};

/* The sections of a block, found again. */
struct image {
	const struct image_header *header;
#define X(type, name)     \
	const type *name; \
	ptrdiff_t name##_count;
	IMAGE_SECTIONS(X)
#undef X
};
static inline str image_text(const struct image *im, struct span s)
{
	return (str){ im->strings + s.at, s.len };
}
static inline struct logsource image_logsource(const char *strings, const struct image_logsource *l)
{
	str any = { 0 };
	struct logsource out = { any, any, any };
	if (l->has & 1)
		out.product = (str){ strings + l->product.at, l->product.len };
	if (l->has & 2)
		out.category = (str){ strings + l->category.at, l->category.len };
	if (l->has & 4)
		out.service = (str){ strings + l->service.at, l->service.len };
	return out;
}
uint64_t image_sum(const void *bytes, size_t size);

/* How a value's bytes become a key of the tables; builder and matcher have it from here. */
static inline uint64_t image_key(const char *p, ptrdiff_t len)
{
	uint64_t h = (uint64_t)len * 0xD6E8FEB86659FD93u;
	for (; len >= 8; p += 8, len -= 8) {
		uint64_t v;
		memcpy(&v, p, 8);
		h = (h ^ v) * 0x9E3779B97F4A7C15u;
		h ^= h >> 29;
	}
	uint64_t v = 0;
	if (len > 0)
		memcpy(&v, p, (size_t)len);
	h = (h ^ v) * 0x9E3779B97F4A7C15u;
	return h ^ h >> 32;
}
static inline uint32_t image_slot_of(uint64_t key, uint32_t mask)
{
	return (uint32_t)(key * 0x9E3779B97F4A7C15u >> 33) & mask;
}
static inline uint32_t image_gram(const char *p)
{
	uint32_t v;
	memcpy(&v, p, 4);
	return v;
}
static inline uint32_t image_gram_bit(uint32_t gram, uint32_t bits)
{
	return (gram * 0x9E3779B1u) >> (32 - bits);
}
