#include "mail/charset.h"
#include "base/text.h"

#include <errno.h>
#include <iconv.h>

#define REPLACEMENT     S("\xEF\xBF\xBD")

/* Names as in mail, and what iconv calls them; NULL: UTF-8 or a part of it, no conversion needed. */
static const struct charset_name {
	const char *name, *iconv_name;
} charset_names[] = {
	{ "", NULL }, { "utf-8", NULL }, { "utf8", NULL }, { "us-ascii", NULL }, { "ascii", NULL },
	{ "ansi_x3.4-1968", NULL }, { "unknown-8bit", NULL }, { "unicode-1-1-utf-8", NULL },
	/* Mail that says Latin-1 means its Windows superset (WHATWG Encoding): their printable bytes
	 * agree. */
	{ "iso-8859-1", "CP1252" }, { "iso8859-1", "CP1252" }, { "latin1", "CP1252" },
	{ "latin-1", "CP1252" },
	{ "iso-8859-2", "ISO-8859-2" }, { "iso-8859-3", "ISO-8859-3" }, { "iso-8859-4", "ISO-8859-4" },
	{ "iso-8859-5", "ISO-8859-5" }, { "iso-8859-6", "ISO-8859-6" }, { "iso-8859-7", "ISO-8859-7" },
	{ "iso-8859-8", "ISO-8859-8" }, { "iso-8859-8-i", "ISO-8859-8" }, { "iso-8859-9", "ISO-8859-9" },
	{ "iso-8859-10", "ISO-8859-10" }, { "iso-8859-11", "ISO-8859-11" }, { "iso-8859-13", "ISO-8859-13" },
	{ "iso-8859-14", "ISO-8859-14" }, { "iso-8859-15", "ISO-8859-15" }, { "iso-8859-16", "ISO-8859-16" },
	{ "windows-1250", "CP1250" }, { "windows-1251", "CP1251" }, { "windows-1252", "CP1252" },
	{ "windows-1253", "CP1253" }, { "windows-1254", "CP1254" }, { "windows-1255", "CP1255" },
	{ "windows-1256", "CP1256" }, { "windows-1257", "CP1257" }, { "windows-1258", "CP1258" },
	{ "cp1250", "CP1250" }, { "cp1251", "CP1251" }, { "cp1252", "CP1252" }, { "cp1256", "CP1256" },
	{ "windows-874", "CP874" }, { "tis-620", "TIS-620" }, { "macintosh", "MACINTOSH" },
	{ "koi8-r", "KOI8-R" }, { "koi8-u", "KOI8-U" }, { "cp437", "CP437" }, { "cp850", "CP850" },
	{ "cp866", "CP866" },
	{ "gb2312", "GB18030" }, { "gbk", "GB18030" }, { "gb18030", "GB18030" }, { "big5", "BIG5" },
	{ "big5-hkscs", "BIG5-HKSCS" }, { "euc-jp", "EUC-JP" }, { "shift_jis", "CP932" },
	{ "shift-jis", "CP932" },
	{ "windows-31j", "CP932" }, { "iso-2022-jp", "ISO-2022-JP" }, { "euc-kr", "CP949" },
	{ "ks_c_5601-1987", "CP949" },
	{ "utf-7", "UTF-7" }, { "utf-16", "UTF-16" }, { "utf-16le", "UTF-16LE" }, { "utf-16be", "UTF-16BE" },
	{ "utf-32", "UTF-32" },
};

static const struct charset_name *charset_find(str charset)
{
	str name = str_trim(charset);
	for (ptrdiff_t i = 0; i < COUNTOF(charset_names); i++)
		if (str_eq_nocase(name, str_from(charset_names[i].name)))
			return &charset_names[i];
	return NULL;
}

bool charset_known(str charset)
{
	return charset_find(charset) != NULL;
}

int charset_rune(str s, uint32_t *out_rune)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	if (s.len == 0)
		return 0;
	unsigned char c = (unsigned char)s.ptr[0];
	int n = c < 0x80 ? 1 : c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
	if (n == 0 || s.len < n)
		return 0;
	uint32_t r = n == 1 ? c : c & (0xFFu >> (n + 1));
	for (int i = 1; i < n; i++) {
		unsigned char next = (unsigned char)s.ptr[i];
		if ((next & 0xC0) != 0x80)
			return 0;
		r = r << 6 | (next & 0x3F);
	}
	if (r < least[n] || r > 0x10FFFF || (r >= 0xD800 && r < 0xE000))
		return 0;
	*out_rune = r;
	return n;
}

void charset_add_rune(struct buf *b, uint32_t r)
{
	char p[4];
	if (r > 0x10FFFF || (r >= 0xD800 && r < 0xE000))
		buf_add(b, REPLACEMENT);
	else
		buf_add(b, (str){ p, text_put_utf8(p, r) });
}

static str charset_ascii_only(struct arena *a, str bytes)
{
	struct buf b;
	buf_init(&b, a, bytes.len * 3 + 1);
	for (ptrdiff_t i = 0; i < bytes.len; i++) {
		if ((unsigned char)bytes.ptr[i] < 0x80)
			buf_add_char(&b, bytes.ptr[i]);
		else
			buf_add(&b, REPLACEMENT);
	}
	return buf_str(&b);
}

static str charset_iconv(struct arena *a, iconv_t cd, str bytes)
{
	struct buf b;
	buf_init(&b, a, bytes.len * 4 + 64);
	/* iconv wants it writable, though it does not write */
	char *in = NEW(a, char, bytes.len + 1);
	memcpy(in, bytes.ptr, (size_t)bytes.len);
	size_t left = (size_t)bytes.len;
	while (left > 0 && !b.over) {
		char chunk[4096], *out = chunk;
		size_t room = sizeof(chunk);
		size_t r = iconv(cd, &in, &left, &out, &room);
		int why = errno;
		buf_add(&b, (str){ chunk, out - chunk });
		if (r != (size_t)-1 || (why == E2BIG && out != chunk))
			continue;
		/* EILSEQ, or EINVAL: cut in the middle of a character */
		buf_add(&b, REPLACEMENT);
		in++;
		left--;
		(void)iconv(cd, NULL, NULL, NULL, NULL);
	}
	return buf_str(&b);
}

str charset_decode(struct arena *a, str charset, str bytes)
{
	const struct charset_name *name = charset_find(charset);
	if (bytes.len == 0)
		return bytes;
	if (name == NULL)
		return charset_ascii_only(a, bytes);
	if (name->iconv_name == NULL)
		return bytes;
	iconv_t cd = iconv_open("UTF-8", name->iconv_name);
	if (cd == (iconv_t)-1)
		return charset_ascii_only(a, bytes);
	str text = charset_iconv(a, cd, bytes);
	iconv_close(cd);
	return text;
}

static bool charset_is_clean(str s, bool line)
{
	for (ptrdiff_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		bool kept = !line && (c == '\n' || c == '\t');
		if ((c < 0x20 && !kept) || c == 0x7F || c == 0xC2)      /* C1 controls begin with C2 */
			return false;
	}
	return str_utf8_valid(s);
}

/* In a line a break before a blank is a fold (RFC 5322 section 2.2.3) and goes; any other becomes a blank. */
static void charset_add_break(struct buf *b, bool line, str rest)
{
	char next = rest.len > 1 ? rest.ptr[1] : 'x';
	if (!line)
		buf_add_char(b, '\n');
	else if (next != ' ' && next != '\t')
		buf_add_char(b, ' ');
}

static str charset_clean(struct arena *a, str s, bool line)
{
	struct buf b;
	if (charset_is_clean(s, line))
		return s;
	buf_init(&b, a, s.len * 3 + 1);
	for (ptrdiff_t i = 0; i < s.len;) {
		uint32_t r = 0;
		int n = charset_rune(str_sub(s, i, s.len), &r);
		bool crlf = n && r == '\r' && i + 1 < s.len && s.ptr[i + 1] == '\n';
		if (n == 0)
			buf_add(&b, REPLACEMENT);
		else if (r == '\n' || (r == '\r' && !crlf))
			charset_add_break(&b, line, str_sub(s, i, s.len));
		else if (r == '\t')
			buf_add_char(&b, line ? ' ' : '\t');
		else if (r >= 0x20 && (r < 0x7F || r > 0x9F))
			buf_add(&b, str_sub(s, i, i + n));
		i += MAX(n, 1);
	}
	return buf_str(&b);
}

str charset_clean_text(struct arena *a, str bytes)
{
	return charset_clean(a, bytes, false);
}

str charset_clean_line(struct arena *a, str bytes)
{
	return charset_clean(a, bytes, true);
}
