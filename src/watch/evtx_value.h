/* evtx_value.h - values of Windows event logs as JSON text.  Inner to evtx.
 *
 * A text_out is a fixed room: what does not fit latches `over` and is dropped.  Strings are written escaped
 * and as valid UTF-8; units that are no UTF-16 become U+FFFD.
 * A value whose length does not fit its type is written as hexadecimal bytes: nothing is hidden by it.
 */
#pragma once
#include "base/str.h"

struct text_out {
	char     *ptr;
	ptrdiff_t len, cap;
	bool      over;
	int32_t   reals;        /* floats written: they take long, and VALUE_REALS at most are taken */
};

enum { VALUE_REALS = 16384 };   /* what an honest record of 64 KiB can hold */

enum value_type {       /* [MS-EVEN6] 2.2.12; 0x80 added: an array of it */
	VALUE_NULL = 0x00, VALUE_STRING = 0x01, VALUE_ANSI = 0x02, VALUE_INT8 = 0x03, VALUE_UINT8 = 0x04,
	VALUE_INT16 = 0x05, VALUE_UINT16 = 0x06, VALUE_INT32 = 0x07, VALUE_UINT32 = 0x08, VALUE_INT64 = 0x09,
	VALUE_UINT64 = 0x0a, VALUE_REAL32 = 0x0b, VALUE_REAL64 = 0x0c, VALUE_BOOL = 0x0d, VALUE_BINARY = 0x0e,
	VALUE_GUID = 0x0f, VALUE_SIZE = 0x10, VALUE_FILETIME = 0x11, VALUE_SYSTEMTIME = 0x12,
	VALUE_SID = 0x13, VALUE_HEX32 = 0x14, VALUE_HEX64 = 0x15, VALUE_HANDLE = 0x20,
	VALUE_BINXML = 0x21, VALUE_XML = 0x23,
	VALUE_ARRAY = 0x80,
};

struct binxml_value {
	const uint8_t *ptr;
	uint32_t       len;     /* bytes; of a string, without the NULs at its end */
	uint8_t        type;
};

/* Room for n bytes, or NULL: then `over` is set.  The caller adds to len what it used. */
static inline char *text_room(struct text_out *o, ptrdiff_t n)
{
	if (o->over || n > o->cap - o->len) {
		o->over = true;
		return NULL;
	}
	return o->ptr + o->len;
}

static inline void text_add(struct text_out *o, const char *bytes, ptrdiff_t n)
{
	char *p = text_room(o, n);
	if (p != NULL) {
		memcpy(p, bytes, (size_t)n);
		o->len += n;
	}
}

static inline void text_add_char(struct text_out *o, char c)
{
	char *p = text_room(o, 1);
	if (p != NULL) {
		*p = c;
		o->len++;
	}
}

static inline uint16_t le16(const uint8_t *p)
{
	uint16_t v;
	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint32_t le32(const uint8_t *p)
{
	uint32_t v;
	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t le64(const uint8_t *p)
{
	uint64_t v;
	memcpy(&v, p, sizeof(v));
	return v;
}

static inline bool value_is_empty(const struct binxml_value *v)
{
	return v->len == 0 || v->type == VALUE_NULL;
}

static inline bool value_is_tree(const struct binxml_value *v)
{
	return v->type == VALUE_BINXML && v->len > 0;
}

/* NULs at a string's end go. */
struct binxml_value value_made(uint8_t type, const uint8_t *ptr, uint32_t len);

void text_add_utf16(struct text_out *o, const uint8_t *units, ptrdiff_t count); /* escaped, no quotes */
void text_add_number(struct text_out *o, uint64_t n);
void text_add_code(struct text_out *o, uint32_t code);                   /* one code point, escaped */

/* As a JSON value: a number, true, a string in quotes, an array.  An array of one is its item. */
void value_add_json(struct text_out *o, const struct binxml_value *v);
/* As text inside a string.  An array's items are parted by commas. */
void value_add_text(struct text_out *o, const struct binxml_value *v);
/* An array's items as JSON values with commas between (a comma first if `follows`); else the one item.
 * Returns how many. */
int32_t value_add_items(struct text_out *o, const struct binxml_value *v, bool follows);

enum { FILETIME_TEXT = 27 };
bool filetime_to_us(uint64_t filetime, int64_t *out_us);        /* false: not of years 1 to 9999 */
