#include "query/oversight.h"

#include "model/taxonomy.h"
#include "regime/regime.h"
#include "regime/severity.h"
#include "statistic_sql.h"

enum { MONTHS = 12, TABLES = 5, MEDIANS = 2, DUTY_COLUMNS = 6 };

/* A list under way: each row's name, and what was counted for it. */
struct list {
	struct statistic_name *rows;
	int64_t *counts;
	ptrdiff_t count, columns;
};

static struct list list_new(struct oversight *o, ptrdiff_t most, ptrdiff_t columns)
{
	ASSERT(most * columns <= STATISTIC_CELLS_MOST);
	return (struct list){ .rows = NEW(o->a, struct statistic_name, most),
			      .counts = NEW(o->a, int64_t, most * columns),
			      .columns = columns };
}

static void row(struct list *l, str id, str title)
{
	l->rows[l->count++] = (struct statistic_name){ id, title };
}

/* The last row is for whatever has none of its own. */
static void count(struct list *l, str id, ptrdiff_t column, int64_t n)
{
	ptrdiff_t at = 0;
	while (at < l->count - 1 && !str_eq(l->rows[at].id, id))
		at++;
	l->counts[at * l->columns + column] += n;
}

static struct statistic_table table_of(const char *name, const struct list *l,
	const struct statistic_name *columns)
{
	return (struct statistic_table){ .name = name,
					 .rows = l->rows,
					 .row_count = l->count,
					 .columns = columns,
					 .column_count = l->columns,
					 .counts = l->counts,
					 .total = l->columns == 1 };
}

static const struct statistic_name incidents[] = { { { "incidents", 9 }, { "Incidents", 9 } } };

static struct list sector_list(struct oversight *o, ptrdiff_t columns)
{
	const struct regime *r = o->regime;
	struct list l = list_new(o, r->sectors_count + 1, columns);
	for (ptrdiff_t i = 0; i < r->sectors_count; i++)
		row(&l, r->sectors[i].id, r->sectors[i].title.text);
	row(&l, S("none"), S("No sector"));
	return l;
}

static bool sectors(struct oversight *o, const struct statistic *s, struct statistic_table *out,
	struct err *err)
{
	struct sql_statistic_sectors_row *rows;
	ptrdiff_t n;
	struct list l = sector_list(o, 1);
	if (!sql_statistic_sectors(o->db, o->a, &(struct sql_statistic_sectors){ s->until, s->since },
		&rows, &n,
				   err))
		return false;
	for (ptrdiff_t i = 0; i < n; i++)
		count(&l, rows[i].sector, 0, rows[i].incidents);
	*out = table_of("sector", &l, incidents);
	return true;
}

static bool classes(struct oversight *o, const struct statistic *s, struct statistic_table *out,
	struct err *err)
{
	struct sql_statistic_classes_row *rows;
	const struct taxonomy_predicate *p;
	ptrdiff_t n;
	struct list l = list_new(o, TAXONOMY_PREDICATES + 1, 1);
	for (ptrdiff_t i = 0; (p = taxonomy_predicate_at(i)) != NULL; i++)
		row(&l, str_from(p->id), str_from(p->title));
	row(&l, S("none"), S("Not classified"));
	if (!sql_statistic_classes(o->db, o->a, &(struct sql_statistic_classes){ s->until, s->since },
		&rows, &n,
				   err))
		return false;
	for (ptrdiff_t i = 0; i < n; i++)
		count(&l, str_cut(rows[i].class, ':').head, 0, rows[i].incidents);
	*out = table_of("class", &l, incidents);
	return true;
}

static bool bands(struct oversight *o, const struct statistic *s, struct statistic_table *out,
	struct err *err)
{
	struct sql_statistic_bands_row *rows;
	const struct regime_severity *v = o->regime->severity;
	ptrdiff_t n, bands = v ? v->bands_count : 0;
	struct list l = list_new(o, bands + 1, 1);
	for (ptrdiff_t i = 0; i < bands; i++)
		row(&l, v->bands[i].id, v->bands[i].title.text);
	if (bands == 0)
		row(&l, S("none"), S("Not scored"));
	if (!sql_statistic_bands(o->db, o->a, &(struct sql_statistic_bands){ s->until, s->since }, &rows,
		&n, err))
		return false;
	for (ptrdiff_t i = 0; i < n; i++)
		l.counts[MIN(MAX(rows[i].band, 0), l.count - 1)] += rows[i].incidents;
	*out = table_of("band", &l, incidents);
	return true;
}

static struct instant month_start(struct instant t, int back)
{
	struct civil c = instant_civil(t, 0);
	int months = c.year * 12 + c.month - 1 - back;
	return instant_from_civil((struct civil){ .year = months / 12, .month = months % 12 + 1, .day = 1 },
		0);
}

static bool months(struct oversight *o, const struct statistic *s, struct statistic_table *out,
	struct err *err)
{
	struct list l = list_new(o, MONTHS, 1);
	for (int i = 0; i < MONTHS; i++) {
		struct sql_statistic_between_row n = { 0 };
		struct instant first = month_start(s->until, MONTHS - 1 - i);
		struct instant next = i == MONTHS - 1 ? s->until : month_start(s->until, MONTHS - 2 - i);
		bool found = false;
		if (!sql_statistic_between(o->db, o->a, &(struct sql_statistic_between){ s->until, first,
			next }, &n,
					   &found, err))
			return false;
		str name = str_sub(instant_format_seconds(o->a, first), 0, 7);
		row(&l, name, name);
		l.counts[i] = n.incidents;
	}
	*out = table_of("month", &l, incidents);
	return true;
}

/* An assumed time is a target: it is met or passed, never late. */
static ptrdiff_t column_of(const struct sql_statistic_duties_row *k)
{
	bool late = str_eq(k->state, S("late"));
	if (k->target)
		return str_eq(k->state, S("met")) ? 4 : late || str_eq(k->state, S("late_with_reason")) ?
			5 : -1;
	return str_eq(k->state, S("met"))                ? 0
	       : str_eq(k->state, S("late_with_reason")) ? 1
	       : late                                    ? 2
	       : str_eq(k->state, S("running"))          ? 3
							 : -1;
}

static bool duties(struct oversight *o, const struct statistic *s, struct statistic_table *out,
	struct err *err)
{
	static const struct statistic_name columns[DUTY_COLUMNS] = {
		{ { "met", 3 }, { "Met", 3 } },
		{ { "late_with_reason", 16 }, { "Late, with reason", 17 } },
		{ { "late", 4 }, { "Late", 4 } },
		{ { "running", 7 }, { "Running", 7 } },
		{ { "target_met", 10 }, { "Target met", 10 } },
		{ { "target_passed", 13 }, { "Target passed", 13 } },
	};
	struct sql_statistic_duties_row *rows;
	ptrdiff_t n;
	struct list l = sector_list(o, DUTY_COLUMNS);
	if (!sql_statistic_duties(o->db, o->a, &(struct sql_statistic_duties){ s->until, s->since }, &rows,
		&n, err))
		return false;
	for (ptrdiff_t i = 0; i < n; i++)
		if (column_of(&rows[i]) >= 0)
			count(&l, rows[i].sector, column_of(&rows[i]), rows[i].clocks);
	*out = table_of("duties", &l, columns);
	return true;
}

/* To the minute: a median is somebody's own time. */
static int64_t seconds_of(int64_t us)
{
	return us / MINUTES(1) * 60;
}

static bool taken(struct oversight *o, const struct statistic *s, struct statistic_median *out,
	struct err *err)
{
	struct sql_statistic_taken_row n = { 0 };
	struct sql_statistic_taken_at_row at = { 0 };
	bool found = false;
	if (!sql_statistic_taken(o->db, o->a, &(struct sql_statistic_taken){ s->until, s->since }, &n, &found,
				 err) ||
	    !sql_statistic_taken_at(o->db, o->a,
				    &(struct sql_statistic_taken_at){ s->until, s->since, n.reports / 2 },
					&at,
				    &found, err))
		return false;
	*out = (struct statistic_median){ "take", n.reports, seconds_of(at.took) };
	return true;
}

static bool answered(struct oversight *o, const struct statistic *s, struct statistic_median *out,
		     struct err *err)
{
	struct sql_statistic_answered_row n = { 0 };
	struct sql_statistic_answered_at_row at = { 0 };
	bool found = false;
	if (!sql_statistic_answered(o->db, o->a, &(struct sql_statistic_answered){ s->until, s->since }, &n,
				    &found, err) ||
	    !sql_statistic_answered_at(o->db, o->a,
				       &(struct sql_statistic_answered_at){ s->until, s->since,
					n.reports / 2 },
				       &at, &found, err))
		return false;
	*out = (struct statistic_median){ "answer", n.reports, seconds_of(at.took) };
	return true;
}

bool oversight_read(struct oversight *o, struct statistic *out, struct err *err)
{
	struct statistic_table *tables = NEW(o->a, struct statistic_table, TABLES);
	struct statistic_median *medians = NEW(o->a, struct statistic_median, MEDIANS);
	struct instant until = scope_statistic_until(o->scope);
	*out = (struct statistic){ .tables = tables,
				   .table_count = TABLES,
				   .medians = medians,
				   .median_count = MEDIANS,
				   .since = month_start(until, MONTHS - 1),
				   .until = until };
	return sectors(o, out, &tables[0], err) && classes(o, out, &tables[1], err) &&
	       bands(o, out, &tables[2], err) && months(o, out, &tables[3], err) &&
	       duties(o, out, &tables[4], err) && taken(o, out, &medians[0], err) &&
	       answered(o, out, &medians[1], err);
}
