/* downloads.h - how much memory all downloads under way may hold together.  Thread-safe. */
#pragma once
#include "base/arena.h"

struct downloads;

struct downloads *downloads_open(ptrdiff_t most);
void downloads_close(struct downloads *d); /* NULL is fine */

/* Takes room for `bytes` until the arena ends.  One download is always let in, however large. */
bool downloads_take(struct downloads *d, struct arena *a, ptrdiff_t bytes);
