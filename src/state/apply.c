#include "state/apply.h"

#include "apply_table.h"
#include "base/text.h"
#include "format/json.h"
#include "state_sql.h"

enum { PARAMS_MAX = 24 };

bool apply_is_content(str kind)
{
	return str_ends(kind, S(".content"));
}

/* The table is sorted by kind, then version. */
static const struct apply_kind *kind_find(str kind, int version)
{
	ptrdiff_t low = 0, high = apply_kinds_count;
	while (low < high) {
		ptrdiff_t middle = low + (high - low) / 2;
		int order = str_cmp(str_from(apply_kinds[middle].kind), kind);
		if (order == 0)
			order = apply_kinds[middle].version - version;
		if (order == 0)
			return &apply_kinds[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

bool apply_known(str kind, int version)
{
	return (apply_is_content(kind) && version == 1) || kind_find(kind, version) != NULL;
}

static struct db_value from_header(const struct entry *e, const char *name)
{
	str n = str_from(name);
	if (str_eq(n, S("subject")))
		return (struct db_value){ DB_BLOB, 0, uuid_bytes(&e->subject) };
	if (str_eq(n, S("actor")))
		return (struct db_value){ DB_BLOB, 0, uuid_bytes(&e->actor) };
	if (str_eq(n, S("owner")))
		return (struct db_value){ DB_TEXT, 0, e->owner };
	if (str_eq(n, S("at")))
		return (struct db_value){ DB_INT, e->at.us, { 0 } };
	ASSERT(str_eq(n, S("seq")));
	return (struct db_value){ DB_INT, e->seq, { 0 } };
}

static bool wrong(const struct apply_param *p, const struct entry *e, struct err *err)
{
	return err_set(err, ERR_SYSTEM,
		       "entry " STR_FMT ": the payload's '%s' is missing or of the wrong type",
		       STR_ARG(e->kind), p->name);
}

static bool from_payload(struct arena *tmp, const struct entry *e, const struct apply_param *p,
			 const struct json *object, struct db_value *out, struct err *err)
{
	const struct json *j = json_get(object, p->name);
	enum json_type type = j ? json_type(j) : JSON_NULL;
	if (type == JSON_NULL) {
		*out = (struct db_value){ .type = DB_NULL };
		return p->nullable || wrong(p, e, err);
	}
	switch (p->type) {
	case APPLY_INT:
		*out = (struct db_value){ DB_INT, json_int(j), { 0 } };
		return type == JSON_INTEGER || wrong(p, e, err);
	case APPLY_BOOL:
		*out = (struct db_value){ DB_INT, json_is_true(j), { 0 } };
		return type == JSON_TRUE || type == JSON_FALSE || wrong(p, e, err);
	case APPLY_TEXT:
		*out = (struct db_value){ DB_TEXT, 0, json_str(j) };
		return type == JSON_STRING || wrong(p, e, err);
	case APPLY_INSTANT: {
		struct instant t;
		if (!instant_parse(json_str(j), &t, err))
			return wrong(p, e, err);
		*out = (struct db_value){ DB_INT, t.us, { 0 } };
		return true;
	}
	case APPLY_UUID: {
		struct uuid *u = NEW(tmp, struct uuid, 1);
		if (!uuid_parse(json_str(j), u, err))
			return wrong(p, e, err);
		*out = (struct db_value){ DB_BLOB, 0, uuid_bytes(u) };
		return true;
	}
	case APPLY_BLOB:
		*out = (struct db_value){ .type = DB_BLOB };
		return (type == JSON_STRING && text_from_hex(tmp, json_str(j), &out->s, err)) ||
		       wrong(p, e, err);
	}
	return wrong(p, e, err);
}

static bool run_bound(struct db *db, struct arena *tmp, const struct entry *e,
		      const struct apply_statement *s, const struct json *object, struct err *err)
{
	struct db_value values[PARAMS_MAX];
	ASSERT(s->count <= PARAMS_MAX);
	for (int i = 0; i < s->count; i++) {
		const struct apply_param *p = &s->params[i];
		if (p->from_header)
			values[i] = from_header(e, p->name);
		else if (!from_payload(tmp, e, p, object, &values[i], err))
			return false;
	}
	return db_run(db, &s->sql, values, err);
}

static bool run_statement(struct db *db, struct arena *tmp, const struct entry *e,
			  const struct apply_statement *s, const struct json *payload, struct err *err)
{
	if (s->each == NULL)
		return run_bound(db, tmp, e, s, payload, err);
	const struct json *list = json_get(payload, s->each);
	if (list == NULL || json_type(list) != JSON_ARRAY) /* a report that no team sees would be lost */
		return err_set(err, ERR_SYSTEM, "entry " STR_FMT ": the payload's list '%s' is missing",
			       STR_ARG(e->kind), s->each);
	for (ptrdiff_t i = 0; i < json_count(list); i++)
		if (!run_bound(db, tmp, e, s, json_at(list, i), err))
			return false;
	return true;
}

static bool run_timeline(struct db *db, const struct entry *e, const char *const *names,
			 const struct json *payload, struct err *err)
{
	for (; names && *names; names++) {
		bool own = str_eq(str_from(*names), S("subject"));
		struct uuid subject = own ? e->subject : json_get_uuid(payload, *names);
		if (!uuid_is_nil(subject) &&
		    !sql_state_timeline_store(
			    db,
			    &(struct sql_state_timeline_store){ .subject = subject,
								.seq = e->seq,
								.at = e->at,
								.kind = e->kind,
								.actor = e->actor,
								.team = e->owner,
								.annex = e->audience != SCOPE_CORE,
								.ref = e->subject },
			    err))
			return false;
	}
	return true;
}

bool apply_entry(struct db *db, struct arena *tmp, const struct entry *e, const struct json *payload,
		 struct err *err)
{
	if (apply_is_content(e->kind) && e->v == 1 && e->payload.ptr == NULL)
		return sql_state_content_forget(db, &(struct sql_state_content_forget){ .id = e->subject },
						err);
	if (apply_is_content(e->kind) && e->v == 1)
		return sql_state_content_store(
			db,
			&(struct sql_state_content_store){
				.id = e->subject, .kind = e->kind, .seq = e->seq, .body = e->payload },
			err);
	const struct apply_kind *kind = kind_find(e->kind, e->v);
	if (kind == NULL)
		return err_set(err, ERR_SYSTEM,
			       "this program does not know entries of kind " STR_FMT " version %d: it is "
			       "older than the journal",
			       STR_ARG(e->kind), e->v);
	for (int i = 0; i < kind->count; i++)
		if (!run_statement(db, tmp, e, &kind->statements[i], payload, err))
			return false;
	return run_timeline(db, e, kind->timeline, payload, err);
}
