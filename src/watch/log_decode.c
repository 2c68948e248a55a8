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

static void decode_text(struct json_out *o, str line)
{
	json_out_raw(o, S("{"));
	json_out_key(o, S("@format"));
	json_out_text(o, S("text"));
	json_out_key(o, S("message"));
	json_out_text(o, line);
	json_out_end(o);
}

/* What was made stands in w->out, which may move: its place is filled in at the end. */

static void place(struct log_work *w, ptrdiff_t i, ptrdiff_t from)
{
	w->records[i].json = (str){ NULL, w->out.len - from };
}

void log_decode(const struct log_file *l, struct log_block *b)
{
	struct log_work *w = (struct log_work *)b;
	bool json = is_json(w->is.format);
	ptrdiff_t n = 0, made = 0;
	w->out.len = 0;
	w->out.over = false;
	w->out.most = (ptrdiff_t)1 << 28;
	if (!w->cut)
		cut_into_lines(w);
	w->cut = true;
	for (ptrdiff_t i = 0; i < b->count; i++) {
		struct record r = w->records[i];
		ptrdiff_t from = w->out.len;
		str raw = trimmed(r.json);
		if (raw.len == 0) {
			if (r.json.len > 0 && r.json.ptr[0] == '\0')
				log_complain(l, COMPLAINT_ZEROS, b->path, r.line);
			continue;
		}
		if (raw.len > l->limits.record_most) {
			log_complain(l, COMPLAINT_LONG, b->path, r.line);
			raw.len = (ptrdiff_t)l->limits.record_most;
		}
		w->records[n] = (struct record){ raw, r.line };
		if (!json || raw.ptr[0] != '{') {
			if (json)
				log_complain(l, COMPLAINT_NO_OBJECT, b->path, r.line);
			decode_text(&w->out, raw);
			if (w->out.over) {
				log_complain(l, COMPLAINT_OVER, b->path, r.line);
				break;
			}
			place(w, n, from);
		}
		n++;
	}
	for (ptrdiff_t i = 0; i < n; i++)
		if (w->records[i].json.ptr == NULL) {
			w->records[i].json.ptr = w->out.ptr + made;
			made += w->records[i].json.len;
		}
	b->count = n;
	b->records = w->records;
}
