#include "format/csv.h"

static const struct csv_limits usual = { 0 };

/* Rows as "a|b/c|d/", so that a table of cases can hold them; a failure as "!" and its text. */
static str rows(struct arena *a, str text, char separator, struct csv_limits limits)
{
	struct csv c;
	struct csv_row row = { 0 };
	struct err err = { 0 };
	struct buf b;
	buf_init(&b, a, 1 << 20);
	bool ok = csv_open(text, separator, limits, &c, &err);
	while (ok && (ok = csv_read(&c, a, &row, &err)) && row.count > 0) {
		for (int i = 0; i < row.count; i++) {
			if (i)
				buf_add_char(&b, '|');
			buf_add(&b, row.fields[i]);
		}
		buf_add_char(&b, '/');
	}
	return ok ? arena_dup(a, buf_str(&b)) : arena_printf(a, "!%s", err.text);
}

static void test_read(struct arena *a)
{
	static const struct { const char *in, *out; } v[] = {
		{ "", "" }, { "\n\r\n\r", "" }, { "a", "a/" }, { "a,b\r\nc,d\r\n", "a|b/c|d/" },
		{ "a,b\nc,d", "a|b/c|d/" }, { "a,b\rc,d\r", "a|b/c|d/" }, { "a,b\n\n\nc,d\n", "a|b/c|d/" },
		{ "\xEF\xBB\xBFn,v\n1,2", "n|v/1|2/" }, { ",\n,", "|/|/" }, { "\"\"", "/" },
		{ "\"a,b\",\"c\"\"d\"\n\"line 1\r\nline 2\",\"\"", "a,b|c\"d/line 1\r\nline 2|/" },
		{ "\"\"\"\",\"\"\"\"\"\"", "\"|\"\"/" }, { " a , b ", " a | b /" },
		{ "a;b,c;d\n1;2;3", "a|b,c|d/1|2|3/" }, { "a\tb\n1,5\t2", "a|b/1,5|2/" },
		{ "\"a;b;c;d\",e\n1,2", "a;b;c;d|e/1|2/" }, { "sep=;\r\na,x;b\r\n", "a,x|b/" },
		{ "Sep=,\na;b,c", "a;b|c/" }, { "sep=\n", "sep=/" },
		{ "\xd9\x86,\xd9\x88", "\xd9\x86|\xd9\x88/" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(v); i++)
		ASSERT(str_eq(rows(a, str_from(v[i].in), 0, usual), str_from(v[i].out)));
	ASSERT(str_eq(rows(a, S("a,b;c\nd;e"), ';', usual), S("a,b|c/d|e/")));
	ASSERT(str_eq(rows(a, S("sep=,\na;b"), ';', usual), S("a|b/")));
}

static void test_refused(struct arena *a)
{
	static const struct { const char *in, *error; } v[] = {
		{ "a,b\nc", "!line 2: 1 fields, but the first row has 2" },
		{ "a\n\nb,c", "!line 3: 2 fields" },
		{ "a\n\"b\nc", "!line 2: a quote is opened here and never closed" },
		{ "\"a\r\nb\r\nc\"x,1", "!line 3: text behind a closing quote" },
		{ "a\rb\"c", "!line 2: a quote inside a field" },
		{ "a\n\n\xff", "!line 3: not UTF-8" },
		{ "a\r\nb\xd9\r\n\x86", "!line 2: not UTF-8" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(v); i++)
		ASSERT(str_starts(rows(a, str_from(v[i].in), 0, usual), str_from(v[i].error)));
	ASSERT(str_starts(rows(a, S("a\r\nb\0"), 0, usual), S("!line 2: a NUL byte")));
}

static void test_limits(struct arena *a)
{
	struct csv_limits l = { .size = 40, .field = 3, .columns = 2, .rows = 2 };
	ASSERT(str_eq(rows(a, S("abc,\"d,f\"\n1,2\n\n"), 0, l), S("abc|d,f/1|2/")));
	ASSERT(str_starts(rows(a, S("a\nb\nc"), 0, l), S("!line 3: more than 2 rows")));
	ASSERT(str_starts(rows(a, S("a,b,c"), 0, l), S("!line 1: more than 2 columns")));
	ASSERT(str_starts(rows(a, S("a\nabcd"), 0, l), S("!line 2: a field has 4 bytes")));
	ASSERT(str_starts(rows(a, S("0123456789 0123456789 0123456789 0123456789"), 0, l),
		S("!the table has 43")));
}

static void test_columns(struct arena *a)
{
	struct csv c;
	struct csv_row names, row;
	struct err err;
	int column = -2;
	ASSERT(csv_open(S(" Name ,E-Mail\nNadra, x@nadra.example \n"), 0, usual, &c, &err));
	ASSERT(csv_read(&c, a, &names, &err) && csv_read(&c, a, &row, &err) && row.line == 2);
	ASSERT(csv_find_column(&names, S("name")) == 0 && csv_find_column(&names, S("phone")) == -1);
	ASSERT(csv_need_column(&names, S("e-mail"), &column, &err) && column == 1);
	ASSERT(str_eq(csv_field(&row, column), S("x@nadra.example")) && csv_field(&row, -1).len == 0);
	ASSERT(csv_field(&row, 2).len == 0);
	ASSERT(!csv_need_column(&names, S("phone"), &column, &err) && column == 1 && err.code == ERR_INPUT);
	ASSERT(str_eq(str_from(err.text), S("line 1: no column 'phone' among: Name E-Mail")));
}

static void test_write(struct arena *a)
{
	static const struct { const char *in, *out; } v[] = {
		{ "", "\"\"" }, { "plain words 1.5", "plain words 1.5" }, { "a,b", "\"a,b\"" },
		{ "say \"x\"", "\"say \"\"x\"\"\"" }, { "two\r\nlines", "\"two\r\nlines\"" },
		{ "=1+1", "\"'=1+1\"" }, { "+92 51", "\"'+92 51\"" }, { "-5", "\"'-5\"" },
		{ "@SUM(A1)", "\"'@SUM(A1)\"" },
		{ "\t=1", "\"'\t=1\"" }, { "\r=1", "\"'\r=1\"" }, { "\n=1", "\"'\n=1\"" },
		{ "a=1", "\"a=1\"" },
		{ "\x01\x7f=1", "\"'=1\"" }, { "\xEF\xBB\xBF=1", "\"'=1\"" }, { "\xff=1", "\"'=1\"" },
		{ "\xEF\xBC\x9D" "1", "\"'\xEF\xBC\x9D" "1\"" }, { "a-b@c+d", "a-b@c+d" },
		{ "\x1b[31mred", "\"[31mred\"" },
		{ "\xd9\x86", "\"\xd9\x86\"" }, { "sep=;", "\"sep=;\"" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(v); i++) {
		struct buf b;
		str field = str_from(v[i].in);
		buf_init(&b, a, 1000);
		csv_write_row(&b, &field, 1);
		ASSERT(str_eq(buf_str(&b), arena_printf(a, "%s\r\n", v[i].out)));
	}
	struct buf b;
	buf_init(&b, a, 1000);
	csv_write_row(&b, (const str[]){ S("a"), S(""), S("nul\0here"), S("") }, 4);
	ASSERT(str_eq(buf_str(&b), S("a,,nulhere,\r\n")));
}

int main(void)
{
	struct arena a;
	arena_init(&a, 1 << 24, 1 << 28);
	test_read(&a);
	test_refused(&a);
	test_limits(&a);
	test_columns(&a);
	test_write(&a);
	arena_done(&a);
	return 0;
}
