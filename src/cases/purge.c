#include "cases/purge.h"

#include "access/identity.h"
#include "base/text.h"
#include "cases/load.h"
#include "format/json.h"
#include "journal_sql.h"
#include "purge_sql.h"
#include "state/apply.h"
#include "state/search.h"

enum { REASON_MAX = 4096 };

/* A content entry, and what the structural entry that it came with says. */
struct words {
	struct entry entry;
	const struct json *payload; /* NULL: purged */
	const struct json *cause;   /* of the structural entry; NULL: none */
};

/* Hidden and missing are the same answer.  What the node itself owns is its own team's, and the auditor's. */
static bool reaches(const struct world *w, const struct identity *who, const struct entry *e)
{
	str owner = e->owner.len ? e->owner : w->team;
	return identity_may(who, MAY_AUDIT) ||
	       (identity_may(who, MAY_WRITE_CASES) && str_eq(who->team, owner));
}

static bool load_payload(struct decision *d, const struct entry *e, const struct json **out, struct err *err)
{
	struct json *j = NULL;
	if (e->payload.ptr && !json_parse(d->arena, e->payload, (struct json_limits){ 0 }, &j, err))
		return err_wrap(err, "the store is damaged: entry %lld", (long long)e->seq);
	*out = j;
	return true;
}

/* Without the entry's number: that would tell how much there is. */
static bool no_words(struct err *err)
{
	return err_set(err, ERR_MISSING, "there are no such words, or none that you may have purged");
}

static bool load_words(struct decision *d, const struct world *w, const struct identity *who, int64_t seq,
		       struct words *out, struct err *err)
{
	struct words x = { 0 };
	struct entry cause;
	if (!journal_find(d->db, d->arena, seq, &x.entry, err))
		return false;
	if (!reaches(w, who, &x.entry))
		return no_words(err);
	if (!apply_is_content(x.entry.kind))
		return err_set(err, ERR_INPUT,
			       "an entry of kind " STR_FMT
			       " has no words: only kinds that end in .content can be purged",
			       STR_ARG(x.entry.kind));
	if (x.entry.payload.ptr == NULL)
		return err_set(err, ERR_CONFLICT, "these words were purged already");
	if (!load_payload(d, &x.entry, &x.payload, err))
		return false;
	if (x.entry.cause >= 0 && (!journal_find(d->db, d->arena, x.entry.cause, &cause, err) ||
				   !load_payload(d, &cause, &x.cause, err)))
		return false;
	*out = x;
	return true;
}

/* A hold on anything that the words belong to. */
static bool check_holds(struct decision *d, const struct words *x, struct err *err)
{
	static const char *const names[] = { "incident", "report", "case" };
	struct uuid ids[1 + COUNTOF(names)] = { x->entry.subject };
	for (ptrdiff_t i = 0; i < COUNTOF(names); i++)
		ids[i + 1] = json_get_uuid(x->cause, names[i]);
	for (ptrdiff_t i = 0; i < COUNTOF(ids); i++) {
		struct sql_purge_held_row row;
		bool held = false;
		if (!uuid_is_nil(ids[i]) &&
		    !sql_purge_held(d->db, d->arena, &(struct sql_purge_held){ .id = ids[i] }, &row, &held,
				    err))
			return false;
		if (held)
			return err_set(
				err, ERR_CONFLICT,
				"a legal hold lies on this case: nothing of it can be purged until the hold "
				"is lifted");
	}
	return true;
}

static void add_draft(struct decision *d, const char *kind, struct uuid purge, const struct words *x,
		      struct json *p)
{
	struct draft draft = draft_of(kind, purge, x->entry.owner, TLP_UNMARKED, p);
	draft.audience = SCOPE_ANNEX;
	decision_add(d, draft);
}

static bool find_entry(struct decision *d, const struct purge_ask *c, int64_t *out_seq, struct err *err)
{
	struct sql_purge_content_row row;
	bool found = false;
	if (c->entry >= 0) {
		*out_seq = c->entry;
		return true;
	}
	if (!sql_purge_content(d->db, d->arena, &(struct sql_purge_content){ .id = c->target }, &row, &found,
			       err))
		return false;
	if (!found)
		return no_words(err);
	*out_seq = row.seq;
	return true;
}

/* The case whose timeline tells of it. */
static void place_of(const struct words *x, struct uuid *out_incident, struct uuid *out_report)
{
	*out_incident = json_get_uuid(x->cause, "incident");
	*out_report = json_get_uuid(x->cause, "report");
	if (str_eq(x->entry.kind, S("report.content"))) {
		*out_report = x->entry.subject;
		*out_incident = (struct uuid){ { 0 } };
	}
	if (str_eq(x->entry.kind, S("incident.content")))
		*out_incident = x->entry.subject;
}

bool purge_ask_decide(struct decision *d, void *arg, struct err *err)
{
	struct purge_ask *c = arg;
	struct sql_purge_of_entry_row before;
	struct words x;
	int64_t seq = -1;
	bool asked = false;
	if (c->who->operator_socket)
		return err_set(err, ERR_DENIED,
			       "two people purge: sign in, the machine's operator is nobody");
	if (str_trim(c->reason).len == 0 || c->reason.len > REASON_MAX)
		return err_set(err, ERR_INPUT, "reason: say why these words must go, in up to %d bytes",
			       REASON_MAX);
	if (!find_entry(d, c, &seq, err) || !load_words(d, c->world, c->who, seq, &x, err) ||
	    !check_holds(d, &x, err) ||
	    !sql_purge_of_entry(d->db, d->arena, &(struct sql_purge_of_entry){ .entry = seq }, &before,
				&asked, err))
		return false;
	if (asked)
		return err_set(err, ERR_CONFLICT,
			       "this purge was asked for already: somebody else confirms it");
	struct json *p = json_object(d->arena);
	struct uuid purge = decision_new_id(d), incident, report;
	place_of(&x, &incident, &report);
	json_set_int(p, "entry", seq);
	json_set_str(p, "kind", x.entry.kind);
	json_set_uuid(p, "target", x.entry.subject);
	json_set_uuid(p, "incident", incident);
	json_set_uuid(p, "report", report);
	add_draft(d, "purge.asked", purge, &x, p); /* first: the receipt is its */
	json_set_uuid(p, "reason",
		      world_explain(d, x.entry.owner, TLP_UNMARKED, incident, report, c->reason));
	return true;
}

static bool may_confirm(const struct purge_confirm *c, struct uuid asked_by, struct err *err)
{
	if (c->who->operator_socket)
		return err_set(err, ERR_DENIED,
			       "two people purge: sign in, the machine's operator is nobody");
	if (!identity_may(c->who, MAY_LEAD) && !identity_may(c->who, MAY_AUDIT))
		return err_set(err, ERR_DENIED, "a purge is confirmed by a shift lead or an auditor");
	if (!uuid_is_nil(c->who->token) && !identity_may(c->who, MAY_LEAD))
		return err_set(err, ERR_DENIED, "a token for audits reads: sign in to confirm a purge");
	if (uuid_eq(c->who->account, asked_by))
		return err_set(err, ERR_DENIED, "you asked for this purge: somebody else has to confirm it");
	return true;
}

static bool delete_unshared(struct decision *d, struct uuid subject, str hash, struct err *err)
{
	struct sql_purge_bytes_shared_row row;
	bool shared = false;
	return sql_purge_bytes_shared(d->db, d->arena,
				      &(struct sql_purge_bytes_shared){ .raw = hash, .id = subject }, &row,
				      &shared, err) &&
	       (shared ||
		sql_journal_blob_delete(d->db, &(struct sql_journal_blob_delete){ .hash = hash }, err));
}

/* The original bytes came with the first words of a report or a message, and go with them. */
static bool delete_bytes(struct decision *d, const struct words *x, struct err *err)
{
	struct sql_purge_evidence_row *files;
	ptrdiff_t count = 0;
	str hash, hex = json_get_str(x->cause, "raw");
	if (hex.len && (!text_from_hex(d->arena, hex, &hash, err) ||
			!delete_unshared(d, x->entry.subject, hash, err)))
		return false;
	if (!json_get_str(x->cause, "channel").len) /* not what arrived: words that were added later */
		return true;
	if (!sql_purge_evidence(d->db, d->arena, &(struct sql_purge_evidence){ .id = x->entry.subject },
				&files, &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++)
		if (!delete_unshared(d, x->entry.subject, files[i].hash, err))
			return false;
	return true;
}

/* Newer words of the same thing stay found: the index holds those, not these. */
static bool delete_search(struct decision *d, const struct words *x, struct err *err)
{
	struct sql_purge_content_row row;
	bool found = false;
	if (!sql_purge_content(d->db, d->arena, &(struct sql_purge_content){ .id = x->entry.subject }, &row,
			       &found, err))
		return false;
	return (found && row.seq != x->entry.seq) || search_forget(d->db, d->arena, x->entry.subject, err);
}

bool purge_confirm_decide(struct decision *d, void *arg, struct err *err)
{
	struct purge_confirm *c = arg;
	struct sql_purge_find_row row;
	struct words x;
	bool found = false;
	if (!sql_purge_find(d->db, d->arena, &(struct sql_purge_find){ .id = c->purge }, &row, &found, err))
		return false;
	if (!found)
		return err_set(err, ERR_MISSING, "there is no such purge");
	if (!load_words(d, c->world, c->who, row.entry, &x, err) || !may_confirm(c, row.asked_by, err) ||
	    !check_holds(d, &x, err))
		return false;
	struct json *p = json_object(d->arena);
	struct uuid incident, report;
	place_of(&x, &incident, &report);
	json_set_uuid(p, "target", x.entry.subject);
	json_set_int(p, "entry", row.entry);
	json_set_uuid(p, "incident", incident);
	json_set_uuid(p, "report", report);
	add_draft(d, "purge.done", c->purge, &x, p);
	return delete_search(d, &x, err) && delete_bytes(d, &x, err) &&
	       sql_journal_entry_purge(d->db, &(struct sql_journal_entry_purge){ .seq = row.entry }, err);
}

static bool check_hold(struct decision *d, const struct hold_command *c, struct err *err)
{
	struct sql_case_incident_find_row incident;
	struct sql_case_report_find_row report;
	struct sql_purge_hold_row row;
	bool held = false;
	if (c->incident ? !load_incident(d, c->who, c->subject, true, &incident, err)
			: !load_report(d, c->who, c->subject, true, &report, err))
		return false;
	if (!identity_may(c->who, MAY_LEAD))
		return err_set(err, ERR_DENIED, "a legal hold is set and lifted by a shift lead");
	if (str_trim(c->reason).len == 0 || c->reason.len > REASON_MAX)
		return err_set(err, ERR_INPUT, "reason: say who ordered it and why, in up to %d bytes",
			       REASON_MAX);
	if (!sql_purge_hold(d->db, d->arena, &(struct sql_purge_hold){ .id = c->subject }, &row, &held, err))
		return false;
	if (held != c->lift)
		return err_set(err, ERR_CONFLICT,
			       held ? "a legal hold lies on it already" : "no legal hold lies on it");
	return true;
}

bool hold_decide(struct decision *d, void *arg, struct err *err)
{
	const struct hold_command *c = arg;
	struct json *p = json_object(d->arena);
	struct uuid none = { { 0 } };
	if (!check_hold(d, c, err))
		return false;
	decision_add(d, draft_of(c->lift ? "hold.lifted" : "hold.set", c->subject, c->who->team, TLP_UNMARKED,
				 p));
	json_set_uuid(p, "reason",
		      world_explain(d, c->who->team, TLP_UNMARKED, c->incident ? c->subject : none,
				    c->incident ? none : c->subject, c->reason));
	return true;
}
