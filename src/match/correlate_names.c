#include "match/correlate_priv.h"
#include "match/fold.h"

#include <stdlib.h>

/* heap: windows and names come and go for as long as the correlator lives */
void *correlate_grow(void *old, ptrdiff_t size, ptrdiff_t *room, ptrdiff_t need)
{
	if (need <= *room)
		return old;
	*room = MAX(need, 2 * *room);
	void *p = realloc(old, (size_t)(*room * size));         /* heap: as above */
	ASSERT(p != NULL);
	return p;
}

/* The character at *at without case, as event.h says; a byte that is no UTF-8 is like no character. */
static uint32_t next_folded(str text, ptrdiff_t *at)
{
	uint32_t c = (unsigned char)text.ptr[*at];
	if (c < 0x80) {
		*at += 1;
		return c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c;
	}
	int n = fold_decode(text.ptr + *at, text.len - *at, &c);
	*at += n ? n : 1;
	return n ? fold_point(c) : 0x80000000u | c;
}

static uint64_t hash_of(const struct names *n, str text)
{
	uint64_t h = n->seed ^ 0xcbf29ce484222325u;
	for (ptrdiff_t i = 0; i < text.len;)
		h = (h ^ next_folded(text, &i)) * 0x100000001b3u;
	h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9u;
	return h ^ h >> 32;
}

static bool same(str a, str b)
{
	ptrdiff_t i = 0, k = 0;
	while (i < a.len && k < b.len)
		if (next_folded(a, &i) != next_folded(b, &k))
			return false;
	return i == a.len && k == b.len;
}

static ptrdiff_t find_slot(const struct names *n, uint64_t hash, str text)
{
	ptrdiff_t i = (ptrdiff_t)(hash & (uint64_t)(n->size - 1));
	for (; n->slots[i] != 0; i = (i + 1) & (n->size - 1)) {
		const struct name *m = &n->at[n->slots[i]];
		if (m->hash == hash && same((str){ m->text, m->len }, text))
			break;
	}
	return i;
}

static void resize(struct names *n)
{
	ptrdiff_t size = n->size ? 2 * n->size : 64;
	uint32_t *slots = calloc((size_t)size, sizeof(*slots)); /* heap: as above */
	ASSERT(slots != NULL);
	for (ptrdiff_t k = 0; k < n->size; k++) {
		if (n->slots[k] == 0)
			continue;
		ptrdiff_t i = (ptrdiff_t)(n->at[n->slots[k]].hash & (uint64_t)(size - 1));
		while (slots[i] != 0)
			i = (i + 1) & (size - 1);
		slots[i] = n->slots[k];
	}
	free(n->slots);
	n->slots = slots;
	n->size = size;
}

static uint32_t new_name(struct names *n, uint64_t hash, str text)
{
	uint32_t id = n->first_free;
	if (id != 0) {
		n->first_free = n->at[id].next_free;
	} else {
		if (n->count == 0)
			n->count = 1;           /* 0 is none */
		n->at = correlate_grow(n->at, sizeof(*n->at), &n->room, n->count + 1);
		id = (uint32_t)n->count++;
	}
	char *p = malloc((size_t)text.len + 1);                 /* heap: as above */
	ASSERT(p != NULL);
	if (text.len)
		memcpy(p, text.ptr, (size_t)text.len);
	p[text.len] = '\0';
	n->at[id] = (struct name){ p, text.len, hash, 1, 0 };
	return id;
}

uint32_t names_take(struct names *n, str text)
{
	if (text.ptr == NULL)
		return 0;
	if (2 * n->count >= n->size)
		resize(n);
	uint64_t hash = hash_of(n, text);
	ptrdiff_t i = find_slot(n, hash, text);
	if (n->slots[i] == 0)
		n->slots[i] = new_name(n, hash, text);
	else
		n->at[n->slots[i]].uses++;
	return n->slots[i];
}

void names_keep(struct names *n, uint32_t id)
{
	if (id != 0)
		n->at[id].uses++;
}

void names_drop(struct names *n, uint32_t id)
{
	if (id == 0 || --n->at[id].uses > 0)
		return;
	struct name *m = &n->at[id];
	ptrdiff_t mask = n->size - 1, hole = find_slot(n, m->hash, (str){ m->text, m->len });
	for (ptrdiff_t i = (hole + 1) & mask; n->slots[i] != 0; i = (i + 1) & mask) {
		ptrdiff_t home = (ptrdiff_t)(n->at[n->slots[i]].hash & (uint64_t)mask);
		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		n->slots[hole] = n->slots[i];
		hole = i;
	}
	n->slots[hole] = 0;
	free(m->text);
	*m = (struct name){ .next_free = n->first_free };
	n->first_free = id;
}

str names_text(const struct names *n, uint32_t id)
{
	return id ? (str){ n->at[id].text, n->at[id].len } : (str){ 0 };
}

void names_free(struct names *n)
{
	for (ptrdiff_t i = 1; i < n->count; i++)
		free(n->at[i].text);
	free(n->at);
	free(n->slots);
}
