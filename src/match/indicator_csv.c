/* indicator_csv.c - tables with a line of names: which column holds what is told by its name.
 *
 * The line of names may be a comment, as abuse.ch writes it: then it is the last comment before the first
 * row. */
#include "match/indicator_load.h"

#include "format/csv.h"

enum { ROLE_NONE = -1, ROLE_VALUE = 100, ROLE_TYPE, ROLE_PORT, ROLE_LABEL, ROLE_ANY_ADDRESS };

/* Names are compared in lower case, with anything but letters and digits left out. */
static const struct {
	const char *name;
	int role;
} roles[] = {
	{ "indicator", ROLE_VALUE },
	{ "indicatorvalue", ROLE_VALUE },
	{ "ioc", ROLE_VALUE },
	{ "iocvalue", ROLE_VALUE },
	{ "value", ROLE_VALUE },
	{ "observable", ROLE_VALUE },
	{ "observablevalue", ROLE_VALUE },
	{ "artifact", ROLE_VALUE },
	{ "indicators", ROLE_VALUE },
	{ "iocs", ROLE_VALUE },
	{ "type", ROLE_TYPE },
	{ "ioctype", ROLE_TYPE },
	{ "indicatortype", ROLE_TYPE },
	{ "kind", ROLE_TYPE },
	{ "observabletype", ROLE_TYPE },
	{ "datatype", ROLE_TYPE },
	{ "ip", ROLE_ANY_ADDRESS },
	{ "ipaddress", ROLE_ANY_ADDRESS },
	{ "ipaddr", ROLE_ANY_ADDRESS },
	{ "ipv4", ROLE_ANY_ADDRESS },
	{ "ipv6", ROLE_ANY_ADDRESS },
	{ "ipv4address", ROLE_ANY_ADDRESS },
	{ "ipv6address", ROLE_ANY_ADDRESS },
	{ "dstip", ROLE_ANY_ADDRESS },
	{ "destip", ROLE_ANY_ADDRESS },
	{ "srcip", ROLE_ANY_ADDRESS },
	{ "sourceip", ROLE_ANY_ADDRESS },
	{ "destinationip", ROLE_ANY_ADDRESS },
	{ "c2ip", ROLE_ANY_ADDRESS },
	{ "address", ROLE_ANY_ADDRESS },
	{ "addr", ROLE_ANY_ADDRESS },
	{ "iporcidr", ROLE_ANY_ADDRESS },
	{ "cidr", INDICATOR_NETWORK },
	{ "network", INDICATOR_NETWORK },
	{ "netblock", INDICATOR_NETWORK },
	{ "subnet", INDICATOR_NETWORK },
	{ "prefix", INDICATOR_NETWORK },
	{ "ipport", INDICATOR_IP_PORT },
	{ "socket", INDICATOR_IP_PORT },
	{ "port", ROLE_PORT },
	{ "dstport", ROLE_PORT },
	{ "destport", ROLE_PORT },
	{ "destinationport", ROLE_PORT },
	{ "domain", INDICATOR_DOMAIN },
	{ "domainname", INDICATOR_DOMAIN },
	{ "hostname", INDICATOR_DOMAIN },
	{ "host", INDICATOR_DOMAIN },
	{ "fqdn", INDICATOR_DOMAIN },
	{ "dnsname", INDICATOR_DOMAIN },
	{ "url", INDICATOR_URL },
	{ "uri", INDICATOR_URL },
	{ "urls", INDICATOR_URL },
	{ "phishingurl", INDICATOR_URL },
	{ "email", INDICATOR_MAIL },
	{ "mail", INDICATOR_MAIL },
	{ "emailaddress", INDICATOR_MAIL },
	{ "mailaddress", INDICATOR_MAIL },
	{ "sender", INDICATOR_MAIL },
	{ "md5", INDICATOR_MD5 },
	{ "md5hash", INDICATOR_MD5 },
	{ "hashmd5", INDICATOR_MD5 },
	{ "sha1", INDICATOR_SHA1 },
	{ "sha1hash", INDICATOR_SHA1 },
	{ "hashsha1", INDICATOR_SHA1 },
	{ "sha256", INDICATOR_SHA256 },
	{ "sha256hash", INDICATOR_SHA256 },
	{ "hashsha256", INDICATOR_SHA256 },
	{ "hash", ROLE_VALUE },
	{ "filehash", ROLE_VALUE },
	{ "ja3", INDICATOR_JA3 },
	{ "ja3md5", INDICATOR_JA3 },
	{ "ja3hash", INDICATOR_JA3 },
	{ "ja3fingerprint", INDICATOR_JA3 },
	{ "ja4", INDICATOR_JA4 },
	{ "ja4fingerprint", INDICATOR_JA4 },
	{ "filename", INDICATOR_FILE_NAME },
	{ "file", INDICATOR_FILE_NAME },
	{ "label", ROLE_LABEL },
	{ "description", ROLE_LABEL },
	{ "comment", ROLE_LABEL },
	{ "malware", ROLE_LABEL },
	{ "malwareprintable", ROLE_LABEL },
	{ "threat", ROLE_LABEL },
	{ "signature", ROLE_LABEL },
	{ "family", ROLE_LABEL },
	{ "tags", ROLE_LABEL },
	{ "name", ROLE_LABEL },
	{ "reason", ROLE_LABEL },
	{ "listingreason", ROLE_LABEL },
	{ "note", ROLE_LABEL },
	{ "title", ROLE_LABEL },
};

/* What MISP, ThreatFox and others call a kind, beside the names above. */
static const struct {
	const char *name;
	int kind;
} types[] = {
	{ "ipsrc", INDICATOR_IP },
	{ "ipdst", INDICATOR_IP },
	{ "ipv4addr", INDICATOR_IP },
	{ "ipv6addr", INDICATOR_IP },
	{ "ipdstport", INDICATOR_IP_PORT },
	{ "ipsrcport", INDICATOR_IP_PORT },
	{ "emailsrc", INDICATOR_MAIL },
	{ "emaildst", INDICATOR_MAIL },
	{ "emailreplyto", INDICATOR_MAIL },
	{ "emailaddr", INDICATOR_MAIL },
	{ "targetemail", INDICATOR_MAIL },
	{ "ja3fingerprintmd5", INDICATOR_JA3 },
	{ "filehashmd5", INDICATOR_MD5 },
	{ "filehashsha1", INDICATOR_SHA1 },
	{ "filehashsha256", INDICATOR_SHA256 },
};

static str plain_name(str name, char room[static 64])
{
	ptrdiff_t n = 0;
	for (ptrdiff_t i = 0; i < name.len && n < 64; i++) {
		char c = name.ptr[i];
		if ((unsigned char)((c | 32) - 'a') < 26)
			room[n++] = (char)(c | 32);
		else if ((unsigned char)(c - '0') < 10)
			room[n++] = c;
	}
	return (str){ room, n };
}

static int role_of(str name)
{
	char room[64];
	str plain = plain_name(name, room);
	for (ptrdiff_t i = 0; i < COUNTOF(roles); i++)
		if (str_eq(plain, str_from(roles[i].name)))
			return roles[i].role;
	return ROLE_NONE;
}

int value_kind_named(str name)
{
	char room[64];
	str plain = plain_name(name, room);
	for (ptrdiff_t i = 0; i < COUNTOF(types); i++)
		if (str_eq(plain, str_from(types[i].name)))
			return types[i].kind;
	int role = role_of(name);
	return role == ROLE_ANY_ADDRESS ? INDICATOR_IP : role < ROLE_VALUE ? role : -1;
}

static bool is_indicator_role(int role)
{
	return role >= 0 && role != ROLE_TYPE && role != ROLE_PORT && role != ROLE_LABEL;
}

/* ---- which form is it */

static str next_line(str bytes, ptrdiff_t *at)
{
	ptrdiff_t from = *at;
	const char *end = memchr(bytes.ptr + from, '\n', (size_t)(bytes.len - from));
	*at = end != NULL ? end - bytes.ptr + 1 : bytes.len;
	return str_trim(str_sub(bytes, from, *at));
}

/* Splits a line of names.  Fields that need quoting are none of a header. */
static int split_names(str line, char separator, str *out, int most)
{
	int n = 0;
	for (str_cut_result cut = { .tail = line, .ok = true }; cut.ok && n < most; n++) {
		cut = str_cut(cut.tail, separator);
		str name = str_trim(cut.head);
		while (name.len > 0 && (name.ptr[0] == '"' || name.ptr[0] == '#' || name.ptr[0] == ' '))
			name = str_sub(name, 1, name.len);
		while (name.len > 0 && name.ptr[name.len - 1] == '"')
			name.len--;
		out[n] = name;
	}
	return n;
}

/* One whole-word name among at least two columns, or a single column that is one of ours. */
static bool reads_as_names(str line, char separator, struct csv_form *form)
{
	str name[CSV_COLUMNS];
	int count = split_names(line, separator, name, CSV_COLUMNS), found = 0;
	for (int n = 0; n < count; n++) {
		/* a value with a label that reads like a name: evil.example TAB url */
		if (value_hash_kind(name[n]) >= 0 || str_find_char(name[n], '.') >= 0 ||
		    str_find_char(name[n], '/') >= 0 || str_find_char(name[n], '@') >= 0)
			return false;
		form->role[n] = role_of(name[n]);
		found += is_indicator_role(form->role[n]);
	}
	form->columns = count;
	form->separator = separator;
	return found > 0;
}

static bool is_csv_name(str file)
{
	static const char *const endings[] = { ".csv", ".csv.gz", ".csv.zst", ".tsv", ".tsv.gz", ".tsv.zst" };
	for (ptrdiff_t i = 0; i < COUNTOF(endings); i++)
		if (file.len > (ptrdiff_t)strlen(endings[i]) &&
		    str_eq_nocase(str_sub(file, file.len - (ptrdiff_t)strlen(endings[i]), file.len),
				  str_from(endings[i])))
			return true;
	return false;
}

static char separator_of(str line)
{
	static const char separators[] = { ',', ';', '\t' };
	ptrdiff_t best = 0;
	char which = 0;
	for (ptrdiff_t s = 0; s < COUNTOF(separators); s++) {
		ptrdiff_t n = 0;
		for (ptrdiff_t i = 0; i < line.len; i++)
			n += line.ptr[i] == separators[s];
		if (n > best) {
			best = n;
			which = separators[s];
		}
	}
	return which;
}

static bool is_misp_hashes(str line)
{
	str_cut_result cut = str_cut(line, ',');
	return cut.ok && value_hash_kind(cut.head) == INDICATOR_MD5 && cut.tail.len == 36 &&
	       cut.tail.ptr[8] == '-';
}

bool csv_form_find(struct indicator_loader *l, str file, str bytes, struct csv_form *out, struct err *err)
{
	str comment = { NULL, 0 }, line = { NULL, 0 };
	ptrdiff_t at = 0, from = 0;
	int64_t number = 0;
	*out = (struct csv_form){ .is_csv = false };
	while (at < bytes.len) {
		from = at;
		line = next_line(bytes, &at);
		number++;
		if (line.len == 0)
			continue;
		if (line.ptr[0] != '#')
			break;
		comment = line;
	}
	if (line.len == 0 || line.ptr[0] == '#')
		return true;
	char separator = separator_of(line);
	if (is_misp_hashes(line))
		return err_set(err, ERR_INPUT,
			       "is hashes.csv of a MISP feed, which has hashes of values: take the feed's "
			       "events (the .json files beside it)");
	out->from = from;
	out->line = number;
	if (reads_as_names(line, separator != 0 ? separator : ',', out) &&
	    (separator != 0 || out->columns == 1)) {
		out->is_csv = true;
		out->has_names = true;
		return true;
	}
	bool table = separator == ',' || separator == ';' || is_csv_name(file);
	/* "192.0.2.1 # ..," is a line of a plain list all the same */
	bool plain = value_read(l->secret, str_trim(str_cut(line, '\t').head), -1, &l->value) == NULL &&
		     l->value.kind != INDICATOR_FILE_NAME && l->value.kind != INDICATOR_URL;
	if (comment.len > 0 && separator != 0 && reads_as_names(comment, separator, out) &&
	    out->columns > 1) {
		out->is_csv = true;
		return true;
	}
	if (table && separator != 0 && !plain && value_has_scheme(line) == false && line.ptr[0] != '/')
		return err_set(err, ERR_INPUT,
			       "is a table without a column of indicators: name one ip, domain, url, md5, "
			       "sha1, sha256, email, or indicator (line %lld has \"" STR_FMT "\")",
			       (long long)number, STR_ARG(str_sub(line, 0, 80)));
	return true;
}

/* ---- rows */

static void take_address(struct indicator_loader *l, str text, str port, str label, int64_t line)
{
	struct ip ip;
	char room[IP_TEXT_MAX + 9];
	int number;
	if (port.len > 0 && value_port(port, &number) && number > 0 && value_ip(text, &ip)) {
		int n = value_write_ip_port(ip, number, room);
		loader_take(l, (str){ room, n }, INDICATOR_IP_PORT, label, line);
		return;
	}
	loader_take(l, text, str_find_char(text, '/') > 0 ? INDICATOR_NETWORK : -1, label, line);
}

static void take_row(struct indicator_loader *l, const struct csv_form *form, const struct csv_row *row)
{
	str label = { NULL, 0 }, port = { NULL, 0 };
	int kind = -1;
	for (int n = row->count - 1; n >= 0; n--) {
		str field = str_trim(row->fields[n]);
		if (form->role[n] == ROLE_LABEL && field.len > 0)
			label = field;
		if (form->role[n] == ROLE_PORT)
			port = field;
		if (form->role[n] == ROLE_TYPE)
			kind = value_kind_named(field);
	}
	for (int n = 0; n < row->count; n++) {
		str field = str_trim(row->fields[n]);
		int role = form->role[n];
		if (!is_indicator_role(role) || field.len == 0 || str_eq_nocase(field, S("n/a")) ||
		    str_eq_nocase(field, S("none")) || str_eq(field, S("-")))
			continue;
		if (role == ROLE_ANY_ADDRESS)
			take_address(l, field, port, label, row->line);
		else if (role == ROLE_VALUE)
			loader_take(l, field,
				    kind == INDICATOR_JA3 || kind == INDICATOR_FILE_NAME ? kind : -1, label,
				    row->line);
		else
			loader_take(l, field, role, label, row->line);
	}
}

/* One run of rows without comment lines between them.  A row that cannot be read is refused, and the next
 * line is tried.  Returns where to go on. */
static bool take_rows(struct indicator_loader *l, struct csv_form *form, str rows, int64_t line,
		      struct err *err)
{
	enum { BAD_ROWS_MOST = 100 };
	struct csv csv;
	struct csv_limits limits = { .size = PTRDIFF_MAX / 2, .columns = CSV_COLUMNS, .rows = INT32_MAX };
	struct arena tmp;
	struct csv_row row = { .count = 0 };
	if (!csv_open(rows, form->separator, limits, &csv, err))
		return false;
	arena_init(&tmp, 1 << 20, 1 << 26);
	for (;;) {
		for (; csv.at < rows.len && (rows.ptr[csv.at] == '\n' || rows.ptr[csv.at] == '\r'); csv.at++)
			csv.line += rows.ptr[csv.at] == '\n';
		ptrdiff_t from = csv.at;
		int at_line = csv.line;
		arena_reset(&tmp);
		if (!csv_read(&csv, &tmp, &row, err)) {
			if (++form->bad_rows > BAD_ROWS_MOST)
				break;
			str rest = str_sub(rows, from, rows.len);
			loader_refuse(l, str_cut(rest, '\n').head, err->text, line + at_line - 1);
			csv.at = from + str_cut(rest, '\n').head.len + (str_cut(rest, '\n').ok ? 1 : 0);
			csv.line = at_line + 1;
			continue;
		}
		if (row.count == 0)
			break;
		row.line += (int)line - 1;
		if (!form->has_names && row.count <= form->columns)
			take_row(l, form, &row);
		form->has_names = false;
	}
	arena_done(&tmp);
	if (form->bad_rows > BAD_ROWS_MOST)
		return err_set(err, ERR_INPUT,
			       "more than %d rows of this table cannot be read; the first ones are listed "
			       "as refused",
			       BAD_ROWS_MOST);
	return true;
}

bool loader_add_csv(struct indicator_loader *l, str bytes, struct csv_form *form, struct err *err)
{
	int64_t line = form->line, first = line;
	ptrdiff_t from = form->from;
	for (ptrdiff_t at = from; at < bytes.len; line++) {
		ptrdiff_t start = at;
		str text = next_line(bytes, &at);
		bool comment = text.len > 0 && text.ptr[0] == '#', last = at == bytes.len;
		if (!comment && !last)
			continue;
		str rows = str_sub(bytes, from, comment ? start : at);
		if (rows.len > 0 && !take_rows(l, form, rows, first, err))
			return false;
		from = at;
		first = line + 1;
	}
	return true;
}
