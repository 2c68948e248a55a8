#include "query/cursor.h"

enum { PAGE_DEFAULT = 50, PAGE_MAX = 100 };

bool cursor_read(str text, struct moment *out, struct err *err)
{
	str_cut_result parts = str_cut(text, '.');
	struct err bad;
	*out = (struct moment){ .at = INT64_MAX };
	if (text.len == 0)
		return true;
	if (!str_to_int(parts.head, 0, INT64_MAX, &out->at) || !uuid_parse(parts.tail, &out->id, &bad))
		return err_set(err, ERR_INPUT,
			       "cursor: not one that this list gave out; begin again without it");
	return true;
}

bool cursor_read_ascending(str text, struct moment *out, struct err *err)
{
	*out = (struct moment){ .at = -1 };
	return text.len == 0 || cursor_read(text, out, err);
}

str cursor_write(struct arena *a, int64_t at, struct uuid id)
{
	return arena_printf(a, "%lld." STR_FMT, (long long)at, STR_ARG(uuid_format(a, id)));
}

int64_t cursor_limit(int64_t asked)
{
	return asked > 0 ? MIN(asked, PAGE_MAX) : PAGE_DEFAULT;
}
