#include "base/text.h"

static const char base32_alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static const char base64_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

str text_hex(struct arena *a, str bytes)
{
	static const char hex[] = "0123456789abcdef";
	char *p = NEW(a, char, bytes.len * 2 + 1);
	for (ptrdiff_t i = 0; i < bytes.len; i++) {
		p[2 * i] = hex[(unsigned char)bytes.ptr[i] >> 4];
		p[2 * i + 1] = hex[(unsigned char)bytes.ptr[i] & 15];
	}
	return (str){ p, bytes.len * 2 };
}

bool text_from_hex(struct arena *a, str text, str *out_bytes, struct err *err)
{
	char *p = NEW(a, char, text.len / 2 + 1);
	for (ptrdiff_t i = 0; i < text.len; i++) {
		int v = text_hex_value(text.ptr[i]);
		if (v < 0 || text.len % 2)
			return err_set(err, ERR_INPUT,
				       "not hexadecimal: an even number of 0-9 a-f is needed");
		p[i / 2] = (char)(p[i / 2] << 4 | v);
	}
	*out_bytes = (str){ p, text.len / 2 };
	return true;
}

char text_base32_char(int value)
{
	ASSERT(value >= 0 && value < 32);
	return base32_alphabet[value];
}

int text_base32_value(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	c = c == 'I' || c == 'L' ? '1' : c == 'O' ? '0' : c;
	const char *p = c ? strchr(base32_alphabet, c) : NULL;
	return p ? (int)(p - base32_alphabet) : -1;
}

str text_base32(struct arena *a, str bytes)
{
	ptrdiff_t n = (bytes.len * 8 + 4) / 5;
	char *p = NEW(a, char, n + 1);
	unsigned bits = 0;
	int have = 0;
	ptrdiff_t out = 0;
	for (ptrdiff_t i = 0; i < bytes.len; i++) {
		bits = (bits << 8 | (unsigned char)bytes.ptr[i]) & 0xFFF;
		for (have += 8; have >= 5; have -= 5)
			p[out++] = base32_alphabet[bits >> (have - 5) & 31];
	}
	if (have > 0)
		p[out++] = base32_alphabet[bits << (5 - have) & 31];
	ASSERT(out == n);
	return (str){ p, n };
}

str text_base64(struct arena *a, str bytes)
{
	ptrdiff_t n = (bytes.len + 2) / 3 * 4;
	char *p = NEW(a, char, n + 1);
	const unsigned char *b = (const unsigned char *)bytes.ptr;
	for (ptrdiff_t i = 0, o = 0; i < bytes.len; i += 3, o += 4) {
		ptrdiff_t left = bytes.len - i;
		unsigned v = (unsigned)b[i] << 16 | (left > 1 ? (unsigned)b[i + 1] << 8 : 0) |
			     (left > 2 ? b[i + 2] : 0);
		p[o] = base64_alphabet[v >> 18];
		p[o + 1] = base64_alphabet[v >> 12 & 63];
		p[o + 2] = left > 1 ? base64_alphabet[v >> 6 & 63] : '=';
		p[o + 3] = left > 2 ? base64_alphabet[v & 63] : '=';
	}
	return (str){ p, n };
}

bool text_from_base64(struct arena *a, str text, str *out_bytes, struct err *err)
{
	char *p = NEW(a, char, text.len / 4 * 3 + 3);
	unsigned bits = 0;
	ptrdiff_t out = 0, pad = 0;
	for (ptrdiff_t i = 0; i < text.len; i++) {
		const char *at = text.ptr[i] ? strchr(base64_alphabet, text.ptr[i]) : NULL;
		bool is_pad = text.ptr[i] == '=' && i >= text.len - 2;
		if ((at == NULL && !is_pad) || (pad && !is_pad) || text.len % 4)
			return err_set(err, ERR_INPUT, "not base64 (RFC 4648 section 4)");
		pad += is_pad;
		bits = bits << 6 | (at ? (unsigned)(at - base64_alphabet) : 0);
		if (i % 4 == 3) {
			p[out++] = (char)(bits >> 16);
			p[out++] = (char)(bits >> 8);
			p[out++] = (char)bits;
			bits = 0;
		}
	}
	for (ptrdiff_t i = out - pad; i < out; i++)
		if (p[i] != 0) /* bits that no byte has: bytes have one text, not several */
			return err_set(err, ERR_INPUT, "not base64: its last character is wrong");
	*out_bytes = (str){ p, out - pad };
	return true;
}

ptrdiff_t text_put_utf8(char *out, uint32_t code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	ptrdiff_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	for (ptrdiff_t i = n - 1; i > 0; i--, code >>= 6)
		out[i] = (char)(0x80 | (code & 0x3F));
	out[0] = (char)((0xF00u >> n & 0xFF) | code);
	return n;
}
