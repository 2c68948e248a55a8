#include "http/evidence_routes.h"

#include "access/identity.h"
#include "cases/evidence.h"
#include "http/desk.h"
#include "http/downloads.h"
#include "mail/parse.h"
#include "query/evidence.h"
#include "query/reads.h"

/* A mail is parsed to get at its parts, which takes up to four times its size (parse.h, I4). */
enum { PARSE_FACTOR = 5 };

struct download {
	struct request *rq;
	struct evidence e;
	const struct released *released;
	str bytes;
	bool ok;
	struct err err;
};

static struct reply *missing(struct request *rq)
{
	struct err err;
	(void)err_set(&err, ERR_MISSING,
		      "there is no such file, or none that you may see; what was purged is gone");
	return reply_error(rq, &err);
}

static bool load_kept(struct download *x, struct arena *a, str *out, struct err *err)
{
	struct db *db = reads_take(x->rq->node->reads);
	bool ok = journal_blob_load(db, a, x->e.kept, out, err);
	reads_give(x->rq->node->reads, db);
	return ok;
}

/* The part is copied out of the parsed mail, which is given up at once. */
static bool load_part(struct download *x, struct err *err)
{
	struct arena tmp;
	struct mail m;
	str raw;
	struct mail_parse_options options = { .own_host = x->rq->node->world->mail_domain };
	arena_init(&tmp, MAIL_ARENA_SOFT, MAIL_ARENA_HARD);
	bool ok = load_kept(x, &tmp, &raw, err) && mail_parse(&tmp, raw, &options, &m, err);
	if (ok && x->e.part >= m.attachments.count)
		ok = err_set(err, ERR_SYSTEM, "a part of a mail is no longer where it was");
	if (ok)
		x->bytes = arena_dup(x->rq->arena, m.attachments.items[x->e.part].bytes);
	arena_done(&tmp);
	return ok;
}

static void load(void *arg)
{
	struct download *x = arg;
	x->ok = x->e.in_mail ? load_part(x, &x->err) : load_kept(x, x->rq->arena, &x->bytes, &x->err);
	if (x->ok && !hash256_eq(hash256_of(x->bytes), x->e.hash))
		x->ok = err_set(&x->err, ERR_SYSTEM,
				"original bytes are not those that came: verify the journal");
}

static bool note(struct decision *d, void *arg, struct err *err)
{
	struct download *x = arg;
	struct evidence_taken taken = { .report = x->e.report,
					.incident = x->e.incident,
					.message = x->e.message,
					.team = x->e.record.coordinator,
					.tlp = x->e.record.tlp,
					.what = str_from(x->e.what),
					.hash = x->e.hash };
	return evidence_taken_decide(d, &taken, err);
}

static struct reply *noted(struct request *rq, struct command *c)
{
	struct download *x = desk_arg(c);
	return c->ok ? reply_download(rq, x->released, x->e.name, x->bytes) : reply_error(rq, &c->err);
}

/* Noted before the first byte leaves: whoever was cut off in the middle has the rest too, for all we know. */
static struct reply *loaded(struct request *rq, void *arg)
{
	struct download *x = arg;
	if (!x->ok)
		return x->err.code == ERR_MISSING ? missing(rq) : reply_error(rq, &x->err);
	struct command *c = NEW(rq->arena, struct command, 1);
	*c = (struct command){ .name = "evidence.take",
			       .actor = rq->who->account,
			       .regime = rq->node->world->regime_id,
			       .decide = note,
			       .arg = x };
	return reply_after(rq, c, noted);
}

static struct reply *send(struct request *rq, struct download *x)
{
	struct err err;
	struct audience to = desk_audience(rq);
	int64_t room = x->e.kept_size * (x->e.in_mail ? PARSE_FACTOR : 1);
	if (!release_check(rq->arena, &x->e.record, &to, &x->released, &err))
		return missing(rq);
	if (!downloads_take(rq->node->downloads, rq->arena, (ptrdiff_t)room)) {
		(void)err_set(&err, ERR_RETRY,
			      "several large files are being downloaded just now: try again in a moment");
		return reply_error(rq, &err);
	}
	x->rq = rq;
	rq->arena->soft += 2 * (ptrdiff_t)x->e.kept_size; /* PostgreSQL hands bytes over in a copy */
	return reply_after_work(rq, load, x, loaded);
}

typedef bool find(struct view *v, struct uuid id, const struct request *rq, struct evidence *out,
		  struct err *err);

static struct reply *download(struct request *rq, find *what)
{
	struct download *x = NEW(rq->arena, struct download, 1);
	struct view v;
	struct uuid id;
	struct err err = { 0 };
	if (!request_param_uuid(rq, "id", &id, &err) || !desk_open(rq, &v, &err))
		return reply_error(rq, &err);
	bool ok = what(&v, id, rq, &x->e, &err);
	desk_close(rq, &v);
	if (!ok)
		return err.code == ERR_MISSING ? missing(rq) : reply_error(rq, &err);
	return send(rq, x);
}

static bool find_original(struct view *v, struct uuid id, const struct request *rq UNUSED,
			  struct evidence *out, struct err *err)
{
	return view_evidence_original(v, id, out, err);
}

static bool find_file(struct view *v, struct uuid id, const struct request *rq, struct evidence *out,
		      struct err *err)
{
	int64_t number;
	if (!str_to_int(request_param(rq, "attachment"), 1, INT32_MAX, &number))
		number = 0; /* which no file has */
	return view_evidence_file(v, id, number, out, err);
}

static bool find_answer(struct view *v, struct uuid id, const struct request *rq UNUSED,
			struct evidence *out, struct err *err)
{
	return view_evidence_message(v, id, out, err);
}

static struct reply *report_raw(struct request *rq)
{
	return download(rq, find_original);
}
static struct reply *report_attachment(struct request *rq)
{
	return download(rq, find_file);
}
static struct reply *message_raw(struct request *rq)
{
	return download(rq, find_answer);
}

const struct route evidence_routes[] = {
	{ "GET", "/api/reports/{id}/raw", PERM_CASE_READ, report_raw,
	  "The original mail of a report, to save", .record = "application/octet-stream" },
	{ "GET", "/api/reports/{id}/attachments/{attachment}", PERM_CASE_READ, report_attachment,
	  "A file that came with a report, to save", .record = "application/octet-stream" },
	{ "GET", "/api/messages/{id}/raw", PERM_CASE_READ, message_raw,
	  "The original mail of an answer, to save", .record = "application/octet-stream" },
};
const ptrdiff_t evidence_routes_count = COUNTOF(evidence_routes);
