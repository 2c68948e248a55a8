/* book.h - the regimes that a node has adopted: the law of today, and what older cases were opened under.
 *
 * Loaded once, when the node starts, and immutable; shared freely between threads.
 */
#pragma once
#include "regime/regime.h"

struct regime_book {
	const struct regime *const *versions;
	ptrdiff_t count;
};

/* "PK-CERT-RULES-2023/0.1": how entries and cases name a version. */
str regime_version_name(struct arena *a, const struct regime *r);
/* The version of that name; `today` where the book has none: a demonstration knows only one. */
const struct regime *regime_book_find(const struct regime_book *b, str name, const struct regime *today);
