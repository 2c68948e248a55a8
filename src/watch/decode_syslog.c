#include "watch/decoders.h"

static const char *const facilities[] = {
	"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
	"ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5",
	"local6", "local7",
};
static const char *const severities[] = {
	"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug",
};

/* <165>; gives what follows it.  Without one, all of it. */
static str priority(struct pairs *p, str line, bool *out_is)
{
	ptrdiff_t end = str_find_char(str_sub(line, 0, 5), '>');
	int64_t n;
	*out_is = str_starts(line, S("<")) && end > 1 && str_to_int(str_sub(line, 1, end), 0, 191, &n);
	if (!*out_is)
		return line;
	pairs_add(p, S("facility"), str_from(facilities[n >> 3]));
	pairs_add(p, S("severity"), str_from(severities[n & 7]));
	return str_sub(line, end + 1, line.len);
}

static bool digit(str s, ptrdiff_t i)
{
	return i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9';
}

static bool digits_at(str s, ptrdiff_t i, int count)
{
	for (int j = 0; j < count; j++)
		if (!digit(s, i + j))
			return false;
	return true;
}

static bool is_month(str s)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	for (ptrdiff_t i = 0; s.len >= 3 && i < 36; i += 3)
		if (memcmp(s.ptr, names + i, 3) == 0)
			return true;
	return false;
}

/* 17:38:55, with a fraction perhaps; its end, or -1 */
static ptrdiff_t clock_end(str s, ptrdiff_t i)
{
	if (!digits_at(s, i, 2) || str_sub(s, i + 2, i + 3).len == 0 || s.ptr[i + 2] != ':'
	    || !digits_at(s, i + 3, 2) || i + 5 >= s.len || s.ptr[i + 5] != ':' || !digits_at(s, i + 6, 2))
		return -1;
	i += 8;
	if (i < s.len && (s.ptr[i] == '.' || s.ptr[i] == ',') && digit(s, i + 1))
		for (i++; digit(s, i); i++)
			;
	return i;
}

/* "Sep 20 17:38:55", "Sep 20 2020 17:38:55", "2020-09-20T17:38:55.1+02:00": its end, or -1 */
static ptrdiff_t stamp_end(str s)
{
	ptrdiff_t i = 4;
	if (digits_at(s, 0, 4) && s.len > 19 && s.ptr[4] == '-' && s.ptr[7] == '-'
	    && (s.ptr[10] == 'T' || s.ptr[10] == ' ')) {
		i = clock_end(s, 11);
		while (i >= 0 && i < s.len && s.ptr[i] != ' ')
			if (!digit(s, i) && strchr("Zz+-:", s.ptr[i]) == NULL)
				return -1;
			else
				i++;
		return i;
	}
	if (!is_month(s) || s.len < 15 || s.ptr[3] != ' ')
		return -1;
	i += s.ptr[i] == ' ';
	if (!digit(s, i))
		return -1;
	i += 1 + digit(s, i + 1);
	if (i >= s.len || s.ptr[i++] != ' ')
		return -1;
	if (digits_at(s, i, 4) && i + 4 < s.len && s.ptr[i + 4] == ' ')
		i += 5;
	return clock_end(s, i);
}

/* name[pid]: or name:, and what follows; false if there is none. */
static bool tag(struct pairs *p, str s, str *out_message)
{
	ptrdiff_t i = 0, pid = -1, end;
	while (i < s.len && i < 64 && s.ptr[i] != ':' && s.ptr[i] != '[' && s.ptr[i] != ' ')
		i++;
	if (i == 0 || i >= s.len || s.ptr[i] == ' ' || i == 64 || s.ptr[0] == '%')
		return false;
	end = i;
	if (s.ptr[i] == '[') {
		pid = ++i;
		while (i < s.len && s.ptr[i] != ']' && s.ptr[i] != ' ')
			i++;
		if (i >= s.len || s.ptr[i] != ']')
			return false;
		i++;
	}
	if (i < s.len && s.ptr[i] != ':' && (pid < 0 || s.ptr[i] != ' '))
		return false;
	pairs_add(p, S("appname"), str_sub(s, 0, end));
	if (pid >= 0)
		pairs_add_some(p, S("procid"), str_sub(s, pid, i - 1));
	*out_message = str_trim(str_sub(s, i + 1, s.len));
	return true;
}

static str word(str *rest)
{
	str_cut_result cut = str_cut(*rest, ' ');
	*rest = cut.tail;
	return cut.head;
}

/* Cisco counts its messages, and marks clocks that are not set: "29: *Mar  1 18:48:50: %SYS-5-..". */
static str without_number(str line)
{
	ptrdiff_t i = 0;
	while (digit(line, i))
		i++;
	if (i > 0 && str_starts(str_sub(line, i, line.len), S(": ")))
		line = str_sub(line, i + 2, line.len);
	if (line.len > 0 && (line.ptr[0] == '*' || line.ptr[0] == '.')
	    && is_month(str_sub(line, 1, line.len)))
		line = str_sub(line, 1, line.len);
	return line;
}

/* Cisco's ": %SYS-..", and "UTC: %SYS-..". */
static str without_zone(str s)
{
	ptrdiff_t i = 0;
	while (i < s.len && i < 5 && s.ptr[i] >= 'A' && s.ptr[i] <= 'Z')
		i++;
	return str_starts(str_sub(s, i, s.len), S(": %")) ? str_sub(s, i + 2, s.len) : s;
}

/* RFC 3164, and what its writers make of it: a header may lack the host, the tag, or both. */
static bool old_form(struct pairs *p, str line, bool has_priority, str *out_message)
{
	str rest = line, host;
	ptrdiff_t stamp;
	line = without_number(line);
	stamp = stamp_end(line);
	if (stamp < 0) {
		if (!has_priority)
			return false;
		if (!tag(p, line, out_message))
			*out_message = line;
		return true;
	}
	pairs_add(p, S("timestamp"), str_sub(line, 0, stamp));
	rest = str_trim(str_sub(line, stamp, line.len));
	rest = without_zone(rest);
	if (str_starts(rest, S("%"))) {
		*out_message = rest;
		return true;
	}
	if (tag(p, rest, out_message))
		return true;
	host = word(&rest);
	pairs_add_some(p, S("hostname"), host);
	rest = without_zone(str_trim(rest));
	if (!tag(p, rest, out_message))
		*out_message = rest;
	return true;
}

/* [id name="value" ..][..]; the end, or -1 */
static ptrdiff_t structured(struct pairs *p, str s)
{
	ptrdiff_t i = 0;
	while (i < s.len && s.ptr[i] == '[') {
		ptrdiff_t from = ++i;
		str id, key;
		while (i < s.len && s.ptr[i] != ' ' && s.ptr[i] != ']')
			i++;
		id = pairs_key(p, S("sd."), str_sub(s, from, i));
		while (i < s.len && s.ptr[i] == ' ') {
			ptrdiff_t name = ++i;
			while (i < s.len && s.ptr[i] != '=')
				i++;
			key = pairs_key(p, pairs_key(p, id, S(".")), str_sub(s, name, i));
			if (i + 1 >= s.len || s.ptr[i + 1] != '"')
				return -1;
			char *text = pairs_room(p, s.len - i), *at = text;
			if (text == NULL)
				return -1;
			for (i += 2; i < s.len && s.ptr[i] != '"'; i++) {
				i += s.ptr[i] == '\\' && i + 1 < s.len
				     && strchr("\"\\]", s.ptr[i + 1]) != NULL;
				*at++ = s.ptr[i];
			}
			pairs_keep(p, at);
			pairs_add(p, key, (str){ text, at - text });
			i++;
		}
		if (i >= s.len || s.ptr[i] != ']')
			return -1;
		i++;
	}
	return i;
}

/* RFC 5424: behind "<165>1 " */
static bool new_form(struct pairs *p, str line, str *out_message)
{
	static const char *const names[] = { "timestamp", "hostname", "appname", "procid", "msgid" };
	str rest = line;
	ptrdiff_t end;
	for (ptrdiff_t i = 0; i < COUNTOF(names); i++) {
		if (rest.len == 0)
			return false;
		pairs_add_some(p, str_from(names[i]), word(&rest));
	}
	if (str_starts(rest, S("["))) {
		end = structured(p, rest);
		rest = end >= 0 ? str_sub(rest, end, rest.len) : rest;
	} else if (str_starts(rest, S("-"))) {
		rest = str_sub(rest, 1, rest.len);
	}
	rest = str_trim(rest);
	if (str_starts(rest, S("\xef\xbb\xbf")))
		rest = str_sub(rest, 3, rest.len);
	*out_message = rest;
	return true;
}

/* A message that is an event in JSON (Suricata, NXLog, containers): its members are the record's, the header
 * stands beside them. */
static const char *with_object(struct pairs *p, str message)
{
	struct json_out head = { .most = 1 << 16 };
	char *text;
	ptrdiff_t len;
	pairs_write(p, "", &head);
	text = pairs_room(p, head.len);
	if (text != NULL)
		memcpy(text, head.ptr, (size_t)head.len);
	len = head.len;
	json_out_free(&head);
	if (text == NULL || len == 0)
		return NULL;
	memset(p->slots, 0, sizeof(p->slots));
	p->count = 0;
	pairs_add_json(p, S("syslog"), (str){ text, len });
	pairs_add_members(p, message);
	return "syslog-json";
}

/* A web server that writes what it serves to syslog. */
static const char *from_web_server(struct pairs *p, str message)
{
	static const char *const names[] = { "nginx", "httpd", "apache", "apache2" };
	str name = pairs_find(p, S("appname"));
	for (ptrdiff_t i = 0; i < COUNTOF(names); i++)
		if (str_eq(name, str_from(names[i])))
			return decode_access(p, message);
	return NULL;
}

const char *decode_syslog(struct pairs *p, str line, enum log_format *out_format)
{
	str rest, message = line;
	bool has_priority, modern;
	const char *kind;
	rest = priority(p, line, &has_priority);
	modern = has_priority && digit(rest, 0) && (str_find_char(str_sub(rest, 0, 3), ' ') > 0);
	*out_format = modern ? LOG_SYSLOG_5424 : LOG_SYSLOG_3164;
	if (modern ? !new_form(p, str_cut(rest, ' ').tail, &message)
	           : !old_form(p, str_trim(rest), has_priority, &message))
		return NULL;
	if (str_starts(message, S("@cee:")))
		message = str_trim(str_sub(message, 5, message.len));
	if (json_is_object(message) && (kind = with_object(p, message)) != NULL)
		return kind;
	pairs_add(p, S("message"), message);
	kind = decode_device(p, message);
	if (kind == NULL)
		kind = from_web_server(p, message);
	if (kind == NULL) {
		decode_program(p, pairs_find(p, S("appname")), message);
		kind = "syslog";
	}
	return kind;
}
