#include "match/leaves.h"
#include <stdio.h>
#include <stdlib.h>
#include "base/text.h"
#include "match/event.h"
#include "match/fold.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static inline uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 r = (unsigned __int128)a * b;
	return (uint64_t)r ^ (uint64_t)(r >> 64);
}

static inline uint64_t load(const char *p, size_t n)
{
	uint64_t v = 0;
	memcpy(&v, p, n);
	return v;
}

/* Bit 5 is set in every byte, which makes letters of both cases equal, and some signs too: path_find
 * compares. */
uint64_t path_hash(const char *path, ptrdiff_t len)
{
	const uint64_t bit = 0x2020202020202020u, prime = 0x9E3779B97F4A7C15u;
	uint64_t h = (uint64_t)len * 0xD6E8FEB86659FD93u;
	ptrdiff_t i = 0;
	for (; i + 8 <= len; i += 8)
		h = mix(h ^ (load(path + i, 8) | bit), prime);
	if (len >= 8)
		return mix(h ^ (load(path + len - 8, 8) | bit), prime);
	uint64_t tail = len >= 4 ? load(path, 4) | load(path + len - 4, 4) << 32 : 0;
	for (; len < 4 && i < len; i++)
		tail |= (uint64_t)(unsigned char)path[i] << (8 * i);
	return mix(h ^ (tail | bit), prime);
}

static bool same_name(const char *a, const char *b, ptrdiff_t len)
{
	return memcmp(a, b, (size_t)len) == 0 || str_eq_nocase((str){ a, len }, (str){ b, len });
}

static uint32_t find_exact(const struct paths *p, const char *path, ptrdiff_t len)
{
	uint64_t hash = path_hash(path, len);
	for (uint64_t i = hash & p->mask; p->slots[i].count; i = (i + 1) & p->mask) {
		const struct path_slot *s = &p->slots[i];
		if (s->hash == hash && s->len == len && same_name(p->strings + s->name, path, len))
			return (uint32_t)i;
	}
	return PATH_NONE;
}

uint32_t path_find(const struct paths *p, const char *path, ptrdiff_t len)
{
	uint32_t found = find_exact(p, path, len);
	for (ptrdiff_t i = 0; found == PATH_NONE && i < p->wild_count; i++) {
		/* Envelope.AnyKey.rest is looked up as Envelope.*.rest */
		ptrdiff_t before = p->wild[2 * i + 1];
		if (len <= before || !same_name(p->strings + p->wild[2 * i], path, before))
			continue;
		const char *dot = memchr(path + before, '.', (size_t)(len - before));
		if (!dot)
			continue;
		char star[PATH_MOST];
		ptrdiff_t rest = path + len - dot;
		if (before + 1 + rest > PATH_MOST)
			continue;
		memcpy(star, path, (size_t)before);
		star[before] = '*';
		memcpy(star + before + 1, dot, (size_t)rest);
		found = find_exact(p, star, before + 1 + rest);
	}
	return found;
}

struct frame {
	bool list, empty;
	int path;
	uint32_t slot;
};

struct reader {
	struct leaves *out;
	const struct paths *paths;
	const char *start, *p, *end;
	uint16_t memo;   /* the key before */
	int depth, path; /* path: length of what stands in `name` */
	bool all;
	struct frame stack[EVENT_DEPTH_MOST + 1];
	char name[PATH_MOST];
};

static void broken(struct reader *r, const char *what)
{
	if (!r->out->broken) {
		r->out->broken = what;
		r->out->broken_at = r->p - r->start;
	}
}

#ifdef __SSE2__
static inline uint32_t equal_to(const char *p, char c)
{
	const __m128i wanted = _mm_set1_epi8(c);
	__m128i a = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i b = _mm_loadu_si128((const __m128i *)(const void *)(p + 16));
	return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(a, wanted)) |
	       (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(b, wanted)) << 16;
}

/* On for as long as 32 bytes are left: true with the closing quote in *p, false with where to go on. */
static inline bool string_end_wide(const char **p, const char *end, bool *out_escaped)
{
	const char *at = *p;
	while (end - at >= 32) {
		uint32_t quotes = equal_to(at, '"'), slashes = equal_to(at, '\\');
		int over = 0;
		while (slashes & (quotes - 1)) { /* a backslash before the first quote, if there is one */
			int i = __builtin_ctz(slashes);
			uint32_t pair = i == 31 ? 1u << 31 : 3u << i;
			*out_escaped = true;
			over = i == 31;
			slashes &= ~pair;
			quotes &= ~pair;
		}
		if (quotes) {
			*p = at + __builtin_ctz(quotes);
			return true;
		}
		at += 32 + over;
	}
	*p = at;
	return false;
}
#endif

/* The closing quote of the string that begins at p, or NULL. */
static inline const char *string_end(const char *p, const char *end, bool *out_escaped)
{
#ifdef __SSE2__
	if (string_end_wide(&p, end, out_escaped))
		return p;
#endif
	while (p < end && *p != '"') {
		if (*p == '\\') {
			*out_escaped = true;
			p++;
		}
		p++;
	}
	return p < end ? p : NULL;
}

static void skip_blank(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r'))
		r->p++;
}

void leaves_add(struct leaves *l, struct leaf leaf)
{
	if (l->count == l->room) {
		l->room = l->room ? 2 * l->room : 128;
		/* heap: one list a matcher, kept from event to event */
		l->at = realloc(l->at, (size_t)l->room * sizeof *l->at);
		ASSERT(l->at);
	}
	l->at[l->count++] = leaf;
}

static void add(struct reader *r, struct leaf leaf)
{
	if (r->depth > 0)
		r->stack[r->depth].empty = false;
	if (leaf.slot != PATH_NONE || r->all)
		leaves_add(r->out, leaf);
}

static bool transparent(str key)
{
	if (key.len < 5 || (key.ptr[0] != '#' && key.ptr[0] != '@'))
		return false;
	return str_eq_nocase(key, S("#text")) || str_eq_nocase(key, S("#attributes")) ||
	       str_eq_nocase(key, S("@attributes"));
}

/* The path of `key` in the innermost object: put behind what stands in name.  -1: too long to have a name. */
static int join(struct reader *r, int base, str key)
{
	if (base < 0 || transparent(key))
		return base;
	ptrdiff_t len = base + (base ? 1 : 0) + key.len;
	if (len > PATH_MOST)
		return -1;
	if (base)
		r->name[base] = '.';
	memcpy(r->name + len - key.len, key.ptr, (size_t)key.len);
	return (int)len;
}

static void open_frame(struct reader *r, bool list, int path)
{
	uint32_t slot = path > 0 ? path_find(r->paths, r->name, path) : PATH_NONE;
	r->depth++;
	r->stack[r->depth] = (struct frame){ list, true, path, slot };
	r->p++;
}

/* Past a container that lies too deep, minding strings only. */
static void skip_deep(struct reader *r)
{
	broken(r, "nested too deeply; what lies deeper was not looked at");
	int64_t open = 0;
	while (r->p < r->end) {
		char c = *r->p++;
		bool escaped;
		if (c == '"') {
			const char *close = string_end(r->p, r->end, &escaped);
			r->p = close ? close + 1 : r->end;
		} else if (c == '{' || c == '[')
			open++;
		else if ((c == '}' || c == ']') && --open == 0)
			return;
	}
}

static const bool ends_word[256] = {
	[0] = true,   ['\t'] = true, ['\n'] = true, ['\r'] = true, [' '] = true, ['"'] = true,
	[','] = true, [':'] = true,  ['['] = true,  [']'] = true,  ['{'] = true, ['}'] = true
};

static void read_word(struct reader *r, uint32_t slot)
{
	const char *from = r->p;
	while (r->p < r->end && !ends_word[(unsigned char)*r->p])
		r->p++;
	struct leaf leaf = { from, (uint32_t)(r->p - from), slot, LEAF_NUMBER, false };
	str word = { from, leaf.len };
	if (word.len == 0)
		broken(r, "a value is missing");
	else if (str_eq(word, S("null")))
		leaf.kind = LEAF_NULL;
	else if (str_eq(word, S("true")))
		leaf.kind = LEAF_TRUE;
	else if (str_eq(word, S("false")))
		leaf.kind = LEAF_FALSE;
	add(r, leaf);
}

static inline bool same_bytes(const char *a, const char *b, ptrdiff_t len)
{
	if (len < 8)
		return memcmp(a, b, (size_t)len) == 0;
	for (ptrdiff_t i = 0; i + 8 <= len; i += 8)
		if (load(a + i, 8) != load(b + i, 8))
			return false;
	return load(a + len - 8, 8) == load(b + len - 8, 8);
}

/* path_find of a key of the event itself, by way of the memo. */
static uint32_t find_key(struct reader *r, str key)
{
	struct key_memo *last = &r->out->memo[r->memo], *k = &r->out->memo[last->next];
	if (k->len == key.len && key.len > 0 && same_bytes(k->name, key.ptr, key.len)) {
		r->memo = last->next;
		return k->slot;
	}
	uint32_t slot = path_find(r->paths, key.ptr, key.len);
	if (key.len == 0 || key.len > MEMO_NAME)
		return slot;
	last->next = r->memo = (uint16_t)(path_hash(key.ptr, key.len) % MEMO_SLOTS);
	k = &r->out->memo[r->memo];
	if (k->len != key.len || memcmp(k->name, key.ptr, (size_t)key.len) != 0) {
		memcpy(k->name, key.ptr, (size_t)key.len);
		k->len = (uint16_t)key.len;
		k->slot = slot;
	}
	return slot;
}

static void read_scalar(struct reader *r, uint32_t slot)
{
	if (*r->p != '"') {
		read_word(r, slot);
		return;
	}
	struct leaf leaf = { r->p + 1, 0, slot, LEAF_STRING, false };
	const char *close = string_end(leaf.raw, r->end, &leaf.escaped);
	leaf.len = (uint32_t)((close ? close : r->end) - leaf.raw);
	add(r, leaf);
	if (!close)
		broken(r, "a string does not end");
	r->p = close ? close + 1 : r->end;
}

/* The value that begins at p; `path` is its path in name, or that of the list it is in. */
static void read_value(struct reader *r, str key, int base, uint32_t slot)
{
	bool container = *r->p == '{' || *r->p == '[';
	if (!container && key.ptr && base == 0 && key.len <= PATH_MOST && !transparent(key)) {
		read_scalar(r, find_key(r, key));
		return;
	}
	int path = key.ptr ? join(r, base, key) : base;
	if (!container) {
		if (key.ptr)
			slot = path > 0 ? path_find(r->paths, r->name, path) : PATH_NONE;
		read_scalar(r, slot);
	} else if (r->depth >= EVENT_DEPTH_MOST) {
		r->stack[r->depth].empty = false;
		skip_deep(r);
	} else {
		r->stack[r->depth].empty = false;
		open_frame(r, *r->p == '[', path);
	}
}

/* A key with escapes is unescaped first: \u0049mage is Image. */
static bool read_key(struct reader *r, char *room, str *out_key)
{
	if (*r->p != '"') {
		broken(r, "a key in quotes was expected");
		return false;
	}
	struct leaf key = { r->p + 1, 0, PATH_NONE, LEAF_STRING, false };
	const char *close = string_end(key.raw, r->end, &key.escaped);
	if (!close) {
		broken(r, "a key does not end");
		return false;
	}
	key.len = (uint32_t)(close - key.raw);
	*out_key = (str){ key.raw, key.len };
	if (key.escaped && key.len <= 4 * PATH_MOST)
		*out_key = (str){ room, leaf_text(&key, room) };
	r->p = close + 1;
	skip_blank(r);
	if (r->p >= r->end || *r->p != ':') {
		broken(r, "a colon was expected after a key");
		return false;
	}
	r->p++;
	skip_blank(r);
	if (r->p < r->end)
		return true;
	broken(r, "it ends after a key");
	return false;
}

static void close_frame(struct reader *r)
{
	struct frame f = r->stack[r->depth];
	r->depth--;
	if (f.empty && r->depth > 0)
		add(r, (struct leaf){ r->p, 0, f.slot, LEAF_NULL, false });
	r->p++;
}

/* One member or item, or the end of the innermost container. */
static bool step(struct reader *r, char *room)
{
	struct frame *f = &r->stack[r->depth];
	if (*r->p == (f->list ? ']' : '}')) {
		close_frame(r);
		return true;
	}
	if (!f->empty) {
		if (*r->p != ',') {
			broken(r, f->list ? "a comma or ] was expected" : "a comma or } was expected");
			return false;
		}
		r->p++;
		skip_blank(r);
		if (r->p >= r->end)
			return true;
	}
	str key = { 0 };
	if (!f->list && !read_key(r, room, &key))
		return false;
	f->empty = false;
	read_value(r, key, f->path, f->slot);
	return true;
}

void leaves_read(struct leaves *l, const struct paths *p, str json, bool all)
{
	struct reader r;
	char room[4 * PATH_MOST + 16];
	r.out = l;
	r.paths = p;
	r.start = r.p = json.ptr;
	r.end = json.ptr + json.len;
	r.depth = 0;
	r.memo = 0;
	r.all = all;
	l->count = 0;
	l->broken = NULL;
	if (!l->memo) {
		l->memo = calloc(MEMO_SLOTS, sizeof *l->memo); /* heap: kept from event to event */
		ASSERT(l->memo);
	}
	skip_blank(&r);
	if (r.p >= r.end || *r.p != '{') {
		broken(&r, "no JSON object");
		return;
	}
	open_frame(&r, false, 0);
	while (r.depth > 0) {
		skip_blank(&r);
		if (r.p >= r.end) {
			broken(&r, "it ends before the object does");
			return;
		}
		if (!step(&r, room))
			return;
	}
	skip_blank(&r);
	if (r.p < r.end)
		broken(&r, "more follows after the object");
}

void leaves_done(struct leaves *l)
{
	free(l->at);
	free(l->memo);
	*l = (struct leaves){ 0 };
}

static int hex4(const char *p, const char *end)
{
	int v = 0;
	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = text_hex_value(p[i]);
		if (digit < 0)
			return -1;
		v = v << 4 | digit;
	}
	return v;
}

/* The escape behind the backslash at *p. */
static ptrdiff_t unescape(const char **p, const char *end, char *out)
{
	static const char plain[256] = {
		['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t'
	};
	char c = (*p)[1];
	*p += 2;
	int high = c == 'u' ? hex4(*p, end) : -1;
	if (high < 0) {
		*out = plain[(unsigned char)c] ? plain[(unsigned char)c] : c;
		return 1;
	}
	*p += 4;
	if (high >= 0xD800 && high < 0xDC00 && end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u') {
		int low = hex4(*p + 2, end);
		if (low >= 0xDC00 && low < 0xE000) {
			*p += 6;
			return text_put_utf8(
				out, 0x10000 + (((uint32_t)high & 0x3FF) << 10) + ((uint32_t)low & 0x3FF));
		}
	}
	return text_put_utf8(out, high >= 0xD800 && high < 0xE000 ? 0xFFFD : (uint32_t)high);
}

static ptrdiff_t string_text(const struct leaf *l, char *out)
{
	const char *p = l->raw, *end = p + l->len;
	ptrdiff_t n = 0;
	while (p < end) {
#ifdef __SSE2__
		/* Sixteen are copied at a time, and taken back to the first backslash. */
		while (end - p >= 16) {
			__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
			_mm_storeu_si128((__m128i *)(void *)(out + n), v);
			int hit = _mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
			int clean = hit ? __builtin_ctz((unsigned)hit) : 16;
			p += clean;
			n += clean;
			if (hit)
				break;
		}
#endif
		while (p < end && *p != '\\')
			out[n++] = *p++;
		if (end - p >= 2)
			n += unescape(&p, end, out + n);
		else if (p < end)
			out[n++] = *p++;
	}
	return n;
}

static ptrdiff_t strspn_of(const char *text, ptrdiff_t len, const char *set)
{
	ptrdiff_t n = 0;
	while (n < len && text[n] && strchr(set, text[n]))
		n++;
	return n;
}

/* 1.0, 1e0 and 10e-1 are 1, and -0 is 0; everything else stays as written. */
static ptrdiff_t number_text(const struct leaf *l, char *out)
{
	memcpy(out, l->raw, l->len);
	if (l->len == 2 && out[0] == '-' && out[1] == '0') {
		out[0] = '0';
		return 1;
	}
	if (l->len >= 32 || strspn_of(out, l->len, "0123456789+-.eE") < l->len ||
	    strspn_of(out, l->len, "0123456789+-") == l->len)
		return l->len;
	char text[32], *end;
	memcpy(text, out, l->len);
	text[l->len] = 0;
	double v = strtod(text, &end);
	if (end != text + l->len || v < -9007199254740992.0 || v > 9007199254740992.0 ||
	    v != (double)(int64_t)v || text[0] == '+')
		return l->len;
	char whole[24];
	int n = snprintf(whole, sizeof whole, "%lld", (long long)v);
	if (n > (int)l->len + 16)
		return l->len;
	memcpy(out, whole, (size_t)n);
	return n;
}

ptrdiff_t leaf_text(const struct leaf *l, char *out)
{
	switch ((enum leaf_kind)l->kind) {
	case LEAF_STRING:
		if (l->escaped)
			return string_text(l, out);
		memcpy(out, l->raw, l->len);
		return l->len;
	case LEAF_NUMBER:
		return number_text(l, out);
	case LEAF_TRUE:
		memcpy(out, "true", 4);
		return 4;
	case LEAF_FALSE:
		memcpy(out, "false", 5);
		return 5;
	case LEAF_NULL:
		break;
	}
	return 0;
}

/* One character that is neither plain ASCII nor an escape, or the escape at *p. */
static ptrdiff_t fold_special(const char **p, const char *end, char *out)
{
	char text[4];
	uint32_t c;
	if (**p == '\\' && end - *p >= 2)
		return fold_text(out, text, unescape(p, end, text));
	int read = fold_decode(*p, end - *p, &c);
	if (read == 0) {
		*out = *(*p)++;
		return 1;
	}
	*p += read;
	return text_put_utf8(out, fold_point(c));
}

/* Unescaped and folded in one pass. */
ptrdiff_t leaf_folded(const struct leaf *l, char *out)
{
	const char *p = l->raw, *end = p + l->len;
	ptrdiff_t n = 0;
	while (p < end) {
#ifdef __SSE2__
		const __m128i before = _mm_set1_epi8('A' - 1), after = _mm_set1_epi8('Z' + 1);
		for (bool clean = true; clean && end - p >= 16;) {
			__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
			__m128i upper = _mm_and_si128(_mm_cmpgt_epi8(v, before), _mm_cmplt_epi8(v, after));
			__m128i folded = _mm_or_si128(v, _mm_and_si128(upper, _mm_set1_epi8(32)));
			_mm_storeu_si128((__m128i *)(void *)(out + n), folded);
			int special =
				_mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\\')), v));
			int count = special ? __builtin_ctz((unsigned)special) : 16;
			p += count;
			n += count;
			clean = !special;
		}
#endif
		while (p < end && *p != '\\' && !(*p & 0x80)) {
			char c = *p++;
			out[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
		}
		if (p < end)
			n += fold_special(&p, end, out + n);
	}
	return n;
}
