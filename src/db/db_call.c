#include "db/db_call.h"
#include "db/db_priv.h"
#include "base/uuid.h"

/* The members below are read and written at offsets that offsetof() gave to the generator. */
static struct db_value encode(const struct db_field *f, const char *in)
{
	const void *p = in + f->offset;
	switch (f->kind) {
	case DB_KIND_UUID: {
		const struct uuid *u = p;
		if (f->nullable && uuid_is_nil(*u))
			return (struct db_value){ .type = DB_NULL };
		return (struct db_value){ .type = DB_BLOB, .s = uuid_bytes(u) };
	}
	case DB_KIND_INSTANT: {
		const struct instant *t = p;
		if (f->nullable && t->us == 0)
			return (struct db_value){ .type = DB_NULL };
		return (struct db_value){ .type = DB_INT, .i = t->us };
	}
	case DB_KIND_INT:
		return (struct db_value){ .type = DB_INT, .i = *(const int64_t *)p };
	case DB_KIND_BOOL:
		return (struct db_value){ .type = DB_INT, .i = *(const bool *)p };
	case DB_KIND_TEXT:
	case DB_KIND_BLOB: {
		const str *s = p;
		if (f->nullable && s->ptr == NULL)
			return (struct db_value){ .type = DB_NULL };
		return (struct db_value){ .type = f->kind == DB_KIND_TEXT ? DB_TEXT : DB_BLOB, .s = *s };
	}
	}
	ASSERT(!"a kind");
	return (struct db_value){ 0 };
}

static void encode_all(const struct db_call *c, const void *in, struct db_value values[static DB_PARAMS_MAX])
{
	ASSERT(c->statement.params <= DB_PARAMS_MAX);
	for (int i = 0; i < c->statement.params; i++)
		values[i] = encode(&c->ins[i], in);
}

static bool wrong(const struct db_call *c, const struct db_field *f, const char *what, struct err *err)
{
	return err_set(err, ERR_SYSTEM, "%s: column %s %s", c->statement.name, f->name, what);
}

/* The engine has seen to it that a value is NULL or of the column's type. */
static bool decode(const struct db_call *c, const struct db_field *f, const struct db_value *v, char *row,
                   struct err *err)
{
	void *p = row + f->offset;
	if (v->type == DB_NULL)                         /* the row is zeroed: nil, 0, no pointer (I1) */
		return f->nullable || wrong(c, f, "is NULL: declare it with ? or keep NULL out of it", err);
	switch (f->kind) {
	case DB_KIND_UUID:
		if (v->s.len != 16)
			return wrong(c, f, "is not a UUID: it has not 16 bytes", err);
		memcpy(p, v->s.ptr, 16);
		return true;
	case DB_KIND_INSTANT:
		*(struct instant *)p = (struct instant){ v->i };
		return true;
	case DB_KIND_INT:
		*(int64_t *)p = v->i;
		return true;
	case DB_KIND_BOOL:
		if (v->i != 0 && v->i != 1)
			return wrong(c, f, "is neither 0 nor 1", err);
		*(bool *)p = v->i == 1;
		return true;
	case DB_KIND_TEXT:
	case DB_KIND_BLOB:
		*(str *)p = v->s;
		return true;
	}
	ASSERT(!"a kind");
	return false;
}

static bool decode_row(const struct db_call *c, const struct db_value *values, char *row, struct err *err)
{
	for (int i = 0; i < c->statement.columns; i++)
		if (!decode(c, &c->outs[i], &values[i], row, err))
			return false;
	return true;
}

bool db_call_run(struct db *db, const struct db_call *c, const void *in, struct err *err)
{
	struct db_value values[DB_PARAMS_MAX];
	encode_all(c, in, values);
	return db_run(db, &c->statement, values, err);
}

/* The values are only a step on the way to the rows: they lie in tmp, the bytes they point to in a. */
static bool query(struct db *db, struct db_sink sink, const struct db_call *c, const void *in,
                  struct db_rows *out_rows, struct err *err)
{
	struct db_value values[DB_PARAMS_MAX];
	encode_all(c, in, values);
	return db_query_into(db, &c->statement, values, sink, out_rows, err);
}

static bool decode_rows(const struct db_call *c, const struct db_rows *rows, struct arena *a, char **out_rows,
                        struct err *err)
{
	size_t size = c->row_size;
	char *made = arena_alloc(a, (ptrdiff_t)size, _Alignof(max_align_t), rows->count);
	for (ptrdiff_t i = 0; i < rows->count; i++)
		if (!decode_row(c, &rows->values[i * rows->columns], made + (size_t)i * size, err))
			return false;
	*out_rows = made;
	return true;
}

bool db_call_many(struct db *db, struct arena *a, const struct db_call *c, const void *in,
                  struct db_call_rows *out_rows, struct err *err)
{
	struct arena tmp;
	struct db_rows rows;
	char *made;
	arena_init(&tmp, a->soft, a->hard);
	bool ok = query(db, (struct db_sink){ .values = &tmp, .bytes = a }, c, in, &rows, err) &&
	          decode_rows(c, &rows, a, &made, err);
	if (ok)
		*out_rows = (struct db_call_rows){ made, rows.count };
	arena_done(&tmp);
	return db_result(db, ok, err);
}

bool db_call_one(struct db *db, struct arena *a, const struct db_call *c, const void *in,
                 struct db_call_rows *out_rows, struct err *err)
{
	struct db_call_rows rows;
	if (!db_call_many(db, a, c, in, &rows, err))
		return false;
	bool ok = rows.count <= 1 || err_set(err, ERR_SYSTEM, "%s: %td rows where one was expected",
	                                     c->statement.name, rows.count);
	if (ok)
		*out_rows = rows;
	return db_result(db, ok, err);
}
