#include "watch/log_priv.h"

#include <stdio.h>
#include <stdlib.h>

/* heap: a file being read and its blocks are as large as what they hold; a block is used again and again */

const char *const log_format_names[LOG_FORMATS] = {
	[LOG_UNKNOWN] = "nothing we can read",
	[LOG_JSON_LINES] = "JSON lines",
	[LOG_JSON_ARRAY] = "JSON",
	[LOG_WINDOWS_FLAT] = "Windows events, flat JSON (NXLog, Winlogbeat)",
	[LOG_WINDOWS_NESTED] = "Windows events, JSON as of evtx_dump",
	[LOG_WINDOWS_ECS] = "Windows events, Elastic Common Schema (Winlogbeat)",
	[LOG_EVTX] = "Windows event log (EVTX)",
	[LOG_EVE] = "Suricata EVE",
	[LOG_ZEEK_JSON] = "Zeek, JSON",
	[LOG_ZEEK_TSV] = "Zeek, tab-separated",
	[LOG_AUDITD] = "Linux audit log (auditd)",
	[LOG_SYSLOG_3164] = "syslog (RFC 3164)",
	[LOG_SYSLOG_5424] = "syslog (RFC 5424)",
	[LOG_CLOUDTRAIL] = "AWS CloudTrail",
	[LOG_WEB_ACCESS] = "web server or proxy log",
	[LOG_CSV] = "CSV",
	[LOG_TEXT] = "text, a record a line",
	[LOG_WINDOWS_XML] = "Windows events, XML",
	[LOG_W3C] = "W3C extended log (IIS, proxies)",
};

static const char *const complaints[COMPLAINT_EVTX] = {
	[COMPLAINT_LONG] = "a record is longer than the limit: only its beginning is looked at",
	[COMPLAINT_ZEROS] = "zero bytes where a record should be, as a crash leaves them: passed over",
	[COMPLAINT_NO_OBJECT] = "this line is no JSON object: it is taken as text",
	[COMPLAINT_BETWEEN] = "there is something between the JSON objects: passed over",
	[COMPLAINT_HEADERS] = "the table has headers more often than can be: from here on the last one stays",
	[COMPLAINT_QUOTES] = "a quoted cell does not end: the record is taken to end with its line",
	[COMPLAINT_OVER] = "decoded, these records would take too much memory: the rest of them is left out",
};

static void tell(const struct log_file *l, str file, int64_t line, const char *what)
{
	struct log_trouble t = { file, line, what };
	if (l->listener.trouble != NULL)
		l->listener.trouble(l->listener.who, &t);
}

void log_complain_of(const struct log_file *l, int what, const char *text, const char *first, str file,
                     int64_t line)
{
	atomic_store(&l->complaints->text[what], text);
	if (atomic_fetch_add(&l->complaints->of[what], 1) == 0)
		tell(l, file.ptr != NULL ? file : l->path, line, first);
}

void log_complain(const struct log_file *l, enum log_complaint what, str file, int64_t line)
{
	log_complain_of(l, (int)what, complaints[what], complaints[what], file, line);
}

/* What was told once is counted at the end. */
static void tell_counts(const struct log_file *l)
{
	for (int i = 0; i < COMPLAINT_KINDS; i++) {
		char text[300];
		int64_t n = atomic_load(&l->complaints->of[i]);
		if (n <= 1)
			continue;
		(void)snprintf(text, sizeof(text), "%lld times more: %s", (long long)(n - 1),
		               atomic_load(&l->complaints->text[i]));
		tell(l, l->path, 0, text);
	}
}

static bool carry_room(struct log_file *l, ptrdiff_t cap)
{
	char *bigger;
	if (cap <= l->carry_cap)
		return true;
	bigger = realloc(l->carry, (size_t)cap);
	if (bigger == NULL)
		return false;
	l->carry = bigger;
	l->carry_cap = cap;
	return true;
}

static bool name_member(struct log_file *l)
{
	str member = source_member(l->source);
	free(l->member_text);
	l->member_text = NULL;
	l->member = (str){ 0 };
	if (!l->many || member.len == 0)
		return true;
	if (asprintf(&l->member_text, STR_FMT "!" STR_FMT, STR_ARG(l->path), STR_ARG(member)) < 0) {
		l->member_text = NULL;
		return false;
	}
	l->member = str_from(l->member_text);
	return true;
}

static void member_trouble(const struct log_file *l)
{
	const char *why = source_trouble(l->source);
	if (why != NULL)
		tell(l, l->member.ptr != NULL ? l->member : l->path, l->line, why);
}

/* The header of a CSV file is no record. */
static bool take_csv_header(struct log_file *l)
{
	str head = { l->carry, l->carry_len };
	ptrdiff_t end = csv_record_end(head, l->is.header, l->is.separator), stop;
	end = end < 0 && l->ended ? head.len : end;
	for (stop = end; stop > 0 && (head.ptr[stop - 1] == '\n' || head.ptr[stop - 1] == '\r'); stop--)
		;
	if (stop <= l->is.header || !log_take_header(l, LOG_CSV, str_sub(head, l->is.header, stop)))
		return false;
	l->line += log_count_lines(str_sub(head, 0, end), '\n');
	memmove(l->carry, l->carry + end, (size_t)(l->carry_len - end));
	l->carry_len -= end;
	return true;
}

/* The next member of the source: its first bytes are read and looked at. */
static bool begin_member(struct log_file *l)
{
	l->open = false;
	if (!source_next(l->source) || !name_member(l) || !carry_room(l, LOG_HEAD)) {
		member_trouble(l);
		return false;
	}
	l->carry_len = 0;
	l->line = 1;
	l->item = 0;
	l->ended = l->skipping = false;
	l->headers = 0;
	l->values = (struct value_cut){ 0 };
	while (l->carry_len <= LOG_HEAD - 64 && !l->ended) {
		ptrdiff_t n = source_read(l->source, l->carry + l->carry_len, LOG_HEAD - l->carry_len);
		l->carry_len += n;
		l->ended = n == 0;
	}
	l->is = log_sniff((str){ l->carry, l->carry_len }, l->given);
	if (l->is.format == LOG_EVTX) {
		l->offset = MIN(EVTX_HEADER, l->carry_len);
		l->carry_len -= l->offset;
		memmove(l->carry, l->carry + l->offset, (size_t)l->carry_len);
	}
	if (l->is.format == LOG_CSV && !take_csv_header(l)) {
		l->is.format = LOG_TEXT;
		l->is.cut = CUT_LINES;
	}
	l->open = true;
	return true;
}

static struct log_limits limits_or_default(struct log_limits given)
{
	return (struct log_limits){
		given.record_most > 0 ? given.record_most : 16 << 20,
		given.inflated_most > 0 ? given.inflated_most : (int64_t)1 << 40,
		given.inflate_ratio_most > 0 ? given.inflate_ratio_most : 10000,
	};
}

/* A file that cannot be read at all is the caller's to report; a member of many is passed over later. */
static bool log_begin(struct log_file *l, struct err *err)
{
	if (!begin_member(l)) {
		const char *why = source_trouble(l->source);
		return err_set(err, ERR_INPUT, STR_FMT ": %s", STR_ARG(l->path),
		               why != NULL ? why : "the archive has no such file in it");
	}
	l->many = source_many(l->source);
	if (!name_member(l))
		return err_set(err, ERR_SYSTEM, "there is not enough memory to open a file");
	if (l->is.format == LOG_UNKNOWN && !l->many)
		return err_set(err, ERR_INPUT, STR_FMT ": no log that we can read (docs/formats.md says "
		               "which are); if it is one, name its format", STR_ARG(l->path));
	return true;
}

bool log_open(str path, enum log_format given, struct log_limits limits, struct log_listener listener,
              struct log_file **out, struct err *err)
{
	struct log_file *l = calloc(1, sizeof(*l));
	char *text = strndup(path.ptr, (size_t)path.len);
	struct log_counts *counts = calloc(1, sizeof(*counts));
	if (l == NULL || text == NULL || counts == NULL) {
		free(l);
		free(text);
		free(counts);
		return err_set(err, ERR_SYSTEM, "there is not enough memory to open a file");
	}
	l->path = str_from(text);
	l->complaints = counts;
	l->limits = limits_or_default(limits);
	l->given = given;
	if (!source_open(path, l->limits, &l->source, err) || !log_begin(l, err)) {
		log_close(l);
		return false;
	}
	l->listener = listener;
	*out = l;
	return true;
}

enum log_format log_format_of(const struct log_file *l)
{
	return l->is.format;
}

void log_close(struct log_file *l)
{
	if (l->complaints != NULL)
		tell_counts(l);
	if (l->source != NULL)
		source_close(l->source);
	columns_free(l->columns);
	free(l->carry);
	free(l->member_text);
	free(l->complaints);
	free((void *)(uintptr_t)l->path.ptr);
	free(l);
}

void log_progress(const struct log_file *l, int64_t *out_done, int64_t *out_size)
{
	source_progress(l->source, out_done, out_size);
}

struct log_block *log_block_new(void)
{
	struct log_work *w = calloc(1, sizeof(*w));
	return w != NULL ? &w->shown : NULL;
}

void log_block_free(struct log_block *b)
{
	struct log_work *w = (struct log_work *)b;
	if (w == NULL)
		return;
	free(w->raw);
	free(w->records);
	free(w->path_text);
	pairs_done(&w->made.pairs);
	json_out_free(&w->made.out);
	if (w->evtx != NULL)
		arena_done(&w->evtx_memory);
	free(w);
}

bool log_add_record(struct log_work *w, str json, int64_t line)
{
	if (w->shown.count == w->records_cap) {
		ptrdiff_t cap = MAX(2 * w->records_cap, 4096);
		struct record *more = realloc(w->records, (size_t)cap * sizeof(*more));
		if (more == NULL)
			return false;
		w->records = more;
		w->records_cap = cap;
	}
	w->records[w->shown.count++] = (struct record){ json, line };
	w->shown.records = w->records;
	return true;
}

static bool raw_room(struct log_work *w, ptrdiff_t cap)
{
	char *bigger;
	if (cap <= w->raw_cap)
		return true;
	bigger = realloc(w->raw, (size_t)cap);
	if (bigger == NULL)
		return false;
	w->raw = bigger;
	w->raw_cap = cap;
	return true;
}

/* After a record that was too long: goes on behind its line's end. */
static void skip_line(struct log_file *l, struct log_work *w)
{
	const char *end = memchr(w->raw, l->is.line_end, (size_t)w->raw_len);
	ptrdiff_t n = end != NULL ? end + 1 - w->raw : w->raw_len;
	memmove(w->raw, w->raw + n, (size_t)(w->raw_len - n));
	w->raw_len -= n;
	l->skipping = end == NULL;
	l->line += end != NULL;
}

/* Reads until the block is full, or larger by as much again. */
static bool fill(struct log_file *l, struct log_work *w, ptrdiff_t want)
{
	if (!raw_room(w, want + 64))
		return false;
	while (w->raw_len < want && !l->ended) {
		ptrdiff_t n = source_read(l->source, w->raw + w->raw_len, w->raw_cap - w->raw_len);
		w->raw_len += n;
		l->ended = n == 0;
		if (l->skipping)
			skip_line(l, w);
	}
	return true;
}

static bool keep_rest(struct log_file *l, struct log_work *w, ptrdiff_t from)
{
	if (!carry_room(l, w->raw_len - from))
		return false;
	memcpy(l->carry, w->raw + from, (size_t)(w->raw_len - from));
	l->carry_len = w->raw_len - from;
	w->raw_len = from;
	return true;
}

/* The beginning of a record without an end in sight; where the next begins is looked for from then on. */
static ptrdiff_t cut_long_record(struct log_file *l, struct log_work *w)
{
	ptrdiff_t n = (ptrdiff_t)l->limits.record_most;
	int64_t line = l->is.array ? ++l->item : l->line;
	log_complain(l, COMPLAINT_LONG, l->member, line);
	w->cut = log_add_record(w, (str){ w->raw, n }, line);
	if (l->is.cut == CUT_LINES)
		l->skipping = true;
	else
		l->values = (struct value_cut){ .inside = l->values.inside, .lost = true };
	return n;
}

/* Takes w->raw up to where whole records end, and keeps the rest for the next block. */
static bool take_records(struct log_file *l, struct log_work *w)
{
	ptrdiff_t want = LOG_BLOCK, most = (ptrdiff_t)l->limits.record_most, n;
	for (;;) {
		if (!fill(l, w, want))
			return false;
		w->shown.count = 0;
		n = log_cut_headers(l, w, log_cut_block(l, w, l->ended));
		if (n > 0 || (l->ended && w->raw_len == 0))
			break;
		if (w->raw_len >= most) {
			n = cut_long_record(l, w);
			break;
		}
		want = MIN(2 * want, most);
		want = MAX(want, w->raw_len + 64);
	}
	return keep_rest(l, w, n);
}

static bool note_path(const struct log_file *l, struct log_work *w)
{
	ptrdiff_t n = l->member.len;
	w->shown.path = (str){ 0 };
	if (l->member.ptr == NULL)
		return true;
	if (n > w->path_cap) {
		char *bigger = realloc(w->path_text, (size_t)n);
		if (bigger == NULL)
			return false;
		w->path_text = bigger;
		w->path_cap = n;
	}
	memcpy(w->path_text, l->member.ptr, (size_t)n);
	w->shown.path = (str){ w->path_text, n };
	return true;
}

/* The next block of the member that is open.  False at its end. */
static bool read_block(struct log_file *l, struct log_work *w)
{
	w->raw_len = w->shown.count = 0;
	w->cut = l->is.cut != CUT_LINES;
	if (!raw_room(w, MAX(l->carry_len, LOG_BLOCK) + 64) || !note_path(l, w)) {
		tell(l, l->path, l->line, "there is not enough memory to read on");
		return false;
	}
	memcpy(w->raw, l->carry, (size_t)l->carry_len);
	w->raw_len = l->carry_len;
	l->carry_len = 0;
	if (l->skipping)
		skip_line(l, w);
	if (!take_records(l, w)) {
		tell(l, l->path, l->line, "there is not enough memory to read on");
		return false;
	}
	w->line = l->line;
	w->is = l->is;
	w->columns = l->columns;
	w->offset = l->offset;
	l->offset += w->raw_len;
	w->shown.format = l->is.format;
	w->shown.bytes = w->raw_len;
	l->line += log_count_lines((str){ w->raw, w->raw_len }, l->is.line_end);
	return w->raw_len > 0;
}

bool log_read(struct log_file *l, struct log_block *b)
{
	struct log_work *w = (struct log_work *)b;
	w->shown.records = NULL;
	w->shown.count = w->shown.bytes = 0;
	while (l->open) {
		if (l->is.format == LOG_UNKNOWN)
			tell(l, l->member.ptr != NULL ? l->member : l->path, 0,
			     "no log that we can read: passed over");
		else if (read_block(l, w))
			return true;
		member_trouble(l);
		if (!begin_member(l))
			break;
	}
	return false;
}
