/* log_source.h - the bytes of a log, taken out of what they are packed in, as UTF-8.  Inside watch/ only.
 *
 * What a file is packed in (gzip, zstd, bzip2, xz, zip, tar, and those in each other) is seen from its first
 * bytes, never from its name.  libarchive unpacks; only the formats named here are switched on in it.
 *
 * P1. Nothing is unpacked into memory or onto disk: bytes come as they are asked for.
 * P2. What unpacks to more than the limits is cut off; source_trouble says so.
 * P3. A byte order mark is taken away; UTF-16, with or without one, becomes UTF-8.
 */
#pragma once
#include "watch/log.h"

struct log_source;

/* "a.zip!member" is one member of an archive; "-" is stdin.  Stands before the first member. */
MUST_CHECK bool source_open(str path, struct log_limits limits, struct log_source **out, struct err *err);
void            source_close(struct log_source *s);
/* Goes on to the next member, the only one of a file that is no archive.  False if there is none. */
bool            source_next(struct log_source *s);
str             source_member(const struct log_source *s);      /* its name in the archive; else empty */
bool            source_many(const struct log_source *s);        /* an archive, read from member to member */
/* Up to `most` bytes, at least 64; 0 at the member's end. */
ptrdiff_t       source_read(struct log_source *s, char *into, ptrdiff_t most);
/* After source_read gave 0, or source_next false: what was wrong, or NULL. */
const char     *source_trouble(const struct log_source *s);
void            source_progress(const struct log_source *s, int64_t *out_done, int64_t *out_size);

/* The files in a zip or tar archive that is not compressed as a whole; count -1 if path is none. */
MUST_CHECK bool source_list(struct arena *a, const char *path, const str **out_names, ptrdiff_t *out_count,
                            struct err *err);
