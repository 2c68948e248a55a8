/* indicator_allow_load.c - reads allow-lists: the MISP warninglists' form, and plain lists. */
#include "match/indicator_load.h"

#include <regex.h>

#include "format/json.h"

enum {
	IP_KINDS = 1 << INDICATOR_IP | 1 << INDICATOR_NETWORK,
	PIECES_MOST = 100000,
	PATTERNS_MOST = 1000,
	ALL_KINDS = (1 << INDICATOR_KINDS) - 1,
	TEXT_KINDS =
		ALL_KINDS & ~(IP_KINDS | 1 << INDICATOR_IP_PORT | 1 << INDICATOR_DOMAIN | 1 << INDICATOR_URL),
};

enum list_type { LIST_STRING, LIST_CIDR, LIST_HOSTNAME, LIST_SUBSTRING, LIST_REGEX, LIST_TYPES };
static const char *const list_types[LIST_TYPES] = { "string", "cidr", "hostname", "substring", "regex" };

static uint32_t kinds_of_attribute(str name)
{
	static const struct {
		const char *name;
		uint32_t kinds;
	} known[] = {
		{ "ip-src", IP_KINDS },
		{ "ip-dst", IP_KINDS },
		{ "ip-src|port", 1 << INDICATOR_IP_PORT },
		{ "ip-dst|port", 1 << INDICATOR_IP_PORT },
		{ "domain", 1 << INDICATOR_DOMAIN },
		{ "hostname", 1 << INDICATOR_DOMAIN },
		{ "url", 1 << INDICATOR_URL },
		{ "uri", 1 << INDICATOR_URL },
		{ "link", 1 << INDICATOR_URL },
		{ "email", 1 << INDICATOR_MAIL },
		{ "email-src", 1 << INDICATOR_MAIL },
		{ "email-dst", 1 << INDICATOR_MAIL },
		{ "target-email", 1 << INDICATOR_MAIL },
		{ "email-reply-to", 1 << INDICATOR_MAIL },
		{ "whois-registrant-email", 1 << INDICATOR_MAIL },
		{ "dns-soa-email", 1 << INDICATOR_MAIL },
		{ "md5", 1 << INDICATOR_MD5 },
		{ "sha1", 1 << INDICATOR_SHA1 },
		{ "sha256", 1 << INDICATOR_SHA256 },
		{ "ja3-fingerprint-md5", 1 << INDICATOR_JA3 },
		{ "ja4", 1 << INDICATOR_JA4 },
		{ "filename", 1 << INDICATOR_FILE_NAME },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(known); i++)
		if (str_eq_nocase(name, str_from(known[i].name)))
			return known[i].kinds;
	return 0;
}

/* Without a word on what it is for, a list is for everything. */
static uint32_t kinds_of_list(const struct json *list)
{
	const struct json *names = json_get(list, "matching_attributes");
	uint32_t kinds = 0;
	if (json_count(names) == 0)
		return ALL_KINDS;
	for (ptrdiff_t n = 0; n < json_count(names); n++)
		kinds |= kinds_of_attribute(json_str(json_at(names, n)));
	return kinds;
}

static void allow_key(struct indicator_loader *l, uint32_t equal, uint32_t above, uint32_t label,
		      int64_t line)
{
	const struct value *v = &l->value;
	if (equal | above)
		draft_add(&l->allow, v, bits_allow((unsigned)v->kind, equal, above), label, line);
}

static bool allow_as(struct indicator_loader *l, str text, int kind)
{
	l->value.all_below = false;
	return value_read(l->secret, text, kind, &l->value) == NULL;
}

/* An address or network; for networks of indicators it counts only if it covers them. */
static void allow_cidr(struct indicator_loader *l, str text, uint32_t kinds, uint32_t label, int64_t line)
{
	bool network = str_find_char(text, '/') >= 0;
	if (allow_as(l, text, network ? INDICATOR_NETWORK : INDICATOR_IP))
		allow_key(l, kinds, 0, label, line);
}

static void allow_lower(struct indicator_loader *l, str text, uint32_t kinds, uint32_t label, int64_t line)
{
	struct value *v = &l->value;
	if (text.len < 1 || text.len > VALUE_MAX || kinds == 0)
		return;
	value_lower(v->room, text.ptr, text.len);
	v->kind = ALLOW_TEXT;
	v->text = (str){ v->room, text.len };
	v->hash = hash_text(l->secret, ALLOW_TEXT, v->room, text.len);
	allow_key(l, kinds, 0, label, line);
}

static void allow_string(struct indicator_loader *l, str text, uint32_t kinds, uint32_t label, int64_t line)
{
	uint32_t names = kinds & 1 << INDICATOR_DOMAIN,
		 addresses = kinds & (IP_KINDS | 1 << INDICATOR_IP_PORT);
	bool dotted = memchr(text.ptr, '.', (size_t)text.len) != NULL ||
		      memchr(text.ptr, ':', (size_t)text.len) != NULL;
	if (addresses && dotted)
		allow_cidr(l, text, addresses, label, line);
	if (names && allow_as(l, text, INDICATOR_DOMAIN))
		allow_key(l, l->value.below ? 0 : names, l->value.below ? names : 0, label, line);
	if ((kinds & 1 << INDICATOR_URL) && str_find_char(text, '/') >= 0 && allow_as(l, text, INDICATOR_URL))
		allow_lower(l, l->value.text, 1 << INDICATOR_URL, label, line);
	allow_lower(l, text, kinds & TEXT_KINDS, label, line);
}

static void allow_hostname(struct indicator_loader *l, str text, uint32_t kinds, uint32_t label, int64_t line)
{
	uint32_t names = kinds & (1 << INDICATOR_DOMAIN | 1 << INDICATOR_URL);
	if (names && allow_as(l, text, INDICATOR_DOMAIN))
		allow_key(l, 0, names, label, line);
}

static void allow_substring(struct indicator_loader *l, str text, uint32_t kinds, int64_t line)
{
	if (text.len < 1 || text.len > VALUE_MAX || kinds == 0)
		return;
	if (l->piece_count >= PIECES_MOST) {
		loader_refuse(l, text, "is one substring too many: at most 100,000 are asked", line);
		return;
	}
	char *room = NEW(l->arena, char, text.len + TEXT_PAD);
	struct piece *p = NEW(l->arena, struct piece, 1);
	value_lower(room, text.ptr, text.len);
	*p = (struct piece){ { room, text.len }, kinds, l->pieces };
	l->pieces = p;
	l->piece_count++;
	l->piece_bytes += (uint64_t)text.len;
}

static void allow_one(struct indicator_loader *l, enum list_type type, str text, uint32_t kinds,
		      uint32_t label, int64_t line)
{
	switch (type) {
	case LIST_STRING:
		allow_string(l, text, kinds, label, line);
		break;
	case LIST_CIDR:
		allow_cidr(l, text, kinds & (IP_KINDS | 1 << INDICATOR_IP_PORT | 1 << INDICATOR_URL), label,
			   line);
		break;
	case LIST_HOSTNAME:
		allow_hostname(l, text, kinds, label, line);
		break;
	case LIST_SUBSTRING:
		allow_substring(l, text, kinds, line);
		break;
	case LIST_REGEX:
	case LIST_TYPES:
		break;
	}
}

static enum list_type type_of_list(const struct json *list)
{
	str name = json_get_str(list, "type");
	enum list_type type = LIST_STRING;
	while (type < LIST_TYPES && !str_eq(name, str_from(list_types[type])))
		type++;
	return name.len == 0 ? LIST_STRING : type;
}

/* ---- regular expressions: only on indicators while they are loaded, so that looking up stays free of
 * them */

struct pattern {
	regex_t compiled;
	uint32_t kinds;
	struct pattern *next;
};

static void pattern_free(void *p)
{
	struct pattern *pattern = p;
	regfree(&pattern->compiled);
}

/* (?: and \d are written as POSIX has them.  What repeats too often is not taken: compiling would need too
 * much memory.  False if it is no expression that we know. */
static bool to_posix(str text, char *out, ptrdiff_t room)
{
	ptrdiff_t n = 0;
	int64_t product = 1;
	for (ptrdiff_t i = 0; i < text.len; i++) {
		str rest = str_sub(text, i, text.len);
		if (n + 8 > room || text.ptr[i] == 0)
			return false;
		if (str_starts(rest, S("(?:"))) {
			out[n++] = '(';
			i += 2;
		} else if (str_starts(rest, S("(?")) || str_starts(rest, S("*?")) ||
			   str_starts(rest, S("+?"))) {
			return false;
		} else if (str_starts(rest, S("\\d"))) {
			memcpy(out + n, "[0-9]", 5);
			n += 5;
			i++;
		} else if (text.ptr[i] == '\\' && rest.len > 1) {
			char c = rest.ptr[1];
			if ((unsigned char)((c | 32) - 'a') < 26 || (unsigned char)(c - '0') < 10)
				return false;
			if (strchr("@/-_:,;%&=\"'#~ ", c) == NULL)
				out[n++] = '\\';
			out[n++] = c;
			i++;
		} else {
			for (ptrdiff_t k = 1; text.ptr[i] == '{' && k < rest.len && rest.ptr[k] != '}'; k++)
				if (k > 3 || (unsigned char)(rest.ptr[k] - '0') > 9)
					return false;
			product *= text.ptr[i] == '{' ? 20 : 1;
			if (product > 400)
				return false;
			out[n++] = text.ptr[i];
		}
	}
	out[n] = 0;
	return true;
}

static void allow_regex(struct indicator_loader *l, str text, uint32_t kinds, int64_t line)
{
	char posix[1024];
	int flags = REG_EXTENDED | REG_NOSUB;
	str body = text;
	if (body.len > 1 && body.ptr[0] == '/') {
		ptrdiff_t end = body.len - 1;
		while (end > 0 && body.ptr[end] != '/')
			flags |= body.ptr[end--] == 'i' ? REG_ICASE : 0;
		body = str_sub(body, 1, end);
	}
	if (l->pattern_count++ >= PATTERNS_MOST) {
		loader_refuse(l, text, "is one regular expression too many: at most 1,000 are asked", line);
		return;
	}
	struct pattern *p = NEW(l->arena, struct pattern, 1);
	if (!to_posix(body, posix, (ptrdiff_t)sizeof(posix)) || regcomp(&p->compiled, posix, flags) != 0) {
		loader_refuse(l, text, "is a regular expression that is not understood: it allows nothing",
			      line);
		return;
	}
	arena_defer(l->arena, pattern_free, p);
	p->kinds = kinds;
	p->next = l->patterns;
	l->patterns = p;
}

bool loader_pattern_allows(const struct indicator_loader *l, unsigned kind, str value)
{
	char text[VALUE_MAX + 1];
	if (l->patterns == NULL || value.len > VALUE_MAX)
		return false;
	memcpy(text, value.ptr, (size_t)value.len);
	text[value.len] = 0;
	for (const struct pattern *p = l->patterns; p != NULL; p = p->next)
		if ((p->kinds >> kind & 1) && regexec(&p->compiled, text, 0, NULL, 0) == 0)
			return true;
	return false;
}

/* ---- files */

static void allow_plain(struct indicator_loader *l, str bytes, uint32_t label)
{
	int64_t line = 1;
	for (ptrdiff_t at = 0; at < bytes.len; line++) {
		const char *end = memchr(bytes.ptr + at, '\n', (size_t)(bytes.len - at));
		ptrdiff_t len = end != NULL ? end - bytes.ptr - at : bytes.len - at;
		str text = str_trim(str_cut(str_sub(bytes, at, at + len), '\t').head);
		at += len + 1;
		if (text.len == 0 || text.ptr[0] == '#')
			continue;
		allow_string(l, text, ALL_KINDS, label, line);
	}
}

static bool allow_list(struct indicator_loader *l, const struct json *list, uint32_t label, struct err *err)
{
	enum list_type type = type_of_list(list);
	const struct json *items = json_get(list, "list");
	uint32_t kinds = kinds_of_list(list);
	if (items == NULL || json_type(items) != JSON_ARRAY)
		return err_set(err, ERR_INPUT, "is no warninglist: it has no \"list\" of values");
	if (type == LIST_TYPES)
		return err_set(err, ERR_INPUT,
			       "is a warninglist of type \"" STR_FMT "\"; known are string, cidr, hostname, "
			       "substring and regex",
			       STR_ARG(json_get_str(list, "type")));
	for (ptrdiff_t n = 0; kinds != 0 && n < json_count(items); n++) {
		str text = str_trim(json_str(json_at(items, n)));
		if (text.len == 0)
			continue;
		if (type == LIST_REGEX)
			allow_regex(l, text, kinds, n + 1);
		else
			allow_one(l, type, text, kinds, label, n + 1);
	}
	return true;
}

bool indicators_allow(struct indicator_loader *l, str file, str bytes, struct err *err)
{
	struct arena tmp;
	struct json *list;
	ASSERT(!l->finished);
	uint32_t label = string_add(&l->labels, l->secret, file);
	l->file_name = arena_dup(l->arena, file);
	if (str_starts(bytes, S("\xef\xbb\xbf")))
		bytes = str_sub(bytes, 3, bytes.len);
	str text = str_trim(bytes);
	if (text.len == 0 || text.ptr[0] != '{') {
		allow_plain(l, bytes, label);
		return true;
	}
	arena_init(&tmp, LIST_ROOM, LIST_ROOM);
	bool done = json_parse(&tmp, text, (struct json_limits){ 8, LIST_ROOM / 8, LIST_ROOM / 64 }, &list,
			       err) &&
		    allow_list(l, list, label, err);
	arena_done(&tmp);
	return done;
}
