#include "match/regex.h"
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <time.h>

enum {
	BACKTRACKS_MOST = 200000,
	BREADTH_MOST = 2000000,
	HEAP_KIB_MOST = 16384,
	WORKSPACE = 4096,
	PATTERN_MOST = 65536,
	SHORT_MOST = 16384,     /* bytes searched in one go */
	PLACES_LEAST = 64,      /* where a match may begin, between two looks at the clock: so many, or .. */
	PLACES_WORTH = 1 << 30, /* .. this over the length */
	BACKTRACKS_LEAST = 64,  /* the same for a long text: each may cost as much as its length */
	BACKTRACKS_WORTH = 1 << 30,
};

struct regex {
	pcre2_code *code, *breadth; /* breadth: when it was needed */
	str pattern;
	int flags;
	pcre2_match_data *data;
	pcre2_match_context *limits;
	uint32_t backtracks; /* that are allowed now */
};

/* `invalid`: for texts that may be no UTF-8, as pcre2_match can read; pcre2_dfa_match refuses such code. */
static pcre2_code *compile(str pattern, int flags, bool invalid, int *out_code, size_t *out_at)
{
	uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT |
			   (invalid ? PCRE2_MATCH_INVALID_UTF : 0) | (flags & 1 ? PCRE2_CASELESS : 0) |
			   (flags & 2 ? PCRE2_MULTILINE : 0) | (flags & 4 ? PCRE2_DOTALL : 0);
	return pcre2_compile((PCRE2_SPTR)pattern.ptr, (size_t)pattern.len, options, out_code, out_at, NULL);
}

bool regex_check(str pattern, int flags, struct err *err)
{
	int code;
	size_t at;
	if (pattern.len > PATTERN_MOST)
		return err_set(err, ERR_LIMIT, "it has %td bytes; at most %d are allowed", pattern.len,
			       PATTERN_MOST);
	for (ptrdiff_t i = 0; i + 1 < pattern.len; i += pattern.ptr[i] == '\\' ? 2 : 1)
		if (pattern.ptr[i] == '\\' && pattern.ptr[i + 1] == 'G')
			return err_set(err, ERR_INPUT,
				       "\\G, at character %td of it, has no meaning here: a value is "
				       "searched once",
				       i + 1);
	pcre2_code *c = compile(pattern, flags, true, &code, &at);
	if (!c) {
		char text[200];
		pcre2_get_error_message(code, (PCRE2_UCHAR *)text, sizeof text);
		return err_set(err, ERR_INPUT, "%s, at character %zu of it", text, at + 1);
	}
	pcre2_code_free(c);
	return true;
}

struct regex *regex_new(str pattern, int flags)
{
	int code;
	size_t at;
	struct regex *r = calloc(1, sizeof *r); /* heap: lives with a matcher */
	ASSERT(r);
	r->pattern = pattern;
	r->flags = flags;
	r->code = compile(pattern, flags, true, &code, &at);
	ASSERT(r->code);
	pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE); /* where it cannot, the interpreter serves */
	r->data = pcre2_match_data_create_from_pattern(r->code, NULL);
	r->limits = pcre2_match_context_create(NULL);
	ASSERT(r->data && r->limits);
	r->backtracks = BACKTRACKS_MOST;
	pcre2_set_match_limit(r->limits, r->backtracks);
	pcre2_set_heap_limit(r->limits, HEAP_KIB_MOST);
	return r;
}

void regex_free(struct regex *r)
{
	if (!r)
		return;
	pcre2_match_context_free(r->limits);
	pcre2_match_data_free(r->data);
	pcre2_code_free(r->code);
	pcre2_code_free(r->breadth);
	free(r);
}

static enum regex_verdict verdict_of(int got)
{
	return got >= 0 ? REGEX_YES : got == PCRE2_ERROR_NOMATCH ? REGEX_NO : REGEX_UNDECIDED;
}

static enum regex_verdict find_breadth_first(struct regex *r, str text, size_t from)
{
	int *workspace = calloc(WORKSPACE, sizeof *workspace); /* heap: rare, and large for a stack */
	ASSERT(workspace);
	int code;
	size_t at;
	if (!r->breadth)
		r->breadth = compile(r->pattern, r->flags, false, &code, &at);
	ASSERT(r->breadth);
	pcre2_set_match_limit(r->limits, BREADTH_MOST);
	int got = pcre2_dfa_match(r->breadth, (PCRE2_SPTR)text.ptr, (size_t)text.len, from,
				  PCRE2_DFA_SHORTEST, r->data, r->limits, workspace, WORKSPACE);
	pcre2_set_match_limit(r->limits, r->backtracks);
	free(workspace);
	return verdict_of(got);
}

static int64_t processor_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static enum regex_verdict find_backtracking(struct regex *r, str text, size_t from)
{
	return verdict_of(
		pcre2_match(r->code, (PCRE2_SPTR)text.ptr, (size_t)text.len, from, 0, r->data, r->limits));
}

static enum regex_verdict find_short(struct regex *r, str text, struct regex_time *left)
{
	enum regex_verdict v = find_backtracking(r, text, 0);
	if (v != REGEX_UNDECIDED)
		return v;
	int64_t before = processor_us();
	v = find_breadth_first(r, text, 0);
	left->left_us -= 1 + 2 * (processor_us() - before); /* the way there cost about as much */
	return v;
}

/* The last byte of the character at `at`, where it is one. */
static ptrdiff_t char_end(str text, ptrdiff_t at)
{
	for (int i = 0; i < 3 && at + 1 < text.len && (text.ptr[at + 1] & 0xC0) == 0x80; i++)
		at++;
	return at;
}

struct places {
	ptrdiff_t from, last, step;
};

/* Matches that begin at one of the places, `step` of them at a time, as long as there is time. */
static enum regex_verdict find_between(struct regex *r, str text, struct places p, bool breadth_first,
				       struct regex_time *left)
{
	for (ptrdiff_t from = p.from, end; from <= p.last; from = end + 1) {
		int64_t before = processor_us();
		end = char_end(text, MIN(from + p.step - 1, p.last));
		pcre2_set_offset_limit(r->limits, (size_t)end);
		enum regex_verdict v = breadth_first ? find_breadth_first(r, text, (size_t)from)
						     : find_backtracking(r, text, (size_t)from);
		left->left_us -= processor_us() - before;
		if (v == REGEX_UNDECIDED && !breadth_first && left->left_us > 0)
			v = find_between(r, text, (struct places){ from, end, 1 }, true, left);
		if (v != REGEX_NO)
			return v;
		if (end < p.last && left->left_us <= 0)
			return REGEX_UNDECIDED;
	}
	return REGEX_NO;
}

static enum regex_verdict find_long(struct regex *r, str text, struct regex_time *left)
{
	ptrdiff_t step = MAX(PLACES_LEAST, PLACES_WORTH / text.len);
	r->backtracks = (uint32_t)MAX(BACKTRACKS_LEAST, BACKTRACKS_WORTH / text.len);
	pcre2_set_match_limit(r->limits, r->backtracks);
	enum regex_verdict v = find_between(r, text, (struct places){ 0, text.len, step }, false, left);
	r->backtracks = BACKTRACKS_MOST;
	pcre2_set_match_limit(r->limits, r->backtracks);
	pcre2_set_offset_limit(r->limits, PCRE2_UNSET);
	return v;
}

enum regex_verdict regex_find(struct regex *r, str text, struct regex_time *left, ptrdiff_t *out_from,
			      ptrdiff_t *out_to)
{
	str bytes = text.ptr ? text : S("");
	if (left->left_us <= 0)
		return REGEX_UNDECIDED;
	enum regex_verdict v =
		bytes.len <= SHORT_MOST ? find_short(r, bytes, left) : find_long(r, bytes, left);
	if (v == REGEX_YES) {
		const size_t *at = pcre2_get_ovector_pointer(r->data);
		*out_from = (ptrdiff_t)at[0];
		*out_to = (ptrdiff_t)at[1];
	}
	return v;
}
