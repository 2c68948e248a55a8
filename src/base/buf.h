/* buf.h - bytes that grow in an arena, up to a maximum that has to be given.
 *
 * Writing past the maximum latches `over` and drops the bytes: write freely, check once.
 * buf_str borrows: later writes may move the bytes.
 */
#pragma once
#include "base/arena.h"

struct buf {
	struct arena *arena;
	char         *ptr;
	ptrdiff_t     len, cap, max;
	bool          over;
};

void buf_init(struct buf *b, struct arena *a, ptrdiff_t max);
void buf_add(struct buf *b, str s);
void buf_add_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
str  buf_str(const struct buf *b);
