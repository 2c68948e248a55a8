#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "app/detect_cache.h"
#include "app/detect_rules.h"
#include "crypto/random.h"
#include "format/json.h"
#include "os/files.h"
#include "watch/whole_file.h"

/* Indicators from files, or the table that was made of the same files before. */

enum { SIDE_MAX = 64 << 20, REFUSALS_KEPT = 100 };
#define FILE_MOST (INT64_C(2) << 30)

static const char *file_at(const struct detect_options *o, int i)
{
	return i < o->allow.count ? o->allow.at[i] : o->indicators.at[i - o->allow.count];
}

/* --- the cache --- */

/* Of the files as they lie there, packed or not.  Empty if one cannot be read: loading says why. */
static str cache_stem(const struct detect_options *o, struct arena *a)
{
	struct arena tmp;
	struct hash h;
	struct hash256 sum;
	struct err err = { 0 };
	bool fine = true;
	str bytes, folder = o->no_cache ? (str){ 0 } : cache_folder(a);
	cache_key_begin(&h, S("indicators"));
	cache_key_add(&h, o->force ? S("force") : S(""));
	for (int i = 0; fine && i < o->allow.count + o->indicators.count; i++) {
		arena_init(&tmp, FILE_MOST + 1, 2 * FILE_MOST);
		fine = files_read(&tmp, file_at(o, i), FILE_MOST, &bytes, &err);
		cache_key_add(&h, i < o->allow.count ? S("allow") : S("indicators"));
		cache_key_add(&h, str_from(file_at(o, i)));
		if (fine)
			cache_key_add(&h, bytes);
		arena_done(&tmp);
	}
	hash_done(&h, sum.b);
	return fine && folder.len ? arena_printf(a, STR_FMT "/indicators-" STR_FMT, STR_ARG(folder),
						 STR_ARG(hash256_hex(a, sum)))
				  : (str){ 0 };
}

struct mapping {
	void *at;
	size_t size;
};

static void unmap(void *what)
{
	const struct mapping *m = what;
	(void)munmap(m->at, m->size);
}

static bool map_file(const char *path, struct arena *a, str *out)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	void *at = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0
			   ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0)
			   : MAP_FAILED;
	(void)close(fd);
	if (at == MAP_FAILED)
		return false;
	struct mapping *m = NEW(a, struct mapping, 1);
	*m = (struct mapping){ at, (size_t)st.st_size };
	arena_defer(a, unmap, m);
	*out = (str){ at, st.st_size };
	return true;
}

static str side_json(const struct detect_indicators *i, struct arena *a)
{
	struct json *j = json_object(a), *list = json_array(a);
	int n = 0;
	for (const struct indicator_refusal *r = i->refused; r && n < REFUSALS_KEPT; r = r->next, n++) {
		struct json *one = json_object(a);
		json_set_str(one, "file", r->file);
		json_set_int(one, "line", r->line);
		json_set_str(one, "value", r->value);
		json_set_str(one, "why", r->why);
		json_append(list, one);
	}
	json_set(j, "refusals", list);
	json_set_int(j, "kept", i->counts.kept);
	json_set_int(j, "doubled", i->counts.doubled);
	json_set_int(j, "refused", i->counts.refused);
	json_set_int(j, "allowed", i->counts.allowed);
	return json_compact(a, j);
}

static bool read_side(const char *path, struct arena *a, struct detect_indicators *out)
{
	struct err err = { 0 };
	struct json *j;
	str text;
	if (!files_read(a, path, SIDE_MAX, &text, &err) ||
	    !json_parse(a, text, (struct json_limits){ .size = SIDE_MAX }, &j, &err))
		return false;
	const struct json *list = json_get(j, "refusals");
	ptrdiff_t n = json_count(list);
	struct indicator_refusal *all = NEW(a, struct indicator_refusal, n + 1);
	for (ptrdiff_t i = 0; i < n; i++) {
		const struct json *one = json_at(list, i);
		all[i] = (struct indicator_refusal){ json_get_str(one, "file"), json_get_str(one, "value"),
						     json_get_str(one, "why"), json_get_int(one, "line"),
						     i + 1 < n ? &all[i + 1] : NULL };
	}
	out->refused = n ? all : NULL;
	out->counts = (struct indicator_counts){ json_get_int(j, "kept"), json_get_int(j, "doubled"),
						 json_get_int(j, "refused"), json_get_int(j, "allowed") };
	return list != NULL;
}

static bool from_cache(str stem, struct arena *a, struct detect_indicators *out)
{
	struct err err = { 0 };
	str bytes, table = arena_printf(a, STR_FMT ".table", STR_ARG(stem));
	if (!read_side(arena_printf(a, STR_FMT ".json", STR_ARG(stem)).ptr, a, out) ||
	    !map_file(table.ptr, a, &bytes))
		return false;
	if (indicators_open_bytes(bytes, &out->all, &err))
		return true;
	(void)unlink(table.ptr); /* damaged or foreign: made again */
	return false;
}

static void to_cache(str stem, struct arena *a, const struct detect_indicators *i)
{
	struct err err = { 0 };
	str folder = cache_folder(a);
	if (files_write(arena_printf(a, STR_FMT ".json", STR_ARG(stem)).ptr, side_json(i, a), 0600, &err) &&
	    files_write(arena_printf(a, STR_FMT ".table", STR_ARG(stem)).ptr, indicators_bytes(i->all), 0600,
			&err))
		cache_trim(a, folder, S("indicators-"));
}

/* --- the files --- */

static bool load(const struct detect_options *o, struct arena *a, struct detect_indicators *out,
		 struct err *err)
{
	struct arena tmp;
	struct indicator_loader *l = indicators_begin(a, o->force);
	struct rng rng = rng_real();
	uint8_t seed[16];
	const char *form;
	str bytes;
	bool fine = true;
	rng.fill(&rng, seed, sizeof(seed));
	indicators_seed(l, seed);
	for (int i = 0; fine && i < o->allow.count + o->indicators.count; i++) {
		const char *path = file_at(o, i);
		arena_init(&tmp, 2 * FILE_MOST, 4 * FILE_MOST);
		fine = whole_file_read(&tmp, path, FILE_MOST, &bytes, err) &&
		       (i < o->allow.count ? indicators_allow(l, str_from(path), bytes, err)
					   : indicators_add(l, str_from(path), bytes, &form, err));
		arena_done(&tmp);
	}
	const struct indicators *all = indicators_finish(l);
	if (!fine) {
		indicators_free(all);
		return false;
	}
	*out = (struct detect_indicators){ all, indicators_counts(all), indicators_refused(l) };
	return true;
}

bool detect_indicators_load(const struct detect_options *o, struct arena *a, struct detect_indicators *out,
			    struct err *err)
{
	struct detect_indicators result = { 0 };
	str stem = cache_stem(o, a);
	if (stem.len && from_cache(stem, a, &result)) {
		*out = result;
		return true;
	}
	if (!load(o, a, &result, err))
		return false;
	if (stem.len)
		to_cache(stem, a, &result);
	*out = result;
	return true;
}
