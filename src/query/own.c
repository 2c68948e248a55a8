#include "query/own.h"

#include "format/json.h"
#include "model/observable.h"
#include "own_sql.h"
#include "query/cursor.h"
#include "regime/regime.h"

enum { COUNT_MAX = 1000, EXCERPT = 160 };

typedef struct sql_own_messages_row message_row;
typedef struct sql_own_duties_row duty_row;

static struct record *record_of(struct own *o, enum record_kind kind, struct uuid id, int64_t tlp, str team)
{
	struct record *r = NEW(o->a, struct record, 1);
	str *teams = NEW(o->a, str, 1);
	teams[0] = team;
	*r = (struct record){ .kind = kind,
			      .id = id,
			      .subject = id,
			      .tlp = (enum tlp)tlp,
			      .coordinator = team,
			      .teams = teams,
			      .team_count = 1,
			      .organisation = o->organisation,
			      .fields = json_object(o->a) };
	json_set_uuid(r->fields, "id", id);
	json_set_str(r->fields, "tlp", tlp_name((enum tlp)tlp));
	return r;
}

/* Room for the rows that were found, but for the one that tells that there are more. */
static struct own_list page_of(struct own *o, ptrdiff_t found, int64_t limit)
{
	ptrdiff_t count = MIN(found, (ptrdiff_t)limit);
	return (struct own_list){ NEW(o->a, struct record *, count), count, S("") };
}

static bool words_of(struct own *o, str body, struct json **out, struct err *err)
{
	*out = json_object(o->a);
	return body.ptr == NULL || json_parse(o->a, body, (struct json_limits){ 0 }, out, err);
}

static void set_text(struct own *o, struct json *j, const char *name, str text)
{
	if (text.len)
		json_set_str(j, name, observable_defang(o->a, text));
	else
		json_set(j, name, NULL);
}

static void set_number(struct json *j, str number)
{
	if (number.len)
		json_set_str(j, "number", number);
	else
		json_set(j, "number", NULL);
}

static void set_from(struct own *o, struct json *j, str team)
{
	json_set_str(j, "from", regime_title(o->regime, team));
}

/* Messages */

static bool colleague(struct own *o, struct uuid id, str *out, struct err *err)
{
	struct sql_own_colleague_row row;
	struct json *words;
	bool found = false;
	*out = S("");
	if (!sql_own_colleague(o->db, o->a,
			       &(struct sql_own_colleague){ .scope_organisation = o->organisation, .id = id },
			       &row, &found, err) ||
	    !words_of(o, found ? row.body : (str){ 0 }, &words, err))
		return false;
	str name = json_get_str(words, "name");
	*out = name.len ? name : found ? row.login : S("");
	return true;
}

static bool unread(const message_row *m)
{
	return str_eq(m->direction, S("out")) && !str_eq(m->delivery, S("read"));
}

static bool message(struct own *o, const message_row *m, bool whole, struct record **out, struct err *err)
{
	struct record *r = record_of(o, RECORD_MESSAGE, m->id, m->tlp, m->team);
	struct json *j = r->fields, *words;
	bool ours = str_eq(m->direction, S("in"));
	str by = S("");
	if (!words_of(o, m->body, &words, err) || (ours && !colleague(o, m->actor, &by, err)))
		return false;
	json_set_str(j, "direction", ours ? S("from_you") : S("to_you"));
	set_from(o, j, m->team);
	json_set_str(j, "by", ours && by.len ? by : ours ? json_get_str(words, "from") : S(""));
	json_set_instant(j, "at", m->at);
	set_number(j, m->number);
	json_set_bool(j, "unread", unread(m));
	json_set_instant(j, "acknowledged_at", m->acknowledged);
	json_set_bool(j, "asks", !ours && !uuid_is_nil(m->request));
	set_text(o, j, "subject", unread(m) ? S("") : json_get_str(words, "subject"));
	if (whole)
		set_text(o, j, "text", unread(m) ? S("") : json_get_str(words, "text"));
	*out = r;
	return true;
}

static bool messages(struct own *o, const message_row *rows, ptrdiff_t count, bool whole,
	struct own_list *out,
		     struct err *err)
{
	*out = page_of(o, count, count);
	for (ptrdiff_t i = 0; i < count; i++)
		if (!message(o, &rows[i], whole, &out->records[i], err))
			return false;
	return true;
}

bool own_messages(struct own *o, str cursor, int64_t limit, struct own_list *out, struct err *err)
{
	message_row *rows;
	struct moment before;
	ptrdiff_t count;
	limit = cursor_limit(limit);
	if (!cursor_read(cursor, &before, err) ||
	    !sql_own_messages(o->db, o->a,
			      &(struct sql_own_messages){ .scope_organisation = o->organisation,
							  .before_at = before.at,
							  .before_id = uuid_bytes(&before.id),
							  .count = limit + 1 },
			      &rows, &count, err) ||
	    !messages(o, rows, MIN(count, limit), false, out, err))
		return false;
	if (count > limit)
		out->next = cursor_write(o->a, rows[limit - 1].at.us, rows[limit - 1].id);
	return true;
}

static bool thread_of(struct own *o, struct uuid party, struct uuid report, struct own_list *out,
		      struct err *err)
{
	struct sql_own_thread_row *rows;
	ptrdiff_t count;
	_Static_assert(sizeof(*rows) == sizeof(message_row), "the statements select the same columns");
	if (!sql_own_thread(o->db, o->a,
			    &(struct sql_own_thread){ .scope_organisation = o->organisation,
						      .party = party,
						      .report = report },
			    &rows, &count, err))
		return false;
	message_row *same = NEW(o->a, message_row, count);
	if (count)
		memcpy(same, rows, sizeof(*same) * (size_t)count);
	return messages(o, same, count, true, out, err);
}

bool own_message(struct own *o, struct uuid id, struct record *out, struct own_list *thread, struct err *err)
{
	struct sql_own_message_row m;
	struct record *r;
	bool found = false;
	if (!sql_own_message(o->db, o->a,
			     &(struct sql_own_message){ .scope_organisation = o->organisation, .id = id }, &m,
			     &found, err))
		return false;
	if (!found)
		return err_set(err, ERR_MISSING, "there is no such message");
	message_row row = { .id = id,
			    .direction = m.direction,
			    .at = m.at,
			    .team = m.team,
			    .tlp = m.tlp,
			    .delivery = m.delivery,
			    .acknowledged = m.acknowledged,
			    .incident = m.incident,
			    .report = m.report,
			    .request = m.request,
			    .number = m.number,
			    .actor = m.actor,
			    .body = m.body };
	if (!message(o, &row, true, &r, err))
		return false;
	*out = *r;
	return thread_of(o, m.party, m.report, thread, err);
}

bool own_unread(struct own *o, struct tally *out, struct err *err)
{
	struct sql_own_unread_row row = { 0 };
	bool found = false;
	if (!sql_own_unread(o->db, o->a,
			    &(struct sql_own_unread){ .scope_organisation = o->organisation,
						      .most = COUNT_MAX + 1 },
			    &row, &found, err))
		return false;
	*out = (struct tally){ MIN(row.count, COUNT_MAX), row.count <= COUNT_MAX };
	return true;
}

/* Requests */

static bool request(struct own *o, const struct sql_own_requests_row *q, struct record **out, struct err *err)
{
	struct record *r = record_of(o, RECORD_REQUEST, q->id, q->tlp, q->team);
	struct json *j = r->fields, *words;
	bool open = str_eq(q->state, S("open")), read = str_eq(q->delivery, S("read"));
	if (!words_of(o, read ? q->body : (str){ 0 }, &words, err))
		return false;
	set_from(o, j, q->team);
	set_number(j, q->number);
	set_text(o, j, "subject", json_get_str(words, "subject"));
	json_set_uuid(j, "message", q->message);
	json_set_bool(j, "unread", !read && !uuid_is_nil(q->message));
	json_set_instant(j, "asked_at", q->asked);
	json_set_instant(j, "due_at", q->due);
	json_set_str(j, "state",
		     open && q->due.us && instant_before(q->due, o->now) ? S("overdue")
		     : open                                              ? S("open")
		     : str_eq(q->state, S("met"))                        ? S("answered")
									 : S("withdrawn"));
	json_set_instant(j, "answered_at", q->met);
	*out = r;
	return true;
}

bool own_requests(struct own *o, str cursor, int64_t limit, struct own_list *out, struct err *err)
{
	struct sql_own_requests_row *rows;
	struct moment after;
	ptrdiff_t count;
	limit = cursor_limit(limit);
	if (!cursor_read_ascending(cursor, &after, err) ||
	    !sql_own_requests(o->db, o->a,
			      &(struct sql_own_requests){ .scope_organisation = o->organisation,
							  .after_place = after.at,
							  .after_id = uuid_bytes(&after.id),
							  .count = limit + 1 },
			      &rows, &count, err))
		return false;
	*out = page_of(o, count, limit);
	for (ptrdiff_t i = 0; i < out->count; i++)
		if (!request(o, &rows[i], &out->records[i], err))
			return false;
	if (count > limit)
		out->next = cursor_write(o->a, rows[limit - 1].place, rows[limit - 1].id);
	return true;
}

/* Duties: an assumed time is a target, and passed it is still only a target. */

static struct record *duty(struct own *o, const duty_row *k)
{
	struct record *r = record_of(o, RECORD_CLOCK, k->id, k->tlp, k->team);
	struct json *j = r->fields;
	bool late = str_eq(k->state, S("late")), open = k->met.us == 0;
	json_set_str(j, "title", k->title);
	json_set_str(j, "duty", k->duty);
	json_set_str(j, "step", k->step);
	set_from(o, j, k->team);
	set_number(j, k->number);
	json_set_str(j, "state", late && k->target && open ? S("running") : k->state);
	json_set_bool(j, "open",
		      open && (late || str_eq(k->state, S("running")) || str_eq(k->state, S("waiting"))));
	json_set_str(j, "anchor", k->anchor);
	json_set_instant(j, "anchor_at", k->anchor_at);
	json_set_instant(j, "due_at", k->due);
	json_set_bool(j, "assumed", k->target);
	json_set_str(j, "source", k->source);
	json_set_instant(j, "met_at", k->met);
	return r;
}

bool own_duties(struct own *o, str cursor, int64_t limit, struct own_list *out, struct err *err)
{
	duty_row *rows;
	struct moment after;
	ptrdiff_t count;
	limit = cursor_limit(limit);
	if (!cursor_read_ascending(cursor, &after, err) ||
	    !sql_own_duties(o->db, o->a,
			    &(struct sql_own_duties){ .scope_organisation = o->organisation,
						      .after_place = after.at,
						      .after_id = uuid_bytes(&after.id),
						      .count = limit + 1 },
			    &rows, &count, err))
		return false;
	*out = page_of(o, count, limit);
	for (ptrdiff_t i = 0; i < out->count; i++)
		out->records[i] = duty(o, &rows[i]);
	if (count > limit)
		out->next = cursor_write(o->a, rows[limit - 1].place, rows[limit - 1].id);
	return true;
}

bool own_duty(struct own *o, struct uuid id, struct record *out, struct err *err)
{
	struct sql_own_duty_row row;
	duty_row same;
	bool found = false;
	_Static_assert(sizeof(row) == sizeof(same), "the statements select the same columns");
	if (!sql_own_duty(o->db, o->a,
			  &(struct sql_own_duty){ .scope_organisation = o->organisation, .id = id }, &row,
				&found,
			  err))
		return false;
	if (!found)
		return err_set(err, ERR_MISSING, "there is no such duty");
	memcpy(&same, &row, sizeof(same));
	*out = *duty(o, &same);
	return true;
}

static bool submission(struct own *o, const struct sql_own_submissions_row *s, struct record **out,
		       struct err *err)
{
	struct record *r = record_of(o, RECORD_SUBMISSION, s->id, s->tlp, s->team);
	struct json *j = r->fields, *words;
	static const char *const texts[] = { "what", "effects", "measures", "contact", "by" };
	if (!words_of(o, s->body, &words, err))
		return false;
	json_set_str(j, "title", s->title.len ? s->title : s->step);
	json_set_str(j, "step", s->step);
	set_from(o, j, s->team);
	set_number(j, s->number);
	json_set_instant(j, "at", s->at);
	json_set_instant(j, "recorded_at", s->recorded);
	json_set_bool(j, "by_officer", !s->own);
	for (ptrdiff_t i = 0; i < COUNTOF(texts); i++)
		set_text(o, j, texts[i], json_get_str(words, texts[i]));
	json_set_instant(j, "detected_at", json_get_instant(words, "detected"));
	*out = r;
	return true;
}

bool own_submissions(struct own *o, str cursor, int64_t limit, struct own_list *out, struct err *err)
{
	struct sql_own_submissions_row *rows;
	struct moment before;
	ptrdiff_t count;
	limit = cursor_limit(limit);
	if (!cursor_read(cursor, &before, err) ||
	    !sql_own_submissions(o->db, o->a,
				 &(struct sql_own_submissions){ .scope_organisation = o->organisation,
								.before_at = before.at,
								.before_id = uuid_bytes(&before.id),
								.count = limit + 1 },
				 &rows, &count, err))
		return false;
	*out = page_of(o, count, limit);
	for (ptrdiff_t i = 0; i < out->count; i++)
		if (!submission(o, &rows[i], &out->records[i], err))
			return false;
	if (count > limit)
		out->next = cursor_write(o->a, rows[limit - 1].at.us, rows[limit - 1].id);
	return true;
}

/* Reports */

static bool report(struct own *o, struct uuid id, const struct sql_own_report_row *row, bool whole,
		   struct record **out, struct err *err)
{
	struct record *r = record_of(o, RECORD_REPORT, id, row->tlp, row->team);
	struct json *j = r->fields, *words;
	if (!words_of(o, row->body, &words, err))
		return false;
	str text = json_get_str(words, "text");
	json_set_str(j, "number", row->number);
	json_set_instant(j, "received_at", row->received);
	json_set_str(j, "state", row->state);
	set_from(o, j, row->team);
	set_text(o, j, "title", json_get_str(words, "title"));
	json_set_str(j, "by", json_get_str(words, "reporter_name"));
	if (whole)
		set_text(o, j, "text", text);
	else
		json_set_str(j, "excerpt", view_excerpt(o->a, text, EXCERPT));
	*out = r;
	return true;
}

bool own_reports(struct own *o, str cursor, int64_t limit, struct own_list *out, struct err *err)
{
	struct sql_own_reports_row *rows;
	struct moment before;
	ptrdiff_t count;
	limit = cursor_limit(limit);
	if (!cursor_read(cursor, &before, err) ||
	    !sql_own_reports(o->db, o->a,
			     &(struct sql_own_reports){ .scope_organisation = o->organisation,
							.before_at = before.at,
							.before_id = uuid_bytes(&before.id),
							.count = limit + 1 },
			     &rows, &count, err))
		return false;
	*out = page_of(o, count, limit);
	for (ptrdiff_t i = 0; i < out->count; i++) {
		struct sql_own_report_row one = { rows[i].number, rows[i].received, rows[i].state,
						  rows[i].tlp,    rows[i].team,     rows[i].body };
		if (!report(o, rows[i].id, &one, false, &out->records[i], err))
			return false;
	}
	if (count > limit)
		out->next = cursor_write(o->a, rows[limit - 1].received.us, rows[limit - 1].id);
	return true;
}

bool own_report(struct own *o, struct uuid id, struct record *out, struct own_list *thread, struct err *err)
{
	struct sql_own_report_row row;
	struct record *r;
	bool found = false;
	if (!sql_own_report(o->db, o->a,
			    &(struct sql_own_report){ .scope_organisation = o->organisation, .id = id }, &row,
			    &found, err))
		return false;
	if (!found)
		return err_set(err, ERR_MISSING, "there is no such report");
	if (!report(o, id, &row, true, &r, err))
		return false;
	*out = *r;
	return thread_of(o, (struct uuid){ { 0 } }, id, thread, err);
}
