/* regime_file.h - finding and loading a regime file by name or path. */
#pragma once
#include "regime/regime.h"

/* `name` is a path, or the name of a shipped regime such as pakistan-2023.  Problems go to stderr. */
MUST_CHECK bool regime_file_load(struct arena *a, const char *name, const struct regime **out, str *out_text,
				 struct err *err);
