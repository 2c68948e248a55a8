/* log_unpack.h - gzip and zstd, byte for byte as far as they go.  Inside watch/ only.
 *
 * libarchive reads both, but of a stream that breaks off it loses the last 64 or 128 KiB, which may be all of
 * it: these two are what logs are packed in, so that they are read here.
 */
#pragma once
#include "base/str.h"

struct unpack;
typedef ptrdiff_t unpack_bytes(void *who, char *into, ptrdiff_t most);          /* 0: no more */

bool           unpack_is_gzip(str head);
bool           unpack_is_zstd(str head);
/* Of either, seen from head.  NULL if there is not enough memory. */
struct unpack *unpack_new(str head, unpack_bytes *read, void *who);
void           unpack_free(struct unpack *u);
ptrdiff_t      unpack_read(struct unpack *u, char *into, ptrdiff_t most);       /* 0: the end, or trouble */
const char    *unpack_trouble(const struct unpack *u);                          /* NULL: none */
