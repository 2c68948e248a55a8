/* The one line of a key file, and the one of a public key: what is read is written the same again. */
#include "crypto/sign.h"

#include "crypto/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static str line_of(str text)
{
	text.len -= str_ends(text, S("\n"));
	text.len -= str_ends(text, S("\r"));
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct err err;
	struct sign_key *key = NULL;
	struct sign_public public;
	str text = { (const char *)data, (ptrdiff_t)size };
	arena_init(&a, 1 << 20, 1 << 24);
	ASSERT(crypto_init(&err));
	if (sign_key_parse(text, &key, &err)) {
		struct secret *line = sign_key_write(key);
		ASSERT(str_eq(line_of(secret_reveal(line)), line_of(text)));
		secret_free(line);
		sign_key_free(key);
	}
	if (sign_public_parse(text, &public, &err))
		ASSERT(str_eq(sign_public_format(&a, public), line_of(text)));
	arena_done(&a);
	return 0;
}
