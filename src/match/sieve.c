#include "match/sieve.h"
#include "base/text.h"
#include "match/image.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

bool sieve_verbatim(const char *gram)
{
	bool number = true;
	for (int i = 0; i < 4; i++) {
		unsigned char c = (unsigned char)gram[i];
		if (c < 0x20 || c > 0x7e || c == '"' || c == '\\' || c == '/')
			return false;
		number &= strchr("0123456789.+-eE", c) != NULL;
	}
	return !number;
}

void sieve_build(const uint32_t *grams, ptrdiff_t count, uint64_t out[static SIEVE_WORDS])
{
	uint8_t table[8][16]; /* low of byte 0, high of byte 0, low of byte 1 .. */
	memset(table, 0, sizeof table);
	for (ptrdiff_t i = 0; i < count; i++)
		for (int k = 0; k < 4; k++) {
			uint8_t c = (uint8_t)(grams[i] >> (8 * k) | 0x20),
				bucket = (uint8_t)(1u << (i * 8 / count));
			table[2 * k][c & 15] |= bucket;
			table[2 * k + 1][c >> 4] |= bucket;
		}
	memcpy(out, table, sizeof table);
}

static uint32_t folded_gram(const char *p)
{
	uint32_t out = 0;
	for (int i = 0; i < 4; i++) {
		uint32_t c = (unsigned char)p[i];
		out |= (c >= 'A' && c <= 'Z' ? c + 32 : c) << (8 * i);
	}
	return out;
}

static bool plain(char c)
{
	return c >= 0x20 && c != 0x7f && c != '"' && c != '\\' && c != '/';
}

static char folded(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* What JSON writes plainly around the witness of the keyword, up to the first byte that it may not,
 * stands at p. */
static bool stands(const struct image *im, const struct image_posting *k, const char *p, str json)
{
	const char *lit = im->strings + k->literal.at, *end = json.ptr + json.len;
	for (ptrdiff_t i = 1; i <= k->witness && plain(lit[k->witness - i]); i++)
		if (p - i < json.ptr || folded(p[-i]) != lit[k->witness - i])
			return false;
	for (ptrdiff_t i = 4; k->witness + i < k->literal.len && plain(lit[k->witness + i]); i++)
		if (p + i >= end || folded(p[i]) != lit[k->witness + i])
			return false;
	return true;
}

static bool gram_may(const struct sieve *s, const char *p, str json)
{
	uint32_t gram = folded_gram(p), bit = image_gram_bit(gram, s->of->filter_bits);
	const struct image *im = s->im;
	if (!(im->words[s->of->filter + (bit >> 6)] >> (bit & 63) & 1))
		return false;
	struct image_table t = s->of->tables[INDEX_GRAM];
	const struct image_slot *slots = im->slots + t.first;
	for (uint32_t i = image_slot_of(gram, t.mask); slots[i].postings.count; i = (i + 1) & t.mask)
		for (uint32_t j = 0; slots[i].key == gram && j < slots[i].postings.count; j++)
			if (stands(im, &im->postings[slots[i].postings.first + j], p, json))
				return true;
	return false;
}

/* A byte that begins U+212A or U+017F. */
static bool folds_to_ascii(const char *p, const char *end)
{
	return (end - p >= 3 && memcmp(p, "\xE2\x84\xAA", 3) == 0) ||
	       (end - p >= 2 && memcmp(p, "\xC5\xBF", 2) == 0);
}

/* The escape at p can stand for a byte of a keyword that JSON need not escape. */
static bool hides(const char *p, const char *end)
{
	static const bool known[256] = { ['\\'] = true, ['"'] = true, ['/'] = true, ['b'] = true,
					 ['f'] = true,  ['n'] = true, ['r'] = true, ['t'] = true };
	if (end - p < 2 || known[(unsigned char)p[1]])
		return false;
	uint32_t v = 0;
	for (int i = 2; i < 6; i++) {
		int digit = p + i < end ? text_hex_value(p[i]) : -1;
		if (p[1] != 'u' || digit < 0)
			return true; /* no escape that JSON knows: the character itself */
		v = v << 4 | (uint32_t)digit;
	}
	return (v < 0x80 && plain((char)v)) || v == 0x212A || v == 0x17F;
}

static bool may_hold_plain(const struct sieve *s, const char *p, str json)
{
	const char *end = json.ptr + json.len;
	for (; p < end; p++) {
		if (*p == '\\') {
			if (hides(p, end))
				return true;
			p++;
		} else if ((*p & 0x80 && folds_to_ascii(p, end)) || (end - p >= 4 && gram_may(s, p, json)))
			return true;
	}
	return false;
}

#ifdef __x86_64__
__attribute__((target("avx2"))) static __m256i table_at(const struct sieve *s, int i)
{
	return _mm256_broadcastsi128_si256(
		_mm_loadu_si128((const __m128i *)(const void *)(s->im->words + s->of->sieve + 2 * i)));
}

struct tables {
	__m256i low[4], high[4];
};

/* Bits of the 32 places from p where a fingerprint fits. */
__attribute__((target("avx2"))) static inline uint32_t fingerprints(const struct tables *t, const char *p)
{
	const __m256i bit = _mm256_set1_epi8(0x20), nibble = _mm256_set1_epi8(15);
	__m256i all = _mm256_set1_epi8(-1);
	for (int k = 0; k < 4; k++) {
		__m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(p + k));
		v = _mm256_or_si256(v, bit);
		__m256i low = _mm256_shuffle_epi8(t->low[k], _mm256_and_si256(v, nibble));
		__m256i high =
			_mm256_shuffle_epi8(t->high[k], _mm256_and_si256(_mm256_srli_epi16(v, 4), nibble));
		all = _mm256_and_si256(all, _mm256_and_si256(low, high));
	}
	return ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(all, _mm256_setzero_si256()));
}

__attribute__((target("avx2"))) static inline uint32_t equal_to(__m256i v, char c)
{
	return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, _mm256_set1_epi8(c)));
}

__attribute__((target("avx2"))) static bool may_hold_wide(const struct sieve *s, str json)
{
	struct tables t;
	const char *p = json.ptr, *end = p + json.len;
	bool escaped = false; /* the first byte belongs to an escape that began before */
	for (int k = 0; k < 4; k++) {
		t.low[k] = table_at(s, 2 * k);
		t.high[k] = table_at(s, 2 * k + 1);
	}
	for (; end - p >= 40; p += 32) {
		__m256i v = _mm256_loadu_si256((const __m256i *)(const void *)p);
		uint32_t found = fingerprints(&t, p), slashes = equal_to(v, '\\');
		uint32_t odd = equal_to(v, (char)0xE2) | equal_to(v, (char)0xC5);
		for (; found; found &= found - 1)
			if (gram_may(s, p + __builtin_ctz(found), json))
				return true;
		for (; odd; odd &= odd - 1)
			if (folds_to_ascii(p + __builtin_ctz(odd), end))
				return true;
		slashes &= ~(uint32_t)escaped;
		escaped = false;
		while (slashes) {
			int i = __builtin_ctz(slashes);
			if (hides(p + i, end))
				return true;
			escaped = i == 31;
			slashes &= ~(i == 31 ? 1u << 31 : 3u << i);
		}
	}
	return may_hold_plain(s, p + escaped, json);
}
#endif

bool sieve_may_hold(const struct sieve *s, str json)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2"))
		return may_hold_wide(s, json);
#endif
	return may_hold_plain(s, json.ptr, json);
}
