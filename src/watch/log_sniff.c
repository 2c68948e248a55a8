#include "watch/log_priv.h"

#include <stdlib.h>

/* heap: what is tried on the first lines is too large for the stack, and goes at once */

/* The names of an object's members, as far as they are told apart by. */
enum { KEYS_MOST = 64 };
struct keys { str at[KEYS_MOST]; str event; int count; };

static ptrdiff_t skip_blanks(str s, ptrdiff_t i)
{
	while (i < s.len && (s.ptr[i] == ' ' || s.ptr[i] == '\t' || s.ptr[i] == '\r' || s.ptr[i] == '\n'
	                     || s.ptr[i] == '\0' || s.ptr[i] == 0x1e))
		i++;
	return i;
}

/* A string's end, or the text's. */
static ptrdiff_t string_end(str s, ptrdiff_t i)
{
	for (i++; i < s.len && s.ptr[i] != '"'; i++)
		i += s.ptr[i] == '\\';
	return MIN(i, s.len);
}

static ptrdiff_t value_end(str s, ptrdiff_t i)
{
	struct value_cut v = { 0 };
	ptrdiff_t end;
	if (i < s.len && s.ptr[i] == '"')
		return MIN(string_end(s, i) + 1, s.len);
	if (i < s.len && (s.ptr[i] == '{' || s.ptr[i] == '[')) {
		end = log_scan_object(s.ptr, i, s.len, &v);
		return end < 0 ? s.len : end;
	}
	while (i < s.len && s.ptr[i] != ',' && s.ptr[i] != '}')
		i++;
	return i;
}

static void read_keys(str s, ptrdiff_t i, struct keys *k)
{
	for (i++; i < s.len && k->count < KEYS_MOST;) {
		i = skip_blanks(s, i);
		if (i >= s.len || s.ptr[i] != '"')
			return;
		ptrdiff_t end = string_end(s, i);
		str key = str_sub(s, i + 1, end);
		i = skip_blanks(s, end + 1);
		if (i >= s.len || s.ptr[i] != ':')
			return;
		i = skip_blanks(s, i + 1);
		end = value_end(s, i);
		k->at[k->count++] = key;
		if (str_eq_nocase(key, S("Event")))
			k->event = str_sub(s, i, end);
		i = skip_blanks(s, end);
		if (i >= s.len || s.ptr[i] != ',')
			return;
		i++;
	}
}

static bool has(const struct keys *k, const char *name)
{
	for (int i = 0; i < k->count; i++)
		if (str_eq_nocase(k->at[i], str_from(name)))
			return true;
	return false;
}

static enum log_format kind_of(const struct keys *k)
{
	if (has(k, "winlog") || (has(k, "event_data") && has(k, "log_name")))
		return LOG_WINDOWS_ECS;
	if (str_find(k->event, S("\"System\"")) >= 0 || (has(k, "System") && has(k, "EventData")))
		return LOG_WINDOWS_NESTED;
	if (has(k, "EventID") && (has(k, "Channel") || has(k, "SourceName") || has(k, "ProviderGuid")))
		return LOG_WINDOWS_FLAT;
	if (has(k, "event_type") && has(k, "timestamp") && (has(k, "flow_id") || has(k, "stats")))
		return LOG_EVE;
	if (has(k, "ts") && (has(k, "_path") || has(k, "uid") || has(k, "fuid")))
		return LOG_ZEEK_JSON;
	if (has(k, "eventSource") && has(k, "eventName") && has(k, "eventVersion"))
		return LOG_CLOUDTRAIL;
	return LOG_UNKNOWN;
}

/* What the first objects are; most files hold one kind only. */
static enum log_format json_kind(str head, ptrdiff_t at)
{
	for (int tries = 0; tries < 16 && at < head.len; tries++) {
		struct value_cut v = { 0 };
		struct keys k = { .count = 0 };
		enum log_format kind;
		while (at < head.len && head.ptr[at] != '{')
			at++;
		if (at == head.len)
			break;
		read_keys(head, at, &k);
		kind = kind_of(&k);
		if (kind != LOG_UNKNOWN)
			return kind;
		at = log_scan_object(head.ptr, at, head.len, &v);
		if (at < 0)
			break;
	}
	return LOG_UNKNOWN;
}

/* {"Records":[{..}..]} and the like: its items are the records. */
static bool is_wrapper(str head, ptrdiff_t at, ptrdiff_t *out_item)
{
	struct keys k = { .count = 0 };
	static const struct { const char *name, *with; } wrappers[] = {
		{ "Records", NULL }, { "records", NULL }, { "value", "@odata.context" }, { "items", "kind" },
	};
	read_keys(head, at, &k);
	for (ptrdiff_t i = 0; i < COUNTOF(wrappers); i++) {
		str name = str_from(wrappers[i].name);
		if (!has(&k, wrappers[i].name) || (wrappers[i].with != NULL && !has(&k, wrappers[i].with)))
			continue;
		if (wrappers[i].with == NULL && (k.count == 0 || !str_eq(k.at[0], name)))
			continue;
		for (int j = 0; j < k.count; j++) {
			ptrdiff_t from = k.at[j].ptr + k.at[j].len + 1 - head.ptr;
			from = skip_blanks(head, from);
			from = from < head.len && head.ptr[from] == ':' ? skip_blanks(head, from + 1) : from;
			if (!str_eq(k.at[j], name) || from >= head.len || head.ptr[from] != '[')
				continue;
			from = skip_blanks(head, from + 1);
			*out_item = from;
			return from < head.len && head.ptr[from] == '{';
		}
	}
	return false;
}

/* One object a line, or objects over several lines? */
static bool over_lines(str head, ptrdiff_t at)
{
	struct value_cut v = { 0 };
	ptrdiff_t end = log_scan_object(head.ptr, at, head.len, &v);
	str first = str_sub(head, at, end < 0 ? head.len : end);
	ptrdiff_t line = str_find_char(first, '\n');
	/* an object that breaks off at its line's end, and another in the next line: one broken line */
	if (line >= 0) {
		ptrdiff_t next = skip_blanks(first, line);
		return line == 0 || !str_starts(str_sub(first, next, first.len), S("{\""));
	}
	if (end < 0)
		return false;
	ptrdiff_t next = skip_blanks(head, end);
	str between = str_sub(head, end, next);
	return next < head.len && head.ptr[next] == '{' && str_find_char(between, '\n') < 0
	       && str_find_char(between, '\r') < 0;
}

static bool sniff_json(str head, ptrdiff_t at, struct log_sniffed *is)
{
	ptrdiff_t item = at;
	if (head.ptr[at] == '[') {
		ptrdiff_t next = skip_blanks(head, at + 1);
		if (next < head.len && strchr("{]", head.ptr[next]) == NULL && head.ptr[next] != '[')
			return false;
		is->cut = CUT_VALUES;
		is->array = true;
	} else if (is_wrapper(head, at, &item)) {
		is->cut = CUT_VALUES;
		is->array = is->wrapped = true;
	} else if (over_lines(head, at)) {
		is->cut = CUT_VALUES;
	}
	is->format = json_kind(head, item);
	if (is->format == LOG_UNKNOWN)
		is->format = is->cut == CUT_VALUES ? LOG_JSON_ARRAY : LOG_JSON_LINES;
	return true;
}

/* Text has few control characters, and no zeros but for a run that a crash left. */
static bool is_text(str head)
{
	ptrdiff_t odd = 0, zeros = 0;
	for (ptrdiff_t i = 0; i < head.len; i++) {
		unsigned char c = (unsigned char)head.ptr[i];
		zeros += c == 0;
		odd += c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != 0x1b && c != 0;
	}
	return odd * 50 <= head.len && (zeros == 0 || zeros == skip_blanks(head, 0));
}

enum { LINES_LOOKED_AT = 40 };

/* What most of the first lines are. */
static enum log_format text_kind(str head, char line_end)
{
	struct decoding *d = calloc(1, sizeof(*d));
	int votes[LOG_FORMATS] = { 0 }, lines = 0;
	enum log_format best = LOG_TEXT;
	if (d == NULL)
		return LOG_TEXT;
	d->out.most = 1 << 24;
	for (ptrdiff_t i = 0; i < head.len && lines < LINES_LOOKED_AT; lines++) {
		str rest = str_sub(head, i, head.len);
		ptrdiff_t end = str_find_char(rest, line_end);
		str line = str_trim(str_sub(rest, 0, end < 0 ? rest.len : end));
		i += end < 0 ? rest.len : end + 1;
		if (line.len > 0)
			votes[decode_line(d, line, LOG_UNKNOWN)]++;
		d->out.len = 0;
	}
	votes[LOG_UNKNOWN] = votes[LOG_TEXT] = 0;
	for (int i = 0; i < LOG_FORMATS; i++)
		if (votes[i] > votes[best])
			best = (enum log_format)i;
	pairs_done(&d->pairs);
	json_out_free(&d->out);
	free(d);
	return 2 * votes[best] >= lines ? best : LOG_TEXT;
}

static void sniff_text(str head, struct log_sniffed *is)
{
	str begin = str_sub(head, skip_blanks(head, 0), head.len);
	char separator;
	if (str_starts(begin, S("#separator "))) {
		is->format = LOG_ZEEK_TSV;
	} else if (str_starts(begin, S("#")) && str_find(head, S("#Fields:")) >= 0) {
		is->format = LOG_W3C;
	} else if (str_starts(begin, S("<?xml")) || str_starts(begin, S("<Event"))) {
		is->format = str_find(head, S("<Event")) >= 0 ? LOG_WINDOWS_XML : LOG_TEXT;
	} else {
		is->format = text_kind(head, is->line_end);
		separator = is->format == LOG_TEXT ? csv_sniff(head, &is->header) : '\0';
		if (separator != '\0') {
			is->format = LOG_CSV;
			is->separator = separator;
		}
	}
}

/* How records of a format that somebody named are told apart. */
static void use_format(struct log_sniffed *is, enum log_format given, str head)
{
	is->format = given;
	if (given == LOG_CSV && is->separator == '\0') {
		is->separator = csv_sniff(head, &is->header);
		is->separator = is->separator != '\0' ? is->separator : ',';
	}
}

struct log_sniffed log_sniff(str head, enum log_format given)
{
	struct log_sniffed is = { .format = LOG_UNKNOWN, .cut = CUT_LINES, .line_end = '\n' };
	ptrdiff_t at = skip_blanks(head, 0);
	bool json = false;
	if (str_find_char(head, '\n') < 0 && str_find_char(head, '\r') >= 0
	    && str_find_char(head, '\r') < head.len - 1)
		is.line_end = '\r';
	if (at < head.len && (head.ptr[at] == '{' || head.ptr[at] == '['))
		json = sniff_json(head, at, &is);
	if (!json && (head.len == 0 || is_text(head)))
		sniff_text(head, &is);
	if (log_is_evtx(head))
		is.format = LOG_EVTX;
	if (given != LOG_UNKNOWN)
		use_format(&is, given, head);
	if (is.format == LOG_CSV)
		is.cut = CUT_CSV;
	else if (is.format == LOG_WINDOWS_XML)
		is.cut = CUT_XML;
	else if (is.format == LOG_EVTX)
		is.cut = CUT_CHUNKS;
	if (is.cut != CUT_LINES)
		is.line_end = '\n';
	return is;
}
