/* tls.h - certificates of our own listeners: making a self-signed one, and looking at a pair from elsewhere.
 *
 * The one other owner of GnuTLS besides the HTTP server.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/instant.h"

struct tls_pair {
	str certificate_pem, key_pem;
};

enum { TLS_SELF_SIGNED_DAYS = 3650 };

/* ECDSA P-256, for `host` and for this machine itself (localhost, 127.0.0.1, ::1). */
MUST_CHECK bool tls_self_signed(struct arena *a, str host, struct instant now, struct tls_pair *out_pair,
				struct err *err);

/* Do both parse, does the key belong to the certificate, is it in its time? *out_fingerprint is the SHA-256
 * of the certificate as browsers show it: "AB:CD:..." */
MUST_CHECK bool tls_pair_check(struct arena *a, const struct tls_pair *pair, struct instant now,
			       str *out_fingerprint, struct err *err);
