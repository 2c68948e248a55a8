#include "watch/report_stream.h"

#include "format/csv.h"
#include "model/text_safety.h"

enum {
	DETAIL_MAX = 600,
	LABEL_MAX = 60,
	DETAIL_LEAST = 8,
	DETAILS_MAX = 16,
	DETAILS_LEAST = 24,
	TIME_COLUMNS = 21,
	PATH_MOST = 400,
	LEVEL_COLUMNS = 14,
	HOST_COLUMNS = 30
};

enum rule_level finding_level(const struct finding *f)
{
	return f->rule ? f->rule->about.level : f->indicator ? LEVEL_HIGH : LEVEL_INFORMATIONAL;
}

str finding_title(const struct finding *f)
{
	if (f->rule)
		return f->rule->about.title;
	if (f->indicator && f->indicator->label.len)
		return f->indicator->label;
	return f->indicator ? str_from(indicator_kind_names[f->indicator->kind]) : S("search");
}

/* --- JSON --- */

static void json_member(struct buf *out, const char *name, str value)
{
	buf_printf(out, ",\"%s\":", name);
	report_json_string(out, value);
}

static void json_list(struct buf *out, const char *name, const str *items, ptrdiff_t count)
{
	buf_printf(out, ",\"%s\":[", name);
	for (ptrdiff_t i = 0; i < count; i++) {
		buf_add(out, i ? S(",") : S(""));
		report_json_string(out, items[i]);
	}
	buf_add_char(out, ']');
}

static void json_time(struct buf *out, const char *name, int64_t at_us, bool local)
{
	str text = report_time_exact(out->arena, at_us, local);
	if (text.len)
		json_member(out, name, text);
	else
		buf_printf(out, ",\"%s\":null", name);
}

static void json_about(struct buf *out, const struct finding *f)
{
	const struct unit_rule *r = f->rule ? &f->rule->about : NULL;
	if (r) {
		buf_add(out, S("\"rule_id\":"));
		report_json_string(out, r->id);
		json_member(out, "title", r->title);
		json_member(out, "author", r->author);
		json_member(out, "level", str_from(rule_level_names[r->level]));
		json_member(out, "status", str_from(rule_status_names[r->status]));
		json_list(out, "tags", r->tags, r->tag_count);
	} else if (f->indicator) {
		buf_add(out, S("\"indicator\":"));
		report_json_string(out, f->indicator->value);
		json_member(out, "kind", str_from(indicator_kind_names[f->indicator->kind]));
		json_member(out, "title", finding_title(f));
		json_member(out, "author", f->indicator->source);
		json_member(out, "level", str_from(rule_level_names[finding_level(f)]));
		buf_printf(out, ",\"source\":{\"file\":");
		report_json_string(out, f->indicator->source);
		buf_printf(out, ",\"line\":%lld}", (long long)f->indicator->line);
	} else {
		buf_add(out, S("\"title\":\"search\""));
	}
}

static void json_window(struct buf *out, const struct finding_window *w, bool local)
{
	json_time(out, "first", w->first_us, local);
	json_time(out, "last", w->last_us, local);
	buf_printf(out, ",\"value\":%.15g,\"group\":{", w->value);
	for (ptrdiff_t i = 0; i < w->group_count; i++) {
		buf_add(out, i ? S(",") : S(""));
		report_json_string(out, w->names[i]);
		buf_add_char(out, ':');
		report_json_string(out, w->group[i]);
	}
	buf_add(out, S("},\"events\":["));
	for (ptrdiff_t i = 0; i < w->event_count; i++) {
		buf_add(out, i ? S(",{\"file\":") : S("{\"file\":"));
		report_json_string(out, w->events[i].file);
		buf_printf(out, ",\"line\":%lld}", (long long)w->events[i].line);
	}
	buf_add_char(out, ']');
}

static void json_matched(struct buf *out, const struct finding *f)
{
	buf_add(out, S(",\"matched\":["));
	for (ptrdiff_t i = 0; i < f->reason_count; i++) {
		const struct match_reason *r = &f->reasons[i];
		buf_add(out, i ? S(",{\"field\":") : S("{\"field\":"));
		if (r->field.ptr)
			report_json_string(out, r->field);
		else
			buf_add(out, S("null"));
		json_member(out, "value", str_sub(r->value, 0, REPORT_VALUE_MAX));
		json_member(out, "predicate", r->predicate);
		buf_printf(out, ",\"from\":%td,\"to\":%td}", r->from, r->to);
	}
	buf_add_char(out, ']');
}

void report_json(struct buf *out, const struct finding *f, const struct report_style *style)
{
	buf_add_char(out, '{');
	json_about(out, f);
	json_member(out, "file", f->file);
	if (f->window)
		buf_add(out, S(",\"line\":null,\"correlation\":true"));
	else
		buf_printf(out, ",\"line\":%lld", (long long)f->line);
	json_time(out, "time", f->at_us, style->local);
	if (f->host.len)
		json_member(out, "host", f->host);
	else
		buf_add(out, S(",\"host\":null"));
	if (f->window)
		json_window(out, f->window, style->local);
	if (f->detail_count) {
		buf_add(out, S(",\"details\":{"));
		for (ptrdiff_t i = 0; i < f->detail_count; i++) {
			buf_add(out, i ? S(",") : S(""));
			report_json_string(out, str_from(f->details[i].label));
			buf_add_char(out, ':');
			report_json_string(out, str_sub(f->details[i].value, 0, REPORT_VALUE_MAX));
		}
		buf_add_char(out, '}');
	}
	json_matched(out, f);
	if (!f->window) {
		buf_add(out, S(",\"event\":"));
		report_json_event(out, f->event);
	}
	buf_add(out, S("}\n"));
}

/* --- CSV --- */

static const char *const csv_columns[] = { "time",    "level",     "title",  "host",   "details",
					   "rule_id", "indicator", "author", "status", "tags",
					   "file",    "line",      "matched" };

void report_csv_head(struct buf *out)
{
	str names[COUNTOF(csv_columns)];
	for (ptrdiff_t i = 0; i < COUNTOF(csv_columns); i++)
		names[i] = str_from(csv_columns[i]);
	csv_write_row(out, names, COUNTOF(names));
}

static str join(struct arena *a, const str *items, ptrdiff_t count)
{
	struct buf b;
	buf_init(&b, a, REPORT_VALUE_MAX);
	for (ptrdiff_t i = 0; i < count; i++) {
		buf_add(&b, i ? S(" ") : S(""));
		buf_add(&b, items[i]);
	}
	return buf_str(&b);
}

/* A label may be a field's name, as a rule's author wrote it. */
static str label_text(struct arena *a, const struct finding_detail *d)
{
	return text_safety_line(a, str_from(d->label), LABEL_MAX);
}

static str plain_details(struct arena *a, const struct finding *f)
{
	struct buf b;
	buf_init(&b, a, 1 << 20);
	for (ptrdiff_t i = 0; i < f->detail_count; i++) {
		buf_add(&b, i ? S(" | ") : S(""));
		buf_add(&b, label_text(a, &f->details[i]));
		buf_add(&b, S(": "));
		buf_add(&b, text_safety_line(a, f->details[i].value, DETAIL_MAX));
	}
	return buf_str(&b);
}

static str matched(struct arena *a, const struct finding *f)
{
	struct buf b;
	buf_init(&b, a, 1 << 20);
	for (ptrdiff_t i = 0; i < f->reason_count; i++) {
		const struct match_reason *r = &f->reasons[i];
		buf_add(&b, i ? S("; ") : S(""));
		buf_add(&b, text_safety_line(a, r->predicate, DETAIL_MAX));
		buf_add(&b, S(" <- "));
		buf_add(&b, text_safety_line(a, r->value, DETAIL_MAX));
	}
	return buf_str(&b);
}

void report_csv(struct buf *out, const struct finding *f, const struct report_style *style)
{
	struct arena *a = out->arena;
	const struct unit_rule *r = f->rule ? &f->rule->about : NULL;
	str cells[COUNTOF(csv_columns)] = {
		report_time_exact(a, f->at_us, style->local),
		str_from(rule_level_names[finding_level(f)]),
		finding_title(f),
		f->host,
		plain_details(a, f),
		r ? r->id : S(""),
		f->indicator ? f->indicator->value : S(""),
		r              ? r->author
		: f->indicator ? f->indicator->source
			       : S(""),
		r ? str_from(rule_status_names[r->status]) : S(""),
		r ? join(a, r->tags, r->tag_count) : S(""),
		f->file,
		f->window ? S("") : arena_printf(a, "%lld", (long long)f->line),
		matched(a, f),
	};
	for (ptrdiff_t i = 0; i < COUNTOF(cells); i++)
		cells[i] = text_safety_line(a, cells[i], REPORT_VALUE_MAX);
	csv_write_row(out, cells, COUNTOF(cells));
}

/* --- Timesketch: message, datetime and timestamp_desc are what it needs --- */

void report_timesketch(struct buf *out, const struct finding *f)
{
	struct arena *a = out->arena;
	bool timed = f->at_us != FINDING_NO_TIME;
	int64_t at = timed ? f->at_us : 0;
	str message = arena_printf(a, "%s: " STR_FMT "%s" STR_FMT, rule_level_names[finding_level(f)],
				   STR_ARG(finding_title(f)), f->detail_count ? " | " : "",
				   STR_ARG(plain_details(a, f)));
	str datetime = report_time_exact(a, at, false);
	buf_add(out, S("{\"message\":"));
	report_json_string(out, message);
	buf_printf(out, ",\"datetime\":\"" STR_FMT "+00:00\"",
		   STR_ARG(str_sub(datetime, 0, datetime.len - 1)));
	buf_printf(out, ",\"timestamp\":%lld", (long long)at);
	json_member(out, "timestamp_desc", timed ? S("Event time") : S("The event has no time"));
	json_member(out, "data_type", S("naubat:detect:finding"));
	buf_add_char(out, ',');
	json_about(out, f);
	if (f->rule)
		json_list(out, "tag", f->rule->about.tags, f->rule->about.tag_count);
	json_member(out, "computer_name", f->host);
	json_member(out, "source_file", f->file);
	buf_printf(out, ",\"source_line\":%lld", (long long)f->line);
	json_member(out, "matched", matched(a, f));
	buf_add(out, S("}\n"));
}

/* --- for people --- */

/* The reason that points into this value, or NULL. */
static const struct match_reason *reason_for(const struct finding *f, const struct finding_detail *d)
{
	for (ptrdiff_t i = 0; i < f->reason_count; i++) {
		const struct match_reason *r = &f->reasons[i];
		if (r->from < r->to && r->to <= r->value.len && str_eq(r->value, d->value))
			return r;
	}
	return NULL;
}

/* A window of `columns` on the value, moved so that what was met is in sight, and that in bold. */
static void add_value(struct buf *out, const struct finding *f, const struct finding_detail *d,
		      ptrdiff_t columns, const struct report_style *style)
{
	struct arena *a = out->arena;
	const struct match_reason *r = reason_for(f, d);
	ptrdiff_t limit = columns ? columns : REPORT_VALUE_MAX;
	if (r == NULL) {
		str text = text_safety_line(a, d->value, REPORT_VALUE_MAX);
		buf_add(out, d->end_matters ? report_cut_front(a, text, limit) : report_cut(a, text, limit));
		return;
	}
	str before = text_safety_line(a, str_sub(d->value, 0, r->from), REPORT_VALUE_MAX);
	str met = text_safety_line(a, str_sub(d->value, r->from, r->to), REPORT_VALUE_MAX);
	str after = text_safety_line(a, str_sub(d->value, r->to, d->value.len), REPORT_VALUE_MAX);
	bool gap_before = r->from > 0 && d->value.ptr[r->from - 1] == ' ';
	bool gap_met = r->to > r->from && d->value.ptr[r->to - 1] == ' ';
	bool gap_lead = d->value.ptr[r->from] == ' ';
	bool gap_after = r->to < d->value.len && d->value.ptr[r->to] == ' ';
	bool first_gap = before.len && (gap_before || gap_lead);
	bool last_gap = after.len && (gap_after || gap_met);
	str whole = met;
	met = report_cut(a, met, MAX(1, limit - first_gap - last_gap - (before.len > 0) - (after.len > 0)));
	if (met.ptr != whole.ptr) { /* one ellipsis does for both */
		after = S("");
		last_gap = false;
	}
	ptrdiff_t left = MAX(0, limit - report_columns(met) - first_gap - last_gap);
	if (report_columns(before) + report_columns(after) > left) {
		ptrdiff_t behind = MIN(report_columns(after), MAX(after.len > 0, left / 3));
		before = report_cut_front(a, before, MAX(0, left - behind));
		after = report_cut(a, after, MAX(0, left - report_columns(before)));
	}
	buf_add(out, before);
	buf_add(out, first_gap ? S(" ") : S(""));
	report_paint(out, style, BOLD, met);
	buf_add(out, last_gap ? S(" ") : S(""));
	buf_add(out, after);
}

/* Who needs little gets it; the rest share what is left alike.  False if that is too little for each. */
static bool share(const ptrdiff_t *widths, ptrdiff_t count, ptrdiff_t room, ptrdiff_t *out)
{
	ptrdiff_t left = count;
	bool settled = false;
	for (ptrdiff_t i = 0; i < count; i++)
		out[i] = 0;
	while (left > 0 && !settled) {
		ptrdiff_t fair = room / left;
		settled = true;
		for (ptrdiff_t i = 0; i < count; i++) {
			if (out[i] || widths[i] > fair)
				continue;
			out[i] = MAX(widths[i], 1);
			room -= out[i];
			left--;
			settled = false;
		}
	}
	for (ptrdiff_t i = 0; i < count; i++)
		if (out[i] == 0)
			out[i] = room / left;
	return left == 0 || room / left >= DETAIL_LEAST;
}

/* How many columns each value may have; returns how many of them there are. */
static ptrdiff_t fit_details(struct arena *a, const struct finding *f, ptrdiff_t columns, ptrdiff_t *out)
{
	ptrdiff_t widths[DETAILS_MAX], count = MIN(f->detail_count, DETAILS_MAX);
	for (ptrdiff_t i = 0; i < count; i++)
		widths[i] = report_columns(text_safety_line(a, f->details[i].value, REPORT_VALUE_MAX));
	for (; count > 0; count--) {
		ptrdiff_t room = columns;
		for (ptrdiff_t i = 0; i < count; i++)
			room -= report_columns(label_text(a, &f->details[i])) + 1 + (i ? 2 : 0);
		if (room > 0 && share(widths, count, room, out))
			break;
	}
	return count;
}

void report_details(struct buf *out, const struct finding *f, ptrdiff_t columns,
		    const struct report_style *style)
{
	ptrdiff_t rooms[DETAILS_MAX] = { 0 };
	ptrdiff_t count = columns ? fit_details(out->arena, f, columns, rooms) : f->detail_count;
	for (ptrdiff_t i = 0; i < count; i++) {
		buf_add(out, i ? S("  ") : S(""));
		report_paint(out, style, DIM, label_text(out->arena, &f->details[i]));
		buf_add_char(out, ' ');
		add_value(out, f, &f->details[i], columns ? rooms[i] : 0, style);
	}
}

str report_place(struct arena *a, const struct finding *f, bool whole)
{
	const struct finding_source *first =
		f->window && f->window->event_count ? &f->window->events[0] : NULL;
	str file = first ? first->file : f->file;
	ptrdiff_t at = file.len;
	while (!whole && at > 0 && file.ptr[at - 1] != '/')
		at--;
	file = text_safety_line(a, whole ? file : str_sub(file, at, file.len), PATH_MOST);
	return arena_printf(a, STR_FMT ":%lld", STR_ARG(file), (long long)(first ? first->line : f->line));
}

void report_body(struct buf *out, const struct finding *f, const struct report_style *style)
{
	struct arena *a = out->arena;
	enum rule_level level = finding_level(f);
	bool titled = f->rule || f->indicator;
	str host = report_cut(a, text_safety_line(a, f->host, 200), HOST_COLUMNS);
	str title = titled ? text_safety_line(a, finding_title(f), 200) : S("");
	host = host.len ? host : S("-");
	if (titled) {
		str word = str_from(rule_level_names[level]);
		report_paint(out, style, report_level_colour((int)level), word);
		report_pad(out, LEVEL_COLUMNS - word.len);
	}
	report_paint(out, style, BOLD, host);
	buf_add(out, S("  "));
	if (titled) {
		buf_add(out, title);
		buf_add(out, S("  "));
	}
	ptrdiff_t used = report_columns(host) + 2 + (titled ? LEVEL_COLUMNS + report_columns(title) + 2 : 0);
	used += TIME_COLUMNS + 2 + report_columns(report_place(a, f, false));
	report_details(out, f, style->width > 0 ? MAX(DETAILS_LEAST, style->width - used) : 0, style);
}

void report_line(struct buf *out, const struct finding *f, const struct report_style *style)
{
	str time = report_time(out->arena, f->at_us, style->local);
	report_paint(out, style, DIM, time.len ? time : S("no time            "));
	buf_add(out, S("  "));
	report_body(out, f, style);
	buf_add(out, S("  "));
	report_paint(out, style, DIM, report_place(out->arena, f, style->width == 0));
	buf_add_char(out, '\n');
}
