#include "watch/report.h"

#include <stdio.h>
#include "base/instant.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "model/text_safety.h"
#include "watch/report_stream.h"

/* One file, nothing from elsewhere: style and script stand in it, named by their hashes in the policy, so
 * that nothing that came from a log could run even if it got past the escapes.  Without the script the page
 * is whole; only the filter is missing. */

enum {
	GROUPS_SHOWN = 5000,
	PAGE_MOST = 64 << 20,
	CHART_NAMES = 12,
	TIME_BARS = 60,
	CHART_HEIGHT = 120,
	CHART_WIDTH = 1100,
	ROW = 24,
	LABEL_WIDTH = 230,
	BAR_WIDTH = 250,
	LABEL_BYTES = 100,
	DETAIL_COLUMNS = 400
};

static const char STYLE[] =
	":root{--bg:#fff;--fg:#1a1f24;--dim:#5c6670;--line:#d9dee3;--soft:#f4f6f8;--critical:#a3123a;--high:#"
	"c8451b;"
	"--medium:#a87400;--low:#2a7a8c;--informational:#5471a8}"
	"@media(prefers-color-scheme:dark){:root{--bg:#14181c;--fg:#e4e8ec;--dim:#98a2ac;--line:#333b43;"
	"--soft:#1d2329;--critical:#ff5c85;--high:#ff8a5c;--medium:#e3b341;--low:#56b6c9;--informational:#"
	"8fa8dd}}"
	"*{box-sizing:border-box}body{margin:0 "
	"auto;padding:24px;max-width:1240px;background:var(--bg);color:var(--fg);"
	"font:15px/1.5 system-ui,sans-serif}h1{font-size:26px;margin:0 0 4px}h2{font-size:17px;margin:28px 0 "
	"8px}"
	".dim,.sub{color:var(--dim)}.sub{font-size:13px}.tiles{display:flex;flex-wrap:wrap;gap:12px;margin:"
	"20px 0}"
	".tile{border:1px solid var(--line);border-top:4px solid var(--dim);border-radius:6px;padding:10px "
	"16px;"
	"min-width:118px}.tile b{display:block;font-size:26px;line-height:1.2}"
	"a.tile{color:inherit;text-decoration:none}.critical{--c:var(--critical)}.high{--c:var(--high)}."
	"medium{--c:var(--medium)}.low{--c:var(--low)}"
	".informational{--c:var(--informational)}.tile.critical,.tile.high,.tile.medium,.tile.low,.tile."
	"informational"
	"{border-top-color:var(--c)}.level{color:var(--c);font-weight:700;white-space:nowrap}"
	".charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(340px,1fr));gap:8px 32px}"
	"svg{max-width:100%;height:auto;display:block}svg text{fill:var(--fg);font:13px system-ui,sans-serif}"
	"svg .n{fill:var(--dim)}svg rect{fill:var(--c)}"
	".filter{position:sticky;top:0;background:var(--bg);padding:10px 0;border-bottom:1px solid "
	"var(--line);"
	"display:flex;flex-wrap:wrap;gap:14px;align-items:center;z-index:1}"
	".filter input[type=search]{font:inherit;padding:6px 10px;min-width:min(340px,100%);border:1px solid "
	"var(--dim);"
	"border-radius:6px;background:var(--bg);color:var(--fg)}"
	".row{border-bottom:1px solid var(--line);padding:12px 0 12px 12px;border-left:4px solid var(--c)}"
	".row h3{margin:0;font-size:15px}.row .where{display:flex;flex-wrap:wrap;gap:4px 20px}"
	"code,.v{font:13px/1.5 ui-monospace,monospace;overflow-wrap:anywhere}.k{color:var(--dim)}"
	"mark{background:#ffe08a;color:#1a1f24;border-radius:2px}details{margin-top:6px}summary{cursor:"
	"pointer;"
	"color:var(--dim);font-size:13px}table{border-collapse:collapse;width:100%;margin:6px 0}"
	"td,th{text-align:left;vertical-align:top;padding:3px 14px 3px 0;border-top:1px solid "
	"var(--line);font-size:13px}"
	"td:first-child{white-space:nowrap}pre{background:var(--soft);padding:10px;border-radius:6px;white-"
	"space:pre-wrap;"
	"overflow-wrap:anywhere;font:12px/1.5 ui-monospace,monospace}"
	".unseen{border-left:4px solid var(--medium);background:var(--soft);padding:10px "
	"18px;border-radius:0 6px 6px 0}"
	".unseen li{margin:4px 0}[hidden]{display:none!important}"
	"@media(max-width:600px){body{padding:14px}td:first-child{white-space:normal}}"
	"@media print{.filter{display:none}.row{break-inside:avoid}}";

static const char SCRIPT[] =
	"(function(){var d=document,f=d.querySelector('.filter'),q=f.querySelector('input[type=search]'),"
	"b=[].slice.call(f.querySelectorAll('input[type=checkbox]')),"
	"r=[].slice.call(d.querySelectorAll('.row')),n=f.querySelector('output');"
	"var t=r.map(function(e){return e.textContent.toLowerCase()});f.hidden=false;"
	"function go(){var w=q.value.toLowerCase().split(/\\s+/).filter(Boolean),l={},c=0;"
	"b.forEach(function(x){l[x.value]=x.checked});"
	"r.forEach(function(e,i){var s=l[e.dataset.level]!==false&&w.every(function(x){return "
	"t[i].indexOf(x)>=0});"
	"e.hidden=!s;if(s)c++});n.textContent=c+' of '+r.length}"
	"q.addEventListener('input',go);b.forEach(function(x){x.addEventListener('change',go)});go()})();";

static str hash_text(struct arena *a, const char *text)
{
	struct hash256 h = hash256_of(str_from(text));
	return text_base64(a, hash256_bytes(&h));
}

static void add(struct buf *out, const char *markup)
{
	buf_add(out, str_from(markup));
}

static void add_head(struct buf *out)
{
	struct arena *a = out->arena;
	add(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
	buf_printf(out, "style-src 'sha256-" STR_FMT "'; ", STR_ARG(hash_text(a, STYLE)));
	buf_printf(out, "script-src 'sha256-" STR_FMT "'; base-uri 'none'; form-action 'none'\">\n",
		   STR_ARG(hash_text(a, SCRIPT)));
	add(out, "<meta name=\"referrer\" content=\"no-referrer\">\n<title>What was found - naubat "
		 "detect</title>\n<style>");
	add(out, STYLE);
	add(out, "</style>\n</head>\n<body>\n");
}

static void add_text(struct buf *out, str text)
{
	report_html_text(out, str_sub(text, 0, REPORT_VALUE_MAX));
}

/* --- the top: what it came to --- */

static void add_tile(struct buf *out, const char *class, str number, const char *label)
{
	buf_printf(out, "<div class=\"tile %s\"><b>", class);
	add_text(out, number);
	buf_printf(out, "</b>%s</div>\n", label);
}

static void add_top(struct buf *out, const struct tally *t, const struct report_run *run,
		    const struct report_style *style)
{
	struct arena *a = out->arena;
	struct tally_totals totals = tally_totals(t);
	str first = report_time(a, totals.first_us, style->local),
	    last = report_time(a, totals.last_us, style->local);
	totals.by_level[LEVEL_HIGH] -= totals.indicators;
	add(out, "<header>\n<h1>");
	add(out, totals.count ? "What was found" : "Nothing was found");
	add(out, "</h1>\n<p class=\"dim\">");
	if (first.len)
		buf_printf(out, STR_FMT " to " STR_FMT "%s. ", STR_ARG(first), STR_ARG(last),
			   style->local ? ", local time" : " UTC");
	buf_printf(out,
		   STR_FMT " events in %td file%s, " STR_FMT " rules, " STR_FMT
			   " indicators. Made by naubat detect",
		   STR_ARG(report_number(a, run->events)), run->files, run->files == 1 ? "" : "s",
		   STR_ARG(report_number(a, run->rules_tried)), STR_ARG(report_number(a, run->indicators)));
	str made = report_time(a, run->started_us, style->local);
	if (run->started_us && made.len)
		buf_printf(out, " on " STR_FMT "%s", STR_ARG(made), style->local ? "" : " UTC");
	add(out, ".</p>\n</header>\n<div class=\"tiles\">\n");
	for (int level = TALLY_LEVELS - 1; level >= 0; level--)
		if (totals.by_level[level])
			add_tile(out, rule_level_names[level], report_number(a, totals.by_level[level]),
				 rule_level_names[level]);
	add_tile(out, "", report_number(a, totals.rules), totals.rules == 1 ? "rule" : "rules");
	if (totals.indicators)
		add_tile(out, "", report_number(a, totals.indicators), "of indicators");
	add_tile(out, "", report_number(a, totals.hosts), totals.hosts == 1 ? "host" : "hosts");
	if (run->unseen_count)
		buf_printf(out, "<a class=\"tile\" href=\"#unseen\"><b>%td</b>could not be seen</a>\n",
			   run->unseen_count);
	add(out, "</div>\n");
}

/* --- charts --- */

static const char *step_text(struct arena *a, int64_t step_us)
{
	int64_t n = step_us % DAYS(1) ? step_us / HOURS(1) : step_us / DAYS(1);
	const char *unit = step_us % DAYS(1) ? "hour" : "day";
	return arena_cstr(a, arena_printf(a, "%lld %s%s", (long long)n, unit, n == 1 ? "" : "s"));
}

static void add_time_chart(struct buf *out, const struct tally *t, const struct report_style *style)
{
	ptrdiff_t n;
	int64_t step, most = 1;
	struct arena *a = out->arena;
	const struct report_bar *bars = report_bars(t, a, TIME_BARS, &n, &step);
	if (n == 0)
		return;
	for (ptrdiff_t i = 0; i < n; i++)
		most = MAX(most, bars[i].count);
	double width = (double)CHART_WIDTH / (double)MAX(n, 12);
	buf_printf(out,
		   "<h2>Over time, one bar for %s</h2>\n<svg viewBox=\"0 0 %d %d\" role=\"img\" "
		   "aria-label=\"Findings over time\">\n",
		   step_text(a, step), CHART_WIDTH, CHART_HEIGHT + 22);
	for (ptrdiff_t i = 0; i < n; i++) {
		double y = CHART_HEIGHT;
		buf_printf(out, "<g><title>" STR_FMT ": " STR_FMT "</title>",
			   STR_ARG(str_sub(report_time(a, bars[i].at_us, style->local), 0, 16)),
			   STR_ARG(report_number(a, bars[i].count)));
		for (int level = 0; level < TALLY_LEVELS; level++) {
			double h = (double)bars[i].by_level[level] / (double)most * (CHART_HEIGHT - 4);
			if (bars[i].by_level[level] == 0)
				continue;
			h = h < 1.5 ? 1.5 : h;
			y -= h;
			buf_printf(
				out,
				"<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
				rule_level_names[level], (double)i * width, y,
				width > 3 ? width - 1.5 : width, h);
		}
		add(out, "</g>\n");
	}
	str first = report_time(a, bars[0].at_us, style->local);
	str last = report_time(a, bars[n - 1].at_us, style->local);
	buf_printf(out, "<text class=\"n\" x=\"0\" y=\"%d\">" STR_FMT "</text>\n", CHART_HEIGHT + 17,
		   STR_ARG(str_sub(first, 0, 16)));
	if (n > 6)
		buf_printf(out,
			   "<text class=\"n\" x=\"%.0f\" y=\"%d\" text-anchor=\"end\">" STR_FMT "</text>\n",
			   (double)n * width, CHART_HEIGHT + 17, STR_ARG(str_sub(last, 0, 16)));
	add(out, "</svg>\n");
}

static void add_bar_row(struct buf *out, const struct tally_name *name, ptrdiff_t row, int64_t most)
{
	struct arena *a = out->arena;
	double x = LABEL_WIDTH;
	int y = (int)row * ROW;
	buf_printf(out, "<text x=\"0\" y=\"%d\">", y + 16);
	str label = text_safety_line(a, name->text, LABEL_BYTES);
	add_text(out, label.len ? report_cut(a, label, 30) : S("(no host)"));
	add(out, "</text>");
	for (int level = TALLY_LEVELS - 1; level >= 0; level--) {
		double w = (double)name->by_level[level] / (double)most * BAR_WIDTH;
		if (name->by_level[level] == 0)
			continue;
		w = w < 1.5 ? 1.5 : w;
		buf_printf(out, "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"16\"/>",
			   rule_level_names[level], x, y + 4, w);
		x += w;
	}
	buf_printf(out, "<text class=\"n\" x=\"%.1f\" y=\"%d\">" STR_FMT "</text>\n", x + 6, y + 16,
		   STR_ARG(report_number(a, name->count)));
}

static void add_names(struct buf *out, const char *title, const struct tally_name *const *names,
		      ptrdiff_t count)
{
	int64_t most = 1;
	ptrdiff_t n = MIN(count, CHART_NAMES);
	if (n == 0)
		return;
	for (ptrdiff_t i = 0; i < n; i++)
		most = MAX(most, names[i]->count);
	buf_printf(out,
		   "<section>\n<h2>%s</h2>\n<svg viewBox=\"0 0 %d %td\" role=\"img\" aria-label=\"%s\">\n",
		   title, LABEL_WIDTH + BAR_WIDTH + 80, n * ROW + 2, title);
	for (ptrdiff_t i = 0; i < n; i++)
		add_bar_row(out, names[i], i, most);
	add(out, "</svg>\n");
	if (count > n)
		buf_printf(out, "<p class=\"sub\">and %td more</p>\n", count - n);
	add(out, "</section>\n");
}

static void add_charts(struct buf *out, const struct tally *t, const struct report_style *style)
{
	ptrdiff_t count;
	add_time_chart(out, t, style);
	add(out, "<div class=\"charts\">\n");
	const struct tally_name *const *names = tally_hosts(t, out->arena, &count);
	add_names(out, "Hosts", names, count);
	names = tally_techniques(t, out->arena, &count);
	add_names(out, "ATT&amp;CK techniques", names, count);
	add(out, "</div>\n");
}

/* --- the table --- */

static void add_reason(struct buf *out, const struct match_reason *r)
{
	ptrdiff_t from = MIN(MAX(r->from, 0), r->value.len), to = MIN(MAX(r->to, from), r->value.len);
	add(out, "<tr><td>");
	add_text(out, r->field.ptr ? r->field : S("anywhere"));
	add(out, "</td><td class=\"v\">");
	add_text(out, str_sub(r->value, 0, from));
	if (to > from) {
		add(out, "<mark>");
		add_text(out, str_sub(r->value, from, to));
		add(out, "</mark>");
	}
	add_text(out, str_sub(r->value, to, r->value.len));
	add(out, "</td><td class=\"v dim\">");
	add_text(out, r->predicate);
	add(out, "</td></tr>\n");
}

static void add_example(struct buf *out, const struct tally_example *e, const struct report_style *style)
{
	struct arena *a = out->arena;
	const struct finding *f = &e->what;
	add(out, "<div class=\"v\">");
	if (e->count > 1)
		buf_printf(out, "<span class=\"k\">" STR_FMT "\xC3\x97</span> ",
			   STR_ARG(report_number(a, e->count)));
	for (ptrdiff_t i = 0; i < f->detail_count; i++) {
		add(out, i ? " <span class=\"k\">" : "<span class=\"k\">");
		add_text(out, str_from(f->details[i].label));
		add(out, "</span> ");
		add_text(out, report_cut(a, text_safety_line(a, f->details[i].value, REPORT_VALUE_MAX),
					 DETAIL_COLUMNS));
	}
	add(out, "</div>\n<details><summary>");
	buf_printf(out, STR_FMT " ", STR_ARG(report_time(a, f->at_us, style->local)));
	add_text(out, report_place(a, f, true));
	add(out, "</summary>\n");
	if (f->reason_count) {
		add(out, "<table><tr><th>Field</th><th>Value</th><th>Because of</th></tr>\n");
		for (ptrdiff_t i = 0; i < f->reason_count; i++)
			add_reason(out, &f->reasons[i]);
		add(out, "</table>\n");
	}
	if (f->event.len) {
		add(out, "<pre>");
		add_text(out, f->event);
		add(out, "</pre>\n");
	}
	add(out, "</details>\n");
}

static void add_about(struct buf *out, const struct finding *f)
{
	struct arena *a = out->arena;
	const struct unit_rule *r = f->rule ? &f->rule->about : NULL;
	add(out, "<div class=\"sub\">");
	if (r) {
		add(out, "by ");
		add_text(out, r->author.len ? r->author : S("an unnamed author"));
		add(out, " \xC2\xB7 ");
		add_text(out, r->id);
		for (ptrdiff_t i = 0; i < r->tag_count; i++) {
			add(out, i ? " " : " \xC2\xB7 ");
			str technique = tally_technique(a, r->tags[i]);
			add_text(out, technique.len ? technique : r->tags[i]);
		}
	} else if (f->indicator) {
		add_text(out, str_from(indicator_kind_names[f->indicator->kind]));
		add(out, " \xC2\xB7 ");
		add_text(out, f->indicator->label);
		add(out, " \xC2\xB7 ");
		add_text(out, arena_printf(a, STR_FMT ":%lld", STR_ARG(f->indicator->source),
					   (long long)f->indicator->line));
	}
	add(out, "</div>\n");
	if (r && r->description.len) {
		add(out, "<div class=\"sub\">");
		add_text(out, str_sub(r->description, 0, 500));
		add(out, "</div>\n");
	}
}

static void add_group(struct buf *out, const struct tally_group *g, const struct report_style *style)
{
	struct arena *a = out->arena;
	const struct finding *f = &g->examples[0].what;
	const char *level = rule_level_names[finding_level(f)];
	buf_printf(out, "<article class=\"row %s\" data-level=\"%s\">\n<h3><span class=\"level\">%s</span> ",
		   level, level, level);
	add_text(out, f->indicator ? f->indicator->value : finding_title(f));
	add(out, "</h3>\n<div class=\"where\"><span><b>");
	add_text(out, f->host.len ? f->host : S("(no host)"));
	buf_printf(out, "</b></span><span>" STR_FMT "\xC3\x97</span><span>",
		   STR_ARG(report_number(a, g->count)));
	str first = report_time(a, g->first_us, style->local),
	    last = report_time(a, g->last_us, style->local);
	add_text(out, first.len ? first : S("no time"));
	if (!str_eq(first, last)) {
		add(out, " \xE2\x80\x93 ");
		add_text(out, last);
	}
	add(out, "</span></div>\n");
	for (int i = 0; i < g->example_count; i++)
		add_example(out, &g->examples[i], style);
	if (g->others)
		buf_printf(out, "<div class=\"sub\">and " STR_FMT " with other details</div>\n",
			   STR_ARG(report_number(a, g->others)));
	add_about(out, f);
	add(out, "</article>\n");
}

static void add_filter(struct buf *out, const struct tally *t)
{
	struct tally_totals totals = tally_totals(t);
	add(out, "<div class=\"filter\" hidden><label>Only with <input type=\"search\" placeholder=\"words: "
		 "host, user, "
		 "rule, T1059\"></label>\n");
	for (int level = TALLY_LEVELS - 1; level >= 0; level--)
		if (totals.by_level[level])
			buf_printf(out,
				   "<label class=\"level %s\"><input type=\"checkbox\" value=\"%s\" checked> "
				   "%s</label>\n",
				   rule_level_names[level], rule_level_names[level], rule_level_names[level]);
	add(out, "<output class=\"dim\"></output></div>\n");
}

static void add_unseen(struct buf *out, const struct report_run *run)
{
	if (run->unseen_count == 0)
		return;
	add(out, "<h2 id=\"unseen\">What could not be seen</h2>\n<div class=\"unseen\"><ul>\n");
	for (ptrdiff_t i = 0; i < run->unseen_count; i++) {
		add(out, "<li>");
		add_text(out, run->unseen[i]);
		add(out, "</li>\n");
	}
	add(out, "</ul></div>\n");
}

void report_html(struct buf *out, const struct tally *t, const struct report_run *run,
		 const struct report_style *style)
{
	ptrdiff_t count;
	const struct tally_group *const *groups = tally_groups(t, out->arena, &count);
	struct tally_totals totals = tally_totals(t);
	add_head(out);
	add_top(out, t, run, style);
	add_charts(out, t, style);
	add(out, "<h2>By rule and host</h2>\n");
	add_filter(out, t);
	add(out, "<main>\n");
	ptrdiff_t shown = 0;
	for (; shown < MIN(count, GROUPS_SHOWN) && out->len < PAGE_MOST; shown++)
		add_group(out, groups[shown], style);
	add(out, "</main>\n");
	if (count > shown || totals.dropped)
		buf_printf(out,
			   "<p>%td further rows, and %lld findings without room, are not in this page; "
			   "naubat detect "
			   "--json has all.</p>\n",
			   count - shown, (long long)totals.dropped);
	add_unseen(out, run);
	add(out, "<script>");
	add(out, SCRIPT);
	add(out, "</script>\n</body>\n</html>\n");
}
