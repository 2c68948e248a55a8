#include "watch/report.h"

#include "base/instant.h"
#include "model/text_safety.h"

enum { WIDTH_DEFAULT = 120, BARS_SHOWN = 15, LABEL_MAX = 60, EIGHTHS = 8, TIME_BARS = 36, RULE_BARS = 20 };

struct bar {
	str label;
	int level;
	int64_t value;
	const int64_t *by_level;
};

/* A bar of whole and eighth blocks: `value` of `most` in so many columns, never nothing for something. */
static void add_bar(struct buf *out, int64_t value, int64_t most, int columns)
{
	static const char *const parts[] = { "",
					     "\xE2\x96\x8F",
					     "\xE2\x96\x8E",
					     "\xE2\x96\x8D",
					     "\xE2\x96\x8C",
					     "\xE2\x96\x8B",
					     "\xE2\x96\x8A",
					     "\xE2\x96\x89" };
	int64_t eighths = most ? (int64_t)((double)value / (double)most * columns * EIGHTHS + 0.5) : 0;
	if (value > 0 && eighths == 0)
		eighths = 1;
	for (int64_t i = 0; i < eighths / EIGHTHS; i++)
		buf_add(out, S("\xE2\x96\x88"));
	buf_add(out, str_from(parts[eighths % EIGHTHS]));
}

static int worst(const int64_t by_level[static TALLY_LEVELS])
{
	int level = TALLY_LEVELS - 1;
	while (level > 0 && by_level[level] == 0)
		level--;
	return level;
}

static void add_bars(struct buf *out, const char *title, const struct bar *bars, ptrdiff_t count,
		     const struct report_style *style)
{
	struct arena *a = out->arena;
	int width = style->width > 0 ? style->width : WIDTH_DEFAULT;
	ptrdiff_t label = 0, number = 0;
	int64_t most = 0;
	if (count == 0)
		return;
	for (ptrdiff_t i = 0; i < count; i++) {
		label = MAX(label, report_columns(bars[i].label));
		number = MAX(number, report_number(a, bars[i].value).len);
		most = MAX(most, bars[i].value);
	}
	label = MIN(label, MIN(LABEL_MAX, width / 2));
	ptrdiff_t room = MAX(5, width - label - number - 6);
	report_paint(out, style, BOLD, str_from(title));
	buf_add_char(out, '\n');
	for (ptrdiff_t i = 0; i < count; i++) {
		struct buf b;
		ptrdiff_t empty = 0;
		while (i + empty < count && bars[i + empty].value == 0)
			empty++;
		if (empty > 2) {
			report_paint(out, style, DIM, arena_printf(a, "  nothing in %td bars", empty));
			buf_add_char(out, '\n');
			i += empty - 1;
			continue;
		}
		str text = report_cut(a, bars[i].label, label), n = report_number(a, bars[i].value);
		buf_init(&b, a, 4096);
		add_bar(&b, bars[i].value, most, (int)room);
		buf_add(out, S("  "));
		buf_add(out, text);
		report_pad(out, label - report_columns(text) + 1 + number - n.len);
		buf_add(out, n);
		buf_add_char(out, ' ');
		report_paint(out, style, report_level_colour(bars[i].level), buf_str(&b));
		buf_add_char(out, '\n');
	}
	buf_add_char(out, '\n');
}

static void add_level_bars(struct buf *out, const struct tally *t, const struct report_style *style)
{
	struct tally_totals totals = tally_totals(t);
	struct bar bars[TALLY_LEVELS] = { 0 };
	ptrdiff_t n = 0;
	for (int level = TALLY_LEVELS - 1; level >= 0; level--)
		if (totals.by_level[level])
			bars[n++] = (struct bar){ str_from(rule_level_names[level]), level,
						  totals.by_level[level], NULL };
	add_bars(out, "Findings by level", bars, n, style);
}

static void add_more(struct buf *out, ptrdiff_t left, const char *what, const struct report_style *style)
{
	if (left <= 0)
		return;
	out->len -= out->len > 0; /* the empty line behind the bars comes after this */
	report_paint(out, style, DIM, arena_printf(out->arena, "  and %td other %s", left, what));
	buf_add(out, S("\n\n"));
}

static void add_rule_bars(struct buf *out, const struct tally *t, const struct report_style *style)
{
	ptrdiff_t count, n = 0, kinds = 0;
	struct arena *a = out->arena;
	const struct tally_group *const *g = tally_groups(t, a, &count);
	struct bar bars[RULE_BARS] = { 0 };
	for (ptrdiff_t i = 0, end; i < count; i = end, kinds++) {
		int64_t total = 0;
		str rule = str_cut(g[i]->key, '\n').head;
		for (end = i; end < count && str_eq(str_cut(g[end]->key, '\n').head, rule); end++)
			total += g[end]->count;
		const struct finding *f = &g[i]->examples[0].what;
		str title = f->indicator ? f->indicator->value : finding_title(f);
		if (n < RULE_BARS)
			bars[n++] = (struct bar){ text_safety_line(a, title, 300), (int)finding_level(f),
						  total, NULL };
	}
	add_bars(out, "Rules and indicators, worst first", bars, n, style);
	add_more(out, kinds - n, "rules and indicators", style);
}

static void add_name_bars(struct buf *out, const char *title, const struct tally_name *const *names,
			  ptrdiff_t count, const struct report_style *style)
{
	struct bar bars[BARS_SHOWN] = { 0 };
	ptrdiff_t n = MIN(count, BARS_SHOWN);
	for (ptrdiff_t i = 0; i < n; i++) {
		str text = text_safety_line(out->arena, names[i]->text, 300);
		bars[i] = (struct bar){ text.len ? text : S("(no host)"), worst(names[i]->by_level),
					names[i]->count, names[i]->by_level };
	}
	add_bars(out, title, bars, n, style);
	add_more(out, count - n, "ones", style);
}

const struct report_bar *report_bars(const struct tally *t, struct arena *a, ptrdiff_t most,
				     ptrdiff_t *out_count, int64_t *out_step_us)
{
	static const int64_t steps[] = { 1,   2,   3,    6,    12,    24,     48,     168,
					 336, 720, 2160, 8760, 87600, 876000, 8760000 };
	ptrdiff_t hours, n = 0;
	const struct tally_hour *h = tally_hours(t, a, &hours);
	*out_count = 0;
	*out_step_us = HOURS(1);
	if (hours == 0)
		return NULL;
	int64_t step = 1, first = h[0].hour, last = h[hours - 1].hour;
	for (ptrdiff_t i = 0; i < COUNTOF(steps); i++) {
		step = steps[i];
		if ((last - first) / step < most - 1)
			break;
	}
	first -= ((first % step) + step) % step;
	n = MIN((last - first) / step + 1, most);
	struct report_bar *bars = NEW(a, struct report_bar, n);
	for (ptrdiff_t i = 0; i < n; i++)
		bars[i].at_us = HOURS(first + i * step);
	for (ptrdiff_t i = 0; i < hours; i++) {
		struct report_bar *b = &bars[MIN((h[i].hour - first) / step, n - 1)];
		for (int level = 0; level < TALLY_LEVELS; level++) {
			b->by_level[level] += h[i].by_level[level];
			b->count += h[i].by_level[level];
		}
	}
	*out_count = n;
	*out_step_us = HOURS(step);
	return bars;
}

static void add_time_bars(struct buf *out, const struct tally *t, const struct report_style *style)
{
	ptrdiff_t n;
	int64_t step;
	struct arena *a = out->arena;
	struct bar bars[TIME_BARS] = { 0 };
	const struct report_bar *b = report_bars(t, a, TIME_BARS, &n, &step);
	for (ptrdiff_t i = 0; i < n; i++) {
		str time = report_time(a, b[i].at_us, style->local);
		bars[i] = (struct bar){ str_sub(time, 0, step >= DAYS(1) ? 10 : 16), worst(b[i].by_level),
					b[i].count, b[i].by_level };
	}
	str title = step >= DAYS(1) ? arena_printf(a, "Over time, a bar is %lld day%s",
						   (long long)(step / DAYS(1)), step >= DAYS(2) ? "s" : "")
				    : arena_printf(a, "Over time, a bar is %lld hour%s",
						   (long long)(step / HOURS(1)), step >= HOURS(2) ? "s" : "");
	add_bars(out, arena_cstr(a, title), bars, n, style);
}

void report_summary(struct buf *out, const struct tally *t, const struct report_style *style)
{
	ptrdiff_t count;
	add_level_bars(out, t, style);
	add_rule_bars(out, t, style);
	const struct tally_name *const *names = tally_techniques(t, out->arena, &count);
	add_name_bars(out, "ATT&CK techniques", names, count, style);
	names = tally_hosts(t, out->arena, &count);
	add_name_bars(out, "Hosts", names, count, style);
	add_time_bars(out, t, style);
}
