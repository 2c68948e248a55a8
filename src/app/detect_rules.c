#include "app/detect_rules.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "app/detect_cache.h"
#include "crypto/hash.h"
#include "format/json.h"
#include "match/correlate.h"
#include "os/files.h"

enum {
	RULE_FILE_MAX = 16 << 20,
	YAML_FILE_MAX = 16 << 20,
	DEPTH_MOST = 32,
	PATH_MOST = 4096,
	SIDE_MAX = 64 << 20
};

struct rule_file {
	str path, bytes;
	struct rule_file *next;
};
struct reading {
	struct arena *a;
	struct rule_file *first, **last;
	ptrdiff_t count, others;
	struct detect_refusal *refusals;
	ptrdiff_t refusal_count, refusal_room;
};

static void refuse(struct reading *r, struct detect_refusal what)
{
	if (r->refusal_count == r->refusal_room) {
		r->refusal_room = MAX(64, r->refusal_room * 2);
		struct detect_refusal *more = NEW(r->a, struct detect_refusal, r->refusal_room);
		if (r->refusal_count)
			memcpy(more, r->refusals, (size_t)r->refusal_count * sizeof(*more));
		r->refusals = more;
	}
	r->refusals[r->refusal_count++] = what;
}

/* --- reading folders --- */

static bool is_rule_name(str name)
{
	return str_ends(name, S(".yml")) || str_ends(name, S(".yaml"));
}

static void read_rule_file(struct reading *r, const char *path)
{
	struct err err = { 0 };
	str bytes, name = arena_dup(r->a, str_from(path));
	if (!files_read(r->a, path, RULE_FILE_MAX, &bytes, &err)) {
		refuse(r,
		       (struct detect_refusal){ .file = name, .why = arena_dup(r->a, str_from(err.text)) });
		return;
	}
	struct rule_file *f = NEW(r->a, struct rule_file, 1);
	*f = (struct rule_file){ name, bytes, NULL };
	*r->last = f;
	r->last = &f->next;
	r->count++;
}

static int not_hidden(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static void walk(struct reading *r, const char *folder, int depth)
{
	struct dirent **entries;
	struct stat st;
	int n = depth < DEPTH_MOST ? scandir(folder, &entries, not_hidden, alphasort) : -1;
	if (n < 0) {
		str why = depth < DEPTH_MOST ? S("the folder cannot be read")
					     : S("folders are nested too deeply");
		refuse(r, (struct detect_refusal){ .file = arena_dup(r->a, str_from(folder)), .why = why });
		return;
	}
	for (int i = 0; i < n; i++) {
		str path = arena_printf(r->a, "%s/%s", folder, entries[i]->d_name);
		const char *c = arena_cstr(r->a, path);
		free(entries[i]);
		bool known =
			lstat(c, &st) == 0; /* a folder behind a link is not entered: it may be this one */
		if (known && S_ISDIR(st.st_mode))
			walk(r, c, depth + 1);
		else if (is_rule_name(path) && stat(c, &st) == 0 && !S_ISREG(st.st_mode))
			refuse(r, (struct detect_refusal){ path, .why = S("it is no file that can be read as "
									  "a whole") });
		else if (is_rule_name(path))
			read_rule_file(r, c);
		else
			r->others++;
	}
	free(entries);
}

static bool read_all(struct reading *r, const struct detect_list *rules, struct err *err)
{
	struct stat st;
	r->last = &r->first;
	for (int i = 0; i < rules->count; i++) {
		const char *path = rules->at[i];
		if (stat(path, &st) != 0)
			return err_set(err, ERR_MISSING, "--rules %s: there is no such file or folder", path);
		if (S_ISDIR(st.st_mode))
			walk(r, path, 0);
		else
			read_rule_file(r, path);
	}
	return true;
}

/* --- compiling --- */

static void copy_refusals(struct reading *r, const struct rule_refusal *from)
{
	for (; from; from = from->next)
		refuse(r, (struct detect_refusal){ from->file, from->id, from->why, from->at.line,
						   from->at.column, from->no_rule });
}

static bool load_placeholders(const char *path, struct arena *a, struct placeholders *out, str *out_bytes,
			      struct err *err)
{
	struct yaml_place at = { 0, 0 };
	*out_bytes = (str){ 0 };
	if (path == NULL)
		return true;
	if (!files_read(a, path, YAML_FILE_MAX, out_bytes, err))
		return false;
	if (!yaml_parse(a, *out_bytes,
			(struct yaml_limits){ .size = YAML_FILE_MAX, .nodes = 1 << 20, .members = 1 << 16 },
			&out->map, &at, err))
		return err_wrap(err, "%s:%d:%d", path, at.line, at.column);
	return true;
}

static bool load_sources(const char *path, struct arena *a, struct logsource_map *out, str *out_bytes,
			 struct err *err)
{
	struct yaml_place at = { 0, 0 };
	*out_bytes = logsource_builtin();
	if (path && !files_read(a, path, YAML_FILE_MAX, out_bytes, err))
		return false;
	if (!logsource_load(a, *out_bytes, out, &at, err))
		return err_wrap(err, "%s:%d:%d", path ? path : "logsources", at.line, at.column);
	return true;
}

static const struct rule_set *parse_rules(struct reading *r, struct placeholders placeholders)
{
	struct rule_loader *l = rules_begin(r->a, placeholders);
	for (const struct rule_file *f = r->first; f; f = f->next)
		rules_add(l, f->path, f->bytes);
	return rules_finish(l);
}

static bool has_correlations(const struct reading *r)
{
	for (const struct rule_file *f = r->first; f; f = f->next)
		if (str_starts(f->bytes, S("correlation:")) || str_find(f->bytes, S("\ncorrelation:")) >= 0)
			return true;
	return false;
}

/* --- the cache --- */

static str cache_key(const struct reading *r, str sources, str placeholders, const str *fields,
		     ptrdiff_t count)
{
	struct hash h;
	struct hash256 out;
	cache_key_begin(&h, S("rules"));
	cache_key_add(&h, sources);
	cache_key_add(&h, placeholders);
	for (ptrdiff_t i = 0; i < count; i++)
		cache_key_add(&h, fields[i]);
	for (const struct rule_file *f = r->first; f; f = f->next) {
		cache_key_add(&h, f->path);
		cache_key_add(&h, f->bytes);
	}
	hash_done(&h, out.b);
	return hash256_hex(r->a, out);
}

static str side_json(struct reading *r)
{
	struct json *j = json_object(r->a), *list = json_array(r->a);
	for (ptrdiff_t i = 0; i < r->refusal_count; i++) {
		const struct detect_refusal *f = &r->refusals[i];
		struct json *one = json_object(r->a);
		json_set_str(one, "file", f->file);
		json_set_str(one, "id", f->id);
		json_set_str(one, "why", f->why);
		json_set_int(one, "line", f->line);
		json_set_int(one, "column", f->column);
		json_set_bool(one, "no_rule", f->no_rule);
		json_append(list, one);
	}
	json_set(j, "refusals", list);
	return json_compact(r->a, j);
}

static bool read_side(struct reading *r, const char *path)
{
	struct err err = { 0 };
	struct json *j;
	str text;
	if (!files_read(r->a, path, SIDE_MAX, &text, &err) ||
	    !json_parse(r->a, text, (struct json_limits){ .size = SIDE_MAX }, &j, &err))
		return false;
	const struct json *list = json_get(j, "refusals");
	for (ptrdiff_t i = 0; i < json_count(list); i++) {
		const struct json *one = json_at(list, i);
		refuse(r, (struct detect_refusal){ json_get_str(one, "file"), json_get_str(one, "id"),
						   json_get_str(one, "why"), (int)json_get_int(one, "line"),
						   (int)json_get_int(one, "column"),
						   json_get_bool(one, "no_rule") });
	}
	return list != NULL;
}

static bool from_cache(struct reading *r, str stem, struct detect_rules *out)
{
	struct err err = { 0 };
	ptrdiff_t before = r->refusal_count;
	str unit = arena_printf(r->a, STR_FMT ".unit", STR_ARG(stem));
	str side = arena_printf(r->a, STR_FMT ".json", STR_ARG(stem));
	if (!files_exist(unit.ptr) || !read_side(r, side.ptr)) {
		r->refusal_count = before;
		return false;
	}
	if (unit_open(unit.ptr, &out->unit, &err))
		return true;
	(void)unlink(unit.ptr); /* damaged or foreign: made again */
	r->refusal_count = before;
	return false;
}

static void to_cache(struct reading *r, str folder, str stem, const struct unit *unit)
{
	struct err err = { 0 };
	str path = arena_printf(r->a, STR_FMT ".json", STR_ARG(stem));
	bool kept = files_write(path.ptr, side_json(r), 0600, &err);
	path = arena_printf(r->a, STR_FMT ".unit", STR_ARG(stem));
	if (kept && files_write(path.ptr, unit_bytes(unit), 0600, &err))
		cache_trim(r->a, folder, S("rules-"));
}

/* --- the whole --- */

static bool build(struct reading *r, const struct unit_parts *parts, struct detect_rules *out,
		  struct err *err)
{
	struct arena tmp;
	const struct rule_refusal *refusals = NULL;
	arena_init(&tmp, INT64_C(4) << 30, INT64_C(8) << 30);
	bool fine = unit_build(&tmp, parts, &out->unit, &refusals, err);
	for (; fine && refusals; refusals = refusals->next)
		refuse(r,
		       (struct detect_refusal){ arena_dup(r->a, refusals->file),
						arena_dup(r->a, refusals->id), arena_dup(r->a, refusals->why),
						refusals->at.line, refusals->at.column, refusals->no_rule });
	arena_done(&tmp);
	return fine;
}

static const str *add_correlation_fields(struct arena *a, const struct rule_set *set, const str *fields,
					 ptrdiff_t *count)
{
	ptrdiff_t more = 0;
	const str *asked = set->correlation_count ? correlator_fields(a, set, &more) : NULL;
	str *all = NEW(a, str, *count + more + 1);
	for (ptrdiff_t i = 0; i < *count + more; i++)
		all[i] = i < *count ? fields[i] : asked[i - *count];
	*count += more;
	return all;
}

bool detect_rules_load(const struct detect_options *o, const str *fields, ptrdiff_t field_count,
		       struct arena *a, struct detect_rules *out, struct err *err)
{
	struct reading r = { .a = a };
	struct placeholders placeholders = { 0 };
	struct logsource_map *map = NEW(a, struct logsource_map, 1);
	struct detect_rules result = { .sources = map };
	str sources, values, folder = { 0 }, stem = { 0 };
	if (!read_all(&r, &o->rules, err) || !load_sources(o->sources, a, map, &sources, err) ||
	    !load_placeholders(o->placeholders, a, &placeholders, &values, err))
		return false;
	if (!o->no_cache && r.count)
		folder = cache_folder(a);
	if (folder.len)
		stem = arena_printf(a, STR_FMT "/rules-" STR_FMT, STR_ARG(folder),
				    STR_ARG(cache_key(&r, sources, values, fields, field_count)));
	result.cached = folder.len && from_cache(&r, stem, &result);
	if (!result.cached || has_correlations(&r))
		result.set = parse_rules(&r, placeholders);
	if (!result.cached) {
		const str *all = add_correlation_fields(a, result.set, fields, &field_count);
		struct unit_parts parts = { result.set, map, NULL, all, field_count };
		copy_refusals(&r, result.set->refusals);
		if (!build(&r, &parts, &result, err))
			return false;
		if (folder.len)
			to_cache(&r, folder, stem, result.unit);
	}
	result.refusals = r.refusals;
	result.refusal_count = r.refusal_count;
	result.file_count = r.count;
	result.other_count = r.others;
	*out = result;
	return true;
}

bool detect_rules_compile(const struct detect_options *o, struct arena *a, struct detect_rules *out,
			  struct err *err)
{
	struct reading r = { .a = a };
	struct placeholders placeholders = { 0 };
	struct logsource_map *map = NEW(a, struct logsource_map, 1);
	str sources, values;
	if (!read_all(&r, &o->rules, err) || !load_sources(o->sources, a, map, &sources, err) ||
	    !load_placeholders(o->placeholders, a, &placeholders, &values, err))
		return false;
	const struct rule_set *set = parse_rules(&r, placeholders);
	struct detect_rules result = {
		.sources = map, .set = set, .file_count = r.count, .other_count = r.others
	};
	struct unit_parts parts = { set, map, NULL, NULL, 0 };
	copy_refusals(&r, set->refusals);
	if (!build(&r, &parts, &result, err))
		return false;
	result.refusals = r.refusals;
	result.refusal_count = r.refusal_count;
	*out = result;
	return true;
}

void detect_rules_done(struct detect_rules *r)
{
	unit_free(r->unit);
}

/* --- a local file that knows better --- */

bool detect_overrides_load(const char *path, struct arena *a, const struct detect_override **out,
			   ptrdiff_t *out_count, struct err *err)
{
	const struct yaml *root;
	struct yaml_place at = { 0, 0 };
	str text;
	if (!files_read(a, path, YAML_FILE_MAX, &text, err))
		return false;
	if (!yaml_parse(a, text, (struct yaml_limits){ .members = 1 << 16, .nodes = 1 << 20 }, &root, &at,
			err))
		return err_wrap(err, "%s:%d:%d", path, at.line, at.column);
	const struct yaml *exclude = yaml_get(root, S("exclude")), *levels = yaml_get(root, S("levels"));
	for (const struct yaml *y = root->first; y; y = y->next)
		if (y != exclude && y != levels)
			return err_set(err, ERR_INPUT,
				       "%s:%d: there is no '" STR_FMT "': use exclude and levels", path,
				       y->at.line, STR_ARG(y->key));
	ptrdiff_t n = 0, room = (exclude ? exclude->count : 0) + (levels ? levels->count : 0);
	struct detect_override *list = NEW(a, struct detect_override, room + 1);
	for (const struct yaml *y = exclude ? exclude->first : NULL; y; y = y->next)
		list[n++] = (struct detect_override){ y->text, true, LEVEL_LOW };
	for (const struct yaml *y = levels ? levels->first : NULL; y; y = y->next) {
		int level = -1;
		for (int i = 0; i < 5; i++)
			if (str_eq_nocase(y->text, str_from(rule_level_names[i])))
				level = i;
		if (level < 0)
			return err_set(err, ERR_INPUT, "%s:%d: '" STR_FMT "' is no level", path, y->at.line,
				       STR_ARG(y->text));
		list[n++] = (struct detect_override){ y->key, false, (enum rule_level)level };
	}
	*out = list;
	*out_count = n;
	return true;
}
