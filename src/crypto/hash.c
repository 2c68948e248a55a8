#include "crypto/hash.h"
#include <nettle/hmac.h>
void hash_init(struct hash *h) { sha256_init(&h->ctx); }
void hash_add(struct hash *h, str b) { sha256_update(&h->ctx, (size_t)b.len, (const uint8_t *)b.ptr); }
void hash_done(struct hash *h, uint8_t out[static 32]) { sha256_digest(&h->ctx, 32, out); }
void hash_sha256(str b, uint8_t out[static 32]) { struct hash h; hash_init(&h); hash_add(&h, b); hash_done(&h, out); }
void hash_hmac_sha256(str k, str b, uint8_t out[static 32]) { struct hmac_sha256_ctx c; hmac_sha256_set_key(&c, (size_t)k.len, (const uint8_t *)k.ptr); hmac_sha256_update(&c, (size_t)b.len, (const uint8_t *)b.ptr); hmac_sha256_digest(&c, 32, out); }
