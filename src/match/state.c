#include "match/state.h"
#include <stdlib.h>
#include "match/fold.h"

static void *grown(void *at, ptrdiff_t count, ptrdiff_t *room, size_t size)
{
	if (count <= *room)
		return at;
	*room = MAX(count, 2 * *room);
	at = realloc(at, (size_t)*room * size); /* heap: a matcher's, grows and stays */
	ASSERT(at);
	return at;
}

/* Room for every text, plain and folded, of every leaf: they cannot come to more than this. */
void pool_read(struct pool *p, const struct paths *paths, str json, bool all)
{
	leaves_read(&p->leaves, paths, json, all);
	p->texts = grown(p->texts, p->leaves.count, &p->text_room, sizeof *p->texts);
	if (p->leaves.count)
		memset(p->texts, 0, (size_t)p->leaves.count * sizeof *p->texts);
	p->room = grown(p->room, 3 * json.len + 64 * p->leaves.count + 64, &p->room_size, 1);
	p->room_used = 0;
}

void pool_done(struct pool *p)
{
	leaves_done(&p->leaves);
	free(p->texts);
	free(p->room);
}

str pool_text(struct pool *p, uint32_t leaf)
{
	struct text *t = &p->texts[leaf];
	const struct leaf *l = &p->leaves.at[leaf];
	if (!t->has_text && l->kind == LEAF_STRING && !l->escaped) {
		t->text = l->raw;
		t->text_len = l->len;
	} else if (!t->has_text) {
		char *out = p->room + p->room_used;
		t->text = out;
		t->text_len = (uint32_t)leaf_text(l, out);
		p->room_used += t->text_len;
	}
	t->has_text = true;
	return (str){ t->text, t->text_len };
}

/* Numbers and words are folded already but for an E, or for what is no JSON. */
static void fold_word(struct pool *p, struct text *t, str text)
{
	t->folded = text.ptr;
	t->folded_len = (uint32_t)text.len;
	for (ptrdiff_t i = 0; i < text.len; i++)
		if ((unsigned char)(text.ptr[i] - '+') > '9' - '+') {
			char *out = p->room + p->room_used;
			t->folded = out;
			t->folded_len = (uint32_t)fold_text(out, text.ptr, text.len);
			p->room_used += t->folded_len;
			return;
		}
}

str pool_folded(struct pool *p, uint32_t leaf)
{
	struct text *t = &p->texts[leaf];
	if (!t->has_folded) {
		char *out = p->room + p->room_used;
		if (p->leaves.at[leaf].kind == LEAF_STRING) {
			t->folded_len = (uint32_t)leaf_folded(&p->leaves.at[leaf], out);
			t->folded = out;
			p->room_used += t->folded_len;
		} else
			fold_word(p, t, pool_text(p, leaf));
		t->has_folded = true;
	}
	return (str){ t->folded, t->folded_len };
}

uint32_t pool_add(struct matcher *m, struct pool *p, str text)
{
	leaves_add(&p->leaves, (struct leaf){ text.ptr, (uint32_t)text.len, PATH_NONE, LEAF_STRING, false });
	p->texts = grown(p->texts, p->leaves.count, &p->text_room, sizeof *p->texts);
	char *folded = NEW(&m->out_memory, char, FOLD_ROOM(text.len));
	p->texts[p->leaves.count - 1] = (struct text){
		text.ptr, folded, (uint32_t)text.len, (uint32_t)fold_text(folded, text.ptr, text.len),
		true,     true
	};
	return (uint32_t)(p->leaves.count - 1);
}

void matcher_read_everything(struct matcher *m)
{
	if (m->all_read)
		return;
	pool_read(&m->everything, &m->paths, m->json, true);
	m->all_read = true;
}
