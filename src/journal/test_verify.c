/* Every altered byte is found: in an export, in a proof, in each column of a store, and in the store's
 * file. */
#include "journal/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include "base/buf.h"
#include "crypto/crypto.h"
#include "journal/backup.h"
#include "journal/export.h"
#include "journal/journal.h"
#include "journal/prove.h"
#include "os/files.h"
#include "schema_sql.h"

enum { ENTRIES = 700, CHECKED = 400, FLIPS = 120, FEW = 6, COLUMN_FLIPS = 1000 };

static struct sign_key *key;
static struct rng_seeded rng;
static char folder[] = "/tmp/naubat-test-verify-XXXXXX";
static const struct instant now = { SECONDS(1764000000) };

#define OK(call)                                                                    \
	do {                                                                        \
		if (!(call)) {                                                      \
			(void)fprintf(stderr, "line %d: %s\n", __LINE__, err.text); \
			ASSERT(!#call);                                             \
		}                                                                   \
	} while (0)

static struct db *open_store(const char *where)
{
	struct err err = { 0 };
	struct db *db = NULL;
	OK(db_open(where, (struct db_options){ 0 }, &db, &err));
	return db;
}

static void append(struct journal *j, struct arena *a, int64_t i)
{
	struct err err = { 0 };
	uint8_t salt[32];
	rng.rng.fill(&rng.rng, salt, 32);
	struct entry e = { .at = { now.us + i },
			   .actor = actor_system(),
			   .kind = i % 2 ? S("comment.content") : S("comment.added"),
			   .v = 1,
			   .subject = { { 1, (uint8_t)i } },
			   .owner = S("banking"),
			   .audience = SCOPE_ANNEX,
			   .cause = i - 1,
			   .regime = S("TEST/1"),
			   .marking = S("TLP:AMBER"),
			   .salt = { (const char *)salt, 32 },
			   .payload = arena_printf(a, "{\"text\":\"words %lld\"}", (long long)i) };
	OK(journal_append(j, a, &e, &err));
}

static void fill_store(struct db *db, struct arena *a, int64_t from, int64_t to)
{
	struct journal j;
	struct hash256 blob;
	struct err err = { 0 };
	str note;
	OK(db_begin(db, &err) && journal_lock(&j, db, &err));
	for (int64_t i = from; i < to; i++)
		append(&j, a, i);
	OK(journal_store_head(&j, a, &err) &&
	   journal_blob_store(db, arena_printf(a, "blob %lld", (long long)to), &blob, &err));
	OK(db_commit(db, &err));
	OK(checkpoint_make(db, a, key, S("test.example"), now, &note, &err));
}

static str make_store(struct db *db, struct arena *a)
{
	struct err err = { 0 };
	str note;
	OK(db_script(db, schema_sql[db_engine(db)], &err));
	OK(db_begin(db, &err) && journal_create(db, &err) && db_commit(db, &err));
	fill_store(db, a, 0, CHECKED);
	OK(checkpoint_latest(db, a, &note, &err));
	fill_store(db, a, CHECKED, ENTRIES);
	return note;
}

static struct verify_report verify(struct db *db, str note)
{
	struct err err = { 0 };
	struct verify_report r;
	OK(verify_store(
		db,
		&(struct verify_options){ .has_key = true, .key = sign_key_public(key), .checkpoint = note },
		&r, &err));
	return r;
}

struct memory_sink {
	struct export_sink sink;
	struct buf buf;
};

static bool write_memory(struct export_sink *sink, str bytes, struct err *err UNUSED)
{
	buf_add(&((struct memory_sink *)sink)->buf, bytes);
	return true;
}

static str export(struct db *db, struct arena *a, bool headers_only)
{
	struct memory_sink to = { .sink = { write_memory } };
	struct err err = { 0 };
	buf_init(&to.buf, a, 16 << 20);
	OK(export_write(db,
			&(struct export_options){ .headers_only = headers_only,
						  .name = S("test.example"),
						  .key = sign_key_public(key) },
			&to.sink, &err));
	ASSERT(!to.buf.over);
	return buf_str(&to.buf);
}

static struct verify_report verify_text(str text, bool with_key, str note)
{
	struct err err = { 0 };
	struct export_input_str in;
	struct verify_report r;
	export_input_str(&in, text);
	OK(export_verify(&in.input,
			 &(struct verify_options){
				 .has_key = with_key, .key = sign_key_public(key), .checkpoint = note },
			 &r, &err));
	return r;
}

static void test_green(struct db *db, str note)
{
	struct verify_report r = verify(db, (str){ 0 });
	if (!r.ok)
		(void)fprintf(stderr, "%s\n", r.statement);
	ASSERT(r.ok && r.entries == ENTRIES && r.purged == 0 && r.blobs == 2 && r.checkpoints == 2);
	ASSERT(str_starts(str_from(r.statement),
			  S("internally consistent; rewriting or truncation not excluded")));
	r = verify(db, note);
	ASSERT(r.ok && r.outside.size == CHECKED);
	ASSERT(str_starts(str_from(r.statement),
			  S("the first 400 entries are those of the signed checkpoint")));
}

static void test_export(struct db *db, str note)
{
	struct arena a;
	arena_init(&a, 64 << 20, 256 << 20);
	str text = export(db, &a, false), headers = export(db, &a, true);
	struct verify_report r = verify_text(text, false, (str){ 0 });
	if (!r.ok)
		(void)fprintf(stderr, "%s\n", r.statement);
	ASSERT(r.ok && r.entries == ENTRIES && r.payloads && r.checkpoints == 1);
	ASSERT(verify_text(text, true, note).ok);
	r = verify_text(headers, true, note);
	ASSERT(r.ok && !r.payloads);
	ASSERT(str_find(headers, S("words")) < 0);
	char *p = (char *)(uintptr_t)text.ptr;
	for (int i = 0; i < FLIPS; i++) {
		ptrdiff_t at = (ptrdiff_t)rng_below(&rng.rng, (uint64_t)text.len);
		char bit = (char)(1 << rng_below(&rng.rng, 8));
		p[at] ^= bit;
		ASSERT(!verify_text(text, i % 2, (str){ 0 }).ok);
		p[at] ^= bit;
	}
	ptrdiff_t note_at = str_find(text, S("\nend "));
	for (ptrdiff_t at = 0; at < text.len; at += at < 120 || at > note_at ? 1 : text.len) {
		p[at] ^= 1;
		ASSERT(!verify_text(text, false, (str){ 0 }).ok);
		p[at] ^= 1;
		at = at == 120 ? note_at : at;
	}
	for (int i = 0; i < FLIPS; i++)
		ASSERT(!verify_text(str_sub(text, 0, (ptrdiff_t)rng_below(&rng.rng, (uint64_t)text.len)),
				    false, (str){ 0 })
				.ok);
	arena_done(&a);
}

/* A journal cut at its end and consistent in itself: only the checkpoint from outside tells. */
static void test_truncated(struct db *db, struct arena *a, const char *where)
{
	struct err err = { 0 };
	struct verify_report r;
	str note;
	struct db *cut = open_store(where);
	OK(checkpoint_latest(db, a, &note, &err));
	OK(db_script(cut, schema_sql[db_engine(cut)], &err));
	OK(db_begin(cut, &err) && journal_create(cut, &err) && db_commit(cut, &err));
	fill_store(cut, a, 0, 500);
	ASSERT(verify(cut, (str){ 0 }).ok);
	r = verify(cut, note);
	ASSERT(!r.ok && r.broken_seq == 500);
	fill_store(cut, a, 500, ENTRIES); /* other salts: rewritten */
	ASSERT(verify(cut, (str){ 0 }).ok && !verify(cut, note).ok);
	db_close(cut);
}

struct alteration {
	const char *text;
	int64_t seq;
	const char *kind;
};

/* Each column once, by words that the engine takes: the entry to blame, if one can be named. */
static const struct alteration alterations[] = {
	{ "UPDATE journal_entry SET payload = replace(payload, 'words', 'Words') WHERE seq = 301", 301,
	  "comment.content" },
	{ "UPDATE journal_entry SET header = replace(header, 'banking', 'bankinG') WHERE seq = 17", 17,
	  "comment.content" },
	{ "UPDATE journal_entry SET header = replace(header, '{', '{ ') WHERE seq = 17", 17,
	  "comment.content" },
	{ "UPDATE journal_entry SET kind = 'x' WHERE seq = 4", 4, "comment.added" },
	{ "UPDATE journal_entry SET subject = hash WHERE seq = 699", 699, "comment.content" },
	{ "UPDATE journal_entry SET hash = (SELECT prev FROM journal_head) WHERE seq = 0", 0,
	  "comment.added" },
	{ "UPDATE journal_entry SET salt = hash WHERE seq = 0", 0, "comment.added" },
	{ "UPDATE journal_entry SET salt = NULL WHERE seq = 8", 8, "comment.added" },
	{ "UPDATE journal_entry SET salt = NULL, payload = NULL WHERE seq = 9", 9, "" },
	{ "DELETE FROM journal_entry WHERE seq = 5", 5, "" },
	{ "DELETE FROM journal_entry WHERE seq = 699", 699, "" },
	{ "UPDATE journal_entry SET seq = 5000 WHERE seq = 699", 699, "comment.content" },
	{ "UPDATE journal_head SET size = 699", -1, "" },
	{ "UPDATE journal_head SET prev = (SELECT hash FROM journal_entry WHERE seq = 3)", -1, "" },
	{ "UPDATE journal_head SET epoch = 0", -1, "" },
	{ "UPDATE journal_node SET hash = (SELECT prev FROM journal_head) WHERE position = 1", -1, "" },
	{ "DELETE FROM journal_node WHERE position = 0", -1, "" },
	{ "UPDATE journal_checkpoint SET note = replace(note, 'epoch 1', 'epoch 2') WHERE size = 400", -1,
	  "" },
	{ "UPDATE journal_checkpoint SET at = at + 1 WHERE size = 400", -1, "" },
	{ "UPDATE journal_blob SET size = size + 1", -1, "" },
	{ "UPDATE journal_blob SET bytes = hash", -1, "" },
};

static void test_columns(struct db *db)
{
	struct err err = { 0 };
	for (ptrdiff_t i = 0; i < COUNTOF(alterations); i++) {
		const struct alteration *x = &alterations[i];
		struct verify_report r;
		OK(db_script(db,
			     "CREATE TABLE e AS SELECT * FROM journal_entry; CREATE TABLE h AS SELECT * FROM "
			     "journal_head; "
			     "CREATE TABLE n AS SELECT * FROM journal_node; CREATE TABLE c AS SELECT * FROM "
			     "journal_checkpoint; "
			     "CREATE TABLE b AS SELECT * FROM journal_blob",
			     &err));
		OK(db_script(db, x->text, &err));
		r = verify(db, (str){ 0 });
		if (r.ok || r.broken_seq != x->seq || !str_eq(str_from(r.broken_kind), str_from(x->kind)))
			(void)fprintf(stderr, "%s: %s\n", x->text, r.statement);
		ASSERT(!r.ok && (x->seq < 0 || r.broken_seq == x->seq) &&
		       str_eq(str_from(r.broken_kind), str_from(x->kind)));
		OK(db_script(
			db,
			"DELETE FROM journal_entry; DELETE FROM journal_head; DELETE FROM journal_node; "
			"DELETE FROM journal_checkpoint; DELETE FROM journal_blob; INSERT INTO journal_entry "
			"SELECT * FROM e; "
			"INSERT INTO journal_head SELECT * FROM h; INSERT INTO journal_node SELECT * FROM n; "
			"INSERT INTO journal_checkpoint SELECT * FROM c; INSERT INTO journal_blob SELECT * "
			"FROM b; "
			"DROP TABLE e; DROP TABLE h; DROP TABLE n; DROP TABLE c; DROP TABLE b",
			&err));
	}
	ASSERT(verify(db, (str){ 0 }).ok);
}

static void test_proof(struct db *db)
{
	struct err err = { 0 };
	struct sign_public public = sign_key_public(key);
	struct proof p, read;
	struct arena a;
	arena_init(&a, 64 << 20, 256 << 20);
	for (int64_t seq = 0; seq < ENTRIES; seq += 99) {
		OK(proof_make(db, &a, seq, &p, &err) && proof_check(&p, public, &err));
		str text = proof_format(&a, &p);
		OK(proof_parse(&a, text, &read, &err) && proof_check(&read, public, &err));
		ASSERT(read.index == seq && hash256_eq(read.leaf, p.leaf));
		char *bytes = (char *)(uintptr_t)text.ptr;
		for (ptrdiff_t i = 0; i < text.len; i += 1 + seq / 20) {
			bytes[i] ^= 1;
			ASSERT(!proof_parse(&a, text, &read, &err) || !proof_check(&read, public, &err));
			bytes[i] ^= 1;
		}
	}
	ASSERT(!proof_make(db, &a, ENTRIES, &p, &err) && err.code == ERR_MISSING);
	arena_done(&a);
}

/* Equal where verify looks: what differs in the file beyond that is free space, indexes, or other tables. */
static bool same_journal(struct db *db, str before)
{
	struct arena a;
	struct memory_sink to = { .sink = { write_memory } };
	struct err err = { 0 };
	arena_init(&a, 64 << 20, 256 << 20);
	buf_init(&to.buf, &a, 16 << 20);
	bool ok = export_write(
			  db,
			  &(struct export_options){ .name = S("test.example"), .key = sign_key_public(key) },
			  &to.sink, &err) &&
		  str_eq(buf_str(&to.buf), before);
	arena_done(&a);
	return ok;
}

static bool stop_at_once(void *ctx, int64_t done, int64_t total)
{
	*(int64_t *)ctx = done;
	ASSERT(done > 0 && done <= total);
	return false;
}

/* Who stops a check has learned nothing, good or bad. */
static void test_stopped(struct db *db)
{
	struct err err = { 0 };
	struct verify_report r = { 0 };
	int64_t seen = 0;
	struct verify_options o = { .step = stop_at_once, .ctx = &seen };
	ASSERT(!verify_store(db, &o, &r, &err) && err.code == ERR_RETRY && seen > 0 && !r.ok);
}

static void test_file(struct db *db, str note, const char *name, int flips)
{
	struct arena a;
	struct err err = { 0 };
	int found = 0;
	arena_init(&a, 256 << 20, 512 << 20);
	str before = export(db, &a, false), bytes;
	const char *copy = arena_printf(&a, "%s/copy-%s", folder, name).ptr,
		   *bad = arena_printf(&a, "%s/bad-%s", folder, name).ptr;
	OK(db_backup(db, copy, NULL, NULL, &err) && files_read(&a, copy, 64 << 20, &bytes, &err));
	char *p = (char *)(uintptr_t)bytes.ptr;
	for (int i = 0; i < flips; i++) {
		ptrdiff_t at = (ptrdiff_t)rng_below(&rng.rng, (uint64_t)bytes.len);
		char bit = (char)(1 << rng_below(&rng.rng, 8));
		struct db *altered = NULL;
		struct verify_report r = { 0 };
		p[at] ^= bit;
		OK(files_write(bad, bytes, 0600, &err));
		p[at] ^= bit;
		bool opened = db_open(bad, (struct db_options){ 0 }, &altered, &err);
		bool said = opened && verify_store(altered,
						   &(struct verify_options){ .has_key = true,
									     .key = sign_key_public(key),
									     .checkpoint = note },
						   &r, &err);
		found += !said || !r.ok;
		if (said && r.ok)
			ASSERT(same_journal(altered, before));
		db_close(altered);
	}
	(void)printf("bytes flipped in the file: %d of %d found, the others change nothing that is read\n",
		     found, flips);
	ASSERT(found > 0);
	arena_done(&a);
}

/* What the journal is made of, but the answers kept for repeated requests (verify.h); keys: see above. */
static const char *const columns[][2] = {
	{ "journal_entry", "kind" },     { "journal_entry", "subject" }, { "journal_entry", "header" },
	{ "journal_entry", "hash" },     { "journal_entry", "salt" },    { "journal_entry", "payload" },
	{ "journal_head", "epoch" },     { "journal_head", "size" },     { "journal_head", "prev" },
	{ "journal_head", "frontier" },  { "journal_checkpoint", "at" }, { "journal_checkpoint", "note" },
	{ "journal_blob", "hash" },      { "journal_blob", "size" },     { "journal_blob", "bytes" },
};

static str one_text(struct db *db, struct arena *a, str sql)
{
	static const enum db_type types[] = { DB_TEXT };
	struct db_statement s = {
		.name = "test", .text = { sql.ptr, sql.ptr }, .columns = 1, .types = types
	};
	struct db_rows rows;
	struct err err = { 0 };
	OK(db_query(db, &s, NULL, a, &rows, &err));
	ASSERT(rows.count == 1);
	return rows.values[0].s;
}

/* Another literal of the same type: a digit for a digit, a letter for a letter. */
static bool other_literal(struct arena *a, str literal, str *out)
{
	bool quoted = literal.ptr[literal.len - 1] == '\'';
	ptrdiff_t from = !quoted ? 0 : str_find_char(literal, '\'') + 1, room = literal.len - from - quoted;
	str copy = arena_dup(a, literal);
	char *p = (char *)(uintptr_t)copy.ptr + from + rng_below(&rng.rng, (uint64_t)room);
	char was = *p;
	if (was >= '0' && was <= '9')
		*p = (char)('0' + (was - '0' + 1) % 10);
	else
		*p = literal.ptr[0] == 'X' && was == 'F' ? 'A' : literal.ptr[0] == 'X' ? (char)(was + 1)
									       : (char)(was ^ 1);
	*out = copy;
	return was != '\'' && *p != '\'' && *p != '-' && (unsigned char)was < 0x80 && *p >= ' ';
}

static void set_column(struct db *db, struct arena *a, ptrdiff_t c, str row, str literal)
{
	struct err err = { 0 };
	OK(db_script(db,
		     arena_printf(a, "UPDATE %s SET %s = " STR_FMT " WHERE rowid = " STR_FMT, columns[c][0],
				  columns[c][1], STR_ARG(literal), STR_ARG(row))
			     .ptr,
		     &err));
}

static void flip_columns(struct db *db, struct arena *a)
{
	int found = 0;
	for (int i = 0; i < COLUMN_FLIPS; i++) {
		ptrdiff_t c = i % COUNTOF(columns);
		str row = one_text(db, a, arena_printf(a,
						       "SELECT CAST(rowid AS TEXT) FROM %s ORDER BY random() "
						       "LIMIT 1",
						       columns[c][0]));
		str was = one_text(db, a, arena_printf(a, "SELECT quote(%s) FROM %s WHERE rowid = " STR_FMT,
						       columns[c][1], columns[c][0], STR_ARG(row)));
		str other;
		if (!other_literal(a, was, &other))
			continue;
		set_column(db, a, c, row, other);
		if (verify(db, (str){ 0 }).ok) {
			(void)fprintf(stderr, "%s.%s: " STR_FMT " became " STR_FMT "\n", columns[c][0],
				      columns[c][1], STR_ARG(was), STR_ARG(other));
			ASSERT(!"an altered byte was not found");
		}
		found++;
		set_column(db, a, c, row, was);
	}
	(void)printf("bytes of the journal's tables altered: all %d found\n", found);
	ASSERT(found > COLUMN_FLIPS / 2 && verify(db, (str){ 0 }).ok);
}

/* Of a journal of a few entries: every byte of its export; a thousand bytes of its tables. */
static void test_few(struct arena *a)
{
	struct err err = { 0 };
	struct db *db = open_store(":memory:");
	str note;
	OK(db_script(db, schema_sql[db_engine(db)], &err));
	OK(db_begin(db, &err) && journal_create(db, &err) && db_commit(db, &err));
	fill_store(db, a, 0, FEW);
	OK(checkpoint_latest(db, a, &note, &err));
	str text = export(db, a, false);
	char *p = (char *)(uintptr_t)text.ptr;
	ASSERT(verify_text(text, true, note).ok);
	for (ptrdiff_t at = 0; at < text.len; at++) {
		char bit = (char)(1 << rng_below(&rng.rng, 8));
		p[at] ^= bit;
		ASSERT(!verify_text(text, false, (str){ 0 }).ok);
		p[at] ^= bit;
	}
	flip_columns(db, a);
	db_close(db);
}

static void test_backup(const char *store, const char *to, const char *restored)
{
	struct err err = { 0 };
	struct journal j;
	struct db *db;
	bool held = false;
	struct backup_made made = { 0 };
	OK(backup_make(store, to, NULL, NULL, &made, &err));
	ASSERT(made.entries == ENTRIES && made.epoch == 1 && made.bytes > ENTRIES);
	ASSERT(!backup_make(store, to, NULL, NULL, &made, &err) && err.code == ERR_CONFLICT);
	OK(backup_restore(to, restored, &rng.rng, now, NULL, NULL, &err));
	ASSERT(!backup_restore(to, restored, &rng.rng, now, NULL, NULL, &err) && err.code == ERR_CONFLICT);
	ASSERT(!backup_restore("/nonexistent", to, &rng.rng, now, NULL, NULL, &err) &&
	       err.code == ERR_MISSING);
	db = open_store(restored);
	struct verify_report r = verify(db, (str){ 0 });
	ASSERT(r.ok && r.entries == ENTRIES + 1 && r.epoch == 2);
	OK(backup_outbound_held(db, &held, &err) && journal_load(&j, db, &err));
	ASSERT(held && j.epoch == 2);
	db_close(db);
	OK(backup_release(restored, actor_system(), &rng.rng, now, &err));
	ASSERT(!backup_release(restored, actor_system(), &rng.rng, now, &err) && err.code == ERR_CONFLICT);
	db = open_store(restored);
	OK(backup_outbound_held(db, &held, &err));
	ASSERT(!held && verify(db, (str){ 0 }).entries == ENTRIES + 2);
	db_close(db);
	ASSERT(!backup_make("postgresql://x", to, NULL, NULL, &made, &err) &&
	       str_find(str_from(err.text), S("pg_dump")) > 0);
}

static str in_folder(struct arena *a, const char *name)
{
	return arena_printf(a, "%s/%s", folder, name);
}

static void test_sqlite(struct arena *a, str *out_export)
{
	struct db *db = open_store(in_folder(a, "store").ptr);
	rng_seeded_init(&rng, S("journal"));
	str note = make_store(db, a);
	*out_export = export(db, a, false);
	test_green(db, note);
	test_export(db, note);
	test_truncated(db, a, in_folder(a, "cut").ptr);
	test_proof(db);
	test_stopped(db);
	test_file(db, note, "large", FLIPS);
	test_few(a);
	test_backup(in_folder(a, "store").ptr, in_folder(a, "backup").ptr, in_folder(a, "restored").ptr);
	test_columns(db);
	db_close(db);
}

/* In a schema of its own, as test_db does. */
static void test_postgresql(struct arena *a, const char *url, str other_export)
{
	struct err err = { 0 };
	struct db *db = open_store(url), *store;
	OK(db_script(db, "DROP SCHEMA IF EXISTS test_verify CASCADE; CREATE SCHEMA test_verify", &err));
	store = open_store(arena_printf(a, "%s%soptions=-csearch_path%%3Dtest_verify", url,
					str_find_char(str_from(url), '?') < 0 ? "?" : "&")
				   .ptr);
	rng_seeded_init(&rng, S("journal"));
	str note = make_store(store, a);
	test_green(store, note);
	ASSERT(str_eq(export(store, a, false), other_export)); /* one format for both engines */
	test_proof(store);
	test_columns(store);
	db_close(store);
	OK(db_script(db, "DROP SCHEMA test_verify CASCADE", &err));
	db_close(db);
}

int main(void)
{
	const char *url = getenv("NAUBAT_TEST_PG");
	struct err err = { 0 };
	struct arena a;
	str text;
	OK(crypto_init(&err));
	ASSERT(mkdtemp(folder) != NULL);
	arena_init(&a, 256 << 20, 512 << 20);
	rng_seeded_init(&rng, S("key"));
	key = sign_key_make(&rng.rng);
	test_sqlite(&a, &text);
	if (url != NULL)
		test_postgresql(&a, url, text);
	else
		(void)puts("skipped: PostgreSQL part: NAUBAT_TEST_PG is not set");
	sign_key_free(key);
	if (system(arena_printf(&a, "rm -r %s", folder).ptr) != 0)
		(void)fprintf(stderr, "%s is left behind\n", folder);
	arena_done(&a);
	return 0;
}
