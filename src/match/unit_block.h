/* unit_block.h - what a unit is, for the matcher.  For match/ alone. */
#pragma once
#include "match/image.h"
#include "match/unit.h"

struct unit {
	const char *block;
	size_t size;
	bool mapped;
	struct image image;
	const struct indicators *indicators;
};
