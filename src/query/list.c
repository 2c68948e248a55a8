/* Queue pages: the one place where a statement is put together at run time, from constant fragments only;
 * every value
 * is bound.  The scope's team is always the first condition and the first column of every index it uses. */
#include "base/buf.h"
#include "base/text.h"
#include "query/view.h"

enum { PAGE_MAX = 100, COUNT_MAX = 1000, PARAMS_MAX_HERE = 16 };

static const struct {
	const char *column;
	bool ascending, nullable;
} sorts[] = {
	[SORT_RECEIVED] = { "received", false, false },
	[SORT_CHANGED] = { "changed", false, false },
	[SORT_DUE] = { "due", true, true },
	[SORT_BAND] = { "band", false, false },
};

struct builder {
	struct buf text;
	struct db_value params[PARAMS_MAX_HERE];
	int count;
	bool pg;
};

static void bind(struct builder *b, const char *before, struct db_value value)
{
	ASSERT(b->count < PARAMS_MAX_HERE);
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

static bool is_over(str state)
{
	return str_eq(state, S("closed")) || str_eq(state, S("merged")) || str_eq(state, S("rejected"));
}

/* SQLite keeps no statistics here, and without them it takes the wrong one of two that fit: it is told
 * which.  NULL:
 * a sort that no route offers. */
static const char *index_for(const struct queue_filter *f, bool one_state, bool active)
{
	static const char *const of_all[] = { [SORT_RECEIVED] = "queue_received",
					      [SORT_CHANGED] = "queue_changed",
					      [SORT_DUE] = "queue_due",
					      [SORT_BAND] = "queue_band" };
	static const char *const of_active[] = { [SORT_RECEIVED] = "queue_active_received",
						 [SORT_CHANGED] = "queue_active_changed",
						 [SORT_DUE] = "queue_active_due",
						 [SORT_BAND] = "queue_active_band" };
	if (f->owner_is)
		return "queue_owner";
	if (f->kind == QUEUE_INCIDENTS)
		return active ? of_active[f->sort] : of_all[f->sort];
	if (f->sort != SORT_RECEIVED)
		return NULL;
	return one_state ? "queue_report_state" : active ? "queue_report_active" : "queue_report";
}

/* Kind and the states that are over are literals, as in the partial indexes: a bound value would not fit
 * them. */
static void where(struct builder *b, const struct view *v, const struct queue_filter *f)
{
	bool one_state = f->state.len && !str_eq(f->state, S("all")) && !str_eq(f->state, S("active"));
	bool active = str_eq(f->state, S("active")) ||
		      (one_state && f->kind == QUEUE_INCIDENTS && !is_over(f->state));
	const char *index = b->pg ? NULL : index_for(f, one_state, active);
	buf_printf(&b->text, " FROM queue%s%s", index ? " INDEXED BY " : "", index ? index : "");
	bind(b, " WHERE team = ", text_value(scope_team(v->scope)));
	buf_add(&b->text, f->kind == QUEUE_REPORTS ? S(" AND kind = 1") : S(" AND kind = 2"));
	if (active)
		buf_add(&b->text, S(" AND state NOT IN ('closed', 'merged', 'rejected')"));
	if (one_state)
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
	if (sorts[f->sort].nullable)
		buf_printf(&b->text, " AND %s IS NOT NULL", sorts[f->sort].column);
}

struct cursor {
	int64_t key;
	struct uuid id;
	bool is;
};

static bool cursor_parse(struct view *v, str text, struct cursor *out, struct err *err)
{
	str bytes;
	*out = (struct cursor){ 0 };
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

static const enum db_type page_types[] = { DB_BLOB, DB_INT };

static bool run(struct view *v, struct builder *b, int columns, struct db_rows *out, struct err *err)
{
	char *text = arena_cstr(v->a, buf_str(&b->text));
	struct db_statement s = {
		.name = "queue_page", .params = b->count, .columns = columns, .types = page_types
	};
	ASSERT(!b->text.over);
	s.text[b->pg ? DB_POSTGRES : DB_SQLITE] = text;
	return db_query(v->db, &s, b->params, v->a, out, err);
}

static void begin(struct builder *b, struct view *v)
{
	*b = (struct builder){ .pg = db_engine(v->db) == DB_POSTGRES };
	buf_init(&b->text, v->a, 4096);
}

static bool count_all(struct view *v, const struct queue_filter *f, struct queue_page *out, struct err *err)
{
	static const enum db_type types[] = { DB_INT };
	struct builder b;
	struct db_rows rows;
	begin(&b, v);
	buf_add(&b.text, S("SELECT count(*) FROM (SELECT 1"));
	where(&b, v, f);
	buf_printf(&b.text, " LIMIT %d) few",
		   COUNT_MAX + 1); /* in no order: the range ends, or 1,001 were found */
	char *text = arena_cstr(v->a, buf_str(&b.text));
	struct db_statement s = { .name = "queue_count", .params = b.count, .columns = 1, .types = types };
	s.text[b.pg ? DB_POSTGRES : DB_SQLITE] = text;
	if (!db_query(v->db, &s, b.params, v->a, &rows, err))
		return false;
	out->exact = rows.values[0].i <= COUNT_MAX;
	out->total = MIN(rows.values[0].i, COUNT_MAX);
	return true;
}

bool view_queue(struct view *v, const struct queue_filter *f, struct queue_page *out, struct err *err)
{
	struct builder b;
	struct cursor after;
	struct db_rows rows;
	const char *column = sorts[f->sort].column, *order = sorts[f->sort].ascending ? "" : " DESC";
	int64_t limit = f->limit > 0 ? MIN(f->limit, PAGE_MAX) : 50;
	if (!cursor_parse(v, f->cursor, &after, err))
		return false;
	begin(&b, v);
	buf_printf(&b.text, "SELECT id, %s", column);
	where(&b, v, f);
	if (after.is) {
		buf_printf(&b.text, " AND (%s, id) %c (", column, sorts[f->sort].ascending ? '>' : '<');
		bind(&b, "", int_value(after.key));
		bind(&b, ", ", (struct db_value){ DB_BLOB, 0, uuid_bytes(&after.id) });
		buf_add(&b.text, S(")"));
	}
	buf_printf(&b.text, " ORDER BY %s%s, id%s LIMIT %lld", column, order, order, (long long)limit + 1);
	*out = (struct queue_page){ .next = S("") };
	if (!run(v, &b, 2, &rows, err) || !count_all(v, f, out, err))
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
