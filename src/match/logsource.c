#include "match/logsource.h"

#include <stdarg.h>
#include <stdio.h>

struct reader {
	struct arena      *arena;
	struct yaml_place *at;          /* may be NULL */
	struct err        *err;
};

static bool fail(struct reader *r, struct yaml_place at, const char *fmt, ...) PRINTF(3, 4);

static bool fail(struct reader *r, struct yaml_place at, const char *fmt, ...)
{
	char text[300];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (r->at != NULL)
		*r->at = at;
	return err_set(r->err, ERR_INPUT, "line %d, column %d: %s", at.line, at.column, text);
}

/* What an error quotes from the file: short, so that one bad value cannot fill the screen. */
static str quoted(str s)
{
	return str_sub(s, 0, 60);
}

static bool read_text(struct reader *r, const struct yaml *y, const char *what, str *out)
{
	if (y->kind != YAML_SCALAR || y->text.len == 0)
		return fail(r, y->at, "%s has to be a word here", what);
	*out = y->text;
	return true;
}

/* One word, or a list of words. */
static bool read_texts(struct reader *r, const struct yaml *y, const char *what, const str **out,
                       ptrdiff_t *out_count)
{
	ptrdiff_t n = 0;
	str *texts = NEW(r->arena, str, y->kind == YAML_LIST ? y->count : 1);
	if (y->kind == YAML_LIST) {
		for (const struct yaml *item = y->first; item != NULL; item = item->next)
			if (!read_text(r, item, what, &texts[n++]))
				return false;
	} else if (!read_text(r, y, what, &texts[n++])) {
		return false;
	}
	if (n == 0)
		return fail(r, y->at, "%s: the list is empty; name at least one", what);
	*out = texts;
	*out_count = n;
	return true;
}

/* Fields are compared without case: the YAML reader sees only doubles of the same spelling. */
static bool once(struct reader *r, const struct yaml *map)
{
	for (const struct yaml *m = map->first; m != NULL; m = m->next)
		for (const struct yaml *n = m->next; n != NULL; n = n->next)
			if (str_eq_nocase(m->key, n->key))
				return fail(r, n->key_at, "\"" STR_FMT "\" stands here twice (first in line "
				            "%d)", STR_ARG(quoted(n->key)), m->key_at.line);
	return true;
}

static bool known_keys(struct reader *r, const struct yaml *map, const char *what,
                       const char *const *keys)
{
	if (map->kind != YAML_MAP)
		return fail(r, map->at, "%s has to be a map", what);
	for (const struct yaml *m = map->first; m != NULL; m = m->next) {
		bool known = false;
		for (ptrdiff_t i = 0; keys[i] != NULL; i++)
			known |= str_eq(m->key, str_from(keys[i]));
		if (!known)
			return fail(r, m->key_at, "\"" STR_FMT "\" is no key of %s", STR_ARG(quoted(m->key)),
			            what);
	}
	return true;
}

static bool read_envelopes(struct reader *r, const struct yaml *y, struct logsource_map *map)
{
	if (!read_texts(r, y, "an envelope", &map->envelopes, &map->envelope_count))
		return false;
	for (ptrdiff_t i = 0; i < map->envelope_count; i++) {
		str e = map->envelopes[i];
		ptrdiff_t star = str_find_char(e, '*');
		if (star >= 0 && (star != e.len - 1 || star < 2 || e.ptr[star - 1] != '.'))
			return fail(r, y->at, "the envelope \"" STR_FMT "\" may hold * only as its last "
			            "component, after a dot", STR_ARG(quoted(e)));
	}
	return true;
}

static bool read_prefixes(struct reader *r, const struct yaml *y, struct source_name *n)
{
	struct source_prefix *prefixes = NEW(r->arena, struct source_prefix, MAX(y->count, 1));
	if (y->kind != YAML_MAP)
		return fail(r, y->at, "prefixes is a map: what a value begins with: what that becomes");
	for (const struct yaml *m = y->first; m != NULL; m = m->next) {
		struct source_prefix *p = &prefixes[n->prefix_count++];
		p->from = m->key;
		if (m->key.len == 0)
			return fail(r, m->key_at, "a prefix has to be at least one character");
		if (!read_text(r, m, "what a prefix becomes", &p->to))
			return false;
	}
	n->prefixes = prefixes;
	return true;
}

/* A field is read from a path, from several, or from several joined. */
static bool read_name(struct reader *r, const struct yaml *y, bool may_join, struct source_name *n)
{
	static const char *const keys[] = { "join", "with", "prefixes", NULL };
	const struct yaml *join, *with, *prefixes;
	n->field = y->key;
	if (y->kind != YAML_MAP || !may_join)
		return read_texts(r, y, "a field's name", &n->paths, &n->path_count);
	if (!known_keys(r, y, "a joined field", keys))
		return false;
	join = yaml_get(y, S("join"));
	with = yaml_get(y, S("with"));
	prefixes = yaml_get(y, S("prefixes"));
	if (join == NULL)
		return fail(r, y->at, "a joined field needs `join`: the list of the fields to join");
	if (with != NULL && with->kind != YAML_SCALAR)
		return fail(r, with->at, "`with` has to be a text: what stands between the joined fields");
	n->joined = true;
	n->between = with != NULL ? with->text : S("");
	return read_texts(r, join, "a field's name", &n->paths, &n->path_count)
	       && (prefixes == NULL || read_prefixes(r, prefixes, n));
}

static bool read_names(struct reader *r, const struct yaml *y, bool may_join,
                       const struct source_name **out, ptrdiff_t *out_count)
{
	ptrdiff_t n = 0;
	struct source_name *names = NEW(r->arena, struct source_name, MAX(y->count, 1));
	if (y->kind != YAML_MAP)
		return fail(r, y->at, "\"" STR_FMT "\" is a map: the rules' name of a field: the event's",
		            STR_ARG(y->key));
	for (const struct yaml *m = y->first; m != NULL; m = m->next)
		if (!read_name(r, m, may_join, &names[n++]))
			return false;
	*out = names;
	*out_count = n;
	return once(r, y);
}

static bool read_when(struct reader *r, const struct yaml *y, struct source_entry *e)
{
	struct source_test *tests = NEW(r->arena, struct source_test, MAX(y->count, 1));
	if (y->kind != YAML_MAP || y->count == 0)
		return fail(r, y->at, "`when` is a map of a field and the values it has in such events; "
		            "without one, every event would be met");
	for (const struct yaml *m = y->first; m != NULL; m = m->next) {
		struct source_test *t = &tests[e->when_count++];
		t->field = m->key;
		if (!read_texts(r, m, "a value", &t->values, &t->value_count))
			return false;
	}
	e->when = tests;
	return once(r, y);
}

static bool read_set(struct reader *r, const struct yaml *y, struct source_entry *e)
{
	struct source_set *set = NEW(r->arena, struct source_set, MAX(y->count, 1));
	if (y->kind != YAML_MAP)
		return fail(r, y->at, "`set` is a map of a field and the value it has in all such events");
	for (const struct yaml *m = y->first; m != NULL; m = m->next) {
		struct source_set *s = &set[e->set_count++];
		s->field = m->key;
		if (!read_text(r, m, "a value", &s->value))
			return false;
	}
	e->set = set;
	return true;
}

static bool is_lower(str s)
{
	for (ptrdiff_t i = 0; i < s.len; i++)
		if (s.ptr[i] >= 'A' && s.ptr[i] <= 'Z')
			return false;
	return true;
}

static bool read_logsource(struct reader *r, const struct yaml *y, struct logsource *out)
{
	static const char *const keys[] = { "product", "category", "service", NULL };
	if (!known_keys(r, y, "a logsource", keys))
		return false;
	if (y->count == 0)
		return fail(r, y->at, "a logsource needs a product, a category or a service");
	for (const struct yaml *m = y->first; m != NULL; m = m->next) {
		str *into = m->key.ptr[0] == 'p' ? &out->product
		            : m->key.ptr[0] == 'c' ? &out->category : &out->service;
		if (!read_text(r, m, "a product, category or service", into))
			return false;
		if (!is_lower(*into))
			return fail(r, m->at, "write \"" STR_FMT "\" in lower case, as rules are compared",
			            STR_ARG(quoted(*into)));
	}
	return true;
}

/* An entry of the file is one of the map for each of its logsources. */
static ptrdiff_t logsources_of(const struct yaml *item)
{
	const struct yaml *l = yaml_get(item, S("logsource"));
	return l != NULL && l->kind == YAML_LIST ? l->count : 1;
}

static bool read_entry(struct reader *r, const struct yaml *y, struct source_entry *e)
{
	static const char *const keys[] = { "logsource", "when", "fields", "set", NULL };
	const struct yaml *logsource, *when, *fields, *set;
	struct source_entry *first = e;
	if (!known_keys(r, y, "a source", keys))
		return false;
	logsource = yaml_get(y, S("logsource"));
	when = yaml_get(y, S("when"));
	fields = yaml_get(y, S("fields"));
	set = yaml_get(y, S("set"));
	if (logsource == NULL || when == NULL)
		return fail(r, y->at, "a source needs `logsource` and `when`");
	e->line = y->at.line;
	if (!read_when(r, when, e)
	    || (fields != NULL && !read_names(r, fields, true, &e->fields, &e->field_count))
	    || (set != NULL && !read_set(r, set, e)))
		return false;
	if (logsource->kind != YAML_LIST)
		return read_logsource(r, logsource, &e->logsource);
	for (const struct yaml *m = logsource->first; m != NULL; m = m->next, e++) {
		if (e != first) {
			*e = *first;
			e->logsource = (struct logsource){ 0 };
		}
		if (!read_logsource(r, m, &e->logsource))
			return false;
	}
	return true;
}

static bool read_sources(struct reader *r, const struct yaml *y, struct logsource_map *map)
{
	ptrdiff_t most = 0;
	struct source_entry *entries;
	if (y->kind != YAML_LIST || y->count == 0)
		return fail(r, y->at, "`sources` is a list with at least one source");
	for (const struct yaml *item = y->first; item != NULL; item = item->next) {
		if (logsources_of(item) == 0)
			return fail(r, item->at, "the list of logsources is empty; name at least one");
		most += logsources_of(item);
	}
	entries = NEW(r->arena, struct source_entry, most);
	for (const struct yaml *item = y->first; item != NULL; item = item->next) {
		if (!read_entry(r, item, &entries[map->entry_count]))
			return false;
		map->entry_count += logsources_of(item);
	}
	map->entries = entries;
	return true;
}

static bool read_probe(struct reader *r, const struct yaml *y, enum probe_as *out)
{
	static const struct { const char *word; enum probe_as as; } words[] = {
		{ "any", PROBE_ANY }, { "ip", PROBE_IP }, { "domain", PROBE_DOMAIN }, { "url", PROBE_URL },
		{ "mail", PROBE_MAIL }, { "hash", PROBE_HASH }, { "hashes", PROBE_HASHES },
		{ "file_name", PROBE_FILE_NAME }, { "ja3", PROBE_JA3 }, { "ja4", PROBE_JA4 },
		{ "text", PROBE_TEXT },
	};
	for (ptrdiff_t i = 0; y->kind == YAML_SCALAR && i < COUNTOF(words); i++)
		if (str_eq(y->text, str_from(words[i].word))) {
			*out = words[i].as;
			return true;
		}
	return fail(r, y->at, "an observable is one of: any, ip, domain, url, mail, hash, hashes, file_name, "
	            "ja3, ja4, text");
}

static bool read_observables(struct reader *r, const struct yaml *y, struct logsource_map *map)
{
	static const char *const keys[] = { "as", "port", "unless", NULL };
	struct source_observable *all = NEW(r->arena, struct source_observable, MAX(y->count, 1));
	if (y->kind != YAML_MAP)
		return fail(r, y->at, "`observables` is a map of a field and what it holds");
	for (const struct yaml *m = y->first; m != NULL; m = m->next) {
		struct source_observable *o = &all[map->observable_count++];
		const struct yaml *as = m, *port = NULL, *unless = NULL;
		o->field = m->key;
		if (m->kind == YAML_MAP) {
			if (!known_keys(r, m, "an observable", keys))
				return false;
			as = yaml_get(m, S("as"));
			port = yaml_get(m, S("port"));
			unless = yaml_get(m, S("unless"));
			if (as == NULL)
				return fail(r, m->at, "an observable needs `as`: what the field holds");
		}
		if (!read_probe(r, as, &o->as)
		    || (port != NULL && !read_text(r, port, "the field of the port", &o->port_field))
		    || (unless != NULL && !read_text(r, unless, "the field of `unless`", &o->unless)))
			return false;
		if (port != NULL && o->as != PROBE_IP)
			return fail(r, port->at, "only an ip has a port beside it");
	}
	map->observables = all;
	return once(r, y);
}

bool logsource_load(struct arena *a, str yaml, struct logsource_map *out, struct yaml_place *out_at,
                    struct err *err)
{
	static const char *const keys[] = { "envelopes", "names", "sources", "observables", NULL };
	struct reader r = { a, out_at, err };
	struct logsource_map map = { 0 };
	const struct yaml *root, *envelopes, *names, *sources, *observables;
	if (!yaml_parse(a, yaml, (struct yaml_limits){ 0 }, &root, out_at, err))
		return false;
	if (!known_keys(&r, root, "a file of logsources", keys))
		return false;
	envelopes = yaml_get(root, S("envelopes"));
	names = yaml_get(root, S("names"));
	sources = yaml_get(root, S("sources"));
	observables = yaml_get(root, S("observables"));
	if (sources == NULL)
		return fail(&r, root->at, "a file of logsources needs `sources`");
	if ((envelopes != NULL && !read_envelopes(&r, envelopes, &map))
	    || (names != NULL && !read_names(&r, names, false, &map.names, &map.name_count))
	    || !read_sources(&r, sources, &map)
	    || (observables != NULL && !read_observables(&r, observables, &map)))
		return false;
	*out = map;
	return true;
}

static bool part_meets(str rule, str entry)
{
	return rule.ptr == NULL || (entry.ptr != NULL && str_eq_nocase(rule, entry));
}

bool logsource_meets(const struct logsource *rule, const struct logsource *entry)
{
	return part_meets(rule->product, entry->product) && part_meets(rule->category, entry->category)
	       && part_meets(rule->service, entry->service);
}
