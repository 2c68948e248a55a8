#include "db/db_priv.h"

#include <stdlib.h>

/* FNV-1a of eight bytes at a time: texts are long, and every call of a statement asks for its slot. */
static uint64_t hash_of(const char *text)
{
	uint64_t h = 0xcbf29ce484222325u, word;
	for (size_t left = strlen(text), n; left > 0; left -= n, text += n) {
		n = MIN(left, sizeof(word));
		word = 0;
		memcpy(&word, text, n);
		h = (h ^ word) * 0x100000001b3u;
		h ^= h >> 32;           /* else the low bits know nothing of a word's last bytes */
	}
	return h;
}

/* heap: the table lives as long as its connection. */
static void *heap(size_t count, size_t size)
{
	void *p = calloc(count, size);
	if (p == NULL)
		abort();
	return p;
}

struct db_cached *db_cache_slot(struct db_cache *c, const char *text)
{
	if (c->slots == NULL)
		c->slots = heap(DB_CACHE_SLOTS, sizeof(*c->slots));
	uint64_t hash = hash_of(text);
	struct db_cached *slot;
	for (uint64_t i = hash;; i++) {         /* ends: the table is never more than a quarter full */
		slot = &c->slots[i % DB_CACHE_SLOTS];
		if (slot->text == NULL)
			break;
		if (slot->hash == hash && strcmp(slot->text, text) == 0)
			return slot;
	}
	ASSERT(c->count < DB_CACHE_MAX);
	size_t size = strlen(text) + 1;
	*slot = (struct db_cached){ .text = heap(1, size), .hash = hash };
	memcpy(slot->text, text, size);
	c->count++;
	return slot;
}

bool db_cache_full(const struct db_cache *c)
{
	return c->count >= DB_CACHE_MAX;
}

void db_cache_clear(struct db_cache *c, void (*drop)(void *handle))
{
	for (int i = 0; c->slots != NULL && i < DB_CACHE_SLOTS; i++) {
		if (c->slots[i].handle != NULL && drop != NULL)
			drop(c->slots[i].handle);
		free(c->slots[i].text);
	}
	free(c->slots);
	*c = (struct db_cache){ 0 };
}
