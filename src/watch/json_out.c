#include "watch/json_out.h"

#include <stdlib.h>

/* heap: a block's decoded records; they are kept from block to block, so that nothing is taken for one */

static bool room(struct json_out *o, ptrdiff_t more)
{
	ptrdiff_t cap;
	char *bigger;
	if (o->over || o->len + more > o->most) {
		o->over = true;
		return false;
	}
	if (o->len + more <= o->cap)
		return true;
	cap = MIN(MAX(2 * o->cap, o->len + more + (64 << 10)), o->most);
	bigger = realloc(o->ptr, (size_t)cap);
	if (bigger == NULL) {
		o->over = true;
		return false;
	}
	o->ptr = bigger;
	o->cap = cap;
	return true;
}

void json_out_free(struct json_out *o)
{
	free(o->ptr);
	*o = (struct json_out){ 0 };
}

void json_out_raw(struct json_out *o, str bytes)
{
	if (bytes.len == 0 || !room(o, bytes.len))
		return;
	memcpy(o->ptr + o->len, bytes.ptr, (size_t)bytes.len);
	o->len += bytes.len;
}

/* What stands as it is: all ASCII from the blank on, but quote and backslash. */
static bool plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

static ptrdiff_t sequence(const unsigned char *p, ptrdiff_t left)
{
	ptrdiff_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4 || n > left || !str_utf8_valid((str){ (const char *)p, n }))
		return 0;
	return n;
}

static char *put_control(char *at, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char shorts[] = "btn fr";          /* 8 .. 13; 11 has none */
	*at++ = '\\';
	if (c >= 8 && c <= 13 && c != 11) {
		*at++ = shorts[c - 8];
		return at;
	}
	*at++ = 'u';
	*at++ = '0';
	*at++ = '0';
	*at++ = hex[c >> 4];
	*at++ = hex[c & 15];
	return at;
}

/* One character that does not stand as it is; the number of bytes it took. */
static ptrdiff_t put_special(char **at, const unsigned char *p, ptrdiff_t left)
{
	ptrdiff_t n;
	if (p[0] == '"' || p[0] == '\\') {
		*(*at)++ = '\\';
		*(*at)++ = (char)p[0];
		return 1;
	}
	if (p[0] == 0) {
		memcpy(*at, "\xef\xbf\xbd", 3);
		*at += 3;
		return 1;
	}
	if (p[0] < 0x20) {
		*at = put_control(*at, p[0]);
		return 1;
	}
	if ((n = sequence(p, left)) > 0) {
		memcpy(*at, p, (size_t)n);
		*at += n;
		return n;
	}
	*(*at)++ = (char)(0xc0 | p[0] >> 6);
	*(*at)++ = (char)(0x80 | (p[0] & 0x3f));
	return 1;
}

void json_out_text(struct json_out *o, str text)
{
	str some = text.len > 0 ? text : S("");         /* an empty one may be NULL */
	const unsigned char *p = (const unsigned char *)some.ptr, *end = p + some.len;
	char *at;
	if (!room(o, 2 + 6 * text.len))
		return;
	at = o->ptr + o->len;
	*at++ = '"';
	while (p < end) {
		const unsigned char *from = p;
		while (p < end && plain(*p))
			p++;
		memcpy(at, from, (size_t)(p - from));
		at += p - from;
		if (p < end)
			p += put_special(&at, p, end - p);
	}
	*at++ = '"';
	o->len = at - o->ptr;
}

void json_out_key(struct json_out *o, str key)
{
	char last = o->len > 0 ? o->ptr[o->len - 1] : 0;
	json_out_raw(o, last == '{' ? S("") : S(","));
	json_out_text(o, key);
	json_out_raw(o, S(":"));
}

void json_out_end(struct json_out *o)
{
	json_out_raw(o, S("}"));
}
