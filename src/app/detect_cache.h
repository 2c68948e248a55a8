/* detect_cache.h - the folder of what was compiled, named by what it was made of.
 *
 * $XDG_CACHE_HOME/naubat, else ~/.cache/naubat, mode 0700.  Everything in it can be deleted at any time; the
 * newest few of each kind stay.
 */
#pragma once
#include "base/arena.h"
#include "crypto/hash.h"

/* Made if it is not there; empty if there can be none: then nothing is kept. */
str  cache_folder(struct arena *a);
/* A key begins with what this program is: another build may compile the same rules otherwise. */
void cache_key_begin(struct hash *h, str kind);
/* One part of a key: with its length, so that parts cannot run into each other. */
void cache_key_add(struct hash *h, str part);
/* Of files whose names begin so, all but the newest few go. */
void cache_trim(struct arena *a, str folder, str prefix);
