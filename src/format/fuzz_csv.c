/* Any bytes: rows that are all as wide, or an error.  What was read is written and read again: as many rows
 * and fields then, none that a spreadsheet would run, and written once more the same text. */
#include "format/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS = 64 };

static const struct csv_limits limits = { .size = 1 << 16, .field = 1 << 12, .columns = 32, .rows = ROWS };
static const struct csv_limits wider = { .size = 1 << 20, .field = 1 << 13, .columns = 32, .rows = ROWS };

static bool read_all(struct arena *a, str text, char separator, struct csv_limits l,
                     struct csv_row rows[ROWS], int *out_count)
{
	struct csv c;
	struct csv_row row;
	struct err err = { 0 };
	int n = 0;
	bool ok = csv_open(text, separator, l, &c, &err);
	while (ok && (ok = csv_read(&c, a, &row, &err)) && row.count > 0) {
		ASSERT(n < ROWS && row.count == (n ? rows[0].count : row.count) && row.line > 0);
		rows[n++] = row;
	}
	*out_count = n;
	ASSERT(ok || (err.text[0] != '\0' && (err.code == ERR_INPUT || err.code == ERR_LIMIT)));
	return ok;
}

static str write_all(struct arena *a, const struct csv_row *rows, int count)
{
	struct buf b;
	buf_init(&b, a, 1 << 20);
	for (int i = 0; i < count; i++)
		csv_write_row(&b, rows[i].fields, rows[i].count);
	ASSERT(!b.over);
	return buf_str(&b);
}

/* The field as written: without what is dropped, with the apostrophe. */
static void check_field(str before, str after)
{
	ASSERT(after.len == 0 || strchr("=+-@\t\r\n", after.ptr[0]) == NULL);
	for (ptrdiff_t i = 0; i < after.len; i++)
		ASSERT((unsigned char)after.ptr[i] >= 0x20 || strchr("\t\r\n", after.ptr[i]) != NULL);
	ASSERT(after.len <= before.len + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char separators[] = { 0, ',', ';', '\t' };
	struct arena a;
	struct csv_row rows[ROWS], again[ROWS], third[ROWS];
	int n, m, k;
	arena_init(&a, 1 << 24, 1 << 28);
	char separator = size ? separators[data[0] % 4] : 0;
	str text = { (const char *)data + (size > 0), (ptrdiff_t)size - (size > 0) };
	if (read_all(&a, text, separator, limits, rows, &n)) {
		str written = write_all(&a, rows, n);
		bool ok = read_all(&a, written, ',', wider, again, &m);
		ASSERT(ok && m == n);
		for (int i = 0; i < n; i++)
			for (int c = 0; c < rows[i].count; c++)
				check_field(rows[i].fields[c], again[i].fields[c]);
		str twice = write_all(&a, again, m);
		ASSERT(read_all(&a, twice, ',', wider, third, &k) && str_eq(twice, written));
	}
	arena_done(&a);
	return 0;
}
