/* observable_word.h - the words of a text, and the state of one pass over it: what observable_scan.c and
 * observable_url.c have in common.
 *
 * Looking ahead never makes the pass quadratic: it is bounded, or v6_until and local_until remember how far
 * it was in vain.
 */
#pragma once
#include "model/network.h"
#include "model/observable_scan.h"

enum {
	WORD_MAX = 320,                 /* longer words are no observables */
};

/* A word: labels of letters, digits, '-' and '_' with single dots between them. */
struct word {
	uint32_t    code[WORD_MAX];
	uint8_t     form[WORD_MAX];
	ptrdiff_t   at[WORD_MAX + 1];    /* where each unit starts; at[count] is the end */
	int         count, dots;
	bool        over;               /* too long: the rest was skipped */
	struct unit after;              /* the unit that ended it */
	ptrdiff_t   end;
};

struct scan {
	str        text;
	scan_sink *sink;
	void      *context;
	bool       stopped;
	ptrdiff_t  v6_until;            /* no IPv6 address starts before this */
	ptrdiff_t  local_until;         /* no at sign stands before this */
	struct word word, host;
	char       value[OBSERVABLE_URL_MAX];
	int        value_len;
};

struct v6_text {
	char      text[64];
	ptrdiff_t at[65];               /* where each unit starts, and the end */
	int       len;
};

static inline bool word_is_digit(uint32_t c)
{
	return c - '0' < 10u;
}

static inline bool word_is_hex(uint32_t c)
{
	return word_is_digit(c) || (c | 32) - 'a' < 6u;
}

static inline char word_lower(uint32_t c)
{
	return (char)(c - 'A' < 26u ? c + 32 : c);
}

bool    word_starts_label(uint32_t c);  /* a letter of any script, a digit, '_' */
bool    word_is_label(uint32_t c);      /* or '-' */

/* The word at `at`, behind `before`.  Too long a one is read to its end, but not kept. */
void    word_read(const struct scan *s, ptrdiff_t at, uint32_t before, struct word *r);

/* The value of the digits at *i of the word, at most 10 of them without a leading zero; -1 if there are
 * none. */
int64_t word_number(const struct word *r, int *i);
bool    word_starts(const struct word *r, const char *lower_case);      /* in any case */
/* four numbers fill [from, to) */
bool    word_is_v4(const struct word *r, int from, int to, struct ip *out);

/* Hexadecimal digits, colons, and dots between digits. */
void    word_read_v6(struct scan *s, ptrdiff_t at, uint32_t before, struct v6_text *v);

void    scan_emit(struct scan *s, struct scan_found found);

/* The value that is being made.  Past the maximum the rest is dropped: only URLs can be so long. */
void    scan_value_start(struct scan *s);
void    scan_value_char(struct scan *s, char c);
void    scan_value_str(struct scan *s, str text);
str     scan_value(const struct scan *s);
