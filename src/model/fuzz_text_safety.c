/* Safe text is valid UTF-8, has no control characters, keeps to its maximum, and made safe again it is the
 * same. */
#include "model/text_safety.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef str safe_form(struct arena *a, str text, ptrdiff_t max);

static void check(struct arena *a, str text, safe_form *form, bool lines, ptrdiff_t max)
{
	str safe = form(a, text, max);
	ASSERT(safe.len <= max && str_utf8_valid(safe) && str_eq(form(a, safe, max), safe));
	for (ptrdiff_t i = 0; i < safe.len; i++) {
		char c = safe.ptr[i];
		ASSERT(((unsigned char)c >= ' ' && c != 0x7f) || (lines && (c == '\n' || c == '\t')));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	str text = { (const char *)data, (ptrdiff_t)size };
	arena_init(&a, 1 << 20, 1 << 24);
	for (ptrdiff_t max = 1 << 16; max > 0; max /= 16) {
		check(&a, text, text_safety_block, true, max);
		check(&a, text, text_safety_line, false, max);
		check(&a, text, text_safety_header, false, max);
	}
	ASSERT(str_find(text_safety_header(&a, text, 1 << 16), S("=?")) < 0);
	str cut = text_safety_cut(text, (ptrdiff_t)size / 2);
	ASSERT(cut.len <= (ptrdiff_t)size / 2 && (!str_utf8_valid(text) || str_utf8_valid(cut)));
	arena_done(&a);
	return 0;
}
