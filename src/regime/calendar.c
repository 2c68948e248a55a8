#include "regime/eval.h"

static const struct regime_calendar *calendar_find(const struct regime *r, str id)
{
	for (ptrdiff_t i = 0; i < r->calendars_count; i++)
		if (str_eq(r->calendars[i].id, id))
			return &r->calendars[i];
	return NULL;
}

static bool is_holiday(const struct regime_calendar *c, struct civil day)
{
	for (ptrdiff_t i = 0; i < c->holidays_count; i++) {
		struct civil h = c->holidays[i].date;
		if (h.year == day.year && h.month == day.month && h.day == day.day)
			return true;
	}
	return false;
}

static bool is_working_day(const struct regime_calendar *c, struct civil day)
{
	return !c->weekend[civil_weekday(day.year, day.month, day.day)] && !is_holiday(c, day);
}

static void next_day(struct civil *c)
{
	if (++c->day <= civil_month_days(c->year, c->month))
		return;
	c->day = 1;
	if (++c->month <= 12)
		return;
	c->month = 1;
	c->year++;
}

/* Same wall clock, `months` later; the last day of the month if that month is too short. */
static void add_months(struct civil *c, int64_t months)
{
	int64_t from_zero = (int64_t)c->year * 12 + (c->month - 1) + months;
	c->year = (int)(from_zero / 12);
	c->month = (int)(from_zero % 12) + 1;
	c->day = MIN(c->day, civil_month_days(c->year, c->month));
}

static void add_business_days(const struct regime_calendar *calendar, struct civil *c, int64_t days)
{
	while (days > 0 && c->year < 9999) {
		next_day(c);
		days -= is_working_day(calendar, *c);
	}
}

static const struct instant last = { INT64_C(253402300799999999) };     /* 9999-12-31T23:59:59.999999Z */
static const struct instant first = { INT64_C(-62135596800000000) };    /* 0001-01-01T00:00:00Z */

bool regime_add(const struct regime *r, struct instant from, const struct regime_span *span,
                struct instant *out_due, struct err *err)
{
	int64_t elapsed = MINUTES(span->minutes) + HOURS(span->hours);
	if (from.us < first.us + DAYS(1) || from.us > last.us - DAYS(366))
		return err_set(err, ERR_INPUT, "a moment in the year 1 or 9999 is no fact about an incident");
	if (elapsed > 0) {
		if (elapsed > last.us - from.us)
			return err_set(err, ERR_INPUT, "this deadline lies beyond the year 9999");
		*out_due = instant_add(from, elapsed);
		return true;
	}
	struct civil c = instant_civil(from, (int)r->offset_minutes);
	if (c.year + span->months / 12 + span->days / 365 + span->business_days / 100 >= 9990)
		return err_set(err, ERR_INPUT, "this deadline lies beyond the year 9999");
	str calendar_id = span->calendar.len ? span->calendar : r->calendar;
	const struct regime_calendar *calendar = calendar_find(r, calendar_id);
	ASSERT(calendar != NULL);               /* regime.h, I2 */
	add_months(&c, span->months);
	add_business_days(calendar, &c, span->business_days);
	for (int64_t i = 0; i < span->days; i++)
		next_day(&c);
	if (span->end_of_day) {
		c.hour = 23;
		c.minute = c.second = 59;
		c.micro = 999999;
	}
	*out_due = instant_from_civil(c, (int)r->offset_minutes);
	return true;
}
