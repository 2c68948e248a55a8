/* verify_store.c - verify.h over a store: its pages, and what it keeps beside the entries. */
#include "journal/journal.h"
#include "journal/verify.h"

#include "journal_sql.h"

/* 250 entries of the longest texts there can be fit into the arena of a page. */
enum { PAGE = 250, BLOB_PAGE = 8 };

struct store_source {
	struct verify_source source;
	struct db *db;
	struct verify_report *report;
	int64_t at, nodes;
};

static bool next(struct verify_source *source, struct arena *a, struct verify_page *out, struct err *err)
{
	struct store_source *s = (struct store_source *)source;
	struct sql_journal_verify_page_row *rows;
	ptrdiff_t n = 0;
	if (!sql_journal_verify_page(s->db, a,
				     &(struct sql_journal_verify_page){ .from = s->at, .count = PAGE }, &rows,
				     &n, err))
		return false;
	struct verify_row *to = NEW(a, struct verify_row, n);
	for (ptrdiff_t i = 0; i < n; i++) {
		to[i] = (struct verify_row){ .columns = true,
					     .seq = rows[i].seq,
					     .kind = rows[i].kind,
					     .header = rows[i].header,
					     .hash = rows[i].hash,
					     .salt = rows[i].salt,
					     .payload = rows[i].payload };
		if (rows[i].subject.len == 16) /* else it stays nil and is found to differ */
			memcpy(to[i].subject.b, rows[i].subject.ptr, 16);
	}
	if (n > 0)
		s->at = rows[n - 1].seq + 1;
	*out = (struct verify_page){ to, n };
	return true;
}

static bool nodes(struct verify_source *source, const struct merkle_stored *stored, ptrdiff_t count,
		  struct err *err)
{
	struct store_source *s = (struct store_source *)source;
	struct arena tmp;
	bool ok = true;
	arena_init(&tmp, 1 << 20, 1 << 24);
	for (ptrdiff_t i = 0; ok && i < count; i++) {
		struct sql_journal_node_find_row row = { 0 };
		bool found = false;
		ok = sql_journal_node_find(s->db, &tmp,
					   &(struct sql_journal_node_find){ .level = stored[i].level,
									    .position = stored[i].position },
					   &row, &found, err);
		if (ok && (!found || !str_eq(row.hash, hash256_bytes(&stored[i].hash))))
			verify_blame(s->report, -1, (str){ 0 },
				     "the kept hash of the Merkle tree at level %d, position %lld is %s",
				     stored[i].level, (long long)stored[i].position,
				     found ? "not the tree's" : "missing");
		s->nodes++;
	}
	arena_done(&tmp);
	return ok;
}

static bool check_head(struct store_source *s, const struct journal *head, const struct merkle *tree,
		       struct hash256 prev, struct err *err)
{
	struct arena tmp;
	struct sql_journal_node_count_row row = { 0 };
	struct verify_report *r = s->report;
	bool found = false;
	if (head->tree.size > r->entries)
		verify_blame(r, r->entries, (str){ 0 }, "is missing: the head counts %lld entries",
			     (long long)head->tree.size);
	else if (head->tree.size < r->entries)
		verify_blame(r, head->tree.size, (str){ 0 },
			     "stands after the head, which counts %lld entries", (long long)head->tree.size);
	else if (!hash256_eq(head->prev, prev) || head->tree.count != tree->count ||
		 memcmp(head->tree.full, tree->full, sizeof(tree->full[0]) * (size_t)tree->count) != 0)
		verify_blame(r, -1, (str){ 0 }, "the head is not that of the entries: it was altered");
	else if (r->entries > 0 && head->epoch != r->epoch) /* a new epoch begins with its entry */
		verify_blame(r, -1, (str){ 0 }, "the head is not of the newest entry's epoch");
	arena_init(&tmp, 1 << 12, 1 << 20);
	bool ok = sql_journal_node_count(s->db, &tmp, &row, &found, err);
	arena_done(&tmp);
	if (ok && row.n != s->nodes)
		verify_blame(r, -1, (str){ 0 },
			     "the store keeps %lld hashes of the Merkle tree where there should be %lld",
			     (long long)row.n, (long long)s->nodes);
	return ok;
}

static bool check_blobs(struct store_source *s, const struct verify_options *o, struct err *err)
{
	struct hash256 after = { { 0 } };
	bool first = true, ok = true;
	ptrdiff_t n = 1;
	while (ok && n > 0) {
		struct arena tmp;
		struct sql_journal_blob_page_row *rows;
		arena_init(&tmp, (ptrdiff_t)1 << 30, (ptrdiff_t)2 << 30);
		n = 0;
		ok = sql_journal_blob_page(
			s->db, &tmp,
			&(struct sql_journal_blob_page){ .after = first ? S("") : hash256_bytes(&after),
							 .count = BLOB_PAGE },
			&rows, &n, err);
		for (ptrdiff_t i = 0; ok && i < n; i++) {
			struct hash256 h = hash256_of(rows[i].bytes);
			if (!str_eq(rows[i].hash, hash256_bytes(&h)) || rows[i].size != rows[i].bytes.len) {
				verify_blame(s->report, -1, (str){ 0 },
					     "original bytes kept as " STR_FMT " were altered",
					     STR_ARG(hash256_hex(&tmp, h)));
				n = 0;
				break;
			}
			after = h;
			first = false;
			s->report->blobs++;
		}
		arena_done(&tmp);
		ok = ok && verify_step(o, s->report->entries, s->report->entries, err);
	}
	return ok;
}

/* Kept checkpoints become roots to be met on the way. */
static bool load_roots(struct store_source *s, const struct verify_options *o, struct arena *a,
		       struct verify_root **out, ptrdiff_t *out_count, struct err *err)
{
	struct sql_journal_checkpoint_page_row *rows;
	ptrdiff_t n = 0;
	if (!sql_journal_checkpoint_page(
		    s->db, a, &(struct sql_journal_checkpoint_page){ .after = -1, .count = INT32_MAX }, &rows,
		    &n, err))
		return false;
	struct verify_root *roots = NEW(a, struct verify_root, n + 1);
	for (ptrdiff_t i = 0; i < n; i++) {
		struct checkpoint c;
		struct err fault = { 0 };
		bool good = o->has_key ? checkpoint_open(rows[i].note, o->key, &c, &fault)
				       : checkpoint_parse(rows[i].note, &c, &fault);
		if (good && (c.size != rows[i].size || c.at.us != rows[i].at.us))
			good = err_set(&fault, ERR_INPUT, "it stands under another size or time than it has");
		if (!good) {
			verify_blame(s->report, -1, (str){ 0 }, "the kept checkpoint of %lld entries: %s",
				     (long long)rows[i].size, fault.text);
			break;
		}
		roots[i] = (struct verify_root){ c.size, c.root, false, false };
	}
	*out = roots;
	*out_count = n;
	return true;
}

static bool run(struct store_source *s, const struct verify_options *o, struct arena *a, struct err *err)
{
	struct journal head;
	struct verify_report *r = s->report;
	struct verify_root *roots = NULL;
	struct merkle tree = { 0 };
	struct hash256 prev = { { 0 } };
	struct err fault = { 0 };
	ptrdiff_t count = 0;
	if (!journal_load(&head, s->db, &fault)) {
		if (fault.code == ERR_RETRY || fault.code == ERR_UNSURE) {
			*err = fault;
			return false;
		}
		verify_blame(r, -1, (str){ 0 }, "%s", fault.text);
		return true;
	}
	s->source.total = head.tree.size;
	if (!load_roots(s, o, a, &roots, &count, err))
		return false;
	if (o->checkpoint.len)
		roots[count++] = (struct verify_root){ r->outside.size, r->outside.root, false, false };
	if (r->broken_what[0])
		return true;
	if (!verify_pages(&s->source, o, roots, count, r, &tree, &prev, err))
		return false;
	r->checkpoints = count - (o->checkpoint.len ? 1 : 0);
	if (!r->broken_what[0] && !check_head(s, &head, &tree, prev, err))
		return false;
	struct hash256 none = merkle_root(&(struct merkle){ 0 });
	for (ptrdiff_t i = 0; i < count; i++)
		if (!roots[i].met && (roots[i].size != 0 || !hash256_eq(roots[i].root, none)))
			verify_blame(r, r->entries, (str){ 0 },
				     "is missing: a signed checkpoint covers %lld entries",
				     (long long)roots[i].size);
	return r->broken_what[0] || o->skip_blobs || check_blobs(s, o, err);
}

bool verify_store(struct db *db, const struct verify_options *o, struct verify_report *out_r, struct err *err)
{
	struct verify_report r = { .outside.size = -1, .broken_seq = -1, .payloads = true };
	struct store_source s = { .source = { next, nodes, -1, true }, .db = db, .report = &r };
	struct arena a;
	if (o->checkpoint.len && !o->has_key)
		return err_set(err, ERR_INPUT,
			       "a checkpoint proves nothing without the public key: give --key");
	if (o->checkpoint.len && !checkpoint_open(o->checkpoint, o->key, &r.outside, err))
		return false;
	if (!db_begin_read(db, err))
		return false;
	arena_init(&a, 256 << 20, 1 << 30);
	bool ok = run(&s, o, &a, err);
	arena_done(&a);
	db_rollback(db);
	if (!ok)
		return false;
	verify_finish(&r);
	*out_r = r;
	return true;
}
