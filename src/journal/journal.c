#include "journal/journal.h"

#include "journal_sql.h"

static str hash_str(const struct hash256 *h)
{
	return (str){ (const char *)h->b, 32 };
}

static bool hash_take(str bytes, struct hash256 *out, struct err *err)
{
	if (bytes.len != 32)
		return err_set(err, ERR_SYSTEM, "the store is damaged: a hash of %td bytes", bytes.len);
	memcpy(out->b, bytes.ptr, 32);
	return true;
}

bool journal_create(struct db *db, struct err *err)
{
	static const struct hash256 zero;
	return sql_journal_head_insert(
		db,
		&(struct sql_journal_head_insert){
			.epoch = 1, .size = 0, .prev = hash_str(&zero), .frontier = S("") },
		err);
}

struct head {
	int64_t epoch, size;
	str prev, frontier;
};

static bool head_take(struct journal *j, struct db *db, bool found, const struct head *h, struct err *err)
{
	struct journal out = { .db = db, .epoch = h->epoch };
	if (!found)
		return err_set(err, ERR_SYSTEM, "this store has no journal: make one with `naubat init`");
	if (!hash_take(h->prev, &out.prev, err) || !merkle_load(h->size, h->frontier, &out.tree, err))
		return false;
	*j = out;
	return true;
}

bool journal_lock(struct journal *j, struct db *db, struct err *err)
{
	struct arena tmp;
	struct sql_journal_head_lock_row row = { 0 };
	bool found = false;
	arena_init(&tmp, 1 << 16, 1 << 20);
	bool ok = sql_journal_head_lock(db, &tmp, &row, &found, err) &&
		  head_take(j, db, found, &(struct head){ row.epoch, row.size, row.prev, row.frontier }, err);
	arena_done(&tmp);
	return ok;
}

bool journal_load(struct journal *j, struct db *db, struct err *err)
{
	struct arena tmp;
	struct sql_journal_head_read_row row = { 0 };
	bool found = false;
	arena_init(&tmp, 1 << 16, 1 << 20);
	bool ok = sql_journal_head_read(db, &tmp, &row, &found, err) &&
		  head_take(j, db, found, &(struct head){ row.epoch, row.size, row.prev, row.frontier }, err);
	arena_done(&tmp);
	return ok;
}

/* Takes a sealed entry that follows the newest into the store and the tree. */
static bool insert(struct journal *j, const struct entry *e, struct err *err)
{
	struct merkle_stored stored[8];
	int count = 0;
	if (!sql_journal_entry_insert(j->db,
				      &(struct sql_journal_entry_insert){ .seq = e->seq,
									  .kind = e->kind,
									  .subject = e->subject,
									  .header = e->header,
									  .hash = hash_str(&e->hash),
									  .salt = e->salt,
									  .payload = e->payload },
				      err))
		return false;
	merkle_append(&j->tree, e->hash, stored, &count);
	for (int i = 0; i < count; i++)
		if (!sql_journal_node_insert(
			    j->db,
			    &(struct sql_journal_node_insert){ .level = stored[i].level,
							       .position = stored[i].position,
							       .hash = hash_str(&stored[i].hash) },
			    err))
			return false;
	j->prev = e->hash;
	return true;
}

bool journal_append(struct journal *j, struct arena *tmp, struct entry *e, struct err *err)
{
	ASSERT(e->salt.len == 32 && e->payload.ptr != NULL);
	e->epoch = j->epoch;
	e->seq = j->tree.size;
	e->prev = j->prev;
	e->payload_hash = entry_payload_hash(e->salt, e->payload);
	entry_seal(tmp, e);
	return insert(j, e, err);
}

bool journal_copy(struct journal *j, struct arena *tmp UNUSED, const struct entry *e, struct err *err)
{
	if (e->seq != j->tree.size || memcmp(e->prev.b, j->prev.b, 32) != 0)
		return err_set(err, ERR_INPUT,
			       "entry %lld does not follow the one before it: the journal was altered",
			       (long long)e->seq);
	j->epoch = e->epoch;
	return insert(j, e, err);
}

bool journal_store_head(struct journal *j, struct arena *tmp, struct err *err)
{
	return sql_journal_head_update(
		j->db,
		&(struct sql_journal_head_update){ .epoch = j->epoch,
						   .size = j->tree.size,
						   .prev = hash_str(&j->prev),
						   .frontier = merkle_format(tmp, &j->tree) },
		err);
}

bool journal_new_epoch(struct journal *j, struct arena *tmp, struct err *err)
{
	j->epoch++;
	return journal_store_head(j, tmp, err);
}

bool journal_once_lookup(struct db *db, struct arena *tmp, struct hash256 key, struct hash256 request,
			 enum once *out_once, int64_t *out_seq, struct err *err)
{
	struct sql_journal_once_find_row row = { 0 };
	bool found = false;
	if (!sql_journal_once_find(db, tmp, &(struct sql_journal_once_find){ .key = hash_str(&key) }, &row,
				   &found, err))
		return false;
	*out_once = !found ? ONCE_NEW : str_eq(row.request, hash_str(&request)) ? ONCE_SAME : ONCE_OTHER;
	*out_seq = found ? row.seq : -1;
	return true;
}

bool journal_once_store(struct db *db, struct hash256 key, struct hash256 request, int64_t seq,
			struct err *err)
{
	return sql_journal_once_insert(db,
				       &(struct sql_journal_once_insert){ .key = hash_str(&key),
									  .request = hash_str(&request),
									  .seq = seq },
				       err);
}

static bool entry_take(str header, str hash, str salt, str payload, struct entry *out_e, struct err *err)
{
	struct entry e;
	if (!entry_parse(header, &e, err))
		return err_wrap(err, "the store is damaged");
	if (!str_eq(hash, hash_str(&e.hash)))
		return err_set(err, ERR_SYSTEM, "the store is damaged: entry %lld does not have its hash",
			       (long long)e.seq);
	e.salt = salt;
	e.payload = payload;
	*out_e = e;
	return true;
}

bool journal_read(struct db *db, struct arena *a, int64_t from, int64_t count, struct entry **out_entries,
		  ptrdiff_t *out_count, struct err *err)
{
	struct sql_journal_entry_page_row *rows;
	ptrdiff_t n = 0;
	if (!sql_journal_entry_page(db, a, &(struct sql_journal_entry_page){ .from = from, .count = count },
				    &rows, &n, err))
		return false;
	struct entry *entries = NEW(a, struct entry, n);
	for (ptrdiff_t i = 0; i < n; i++)
		if (!entry_take(rows[i].header, rows[i].hash, rows[i].salt, rows[i].payload, &entries[i],
				err))
			return false;
	*out_entries = entries;
	*out_count = n;
	return true;
}

bool journal_find(struct db *db, struct arena *a, int64_t seq, struct entry *out_e, struct err *err)
{
	struct sql_journal_entry_find_row row = { 0 };
	bool found = false;
	if (!sql_journal_entry_find(db, a, &(struct sql_journal_entry_find){ .seq = seq }, &row, &found, err))
		return false;
	if (!found)
		return err_set(err, ERR_MISSING, "the journal has no entry %lld", (long long)seq);
	return entry_take(row.header, row.hash, row.salt, row.payload, out_e, err);
}

static bool merkle_find(struct merkle_source *source, int level, int64_t position, struct hash256 *out,
			struct err *err)
{
	struct journal_merkle *s = (struct journal_merkle *)source;
	struct sql_journal_node_find_row row = { 0 };
	bool found = false;
	if (level == 0) {
		struct sql_journal_hash_find_row entry = { 0 };
		if (!sql_journal_hash_find(s->db, s->tmp, &(struct sql_journal_hash_find){ .seq = position },
					   &entry, &found, err))
			return false;
		row.hash = entry.hash;
	} else if (!sql_journal_node_find(
			   s->db, s->tmp,
			   &(struct sql_journal_node_find){ .level = level, .position = position }, &row,
			   &found, err)) {
		return false;
	}
	if (!found)
		return err_set(err, ERR_SYSTEM, "the store is damaged: no hash at level %d, position %lld",
			       level, (long long)position);
	return hash_take(row.hash, out, err);
}

void journal_merkle_source(struct journal_merkle *s, struct db *db, struct arena *tmp)
{
	*s = (struct journal_merkle){ .source = { merkle_find }, .db = db, .tmp = tmp };
}

bool journal_blob_store(struct db *db, str bytes, struct hash256 *out_hash, struct err *err)
{
	struct hash256 h;
	hash_sha256(bytes, h.b);
	if (!sql_journal_blob_insert(db,
				     &(struct sql_journal_blob_insert){
					     .hash = hash_str(&h), .size = bytes.len, .bytes = bytes },
				     err))
		return false;
	*out_hash = h;
	return true;
}

bool journal_blob_load(struct db *db, struct arena *a, struct hash256 hash, str *out_bytes, struct err *err)
{
	struct sql_journal_blob_find_row row = { 0 };
	bool found = false;
	if (!sql_journal_blob_find(db, a, &(struct sql_journal_blob_find){ .hash = hash_str(&hash) }, &row,
				   &found, err))
		return false;
	if (!found)
		return err_set(err, ERR_MISSING,
			       "the bytes with this hash are not in the store (they may have been purged)");
	*out_bytes = row.bytes;
	return true;
}
