/* arena.h - one lifetime for everything a request, a mail, a batch or a loop turn makes.
 *
 * I1. arena_alloc never returns NULL, and what it returns is zeroed.
 * I2. Past `soft` bytes `over` latches; the unit of work must be refused (ERR_LIMIT), not finished.
 * I3. Past `hard` bytes, or when malloc fails, the process aborts.
 * I4. arena_done and arena_reset run what arena_defer was given, last first, before memory goes.
 *
 * Under ASan every allocation is a malloc of its own, so that overruns are still seen.
 */
#pragma once
#include "base/str.h"

struct arena_block;
struct arena_deferred;

struct arena {
	struct arena_block    *blocks;
	struct arena_deferred *deferred;
	char     *pos, *end;
	ptrdiff_t used, soft, hard;
	bool      over;
};

void  arena_init(struct arena *a, ptrdiff_t soft, ptrdiff_t hard);
void  arena_done(struct arena *a);
void  arena_reset(struct arena *a);     /* empty again; keeps the limits */
void *arena_alloc(struct arena *a, ptrdiff_t size, ptrdiff_t align, ptrdiff_t count);

/* Ties something that is not memory (a library's object, a file) to this lifetime. */
void  arena_defer(struct arena *a, void (*undo)(void *), void *what);

str   arena_dup(struct arena *a, str s);                /* always followed by a NUL */
char *arena_cstr(struct arena *a, str s);               /* a NUL inside s ends it early: check first */
str   arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3);

#define NEW(a, T, n)    ((T *)arena_alloc((a), sizeof(T), _Alignof(T), (n)))

enum { ARENA_SOFT_DEFAULT = 16 << 20, ARENA_HARD_DEFAULT = 256 << 20 };
