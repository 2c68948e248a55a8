#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
enum { BLOCK_MIN = 1, BLOCK_GROWN = 0 };         /* one block per allocation: ASan guards each of them */
#else
enum { BLOCK_MIN = 1000, BLOCK_GROWN = 128 * 1024 };      /* the first lies in malloc's thread cache */
#endif

struct arena_block {
	struct arena_block *next;
};

struct arena_deferred {
	struct arena_deferred *next;
	void (*undo)(void *);
	void *what;
};

void arena_init(struct arena *a, ptrdiff_t soft, ptrdiff_t hard)
{
	ASSERT(soft > 0 && soft <= hard);
	*a = (struct arena){ .soft = soft, .hard = hard };
}

void arena_done(struct arena *a)
{
	for (struct arena_deferred *d = a->deferred; d != NULL; d = d->next)
		d->undo(d->what);
	for (struct arena_block *b = a->blocks, *next; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	*a = (struct arena){ .soft = a->soft, .hard = a->hard };
}

void arena_reset(struct arena *a)
{
	arena_done(a);
}

/* `need` counts the block's own header. */
static void arena_grow(struct arena *a, ptrdiff_t need)
{
	/* Blocks grow with what was used: each large calloc makes glibc consolidate its free lists. */
	ptrdiff_t size = MAX(need, MAX(BLOCK_MIN, MIN(a->used, BLOCK_GROWN)));
	struct arena_block *b = calloc(1, (size_t)size);
	if (b == NULL)
		abort();                                /* I3 */
	b->next = a->blocks;
	a->blocks = b;
	a->pos = (char *)(b + 1);
	a->end = (char *)b + size;
}

void *arena_alloc(struct arena *a, ptrdiff_t size, ptrdiff_t align, ptrdiff_t count)
{
	ASSERT(size > 0 && count >= 0 && align > 0 && (align & (align - 1)) == 0);
	if (count > (a->hard - a->used) / size)
		abort();                                /* I3, and no overflow below */
	ptrdiff_t bytes = MAX(size * count, 1);
	ptrdiff_t pad = (ptrdiff_t)(-(uintptr_t)a->pos & (uintptr_t)(align - 1));
	if (a->pos == NULL || bytes > a->end - a->pos - pad) {
		arena_grow(a, bytes + align + (ptrdiff_t)sizeof(struct arena_block));
		pad = (ptrdiff_t)(-(uintptr_t)a->pos & (uintptr_t)(align - 1));
	}
	void *p = a->pos + pad;
#if defined(__SANITIZE_ADDRESS__)
	a->pos = a->end = NULL;
#else
	a->pos += pad + bytes;
#endif
	a->used += bytes;
	a->over |= a->used > a->soft;                   /* I2 */
	return p;
}

void arena_defer(struct arena *a, void (*undo)(void *), void *what)
{
	struct arena_deferred *d = NEW(a, struct arena_deferred, 1);
	*d = (struct arena_deferred){ a->deferred, undo, what };
	a->deferred = d;
}

str arena_dup(struct arena *a, str s)
{
	char *p = NEW(a, char, s.len + 1);
	if (s.len)
		memcpy(p, s.ptr, (size_t)s.len);
	return (str){ p, s.len };
}

char *arena_cstr(struct arena *a, str s)
{
	char *p = NEW(a, char, s.len + 1);
	if (s.len)
		memcpy(p, s.ptr, (size_t)s.len);
	return p;
}

str arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	ASSERT(fmt != NULL);            /* gcc with UBSan warns of it otherwise */
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	ASSERT(n >= 0);
	char *p = NEW(a, char, n + 1);
	(void)vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return (str){ p, n };
}
