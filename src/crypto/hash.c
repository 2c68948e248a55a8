#include "crypto/hash.h"

#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <nettle/sha2.h>
#include "base/text.h"

_Static_assert(sizeof(struct sha256_ctx) <= sizeof(struct hash), "room for nettle's state");

static struct sha256_ctx *state(struct hash *h)
{
	return (struct sha256_ctx *)(void *)h->state;
}

static const uint8_t *octets(str s)
{
	return (const uint8_t *)(s.ptr ? s.ptr : "");   /* nettle hands it to memcpy, which refuses NULL */
}

void hash_init(struct hash *h)
{
	sha256_init(state(h));
}

void hash_add(struct hash *h, str bytes)
{
	sha256_update(state(h), (size_t)bytes.len, octets(bytes));
}

void hash_done(struct hash *h, uint8_t out[static 32])
{
	sha256_digest(state(h), SHA256_DIGEST_SIZE, out);
}

void hash_sha256(str bytes, uint8_t out[static 32])
{
	struct sha256_ctx c;
	sha256_init(&c);
	sha256_update(&c, (size_t)bytes.len, octets(bytes));
	sha256_digest(&c, SHA256_DIGEST_SIZE, out);
}

void hash_hmac_sha256(str key, str bytes, uint8_t out[static 32])
{
	struct hmac_sha256_ctx c;
	hmac_sha256_set_key(&c, (size_t)key.len, octets(key));
	hmac_sha256_update(&c, (size_t)bytes.len, octets(bytes));
	hmac_sha256_digest(&c, SHA256_DIGEST_SIZE, out);
	explicit_bzero(&c, sizeof(c));
}

bool hash_equal_secrets(str a, str b)
{
	return a.len == b.len && memeql_sec(octets(a), octets(b), (size_t)a.len);
}

struct hash256 hash256_of(str bytes)
{
	struct hash256 h;
	hash_sha256(bytes, h.b);
	return h;
}

str hash256_hex(struct arena *a, struct hash256 h)
{
	return text_hex(a, hash256_bytes(&h));
}

static int hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
		c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool hash256_from_hex(str text, struct hash256 *out_h, struct err *err)
{
	struct hash256 h = { { 0 } };
	bool ok = text.len == 64;
	for (ptrdiff_t i = 0; ok && i < 64; i++) {
		int v = hex_value(text.ptr[i]);
		ok = v >= 0;
		h.b[i / 2] = (uint8_t)(h.b[i / 2] << 4 | (v & 15));
	}
	if (!ok)
		return err_set(err, ERR_INPUT, "'" STR_FMT "' is not a SHA-256: 64 hexadecimal digits",
			STR_ARG(str_sub(text, 0, 70)));
	*out_h = h;
	return true;
}

bool hash256_from_bytes(str bytes, struct hash256 *out_h, struct err *err)
{
	if (bytes.len != 32)
		return err_set(err, ERR_INPUT, "a SHA-256 has 32 bytes, not %td", bytes.len);
	memcpy(out_h->b, bytes.ptr, 32);
	return true;
}
