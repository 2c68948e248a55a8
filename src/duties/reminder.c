#include "duties/reminder.h"

#include "base/defs.h"

/* What holds where a regime is silent: ASSUMED, no source asks for it.  Change it here and in
 * docs/operator.md. */
static const struct before {
	int percent;           /* of the time that is left, or */
	int64_t left, least;   /* so long before, of clocks that run at least so long */
} before[] = {
	{ 50, 0, 0 },
	{ 25, 0, 0 },
	{ 0, HOURS(1), HOURS(8) },
};
static const struct after {
	int64_t behind;
	bool leads;
} after_clock[] = {
	{ HOURS(1), false },
	{ HOURS(2), true },
}, after_request[] = {
	{ DAYS(1), false },
	{ DAYS(3), true },
};

static struct instant grid_before(struct instant t)
{
	return (struct instant){ t.us - t.us % REMINDER_GAP };
}

static struct instant grid_behind(struct instant t)
{
	return grid_before(instant_add(t, REMINDER_GAP - 1));
}

/* Kept in order; what stands too near to another or to the ends is dropped (I1). */
static void add_before(const struct reminder_of *c, struct instant at, struct reminder_step *out, int *count)
{
	int i = *count;
	if (at.us > c->due.us - REMINDER_GAP || *count == REMINDER_STEPS_MAX - 8)
		return;
	at = grid_before(at);
	if (at.us < c->start.us + REMINDER_GAP)
		return;
	for (int k = 0; k < *count; k++)
		if (at.us < out[k].at.us + REMINDER_GAP && out[k].at.us < at.us + REMINDER_GAP)
			return;
	for (; i > 0 && at.us < out[i - 1].at.us; i--)
		out[i] = out[i - 1];
	out[i] = (struct reminder_step){ .at = at };
	(*count)++;
}

static int all_before(const struct reminder_of *c, struct reminder_step *out)
{
	int64_t span = c->start.us ? c->due.us - c->start.us : 0;
	int count = 0;
	if (c->request)
		return 0;
	for (ptrdiff_t i = 0; i < c->minutes_count; i++)
		add_before(c, instant_add(c->due, -MINUTES(c->minutes[i])), out, &count);
	if (c->minutes_count)
		return count;
	for (ptrdiff_t i = 0; i < COUNTOF(before); i++)
		if (span >= before[i].least)
			add_before(c,
				   instant_add(c->due, before[i].percent ? -(span / 100 * before[i].percent)
									 : -before[i].left),
				   out, &count);
	return count;
}

int reminder_steps(const struct reminder_of *c, struct reminder_step out[static REMINDER_STEPS_MAX])
{
	const struct after *after = c->request ? after_request : after_clock;
	if (c->due.us == 0)
		return 0;
	int count = all_before(c, out);
	struct instant behind = grid_behind(c->due);
	if (behind.us == c->due.us)
		behind = instant_add(behind, REMINDER_GAP);
	out[count++] = (struct reminder_step){ .at = c->due, .at_due = true };
	out[count++] = (struct reminder_step){ .at = behind, .unowned = true };
	for (ptrdiff_t i = 0; i < COUNTOF(after_clock); i++)
		out[count++] =
			(struct reminder_step){ .at = grid_behind(instant_add(c->due, after[i].behind)),
						.leads = after[i].leads };
	return count;
}

struct instant reminder_next(const struct reminder_of *c, struct instant after, bool owned)
{
	struct reminder_step steps[REMINDER_STEPS_MAX];
	int count = reminder_steps(c, steps);
	for (int i = 0; i < count; i++)
		if (instant_before(after, steps[i].at) && !(owned && steps[i].unowned))
			return steps[i].at;
	return (struct instant){ 0 };
}

bool reminder_due(const struct reminder_of *c, struct instant turn, struct instant now,
		  struct reminder_step *out)
{
	struct reminder_step steps[REMINDER_STEPS_MAX];
	int count = reminder_steps(c, steps);
	for (int i = count - 1; i >= 0; i--)
		if (!instant_before(now, steps[i].at) && !instant_before(steps[i].at, turn)) {
			*out = steps[i];
			return true;
		}
	return false;
}
