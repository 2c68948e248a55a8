/* access_priv.h - secrets that are handed out once and then known to us by their hash only. */
#pragma once
#include "access/accounts.h"

/* `prefix` and 256 random bits in base32; returns what the store keeps. */
struct hash256 secret_text_make(struct rng *rng, struct arena *tmp, const char *prefix,
				char out[static SECRET_TEXT]);

/* A draft about the node's own affairs. */
struct draft access_draft(const char *kind, struct uuid subject, struct json *payload, struct json *content);
