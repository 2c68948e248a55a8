/* password.h - passwords as Argon2id hashes (RFC 9106), by libsodium.
 *
 * A hash is an ASCII string that carries its own cost ("$argon2id$v=19$m=..."), so costs can be raised later:
 * after a good sign-in ask password_needs_rehash and store a new one.
 *
 * I1. Hashing takes `memory` bytes and a tenth of a second or more: never on the writer's thread, and as many
 *     at once as the machine has memory for (http/ has a pool for it).
 * I2. A password is the bytes that were typed, UTF-8, at most 1024; it is not trimmed nor normalised.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum { PASSWORD_BYTES_MOST = 1024, PASSWORD_CHARACTERS_LEAST = 12 };

struct password_cost { int passes; ptrdiff_t memory; };         /* memory in bytes */

/* 3 passes over 64 MiB: libsodium's MODERATE passes with a quarter of its memory, so that a node of 1 GiB can
 * take several sign-ins at once; more than three times the memory that RFC 9106 asks of the smallest.  Tests
 * may use less: { 1, 8192 } is the least there is. */
static inline struct password_cost password_cost_default(void)
{
	return (struct password_cost){ 3, 64 << 20 };
}

/* Whether it may become somebody's password; the text of the error can be shown to who chose it. */
MUST_CHECK bool password_check(str password, int characters_least, struct err *err);

/* One of those that are tried first: a common word with digits and signs around it, digits alone, a walk over
 * the keyboard. */
bool password_is_common(str password);

/* ERR_INPUT for one over 1024 bytes or with a NUL; ERR_RETRY without the memory. */
MUST_CHECK bool password_hash(struct arena *a, str password, struct password_cost cost, str *out_hash,
                              struct err *err);

/* An empty `hash` stands for somebody who does not exist: false, after the time that `cost` takes, so that
 * sign-in does not tell who has an account.  `cost` is not used otherwise. */
bool password_verify(str hash, str password, struct password_cost cost);

bool password_needs_rehash(str hash, struct password_cost cost);        /* true also of what is no hash */
