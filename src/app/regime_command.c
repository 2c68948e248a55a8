#include "app/regime_command.h"

#include <stdio.h>
#include "app/cli.h"
#include "base/buf.h"
#include "os/files.h"
#include "regime/check.h"

enum { FILE_MAX_BYTES = 4 << 20, OUT_MAX_BYTES = 16 << 20 };

static int check(const char *path, bool json)
{
	struct arena a;
	struct buf out;
	struct err err = { 0 };
	str text;
	arena_init(&a, 64 << 20, 256 << 20);
	buf_init(&out, &a, OUT_MAX_BYTES);
	int status = 2;
	if (files_read(&a, path, FILE_MAX_BYTES, &text, &err)) {
		status = regime_check(text, str_from(path), json, &a, &out) ? 0 : 1;
		(void)fwrite(out.ptr, 1, (size_t)out.len, stdout);
	} else {
		(void)fprintf(stderr, "naubat: %s\n", err.text);
	}
	arena_done(&a);
	return status;
}

static int usage(FILE *out)
{
	(void)fprintf(out, "usage: naubat regime check [--json] FILE\n"
			   "       naubat regime adopt FILE [--dry-run] [--node FOLDER] [--json]\n"
			   "       naubat regime list [--node FOLDER] [--json]\n");
	return out == stdout ? 0 : 2;
}

int regime_command(int argc, char **argv)
{
	bool json = argc == 4 && str_eq(str_from(argv[2]), S("--json"));
	if (argc > 1 && str_eq(str_from(argv[1]), S("adopt")))
		return regime_adopt_command(argc, argv);
	if (argc > 1 && str_eq(str_from(argv[1]), S("list")))
		return regime_list_command(argc, argv);
	if (argc > 1 && str_eq(str_from(argv[argc - 1]), S("--help")))
		return usage(stdout);
	if ((argc != 3 && !json) || !str_eq(str_from(argv[1]), S("check")))
		return usage(stderr);
	return check(argv[argc - 1], json);
}
