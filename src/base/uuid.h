/* uuid.h - the ids of everything: UUIDs of version 7 (RFC 9562 section 5.7), so that they sort by time, to a
 * microsecond: the twelve bits after the version are the fraction of the millisecond. */
#pragma once
#include "base/instant.h"

struct uuid { uint8_t b[16]; };

static inline bool uuid_eq(struct uuid a, struct uuid b)
{
	return memcmp(a.b, b.b, 16) == 0;
}

static inline bool uuid_is_nil(struct uuid u)
{
	static const struct uuid nil;
	return uuid_eq(u, nil);
}

/* The bytes as a slice of *u: it lives as long as *u. */
static inline str uuid_bytes(const struct uuid *u)
{
	return (str){ (const char *)u->b, 16 };
}

struct uuid     uuid_make(struct instant now, const uint8_t random[static 10]);
enum { UUID_TEXT = 36 };
str             uuid_put(struct uuid u, char out_text[static UUID_TEXT]); /* lower case, hyphens; no NUL */
str             uuid_format(struct arena *a, struct uuid u);            /* the same in an arena */
MUST_CHECK bool uuid_parse(str text, struct uuid *out_u, struct err *err);
MUST_CHECK bool uuid_from_bytes(str bytes, struct uuid *out_u, struct err *err);        /* exactly 16 */
