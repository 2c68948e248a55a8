#include "http/downloads.h"

#include <stdatomic.h>
#include <stdlib.h>

struct downloads {
	ptrdiff_t most;
	_Atomic ptrdiff_t held;
};

struct share {
	struct downloads *of;
	ptrdiff_t bytes;
};

struct downloads *downloads_open(ptrdiff_t most)
{
	struct downloads *d = calloc(1, sizeof(*d)); /* heap: lives as long as the node */
	ASSERT(d != NULL);
	d->most = most;
	return d;
}

void downloads_close(struct downloads *d)
{
	free(d);
}

static void give_back(void *arg)
{
	struct share *s = arg;
	atomic_fetch_sub(&s->of->held, s->bytes);
}

bool downloads_take(struct downloads *d, struct arena *a, ptrdiff_t bytes)
{
	ptrdiff_t before = atomic_fetch_add(&d->held, bytes);
	if (before > 0 && before + bytes > d->most) {
		atomic_fetch_sub(&d->held, bytes);
		return false;
	}
	struct share *s = NEW(a, struct share, 1);
	*s = (struct share){ d, bytes };
	arena_defer(a, give_back, s);
	return true;
}
