#include "mail/thread.h"

#include "base/text.h"
#include "mail/address.h"

enum { TOKENS_MAX = 16, SUBJECT_MAX = 1000, PREFIX_MAX = 24, TAIL_MIN = 5, TAIL_MAX = 12 };

str thread_reply_address(struct arena *a, str local, str token, str domain)
{
	ASSERT(token.len == THREAD_TOKEN_LENGTH);
	str address = arena_printf(a, STR_FMT "+" STR_FMT "@" STR_FMT, STR_ARG(local), STR_ARG(token),
		STR_ARG(domain));
	char *p = arena_cstr(a, address);
	for (ptrdiff_t i = local.len + 1; i <= local.len + token.len; i++)
		p[i] = (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] + 32 : p[i]);
	return (str){ p, address.len };
}

str thread_token_of(struct arena *a, str address, str local, str domain)
{
	str left = address_local(address);
	str plus = str_sub(left, local.len, local.len + 1), token = str_sub(left, local.len + 1, left.len);
	if (!str_eq_nocase(address_domain(address), domain) || !str_starts_nocase(left, local) ||
	    !str_eq(plus, S("+")) || token.len != THREAD_TOKEN_LENGTH)
		return (str){ 0 };
	char *p = NEW(a, char, THREAD_TOKEN_LENGTH + 1);
	for (ptrdiff_t i = 0; i < token.len; i++) {
		int value = text_base32_value(token.ptr[i]);
		if (value < 0)
			return (str){ 0 };
		p[i] = text_base32_char(value);
	}
	return (str){ p, token.len };
}

static void add_new(struct mail_strings *list, ptrdiff_t max, str item)
{
	for (ptrdiff_t i = 0; i < list->count; i++)
		if (str_eq(list->items[i], item))
			return;
	if (list->count < max && item.len > 0)
		list->items[list->count++] = item;
}

struct mail_strings thread_find_tokens(struct arena *a, struct mail_strings addresses, str local, str domain)
{
	struct mail_strings list = { NEW(a, str, TOKENS_MAX), 0 };
	for (ptrdiff_t i = 0; i < addresses.count; i++)
		add_new(&list, TOKENS_MAX, thread_token_of(a, addresses.items[i], local, domain));
	return list;
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

static bool is_year(str s)
{
	int64_t year;
	return s.len == 4 && str_to_int(s, 2000, 2999, &year);
}

/* `word` holds only letters, digits and single hyphens.  Its last "-YEAR-RANDOM" with a prefix before it. */
static str number_in(str word)
{
	for (ptrdiff_t i = 2; i + 6 <= word.len; i++) {
		if (word.ptr[i - 1] != '-' || word.ptr[i + 4] != '-' || !is_year(str_sub(word, i, i + 4)))
			continue;
		str tail = str_cut(str_sub(word, i + 5, word.len), '-').head;
		ptrdiff_t from = i - 1;
		if (from <= PREFIX_MAX && tail.len >= TAIL_MIN && tail.len <= TAIL_MAX)
			return str_sub(word, 0, i + 5 + tail.len);
	}
	return (str){ 0 };
}

struct mail_strings thread_find_numbers(struct arena *a, str subject)
{
	struct mail_strings list = { NEW(a, str, THREAD_NUMBERS_MAX), 0 };
	subject = str_sub(subject, 0, SUBJECT_MAX);
	char *upper = arena_cstr(a, subject);
	for (ptrdiff_t i = 0; i < subject.len; i++)
		if (upper[i] >= 'a' && upper[i] <= 'z')
			upper[i] = (char)(upper[i] - 32);
	str text = { upper, subject.len };
	for (ptrdiff_t i = 0, n; i < text.len; i += n + 1) {
		for (n = 0; i + n < text.len; n++) {
			char c = text.ptr[i + n];
			bool hyphen = c == '-' && n > 0 && text.ptr[i + n - 1] != '-';
			if (!is_alnum(c) && !hyphen)
				break;
		}
		add_new(&list, THREAD_NUMBERS_MAX, number_in(str_sub(text, i, i + n)));
	}
	return list;
}
