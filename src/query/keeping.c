#include "query/keeping.h"

#include "format/json.h"
#include "query_sql.h"

static bool set_reason(struct view *v, str body, struct json *j, struct err *err)
{
	struct json *words;
	if (!view_body(v, body, &words, err))
		return false;
	str text = json_get_str(words, "text");
	json_set_str(j, "reason", text.len ? text : S(""));
	return true;
}

static bool hold(struct view *v, struct uuid subject, struct json **out, struct err *err)
{
	struct sql_query_hold_row r = { 0 };
	struct json *by;
	bool found = false;
	*out = NULL;
	if (!sql_query_hold(v->db, v->a,
			    &(struct sql_query_hold){ .scope_team = v->team, .subject = subject }, &r, &found,
			    err))
		return false;
	if (!found)
		return true;
	struct json *j = json_object(v->a);
	if (!view_person(v, r.actor, &by, err) || !set_reason(v, r.body, j, err))
		return false;
	json_set_instant(j, "since", r.since);
	json_set(j, "by", by);
	*out = j;
	return true;
}

/* "report.content": the words of a report. */
static str words_of(str kind)
{
	return str_cut(kind, '.').head;
}

static bool purge_fields(struct view *v, const struct sql_query_purges_of_row *r, struct json **out,
			 struct err *err)
{
	struct json *j = json_object(v->a), *asked_by, *done_by;
	if (!view_person(v, r->asked_by, &asked_by, err) || !view_person(v, r->done_by, &done_by, err) ||
	    !set_reason(v, r->body, j, err))
		return false;
	json_set_uuid(j, "id", r->id);
	json_set_str(j, "words", words_of(r->kind));
	json_set_uuid(j, "target", r->target);
	json_set_instant(j, "asked_at", r->asked);
	json_set(j, "asked_by", asked_by);
	json_set_instant(j, "done_at", r->done);
	json_set(j, "done_by", done_by);
	*out = j;
	return true;
}

bool view_keeping(struct view *v, struct uuid subject, struct json *annex, struct err *err)
{
	struct sql_query_purges_of_row *rows;
	ptrdiff_t count;
	struct json *held, *list = json_array(v->a);
	if (!hold(v, subject, &held, err) ||
	    !sql_query_purges_of(v->db, v->a,
				 &(struct sql_query_purges_of){ .scope_team = v->team, .subject = subject },
				 &rows, &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++) {
		struct json *one;
		if (!purge_fields(v, &rows[i], &one, err))
			return false;
		json_append(list, one);
	}
	json_set(annex, "hold", held);
	json_set(annex, "purges", list);
	return true;
}

static bool purge_record(struct view *v, const struct sql_query_purges_row *r, bool audit,
			 struct record *out, struct err *err)
{
	struct sql_query_purges_of_row same = { .id = r->id,
						.kind = r->kind,
						.target = r->target,
						.asked_by = r->asked_by,
						.asked = r->asked,
						.done_by = r->done_by,
						.done = r->done,
						.body = r->body };
	str *team = NEW(v->a, str, 1);
	*team = r->team;
	*out = (struct record){ .kind = audit ? RECORD_ENTRY : RECORD_COMMENT,
				.id = r->id,
				.subject = r->target,
				.tlp = TLP_AMBER,
				.coordinator = r->team,
				.teams = team,
				.team_count = 1,
				.annex = !audit };
	if (!purge_fields(v, &same, &out->fields, err))
		return false;
	json_set(out->fields, "team", view_team(v, r->team));
	if (audit)
		json_set_int(out->fields, "entry", r->seq);
	json_set_uuid(out->fields, "incident", audit ? (struct uuid){ { 0 } } : r->incident);
	json_set_uuid(out->fields, "report", audit ? (struct uuid){ { 0 } } : r->report);
	return true;
}

bool view_purges(struct view *v, str state, struct uuid before, int64_t count, struct purge_page *out,
		 struct err *err)
{
	bool audit = identity_may(v->who, MAY_AUDIT);
	struct sql_query_purges_row *rows;
	ptrdiff_t n;
	*out = (struct purge_page){ 0 };
	if (!audit && !identity_may(v->who, MAY_READ_CASES))
		return err_set(err, ERR_DENIED, "purges are for people who work on cases, and for auditors");
	if (!sql_query_purges(v->db, v->a,
			      &(struct sql_query_purges){ .scope_team = v->team,
							  .any = audit,
							  .state = state.len ? state : S(""),
							  .before = uuid_bytes(&before),
							  .count = count + 1 },
			      &rows, &n, err))
		return false;
	out->count = MIN(n, (ptrdiff_t)count);
	out->records = NEW(v->a, struct record *, out->count);
	for (ptrdiff_t i = 0; i < out->count; i++) {
		out->records[i] = NEW(v->a, struct record, 1);
		if (!purge_record(v, &rows[i], audit, out->records[i], err))
			return false;
	}
	if (n > count)
		out->next = rows[count - 1].id;
	return true;
}
