/* timeline.h - findings in the order in which things happened, whatever file they came from.
 *
 * L1. What repeats itself within a minute (rule, host and details) is one row with a count.
 * L2. At most TIMELINE_ROWS rows and TIMELINE_BYTES of text; what came after that is counted and said.
 * L3. What has no time stands at the end.
 */
#pragma once
#include "watch/finding.h"
#include "watch/report_text.h"

enum { TIMELINE_ROWS = 500000, TIMELINE_BYTES = 256 << 20 };

struct timeline;
struct timeline *timeline_new(struct arena *a, const struct report_style *style);
/* tmp: for the making of one row */
void timeline_add(struct timeline *t, const struct finding *f, struct arena *tmp);
/* Sorts once; then row by row, false at the end. */
void timeline_sort(struct timeline *t);
bool timeline_row(struct timeline *t, struct buf *out);
int64_t timeline_dropped(const struct timeline *t);
