/* Whatever an event's bytes are, what is written of them is JSON that a reader takes, text that a terminal
 * does not obey, and markup that closes nothing. */
#include "watch/report_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* RFC 8259, and nothing else: where a value ends, NULL if there is none. */
static const char *skip_value(const char *p, const char *end, int depth);

static const char *skip_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++) {
		if ((uint8_t)*p < 0x20 || (uint8_t)*p == 0x7F)
			return NULL;
		if (*p != '\\')
			continue;
		if (++p == end || strchr("\"\\/bfnrtu", *p) == NULL)
			return NULL;
		for (int i = 0; *p == 'u' && i < 4; i++)
			if (p + 1 + i >= end || strchr("0123456789abcdefABCDEF", p[1 + i]) == NULL)
				return NULL;
	}
	return p < end ? p + 1 : NULL;
}

static const char *skip_list(const char *p, const char *end, int depth)
{
	char close = *p == '{' ? '}' : ']';
	bool keys = *p++ == '{';
	if (p < end && *p == close)
		return p + 1;
	for (;; p++) {
		if (keys) {
			p = p < end && *p == '"' ? skip_string(p, end) : NULL;
			if (p == NULL || p >= end || *p++ != ':')
				return NULL;
		}
		p = skip_value(p, end, depth + 1);
		if (p == NULL || p >= end)
			return NULL;
		if (*p == close)
			return p + 1;
		if (*p != ',')
			return NULL;
	}
}

static const char *skip_value(const char *p, const char *end, int depth)
{
	static const char *const words[] = { "true", "false", "null" };
	if (p >= end || depth > 600)
		return NULL;
	if (*p == '"')
		return skip_string(p, end);
	if (*p == '{' || *p == '[')
		return skip_list(p, end, depth);
	for (ptrdiff_t i = 0; i < COUNTOF(words); i++)
		if (str_starts((str){ p, end - p }, str_from(words[i])))
			return p + strlen(words[i]);
	const char *start = p;
	while (p < end && strchr("+-0123456789.eE", *p) != NULL && *p)
		p++;
	return p > start ? p : NULL;
}

static void assert_harmless(str s)
{
	ASSERT(str_utf8_valid(s));
	for (ptrdiff_t i = 0; i < s.len; i++)
		ASSERT((uint8_t)s.ptr[i] >= ' ' || s.ptr[i] == '\n' || s.ptr[i] == '\r');
	ASSERT(str_find(s, S("\xE2\x80\xAE")) < 0 && str_find(s, S("\xC2\x9B")) < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct buf b;
	str text = { (const char *)data, (ptrdiff_t)size };
	static const struct report_style plain = { .width = 70 };
	arena_init(&a, 256 << 20, 1 << 30);
	buf_init(&b, &a, 64 << 20);
	report_json_event(&b, text);
	str json = buf_str(&b);
	ASSERT(skip_value(json.ptr, json.ptr + json.len, 0) == json.ptr + json.len);
	assert_harmless(json);
	/* written again it is the same */
	struct buf again;
	buf_init(&again, &a, 64 << 20);
	report_json_event(&again, json);
	ASSERT(str_eq(buf_str(&again), json));
	const struct match_reason reason = { text, text, text.len / 3, text.len / 2, text };
	const struct finding_detail detail = { "x", text, text, size % 2 };
	const struct finding f = { .file = text,
				   .line = 1,
				   .at_us = 0,
				   .host = text,
				   .details = &detail,
				   .detail_count = 1,
				   .reasons = &reason,
				   .reason_count = 1,
				   .event = text };
	struct report_style style = plain;
	for (int i = 0; i < 2; i++, style.width = 0) {
		b.len = 0;
		report_line(&b, &f, &style);
		report_csv(&b, &f, &style);
		report_json(&b, &f, &style);
		report_timesketch(&b, &f);
		assert_harmless(buf_str(&b));
	}
	b.len = 0;
	report_html_text(&b, text);
	assert_harmless(buf_str(&b));
	ASSERT(str_find_char(buf_str(&b), '<') < 0 && str_find_char(buf_str(&b), '"') < 0);
	arena_done(&a);
	return 0;
}
