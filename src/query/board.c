#include "query/board.h"

#include "format/json.h"
#include "model/observable.h"
#include "query/cursor.h"
#include "query_sql.h"
#include "state/search.h"

enum { COUNT_MAX = 1000, EXCERPT = 160 };

static struct tally tally_of(int64_t count)
{
	return (struct tally){ MIN(count, COUNT_MAX), count <= COUNT_MAX };
}

/* Clocks */

bool view_pressing(struct view *v, struct record **out, struct err *err)
{
	struct record **running;
	struct sql_query_overdue_target_row target;
	ptrdiff_t count;
	bool found = false;
	*out = NULL;
	if (!view_clock_board(v, S("running"), INT64_MIN, (struct uuid){ { 0 } }, 1, &running, &count, err) ||
	    !sql_query_overdue_target(v->db, v->a,
				      &(struct sql_query_overdue_target){ .scope_team = v->team }, &target,
				      &found, err))
		return false;
	if (count)
		*out = running[0];
	if (!found || (count && instant_before(json_get_instant(running[0]->fields, "due_at"), target.due)))
		return true;
	*out = NEW(v->a, struct record, 1);
	return view_clock(v, target.id, *out, err);
}

/* Clocks that run and are due before `before`. */
static bool running(struct view *v, int64_t before, int64_t *out, struct err *err)
{
	struct sql_query_running_tally_row row = { 0 };
	bool found = false;
	if (!sql_query_running_tally(
		    v->db, v->a,
		    &(struct sql_query_running_tally){
			    .scope_team = v->team, .before = before, .most = COUNT_MAX + 1 },
		    &row, &found, err))
		return false;
	*out = row.count;
	return true;
}

bool view_running(struct view *v, struct tally *out, struct err *err)
{
	int64_t count;
	if (!running(v, INT64_MAX, &count, err))
		return false;
	*out = tally_of(count);
	return true;
}

/* Between two looks of the ticker a clock may be past due and not marked yet. */
bool view_overdue(struct view *v, struct tally *out, struct err *err)
{
	struct sql_query_overdue_tally_row marked = { 0 };
	int64_t unmarked;
	bool found = false;
	if (!sql_query_overdue_tally(
		    v->db, v->a,
		    &(struct sql_query_overdue_tally){ .scope_team = v->team, .most = COUNT_MAX + 1 },
		    &marked, &found, err) ||
	    !running(v, v->now.us, &unmarked, err))
		return false;
	*out = tally_of(marked.count + unmarked);
	return true;
}

bool view_untaken(struct view *v, struct untaken *out, struct err *err)
{
	struct sql_query_untaken_row row = { 0 };
	struct sql_query_alerted_row alerted = { 0 };
	bool found = false;
	const struct sql_query_untaken all = { .scope_team = v->team, .most = COUNT_MAX + 1 };
	if (!sql_query_untaken(v->db, v->a, &all, &row, &found, err) ||
	    !sql_query_alerted(v->db, v->a, &(struct sql_query_alerted){ .scope_team = v->team }, &alerted,
			       &found, err))
		return false;
	*out = (struct untaken){ tally_of(row.count), row.oldest, alerted.at };
	return true;
}

/* Incidents of an organisation */

bool view_incidents_of(struct view *v, struct uuid organisation, int64_t count, struct record ***out,
		       ptrdiff_t *out_count, struct err *err)
{
	struct sql_query_incidents_of_row *rows;
	if (!sql_query_incidents_of(v->db, v->a,
				    &(struct sql_query_incidents_of){ .scope_team = v->team,
								      .organisation = organisation,
								      .count = cursor_limit(count) },
				    &rows, out_count, err))
		return false;
	struct uuid *ids = NEW(v->a, struct uuid, *out_count);
	for (ptrdiff_t i = 0; i < *out_count; i++)
		ids[i] = rows[i].id;
	return view_incidents(v, ids, *out_count, out, err);
}

/* Searching */

static void copy_member(struct view *v, struct json *to, const char *key, const struct json *from,
			const char *source)
{
	const struct json *value = json_get(from, source);
	json_set(to, key, value ? json_copy(v->a, value) : NULL);
}

static void hit_case(struct view *v, bool report, struct json *j, const struct record *r)
{
	copy_member(v, j, "number", r->fields, "number");
	copy_member(v, j, "title", r->fields, "title");
	if (report)
		copy_member(v, j, "excerpt", r->fields, "excerpt");
	else
		json_set_str(j, "excerpt", S(""));
	copy_member(v, j, "at", r->fields, report ? "received_at" : "opened_at");
	copy_member(v, j, "incident", r->fields, "incident");
	copy_member(v, j, "state", r->fields, "state");
}

/* A message shows its own words and time, and opens the case it is of: `r`. */
static bool hit_message(struct view *v, const struct sql_query_search_messages_row *m, struct json *j,
			struct record *r, struct err *err)
{
	struct json *words, *incident = NULL;
	if (!view_body(v, m->body, &words, err))
		return false;
	if (r->kind == RECORD_INCIDENT) {
		incident = json_object(v->a);
		json_set_uuid(incident, "id", r->id);
		copy_member(v, incident, "number", r->fields, "number");
		copy_member(v, incident, "title", r->fields, "title");
	}
	copy_member(v, j, "number", r->fields, "number");
	str subject = json_get_str(words, "subject");
	json_set_str(j, "title", subject.len ? observable_defang(v->a, subject) : S("(no subject)"));
	json_set_str(j, "excerpt", view_excerpt(v->a, json_get_str(words, "text"), EXCERPT));
	json_set_instant(j, "at", m->at);
	json_set(j, "incident", incident);
	json_set(j, "state", NULL);
	r->tlp = MAX(r->tlp, (enum tlp)m->tlp);
	return true;
}

/* `m`: of a message. */
static bool hit(struct view *v, const struct sql_query_search_row *row,
		const struct sql_query_search_messages_row *m, struct record *r, struct err *err)
{
	static const char *const kinds[] = { [SEARCH_ANY] = "", "report", "incident", "message" };
	struct json *j = json_object(v->a);
	json_set_str(j, "kind", str_from(kinds[row->kind]));
	json_set_uuid(j, "id", row->subject);
	if (m == NULL)
		hit_case(v, r->kind == RECORD_REPORT, j, r);
	else if (!hit_message(v, m, j, r, err))
		return false;
	r->fields = j;
	r->annex_fields = NULL;
	return true;
}

static bool search_place(struct view *v, str text, int64_t *out_before, struct err *err)
{
	struct sql_query_search_place_row row = { .doc = INT64_MAX };
	struct uuid thing;
	struct err bad;
	bool found = false;
	if (text.len && !uuid_parse(text, &thing, &bad))
		return err_set(err, ERR_INPUT,
			       "cursor: not one that this list gave out; begin again without it");
	if (text.len &&
	    !sql_query_search_place(v->db, v->a,
				    &(struct sql_query_search_place){ .scope_team = v->team, .thing = thing },
				    &row, &found, err))
		return false;
	*out_before = row.doc;
	return text.len == 0 || found ||
	       err_set(err, ERR_INPUT, "cursor: the list has changed there; begin again without it");
}

/* The messages among them, each at its place; NULL: no message. */
static bool messages_of(struct view *v, const struct sql_query_search_row *rows, ptrdiff_t count,
			const struct sql_query_search_messages_row **out, struct err *err)
{
	struct uuid *ids = NEW(v->a, struct uuid, count);
	ptrdiff_t *at = NEW(v->a, ptrdiff_t, count), n = 0, found = 0;
	struct sql_query_search_messages_row *messages;
	for (ptrdiff_t i = 0; i < count; i++)
		if (rows[i].kind == SEARCH_MESSAGE) {
			ids[n] = rows[i].thing;
			at[n++] = i;
		}
	if (n == 0)
		return true;
	if (!sql_query_search_messages(v->db, v->a,
				       &(struct sql_query_search_messages){ .scope_team = v->team,
									    .ids = view_ids(ids, n),
									    .count = n },
				       &messages, &found, err))
		return false;
	for (ptrdiff_t i = 0; i < found; i++)
		out[at[messages[i].place]] = &messages[i];
	return found == n || err_set(err, ERR_MISSING, "there is no such message");
}

/* What those open that are marked in `wanted`: all reports, or all incidents. */
static bool records_of(struct view *v, const struct sql_query_search_row *rows, const bool *wanted,
		       bool reports, struct search_page *out, struct err *err)
{
	struct uuid *ids = NEW(v->a, struct uuid, out->count);
	struct record **found;
	ptrdiff_t n = 0;
	for (ptrdiff_t i = 0; i < out->count; i++)
		if (wanted[i] == reports)
			ids[n++] = rows[i].subject;
	if (!(reports ? view_reports(v, ids, n, &found, err) : view_incidents(v, ids, n, &found, err)))
		return false;
	for (ptrdiff_t i = out->count; i-- > 0;)
		if (wanted[i] == reports)
			out->records[i] = found[--n];
	return true;
}

static bool hits(struct view *v, const struct sql_query_search_row *rows, ptrdiff_t count,
		 struct search_page *out, struct err *err)
{
	const struct sql_query_search_messages_row **messages =
		NEW(v->a, const struct sql_query_search_messages_row *, count);
	bool *report = NEW(v->a, bool, count);
	out->count = count;
	out->records = NEW(v->a, struct record *, count);
	if (!messages_of(v, rows, count, messages, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++)
		report[i] = messages[i] ? uuid_is_nil(messages[i]->incident) : rows[i].kind == SEARCH_REPORT;
	if (!records_of(v, rows, report, true, out, err) || !records_of(v, rows, report, false, out, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++)
		if (!hit(v, &rows[i], messages[i], out->records[i], err))
			return false;
	return true;
}

static bool search_number(struct view *v, const struct search_query *q, struct search_page *out,
			  struct err *err)
{
	struct sql_query_numbered_row *found;
	ptrdiff_t count;
	if (!sql_query_numbered(v->db, v->a,
				&(struct sql_query_numbered){ .scope_team = v->team, .number = q->number },
				&found, &count, err))
		return false;
	struct sql_query_search_row *rows = NEW(v->a, struct sql_query_search_row, count);
	for (ptrdiff_t i = 0; i < count; i++)
		if (q->kind == SEARCH_ANY || found[i].kind == q->kind)
			rows[out->total++] = (struct sql_query_search_row){ .thing = found[i].thing,
									    .subject = found[i].subject,
									    .kind = found[i].kind };
	return hits(v, rows, out->total, out, err);
}

/* The first page is the head of what is counted; a later one is asked for by its place. */
bool view_search(struct view *v, const struct search_query *q, struct search_page *out, struct err *err)
{
	struct sql_query_search_row *rows;
	struct sql_query_search ask = { .scope_team = v->team, .before = INT64_MAX, .count = COUNT_MAX + 1 };
	ptrdiff_t count;
	int64_t limit = cursor_limit(q->limit);
	*out = (struct search_page){ .next = S(""), .exact = true };
	if (q->number.len)
		return search_number(v, q, out, err);
	ask.words = search_terms(v->a, v->team, q->kind, q->values, q->value_count);
	if (q->value_count == 0 || ask.words.len == 0)
		return true;
	if (!sql_query_search(v->db, v->a, &ask, &rows, &count, err) ||
	    !search_place(v, q->cursor, &ask.before, err))
		return false;
	out->total = tally_of(count).count;
	out->exact = tally_of(count).exact;
	ask.count = limit + 1;
	if (q->cursor.len && !sql_query_search(v->db, v->a, &ask, &rows, &count, err))
		return false;
	if (count > limit)
		out->next = uuid_format(v->a, rows[limit - 1].thing);
	return hits(v, rows, MIN(count, limit), out, err);
}

/* Outbox */

static bool letter(struct view *v, const struct sql_query_outbox_page_row *r, struct record *out,
		   struct err *err)
{
	struct json *j = json_object(v->a), *to = json_object(v->a), *body, *incident;
	struct uuid subject = uuid_is_nil(r->incident) ? r->report : r->incident;
	*out = (struct record){ .kind = RECORD_MESSAGE,
				.id = r->id,
				.subject = subject,
				.tlp = (enum tlp)r->tlp,
				.coordinator = v->team,
				.fields = j };
	if (!view_body(v, r->body, &body, err) || !view_case(v, r->incident, &incident, err) ||
	    !view_teams_of(v, subject, &out->teams, &out->team_count, err))
		return false;
	if (uuid_is_nil(subject) && uuid_is_nil(r->party)) { /* to the team's own people */
		out->kind = RECORD_REMINDER;
		out->teams = &v->team;
		out->team_count = 1;
	}
	str name = json_get_str(body, "to_name"), address = json_get_str(body, "to");
	json_set_uuid(to, "id", uuid_is_nil(r->party) ? r->id : r->party);
	json_set_str(to, "name", name.len ? name : address);
	json_set_uuid(j, "id", r->id);
	json_set_instant(j, "at", r->at);
	json_set(j, "to", to);
	json_set_str(j, "address", address);
	json_set_str(j, "subject", observable_defang(v->a, json_get_str(body, "subject")));
	json_set_str(j, "state", str_eq(r->delivery, S("withheld")) ? S("held") : r->delivery);
	json_set(j, "incident", incident);
	if (address.len)
		return view_said(v, r->detail, j, "detail", err);
	json_set_str(j, "detail", S("no mail address is known: it is read here"));
	return true;
}

bool view_outbox(struct view *v, str state, str cursor, int64_t limit, struct search_page *out,
		 struct err *err)
{
	struct sql_query_outbox_page_row *rows;
	struct sql_query_outbox_tally_row tally = { 0 };
	struct moment before;
	ptrdiff_t count;
	bool found = false;
	str wanted = state.len && !str_eq(state, S("all")) ? state : S("");
	limit = cursor_limit(limit);
	if (!cursor_read(cursor, &before, err) ||
	    !sql_query_outbox_tally(v->db, v->a,
				    &(struct sql_query_outbox_tally){
					    .scope_team = v->team, .state = wanted, .most = COUNT_MAX + 1 },
				    &tally, &found, err) ||
	    !sql_query_outbox_page(v->db, v->a,
				   &(struct sql_query_outbox_page){ .scope_team = v->team,
								    .state = wanted,
								    .before_at = before.at,
								    .before_id = uuid_bytes(&before.id),
								    .count = limit + 1 },
				   &rows, &count, err))
		return false;
	*out = (struct search_page){ .count = MIN(count, limit),
				     .next = S(""),
				     .total = tally_of(tally.count).count,
				     .exact = tally_of(tally.count).exact };
	out->records = NEW(v->a, struct record *, out->count);
	for (ptrdiff_t i = 0; i < out->count; i++) {
		out->records[i] = NEW(v->a, struct record, 1);
		if (!letter(v, &rows[i], out->records[i], err))
			return false;
	}
	if (count > limit)
		out->next = cursor_write(v->a, rows[limit - 1].at.us, rows[limit - 1].id);
	return true;
}

bool view_mail(struct view *v, struct uuid message, bool *out_known, struct json **out_incident,
	       struct err *err)
{
	struct sql_query_mail_row row = { 0 };
	struct sql_query_mail ask = { .scope_team = v->team, .id = message };
	*out_incident = NULL;
	return sql_query_mail(v->db, v->a, &ask, &row, out_known, err) &&
	       (!*out_known || view_case(v, row.incident, out_incident, err));
}

bool view_moved(struct view *v, int64_t *out_at, struct err *err)
{
	struct sql_query_moved_row row = { 0 };
	bool found = false;
	if (!sql_query_moved(v->db, v->a, &(struct sql_query_moved){ .scope_team = v->team }, &row, &found,
			     err))
		return false;
	*out_at = MAX(row.reports, row.incidents);
	return true;
}
