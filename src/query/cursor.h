/* cursor.h - cursors of lists by time, newest first: the last row's time and id.  Lists in another order have
 * a place, not negative, for the time. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/uuid.h"

struct moment {
	int64_t at;
	struct uuid id;
};

/* No cursor: after everything. */
MUST_CHECK bool cursor_read(str text, struct moment *out, struct err *err);
/* Of a list that ascends.  No cursor: before everything. */
MUST_CHECK bool cursor_read_ascending(str text, struct moment *out, struct err *err);
str cursor_write(struct arena *a, int64_t at, struct uuid id);

int64_t cursor_limit(int64_t asked); /* 0: the usual 50; at most 100 */
