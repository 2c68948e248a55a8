/* instant.h - a point in time: microseconds since 1970-01-01T00:00:00Z, leap seconds ignored (POSIX).
 *
 * The only written form is RFC 3339 in UTC.  Reading accepts any offset; writing says Z.
 * Years 0001 to 9999; anything else is refused, so that formatting always fits.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"

struct instant { int64_t us; };

#define SECONDS(n)      ((int64_t)(n) * 1000000)
#define MINUTES(n)      SECONDS((int64_t)(n) * 60)
#define HOURS(n)        MINUTES((int64_t)(n) * 60)
#define DAYS(n)         HOURS((int64_t)(n) * 24)

struct civil { int year, month, day, hour, minute, second, micro; };    /* month and day from 1 */

static inline struct instant instant_add(struct instant t, int64_t us)
{
	return (struct instant){ t.us + us };
}

static inline bool instant_before(struct instant a, struct instant b)
{
	return a.us < b.us;
}

struct civil   instant_civil(struct instant t, int offset_minutes);     /* wall clock at that offset */
struct instant instant_from_civil(struct civil c, int offset_minutes);  /* fields must be in range */
int            civil_month_days(int year, int month);
int            civil_weekday(int year, int month, int day);             /* 0 = Monday */

MUST_CHECK bool instant_parse(str text, struct instant *out_t, struct err *err);
enum { INSTANT_TEXT = 27 };
/* 2026-11-24T01:48:10.000000Z; no NUL */
str             instant_put(struct instant t, char out_text[static INSTANT_TEXT]);
str             instant_format(struct arena *a, struct instant t);      /* the same in an arena */
str             instant_format_seconds(struct arena *a, struct instant t);      /* 2026-11-24T01:48:10Z */
