/* release_priv.h - what the files of the gate share: only they make what may leave. */
#pragma once
#include "release/release.h"

const struct released *released_new(struct arena *a, struct json *fields);
