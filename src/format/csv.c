#include "format/csv.h"

enum { SIZE_DEFAULT = 16 << 20, FIELD_DEFAULT = 64 << 10, COLUMNS_DEFAULT = 256, ROWS_DEFAULT = 100000 };

/* Reading */

static bool is_end(char c)
{
	return c == '\r' || c == '\n';
}

/* CRLF is one end, and so are CR and LF alone. */
static ptrdiff_t after_end(str text, ptrdiff_t at)
{
	bool crlf = text.ptr[at] == '\r' && at + 1 < text.len && text.ptr[at + 1] == '\n';
	return at + (crlf ? 2 : 1);
}

static ptrdiff_t line_end(str text, ptrdiff_t at)
{
	while (at < text.len && !is_end(text.ptr[at]))
		at++;
	return at;
}

static char find_separator(str text)
{
	static const char candidates[] = ",;\t";
	int counts[sizeof(candidates)] = { 0 }, best = 0;
	bool quoted = false;
	for (ptrdiff_t i = 0; i < text.len && (quoted || !is_end(text.ptr[i])); i++) {
		quoted ^= text.ptr[i] == '"';
		const char *p = quoted || text.ptr[i] == '\0' ? NULL : strchr(candidates, text.ptr[i]);
		if (p != NULL)
			counts[p - candidates]++;
	}
	for (int i = 1; candidates[i]; i++)
		best = counts[i] > counts[best] ? i : best;
	return candidates[best];
}

static void skip_empty_lines(struct csv *c)
{
	while (c->at < c->text.len && is_end(c->text.ptr[c->at])) {
		c->at = after_end(c->text, c->at);
		c->line++;
	}
}

/* Excel's own first line.  It says so whatever was detected, but not against what we were told. */
static void take_sep_line(struct csv *c, bool told)
{
	ptrdiff_t end = line_end(c->text, c->at);
	str line = str_sub(c->text, c->at, end);
	if (line.len != 5 || !str_starts_nocase(line, S("sep=")) || strchr(",;\t", line.ptr[4]) == NULL)
		return;
	c->separator = told ? c->separator : line.ptr[4];
	c->at = end;
	skip_empty_lines(c);
}

static int line_of(str text, ptrdiff_t at)
{
	int line = 1;
	for (ptrdiff_t i = 0; i < at; i = is_end(text.ptr[i]) ? after_end(text, i) : i + 1)
		line += is_end(text.ptr[i]);
	return line;
}

static bool check_text(str text, struct err *err)
{
	ptrdiff_t nul = str_find_char(text, '\0');
	if (nul >= 0)
		return err_set(err, ERR_INPUT,
			"line %d: a NUL byte; save the table as CSV in UTF-8, not in UTF-16",
			line_of(text, nul));
	if (str_utf8_valid(text))
		return true;
	for (ptrdiff_t at = 0, end; at < text.len; at = end + 1) {
		end = line_end(text, at);
		if (!str_utf8_valid(str_sub(text, at, end)))
			return err_set(err, ERR_INPUT, "line %d: not UTF-8; save the table as 'CSV UTF-8'",
				line_of(text, at));
	}
	ASSERT(false);          /* a line end cannot be part of a longer character */
	return false;
}

bool csv_open(str text, char separator, struct csv_limits limits, struct csv *out_c, struct err *err)
{
	struct csv c = { .text = text, .limits = limits, .line = 1 };
	c.limits.size = limits.size ? limits.size : SIZE_DEFAULT;
	c.limits.field = limits.field ? limits.field : FIELD_DEFAULT;
	c.limits.columns = limits.columns ? limits.columns : COLUMNS_DEFAULT;
	c.limits.rows = limits.rows ? limits.rows : ROWS_DEFAULT;
	if (text.len > c.limits.size)
		return err_set(err, ERR_LIMIT,
			"the table has %td bytes; at most %td are taken: send it in parts",
			text.len, c.limits.size);
	if (!check_text(text, err))
		return false;
	c.at = str_starts(text, S("\xEF\xBB\xBF")) ? 3 : 0;
	skip_empty_lines(&c);
	c.separator = separator ? separator : find_separator(str_sub(text, c.at, text.len));
	take_sep_line(&c, separator != 0);
	*out_c = c;
	return true;
}

/* From behind the opening quote to behind the closing one.  Only a field with "" in it is copied. */
static bool read_quoted(struct csv *c, struct arena *a, str *out, struct err *err)
{
	ptrdiff_t from = c->at, doubled = 0;
	int line = c->line;
	for (;; c->at++) {
		if (c->at == c->text.len)
			return err_set(err, ERR_INPUT, "line %d: a quote is opened here and never closed",
				line);
		char ch = c->text.ptr[c->at];
		if (ch == '"' && c->at + 1 < c->text.len && c->text.ptr[c->at + 1] == '"') {
			doubled++;
			c->at++;
		} else if (ch == '"') {
			break;
		}
		/* A CRLF is counted at its LF. */
		c->line += ch == '\n' || (ch == '\r' && after_end(c->text, c->at) == c->at + 1);
	}
	str raw = str_sub(c->text, from, c->at++);
	if (doubled) {
		char *p = NEW(a, char, raw.len - doubled);
		ptrdiff_t n = 0;
		for (ptrdiff_t i = 0; i < raw.len; i++) {
			p[n++] = raw.ptr[i];
			i += raw.ptr[i] == '"';
		}
		raw = (str){ p, n };
	}
	*out = raw;
	return true;
}

/* A field and the place behind it, where a separator, a line end or nothing stands. */
static bool read_field(struct csv *c, struct arena *a, str *out, struct err *err)
{
	if (c->at < c->text.len && c->text.ptr[c->at] == '"') {
		c->at++;
		if (!read_quoted(c, a, out, err))
			return false;
		bool ended = c->at == c->text.len || c->text.ptr[c->at] == c->separator ||
			is_end(c->text.ptr[c->at]);
		if (!ended)
			return err_set(err, ERR_INPUT, "line %d: text behind a closing quote; "
				"a quote within quotes is written twice", c->line);
	} else {
		ptrdiff_t from = c->at;
		for (; c->at < c->text.len; c->at++) {
			char ch = c->text.ptr[c->at];
			if (ch == c->separator || is_end(ch))
				break;
			if (ch == '"')
				return err_set(err, ERR_INPUT,
					"line %d: a quote inside a field that does not begin "
					"with one; put the field in quotes and write that quote twice",
					c->line);
		}
		*out = str_sub(c->text, from, c->at);
	}
	if (out->len > c->limits.field)
		return err_set(err, ERR_LIMIT, "line %d: a field has %td bytes; at most %td are taken",
			c->line, out->len, c->limits.field);
	return true;
}

/* Separators up to the line's end, quoted or not, bound the number of fields. */
static bool count_fields(const struct csv *c, int *out_count, struct err *err)
{
	bool quoted = false;
	int n = 1;
	for (ptrdiff_t i = c->at; i < c->text.len && (quoted || !is_end(c->text.ptr[i])); i++) {
		quoted ^= c->text.ptr[i] == '"';
		n += !quoted && c->text.ptr[i] == c->separator;
		if (n > c->limits.columns)
			return err_set(err, ERR_LIMIT, "line %d: more than %d columns", c->line,
				c->limits.columns);
	}
	*out_count = n;
	return true;
}

static bool read_row(struct csv *c, struct arena *a, struct csv_row *row, struct err *err)
{
	int room = 0;
	if (!count_fields(c, &room, err))
		return false;
	*row = (struct csv_row){ .fields = NEW(a, str, room), .line = c->line };
	for (;; c->at++) {
		ASSERT(row->count < room);
		if (!read_field(c, a, &row->fields[row->count++], err))
			return false;
		if (c->at == c->text.len || is_end(c->text.ptr[c->at]))
			return true;
	}
}

bool csv_read(struct csv *c, struct arena *a, struct csv_row *out_row, struct err *err)
{
	struct csv_row row = { 0 };
	skip_empty_lines(c);
	if (c->at < c->text.len) {
		if (c->rows == c->limits.rows)
			return err_set(err, ERR_LIMIT,
				"line %d: more than %d rows; send the table in parts", c->line,
				c->limits.rows);
		if (!read_row(c, a, &row, err))
			return false;
		if (c->columns && row.count != c->columns)
			return err_set(err, ERR_INPUT, "line %d: %d fields, but the first row has %d",
				row.line, row.count, c->columns);
		c->columns = row.count;
		c->rows++;
	}
	*out_row = row;
	return true;
}

int csv_find_column(const struct csv_row *names, str name)
{
	for (int i = 0; i < names->count; i++)
		if (str_eq_nocase(str_trim(names->fields[i]), name))
			return i;
	return -1;
}

bool csv_need_column(const struct csv_row *names, str name, int *out_column, struct err *err)
{
	int column = csv_find_column(names, name);
	if (column >= 0) {
		*out_column = column;
		return true;
	}
	char list[200];
	ptrdiff_t n = 0;
	for (int i = 0; i < names->count; i++) {
		str s = str_trim(names->fields[i]);
		if (n + s.len + 2 > COUNTOF(list))
			break;
		if (i)
			list[n++] = ' ';
		for (ptrdiff_t k = 0; k < s.len; k++)
			list[n++] = (unsigned char)s.ptr[k] < 0x20 ? ' ' : s.ptr[k];
	}
	return err_set(err, ERR_INPUT, "line %d: no column '" STR_FMT "' among: " STR_FMT, names->line,
		STR_ARG(name), STR_ARG(((str){ list, n })));
}

str csv_field(const struct csv_row *row, int column)
{
	return column >= 0 && column < row->count ? str_trim(row->fields[column]) : (str){ 0 };
}

/* Writing */

static bool is_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == ' ' ||
		(c != '\0' && strchr("_.:/-+@", c) != NULL);
}

static bool starts_formula(str s)
{
	static const char *const signs[] = { "=", "+", "-", "@", "\t", "\r", "\n",
		"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0" };
	for (ptrdiff_t i = 0; i < COUNTOF(signs); i++)
		if (str_starts(s, str_from(signs[i])))
			return true;
	return false;
}

/* The character at s[i]; empty for a byte that is not part of one. */
static str character(str s, ptrdiff_t i)
{
	for (ptrdiff_t n = 1; n <= 4 && i + n <= s.len; n++)
		if (str_utf8_valid(str_sub(s, i, i + n)))
			return str_sub(s, i, i + n);
	return (str){ 0 };
}

static bool is_kept(str character)
{
	unsigned char c = character.len ? (unsigned char)character.ptr[0] : 0;
	bool control = c < 0x20 || c == 0x7F;
	return (!control || c == '\t' || is_end((char)c)) && !str_eq(character, S("\xEF\xBB\xBF"));
}

/* Copied up to the first character that must go; most fields have none and are borrowed. */
static str cleaned(struct arena *a, str s)
{
	char *p = NULL;
	ptrdiff_t n = 0;
	for (ptrdiff_t i = 0, step; i < s.len; i += step) {
		str ch = character(s, i);
		step = MAX(ch.len, 1);
		if (p == NULL && !is_kept(ch)) {
			p = NEW(a, char, s.len);
			memcpy(p, s.ptr, (size_t)i);
			n = i;
		} else if (p != NULL && is_kept(ch)) {
			memcpy(p + n, ch.ptr, (size_t)ch.len);
			n += ch.len;
		}
	}
	return p ? (str){ p, n } : s;
}

static void write_field(struct buf *out, str s)
{
	bool formula = starts_formula(s), plain = !formula;
	for (ptrdiff_t i = 0; plain && i < s.len; i++)
		plain = is_plain(s.ptr[i]);
	if (plain && s.len) {
		buf_add(out, s);
		return;
	}
	buf_add_char(out, '"');
	if (formula)
		buf_add_char(out, '\'');
	for (ptrdiff_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '"')
			buf_add_char(out, '"');
		buf_add_char(out, s.ptr[i]);
	}
	buf_add_char(out, '"');
}

void csv_write_row(struct buf *out, const str *fields, int count)
{
	for (int i = 0; i < count; i++) {
		if (i)
			buf_add_char(out, ',');
		/* First of all, lest a dropped byte hide the sign of a formula. */
		str s = cleaned(out->arena, fields[i]);
		if (s.len || count == 1)                /* a row of nothing would be an empty line */
			write_field(out, s);
	}
	buf_add(out, S("\r\n"));
}
