#include "match/regex.h"
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

enum {
	BACKTRACKS_MOST = 200000,
	BREADTH_MOST = 2000000,
	HEAP_KIB_MOST = 16384,
	WORKSPACE = 4096,
	PATTERN_MOST = 65536
};

struct regex {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
};

static pcre2_code *compile(str pattern, int flags, int *out_code, size_t *out_at)
{
	uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C |
			   (flags & 1 ? PCRE2_CASELESS : 0) | (flags & 2 ? PCRE2_MULTILINE : 0) |
			   (flags & 4 ? PCRE2_DOTALL : 0);
	return pcre2_compile((PCRE2_SPTR)pattern.ptr, (size_t)pattern.len, options, out_code, out_at, NULL);
}

bool regex_check(str pattern, int flags, struct err *err)
{
	int code;
	size_t at;
	if (pattern.len > PATTERN_MOST)
		return err_set(err, ERR_LIMIT, "it has %td bytes; at most %d are allowed", pattern.len,
			       PATTERN_MOST);
	pcre2_code *c = compile(pattern, flags, &code, &at);
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
	r->code = compile(pattern, flags, &code, &at);
	ASSERT(r->code);
	pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE); /* where it cannot, the interpreter serves */
	r->data = pcre2_match_data_create_from_pattern(r->code, NULL);
	r->limits = pcre2_match_context_create(NULL);
	ASSERT(r->data && r->limits);
	pcre2_set_match_limit(r->limits, BACKTRACKS_MOST);
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
	free(r);
}

static enum regex_verdict find_breadth_first(struct regex *r, str text)
{
	int *workspace = calloc(WORKSPACE, sizeof *workspace); /* heap: rare, and large for a stack */
	ASSERT(workspace);
	pcre2_set_match_limit(r->limits, BREADTH_MOST);
	int got = pcre2_dfa_match(r->code, (PCRE2_SPTR)text.ptr, (size_t)text.len, 0, PCRE2_DFA_SHORTEST,
				  r->data, r->limits, workspace, WORKSPACE);
	pcre2_set_match_limit(r->limits, BACKTRACKS_MOST);
	free(workspace);
	return got >= 0 ? REGEX_YES : got == PCRE2_ERROR_NOMATCH ? REGEX_NO : REGEX_UNDECIDED;
}

enum regex_verdict regex_find(struct regex *r, str text, ptrdiff_t *out_from, ptrdiff_t *out_to)
{
	str bytes = text.ptr ? text : S("");
	int got = pcre2_match(r->code, (PCRE2_SPTR)bytes.ptr, (size_t)bytes.len, 0, 0, r->data, r->limits);
	enum regex_verdict v = got >= 0                     ? REGEX_YES
			       : got == PCRE2_ERROR_NOMATCH ? REGEX_NO
							    : find_breadth_first(r, bytes);
	if (v == REGEX_YES) {
		const size_t *at = pcre2_get_ovector_pointer(r->data);
		*out_from = (ptrdiff_t)at[0];
		*out_to = (ptrdiff_t)at[1];
	}
	return v;
}
