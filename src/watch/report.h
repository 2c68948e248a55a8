/* report.h - whole reports of what was found: the table, the charts, the timeline, the HTML page; and what
 * every report ends with: the sum, and what could not be seen.
 *
 * All of them are made of a tally (bounded), write text that is neutralised (report_text.h I1), and say what
 * they left out.
 */
#pragma once
#include "watch/report_text.h"
#include "watch/tally.h"

struct report_run {             /* what was looked at */
	int64_t    events, bytes, broken, duration_us, started_us;
	ptrdiff_t  files, rules_tried, rules_refused;
	int64_t    indicators;
	str        formats;     /* what the files were taken for; empty: not said */
	const str *unseen;      /* one sentence each */
	ptrdiff_t  unseen_count;
};

/* By rule and host, worst first. */
void report_table(struct buf *out, const struct tally *t, const struct report_style *style);
/* Bars by level, rule, technique, host and time. */
void report_summary(struct buf *out, const struct tally *t, const struct report_style *style);
/* What it came to; then what could not be seen. */
void report_closing(struct buf *out, const struct tally *t, const struct report_run *run,
		    const struct report_style *style);
/* Its two halves alone: how much was looked at, and the second. */
void report_looked_at(struct buf *out, const struct report_run *run, const struct report_style *style);
void report_unseen(struct buf *out, const struct report_run *run, const struct report_style *style);
void report_html(struct buf *out, const struct tally *t, const struct report_run *run,
		 const struct report_style *style);

/* Spans of time for a chart: at most `most` bars, each of whole hours or days. */
struct report_bar { int64_t at_us; int64_t by_level[TALLY_LEVELS], count; };
const struct report_bar *report_bars(const struct tally *t, struct arena *a, ptrdiff_t most,
				     ptrdiff_t *out_count, int64_t *out_step_us);
