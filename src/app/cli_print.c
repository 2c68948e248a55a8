#include "app/cli.h"

#include <stdio.h>
#include <unistd.h>
#include "base/buf.h"
#include "format/json.h"
#include "model/text_safety.h"

enum { COLUMNS_MAX = 12, CELL_BYTES = 2000, INDENT = 2, DEPTH_MAX = 8, QR_QUIET = 2, QR_SIZE_MAX = 177 };
enum { COLUMNS_MOST = 60 }; /* of a table of numbers */

static const struct json *member_of(struct arena *a, const struct json *j, str path)
{
	str_cut_result cut = str_cut(path, '.');
	while (cut.ok && j) {
		j = json_get(j, arena_cstr(a, cut.head));
		cut = str_cut(cut.tail, '.');
	}
	return j ? json_get(j, arena_cstr(a, cut.head)) : NULL;
}

/* One line.  What others wrote may hold what a terminal would obey: it is taken out. */
static str cell(struct arena *a, const struct json *j)
{
	struct buf b;
	if (j == NULL)
		return S("-");
	switch (json_type(j)) {
	case JSON_STRING:
		return text_safety_line(a, json_str(j), CELL_BYTES);
	case JSON_INTEGER:
		return arena_printf(a, "%lld", (long long)json_int(j));
	case JSON_TRUE:
		return S("yes");
	case JSON_FALSE:
		return S("no");
	case JSON_ARRAY:
		buf_init(&b, a, CELL_BYTES);
		for (ptrdiff_t i = 0; i < json_count(j); i++) {
			str item = json_str(json_at(j, i));
			buf_add(&b, i ? S(", ") : S(""));
			buf_add(&b, text_safety_line(a, item, CELL_BYTES));
		}
		return buf_str(&b);
	case JSON_OBJECT:
		return text_safety_line(a, json_get_str(j, "name"), CELL_BYTES);
	case JSON_NULL:
	case JSON_REAL:
		break;
	}
	return S("-");
}

static int characters(str s)
{
	int n = 0;
	for (ptrdiff_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
	return n;
}

static str cut_to(str s, int width)
{
	ptrdiff_t end = 0;
	for (int n = 0; end < s.len; end++) {
		n += ((unsigned char)s.ptr[end] & 0xC0) != 0x80;
		if (width && n > width)
			break;
	}
	return str_sub(s, 0, end);
}

static void print_row(const str *cells, const int *widths, int count)
{
	for (int i = 0; i < count; i++) {
		int pad = i + 1 < count ? widths[i] - characters(cells[i]) + 2 : 0;
		(void)printf(STR_FMT "%*s", STR_ARG(cells[i]), pad, "");
	}
	(void)printf("\n");
}

void cli_print_table(struct cli *c, const struct json *items, const struct cli_column *columns)
{
	int count = 0, widths[COLUMNS_MAX] = { 0 };
	ptrdiff_t rows = json_count(items);
	while (columns[count].title && count < COLUMNS_MAX)
		count++;
	str *cells = NEW(c->a, str, (rows + 1) * count);
	for (ptrdiff_t i = 0; i <= rows; i++) {
		for (int k = 0; k < count; k++) {
			const struct json *row = i ? json_at(items, i - 1) : NULL;
			str text = i ? cell(c->a, member_of(c->a, row, str_from(columns[k].member)))
				     : str_from(columns[k].title);
			text = cut_to(text, columns[k].width);
			cells[i * count + k] = text;
			widths[k] = MAX(widths[k], characters(text));
		}
	}
	for (ptrdiff_t i = 0; i <= rows; i++)
		print_row(cells + i * count, widths, count);
}

static void print_text(struct cli *c, str text, int indent)
{
	str rest = text_safety_block(c->a, text, CLIENT_REPLY_MAX);
	while (rest.len) {
		str_cut_result cut = str_cut(rest, '\n');
		(void)printf("%*s" STR_FMT "\n", indent, "", STR_ARG(cut.head));
		rest = cut.tail;
	}
}

static bool is_nested(const struct json *j)
{
	if (j && json_type(j) == JSON_ARRAY && json_count(j) > 0)
		return json_type(json_at(j, 0)) == JSON_OBJECT;
	return j && json_type(j) == JSON_OBJECT && json_get_str(j, "name").len == 0 && json_count(j) > 0;
}

static void print_members(struct cli *c, const struct json *j, int depth);

/* A QR code, two rows a line, for a telephone in front of a terminal; elsewhere its text has to do. */
static void print_qr(const struct json *qr, int indent)
{
	static const char *const halves[] = { "\u2588", "\u2580", "\u2584", " " }; /* light is drawn */
	str modules = json_get_str(qr, "modules");
	ptrdiff_t size = (ptrdiff_t)json_get_int(qr, "size");
	if (!isatty(STDOUT_FILENO) || size < 1 || size > QR_SIZE_MAX || modules.len != size * size)
		return;
	for (ptrdiff_t y = -QR_QUIET; y < size + QR_QUIET; y += 2) {
		(void)printf("%*s", indent, "");
		for (ptrdiff_t x = -QR_QUIET; x < size + QR_QUIET; x++) {
			bool in = x >= 0 && x < size;
			bool dark[2] = { 0 };
			for (ptrdiff_t k = 0; k < 2; k++)
				dark[k] = in && y + k >= 0 && y + k < size &&
					  modules.ptr[(y + k) * size + x] == '1';
			(void)fputs(halves[dark[0] * 2 + dark[1]], stdout);
		}
		(void)printf("\n");
	}
}

static void print_member(struct cli *c, const char *key, const struct json *v, int depth)
{
	int indent = depth * INDENT;
	if (v && json_type(v) == JSON_OBJECT && json_get_str(v, "modules").len) {
		print_qr(v, indent);
	} else if (is_nested(v) && depth < DEPTH_MAX) {
		(void)printf("%*s%s:\n", indent, "", key);
		if (json_type(v) == JSON_OBJECT)
			print_members(c, v, depth + 1);
		for (ptrdiff_t i = 0; json_type(v) == JSON_ARRAY && i < json_count(v); i++) {
			print_members(c, json_at(v, i), depth + 1);
			(void)printf("\n");
		}
	} else if (v && json_type(v) == JSON_STRING && str_find_char(json_str(v), '\n') >= 0) {
		(void)printf("%*s%s:\n", indent, "", key);
		print_text(c, json_str(v), indent + INDENT);
	} else {
		(void)printf("%*s%-*s " STR_FMT "\n", indent, "", 20, key, STR_ARG(cell(c->a, v)));
	}
}

static void print_members(struct cli *c, const struct json *j, int depth)
{
	struct json_member m = { 0 };
	while (json_next(j, &m))
		print_member(c, m.key, m.value, depth);
}

void cli_print_record(struct cli *c, const struct json *record)
{
	print_members(c, record, 0);
}

/* One table of numbers: a title a row and a column; what is null does not show. */
static void print_numbers(struct cli *c, const char *title, const struct json *numbers)
{
	const struct json *rows = json_get(numbers, "rows"), *columns = json_get(numbers, "columns");
	ptrdiff_t wide = MIN(json_count(columns), COLUMNS_MOST - 1);
	int widths[COLUMNS_MOST] = { 0 };
	str *cells = NEW(c->a, str, (json_count(rows) + 1) * (wide + 1));
	for (ptrdiff_t i = 0; i <= json_count(rows); i++) {
		const struct json *row = i ? json_at(rows, i - 1) : NULL;
		const struct json *counts = i ? json_at(json_get(numbers, "counts"), i - 1) : NULL;
		for (ptrdiff_t k = 0; k <= wide; k++) {
			const struct json *head = k ? json_at(columns, k - 1) : NULL;
			str text = k && i  ? cell(c->a, json_at(counts, k - 1))
				   : k     ? cell(c->a, json_get(head, "title"))
				   : row   ? cell(c->a, json_get(row, "title"))
					   : str_from(title);
			cells[i * (wide + 1) + k] = text;
			widths[k] = MAX(widths[k], characters(text));
		}
	}
	for (ptrdiff_t i = 0; i <= json_count(rows); i++)
		print_row(cells + i * (wide + 1), widths, (int)wide + 1);
	(void)printf("together " STR_FMT "\n\n", STR_ARG(cell(c->a, json_get(numbers, "total"))));
}

static void print_hours(const char *what, const struct json *seconds)
{
	if (seconds && json_type(seconds) == JSON_INTEGER)
		(void)printf("%s, half of them within: %lld min\n", what, (long long)json_int(seconds) / 60);
	else
		(void)printf("%s: too few to say\n", what);
}

void cli_print_oversight(struct cli *c, const struct json *o)
{
	static const struct {
		const char *member, *title;
	} tables[] = { { "sector", "SECTOR" },
		       { "class", "CLASS" },
		       { "band", "SEVERITY" },
		       { "month", "MONTH" },
		       { "duties", "DUTY" } };
	(void)printf("From " STR_FMT " to " STR_FMT
		     "; '-': fewer than %lld, or it would tell such a number.\n\n",
		     STR_ARG(str_sub(json_get_str(o, "since"), 0, 10)),
		     STR_ARG(str_sub(json_get_str(o, "until"), 0, 10)), (long long)json_get_int(o, "least"));
	for (ptrdiff_t i = 0; i < COUNTOF(tables); i++)
		print_numbers(c, tables[i].title, json_get(json_get(o, "tables"), tables[i].member));
	const struct json *medians = json_get(o, "medians_s");
	print_hours("Taken", json_get(medians, "take"));
	print_hours("Answered", json_get(medians, "answer"));
}
