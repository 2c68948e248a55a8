/* report_stream.h - findings one by one, as programs read them: JSON lines, CSV, Timesketch; and for people
 * one line each.
 *
 * A writer adds whole lines to `out`; who calls writes them and empties it.  Everything is neutralised:
 * report_text.h I1; of CSV also formulas (format/csv.h).
 *
 * JSON: rule_id or indicator, title, author, level, status, tags, file, line, time, host, details, matched
 * (field, value, predicate; from, to: the bytes of value that were met) and event.  A correlation has
 * correlation, first, last, value, group and events (file, line) in place of line and event.
 */
#pragma once
#include "watch/finding.h"
#include "watch/report_text.h"

void report_json(struct buf *out, const struct finding *f, const struct report_style *style);
void report_csv_head(struct buf *out);
void report_csv(struct buf *out, const struct finding *f, const struct report_style *style);
void report_timesketch(struct buf *out, const struct finding *f);
/* time, level, host, title, details, with what was met in bold; where it is.  With a width, of that. */
void report_line(struct buf *out, const struct finding *f, const struct report_style *style);
/* The same without time and place; the place alone. */
void report_body(struct buf *out, const struct finding *f, const struct report_style *style);
str  report_place(struct arena *a, const struct finding *f, bool whole);  /* with the file's folders */

/* user SHIRE\ada  parent cmd.exe  command whoami: of at most `columns`; 0: whole. */
void report_details(struct buf *out, const struct finding *f, ptrdiff_t columns,
		    const struct report_style *style);
