#pragma once
#include "base/arena.h"
#include "base/err.h"
#include <nettle/sha2.h>
struct hash256 { uint8_t b[32]; };
struct hash { struct sha256_ctx ctx; };
void hash_init(struct hash *h);
void hash_add(struct hash *h, str bytes);
void hash_done(struct hash *h, uint8_t out[static 32]);
void hash_sha256(str bytes, uint8_t out[static 32]);
void hash_hmac_sha256(str key, str bytes, uint8_t out[static 32]);
