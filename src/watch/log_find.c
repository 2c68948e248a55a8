#include "watch/log_source.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { FOLDERS_DEEP = 40 };

struct finding {
	struct arena       *arena;
	struct log_listener listener;
	struct log_member  *at;
	ptrdiff_t           count, room;
};

static void add(struct finding *f, str path)
{
	if (f->count == f->room) {
		ptrdiff_t room = MAX(2 * f->room, 64);
		struct log_member *more = NEW(f->arena, struct log_member, room);
		if (f->count > 0)
			memcpy(more, f->at, (size_t)f->count * sizeof(*more));
		f->at = more;
		f->room = room;
	}
	f->at[f->count++].path = path;
}

static void tell(const struct finding *f, str path, const char *what)
{
	struct log_trouble t = { path, 0, what };
	if (f->listener.trouble != NULL)
		f->listener.trouble(f->listener.who, &t);
}

/* A file, or what is in it.  One that cannot be opened is listed: log_open says why. */
static void add_file(struct finding *f, str path)
{
	const str *names;
	ptrdiff_t count = -1;
	struct err err;
	if (!source_list(f->arena, path.ptr, &names, &count, &err) || count < 0) {
		add(f, path);
		return;
	}
	for (ptrdiff_t i = 0; i < count; i++)
		add(f, arena_printf(f->arena, STR_FMT "!" STR_FMT, STR_ARG(path), STR_ARG(names[i])));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names in a folder, in order. */
static char **names_in(struct arena *a, DIR *d, ptrdiff_t *out_count)
{
	ptrdiff_t n = 0, room = 64;
	char **names = NEW(a, char *, room);
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (n == room) {
			char **more = NEW(a, char *, 2 * room);
			memcpy(more, names, (size_t)n * sizeof(*names));
			names = more;
			room *= 2;
		}
		names[n++] = arena_cstr(a, str_from(e->d_name));
	}
	qsort(names, (size_t)n, sizeof(*names), by_name);
	*out_count = n;
	return names;
}

static void walk(struct finding *f, str path, int depth);

/* Links to files are followed, links to folders are not: they may lead in a circle. */
static void look_at(struct finding *f, str path, int depth)
{
	struct stat st, target;
	if (lstat(path.ptr, &st) != 0 || (S_ISLNK(st.st_mode) && stat(path.ptr, &target) != 0)) {
		tell(f, path, strerror(errno));
		return;
	}
	if (S_ISDIR(st.st_mode))
		walk(f, path, depth + 1);
	else if (S_ISREG(st.st_mode) || (S_ISLNK(st.st_mode) && S_ISREG(target.st_mode)))
		add_file(f, path);
}

static void walk(struct finding *f, str path, int depth)
{
	DIR *d = depth < FOLDERS_DEEP ? opendir(path.ptr) : NULL;
	ptrdiff_t count;
	char **names;
	if (d == NULL) {
		tell(f, path, depth < FOLDERS_DEEP ? strerror(errno) : "lies too deep: not looked into");
		return;
	}
	names = names_in(f->arena, d, &count);
	closedir(d);
	for (ptrdiff_t i = 0; i < count; i++)
		look_at(f, arena_printf(f->arena, STR_FMT "%s%s", STR_ARG(path),
		                        str_ends(path, S("/")) ? "" : "/", names[i]), depth);
}

bool log_find(struct arena *a, const char *path, struct log_listener listener, const struct log_member **out,
              ptrdiff_t *out_count, struct err *err)
{
	struct finding f = { .arena = a, .listener = listener };
	struct stat st;
	if (strcmp(path, "-") == 0) {
		add(&f, S("-"));
	} else if (stat(path, &st) != 0) {
		/* a member of an archive is named as log_find lists it */
		if (strchr(path, '!') == NULL)
			return err_set(err, ERR_MISSING, "%s: %s", path, strerror(errno));
		add(&f, arena_dup(a, str_from(path)));
	} else if (S_ISDIR(st.st_mode)) {
		walk(&f, arena_dup(a, str_from(path)), 0);
	} else if (S_ISREG(st.st_mode)) {
		add_file(&f, arena_dup(a, str_from(path)));
	} else {
		add(&f, arena_dup(a, str_from(path)));
	}
	*out = f.at;
	*out_count = f.count;
	return true;
}
