/* upload_priv.h - a request's body while it arrives: grown by what really came, never by what was announced.
 *
 * I1. length <= most, whatever the client sends.
 * I2. `held`, shared by all uploads, never passes held_max.
 */
#pragma once
#include <stdatomic.h>
#include "base/err.h"

struct upload {
	char         *bytes;
	ptrdiff_t     length, room;
	ptrdiff_t     announced;        /* 0 or less: unknown */
	ptrdiff_t     most;
	atomic_llong *held;
	ptrdiff_t     held_max;
};

void upload_done(struct upload *u);
MUST_CHECK bool upload_add(struct upload *u, str bytes, struct err *err);       /* ERR_LIMIT or ERR_RETRY */
