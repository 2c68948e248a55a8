#include "crypto/password.h"

#include <sodium.h>

static bool usable(str password)
{
	return password.len <= PASSWORD_BYTES_MOST && str_find_char(password, '\0') < 0;
}

static ptrdiff_t characters(str s)
{
	ptrdiff_t n = 0;
	for (ptrdiff_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
	return n;
}

static bool one_character(str s)
{
	ptrdiff_t size = 1;             /* of the first character, in bytes */
	while (size < s.len && ((unsigned char)s.ptr[size] & 0xC0) == 0x80)
		size++;
	return str_eq(str_sub(s, size, s.len), str_sub(s, 0, s.len - size));
}

bool password_check(str password, int characters_least, struct err *err)
{
	if (password.len > PASSWORD_BYTES_MOST)
		return err_set(err, ERR_INPUT, "the password is too long: at most %d bytes",
			PASSWORD_BYTES_MOST);
	if (!str_utf8_valid(password) || !usable(password))
		return err_set(err, ERR_INPUT, "the password is not UTF-8 text; type it again");
	if (characters(password) < characters_least)
		return err_set(err, ERR_INPUT, "the password is too short: at least %d characters; "
			"four or five unrelated words make a good one", characters_least);
	if (one_character(password))
		return err_set(err, ERR_INPUT,
			"the password is one character again and again; choose another");
	return true;
}

bool password_hash(struct arena *a, str password, struct password_cost cost, str *out_hash, struct err *err)
{
	char hash[crypto_pwhash_argon2id_STRBYTES];
	ASSERT(cost.passes >= 1 && cost.memory >= (ptrdiff_t)crypto_pwhash_argon2id_MEMLIMIT_MIN);
	if (!usable(password))
		return err_set(err, ERR_INPUT, "the password is too long, at most %d bytes, or holds a NUL",
			PASSWORD_BYTES_MOST);
	if (crypto_pwhash_argon2id_str(hash, password.len ? password.ptr : "",
	                               (unsigned long long)password.len, (unsigned long long)cost.passes,
	                               (size_t)cost.memory) != 0)
		return err_set(err, ERR_RETRY, "no %td MiB of memory for a password just now",
			cost.memory >> 20);
	*out_hash = arena_dup(a, str_from(hash));
	return true;
}

/* libsodium takes hashes as arrays of one size. */
static bool as_stored(str hash, char out[static crypto_pwhash_argon2id_STRBYTES])
{
	if (hash.len == 0 || hash.len >= (ptrdiff_t)crypto_pwhash_argon2id_STRBYTES)
		return false;
	memset(out, 0, crypto_pwhash_argon2id_STRBYTES);
	memcpy(out, hash.ptr, (size_t)hash.len);
	return true;
}

static void spend(str password, struct password_cost cost)
{
	static const unsigned char salt[crypto_pwhash_argon2id_SALTBYTES];
	unsigned char out[32];
	if (crypto_pwhash_argon2id(out, sizeof(out), password.len ? password.ptr : "",
	                           (unsigned long long)password.len, salt, (unsigned long long)cost.passes,
	                           (size_t)cost.memory, crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
		return;         /* no memory: nor would a real one have been checked */
}

bool password_verify(str hash, str password, struct password_cost cost)
{
	char stored[crypto_pwhash_argon2id_STRBYTES];
	if (!usable(password))
		return false;
	if (!as_stored(hash, stored)) {
		spend(password, cost);
		return false;
	}
	return crypto_pwhash_argon2id_str_verify(stored, password.len ? password.ptr : "",
		(unsigned long long)password.len) == 0;
}

bool password_needs_rehash(str hash, struct password_cost cost)
{
	char stored[crypto_pwhash_argon2id_STRBYTES];
	return !as_stored(hash, stored) || crypto_pwhash_argon2id_str_needs_rehash(stored,
		(unsigned long long)cost.passes, (size_t)cost.memory) != 0;
}
