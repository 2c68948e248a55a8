#include "regime/book.h"

str regime_version_name(struct arena *a, const struct regime *r)
{
	return arena_printf(a, STR_FMT "/" STR_FMT, STR_ARG(r->id), STR_ARG(r->version));
}

/* Ids have no slash in them, versions may. */
static bool is_named(const struct regime *r, str name)
{
	str_cut_result parts = str_cut(name, '/');
	return parts.ok && str_eq(parts.head, r->id) && str_eq(parts.tail, r->version);
}

const struct regime *regime_book_find(const struct regime_book *b, str name, const struct regime *today)
{
	for (ptrdiff_t i = 0; i < b->count; i++)
		if (is_named(b->versions[i], name))
			return b->versions[i];
	return today;
}
