#include "crypto/sign.h"

#include <sodium.h>

#define KEY_LABEL       "naubat-signing-key-1 "
#define PUBLIC_LABEL    "naubat-public-key-1 "

enum { BASE64_32 = sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_ORIGINAL) };     /* with its NUL */

struct sign_key {
	struct sign_public public;
	uint8_t            secret[crypto_sign_SECRETKEYBYTES];  /* libsodium's form: seed, public key */
};

struct sign_key *sign_key_from_seed(const uint8_t seed[static 32])
{
	struct sign_key *key = sodium_malloc(sizeof(*key));
	ASSERT(key != NULL);                    /* no memory: as in arena.h I3 */
	crypto_sign_seed_keypair(key->public.b, key->secret, seed);
	(void)sodium_mprotect_readonly(key);
	return key;
}

struct sign_key *sign_key_make(struct rng *r)
{
	uint8_t seed[32];
	r->fill(r, seed, sizeof(seed));
	struct sign_key *key = sign_key_from_seed(seed);
	secret_wipe(seed, sizeof(seed));
	return key;
}

void sign_key_free(struct sign_key *key)
{
	sodium_free(key);
}

struct sign_public sign_key_public(const struct sign_key *key)
{
	return key->public;
}

struct signature sign_bytes(const struct sign_key *key, str message)
{
	struct signature s;
	const unsigned char *m = (const unsigned char *)(message.ptr ? message.ptr : "");
	crypto_sign_detached(s.b, NULL, m, (unsigned long long)message.len, key->secret);
	return s;
}

bool sign_verify(struct sign_public key, str message, str signature)
{
	const unsigned char *m = (const unsigned char *)(message.ptr ? message.ptr : "");
	return signature.len == crypto_sign_BYTES &&
		crypto_sign_verify_detached((const unsigned char *)signature.ptr, m,
			(unsigned long long)message.len, key.b) == 0;
}

/* libsodium 1.0.18 takes some bytes over 0x7F for letters of base64: found by fuzz_sign.c.  Written again and
 * compared, a key has one text. */
static bool decode(str text, uint8_t out[static 32])
{
	char again[BASE64_32];
	size_t n = 0, len = (size_t)text.len;
	if (len != BASE64_32 - 1 ||
	    sodium_base642bin(out, 32, text.ptr, len, NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    n != 32)
		return false;
	sodium_bin2base64(again, sizeof(again), out, 32, sodium_base64_VARIANT_ORIGINAL);
	bool same = sodium_memcmp(again, text.ptr, len) == 0;
	secret_wipe(again, sizeof(again));
	return same;
}

/* The 32 bytes behind the label on a line of its own. */
static bool read_line(str text, str label, uint8_t out[static 32])
{
	if (str_ends(text, S("\n")))
		text.len--;
	if (str_ends(text, S("\r")))
		text.len--;
	return str_starts(text, label) && decode(str_sub(text, label.len, text.len), out);
}

bool sign_key_parse(str text, struct sign_key **out_key, struct err *err)
{
	uint8_t seed[32];
	bool ok = read_line(text, S(KEY_LABEL), seed);
	if (ok)
		*out_key = sign_key_from_seed(seed);
	secret_wipe(seed, sizeof(seed));
	return ok || err_set(err, ERR_INPUT, "not a signing key: one line is needed, '" KEY_LABEL
		"' and 44 characters of base64");        /* never the text: it may be most of a key */
}

struct secret *sign_key_write(const struct sign_key *key)
{
	char line[sizeof(KEY_LABEL) + BASE64_32];
	ptrdiff_t n = sizeof(KEY_LABEL) - 1;
	memcpy(line, KEY_LABEL, (size_t)n);
	sodium_bin2base64(line + n, BASE64_32, key->secret, 32, sodium_base64_VARIANT_ORIGINAL);
	n += BASE64_32 - 1;
	line[n++] = '\n';
	struct secret *s = secret_new((str){ line, n });
	secret_wipe(line, sizeof(line));
	return s;
}

bool sign_public_parse(str text, struct sign_public *out_key, struct err *err)
{
	struct sign_public key;
	if (!read_line(text, S(PUBLIC_LABEL), key.b))
		return err_set(err, ERR_INPUT,
			"'" STR_FMT "' is not a public key: one line is needed, '" PUBLIC_LABEL
			"' and 44 characters of base64", STR_ARG(str_sub(text, 0, 80)));
	*out_key = key;
	return true;
}

str sign_public_format(struct arena *a, struct sign_public key)
{
	char text[BASE64_32];
	sodium_bin2base64(text, sizeof(text), key.b, 32, sodium_base64_VARIANT_ORIGINAL);
	return arena_printf(a, PUBLIC_LABEL "%s", text);
}

bool sign_public_from_bytes(str bytes, struct sign_public *out_key, struct err *err)
{
	if (bytes.len != 32)
		return err_set(err, ERR_INPUT, "an Ed25519 public key has 32 bytes, not %td", bytes.len);
	memcpy(out_key->b, bytes.ptr, 32);
	return true;
}
