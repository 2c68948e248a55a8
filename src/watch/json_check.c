#include "watch/decoders.h"

/* RFC 8259, without recursion: a stack of what each level is. */
enum { DEEP = 64 };
struct check { const char *at, *end; };

static void blanks(struct check *c)
{
	while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\n' || *c->at == '\r'))
		c->at++;
}

static bool hex4(const char *p)
{
	for (int i = 0; i < 4; i++)
		if (!((p[i] >= '0' && p[i] <= '9') || ((p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'f')))
			return false;
	return true;
}

static bool string(struct check *c)
{
	const char *from = c->at + 1;
	if (c->at == c->end || *c->at != '"')
		return false;
	for (c->at++; c->at < c->end && *c->at != '"'; c->at++) {
		if ((unsigned char)*c->at < 0x20)
			return false;
		if (*c->at != '\\')
			continue;
		if (++c->at == c->end)
			return false;
		if (*c->at == 'u') {
			/* U+0000 and half pairs are more than some readers bear */
			if (c->end - c->at < 5 || !hex4(c->at + 1) || memcmp(c->at + 1, "0000", 4) == 0
			    || (c->at[1] | 0x20) == 'd')
				return false;
			c->at += 4;
		} else if (*c->at == '\0' || strchr("\"\\/bfnrt", *c->at) == NULL) {
			return false;
		}
	}
	if (c->at == c->end || !str_utf8_valid((str){ from, c->at - from }))
		return false;
	c->at++;
	return true;
}

static bool some_digits(struct check *c)
{
	const char *from = c->at;
	while (c->at < c->end && *c->at >= '0' && *c->at <= '9')
		c->at++;
	return c->at > from;
}

static bool number(struct check *c)
{
	c->at += c->at < c->end && *c->at == '-';
	if (c->at < c->end && *c->at == '0')
		c->at++;
	else if (!some_digits(c))
		return false;
	if (c->at < c->end && *c->at == '.') {
		c->at++;
		if (!some_digits(c))
			return false;
	}
	return c->at == c->end || (*c->at | 0x20) != 'e';       /* exponents may be too large */
}

static bool scalar(struct check *c)
{
	static const char *const words[] = { "true", "false", "null" };
	str rest = { c->at, c->end - c->at };
	if (rest.len == 0)
		return false;
	if (*c->at == '"')
		return string(c);
	for (int i = 0; i < 3; i++)
		if (str_starts(rest, str_from(words[i]))) {
			c->at += strlen(words[i]);
			return true;
		}
	return number(c);
}

static bool key(struct check *c)
{
	blanks(c);
	if (!string(c))
		return false;
	blanks(c);
	if (c->at == c->end || *c->at != ':')
		return false;
	c->at++;
	blanks(c);
	return true;
}

/* Behind a value: closes what ends, goes on with what follows.  False at the end, or if it is wrong. */
static bool next_value(struct check *c, char *stack, int *depth, bool *out_wrong)
{
	for (;;) {
		blanks(c);
		if (*depth == 0)
			return false;
		if (c->at == c->end) {
			*out_wrong = true;
			return false;
		}
		char ch = *c->at++;
		if (ch == ',') {
			blanks(c);
			*out_wrong = stack[*depth - 1] == '}' && !key(c);
			return !*out_wrong;
		}
		if (ch != stack[*depth - 1]) {
			*out_wrong = true;
			return false;
		}
		--*depth;
	}
}

/* A level more.  *out_empty: it was closed at once. */
static bool enter(struct check *c, char *stack, int *depth, bool *out_empty)
{
	bool object = *c->at++ == '{';
	if (*depth == DEEP)
		return false;
	stack[*depth] = object ? '}' : ']';
	blanks(c);
	*out_empty = c->at < c->end && *c->at == stack[*depth];
	if (*out_empty) {
		c->at++;
		return true;
	}
	++*depth;
	return !object || key(c);
}

bool json_is_object(str text)
{
	struct check c = { text.ptr, text.len > 0 ? text.ptr + text.len : text.ptr };
	char stack[DEEP];
	int depth = 0;
	bool wrong = false, whole;
	blanks(&c);
	if (c.at == c.end || *c.at != '{')
		return false;
	do {
		whole = true;
		if (c.at < c.end && (*c.at == '{' || *c.at == '[')) {
			if (!enter(&c, stack, &depth, &whole))
				return false;
		} else if (!scalar(&c)) {
			return false;
		}
	} while (!whole || next_value(&c, stack, &depth, &wrong));
	blanks(&c);
	return !wrong && depth == 0 && c.at == c.end;
}
