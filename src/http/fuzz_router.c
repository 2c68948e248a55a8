/* "METHOD path": whatever is asked, a hit is a row of ours and its values are pieces of the path. */
#include "http/router_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct reply *nothing(struct request *rq)
{
	(void)rq;
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct route rows[] = {
		{ "GET", "/", PERM_PUBLIC, nothing },
		{ "GET", "/a", PERM_PUBLIC, nothing },
		{ "POST", "/a", PERM_PUBLIC, nothing },
		{ "GET", "/a/{id}", PERM_PUBLIC, nothing },
		{ "PUT", "/a/b/c", PERM_PUBLIC, nothing },
		{ "DELETE", "/a/{id}/c/{no}", PERM_PUBLIC, nothing },
		{ "GET", "/a/b/{id}/{no}", PERM_PUBLIC, nothing },
	};
	struct arena a;
	struct router *r;
	struct err err;
	str_cut_result text = str_cut((str){ (const char *)data, (ptrdiff_t)size }, ' ');
	arena_init(&a, 1 << 20, 16 << 20);
	ASSERT(router_new(&a, &(struct route_table){ rows, COUNTOF(rows) }, 1, &r, &err));
	struct router_hit hit = router_find(r, text.head, text.tail);
	ASSERT((hit.result == ROUTER_FOUND) == (hit.route != NULL));
	ASSERT((hit.result == ROUTER_NO_PATH) == (hit.allow == NULL));
	ASSERT(hit.param_count <= ROUTER_PARAMS_MAX);
	for (int i = 0; i < hit.param_count; i++) {
		ASSERT(hit.values[i].len > 0 && str_find_char(hit.values[i], '/') < 0);
		ASSERT(hit.values[i].ptr >= text.tail.ptr);
		ASSERT(hit.values[i].ptr + hit.values[i].len <= text.tail.ptr + text.tail.len);
	}
	arena_done(&a);
	return 0;
}
