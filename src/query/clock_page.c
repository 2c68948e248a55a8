/* Pages of clocks: several ranges of an index, each in order, read as one list. */
#include <stdlib.h>
#include <string.h>

#include "query/board.h"
#include "query/cursor.h"
#include "query_sql.h"

enum { COUNT_MAX = 1000 };

struct place {
	struct uuid id;
	int64_t due; /* INT64_MAX: none */
};

struct pages {
	struct view *v;
	struct moment after; /* at < 0: from the beginning */
	int64_t most;        /* of each part */
	struct place *at;
	ptrdiff_t count, room;
};

/* What a name of the API stands for. */
static const struct tab {
	const char *name, *states[8];
	bool overdue, met_late;
} tabs[] = {
	{ "running", { "running" }, false, false },
	{ "waiting", { "waiting" }, false, false },
	{ "late", { "late_with_reason" }, true, false },
	{ "met", { "met" }, false, true },
	{ "waived", { "waived" }, false, false },
	{ "all",
	  { "running", "waiting", "late_with_reason", "met", "waived", "not_applicable" },
	  true,
	  true },
};

static void put(struct pages *p, struct uuid id, int64_t due)
{
	if (p->count < p->room)
		p->at[p->count++] = (struct place){ id, due };
}

#define PUT_ALL(p, rows, count)                             \
	for (ptrdiff_t i = 0; i < (count); i++)             \
		put((p), (rows)[i].id, (rows)[i].due.us)

static bool dated(struct pages *p, str state, struct err *err)
{
	struct sql_query_clock_dated_row *rows;
	ptrdiff_t count;
	if (!sql_query_clock_dated(p->v->db, p->v->a,
				   &(struct sql_query_clock_dated){ .scope_team = p->v->team,
								    .state = state,
								    .after_due = p->after.at,
								    .after_id = uuid_bytes(&p->after.id),
								    .count = p->most },
				   &rows, &count, err))
		return false;
	PUT_ALL(p, rows, count);
	return true;
}

static bool undated(struct pages *p, str state, struct err *err)
{
	static const struct uuid first;
	struct sql_query_clock_undated_row *rows;
	ptrdiff_t count;
	const struct uuid *after = p->after.at == INT64_MAX ? &p->after.id : &first;
	if (!sql_query_clock_undated(p->v->db, p->v->a,
				     &(struct sql_query_clock_undated){ .scope_team = p->v->team,
									.state = state,
									.after_id = uuid_bytes(after),
									.count = p->most },
				     &rows, &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++)
		put(p, rows[i].id, INT64_MAX);
	return true;
}

static bool late(struct pages *p, bool met, struct err *err)
{
	struct sql_query_clock_overdue ask = { .scope_team = p->v->team,
					       .after_due = p->after.at,
					       .after_id = uuid_bytes(&p->after.id),
					       .count = p->most };
	struct sql_query_clock_met_late of_met = { ask.scope_team, ask.after_due, ask.after_id, ask.count };
	struct sql_query_clock_overdue_row *open;
	struct sql_query_clock_met_late_row *done;
	ptrdiff_t count;
	if (met) {
		if (!sql_query_clock_met_late(p->v->db, p->v->a, &of_met, &done, &count, err))
			return false;
		PUT_ALL(p, done, count);
		return true;
	}
	if (!sql_query_clock_overdue(p->v->db, p->v->a, &ask, &open, &count, err))
		return false;
	PUT_ALL(p, open, count);
	return true;
}

static int in_order(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	return x->due != y->due ? (x->due < y->due ? -1 : 1) : memcmp(&x->id, &y->id, sizeof(x->id));
}

/* At least `most` of the tab after a place, as far as there are, and what is first of each part. */
static bool gather(struct pages *p, const struct tab *tab, bool enough_will_do, struct err *err)
{
	bool with_due = p->after.at != INT64_MAX;
	p->room = (2 * COUNTOF(tab->states) + 2) * (ptrdiff_t)p->most;
	p->at = NEW(p->v->a, struct place, p->room);
	if (with_due && tab->overdue && !late(p, false, err))
		return false;
	if (with_due && tab->met_late && !late(p, true, err))
		return false;
	for (ptrdiff_t i = 0; i < COUNTOF(tab->states) && tab->states[i]; i++) {
		str state = str_from(tab->states[i]);
		if (enough_will_do && p->count >= p->most)
			break;
		if ((with_due && !dated(p, state, err)) || !undated(p, state, err))
			return false;
	}
	return true;
}

bool view_clock_page(struct view *v, str state, str cursor, int64_t limit, struct search_page *out,
		     struct err *err)
{
	const struct tab *tab = NULL;
	struct pages whole = { .v = v, .after = { .at = -1 }, .most = COUNT_MAX + 1 }, page = whole;
	limit = cursor_limit(limit);
	for (ptrdiff_t i = 0; i < COUNTOF(tabs); i++)
		if (str_eq(state, str_from(tabs[i].name)))
			tab = &tabs[i];
	if (tab == NULL)
		return err_set(err, ERR_INPUT, "state: running, waiting, late, met, waived or all");
	if (!cursor_read_ascending(cursor, &page.after, err))
		return false;
	page.most = limit + 1;
	if (!gather(&whole, tab, true, err) || !gather(&page, tab, false, err))
		return false;
	if (page.count)
		qsort(page.at, (size_t)page.count, sizeof(page.at[0]), in_order);
	*out = (struct search_page){ .count = MIN(page.count, (ptrdiff_t)limit),
				     .next = S(""),
				     .total = MIN(whole.count, COUNT_MAX),
				     .exact = whole.count <= COUNT_MAX };
	struct uuid *ids = NEW(v->a, struct uuid, out->count);
	for (ptrdiff_t i = 0; i < out->count; i++)
		ids[i] = page.at[i].id;
	if (page.count > limit)
		out->next = cursor_write(v->a, page.at[limit - 1].due, page.at[limit - 1].id);
	return view_clocks_by_id(v, ids, out->count, &out->records, err);
}
