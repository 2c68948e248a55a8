/* Any text as an XARF report: refused with a reason, or with all of its required fields there. */
#include "mail/xarf.h"

#include "base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct xarf_report r;
	struct err err;
	str text = { (const char *)data, (ptrdiff_t)size };
	arena_init(&a, 64 << 20, 256 << 20);
	(void)xarf_likely(text);
	if (xarf_parse(&a, text, &r, &err))
		ASSERT(r.source_identifier.len > 0 && r.category.len > 0 && r.type.len > 0 && r.json != NULL);
	else
		ASSERT(err.code == ERR_INPUT || err.code == ERR_LIMIT);
	arena_done(&a);
	return 0;
}
