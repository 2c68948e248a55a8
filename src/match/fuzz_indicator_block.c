/* A block that is damaged in any place, and sealed again: it may give wrong answers, but nothing is read
 * beside it (P2). */
#include "match/indicator_block.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char list[] =
	"http://evil.example/"
	"a.ps1\n.evil.example\na.example\n203.0.113.5\n203.0.113.6:4444\nphish@bank.example\n/drop.sh\n"
	"dropper.exe\n44d88612fea8a8f36de82e1278abb02f\tlabel\n";

static void probe_all(const struct indicators *i)
{
	static const char text[] =
		"GET /drop.sh http://evil.example/a.ps1 a.example 203.0.113.5 203.0.113.6:4444 dropper.exe "
		"phish@bank.example x.evil.example 44d88612fea8a8f36de82e1278abb02f 2001:db8::1";
	struct probe_hit hit[64];
	struct probe p = { PROBE_TEXT, S(text), -1, 0 };
	uint64_t read = 0;
	ptrdiff_t n = indicators_probe(i, &p, 1, hit, 64);
	for (ptrdiff_t k = 0; k < n; k++) {
		const str all[] = { hit[k].what.value, hit[k].what.label, hit[k].what.source };
		for (int s = 0; s < 3; s++)
			for (ptrdiff_t b = 0; b < all[s].len; b++)
				read += (uint8_t)all[s].ptr[b];
	}
	__asm__ volatile("" : : "r"(read)); /* the compiler does not know that nobody wants it */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct err err = { 0 };
	const char *form;
	const struct indicators *opened;
	arena_init(&a, 1 << 24, 1 << 26);
	struct indicator_loader *l = indicators_begin(&a, false);
	ASSERT(indicators_add(l, S("list"), S(list), &form, &err));
	ASSERT(indicators_allow(l, S("allow"), S("b.evil.example\n"), &err));
	const struct indicators *i = indicators_finish(l);
	str bytes = indicators_bytes(i);
	size_t room = ((size_t)bytes.len + 63) & ~(size_t)63;
	char *copy = aligned_alloc(64, room);
	memcpy(copy, bytes.ptr, (size_t)bytes.len);
	/* three bytes each: where, and what */
	for (size_t n = 0; n + 3 <= size; n += 3)
		copy[(size_t)(data[n] << 8 | data[n + 1]) % (size_t)bytes.len] ^= (char)data[n + 2];
	block_seal((struct block_head *)(void *)copy, (uint64_t)bytes.len);
	if (indicators_open_bytes((str){ copy, bytes.len }, &opened, &err)) {
		probe_all(opened);
		indicators_free(opened);
	}
	free(copy);
	indicators_free(i);
	arena_done(&a);
	return 0;
}
