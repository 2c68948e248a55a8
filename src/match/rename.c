/* rename.c - reading an event with the field names of a logsource entry. */
#include "match/fold.h"
#include "match/state.h"

static void replace_prefix(struct matcher *m, const struct image_rename *r, str *text)
{
	for (uint32_t i = 0; i < r->prefixes.count; i++) {
		str from = image_text(m->im, m->im->spans[r->prefixes.first + 2 * i]);
		str to = image_text(m->im, m->im->spans[r->prefixes.first + 2 * i + 1]);
		if (!str_starts_nocase(*text, from))
			continue;
		char *out = NEW(&m->out_memory, char, to.len + text->len - from.len + 1);
		memcpy(out, to.ptr, (size_t)to.len);
		memcpy(out + to.len, text->ptr + from.len, (size_t)(text->len - from.len));
		*text = (str){ out, to.len + text->len - from.len };
		return;
	}
}

/* The first value of each field, those that are there, with `between` between them; ptr NULL: none is
 * there. */
static str join_values(struct matcher *m, const struct image_rename *r)
{
	str between = image_text(m->im, r->between), parts[16];
	ptrdiff_t count = 0, len = 0;
	for (uint32_t i = 0; i < r->from.count && count < COUNTOF(parts); i++) {
		uint32_t v = field_first(m, m->im->numbers[r->from.first + i]);
		while (v != IMAGE_NONE && m->wanted.leaves.at[m->values[v].leaf].kind == LEAF_NULL)
			v = m->values[v].next;
		if (v == IMAGE_NONE)
			continue;
		parts[count] = pool_text(&m->wanted, m->values[v].leaf);
		len += parts[count++].len + between.len;
	}
	if (count == 0)
		return (str){ 0 };
	char *out = NEW(&m->out_memory, char, len + 1);
	ptrdiff_t n = 0;
	for (ptrdiff_t i = 0; i < count; i++) {
		if (i > 0)
			memcpy(out + n, between.ptr, (size_t)between.len);
		n += i > 0 ? between.len : 0;
		memcpy(out + n, parts[i].ptr, (size_t)parts[i].len);
		n += parts[i].len;
	}
	str text = { out, n };
	replace_prefix(m, r, &text);
	return text;
}

struct chain {
	uint32_t head, tail;
};

static void chain_add(struct matcher *m, struct chain *c, uint32_t leaf)
{
	uint32_t v = value_new(m, leaf);
	if (c->head == IMAGE_NONE)
		c->head = v;
	else
		m->values[c->tail].next = v;
	c->tail = v;
}

static void chain_field(struct matcher *m, struct chain *c, uint32_t field)
{
	for (uint32_t v = field_first(m, field); v != IMAGE_NONE; v = m->values[v].next)
		chain_add(m, c, m->values[v].leaf);
}

/* What the field reads in this view; head IMAGE_NONE: nothing, it stays as it is. */
static struct chain read_renamed(struct matcher *m, const struct image_rename *r)
{
	struct chain c = { IMAGE_NONE, IMAGE_NONE };
	if (r->from.count == 0) {
		chain_add(m, &c, pool_add(m, &m->wanted, image_text(m->im, r->between)));
		chain_field(m, &c, r->field);
	} else if (r->joined) {
		str text = join_values(m, r);
		if (text.ptr)
			chain_add(m, &c, pool_add(m, &m->wanted, text));
	} else
		for (uint32_t i = 0; i < r->from.count; i++)
			chain_field(m, &c, m->im->numbers[r->from.first + i]);
	return c;
}

/* All are read before any is changed, so that two fields may change places. */
void view_rename(struct matcher *m, const struct image_entry *e)
{
	struct image_saved *s = &m->saved;
	const struct image_rename *r = m->im->renames + e->renames.first;
	*s = (struct image_saved){ NEW(&m->out_memory, uint32_t, 2 * (ptrdiff_t)e->renames.count + 1),
				   m->touched_count, m->value_count, m->wanted.leaves.count };
	uint32_t *heads = s->heads + e->renames.count;
	for (uint32_t i = 0; i < e->renames.count; i++) {
		heads[i] = read_renamed(m, &r[i]).head;
		s->heads[i] = field_first(m, r[i].field);
	}
	for (uint32_t i = 0; i < e->renames.count; i++) {
		if (heads[i] == IMAGE_NONE)
			continue;
		if (m->field_stamp[r[i].field] != m->event)
			m->touched[m->touched_count++] = r[i].field;
		m->field_stamp[r[i].field] = m->event;
		m->head[r[i].field] = heads[i];
	}
}

void view_restore(struct matcher *m, const struct image_entry *e)
{
	const struct image_rename *r = m->im->renames + e->renames.first;
	for (uint32_t i = e->renames.count; i-- > 0;) {
		if (m->saved.heads[i] == IMAGE_NONE)
			m->field_stamp[r[i].field] = 0;
		else
			m->head[r[i].field] = m->saved.heads[i];
	}
	m->touched_count = m->saved.touched;
	m->value_count = m->saved.values;
	m->wanted.leaves.count = m->saved.leaves;
}
