#include <math.h>
#include <stdlib.h>
#include "match/fold.h"
#include "match/moment.h"
#include "match/state.h"
#include "model/network.h"

/* ---- globs: pieces between two `*` make a segment; the first is at the beginning, the last at the end */

struct glob {
	const struct image *im;
	const struct image_piece *at;
	ptrdiff_t count;
};

static ptrdiff_t segment_end(const struct glob *g, ptrdiff_t from)
{
	while (from < g->count && g->at[from].kind != GLOB_ANY)
		from++;
	return from;
}

static ptrdiff_t char_len(const char *p, ptrdiff_t left)
{
	uint32_t c;
	int n = fold_decode(p, left, &c);
	return n ? n : 1;
}

static ptrdiff_t char_len_before(const char *text, ptrdiff_t at)
{
	uint32_t c;
	for (int n = 2; n <= 4 && n <= at; n++)
		if (fold_decode(text + at - n, n, &c) == n)
			return n;
	return 1;
}

/* Pieces from..to at `at` of text: the position after them, or -1. */
static ptrdiff_t match_at(const struct glob *g, ptrdiff_t from, ptrdiff_t to, str text, ptrdiff_t at)
{
	for (ptrdiff_t i = from; i < to; i++) {
		str lit = image_text(g->im, g->at[i].text);
		if (g->at[i].kind == GLOB_ONE) {
			if (at >= text.len)
				return -1;
			at += char_len(text.ptr + at, text.len - at);
		} else {
			if (text.len - at < lit.len || memcmp(text.ptr + at, lit.ptr, (size_t)lit.len) != 0)
				return -1;
			at += lit.len;
		}
	}
	return at;
}

/* The same, ending at `at` and read backwards: the position before them, or -1. */
static ptrdiff_t match_before(const struct glob *g, ptrdiff_t from, ptrdiff_t to, str text, ptrdiff_t at)
{
	for (ptrdiff_t i = to - 1; i >= from; i--) {
		str lit = image_text(g->im, g->at[i].text);
		ptrdiff_t len =
			g->at[i].kind == GLOB_ONE ? (at > 0 ? char_len_before(text.ptr, at) : 1) : lit.len;
		if (at < len)
			return -1;
		at -= len;
		if (g->at[i].kind == GLOB_LITERAL && memcmp(text.ptr + at, lit.ptr, (size_t)lit.len) != 0)
			return -1;
	}
	return at;
}

/* The first place at or after `at` where the segment stands; -1 if none. */
static ptrdiff_t find_segment(const struct glob *g, ptrdiff_t from, ptrdiff_t to, str text, ptrdiff_t at,
			      ptrdiff_t *out_end)
{
	while (at <= text.len) {
		if (g->at[from].kind == GLOB_LITERAL) {
			str lit = image_text(g->im, g->at[from].text);
			const char *hit =
				memmem(text.ptr + at, (size_t)(text.len - at), lit.ptr, (size_t)lit.len);
			if (!hit)
				return -1;
			at = hit - text.ptr;
		}
		ptrdiff_t end = match_at(g, from, to, text, at);
		if (end >= 0) {
			*out_end = end;
			return at;
		}
		at += at < text.len ? char_len(text.ptr + at, text.len - at) : 1;
	}
	return -1;
}

static bool glob_matches(const struct glob *g, str text, ptrdiff_t *out_from, ptrdiff_t *out_to)
{
	ptrdiff_t first = segment_end(g, 0);
	ptrdiff_t at = match_at(g, 0, first, text, 0);
	*out_from = 0;
	*out_to = text.len;
	if (first == g->count)
		return at == text.len;
	if (at < 0)
		return false;
	ptrdiff_t last = g->count;
	while (g->at[last - 1].kind != GLOB_ANY)
		last--;
	ptrdiff_t limit = match_before(g, last, g->count, text, text.len);
	if (limit < at)
		return false;
	str middle = { text.ptr, limit };
	bool begun = first > 0;
	for (ptrdiff_t i = first + 1; i < last;) {
		ptrdiff_t to = segment_end(g, i), end = at;
		ptrdiff_t from = to > i ? find_segment(g, i, to, middle, at, &end) : at;
		if (from < 0)
			return false;
		if (!begun && to > i) {
			*out_from = from;
			begun = true;
		}
		at = end;
		i = to + 1;
	}
	if (last < g->count && !begun)
		*out_from = limit;
	if (last == g->count)
		*out_to = at;
	if (!begun && last == g->count)
		*out_from = *out_to = 0; /* `*` alone: nothing to point at */
	return true;
}

static bool text_matches(const struct matcher *m, const struct image_predicate *p, str text,
			 struct place *where)
{
	str lit = image_text(m->im, p->text);
	ptrdiff_t from = 0;
	bool yes = false;
	switch ((enum text_shape)p->shape) {
	case TEXT_EXACT:
		yes = str_eq(text, lit);
		goto found;
	case TEXT_PREFIX:
		yes = str_starts(text, lit);
		goto found;
	case TEXT_SUFFIX:
		yes = str_ends(text, lit);
		from = text.len - lit.len;
		goto found;
	case TEXT_CONTAINS: {
		const char *hit = memmem(text.ptr, (size_t)text.len, lit.ptr, (size_t)lit.len);
		yes = hit != NULL;
		from = hit ? hit - text.ptr : 0;
		goto found;
	}
	case TEXT_PRESENT:
		where->from = where->to = 0;
		return true;
	case TEXT_GLOB:
		break;
	}
	struct glob g = { m->im, m->im->pieces + p->pieces.first, p->pieces.count };
	return glob_matches(&g, text, &where->from, &where->to);
found:
	where->from = from;
	where->to = from + lit.len;
	return yes;
}

bool predicate_text(struct matcher *m, const struct image_predicate *p, struct pool *pool, uint32_t leaf,
		    struct place *out_where)
{
	struct place spare, *where = out_where ? out_where : &spare;
	if (pool->leaves.at[leaf].kind == LEAF_NULL)
		return false;
	str text = pool_text(pool, leaf);
	if (p->cased)
		return text_matches(m, p, text, where);
	str folded = pool_folded(pool, leaf);
	if (!text_matches(m, p, folded, where))
		return false;
	if (out_where && folded.len) {
		where->from = fold_origin(text.ptr, text.len, where->from);
		where->to = fold_origin(text.ptr, text.len, where->to);
	}
	return true;
}

/* ---- the other kinds, on one text */

static bool parse_number(str text, double *out)
{
	char room[64], *end;
	text = str_trim(text);
	if (text.len == 0 || text.len >= (ptrdiff_t)sizeof room || text.ptr[0] == 'n' || text.ptr[0] == 'N' ||
	    text.ptr[0] == 'i' || text.ptr[0] == 'I')
		return false;
	memcpy(room, text.ptr, (size_t)text.len);
	room[text.len] = 0;
	*out = strtod(room, &end);
	return end == room + text.len && isfinite(*out);
}

static bool in_order(double v, enum predicate_order order, double bound)
{
	switch (order) {
	case ORDER_LT:
		return v < bound;
	case ORDER_LTE:
		return v <= bound;
	case ORDER_GT:
		return v > bound;
	case ORDER_GTE:
		return v >= bound;
	case ORDER_EQ:
		return v == bound;
	}
	return false;
}

static bool number_holds(const struct image_predicate *p, str text)
{
	double v;
	if (p->part != PART_NONE) {
		int part;
		if (!moment_part(text, (enum predicate_part)p->part, &part))
			return false;
		v = part;
	} else if (!parse_number(text, &v))
		return false;
	return in_order(v, (enum predicate_order)p->order, p->number);
}

static bool cidr_holds(const struct matcher *m, const struct image_predicate *p, str text)
{
	str bytes = image_text(m->im, p->text);
	struct network n;
	struct ip ip;
	struct err err;
	if (text.len > IP_TEXT_MAX || text.len < 2)
		return false;
	memcpy(n.first.b, bytes.ptr, 16);
	n.bits = (unsigned char)bytes.ptr[16];
	return ip_parse(text, &ip, &err) && network_contains(n, ip);
}

static bool regex_holds(struct matcher *m, const struct image_predicate *p, str text, struct place *where)
{
	struct regex **r = &m->regexes[p->other];
	if (!*r)
		*r = regex_new(image_text(m->im, p->text), p->flags & 7);
	enum regex_verdict v = regex_find(*r, text, &m->regex_time, &where->from, &where->to);
	m->stats.undecided += v == REGEX_UNDECIDED;
	return v == REGEX_YES;
}

static bool compare_one(const struct image_predicate *p, str text, str other)
{
	return p->how == HOW_STARTS ? str_starts(text, other)
	       : p->how == HOW_ENDS ? str_ends(text, other)
				    : str_find(text, other) >= 0;
}

/* One value with all of the other field.  Lists of both can make this too many: then it is undecided. */
static bool fields_compare(struct matcher *m, const struct image_predicate *p, uint32_t leaf)
{
	struct pool *pool = &m->wanted;
	str text = p->cased ? pool_text(pool, leaf) : pool_folded(pool, leaf);
	for (uint32_t v = field_first(m, p->other); v != IMAGE_NONE; v = m->values[v].next) {
		uint32_t other = m->values[v].leaf;
		if (pool->leaves.at[other].kind == LEAF_NULL)
			continue;
		str o = p->cased ? pool_text(pool, other) : pool_folded(pool, other);
		if (m->comparing <= 0)
			return false;
		m->comparing -= 1 + text.len / 16;
		m->stats.undecided += m->comparing <= 0;
		if (compare_one(p, text, o))
			return true;
	}
	return false;
}

static int by_text(const void *x, const void *y)
{
	const str *a = x, *b = y;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return a->len ? memcmp(a->ptr, b->ptr, (size_t)a->len) : 0;
}

/* Equal values: the other field's are sorted, so that long lists cost little more than their length. */
static bool fields_equal(struct matcher *m, const struct image_predicate *p, struct place *where)
{
	struct pool *pool = &m->wanted;
	ptrdiff_t count = 0, n = 0;
	for (uint32_t v = field_first(m, p->other); v != IMAGE_NONE; v = m->values[v].next)
		count += pool->leaves.at[m->values[v].leaf].kind != LEAF_NULL;
	if (count == 0)
		return false;
	str *sorted = NEW(&m->out_memory, str, count);
	for (uint32_t v = field_first(m, p->other); v != IMAGE_NONE; v = m->values[v].next) {
		uint32_t leaf = m->values[v].leaf;
		if (pool->leaves.at[leaf].kind != LEAF_NULL)
			sorted[n++] = p->cased ? pool_text(pool, leaf) : pool_folded(pool, leaf);
	}
	qsort(sorted, (size_t)count, sizeof *sorted, by_text);
	for (uint32_t v = field_first(m, p->field); v != IMAGE_NONE; v = m->values[v].next) {
		where->leaf = m->values[v].leaf;
		if (pool->leaves.at[where->leaf].kind == LEAF_NULL)
			continue;
		str text = p->cased ? pool_text(pool, where->leaf) : pool_folded(pool, where->leaf);
		if (bsearch(&text, sorted, (size_t)count, sizeof *sorted, by_text)) {
			where->to = pool_text(pool, where->leaf).len;
			return true;
		}
	}
	where->leaf = IMAGE_NONE;
	return false;
}

static bool value_holds(struct matcher *m, const struct image_predicate *p, struct pool *pool, uint32_t leaf,
			struct place *where)
{
	if (p->op == PREDICATE_TEXT)
		return predicate_text(m, p, pool, leaf, where);
	where->from = where->to = 0;
	if (pool->leaves.at[leaf].kind == LEAF_NULL)
		return p->op == PREDICATE_NULL;
	str text = pool_text(pool, leaf);
	where->to = text.len;
	switch ((enum predicate_op)p->op) {
	case PREDICATE_REGEX:
		return regex_holds(m, p, text, where);
	case PREDICATE_CIDR:
		return cidr_holds(m, p, text);
	case PREDICATE_NUMBER:
		return number_holds(p, text);
	case PREDICATE_FIELD:
		return fields_compare(m, p, leaf);
	case PREDICATE_TEXT:
	case PREDICATE_EXISTS:
	case PREDICATE_NULL:
		break;
	}
	return false;
}

static bool keyword_holds(struct matcher *m, const struct image_predicate *p, struct place *where)
{
	matcher_read_everything(m);
	where->everything = true;
	for (ptrdiff_t i = 0; i < m->everything.leaves.count; i++) {
		where->leaf = (uint32_t)i;
		if (value_holds(m, p, &m->everything, (uint32_t)i, where))
			return true;
	}
	return false;
}

bool predicate_try(struct matcher *m, const struct image_predicate *p, struct place *out_where)
{
	struct place spare, *where = out_where ? out_where : &spare;
	*where = (struct place){ IMAGE_NONE, false, 0, 0 };
	if (p->field == IMAGE_NONE)
		return keyword_holds(m, p, where);
	uint32_t v = field_first(m, p->field);
	if (p->op == PREDICATE_EXISTS)
		return v != IMAGE_NONE;
	if (p->op == PREDICATE_NULL && v == IMAGE_NONE)
		return true;
	if (p->op == PREDICATE_FIELD && p->how == HOW_EQUALS)
		return fields_equal(m, p, where);
	for (; v != IMAGE_NONE; v = m->values[v].next) {
		where->leaf = m->values[v].leaf;
		if (value_holds(m, p, &m->wanted, where->leaf, where))
			return true;
	}
	where->leaf = IMAGE_NONE;
	return false;
}
