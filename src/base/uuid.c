#include "base/uuid.h"

struct uuid uuid_make(struct instant now, const uint8_t random[static 10])
{
	struct uuid u;
	uint64_t ms = (uint64_t)(now.us / 1000);
	for (int i = 0; i < 6; i++)
		u.b[i] = (uint8_t)(ms >> (40 - 8 * i));
	memcpy(u.b + 6, random, 10);
	unsigned fraction =
		(unsigned)((now.us % 1000 + 1000) % 1000 * 4096 / 1000); /* RFC 9562 section 6.2, method 3 */
	u.b[6] = (uint8_t)(0x70 | fraction >> 8);
	u.b[7] = (uint8_t)fraction;
	u.b[8] = (uint8_t)(0x80 | (u.b[8] & 0x3F));
	return u;
}

str uuid_put(struct uuid u, char out_text[static UUID_TEXT])
{
	static const char hex[] = "0123456789abcdef";
	char *p = out_text;
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = hex[u.b[i] >> 4];
		*p++ = hex[u.b[i] & 15];
	}
	return (str){ out_text, UUID_TEXT };
}

str uuid_format(struct arena *a, struct uuid u)
{
	return uuid_put(u, NEW(a, char, UUID_TEXT + 1));
}

bool uuid_parse(str text, struct uuid *out_u, struct err *err)
{
	struct uuid u = { { 0 } };
	int nibbles = 0;
	bool ok = text.len == 36;
	for (ptrdiff_t i = 0; ok && i < 36; i++) {
		char c = text.ptr[i];
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			ok = c == '-';
			continue;
		}
		int v = c >= '0' && c <= '9'   ? c - '0'
			: c >= 'a' && c <= 'f' ? c - 'a' + 10
			: c >= 'A' && c <= 'F' ? c - 'A' + 10
					       : -1;
		ok = v >= 0;
		u.b[nibbles / 2] = (uint8_t)(u.b[nibbles / 2] << 4 | (v & 15));
		nibbles++;
	}
	if (!ok)
		return err_set(err, ERR_INPUT,
			       "'" STR_FMT "' is not an id: 32 hexadecimal digits in groups of 8-4-4-4-12",
			       STR_ARG(str_sub(text, 0, 48)));
	*out_u = u;
	return true;
}

bool uuid_from_bytes(str bytes, struct uuid *out_u, struct err *err)
{
	if (bytes.len != 16)
		return err_set(err, ERR_INPUT, "an id has 16 bytes, not %td", bytes.len);
	memcpy(out_u->b, bytes.ptr, 16);
	return true;
}
