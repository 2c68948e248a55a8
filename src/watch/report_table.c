#include "watch/report.h"

#include "model/text_safety.h"
#include "watch/report_stream.h"

enum {
	WIDTH_DEFAULT = 120,
	HOSTS_SHOWN = 8,
	EXAMPLES_SHOWN = 3,
	HOST_COLUMNS = 34,
	TECHNIQUES_SHOWN = 4,
	COUNT_COLUMNS = 9,
	MARGIN = 2,
	DETAIL_MARGIN = 4,
	UNSEEN_MARGIN = 4
};

static int width_of(const struct report_style *s)
{
	return s->width > 0 ? s->width : WIDTH_DEFAULT;
}

/* 2020-09-20 17:38:55 - 17:39:21, with the day again only where it is another. */
static str span_text(struct arena *a, int64_t first_us, int64_t last_us, bool local)
{
	str first = report_time(a, first_us, local), last = report_time(a, last_us, local);
	if (first.len == 0)
		return S("no time");
	if (str_eq(first, last))
		return first;
	if (str_eq(str_sub(first, 0, 10), str_sub(last, 0, 10)))
		last = str_sub(last, 11, last.len);
	return arena_printf(a, STR_FMT " - " STR_FMT, STR_ARG(first), STR_ARG(last));
}

static str upper(struct arena *a, str s)
{
	char *p = arena_cstr(a, arena_dup(a, s));
	for (ptrdiff_t i = 0; i < s.len; i++)
		p[i] = (char)(p[i] >= 'a' && p[i] <= 'z' ? p[i] - 32 : p[i]);
	return (str){ p, s.len };
}

static str techniques_of(struct arena *a, const struct unit_rule *r)
{
	struct buf b;
	int shown = 0;
	buf_init(&b, a, 4096);
	for (ptrdiff_t i = 0; i < r->tag_count && shown < TECHNIQUES_SHOWN; i++) {
		str t = tally_technique(a, r->tags[i]);
		if (t.len == 0)
			continue;
		buf_add(&b, shown++ ? S(" ") : S(""));
		buf_add(&b, text_safety_line(a, t, 20));
	}
	return buf_str(&b);
}

static str logsource_text(struct arena *a, const struct logsource *l)
{
	const str parts[] = { l->product, l->category, l->service };
	struct buf b;
	buf_init(&b, a, 1024);
	for (ptrdiff_t i = 0; i < COUNTOF(parts); i++) {
		if (parts[i].len == 0)
			continue;
		buf_add(&b, b.len ? S("/") : S(""));
		buf_add(&b, text_safety_line(a, parts[i], 100));
	}
	return buf_str(&b);
}

/* The parts that are not empty, with a dot between. */
static str dotted(struct arena *a, const str *parts, ptrdiff_t count)
{
	struct buf b;
	buf_init(&b, a, 1 << 16);
	for (ptrdiff_t i = 0; i < count; i++) {
		if (parts[i].len == 0)
			continue;
		buf_add(&b, b.len ? S(" \xC2\xB7 ") : S(""));
		buf_add(&b, text_safety_line(a, parts[i], 400));
	}
	return buf_str(&b);
}

static void add_heading(struct buf *out, const struct finding *f, const struct report_style *style)
{
	struct arena *a = out->arena;
	int width = width_of(style), level = (int)finding_level(f);
	str badge = arena_printf(
		a, " " STR_FMT " ",
		STR_ARG(upper(a, f->indicator ? S("indicator") : str_from(rule_level_names[level]))));
	str right = f->rule ? techniques_of(a, &f->rule->about) : S("");
	str title = text_safety_line(a, f->indicator ? f->indicator->value : finding_title(f), 400);
	ptrdiff_t room = width - badge.len - 1 - (right.len ? right.len + 2 : 0);
	if (room < width / 3) {
		room += right.len + 2;
		right = S("");
	}
	title = report_cut(a, title, MAX(room, 10));
	report_paint(out, style, report_level_colour(level), badge);
	buf_add_char(out, ' ');
	report_paint(out, style, BOLD, title);
	if (right.len) {
		report_pad(out, room - report_columns(title) + 2);
		report_paint(out, style, DIM, right);
	}
	buf_add_char(out, '\n');
	const struct unit_rule *r = f->rule ? &f->rule->about : NULL;
	const struct indicator *i = f->indicator;
	const str of_rule[] = { r && r->author.len ? arena_printf(a, "by " STR_FMT, STR_ARG(r->author))
						   : S(""),
				r ? logsource_text(a, &r->logsource) : S(""), r ? r->id : S("") };
	const str of_indicator[] = {
		i ? str_from(indicator_kind_names[i->kind]) : S(""), i ? i->label : S(""),
		i ? arena_printf(a, STR_FMT ":%lld", STR_ARG(i->source), (long long)i->line) : S("")
	};
	str below = dotted(a, r ? of_rule : of_indicator, 3);
	report_pad(out, MARGIN);
	report_paint(out, style, DIM, report_cut(a, below, width - MARGIN));
	buf_add_char(out, '\n');
}

static void add_example(struct buf *out, const struct tally_example *e, const struct report_style *style)
{
	struct arena *a = out->arena;
	const struct finding *f = &e->what;
	int width = width_of(style);
	str place = report_place(a, f, false);
	place = report_cut_front(a, place, MIN(width / 4, 32));
	ptrdiff_t start = out->len, times = 0;
	report_pad(out, DETAIL_MARGIN);
	if (e->count > 1) {
		str n = arena_printf(a, STR_FMT "\xC3\x97 ", STR_ARG(report_number(a, e->count)));
		times = report_columns(n);
		report_paint(out, style, DIM, n);
	}
	ptrdiff_t room = width - DETAIL_MARGIN - times - report_columns(place) - 2;
	struct report_style plain = { .width = style->width };
	struct buf measured;
	buf_init(&measured, a, 1 << 20);
	report_details(&measured, f, room, &plain);
	report_details(out, f, room, style);
	report_pad(out, MAX(2, room - report_columns(buf_str(&measured)) + 2));
	report_paint(out, style, DIM, place);
	buf_add_char(out, '\n');
	ASSERT(out->over || out->len > start);
}

static void add_host(struct buf *out, const struct tally_group *g, const struct report_style *style)
{
	struct arena *a = out->arena;
	int width = width_of(style), columns = MIN(HOST_COLUMNS, width / 3);
	str host = text_safety_line(a, g->examples[0].what.host, 300);
	str count = report_number(a, g->count);
	host = report_cut(a, host.len ? host : S("(no host)"), columns);
	report_pad(out, MARGIN);
	report_paint(out, style, BOLD, host);
	report_pad(out, columns - report_columns(host) + COUNT_COLUMNS - count.len);
	buf_add(out, count);
	buf_add(out, S("  "));
	str span = span_text(a, g->first_us, g->last_us, style->local);
	buf_add(out, report_cut(a, span, MAX(19, width - MARGIN - columns - COUNT_COLUMNS - 2)));
	buf_add_char(out, '\n');
	int shown = MIN(g->example_count, EXAMPLES_SHOWN);
	for (int i = 0; i < shown; i++)
		add_example(out, &g->examples[i], style);
	int64_t rest = g->others;
	for (int i = shown; i < g->example_count; i++)
		rest += g->examples[i].count;
	if (rest) {
		report_pad(out, DETAIL_MARGIN);
		str text = arena_printf(a, "and " STR_FMT " with other details",
					STR_ARG(report_number(a, rest)));
		report_paint(out, style, DIM, text);
		buf_add_char(out, '\n');
	}
}

static bool same_rule(const struct tally_group *a, const struct tally_group *b)
{
	return str_eq(str_cut(a->key, '\n').head, str_cut(b->key, '\n').head);
}

void report_table(struct buf *out, const struct tally *t, const struct report_style *style)
{
	ptrdiff_t count;
	struct arena *a = out->arena;
	const struct tally_group *const *groups = tally_groups(t, a, &count);
	for (ptrdiff_t i = 0, end; i < count; i = end) {
		int64_t rest = 0;
		add_heading(out, &groups[i]->examples[0].what, style);
		for (end = i; end < count && same_rule(groups[end], groups[i]); end++)
			if (end - i < HOSTS_SHOWN)
				add_host(out, groups[end], style);
			else
				rest += groups[end]->count;
		if (end - i > HOSTS_SHOWN) {
			report_pad(out, MARGIN);
			str text = arena_printf(a, "and %td other hosts, " STR_FMT " times (--json has all)",
						end - i - HOSTS_SHOWN, STR_ARG(report_number(a, rest)));
			report_paint(out, style, DIM, text);
			buf_add_char(out, '\n');
		}
		buf_add_char(out, '\n');
	}
}

/* --- the end of every report --- */

static const char *plural(int64_t n)
{
	return n == 1 ? "" : "s";
}

static void add_levels(struct buf *out, const int64_t by_level[static TALLY_LEVELS],
		       const struct report_style *style)
{
	bool any = false;
	for (int level = TALLY_LEVELS - 1; level >= 0; level--) {
		if (by_level[level] == 0)
			continue;
		buf_add(out, any ? S(", ") : S(""));
		str text = arena_printf(out->arena, STR_FMT " %s",
					STR_ARG(report_number(out->arena, by_level[level])),
					rule_level_names[level]);
		report_paint(out, style, report_level_colour(level), text);
		any = true;
	}
}

/* What was written since `start` again, in lines of that width; colours take no columns. */
static void fold(struct buf *out, ptrdiff_t start, ptrdiff_t width)
{
	str text = arena_dup(out->arena, str_sub(buf_str(out), start, out->len));
	ptrdiff_t column = 0;
	out->len = start;
	for (str_cut_result c = str_cut(text, ' ');; c = str_cut(c.tail, ' ')) {
		ptrdiff_t w = report_columns(c.head);
		for (ptrdiff_t i = 0; i < c.head.len; i++)
			if (c.head.ptr[i] == '\x1b')
				w -= str_find_char(str_sub(c.head, i, c.head.len), 'm') + 1;
		if (column > 0 && column + 1 + w > width) {
			buf_add(out, S("\n  "));
			column = MARGIN;
		} else if (column > 0) {
			buf_add_char(out, ' ');
			column++;
		}
		buf_add(out, c.head);
		column += w;
		if (!c.ok)
			break;
	}
	buf_add_char(out, '\n');
}

static str rate_text(struct arena *a, const struct report_run *run)
{
	double seconds = (double)MAX(run->duration_us, 1) / 1e6;
	if (run->duration_us < 50000)
		return S("");
	return arena_printf(a, ", " STR_FMT " events/s",
			    STR_ARG(report_number(a, (int64_t)((double)run->events / seconds))));
}

static str bytes_text(struct arena *a, int64_t n)
{
	static const char *const units[] = { "bytes", "kB", "MB", "GB", "TB" };
	double v = (double)n;
	int u = 0;
	for (; v >= 1000 && u < (int)COUNTOF(units) - 1; u++)
		v /= 1000;
	return u ? arena_printf(a, "%.1f %s", v, units[u]) : arena_printf(a, "%lld bytes", (long long)n);
}

void report_looked_at(struct buf *out, const struct report_run *run, const struct report_style *style)
{
	struct arena *a = out->arena;
	ptrdiff_t start = out->len;
	str text = arena_printf(a, STR_FMT " event%s in %td file%s, " STR_FMT ", in %.1f s" STR_FMT,
				STR_ARG(report_number(a, run->events)), plural(run->events), run->files,
				plural(run->files), STR_ARG(bytes_text(a, run->bytes)),
				(double)run->duration_us / 1e6, STR_ARG(rate_text(a, run)));
	report_paint(out, style, DIM, text);
	if (run->rules_tried)
		report_paint(out, style, DIM,
			     arena_printf(a, "; " STR_FMT " rule%s",
					  STR_ARG(report_number(a, run->rules_tried)),
					  plural(run->rules_tried)));
	if (run->indicators)
		report_paint(out, style, DIM,
			     arena_printf(a, "; " STR_FMT " indicator%s",
					  STR_ARG(report_number(a, run->indicators)),
					  plural(run->indicators)));
	fold(out, start, width_of(style));
	start = out->len;
	if (run->formats.len) {
		text = text_safety_line(a, run->formats, 1000);
		report_paint(out, style, DIM, arena_printf(a, "Read as " STR_FMT, STR_ARG(text)));
		fold(out, start, width_of(style));
	}
}

void report_closing(struct buf *out, const struct tally *t, const struct report_run *run,
		    const struct report_style *style)
{
	struct arena *a = out->arena;
	struct tally_totals totals = tally_totals(t);
	ptrdiff_t start = out->len;
	if (totals.count == 0) {
		report_paint(out, style, BOLD, S("Nothing found."));
		buf_add_char(out, '\n');
	} else {
		report_paint(out, style, BOLD, S("Found "));
		totals.by_level[LEVEL_HIGH] -= totals.indicators; /* they count as high, but are no rule's */
		add_levels(out, totals.by_level, style);
		if (totals.rules)
			buf_printf(out, " by %td rule%s", totals.rules, plural(totals.rules));
		if (totals.indicators)
			buf_printf(out, "%s" STR_FMT " of indicators", totals.rules ? ", and " : "",
				   STR_ARG(report_number(a, totals.indicators)));
		buf_printf(out, " on %td host%s; " STR_FMT ".", totals.hosts, plural(totals.hosts),
			   STR_ARG(span_text(a, totals.first_us, totals.last_us, style->local)));
		fold(out, start, width_of(style));
	}
	if (totals.dropped)
		buf_printf(out, STR_FMT " findings had no room in this table; --json has all.\n",
			   STR_ARG(report_number(a, totals.dropped)));
	report_looked_at(out, run, style);
	report_unseen(out, run, style);
}

/* A sentence over several lines, set in. */
static void add_wrapped(struct buf *out, str text, ptrdiff_t width)
{
	ptrdiff_t column = UNSEEN_MARGIN;
	buf_add(out, S("  - "));
	for (str_cut_result c = str_cut(text, ' ');; c = str_cut(c.tail, ' ')) {
		ptrdiff_t w = report_columns(c.head);
		if (column > UNSEEN_MARGIN && column + 1 + w > width) {
			buf_add_char(out, '\n');
			report_pad(out, UNSEEN_MARGIN);
			column = UNSEEN_MARGIN;
		} else if (column > UNSEEN_MARGIN) {
			buf_add_char(out, ' ');
			column++;
		}
		buf_add(out, c.head);
		column += w;
		if (!c.ok)
			break;
	}
	buf_add_char(out, '\n');
}

void report_unseen(struct buf *out, const struct report_run *run, const struct report_style *style)
{
	if (run->unseen_count == 0)
		return;
	report_paint(out, style, YELLOW, S("What could not be seen"));
	buf_add_char(out, '\n');
	for (ptrdiff_t i = 0; i < run->unseen_count; i++)
		add_wrapped(out, text_safety_line(out->arena, run->unseen[i], 4000), width_of(style));
}
