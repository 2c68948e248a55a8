#include "crypto/seal.h"

#include <sodium.h>
#include "base/buf.h"
#include "crypto/hash.h"

enum { VERSION = 1, NONCE = 24, TAG = 16 };

_Static_assert(NONCE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "the nonce of the format");
_Static_assert(TAG == crypto_aead_xchacha20poly1305_ietf_ABYTES, "the tag of the format");

struct seal_key seal_key_of(str secret, const char *purpose)
{
	struct seal_key key;
	hash_hmac_sha256(secret, str_from(purpose), key.b);
	return key;
}

static const unsigned char *octets(str s)
{
	return (const unsigned char *)(s.len ? s.ptr : "");
}

str seal_close(struct arena *a, struct rng *rng, const struct seal_key *key, str plain, str about)
{
	unsigned char *out = NEW(a, unsigned char, SEAL_EXTRA_BYTES + plain.len);
	unsigned long long length = 0;
	out[0] = VERSION;
	rng->fill(rng, out + 1, NONCE);
	int rc = crypto_aead_xchacha20poly1305_ietf_encrypt(
		out + 1 + NONCE, &length, octets(plain), (unsigned long long)plain.len, octets(about),
		(unsigned long long)about.len, NULL, out + 1, key->b);
	ASSERT(rc == 0 && (ptrdiff_t)length == plain.len + TAG);
	return (str){ (const char *)out, SEAL_EXTRA_BYTES + plain.len };
}

bool seal_open(struct arena *a, const struct seal_key *key, str sealed, str about, str *out_plain,
	       struct err *err)
{
	const unsigned char *in = octets(sealed);
	if (sealed.len < SEAL_EXTRA_BYTES || in[0] != VERSION)
		return err_set(err, ERR_INPUT, "this is not sealed as this program seals");
	unsigned char *out = NEW(a, unsigned char, sealed.len - SEAL_EXTRA_BYTES + 1);
	unsigned long long length = 0;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(
		    out, &length, NULL, in + 1 + NONCE, (unsigned long long)(sealed.len - 1 - NONCE),
		    octets(about), (unsigned long long)about.len, in + 1, key->b) != 0)
		return err_set(err, ERR_INPUT, "it was sealed under another key, or altered");
	*out_plain = (str){ (const char *)out, (ptrdiff_t)length };
	return true;
}
