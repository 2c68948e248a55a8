#include "match/indicator_value.h"

#include "base/text.h"
#include "model/host_name.h"

/* ---- bytes */

static void store_64(char *p, uint64_t v)
{
	memcpy(p, &v, 8);
}

/* Up to eight bytes, the rest zero, without a read past the end. */
static uint64_t load_tail(const char *p, ptrdiff_t n)
{
	if (n >= 8)
		return load_64(p);
	if (n >= 4)
		return load_32(p) | load_32(p + n - 4) << 8 * (n - 4);
	if (n == 0)
		return 0;
	return (uint64_t)(uint8_t)p[0] | (uint64_t)(uint8_t)p[n >> 1] << 8 * (n >> 1) |
	       (uint64_t)(uint8_t)p[n - 1] << 8 * (n - 1);
}

void value_lower(char *out, const char *p, ptrdiff_t n)
{
	for (; n > 0; n -= 8, p += 8, out += 8)
		store_64(out, lower_64(load_tail(p, n)));
}

static bool is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

/* ---- names */

static ptrdiff_t read_utf8(str s, ptrdiff_t at, uint32_t *out)
{
	uint8_t c = (uint8_t)s.ptr[at];
	ptrdiff_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	uint32_t code = n == 1 ? c : c & (0xffu >> (n + 1));
	for (ptrdiff_t k = 1; k < n; k++)
		code = code << 6 | ((uint8_t)s.ptr[at + k] & 0x3f);
	*out = code;
	return n;
}

/* Letters beyond ASCII as Punycode, if that makes a name of a host.  Else the name stays as it is. */
static void to_punycode(struct name *n)
{
	uint32_t codes[NAME_MAX_LENGTH];
	int count = 0;
	str s = { n->text, n->len };
	struct host_name host;
	if (!str_utf8_valid(s))
		return;
	for (ptrdiff_t at = 0; at < s.len;) {
		at += read_utf8(s, at, &codes[count]);
		/* the ideographic, full-width and half-width full stops: RFC 3490 section 3.1 */
		if (codes[count] == 0x3002 || codes[count] == 0xff0e || codes[count] == 0xff61)
			codes[count] = '.';
		count++;
	}
	for (int i = 0; i < count; i++) {
		bool letter = codes[i] > 0x7f ? host_is_letter(codes[i])
					      : codes[i] - 'a' < 26u || codes[i] - '0' < 10u ||
							codes[i] == '-' || codes[i] == '_';
		bool dot = codes[i] == '.' && i > 0 && codes[i - 1] != '.';
		if (!letter && !dot)
			return;
	}
	if (host_name_read(codes, count, true, &host) != HOST_NAME || host.from != 0 || host.to != count)
		return;
	memcpy(n->text, host.text, (size_t)host.len);
	n->len = host.len;
}

static bool find_dots(struct name *n, const uint64_t mask[static 5])
{
	n->dots = 0;
	for (int w = 0; w * 64 < n->len; w++)
		for (uint64_t dots = mask[w]; dots; dots &= dots - 1) {
			if (n->dots == NAME_LABELS - 1)
				return false;
			n->dot[n->dots++] = (uint8_t)(w * 64 + __builtin_ctzll(dots));
		}
	return true;
}

static void mark_dots(uint64_t mask[static 5], ptrdiff_t at, uint64_t v)
{
	uint64_t bits = dots_64(v);
	mask[at / 64] |= bits << (at & 63);
	if ((at & 63) > 56)
		mask[at / 64 + 1] |= bits >> (64 - (at & 63));
}

static bool long_name(const char *p, ptrdiff_t n, struct name *out)
{
	uint64_t mask[5] = { 0 }, high = 0;
	/* whole words, and last the eight bytes at the end again: no branch on how many are left */
	for (ptrdiff_t at = 0; at < n - 8; at += 8) {
		uint64_t v = load_64(p + at);
		high |= v;
		store_64(out->text + at, lower_64(v));
		mark_dots(mask, at, v);
	}
	ptrdiff_t last = MAX(n - 8, 0);
	uint64_t v = load_tail(p + last, n - last);
	high |= v;
	store_64(out->text + last, lower_64(v));
	mark_dots(mask, last, v);
	out->len = (int)n;
	if (__builtin_expect((high & EACH_BYTE(0x80)) != 0, 0)) {
		to_punycode(out);
		memset(mask, 0, sizeof(mask));
		for (int at = 0; at < out->len; at += 8)
			mark_dots(mask, at, load_tail(out->text + at, out->len - at));
	}
	return find_dots(out, mask);
}

/* Nearly every name: 8 to 56 bytes, so that one word has a bit for each. */
static bool short_name(const char *p, ptrdiff_t n, struct name *out)
{
	uint64_t dots, high, v = load_64(p + n - 8);
	high = v;
	store_64(out->text + n - 8, lower_64(v));
	dots = dots_64(v) << (n - 8);
	for (ptrdiff_t at = 0; at < n - 8; at += 8) {
		v = load_64(p + at);
		high |= v;
		store_64(out->text + at, lower_64(v));
		dots |= dots_64(v) << at;
	}
	int count = 0;
	for (; dots; dots &= dots - 1)
		out->dot[count++] = (uint8_t)__builtin_ctzll(dots);
	out->dots = count;
	out->len = (int)n;
	return (high & EACH_BYTE(0x80)) == 0;
}

bool value_name(str text, struct name *out)
{
	ptrdiff_t n = text.len;
	if (n > 0 && text.ptr[n - 1] == '.')
		n--;
	if (n < 1 || n > NAME_MAX_LENGTH)
		return false;
	if (n >= 8 && n <= 56 && __builtin_expect(short_name(text.ptr, n, out), 1))
		return true;
	return long_name(text.ptr, n, out);
}

bool value_is_name(const struct name *n)
{
	int from = 0;
	for (int d = 0; d <= n->dots; d++) {
		int to = d < n->dots ? n->dot[d] : n->len;
		if (to == from || to - from > 63)
			return false;
		from = to + 1;
	}
	for (int i = 0; i < n->len; i++) {
		unsigned c = (unsigned char)n->text[i];
		if (!(c - 'a' < 26u || c - '0' < 10u || c == '-' || c == '.' || c == '_' || c > 0x7f))
			return false;
	}
	return n->text[0] != '-' || n->dots > 0;
}

uint64_t hash_name(const uint64_t secret[static 4], const struct name *n)
{
	uint64_t h = hash_name_start(secret);
	int end = n->len;
	for (int d = n->dots - 1; d >= 0; end = n->dot[d--])
		h = hash_label(secret, h, n->text, n->dot[d] + 1, end);
	return hash_label(secret, h, n->text, 0, end);
}

/* ---- addresses */

/* The number whose `n` (1 to 3) digits are the upper bytes of w; -1 if it has a zero in front or is over
 * 255. */
static int32_t octet(uint64_t w, int n)
{
	static const uint8_t least[4] = { 0, 0, 10, 100 };
	int32_t v = (int32_t)((w >> 8 & 15) * 100 + (w >> 16 & 15) * 10 + (w >> 24 & 15));
	return v < least[n] || v > 255 ? -1 : v;
}

/* Without a branch that depends on how many digits a number has: a wrong guess costs more than all of it. */
static bool read_v4(str text, uint32_t *out)
{
	const char *p = text.ptr;
	ptrdiff_t n = text.len;
	if (n < 7 || n > 15)
		return false;
	uint64_t low = n >= 8 ? load_64(p) : load_tail(p, n);
	uint64_t high = n > 8 ? load_64(p + n - 8) >> 8 * (16 - n) : 0;
	uint64_t dots_low = bytes_equal(low, '.'), dots_high = bytes_equal(high, '.');
	/* a bit for each of the sixteen bytes */
	unsigned dots = (unsigned)((dots_low >> 7) * 0x0102040810204080u >> 56) |
			(unsigned)((dots_high >> 7) * 0x0102040810204080u >> 56) << 8;
	unsigned two = dots & (dots - 1), three = two & (two - 1);
	if (three == 0 || (three & (three - 1)) != 0)
		return false;
	/* what is no dot must be a digit: 0x30 to 0x39 */
	uint64_t x = low ^ EACH_BYTE('0'), y = high ^ EACH_BYTE('0');
	uint64_t bad_low = ((x & EACH_BYTE(0x7f)) + EACH_BYTE(0x76)) | x,
		 bad_high = ((y & EACH_BYTE(0x7f)) + EACH_BYTE(0x76)) | y;
	uint64_t in_low = n >= 8 ? ~0ull : (1ull << 8 * n) - 1, in_high = n > 8 ? ~0ull >> 8 * (16 - n) : 0;
	if ((bad_low & EACH_BYTE(0x80) & in_low & ~dots_low) |
	    (bad_high & EACH_BYTE(0x80) & in_high & ~dots_high))
		return false;
	int a = __builtin_ctz(dots), b = __builtin_ctz(two), c = __builtin_ctz(three);
	int na = a, nb = b - a - 1, nc = c - b - 1, nd = (int)n - c - 1;
	if ((unsigned)(na - 1) > 2 || (unsigned)(nb - 1) > 2 || (unsigned)(nc - 1) > 2 ||
	    (unsigned)(nd - 1) > 2)
		return false;
	/* four bytes from the start of the first two, four bytes up to the end of the last two: all lie in
	 * it */
	int32_t va = octet(load_32(p) << 8 * (4 - na), na),
		vb = octet(load_32(p + a + 1) << 8 * (4 - nb), nb);
	int32_t vc = octet(load_32(p + c - 4) & 0xffffffffu << 8 * (4 - nc), nc);
	int32_t vd = octet(load_32(p + n - 4) & 0xffffffffu << 8 * (4 - nd), nd);
	*out = (uint32_t)va << 24 | (uint32_t)vb << 16 | (uint32_t)vc << 8 | (uint32_t)vd;
	return (va | vb | vc | vd) >= 0;
}

/* In two stores of eight bytes: whoever reads it next does so in eight. */
static struct ip ip_of_v4(uint32_t v4)
{
	static const uint64_t mapped = 0xffff0000; /* bytes 8 to 11 of it */
	uint64_t upper = 0, lower = mapped | (uint64_t)__builtin_bswap32(v4) << 32;
	struct ip ip;
	memcpy(ip.b, &upper, 8);
	memcpy(ip.b + 8, &lower, 8);
	return ip;
}

/* Cheap to refuse: most texts with a colon are times and paths. */
static bool read_v6(str text, struct ip *out)
{
	int colons = 0;
	bool gap = false;
	struct err err;
	if (text.len < 2 || text.len > IP_TEXT_MAX)
		return false;
	for (ptrdiff_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c == ':') {
			gap |= i > 0 && text.ptr[i - 1] == ':';
			colons++;
		} else if (text_hex_value(c) < 0 && c != '.') {
			return false;
		}
	}
	return colons >= 2 && (gap || colons >= 6) && ip_parse(text, out, &err);
}

bool value_ip(str text, struct ip *out)
{
	uint32_t v4;
	if (read_v4(text, &v4)) {
		*out = ip_of_v4(v4);
		return true;
	}
	if (text.len > 2 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']')
		text = str_sub(text, 1, text.len - 1);
	ptrdiff_t zone = text.len > 3 ? str_find_char(text, '%') : -1;
	return read_v6(zone > 0 ? str_sub(text, 0, zone) : text, out);
}

bool value_port(str text, int *out)
{
	int v = 0;
	if (text.len < 1 || text.len > 5)
		return false;
	for (ptrdiff_t i = 0; i < text.len; i++) {
		if (!is_digit(text.ptr[i]))
			return false;
		v = v * 10 + text.ptr[i] - '0';
	}
	*out = v;
	return v <= 65535;
}

bool value_ip_port(str text, struct ip *out_ip, int *out_port)
{
	ptrdiff_t colon = text.len - 1;
	while (colon > 0 && is_digit(text.ptr[colon]))
		colon--;
	if (colon < 2 || text.ptr[colon] != ':')
		return false;
	str host = str_sub(text, 0, colon);
	if (host.ptr[0] != '[' && str_find_char(host, ':') >= 0)
		return false;
	return value_port(str_sub(text, colon + 1, text.len), out_port) && value_ip(host, out_ip);
}

/* At most five digits. */
static int write_number(unsigned v, char *out)
{
	int n = 0;
	for (unsigned unit = 10000; unit > 0; unit /= 10)
		if (v >= unit || unit == 1)
			out[n++] = (char)('0' + v / unit % 10);
	return n;
}

int value_write_ip(struct ip ip, char out[static IP_TEXT_MAX + 1])
{
	int n = 0;
	if (!ip_is_v4(ip))
		return ip_write(ip, out);
	for (int k = 12; k < 16; k++) {
		unsigned v = ip.b[k];
		if (v >= 100)
			out[n++] = (char)('0' + v / 100);
		if (v >= 10)
			out[n++] = (char)('0' + v / 10 % 10);
		out[n++] = (char)('0' + v % 10);
		out[n++] = '.';
	}
	return n - 1;
}

int value_write_ip_port(struct ip ip, int port, char out[static IP_TEXT_MAX + 9])
{
	int n = 0;
	bool v6 = !ip_is_v4(ip);
	if (v6)
		out[n++] = '[';
	n += value_write_ip(ip, out + n);
	if (v6)
		out[n++] = ']';
	out[n++] = ':';
	return n + write_number((unsigned)port, out + n);
}

bool value_network(str text, struct network *out, bool loose)
{
	ptrdiff_t slash = str_find_char(text, '/');
	struct ip ip;
	int bits;
	if (slash < 2 || !value_ip(str_sub(text, 0, slash), &ip) ||
	    !value_port(str_sub(text, slash + 1, text.len), &bits) || bits > (ip_is_v4(ip) ? 32 : 128))
		return false;
	*out = network_of(ip, ip_is_v4(ip) ? 96 + bits : bits);
	return loose || ip_cmp(out->first, ip) == 0;
}

/* ---- hashes, JA4, files, mail */

int value_hash_kind(str text)
{
	int kind = text.len == 32   ? INDICATOR_MD5
		   : text.len == 40 ? INDICATOR_SHA1
		   : text.len == 64 ? INDICATOR_SHA256
				    : -1;
	for (ptrdiff_t i = 0; kind >= 0 && i < text.len; i++)
		if (text_hex_value(text.ptr[i]) < 0)
			return -1;
	return kind;
}

/* t13d1516h2_8daaf6152771_b186095e22b6: protocol, version, d or i, counts, ALPN; two halves of hashes */
bool value_is_ja4(str text)
{
	if (text.len != 36 || text.ptr[10] != '_' || text.ptr[23] != '_')
		return false;
	char p = (char)(text.ptr[0] | 32), sni = (char)(text.ptr[3] | 32);
	if ((p != 't' && p != 'q' && p != 'd') || (sni != 'd' && sni != 'i'))
		return false;
	for (int i = 11; i < 36; i++)
		if (i != 23 && text_hex_value(text.ptr[i]) < 0)
			return false;
	return is_digit(text.ptr[4]) && is_digit(text.ptr[5]) && is_digit(text.ptr[6]) &&
	       is_digit(text.ptr[7]);
}

str value_base_name(str text)
{
	ptrdiff_t at = text.len;
	while (at > 0 && text.ptr[at - 1] != '/' && text.ptr[at - 1] != '\\')
		at--;
	return str_sub(text, at, text.len);
}

int value_mail(str text, char out[static VALUE_MAX + TEXT_PAD], ptrdiff_t *out_from, ptrdiff_t *out_to)
{
	ptrdiff_t at = text.len - 1;
	while (at >= 0 && text.ptr[at] != '@')
		at--;
	if (at < 1 || at > 255 || text.len - at - 1 > NAME_MAX_LENGTH)
		return 0;
	struct name n = { .text = out + at + 1 };
	value_lower(out, text.ptr, at);
	for (ptrdiff_t i = 0; i < at; i++)
		if ((unsigned char)out[i] <= ' ' || out[i] == '<' || out[i] == '>')
			return 0;
	out[at] = '@';
	if (!value_name(str_sub(text, at + 1, text.len), &n) || !value_is_name(&n) || n.dots == 0)
		return 0;
	*out_from = at + 1;
	*out_to = text.len;
	return (int)at + 1 + n.len;
}
