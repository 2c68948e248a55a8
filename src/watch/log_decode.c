#include "watch/log_priv.h"

/* A line may end in CRLF; blanks and zeros around a record are none of it. */
static str trimmed(str s)
{
	ptrdiff_t from = 0, to = s.len;
	while (from < to && ((unsigned char)s.ptr[from] <= ' '))
		from++;
	while (to > from && ((unsigned char)s.ptr[to - 1] <= ' '))
		to--;
	return str_sub(s, from, to);
}

/* Where a file mixes line ends, `}` CR `{` ends a record too. */
static void add_line(struct log_work *w, str line, int64_t number, bool mixed)
{
	ptrdiff_t from = 0;
	for (ptrdiff_t i = 1; mixed && i + 1 < line.len; i++) {
		const char *cr = memchr(line.ptr + i, '\r', (size_t)(line.len - i - 1));
		if (cr == NULL)
			break;
		i = cr - line.ptr;
		if (line.ptr[i - 1] == '}' && line.ptr[i + 1] == '{') {
			(void)log_add_record(w, str_sub(line, from, i), number);
			from = i + 1;
		}
	}
	(void)log_add_record(w, str_sub(line, from, line.len), number);
}

static void cut_into_lines(struct log_work *w)
{
	const char *p = w->raw, *end = w->raw + w->raw_len;
	int64_t line = w->line;
	bool mixed = w->is.line_end == '\n' && memchr(p, '\r', (size_t)w->raw_len) != NULL;
	while (p < end) {
		const char *stop = memchr(p, w->is.line_end, (size_t)(end - p));
		stop = stop != NULL ? stop : end;
		if (stop > p)
			add_line(w, (str){ p, stop - p }, line, mixed);
		p = stop + 1;
		line++;
	}
}

static bool is_json(enum log_format format)
{
	switch (format) {
	case LOG_JSON_LINES: case LOG_JSON_ARRAY: case LOG_WINDOWS_FLAT: case LOG_WINDOWS_NESTED:
	case LOG_WINDOWS_ECS: case LOG_EVE: case LOG_ZEEK_JSON: case LOG_CLOUDTRAIL:
		return true;
	case LOG_UNKNOWN: case LOG_EVTX: case LOG_ZEEK_TSV: case LOG_AUDITD: case LOG_SYSLOG_3164:
	case LOG_SYSLOG_5424: case LOG_WEB_ACCESS: case LOG_CSV: case LOG_TEXT: case LOG_WINDOWS_XML:
	case LOG_W3C: case LOG_FORMATS:
		break;
	}
	return false;
}

static bool is_table(enum log_format format)
{
	return format == LOG_CSV || format == LOG_ZEEK_TSV || format == LOG_W3C;
}

/* What each record of a table, or of any text, becomes: at the end of w->made.out. */
static void decode_record(struct log_work *w, str raw)
{
	struct decoding *d = &w->made;
	if (is_table(w->is.format) && w->columns != NULL && pairs_begin(&d->pairs, raw.len)) {
		const char *kind = decode_row(w->columns, &d->pairs, raw);
		if (!d->pairs.over) {
			pairs_write(&d->pairs, kind, &d->out);
			return;
		}
	} else if (decode_line(d, raw, w->is.format) != LOG_UNKNOWN) {
		return;
	}
	decode_text(d, raw);
}

/* What the record is without what stands around it; of a table, tabs may be empty cells. */
static str record_of(const struct log_work *w, str raw)
{
	ptrdiff_t to = raw.len;
	if (!is_table(w->is.format))
		return trimmed(raw);
	while (to > 0 && (raw.ptr[to - 1] == '\n' || raw.ptr[to - 1] == '\r' || raw.ptr[to - 1] == '\0'))
		to--;
	return trimmed(raw).len == 0 || (raw.ptr[0] == '#' && w->is.format != LOG_CSV)
	       ? (str){ raw.ptr, 0 } : str_sub(raw, 0, to);
}

/* Made records stand in a buffer that may move: they get their place in it at the end. */
static void place(struct log_work *w, ptrdiff_t n)
{
	const char *at = w->made.out.ptr;
	for (ptrdiff_t i = 0; i < n; i++)
		if (w->records[i].json.ptr == NULL) {
			w->records[i].json.ptr = at;
			at += w->records[i].json.len;
		}
}

static str limited(const struct log_file *l, const struct log_block *b, str raw, int64_t line)
{
	if (raw.len <= l->limits.record_most)
		return raw;
	log_complain(l, COMPLAINT_LONG, b->path, line);
	return str_sub(raw, 0, (ptrdiff_t)l->limits.record_most);
}

/* Lines that may be followed by a record of ours are moved up, so that what is made has room before them. */
static ptrdiff_t make_room(struct log_work *w)
{
	ptrdiff_t n = w->shown.count;
	bool audit = w->is.format == LOG_AUDITD || w->is.format == LOG_SYSLOG_3164
	             || w->is.format == LOG_SYSLOG_5424;
	for (ptrdiff_t i = 0; audit && i < n; i++)
		if (!log_add_record(w, w->records[i].json, w->records[i].line)) {
			audit = false;
			w->shown.count = n;
		}
	w->process.serial = (str){ 0 };
	return audit ? n : 0;
}

/* One record of the log becomes one, or two; w->shown.count counts them. */
static void make_record(const struct log_file *l, struct log_work *w, struct record r, bool follow)
{
	struct json_out *out = &w->made.out;
	ptrdiff_t from = out->len, between;
	str raw = limited(l, &w->shown, record_of(w, r.json), r.line);
	if (raw.len == 0) {
		if (r.json.len > 0 && r.json.ptr[0] == '\0')
			log_complain(l, COMPLAINT_ZEROS, w->shown.path, r.line);
		return;
	}
	if (is_json(w->is.format) && raw.ptr[0] == '{') {
		w->records[w->shown.count++] = (struct record){ raw, r.line };
		return;
	}
	if (is_json(w->is.format))
		log_complain(l, COMPLAINT_NO_OBJECT, w->shown.path, r.line);
	decode_record(w, raw);
	between = out->len;
	follow = follow && !out->over && log_audit_process(w, from);
	if (out->over) {
		log_complain(l, COMPLAINT_OVER, w->shown.path, r.line);
		return;
	}
	w->records[w->shown.count++] = (struct record){ { NULL, between - from }, r.line };
	if (follow)
		w->records[w->shown.count++] = (struct record){ { NULL, out->len - between }, r.line };
}

void log_decode(const struct log_file *l, struct log_block *b)
{
	struct log_work *w = (struct log_work *)b;
	struct json_out *out = &w->made.out;
	ptrdiff_t n, room;
	if (w->is.cut == CUT_CHUNKS) {
		log_decode_evtx(l, w);
		place(w, b->count);
		b->records = w->records;
		return;
	}
	out->len = 0;
	out->over = false;
	out->most = (ptrdiff_t)1 << 28;
	if (!w->cut)
		cut_into_lines(w);
	w->cut = true;
	n = b->count;
	room = make_room(w);
	b->count = 0;
	for (ptrdiff_t i = 0; i < n && !out->over; i++)
		make_record(l, w, w->records[room + i], room > 0);
	place(w, b->count);
	b->records = w->records;
}
