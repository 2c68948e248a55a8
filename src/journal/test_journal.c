#include "journal/merkle.h"

#include <stdio.h>
#include "journal/entry.h"

enum { LEAVES = 300 };

/* The definition of RFC 6962 section 2.1, written down as it stands there. */
static struct hash256 slow_root(const struct hash256 *leaves, int n)
{
	struct hash h;
	struct hash256 out;
	char tag = 1;
	int k = 1;
	if (n == 1)
		return leaves[0];
	while (k * 2 < n)
		k *= 2;
	struct hash256 left = slow_root(leaves, k), right = slow_root(leaves + k, n - k);
	hash_init(&h);
	hash_add(&h, (str){ &tag, 1 });
	hash_add(&h, (str){ (const char *)left.b, 32 });
	hash_add(&h, (str){ (const char *)right.b, 32 });
	hash_done(&h, out.b);
	return out;
}

struct memory {
	struct merkle_source source;
	const struct hash256 *leaves;
};

static bool find(struct merkle_source *s, int level, int64_t position, struct hash256 *out,
		 struct err *err UNUSED)
{
	const struct hash256 *leaves = ((struct memory *)s)->leaves;
	*out = slow_root(leaves + (position << level), 1 << level);
	return true;
}

static void test_proofs(struct arena *a, struct memory *m, const struct hash256 *roots, int size)
{
	struct err err;
	struct hash256 *path;
	int count;
	for (int i = 0; i < size; i += 1 + size / 17) {
		ASSERT(merkle_path(&m->source, i, size, a, &path, &count, &err));
		ASSERT(merkle_path_check(m->leaves[i], i, size, path, count, roots[size]));
		ASSERT(!merkle_path_check(m->leaves[i], i, size, path, count, roots[size - (size > 1)]) ||
		       size == 1);
		ASSERT(size == 1 ||
		       !merkle_path_check(m->leaves[(i + 1) % size], i, size, path, count, roots[size]));
	}
	for (int old = 1; old <= size; old += 1 + size / 13) {
		ASSERT(merkle_consistency(&m->source, old, size, a, &path, &count, &err));
		ASSERT(merkle_consistency_check(old, size, roots[old], roots[size], path, count));
		if (old < size)
			ASSERT(!merkle_consistency_check(old, size,
							 roots[old + 1 < size ? old + 1
							       : old - 1      ? old - 1
									      : size],
							 roots[size], path, count));
	}
}

static void test_merkle(struct arena *a)
{
	static struct hash256 leaves[LEAVES], roots[LEAVES + 1];
	struct merkle m = { 0 };
	struct merkle_stored stored[8];
	struct memory memory = { { find }, leaves };
	struct err err;
	int count;
	for (int i = 0; i < LEAVES; i++) {
		leaves[i] = merkle_leaf(arena_printf(a, "entry %d", i));
		merkle_append(&m, leaves[i], stored, &count);
		roots[i + 1] = merkle_root(&m);
		struct hash256 slow = slow_root(leaves, i + 1);
		ASSERT(memcmp(slow.b, roots[i + 1].b, 32) == 0);
		ASSERT(count == ((i + 1) % 256 == 0));
		struct merkle back;
		ASSERT(merkle_load(i + 1, merkle_format(a, &m), &back, &err));
		ASSERT(memcmp(merkle_root(&back).b, slow.b, 32) == 0);
	}
	for (int size = 1; size <= LEAVES; size++)
		test_proofs(a, &memory, roots, size);
}

/* One spelling only: what parses is what entry_seal writes. */
static void test_canonical(struct arena *a, str header)
{
	static const char bytes[] = "0123456789-+abefABEF zZ\"._:/@\0\x7f\xff";
	struct err err;
	for (ptrdiff_t i = 0; i < header.len; i++)
		for (size_t b = 0; b < sizeof(bytes); b++) {
			struct entry e;
			str altered = arena_dup(a, header);
			((char *)(uintptr_t)altered.ptr)[i] = bytes[b];
			if (!entry_parse(altered, &e, &err))
				continue;
			entry_seal(a, &e);
			ASSERT(str_eq(e.header, altered));
		}
}

static void test_entry(struct arena *a)
{
	struct entry e = { .seq = 7,
			   .epoch = 1,
			   .at = { 1764000000123456 },
			   .kind = S("report.received"),
			   .v = 1,
			   .owner = S("ncert"),
			   .cause = -1,
			   .marking = S("TLP:AMBER+STRICT"),
			   .regime = S("PK-CERT-RULES-2023/0.1") },
		     back;
	struct err err = { 0 };
	entry_seal(a, &e);
	ASSERT(entry_parse(e.header, &back, &err));
	ASSERT(back.seq == 7 && back.at.us == e.at.us && str_eq(back.kind, e.kind) && back.cause == -1 &&
	       !back.keyed);
	ASSERT(memcmp(back.hash.b, e.hash.b, 32) == 0);
	for (ptrdiff_t i = 0; i < e.header.len; i++) { /* no byte can change and keep the hash */
		str altered = arena_dup(a, e.header);
		((char *)(uintptr_t)altered.ptr)[i] ^= 1;
		ASSERT(!entry_parse(altered, &back, &err) || memcmp(back.hash.b, e.hash.b, 32) != 0);
	}
	ASSERT(!entry_parse(str_sub(e.header, 0, e.header.len - 1), &back, &err) && err.code == ERR_INPUT);
	test_canonical(a, e.header);
	ASSERT(!entry_word_ok(S("a\"b")) && !entry_word_ok(S("a b")) && entry_word_ok(S("TLP:RED")));
}

int main(void)
{
	struct arena a;
	arena_init(&a, 1 << 28, 1 << 30);
	test_merkle(&a);
	test_entry(&a);
	arena_done(&a);
	return 0;
}
