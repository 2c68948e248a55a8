/* indicator_block.h - how indicators lie in memory, for match/indicator_*.c.
 *
 * The table is one block of bytes without pointers: a head, then sections that it names by offset.  Two
 * tables of one shape stand in it, what is looked for and what is allowed.
 *
 *   bucket  one cache line: eight fingerprints (the low half of the hash) and eight numbers of entries, 0:
 *           none.  They are filled from the left; what a full one has no room for stands in the next.
 *   entry   20 bytes: where its value stands, its label, line and bits.
 *   nets4   for each /16 which prefix lengths are in use there; nets6 the same for a hash of the first 32
 *           bits: an address is looked up once for each length in use, not once for each network.
 *   below   a Bloom filter of the names that count for all below them.
 *
 * P1. The key of an entry is its kind and its canonical value; a fingerprint that agrees is confirmed on
 *     the value.
 * P2. Offsets and lengths in a block are checked when they are used: a damaged block gives wrong answers
 *     at worst.
 * P3. The hash is keyed by the seed in the head, so that who writes logs or feeds cannot choose the
 *     buckets.
 */
#pragma once
#include "match/indicator.h"
#include "match/indicator_hash.h"

enum {
	INDICATOR_KINDS = 12,
	ALLOW_TEXT = 12,                /* a kind of key in the allow-table: any text, in lower case */
	VALUE_MAX = 2048,               /* canonical bytes of a value */
	BUCKET_SLOTS = 8,
	NETS4 = 1 << 16,
};

/* ---- the block */

struct bucket { uint32_t print[BUCKET_SLOTS], entry[BUCKET_SLOTS]; };

struct entry { uint32_t word[5]; };     /* at 40 bits, length 16; label; line; bits */

/* bits of an entry: kind 4, then `below` 1 and source 16; of an allowed one: kind 4, the kinds it is for
 * if it equals 12, the kinds it is for if it is above 12 */
static inline uint64_t entry_at(const struct entry *e)
{
	return e->word[0] | (uint64_t)(e->word[1] & 0xff) << 32;
}

static inline uint32_t entry_len(const struct entry *e)
{
	return e->word[1] >> 8 & 0xffff;
}

static inline unsigned entry_kind(const struct entry *e)
{
	return e->word[4] & 15;
}

static inline bool entry_below(const struct entry *e)
{
	return e->word[4] >> 4 & 1;
}

static inline uint32_t bits_seek(unsigned kind, bool below, uint32_t source)
{
	return kind | (uint32_t)below << 4 | source << 5;
}

static inline uint32_t bits_allow(unsigned kind, uint32_t equal, uint32_t above)
{
	return kind | equal << 4 | above << 16;
}

struct words { uint64_t at, count; };   /* a section and its items */

struct table_head {
	struct words buckets, entries, text;
	struct words nets4, nets6, below;       /* count 0: there is none of that */
	uint64_t     nets6_wide[2];             /* prefix lengths below 32, minus 1 */
	uint32_t     kinds;                     /* a bit for each kind that there is */
	uint8_t      net4_zero, net6_zero;      /* 0.0.0.0/0, ::/0 */
	uint8_t      pad[2];
};

struct block_string { uint64_t at; uint32_t len, pad; };

struct block_piece { uint64_t at; uint32_t len, kinds, next; uint32_t pad; };   /* a substring that allows */

struct block_head {
	char              magic[8];
	uint32_t          version, order;
	uint64_t          size, sum;
	uint64_t          secret[4];
	struct table_head seek, allow;
	struct words      strings, string_text;
	struct words      pieces, piece_heads, piece_kinds, piece_text;
	uint64_t          sources;              /* strings[0 .. sources) are files, the rest labels */
	int64_t           kept, doubled, refused, allowed;
	int64_t           of_kind[INDICATOR_KINDS];
};

struct indicators {
	const struct block_head *head;
	ptrdiff_t                size;
	bool                     owned;
};

static inline const void *block_at(const struct indicators *i, uint64_t at)
{
	return (const char *)i->head + at;
}

/* The bytes [at, at + len) of a text section; empty if they do not lie in it (P2). */
static inline str block_text(const struct indicators *i, const struct words *section, uint64_t at,
			     uint64_t len)
{
	if (at > section->count || len > section->count - at)
		return (str){ NULL, 0 };
	return (str){ (const char *)i->head + section->at + at, (ptrdiff_t)len };
}

void block_seal(struct block_head *head, uint64_t size);
void block_indicator(const struct indicators *i, const struct entry *e, struct indicator *out);

/* ---- looking up: indicator_block.c, indicator_allow.c */

/* A key to be looked for. */
struct lookup {
	uint64_t hash;
	union {
		struct { const char *key, *host; };     /* text; of a path, the URL's host, or NULL */
		struct ip ip;                   /* of IP, IP_PORT and NETWORK */
	};
	uint32_t probe, from, to;               /* whose, and where in its text */
	uint32_t len;                           /* of the key; IP_PORT: port; NETWORK: prefix of 128 */
	uint8_t  kind;
	bool     above;                         /* only an entry that counts for names below it */
	uint8_t  lead;                          /* of a name above: how much longer the whole name is */
	uint8_t  host_len;
};
const struct entry *table_find(const struct indicators *i, const struct table_head *t,
			       const struct lookup *l);


/* False: the first bucket says that there is no such key. */
static inline bool bucket_may_hold(const struct bucket *b, uint64_t hash)
{
	typedef uint32_t lanes __attribute__((vector_size(16)));
	typedef uint64_t halves __attribute__((vector_size(16)));
	lanes p, q, wanted = { (uint32_t)hash, (uint32_t)hash, (uint32_t)hash, (uint32_t)hash };
	memcpy(&p, b->print, sizeof(p));
	memcpy(&q, b->print + 4, sizeof(q));
	halves any = (halves)((p == wanted) | (q == wanted));
	return (any[0] | any[1]) != 0 || b->entry[BUCKET_SLOTS - 1] != 0;
}

/* The prefix lengths (of 128, ascending) that networks of the table around that address may have. */
int table_prefixes(const struct indicators *i, const struct table_head *t, struct ip ip,
		   uint8_t out[static 129]);

static inline bool table_may_be_below(const struct indicators *i, const struct table_head *t, uint64_t hash)
{
	const uint64_t *filter = block_at(i, t->below.at);
	uint64_t bits = below_bits(hash);
	return t->below.count > 0 && (filter[below_word(hash, t->below.count)] & bits) == bits;
}

/* Does an allow-list for that kind know the observable?  bits: 128 for an address, else a network's. */
bool allow_address(const struct indicators *i, unsigned kind, struct ip ip, int bits);
/* equal: lists of plain strings count too, not only those of hosts and all below them */
bool allow_name(const struct indicators *i, unsigned kind, str name, bool equal);
bool allow_text(const struct indicators *i, unsigned kind, str text);
/* What was found in that place, or an indicator by itself (l NULL). */
bool allow_hit(const struct indicators *i, const struct lookup *l, const struct entry *e);
bool allow_value(const struct indicators *i, unsigned kind, bool below, str value);
