/* err.h - the one error convention.
 *
 * A function that can fail returns bool, takes `struct err *err` last and is MUST_CHECK.
 * When it returns false *err is set and every out_ parameter is as it was.
 * Codes are for programs, text is for people: what was wrong, where, what to do about it.
 * http/reply.c alone turns codes into HTTP status; ERR_SYSTEM text never leaves the machine.
 */
#pragma once
#include "base/str.h"

enum err_code {
	ERR_NONE,
	ERR_INPUT,      /* what the peer sent cannot be used             -> 400 */
	ERR_SIGN_IN,    /* nobody we know                                -> 401 */
	ERR_DENIED,     /* somebody we know, who may not                 -> 403 */
	ERR_MISSING,    /* no such record, or none that you may see      -> 404 */
	ERR_CONFLICT,   /* it changed meanwhile, or is not in that state -> 409 */
	ERR_STALE,      /* it is not the version that the caller has    -> 412 */
	ERR_LIMIT,      /* over a limit: of size -> 413, of rate          -> 429 */
	ERR_RETRY,      /* passing trouble: the same again may work      -> 503 */
	ERR_UNSURE,     /* a commit whose fate is unknown: look first    -> 503 */
	ERR_FULL,       /* no room to store it: nothing of it was kept   -> 507 */
	ERR_DISK,       /* the store could not be read or written: fatal -> 503 */
	ERR_SYSTEM,     /* our fault or the machine's                    -> 500 */
};

struct err {
	enum err_code code;
	const char   *file;
	int           line;
	char          text[400];
};

#define err_set(e, c, ...)      err_set_at((e), (c), __FILE__, __LINE__, __VA_ARGS__)

/* Both always return false, so that `return err_set(...)` is one line. */
bool err_set_at(struct err *err, enum err_code code, const char *file, int line,
                const char *fmt, ...) PRINTF(5, 6);
bool err_wrap(struct err *err, const char *fmt, ...) PRINTF(2, 3);      /* "what: old text" */
