#include "crypto/secret.h"

#include <sodium.h>
#include "crypto/hash.h"

struct secret {
	ptrdiff_t len;
	char      bytes[];
};

static struct secret *blank(ptrdiff_t len)
{
	ASSERT(len >= 0 && len <= 1 << 20);
	/* sodium_malloc ends what it gives at a guard page: only a round size starts aligned. */
	struct secret *s = sodium_malloc((sizeof(*s) + (size_t)len + 16) & ~(size_t)15);
	ASSERT(s != NULL);                      /* no memory: as in arena.h I3 */
	s->len = len;
	s->bytes[len] = '\0';
	return s;
}

static struct secret *sealed(struct secret *s)
{
	(void)sodium_mprotect_readonly(s);      /* an extra; some kernels refuse */
	return s;
}

struct secret *secret_new(str bytes)
{
	struct secret *s = blank(bytes.len);
	if (bytes.len)
		memcpy(s->bytes, bytes.ptr, (size_t)bytes.len);
	return sealed(s);
}

struct secret *secret_random(struct rng *r, ptrdiff_t len)
{
	struct secret *s = blank(len);
	r->fill(r, s->bytes, len);
	return sealed(s);
}

void secret_free(struct secret *s)
{
	sodium_free(s);                         /* makes it writable and wipes it */
}

str secret_reveal(const struct secret *s)
{
	return (str){ s->bytes, s->len };
}

bool secret_equal(const struct secret *s, str bytes)
{
	return hash_equal_secrets(secret_reveal(s), bytes);
}

void secret_wipe(void *bytes, ptrdiff_t len)
{
	sodium_memzero(bytes, (size_t)len);
}
