#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

bool err_set_at(struct err *err, enum err_code code, const char *file, int line,
                const char *fmt, ...)
{
	ASSERT(code != ERR_NONE);
	char text[sizeof(err->text)];   /* arguments may point into *err */
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	*err = (struct err){ .code = code, .file = file, .line = line };
	memcpy(err->text, text, sizeof(text));
	return false;
}

/* Cut at the buffer's end: an error report may lose its tail, never fail. */
bool err_wrap(struct err *err, const char *fmt, ...)
{
	ASSERT(err->code != ERR_NONE);
	char what[160];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);

	size_t n = strlen(what);
	memmove(err->text + n + 2, err->text, sizeof(err->text) - n - 2);
	memcpy(err->text, what, n);
	memcpy(err->text + n, ": ", 2);
	err->text[sizeof(err->text) - 1] = '\0';
	return false;
}
