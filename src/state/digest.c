#include "state/digest.h"

#include "schema_sql.h"

static void add_size(struct hash *h, int64_t n)
{
	uint8_t b[8];
	for (int i = 0; i < 8; i++)
		b[i] = (uint8_t)((uint64_t)n >> (56 - 8 * i));
	hash_add(h, (str){ (const char *)b, 8 });
}

static void add_value(struct hash *h, const struct db_value *v)
{
	char type = (char)v->type;
	hash_add(h, (str){ &type, 1 });
	if (v->type == DB_INT) {
		add_size(h, v->i);
	} else if (v->type != DB_NULL) {
		add_size(h, v->s.len);
		hash_add(h, v->s);
	}
}

enum { KEY_MAX = 4 };

static bool add_table(struct db *db, const struct schema_table *t, struct hash *h, struct err *err)
{
	struct arena page[2];           /* the last row of a page is the key of the next */
	struct db_rows rows = { 0 };
	struct db_value after[KEY_MAX];
	int turn = 0;
	bool ok = true, first = true;
	ASSERT(t->key_count <= KEY_MAX);
	for (int i = 0; i < 2; i++)
		arena_init(&page[i], 256 << 20, 1 << 30);
	hash_add(h, str_from(t->name));
	do {
		arena_reset(&page[turn]);
		ok = db_query(db, first ? &t->first : &t->after, after, &page[turn], &rows, err);
		for (ptrdiff_t i = 0; ok && i < rows.count * rows.columns; i++)
			add_value(h, &rows.values[i]);
		for (int k = 0; ok && rows.count && k < t->key_count; k++)
			after[k] = rows.values[(rows.count - 1) * rows.columns + t->key_columns[k]];
		first = false;
		turn = 1 - turn;
	} while (ok && rows.count == schema_page_rows);
	for (int i = 0; i < 2; i++)
		arena_done(&page[i]);
	return ok;
}

bool state_digest(struct db *db, struct hash256 *out_digest, struct err *err)
{
	struct hash h;
	hash_init(&h);
	for (ptrdiff_t i = 0; i < schema_projections_count; i++)
		if (!add_table(db, &schema_projections[i], &h, err))
			return false;
	hash_done(&h, out_digest->b);
	return true;
}

bool state_clear(struct db *db, struct err *err)
{
	for (ptrdiff_t i = 0; i < schema_projections_count; i++)
		if (!db_run(db, &schema_projections[i].clear, NULL, err))
			return false;
	return true;
}
