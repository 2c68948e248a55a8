/* csv.h - tables from spreadsheets and for spreadsheets: RFC 4180, and what programs make of it.
 *
 * Reading takes comma, semicolon or tab, told or found out; CR, LF or CRLF; a byte order mark; the line
 * "sep=;" of Excel; quoted fields with line ends in them; empty lines, which are skipped.  It refuses, with
 * the number of the line: what is not UTF-8, U+0000, a quote within an unquoted field, text behind a closing
 * quote, a quote that is never closed, a row that has not as many fields as the first.
 *
 * Writing makes comma, CRLF, quotes where anything but plain words stands.  A spreadsheet takes a field that
 * starts with = + - @ TAB CR or LF for a formula, which may fetch and send; such a field, and one that starts
 * with the full-width forms of = + - @, gets an apostrophe in front.  So does a negative number: it is text
 * for the reader then.  Control bytes but TAB, CR and LF, U+FEFF, and what is not UTF-8 are dropped.
 *
 * I1. Fields borrow from the text or lie in the arena; csv_read takes memory for each row.
 * I2. What csv_write_row wrote, csv_read reads back, but for the changes above.
 */
#pragma once
#include "base/buf.h"
#include "base/err.h"

struct csv_limits { ptrdiff_t size, field; int columns, rows; };        /* 0: 16 MiB, 64 KiB, 256, 100000 */

struct csv_row { str *fields; int count; int line; };   /* line: where it starts, from 1 */

struct csv {
	str               text;
	ptrdiff_t         at;
	struct csv_limits limits;
	int               line, rows, columns;  /* columns: of the first row; 0 before it */
	char              separator;
};

/* `separator` 0: the most frequent of , ; and TAB in the first line. */
MUST_CHECK bool csv_open(str text, char separator, struct csv_limits limits, struct csv *out_c,
                         struct err *err);
/* The next row; of count 0 at the end. */
MUST_CHECK bool csv_read(struct csv *c, struct arena *a, struct csv_row *out_row, struct err *err);

/* The column of that name in the row of names: case and blanks around it do not matter.  -1 if there is none;
 * ERR_INPUT that lists the names there are, from the second. */
int             csv_find_column(const struct csv_row *names, str name);
MUST_CHECK bool csv_need_column(const struct csv_row *names, str name, int *out_column, struct err *err);
str             csv_field(const struct csv_row *row, int column);       /* trimmed; empty if column is -1 */

void            csv_write_row(struct buf *out, const str *fields, int count);
