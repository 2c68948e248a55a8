#include "model/observable_word.h"

#include "model/host_name.h"

bool word_starts_label(uint32_t c)
{
	return written_is_alnum(c) || c == '_' || (c >= 0x80 && c < UNIT_END && host_is_letter(c));
}

bool word_is_label(uint32_t c)
{
	return word_starts_label(c) || c == '-';
}

void scan_emit(struct scan *s, struct scan_found found)
{
	if (!s->stopped && !s->sink(s->context, &found))
		s->stopped = true;
}

void scan_value_start(struct scan *s)
{
	s->value_len = 0;
}

void scan_value_char(struct scan *s, char c)
{
	if (s->value_len < OBSERVABLE_URL_MAX)
		s->value[s->value_len++] = c;
}

void scan_value_str(struct scan *s, str text)
{
	for (ptrdiff_t i = 0; i < text.len; i++)
		scan_value_char(s, text.ptr[i]);
}

str scan_value(const struct scan *s)
{
	return (str){ s->value, s->value_len };
}

/* A letter of another script after one of this: "evil.example" in Urdu prose without a blank. */
static bool script_changes(uint32_t last_letter, uint32_t c)
{
	bool letter = (c | 32) - 'a' < 26u || c >= 0x80;
	return letter && last_letter != 0 && host_is_far_letter(c) != host_is_far_letter(last_letter);
}

void word_read(const struct scan *s, ptrdiff_t at, uint32_t before, struct word *r)
{
	uint32_t last_letter = 0;
	r->count = r->dots = 0;
	r->over = false;
	for (;;) {
		struct unit u = written_read(s->text, at, before);
		bool dot = u.code == '.';
		bool goes_on = dot ? word_starts_label(written_read(s->text, at + u.len, '.').code) &&
					       word_is_label(before)
				   : word_is_label(u.code) && !script_changes(last_letter, u.code);
		if (!goes_on) {
			r->after = u;
			break;
		}
		last_letter = dot ? 0 : (u.code | 32) - 'a' < 26u || u.code >= 0x80 ? u.code : last_letter;
		r->dots += dot;
		if (r->count < WORD_MAX) {
			r->code[r->count] = u.code;
			r->form[r->count] = (uint8_t)u.form;
			r->at[r->count++] = at;
		} else {
			r->over = true;
		}
		before = u.code;
		at += u.len;
	}
	r->at[r->count] = r->end = at;
}

int64_t word_number(const struct word *r, int *i)
{
	int from = *i;
	int64_t n = 0;
	while (*i < r->count && *i - from < 10 && word_is_digit(r->code[*i]))
		n = n * 10 + r->code[(*i)++] - '0';
	return *i == from || (r->code[from] == '0' && *i - from > 1) ? -1 : n;
}

bool word_starts(const struct word *r, const char *lower_case)
{
	int i = 0;
	for (; lower_case[i] != '\0'; i++)
		if (i >= r->count || r->code[i] >= 0x80 || word_lower(r->code[i]) != lower_case[i])
			return false;
	return true;
}

bool word_is_v4(const struct word *r, int from, int to, struct ip *out)
{
	*out = (struct ip){ { [10] = 0xff, [11] = 0xff } };
	int i = from;
	for (int n = 0; n < 4; n++) {
		if (n > 0 && (i >= to || r->code[i++] != '.'))
			return false;
		int64_t value = word_number(r, &i);
		if (i > to || value < 0 || value > 255)
			return false;
		out->b[12 + n] = (uint8_t)value;
	}
	return i == to;
}

void word_read_v6(struct scan *s, ptrdiff_t at, uint32_t before, struct v6_text *v)
{
	v->len = 0;
	for (;;) {
		struct unit u = written_read(s->text, at, before);
		v->at[v->len] = at;
		if (!(word_is_hex(u.code) || u.code == ':' || (u.code == '.' && word_is_digit(before))) ||
		    v->len == 64)
			break;
		v->text[v->len++] = (char)u.code;
		before = u.code;
		at += u.len;
	}
	s->v6_until = at;
}
