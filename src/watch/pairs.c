#include "watch/pairs.h"

#include <stdlib.h>

/* heap: scratch memory of one who decodes, kept from record to record */

bool pairs_begin(struct pairs *p, ptrdiff_t record_len)
{
	ptrdiff_t want = 4 * record_len + 4096;
	if (p->count > 0)
		memset(p->slots, 0, sizeof(p->slots));
	p->count = 0;
	p->over = false;
	p->scratch_len = 0;
	if (want > p->scratch_cap) {
		free(p->scratch);
		p->scratch = malloc((size_t)want);
		p->scratch_cap = p->scratch != NULL ? want : 0;
	}
	return p->scratch != NULL;
}

void pairs_done(struct pairs *p)
{
	free(p->scratch);
	p->scratch = NULL;
	p->scratch_cap = 0;
}

static unsigned hash(str key)
{
	unsigned h = 2166136261u;
	for (ptrdiff_t i = 0; i < key.len; i++)
		h = (h ^ (unsigned char)key.ptr[i]) * 16777619u;
	return h ^ h >> 15;
}

static void add(struct pairs *p, str key, str text, bool json)
{
	unsigned slot = hash(key) % (2 * PAIRS_MOST);
	int i = p->count, last;
	if (i == PAIRS_MOST) {
		p->over = true;
		return;
	}
	p->count++;
	p->at[i] = (struct pair){ key, text, json, -1 };
	p->repeated[i] = false;
	for (; p->slots[slot] != 0; slot = (slot + 1) % (2 * PAIRS_MOST)) {
		last = p->slots[slot] - 1;
		if (!str_eq(p->at[last].key, key))
			continue;
		while (p->at[last].next >= 0)
			last = p->at[last].next;
		p->at[last].next = i;
		p->repeated[i] = true;
		return;
	}
	p->slots[slot] = (uint16_t)(i + 1);
}

void pairs_add(struct pairs *p, str key, str text)
{
	add(p, key, text, false);
}

void pairs_add_json(struct pairs *p, str key, str json)
{
	add(p, key, json, true);
}

/* A key without bytes stands for all members of the object. */
void pairs_add_members(struct pairs *p, str object)
{
	str inside = str_trim(object);
	inside = str_trim(str_sub(inside, 1, inside.len - 1));
	if (inside.len > 0)
		add(p, S(""), inside, true);
}

void pairs_add_some(struct pairs *p, str key, str text)
{
	if (text.len > 0 && !str_eq(text, S("-")))
		add(p, key, text, false);
}

char *pairs_room(struct pairs *p, ptrdiff_t len)
{
	char *at = p->scratch + p->scratch_len;
	if (len > p->scratch_cap - p->scratch_len) {
		p->over = true;
		return NULL;
	}
	p->scratch_len += len;
	return at;
}

void pairs_keep(struct pairs *p, const char *end)
{
	p->scratch_len = end - p->scratch;
}

str pairs_key(struct pairs *p, str before, str after)
{
	char *at = pairs_room(p, before.len + after.len);
	if (at == NULL)
		return after;
	if (before.len > 0)
		memcpy(at, before.ptr, (size_t)before.len);
	if (after.len > 0)
		memcpy(at + before.len, after.ptr, (size_t)after.len);
	return (str){ at, before.len + after.len };
}

str pairs_find(const struct pairs *p, str key)
{
	for (int i = 0; i < p->count; i++)
		if (str_eq(p->at[i].key, key))
			return p->at[i].text;
	return (str){ 0 };
}

static void write_value(const struct pair *v, struct json_out *o)
{
	if (v->json)
		json_out_raw(o, v->text);
	else
		json_out_text(o, v->text);
}

void pairs_write(const struct pairs *p, const char *format, struct json_out *o)
{
	json_out_raw(o, S("{"));
	if (format[0] != '\0') {
		json_out_key(o, S("@format"));
		json_out_text(o, str_from(format));
	}
	for (int i = 0; i < p->count; i++) {
		if (p->repeated[i] || (format[0] != '\0' && str_eq(p->at[i].key, S("@format"))))
			continue;
		if (p->at[i].json && p->at[i].key.len == 0) {
			json_out_raw(o, o->ptr[o->len - 1] == '{' ? S("") : S(","));
			json_out_raw(o, p->at[i].text);
			continue;
		}
		json_out_key(o, p->at[i].key);
		if (p->at[i].next < 0) {
			write_value(&p->at[i], o);
			continue;
		}
		json_out_raw(o, S("["));
		for (int j = i; j >= 0; j = p->at[j].next) {
			json_out_raw(o, j == i ? S("") : S(","));
			write_value(&p->at[j], o);
		}
		json_out_raw(o, S("]"));
	}
	json_out_end(o);
}
