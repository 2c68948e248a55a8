#include "query/lookup.h"

#include "directory/read.h"

bool view_lookup(struct view *v, const struct observable *o, struct json **out, struct err *err)
{
	struct directory d = { v->db, v->a, v->regime };
	struct record r;
	if (!directory_lookup(&d, o, &r, err))
		return false;
	*out = r.fields;
	return true;
}
