/* report_grid.h - rows and columns for people, or the same rows for programs. */
#pragma once
#include "watch/report_text.h"

enum { GRID_COLUMNS = 12 };
enum grid_form { GRID_TABLE, GRID_JSON, GRID_CSV };

struct grid_column {
	const char *title, *key;        /* key: of JSON and CSV; NULL: in tables only */
	bool number;                    /* right-aligned; in JSON a number */
	bool gives_way;                 /* is cut first when the width does not do */
};
struct grid {
	const char *title;              /* NULL: none; of JSON and CSV the value of "kind" */
	const struct grid_column *columns;
	int column_count;
	const str *cells;               /* row by row; numbers as digits; empty: not known */
	ptrdiff_t row_count;
};
/* A CSV file has one head: that of the first grid, whose columns the others share. */
void report_grid(struct buf *out, const struct grid *g, enum grid_form form,
		 const struct report_style *style);
void report_grid_head(struct buf *out, const struct grid *g);
