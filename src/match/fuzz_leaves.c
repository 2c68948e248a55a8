/* Any bytes as an event: the leaves lie within it and their texts within their room; where Jansson takes the
 * bytes, the leaves are those that it finds, in its order, with its texts and the slots of their paths. */
#include <stdlib.h>
#include "format/json.h"
#include "match/event.h"
#include "match/leaves.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Names as the table has them, one after the other in `strings`; U. ends an envelope of any one key. */
static const char strings[] = "AA.BE.DU.U.*.BEventIDA.#textE.\xC3\xA9";
static const struct {
	uint32_t at, len;
} names[] = { { 0, 1 }, { 1, 3 }, { 4, 3 }, { 9, 5 }, { 14, 7 }, { 21, 7 }, { 28, 4 } };
static const uint32_t wild[] = { 7, 2 };

static struct paths table(struct path_slot slots[32])
{
	for (uint32_t i = 0; i < COUNTOF(names); i++) {
		uint64_t hash = path_hash(strings + names[i].at, names[i].len), at = hash & 31;
		while (slots[at].count)
			at = (at + 1) & 31;
		slots[at] = (struct path_slot){ hash, names[i].at, names[i].len, i, 1 };
	}
	return (struct paths){ slots, 31, strings, wild, 1 };
}

/* ---- what Jansson finds */

struct walk {
	struct arena *a;
	const struct paths *paths;
	const struct leaves *got;
	ptrdiff_t at;
};

static str text_of(struct arena *a, const struct leaf *l)
{
	/* no byte more than it asks for, so that ASan sees one */
	char *room = malloc((size_t)l->len + 16);
	ptrdiff_t len = leaf_text(l, room);
	ASSERT(len >= 0 && len <= (ptrdiff_t)l->len + 16);
	str text = arena_dup(a, (str){ room, len });
	free(room);
	return text;
}

static bool is_transparent(str key)
{
	return str_eq_nocase(key, S("#text")) || str_eq_nocase(key, S("#attributes")) ||
	       str_eq_nocase(key, S("@attributes"));
}

static void expect(struct walk *w, str path, enum leaf_kind kind, str text)
{
	ASSERT(w->at < w->got->count);
	const struct leaf *l = &w->got->at[w->at++];
	uint32_t slot = PATH_NONE;
	if (path.len > 0 && path.len <= PATH_MOST)
		slot = path_find(w->paths, path.ptr, path.len);
	ASSERT(l->kind == kind && l->slot == slot);
	if (text.ptr)
		ASSERT(str_eq(text_of(w->a, l), text));
}

static void walk(struct walk *w, str path, const struct json *j)
{
	switch (json_type(j)) {
	case JSON_OBJECT:
		for (struct json_member m = { 0 }; json_next(j, &m);) {
			str key = str_from(m.key), below = path;
			if (!is_transparent(key))
				below = path.len ? arena_printf(w->a, "%.*s.%s", (int)path.len, path.ptr,
								m.key)
						 : key;
			walk(w, below, m.value);
		}
		break;
	case JSON_ARRAY:
		for (ptrdiff_t i = 0; i < json_count(j); i++)
			walk(w, path, json_at(j, i));
		break;
	case JSON_STRING:
		expect(w, path, LEAF_STRING, json_str(j));
		return;
	case JSON_INTEGER:
		expect(w, path, LEAF_NUMBER, arena_printf(w->a, "%lld", (long long)json_int(j)));
		return;
	case JSON_REAL:
		expect(w, path, LEAF_NUMBER, (str){ 0 });
		return;
	case JSON_TRUE:
		expect(w, path, LEAF_TRUE, S("true"));
		return;
	case JSON_FALSE:
		expect(w, path, LEAF_FALSE, S("false"));
		return;
	case JSON_NULL:
		expect(w, path, LEAF_NULL, S(""));
		return;
	}
	if (json_count(j) == 0)
		expect(w, path, LEAF_NULL, S(""));
}

static void compare(struct arena *a, const struct paths *paths, const struct leaves *got, str event)
{
	struct json *j = NULL;
	struct err err = { 0 };
	struct json_limits limits = { .depth = EVENT_DEPTH_MOST - 2, .size = 1 << 20 };
	if (memchr(event.ptr, 0, (size_t)event.len)) /* Jansson overlooks one behind a number */
		return;
	if (!json_parse(a, event, limits, &j, &err) || json_type(j) != JSON_OBJECT || json_count(j) == 0)
		return;
	struct walk w = { a, paths, got, 0 };
	ASSERT(got->broken == NULL);
	walk(&w, S(""), j);
	ASSERT(w.at == got->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct path_slot slots[32] = { 0 };
	struct paths paths = table(slots);
	struct leaves all = { 0 }, wanted = { 0 };
	str event = { (const char *)data, (ptrdiff_t)size };
	ptrdiff_t known = 0;
	if (size > 16384) /* a key of more than 4 * PATH_MOST bytes is not unescaped */
		return 0;
	arena_init(&a, 1 << 30, (ptrdiff_t)2 << 30);
	leaves_read(&all, &paths, event, true);
	leaves_read(&wanted, &paths, event, false);
	ASSERT(all.broken_at >= 0 && all.broken_at <= event.len && !all.broken == !wanted.broken);
	for (ptrdiff_t i = 0; i < all.count; i++) {
		const struct leaf *l = &all.at[i];
		ASSERT(l->raw >= event.ptr && l->raw + l->len <= event.ptr + event.len);
		(void)text_of(&a, l);
		if (l->slot == PATH_NONE)
			continue;
		ASSERT(known < wanted.count && wanted.at[known].raw == l->raw &&
		       wanted.at[known].slot == l->slot);
		known++;
	}
	ASSERT(known == wanted.count);
	if (size <= 4 * PATH_MOST)
		compare(&a, &paths, &all, event);
	leaves_done(&all);
	leaves_done(&wanted);
	arena_done(&a);
	return 0;
}
