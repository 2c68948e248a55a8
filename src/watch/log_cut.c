#include "watch/log_priv.h"

int64_t log_count_lines(str bytes, char line_end)
{
	const char *p = bytes.ptr, *end = bytes.ptr + bytes.len;
	int64_t n = 0;
	while (p < end && (p = memchr(p, line_end, (size_t)(end - p))) != NULL) {
		n++;
		p++;
	}
	return n;
}

static ptrdiff_t cut_lines(const struct log_file *l, const struct log_work *w, bool end)
{
	const char *last = w->raw_len > 0 ? memrchr(w->raw, l->is.line_end, (size_t)w->raw_len) : NULL;
	if (end)
		return w->raw_len;
	return last != NULL ? last + 1 - w->raw : 0;
}

/* To the end of a string: memchr finds quotes faster than we would look at each byte. */
static ptrdiff_t scan_string(const char *p, ptrdiff_t i, ptrdiff_t len, struct value_cut *v)
{
	while (i < len) {
		const char *quote = memchr(p + i, '"', (size_t)(len - i));
		ptrdiff_t at = quote != NULL ? quote - p : len, back = at;
		while (back > i && p[back - 1] == '\\')
			back--;
		/* an odd number of backslashes, counting one that ended what was scanned before */
		bool escaped = ((at - back) & 1) != (back == i && v->escaped);
		v->escaped = quote == NULL && escaped;
		i = at + (quote != NULL);
		if (quote != NULL && !escaped) {
			v->string = false;
			break;
		}
	}
	return i;
}

ptrdiff_t log_scan_object(const char *p, ptrdiff_t from, ptrdiff_t len, struct value_cut *v)
{
	ptrdiff_t i = from + v->scanned;
	while (i < len) {
		if (v->string) {
			i = scan_string(p, i, len, v);
			continue;
		}
		char c = p[i++];
		if (c == '"')
			v->string = true;
		else if (c == '{' || c == '[')
			v->depth++;
		else if ((c == '}' || c == ']') && --v->depth <= 0) {
			v->scanned = 0;
			v->depth = 0;
			return i;
		}
	}
	v->scanned = len - from;
	return -1;
}

static bool blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == ',' || c == '\0' || c == 0x1e;
}

/* Behind `"Records": [`, if the object at `from` begins so; else -1, and 0 if that cannot be told yet. */
static ptrdiff_t into_wrapper(const char *p, ptrdiff_t from, ptrdiff_t len)
{
	static const char *const names[] = { "\"Records\"", "\"records\"", "\"value\"", "\"items\"" };
	ptrdiff_t most = MIN(len, from + 4096);
	for (ptrdiff_t i = from + 1; i < most; i++) {
		for (ptrdiff_t j = 0; p[i] == '"' && j < COUNTOF(names); j++) {
			ptrdiff_t n = (ptrdiff_t)strlen(names[j]), at = i + n;
			if (at >= len || memcmp(p + i, names[j], (size_t)n) != 0)
				continue;
			while (at < len && (blank(p[at]) || p[at] == ':'))
				at++;
			if (at < len && p[at] == '[')
				return at + 1;
		}
	}
	return most == from + 4096 ? -1 : 0;
}

/* Between two objects: to the next one, or to the end.  Noise is what is neither blank nor punctuation. */
static ptrdiff_t to_object(struct log_file *l, const struct log_work *w, ptrdiff_t i, bool *noise)
{
	struct value_cut *v = &l->values;
	for (; i < w->raw_len; i++) {
		char c = w->raw[i];
		if (v->closing) {               /* what else the wrapper holds is no record */
			ptrdiff_t end = log_scan_object(w->raw, i, w->raw_len, v);
			v->scanned = 0;
			if (end < 0)
				return w->raw_len;
			v->closing = v->inside = false;
			i = end - 1;
			continue;
		}
		if (v->lost && (c != '{' || (i > 0 && w->raw[i - 1] != '\n' && w->raw[i - 1] != ' ')))
			continue;
		if (c == '{') {
			v->lost = false;
			return i;
		}
		if (c == ']' && v->inside) {
			v->closing = true;
			v->depth = 1;
		} else if (c == '"') {
			struct value_cut text = { .string = true };
			i = MAX(scan_string(w->raw, i + 1, w->raw_len, &text) - 1, i);
			*noise = true;
		} else if (!blank(c) && c != '[' && c != ']') {
			*noise = true;
		}
	}
	return i;
}

/* Notes each whole object; the bytes up to the first that is not whole. */
static ptrdiff_t cut_values(struct log_file *l, struct log_work *w, bool end)
{
	struct value_cut *v = &l->values;
	ptrdiff_t i = 0, counted = 0;
	int64_t line = l->line;
	bool noise = false;
	while (v->scanned > 0 || (i = to_object(l, w, i, &noise)) < w->raw_len) {
		ptrdiff_t from = i, inner;
		if (l->is.wrapped && !v->inside && v->scanned == 0
		    && (inner = into_wrapper(w->raw, from, w->raw_len)) >= 0) {
			if (inner == 0 && !end)
				break;
			if (inner > 0) {
				v->inside = true;
				i = inner;
				continue;
			}
		}
		i = log_scan_object(w->raw, from, w->raw_len, v);
		if (i < 0 && !end) {
			i = from;
			break;
		}
		i = i < 0 ? w->raw_len : i;
		v->scanned = 0;
		line += log_count_lines(str_sub((str){ w->raw, w->raw_len }, counted, from), '\n');
		counted = from;
		l->item++;
		if (!log_add_record(w, (str){ w->raw + from, i - from }, l->is.array ? l->item : line))
			break;
	}
	if (noise)
		log_complain(l, COMPLAINT_BETWEEN, l->member, l->line);
	return i;
}

enum { QUOTED_MOST = 1 << 20 };

/* A record that goes on over lines for too long has a quote that nobody closed. */
static ptrdiff_t cut_csv(struct log_file *l, struct log_work *w, bool end)
{
	str all = { w->raw, w->raw_len };
	int64_t line = l->line;
	ptrdiff_t i = 0;
	while (i < w->raw_len) {
		ptrdiff_t stop = csv_record_end(str_sub(all, i, i + QUOTED_MOST), 0, l->is.separator), lf;
		if (stop < 0 && !end && w->raw_len - i < QUOTED_MOST)
			break;
		if (stop < 0 && (lf = str_find_char(str_sub(all, i, w->raw_len), '\n')) >= 0) {
			log_complain(l, COMPLAINT_QUOTES, l->member, line);
			stop = lf + 1;
		}
		if (stop < 0 && !end)
			break;
		stop = stop < 0 ? w->raw_len : i + stop;
		if (!log_add_record(w, str_sub(all, i, stop), line))
			break;
		line += log_count_lines(str_sub(all, i, stop), '\n');
		i = stop;
	}
	return i;
}

/* Events in XML, from <Event to </Event>; their root, and what stands between them, is passed over. */
static ptrdiff_t cut_xml(struct log_file *l, struct log_work *w, bool end)
{
	str all = { w->raw, w->raw_len };
	int64_t line = l->line;
	ptrdiff_t i = 0, counted = 0;
	while (i < w->raw_len) {
		str rest = str_sub(all, i, all.len);
		ptrdiff_t from = str_find(rest, S("<Event")), stop;
		if (from < 0)
			return end ? all.len : MAX(i, all.len - 6);
		char next = rest.len > from + 6 ? rest.ptr[from + 6] : ' ';
		if (next != ' ' && next != '>' && next != '\r' && next != '\n' && next != '\t') {
			i += from + 6;
			continue;
		}
		stop = str_find(str_sub(rest, from, rest.len), S("</Event>"));
		if (stop < 0 && !end)
			return i + from;
		stop = stop < 0 ? all.len : i + from + stop + 8;
		line += log_count_lines(str_sub(all, counted, i + from), '\n');
		counted = i + from;
		if (!log_add_record(w, str_sub(all, i + from, stop), line))
			break;
		i = stop;
	}
	return i;
}

enum { HEADERS_MOST = 1000 };

bool log_take_header(struct log_file *l, enum log_format format, str header)
{
	struct log_columns *c;
	if (l->columns != NULL && l->columns->format == format && str_eq(l->columns->header, header))
		return true;
	c = columns_new(format, header, format == LOG_CSV ? l->is.separator : '\t', l->columns);
	if (c == NULL)
		return false;
	l->columns = c;
	return true;
}

/* W3C and Zeek begin a header with #; a file that was appended to after a restart has several. */
ptrdiff_t log_cut_headers(struct log_file *l, const struct log_work *w, ptrdiff_t n)
{
	str all = { w->raw, n };
	ptrdiff_t i = 0, next;
	if (l->is.format != LOG_ZEEK_TSV && l->is.format != LOG_W3C)
		return n;
	/* each ends a block: without a bound, a file of headers would be moved as often as it has lines */
	if (l->headers >= HEADERS_MOST) {
		log_complain(l, COMPLAINT_HEADERS, l->member, l->line);
		return n;
	}
	while (i < n && all.ptr[i] == '#') {
		ptrdiff_t end = str_find_char(str_sub(all, i, n), '\n');
		i = end < 0 ? n : i + end + 1;
	}
	l->headers += i > 0;
	if (i > 0)                      /* a comment alone changes nothing */
		(void)log_take_header(l, l->is.format, str_sub(all, 0, i));
	next = str_find(str_sub(all, i, n), S("\n#"));
	return next < 0 ? n : i + next + 1;
}

ptrdiff_t log_cut_block(struct log_file *l, struct log_work *w, bool end)
{
	switch (l->is.cut) {
	case CUT_LINES:
		return cut_lines(l, w, end);
	case CUT_VALUES:
		return cut_values(l, w, end);
	case CUT_CSV:
		return cut_csv(l, w, end);
	case CUT_XML:
		return cut_xml(l, w, end);
	case CUT_CHUNKS:
		return log_cut_chunks(w, end);
	}
	return w->raw_len;
}
