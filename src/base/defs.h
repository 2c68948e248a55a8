/* defs.h - compiler attributes and the few macros everybody uses.  Includes nothing of ours. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK      __attribute__((warn_unused_result))
#define PRINTF(f, a)    __attribute__((format(printf, f, a)))
#define CLEANUP(fn)     __attribute__((cleanup(fn)))
#define UNUSED          __attribute__((unused))
#define COUNTOF(a)      ((ptrdiff_t)(sizeof(a) / sizeof(*(a))))
#define MIN(a, b)       ((a) < (b) ? (a) : (b))
#define MAX(a, b)       ((a) > (b) ? (a) : (b))

/* For our own bugs only, always compiled in.  Bytes from outside must never reach one that fails. */
#define ASSERT(c)       do { if (!(c)) assert_failed(__FILE__, __LINE__, #c); } while (0)

__attribute__((noreturn, cold)) void assert_failed(const char *file, int line, const char *what);
