/* The secret of one-time codes at rest (accounts.h). */
#include "access/access_priv.h"
#include "crypto/seal.h"
#include "crypto/secret.h"

static const char PURPOSE[] = "naubat one-time secrets 1";

str otp_secret_seal(struct arena *a, struct rng *rng, str secret, struct uuid account, str otp)
{
	ASSERT(secret.len >= SEAL_KEY_BYTES);
	struct seal_key key = seal_key_of(secret, PURPOSE);
	str sealed = seal_close(a, rng, &key, otp, uuid_bytes(&account));
	secret_wipe(&key, sizeof(key));
	return sealed;
}

bool otp_secret_open(struct arena *a, str secret, struct uuid account, str sealed, str *out_otp,
		     struct err *err)
{
	struct seal_key key = seal_key_of(secret, PURPOSE);
	bool ok = seal_open(a, &key, sealed, uuid_bytes(&account), out_otp, err);
	secret_wipe(&key, sizeof(key));
	return ok || err_set(err, ERR_CONFLICT,
			     "the one-time secret of this account cannot be read with this node's `secret` "
			     "file: put back the file that belongs to the store, or reset the account");
}
