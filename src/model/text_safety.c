#include "model/text_safety.h"

#include "base/buf.h"
#include "base/text.h"

enum { BAD = TEXT_SAFETY_BAD, PICTURES = 0x2400, PICTURE_DELETE = 0x2421, REPLACEMENT = 0xFFFD };

uint32_t text_safety_char(str text, ptrdiff_t at, ptrdiff_t *length)
{
	const unsigned char *p = (const unsigned char *)text.ptr + at;
	*length = 1;
	if (p[0] < 0x80)
		return p[0];
	ptrdiff_t n = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
	if (text.len - at < n || !str_utf8_valid(str_sub(text, at, at + n)))
		return BAD;
	*length = n;
	uint32_t c = p[0] & (0x7Fu >> n);
	for (ptrdiff_t i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3F);
	return c;
}

/* What reorders or hides text.  LRM, RLM, ALM, ZWNJ and ZWJ are not among them: see the header. */
bool text_safety_is_deceptive(uint32_t c)
{
	static const struct { uint32_t first, last; } ranges[] = {
		{ 0xAD, 0xAD },                 /* soft hyphen */
		{ 0x115F, 0x1160 },             /* Hangul fillers */
		{ 0x180E, 0x180E },
		{ 0x200B, 0x200B },             /* zero-width space */
		{ 0x202A, 0x202E },             /* bidi embeddings and overrides */
		{ 0x2060, 0x2064 },             /* word joiner, invisible operators */
		{ 0x2066, 0x206F },             /* bidi isolates, deprecated format characters */
		{ 0x3164, 0x3164 },
		{ 0xFEFF, 0xFEFF },             /* zero-width no-break space, byte order mark */
		{ 0xFFA0, 0xFFA0 },
		{ 0xFFF9, 0xFFFB },             /* interlinear annotation */
		{ 0xE0000, 0xE0FFF },           /* tags, and variation selectors beyond the usual */
	};
	for (ptrdiff_t i = 0; i < COUNTOF(ranges); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

/* Whole or not at all: a cut never splits a character, nor a visible mark of ours. */
static bool add_char(struct buf *b, uint32_t c)
{
	char bytes[4];
	ptrdiff_t n = text_put_utf8(bytes, c);
	buf_add(b, (str){ bytes, n });
	return !b->over;
}

static bool is_line_end(uint32_t c)
{
	return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

static bool add_shown(struct buf *b, uint32_t c)
{
	if (c == 0)
		return true;
	if (c < 0x20)
		return add_char(b, PICTURES + c);
	if (c == 0x7F)
		return add_char(b, PICTURE_DELETE);
	if (c == BAD || (c >= 0x80 && c < 0xA0))
		return add_char(b, REPLACEMENT);
	if (!text_safety_is_deceptive(c))
		return add_char(b, c);
	buf_printf(b, "<U+%04X>", (unsigned)c);
	return !b->over;
}

/* Bytes from there that are shown as they are: most of most texts. */
static ptrdiff_t plain_run(str text, ptrdiff_t at)
{
	ptrdiff_t end = at;
	while (end < text.len && text.ptr[end] >= ' ' && text.ptr[end] < 0x7F)
		end++;
	return end - at;
}

str text_safety_block(struct arena *a, str text, ptrdiff_t max)
{
	struct buf b;
	buf_init(&b, a, MAX(max, 1));
	bool room = max > 0;
	uint32_t last = 0;
	for (ptrdiff_t i = 0, n; room && i < text.len; i += n) {
		n = plain_run(text, i);
		if (n > 0 && n <= b.max - b.len) {
			buf_add(&b, str_sub(text, i, i + n));
			last = ' ';
			continue;
		}
		uint32_t c = text_safety_char(text, i, &n);
		if (i == 0 && c == 0xFEFF)                      /* a byte order mark says nothing in UTF-8 */
			continue;
		if (c == '\n' && last == '\r')
			room = true;                            /* the second half of one line end */
		else if (is_line_end(c))
			room = add_char(&b, '\n');
		else
			room = c == '\t' ? add_char(&b, c) : add_shown(&b, c);
		last = c;
	}
	return buf_str(&b);
}

enum line_use { LINE_SHOWN, LINE_HEADER };

static str safe_line(struct arena *a, str text, ptrdiff_t max, enum line_use use)
{
	struct buf b;
	buf_init(&b, a, MAX(max, 1));
	bool room = max > 0, blank = false;
	for (ptrdiff_t i = 0, n; room && i < text.len; i += n) {
		uint32_t c = text_safety_char(text, i, &n);
		if (c == 0 || (i == 0 && c == 0xFEFF))
			continue;
		if (c == ' ' || c == '\t' || c == 0xA0 || is_line_end(c)) {
			blank = b.len > 0;
			continue;
		}
		ptrdiff_t before = b.len;
		if (blank)
			room = add_char(&b, ' ');
		blank = false;
		if (use == LINE_HEADER && c == '?' && b.len > 0 && b.ptr[b.len - 1] == '=')
			/* "= ?" is no encoded word (RFC 2047 section 2) */
			room = room && add_char(&b, ' ');
		room = room && add_shown(&b, c);
		if (!room)
			b.len = before;                         /* no blank at the end */
	}
	return buf_str(&b);
}

str text_safety_line(struct arena *a, str text, ptrdiff_t max)
{
	return safe_line(a, text, max, LINE_SHOWN);
}

str text_safety_header(struct arena *a, str text, ptrdiff_t max)
{
	return safe_line(a, text, max, LINE_HEADER);
}

str text_safety_cut(str text, ptrdiff_t max)
{
	if (text.len <= max)
		return text;
	ptrdiff_t end = MAX(max, 0);
	for (int i = 0; i < 3 && end > 0 && ((unsigned char)text.ptr[end] & 0xC0) == 0x80; i++)
		end--;
	return str_sub(text, 0, end);
}
