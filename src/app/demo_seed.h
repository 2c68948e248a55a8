/* demo_seed.h - the invented country of the demonstration: organisations, people, reports and cases, made
 * by the same commands as real ones, at times up to three days before `now`.  Names are invented, addresses
 * are those of RFC 5737, 3849 and 2606. */
#pragma once
#include "cases/world.h"

MUST_CHECK bool demo_seed(const char *store, const struct world *w, struct instant now, struct rng *rng,
			  struct err *err);
