/* Any bytes as a note: refused, or a checkpoint whose size and root were really there. */
#include "journal/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct checkpoint c;
	struct err err;
	str note = { (const char *)data, (ptrdiff_t)size };
	if (checkpoint_parse(note, &c, &err))
		ASSERT(c.size >= 0 && c.origin.len > 0 && str_starts(note, c.origin));
	return 0;
}
