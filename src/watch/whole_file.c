#include "watch/whole_file.h"

#include "base/buf.h"
#include "watch/log_source.h"

enum { PART = 1 << 18, RATIO_MOST = 10000 };

bool whole_file_read(struct arena *a, const char *path, ptrdiff_t most, str *out_bytes, struct err *err)
{
	struct log_source *s;
	struct buf b;
	char *part = NEW(a, char, PART);
	const char *trouble = NULL;
	const struct log_limits limits = { most, most, RATIO_MOST };
	if (!source_open(str_from(path), limits, &s, err))
		return false;
	buf_init(&b, a, most);
	while (source_next(s)) {
		for (ptrdiff_t n; (n = source_read(s, part, PART)) > 0;)
			buf_add(&b, (str){ part, n });
		trouble = source_trouble(s);
	}
	bool fine = trouble == NULL && source_trouble(s) == NULL;
	if (!fine)
		(void)err_set(err, ERR_INPUT, "%s: %s", path, trouble ? trouble : source_trouble(s));
	source_close(s);
	if (fine && b.over)
		return err_set(err, ERR_LIMIT, "%s has more than %td bytes", path, most);
	*out_bytes = buf_str(&b);
	return fine;
}
