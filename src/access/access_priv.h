/* access_priv.h - secrets that are handed out once and then known to us by their hash only. */
#pragma once
#include "access/accounts.h"

/* `prefix` and 256 random bits in base32; returns what the store keeps. */
struct hash256 secret_text_make(struct rng *rng, struct arena *tmp, const char *prefix,
				char out[static SECRET_TEXT]);

/* The secret of one-time codes as it lies in the store, and back; `secret` is the node's. */
str otp_secret_seal(struct arena *a, struct rng *rng, str secret, struct uuid account, str otp);
MUST_CHECK bool otp_secret_open(struct arena *a, str secret, struct uuid account, str sealed, str *out_otp,
				struct err *err);

/* That a credential was changed and which ("reset", "password", "code"), never to what. */
struct json *credential_payload(struct arena *a, const char *what);

/* Wrong attempts at a name: the lock of I4 (session.h), wherever the password is asked for. */
struct name_failures {
	struct hash256 name;
	int64_t failed;
	struct instant locked_until;
};
MUST_CHECK bool failures_load(struct decision *d, str node_secret, str login, struct name_failures *out,
			      struct err *err);
MUST_CHECK bool failures_add(struct decision *d, const struct name_failures *f, struct uuid account,
			     struct err *err);
void sign_in_record(struct decision *d, struct uuid account, const char *result);

/* A draft about the node's own affairs. */
struct draft access_draft(const char *kind, struct uuid subject, struct json *payload, struct json *content);
