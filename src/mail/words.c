#include "mail/words.h"

#include "base/buf.h"
#include "base/text.h"
#include "mail/charset.h"

struct encoded_word {
	str charset, text;
	char encoding;          /* 'B' or 'Q' */
};

static int base64_value(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26 :
		c >= '0' && c <= '9' ? c - '0' + 52 : c == '+' ? 62 : c == '/' ? 63 : -1;
}

str words_decode_base64(struct arena *a, str text)
{
	char *p = NEW(a, char, text.len / 4 * 3 + 4);
	unsigned bits = 0;
	int have = 0;
	ptrdiff_t out = 0;
	for (ptrdiff_t i = 0; i < text.len; i++) {
		int v = base64_value(text.ptr[i]);
		if (v < 0)
			continue;
		bits = (bits << 6 | (unsigned)v) & 0x3FFF;
		have += 6;
		if (have >= 8) {
			have -= 8;
			p[out++] = (char)(bits >> have);
		}
	}
	return (str){ p, out };
}

str words_decode_quoted(struct arena *a, str text)
{
	char *p = NEW(a, char, text.len + 1);
	ptrdiff_t out = 0;
	for (ptrdiff_t i = 0; i < text.len; i++) {
		int high = i + 2 < text.len && text.ptr[i] == '=' ? text_hex_value(text.ptr[i + 1]) : -1;
		int low = high >= 0 ? text_hex_value(text.ptr[i + 2]) : -1;
		if (low >= 0) {
			p[out++] = (char)(high << 4 | low);
			i += 2;
		} else {
			p[out++] = (char)(text.ptr[i] == '_' ? ' ' : text.ptr[i]);
		}
	}
	return (str){ p, out };
}

/* RFC 2047 allows 75; mailers write more, but without a bound hostile headers cost quadratic time. */
enum { WORD_MAX = 2048 };

/* An encoded word at the start of s; its length, or 0. */
static ptrdiff_t word_parse(str s, struct encoded_word *out)
{
	s = str_sub(s, 0, WORD_MAX);
	if (!str_starts(s, S("=?")))
		return 0;
	str_cut_result charset = str_cut(str_sub(s, 2, s.len), '?');
	str_cut_result encoding = str_cut(charset.tail, '?');
	if (!charset.ok || !encoding.ok || charset.head.len == 0 || charset.head.len > 60 ||
	    encoding.head.len != 1)
		return 0;
	char e = (char)(encoding.head.ptr[0] & ~0x20);
	ptrdiff_t end = str_find(encoding.tail, S("?="));
	if ((e != 'B' && e != 'Q') || end < 0)
		return 0;
	out->charset = str_cut(charset.head, '*').head;         /* RFC 2231 section 5: *language */
	out->encoding = e;
	out->text = str_sub(encoding.tail, 0, end);
	if (str_find_char(out->text, '?') >= 0 || str_find_char(charset.head, ' ') >= 0)
		return 0;
	return out->text.ptr + end + 2 - s.ptr;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void words_flush(struct arena *a, struct buf *out, struct buf *pending, str charset)
{
	buf_add(out, charset_clean_line(a, charset_decode(a, charset, buf_str(pending))));
	pending->len = 0;
}

str words_decode(struct arena *a, str raw)
{
	struct buf out, pending;
	str charset = { 0 };
	raw = str_trim(str_sub(raw, 0, WORDS_VALUE_MAX));
	if (str_find(raw, S("=?")) < 0)
		return charset_clean_line(a, raw);
	buf_init(&out, a, raw.len * 4 + 64);
	buf_init(&pending, a, raw.len + 64);
	for (ptrdiff_t i = 0; i < raw.len;) {
		struct encoded_word word;
		ptrdiff_t start = i, n;
		while (i < raw.len && is_blank(raw.ptr[i]))
			i++;
		n = word_parse(str_sub(raw, i, raw.len), &word);
		if (n > 0) {
			/* blanks between two encoded words are no text */
			bool follows = pending.len > 0;
			if (follows && !str_eq_nocase(charset, word.charset))
				words_flush(a, &out, &pending, charset);
			if (!follows)
				buf_add(&out, charset_clean_line(a, str_sub(raw, start, i)));
			charset = word.charset;
			buf_add(&pending, word.encoding == 'B' ? words_decode_base64(a, word.text) :
				words_decode_quoted(a, word.text));
			i += n;
			continue;
		}
		while (i < raw.len && !is_blank(raw.ptr[i]) && (i == start || raw.ptr[i] != '='))
			i++;
		i += i == start;
		words_flush(a, &out, &pending, charset);
		buf_add(&out, charset_clean_line(a, str_sub(raw, start, i)));
	}
	words_flush(a, &out, &pending, charset);
	return str_trim(buf_str(&out));
}
