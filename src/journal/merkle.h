/* merkle.h - the RFC 6962 hash tree over the journal, grown one leaf at a time.
 *
 * The frontier is the roots of the full subtrees that the leaves so far fall into, largest first: as many as
 * the size has one bits.  It is all that appending and the tree's root need.
 *
 * I1. Leaf = SHA-256(0x00 || header), node = SHA-256(0x01 || left || right); the root of no leaves is
 *     SHA-256("") (RFC 6962 section 2.1).
 * I2. merkle_path and merkle_path_check are inverse for every index < size (tested for all sizes to 300).
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "crypto/hash.h"

enum { MERKLE_LEVELS = 62, MERKLE_STORED_EVERY = 8 };

struct merkle {
	int64_t size;
	struct hash256 full[MERKLE_LEVELS]; /* full[0] covers the most leaves */
	int count;
};

/* What an append completed that is worth storing: the root of a full subtree at a level divisible by 8. */
struct merkle_stored {
	int level;
	int64_t position;
	struct hash256 hash;
};

struct hash256 merkle_leaf(str header);
void merkle_append(struct merkle *m, struct hash256 leaf, struct merkle_stored out[static 8], int *out_count);
struct hash256 merkle_root(const struct merkle *m);

str merkle_format(struct arena *a, const struct merkle *m); /* for journal_head.frontier */
MUST_CHECK bool merkle_load(int64_t size, str bytes, struct merkle *out_m, struct err *err);

/* Where hashes of full subtrees come from: level 0 is leaves, otherwise levels divisible by 8. */
struct merkle_source {
	bool (*find)(struct merkle_source *s, int level, int64_t position, struct hash256 *out,
		     struct err *err);
};

/* RFC 6962 section 2.1.1: the audit path of leaf `index` in the tree of `size` leaves. */
MUST_CHECK bool merkle_path(struct merkle_source *s, int64_t index, int64_t size, struct arena *a,
			    struct hash256 **out_path, int *out_count, struct err *err);
/* RFC 6962 section 2.1.2: that the tree of `old_size` is a prefix of the tree of `size`. */
MUST_CHECK bool merkle_consistency(struct merkle_source *s, int64_t old_size, int64_t size, struct arena *a,
				   struct hash256 **out_path, int *out_count, struct err *err);

bool merkle_path_check(struct hash256 leaf, int64_t index, int64_t size, const struct hash256 *path,
		       int count, struct hash256 root);
bool merkle_consistency_check(int64_t old_size, int64_t size, struct hash256 old_root, struct hash256 root,
			      const struct hash256 *path, int count);
