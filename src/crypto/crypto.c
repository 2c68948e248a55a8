#include "crypto/crypto.h"

#include <sodium.h>

bool crypto_init(struct err *err)
{
	if (sodium_init() < 0)
		return err_set(err, ERR_SYSTEM,
			"libsodium does not start; see that /dev/urandom can be read");
	return true;
}
