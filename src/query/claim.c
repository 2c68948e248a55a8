#include "query/claim.h"

#include "crypto/hash.h"
#include "format/json.h"
#include "model/observable.h"
#include "query/evidence.h"
#include "query_sql.h"

static bool messages(struct db *db, struct arena *a, struct uuid report, struct json *out, struct err *err)
{
	struct sql_query_claim_messages_row *rows;
	ptrdiff_t count;
	struct json *list = json_array(a);
	if (!sql_query_claim_messages(
		    db, a,
		    &(struct sql_query_claim_messages){ .scope_team = S("reporter"), .report = report },
		    &rows, &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++) {
		struct json *words = json_object(a), *j = json_object(a);
		if (rows[i].body.ptr && !json_parse(a, rows[i].body, (struct json_limits){ 0 }, &words, err))
			return false;
		json_set_str(j, "direction", rows[i].direction);
		json_set_instant(j, "at", rows[i].at);
		json_set_str(j, "text", observable_defang(a, json_get_str(words, "text")));
		json_append(list, j);
	}
	json_set(out, "messages", list);
	return true;
}

bool claim_look(struct db *db, struct arena *a, str code, struct claim_view *out, struct err *err)
{
	struct sql_query_claim_row row;
	struct hash256 h = hash256_of(code);
	struct json *j = json_object(a), *words = json_object(a);
	bool found = false;
	*out = (struct claim_view){ 0 };
	if (!sql_query_claim(
		    db, a,
		    &(struct sql_query_claim){ .scope_team = S("reporter"), .claim = hash256_bytes(&h) },
		    &row, &found, err))
		return false;
	if (!found)
		return true;
	if (row.body.ptr && !json_parse(a, row.body, (struct json_limits){ 0 }, &words, err))
		return false;
	json_set_str(j, "number", row.number);
	json_set_str(j, "state", row.state);
	json_set_instant(j, "received_at", row.received);
	json_set_str(j, "title", observable_defang(a, json_get_str(words, "title")));
	json_set(j, "files", view_files(a, words));
	if (!messages(db, a, row.id, j, err))
		return false;
	struct record r = { .kind = RECORD_REPORT,
			    .id = row.id,
			    .subject = row.id,
			    .tlp = (enum tlp)row.tlp,
			    .coordinator = row.team,
			    .fields = j };
	struct audience to = { .kind = AUDIENCE_REPORTER, .report = row.id };
	if (!release_check(a, &r, &to, &out->page, err))
		return false;
	out->found = true;
	out->report = row.id;
	return true;
}
