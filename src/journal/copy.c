#include "journal/journal.h"

#include "journal_sql.h"

/* Where a page ended. */
struct place {
	struct hash256 hash;
	int64_t size;
};

enum { ROWS = 1000, BLOBS = 16 }; /* blobs may be fifty megabytes each */

static bool copy_keys(struct db *from, struct db *to, struct arena *a, struct place *after, bool *out_more,
		      struct err *err)
{
	struct sql_journal_once_page_row *rows;
	ptrdiff_t count;
	if (!sql_journal_once_page(
		    from, a,
		    &(struct sql_journal_once_page){ .after = hash256_bytes(&after->hash), .count = ROWS },
		    &rows, &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++)
		if (!sql_journal_once_insert(to,
					     &(struct sql_journal_once_insert){ .key = rows[i].key,
										.request = rows[i].request,
										.seq = rows[i].seq },
					     err))
			return false;
	*out_more = count == ROWS;
	return count == 0 || hash256_from_bytes(rows[count - 1].key, &after->hash, err);
}

static bool copy_blobs(struct db *from, struct db *to, struct arena *a, struct place *after, bool *out_more,
		       struct err *err)
{
	struct sql_journal_blob_page_row *rows;
	ptrdiff_t count;
	struct hash256 stored;
	if (!sql_journal_blob_page(
		    from, a,
		    &(struct sql_journal_blob_page){ .after = hash256_bytes(&after->hash), .count = BLOBS },
		    &rows, &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++) {
		if (!journal_blob_store(to, rows[i].bytes, &stored, err))
			return false;
		if (!str_eq(hash256_bytes(&stored), rows[i].hash))
			return err_set(err, ERR_INPUT,
				       "a blob does not have its hash: the store was altered");
	}
	*out_more = count == BLOBS;
	return count == 0 || hash256_from_bytes(rows[count - 1].hash, &after->hash, err);
}

static bool copy_checkpoints(struct db *from, struct db *to, struct arena *a, struct place *after,
			     bool *out_more, struct err *err)
{
	struct sql_journal_checkpoint_page_row *rows;
	ptrdiff_t count;
	if (!sql_journal_checkpoint_page(
		    from, a, &(struct sql_journal_checkpoint_page){ .after = after->size, .count = ROWS },
		    &rows, &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++)
		if (!sql_journal_checkpoint_insert(
			    to,
			    &(struct sql_journal_checkpoint_insert){
				    .size = rows[i].size, .at = rows[i].at, .note = rows[i].note },
			    err))
			return false;
	if (count)
		after->size = rows[count - 1].size;
	*out_more = count == ROWS;
	return true;
}

bool journal_copy_rest(struct db *from, struct db *to, struct err *err)
{
	static bool (*const steps[])(struct db *, struct db *, struct arena *, struct place *, bool *,
				     struct err *) = { copy_keys, copy_blobs, copy_checkpoints };
	for (ptrdiff_t s = 0; s < COUNTOF(steps); s++) {
		struct place after = { .size = -1 };
		bool more = true;
		while (more) {
			struct arena a;
			arena_init(&a, 1 << 30, (ptrdiff_t)2 << 30);
			bool ok = steps[s](from, to, &a, &after, &more, err);
			arena_done(&a);
			if (!ok)
				return false;
		}
	}
	return true;
}
