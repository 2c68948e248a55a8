#include "crypto/otp.h"

#include <liboath/oath.h>
#include <stdlib.h>
#include <time.h>
#include "base/buf.h"
#include "crypto/hash.h"

enum { DIGITS = 6, STEP_SECONDS = 30, WINDOW = 1 };

bool otp_init(struct err *err)
{
	int rc = oath_init();
	if (rc != OATH_OK)
		return err_set(err, ERR_SYSTEM, "liboath does not start: %s", oath_strerror(rc));
	return true;
}

void otp_secret_make(struct rng *r, uint8_t out[static OTP_SECRET_BYTES])
{
	r->fill(r, out, OTP_SECRET_BYTES);
}

static str base32(struct arena *a, str secret)
{
	char *text = NULL;
	size_t n = 0;
	int rc = oath_base32_encode(secret.ptr, (size_t)secret.len, &text, &n);
	ASSERT(rc == OATH_OK);                  /* it fails without memory alone */
	str copy = arena_dup(a, (str){ text, (ptrdiff_t)n });
	explicit_bzero(text, n);
	free(text);
	while (str_ends(copy, S("=")))          /* the key URI format has no padding */
		copy.len--;
	return copy;
}

str otp_secret_text(struct arena *a, str secret)
{
	struct buf b;
	str text = base32(a, secret);
	buf_init(&b, a, 256);
	for (ptrdiff_t i = 0; i < text.len; i += 4) {
		if (i)
			buf_add_char(&b, ' ');
		buf_add(&b, str_sub(text, i, i + 4));
	}
	return buf_str(&b);
}

/* RFC 3986 section 2.3: whatever is not unreserved is escaped. */
static void add_percent(struct buf *b, str s)
{
	static const char hex[] = "0123456789ABCDEF";
	for (ptrdiff_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
			c == '-' || c == '.' || c == '_' || c == '~';
		if (plain)
			buf_add_char(b, (char)c);
		else
			buf_add(b, (str){ (const char[]){ '%', hex[c >> 4], hex[c & 15] }, 3 });
	}
}

str otp_uri(struct arena *a, str issuer, str account, str secret)
{
	struct buf b;
	buf_init(&b, a, 4096);
	issuer = str_sub(issuer, 0, 256);
	buf_add(&b, S("otpauth://totp/"));
	add_percent(&b, issuer);
	buf_add_char(&b, ':');
	add_percent(&b, str_sub(account, 0, 256));
	buf_add(&b, S("?secret="));
	buf_add(&b, base32(a, secret));
	buf_add(&b, S("&issuer="));
	add_percent(&b, issuer);
	buf_add(&b, S("&algorithm=SHA1&digits=6&period=30"));
	ASSERT(!b.over);
	return buf_str(&b);
}

/* The six digits of it, if that is what it holds beside blanks. */
static bool read_code(str code, char out[static DIGITS + 1])
{
	int n = 0;
	for (ptrdiff_t i = 0; i < code.len; i++) {
		char c = code.ptr[i];
		if (c == ' ')
			continue;
		if (c < '0' || c > '9' || n == DIGITS)
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	return n == DIGITS;
}

/* Every step of the window is tried, so that the time tells nothing of which one matched. */
bool otp_verify(str secret, struct instant now, str code, int64_t after_step, int64_t *out_step)
{
	char typed[DIGITS + 1], good[DIGITS + 1];
	int64_t step = now.us / SECONDS(STEP_SECONDS), matched = OTP_NO_STEP;
	if (now.us < 0 || !read_code(code, typed))
		return false;
	for (int64_t s = MAX(step - WINDOW, 0); s <= step + WINDOW; s++) {
		int rc = oath_totp_generate(secret.ptr, (size_t)secret.len, (time_t)(s * STEP_SECONDS),
			STEP_SECONDS, 0, DIGITS, good);
		if (rc == OATH_OK && hash_equal_secrets((str){ typed, DIGITS }, (str){ good, DIGITS }) &&
		    s > after_step)
			matched = s;
	}
	if (matched == OTP_NO_STEP)
		return false;
	*out_step = matched;
	return true;
}
