#include "match/moment.h"
#include "base/instant.h"

static bool digits(str text, ptrdiff_t at, ptrdiff_t count, int *out)
{
	int v = 0;
	if (at + count > text.len)
		return false;
	for (ptrdiff_t i = at; i < at + count; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
		v = 10 * v + text.ptr[i] - '0';
	}
	*out = v;
	return true;
}

static bool from_epoch(str text, struct civil *out)
{
	int64_t n;
	if ((text.len != 10 && text.len != 13 && text.len != 16) || !str_to_int(text, 0, INT64_MAX, &n))
		return false;
	for (ptrdiff_t i = text.len; i < 16; i++)
		n *= 10;
	*out = instant_civil((struct instant){ n }, 0);
	return true;
}

static bool from_text(str t, struct civil *c, bool *out_has_time)
{
	int second;
	*out_has_time = false;
	if (!digits(t, 0, 4, &c->year) || !digits(t, 5, 2, &c->month) || !digits(t, 8, 2, &c->day) ||
	    t.ptr[4] != '-' || t.ptr[7] != '-' || c->month < 1 || c->month > 12 || c->year < 1 ||
	    c->day < 1 || c->day > civil_month_days(c->year, c->month))
		return false;
	if (t.len == 10)
		return true;
	*out_has_time = (t.ptr[10] == 'T' || t.ptr[10] == 't' || t.ptr[10] == ' ') &&
			digits(t, 11, 2, &c->hour) && digits(t, 14, 2, &c->minute) && t.ptr[13] == ':' &&
			c->hour < 24 && c->minute < 60 &&
			(t.len == 16 || (t.ptr[16] == ':' && digits(t, 17, 2, &second) && second <= 60));
	return *out_has_time;
}

static int day_of_year(int year, int month, int day)
{
	for (int m = 1; m < month; m++)
		day += civil_month_days(year, m);
	return day;
}

/* The week of the year that the week's Thursday is in. */
static int iso_week(struct civil c)
{
	int thursday = day_of_year(c.year, c.month, c.day) - civil_weekday(c.year, c.month, c.day) + 3;
	int days = day_of_year(c.year, 12, 31);
	if (thursday < 1)
		thursday += day_of_year(c.year > 1 ? c.year - 1 : 1, 12, 31);
	else if (thursday > days)
		thursday -= days;
	return (thursday - 1) / 7 + 1;
}

bool moment_part(str text, enum predicate_part part, int *out_n)
{
	struct civil c = { 0 };
	bool has_time = true;
	text = str_trim(text);
	if (!from_epoch(text, &c) && !from_text(text, &c, &has_time))
		return false;
	switch (part) {
	case PART_MINUTE:
		*out_n = c.minute;
		return has_time;
	case PART_HOUR:
		*out_n = c.hour;
		return has_time;
	case PART_DAY:
		*out_n = c.day;
		return true;
	case PART_WEEK:
		*out_n = iso_week(c);
		return true;
	case PART_MONTH:
		*out_n = c.month;
		return true;
	case PART_YEAR:
		*out_n = c.year;
		return true;
	case PART_NONE:
		break;
	}
	return false;
}
