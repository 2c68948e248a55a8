#include "base/instant.h"
#include "watch/log.h"

/* What is read from left to right; each step says whether it fitted. */
struct scan { const char *at, *end; };

static bool digits(struct scan *s, int least, int most, int64_t *out)
{
	int64_t n = 0;
	int count = 0;
	while (s->at < s->end && count < most && *s->at >= '0' && *s->at <= '9') {
		if (n > (INT64_MAX - 9) / 10)
			return false;
		n = 10 * n + (*s->at++ - '0');
		count++;
	}
	*out = n;
	return count >= least;
}

static bool one_of(struct scan *s, const char *set)
{
	if (s->at == s->end || *s->at == '\0' || strchr(set, *s->at) == NULL)
		return false;
	s->at++;
	return true;
}

static void blanks(struct scan *s)
{
	while (s->at < s->end && *s->at == ' ')
		s->at++;
}

static bool month_name(struct scan *s, int64_t *out)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	if (s->end - s->at < 3)
		return false;
	for (int i = 0; i < 12; i++)
		if (str_eq_nocase((str){ s->at, 3 }, (str){ names + 3 * (ptrdiff_t)i, 3 })) {
			*out = i + 1;
			s->at += 3;
			return true;
		}
	return false;
}

/* Wed, or Wednesday, with a comma or without. */
static void weekday(struct scan *s)
{
	static const char names[] = "montuewedthufrisatsun";
	for (int i = 0; s->end - s->at > 4 && i < 7; i++)
		if (str_eq_nocase((str){ s->at, 3 }, (str){ names + 3 * (ptrdiff_t)i, 3 })) {
			while (s->at < s->end && *s->at != ' ' && *s->at != ',')
				s->at++;
			(void)one_of(s, ",");
			blanks(s);
			return;
		}
}

struct when { int64_t year, month, day, hour, minute, second, us, offset_min; };

/* .5 and ,5; more than six places are cut off */
static void fraction(struct scan *s, int64_t *out_us)
{
	int64_t n = 0, unit = 100000;
	*out_us = 0;
	if (!one_of(s, ".,"))
		return;
	for (; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++, unit /= 10)
		n += unit * (*s->at - '0');
	*out_us = n;
}

static bool clock_time(struct scan *s, struct when *w)
{
	bool half;
	if (!digits(s, 1, 2, &w->hour) || !one_of(s, ":") || !digits(s, 2, 2, &w->minute))
		return false;
	if (one_of(s, ":")) {
		if (!digits(s, 2, 2, &w->second))
			return false;
		fraction(s, &w->us);
	}
	struct scan ahead = *s;
	blanks(&ahead);
	half = ahead.end - ahead.at >= 2 && (ahead.at[1] | 0x20) == 'm'
	       && ((ahead.at[0] | 0x20) == 'a' || (ahead.at[0] | 0x20) == 'p');
	if (half) {
		if (w->hour < 1 || w->hour > 12)
			return false;
		w->hour = w->hour % 12 + ((ahead.at[0] | 0x20) == 'p' ? 12 : 0);
		s->at = ahead.at + 2;
	}
	return true;
}

/* Z, UTC, GMT, +02:00, -0700, +02; without one it is UTC */
static bool zone(struct scan *s, struct when *w)
{
	int64_t hours, minutes = 0;
	bool west;
	blanks(s);
	if (s->at == s->end || one_of(s, "Zz"))
		return true;
	if (str_starts_nocase((str){ s->at, s->end - s->at }, S("UTC"))
	    || str_starts_nocase((str){ s->at, s->end - s->at }, S("GMT"))) {
		s->at += 3;
		return true;
	}
	west = *s->at == '-';
	if (!one_of(s, "+-"))
		return true;
	if (!digits(s, 2, 2, &hours) || hours > 18)
		return false;
	(void)one_of(s, ":");
	if (s->at < s->end && (!digits(s, 2, 2, &minutes) || minutes > 59))
		return false;
	w->offset_min = (west ? -1 : 1) * (60 * hours + minutes);
	return true;
}

static bool to_us(const struct when *w, int64_t *out_us)
{
	struct civil day = { .hour = (int)w->hour, .minute = (int)w->minute };
	if (w->year < 1600 || w->year > 9998 || w->month < 1 || w->month > 12 || w->day < 1
	    || w->day > civil_month_days((int)w->year, (int)w->month) || w->hour > 23 || w->minute > 59
	    || w->second > 60)
		return false;
	day.year = (int)w->year;
	day.month = (int)w->month;
	day.day = (int)w->day;
	*out_us = instant_from_civil(day, 0).us + SECONDS(w->second) - MINUTES(w->offset_min) + w->us;
	return true;
}

/* 2020-09-20T17:38:55.1Z, 2020/09/20 17:38:55, 20200920T173855 is none; a date alone is its midnight */
static bool iso(struct scan s, int64_t *out_us)
{
	struct when w = { 0 };
	if (!digits(&s, 4, 4, &w.year) || !one_of(&s, "-/") || !digits(&s, 1, 2, &w.month)
	    || !one_of(&s, "-/") || !digits(&s, 1, 2, &w.day))
		return false;
	if (s.at < s.end && (!one_of(&s, "Tt _") || !clock_time(&s, &w) || !zone(&s, &w)))
		return false;
	return to_us(&w, out_us);
}

/* Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size. */
static bool epoch(struct scan s, int64_t *out_us)
{
	int64_t n, us = 0;
	const char *from = s.at;
	if (!digits(&s, 9, 19, &n) || (s.at < s.end && *s.at != '.' && *s.at != ',' && *s.at != ')'))
		return false;
	switch (s.at - from) {
	case 9: case 10: case 11:
		fraction(&s, &us);
		*out_us = n * 1000000 + us;
		return s.at == s.end || *s.at == ')';
	case 12: case 13: case 14:
		*out_us = n * 1000;
		return true;
	case 15: case 16: case 17:
		*out_us = n;
		return true;
	default:
		*out_us = n / 1000;
		return true;
	}
}

/* Syslog's has no year: the one that puts it nearest, with no more than two days ahead of now. */
static bool no_year(struct when w, int64_t now_us, int64_t *out_us)
{
	w.year = 1970 + now_us / DAYS(365);
	for (int tries = 0; tries < 10; tries++, w.year--)
		if (to_us(&w, out_us) && *out_us <= now_us + DAYS(2))
			return true;
	return false;
}

/* Sep 20 17:38:55, Sep 20 2020 17:38:55, Sep 20 17:38:55 2020, Sep 20 17:38:55.123 UTC */
static bool named_month(struct scan s, int64_t now_us, int64_t *out_us)
{
	struct when w = { 0 };
	struct scan ahead;
	if (!month_name(&s, &w.month))
		return false;
	blanks(&s);
	if (!digits(&s, 1, 2, &w.day) || !one_of(&s, " ,"))
		return false;
	blanks(&s);
	ahead = s;
	if (digits(&ahead, 4, 4, &w.year) && one_of(&ahead, " :"))
		s = ahead;
	else
		w.year = 0;
	if (!clock_time(&s, &w))
		return false;
	blanks(&s);
	ahead = s;
	if (w.year == 0 && digits(&ahead, 4, 4, &w.year))
		s = ahead;
	if (!zone(&s, &w))
		return false;
	return w.year > 0 ? to_us(&w, out_us) : no_year(w, now_us, out_us);
}

/* CLF's 10/Oct/2000:13:55:36 -0700, mail's 20 Sep 2020 17:38:55 +0000 */
static bool day_first(struct scan s, int64_t *out_us)
{
	struct when w = { 0 };
	return digits(&s, 1, 2, &w.day) && one_of(&s, "/ -") && month_name(&s, &w.month)
	       && one_of(&s, "/ -") && digits(&s, 4, 4, &w.year) && one_of(&s, ": ") && clock_time(&s, &w)
	       && zone(&s, &w) && to_us(&w, out_us);
}

/* What Windows writes for people: 9/20/2020 5:38:55 PM, month first */
static bool month_first(struct scan s, int64_t *out_us)
{
	struct when w = { 0 };
	return digits(&s, 1, 2, &w.month) && one_of(&s, "/") && digits(&s, 1, 2, &w.day) && one_of(&s, "/")
	       && digits(&s, 4, 4, &w.year) && one_of(&s, " ,") && (blanks(&s), clock_time(&s, &w))
	       && zone(&s, &w) && to_us(&w, out_us);
}

bool log_time(str text, int64_t now_us, int64_t *out_us)
{
	str t = str_trim(text);
	if (str_starts(t, S("[")) && str_ends(t, S("]")))
		t = str_sub(t, 1, t.len - 1);
	if (str_starts(t, S("/Date(")))         /* PowerShell's JSON */
		t = str_sub(t, 6, t.len);
	if (t.len == 0 || t.len > 64)
		return false;
	struct scan s = { t.ptr, t.ptr + t.len };
	weekday(&s);
	return iso(s, out_us) || epoch(s, out_us) || named_month(s, now_us, out_us) || day_first(s, out_us)
	       || month_first(s, out_us);
}
