#include "http/journal_routes.h"

#include <unistd.h>
#include "access/identity.h"
#include "base/text.h"
#include "crypto/sign.h"
#include "format/json.h"
#include "http/desk.h"
#include "query/reads.h"
#include "http/node.h"
#include "http/progress.h"
#include "journal/prove.h"
#include "journal/verify.h"
#include "journal_routes_sql.h"

enum { LIST_DEFAULT = 50 };

/* What runs on the work pool: its own connection, so that no reader of pages waits for it. */
struct job {
	struct request *rq;
	const struct node *node;
	struct db *db;
	bool ok;
	struct err err;
	struct verify_report report;
	struct proof proof;
	str entry;   /* as asked: a number, or the id of a case */
	str altered; /* empty: nothing was */
	str kept;    /* a checkpoint from elsewhere, or for elsewhere */
	int64_t took_us;
};

/* Its size tells how much is going on, with everybody's cases in it: NULL for who may not keep it. */
static struct json *checkpoint_json(struct request *rq, str note, bool with_note)
{
	struct arena *a = rq->arena;
	struct checkpoint c;
	struct err ignored;
	if (!identity_may(rq->who, MAY_KEEP_CHECKPOINTS) || note.len == 0 ||
	    !checkpoint_parse(note, &c, &ignored))
		return NULL;
	struct json *j = json_object(a);
	json_set_str(j, "origin", c.origin);
	json_set_int(j, "size", c.size);
	json_set_str(j, "root", hash256_hex(a, c.root));
	json_set_instant(j, "at", c.at);
	if (with_note)
		json_set_str(j, "note", note);
	return j;
}

/* The journal is nobody's case: an auditor reads it without casework, and so without a scope.  Only for
 * statements
 * about the journal and names of people. */
static bool read_open(struct request *rq, struct view *out_v, struct err *err)
{
	struct view v = { .a = rq->arena,
			  .who = rq->who,
			  .team = rq->who->team,
			  .regime = rq->node->world->regime,
			  .db = reads_take(rq->node->reads) };
	if (!db_begin_read(v.db, err)) {
		reads_give(rq->node->reads, v.db);
		return false;
	}
	*out_v = v;
	return true;
}

/* How many entries there are tells how much is going on, with everybody's cases in it: auditors only. */
static void set_entries(struct request *rq, struct json *out, int64_t entries)
{
	if (identity_may(rq->who, MAY_AUDIT))
		json_set_int(out, "entries", entries);
	else
		json_set(out, "entries", NULL);
}

static struct reply *journal_get(struct request *rq)
{
	struct view v;
	struct journal j;
	struct err err = { 0 };
	str note;
	const struct node *n = rq->node;
	if (!read_open(rq, &v, &err))
		return reply_error(rq, &err);
	bool ok = journal_load(&j, v.db, &err) && checkpoint_latest(v.db, rq->arena, &note, &err);
	desk_close(rq, &v);
	if (!ok)
		return reply_error(rq, &err);
	struct json *out = json_object(rq->arena);
	set_entries(rq, out, j.tree.size);
	json_set_int(out, "epoch", j.epoch);
	json_set(out, "checkpoint", checkpoint_json(rq, note, true));
	if (n->key)
		json_set_str(out, "public_key",
			     checkpoint_key_format(rq->arena, n->key_name, sign_key_public(n->key)));
	else
		json_set(out, "public_key", NULL);
	return reply_json(rq, 200, out);
}

/* The name of an account, "node" for the node itself, "public" for somebody without one. */
static bool actor_name(struct view *v, struct uuid actor, str *out_name, struct err *err)
{
	struct json *person;
	if (uuid_eq(actor, actor_system())) {
		*out_name = S("node");
		return true;
	}
	if (uuid_eq(actor, actor_public())) {
		*out_name = S("public");
		return true;
	}
	if (!view_person(v, actor, &person, err))
		return false;
	str name = json_get_str(person, "name");
	*out_name = name.ptr ? name : uuid_format(v->a, actor);
	return true;
}

static bool entry_json(struct view *v, const struct sql_journal_headers_before_row *row, struct json **out,
		       struct err *err)
{
	struct entry e;
	str actor;
	if (!entry_parse(row->header, &e, err) || !actor_name(v, e.actor, &actor, err))
		return false;
	struct json *j = json_object(v->a);
	json_set_str(j, "id", arena_printf(v->a, "%lld", (long long)row->seq));
	json_set_int(j, "seq", row->seq);
	json_set_instant(j, "at", e.at);
	json_set_str(j, "kind", e.kind);
	json_set_str(j, "actor", actor);
	json_set_str(j, "hash", text_hex(v->a, row->hash));
	*out = j;
	return true;
}

static bool list_entries(struct request *rq, struct view *v, int64_t before, struct json **out,
			 struct err *err)
{
	struct sql_journal_headers_before_row *rows;
	struct journal head;
	ptrdiff_t n = 0;
	int64_t limit = desk_limit(rq);
	limit = limit ? limit : LIST_DEFAULT;
	if (!journal_load(&head, v->db, err) ||
	    !sql_journal_headers_before(
		    v->db, v->a, &(struct sql_journal_headers_before){ .before = before, .count = limit },
		    &rows, &n, err))
		return false;
	struct json *items = json_array(v->a);
	for (ptrdiff_t i = 0; i < n; i++) {
		struct json *item;
		if (!entry_json(v, &rows[i], &item, err))
			return false;
		json_append(items, item);
	}
	bool more = n == limit && rows[n - 1].seq > 0;
	struct json *page =
		desk_page(rq, more ? arena_printf(v->a, "%lld", (long long)rows[n - 1].seq) : S(""),
			  MIN(head.tree.size, 1000), head.tree.size <= 1000);
	json_set(page, "items", items);
	*out = page;
	return true;
}

static struct reply *journal_entries(struct request *rq)
{
	struct view v;
	struct json *page;
	struct err err = { 0 };
	int64_t before = INT64_MAX;
	str cursor = request_cursor(rq);
	if (cursor.len && !str_to_int(cursor, 0, INT64_MAX, &before)) {
		(void)err_set(&err, ERR_INPUT, "cursor: not one that this list gave");
		return reply_error(rq, &err);
	}
	if (!read_open(rq, &v, &err))
		return reply_error(rq, &err);
	bool ok = list_entries(rq, &v, before, &page, &err);
	desk_close(rq, &v);
	return ok ? reply_json(rq, 200, page) : reply_error(rq, &err);
}

/* Hidden and missing are the same answer: only auditors count entries. */
static bool find_entry(struct job *job, int64_t *out_seq, struct err *err)
{
	const struct identity *who = job->rq->who;
	struct sql_journal_entry_of_case_row row;
	struct uuid id;
	struct err ignored;
	bool audit = identity_may(who, MAY_AUDIT), found = false;
	if (audit && str_to_int(job->entry, 0, INT64_MAX, out_seq))
		return true;
	if (uuid_parse(job->entry, &id, &ignored) &&
	    !sql_journal_entry_of_case(
		    job->db, job->rq->arena,
		    &(struct sql_journal_entry_of_case){ .id = id, .team = who->team, .any = audit }, &row,
		    &found, err))
		return false;
	if (!found)
		return err_set(err, ERR_MISSING, "there is no such entry");
	*out_seq = row.seq;
	return true;
}

/* Some hundred reads: as one transaction they cost a third. */
static bool prove_kept(struct job *job, int64_t seq, struct err *err)
{
	bool ok = db_begin_read(job->db, err) &&
		  proof_make(job->db, job->rq->arena, seq, &job->proof, err);
	db_rollback(job->db);
	return ok;
}

static bool prove(struct job *job, struct err *err)
{
	const struct node *n = job->node;
	struct arena *a = job->rq->arena;
	int64_t seq = -1;
	str note;
	if (!find_entry(job, &seq, err))
		return false;
	if (prove_kept(job, seq, err))
		return true;
	if (err->code != ERR_CONFLICT || n->key == NULL) /* newer than the newest checkpoint: make one */
		return false;
	return checkpoint_make(job->db, a, n->key, n->key_name, n->clock->now(n->clock), &note, err) &&
	       prove_kept(job, seq, err);
}

static bool step(void *ctx, int64_t done, int64_t total)
{
	progress_tell(ctx, done, total);
	return true;
}

static bool verify(struct job *job, struct err *err)
{
	const struct node *n = job->node;
	struct verify_options o = { .has_key = n->key != NULL, .step = step, .ctx = n->verifying };
	if (n->key)
		o.key = sign_key_public(n->key);
	o.checkpoint = job->kept;
	progress_begin(n->verifying);
	bool ok = verify_store(job->db, &o, &job->report, err);
	progress_end(n->verifying);
	return ok;
}

static void run(struct job *job, bool (*what)(struct job *job, struct err *err))
{
	const struct node *n = job->node;
	int64_t start = n->clock->boot_us(n->clock);
	job->ok = db_open(n->store, (struct db_options){ 0 }, &job->db, &job->err) && what(job, &job->err);
	db_close(job->db);
	job->took_us = n->clock->boot_us(n->clock) - start;
}

static void run_prove(void *arg)
{
	run(arg, prove);
}

static void run_verify(void *arg)
{
	run(arg, verify);
}

static struct job *new_job(struct request *rq)
{
	struct job *job = NEW(rq->arena, struct job, 1);
	job->rq = rq;
	job->node = rq->node;
	return job;
}

static struct reply *proof_done(struct request *rq, void *arg)
{
	struct job *job = arg;
	if (!job->ok)
		return reply_error(rq, &job->err);
	struct json *j = proof_json(rq->arena, &job->proof, proof_holds(&job->proof));
	/* As `naubat journal check` reads it. */
	json_set_str(j, "text", proof_format(rq->arena, &job->proof));
	return reply_json(rq, 200, j);
}

static struct reply *journal_proof(struct request *rq)
{
	struct job *job = new_job(rq);
	job->entry = request_param(rq, "id");
	return reply_after_work(rq, run_prove, job, proof_done);
}

static struct json *verdict(struct request *rq, const struct job *job, str note)
{
	const struct verify_report *r = &job->report;
	struct json *j = json_object(rq->arena), *broken = NULL;
	json_set_bool(j, "ok", r->ok);
	set_entries(rq, j, r->entries);
	json_set_int(j, "purged", r->purged);
	json_set_int(j, "ms", job->took_us / 1000);
	json_set(j, "checkpoint", checkpoint_json(rq, note, false));
	str all = S("every entry is as it was written, and as the node's newest checkpoint says; "
		    "auditors and the Council compare with checkpoints that they keep");
	bool counts = identity_may(rq->who, MAY_KEEP_CHECKPOINTS); /* as the report's own words do */
	json_set_str(j, "statement", r->ok && !counts ? all : str_from(r->statement));
	if (!r->ok) {
		broken = json_object(rq->arena);
		json_set_int(broken, "seq", r->broken_seq);
		json_set_str(broken, "id", r->broken_kind[0] ? str_from(r->broken_kind) : S("-"));
		json_set_str(broken, "what", str_from(r->broken_what));
	}
	json_set(j, "broken", broken);
	if (job->altered.len)
		json_set_str(j, "altered", job->altered);
	return j;
}

static struct reply *verify_done(struct request *rq, void *arg)
{
	struct job *job = arg;
	struct view v;
	str note = { 0 };
	if (!job->ok)
		return reply_error(rq, &job->err);
	if (!read_open(rq, &v, &job->err))
		return reply_error(rq, &job->err);
	bool ok = checkpoint_latest(v.db, rq->arena, &note, &job->err);
	desk_close(rq, &v);
	return ok ? reply_json(rq, 200, verdict(rq, job, note)) : reply_error(rq, &job->err);
}

static struct reply *verify_progress(struct request *rq)
{
	struct json *j = json_object(rq->arena);
	int permille = progress_permille(rq->node->verifying);
	json_set(j, "permille", NULL);
	if (permille >= 0)
		json_set_int(j, "permille", permille);
	return reply_json(rq, 200, j);
}

static struct reply *journal_verify(struct request *rq)
{
	struct job *job = new_job(rq);
	struct err err;
	job->kept = desk_text(rq, "checkpoint");
	if (job->kept.len && !identity_may(rq->who, MAY_KEEP_CHECKPOINTS)) {
		(void)err_set(&err, ERR_DENIED,
			      "checkpoints are kept, and compared, by whoever oversees or audits: the answer "
			      "tells how many entries there are");
		return reply_error(rq, &err);
	}
	return reply_after_work(rq, run_verify, job, verify_done);
}

/* A checkpoint to keep elsewhere: of all that the journal holds now. */
static bool sign_now(struct job *job, struct err *err)
{
	const struct node *n = job->node;
	if (n->key == NULL)
		return err_set(err, ERR_CONFLICT, "this node has no key to sign with");
	return checkpoint_make(job->db, job->rq->arena, n->key, n->key_name, n->clock->now(n->clock),
			       &job->kept, err);
}

static void run_sign(void *arg)
{
	run(arg, sign_now);
}

static struct reply *sign_done(struct request *rq, void *arg)
{
	struct job *job = arg;
	struct json *j = json_object(rq->arena);
	if (!job->ok)
		return reply_error(rq, &job->err);
	json_set_str(j, "note", job->kept);
	json_set(j, "checkpoint", checkpoint_json(rq, job->kept, false));
	return reply_json(rq, 200, j);
}

static struct reply *journal_sign(struct request *rq)
{
	return reply_after_work(rq, run_sign, new_job(rq), sign_done);
}

/* A letter becomes its neighbour, so that the text stays a text whatever byte is hit. */
static str flip(struct arena *a, struct rng *rng, str text, ptrdiff_t *out_at)
{
	str copy = arena_dup(a, text);
	char *p = (char *)(uintptr_t)copy.ptr;
	ptrdiff_t at = (ptrdiff_t)rng_below(rng, (uint64_t)text.len);
	while (p[at] < '0' ||
	       p[at] > 'z') /* every header and payload has such a byte: {} of an empty one not */
		at = (at + 1) % text.len;
	p[at] ^= 1;
	*out_at = at;
	return copy;
}

static bool has_letter(str text)
{
	for (ptrdiff_t i = 0; i < text.len; i++)
		if (text.ptr[i] >= '0' && text.ptr[i] <= 'z')
			return true;
	return false;
}

static bool alter_entry(struct job *job, struct db *copy, struct err *err)
{
	struct arena *a = job->rq->arena;
	struct rng *rng = job->node->rng;
	struct journal j;
	struct entry e;
	ptrdiff_t at = 0;
	if (!journal_load(&j, copy, err))
		return false;
	if (j.tree.size == 0)
		return err_set(err, ERR_CONFLICT, "the journal has no entries yet");
	if (!journal_find(copy, a, (int64_t)rng_below(rng, (uint64_t)j.tree.size), &e, err))
		return false;
	bool payload = has_letter(e.payload) && rng_below(rng, 2) == 0;
	str header = payload ? e.header : flip(a, rng, e.header, &at);
	str text = payload ? flip(a, rng, e.payload, &at) : e.payload;
	job->altered = arena_printf(a, "byte %td of the %s of entry %lld", at, payload ? "payload" : "header",
				    (long long)e.seq);
	bool ok = db_begin(copy, err) &&
		  sql_journal_entry_alter(copy,
					  &(struct sql_journal_entry_alter){
						  .seq = e.seq, .header = header, .payload = text },
					  err) &&
		  db_commit(copy, err);
	if (!ok)
		db_rollback(copy);
	return ok;
}

static void delete_copy(struct arena *a, const char *path)
{
	static const char *const tails[] = { "", "-wal", "-shm" };
	for (ptrdiff_t i = 0; i < COUNTOF(tails); i++)
		(void)unlink(arena_printf(a, "%s%s", path, tails[i]).ptr);
}

static bool alter(struct job *job, struct err *err)
{
	struct arena *a = job->rq->arena;
	struct db *copy = NULL, *live = job->db;
	const char *path = arena_printf(a, "%s/altered-%016llx.db", job->node->folder,
					(unsigned long long)rng_u64(job->node->rng))
				   .ptr;
	if (!db_backup(live, path, NULL, NULL, err))
		return false;
	bool ok = db_open(path, (struct db_options){ 0 }, &copy, err) && alter_entry(job, copy, err);
	job->db = copy;
	ok = ok && verify(job, err);
	job->db = live;
	db_close(copy);
	delete_copy(a, path);
	return ok;
}

static void run_alter(void *arg)
{
	run(arg, alter);
}

static struct reply *demo_alter(struct request *rq)
{
	struct err err;
	if (!rq->node->demonstration) {
		(void)err_set(&err, ERR_MISSING, "only the demonstration alters a copy of its journal");
		return reply_error(rq, &err);
	}
	return reply_after_work(rq, run_alter, new_job(rq), verify_done);
}

static const struct field no_fields[] = { { .name = NULL } };
static const struct field verify_fields[] = {
	{ "checkpoint", FIELD_TEXT, false, CHECKPOINT_NOTE_MAX, "one that was kept elsewhere" },
	{ .name = NULL },
};
static const struct field page_query[] = {
	{ "cursor", FIELD_TEXT, false, 40, "`next` of the page before" },
	{ "limit", FIELD_INT, false, 100, "Entries a page", .min = 1 },
	{ .name = NULL },
};

const struct route journal_routes[] = {
	{ "GET", "/api/journal", PERM_TEAM, journal_get,
	  "The journal's size, newest checkpoint and public key", NULL, NULL, 0, "Journal", false },
	{ "GET", "/api/journal/entries", PERM_AUDIT, journal_entries,
	  "Entries, newest first: who, when, which kind", NULL, page_query, 0, "<JournalEntry>", false },
	{ "GET", "/api/journal/entries/{id}/proof", PERM_CHECKPOINT, journal_proof,
	  "That an entry is in the journal: path, root and signed checkpoint", NULL, NULL, 0, "Proof",
	  false },
	{ "GET", "/api/journal/verify", PERM_TEAM, verify_progress, "How far a verification is", NULL, NULL,
	  0, "{permille: int?}", false },
	{ "POST", "/api/journal/checkpoint", PERM_CHECKPOINT, journal_sign,
	  "A signed checkpoint of the journal as it is, to keep elsewhere", no_fields,
	  .record = "{note: text, checkpoint: Checkpoint?}" },
	{ "POST", "/api/journal/verify", PERM_TEAM, journal_verify, "Verify the whole journal",
	  verify_fields, NULL, 0, "Verdict", false },
	{ "POST", "/api/demo/journal/alter", PERM_TEAM, demo_alter,
	  "Demonstration only: change one byte of a copy and verify that", no_fields, NULL, 0, "Verdict",
	  false },
};
const ptrdiff_t journal_routes_count = COUNTOF(journal_routes);
