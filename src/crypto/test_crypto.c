/* Published vectors, and what our own doors add to the libraries behind them. */
#include "crypto/crypto.h"

#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/otp.h"
#include "crypto/password.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "crypto/secret.h"
#include "crypto/sign.h"

static const struct password_cost cheap = { 1, 8192 };

static str unhex(struct arena *a, const char *hex)
{
	str bytes = { 0 };
	struct err err;
	ASSERT(text_from_hex(a, str_from(hex), &bytes, &err));
	return bytes;
}

static str repeated(struct arena *a, char c, ptrdiff_t n)
{
	char *p = NEW(a, char, n);
	memset(p, c, (size_t)n);
	return (str){ p, n };
}

static void test_sha256(struct arena *a)        /* FIPS 180-2 appendix B, NIST's example values */
{
	const struct { str message; const char *digest; } v[] = {
		{ { 0 }, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ S("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ S("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
		{ repeated(a, 'a', 1000000),
		  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(v); i++) {
		struct hash256 whole = hash256_of(v[i].message), parts, back;
		struct hash h;
		struct err err;
		ASSERT(str_eq(hash256_hex(a, whole), str_from(v[i].digest)));
		hash_init(&h);
		for (ptrdiff_t at = 0, step = 1; at < v[i].message.len; at += step, step = step * 2 + 1)
			hash_add(&h, str_sub(v[i].message, at, at + step));
		hash_done(&h, parts.b);
		ASSERT(hash256_eq(whole, parts));
		hash_add(&h, S("abc"));                 /* as new after hash_done */
		hash_done(&h, parts.b);
		ASSERT(hash256_eq(parts, hash256_of(S("abc"))));
		ASSERT(hash256_from_hex(str_from(v[i].digest), &back, &err) && hash256_eq(back, whole));
	}
}

static void test_hash_values(struct arena *a)
{
	struct hash256 h = hash256_of(S("x")), kept = h;
	struct err err;
	str hex = hash256_hex(a, h);
	ASSERT(!hash256_from_hex(str_sub(hex, 0, 63), &h, &err) && !hash256_from_hex(S(""), &h, &err));
	ASSERT(!hash256_from_hex(arena_printf(a, "%.63sg", hex.ptr), &h, &err) && err.code == ERR_INPUT);
	ASSERT(!hash256_from_bytes(S("short"), &h, &err) && hash256_eq(h, kept));
	ASSERT(hash256_from_bytes(hash256_bytes(&kept), &h, &err) && hash256_eq(h, kept));
	ASSERT(hash256_is_zero((struct hash256){ { 0 } }) && !hash256_is_zero(h));
	ASSERT(hash_equal_secrets(S("abc"), S("abc")) && !hash_equal_secrets(S("abc"), S("abd")));
	ASSERT(!hash_equal_secrets(S("abc"), S("ab")) && hash_equal_secrets(S(""), (str){ 0 }));
}

static void test_hmac(struct arena *a)          /* RFC 4231 section 4 */
{
	const struct { str key, data; const char *tag; } v[] = {
		{ repeated(a, 0x0b, 20), S("Hi There"),
		  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
		{ S("Jefe"), S("what do ya want for nothing?"),
		  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
		{ repeated(a, (char)0xaa, 20), repeated(a, (char)0xdd, 50),
		  "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
		{ unhex(a, "0102030405060708090a0b0c0d0e0f10111213141516171819"), repeated(a, (char)0xcd, 50),
		  "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
		{ repeated(a, (char)0xaa, 131), S("Test Using Larger Than Block-Size Key - Hash Key First"),
		  "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
		{ repeated(a, (char)0xaa, 131),
		  S("This is a test using a larger than block-size key and a larger than block-size data. "
		    "The key needs to be hashed before being used by the HMAC algorithm."),
		  "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(v); i++) {
		struct hash256 tag;
		hash_hmac_sha256(v[i].key, v[i].data, tag.b);
		ASSERT(str_eq(hash256_hex(a, tag), str_from(v[i].tag)));
	}
}

static const struct { const char *seed, *public, *message, *signature; } rfc8032[] = {  /* section 7.1 */
	{ "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
	  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
	  "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
	{ "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
	  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	  "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
	{ "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	  "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
	  "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
	  "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
};

static void test_sign(struct arena *a)
{
	for (ptrdiff_t i = 0; i < COUNTOF(rfc8032); i++) {
		str message = unhex(a, rfc8032[i].message), good = unhex(a, rfc8032[i].signature);
		struct sign_key *key = sign_key_from_seed((const uint8_t *)unhex(a, rfc8032[i].seed).ptr);
		struct sign_public public = sign_key_public(key);
		struct signature s = sign_bytes(key, message);
		ASSERT(str_eq((str){ (const char *)public.b, 32 }, unhex(a, rfc8032[i].public)));
		ASSERT(str_eq((str){ (const char *)s.b, 64 }, good));
		ASSERT(sign_verify(public, message, good) && !sign_verify(public, S("other"), good));
		ASSERT(!sign_verify(public, message, str_sub(good, 0, 63)) &&
			!sign_verify(public, message, (str){ 0 }));
		for (int bit = 0; bit < 512; bit += 37) {
			s.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
			ASSERT(!sign_verify(public, message, (str){ (const char *)s.b, 64 }));
			s.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		sign_key_free(key);
	}
}

/* S plus the order of the group signs the same for a careless verifier (RFC 8032 section 8.4). */
static void test_second_signature(struct arena *a)
{
	static const char order[] = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
	const uint8_t *l = (const uint8_t *)unhex(a, order).ptr;
	struct sign_public public, weak = { { 1 } };
	struct signature s;
	struct err err;
	int carry = 0;
	ASSERT(sign_public_from_bytes(unhex(a, rfc8032[1].public), &public, &err));
	memcpy(s.b, unhex(a, rfc8032[1].signature).ptr, 64);
	for (int i = 0; i < 32; i++) {
		carry += s.b[32 + i] + l[i];
		s.b[32 + i] = (uint8_t)carry;
		carry >>= 8;
	}
	ASSERT(carry == 0 && !sign_verify(public, S("r"), (str){ (const char *)s.b, 64 }));
	memset(&s, 0, sizeof(s));
	s.b[0] = 1;                             /* good for every message under the key of order one */
	ASSERT(!sign_verify(weak, S("anything"), (str){ (const char *)s.b, 64 }));
	ASSERT(!sign_public_from_bytes(S("31 bytes are not a key........."), &public, &err));
}

static void test_key_files(struct arena *a, struct rng *r)
{
	struct sign_key *key = sign_key_make(r), *again = NULL;
	struct sign_public public = sign_key_public(key), back;
	struct secret *line = sign_key_write(key);
	struct err err;
	ASSERT(sign_key_parse(secret_reveal(line), &again, &err));
	ASSERT(sign_public_eq(sign_key_public(again), public));
	sign_key_free(again);
	again = NULL;
	ASSERT(!sign_key_parse(str_sub(secret_reveal(line), 0, 60), &again, &err) && again == NULL);
	ASSERT(str_find(str_from(err.text), str_sub(secret_reveal(line), 21, 30)) < 0);
	str text = sign_public_format(a, public);
	ASSERT(sign_public_parse(text, &back, &err) && sign_public_eq(back, public));
	ASSERT(sign_public_parse(arena_printf(a, "%s\r\n", text.ptr), &back, &err));
	ASSERT(!sign_public_parse(secret_reveal(line), &back, &err));
	ASSERT(!sign_public_parse(arena_printf(a, "%s\n\n", text.ptr), &back, &err));
	ASSERT(!sign_public_parse(S("naubat-public-key-1 "), &back, &err) &&
		!sign_public_parse(S(""), &back, &err));
	char *wrong = arena_cstr(a, text);
	wrong[text.len - 10] = (char)(wrong[text.len - 10] | 0x80);
	ASSERT(!sign_public_parse(str_from(wrong), &back, &err));
	secret_free(line);
	sign_key_free(key);
}

static void test_secret(struct rng *r)
{
	char mine[] = "correct horse";
	struct secret *s = secret_new(str_from(mine)), *empty = secret_new(S("")),
		*random = secret_random(r, 33);
	secret_wipe(mine, sizeof(mine));
	ASSERT(mine[0] == '\0' && mine[12] == '\0');
	ASSERT(secret_equal(s, S("correct horse")) && !secret_equal(s, S("correct horsf")));
	ASSERT(secret_reveal(s).ptr[13] == '\0' && secret_reveal(empty).len == 0 &&
		secret_equal(empty, S("")));
	ASSERT(secret_reveal(random).len == 33 && !secret_equal(random, secret_reveal(s)));
	secret_free(s);
	secret_free(empty);
	secret_free(random);
	secret_free(NULL);
}

static void test_random(struct arena *a)
{
	struct rng_seeded one, two, other;
	uint8_t x[40], y[40], z[40];
	rng_seeded_init(&one, S("naubat"));
	rng_seeded_init(&two, S("naubat"));
	rng_seeded_init(&other, S("naubat2"));
	one.rng.fill(&one.rng, x, sizeof(x));
	two.rng.fill(&two.rng, y, 7);
	ASSERT(memcmp(x, y, 7) == 0);
	/* head -c 8 /dev/zero | openssl enc -chacha20 -K $(printf naubat | sha256sum) -iv 00..00 */
	ASSERT(str_eq(text_hex(a, (str){ (const char *)x, 8 }), S("88b6e099c9d66206")));
	other.rng.fill(&other.rng, z, sizeof(z));
	ASSERT(memcmp(x, z, sizeof(x)) != 0 && rng_u64(&one.rng) == rng_u64(&two.rng));
	bool seen[7] = { false };
	for (int i = 0; i < 200; i++) {
		uint64_t n = rng_below(&one.rng, 7);
		ASSERT(n < 7);
		seen[n] = true;
	}
	for (int i = 0; i < 7; i++)
		ASSERT(seen[i]);
	ASSERT(rng_below(&one.rng, 1) == 0);
	struct rng real = rng_real();
	ASSERT(rng_u64(&real) != rng_u64(&real));
}

static void test_password(struct arena *a)
{
	struct err err = { 0 };
	str hash = { 0 }, second = { 0 };
	ASSERT(password_hash(a, S("نوبت correct"), cheap, &hash, &err) &&
		str_starts(hash, S("$argon2id$v=19$m=8,t=1,")));
	ASSERT(password_hash(a, S("نوبت correct"), cheap, &second, &err) && !str_eq(hash, second));
	ASSERT(password_verify(hash, S("نوبت correct"), cheap) &&
		password_verify(second, S("نوبت correct"), cheap));
	ASSERT(!password_verify(hash, S("نوبت correcT"), cheap) && !password_verify(hash, S(""), cheap));
	ASSERT(!password_verify(S(""), S("x"), cheap) &&
		!password_verify(S("$argon2id$nonsense"), S("x"), cheap));
	ASSERT(!password_verify(repeated(a, '$', 500), S("x"), cheap));
	ASSERT(!password_needs_rehash(hash, cheap) &&
		password_needs_rehash(hash, (struct password_cost){ 2, 8192 }));
	ASSERT(password_needs_rehash(hash, password_cost_default()) && password_needs_rehash(S("?"), cheap));

	str longest = repeated(a, 'x', PASSWORD_BYTES_MOST);
	str beyond = repeated(a, 'x', PASSWORD_BYTES_MOST + 1);
	ASSERT(password_hash(a, longest, cheap, &hash, &err) && password_verify(hash, longest, cheap));
	ASSERT(!password_hash(a, beyond, cheap, &hash, &err) && err.code == ERR_INPUT);
	ASSERT(!password_verify(hash, beyond, cheap) && !password_hash(a, S("a\0b"), cheap, &hash, &err));
}

static void test_password_check(struct arena *a)
{
	struct err err;
	int least = PASSWORD_CHARACTERS_LEAST;
	ASSERT(password_check(S("four odd words"), least, &err) &&
		password_check(S("نوبت نوبت نوبت"), least, &err));
	ASSERT(!password_check(S("elevenchars"), least, &err) &&
		str_find(str_from(err.text), S("at least 12")) >= 0);
	ASSERT(!password_check(S("نوبتنوبت"), least, &err));     /* characters, not bytes */
	ASSERT(!password_check(repeated(a, 'a', 40), least, &err) &&
		!password_check(S("نننننننننننننن"), least, &err));
	ASSERT(!password_check(repeated(a, 'a', 1025), least, &err) &&
		!password_check(S("caf\xe9 caf\xe9 caf\xe9"), least, &err));
	ASSERT(!password_check(S(""), 1, &err) && !password_check(S("nul\0nul nul nul"), least, &err));
}

static const str otp_secret = { "12345678901234567890", 20 };

static void test_otp_vectors(void)              /* RFC 6238 appendix B; ours are the last six of its digits */
{
	static const struct { int64_t second; const char *code; } v[] = {
		{ 59, "287082" }, { 1111111109, "081804" }, { 1111111111, "050471" },
		{ 1234567890, "005924" }, { 2000000000, "279037" }, { 20000000000, "353130" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(v); i++) {
		int64_t step = -7;
		struct instant t = { SECONDS(v[i].second) };
		ASSERT(otp_verify(otp_secret, t, str_from(v[i].code), OTP_NO_STEP, &step) &&
			step == v[i].second / 30);
		ASSERT(!otp_verify(otp_secret, t, str_from(v[i].code), step, &step));          /* used */
		ASSERT(!otp_verify(S("another secret......"), t, str_from(v[i].code), OTP_NO_STEP, &step));
	}
}

static void test_otp_window(void)
{
	int64_t step = 0;
	for (int64_t at = 0; at <= 180; at += 10) {     /* 081804 is the code of step 37037036 */
		struct instant t = { SECONDS((int64_t)37037036 * 30 - 60 + at) };
		bool good = otp_verify(otp_secret, t, S("081 804"), OTP_NO_STEP, &step);
		ASSERT(good == (at >= 30 && at < 120));
		ASSERT(!good || step == 37037036);
	}
	struct instant t = { SECONDS(1111111109) };
	static const char *const bad[] = { "", "08180", "0818040", "08180a", "-81804", "081804\n", "      " };
	for (ptrdiff_t i = 0; i < COUNTOF(bad); i++)
		ASSERT(!otp_verify(otp_secret, t, str_from(bad[i]), OTP_NO_STEP, &step));
	ASSERT(!otp_verify(otp_secret, (struct instant){ -5 }, S("081804"), OTP_NO_STEP, &step));
	ASSERT(otp_verify(otp_secret, (struct instant){ 0 }, S("755224"), OTP_NO_STEP, &step));
	ASSERT(step == 0);                      /* that was the first code of RFC 4226 appendix D */
}

static void test_otp_uri(struct arena *a, struct rng *r)
{
	uint8_t made[OTP_SECRET_BYTES] = { 0 };
	otp_secret_make(r, made);
	ASSERT(otp_secret_text(a, (str){ (const char *)made, sizeof(made) }).len == 39);
	ASSERT(str_eq(otp_uri(a, S("PK-NCERT & co"), S("a b@x.pk"), otp_secret),
		S("otpauth://totp/PK-NCERT%20%26%20co:a%20b%40x.pk?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
		  "&issuer=PK-NCERT%20%26%20co&algorithm=SHA1&digits=6&period=30")));
	ASSERT(str_eq(otp_secret_text(a, otp_secret), S("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ")));
}

static void test_seal(struct arena *a)
{
	struct err err = { 0 };
	struct rng_seeded r;
	struct seal_key key = seal_key_of(S("0123456789abcdef0123456789abcdef"), "test"),
			other = seal_key_of(S("0123456789abcdef0123456789abcdef"), "another");
	str plain, sealed;
	rng_seeded_init(&r, S("seal"));
	sealed = seal_close(a, &r.rng, &key, S("twenty bytes of code"), S("account one"));
	ASSERT(sealed.len == 20 + SEAL_EXTRA_BYTES && str_find(sealed, S("twenty")) < 0);
	ASSERT(!str_eq(sealed, seal_close(a, &r.rng, &key, S("twenty bytes of code"), S("account one"))));
	ASSERT(seal_open(a, &key, sealed, S("account one"), &plain, &err));
	ASSERT(str_eq(plain, S("twenty bytes of code")));
	ASSERT(!seal_open(a, &key, sealed, S("account two"), &plain, &err) && err.code == ERR_INPUT);
	ASSERT(!seal_open(a, &other, sealed, S("account one"), &plain, &err));
	ASSERT(!seal_open(a, &key, S("twenty bytes of code"), S("account one"), &plain, &err));
	ASSERT(!seal_open(a, &key, S(""), S(""), &plain, &err));
	for (ptrdiff_t i = 0; i < sealed.len; i++) {
		str bad = arena_dup(a, sealed);
		((char *)(uintptr_t)bad.ptr)[i] ^= 1;
		ASSERT(!seal_open(a, &key, bad, S("account one"), &plain, &err));
		ASSERT(!seal_open(a, &key, str_sub(sealed, 0, i), S("account one"), &plain, &err));
	}
	sealed = seal_close(a, &r.rng, &key, S(""), S(""));
	ASSERT(seal_open(a, &key, sealed, S(""), &plain, &err) && plain.len == 0);
}

static void test_common_passwords(void)
{
	static const char *const common[] = {
		"password1234", "Password12345!", "123456789012", "!!qwertyuiop!!",
		"1q2w3e4r5t6y", "Pakistan@2026",  "000000000000", "ADMINISTRATOR",
	};
	static const char *const good[] = {
		"correct horse battery", "lamp river seven otter", "xkqvjzwrtplm",
		"سلام کراچی دریا",       "password manager made me",
	};
	for (ptrdiff_t i = 0; i < COUNTOF(common); i++)
		ASSERT(password_is_common(str_from(common[i])));
	for (ptrdiff_t i = 0; i < COUNTOF(good); i++)
		ASSERT(!password_is_common(str_from(good[i])));
}

int main(void)
{
	struct arena a;
	struct err err;
	arena_init(&a, 1 << 26, 1 << 28);
	ASSERT(crypto_init(&err) && crypto_init(&err) && otp_init(&err));
	struct rng real = rng_real();
	test_sha256(&a);
	test_hash_values(&a);
	test_hmac(&a);
	test_sign(&a);
	test_second_signature(&a);
	test_key_files(&a, &real);
	test_secret(&real);
	test_random(&a);
	test_password(&a);
	test_password_check(&a);
	test_common_passwords();
	test_seal(&a);
	test_otp_vectors();
	test_otp_window();
	test_otp_uri(&a, &real);
	arena_done(&a);
	return 0;
}
