#include "cases/parties.h"
#include "format/json.h"
#include "http/desk.h"
#include "http/incident_routes.h"

static struct reply *acted(struct request *rq, struct command *c)
{
	struct uuid id;
	struct err err = { 0 };
	if (!c->ok)
		return reply_error(rq, &c->err);
	return request_param_uuid(rq, "id", &id, &err) ? incident_reply(rq, id) : reply_error(rq, &err);
}

static struct reply *party_add(struct request *rq)
{
	struct party_add *c = NEW(rq->arena, struct party_add, 1);
	struct err err = { 0 };
	str party = desk_text(rq, "party");
	struct err not_id;
	*c = (struct party_add){ .world = rq->node->world,
				 .who = rq->who,
				 .name = desk_text(rq, "name"),
				 .address = desk_text(rq, "address"),
				 .role = json_str(json_at(json_get(rq->json, "roles"), 0)) };
	if (party.len && !uuid_parse(party, &c->organisation, &not_id))
		c->team = party;
	if (c->role.ptr == NULL)
		c->role = S("affected");
	if (!request_param_uuid(rq, "id", &c->incident, &err))
		return reply_error(rq, &err);
	return desk_submit(rq, "party.add", party_add_decide, c, acted);
}

static struct reply *party_fact(struct request *rq)
{
	struct party_fact *c = NEW(rq->arena, struct party_fact, 1);
	struct err err = { 0 };
	*c = (struct party_fact){ .world = rq->node->world,
				  .who = rq->who,
				  .fact = desk_text(rq, "fact"),
				  .value = desk_text(rq, "value"),
				  .said = desk_text(rq, "said_by"),
				  .at = desk_time(rq, "at") };
	if (!request_param_uuid(rq, "id", &c->incident, &err) ||
	    !request_param_uuid(rq, "party", &c->party, &err))
		return reply_error(rq, &err);
	return desk_submit(rq, "party.fact", party_fact_decide, c, acted);
}

static struct reply *submission(struct request *rq)
{
	struct party_submission *c = NEW(rq->arena, struct party_submission, 1);
	struct err err = { 0 };
	*c = (struct party_submission){ .world = rq->node->world,
					.who = rq->who,
					.party = desk_id(rq, "party"),
					.duty = desk_text(rq, "duty"),
					.step = desk_text(rq, "stage"),
					.at = desk_time(rq, "received_at"),
					.reference = desk_text(rq, "reference") };
	if (!request_param_uuid(rq, "id", &c->incident, &err))
		return reply_error(rq, &err);
	return desk_submit(rq, "submission.record", party_submission_decide, c, acted);
}

static struct reply *moved(struct request *rq, struct command *c)
{
	const struct party_remove *x = desk_arg(c);
	struct json *j = json_object(rq->arena);
	if (!c->ok)
		return reply_error(rq, &c->err);
	str id = uuid_format(rq->arena, x->party);
	str verb = arena_printf(rq->arena, "parties/" STR_FMT "/%s", STR_ARG(id),
				x->back ? "remove" : "restore");
	json_set(j, "undo",
		 incident_undo(rq, x->back ? S("A party is back") : S("Removed a party"), x->incident,
			       arena_cstr(rq->arena, verb), json_object(rq->arena)));
	return reply_json(rq, 200, j);
}

static struct reply *move(struct request *rq, bool back)
{
	struct party_remove *c = NEW(rq->arena, struct party_remove, 1);
	struct err err = { 0 };
	*c = (struct party_remove){ .world = rq->node->world, .who = rq->who, .back = back };
	if (!request_param_uuid(rq, "id", &c->incident, &err) ||
	    !request_param_uuid(rq, "party", &c->party, &err))
		return reply_error(rq, &err);
	return desk_submit(rq, "party.remove", party_remove_decide, c, moved);
}

static struct reply *party_remove(struct request *rq)
{
	return move(rq, false);
}
static struct reply *party_restore(struct request *rq)
{
	return move(rq, true);
}

#define TEXT(n, m, d)                                                   \
	{                                                               \
		.name = (n), .type = FIELD_TEXT, .max = (m), .doc = (d) \
	}
#define NEEDED(n, m, d)                                                                   \
	{                                                                                 \
		.name = (n), .type = FIELD_TEXT, .required = true, .max = (m), .doc = (d) \
	}
static const struct field nothing[] = { { 0 } };
static const struct field party_fields[] = {
	TEXT("party", 80, "organisation id, team id, or empty for a typed party"),
	TEXT("name", 200, "of a typed party"),
	TEXT("address", 200, "mail address of a typed party"),
	{ .name = "roles",
	  .type = FIELD_TEXT_LIST,
	  .max = 1,
	  .doc = "one of reporter, affected, source, provider, helper" },
	{ 0 },
};
static const struct field fact_fields[] = {
	NEEDED("fact", 30, "a fact or an anchor"),
	{ .name = "at", .type = FIELD_TIME, .doc = "when" },
	TEXT("said_by", 30, "party, officer or report"),
	TEXT("value", 10, "yes, no, unknown"),
	{ 0 },
};
static const struct field submission_fields[] = {
	{ .name = "party", .type = FIELD_ID, .required = true, .doc = "whose duty" },
	TEXT("duty", 60, "which duty, if several of the party have such a step"),
	NEEDED("stage", 40, "step of the duty"),
	{ .name = "received_at", .type = FIELD_TIME, .required = true, .doc = "when it was submitted" },
	TEXT("reference", 2000, "letter, call, mail"),
	{ 0 },
};

#define POST(path, handler, words, fields, record)                                                    \
	{                                                                                             \
		"POST", path, PERM_CASE_WRITE, handler, words, fields, NULL, 256 << 10, record, false \
	}
const struct route party_routes[] = {
	POST("/api/incidents/{id}/parties", party_add, "Add a party", party_fields, "Incident"),
	POST("/api/incidents/{id}/parties/{party}/facts", party_fact, "State a fact or an anchor",
	     fact_fields, "Incident"),
	POST("/api/incidents/{id}/submissions", submission, "Record a submission", submission_fields,
	     "Incident"),
	POST("/api/incidents/{id}/parties/{party}/remove", party_remove, "Take out a party added by mistake",
	     nothing, "{undo: Undo}"),
	POST("/api/incidents/{id}/parties/{party}/restore", party_restore, "Undo that a party was taken out",
	     nothing, "{undo: Undo}"),
};
const ptrdiff_t party_routes_count = COUNTOF(party_routes);
