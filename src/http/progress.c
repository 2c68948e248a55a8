#include "http/progress.h"

#include <stdatomic.h>
#include <stdlib.h>

struct progress {
	_Atomic int under_way, permille;
};

struct progress *progress_open(void)
{
	struct progress *p = calloc(1, sizeof(*p)); /* heap: lives as long as the node */
	ASSERT(p != NULL);
	return p;
}

void progress_close(struct progress *p)
{
	free(p);
}

void progress_begin(struct progress *p)
{
	atomic_store(&p->permille, 0);
	atomic_fetch_add(&p->under_way, 1);
}

void progress_tell(struct progress *p, int64_t done, int64_t total)
{
	if (total > 0)
		atomic_store(&p->permille, (int)(MIN(MAX(done, 0), total) * 1000 / total));
}

void progress_end(struct progress *p)
{
	atomic_fetch_sub(&p->under_way, 1);
}

int progress_permille(const struct progress *p)
{
	return atomic_load(&p->under_way) > 0 ? atomic_load(&p->permille) : -1;
}
