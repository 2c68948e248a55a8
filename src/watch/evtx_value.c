#include "watch/evtx_value.h"
#include "base/instant.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

static const char hex_lower[] = "0123456789abcdef", hex_upper[] = "0123456789ABCDEF";

enum { ESCAPED_MAX = 6, RUN = 8 }; /* bytes that one unit can take; units that the fast path stores */

/* ---- strings */

/* Copies units that are plain ASCII and need no escape, eight at a time; stops at the first that is not.
 * Stores eight bytes each time, of which only the good ones count: the caller made room for them. */
static char *copy_plain(char *to, const uint8_t **at, const uint8_t *end)
{
	const uint8_t *p = *at;
#ifdef __SSE2__
	const __m128i low = _mm_set1_epi16(0x1f), high = _mm_set1_epi16(0x7f);
	const __m128i quote = _mm_set1_epi16('"'), slash = _mm_set1_epi16('\\');
	while (end - p >= 2 * RUN) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i plain = _mm_and_si128(_mm_cmpgt_epi16(v, low), _mm_cmpgt_epi16(high, v));
		__m128i special = _mm_or_si128(_mm_cmpeq_epi16(v, quote), _mm_cmpeq_epi16(v, slash));
		unsigned good = (unsigned)_mm_movemask_epi8(_mm_andnot_si128(special, plain));
		_mm_storel_epi64((__m128i *)(void *)to, _mm_packus_epi16(v, v));
		if (good != 0xffff) {
			int units = __builtin_ctz(~good) / 2;
			*at = p + 2 * units;
			return to + units;
		}
		to += RUN;
		p += 2 * RUN;
	}
#endif
	for (; end - p >= 2; p += 2) {
		uint16_t u = le16(p);
		if (u < 0x20 || u > 0x7e || u == '"' || u == '\\')
			break;
		*to++ = (char)u;
	}
	*at = p;
	return to;
}

static char *put_ascii(char *to, uint32_t c)
{
	static const char named[32] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'
	};
	if (c >= 0x20 && c != '"' && c != '\\') {
		*to++ = (char)c;
	} else if (c >= 0x20 || named[c] != 0) {
		*to++ = '\\';
		*to++ = c >= 0x20 ? (char)c : named[c];
	} else {
		memcpy(to, "\\u00", 4);
		to[4] = hex_lower[c >> 4];
		to[5] = hex_lower[c & 15];
		to += ESCAPED_MAX;
	}
	return to;
}

/* At most six bytes: an escape.  A code that is no character is U+FFFD. */
static char *put_code(char *to, uint32_t c)
{
	if (c < 0x80)
		return put_ascii(to, c);
	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = 0xfffd;
	if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			*to++ = (char)(0xe0 | c >> 12);
		} else {
			*to++ = (char)(0xf0 | c >> 18);
			*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		}
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*to++ = (char)(0x80 | (c & 0x3f));
	return to;
}

void text_add_code(struct text_out *o, uint32_t code)
{
	char *to = text_room(o, ESCAPED_MAX);
	if (to != NULL)
		o->len += put_code(to, code) - to;
}

void text_add_utf16(struct text_out *o, const uint8_t *units, ptrdiff_t count)
{
	char *start = text_room(o, count * ESCAPED_MAX + RUN);
	const uint8_t *p = units, *end = units + 2 * count;
	if (start == NULL)
		return;
	char *to = start;
	while (p < end) {
		to = copy_plain(to, &p, end);
		if (p == end)
			break;
		uint32_t c = le16(p);
		p += 2;
		if (c >= 0xd800 && c < 0xdc00 && p < end && (le16(p) & 0xfc00) == 0xdc00) {
			c = 0x10000 + ((c - 0xd800) << 10) + (le16(p) - 0xdc00u);
			p += 2;
		}
		to = put_code(to, c);
	}
	o->len += to - start;
}

/* Bytes of an unknown code page: UTF-8 if they are that, else Windows-1252, which most systems have. */
static void add_ansi(struct text_out *o, const uint8_t *bytes, ptrdiff_t n)
{
	static const uint16_t upper[32] = { 0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021,
					    0x2c6,  0x2030, 0x160,  0x2039, 0x152,  0x8d,   0x17d,  0x8f,
					    0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
					    0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178 };
	bool utf8 = str_utf8_valid((str){ (const char *)bytes, n });
	char *start = text_room(o, n * ESCAPED_MAX);
	if (start == NULL)
		return;
	char *to = start;
	for (ptrdiff_t i = 0; i < n; i++) {
		if (bytes[i] < 0x80)
			to = put_ascii(to, bytes[i]);
		else if (utf8)
			*to++ = (char)bytes[i];
		else
			to = put_code(to, bytes[i] < 0xa0 ? upper[bytes[i] - 0x80] : bytes[i]);
	}
	o->len += to - start;
}

/* ---- numbers and the like */

void text_add_number(struct text_out *o, uint64_t n)
{
	char digits[20];
	int at = 20;
	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n != 0);
	text_add(o, digits + at, 20 - at);
}

static void add_signed(struct text_out *o, int64_t n)
{
	if (n < 0)
		text_add_char(o, '-');
	text_add_number(o, n < 0 ? -(uint64_t)n : (uint64_t)n);
}

static void add_hex(struct text_out *o, uint64_t n)
{
	char digits[16];
	int at = 16;
	do {
		digits[--at] = hex_lower[n & 15];
		n >>= 4;
	} while (n != 0);
	text_add(o, "0x", 2);
	text_add(o, digits + at, 16 - at);
}

static void add_bytes(struct text_out *o, const uint8_t *bytes, ptrdiff_t n)
{
	char *to = text_room(o, 2 * n);
	if (to == NULL)
		return;
	for (ptrdiff_t i = 0; i < n; i++) {
		to[2 * i] = hex_upper[bytes[i] >> 4];
		to[2 * i + 1] = hex_upper[bytes[i] & 15];
	}
	o->len += 2 * n;
}

static void add_guid(struct text_out *o, const uint8_t *g)
{
	static const uint8_t order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
	char text[36], *to = text;
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*to++ = '-';
		*to++ = hex_upper[g[order[i]] >> 4];
		*to++ = hex_upper[g[order[i]] & 15];
	}
	text_add(o, text, 36);
}

/* Bytes of the SID at p, or 0 if it is none that ends before `len`. */
static uint32_t sid_length(const uint8_t *p, uint32_t len)
{
	return len >= 8 && 8 + 4u * p[1] <= len ? 8 + 4u * p[1] : 0;
}

static void add_sid(struct text_out *o, const uint8_t *p)
{
	uint64_t authority = 0;
	for (int i = 2; i < 8; i++)
		authority = authority << 8 | p[i];
	text_add(o, "S-", 2);
	text_add_number(o, p[0]);
	text_add_char(o, '-');
	text_add_number(o, authority);
	for (int i = 0; i < p[1]; i++) {
		text_add_char(o, '-');
		text_add_number(o, le32(p + 8 + 4 * i));
	}
}

bool filetime_to_us(uint64_t filetime, int64_t *out_us)
{
	const uint64_t last = UINT64_C(2650467744000000000); /* 10000-01-01 in units of 100 ns since 1601 */
	if (filetime >= last)
		return false;
	*out_us = (int64_t)(filetime / 10) - INT64_C(11644473600000000);
	return true;
}

static bool add_time(struct text_out *o, int64_t us)
{
	char text[INSTANT_TEXT];
	str s = instant_put((struct instant){ us }, text);
	text_add(o, s.ptr, s.len);
	return true;
}

static bool add_filetime(struct text_out *o, uint64_t filetime)
{
	int64_t us;
	return filetime_to_us(filetime, &us) && add_time(o, us);
}

static bool add_systemtime(struct text_out *o, const uint8_t *p)
{
	struct civil c = { .year = le16(p),
			   .month = le16(p + 2),
			   .day = le16(p + 6),
			   .hour = le16(p + 8),
			   .minute = le16(p + 10),
			   .second = le16(p + 12),
			   .micro = le16(p + 14) * 1000 };
	bool ok = c.year >= 1601 && c.year <= 9999 && c.month >= 1 && c.month <= 12 && c.day >= 1 &&
		  c.day <= civil_month_days(c.year, c.month) && c.hour < 24 && c.minute < 60 &&
		  c.second < 60 && c.micro < 1000000;
	return ok && add_time(o, instant_from_civil(c, 0).us);
}

/* The shortest text that reads back as the same number; 3 for 3.0. */
static bool add_real(struct text_out *o, double d, bool single)
{
	char text[40];
	if (!isfinite(d))
		return false;
	if (++o->reals > VALUE_REALS) {
		o->over = true;
		return true;
	}
	for (int digits = single ? 6 : 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, d);
		double again = strtod(text, NULL);
		if (single ? (float)again == (float)d : again == d)
			break;
	}
	text_add(o, text, (ptrdiff_t)strlen(text));
	return true;
}

/* ---- one value */

enum { FORM_NUMBER, FORM_STRING };

static int form_of(uint8_t type)
{
	return (type >= VALUE_INT8 && type <= VALUE_BOOL) ? FORM_NUMBER : FORM_STRING;
}

static bool add_integer(struct text_out *o, const struct binxml_value *v)
{
	uint64_t n = 0;
	if (v->len != 1 && v->len != 2 && v->len != 4 && v->len != 8)
		return false;
	memcpy(&n, v->ptr, v->len);
	int unused = 64 - 8 * (int)v->len;
	switch (v->type) {
	case VALUE_INT8:
	case VALUE_INT16:
	case VALUE_INT32:
	case VALUE_INT64:
		add_signed(o, (int64_t)(n << unused) >> unused);
		return true;
	case VALUE_BOOL:
		text_add(o, n ? "true" : "false", n ? 4 : 5);
		return true;
	case VALUE_SIZE:
	case VALUE_HEX32:
	case VALUE_HEX64:
		add_hex(o, n);
		return true;
	default:
		text_add_number(o, n);
		return true;
	}
}

static bool add_floating(struct text_out *o, const struct binxml_value *v)
{
	float single = 0;
	double d = 0;
	if (v->len == 4)
		memcpy(&single, v->ptr, 4);
	else if (v->len == 8)
		memcpy(&d, v->ptr, 8);
	else
		return false;
	return add_real(o, v->len == 4 ? (double)single : d, v->len == 4);
}

/* False if the bytes are not of that type: nothing was written. */
static bool add_typed(struct text_out *o, const struct binxml_value *v)
{
	switch (v->type) {
	case VALUE_STRING:
	case VALUE_XML:
		text_add_utf16(o, v->ptr, v->len / 2);
		return true;
	case VALUE_ANSI:
		add_ansi(o, v->ptr, v->len);
		return true;
	case VALUE_REAL32:
	case VALUE_REAL64:
		return add_floating(o, v);
	case VALUE_GUID:
		if (v->len == 16)
			add_guid(o, v->ptr);
		return v->len == 16;
	case VALUE_FILETIME:
		return v->len == 8 && add_filetime(o, le64(v->ptr));
	case VALUE_SYSTEMTIME:
		return v->len == 16 && add_systemtime(o, v->ptr);
	case VALUE_SID:
		if (sid_length(v->ptr, v->len) == v->len)
			add_sid(o, v->ptr);
		return sid_length(v->ptr, v->len) == v->len;
	default:
		return (v->type >= VALUE_INT8 && v->type <= VALUE_HEX64 && v->type != VALUE_BINARY) &&
		       add_integer(o, v);
	}
}

static void add_scalar_text(struct text_out *o, const struct binxml_value *v)
{
	if (v->len > 0 && !add_typed(o, v))
		add_bytes(o, v->ptr, v->len);
}

static void add_scalar_json(struct text_out *o, const struct binxml_value *v)
{
	if (v->len > 0 && form_of(v->type) == FORM_NUMBER && add_typed(o, v))
		return;
	text_add_char(o, '"');
	add_scalar_text(o, v);
	text_add_char(o, '"');
}

/* ---- arrays */

static uint32_t item_size(uint8_t type)
{
	static const uint8_t sizes[] = {
		[VALUE_INT8] = 1,   [VALUE_UINT8] = 1,    [VALUE_INT16] = 2,       [VALUE_UINT16] = 2,
		[VALUE_INT32] = 4,  [VALUE_UINT32] = 4,   [VALUE_INT64] = 8,       [VALUE_UINT64] = 8,
		[VALUE_REAL32] = 4, [VALUE_REAL64] = 8,   [VALUE_BOOL] = 4,        [VALUE_GUID] = 16,
		[VALUE_SIZE] = 8,   [VALUE_FILETIME] = 8, [VALUE_SYSTEMTIME] = 16, [VALUE_HEX32] = 4,
		[VALUE_HEX64] = 8
	};
	return type < sizeof(sizes) ? sizes[type] : 0;
}

/* Takes the first item off the array's bytes.  Types without a size of their own end at a NUL, or at the end;
 * what is left over at the end (half a number) is an item too. */
static struct binxml_value take_item(uint8_t type, const uint8_t **at, const uint8_t *end)
{
	const uint8_t *p = *at;
	uint32_t left = (uint32_t)(end - p), unit = type == VALUE_ANSI ? 1 : 2, len = 0;
	if (type == VALUE_STRING || type == VALUE_ANSI) {
		while (len + unit <= left && (p[len] != 0 || p[len + unit - 1] != 0))
			len += unit;
		*at = len + unit <= left ? p + len + unit : end;
		return (struct binxml_value){ p, len, type };
	}
	len = type == VALUE_SID ? sid_length(p, left) : item_size(type);
	if (len == 0 || len > left)
		len = left;
	*at = p + len;
	return (struct binxml_value){ p, len, type };
}

static bool is_array(const struct binxml_value *v)
{
	return (v->type & VALUE_ARRAY) != 0;
}

int32_t value_add_items(struct text_out *o, const struct binxml_value *v, bool follows)
{
	const uint8_t *p = v->ptr, *end = v->ptr + v->len;
	int32_t count = 0;
	if (follows)
		text_add_char(o, ',');
	if (!is_array(v) || v->len == 0) {
		add_scalar_json(o, v);
		return 1;
	}
	while (p < end && !o->over) {
		struct binxml_value item = take_item(v->type & ~VALUE_ARRAY, &p, end);
		if (count++ > 0)
			text_add_char(o, ',');
		add_scalar_json(o, &item);
	}
	return count;
}

void value_add_json(struct text_out *o, const struct binxml_value *v)
{
	if (!is_array(v)) {
		add_scalar_json(o, v);
		return;
	}
	ptrdiff_t start = o->len;
	text_add_char(o, '[');
	if (value_add_items(o, v, false) > 1) {
		text_add_char(o, ']');
	} else if (!o->over) { /* one: the item alone */
		memmove(o->ptr + start, o->ptr + start + 1, (size_t)(o->len - start - 1));
		o->len--;
	}
}

void value_add_text(struct text_out *o, const struct binxml_value *v)
{
	const uint8_t *p = v->ptr, *end = v->ptr + v->len;
	if (!is_array(v)) {
		add_scalar_text(o, v);
		return;
	}
	while (p < end && !o->over) {
		struct binxml_value item = take_item(v->type & ~VALUE_ARRAY, &p, end);
		if (item.ptr != v->ptr)
			text_add_char(o, ',');
		add_scalar_text(o, &item);
	}
}

struct binxml_value value_made(uint8_t type, const uint8_t *ptr, uint32_t len)
{
	if (type == VALUE_STRING || type == VALUE_XML) {
		len &= ~1u;
		while (len >= 2 && ptr[len - 1] == 0 && ptr[len - 2] == 0)
			len -= 2;
	} else if (type == VALUE_ANSI) {
		while (len >= 1 && ptr[len - 1] == 0)
			len--;
	}
	return (struct binxml_value){ ptr, len, type };
}
