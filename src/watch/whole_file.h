/* whole_file.h - a file of indicators or rules in memory: plain, or packed as logs may be (.gz, .zst ..). */
#pragma once
#include "base/arena.h"
#include "base/err.h"

/* ERR_LIMIT beyond `most` bytes unpacked.  Of an archive, its members one after the other. */
MUST_CHECK bool whole_file_read(struct arena *a, const char *path, ptrdiff_t most, str *out_bytes,
				struct err *err);
