#pragma once
#include "base/defs.h"
struct rng { void (*fill)(struct rng *r, void *out, ptrdiff_t n); };
