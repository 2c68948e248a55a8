#include "watch/decoders.h"

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
	       || (c != '\0' && strchr("_-.@/", c) != NULL);
}

/* Where the value at i ends; *out is it, without quotes. */
static ptrdiff_t value_at(struct pairs *p, str s, ptrdiff_t i, char open, str *out)
{
	ptrdiff_t from = i;
	char *at;
	if (i >= s.len || s.ptr[i] != open) {
		while (i < s.len && s.ptr[i] != ' ')
			i++;
		*out = str_sub(s, from, i);
		return i;
	}
	at = pairs_room(p, s.len - i);
	char *text = at;
	for (i++; i < s.len && s.ptr[i] != open; i++) {
		i += s.ptr[i] == '\\' && i + 1 < s.len && (s.ptr[i + 1] == open || s.ptr[i + 1] == '\\');
		if (at != NULL)
			*at++ = s.ptr[i];
	}
	if (at != NULL)
		pairs_keep(p, at);
	*out = at != NULL ? (str){ text, at - text } : str_sub(s, from + 1, i);
	return MIN(i + 1, s.len);
}

bool decode_assignments(struct pairs *p, str s, char open)
{
	bool only = true;
	for (ptrdiff_t i = 0; i < s.len;) {
		ptrdiff_t from = i;
		str value;
		if (s.ptr[i] == ' ' || s.ptr[i] == ',' || s.ptr[i] == ';') {
			i++;
			continue;
		}
		while (i < s.len && name_char(s.ptr[i]))
			i++;
		if (i == from || i >= s.len || s.ptr[i] != '=') {
			only = false;
			while (i < s.len && s.ptr[i] != ' ')
				i++;
			continue;
		}
		str key = str_sub(s, from, i);
		i = value_at(p, s, i + 1, open, &value);
		pairs_add(p, key, value);
	}
	return only;
}

static bool fortigate(struct pairs *p, str s)
{
	if (str_find(s, S("logid=")) < 0 || str_find(s, S("type=")) < 0
	    || (str_find(s, S("devname=")) < 0 && str_find(s, S("devid=")) < 0))
		return false;
	(void)decode_assignments(p, s, '"');
	return true;
}

/* CEF:0|vendor|product|version|signature|name|severity|key=value with blanks key=value */
static bool cef(struct pairs *p, str s)
{
	static const char *const names[] = { "deviceVendor", "deviceProduct", "deviceVersion",
		                             "deviceEventClassId", "name", "severity_cef" };
	ptrdiff_t at = str_find(str_sub(s, 0, 300), S("CEF:")), i = 0;
	if (at < 0 || str_find_char(str_sub(s, at, at + 8), '|') < 0)
		return false;
	str rest = str_cut(str_sub(s, at, s.len), '|').tail;
	for (ptrdiff_t n = 0; n < COUNTOF(names); n++) {
		for (i = 0; i < rest.len && rest.ptr[i] != '|'; i++)
			i += rest.ptr[i] == '\\';
		pairs_add_some(p, str_from(names[n]), str_sub(rest, 0, i));
		rest = str_sub(rest, i + 1, rest.len);
	}
	/* a value goes on until the last word before the next = */
	for (i = 0; i < rest.len;) {
		ptrdiff_t equals = str_find_char(str_sub(rest, i, rest.len), '='), next, end;
		if (equals < 0)
			break;
		str key = str_trim(str_sub(rest, i, i + equals));
		i += equals + 1;
		next = i;
		do {
			end = str_find_char(str_sub(rest, next, rest.len), '=');
			next += end < 0 ? 0 : end + 1;
		} while (end > 0 && rest.ptr[next - 2] == '\\');
		end = end < 0 ? rest.len : next - 1;
		while (end > i && end < rest.len && rest.ptr[end - 1] != ' ')
			end--;
		pairs_add(p, key, str_trim(str_sub(rest, i, end)));
		i = end;
	}
	return true;
}

/* %SYS-5-CONFIG_I: and %ASA-6-302013:, of Cisco; %%01BGP/3/.. of Huawei. */
static const char *percent(struct pairs *p, str s)
{
	ptrdiff_t at = str_find_char(str_sub(s, 0, 200), '%'), i, dash;
	str rest;
	if (at < 0)
		return NULL;
	rest = str_sub(s, at + 1, s.len);
	if (str_starts(rest, S("%")) && rest.len > 4 && rest.ptr[1] >= '0' && rest.ptr[1] <= '9'
	    && str_find_char(str_sub(rest, 0, 40), '/') > 0) {
		pairs_add(p, S("mnemonic"), str_sub(rest, 1, MAX(str_find_char(rest, ' '), 1)));
		return "huawei";
	}
	for (i = 0; i < rest.len && i < 80; i++)
		if ((rest.ptr[i] < 'A' || rest.ptr[i] > 'Z') && (rest.ptr[i] < '0' || rest.ptr[i] > '9')
		    && rest.ptr[i] != '_' && rest.ptr[i] != '-')
			break;
	dash = str_find_char(rest, '-');
	if (dash <= 0 || dash + 2 >= i || i >= rest.len || rest.ptr[i] != ':')
		return NULL;
	pairs_add(p, S("mnemonic"), str_sub(rest, 0, i));
	return "cisco";
}

static bool juniper(struct pairs *p, str message)
{
	static const char *const names[] = { "rpd", "mgd", "dcd", "chassisd", "jsrpd", "kmd", "bfdd",
		                             "RT_FLOW", "RT_IDS", "RT_UTM", "RT_SCREEN", "/kernel" };
	str name = pairs_find(p, S("appname"));
	for (ptrdiff_t i = 0; i < COUNTOF(names); i++)
		if (str_eq(name, str_from(names[i])))
			return true;
	return str_starts(message, S("RT_FLOW_")) || str_starts(message, S("BGP_"));
}

/* PAN-OS: 1,time,serial,TYPE,subtype,.. by position */
static bool paloalto(struct pairs *p, str s)
{
	static const struct { int at; const char *name; bool session; } columns[] = {
		{ 2, "serial", false }, { 3, "type", false }, { 4, "subtype", false }, { 7, "src_ip", true },
		{ 8, "dst_ip", true }, { 11, "rule", true }, { 12, "user", true }, { 14, "app", true },
		{ 24, "src_port", true }, { 25, "dst_port", true }, { 29, "protocol", true },
		{ 30, "action", true }, { 31, "url", true },
	};
	str f[32], rest = s;
	int n = 0;
	if (!(str_starts(s, S("1,")) || str_starts(s, S(","))) || str_find(s, S("/")) < 0)
		return false;
	for (; n < COUNTOF(f) && rest.len > 0; n++) {
		if (str_starts(rest, S("\""))) {
			rest = str_sub(rest, value_at(p, rest, 0, '"', &f[n]), rest.len);
			rest = str_cut(rest, ',').tail;
			continue;
		}
		str_cut_result cut = str_cut(rest, ',');
		f[n] = cut.head;
		rest = cut.tail;
	}
	if (n < 6 || f[3].len < 4 || f[3].len > 16 || f[3].ptr[0] < 'A' || f[3].ptr[0] > 'Z')
		return false;
	bool session = str_eq(f[3], S("TRAFFIC")) || str_eq(f[3], S("THREAT"));
	for (ptrdiff_t i = 0; i < COUNTOF(columns); i++)
		if (columns[i].at < n && (session || !columns[i].session))
			pairs_add_some(p, str_from(columns[i].name), f[columns[i].at]);
	return true;
}

const char *decode_device(struct pairs *p, str message)
{
	const char *kind = percent(p, message);
	if (kind != NULL)
		return kind;
	if (fortigate(p, message))
		return "fortigate";
	if (cef(p, message))
		return "cef";
	if (paloalto(p, message))
		return "paloalto";
	return juniper(p, message) ? "juniper" : NULL;
}

/* root : TTY=pts/0 ; PWD=/root ; USER=root ; COMMAND=/bin/sh -c x */
static void sudo(struct pairs *p, str s)
{
	str_cut_result who = str_cut(s, ':');
	str rest = who.tail;
	if (!who.ok || str_find(s, S("COMMAND=")) < 0)
		return;
	pairs_add_some(p, S("user"), str_trim(who.head));
	while (rest.len > 0) {
		str_cut_result pair = str_cut(str_trim(rest), '=');
		bool command = str_eq(pair.head, S("COMMAND"));
		ptrdiff_t end = command ? -1 : str_find(pair.tail, S(" ; "));
		if (!pair.ok)
			break;
		end = end < 0 ? pair.tail.len : end;
		pairs_add(p, pair.head, str_trim(str_sub(pair.tail, 0, end)));
		rest = str_sub(pair.tail, end + 3, pair.tail.len);
	}
}

/* client @0x7f 192.0.2.1#5353 (example.org): query: example.org IN A + (192.0.2.53) */
static void named(struct pairs *p, str s)
{
	ptrdiff_t at = str_find(s, S("query: ")), hash = str_find_char(s, '#'), from;
	if (at < 0)
		return;
	str_cut_result name = str_cut(str_sub(s, at + 7, s.len), ' ');
	str_cut_result class = str_cut(name.tail, ' ');
	pairs_add_some(p, S("query"), name.head);
	pairs_add_some(p, S("record_type"), str_cut(class.tail, ' ').head);
	for (from = hash; from > 0 && s.ptr[from - 1] != ' '; from--)
		;
	if (hash > 0)
		pairs_add_some(p, S("src_ip"), str_sub(s, from, hash));
}

/* query[A] example.org from 192.0.2.1 */
static void dnsmasq(struct pairs *p, str s)
{
	ptrdiff_t at = str_find(s, S("query["));
	if (at < 0)
		return;
	str_cut_result type = str_cut(str_sub(s, at + 6, s.len), ']');
	str_cut_result name = str_cut(str_trim(type.tail), ' ');
	pairs_add_some(p, S("record_type"), type.head);
	pairs_add_some(p, S("query"), name.head);
	if (str_starts(name.tail, S("from ")))
		pairs_add_some(p, S("src_ip"), str_sub(name.tail, 5, name.tail.len));
}

void decode_program(struct pairs *p, str program, str message)
{
	if (str_starts(program, S("sudo")))
		sudo(p, message);
	else if (str_eq(program, S("named")))
		named(p, message);
	else if (str_eq(program, S("dnsmasq")))
		dnsmasq(p, message);
	else if (str_eq(program, S("kernel")) && str_find(message, S(" SRC=")) >= 0
	         && str_find(message, S(" DST=")) >= 0)
		(void)decode_assignments(p, str_sub(message, str_find(message, S("IN=")), message.len), '"');
}
