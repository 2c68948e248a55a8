/* Checkpoints against a vector that vector_checkpoint.py made, and every altered byte of it. */
#include "journal/checkpoint.h"

#include <stdio.h>
#include "crypto/crypto.h"
#include "journal/merkle.h"

static const char NOTE[] =
	"cert.example/node-1\n"
	"3\n"
	"cl1SMNto9VdHDcNfHYhlgTrNfrsHrRUndBQd7LrnEyc=\n"
	"epoch 2\n"
	"time 2026-11-24T01:48:10.000123Z\n"
	"\n"
	"\xe2\x80\x94 cert.example/node-1 "
	"xUi44SckdKgHqD8pi5V07s+GYAViytpT7wrpT56rqsZjodn5e0JNPukhdKWGgsTtREL/Hn/F5jVU6awB+7JQHRi0pg4=\n";
static const char KEY[] = "cert.example/node-1+c548b8e1+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";

static struct checkpoint vector(void)
{
	struct merkle m = { 0 };
	struct merkle_stored stored[8];
	struct err err;
	struct checkpoint c = { .origin = S("cert.example/node-1"), .size = 3, .epoch = 2 };
	int count;
	for (int i = 0; i < 3; i++)
		merkle_append(&m, merkle_leaf((str){ &"012"[i], 1 }), stored, &count);
	c.root = merkle_root(&m);
	ASSERT(instant_parse(S("2026-11-24T01:48:10.000123Z"), &c.at, &err));
	return c;
}

static void test_vector(struct arena *a, const struct sign_key *key)
{
	struct checkpoint c = vector(), read;
	struct sign_public public = sign_key_public(key), parsed;
	struct err err = { 0 };
	str name;
	ASSERT(str_eq(checkpoint_sign(a, &c, key), S(NOTE)));
	ASSERT(str_eq(checkpoint_key_format(a, c.origin, public), S(KEY)));
	ASSERT(checkpoint_open(S(NOTE), public, &read, &err));
	ASSERT(read.size == 3 && read.epoch == 2 && read.at.us == c.at.us && hash256_eq(read.root, c.root));
	ASSERT(str_eq(read.origin, c.origin));
	ASSERT(checkpoint_key_parse(S(KEY), &name, &parsed, &err) && str_eq(name, c.origin) &&
	       sign_public_eq(parsed, public));
	ASSERT(checkpoint_key_parse(sign_public_format(a, public), &name, &parsed, &err) && name.len == 0 &&
	       sign_public_eq(parsed, public));
}

/* A witness adds a line of its own, before or after ours; neither hides it. */
static void test_witness(struct arena *a, struct sign_public public)
{
	struct checkpoint c;
	struct err err = { 0 };
	str note = S(NOTE), witness = S("\xe2\x80\x94 witness.example AAAAAAAA\n");
	ptrdiff_t at = str_find(note, S("\n\n")) + 2;
	str before = arena_printf(a, STR_FMT STR_FMT STR_FMT, STR_ARG(str_sub(note, 0, at)), STR_ARG(witness),
				  STR_ARG(str_sub(note, at, note.len)));
	str after = arena_printf(a, STR_FMT STR_FMT, STR_ARG(note), STR_ARG(witness));
	ASSERT(checkpoint_open(before, public, &c, &err) && checkpoint_open(after, public, &c, &err));
	str alone = arena_printf(a, STR_FMT STR_FMT, STR_ARG(str_sub(note, 0, at)), STR_ARG(witness));
	ASSERT(!checkpoint_open(alone, public, &c, &err) && err.code == ERR_DENIED);
}

static void test_altered(struct arena *a, struct sign_public public)
{
	str good = arena_dup(a, S(NOTE)), key = arena_dup(a, S(KEY)), name;
	char *p = (char *)(uintptr_t)good.ptr, *k = (char *)(uintptr_t)key.ptr;
	struct checkpoint c;
	struct sign_public parsed;
	struct err err = { 0 };
	for (ptrdiff_t i = 0; i < good.len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			p[i] ^= (char)(1 << bit);
			ASSERT(!checkpoint_open(good, public, &c, &err));
			ASSERT(err.code == ERR_INPUT || err.code == ERR_DENIED);
			p[i] ^= (char)(1 << bit);
		}
		ASSERT(!checkpoint_open(str_sub(good, 0, i), public, &c, &err));
	}
	for (ptrdiff_t i = 0; i < key.len; i++) {
		k[i] ^= 1;
		ASSERT(!checkpoint_key_parse(key, &name, &parsed, &err) && err.code == ERR_INPUT);
		k[i] ^= 1;
	}
	public.b[3] ^= 1;
	ASSERT(!checkpoint_open(good, public, &c, &err));
}

int main(void)
{
	struct arena a;
	struct err err = { 0 };
	uint8_t seed[32];
	ASSERT(crypto_init(&err));
	for (int i = 0; i < 32; i++)
		seed[i] = (uint8_t)i;
	struct sign_key *key = sign_key_from_seed(seed);
	arena_init(&a, 1 << 20, 1 << 24);
	test_vector(&a, key);
	test_witness(&a, sign_key_public(key));
	test_altered(&a, sign_key_public(key));
	sign_key_free(key);
	arena_done(&a);
	(void)puts("ok");
	return 0;
}
