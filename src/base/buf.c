#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

void buf_init(struct buf *b, struct arena *a, ptrdiff_t max)
{
	ASSERT(max > 0);
	*b = (struct buf){ .arena = a, .max = max };
}

static bool buf_room(struct buf *b, ptrdiff_t more)
{
	if (b->over || more > b->max - b->len) {
		b->over = true;
		return false;
	}
	if (more <= b->cap - b->len)
		return true;
	ptrdiff_t cap = MIN(MAX(MAX(b->cap * 2, b->len + more), 256), b->max);
	char *p = NEW(b->arena, char, cap);
	if (b->len)
		memcpy(p, b->ptr, (size_t)b->len);
	b->ptr = p;
	b->cap = cap;
	return true;
}

void buf_add(struct buf *b, str s)
{
	if (s.len && buf_room(b, s.len)) {
		memcpy(b->ptr + b->len, s.ptr, (size_t)s.len);
		b->len += s.len;
	}
}

void buf_add_char(struct buf *b, char c)
{
	if (buf_room(b, 1))
		b->ptr[b->len++] = c;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	char small[256];
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	ASSERT(n >= 0);
	if (n < (int)sizeof(small)) {
		buf_add(b, (str){ small, n });
	} else if (buf_room(b, n + 1)) {                /* +1: vsnprintf ends with a NUL */
		(void)vsnprintf(b->ptr + b->len, (size_t)n + 1, fmt, again);
		b->len += n;
	}
	va_end(again);
}

str buf_str(const struct buf *b)
{
	return (str){ b->ptr, b->len };
}
