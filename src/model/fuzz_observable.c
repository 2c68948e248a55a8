/* Defanging keeps the set of observables (I2), values are printable ASCII (I3), no scheme is left (I4). */
#include "model/observable.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_among(const struct observables *all, const struct observable *o)
{
	for (ptrdiff_t i = 0; i < all->count; i++)
		if (all->items[i].type == o->type && str_eq(all->items[i].value, o->value))
			return all->items[i].derived == o->derived;
	return false;
}

static void check_value(struct arena *a, const struct observable *o, ptrdiff_t text_len)
{
	ASSERT(o->at >= 0 && o->len > 0 && o->at + o->len <= text_len && o->value.len > 0);
	for (ptrdiff_t i = 0; i < o->value.len; i++)
		ASSERT(o->value.ptr[i] > ' ' && o->value.ptr[i] < 0x7f);
	/* A value is canonical: defanged it is read as itself.  Alone, a domain may look like a file, and
	 * an IPv6 address like a name of C++. */
	str safe = observable_defang_one(a, o->type, o->value);
	if (o->type == OBSERVABLE_DOMAIN)
		safe = arena_printf(a, "hxxp://" STR_FMT, STR_ARG(safe));
	if (o->type == OBSERVABLE_IPV6)
		safe = arena_printf(a, "hxxp://[" STR_FMT "]", STR_ARG(safe));
	struct observables again = observable_extract(a, safe, 9);
	struct observable same = { .type = o->type, .value = o->value };
	ASSERT(o->value.len == OBSERVABLE_URL_MAX || is_among(&again, &same));
}

/* I4: no scheme of a link that starts a word, whatever stands behind. */
static bool has_link(str text)
{
	static const char *const links[] = { "http://", "https://", "ftp://", "ftps://" };
	for (ptrdiff_t i = 0; i < text.len; i++) {
		unsigned before = i ? (unsigned char)text.ptr[i - 1] : ' ';
		bool inside = (before | 32) - 'a' < 26u || before - '0' < 10u;
		for (ptrdiff_t k = 0; !inside && k < COUNTOF(links); k++)
			if (str_starts_nocase(str_sub(text, i, text.len), str_from(links[k])))
				return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	arena_init(&a, 1 << 28, 1 << 30);
	str text = { (const char *)data, (ptrdiff_t)size };
	struct observables plain = observable_extract(&a, text, 1 << 20);
	str safe = observable_defang(&a, text);
	struct observables after = observable_extract(&a, safe, 1 << 20);
	ASSERT(plain.count == after.count && !has_link(safe));
	for (ptrdiff_t i = 0; i < plain.count; i++) {
		ASSERT(is_among(&after, &plain.items[i]));
		check_value(&a, &plain.items[i], text.len);
		ASSERT(i == 0 || plain.items[i].at >= plain.items[i - 1].at);
	}
	ASSERT(str_eq(observable_defang(&a, safe), safe));
	struct observables first = observable_extract(&a, text, 1);
	ASSERT(first.count == MIN(plain.count, 1) && first.cut == (plain.count > 1));
	struct observable one;
	struct err err = { 0 };
	(void)!observable_parse(&a, text, &one, &err);
	arena_done(&a);
	return 0;
}
