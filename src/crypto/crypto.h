/* crypto.h - what has to happen once before anything else of this folder is used.
 *
 * This folder owns the libraries: nettle in hash.c, liboath in otp.c, libsodium in the others.
 */
#pragma once
#include "base/err.h"

/* From main and from every test, before threads start.  Doing it again is harmless. */
MUST_CHECK bool crypto_init(struct err *err);
