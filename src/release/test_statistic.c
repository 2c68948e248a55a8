/* What shows of a list with a total, for somebody who knows the code and thinks: all lists of up to four
 * cells and all numbers up to a limit are made, and those that look the same are put together.  In each
 * such group every hidden cell must have had at least two numbers.  A way of hiding that is too simple is
 * found. */
#include "release/statistic.h"

#include <stdio.h>
#include <stdlib.h>
#include "format/json.h"

enum { CELLS = 4, LIMIT = 14, BASE = LIMIT + 1, LOOKS = 1 << 22 };

typedef void hide_fn(const int64_t *counts, ptrdiff_t count, bool *out_shown);

/* A look: total, which cells show, and what they show.  As a number below LOOKS, for a table. */
struct seen {
	bool used;
	int64_t look;
	int first[CELLS];
	bool other[CELLS];
};

static int64_t look_of(const int64_t *counts, ptrdiff_t n, const bool *shown)
{
	int64_t total = 0, look = 0;
	for (ptrdiff_t i = 0; i < n; i++) {
		total += counts[i];
		look = look * (BASE + 1) + (shown[i] ? counts[i] + 1 : 0);
	}
	return look * (CELLS * BASE) + total;
}

static struct seen *place(struct seen *table, int64_t look)
{
	uint64_t at = (uint64_t)look * 0x9e3779b97f4a7c15u >> 42;
	while (table[at % LOOKS].used && table[at % LOOKS].look != look)
		at++;
	return &table[at % LOOKS];
}

static void put(struct seen *s, int64_t look, const int64_t *counts, ptrdiff_t n)
{
	for (ptrdiff_t i = 0; i < n; i++) {
		if (s->used)
			s->other[i] = s->other[i] || s->first[i] != counts[i];
		else
			s->first[i] = (int)counts[i];
	}
	s->used = true;
	s->look = look;
}

/* How many looks give a hidden cell away.  A list whose total is below the least shows nothing at all. */
static int given_away(hide_fn *hide, ptrdiff_t n)
{
	struct seen *table = calloc(LOOKS, sizeof(*table)); /* heap: too large for a stack */
	int64_t all = 1;
	int bad = 0;
	ASSERT(table != NULL);
	for (ptrdiff_t i = 0; i < n; i++)
		all *= BASE;
	for (int64_t k = 0; k < all; k++) {
		int64_t counts[CELLS], total = 0, rest = k;
		bool shown[CELLS];
		for (ptrdiff_t i = 0; i < n; i++, rest /= BASE)
			total += counts[i] = rest % BASE;
		hide(counts, n, shown);
		int64_t look = look_of(counts, n, shown);
		if (total >= STATISTIC_LEAST)
			put(place(table, look), look, counts, n);
		for (ptrdiff_t i = 0; i < n; i++)
			ASSERT(!shown[i] || counts[i] >= STATISTIC_LEAST || hide != statistic_hide);
	}
	for (int64_t at = 0; at < LOOKS; at++) {
		int64_t look = table[at].look / (CELLS * BASE);
		bool found = false;
		for (ptrdiff_t i = n - 1; table[at].used && i >= 0; i--, look /= BASE + 1)
			found = found || (look % (BASE + 1) == 0 && !table[at].other[i]);
		bad += found;
	}
	free(table);
	return bad;
}

static void hide_small(const int64_t *counts, ptrdiff_t count, bool *out_shown)
{
	for (ptrdiff_t i = 0; i < count; i++)
		out_shown[i] = counts[i] >= STATISTIC_LEAST;
}

static void hide_two(const int64_t *counts, ptrdiff_t count, bool *out_shown)
{
	ptrdiff_t hidden = 0, least = -1;
	hide_small(counts, count, out_shown);
	for (ptrdiff_t i = 0; i < count; i++) {
		hidden += !out_shown[i];
		if (out_shown[i] && (least < 0 || counts[i] < counts[least]))
			least = i;
	}
	if (hidden == 1 && least >= 0)
		out_shown[least] = false;
}

static int who_sees(void)
{
	const int64_t counts[] = { 12, 3, 9, 0 };
	static const struct statistic_name rows[] = {
		{ { "a", 1 }, { "A", 1 } }, { { "b", 1 }, { "B", 1 } }, { { "c", 1 }, { "C", 1 } }, { { "d",
			1 }, { "D", 1 } }
	};
	struct statistic_table t = { "list", rows, rows, 4, 1, counts, true };
	struct statistic_median m[] = { { "few", 4, 60 }, { "many", 5, 60 } };
	struct statistic s = { .tables = &t, .table_count = 1, .medians = m, .median_count = 2 };
	struct identity council = { .team = S("council"), .roles = ROLE_COUNCIL, .scopes = ~0u };
	struct identity handler = { .team = S("ncert"), .roles = ROLE_HANDLER | ROLE_LEAD, .scopes = ~0u };
	struct audience to = { .kind = AUDIENCE_STATISTIC, .person = &council };
	const struct released *out = NULL;
	const struct scope_statistic *scope;
	struct err err = { 0 };
	struct arena a;
	int wrong = 0;
	arena_init(&a, 1 << 20, 1 << 22);
	wrong += !release_statistic(&a, &s, &to, &out, &err);
	str text = wrong ? S("") : released_json(&a, out);
	wrong += str_find(text, S("[[12],[null],[null],[null]]")) < 0 || str_find(text,
		S("\"total\":24")) < 0;
	wrong += str_find(text, S("\"few\":null")) < 0 || str_find(text, S("\"many\":60")) < 0;
	to.person = &handler;
	wrong += release_statistic(&a, &s, &to, &out, &err) || err.code != ERR_DENIED;
	wrong += release_scope_statistic(&a, &handler, (struct instant){ DAYS(3) + 5 }, &scope, &err);
	to = (struct audience){ .kind = AUDIENCE_PERSON, .person = &council };
	wrong += release_statistic(&a, &s, &to, &out, &err);
	wrong += !release_scope_statistic(&a, &council, (struct instant){ DAYS(3) + 5 }, &scope, &err) ||
		 scope_statistic_until(scope).us != DAYS(3);
	arena_done(&a);
	return wrong;
}

int main(void)
{
	int failed = who_sees();
	printf("who sees, and what: %d wrong\n", failed);
	for (ptrdiff_t n = 1; n <= CELLS; n++) {
		int bad = given_away(statistic_hide, n);
		printf("%td cells: %d looks give a hidden cell away\n", n, bad);
		failed += bad != 0;
	}
	struct {
		const char *name;
		hide_fn *hide;
	} planted[] = { { "the small ones only", hide_small }, { "a second one, whatever it is", hide_two } };
	for (ptrdiff_t i = 0; i < COUNTOF(planted); i++) {
		int bad = given_away(planted[i].hide, 3);
		printf("planted leak '%s': %s (%d)\n", planted[i].name, bad ? "found" : "NOT FOUND", bad);
		failed += bad == 0;
	}
	return failed ? 1 : 0;
}
