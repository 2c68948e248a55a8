/* report_text.h - the few ways in which text from logs gets into a report: cut, escaped, coloured.
 *
 * I1. Whatever came in, what is written is valid UTF-8 without control characters, and nothing in it reorders
 *     or hides what stands beside it (model/text_safety.h).
 * I2. Widths are columns of a terminal: East Asian wide characters take two, marks that combine none.
 */
#pragma once
#include "base/buf.h"

struct report_style {
	bool colour;            /* a terminal that takes it */
	bool local;             /* times as the machine's clock has them, else UTC */
	int  width;             /* columns; 0: no limit */
};

enum { REPORT_VALUE_MAX = 4096, REPORT_OUT_MAX = 256 << 20 };

/* JSON: a string with its quotes; C0, C1, DEL, bidi and invisible characters as \u escapes. */
void report_json_string(struct buf *out, str text);
/* An event's bytes as JSON again: strings escaped as above, what no reader would take made plain.  What is no
 * JSON at all becomes a string. */
void report_json_event(struct buf *out, str json);
void report_html_text(struct buf *out, str text);       /* in an element, or between quotes */

/* 2020-09-20T21:38:55.290Z, with the offset if local; "" if at_us is none.  Plain: 2020-09-20 21:38:55. */
str  report_time_exact(struct arena *a, int64_t at_us, bool local);
str  report_time(struct arena *a, int64_t at_us, bool local);
str  report_number(struct arena *a, int64_t n);         /* 352,757 */

ptrdiff_t report_columns(str text);
/* At most so many columns; what was cut is said by an ellipsis. */
str  report_cut(struct arena *a, str text, ptrdiff_t columns);
/* The same, cut in front: of a path the end says most. */
str  report_cut_front(struct arena *a, str text, ptrdiff_t columns);
void report_pad(struct buf *out, ptrdiff_t columns);

enum report_colour { PLAIN, BOLD, DIM, RED, YELLOW, CYAN, BLUE, GREEN, ALARM };
void report_paint(struct buf *out, const struct report_style *s, enum report_colour c, str text);
enum report_colour report_level_colour(int level);
