#include "query/evidence.h"

#include "base/text.h"
#include "format/json.h"
#include "query_sql.h"

static bool missing(struct err *err)
{
	return err_set(err, ERR_MISSING,
		       "there is no such file, or none that you may see; what was purged is gone");
}

static bool kept_size(struct view *v, str hash, int64_t *out_size, bool *out_found, struct err *err)
{
	struct sql_query_kept_row row = { 0 };
	*out_found = false;
	if (hash.ptr &&
	    !sql_query_kept(v->db, v->a, &(struct sql_query_kept){ .scope_team = v->team, .hash = hash },
			    &row, out_found, err))
		return false;
	*out_size = row.size;
	return true;
}

bool view_kept(struct view *v, str hash, struct json **out, struct err *err)
{
	int64_t size = 0;
	bool found = false;
	*out = NULL;
	if (!kept_size(v, hash, &size, &found, err))
		return false;
	if (!found)
		return true;
	struct json *j = json_object(v->a);
	json_set_str(j, "sha256", text_hex(v->a, hash));
	json_set_int(j, "size", size);
	*out = j;
	return true;
}

struct json *view_files(struct arena *a, const struct json *body)
{
	const struct json *files = json_get(body, "files");
	struct json *list = json_array(a);
	for (ptrdiff_t i = 0; i < json_count(files); i++) {
		struct json *j = json_copy(a, json_at(files, i));
		json_set_str(j, "id", arena_printf(a, "%td", i + 1));
		json_append(list, j);
	}
	return list;
}

/* The bytes are there and have these words beside them, or nothing is found (I1). */
static bool keep(struct view *v, str hash, str body, struct evidence *e, struct err *err)
{
	bool found = false;
	if (hash.ptr == NULL || body.ptr == NULL)
		return missing(err);
	if (!kept_size(v, hash, &e->kept_size, &found, err))
		return false;
	return found ? hash256_from_bytes(hash, &e->kept, err) : missing(err);
}

static bool of_report(struct view *v, struct uuid id, struct sql_query_evidence_row *r, struct evidence *e,
		      struct err *err)
{
	bool found = false;
	*e = (struct evidence){ .report = id };
	if (!sql_query_evidence(v->db, v->a,
				&(struct sql_query_evidence){ .scope_team = v->team, .report = id }, r,
				&found, err))
		return false;
	if (!found)
		return missing(err);
	e->record = (struct record){ .kind = RECORD_ATTACHMENT,
				     .id = id,
				     .subject = id,
				     .tlp = (enum tlp)r->tlp,
				     .coordinator = r->team,
				     .fields = json_object(v->a) };
	e->incident = r->incident;
	return view_teams_of(v, id, &e->record.teams, &e->record.team_count, err);
}

bool view_evidence_original(struct view *v, struct uuid report, struct evidence *out, struct err *err)
{
	struct sql_query_evidence_row r = { 0 };
	if (!of_report(v, report, &r, out, err) || !keep(v, r.raw, r.body, out, err))
		return false;
	out->record.annex = true;
	out->hash = out->kept;
	out->name = arena_printf(v->a, STR_FMT ".eml", STR_ARG(r.number));
	out->what = "original";
	return true;
}

bool view_evidence_file(struct view *v, struct uuid report, int64_t number, struct evidence *out,
			struct err *err)
{
	struct sql_query_evidence_row r = { 0 };
	struct json *body;
	if (!of_report(v, report, &r, out, err) || !view_body(v, r.body, &body, err))
		return false;
	const struct json *files = json_get(body, "files");
	if (number < 1 || number > json_count(files))
		return missing(err);
	const struct json *file = json_at(files, (ptrdiff_t)number - 1);
	if (!hash256_from_hex(json_get_str(file, "sha256"), &out->hash, err))
		return err_wrap(err, "the store is damaged: a file of a report has no hash");
	out->in_mail = r.raw.ptr != NULL;
	out->part = (ptrdiff_t)number - 1;
	out->name = json_get_str(file, "name");
	out->what = "attachment";
	return keep(v, out->in_mail ? r.raw : hash256_bytes(&out->hash), r.body, out, err);
}

bool view_evidence_message(struct view *v, struct uuid message, struct evidence *out, struct err *err)
{
	struct sql_query_message_original_row r = { 0 };
	bool found = false;
	*out = (struct evidence){ .message = message };
	if (!sql_query_message_original(
		    v->db, v->a,
		    &(struct sql_query_message_original){ .scope_team = v->team, .id = message }, &r, &found,
		    err))
		return false;
	if (!found)
		return missing(err);
	out->report = r.report;
	out->incident = r.incident;
	struct uuid subject = uuid_is_nil(r.incident) ? r.report : r.incident;
	out->record = (struct record){ .kind = RECORD_ATTACHMENT,
				       .id = message,
				       .subject = subject,
				       .tlp = (enum tlp)MAX(r.tlp, r.case_tlp),
				       .coordinator = r.team,
				       .annex = true,
				       .fields = json_object(v->a) };
	if (!view_teams_of(v, subject, &out->record.teams, &out->record.team_count, err) ||
	    !keep(v, r.raw, r.body, out, err))
		return false;
	out->hash = out->kept;
	out->name = arena_printf(v->a, STR_FMT "-answer-" STR_FMT ".eml", STR_ARG(r.number),
				 STR_ARG(str_sub(uuid_format(v->a, message), 28, 36)));
	out->what = "original";
	return true;
}
