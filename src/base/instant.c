#include "base/instant.h"

/* Days since 1970-01-01 of a proleptic Gregorian date, and back; the year is taken to begin in March
 * so that the leap day is its last. */
static int64_t days_from_civil(int64_t y, int m, int d)
{
	y -= m <= 2;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void civil_from_days(int64_t days, int *out_y, int *out_m, int *out_d)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t doe = days - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	*out_d = (int)(doy - (153 * mp + 2) / 5 + 1);
	*out_m = (int)(mp < 10 ? mp + 3 : mp - 9);
	*out_y = (int)(yoe + era * 400 + (*out_m <= 2));
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

struct civil instant_civil(struct instant t, int offset_minutes)
{
	int64_t us = t.us + MINUTES(offset_minutes);
	int64_t days = floor_div(us, DAYS(1));
	int64_t rest = us - days * DAYS(1);
	struct civil c = { .hour = (int)(rest / HOURS(1)),
			   .minute = (int)(rest / MINUTES(1) % 60),
			   .second = (int)(rest / SECONDS(1) % 60),
			   .micro = (int)(rest % SECONDS(1)) };
	civil_from_days(days, &c.year, &c.month, &c.day);
	return c;
}

struct instant instant_from_civil(struct civil c, int offset_minutes)
{
	int64_t us = DAYS(days_from_civil(c.year, c.month, c.day)) + HOURS(c.hour) + MINUTES(c.minute) +
		     SECONDS(c.second) + c.micro - MINUTES(offset_minutes);
	return (struct instant){ us };
}

int civil_month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	ASSERT(month >= 1 && month <= 12);
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && leap);
}

int civil_weekday(int year, int month, int day)
{
	int64_t days = days_from_civil(year, month, day) + 3; /* 1970-01-01 was a Thursday */
	return (int)(days - floor_div(days, 7) * 7);
}

/* Fixed-width decimal at s[at]; false if a byte is not a digit. */
static bool digits(str s, ptrdiff_t at, ptrdiff_t n, int *out)
{
	int64_t v;
	if (at + n > s.len || !str_to_int(str_sub(s, at, at + n), 0, 9999, &v) || s.ptr[at] == '-')
		return false;
	*out = (int)v;
	return true;
}

static bool parse_offset(str s, int *out_minutes)
{
	int h, m;
	if (s.len == 1 && (s.ptr[0] == 'Z' || s.ptr[0] == 'z')) {
		*out_minutes = 0;
		return true;
	}
	if (s.len != 6 || (s.ptr[0] != '+' && s.ptr[0] != '-') || s.ptr[3] != ':' || !digits(s, 1, 2, &h) ||
	    !digits(s, 4, 2, &m) || h > 23 || m > 59)
		return false;
	*out_minutes = (s.ptr[0] == '-' ? -1 : 1) * (h * 60 + m);
	return true;
}

/* RFC 3339 section 5.6, date-time; more than six fraction digits are cut. */
static bool parse_rfc3339(str s, struct civil *c, int *offset)
{
	if (s.len < 20 || s.len > 40 || s.ptr[4] != '-' || s.ptr[7] != '-' ||
	    (s.ptr[10] != 'T' && s.ptr[10] != 't' && s.ptr[10] != ' ') || s.ptr[13] != ':' ||
	    s.ptr[16] != ':')
		return false;
	if (!digits(s, 0, 4, &c->year) || !digits(s, 5, 2, &c->month) || !digits(s, 8, 2, &c->day) ||
	    !digits(s, 11, 2, &c->hour) || !digits(s, 14, 2, &c->minute) || !digits(s, 17, 2, &c->second))
		return false;
	if (c->year < 1 || c->month < 1 || c->month > 12 || c->day < 1 ||
	    c->day > civil_month_days(c->year, c->month) || c->hour > 23 || c->minute > 59 || c->second > 60)
		return false;
	ptrdiff_t at = 19;
	if (s.ptr[at] == '.') {
		int scale = 100000;
		ptrdiff_t first = ++at;
		for (; at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9'; at++, scale /= 10)
			c->micro += (s.ptr[at] - '0') * scale;
		if (at == first)
			return false;
	}
	return parse_offset(str_sub(s, at, s.len), offset);
}

bool instant_parse(str text, struct instant *out_t, struct err *err)
{
	struct civil c = { 0 };
	int offset = 0;
	if (!parse_rfc3339(text, &c, &offset))
		return err_set(err, ERR_INPUT,
			       "'" STR_FMT "' is not a time: write it as 2026-11-24T09:30:00Z "
			       "or with an offset, 2026-11-24T14:30:00+05:00",
			       STR_ARG(str_sub(text, 0, 60)));
	struct instant t = instant_from_civil(c, offset);
	int year = instant_civil(t, 0).year;
	if (year < 1 || year > 9999)
		return err_set(err, ERR_INPUT, "the time '" STR_FMT "' is outside the years 1 to 9999",
			       STR_ARG(text));
	*out_t = t;
	return true;
}

/* printf would be a fifth of what receiving a report costs. */
static char *put_digits(char *to, int value, int width)
{
	for (int i = width - 1; i >= 0; i--, value /= 10)
		to[i] = (char)('0' + value % 10);
	return to + width;
}

/* "2026-11-24T09:30:00", 19 characters. */
static char *put_civil(char *p, const struct civil *c)
{
	ASSERT(c->year >= 0 && c->year <= 9999);
	p = put_digits(p, c->year, 4);
	*p++ = '-';
	p = put_digits(p, c->month, 2);
	*p++ = '-';
	p = put_digits(p, c->day, 2);
	*p++ = 'T';
	p = put_digits(p, c->hour, 2);
	*p++ = ':';
	p = put_digits(p, c->minute, 2);
	*p++ = ':';
	return put_digits(p, c->second, 2);
}

str instant_put(struct instant t, char out_text[static INSTANT_TEXT])
{
	struct civil c = instant_civil(t, 0);
	char *p = put_civil(out_text, &c);
	*p++ = '.';
	p = put_digits(p, c.micro, 6);
	*p++ = 'Z';
	return (str){ out_text, p - out_text };
}

str instant_format(struct arena *a, struct instant t)
{
	return instant_put(t, NEW(a, char, INSTANT_TEXT + 1));
}

str instant_format_seconds(struct arena *a, struct instant t)
{
	struct civil c = instant_civil(t, 0);
	char *text = NEW(a, char, INSTANT_TEXT + 1), *p = put_civil(text, &c);
	*p++ = 'Z';
	return (str){ text, p - text };
}
