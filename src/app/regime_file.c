#include "app/regime_file.h"

#include <stdio.h>
#include "app/paths.h"
#include "os/files.h"

enum { REGIME_SIZE_MAX = 4 << 20 };

/* Installed, then as built from a checkout. */
static const char *const folders[] = { PATHS_INSTALLED "/regimes", PATHS_SOURCE "/regimes" };

static bool find(struct arena *a, const char *name, char **out, struct err *err)
{
	*out = arena_cstr(a, str_from(name));
	if (files_exist(*out))
		return true;
	for (ptrdiff_t i = 0; i < COUNTOF(folders); i++) {
		*out = arena_cstr(a, arena_printf(a, "%s/%s.yaml", folders[i], name));
		if (files_exist(*out))
			return true;
	}
	return err_set(err, ERR_MISSING,
		       "there is no regime file '%s': give a path, or one of pakistan-2023, eu-nis2, "
		       "india-certin",
		       name);
}

bool regime_file_load(struct arena *a, const char *name, const struct regime **out, str *out_text,
		      struct err *err)
{
	char *path;
	struct regime_problems problems = { 0 };
	if (!find(a, name, &path, err) || !files_read(a, path, REGIME_SIZE_MAX, out_text, err))
		return false;
	bool ok = regime_load(a, *out_text, str_from(path), &problems, out, err);
	for (ptrdiff_t i = 0; !ok && i < problems.count; i++)
		(void)fprintf(stderr, "%s:%d:%d: " STR_FMT "\n", path, problems.items[i].line,
			      problems.items[i].column, STR_ARG(problems.items[i].text));
	return ok;
}
