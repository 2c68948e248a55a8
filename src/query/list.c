/* Queue pages: the one place where a statement is put together at run time, from constant fragments only;
 * every value is bound.  The scope's team is always the first condition and the first column of every index.
 *
 * Incidents are filtered by much, and a filter that few pass must not read all there are:
 *   walk    along the index of the sort until the page is full: for what more than 1,000 rows pass
 *   gather  what passes, from an index in which each filter is a column to seek by, and sort it: for fewer
 * Which of the two is known from the count, which is taken first, by seeking too, and never passes 1,001. */
#include "base/text.h"
#include "model/workflow.h"
#include "query/list_priv.h"
#include "regime/severity.h"

enum { PAGE_MAX = 100, COUNT_MAX = 1000 };

static const struct {
	const char *column;
	bool ascending;
} sorts[] = {
	[SORT_RECEIVED] = { "received", false },
	[SORT_CHANGED] = { "changed", false },
	[SORT_DUE] = { QUEUE_DUE, true },
	[SORT_BAND] = { "band", false },
};

static void bind(struct queue_text *b, const char *before, struct db_value value)
{
	ASSERT(b->count < COUNTOF(b->params));
	b->params[b->count++] = value;
	buf_printf(&b->text, "%s%c%d", before, b->pg ? '$' : '?', b->count);
}

static struct db_value text_value(str s)
{
	return (struct db_value){ DB_TEXT, 0, s };
}

static struct db_value int_value(int64_t i)
{
	return (struct db_value){ DB_INT, i, { 0 } };
}

static int64_t queue_limit(const struct queue_filter *f)
{
	return f->limit > 0 ? MIN(f->limit, PAGE_MAX) : 50;
}

static bool is_over(str state)
{
	return str_eq(state, S("closed")) || str_eq(state, S("merged")) || str_eq(state, S("rejected"));
}

static bool is_one_state(const struct queue_filter *f)
{
	return f->state.len && !str_eq(f->state, S("all")) && !str_eq(f->state, S("active"));
}

static bool is_active(const struct queue_filter *f)
{
	return str_eq(f->state, S("active")) ||
	       (is_one_state(f) && f->kind == QUEUE_INCIDENTS && !is_over(f->state));
}

/* Of incidents, and by more than whether they are over. */
static bool is_narrow(const struct queue_filter *f)
{
	return f->kind == QUEUE_INCIDENTS && (is_one_state(f) || f->owner_none || f->owner_is ||
					      f->sector.len || f->class.len || f->band >= 0);
}

/* SQLite keeps no statistics here, and without them it takes the wrong one of two that fit: it is told
 * which.  NULL: a sort that no route offers. */
static const char *index_for(const struct queue_filter *f, enum queue_way way)
{
	static const char *const of_all[] = { [SORT_RECEIVED] = "queue_received",
					      [SORT_CHANGED] = "queue_changed",
					      [SORT_DUE] = "queue_due",
					      [SORT_BAND] = "queue_band" };
	static const char *const of_active[] = { [SORT_RECEIVED] = "queue_active_received",
						 [SORT_CHANGED] = "queue_active_changed",
						 [SORT_DUE] = "queue_active_due",
						 [SORT_BAND] = "queue_active_band" };
	if (way == QUEUE_GATHER)
		return f->owner_is                   ? "queue_owner"
		       : f->class.len && !f->sector.len ? "queue_class"
							: "queue_sector";
	if (f->kind == QUEUE_INCIDENTS)
		return is_active(f) ? of_active[f->sort] : of_all[f->sort];
	if (f->sort != SORT_RECEIVED)
		return NULL;
	return f->owner_is       ? "queue_report_owner"
	       : is_one_state(f) ? "queue_report_state"
				 : "queue_report";
}

/* All that an incident can be in, so that a state nobody asked for is a few values to seek by. */
static void any_state(struct queue_text *b, bool active)
{
	const struct workflow *w = &workflow_incident;
	buf_printf(&b->text, " AND state IN ('%s'", w->first);
	for (ptrdiff_t i = 0; i < w->count; i++)
		if (!active || !is_over(str_from(w->edges[i].to)))
			buf_printf(&b->text, ", '%s'", w->edges[i].to);
	buf_add(&b->text, active ? S(")") : S(", 'merged')"));
}

static void gathered(struct queue_text *b, const struct queue_filter *f)
{
	if (!f->owner_is)
		buf_printf(&b->text, " AND " QUEUE_RUNS " IN (1, 0) AND " QUEUE_OWNED " IN (0%s)",
			   f->owner_none ? "" : ", 1");
	if (!is_one_state(f))
		any_state(b, is_active(f));
	if (f->band < 0) {
		buf_add(&b->text, S(" AND band IN (0"));
		for (int i = 1; i < REGIME_BANDS_MAX; i++)
			buf_printf(&b->text, ", %d", i);
		buf_add(&b->text, S(")"));
	}
}

/* Kind and the states that are over are literals, as in the partial indexes: a bound value would not fit
 * them. */
static void where(struct queue_text *b, const struct view *v, const struct queue_filter *f,
		  enum queue_way way)
{
	const char *index = b->pg ? NULL : index_for(f, way);
	buf_printf(&b->text, " FROM queue%s%s", index ? " INDEXED BY " : "", index ? index : "");
	bind(b, " WHERE team = ", text_value(scope_team(v->scope)));
	buf_add(&b->text, f->kind == QUEUE_REPORTS ? S(" AND kind = 1") : S(" AND kind = 2"));
	if (way == QUEUE_GATHER)
		gathered(b, f);
	if (is_active(f))
		buf_add(&b->text, S(" AND state NOT IN ('closed', 'merged', 'rejected')"));
	if (is_one_state(f))
		bind(b, " AND state = ", text_value(f->state));
	if (f->owner_none)
		buf_add(&b->text, S(" AND owner IS NULL"));
	else if (f->owner_is)
		bind(b, " AND owner = ", (struct db_value){ DB_BLOB, 0, uuid_bytes(&f->owner) });
	if (f->sector.len)
		bind(b, " AND sector = ", text_value(f->sector));
	if (f->class.len)
		bind(b, " AND class = ", text_value(f->class));
	if (f->band >= 0)
		bind(b, " AND band = ", int_value(f->band));
}

static void begin(struct queue_text *b, struct view *v)
{
	*b = (struct queue_text){ .pg = db_engine(v->db) == DB_POSTGRES };
	buf_init(&b->text, v->a, 4096);
}

void queue_count_text(struct queue_text *b, struct view *v, const struct queue_filter *f)
{
	begin(b, v);
	buf_add(&b->text, S("SELECT count(*) FROM (SELECT 1"));
	where(b, v, f, is_narrow(f) ? QUEUE_GATHER : QUEUE_WALK);
	buf_printf(&b->text, " LIMIT %d) few",
		   COUNT_MAX + 1); /* in no order: the range ends, or 1,001 were found */
}

static void begin_after(struct queue_text *b, const struct queue_filter *f, const struct queue_cursor *after)
{
	struct db_value id = { DB_BLOB, 0, uuid_bytes(&after->id) };
	if (f->sort == SORT_BAND && f->band >= 0) {
		/* One value to sort by: SQLite would sort all that have it for each page. */
		if (after->key == f->band)
			bind(b, " AND id < ", id);
		else if (after->key < f->band)
			buf_add(&b->text, S(" AND 1 = 0"));
		return;
	}
	if (f->sort == SORT_DUE) { /* SQLite seeks by one expression, yet not by a row of one */
		buf_add(&b->text, S(" AND " QUEUE_DUE));
		bind(b, " >= ", int_value(after->key));
	}
	buf_printf(&b->text, " AND (%s, id) %c (", sorts[f->sort].column,
		   sorts[f->sort].ascending ? '>' : '<');
	bind(b, "", int_value(after->key));
	bind(b, ", ", id);
	buf_add(&b->text, S(")"));
}

void queue_page_text(struct queue_text *b, struct view *v, const struct queue_filter *f, enum queue_way way,
		     const struct queue_cursor *after)
{
	const char *column = sorts[f->sort].column, *order = sorts[f->sort].ascending ? "" : " DESC";
	begin(b, v);
	buf_printf(&b->text, "SELECT id, %s", column);
	where(b, v, f, way);
	if (after->is)
		begin_after(b, f, after);
	buf_printf(&b->text, " ORDER BY %s%s, id%s LIMIT ", column, order, order);
	bind(b, "", int_value(queue_limit(f) + 1));
}

static bool cursor_parse(struct view *v, str text, struct queue_cursor *out, struct err *err)
{
	str bytes;
	*out = (struct queue_cursor){ 0 };
	if (text.len == 0)
		return true;
	if (!text_from_hex(v->a, text, &bytes, err) || bytes.len != 24)
		return err_set(err, ERR_INPUT,
			       "cursor: not one that this list gave out; begin again without it");
	for (int i = 0; i < 8; i++)
		out->key = (int64_t)((uint64_t)out->key << 8 | (uint8_t)bytes.ptr[i]);
	memcpy(out->id.b, bytes.ptr + 8, 16);
	out->is = true;
	return true;
}

static str cursor_format(struct view *v, int64_t key, str id)
{
	char bytes[24];
	for (int i = 0; i < 8; i++)
		bytes[i] = (char)((uint64_t)key >> (56 - 8 * i));
	memcpy(bytes + 8, id.ptr, 16);
	return text_hex(v->a, (str){ bytes, 24 });
}

static bool ask(struct view *v, struct queue_text *b, const char *name, int columns, struct db_rows *out,
		struct err *err)
{
	static const enum db_type types[] = { DB_BLOB, DB_INT };
	struct db_statement s = { .name = name,
				  .params = b->count,
				  .columns = columns,
				  .types = columns == 1 ? types + 1 : types };
	ASSERT(!b->text.over);
	s.text[b->pg ? DB_POSTGRES : DB_SQLITE] = arena_cstr(v->a, buf_str(&b->text));
	return db_query(v->db, &s, b->params, v->a, out, err);
}

static bool count_all(struct view *v, const struct queue_filter *f, struct queue_page *out, struct err *err)
{
	struct queue_text b;
	struct db_rows rows;
	queue_count_text(&b, v, f);
	if (!ask(v, &b, "queue_count", 1, &rows, err))
		return false;
	out->exact = rows.values[0].i <= COUNT_MAX;
	out->total = MIN(rows.values[0].i, COUNT_MAX);
	return true;
}

bool view_queue(struct view *v, const struct queue_filter *f, struct queue_page *out, struct err *err)
{
	struct queue_text b;
	struct queue_cursor after;
	struct db_rows rows;
	int64_t limit = queue_limit(f);
	*out = (struct queue_page){ .next = S("") };
	if (!cursor_parse(v, f->cursor, &after, err) || !count_all(v, f, out, err))
		return false;
	queue_page_text(&b, v, f, is_narrow(f) && out->exact ? QUEUE_GATHER : QUEUE_WALK, &after);
	if (!ask(v, &b, "queue_page", 2, &rows, err))
		return false;
	out->count = MIN(rows.count, limit);
	struct uuid *ids = NEW(v->a, struct uuid, out->count);
	for (ptrdiff_t i = 0; i < out->count; i++)
		if (!uuid_from_bytes(rows.values[2 * i].s, &ids[i], err))
			return false;
	if (!(f->kind == QUEUE_REPORTS ? view_reports(v, ids, out->count, &out->records, err)
				       : view_incidents(v, ids, out->count, &out->records, err)))
		return false;
	if (rows.count > limit)
		out->next =
			cursor_format(v, rows.values[2 * (limit - 1) + 1].i, rows.values[2 * (limit - 1)].s);
	return true;
}
