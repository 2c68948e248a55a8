#include "http/upload_priv.h"

#include <stdlib.h>

enum { FIRST_STEP = 64 << 10 };

void upload_done(struct upload *u)
{
	if (u->held != NULL)
		atomic_fetch_sub(u->held, u->room);
	free(u->bytes);
	*u = (struct upload){ 0 };
}

static MUST_CHECK bool grow(struct upload *u, ptrdiff_t need, struct err *err)
{
	ptrdiff_t end = u->announced > 0 ? u->announced : u->most;
	ptrdiff_t room = MAX(need, MIN(MAX(FIRST_STEP, 4 * u->room), end));
	ptrdiff_t more = room - u->room;
	if (atomic_fetch_add(u->held, more) + more > u->held_max) {
		atomic_fetch_sub(u->held, more);
		return err_set(err, ERR_RETRY, "too much is being uploaded at once: try again in a moment");
	}
	char *bytes = realloc(u->bytes, (size_t)room);  /* heap: an arena would keep every smaller copy */
	if (bytes == NULL) {
		atomic_fetch_sub(u->held, more);
		return err_set(err, ERR_RETRY, "out of memory: try again in a moment");
	}
	u->bytes = bytes;
	u->room = room;
	return true;
}

bool upload_add(struct upload *u, str bytes, struct err *err)
{
	if (bytes.len > u->most - u->length)
		return err_set(err, ERR_LIMIT, "the body has more than the %td bytes allowed here", u->most);
	if (bytes.len > u->room - u->length && !grow(u, u->length + bytes.len, err))
		return false;
	memcpy(u->bytes + u->length, bytes.ptr, (size_t)bytes.len);
	u->length += bytes.len;
	return true;
}
