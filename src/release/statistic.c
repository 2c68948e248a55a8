#include "release/statistic.h"

#include "format/json.h"
#include "release/release_priv.h"

struct scope_statistic {
	struct instant until;
};

struct hidden {
	ptrdiff_t count;
	int64_t sum;
	bool only_small; /* all of them are below the least */
};

static struct hidden look(const int64_t *counts, ptrdiff_t count, const bool *shown)
{
	struct hidden h = { .only_small = true };
	for (ptrdiff_t i = 0; i < count; i++) {
		if (shown[i])
			continue;
		h.count++;
		h.sum += counts[i];
		h.only_small = h.only_small && counts[i] < STATISTIC_LEAST;
	}
	return h;
}

/* Two at least; not so little together that they must all be nothing, nor, each being small, so much that
 * they must all be the most that is small. */
static bool ambiguous(struct hidden h)
{
	return h.count >= 2 && h.sum >= STATISTIC_LEAST &&
	       !(h.only_small && h.sum >= h.count * (STATISTIC_LEAST - 1) - 1);
}

static int64_t smallest_shown(const int64_t *counts, ptrdiff_t count, const bool *shown)
{
	int64_t least = -1;
	for (ptrdiff_t i = 0; i < count; i++)
		if (shown[i] && (least < 0 || counts[i] < least))
			least = counts[i];
	return least;
}

void statistic_hide(const int64_t *counts, ptrdiff_t count, bool *out_shown)
{
	for (ptrdiff_t i = 0; i < count; i++)
		out_shown[i] = counts[i] >= STATISTIC_LEAST;
	for (;;) {
		struct hidden h = look(counts, count, out_shown);
		int64_t next = smallest_shown(counts, count, out_shown);
		if (h.count == 0 || next < 0 || ambiguous(h))
			return;
		/* All of that size: which of them was taken would tell that the others are no smaller. */
		for (ptrdiff_t i = 0; i < count; i++)
			out_shown[i] = out_shown[i] && counts[i] != next;
	}
}

static void append_count(struct json *list, int64_t count, bool shown)
{
	if (shown)
		json_append_int(list, count);
	else
		json_append(list, NULL);
}

static struct json *names(struct arena *a, const struct statistic_name *n, ptrdiff_t count)
{
	struct json *list = json_array(a);
	for (ptrdiff_t i = 0; i < count; i++) {
		struct json *j = json_object(a);
		json_set_str(j, "id", n[i].id);
		json_set_str(j, "title", n[i].title);
		json_append(list, j);
	}
	return list;
}

static struct json *table_json(struct arena *a, const struct statistic_table *t)
{
	bool shown[STATISTIC_CELLS_MOST];
	ptrdiff_t cells = t->row_count * t->column_count;
	struct json *j = json_object(a), *rows = json_array(a);
	int64_t total = 0;
	ASSERT(cells <= STATISTIC_CELLS_MOST && (!t->total || t->column_count == 1));
	for (ptrdiff_t i = 0; i < cells; i++) {
		total += t->counts[i];
		shown[i] = t->counts[i] >= STATISTIC_LEAST; /* I3 */
	}
	if (t->total)
		statistic_hide(t->counts, cells, shown); /* I2 */
	for (ptrdiff_t r = 0; r < t->row_count; r++) {
		struct json *row = json_array(a);
		for (ptrdiff_t c = 0; c < t->column_count; c++)
			append_count(row, t->counts[r * t->column_count + c], shown[r * t->column_count + c]);
		json_append(rows, row);
	}
	json_set(j, "rows", names(a, t->rows, t->row_count));
	json_set(j, "columns", names(a, t->columns, t->column_count));
	json_set(j, "counts", rows);
	json_set(j, "total", NULL);
	if (t->total && total >= STATISTIC_LEAST)
		json_set_int(j, "total", total);
	return j;
}

bool release_statistic(struct arena *a, const struct statistic *s, const struct audience *to,
		       const struct released **out, struct err *err)
{
	struct json *j = json_object(a), *tables = json_object(a), *medians = json_object(a);
	if (!identity_must(to->kind == AUDIENCE_STATISTIC ? to->person : NULL, MAY_OVERSEE, err))
		return false;
	for (ptrdiff_t i = 0; i < s->table_count; i++)
		json_set(tables, s->tables[i].name, table_json(a, &s->tables[i]));
	for (ptrdiff_t i = 0; i < s->median_count; i++) {
		const struct statistic_median *m = &s->medians[i];
		json_set(medians, m->name, NULL);
		if (m->count >= STATISTIC_LEAST) /* I4 */
			json_set_int(medians, m->name, m->median_s);
	}
	json_set_instant(j, "since", s->since);
	json_set_instant(j, "until", s->until);
	json_set_int(j, "least", STATISTIC_LEAST);
	json_set(j, "tables", tables);
	json_set(j, "medians_s", medians);
	*out = released_new(a, j);
	return true;
}

bool release_scope_statistic(struct arena *a, const struct identity *who, struct instant now,
			     const struct scope_statistic **out, struct err *err)
{
	if (!identity_must(who, MAY_OVERSEE, err))
		return false;
	struct scope_statistic *s = NEW(a, struct scope_statistic, 1);
	s->until.us = now.us - now.us % DAYS(1); /* I5 */
	*out = s;
	return true;
}

struct instant scope_statistic_until(const struct scope_statistic *s)
{
	return s->until;
}
