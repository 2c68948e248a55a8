/* secret.h - bytes that must not leave by accident: keys, tokens, passwords on their way.
 *
 * They lie between guard pages, locked out of swap and out of core dumps where the machine allows, and are
 * wiped when freed.  There is no conversion to text, no formatting, no comparison but in constant time; who
 * needs the bytes says secret_reveal, so that a search finds every such place.
 */
#pragma once
#include "base/str.h"
#include "crypto/random.h"

struct secret;

/* Long-lived, owned by whoever made it; needs crypto_init.  16 KiB each: for keys, not for millions. */
struct secret *secret_new(str bytes);                           /* a copy; wipe yours */
struct secret *secret_random(struct rng *r, ptrdiff_t len);
void           secret_free(struct secret *s);                   /* NULL is fine */

str            secret_reveal(const struct secret *s);           /* borrows; followed by a NUL */
bool           secret_equal(const struct secret *s, str bytes); /* constant time */

void           secret_wipe(void *bytes, ptrdiff_t len);         /* not removed by an optimiser */
