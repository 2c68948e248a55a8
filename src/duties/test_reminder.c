/* When people are reminded: the table, the regime's own minutes, short clocks, and what was missed. */
#include "duties/reminder.h"

#include <stdio.h>
#include "base/defs.h"

/* 2026-11-24 12:00:00Z is on the grid. */
#define NOON ((struct instant){ SECONDS(1795521600) })

static struct instant at(int64_t minutes)
{
	return instant_add(NOON, MINUTES(minutes));
}

/* Minutes from noon; what is told to the lead is written with 10000 more, the due time with 20000. */
static void check(const char *what, const struct reminder_of *c, const int64_t *want, int count)
{
	struct reminder_step steps[REMINDER_STEPS_MAX];
	int got = reminder_steps(c, steps);
	bool ok = got == count;
	for (int i = 0; ok && i < got; i++) {
		int64_t m = (steps[i].at.us - NOON.us) / MINUTES(1);
		ok = want[i] == m + 10000 * steps[i].leads + 20000 * steps[i].at_due;
	}
	for (int i = 0; !ok && i < got; i++)
		fprintf(stderr, "%s: %lld s\n", what, (long long)((steps[i].at.us - NOON.us) / SECONDS(1)));
	ASSERT(ok);
}

static void test_table(void)
{
	static const int64_t day[] = { 720, 1080, 1380, 21440, 1445, 1500, 11560 };
	static const int64_t quarter[] = { 5, 20015, 20, 75, 10135 };
	static const int64_t tiny[] = { 20008, 10, 70, 10130 };
	static const int64_t asked[] = { 20120, 125, 1560, 14440 };
	struct reminder_of c = { .start = NOON, .due = at(1440) };
	check("a day", &c, day, COUNTOF(day));
	c.due = at(15); /* half, at 7:30, stands at 5; a quarter is too near to the due time */
	check("a quarter of an hour", &c, quarter, COUNTOF(quarter));
	c.due = at(8);
	check("a very short clock", &c, tiny, COUNTOF(tiny));
	c = (struct reminder_of){ .start = NOON, .due = at(120), .request = true };
	check("a request", &c, asked, COUNTOF(asked));
	c = (struct reminder_of){ .start = NOON };
	check("a duty without a number", &c, NULL, 0);
}

static void test_regime(void)
{
	static const int64_t minutes[] = { 30, 120, 28, 100000 };
	static const int64_t want[] = { 240, 330, 20360, 365, 420, 10480 };
	struct reminder_of c = { NOON, at(360), minutes, COUNTOF(minutes), false };
	check("the regime's minutes", &c, want, COUNTOF(want));
	int64_t many[100];
	for (int i = 0; i < 100; i++)
		many[i] = 10 + 10 * i;
	struct reminder_step steps[REMINDER_STEPS_MAX];
	c = (struct reminder_of){ NOON, at(5000), many, COUNTOF(many), false };
	ASSERT(reminder_steps(&c, steps) <= REMINDER_STEPS_MAX);
}

static void test_turns(void)
{
	struct reminder_of c = { .start = NOON, .due = at(1440) };
	struct reminder_step s;
	ASSERT(reminder_next(&c, NOON, false).us == at(720).us);
	ASSERT(reminder_next(&c, at(720), false).us == at(1080).us);
	ASSERT(reminder_next(&c, at(1400), true).us == at(1440).us);
	ASSERT(reminder_next(&c, at(1440), false).us == at(1445).us);
	ASSERT(reminder_next(&c, at(1440), true).us == at(1500).us);
	ASSERT(reminder_next(&c, at(1560), false).us == 0);
	ASSERT(!reminder_due(&c, at(720), at(719), &s));
	ASSERT(reminder_due(&c, at(720), at(721), &s) && s.at.us == at(720).us);
	ASSERT(reminder_due(&c, at(720), at(1443), &s) && s.at_due);
	ASSERT(reminder_due(&c, at(720), at(5000), &s) && s.leads && s.at.us == at(1560).us);
}

int main(void)
{
	test_table();
	test_regime();
	test_turns();
	return 0;
}
