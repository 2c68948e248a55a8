/* progress.h - how far the newest long work of one kind is, for whoever started it and asks again.
 *
 * Thread-safe.  Of two at once the one that spoke last is told; a share, never a count: the number of entries
 * is for auditors.
 */
#pragma once
#include "base/arena.h"

struct progress;

struct progress *progress_open(void);
void progress_close(struct progress *p); /* NULL is fine */

void progress_begin(struct progress *p);
void progress_tell(struct progress *p, int64_t done, int64_t total); /* total < 1: unknown */
void progress_end(struct progress *p);
int progress_permille(const struct progress *p); /* 0 to 1000; -1: nothing is under way */
