#include "app/detect_cache.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "os/files.h"

enum { CACHE_KEPT = 16 };

str cache_folder(struct arena *a)
{
	struct err err = { 0 };
	const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	str folder;
	if (base && base[0] == '/')
		folder = arena_printf(a, "%s/naubat", base);
	else if (home && home[0] == '/')
		folder = arena_printf(a, "%s/.cache/naubat", home);
	else
		return (str){ 0 };
	return files_make_dir(arena_cstr(a, folder), 0700, &err) ? folder : (str){ 0 };
}

void cache_key_begin(struct hash *h, str kind)
{
	struct stat st = { 0 };
	hash_init(h);
	cache_key_add(h, kind);
	if (stat("/proc/self/exe", &st) != 0)
		return;
	const int64_t program[] = { (int64_t)st.st_ino, (int64_t)st.st_size, (int64_t)st.st_mtim.tv_sec,
				    (int64_t)st.st_mtim.tv_nsec };
	cache_key_add(h, (str){ (const char *)program, sizeof(program) });
}

void cache_key_add(struct hash *h, str part)
{
	int64_t length = part.len;
	hash_add(h, (str){ (const char *)&length, sizeof(length) });
	hash_add(h, part);
}

struct cached {
	str path;
	struct timespec at;
};

static int newest_first(const void *x, const void *y)
{
	const struct cached *a = x, *b = y;
	if (a->at.tv_sec != b->at.tv_sec)
		return a->at.tv_sec < b->at.tv_sec ? 1 : -1;
	return (a->at.tv_nsec < b->at.tv_nsec) - (a->at.tv_nsec > b->at.tv_nsec);
}

void cache_trim(struct arena *a, str folder, str prefix)
{
	struct dirent **entries;
	struct stat st;
	int n = scandir(arena_cstr(a, folder), &entries, NULL, alphasort), count = 0;
	struct cached *c = NEW(a, struct cached, MAX(n, 1));
	for (int i = 0; i < n; i++) {
		str path = arena_printf(a, STR_FMT "/%s", STR_ARG(folder), entries[i]->d_name);
		if (str_starts(str_from(entries[i]->d_name), prefix) && stat(path.ptr, &st) == 0)
			c[count++] = (struct cached){ path, st.st_mtim };
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	qsort(c, (size_t)count, sizeof(*c), newest_first);
	for (int i = CACHE_KEPT; i < count; i++)
		(void)unlink(c[i].path.ptr);
}
