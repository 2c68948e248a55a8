#include "watch/decoders.h"

#include <stdio.h>
#include <stdlib.h>

/* heap: a table's header lives as long as its file is read */

enum { NAME_MOST = 256, COLUMNS_MOST = PAIRS_MOST - 8 };

/* The end of a CSV cell that begins at i: at its separator, line end, or the text's end. */
static ptrdiff_t cell_end(str s, ptrdiff_t i, char separator, bool *out_open)
{
	*out_open = false;
	if (i < s.len && s.ptr[i] == '"') {
		for (i++; i < s.len; i++) {
			if (s.ptr[i] != '"')
				continue;
			if (i + 1 >= s.len || s.ptr[i + 1] != '"')
				break;
			i++;
		}
		*out_open = i >= s.len;
	}
	while (i < s.len && s.ptr[i] != separator && s.ptr[i] != '\n')
		i++;
	return i;
}

ptrdiff_t csv_record_end(str s, ptrdiff_t from, char separator)
{
	ptrdiff_t i = from;
	for (;;) {
		bool open;
		i = cell_end(s, i, separator, &open);
		if (i >= s.len)
			return -1;
		if (s.ptr[i++] == '\n')
			return i;
	}
}

/* A cell without its quotes; doubled ones are one. */
static str unquoted(struct pairs *p, str cell)
{
	char *text, *at;
	ptrdiff_t end = cell.len;
	if (!str_starts(cell, S("\"")))
		return cell;
	if (end > 1 && cell.ptr[end - 1] == '"')
		end--;
	cell = str_sub(cell, 1, end);
	if (str_find(cell, S("\"\"")) < 0 || p == NULL || (text = pairs_room(p, cell.len)) == NULL)
		return cell;
	at = text;
	for (ptrdiff_t i = 0; i < cell.len; i++) {
		*at++ = cell.ptr[i];
		i += cell.ptr[i] == '"' && i + 1 < cell.len && cell.ptr[i + 1] == '"';
	}
	pairs_keep(p, at);
	return (str){ text, at - text };
}

static str line_at(str s, ptrdiff_t i)
{
	str rest = str_sub(s, i, s.len);
	ptrdiff_t end = str_find_char(rest, '\n');
	str line = str_sub(rest, 0, end < 0 ? rest.len : end);
	return str_ends(line, S("\r")) ? str_sub(line, 0, line.len - 1) : line;
}

static bool name_like(str s)
{
	s = unquoted(NULL, s);
	if (s.len == 0 || s.len > 80 || (s.ptr[0] >= '0' && s.ptr[0] <= '9'))
		return false;
	for (ptrdiff_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if (c < 0x20 || (c < 0x80 && strchr("{}[]=<>\"'\\;|", c) != NULL))
			return false;
	}
	return true;
}

/* How many cells a line has; 0 if one of them is no name, where names are wanted. */
static int cells(str line, char separator, bool names)
{
	int n = 0;
	for (ptrdiff_t i = 0; i <= line.len; n++) {
		bool open;
		ptrdiff_t end = cell_end(line, i, separator, &open);
		if (names && !name_like(str_sub(line, i, end)))
			return 0;
		i = end + 1;
	}
	return n;
}

char csv_sniff(str head, ptrdiff_t *out_header)
{
	static const char separators[] = ",;\t|";
	ptrdiff_t at = 0;
	str line = line_at(head, 0), next;
	/* Excel's first line, and PowerShell's */
	while (at < head.len
	       && (line.len == 0 || str_starts(line, S("sep=")) || str_starts(line, S("#TYPE")))) {
		ptrdiff_t end = str_find_char(str_sub(head, at, head.len), '\n');
		at = end < 0 ? head.len : at + end + 1;
		line = line_at(head, at);
	}
	for (int i = 0; separators[i] != '\0'; i++) {
		int n = cells(line, separators[i], true);
		ptrdiff_t second = csv_record_end(head, at, separators[i]);
		if (n < 2)
			continue;
		next = second < 0 ? S("") : str_sub(head, second, head.len);
		ptrdiff_t end = csv_record_end(next, 0, separators[i]);
		next = str_sub(next, 0, end < 0 ? next.len : end - 1);
		next = str_ends(next, S("\r")) ? str_sub(next, 0, next.len - 1) : next;
		/* the second record may be cut off by the end of what we see */
		if (next.len > 0 && end >= 0 && cells(next, separators[i], false) != n)
			continue;
		*out_header = at;
		return separators[i];
	}
	return '\0';
}

static str names_of_csv(struct log_columns *c, str header, str *names)
{
	for (ptrdiff_t i = 0; i <= header.len && c->count < COLUMNS_MOST;) {
		bool open;
		ptrdiff_t end = cell_end(header, i, c->separator, &open);
		str cell = unquoted(NULL, str_sub(header, i, end));
		names[c->count++] = str_sub(str_trim(cell), 0, NAME_MOST);
		i = end + 1;
	}
	return header;
}

static ptrdiff_t split(str line, char separator, str *into, ptrdiff_t most)
{
	ptrdiff_t n = 0;
	while (n < most && line.len > 0) {
		str_cut_result cut = str_cut(line, separator);
		if (cut.head.len > 0)
			into[n++] = str_sub(cut.head, 0, NAME_MOST);
		line = cut.tail;
	}
	return n;
}

/* #separator \x09 */
static char separator_named(str text)
{
	int hi, lo;
	if (text.len != 4 || !str_starts(text, S("\\x")))
		return text.len == 1 ? text.ptr[0] : '\t';
	hi = text.ptr[2] - '0';
	lo = text.ptr[3] <= '9' ? text.ptr[3] - '0' : (text.ptr[3] | 0x20) - 'a' + 10;
	return hi >= 0 && hi < 8 && lo >= 0 && lo < 16 && hi * 16 + lo > 0 ? (char)(hi * 16 + lo) : '\t';
}

static void zeek_line(struct log_columns *c, str line, str *names, str *types)
{
	str_cut_result word = str_cut(line, str_starts(line, S("#separator")) ? ' ' : c->separator);
	if (str_eq(word.head, S("#separator")))
		c->separator = separator_named(word.tail);
	else if (str_eq(word.head, S("#set_separator")))
		c->set_separator = word.tail;
	else if (str_eq(word.head, S("#empty_field")))
		c->empty = word.tail;
	else if (str_eq(word.head, S("#unset_field")))
		c->unset = word.tail;
	else if (str_eq(word.head, S("#path")))
		c->path = word.tail;
	else if (str_eq(word.head, S("#fields")))
		c->count = split(word.tail, c->separator, names, COLUMNS_MOST);
	else if (str_eq(word.head, S("#types")))
		c->type_count = split(word.tail, c->separator, types, COLUMNS_MOST);
}

static void read_header(struct log_columns *c, str header, str *names, str *types)
{
	if (c->format == LOG_CSV) {
		(void)names_of_csv(c, header, names);
		return;
	}
	for (ptrdiff_t i = 0; i < header.len;) {
		str line = line_at(header, i);
		ptrdiff_t end = str_find_char(str_sub(header, i, header.len), '\n');
		if (c->format == LOG_ZEEK_TSV)
			zeek_line(c, line, names, types);
		else if (str_starts(line, S("#Fields:")))
			c->count = split(str_trim(str_sub(line, 8, line.len)), ' ', names, COLUMNS_MOST);
		i = end < 0 ? header.len : i + end + 1;
	}
}

struct log_columns *columns_new(enum log_format format, str header, char separator,
                                const struct log_columns *older)
{
	struct log_columns *c = calloc(1, sizeof(*c));
	char *text = malloc((size_t)header.len + 1);
	str *names = calloc(2 * COLUMNS_MOST, sizeof(*names));
	if (c == NULL || text == NULL || names == NULL) {
		free(c);
		free(text);
		free(names);
		return NULL;
	}
	memcpy(text, header.ptr, (size_t)header.len);
	*c = (struct log_columns){ .header = { text, header.len }, .format = format,
	                           .separator = separator, .text = text, .names = names,
	                           .types = names + COLUMNS_MOST, .older = older, .set_separator = S(","),
	                           .empty = S("(empty)"), .unset = S("-") };
	read_header(c, c->header, names, names + COLUMNS_MOST);
	if (c->count == 0) {
		c->older = NULL;
		columns_free(c);
		return NULL;
	}
	return c;
}

void columns_free(struct log_columns *c)
{
	while (c != NULL) {
		struct log_columns *older = (struct log_columns *)(uintptr_t)c->older;
		free((void *)(uintptr_t)c->names);
		free(c->text);
		free(c);
		c = older;
	}
}

static str column_name(const struct log_columns *c, struct pairs *p, ptrdiff_t i)
{
	char *at;
	if (i < c->count && c->names[i].len > 0)
		return c->names[i];
	at = pairs_room(p, 24);
	return at != NULL ? (str){ at, snprintf(at, 24, "column%td", i + 1) } : S("column");
}

static void add_cell(const struct log_columns *c, struct pairs *p, ptrdiff_t i, str cell)
{
	if (cell.len == 0)
		return;
	if (cell.ptr[0] == '{' && json_is_object(cell))
		pairs_add_json(p, column_name(c, p, i), cell);
	else
		pairs_add(p, column_name(c, p, i), cell);
}

static void csv_row(const struct log_columns *c, struct pairs *p, str row)
{
	ptrdiff_t n = 0;
	for (ptrdiff_t i = 0; i <= row.len; n++) {
		bool open;
		ptrdiff_t end = i;
		end = cell_end(row, i, c->separator, &open);
		/* a line end outside of quotes can only stand at the record's end */
		add_cell(c, p, n, unquoted(p, str_sub(row, i, end)));
		i = end + 1;
	}
}

static bool json_number(str s)
{
	ptrdiff_t i = s.len > 0 && s.ptr[0] == '-', from = i, point = -1;
	for (; i < s.len; i++) {
		if (s.ptr[i] == '.' && point < 0 && i > from)
			point = i;
		else if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
	}
	return i > from && point != s.len - 1
	       && (s.ptr[from] != '0' || i == from + 1 || point == from + 1);
}

/* \x09 and the like, as Zeek writes what is not printable. */
static str unescaped(struct pairs *p, str s)
{
	char *text, *at;
	if (str_find(s, S("\\x")) < 0 || (text = pairs_room(p, s.len)) == NULL)
		return s;
	at = text;
	for (ptrdiff_t i = 0; i < s.len; i++) {
		static const char hex[] = "0123456789abcdef";
		const char *hi = NULL, *lo = NULL;
		if (s.ptr[i] == '\\' && i + 3 < s.len && s.ptr[i + 1] == 'x') {
			hi = memchr(hex, s.ptr[i + 2] | 0x20, 16);
			lo = memchr(hex, s.ptr[i + 3] | 0x20, 16);
			hi = s.ptr[i + 2] >= '0' && s.ptr[i + 2] <= '9' ? hex + (s.ptr[i + 2] - '0') : hi;
			lo = s.ptr[i + 3] >= '0' && s.ptr[i + 3] <= '9' ? hex + (s.ptr[i + 3] - '0') : lo;
		}
		*at++ = hi != NULL && lo != NULL ? (char)((hi - hex) << 4 | (lo - hex)) : s.ptr[i];
		i += hi != NULL && lo != NULL ? 3 : 0;
	}
	pairs_keep(p, at);
	return (str){ text, at - text };
}

static void zeek_value(struct pairs *p, str key, str type, str value)
{
	bool number = str_eq(type, S("count")) || str_eq(type, S("int")) || str_eq(type, S("port"))
	              || str_eq(type, S("double")) || str_eq(type, S("time"))
	              || str_eq(type, S("interval"));
	if (number && json_number(value))
		pairs_add_json(p, key, value);
	else if (str_eq(type, S("bool")) && (str_eq(value, S("T")) || str_eq(value, S("F"))))
		pairs_add_json(p, key, value.ptr[0] == 'T' ? S("true") : S("false"));
	else
		pairs_add(p, key, unescaped(p, value));
}

static void zeek_row(const struct log_columns *c, struct pairs *p, str row)
{
	pairs_add_some(p, S("_path"), c->path);
	for (ptrdiff_t i = 0; row.len > 0 || i == 0; i++) {
		str_cut_result cut = str_cut(row, c->separator);
		str type = i < c->type_count ? c->types[i] : S("string"), value = cut.head;
		bool many = str_starts(type, S("set[")) || str_starts(type, S("vector["));
		row = cut.tail;
		if (str_eq(value, c->unset) || value.len == 0)
			continue;
		if (str_eq(value, c->empty)) {
			pairs_add(p, column_name(c, p, i), S(""));
			continue;
		}
		while (many && c->set_separator.len > 0 && value.len > 0) {
			ptrdiff_t end = str_find(value, c->set_separator);
			str one = str_sub(value, 0, end < 0 ? value.len : end);
			ptrdiff_t open = str_find_char(type, '[');
			zeek_value(p, column_name(c, p, i), str_sub(type, open + 1, type.len - 1), one);
			value = str_sub(value, one.len + c->set_separator.len, value.len);
		}
		if (value.len > 0)
			zeek_value(p, column_name(c, p, i), type, value);
	}
}

/* IIS writes + for a blank in what browsers say of themselves. */
static str without_plus(struct pairs *p, str s)
{
	char *text;
	if (str_find_char(s, '+') < 0 || str_find_char(s, ' ') >= 0 || (text = pairs_room(p, s.len)) == NULL)
		return s;
	for (ptrdiff_t i = 0; i < s.len; i++)
		text[i] = s.ptr[i] == '+' ? ' ' : s.ptr[i];
	return (str){ text, s.len };
}

static void w3c_row(const struct log_columns *c, struct pairs *p, str row)
{
	str date = { 0 }, time = { 0 };
	for (ptrdiff_t i = 0, n = 0; i < row.len; n++) {
		char separator = str_find_char(row, '\t') >= 0 ? '\t' : ' ';
		bool open;
		ptrdiff_t end = cell_end(row, i, separator, &open);
		str key = column_name(c, p, n), value = unquoted(p, str_sub(row, i, end));
		i = end + 1;
		if (value.len == 0 || str_eq(value, S("-")))
			continue;
		if (str_eq(key, S("cs(User-Agent)")) || str_eq(key, S("cs(Cookie)")))
			value = without_plus(p, value);
		date = str_eq(key, S("date")) ? value : date;
		time = str_eq(key, S("time")) ? value : time;
		pairs_add(p, key, value);
	}
	if (date.len > 0 && time.len > 0)
		pairs_add(p, S("timestamp"), pairs_key(p, pairs_key(p, date, S(" ")), time));
}

const char *decode_row(const struct log_columns *c, struct pairs *p, str row)
{
	if (c->format == LOG_CSV) {
		csv_row(c, p, row);
		return "csv";
	}
	if (c->format == LOG_ZEEK_TSV) {
		zeek_row(c, p, row);
		return "zeek";
	}
	w3c_row(c, p, row);
	return "w3c";
}
