#include "mail/encode.h"

#include "base/text.h"
#include "mail/charset.h"

enum {
	LINE_MAX_CHARS = 76,
	WORD_BYTES = 42,        /* in one encoded word: 56 characters of base64 and 12 around them */
};

bool encode_is_ascii(str s)
{
	for (ptrdiff_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] >= 0x7F || (unsigned char)s.ptr[i] < 0x20)
			return false;
	return true;
}

/* "From " and a lone dot at the start of a line are encoded: some relays change them, and so break
 * signatures. */
static bool quoted_needs(str line, ptrdiff_t i)
{
	unsigned char c = (unsigned char)line.ptr[i];
	bool last = i + 1 == line.len;
	if (i == 0 && (c == '.' || str_starts(line, S("From "))))
		return true;
	return c == '=' || c >= 0x7F || (c < 0x20 && c != '\t') || (last && (c == ' ' || c == '\t'));
}

static void quoted_line(struct buf *out, str line)
{
	int column = 0;
	for (ptrdiff_t i = 0; i < line.len; i++) {
		bool encode = quoted_needs(line, i);
		int width = encode ? 3 : 1;
		bool last = i + 1 == line.len;
		if (column + width > LINE_MAX_CHARS - !last) {
			buf_add(out, S("=\r\n"));
			column = 0;
		}
		if (encode)
			buf_printf(out, "=%02X", (unsigned)(unsigned char)line.ptr[i]);
		else
			buf_add_char(out, line.ptr[i]);
		column += width;
	}
	buf_add(out, S("\r\n"));
}

void encode_quoted(struct buf *out, str text)
{
	while (text.len > 0) {
		str_cut_result cut = str_cut(text, '\n');
		quoted_line(out, cut.head);
		text = cut.tail;
	}
}

void encode_base64(struct buf *out, str bytes)
{
	str text = text_base64(out->arena, bytes);
	for (ptrdiff_t i = 0; i < text.len; i += LINE_MAX_CHARS) {
		buf_add(out, str_sub(text, i, i + LINE_MAX_CHARS));
		buf_add(out, S("\r\n"));
	}
}

/* As much of text as fits one encoded word, whole characters only. */
static ptrdiff_t word_prefix(str text)
{
	ptrdiff_t n = 0;
	while (n < text.len) {
		uint32_t rune;
		int step = MAX(charset_rune(str_sub(text, n, text.len), &rune), 1);
		if (n + step > WORD_BYTES)
			break;
		n += step;
	}
	return n;
}

static str encoded_words(struct arena *a, str text)
{
	struct buf b;
	buf_init(&b, a, text.len * 4 + 256);
	while (text.len > 0) {
		ptrdiff_t n = word_prefix(text);
		if (b.len > 0)
			buf_add_char(&b, ' ');
		buf_add(&b, S("=?UTF-8?B?"));
		buf_add(&b, text_base64(a, str_sub(text, 0, n)));
		buf_add(&b, S("?="));
		text = str_sub(text, n, text.len);
	}
	return buf_str(&b);
}

void encode_header_ascii(struct buf *out, str name, str value)
{
	ptrdiff_t column = name.len + 1;
	buf_add(out, name);
	buf_add_char(out, ':');
	while (value.len > 0) {
		str_cut_result cut = str_cut(value, ' ');
		if (column + 1 + cut.head.len > LINE_MAX_CHARS && column > name.len + 1) {
			buf_add(out, S("\r\n"));
			column = 0;
		}
		buf_add_char(out, ' ');
		buf_add(out, cut.head);
		column += 1 + cut.head.len;
		value = cut.tail;
	}
	buf_add(out, S("\r\n"));
}

/* Blanks in a row, or words too long to fold, are safer encoded: folding must not change the text. */
static bool header_is_plain(str value)
{
	ptrdiff_t word = 0;
	if (!encode_is_ascii(value) || str_find(value, S("=?")) >= 0 || str_find(value, S("  ")) >= 0)
		return false;
	for (ptrdiff_t i = 0; i < value.len; i++) {
		word = value.ptr[i] == ' ' ? 0 : word + 1;
		if (word > LINE_MAX_CHARS)
			return false;
	}
	return value.len == 0 || (value.ptr[0] != ' ' && value.ptr[value.len - 1] != ' ');
}

/* ASCII words at the front stay as they are: the TLP label must be readable in every mail program. */
static ptrdiff_t plain_prefix(str value)
{
	ptrdiff_t plain = 0;
	for (;;) {
		str_cut_result cut = str_cut(str_sub(value, plain, value.len), ' ');
		if (!cut.ok || cut.head.len == 0 || !header_is_plain(cut.head))
			return plain;
		plain += cut.head.len + 1;
	}
}

void encode_header(struct buf *out, str name, str value)
{
	ptrdiff_t plain = header_is_plain(value) ? value.len : plain_prefix(value);
	str words = encoded_words(out->arena, str_sub(value, plain, value.len));
	str front = str_sub(value, 0, plain);
	str line = arena_printf(out->arena, STR_FMT STR_FMT, STR_ARG(front), STR_ARG(words));
	encode_header_ascii(out, name, line);
}

str encode_phrase(struct arena *a, str name)
{
	struct buf b;
	if (!encode_is_ascii(name) || str_find(name, S("=?")) >= 0 || name.len > LINE_MAX_CHARS - 10)
		return encoded_words(a, name);
	buf_init(&b, a, name.len * 2 + 2);
	buf_add_char(&b, '"');
	for (ptrdiff_t i = 0; i < name.len; i++) {
		if (name.ptr[i] == '"' || name.ptr[i] == '\\')
			buf_add_char(&b, '\\');
		buf_add_char(&b, name.ptr[i]);
	}
	buf_add_char(&b, '"');
	return buf_str(&b);
}

static bool is_parameter_char(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
		c == '-' || c == '_';
}

void encode_parameter(struct buf *out, str name, str value)
{
	bool plain = encode_is_ascii(value) && value.len <= 60 && str_find_char(value, '"') < 0 &&
		str_find_char(value, '\\') < 0;
	buf_add(out, S(";\r\n "));
	buf_add(out, name);
	if (plain) {
		buf_printf(out, "=\"" STR_FMT "\"", STR_ARG(value));
		return;
	}
	/* RFC 2231 would cut long values in pieces (*0*, *1*); readers disagree on those, and lines may have
	 * 998. */
	buf_add(out, S("*=UTF-8''"));
	for (ptrdiff_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];
		if (is_parameter_char(c))
			buf_add_char(out, (char)c);
		else
			buf_printf(out, "%%%02X", (unsigned)c);
	}
}
