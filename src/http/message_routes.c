/* Messages to the parties of a case, and what the gate says before. */
#include "http/message_routes.h"

#include "access/identity.h"
#include "cases/message.h"
#include "cases/parties.h"
#include "format/json.h"
#include "http/desk.h"
#include "model/observable.h"

static struct json *recipients_json(struct request *rq, const struct recipient *list, ptrdiff_t count,
				    bool *out_sendable)
{
	struct json *items = json_array(rq->arena);
	*out_sendable = count > 0;
	for (ptrdiff_t i = 0; i < count; i++) {
		struct json *j = json_object(rq->arena);
		if (uuid_is_nil(list[i].id))
			json_set_str(j, "id", list[i].team);
		else
			json_set_uuid(j, "id", list[i].id);
		json_set_str(j, "name", list[i].name.len ? list[i].name : S("The reporter"));
		json_set_bool(j, "allowed", list[i].allowed);
		if (list[i].address.len)
			json_set_str(j, "address", list[i].address);
		else
			json_set(j, "address", NULL);
		json_set_str(j, "how",
			     !list[i].allowed      ? S("none")
			     : list[i].notice      ? S("notice")
			     : list[i].address.len ? S("mail")
						   : S("none"));
		if (list[i].reason.len)
			json_set_str(j, "reason", list[i].reason);
		else
			json_set(j, "reason", NULL);
		json_append(items, j);
		*out_sendable = *out_sendable && list[i].allowed;
	}
	return items;
}

/* Parties and organisations have a UUID for an id, teams of the regime a word. */
struct recipients {
	struct uuid *ids;
	str *teams;
	ptrdiff_t id_count, team_count;
};

static struct recipients recipients_of(struct request *rq)
{
	const struct json *list = json_get(rq->json, "recipients");
	ptrdiff_t n = json_count(list);
	struct recipients r = { NEW(rq->arena, struct uuid, n), NEW(rq->arena, str, n), 0, 0 };
	for (ptrdiff_t i = 0; i < n; i++) {
		struct err not_id;
		str word = json_str(json_at(list, i));
		if (uuid_parse(word, &r.ids[r.id_count], &not_id))
			r.id_count++;
		else
			r.teams[r.team_count++] = word;
	}
	return r;
}

/* Names and addresses of recipients, who reported among them, are for the coordinator's people only. */
static bool may_write_to(const struct request *rq, const struct record *incident, struct err *err)
{
	return str_eq(incident->coordinator, rq->who->team) ||
	       err_set(err, ERR_DENIED, "only the coordinating team (" STR_FMT ") writes to the parties",
		       STR_ARG(incident->coordinator));
}

static struct reply *message_show(struct request *rq)
{
	struct view v;
	struct record r = { 0 };
	struct uuid id;
	struct recipients to = recipients_of(rq);
	enum tlp tlp;
	struct recipient *list;
	struct err err = { 0 };
	bool sendable;
	if (!request_param_uuid(rq, "id", &id, &err) || !tlp_parse(desk_text(rq, "tlp"), &tlp, &err) ||
	    !desk_open(rq, &v, &err))
		return reply_error(rq, &err);
	struct message_about about = { .incident = id,
				       .tlp = tlp,
				       .regime = rq->node->world->regime,
				       .teams = to.teams,
				       .team_count = to.team_count };
	bool ok = view_incident(&v, id, &r, &err) && may_write_to(rq, &r, &err);
	about.coordinator = r.coordinator;
	ok = ok && message_preview(v.db, rq->arena, &about, to.ids, to.id_count, &list, &err);
	desk_close(rq, &v);
	if (!ok)
		return reply_error(rq, &err);
	struct json *j = json_object(rq->arena);
	json_set(j, "recipients", recipients_json(rq, list, to.id_count + to.team_count, &sendable));
	json_set_bool(j, "sendable", sendable && tlp >= r.tlp);
	json_set_str(j, "subject",
		     arena_printf(rq->arena, "[" STR_FMT "] [" STR_FMT "] " STR_FMT, STR_ARG(tlp_format(tlp)),
				  STR_ARG(json_get_str(r.fields, "number")),
				  STR_ARG(observable_defang(rq->arena, desk_text(rq, "subject")))));
	return reply_json(rq, 200, j);
}

/* Of the messages that this command made, as the incident's page has them.  A command that was replayed knows
 * its first only. */
static bool deliveries_of(struct request *rq, const struct message_send *c, struct uuid first,
			  struct json *out, struct err *err)
{
	struct view v;
	struct incident_parts parts;
	struct audience to = desk_audience(rq);
	if (!desk_open(rq, &v, err))
		return false;
	bool ok = view_incident_parts(&v, c->incident, &parts, err);
	desk_close(rq, &v);
	for (ptrdiff_t i = 0; ok && i < parts.delivery_count; i++) {
		const struct released *one;
		struct err hidden;
		bool made = uuid_eq(parts.deliveries[i]->id, first);
		for (ptrdiff_t n = 0; n < c->id_count + c->team_count; n++)
			made = made || uuid_eq(parts.deliveries[i]->id, c->made[n]);
		if (made && release_check(rq->arena, parts.deliveries[i], &to, &one, &hidden))
			json_append(out, json_copy(rq->arena, released_fields(one)));
	}
	return ok;
}

static struct reply *message_sent(struct request *rq, struct command *c)
{
	struct json *j = json_object(rq->arena), *message = json_object(rq->arena);
	if (!c->ok && c->err.code == ERR_DENIED)
		return reply_problem(rq, 403, "gate_refused", &c->err, NULL);
	if (!c->ok)
		return reply_error(rq, &c->err);
	json_set_uuid(message, "id", c->receipt.subject);
	json_set(j, "message", message);
	struct json *deliveries = json_array(rq->arena);
	struct err err = { 0 };
	if (!deliveries_of(rq, desk_arg(c), c->receipt.subject, deliveries, &err))
		return reply_error(rq, &err);
	json_set(j, "deliveries", deliveries);
	return reply_json(rq, 201, j);
}

static struct reply *message_create(struct request *rq)
{
	struct message_send *c = NEW(rq->arena, struct message_send, 1);
	struct recipients to = recipients_of(rq);
	struct err err = { 0 };
	*c = (struct message_send){ .world = rq->node->world,
				    .who = rq->who,
				    .ids = to.ids,
				    .id_count = to.id_count,
				    .teams = to.teams,
				    .team_count = to.team_count,
				    .subject = desk_text(rq, "subject"),
				    .text = desk_text(rq, "text"),
				    .request_hours = json_get_int(rq->json, "request_hours") };
	if (!request_param_uuid(rq, "id", &c->incident, &err) ||
	    !tlp_parse(desk_text(rq, "tlp"), &c->tlp, &err))
		return reply_error(rq, &err);
	c->made = NEW(rq->arena, struct uuid, to.id_count + to.team_count);
	return desk_submit(rq, "message.send", message_send_decide, c, message_sent);
}

static struct reply *settled(struct request *rq, struct command *c)
{
	return c->ok ? reply_empty(rq) : reply_error(rq, &c->err);
}

static struct reply *request_settle(struct request *rq, str event)
{
	struct request_settle *c = NEW(rq->arena, struct request_settle, 1);
	struct err err = { 0 };
	*c = (struct request_settle){
		.world = rq->node->world, .who = rq->who, .event = event, .reason = desk_text(rq, "reason")
	};
	if (!request_param_uuid(rq, "id", &c->request, &err))
		return reply_error(rq, &err);
	return desk_submit(rq, "request.settle", request_settle_decide, c, settled);
}

static struct reply *request_answered(struct request *rq)
{
	return request_settle(rq, S("meet"));
}
static struct reply *request_withdraw(struct request *rq)
{
	return request_settle(rq, S("cancel"));
}

#define NEEDED(n, m, d)                                                                   \
	{                                                                                 \
		.name = (n), .type = FIELD_TEXT, .required = true, .max = (m), .doc = (d) \
	}

static const struct field preview_fields[] = {
	{ .name = "recipients",
	  .type = FIELD_TEXT_LIST,
	  .max = 500,
	  .doc = "parties, organisations or teams" },
	NEEDED("tlp", 20, "marking"),
	{ .name = "subject", .type = FIELD_TEXT, .max = 300, .doc = "subject" },
	{ 0 },
};
static const struct field message_fields[] = {
	{ .name = "recipients",
	  .type = FIELD_TEXT_LIST,
	  .max = 500,
	  .doc = "parties, organisations or teams" },
	NEEDED("subject", 300, "subject"),
	NEEDED("text", 64 << 10, "words"),
	NEEDED("tlp", 20, "marking"),
	{ .name = "request_hours", .type = FIELD_INT, .max = 8760, .doc = "0: no request" },
	{ 0 },
};

static const struct field reason_fields[] = { NEEDED("reason", 4000, "how, or why"), { 0 } };

const struct route message_routes[] = {
	{ "POST", "/api/incidents/{id}/messages/preview", PERM_CASE_WRITE, message_show,
	  "Who would get a message", preview_fields, NULL, 256 << 10, "Preview", false },
	{ "POST", "/api/incidents/{id}/messages", PERM_CASE_WRITE, message_create, "Send a message",
	  message_fields, NULL, 256 << 10, "201 NewMessage", false },
	{ "POST", "/api/requests/{id}/answered", PERM_CASE_WRITE, request_answered,
	  "A request was answered another way", reason_fields, .record = "204" },
	{ "POST", "/api/requests/{id}/withdraw", PERM_CASE_WRITE, request_withdraw, "Ask no more",
	  reason_fields, .record = "204" },
};
const ptrdiff_t message_routes_count = COUNTOF(message_routes);
