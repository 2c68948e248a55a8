#include "watch/decoders.h"

void decode_text(struct decoding *d, str line)
{
	json_out_raw(&d->out, S("{"));
	json_out_key(&d->out, S("@format"));
	json_out_text(&d->out, S("text"));
	json_out_key(&d->out, S("message"));
	json_out_text(&d->out, line);
	json_out_end(&d->out);
}

/* A record with more fields than we keep is given as its text. */
static void write_pairs(struct decoding *d, const char *kind, str line)
{
	if (d->pairs.over && pairs_begin(&d->pairs, line.len))
		pairs_add(&d->pairs, S("message"), line);
	pairs_write(&d->pairs, kind, &d->out);
}

/* Sysmon for Linux and auditd's plugin write whole records of their own into syslog. */
static bool inner_record(struct decoding *d, str line)
{
	str message = pairs_find(&d->pairs, S("message")), host = pairs_find(&d->pairs, S("hostname"));
	ptrdiff_t from = d->out.len;
	const char *kind;
	if (str_starts(message, S("<Event>")) || str_starts(message, S("<Event "))) {
		if (decode_event_xml(&d->pairs, message, &d->out))
			return true;
		d->out.len = from;
		return false;
	}
	if ((!str_starts(message, S("type=")) && !str_starts(message, S("node=")))
	    || str_find(str_sub(message, 0, 300), S("msg=audit(")) < 0 || !pairs_begin(&d->pairs, line.len))
		return false;
	kind = decode_auditd(&d->pairs, message);
	if (kind == NULL) {
		enum log_format format;
		if (pairs_begin(&d->pairs, line.len))
			(void)decode_syslog(&d->pairs, line, &format);
		return false;
	}
	pairs_add_some(&d->pairs, S("node"), host);
	write_pairs(d, kind, line);
	return true;
}

static enum log_format try_syslog(struct decoding *d, str line)
{
	enum log_format format = LOG_UNKNOWN;
	const char *kind = decode_syslog(&d->pairs, line, &format);
	if (kind == NULL)
		return LOG_UNKNOWN;
	if (strcmp(kind, "syslog") == 0 && inner_record(d, line))
		return format;
	write_pairs(d, kind, line);
	return format;
}

static enum log_format try_pairs(struct decoding *d, str line, const char *kind, enum log_format format)
{
	if (kind == NULL)
		return LOG_UNKNOWN;
	write_pairs(d, kind, line);
	return format;
}

static enum log_format try_whole(struct decoding *d, str line)
{
	ptrdiff_t from = d->out.len;
	if (str_starts(line, S("{")) && json_is_object(line)) {
		json_out_raw(&d->out, line);
		return LOG_JSON_LINES;
	}
	if (str_starts(line, S("<Event")) && decode_event_xml(&d->pairs, line, &d->out))
		return LOG_WINDOWS_XML;
	d->out.len = from;
	return LOG_UNKNOWN;
}

static enum log_format attempt(struct decoding *d, str line, enum log_format as)
{
	enum log_format found;
	if (!pairs_begin(&d->pairs, line.len))
		return LOG_UNKNOWN;
	switch (as) {
	case LOG_AUDITD:
		return try_pairs(d, line, decode_auditd(&d->pairs, line), as);
	case LOG_WEB_ACCESS:
		found = try_pairs(d, line, decode_access(&d->pairs, line), as);
		if (found != LOG_UNKNOWN || !pairs_begin(&d->pairs, line.len))
			return found;
		return try_pairs(d, line, decode_web_error(&d->pairs, line), as);
	case LOG_SYSLOG_3164: case LOG_SYSLOG_5424:
		return try_syslog(d, line);
	case LOG_TEXT:
		found = try_whole(d, line);
		if (found != LOG_UNKNOWN || !pairs_begin(&d->pairs, line.len))
			return found;
		pairs_add(&d->pairs, S("message"), line);
		return try_pairs(d, line, decode_device(&d->pairs, line), as);
	case LOG_UNKNOWN: case LOG_JSON_LINES: case LOG_JSON_ARRAY: case LOG_WINDOWS_FLAT:
	case LOG_WINDOWS_NESTED: case LOG_WINDOWS_ECS: case LOG_EVTX: case LOG_EVE: case LOG_ZEEK_JSON:
	case LOG_ZEEK_TSV: case LOG_CLOUDTRAIL: case LOG_CSV: case LOG_WINDOWS_XML: case LOG_W3C:
	case LOG_FORMATS:
		break;
	}
	return LOG_UNKNOWN;
}

enum log_format decode_line(struct decoding *d, str line, enum log_format first)
{
	static const enum log_format order[] = { LOG_AUDITD, LOG_WEB_ACCESS, LOG_SYSLOG_3164, LOG_TEXT };
	enum log_format found = first != LOG_TEXT ? attempt(d, line, first) : LOG_UNKNOWN;
	for (ptrdiff_t i = 0; found == LOG_UNKNOWN && i < COUNTOF(order); i++)
		if (order[i] != first || first == LOG_TEXT)
			found = attempt(d, line, order[i]);
	return found;
}
