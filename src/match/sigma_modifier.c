#include "match/sigma_modifier.h"
#include "base/text.h"
#include "model/network.h"

static const struct { const char *name; enum modifier mod; } names[] = {
	{ "all", MOD_ALL }, { "base64", MOD_BASE64 }, { "base64offset", MOD_BASE64OFFSET },
	{ "cased", MOD_CASED }, { "cidr", MOD_CIDR }, { "contains", MOD_CONTAINS }, { "day", MOD_DAY },
	{ "endswith", MOD_ENDSWITH }, { "exists", MOD_EXISTS }, { "expand", MOD_EXPAND },
	{ "fieldref", MOD_FIELDREF }, { "gt", MOD_GT }, { "gte", MOD_GTE }, { "hour", MOD_HOUR }, { "i",
	                                                                                           MOD_I },
	{ "lt", MOD_LT }, { "lte", MOD_LTE }, { "m", MOD_M }, { "minute", MOD_MINUTE }, { "month",
	                                                                                 MOD_MONTH },
	{ "neq", MOD_NEQ }, { "re", MOD_RE }, { "s", MOD_S }, { "startswith", MOD_STARTSWITH },
	{ "utf16", MOD_UTF16 }, { "utf16be", MOD_UTF16BE }, { "utf16le", MOD_UTF16LE }, { "week", MOD_WEEK },
	{ "wide", MOD_UTF16LE }, { "windash", MOD_WINDASH }, { "year", MOD_YEAR },
};

static const char *name_of(enum modifier m)
{
	for (ptrdiff_t i = 0; i < COUNTOF(names); i++)
		if (names[i].mod == m)
			return names[i].name;
	return "";
}

bool modifiers_parse(struct item *it, str written)
{
	for (str_cut_result c = { .tail = written, .ok = true }; c.ok;) {
		ptrdiff_t i = 0;
		c = str_cut(c.tail, '|');
		while (i < COUNTOF(names) && !str_eq(c.head, str_from(names[i].name)))
			i++;
		if (i == COUNTOF(names))
			return sigma_refuse(it->s, it->at, "unknown modifier \"" STR_FMT "\": correct its "
			                    "name, or ask for a rule without it", STR_ARG(c.head));
		if (it->count == MODIFIERS_MOST)
			return sigma_refuse(it->s, it->at, "more than %d modifiers on one field",
			                    MODIFIERS_MOST);
		it->mods[it->count++] = names[i].mod;
		it->set |= 1u << names[i].mod;
	}
	return true;
}

static bool unfit(struct item *it, const struct value *v, enum modifier m, const char *why)
{
	return sigma_refuse(it->s, v->at, "the modifier \"%s\" does not fit this value: %s", name_of(m), why);
}

/* Modifiers make much of little: what they may make of one file has a bound. */
static bool spend(struct item *it, const struct value *v, ptrdiff_t times, ptrdiff_t bytes)
{
	ptrdiff_t all = 0;
	if (__builtin_mul_overflow(times, bytes, &all) || all > SIGMA_BYTES_MOST - it->s->spent->bytes)
		return sigma_refuse(it->s, v->at, "modifiers make more than %d MiB of the values of this "
		                    "file: split it", SIGMA_BYTES_MOST >> 20);
	it->s->spent->bytes += all;
	return true;
}

static ptrdiff_t glob_bytes(const struct glob *g)
{
	ptrdiff_t bytes = (ptrdiff_t)sizeof(*g->at) * g->count;
	for (ptrdiff_t i = 0; i < g->count; i++)
		bytes += g->at[i].text.len;
	return bytes;
}

/* Globs have room for one piece on each side, and need it only once: `*` is not put beside `*`. */
void glob_surround(struct glob *g, bool before, bool behind)
{
	if (before && (g->count == 0 || g->at[0].kind != GLOB_ANY)) {
		*--g->at = (struct glob_piece){ .kind = GLOB_ANY };
		g->count++;
	}
	if (behind && (g->count == 0 || g->at[g->count - 1].kind != GLOB_ANY))
		g->at[g->count++] = (struct glob_piece){ .kind = GLOB_ANY };
}

/* Pieces one after the other as a glob: literals side by side become one, so do `*`. */
static struct glob glob_of(struct arena *a, const struct glob_piece *pieces, ptrdiff_t count)
{
	struct glob g = { NEW(a, struct glob_piece, count + 2) + 1, 0 };
	for (ptrdiff_t i = 0, j; i < count; i = j) {
		ptrdiff_t len = 0, at = 0;
		for (j = i; j < count && pieces[j].kind == GLOB_LITERAL; j++)
			len += pieces[j].text.len;
		if (j == i) {
			if (pieces[j].kind == GLOB_ONE || g.count == 0 || g.at[g.count - 1].kind != GLOB_ANY)
				g.at[g.count++] = pieces[j];
			j++;
		} else if (j == i + 1) {
			if (len)
				g.at[g.count++] = pieces[i];
		} else if (len) {
			char *p = NEW(a, char, len);
			for (; i < j; at += pieces[i++].text.len)
				memcpy(p + at, pieces[i].text.ptr, (size_t)pieces[i].text.len);
			g.at[g.count++] = (struct glob_piece){ GLOB_LITERAL, { p, len } };
		}
	}
	return g;
}

/* A place in a value, and what may stand there: a piece of text has one choice. */
struct part { const struct glob *choices; ptrdiff_t count; };
struct parts { struct part *at; ptrdiff_t count, combinations; };

static void add_part(struct parts *p, const struct glob *choices, ptrdiff_t count)
{
	p->at[p->count++] = (struct part){ choices, count };
	if (__builtin_mul_overflow(p->combinations, count, &p->combinations))
		p->combinations = PTRDIFF_MAX;
}

static void add_text(struct item *it, struct parts *p, str text)
{
	struct glob *g = NEW(it->s->tmp, struct glob, 1);
	*g = glob_of(it->s->tmp, &(struct glob_piece){ GLOB_LITERAL, text }, 1);
	if (text.len)
		add_part(p, g, 1);
}

static void add_piece(struct item *it, struct parts *p, struct glob_piece piece)
{
	struct glob *g = NEW(it->s->tmp, struct glob, 1);
	*g = glob_of(it->s->tmp, &piece, 1);
	add_part(p, g, 1);
}

/* v once for each combination of what may stand at its parts. */
static bool combine(struct item *it, struct value *v, const struct parts *parts, ptrdiff_t most,
                    struct value ***tail)
{
	ptrdiff_t room = 0, bytes = 0;
	if (parts->combinations > most)
		return sigma_refuse(it->s, v->at, "the value stands for more than %td values after its "
		                    "modifiers: split it", most);
	for (ptrdiff_t i = 0; i < parts->count; i++) {
		ptrdiff_t longest = 0, largest = 0;
		for (ptrdiff_t k = 0; k < parts->at[i].count; k++) {
			longest = MAX(longest, parts->at[i].choices[k].count);
			largest = MAX(largest, glob_bytes(&parts->at[i].choices[k]));
		}
		room += longest;
		bytes += largest;
	}
	if (!spend(it, v, parts->combinations, bytes))
		return false;
	struct glob_piece *flat = NEW(it->s->tmp, struct glob_piece, room);
	for (ptrdiff_t n = 0; n < parts->combinations; n++) {
		ptrdiff_t count = 0, rest = n;
		for (ptrdiff_t i = 0; i < parts->count; i++) {
			const struct glob *g = &parts->at[i].choices[rest % parts->at[i].count];
			rest /= parts->at[i].count;
			if (g->count)
				memcpy(flat + count, g->at, (size_t)g->count * sizeof *flat);
			count += g->count;
		}
		struct value *w = NEW(it->s->tmp, struct value, 1);
		*w = *v;
		w->next = NULL;
		w->glob = glob_of(it->s->a, flat, count);
		**tail = w;
		*tail = &w->next;
	}
	return true;
}

/* How many bytes of t are one of these. */
static ptrdiff_t count_of(str t, const char *these)
{
	ptrdiff_t count = 0;
	for (ptrdiff_t i = 0; i < t.len; i++)
		count += t.ptr[i] != '\0' && strchr(these, t.ptr[i]) != NULL;
	return count;
}

static ptrdiff_t dash_len(str t, ptrdiff_t i)
{
	if (t.ptr[i] == '-' || t.ptr[i] == '/')
		return 1;
	str three = str_sub(t, i, i + 3);
	return str_eq(three, S("\u2013")) || str_eq(three, S("\u2014")) || str_eq(three, S("\u2015")) ? 3 : 0;
}

static bool windash(struct item *it, struct value *v, struct value ***tail)
{
	static const char *const dashes[] = { "-", "/", "\u2013", "\u2014", "\u2015" };
	struct glob *choices = NEW(it->s->tmp, struct glob, COUNTOF(dashes));
	ptrdiff_t room = v->glob.count;
	for (ptrdiff_t i = 0; i < COUNTOF(dashes); i++)
		choices[i] = glob_of(it->s->tmp, &(struct glob_piece){ GLOB_LITERAL, str_from(dashes[i]) },
		                     1);
	for (ptrdiff_t i = 0; i < v->glob.count; i++)
		room += 1 + 2 * count_of(v->glob.at[i].text, "-/\xe2");
	struct parts parts = { NEW(it->s->tmp, struct part, room), 0, 1 };
	for (ptrdiff_t i = 0; i < v->glob.count; i++) {
		str t = v->glob.at[i].text;
		ptrdiff_t from = 0, at = 0;
		if (v->glob.at[i].kind != GLOB_LITERAL)
			add_piece(it, &parts, v->glob.at[i]);
		while (at < t.len) {
			ptrdiff_t len = dash_len(t, at);
			if (len) {
				add_text(it, &parts, str_sub(t, from, at));
				add_part(&parts, choices, COUNTOF(dashes));
				from = at + len;
			}
			at += MAX(len, 1);
		}
		add_text(it, &parts, str_sub(t, from, t.len));
	}
	return combine(it, v, &parts, SIGMA_VALUE_MOST, tail);
}

/* The values of a placeholder, as globs: patterns are allowed in them.  NULL if it was not given. */
static const struct glob *placeholder(struct item *it, str name, ptrdiff_t *out_count)
{
	const struct yaml *y = it->s->placeholders ? yaml_get(it->s->placeholders, name) : NULL;
	if (y == NULL || y->kind == YAML_MAP || sigma_is_null(y) || (y->kind == YAML_LIST && y->count == 0))
		return NULL;
	const struct yaml *value = y->kind == YAML_LIST ? y->first : y;
	*out_count = y->kind == YAML_LIST ? y->count : 1;
	struct glob *globs = NEW(it->s->tmp, struct glob, *out_count);
	for (ptrdiff_t i = 0; i < *out_count; i++, value = value->next) {
		if (value->kind != YAML_SCALAR)
			return NULL;
		globs[i] = sigma_glob(it->s->a, arena_dup(it->s->a, value->text));
	}
	return globs;
}

static bool is_name_char(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
	       || (!first && (c == '-' || c == '.'));
}

/* %name% from `at` on: its length, or 0. */
static ptrdiff_t placeholder_len(str t, ptrdiff_t at)
{
	ptrdiff_t end = at + 1;
	if (t.ptr[at] != '%')
		return 0;
	while (end < t.len && is_name_char(t.ptr[end], end == at + 1))
		end++;
	return end > at + 1 && end < t.len && t.ptr[end] == '%' ? end + 1 - at : 0;
}

/* A placeholder's pattern within a regular expression. */
static struct glob quoted(struct item *it, const struct glob *g)
{
	ptrdiff_t room = 0, len = 0;
	for (ptrdiff_t i = 0; i < g->count; i++)
		room += 8 + 2 * g->at[i].text.len;
	char *p = NEW(it->s->tmp, char, room);
	for (ptrdiff_t i = 0; i < g->count; i++) {
		str t = g->at[i].text;
		str wild = g->at[i].kind == GLOB_ANY ? S("(?s:.*)") : S("(?s:.)");
		if (g->at[i].kind != GLOB_LITERAL) {
			memcpy(p + len, wild.ptr, (size_t)wild.len);
			len += wild.len;
		}
		for (ptrdiff_t k = 0; k < t.len; k++) {
			if (strchr("\\.^$*+?{}[]|()", t.ptr[k]) != NULL)
				p[len++] = '\\';
			p[len++] = t.ptr[k];
		}
	}
	return glob_of(it->s->tmp, &(struct glob_piece){ GLOB_LITERAL, { p, len } }, 1);
}

static bool expand_text(struct item *it, const struct value *v, str t, struct parts *parts)
{
	ptrdiff_t from = 0, at = 0, count = 0;
	while (at < t.len) {
		bool escaped = t.ptr[at] == '\\' && at + 1 < t.len && t.ptr[at + 1] == '%';
		ptrdiff_t len = escaped ? 1 : placeholder_len(t, at);
		if (len) {
			add_text(it, parts, str_sub(t, from, at));
			from = at + len;
		}
		if (len > 1) {
			str name = str_sub(t, at + 1, at + len - 1);
			const struct glob *given = placeholder(it, name, &count);
			struct glob *mine = given ? NEW(it->s->tmp, struct glob, count) : NULL;
			if (given == NULL)
				return sigma_refuse(it->s, v->at, "the placeholder %%" STR_FMT "%% was not "
				                    "given: put its values into the file of placeholders",
				                    STR_ARG(name));
			for (ptrdiff_t i = 0; i < count; i++)
				mine[i] = v->kind == VALUE_REGEX ? quoted(it, &given[i]) : given[i];
			add_part(parts, mine, count);
		}
		at += escaped ? 2 : MAX(len, 1);
	}
	add_text(it, parts, str_sub(t, from, t.len));
	return true;
}

static bool expand(struct item *it, struct value *v, struct value ***tail)
{
	struct glob_piece regex = { GLOB_LITERAL, v->text };
	struct glob g = v->kind == VALUE_REGEX ? (struct glob){ &regex, 1 } : v->glob;
	ptrdiff_t room = 1;
	if (v->kind != VALUE_TEXT && v->kind != VALUE_REGEX)
		return unfit(it, v, MOD_EXPAND, "placeholders stand in texts and regular expressions");
	for (ptrdiff_t i = 0; i < g.count; i++)
		room += 1 + 2 * count_of(g.at[i].text, "%");
	struct parts parts = { NEW(it->s->tmp, struct part, room), 0, 1 };
	for (ptrdiff_t i = 0; i < g.count; i++) {
		if (g.at[i].kind != GLOB_LITERAL)
			add_piece(it, &parts, g.at[i]);
		else if (!expand_text(it, v, g.at[i].text, &parts))
			return false;
	}
	struct value **from = *tail;
	if (!combine(it, v, &parts, SIGMA_PREDICATES_MOST, tail))
		return false;
	for (struct value *w = *from; v->kind == VALUE_REGEX && w != NULL; w = w->next)
		w->text = w->glob.count ? w->glob.at[0].text : S("");
	return true;
}

/* The text of a value without wildcards. */
static bool plain_text(struct item *it, const struct value *v, enum modifier m, str *out)
{
	if (v->kind != VALUE_TEXT)
		return unfit(it, v, m, "it needs a text");
	if (v->glob.count > 1 || (v->glob.count == 1 && v->glob.at[0].kind != GLOB_LITERAL))
		return unfit(it, v, m, "wildcards (* and ?) cannot be in it; for the characters themselves "
		             "write \\* and \\?");
	*out = v->glob.count ? v->glob.at[0].text : S("");
	return true;
}

static bool base64(struct item *it, struct value *v)
{
	str text = { 0 };
	if (!plain_text(it, v, MOD_BASE64, &text) || !spend(it, v, 2, text.len))
		return false;
	v->glob = glob_of(it->s->a, &(struct glob_piece){ GLOB_LITERAL, text_base64(it->s->a, text) }, 1);
	return true;
}

/* Of the text behind 0, 1 and 2 other bytes: the characters that depend on nothing but the text. */
static bool base64offset(struct item *it, struct value *v, struct value ***tail)
{
	str text = { 0 };
	if (!plain_text(it, v, MOD_BASE64OFFSET, &text) || !spend(it, v, 6, text.len))
		return false;
	if (text.len < 2)
		return unfit(it, v, MOD_BASE64OFFSET, "it is too short to be recognised in Base64");
	char *padded = NEW(it->s->tmp, char, text.len + 2);
	memcpy(padded + 2, text.ptr, (size_t)text.len);
	for (ptrdiff_t i = 0; i < 3; i++) {
		str all = text_base64(it->s->a, (str){ padded + 2 - i, text.len + i });
		str known = str_sub(all, (8 * i + 5) / 6, 8 * (text.len + i) / 6);
		struct value *w = NEW(it->s->tmp, struct value, 1);
		*w = *v;
		w->next = NULL;
		w->glob = glob_of(it->s->a, &(struct glob_piece){ GLOB_LITERAL, known }, 1);
		**tail = w;
		*tail = &w->next;
	}
	return true;
}

/* The code point at p, which is valid UTF-8, and its length. */
static uint32_t code_point(const char *p, ptrdiff_t *out_len)
{
	const unsigned char *u = (const unsigned char *)p;
	*out_len = u[0] < 0x80 ? 1 : u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
	uint32_t c = *out_len == 1 ? u[0] : u[0] & (0xffu >> (*out_len + 1));
	for (ptrdiff_t i = 1; i < *out_len; i++)
		c = c << 6 | (u[i] & 0x3fu);
	return c;
}

static str as_utf16(struct arena *a, str text, bool big)
{
	char *p = NEW(a, char, 2 * text.len);
	ptrdiff_t len = 0, n;
	for (ptrdiff_t i = 0; i < text.len; i += n) {
		uint32_t c = code_point(text.ptr + i, &n);
		uint32_t units[2] = { 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + ((c - 0x10000) & 0x3ff) };
		ptrdiff_t count = c < 0x10000 ? 1 : 2;
		if (count == 1)
			units[0] = c;
		for (ptrdiff_t k = 0; k < count; k++) {
			p[len++] = (char)(big ? units[k] >> 8 : units[k]);
			p[len++] = (char)(big ? units[k] : units[k] >> 8);
		}
	}
	return (str){ p, len };
}

static bool utf16(struct item *it, struct value *v, enum modifier m)
{
	if (v->kind != VALUE_TEXT)
		return unfit(it, v, m, "it needs a text");
	if (!spend(it, v, 4, glob_bytes(&v->glob)))
		return false;
	struct glob_piece *pieces = NEW(it->s->tmp, struct glob_piece, v->glob.count + 1);
	ptrdiff_t count = 0;
	if (m == MOD_UTF16)
		pieces[count++].text = S("\xff\xfe");
	for (ptrdiff_t i = 0; i < v->glob.count; i++, count++) {
		pieces[count] = v->glob.at[i];
		if (!str_utf8_valid(pieces[count].text))
			return unfit(it, v, m, "another modifier has made bytes of it already");
		pieces[count].text = as_utf16(it->s->a, pieces[count].text, m == MOD_UTF16BE);
	}
	v->glob = glob_of(it->s->a, pieces, count);
	return true;
}

static bool surround(struct item *it, struct value *v, enum modifier m)
{
	bool before = m != MOD_STARTSWITH, behind = m != MOD_ENDSWITH;
	switch (v->kind) {
	case VALUE_TEXT:
		if (it->field.ptr == NULL && m != MOD_CONTAINS)
			return unfit(it, v, m, "a keyword is looked for anywhere; write the field that "
			             "starts or ends with it");
		glob_surround(&v->glob, before, behind);
		return true;
	case VALUE_REGEX:               /* found anywhere as it is */
		if (m == MOD_STARTSWITH)
			v->text = arena_printf(it->s->a, "\\A(?:" STR_FMT ")", STR_ARG(v->text));
		if (m == MOD_ENDSWITH)
			v->text = arena_printf(it->s->a, "(?:" STR_FMT ")\\z", STR_ARG(v->text));
		return true;
	case VALUE_FIELD:
		v->how = v->how == HOW_EQUALS && m == MOD_STARTSWITH ? HOW_STARTS
			: v->how == HOW_EQUALS && m == MOD_ENDSWITH  ? HOW_ENDS
								     : HOW_CONTAINS;
		return true;
	case VALUE_CIDR:
	case VALUE_NUMBER:
	case VALUE_EXISTS:
	case VALUE_NULL:
		break;
	}
	return unfit(it, v, m, "it needs a text");
}

static bool is_changed(struct item *it, const struct value *v, enum modifier m)
{
	return v->changed && !unfit(it, v, m, "it has to come before the others");
}

static bool regex(struct item *it, struct value *v)
{
	if (v->kind != VALUE_TEXT)
		return unfit(it, v, MOD_RE, "it needs a text");
	if (is_changed(it, v, MOD_RE))
		return false;
	v->kind = VALUE_REGEX;
	return true;
}

static bool regex_flag(struct item *it, struct value *v, enum modifier m)
{
	if (v->kind != VALUE_REGEX)
		return unfit(it, v, m, "it belongs behind \"re\"");
	v->regex_nocase |= m == MOD_I;
	v->regex_lines |= m == MOD_M;
	v->regex_dotall |= m == MOD_S;
	return true;
}

static bool cidr(struct item *it, struct value *v)
{
	struct network n;
	struct err err;
	str text = { 0 };
	if (!plain_text(it, v, MOD_CIDR, &text))
		return false;
	if (v->cased)
		return unfit(it, v, MOD_CASED, "it needs a text");
	if (!network_parse(text, &n, &err))
		return unfit(it, v, MOD_CIDR, err.text);
	v->kind = VALUE_CIDR;
	v->text = network_format(it->s->a, n);
	return true;
}

static bool number(struct item *it, struct value *v, enum modifier m)
{
	str text = { 0 };
	if (v->kind == VALUE_NUMBER)
		return true;
	if (!plain_text(it, v, m, &text))
		return false;
	if (v->cased)
		return unfit(it, v, MOD_CASED, "it needs a text");
	if (!sigma_number(text, &v->number))
		return unfit(it, v, m, "it needs a number");
	v->kind = VALUE_NUMBER;
	v->order = ORDER_EQ;
	return true;
}

static bool order(struct item *it, struct value *v, enum modifier m)
{
	if (!number(it, v, m))
		return false;
	if (v->ordered)
		return unfit(it, v, m, "lt, lte, gt and gte exclude each other: write two fields");
	v->ordered = true;
	v->order = m == MOD_LT ? ORDER_LT : m == MOD_LTE ? ORDER_LTE : m == MOD_GT ? ORDER_GT : ORDER_GTE;
	return true;
}

static bool time_part(struct item *it, struct value *v, enum modifier m)
{
	static const struct { enum modifier mod; enum predicate_part part; int least, most; } parts[] = {
		{ MOD_MINUTE, PART_MINUTE, 0, 59 }, { MOD_HOUR, PART_HOUR, 0, 23 }, { MOD_DAY, PART_DAY, 1,
		                                                                     31 },
		{ MOD_WEEK, PART_WEEK, 1, 53 }, { MOD_MONTH, PART_MONTH, 1, 12 }, { MOD_YEAR, PART_YEAR, 0,
		                                                                   9999 },
	};
	ptrdiff_t i = 0;
	if (!number(it, v, m))
		return false;
	while (parts[i].mod != m)
		i++;
	if (v->part != PART_NONE)
		return unfit(it, v, m, "one part of a time at once: write two fields");
	if (v->number < parts[i].least || v->number > parts[i].most || v->number != (double)(int)v->number)
		return sigma_refuse(it->s, v->at, "the modifier \"%s\" needs a whole number from %d to %d",
		                    name_of(m),
		                    parts[i].least, parts[i].most);
	v->part = parts[i].part;
	return true;
}

static bool field_reference(struct item *it, struct value *v)
{
	str text = { 0 };
	if (v->kind == VALUE_FIELD)
		return true;
	if (!plain_text(it, v, MOD_FIELDREF, &text))
		return false;
	if (text.len == 0)
		return unfit(it, v, MOD_FIELDREF, "it needs the name of a field");
	v->kind = VALUE_FIELD;
	v->text = text;
	return true;
}

static bool exists(struct item *it, struct value *v)
{
	if (!v->is_bool)
		return unfit(it, v, MOD_EXISTS, "it needs true or false, without quotes");
	if (is_changed(it, v, MOD_EXISTS))
		return false;
	v->kind = VALUE_EXISTS;
	return true;
}

static bool cased(struct item *it, struct value *v)
{
	if (v->kind != VALUE_TEXT && v->kind != VALUE_FIELD)
		return unfit(it, v, MOD_CASED, "it needs a text; regular expressions are cased without it");
	v->cased = true;
	return true;
}

/* Changes v, or appends what it becomes at *tail. */
static bool apply(struct item *it, struct value *v, enum modifier m, struct value ***tail)
{
	switch (m) {
	case MOD_WINDASH:
		return v->kind == VALUE_TEXT ? windash(it, v, tail) : unfit(it, v, m, "it needs a text");
	case MOD_EXPAND:
		return expand(it, v, tail);
	case MOD_BASE64OFFSET:
		return base64offset(it, v, tail);
	case MOD_ALL: case MOD_NEQ:
		break;
	case MOD_BASE64:
		if (!base64(it, v))
			return false;
		break;
	case MOD_CASED:
		if (!cased(it, v))
			return false;
		break;
	case MOD_CIDR:
		if (!cidr(it, v))
			return false;
		break;
	case MOD_CONTAINS: case MOD_STARTSWITH: case MOD_ENDSWITH:
		if (!surround(it, v, m))
			return false;
		break;
	case MOD_EXISTS:
		if (!exists(it, v))
			return false;
		break;
	case MOD_FIELDREF:
		if (!field_reference(it, v))
			return false;
		break;
	case MOD_GT: case MOD_GTE: case MOD_LT: case MOD_LTE:
		if (!order(it, v, m))
			return false;
		break;
	case MOD_RE:
		if (!regex(it, v))
			return false;
		break;
	case MOD_I: case MOD_M: case MOD_S:
		if (!regex_flag(it, v, m))
			return false;
		break;
	case MOD_UTF16: case MOD_UTF16BE: case MOD_UTF16LE:
		if (!utf16(it, v, m))
			return false;
		break;
	case MOD_MINUTE: case MOD_HOUR: case MOD_DAY: case MOD_WEEK: case MOD_MONTH: case MOD_YEAR:
		if (!time_part(it, v, m))
			return false;
		break;
	}
	v->next = NULL;
	**tail = v;
	*tail = &v->next;
	return true;
}

bool modifiers_apply(struct item *it, struct value **list)
{
	/* A field reference is known as such from the start: contains|fieldref is fieldref|contains. */
	for (struct value *v = *list; v != NULL && item_has(it, MOD_FIELDREF); v = v->next)
		if (v->kind != VALUE_NULL && !field_reference(it, v))
			return false;
	for (int i = 0; i < it->count; i++) {
		struct value *done = NULL, **tail = &done;
		for (struct value *v = *list, *next; v != NULL; v = next) {
			next = v->next;
			if (v->kind == VALUE_NULL && it->mods[i] != MOD_ALL && it->mods[i] != MOD_NEQ)
				return unfit(it, v, it->mods[i], "null goes with no modifier");
			if (!apply(it, v, it->mods[i], &tail))
				return false;
		}
		for (struct value *v = done; v != NULL; v = v->next)
			v->changed |= it->mods[i] != MOD_ALL && it->mods[i] != MOD_NEQ;
		*list = done;
	}
	return true;
}
