/* heap: what is gathered outgrows any arena (L1); without memory for it there is nothing better to do than
 * abort, as arena.h, I3 does. */
#include "match/indicator_load.h"

#include <stdlib.h>

enum { CHUNK = 1 << 20, REFUSALS_KEPT = 1000 };

static void *grown(void *at, ptrdiff_t *room, ptrdiff_t size, ptrdiff_t least)
{
	*room = MAX(*room + *room / 2, least);
	void *p = realloc(at, (size_t)(*room * size));
	if (p == NULL)
		abort();
	return p;
}

uint64_t text_add(struct text_store *t, str s)
{
	ASSERT(s.len <= CHUNK);
	if (t->chunks == 0 || (uint64_t)t->chunks * CHUNK - t->used < (uint64_t)s.len) {
		if (t->chunks == t->room)
			t->chunk = grown(t->chunk, &t->room, (ptrdiff_t)sizeof(char *), 64);
		t->chunk[t->chunks] = malloc(CHUNK);
		if (t->chunk[t->chunks] == NULL)
			abort();
		t->used = (uint64_t)t->chunks++ * CHUNK;
	}
	uint64_t at = t->used;
	if (s.len > 0)
		memcpy(t->chunk[at / CHUNK] + at % CHUNK, s.ptr, (size_t)s.len);
	t->used += (uint64_t)s.len;
	return at;
}

str text_get(const struct text_store *t, uint64_t at, ptrdiff_t len)
{
	return (str){ len > 0 ? t->chunk[at / CHUNK] + at % CHUNK : "", len };
}

/* Everything before `at` was used for the last time. */
void text_drop(struct text_store *t, uint64_t at)
{
	for (; (t->dropped + 1) * CHUNK <= at; t->dropped++) {
		free(t->chunk[t->dropped]);
		t->chunk[t->dropped] = NULL;
	}
}

void text_done(struct text_store *t)
{
	for (ptrdiff_t i = 0; i < t->chunks; i++)
		free(t->chunk[i]);
	free(t->chunk);
	*t = (struct text_store){ 0 };
}

static void strings_grow(struct string_list *l, const uint64_t secret[static 4])
{
	ptrdiff_t slots = MAX(l->slots * 4, 256);
	uint32_t *slot = calloc((size_t)slots, sizeof(uint32_t));
	if (slot == NULL)
		abort();
	for (ptrdiff_t i = 0; i < l->count; i++) {
		str s = text_get(&l->text, l->at[i].at, l->at[i].len);
		uint64_t h = hash_text(secret, 0, s.ptr, s.len);
		while (slot[h & (uint64_t)(slots - 1)] != 0)
			h++;
		slot[h & (uint64_t)(slots - 1)] = (uint32_t)i + 1;
	}
	free(l->slot);
	l->slot = slot;
	l->slots = slots;
}

uint32_t string_add(struct string_list *l, const uint64_t secret[static 4], str s)
{
	s = str_sub(s, 0, STRING_MOST);
	if (2 * l->count >= l->slots)
		strings_grow(l, secret);
	uint64_t h = hash_text(secret, 0, s.ptr, s.len), mask = (uint64_t)(l->slots - 1);
	for (; l->slot[h & mask] != 0; h++) {
		uint32_t n = l->slot[h & mask] - 1;
		if (str_eq(text_get(&l->text, l->at[n].at, l->at[n].len), s))
			return n;
	}
	if (l->count == l->room)
		l->at = grown(l->at, &l->room, (ptrdiff_t)sizeof(*l->at), 256);
	l->at[l->count] = (struct block_string){ text_add(&l->text, s), (uint32_t)s.len, 0 };
	l->slot[h & mask] = (uint32_t)l->count + 1;
	return (uint32_t)l->count++;
}

void draft_add(struct draft_list *l, const struct value *v, uint32_t bits, uint32_t label, int64_t line)
{
	if (l->count == l->room)
		l->at = grown(l->at, &l->room, (ptrdiff_t)sizeof(*l->at), 1024);
	l->at[l->count++] = (struct draft){
		.hash = v->hash,
		.at = text_add(&l->text, v->text),
		.label = label,
		.line = (uint32_t)MIN(line, UINT32_MAX),
		.bits = bits,
		.len = (uint16_t)v->text.len,
	};
}

static void draft_list_done(struct draft_list *l)
{
	text_done(&l->text);
	free(l->at);
	*l = (struct draft_list){ 0 };
}

static void string_list_done(struct string_list *l)
{
	text_done(&l->text);
	free(l->at);
	free(l->slot);
	*l = (struct string_list){ 0 };
}

void loader_done(void *loader)
{
	struct indicator_loader *l = loader;
	draft_list_done(&l->seek);
	draft_list_done(&l->allow);
	string_list_done(&l->files);
	string_list_done(&l->labels);
}

void loader_refuse(struct indicator_loader *l, str value, const char *why, int64_t line)
{
	if (l->refused++ >= REFUSALS_KEPT)
		return;
	struct indicator_refusal *r = NEW(l->arena, struct indicator_refusal, 1);
	*r = (struct indicator_refusal){ .file = l->file_name,
					 .value = arena_dup(l->arena, str_sub(value, 0, 200)),
					 .why = arena_dup(l->arena, str_from(why)),
					 .line = line };
	if (l->last_refusal != NULL)
		l->last_refusal->next = r;
	else
		l->refusals = r;
	l->last_refusal = r;
}

void loader_take(struct indicator_loader *l, str text, int kind, str label, int64_t line)
{
	struct value *v = &l->value;
	v->all_below = l->all_below;
	const char *why = value_read(l->secret, text, kind, v);
	if (why == NULL && !l->force)
		why = value_guard(v);
	if (why != NULL) {
		loader_refuse(l, text, why, line);
		return;
	}
	uint32_t number = l->labels.count > 0 && str_eq(label, l->last_label)
				  ? l->last_label_number
				  : string_add(&l->labels, l->secret, label);
	str kept = text_get(&l->labels.text, l->labels.at[number].at, l->labels.at[number].len);
	l->last_label = kept;
	l->last_label_number = number;
	draft_add(&l->seek, v, bits_seek((unsigned)v->kind, v->below, l->file), number, line);
}
