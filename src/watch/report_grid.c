#include "watch/report_grid.h"

#include "format/csv.h"
#include "model/text_safety.h"

enum { GAP = 2, LEAST = 8, CELL_MAX = 2000 };

static str shown(struct arena *a, const struct grid *g, ptrdiff_t row, int column)
{
	str cell = text_safety_line(a, g->cells[row * g->column_count + column], CELL_MAX);
	int64_t n;
	if (cell.len == 0)
		return S("-");
	if (g->columns[column].number && str_to_int(cell, INT64_MIN, INT64_MAX, &n))
		return report_number(a, n);
	return cell;
}

static void measure(struct arena *a, const struct grid *g, int width, ptrdiff_t widths[static GRID_COLUMNS])
{
	ptrdiff_t total = 0;
	for (int c = 0; c < g->column_count; c++) {
		widths[c] = report_columns(str_from(g->columns[c].title));
		for (ptrdiff_t r = 0; r < g->row_count; r++)
			widths[c] = MAX(widths[c], report_columns(shown(a, g, r, c)));
		total += widths[c] + (c ? GAP : 0);
	}
	/* the widest that may be cut gives one column after the other */
	for (; width > 0 && total > width; total--) {
		int widest = -1;
		for (int c = 0; c < g->column_count; c++)
			if (g->columns[c].gives_way && widths[c] > LEAST &&
			    (widest < 0 || widths[c] > widths[widest]))
				widest = c;
		if (widest < 0)
			return;
		widths[widest]--;
	}
}

static void add_cell(struct buf *out, const struct grid *g, int c, str text, const ptrdiff_t *widths,
		     enum report_colour colour, const struct report_style *style)
{
	bool last = c + 1 == g->column_count;
	text = report_cut(out->arena, text, widths[c]);
	ptrdiff_t pad = widths[c] - report_columns(text);
	report_pad(out, (c ? GAP : 0) + (g->columns[c].number ? pad : 0));
	report_paint(out, style, colour, text);
	report_pad(out, g->columns[c].number || last ? 0 : pad);
}

static void add_table(struct buf *out, const struct grid *g, const struct report_style *style)
{
	ptrdiff_t widths[GRID_COLUMNS];
	measure(out->arena, g, style->width, widths);
	if (g->title) {
		report_paint(out, style, BOLD, str_from(g->title));
		buf_add_char(out, '\n');
	}
	for (int c = 0; c < g->column_count; c++)
		add_cell(out, g, c, str_from(g->columns[c].title), widths, DIM, style);
	buf_add_char(out, '\n');
	for (ptrdiff_t r = 0; r < g->row_count; r++) {
		for (int c = 0; c < g->column_count; c++)
			add_cell(out, g, c, shown(out->arena, g, r, c), widths, PLAIN, style);
		buf_add_char(out, '\n');
	}
	buf_add_char(out, '\n');
}

static void add_json(struct buf *out, const struct grid *g)
{
	for (ptrdiff_t r = 0; r < g->row_count; r++) {
		bool any = g->title != NULL;
		buf_add_char(out, '{');
		if (any) {
			buf_add(out, S("\"kind\":"));
			report_json_string(out, str_from(g->title));
		}
		for (int c = 0; c < g->column_count; c++) {
			str cell = g->cells[r * g->column_count + c];
			int64_t n;
			if (g->columns[c].key == NULL)
				continue;
			buf_printf(out, "%s\"%s\":", any ? "," : "", g->columns[c].key);
			any = true;
			if (cell.len == 0)
				buf_add(out, S("null"));
			else if (g->columns[c].number && str_to_int(cell, INT64_MIN, INT64_MAX, &n))
				buf_printf(out, "%lld", (long long)n);
			else
				report_json_string(out, cell);
		}
		buf_add(out, S("}\n"));
	}
}

static int csv_cells(const struct grid *g, str *cells, ptrdiff_t row, struct arena *a)
{
	int n = 0;
	if (g->title)
		cells[n++] = row < 0 ? S("kind") : str_from(g->title);
	for (int c = 0; c < g->column_count; c++) {
		if (g->columns[c].key == NULL)
			continue;
		cells[n++] = row < 0 ? str_from(g->columns[c].key)
				     : text_safety_line(a, g->cells[row * g->column_count + c], CELL_MAX);
	}
	return n;
}

void report_grid_head(struct buf *out, const struct grid *g)
{
	str cells[GRID_COLUMNS + 1];
	csv_write_row(out, cells, csv_cells(g, cells, -1, out->arena));
}

void report_grid(struct buf *out, const struct grid *g, enum grid_form form, const struct report_style *style)
{
	str cells[GRID_COLUMNS + 1];
	switch (form) {
	case GRID_TABLE:
		if (g->row_count)
			add_table(out, g, style);
		break;
	case GRID_JSON:
		add_json(out, g);
		break;
	case GRID_CSV:
		for (ptrdiff_t r = 0; r < g->row_count; r++)
			csv_write_row(out, cells, csv_cells(g, cells, r, out->arena));
		break;
	}
}
