/* Any bytes as a header: refused, or canonical, so that sealing what was read gives the same text and hash.
 */
#include "journal/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct entry e, again;
	struct err err;
	arena_init(&a, 1 << 20, 1 << 24);
	if (entry_parse((str){ (const char *)data, (ptrdiff_t)size }, &e, &err)) {
		again = e;
		entry_seal(&a, &again);
		ASSERT(str_eq(again.header, e.header) && hash256_eq(again.hash, e.hash));
	}
	arena_done(&a);
	return 0;
}
