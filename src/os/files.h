/* files.h - whole files, written so that a crash leaves the old or the new one, never half. */
#pragma once
#include "base/arena.h"
#include "base/err.h"

MUST_CHECK bool files_read(struct arena *a, const char *path, ptrdiff_t max, str *out_bytes, struct err *err);
MUST_CHECK bool files_write(const char *path, str bytes, int mode,
			    struct err *err);                                /* temp, fsync, rename, fsync */
MUST_CHECK bool files_make_dir(const char *path, int mode, struct err *err); /* and its parents */
bool files_exist(const char *path);
MUST_CHECK bool files_size(const char *path, int64_t *out_bytes, struct err *err);
