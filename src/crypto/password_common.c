/* Passwords that are tried first: what is on the public lists of leaked ones and long enough for ours is a
 * word or a row of keys with digits and signs around it, so that words are compared, not the whole. */
#include "crypto/password.h"

enum { CORE_MOST = 128 };

static const char *const words[] = {
	"password", "passwort",  "passw0rd", "p4ssw0rd",  "p@ssw0rd",   "qwerty",       "qwertyuiop",
	"asdfgh",   "asdfghjkl", "zxcvbnm",  "letmein",   "welcome",    "admin",        "administrator",
	"root",     "iloveyou",  "monkey",   "dragon",    "sunshine",   "princess",     "football",
	"cricket",  "master",    "superman", "batman",    "trustno",    "whatever",     "computer",
	"internet", "security",  "secret",   "changeme",  "default",    "temp",         "temporary",
	"test",     "testing",   "guest",    "user",      "login",      "hello",        "abc",
	"abcdef",   "abcdefgh",  "pakistan", "islamabad", "karachi",    "lahore",       "india",
	"naubat",   "summer",    "winter",   "spring",    "autumn",     "january",      "december",
	"monday",   "friday",    "qazwsx",   "qazwsxedc", "zaqwsx",     "passwordpassword", "qwertyqwerty",
	"adminadmin", "welcomewelcome", "correcthorsebatterystaple",
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter(char c)
{
	return lower(c) >= 'a' && lower(c) <= 'z';
}

/* 123456789012, 1q2w3e4r5t6y: no two letters side by side. */
static bool has_no_word(str s)
{
	bool before = false;
	for (ptrdiff_t i = 0; i < s.len; i++) {
		bool letter = is_letter(s.ptr[i]) || (unsigned char)s.ptr[i] >= 0x80;
		if (letter && before)
			return false;
		before = letter;
	}
	return true;
}

bool password_is_common(str password)
{
	char core[CORE_MOST];
	ptrdiff_t first = 0, end = password.len, n = 0;
	while (first < end && !is_letter(password.ptr[first]))
		first++;
	while (end > first && !is_letter(password.ptr[end - 1]))
		end--;
	for (ptrdiff_t i = first; i < end && n < CORE_MOST; i++)
		core[n++] = lower(password.ptr[i]);
	for (ptrdiff_t i = 0; i < COUNTOF(words); i++)
		if (str_eq((str){ core, n }, str_from(words[i])))
			return true;
	return has_no_word(password);
}
