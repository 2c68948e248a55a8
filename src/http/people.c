#include "http/people.h"

#include "format/json.h"
#include "http/desk.h"
#include "query/reads.h"
#include "regime/regime.h"

static const struct {
	enum role role;
	const char *word;
} words[] = {
	{ ROLE_HANDLER, "handler" }, { ROLE_LEAD, "shift_lead" },     { ROLE_DIRECTORY, "directory_keeper" },
	{ ROLE_AUDITOR, "auditor" }, { ROLE_ADMIN, "administrator" }, { ROLE_COUNCIL, "observer" },
	{ ROLE_CONSTITUENT, "constituent" },
};

static struct json *ref(struct arena *a, str name)
{
	struct json *j = json_object(a);
	json_set(j, "id", NULL);
	json_set_str(j, "name", name);
	return j;
}

struct json *people_ref(struct arena *a, struct uuid id, str name)
{
	struct json *j = ref(a, name);
	json_set_uuid(j, "id", id);
	return j;
}

struct json *people_team(const struct node *n, struct arena *a, str team)
{
	if (team.len == 0)
		return NULL;
	struct json *j = ref(a, regime_title(n->world->regime, team));
	json_set_str(j, "id", team);
	return j;
}

struct json *people_organisation(struct arena *a, struct uuid id, str name)
{
	return uuid_is_nil(id) ? NULL : people_ref(a, id, name);
}

struct json *people_roles(struct arena *a, unsigned roles)
{
	struct json *list = json_array(a);
	for (ptrdiff_t i = 0; i < COUNTOF(words); i++)
		if (roles & words[i].role)
			json_append_str(list, str_from(words[i].word));
	return list;
}

bool people_role_parse(str word, unsigned *out_role, struct err *err)
{
	for (ptrdiff_t i = 0; i < COUNTOF(words); i++) {
		if (str_eq(word, str_from(words[i].word))) {
			*out_role = words[i].role;
			return true;
		}
	}
	return err_set(err, ERR_INPUT,
		       "roles: '" STR_FMT "' is not one of handler, shift_lead, directory_keeper, auditor, "
		       "administrator, observer, constituent",
		       STR_ARG(str_sub(word, 0, 40)));
}

const struct field people_page_query[] = {
	{ .name = "cursor", .type = FIELD_TEXT, .max = 80, .doc = "next of the page before" },
	{ .name = "limit", .type = FIELD_INT, .min = 1, .max = 100, .doc = "1 to 100, default 50" },
	{ 0 },
};

void people_list_add(struct people_list *l, struct uuid account, struct json *fields)
{
	ASSERT(l->count < PEOPLE_PAGE_MOST);
	struct record *r = NEW(l->rq->arena, struct record, 1);
	*r = (struct record){ .kind = RECORD_ACCOUNT, .id = account, .fields = fields };
	l->records[l->count++] = r;
}

static bool start(struct people_list *l, struct request *rq, enum people_order order, struct err *err)
{
	struct err odd;
	int64_t limit = desk_limit(rq);
	l->rq = rq;
	l->limit = limit ? limit : PEOPLE_PAGE;
	l->cursor = request_cursor(rq);
	memset(l->before.b, 0xFF, sizeof(l->before.b));
	if (order == PEOPLE_NEWEST && l->cursor.len && !uuid_parse(l->cursor, &l->before, &odd))
		return err_set(err, ERR_INPUT, "cursor: take it from `next` of the page before");
	return true;
}

struct reply *people_list_reply(struct request *rq, enum people_order order,
				bool (*read)(struct people_list *l, struct err *err))
{
	struct people_list *l = NEW(rq->arena, struct people_list, 1);
	struct err err = { 0 };
	if (!start(l, rq, order, &err))
		return reply_error(rq, &err);
	l->db = reads_take(rq->node->reads);
	bool ok = db_begin_read(l->db, &err) && read(l, &err);
	db_rollback(l->db);
	reads_give(rq->node->reads, l->db);
	if (!ok)
		return reply_error(rq, &err);
	return desk_list(rq, l->records, l->count,
			 desk_page(rq, l->next, l->total, l->total < PEOPLE_COUNT_MOST));
}
