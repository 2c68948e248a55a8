#include "app/hunt.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/instant.h"
#include "model/text_safety.h"
#include "os/clock.h"
#include "watch/report.h"
#include "watch/report_stream.h"

enum {
	TROUBLES_SHOWN = 20,
	FLUSH_BYTES = 1 << 16,
	LINE_MAX_BYTES = 512 << 20,
	REASONS_MAX = 16,
	VALUE_MAX = 4096,
	BAR_WIDTH = 24,
	LINE_BYTES = 200,
	REFERENCE_BITS = 40,
	FORMATS_SHOWN = 4
};

static int64_t wall_now(void)
{
	struct clock clock = clock_real();
	return clock.now(&clock).us;
}

static int64_t boot_now(void)
{
	struct clock clock = clock_real();
	return clock.boot_us(&clock);
}

/* --- where it goes --- */

static int terminal_width(FILE *f)
{
	struct winsize size;
	int64_t columns;
	const char *set = getenv("COLUMNS");
	if (set && str_to_int(str_from(set), 40, 1000, &columns))
		return (int)columns;
	if (isatty(fileno(f)) && ioctl(fileno(f), TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
		return size.ws_col;
	return 0;
}

static bool open_output(struct hunt *h, struct err *err)
{
	const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
	h->out = h->o->output ? fopen(h->o->output, "we") : stdout;
	if (h->out == NULL)
		return err_set(err, ERR_SYSTEM, "cannot write %s: %s", h->o->output, strerror(errno));
	bool terminal = isatty(fileno(h->out));
	h->style = (struct report_style){ .colour = terminal && !(no_colour && *no_colour) &&
						    !(term && strcmp(term, "dumb") == 0),
					  .local = h->o->local,
					  .width = terminal_width(h->out) };
	bool streams = h->o->form == FORM_JSON || h->o->form == FORM_CSV || h->o->form == FORM_TIMESKETCH ||
		       h->search;
	h->progress = !h->o->quiet && isatty(STDERR_FILENO) && !(terminal && streams);
	arena_init(&h->line_arena, INT64_C(1) << 30, INT64_C(2) << 30);
	buf_init(&h->line, &h->line_arena, LINE_MAX_BYTES);
	h->now_us = wall_now();
	h->started_us = boot_now();
	return true;
}

static void flush(struct hunt *h)
{
	if (h->line.len && fwrite(h->line.ptr, 1, (size_t)h->line.len, h->out) != (size_t)h->line.len)
		h->failed = true;
	arena_reset(&h->line_arena);
	buf_init(&h->line, &h->line_arena, LINE_MAX_BYTES);
}

bool hunt_close_output(struct hunt *h, struct err *err)
{
	flush(h);
	bool fine = fflush(h->out) == 0 && !ferror(h->out) && !h->failed;
	if (h->out != stdout)
		fine = fclose(h->out) == 0 && fine;
	arena_done(&h->line_arena);
	return fine || err_set(err, ERR_SYSTEM, "cannot write %s: is the disk full?",
			       h->o->output ? h->o->output : "standard output");
}

/* --- progress and troubles --- */

static void hide_progress(struct hunt *h)
{
	if (h->progress_shown)
		(void)fprintf(stderr, "\r\x1b[K");
	h->progress_shown = false;
}

static void write_progress(struct hunt *h, const struct scan_progress *p, int64_t spent_us)
{
	char text[LINE_BYTES], bar[LINE_BYTES] = "";
	double part = h->bytes_all > 0 ? (double)p->bytes / (double)h->bytes_all : 0;
	part = part > 1 ? 1 : part;
	int full = (int)(part * BAR_WIDTH);
	if (h->bytes_all > 0) /* else nobody knows how much there is: a pipe */
		(void)snprintf(bar, sizeof(bar), "[%.*s%*s] %3d %%  ", full,
			       "========================", BAR_WIDTH - full, "", (int)(part * 100));
	int n = snprintf(text, sizeof(text), "%s%lld events, %lld/s, %lld found", bar, (long long)p->events,
			 (long long)((double)p->events * 1e6 / (double)spent_us), (long long)p->findings);
	if (part > 0.02 && spent_us > SECONDS(1) && n > 0 && n < LINE_BYTES) {
		int64_t left = (int64_t)((double)spent_us / part * (1 - part)) / 1000000;
		(void)snprintf(text + n, sizeof(text) - (size_t)n, ", %lld:%02lld left",
			       (long long)(left / 60), (long long)(left % 60));
	}
	int width = terminal_width(stderr); /* a line that wraps could not be taken away again */
	(void)fprintf(stderr, "\r\x1b[K%.*s", width > 0 ? width - 1 : LINE_BYTES, text);
	h->progress_shown = true;
}

/* After each block: what was found goes out, and whoever pressed Ctrl-C is heard. */
static void show_progress(void *who, const struct scan_progress *p)
{
	struct hunt *h = *(struct hunt **)who;
	static const struct timespec at_once = { 0, 0 };
	int64_t now = boot_now();
	if (h->line.len) {
		flush(h);
		(void)fflush(h->out);
	}
	if (h->holds_signals && sigtimedwait(&h->stops, NULL, &at_once) > 0)
		atomic_store(&h->stopped, true);
	if (!h->progress || now - h->shown_us < SECONDS(1) / 5)
		return;
	h->shown_us = now;
	write_progress(h, p, MAX(now - h->started_us, 1));
}

static void on_trouble(void *who, const struct log_trouble *t)
{
	struct hunt *h = *(struct hunt **)who;
	struct arena tmp;
	if (h->troubles++ >= TROUBLES_SHOWN)
		return;
	hide_progress(h);
	arena_init(&tmp, 1 << 20, 1 << 24);
	str file = text_safety_line(&tmp, t->file, 1000),
	    what = text_safety_line(&tmp, str_from(t->what), 1000);
	if (t->line > 0)
		(void)fprintf(stderr, "naubat: " STR_FMT ":%lld: " STR_FMT "\n", STR_ARG(file),
			      (long long)t->line, STR_ARG(what));
	else if (str_find(what, file) >= 0)
		(void)fprintf(stderr, "naubat: " STR_FMT "\n", STR_ARG(what));
	else
		(void)fprintf(stderr, "naubat: " STR_FMT ": " STR_FMT "\n", STR_ARG(file), STR_ARG(what));
	if (h->troubles == TROUBLES_SHOWN)
		(void)fprintf(stderr, "naubat: further troubles like these are only counted\n");
	arena_done(&tmp);
}

/* --- the logs --- */

static bool find_logs(struct hunt *h, struct err *err)
{
	struct log_listener listener = { &h, on_trouble };
	const struct log_member **lists = NEW(h->a, const struct log_member *, h->o->logs.count);
	ptrdiff_t *counts = NEW(h->a, ptrdiff_t, h->o->logs.count), n = 0;
	struct stat st;
	for (int i = 0; i < h->o->logs.count; i++) {
		struct err one = { 0 };
		if (log_find(h->a, h->o->logs.at[i], listener, &lists[i], &counts[i], &one)) {
			n += counts[i];
			continue;
		}
		counts[i] = 0;
		h->missing++;
		on_trouble(&h, &(struct log_trouble){ str_from(h->o->logs.at[i]), 0, one.text });
	}
	struct log_member *all = NEW(h->a, struct log_member, n + 1);
	n = 0;
	for (int i = 0; i < h->o->logs.count; i++)
		for (ptrdiff_t j = 0; j < counts[i]; j++)
			all[n++] = lists[i][j];
	for (ptrdiff_t i = 0; i < n; i++)
		if (stat(arena_cstr(h->a, all[i].path), &st) == 0)
			h->bytes_all += st.st_size;
	h->files = all;
	h->file_count = n;
	return n > 0 || err_set(err, ERR_MISSING, "there is no log to look through");
}

const str *hunt_fields(const struct detect_options *o, const struct details *d, struct arena *a,
		       ptrdiff_t *out_count)
{
	ptrdiff_t n;
	const str *usual = details_fields(d, &n);
	str *all = NEW(a, str, n + o->wheres.count);
	memcpy(all, usual, (size_t)n * sizeof(*all));
	for (int i = 0; i < o->wheres.count; i++)
		all[n++] = o->where[i].field;
	*out_count = n;
	return all;
}

/* --- an event, in a worker --- */

static bool glob_fits(str glob, str text)
{
	ptrdiff_t g = 0, t = 0, star = -1, back = 0;
	while (t < text.len) {
		bool same = g < glob.len && (glob.ptr[g] == '?' ||
					     str_eq_nocase(str_sub(glob, g, g + 1), str_sub(text, t, t + 1)));
		if (g < glob.len && glob.ptr[g] == '*') {
			star = g++;
			back = t;
		} else if (same) {
			g++;
			t++;
		} else if (star >= 0) {
			g = star + 1;
			t = ++back;
		} else {
			return false;
		}
	}
	while (g < glob.len && glob.ptr[g] == '*')
		g++;
	return g == glob.len;
}

bool hunt_passes(const struct hunt *h, struct event_reader r, int64_t at_us)
{
	bool timed = h->o->since_us != INT64_MIN || h->o->until_us != INT64_MAX;
	if (timed && (at_us == FINDING_NO_TIME || at_us < h->o->since_us || at_us > h->o->until_us))
		return false;
	for (int i = 0; i < h->o->wheres.count; i++)
		if (!glob_fits(h->o->where[i].glob, r.field(r.who, h->o->where[i].field)))
			return false;
	return true;
}

/* Values are the matcher's until the next event: copied, long ones around the place that was met. */
static const struct match_reason *keep_reasons(const struct match *m, struct arena *a, ptrdiff_t *out_count)
{
	ptrdiff_t n = MIN(m->reason_count, REASONS_MAX);
	struct match_reason *out = NEW(a, struct match_reason, n + 1);
	for (ptrdiff_t i = 0; i < n; i++) {
		const struct match_reason *r = &m->reasons[i];
		ptrdiff_t from = r->to > VALUE_MAX ? MAX(0, r->from - VALUE_MAX / 4) : 0;
		out[i] = *r;
		out[i].value = arena_dup(a, str_sub(r->value, from, from + VALUE_MAX));
		out[i].predicate = arena_dup(a, r->predicate);
		out[i].from = MIN(r->from - from, out[i].value.len);
		out[i].to = MIN(r->to - from, out[i].value.len);
	}
	*out_count = n;
	return out;
}

static void keep_texts(struct finding *f, struct arena *a)
{
	struct finding_detail *d = NEW(a, struct finding_detail, f->detail_count + 1);
	for (ptrdiff_t i = 0; i < f->detail_count; i++) {
		d[i] = f->details[i];
		d[i].value = arena_dup(a, str_sub(d[i].value, 0, VALUE_MAX));
	}
	f->details = d;
	f->host = arena_dup(a, f->host);
	if (f->indicator) {
		struct indicator *i = NEW(a, struct indicator, 1);
		*i = *f->indicator;
		i->value = arena_dup(a, i->value);
		i->label = arena_dup(a, i->label);
		f->indicator = i;
	}
}

static void add_finding(struct hunt *h, const struct scan_event *e, const struct match *m,
			const struct finding *base, struct arena *a, struct scan_list *out)
{
	struct event_reader r = scan_reader(e);
	struct finding *f = scan_add(out, a);
	*f = *base;
	f->rule = m->rule >= 0 && !h->search ? &h->about[m->rule] : NULL;
	f->indicator = m->rule < 0 ? m->indicator : NULL;
	f->reasons = keep_reasons(m, a, &f->reason_count);
	f->details = details_make(h->details, r, f->indicator != NULL, f->reasons, f->reason_count, a,
				  &f->detail_count);
	keep_texts(f, a);
	if (h->correlator && m->rule >= 0) {
		str *fields = NEW(a, str, h->correlation_field_count + 1);
		for (ptrdiff_t i = 0; i < h->correlation_field_count; i++)
			fields[i] = arena_dup(a, r.field(r.who, h->correlation_fields[i]));
		f->fields = fields;
	}
}

static void on_event(void *who, int worker, const struct scan_event *e, struct arena *a,
		     struct scan_list *out)
{
	struct hunt *h = *(struct hunt **)who;
	struct event_reader r = scan_reader(e);
	struct sight_event s = { .host = details_host(r),
				 .channel = details_channel(r),
				 .id = details_id(r),
				 .at_us = details_time(r, h->now_us) };
	sight_add(h->sights[worker], &s, r);
	if (e->matches->count == 0 || !hunt_passes(h, r, s.at_us))
		return;
	struct finding base = { .file = e->file,
				.file_number = e->file_number,
				.line = e->record->line,
				.at_us = s.at_us,
				.host = s.host,
				.event = e->record->json };
	for (ptrdiff_t i = 0; i < e->matches->count; i++) {
		const struct match *m = &e->matches->at[i];
		if (h->search || m->rule < 0 || h->about[m->rule].shown || h->correlator)
			add_finding(h, e, m, &base, a, out);
	}
}

/* --- a finding, in the collector --- */

static void write_finding(struct hunt *h, const struct finding *f)
{
	switch (h->o->form) {
	case FORM_JSON:
		report_json(&h->line, f, &h->style);
		break;
	case FORM_CSV:
		report_csv(&h->line, f, &h->style);
		break;
	case FORM_TIMESKETCH:
		report_timesketch(&h->line, f);
		break;
	case FORM_TIMELINE:
		timeline_add(h->timeline, f, &h->line_arena);
		break;
	case FORM_TABLE:
		if (h->search)
			report_line(&h->line, f, &h->style);
		break;
	case FORM_SUMMARY:
		break;
	}
	if (h->line.len > FLUSH_BYTES || h->line_arena.used > FLUSH_BYTES * 4)
		flush(h);
	tally_add(h->tally, f);
}

struct field_reader {
	const struct hunt *h;
	const struct finding *f;
};

static str correlation_field(void *who, str name)
{
	const struct field_reader *r = who;
	for (ptrdiff_t i = 0; i < r->h->correlation_field_count; i++)
		if (str_eq(r->h->correlation_fields[i], name))
			return r->f->fields[i];
	return (str){ 0 };
}

static ptrdiff_t number_of(const struct hunt *h, const struct correlation *what)
{
	ptrdiff_t at = unit_rule_count(h->rules->unit);
	for (const struct correlation *c = h->rules->set->correlations; c != what; c = c->next)
		at++;
	return at;
}

static bool is_host_name(str field)
{
	static const char *const names[] = { "Computer", "ComputerName", "Hostname", "host.name", "host" };
	for (ptrdiff_t i = 0; i < COUNTOF(names); i++)
		if (str_eq_nocase(field, str_from(names[i])))
			return true;
	return false;
}

static void write_correlation(struct hunt *h, const struct correlator_match *m, struct arena *a)
{
	const struct finding_rule *rule = &h->about[number_of(h, m->what)];
	ptrdiff_t groups = m->what->group_count;
	struct finding_source *events = NEW(a, struct finding_source, m->event_count + 1);
	struct finding_detail *details = NEW(a, struct finding_detail, groups + 1);
	struct finding f = {
		.rule = rule, .at_us = m->last_us, .details = details, .detail_count = groups + 1
	};
	if (!rule->shown)
		return;
	for (ptrdiff_t i = 0; i < m->event_count; i++) {
		int64_t at = m->events[i].reference;
		events[i] = (struct finding_source){ h->files[at >> REFERENCE_BITS].path,
						     at & ((INT64_C(1) << REFERENCE_BITS) - 1) };
	}
	details[0] = (struct finding_detail){ "value", { 0 }, arena_printf(a, "%.6g", m->value), false };
	for (ptrdiff_t i = 0; i < groups; i++) {
		str name = m->what->group_by[i];
		details[i + 1] = (struct finding_detail){ arena_cstr(a, arena_dup(a, name)), name,
							  m->group[i], false };
		if (is_host_name(name))
			f.host = m->group[i];
	}
	struct finding_window w = { m->first_us, m->last_us, m->value, m->what->group_by,
				    m->group,    groups,     events,   m->event_count };
	f.window = &w;
	if (m->event_count)
		f.file = events[0].file;
	write_finding(h, &f);
}

static void write_correlations(struct hunt *h, const struct correlator_match *m, ptrdiff_t count)
{
	struct arena tmp;
	if (count == 0)
		return;
	arena_init(&tmp, 256 << 20, 1 << 30);
	for (ptrdiff_t i = 0; i < count; i++)
		write_correlation(h, &m[i], &tmp);
	arena_done(&tmp);
}

static void on_finding(void *who, const struct finding *f)
{
	struct hunt *h = *(struct hunt **)who;
	if (f->rule == NULL || f->rule->shown)
		write_finding(h, f);
	if (h->correlator && f->rule && f->at_us != FINDING_NO_TIME) {
		struct field_reader r = { h, f };
		ptrdiff_t count;
		int64_t reference = (int64_t)f->file_number << REFERENCE_BITS | f->line;
		const struct correlator_match *m =
			correlator_feed(h->correlator, f->rule->number, f->at_us, reference,
					(struct correlator_reader){ &r, correlation_field }, &count);
		write_correlations(h, m, count);
	}
}

/* --- the end --- */

static str formats_text(const struct hunt *h, const struct scan_result *r)
{
	ptrdiff_t of[LOG_FORMATS] = { 0 };
	struct buf b;
	int shown = 0;
	buf_init(&b, h->a, 4096);
	for (ptrdiff_t i = 0; i < h->file_count; i++)
		if (r->files[i].opened)
			of[r->files[i].format]++;
	for (int i = 0; i < LOG_FORMATS; i++) {
		if (of[i] == 0)
			continue;
		buf_printf(&b, "%s%s", shown++ ? "; " : "", log_format_names[i]);
		if (h->file_count > 1)
			buf_printf(&b, ": %td", of[i]);
	}
	return buf_str(&b);
}

static void tell_files(const struct hunt *h, const struct scan_result *r, struct sight_lines *out)
{
	ptrdiff_t unknown = 0, unopened = h->missing;
	str first = { 0 };
	for (ptrdiff_t i = 0; i < h->file_count; i++) {
		const struct scan_file *f = &r->files[i];
		unopened += !f->opened;
		if (f->opened && f->format == LOG_UNKNOWN && unknown++ == 0)
			first = f->path;
	}
	if (atomic_load(&h->stopped))
		sight_say(out, h->a, S("It was interrupted: what came after that was not looked at."));
	unopened = atomic_load(&h->stopped) ? 0 : unopened;
	if (unopened)
		sight_say(out, h->a,
			  arena_printf(h->a, "%td file%s could not be opened.", unopened,
				       unopened == 1 ? "" : "s"));
	if (unknown)
		sight_say(out, h->a,
			  arena_printf(h->a,
				       "%td file%s of no format that is known, " STR_FMT
				       "%s: name it with --format.",
				       unknown, unknown == 1 ? " is" : "s are", STR_ARG(first),
				       unknown > 1 ? " first" : ""));
	if (r->broken)
		sight_say(out, h->a,
			  arena_printf(
				  h->a,
				  STR_FMT " record%s broken; what stands before the break was looked at.",
				  STR_ARG(report_number(h->a, r->broken)), r->broken == 1 ? " is" : "s are"));
}

static void tell_undecided(const struct hunt *h, const struct scan_result *r, struct sight_lines *out)
{
	if (r->stats.undecided == 0)
		return;
	sight_say(out, h->a,
		  arena_printf(h->a,
			       STR_FMT " time%s a condition of a rule took too long on an event and counts "
				       "as not met: someone may be hiding there.",
			       STR_ARG(report_number(h->a, r->stats.undecided)),
			       r->stats.undecided == 1 ? "" : "s"));
}

static void tell_rules(const struct hunt *h, const struct scan_result *r, struct sight_lines *out)
{
	const struct sight_rules rules = { h->rules->unit, h->chosen, r->seen };
	ptrdiff_t refused = 0;
	for (ptrdiff_t i = 0; i < h->rules->refusal_count; i++)
		refused += !h->rules->refusals[i].no_rule;
	if (refused)
		sight_say(out, h->a,
			  arena_printf(h->a,
				       "%td rule%s refused and did not run: naubat rules check says why.",
				       refused, refused == 1 ? " was" : "s were"));
	sight_tell_rules(&rules, h->a, out);
}

static struct report_run make_run(struct hunt *h, const struct scan_result *r, struct sight_lines *lines)
{
	struct sight *all = sight_new(h->a);
	for (int i = 0; i < h->o->threads; i++)
		sight_merge(all, h->sights[i]);
	sight_tell(all, h->a, h->o->local, lines);
	if (!h->search)
		tell_rules(h, r, lines);
	tell_files(h, r, lines);
	tell_undecided(h, r, lines);
	if (h->correlator) {
		struct correlator_stats s = correlator_stats(h->correlator);
		if (s.too_late + s.groups_dropped + s.events_dropped)
			sight_say(lines, h->a,
				  arena_printf(h->a,
					       "Correlations left out %lld events that came too late, "
					       "%lld groups and %lld events for want of room.",
					       (long long)s.too_late, (long long)s.groups_dropped,
					       (long long)s.events_dropped));
	}
	return (struct report_run){ .events = r->events,
				    .bytes = r->bytes,
				    .broken = r->broken,
				    .duration_us = boot_now() - h->started_us,
				    .started_us = h->now_us,
				    .files = h->file_count,
				    .rules_tried = h->search ? 0 : h->rules_tried,
				    .indicators = h->indicators.counts.kept,
				    .formats = formats_text(h, r),
				    .unseen = lines->at,
				    .unseen_count = lines->count };
}

static bool write_page(struct hunt *h, const struct report_run *run, struct err *err)
{
	struct arena a;
	struct buf page;
	FILE *f = fopen(h->o->html, "we");
	if (f == NULL)
		return err_set(err, ERR_SYSTEM, "cannot write %s: %s", h->o->html, strerror(errno));
	arena_init(&a, INT64_C(1) << 30, INT64_C(2) << 30);
	buf_init(&page, &a, REPORT_OUT_MAX);
	report_html(&page, h->tally, run, &h->style);
	bool fine = fwrite(page.ptr, 1, (size_t)page.len, f) == (size_t)page.len && !page.over;
	fine = fclose(f) == 0 && fine;
	arena_done(&a);
	return fine || err_set(err, ERR_SYSTEM, "cannot write %s: is the disk full?", h->o->html);
}

static void write_timeline(struct hunt *h)
{
	timeline_sort(h->timeline);
	while (timeline_row(h->timeline, &h->line))
		if (h->line.len > FLUSH_BYTES)
			flush(h);
	if (timeline_dropped(h->timeline))
		buf_printf(&h->line,
			   "%lld further findings had no room here: narrow with --since and --until\n",
			   (long long)timeline_dropped(h->timeline));
}

/* Programs get their lines and nothing else; the closing words go to the terminal beside them. */
static void write_closing(struct hunt *h, const struct report_run *run)
{
	bool lines = h->o->form == FORM_JSON || h->o->form == FORM_CSV || h->o->form == FORM_TIMESKETCH;
	if (h->o->form == FORM_TABLE && !h->search)
		report_table(&h->line, h->tally, &h->style);
	if (h->o->form == FORM_SUMMARY)
		report_summary(&h->line, h->tally, &h->style);
	if (h->o->form == FORM_TIMELINE)
		write_timeline(h);
	if (h->o->quiet)
		return;
	if (!lines) {
		report_closing(&h->line, h->tally, run, &h->style);
		return;
	}
	flush(h);
	struct report_style style = { .colour = isatty(STDERR_FILENO) && h->style.colour,
				      .local = h->o->local,
				      .width = terminal_width(stderr) };
	report_closing(&h->line, h->tally, run, &style);
	(void)fflush(h->out);
	(void)fwrite(h->line.ptr, 1, (size_t)h->line.len, stderr);
	h->line.len = 0;
}

static bool start_correlator(struct hunt *h)
{
	const struct rule_set *set = h->rules->set;
	if (set == NULL || set->correlation_count == 0)
		return true;
	/* files come one after the other, each from its beginning: nothing is judged before the end */
	const struct correlator_limits whole = { .lateness_us = INT64_MAX };
	h->correlation_fields = correlator_fields(h->a, set, &h->correlation_field_count);
	h->correlator = correlator_new(set, h->rules->unit, whole);
	return h->correlator != NULL;
}

/* Ctrl-C ends the reading, not the telling: what was found until then is shown.  Standard input may be silent
 * for ever, and then nobody would hear. */
static void hold_signals(struct hunt *h)
{
	for (ptrdiff_t i = 0; i < h->file_count; i++)
		if (str_eq(h->files[i].path, S("-")))
			return;
	(void)sigemptyset(&h->stops);
	(void)sigaddset(&h->stops, SIGINT);
	(void)sigaddset(&h->stops, SIGTERM);
	h->holds_signals = pthread_sigmask(SIG_BLOCK, &h->stops, NULL) == 0;
}

bool hunt_scan(struct hunt *h, void *who, struct hunt_handlers handlers, struct scan_result *out,
	       struct err *err)
{
	const struct scan_plan plan = { .unit = h->rules->unit,
					.chosen = h->search ? NULL : h->chosen,
					.forced = h->o->logsource || h->search ? &h->o->forced : NULL,
					.files = h->files,
					.file_count = h->file_count,
					.format = h->o->log_format,
					.threads = h->o->threads,
					.stop = &h->stopped };
	const struct scan_handler handler = { who, handlers.event, handlers.finding, show_progress,
					      on_trouble };
	hold_signals(h);
	bool fine = scan_run(&plan, &handler, h->a, out, err);
	if (h->holds_signals)
		(void)pthread_sigmask(SIG_UNBLOCK, &h->stops, NULL);
	hide_progress(h);
	return fine;
}

static void drop_arena(void *a)
{
	arena_done(a);
}

struct arena *hunt_worker_arena(struct hunt *h)
{
	struct arena *own = NEW(h->a, struct arena, 1);
	arena_init(own, 256 << 20, 1 << 30);
	arena_defer(h->a, drop_arena, own);
	return own;
}

str hunt_time(const struct hunt *h, int64_t at_us)
{
	return h->o->form == FORM_TABLE ? report_time(h->a, at_us, h->o->local)
					: report_time_exact(h->a, at_us, h->o->local);
}

static bool look_through(struct hunt *h, struct scan_result *out, struct err *err)
{
	ptrdiff_t count;
	h->sights = NEW(h->a, struct sight *, h->o->threads);
	for (int i = 0; i < h->o->threads; i++)
		h->sights[i] = sight_new(hunt_worker_arena(h));
	if (!hunt_scan(h, &h, (struct hunt_handlers){ on_event, on_finding }, out, err))
		return false;
	if (h->correlator) {
		const struct correlator_match *m;
		while ((m = correlator_finish(h->correlator, &count)) && count)
			write_correlations(h, m, count);
	}
	return true;
}

bool hunt_run(struct hunt *h, enum hunt_exit *out_exit, struct err *err)
{
	struct sight_lines lines = { 0 };
	struct scan_result result;
	if (!hunt_choose(h, err) || !start_correlator(h) || !find_logs(h, err) || !open_output(h, err))
		return false;
	h->tally = tally_new(h->a);
	h->timeline = h->o->form == FORM_TIMELINE ? timeline_new(h->a, &h->style) : NULL;
	if (h->o->form == FORM_CSV)
		report_csv_head(&h->line);
	bool fine = look_through(h, &result, err);
	if (fine) {
		struct report_run run = make_run(h, &result, &lines);
		write_closing(h, &run);
		fine = h->o->html == NULL || write_page(h, &run, err);
	}
	struct err late = { 0 };
	if (!hunt_close_output(h, fine ? err : &late))
		fine = false;
	if (h->correlator)
		correlator_free(h->correlator);
	if (fine)
		*out_exit = hunt_exit_of(h, &result, tally_totals(h->tally).count);
	return fine;
}

/* "Nothing found" is said only of what was looked at whole. */
enum hunt_exit hunt_exit_of(const struct hunt *h, const struct scan_result *r, int64_t found)
{
	if (found)
		return HUNT_FOUND;
	for (ptrdiff_t i = 0; i < h->file_count; i++)
		if (!r->files[i].opened)
			return HUNT_FAILED;
	return h->missing || atomic_load(&h->stopped) ? HUNT_FAILED : HUNT_NOTHING;
}

bool hunt_start(struct hunt *h, struct err *err)
{
	return find_logs(h, err) && open_output(h, err);
}

void hunt_close_words(struct hunt *h, const struct scan_result *r)
{
	struct sight_lines lines = { 0 };
	tell_files(h, r, &lines);
	struct report_run run = { .events = r->events,
				  .bytes = r->bytes,
				  .duration_us = boot_now() - h->started_us,
				  .files = h->file_count,
				  .formats = formats_text(h, r),
				  .unseen = lines.at,
				  .unseen_count = lines.count };
	if (h->o->quiet || h->o->form != FORM_TABLE)
		return;
	report_looked_at(&h->line, &run, &h->style);
	report_unseen(&h->line, &run, &h->style);
}
