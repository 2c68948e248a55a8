/* indicator_json.c - STIX 2.x bundles and what MISP exports. */
#include "match/indicator_load.h"

#include "format/json.h"

bool loader_is_json_list(str bytes)
{
	ptrdiff_t i = 1;
	if (bytes.ptr[0] != '[')
		return false;
	while (i < bytes.len && strchr(" \t\r\n", bytes.ptr[i]) != NULL && bytes.ptr[i] != 0)
		i++;
	return i < bytes.len && bytes.ptr[i] == '{';
}

/* ---- STIX patterns: [path = 'value'] and nothing else */

static const struct {
	const char *path;
	int kind;
} stix_paths[] = {
	{ "ipv4-addr:value", INDICATOR_IP },
	{ "ipv6-addr:value", INDICATOR_IP },
	{ "network-traffic:dst_ref.value", INDICATOR_IP },
	{ "network-traffic:src_ref.value", INDICATOR_IP },
	{ "domain-name:value", INDICATOR_DOMAIN },
	{ "network-traffic:dst_ref.domain-name.value", INDICATOR_DOMAIN },
	{ "url:value", INDICATOR_URL },
	{ "email-addr:value", INDICATOR_MAIL },
	{ "email-message:from_ref.value", INDICATOR_MAIL },
	{ "email-message:sender_ref.value", INDICATOR_MAIL },
	{ "file:name", INDICATOR_FILE_NAME },
	{ "file:hashes.MD5", INDICATOR_MD5 },
	{ "file:hashes.SHA-1", INDICATOR_SHA1 },
	{ "file:hashes.SHA1", INDICATOR_SHA1 },
	{ "file:hashes.SHA-256", INDICATOR_SHA256 },
	{ "file:hashes.SHA256", INDICATOR_SHA256 },
};

struct pattern_reader {
	str text;
	ptrdiff_t at;
};

static void skip_blanks(struct pattern_reader *r)
{
	while (r->at < r->text.len && strchr(" \t\r\n", r->text.ptr[r->at]) != NULL &&
	       r->text.ptr[r->at] != 0)
		r->at++;
}

static bool take(struct pattern_reader *r, str word)
{
	skip_blanks(r);
	if (!str_starts(str_sub(r->text, r->at, r->text.len), word))
		return false;
	r->at += word.len;
	return true;
}

/* The object path, without the quotes that a step may have: file:hashes.'SHA-256' */
static str read_path(struct pattern_reader *r, char *room, ptrdiff_t most)
{
	ptrdiff_t n = 0;
	skip_blanks(r);
	for (; r->at < r->text.len && n < most; r->at++) {
		char c = r->text.ptr[r->at];
		bool part = (unsigned char)((c | 32) - 'a') < 26 || (unsigned char)(c - '0') < 10 ||
			    c == ':' || c == '.' || c == '-' || c == '_' || c == '[' || c == ']' || c == '*';
		if (!part && c != '\'')
			break;
		if (part)
			room[n++] = c;
	}
	return (str){ room, n };
}

static bool read_string(struct pattern_reader *r, char *room, str *out)
{
	ptrdiff_t n = 0;
	if (!take(r, S("'")))
		return false;
	while (r->at < r->text.len && r->text.ptr[r->at] != '\'') {
		r->at += r->text.ptr[r->at] == '\\' && r->at + 1 < r->text.len;
		room[n++] = r->text.ptr[r->at++];
	}
	*out = (str){ room, n };
	return r->at++ < r->text.len;
}

static int kind_of_path(str path)
{
	for (ptrdiff_t i = 0; i < COUNTOF(stix_paths); i++)
		if (str_eq_nocase(path, str_from(stix_paths[i].path)))
			return stix_paths[i].kind;
	return -1;
}

/* NULL, or why the pattern is not one that a look-up can answer. */
static const char *read_pattern(struct arena *tmp, str pattern, int *out_kind, str *out_value)
{
	struct pattern_reader r = { pattern, 0 };
	char *room = NEW(tmp, char, pattern.len + 1), path_room[128];
	if (!take(&r, S("[")) || take(&r, S("(")))
		return "compares more than one thing: only patterns of a single comparison are looked for";
	str path = read_path(&r, path_room, (ptrdiff_t)sizeof(path_room));
	bool subset = take(&r, S("ISSUBSET"));
	if (!subset && !take(&r, S("=")))
		return "does not compare by = with one value: only that is looked for";
	if (!read_string(&r, room, out_value))
		return "does not compare with a text in quotes";
	bool closed = take(&r, S("]"));
	skip_blanks(&r);
	if (!closed || r.at != r.text.len)
		return "compares more than one thing: only patterns of a single comparison are looked for";
	*out_kind = kind_of_path(path);
	if (*out_kind < 0)
		return "is about a property that no log has as an address, name, URL, mail address, hash or "
		       "file name";
	if (*out_kind == INDICATOR_IP && str_find_char(*out_value, '/') > 0)
		*out_kind = INDICATOR_NETWORK;
	return subset && *out_kind != INDICATOR_NETWORK ? "has ISSUBSET without a network" : NULL;
}

static void take_stix_indicator(struct indicator_loader *l, struct arena *tmp, const struct json *o,
				int64_t number)
{
	str pattern = json_get_str(o, "pattern"), type = json_get_str(o, "pattern_type"),
	    name = json_get_str(o, "name");
	str value;
	int kind;
	if (name.len == 0)
		name = json_get_str(o, "id");
	const char *why = type.len > 0 && !str_eq(type, S("stix"))
				  ? "is in a language other than STIX patterns"
			  : json_get_bool(o, "revoked") ? "was revoked by its author"
			  : pattern.len == 0            ? "has no pattern"
							: read_pattern(tmp, pattern, &kind, &value);
	if (why != NULL)
		loader_refuse(l, pattern.len > 0 ? pattern : name, why, number);
	else
		loader_take(l, value, kind, name, number);
}

static void add_stix(struct indicator_loader *l, struct arena *tmp, const struct json *objects)
{
	for (ptrdiff_t n = 0; n < json_count(objects); n++) {
		const struct json *o = json_at(objects, n);
		if (str_eq(json_get_str(o, "type"), S("indicator")))
			take_stix_indicator(l, tmp, o, n + 1);
	}
}

/* ---- MISP */

struct misp {
	struct indicator_loader *loader;
	str info;
	int64_t number;
};

static void take_part(struct misp *m, str value, int kind)
{
	if (kind == INDICATOR_IP && str_find_char(value, '/') > 0)
		kind = INDICATOR_NETWORK;
	loader_take(m->loader, value, kind, m->info, m->number);
}

/* ip-dst|port is one indicator, domain|ip two; of filename|md5 the hash is the indicator. */
static void take_composite(struct misp *m, str type, str value)
{
	str_cut_result types = str_cut(type, '|'), values = str_cut(value, '|');
	char room[IP_TEXT_MAX + 16];
	struct ip ip;
	int port;
	if (!values.ok) {
		loader_refuse(m->loader, value, "has not the two parts that its type says", m->number);
	} else if (str_starts(types.head, S("ip-")) && str_eq(types.tail, S("port"))) {
		if (!value_ip(values.head, &ip) || !value_port(values.tail, &port)) {
			loader_refuse(m->loader, value, "is no address with a port", m->number);
			return;
		}
		int n = value_write_ip_port(ip, port, room);
		take_part(m, (str){ room, n }, INDICATOR_IP_PORT);
	} else if (str_eq(types.head, S("filename"))) {
		int kind = value_kind_named(types.tail);
		if (kind >= 0)
			take_part(m, values.tail, kind);
		else
			loader_refuse(m->loader, value, "is of a type that is not looked for", m->number);
	} else {
		take_part(m, values.head, value_kind_named(types.head));
		if (str_eq(types.tail, S("ip")))
			take_part(m, values.tail, INDICATOR_IP);
	}
}

static void take_attributes(struct misp *m, const struct json *attributes)
{
	for (ptrdiff_t n = 0; n < json_count(attributes); n++) {
		const struct json *a = json_at(attributes, n);
		str type = json_get_str(a, "type"), value = json_get_str(a, "value");
		m->number++;
		if (!json_get_bool(a, "to_ids") || json_get_bool(a, "deleted"))
			continue;
		int kind = str_eq(type, S("link")) ? -1 : value_kind_named(type);
		if (str_find_char(type, '|') > 0)
			take_composite(m, type, value);
		else if (kind >= 0)
			take_part(m, value, kind);
		else
			loader_refuse(m->loader, value, "is of a type that is not looked for", m->number);
	}
}

static void take_event(struct misp *m, const struct json *event)
{
	const struct json *objects = json_get(event, "Object");
	str info = json_get_str(event, "info");
	m->info = info.len > 0 ? info : json_get_str(event, "uuid");
	take_attributes(m, json_get(event, "Attribute"));
	for (ptrdiff_t n = 0; n < json_count(objects); n++)
		take_attributes(m, json_get(json_at(objects, n), "Attribute"));
}

/* A manifest: uuid -> event without attributes. */
static bool is_manifest(const struct json *j)
{
	struct json_member m = { .key = NULL };
	return json_type(j) == JSON_OBJECT && json_next(j, &m) && strlen(m.key) == 36 &&
	       json_get(m.value, "info") != NULL;
}

static bool add_document(struct indicator_loader *l, struct arena *tmp, const struct json *j,
			 const char **out_form, struct err *err)
{
	struct misp m = { .loader = l };
	const struct json *response = json_type(j) == JSON_ARRAY ? j : json_get(j, "response");
	if (json_get(j, "objects") != NULL || str_eq(json_get_str(j, "type"), S("bundle"))) {
		add_stix(l, tmp, json_get(j, "objects"));
		*out_form = "STIX bundle";
	} else if (json_get(j, "Event") != NULL) {
		take_event(&m, json_get(j, "Event"));
		*out_form = "MISP event";
	} else if (json_get(response, "Attribute") != NULL) {
		take_attributes(&m, json_get(response, "Attribute"));
		*out_form = "MISP attributes";
	} else if (json_get(json_at(response, 0), "Event") != NULL) {
		for (ptrdiff_t n = 0; n < json_count(response); n++)
			take_event(&m, json_get(json_at(response, n), "Event"));
		*out_form = "MISP events";
	} else if (is_manifest(j)) {
		*out_form = "MISP manifest (its events have the indicators)";
	} else {
		return err_set(err, ERR_INPUT, "is JSON, but neither a STIX bundle nor an event of MISP");
	}
	return true;
}

bool loader_add_json(struct indicator_loader *l, str bytes, const char **out_form, struct err *err)
{
	struct arena tmp;
	struct json *j;
	arena_init(&tmp, LIST_ROOM, LIST_ROOM);
	bool good =
		json_parse(&tmp, bytes, (struct json_limits){ 64, LIST_ROOM / 4, LIST_ROOM / 64 }, &j, err) &&
		add_document(l, &tmp, j, out_form, err);
	arena_done(&tmp);
	return good;
}
